// Boards and rules that a net has not learned, and strengths. Laws: the engine plays every board to
// its end with legal moves, and says once a kind, not once a move, what is new to its net; with a
// net that never counted territory it passes where area scoring would let it fill its own, and
// counts by the real rules; a level sets the search that it names; and the owners of points at the
// end are right where a net misreads one mirror image of the board.
#include "base/files.h"
#include "gtp/gtp_engine.h"
#include "net/learned.h"
#include "tests/arena/arena_test.h"

#include <fcntl.h>
#include <unistd.h>

static struct net *go_net(const char *rules) {
    struct game game;
    struct rng rng;
    struct net *net = NULL;
    test_go(&game, 5, 3.5);
    const struct net_config config = net_config_for(&game, 1, 8);
    rng_init(&rng, 1, 0);
    if (net_new(&net, &config, &rng) != STATUS_OK) exit(1);
    snprintf(net->meta.game, sizeof net->meta.game, "go");
    net->meta.min_size = net->meta.max_size = 5;
    net_learned_add(&net->meta, 5, 5, rules, 100, 3000);
    return net;
}

static struct gtp_params params_of(const struct net *net) {
    return (struct gtp_params){.net = net,
                               .model_name = "test",
                               .backend = "ref",
                               .visits = 8,
                               .batch = 4,
                               .komi = GAME_KOMI_DEFAULT,
                               .seed = 1,
                               .clock = &test_clock};
}

// What the engine answers, with the evaluator or, where that is NULL, with its net. stderr goes to
// `errors` [4096], where that is not NULL.
static char *session(const struct gtp_params *params, struct evaluator *evaluator, const char *input, char *errors) {
    char *text = NULL, name[] = "/tmp/tengen-unlearned-XXXXXX";
    size_t num_bytes = 0;
    const int file = mkstemp(name), saved = dup(2);
    fflush(stderr);
    if (errors) dup2(file, 2);
    FILE *in = fmemopen((void *)(uintptr_t)input, strlen(input), "r"), *out = open_memstream(&text, &num_bytes);
    const enum status status = evaluator ? gtp_loop(params, evaluator, in, out) : gtp_serve(params, in, out);
    fclose(in);
    fclose(out);
    fflush(stderr);
    dup2(saved, 2);
    close(saved);
    if (errors) {
        const ssize_t n = pread(file, errors, 4095, 0);
        errors[n > 0 ? n : 0] = 0;
    }
    close(file);
    unlink(name);
    EXPECT_INT(status, STATUS_OK);
    return text;
}

static int count(const char *text, const char *word) {
    int n = 0;
    for (const char *at = text; (at = strstr(at, word)); at += strlen(word)) n++;
    return n;
}

static void warns_once_a_kind(void) {
    struct net *net = go_net("chinese");
    const struct gtp_params params = params_of(net);
    char errors[4096];
    free(session(&params, NULL, "genmove b\ngenmove w\nboardsize 19\nboardsize 5\ngenmove b\n", errors));
    EXPECT_TEXT(errors, ""); // to pass through a size is no reason
    free(session(&params, NULL,
                 "boardsize 6\ngenmove b\ngenmove w\nclear_board\ngenmove b\nboardsize 5\ngenmove b\nboardsize 6\ngenmove b\n"
                 "clear_board\nkgs-rules japanese\ngenmove b\ngenmove w\n",
                 errors));
    EXPECT_INT(count(errors, "\n"), 2);
    EXPECT_INT(count(errors, "tengen: test: it has learned 5x5 under chinese rules, and not 6x6\n"), 1);
    EXPECT_INT(count(errors, "and neither 6x6 nor japanese rules; it plays as under chinese rules"), 1);
    net_free(net);
}

// The engine plays both sides on a board of 19x19, and goes on until both pass.
static void plays_an_unlearned_board_to_its_end(void) {
    struct net *net = go_net("chinese");
    struct gtp_params params = params_of(net);
    params.visits = 1;
    enum { MOVES = 420 };
    char *input = malloc(20 * MOVES + 200), errors[4096];
    strcpy(input, "boardsize 7\n");
    for (int i = 0; i < MOVES; i++) strcat(input, i % 2 ? "genmove w\n" : "genmove b\n");
    strcat(input, "final_score\n");
    char *text = session(&params, NULL, input, errors);
    EXPECT(!strchr(text, '?'));
    EXPECT(strstr(text, "= pass\n\n= pass\n"));
    EXPECT_INT(count(errors, "\n"), 1);
    free(text);
    free(input);
    net_free(net);
}

// Black owns the left of a wall and White the right.
#define WALLS                                                                                                                  \
    "boardsize 5\nkomi 0.5\nplay b B1\nplay w C1\nplay b B2\nplay w C2\nplay b B3\nplay w C3\nplay b B4\nplay w C4\nplay b "   \
    "B5\nplay w C5\n"

static void no_free(struct evaluator *self) {}

// Knows that Black has the two columns on the left and White the rest, and that nothing is open but
// B5. It would rather play than pass: an area player that has nothing left to do fills its own.
static void stands_judge(struct evaluator *self, int n, const struct position *positions, struct judgement *judgements) {
    for (int i = 0; i < n; i++) {
        const struct game *game = positions[i].game;
        const int side = game_to_move(game, positions[i].state) ? -1 : 1;
        int8_t owner[GAME_MAX_SIDE * GAME_MAX_SIDE];
        game->type->ownership(game, positions[i].state, owner);
        for (int a = 0; a < game->num_actions; a++) judgements[i].logits[a] = a == game->pass_action ? -3 : a == 1 ? 2 : 0;
        judgements[i].score = (float)(side * (2 * owner[1] - 7 - game->komi));
        judgements[i].wdl[0] = (float)(0.5 + 0.4 * tanh(judgements[i].score / 5));
        judgements[i].wdl[1] = 0;
        judgements[i].wdl[2] = 1 - judgements[i].wdl[0];
        for (int p = 0; judgements[i].ownership && p < game->height * game->width; p++)
            judgements[i].ownership[p] = (float)(p % game->width < 2 ? side : -side);
    }
}

static void territory_is_not_filled(void) {
    struct net *never = go_net("chinese"), *knows = go_net("japanese");
    struct gtp_params params = params_of(never);
    struct evaluator stands = {.name = "stands", .max_batch = 5, .judge = stands_judge, .free = no_free}, *evaluator = &stands;
    char errors[4096];
    params.size = 5;
    params.komi = 0.5;
    // Where area is counted it fills its own.
    char *text = session(&params, evaluator, WALLS "genmove b\n", errors);
    EXPECT_(!strstr(text, "pass"), "it said %s", text);
    free(text);
    params.rules = "japanese";
    text = session(&params, evaluator, WALLS "genmove b\ngenmove w\nfinal_score\n", errors);
    EXPECT_(strstr(text, "= pass\n\n= pass\n\n= W+5.5\n"), "it said %s", text);
    free(text);
    // Before that it plays on: a wall with a hole is worth a move.
    text = session(
        &params, evaluator,
        "boardsize 5\nkomi 0.5\nplay b B1\nplay w C1\nplay b B2\nplay w C2\nplay b B3\nplay w C3\nplay b B4\nplay w C4\n"
        "genmove b\n",
        errors);
    EXPECT(!strstr(text, "pass"));
    free(text);
    // What a record leaves open is said as it is counted, and not as it is played.
    char path[100], load[200];
    snprintf(path, sizeof path, "/tmp/tengen-unlearned-%d.sgf", (int)getpid());
    EXPECT_INT(file_write(path, "(;SZ[5];B[cc])", 14), STATUS_OK);
    snprintf(load, sizeof load, "loadsgf %s\n", path);
    text = session(&params, evaluator, load, errors);
    EXPECT_(strstr(errors, "no rules are said: japanese are taken"), "it said %s", errors);
    EXPECT_(strstr(errors, "no komi is said: 23.5 is taken"), "it said %s", errors);
    free(text);
    remove(path);
    // A weak level draws moves at random, of which most gain nothing. It plays the one that gains.
    char input[1000] = "boardsize 5\nkomi 0.5\nset_position b B1 B2 B3 B4 w C1 C2 C3 C4\nlevel 1\n";
    for (int i = 0; i < 20; i++) strcat(input, "genmove b\nundo\n");
    text = session(&params, evaluator, input, errors);
    EXPECT_(!strstr(text, "pass") && strstr(text, "= B5"), "it said %s", text);
    free(text);
    // The game that is searched is one of area, unless the net has learned to count territory.
    struct gtp_engine engine;
    EXPECT_INT(gtp_engine_init(&engine, &params, evaluator), STATUS_OK);
    EXPECT(gtp_engine_counts_otherwise(&engine));
    EXPECT_NEAR(engine.game.komi, 1, 0);
    EXPECT_NEAR(gtp_engine_komi(&engine), 0.5, 0);
    gtp_engine_done(&engine);
    params.net = knows;
    EXPECT_INT(gtp_engine_init(&engine, &params, evaluator), STATUS_OK);
    EXPECT(!gtp_engine_counts_otherwise(&engine));
    EXPECT(engine.game.komi == engine.counted.komi && !gtp_engine_is_for_nothing(&engine, 12));
    gtp_engine_done(&engine);
    net_free(never);
    net_free(knows);
}

static void levels_set_the_search(void) {
    struct net *net = go_net("chinese");
    struct gtp_params params = params_of(net);
    struct evaluator *evaluator;
    struct gtp_engine engine;
    EXPECT_INT(evaluator_rollouts(&evaluator, 4, 1), STATUS_OK);
    for (int i = 0; i < NET_LEVELS; i++) {
        struct net_setting setting = net_usual_settings[i];
        setting.elo = 100 * i, setting.low = setting.elo - 50, setting.high = setting.elo + 50, setting.games = 9;
        net_settings_add(&net->meta, &setting);
    }
    EXPECT_INT(gtp_engine_init(&engine, &params, evaluator), STATUS_OK);
    EXPECT(engine.strength.visits == 8 && !engine.strength.is_rated);
    EXPECT(!gtp_engine_set_level(&engine, 0) && !gtp_engine_set_level(&engine, 11) && engine.strength.visits == 8);
    EXPECT(gtp_engine_set_level(&engine, 7));
    EXPECT(engine.strength.visits == 32 && engine.strength.batch == 1 && engine.strength.is_rated &&
           engine.strength.level == 7);
    float winrate;
    EXPECT(gtp_engine_think(&engine, 0, &winrate) != GAME_NO_ACTION);
    // The raw net at a temperature draws its moves, and the same seed draws the same ones.
    EXPECT(gtp_engine_set_level(&engine, 1));
    EXPECT(engine.strength.visits == 1 && engine.strength.temperature == 3);
    bool seen[GAME_MAX_ACTIONS] = {false};
    int different = 0;
    for (int i = 0; i < 40; i++) {
        const int action = gtp_engine_think(&engine, 0, &winrate);
        different += !seen[action];
        seen[action] = true;
        engine.num_root_actions = -1;
    }
    EXPECT(different > 5);
    EXPECT(gtp_engine_set_level(&engine, 5)); // the raw net without one always says the same
    const int action = gtp_engine_think(&engine, 0, &winrate);
    for (int i = 0; i < 5; i++) EXPECT_INT(gtp_engine_think(&engine, 0, &winrate), action);
    gtp_engine_done(&engine);
    // params.setting does the same from the start.
    params.setting = &net_usual_settings[5];
    EXPECT_INT(gtp_engine_init(&engine, &params, evaluator), STATUS_OK);
    EXPECT_INT(engine.strength.visits, 8);
    EXPECT_INT(engine.strength.batch, 1);
    gtp_engine_done(&engine);
    evaluator_free(evaluator);
    net_free(net);
}

// Knows who owns what on the board of WALLS, except through the symmetries of `wrong`, where it
// takes everything for the other side's.
static unsigned wrong;
static int judged;

static void walls_judge(struct evaluator *self, int n, const struct position *positions, struct judgement *judgements) {
    for (int i = 0; i < n; i++, judged++) {
        const struct game *game = positions[i].game;
        const int side = game_to_move(game, positions[i].state) ? -1 : 1, sign = wrong >> positions[i].symmetry & 1 ? -1 : 1;
        for (int a = 0; a < game->num_actions; a++) judgements[i].logits[a] = a == game->pass_action ? 3 : 0;
        judgements[i].wdl[0] = judgements[i].wdl[2] = 0.5f;
        judgements[i].wdl[1] = 0;
        judgements[i].score = 0;
        for (int p = 0; judgements[i].ownership && p < game->height * game->width; p++)
            judgements[i].ownership[p] = (float)(side * sign * (p % game->width < 2 ? 1 : -1));
    }
}

static void one_misread_image_does_not_decide(void) {
    struct gtp_params params = params_of(NULL);
    char *first = NULL, errors[4096];
    params.size = 5;
    for (int max_batch = 1; max_batch <= 64; max_batch *= 8)
        for (int symmetry = 0; symmetry < 8; symmetry++) {
            struct evaluator evaluator = {.name = "walls", .max_batch = max_batch, .judge = walls_judge, .free = no_free};
            wrong = 1u << symmetry;
            judged = 0;
            // Asked twice it says the same.
            char *text = session(&params, &evaluator, WALLS "final_score\nfinal_status_list dead\nfinal_score\n", errors);
            EXPECT_INT(count(text, "= W+5.5"), 2);
            EXPECT(judged > 3 * 8);
            if (first) EXPECT_TEXT(text, first);
            free(first);
            first = text;
        }
    free(first);
    // With most of them wrong it is.
    struct evaluator evaluator = {.name = "walls", .max_batch = 8, .judge = walls_judge, .free = no_free};
    wrong = 0xfe;
    char *text = session(&params, &evaluator, WALLS "final_score\n", errors);
    EXPECT_INT(count(text, "= W+5.5"), 0);
    free(text);
}

int main(void) {
    warns_once_a_kind();
    plays_an_unlearned_board_to_its_end();
    territory_is_not_filled();
    levels_set_the_search();
    one_misread_image_does_not_decide();
    return TEST_END();
}
