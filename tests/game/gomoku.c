// Gomoku compared with a slow, obviously right twin: characters on a board, all lines of which are
// checked after every move.
// Argument: how many plies in all (default 60,000).
#include "game/game.h"
#include "tests/test.h"

enum { MOST = 19 };

struct twin {
    int height, width, ply;
    bool exact;
    char board[MOST][MOST]; // [row from the top][column]: '.', 'X' first, 'O' second
};

struct tally {
    long long plies, games, first_wins, second_wins, draws, overlines, wins_with_overline;
};

static const char side[3] = "XO";
static const int lines[4][2] = {{0, 1}, {1, 0}, {1, 1}, {1, -1}};

static char at(const struct twin *t, int y, int x) {
    return y < 0 || x < 0 || y >= t->height || x >= t->width ? '#' : t->board[y][x];
}

// The length of the row of one colour that begins at (y, x) in this direction; 0: none begins
// there.
static int row_from(const struct twin *t, int y, int x, const int step[2]) {
    const char c = at(t, y, x);
    int n = 1;
    if (c == '.' || at(t, y - step[0], x - step[1]) == c) return 0;
    while (at(t, y + n * step[0], x + n * step[1]) == c) n++;
    return n;
}

// Whether a row on the board wins for `c`. *longest is the length of its longest row.
static bool has_won(const struct twin *t, char c, int *longest) {
    bool won = false;
    *longest = 0;
    for (int y = 0; y < t->height; y++)
        for (int x = 0; x < t->width; x++)
            for (int d = 0; d < 4 && t->board[y][x] == c; d++) {
                const int n = row_from(t, y, x, lines[d]);
                won |= t->exact ? n == 5 : n >= 5;
                *longest = n > *longest ? n : *longest;
            }
    return won;
}

static void compare_view(const struct game *g, const void *state, struct twin *t, int symmetry) {
    float planes[MOST * MOST * 5] = {0}, globals[2];
    int longest;
    g->type->encode(g, state, symmetry, planes, t->width, 5, globals);
    for (int y = 0; y < t->height; y++)
        for (int x = 0; x < t->width; x++) {
            const char was = t->board[y][x], me = side[t->ply & 1], other = side[!(t->ply & 1)];
            const int to = game_permute(g, symmetry, y * t->width + x);
            const float *seen = planes + to * 5;
            EXPECT(seen[0] == 1 && seen[1] == (was == me) && seen[2] == (was == other));
            for (int who = 0; who < 2; who++) {
                bool wins = false;
                if (was == '.') {
                    t->board[y][x] = who ? other : me;
                    wins = has_won(t, who ? other : me, &longest);
                    t->board[y][x] = '.';
                }
                EXPECT((seen[3 + who] != 0) == wins);
            }
        }
    EXPECT(globals[1] == t->exact);
}

// kind 0: uniform moves; 1: moves that don't win if there is another, and that join rows, which
// leads to overlines and full boards; 2: playout_move.
static int choose(const struct game *g, const void *state, struct twin *t, const uint16_t *actions, int n, int kind,
                  struct rng *rng) {
    if (kind == 2) return g->type->playout_move(g, state, rng);
    int pick = actions[rng_below(rng, (uint32_t)n)], longest;
    for (int tries = 0; kind == 1 && tries < 4; tries++) {
        const int a = actions[rng_below(rng, (uint32_t)n)];
        char *point = &t->board[a / t->width][a % t->width];
        *point = side[t->ply & 1];
        const bool wins = has_won(t, side[t->ply & 1], &longest);
        *point = '.';
        if (!wins) pick = a;
        if (!wins && longest > 5) return a;
    }
    return pick;
}

static void play_game(int height, int width, bool exact, int kind, struct rng *rng, struct tally *tally, long long max_plies) {
    struct game g;
    struct twin t = {.height = height, .width = width, .exact = exact};
    uint16_t actions[MOST * MOST];
    memset(t.board, '.', sizeof t.board);
    EXPECT_INT(
        game_open(&g, "gomoku",
                  &(struct game_options){.height = height, .width = width, .rules = exact ? "exactly-five" : "freestyle"}),
        STATUS_OK);
    void *s = malloc(g.state_bytes);
    game_start(&g, s);
    int longest = 0;
    for (bool won = false;; max_plies--) {
        const int n = game_legal(&g, s, actions);
        int next = 0;
        EXPECT_INT(game_to_move(&g, s), t.ply & 1);
        EXPECT_INT(game_ply(&g, s), t.ply);
        EXPECT_INT(game_outcome(&g, s), won                       ? (t.ply & 1 ? OUTCOME_FIRST : OUTCOME_SECOND)
                                        : t.ply == height * width ? OUTCOME_DRAW
                                                                  : OUTCOME_NONE);
        for (int a = 0; a < height * width && !won; a++)
            if (t.board[a / width][a % width] == '.') EXPECT(next < n && actions[next++] == a);
        EXPECT_INT(next, n);
        if (!n || max_plies <= 0) break;
        if (rng_below(rng, 16) == 0) compare_view(&g, s, &t, (int)rng_below(rng, (uint32_t)g.num_symmetries));
        const int action = choose(&g, s, &t, actions, n, kind, rng), before = longest;
        game_play(&g, s, action);
        t.board[action / width][action % width] = side[t.ply & 1];
        won = has_won(&t, side[t.ply++ & 1], &longest);
        tally->overlines += longest > 5 && longest > before;
        tally->wins_with_overline += won && longest > 5;
        tally->plies++;
    }
    tally->games++;
    tally->first_wins += game_outcome(&g, s) == OUTCOME_FIRST;
    tally->second_wins += game_outcome(&g, s) == OUTCOME_SECOND;
    tally->draws += game_outcome(&g, s) == OUTCOME_DRAW;
    free(s);
}

// Examples of the rules, made by hand.
static void rows_of_one_colour(void) {
    static const struct {
        const char *rules, *moves;
        enum outcome outcome;
    } games[] = {
        {"freestyle", "a1 a9 b1 b9 c1 c9 d1 d9 e1", OUTCOME_FIRST},
        {"freestyle", "a1 a9 b1 b9 c1 c9 e1 e9 f1 f9 d1", OUTCOME_FIRST},
        {"exactly-five", "a1 a9 b1 b9 c1 c9 e1 e9 f1 f9 d1", OUTCOME_NONE},
        {"exactly-five", "a1 a9 b1 b9 c1 c9 e1 e9 f1 f9 d1 d9", OUTCOME_NONE}, // both have six
        {"exactly-five", "b1 a9 c2 c9 d3 e9 e4 g9 f5", OUTCOME_FIRST},
        {"exactly-five", "b1 i1 b5 h2 b7 g3 h7 f4 h9 e5", OUTCOME_SECOND},
        {"freestyle", "a1 h1 b1 i1 i2 a2 h2 a3 i3 a4", OUTCOME_NONE}, // rows end at the edge
    };
    for (size_t i = 0; i < sizeof games / sizeof *games; i++) {
        struct game g;
        char moves[256], *save = NULL;
        EXPECT_INT(game_open(&g, "gomoku", &(struct game_options){.height = 9, .rules = games[i].rules}), STATUS_OK);
        void *s = malloc(g.state_bytes);
        game_start(&g, s);
        snprintf(moves, sizeof moves, "%s", games[i].moves);
        for (char *move = strtok_r(moves, " ", &save); move; move = strtok_r(NULL, " ", &save))
            game_play(&g, s, game_find_action(&g, s, move));
        EXPECT_(game_outcome(&g, s) == games[i].outcome, "%s: %s is %d, not %d", games[i].rules, games[i].moves,
                (int)game_outcome(&g, s), (int)games[i].outcome);
        free(s);
    }
}

int main(int argc, char **argv) {
    const long long wanted = argc > 1 ? atoll(argv[1]) : 60000;
    struct tally tally[2] = {{0}, {0}};
    struct rng rng;
    rng_init(&rng, 9, 0);
    for (int round = 0; tally[0].plies + tally[1].plies < wanted; round++)
        for (int size = 5; size <= MOST; size++)
            for (int k = 0; k < (size < 9 ? 12 : 1); k++) {
                const int width = k % 4 == 3 ? 5 + (int)rng_below(&rng, 15) : size, exact = (round + k) & 1;
                const long long left = wanted - tally[0].plies - tally[1].plies;
                if (left > 0) play_game(size, width, exact, (round / 2 + k / 2) % 3, &rng, &tally[exact], left);
            }
    for (int exact = 0; exact < 2; exact++) {
        const struct tally *t = &tally[exact];
        printf("%s: plies %lld, games %lld (first won %lld, second %lld, drawn %lld), overlines %lld, won with one on the "
               "board %lld\n",
               exact ? "exactly-five" : "freestyle", t->plies, t->games, t->first_wins, t->second_wins, t->draws, t->overlines,
               t->wins_with_overline);
        EXPECT(t->first_wins > 10 && t->second_wins > 10 && t->draws > 10 && t->overlines > 10);
        EXPECT(exact || t->wins_with_overline == t->overlines);
    }
    rows_of_one_colour();
    return TEST_END();
}
