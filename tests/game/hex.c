// Hex compared with a slow, obviously right twin: characters on a board and a flood fill for every
// question. Then boards that are filled at once are compared with games that are played out, and
// the solver with an exhaustive search and known results.
// Argument: how many plies in all (default 60,000).
#include "game/solver.h"
#include "tests/test.h"

enum { MOST = 19 };

struct twin {
    int size, ply, to_move, first_y, first_x;
    bool swap;
    char board[MOST][MOST]; // '.', 'X' first, 'O' second
};

struct tally {
    long long plies, games, swaps, swaps_offered, first_wins, second_wins, full_boards;
};

static const char side[3] = "XO";

// Whether (y, x), a stone of `player`, is connected with its player's far side, bottom or right.
static bool reaches(const struct twin *t, int player, int y, int x, bool seen[MOST][MOST]) {
    static const int step[6][2] = {{0, -1}, {0, 1}, {-1, 0}, {-1, 1}, {1, 0}, {1, -1}};
    if (y < 0 || x < 0 || y >= t->size || x >= t->size || seen[y][x] || t->board[y][x] != side[player]) return false;
    seen[y][x] = true;
    bool found = (player ? x : y) == t->size - 1;
    for (int d = 0; d < 6; d++) found |= reaches(t, player, y + step[d][0], x + step[d][1], seen);
    return found;
}

static bool twin_won(const struct twin *t, int player) {
    bool seen[MOST][MOST] = {{false}}, won = false;
    for (int i = 0; i < t->size; i++) won |= reaches(t, player, player ? i : 0, player ? 0 : i, seen);
    return won;
}

static void twin_start(struct twin *t, int size, bool swap) {
    *t = (struct twin){.size = size, .swap = swap};
    memset(t->board, '.', sizeof t->board);
}

static int twin_legal(const struct twin *t, uint16_t *actions) {
    int n = 0;
    if (twin_won(t, 0) || twin_won(t, 1)) return 0;
    for (int a = 0; a < t->size * t->size; a++)
        if (t->board[a / t->size][a % t->size] == '.') actions[n++] = (uint16_t)a;
    if (t->swap && t->ply == 1) actions[n++] = (uint16_t)(t->size * t->size);
    return n;
}

static void twin_play(struct twin *t, int action) {
    const int y = action / t->size, x = action % t->size;
    if (action == t->size * t->size) {
        t->board[t->first_y][t->first_x] = '.';
        t->board[t->first_x][t->first_y] = 'O';
    } else {
        t->board[y][x] = side[t->to_move];
    }
    t->first_y = y, t->first_x = x; // matters only after the first move
    t->to_move = !t->to_move;
    t->ply++;
}

// Compares what the net sees with the twin, point by point.
static void compare_view(const struct game *g, const void *state, const struct twin *t, int symmetry) {
    float planes[MOST * MOST * 5] = {0}, globals[3];
    const int n = t->size, me = t->to_move;
    g->type->encode(g, state, symmetry, planes, n, 5, globals);
    for (int y = 0; y < n; y++)
        for (int x = 0; x < n; x++) {
            int vy = me ? x : y, vx = me ? y : x; // the mover connects top and bottom
            if (symmetry) vy = n - 1 - vy, vx = n - 1 - vx;
            const float *seen = planes + (vy * n + vx) * 5;
            EXPECT(seen[0] == 1 && seen[1] == (t->board[y][x] == side[me]) && seen[2] == (t->board[y][x] == side[!me]));
            EXPECT_INT(game_seen(g, me, symmetry, y * n + x), vy * n + vx);
            // A stone is linked with a side of its player when it reaches the far side on this
            // board or on the one that is turned by half.
            for (int who = 0; who < 2; who++) {
                const int player = who ? !me : me;
                bool fresh[MOST][MOST] = {{false}}, other[MOST][MOST] = {{false}};
                struct twin half = *t;
                for (int p = 0; p < n * n; p++) half.board[p / n][p % n] = t->board[n - 1 - p / n][n - 1 - p % n];
                EXPECT((seen[3 + who] != 0) ==
                       (reaches(t, player, y, x, fresh) || reaches(&half, player, n - 1 - y, n - 1 - x, other)));
            }
        }
    EXPECT(globals[1] == (t->swap && t->ply == 1) && globals[2] == (t->swap && t->ply == 0));
}

static void play_game(int size, bool swap, struct rng *rng, struct tally *tally, long long max_plies) {
    struct game g;
    struct twin t;
    uint16_t actions[MOST * MOST + 1], expected[MOST * MOST + 1];
    EXPECT_INT(game_open(&g, "hex", &(struct game_options){.height = size, .komi = 0, .rules = swap ? "swap" : NULL}),
               STATUS_OK);
    void *s = malloc(g.state_bytes);
    game_start(&g, s);
    twin_start(&t, size, swap);
    const bool eager = rng_below(rng, 2); // whether it always swaps
    for (; max_plies > 0; max_plies--) {
        const int n = game_legal(&g, s, actions);
        EXPECT_INT(n, twin_legal(&t, expected));
        EXPECT(!memcmp(actions, expected, sizeof *actions * (size_t)n));
        EXPECT_INT(game_to_move(&g, s), t.to_move);
        EXPECT_INT(game_outcome(&g, s), twin_won(&t, 0) ? OUTCOME_FIRST : twin_won(&t, 1) ? OUTCOME_SECOND : OUTCOME_NONE);
        if (!n) break;
        if (size <= 5 || t.ply % 32 == 0) compare_view(&g, s, &t, (int)rng_below(rng, 2));
        const bool offered = actions[n - 1] == size * size;
        const int action = actions[offered && eager ? n - 1 : (int)rng_below(rng, (uint32_t)n)];
        tally->swaps_offered += offered;
        tally->swaps += action == size * size;
        game_play(&g, s, action);
        twin_play(&t, action);
        tally->plies++;
    }
    tally->games++;
    tally->first_wins += game_outcome(&g, s) == OUTCOME_FIRST;
    tally->second_wins += game_outcome(&g, s) == OUTCOME_SECOND;
    tally->full_boards += t.ply == g.max_plies;
    if (max_plies) EXPECT(game_outcome(&g, s) != OUTCOME_DRAW && game_outcome(&g, s) != OUTCOME_NONE);
    free(s);
}

// From a position some plies into a game, boards that are filled at once are won as often as games
// that are played out move by move.
static void filled_boards_are_won_as_often(int size, const char *rules, int plies, int games, struct rng *rng) {
    struct game g;
    uint16_t actions[MOST * MOST + 1];
    EXPECT_INT(game_open(&g, "hex", &(struct game_options){.height = size, .komi = 0, .rules = rules}), STATUS_OK);
    void *start = malloc(g.state_bytes), *s = malloc(g.state_bytes);
    game_start(&g, start);
    for (int i = 0; i < plies; i++) {
        memcpy(s, start, g.state_bytes);
        game_play(&g, s, actions[rng_below(rng, (uint32_t)game_legal(&g, start, actions))]);
        if (game_outcome(&g, s) != OUTCOME_NONE) break;
        memcpy(start, s, g.state_bytes);
    }
    int wins[2] = {0, 0};
    for (int i = 0; i < games; i++) {
        memcpy(s, start, g.state_bytes);
        for (int n; (n = game_legal(&g, s, actions)) > 0;) game_play(&g, s, actions[rng_below(rng, (uint32_t)n)]);
        wins[0] += game_outcome(&g, s) == OUTCOME_FIRST;
        memcpy(s, start, g.state_bytes);
        g.type->playout(&g, s, rng);
        EXPECT(game_outcome(&g, s) == OUTCOME_FIRST || game_outcome(&g, s) == OUTCOME_SECOND);
        EXPECT(game_ply(&g, s) <= g.max_plies && game_legal(&g, s, actions) == 0);
        wins[1] += game_outcome(&g, s) == OUTCOME_FIRST;
    }
    const double a = (double)wins[0] / games, b = (double)wins[1] / games;
    printf("hex %d %s from ply %d: first wins %.4f of games, %.4f of filled boards\n", size, rules, plies, a, b);
    EXPECT_NEAR(b, a, 5 * sqrt(0.5 / games) + 1e-9); // five standard deviations of the difference
    free(start);
    free(s);
}

// All 126 ways to fill 3x3 are drawn equally often, and each has the winner that the twin finds.
static void fillings_are_uniform_and_judged_rightly(struct rng *rng) {
    enum { GAMES = 126 * 1000 };
    struct game g;
    int seen[512] = {0}, different = 0;
    EXPECT_INT(game_open(&g, "hex", &(struct game_options){.height = 3, .komi = 0}), STATUS_OK);
    char *s = malloc(g.state_bytes), text[512];
    double chi = 0;
    for (int i = 0; i < GAMES; i++) {
        struct twin t;
        int p = 0, key = 0;
        twin_start(&t, 3, false);
        game_start(&g, s);
        g.type->playout(&g, s, rng);
        g.type->print(&g, s, text, sizeof text);
        for (const char *c = text; *c && p < 9; c++)
            if (*c == 'X' || *c == 'O') {
                t.board[p / 3][p % 3] = *c;
                key |= (*c == 'X') << p++;
            }
        EXPECT_INT(p, 9);
        EXPECT_INT(game_outcome(&g, s), twin_won(&t, 0) ? OUTCOME_FIRST : OUTCOME_SECOND);
        EXPECT(twin_won(&t, 0) != twin_won(&t, 1));
        seen[key]++;
    }
    for (int key = 0; key < 512; key++) {
        if (__builtin_popcount((unsigned)key) != 5) EXPECT_INT(seen[key], 0);
        different += seen[key] > 0;
        if (seen[key]) chi += (seen[key] - 1000.0) * (seen[key] - 1000.0) / 1000.0;
    }
    EXPECT_INT(different, 126);
    // Five standard deviations of chi-squared with 125 degrees of freedom.
    EXPECT_NEAR(chi, 125, 80);
    free(s);
}

static double exhaustive(const struct game *g, const char *state) {
    uint16_t actions[MOST * MOST];
    const int n = game_legal(g, state, actions);
    if (!n) return outcome_for(game_outcome(g, state), game_to_move(g, state));
    char next[512];
    for (int i = 0; i < n; i++) {
        memcpy(next, state, g->state_bytes);
        game_play(g, next, actions[i]);
        if (exhaustive(g, next) < 0) return 1;
    }
    return -1;
}

// Compares values in random positions with few enough empty points for an exhaustive search.
static void the_solver_agrees_with_exhaustive_search(int size, const char *rules, int positions, int max_empty,
                                                     struct rng *rng) {
    struct game g;
    struct solver *solver;
    uint16_t actions[MOST * MOST + 1];
    double values[MOST * MOST + 1];
    int checked = 0, lost = 0;
    EXPECT_INT(game_open(&g, "hex", &(struct game_options){.height = size, .komi = 0, .rules = rules}), STATUS_OK);
    EXPECT_INT(solver_new(&solver, &g), STATUS_OK);
    char state[512], next[512];
    CHECK(g.state_bytes <= sizeof state);
    while (checked < positions) {
        game_start(&g, state);
        for (int n; (n = game_legal(&g, state, actions)) > 0;) {
            if (n <= max_empty) {
                EXPECT_INT(solver_moves(solver, state, values), n);
                double best = -1;
                for (int i = 0; i < n; i++) {
                    memcpy(next, state, g.state_bytes);
                    game_play(&g, next, actions[i]);
                    EXPECT_NEAR(values[i], -exhaustive(&g, next), 0);
                    best = fmax(best, values[i]);
                }
                EXPECT_NEAR(solver_value(solver, state), best, 0);
                checked++;
                lost += best < 0;
            }
            game_play(&g, state, actions[rng_below(rng, (uint32_t)n)]);
        }
    }
    printf("hex %d %s: solver right in %d positions, %d of them lost\n", size, rules, checked, lost);
    EXPECT(lost > 0 && lost < checked);
    solver_free(solver);
}

static void known_openings_win(void) {
    static const char *const known[] = {"01"
                                        "10",
                                        "001"
                                        "111"
                                        "100",
                                        "0001"
                                        "0010"
                                        "0100"
                                        "1000",
                                        "00001"
                                        "01111"
                                        "01110"
                                        "11110"
                                        "10000"};
    for (int size = 2; size <= 5; size++)
        for (int swap = 0; swap < 2; swap++) {
            struct game g;
            struct solver *solver;
            double values[26];
            char state[512];
            EXPECT_INT(game_open(&g, "hex", &(struct game_options){.height = size, .komi = 0, .rules = swap ? "swap" : NULL}),
                       STATUS_OK);
            EXPECT_INT(solver_new(&solver, &g), STATUS_OK);
            game_start(&g, state);
            // The first player wins, but with the swap the second does.
            EXPECT_NEAR(solver_value(solver, state), swap ? -1 : 1, 0);
            EXPECT_INT(solver_moves(solver, state, values), size * size);
            for (int p = 0; p < size * size; p++) {
                EXPECT_NEAR(values[p], !swap && known[size - 2][p] == '1' ? 1 : -1, 0);
                if (!swap) continue;
                double answers[26];
                game_start(&g, state);
                game_play(&g, state, p);
                const int n = solver_moves(solver, state, answers);
                // The empty points and the swap, which wins iff the opening did.
                EXPECT_INT(n, size * size);
                EXPECT_NEAR(answers[n - 1], known[size - 2][p] == '1' ? 1 : -1, 0);
            }
            solver_free(solver);
        }
    struct game g;
    struct solver *solver;
    EXPECT_INT(game_open(&g, "hex", &(struct game_options){.height = 6, .komi = 0}), STATUS_OK);
    EXPECT_INT(solver_new(&solver, &g), STATUS_UNSUPPORTED);
    EXPECT_INT(game_open(&g, "hex", &(struct game_options){.height = 4, .komi = 0, .max_plies = 9}), STATUS_OK);
    EXPECT_INT(solver_new(&solver, &g), STATUS_UNSUPPORTED);
}

// playout_move, whose games are played move by move, takes each legal move as often as any other.
static void moves_of_playouts_are_uniform(const char *rules, int plies) {
    enum { DRAWS = 20000 };
    struct game g;
    struct rng rng;
    uint16_t legal[GAME_MAX_ACTIONS];
    static int counts[GAME_MAX_ACTIONS];
    EXPECT_INT(game_open(&g, "hex", &(struct game_options){.height = 5, .rules = rules}), STATUS_OK);
    void *state = malloc(g.state_bytes);
    rng_init(&rng, 8, (uint64_t)plies);
    game_start(&g, state);
    // Nobody wins within the first two rows.
    for (int i = 0; i < plies; i++) game_play(&g, state, i);
    const int n = game_legal(&g, state, legal);
    memset(counts, 0, sizeof counts);
    for (int i = 0; i < DRAWS; i++) counts[g.type->playout_move(&g, state, &rng)]++;
    int total = 0;
    for (int i = 0; i < n; i++) {
        const double mean = (double)DRAWS / n;
        EXPECT_NEAR(counts[legal[i]], mean, 5 * sqrt(mean));
        total += counts[legal[i]];
    }
    EXPECT_INT(total, DRAWS);
    free(state);
}

int main(int argc, char **argv) {
    const long long wanted = argc > 1 ? atoll(argv[1]) : 60000;
    struct tally tally = {0};
    struct rng rng;
    rng_init(&rng, 8, 0);
    while (tally.plies < wanted)
        for (int size = 2; size <= MOST && tally.plies < wanted; size++)
            for (int k = 0; k < (size < 6 ? 24 : size < 12 ? 4 : 1); k++)
                play_game(size, k & 1 || size > 12, &rng, &tally, wanted - tally.plies);
    printf("plies %lld, games %lld (first won %lld, second %lld, %lld with the last point), swaps %lld of %lld\n", tally.plies,
           tally.games, tally.first_wins, tally.second_wins, tally.full_boards, tally.swaps, tally.swaps_offered);
    EXPECT(tally.swaps > 100 && tally.swaps < tally.swaps_offered && tally.first_wins > 100 && tally.second_wins > 100);
    EXPECT(tally.full_boards > 0);
    fillings_are_uniform_and_judged_rightly(&rng);
    filled_boards_are_won_as_often(3, "standard", 0, 40000, &rng);
    filled_boards_are_won_as_often(3, "swap", 0, 40000, &rng);
    filled_boards_are_won_as_often(5, "standard", 6, 20000, &rng);
    filled_boards_are_won_as_often(5, "swap", 2, 20000, &rng);
    filled_boards_are_won_as_often(11, "standard", 0, 10000, &rng);
    filled_boards_are_won_as_often(19, "standard", 100, 2000, &rng);
    the_solver_agrees_with_exhaustive_search(3, "standard", test_rounds(2000), 8, &rng);
    the_solver_agrees_with_exhaustive_search(3, "swap", test_rounds(300), 9, &rng);
    the_solver_agrees_with_exhaustive_search(4, "standard", test_rounds(1000), 9, &rng);
    the_solver_agrees_with_exhaustive_search(5, "standard", test_rounds(1000), 9, &rng);
    known_openings_win();
    moves_of_playouts_are_uniform("standard", 0);
    moves_of_playouts_are_uniform("swap", 1);
    moves_of_playouts_are_uniform("standard", 8);
    return TEST_END();
}
