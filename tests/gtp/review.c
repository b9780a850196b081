// A review of small records: values are those of searches of their own, losses are their
// differences, the worst moves are the worst, and the files can be read.
#include "gtp/review.h"
#include "base/files.h"
#include "tests/arena/arena_test.h"

#include <unistd.h>

enum { VISITS = 24, LEAVES = 4 };

static struct evaluator *hash;

static void parse(struct sgf_record *record, struct game *game, const char *text) {
    if (sgf_parse(record, text, "test.sgf") != STATUS_OK) exit(1);
    const struct game_options options = {.height = record->height, .width = record->width, .komi = record->komi};
    if (game_open(game, record->game, &options) != STATUS_OK) exit(1);
}

static void judge_all(struct review *r) {
    const struct analyst_params params = {
        .evaluators = &hash, .num_evaluators = 1, .batch = 16, .leaves = LEAVES, .clock = &test_clock};
    struct analyst *analyst;
    if (analyst_new(&analyst, &params) != STATUS_OK) exit(1);
    for (int i = 0; i <= r->num_moves; i++) EXPECT(review_ask(r, analyst, i, VISITS, 1));
    while (analyst_step(analyst)) continue;
    EXPECT_INT(r->num_left, 0);
    analyst_free(analyst);
}

// The first player's winrate and score by a search of its own.
static void search_alone(const struct review *r, int index, float *winrate, float *score) {
    void *state = malloc(r->game.state_bytes);
    if (sgf_replay(r->record, &r->game, state, index, NULL, "test") != STATUS_OK) exit(1);
    const int sign = game_to_move(&r->game, state) ? -1 : 1;
    if (game_outcome(&r->game, state) != OUTCOME_NONE) {
        *winrate = (float)(1 + outcome_for(game_outcome(&r->game, state), 0)) / 2;
        *score = (float)game_score(&r->game, state);
        free(state);
        return;
    }
    struct search_params params = search_params_default;
    params.max_leaves = LEAVES;
    params.average_root = true;
    struct search *search;
    struct search_summary summary;
    struct rng rng;
    if (search_new(&search, &params) != STATUS_OK) exit(1);
    rng_init(&rng, 1, 0);
    search_start(search, &r->game, state, &rng);
    search_run(search, hash, VISITS, true, LEAVES);
    search_summary(search, &summary);
    const float chance = summary.wdl[0] + summary.wdl[1] / 2;
    *winrate = sign < 0 ? 1 - chance : chance;
    *score = (float)sign * summary.score;
    search_free(search);
    free(state);
}

static void expect_values(const struct review *r) {
    for (int i = 0; i <= r->num_moves; i++) {
        float winrate, score;
        search_alone(r, i, &winrate, &score);
        EXPECT_NEAR(r->positions[i].winrate, winrate, 1e-5);
        if (r->game.has_score) EXPECT_NEAR(r->positions[i].score, score, 1e-4);
    }
    int worst[100];
    const int n = review_worst(r, -1, worst, 100);
    EXPECT_INT(n, r->num_moves);
    for (int k = 0; k < n; k++) {
        const int i = worst[k];
        const float gained = r->positions[i + 1].winrate - r->positions[i].winrate;
        EXPECT_NEAR(review_loss(r, i), sgf_mover(r->record, i) ? gained : -gained, 1e-6);
        if (k) EXPECT(review_loss(r, worst[k - 1]) >= review_loss(r, i));
        const struct review_line *better = review_better(r, i);
        EXPECT(!better || better->moves[0] != r->record->moves[i]);
    }
    EXPECT_INT(review_worst(r, -1, worst, 2), r->num_moves < 2 ? r->num_moves : 2);
    EXPECT_INT(review_worst(r, 2, worst, 100), 0);
}

static int count(const char *text, const char *part) {
    int n = 0;
    for (; (text = strstr(text, part)); text += strlen(part)) n++;
    return n;
}

// The files of a review: the record has the game as its main line, comments, and a variation for
// each of the worst moves that has a better line.
static void expect_files(const struct review *r) {
    char folder[] = "/tmp/tengen-review-XXXXXX", path[PATH_BYTES], *text;
    size_t n;
    bool drawn;
    int worst[3], num_variations = 0;
    if (!mkdtemp(folder)) exit(1);
    const int num_worst = review_worst(r, -1, worst, 3);
    for (int k = 0; k < num_worst; k++) num_variations += review_better(r, worst[k]) != NULL;
    EXPECT_INT(review_write(r, folder, "it's one", worst, num_worst, &drawn), STATUS_OK);
    struct sgf_record again;
    EXPECT_INT(sgf_read(&again, path_format(path, "%s/it's one.sgf", folder)), STATUS_OK);
    EXPECT_INT(again.num_moves, r->num_moves);
    for (int i = 0; i < again.num_moves && i < r->num_moves; i++) EXPECT_INT(again.moves[i], r->record->moves[i]);
    EXPECT_INT(again.num_setup[0], r->record->num_setup[0]);
    sgf_done(&again);
    if (file_read(path, &text, &n) != STATUS_OK) exit(1);
    // The root, and for each its two branches.
    EXPECT_INT(count(text, "(;"), 1 + 2 * num_variations);
    EXPECT_INT(count(text, "(;"), count(text, "\n)") + count(text, "])"));
    EXPECT_INT(count(text, "SBKV["), r->num_moves);
    free(text);
    if (file_read(path_format(path, "%s/it's one.csv", folder), &text, &n) != STATUS_OK) exit(1);
    EXPECT_INT(count(text, "\n"), r->num_moves + 2);
    // Every row has as many columns as the first one.
    const int columns = (int)(strcspn(text, "\n"));
    int expected = 0, seen = 0;
    for (int i = 0; i < columns; i++) expected += text[i] == ',';
    for (const char *at = text; *at; at++) {
        if (*at == ',') seen++;
        if (*at != '\n') continue;
        EXPECT_INT(seen, expected);
        seen = 0;
    }
    free(text);
    static const char *const endings[] = {"csv", "sgf", "gnuplot", "svg", "png"};
    for (int i = 0; i < 5; i++) {
        path_format(path, "%s/it's one.%s", folder, endings[i]);
        EXPECT_((i >= 3 && !drawn) || (i >= 2 && !r->num_moves) || file_exists(path), "no %s", path);
        unlink(path);
    }
    EXPECT_INT(rmdir(folder), 0);
}

static void one(const char *text, int num_moves) {
    struct sgf_record record;
    struct game game;
    struct review review;
    parse(&record, &game, text);
    EXPECT_INT(review_init(&review, "test.sgf", &record, &game), STATUS_OK);
    EXPECT_INT(review.num_moves, num_moves);
    judge_all(&review);
    expect_values(&review);
    expect_files(&review);
    review_done(&review);
    sgf_done(&record);
}

int main(void) {
    if (evaluator_hash(&hash, 5) != STATUS_OK) exit(1);
    one("(;GM[1]SZ[5]KM[2.5]PB[It's]PW[a \\] b]RE[B+R];B[cc];W[bb];B[dd];W[bd];B[cb];W[db])", 6);
    one("(;GM[1]SZ[5]KM[2.5];B[cc];W[];B[];W[])", 2 + 2); // it is over before its end
    one("(;GM[1]SZ[5]KM[0]HA[2]AB[bb][dd];W[cc];B[cb])", 2);
    one("(;GM[1]SZ[5]KM[0];B[cc];W[cc];B[dd])", 1); // up to the illegal move
    // Up to the last position that can be set up. It broke off.
    one("(;GM[1]SZ[5]KM[0];B[cc];W[dd];B[aa];AW[ab][ba];W[ee])", 2);
    one("(;GM[1]SZ[5]KM[0])", 0);
    one("(;GM[2]SZ[6];B[cb];W[bb])", 2); // Othello has no komi
    evaluator_free(hash);
    return TEST_END();
}
