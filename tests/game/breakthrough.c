// Breakthrough compared with a slow, obviously right twin: characters on a board and moves as
// texts. Argument: how many plies in all (default 60,000).
#include "game/game.h"
#include "tests/test.h"

enum { MOST = 8, MAX_MOVES = 3 * 16 };

struct twin {
    int height, width, ply;
    char board[MOST][MOST]; // [row from the bottom][column]: '.', 'X' first, 'O' second
};

struct tally {
    long long plies, games, first_wins, second_wins, captures, wiped_out;
};

static const char side[3] = "XO";

static void twin_start(struct twin *t, int height, int width) {
    *t = (struct twin){.height = height, .width = width};
    memset(t->board, '.', sizeof t->board);
    for (int row = 0; row < 2; row++) {
        memset(t->board[row], 'X', (size_t)width);
        memset(t->board[height - 1 - row], 'O', (size_t)width);
    }
}

static int twin_count(const struct twin *t, char c) {
    int n = 0;
    for (int y = 0; y < t->height; y++)
        for (int x = 0; x < t->width; x++) n += t->board[y][x] == c;
    return n;
}

static enum outcome twin_outcome(const struct twin *t) {
    bool first = !twin_count(t, 'O'), second = !twin_count(t, 'X');
    for (int x = 0; x < t->width; x++) {
        first |= t->board[t->height - 1][x] == 'X';
        second |= t->board[0][x] == 'O';
    }
    return first ? OUTCOME_FIRST : second ? OUTCOME_SECOND : OUTCOME_NONE;
}

static void write_move(char text[GAME_TEXT_BYTES], int y, int x, int to_y, int to_x) {
    snprintf(text, GAME_TEXT_BYTES, "%c%c%c%c", 'a' + x, '1' + y, 'a' + to_x, '1' + to_y);
}

static int twin_moves(const struct twin *t, char texts[MAX_MOVES][GAME_TEXT_BYTES]) {
    const char me = side[t->ply & 1], other = side[!(t->ply & 1)];
    const int ahead = t->ply & 1 ? -1 : 1;
    int n = 0;
    if (twin_outcome(t) != OUTCOME_NONE) return 0;
    for (int y = 0; y < t->height; y++)
        for (int x = 0; x < t->width; x++)
            for (int to = x - 1; to <= x + 1 && t->board[y][x] == me; to++) {
                if (to < 0 || to >= t->width) continue;
                const char there = t->board[y + ahead][to];
                if (there == '.' || (there == other && to != x)) write_move(texts[n++], y, x, y + ahead, to);
            }
    return n;
}

static void twin_play(struct twin *t, const char *text, struct tally *tally) {
    char *from = &t->board[text[1] - '1'][text[0] - 'a'], *to = &t->board[text[3] - '1'][text[2] - 'a'];
    tally->captures += *to != '.';
    *to = *from;
    *from = '.';
    t->ply++;
}

// The net sees the mover's side at the bottom, and the mover's moves are planes 0 to 2 of the point
// that a piece leaves.
static void compare_view(const struct game *g, const void *state, const struct twin *t, int mirror) {
    float planes[MOST * MOST * 3] = {0}, globals[2];
    const int me = t->ply & 1;
    g->type->encode(g, state, mirror, planes, t->width, 3, globals);
    for (int y = 0; y < t->height; y++)
        for (int x = 0; x < t->width; x++) {
            // The point (y, x) of the mover's view, where row 0 is at the top.
            const int row = me ? y : t->height - 1 - y, column = mirror ? t->width - 1 - x : x;
            const float *seen = planes + (row * t->width + column) * 3;
            EXPECT(seen[0] == 1 && seen[1] == (t->board[y][x] == side[me]) && seen[2] == (t->board[y][x] == side[!me]));
            for (int right = -1; right <= 1; right++)
                for (int who = 0; who < 2; who++) { // the player of a move
                    char text[GAME_TEXT_BYTES];
                    const int to_y = y + (who ? -1 : 1), to_x = x + right;
                    if (to_y < 0 || to_y >= t->height || to_x < 0 || to_x >= t->width) continue;
                    write_move(text, y, x, to_y, to_x);
                    const int plane = (who == me ? 0 : 3) + 1 + (mirror ? -right : right);
                    EXPECT_INT(game_seen(g, me, mirror, g->type->action_parse(g, text)),
                               (plane * t->height + row) * t->width + column);
                }
        }
    EXPECT_NEAR(globals[0], twin_count(t, side[me]) / (2.0 * t->width), 1e-6);
    EXPECT_NEAR(globals[1], twin_count(t, side[!me]) / (2.0 * t->width), 1e-6);
}

static int compare_texts(const void *a, const void *b) { return strcmp(a, b); }

// kind 0: uniform moves; 1: playout_move; 2: captures where there are any, mostly by the first
// player, so that it sometimes captures everything.
static int choose(const struct game *g, const void *s, const struct twin *t, const uint16_t *actions, int n, int kind,
                  struct rng *rng) {
    if (kind == 1) return g->type->playout_move(g, s, rng);
    int pick = actions[rng_below(rng, (uint32_t)n)];
    for (int i = 0; kind == 2 && i < n && !(t->ply & 1); i++) {
        char text[GAME_TEXT_BYTES];
        g->type->action_text(g, actions[i], text);
        if (t->board[text[3] - '1'][text[2] - 'a'] == 'O') return actions[i];
        // A move to the far row would end the game.
        if (text[3] - '0' < t->height) pick = actions[i];
    }
    return pick;
}

static void play_game(int height, int width, int kind, struct rng *rng, struct tally *tally, long long max_plies) {
    struct game g;
    struct twin t;
    uint16_t actions[MAX_MOVES];
    char expected[MAX_MOVES][GAME_TEXT_BYTES], texts[MAX_MOVES][GAME_TEXT_BYTES];
    EXPECT_INT(game_open(&g, "breakthrough", &(struct game_options){.height = height, .width = width}), STATUS_OK);
    void *s = malloc(g.state_bytes);
    game_start(&g, s);
    twin_start(&t, height, width);
    for (; max_plies > 0; max_plies--) {
        const int n = game_legal(&g, s, actions);
        EXPECT_INT(n, twin_moves(&t, expected));
        for (int i = 0; i < n; i++) g.type->action_text(&g, actions[i], texts[i]);
        qsort(texts, (size_t)n, sizeof *texts, compare_texts);
        qsort(expected, (size_t)n, sizeof *expected, compare_texts);
        for (int i = 0; i < n; i++) EXPECT_TEXT(texts[i], expected[i]);
        EXPECT_INT(game_outcome(&g, s), twin_outcome(&t));
        EXPECT_INT(game_to_move(&g, s), t.ply & 1);
        EXPECT((n == 0) == (twin_outcome(&t) != OUTCOME_NONE));
        if (!n) break;
        if (rng_below(rng, 4) == 0) compare_view(&g, s, &t, (int)rng_below(rng, 2));
        char text[GAME_TEXT_BYTES];
        const int action = choose(&g, s, &t, actions, n, kind, rng);
        g.type->action_text(&g, action, text);
        game_play(&g, s, action);
        twin_play(&t, text, tally);
        tally->plies++;
    }
    EXPECT(t.ply <= g.max_plies);
    tally->games++;
    tally->first_wins += twin_outcome(&t) == OUTCOME_FIRST;
    tally->second_wins += twin_outcome(&t) == OUTCOME_SECOND;
    tally->wiped_out += !twin_count(&t, 'X') || !twin_count(&t, 'O');
    free(s);
}

int main(int argc, char **argv) {
    const long long wanted = argc > 1 ? atoll(argv[1]) : 60000;
    struct tally tally = {0};
    struct rng rng;
    rng_init(&rng, 10, 0);
    for (int round = 0; tally.plies < wanted; round++)
        for (int height = 4; height <= MOST; height++)
            for (int width = 4; width <= MOST; width++)
                if (tally.plies < wanted) play_game(height, width, round % 3, &rng, &tally, wanted - tally.plies);
    printf("plies %lld, games %lld (first won %lld, second %lld, %lld of them by taking everything), captures %lld\n",
           tally.plies, tally.games, tally.first_wins, tally.second_wins, tally.wiped_out, tally.captures);
    EXPECT(tally.first_wins > 10 && tally.second_wins > 10 && tally.wiped_out > 0 && tally.captures > 1000);
    return TEST_END();
}
