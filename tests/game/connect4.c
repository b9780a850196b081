// Connect Four compared with a slow, obviously right twin, a plain array on which every line of
// four is checked after every move. Then known values.
// Argument: how many plies in all (default 100,000).
#include "game/connect4.h"
#include "game/evaluator.h"
#include "game/solver.h"
#include "tests/test.h"

#include <string.h>

struct twin {
    int height, width, ply;
    // [row from the top][column]: '.', 'X' first, 'O' second.
    char board[CONNECT4_MAX_SIDE][CONNECT4_MAX_SIDE];
};

struct tally {
    long long plies, games, first_wins, second_wins, draws, full_columns, directions[4];
};

static bool twin_is_four(const struct twin *t, int y, int x, int dy, int dx, char stone) {
    for (int i = 0; i < 4; i++, y += dy, x += dx)
        if (y < 0 || x < 0 || y >= t->height || x >= t->width || t->board[y][x] != stone) return false;
    return true;
}

static enum outcome twin_outcome(const struct twin *t, struct tally *tally) {
    static const int steps[4][2] = {{1, 0}, {0, 1}, {1, 1}, {1, -1}};
    int won[2] = {0, 0};
    for (int d = 0; d < 4; d++)
        for (int y = 0; y < t->height; y++)
            for (int x = 0; x < t->width; x++)
                for (int player = 0; player < 2; player++)
                    if (twin_is_four(t, y, x, steps[d][0], steps[d][1], "XO"[player])) {
                        won[player] = 1;
                        tally->directions[d]++;
                    }
    EXPECT(!won[0] || !won[1]);
    if (won[0]) return OUTCOME_FIRST;
    if (won[1]) return OUTCOME_SECOND;
    return t->ply == t->height * t->width ? OUTCOME_DRAW : OUTCOME_NONE;
}

static int twin_lands(const struct twin *t, int x) {
    int y = t->height - 1;
    while (y >= 0 && t->board[y][x] != '.') y--;
    return y;
}

// Whether a stone at an empty point would be the fourth in a row, by placing it.
static bool twin_completes(struct twin *t, int y, int x, char stone) {
    static const int steps[4][2] = {{1, 0}, {0, 1}, {1, 1}, {1, -1}};
    bool found = false;
    t->board[y][x] = stone;
    for (int d = 0; d < 4; d++)
        for (int i = 0; i < 4; i++)
            found |= twin_is_four(t, y - i * steps[d][0], x - i * steps[d][1], steps[d][0], steps[d][1], stone);
    t->board[y][x] = '.';
    return found;
}

// Whether it would be the third in a row whose fourth point is empty, by placing it.
static bool twin_makes_third(struct twin *t, int y, int x, char stone) {
    static const int steps[4][2] = {{1, 0}, {0, 1}, {1, 1}, {1, -1}};
    bool found = false;
    t->board[y][x] = stone;
    for (int d = 0; d < 4; d++)
        for (int i = 0; i < 4; i++) {
            int stones = 0, spaces = 0;
            for (int k = -i; k < 4 - i; k++) {
                const int row = y + k * steps[d][0], column = x + k * steps[d][1];
                if (row < 0 || column < 0 || row >= t->height || column >= t->width) continue;
                stones += t->board[row][column] == stone;
                spaces += t->board[row][column] == '.';
            }
            found |= stones == 3 && spaces == 1;
        }
    t->board[y][x] = '.';
    return found;
}

static void compare_encoding(const struct game *g, const void *state, struct twin *t) {
    float planes[100 * 10] = {0}, globals[1];
    const char me = t->ply % 2 ? 'O' : 'X', other = t->ply % 2 ? 'X' : 'O';
    g->type->encode(g, state, 0, planes, g->width, 10, globals);
    EXPECT_NEAR(globals[0], (float)t->ply / (float)(t->height * t->width), 0);
    for (int y = 0; y < t->height; y++)
        for (int x = 0; x < t->width; x++) {
            const bool empty = t->board[y][x] == '.';
            const float expected[10] = {1,
                                        t->board[y][x] == me,
                                        t->board[y][x] == other,
                                        twin_lands(t, x) == y,
                                        empty && twin_completes(t, y, x, me),
                                        empty && twin_completes(t, y, x, other),
                                        (t->height - y) % 2,
                                        (t->height - y) % 2 == (me == 'X'),
                                        empty && twin_makes_third(t, y, x, me),
                                        empty && twin_makes_third(t, y, x, other)};
            for (int c = 0; c < 10; c++) EXPECT_NEAR(planes[(y * g->width + x) * 10 + c], expected[c], 0);
        }
}

// Returns the number of legal moves.
static int compare(const struct game *g, const void *state, struct twin *t, struct tally *tally, uint16_t *actions) {
    const enum outcome outcome = twin_outcome(t, tally);
    const int n = game_legal(g, state, actions);
    int open = 0;
    EXPECT_INT(game_outcome(g, state), outcome);
    EXPECT_INT(game_to_move(g, state), t->ply % 2);
    for (int y = 0; y < t->height && outcome == OUTCOME_NONE; y++)
        for (int x = 0; x < t->width; x++)
            if (twin_lands(t, x) == y && open < n) EXPECT_INT(actions[open++], y * t->width + x);
    EXPECT_INT(n, open);
    tally->full_columns += outcome == OUTCOME_NONE && n < t->width;
    tally->first_wins += outcome == OUTCOME_FIRST;
    tally->second_wins += outcome == OUTCOME_SECOND;
    tally->draws += outcome == OUTCOME_DRAW;
    return n;
}

static void play_game(int height, int width, struct rng *rng, struct tally *tally) {
    struct game g;
    struct connect4_state state;
    uint16_t actions[CONNECT4_MAX_SIDE];
    EXPECT_INT(game_open(&g, "connect4", &(struct game_options){.height = height, .width = width}), STATUS_OK);
    EXPECT(g.state_bytes == sizeof state);
    struct twin t = {.height = height, .width = width};
    memset(t.board, '.', sizeof t.board);
    game_start(&g, &state);
    for (int n; (n = compare(&g, &state, &t, tally, actions)) > 0;) {
        compare_encoding(&g, &state, &t);
        const int x = actions[rng_below(rng, (uint32_t)n)] % width, y = twin_lands(&t, x);
        char text[GAME_TEXT_BYTES];
        snprintf(text, sizeof text, "%d", x + 1);
        EXPECT_INT(game_find_action(&g, &state, text), y * width + x);
        t.board[y][x] = t.ply++ % 2 ? 'O' : 'X';
        game_play(&g, &state, y * width + x);
        tally->plies++;
    }
    tally->games++;
}

static void the_fast_board_agrees_with_the_slow_one(long long wanted) {
    struct tally tally = {0};
    struct rng rng;
    rng_init(&rng, 4, 0);
    while (tally.plies < wanted) {
        for (int i = 0; i < 4; i++) play_game(6, 7, &rng, &tally);
        play_game(1 + (int)rng_below(&rng, 10), 1 + (int)rng_below(&rng, 10), &rng, &tally);
        // Some of these boards take more than 64 bits.
        play_game(7 + (int)rng_below(&rng, 4), 7 + (int)rng_below(&rng, 4), &rng, &tally);
    }
    printf("plies %lld, games %lld, won by first %lld, by second %lld, drawn %lld, positions with full columns %lld; fours "
           "upright "
           "%lld, level %lld, falling %lld, rising %lld\n",
           tally.plies, tally.games, tally.first_wins, tally.second_wins, tally.draws, tally.full_columns, tally.directions[0],
           tally.directions[1], tally.directions[2], tally.directions[3]);
    EXPECT(tally.first_wins > 100 && tally.second_wins > 100 && tally.draws > 50 && tally.full_columns > 1000);
    for (int d = 0; d < 4; d++) EXPECT(tally.directions[d] > 100);
}

// The value by plain negamax, for positions near the end.
static int naive(const struct game *g, const struct connect4_state *state) {
    uint16_t actions[CONNECT4_MAX_SIDE];
    const int area = g->height * g->width, n = game_legal(g, state, actions);
    if (!n) return game_outcome(g, state) == OUTCOME_DRAW ? 0 : -((area + 2 - state->ply) / 2);
    int best = -area;
    for (int i = 0; i < n; i++) {
        struct connect4_state next = *state;
        game_play(g, &next, actions[i]);
        const int value = -naive(g, &next);
        if (value > best) best = value;
    }
    return best;
}

static void the_solver_agrees_with_plain_search(int height, int width, int empty, int count) {
    struct game g;
    struct rng rng;
    struct solver *solver;
    EXPECT_INT(game_open(&g, "connect4", &(struct game_options){.height = height, .width = width}), STATUS_OK);
    EXPECT_INT(solver_new(&solver, &g), STATUS_OK);
    rng_init(&rng, 5, (uint64_t)(height * 16 + width));
    for (int i = 0; i < count;) {
        struct connect4_state state;
        uint16_t actions[CONNECT4_MAX_SIDE];
        double values[CONNECT4_MAX_SIDE];
        game_start(&g, &state);
        for (int n; state.ply < height * width - empty && (n = game_legal(&g, &state, actions)) > 0;)
            game_play(&g, &state, actions[rng_below(&rng, (uint32_t)n)]);
        const int n = game_legal(&g, &state, actions);
        if (!n) continue;
        EXPECT_INT(solver_value(solver, &state), naive(&g, &state));
        EXPECT_INT(solver_moves(solver, &state, values), n);
        for (int k = 0; k < n; k++) {
            struct connect4_state next = state;
            game_play(&g, &next, actions[k]);
            EXPECT_INT(values[k], -naive(&g, &next));
        }
        i++;
    }
    solver_free(solver);
}

static int value_of(int height, int width, const char *moves) {
    struct game g;
    struct connect4_state state;
    struct solver *solver;
    EXPECT_INT(game_open(&g, "connect4", &(struct game_options){.height = height, .width = width}), STATUS_OK);
    EXPECT_INT(solver_new(&solver, &g), STATUS_OK);
    game_start(&g, &state);
    for (; *moves; moves++) game_play(&g, &state, game_find_action(&g, &state, (char[2]){*moves, 0}));
    const int value = (int)solver_value(solver, &state);
    solver_free(solver);
    return value;
}

static void known_values(void) {
    // Who wins on small boards [Tromp, John's Connect Four playground]: rows x columns.
    static const struct {
        int height, width, sign;
    } boards[] = {{4, 4, 0}, {4, 5, 0}, {5, 4, 0}, {5, 5, 0}, {4, 6, -1}, {4, 7, 0}, {6, 4, 0}, {6, 5, 0}};
    for (size_t i = 0; i < sizeof boards / sizeof *boards; i++) {
        const int value = value_of(boards[i].height, boards[i].width, "");
        EXPECT_((value > 0) - (value < 0) == boards[i].sign, "%dx%d is %d", boards[i].height, boards[i].width, value);
    }
    EXPECT_INT(value_of(6, 7, "44444432233"), value_of(6, 7, "44444456655")); // its mirror image
    // The mover wins by its fourth stone.
    EXPECT_INT(value_of(6, 7, "112233"), 18);
}

// The solver knows the values of the first moves on 6x7 from a table. Here they are derived from
// the values of all second moves, which are not in the table. This takes half an hour.
static void first_moves_follow_from_second_ones(void) {
    struct game g;
    struct connect4_state start, first, second;
    struct solver *solver;
    EXPECT_INT(game_open(&g, "connect4", NULL), STATUS_OK);
    EXPECT_INT(solver_new(&solver, &g), STATUS_OK);
    game_start(&g, &start);
    double whole = -100;
    for (int x = 0; x < 4; x++) { // the others are mirror images
        double best = -100;
        first = start;
        game_play(&g, &first, game_find_action(&g, &first, (char[2]){(char)('1' + x), 0}));
        for (int y = 0; y < 7; y++) {
            second = first;
            game_play(&g, &second, game_find_action(&g, &second, (char[2]){(char)('1' + y), 0}));
            const double value = -solver_value(solver, &second);
            if (value > best) best = value;
        }
        printf("first move %d: %g for the second player\n", x + 1, best);
        fflush(stdout);
        EXPECT_INT(solver_value(solver, &first), best);
        if (-best > whole) whole = -best;
    }
    EXPECT_INT(solver_value(solver, &start), whole);
    solver_free(solver);
}

static void what_is_out_of_reach_is_refused(void) {
    struct game g;
    struct solver *solver;
    EXPECT_INT(game_open(&g, "connect4", &(struct game_options){.height = 7, .width = 7}), STATUS_OK);
    EXPECT_INT(solver_new(&solver, &g), STATUS_UNSUPPORTED);
    EXPECT_INT(game_open(&g, "connect4", &(struct game_options){.max_plies = 20}), STATUS_OK);
    EXPECT_INT(solver_new(&solver, &g), STATUS_UNSUPPORTED);
    EXPECT_INT(game_open(&g, "connect4", &(struct game_options){.height = 11}), STATUS_USAGE);
    EXPECT_INT(game_open(&g, "connect4", &(struct game_options){.komi = 1}), STATUS_USAGE);
}

int main(int argc, char **argv) {
    the_fast_board_agrees_with_the_slow_one(argc > 1 ? atoll(argv[1]) : 100000);
    the_solver_agrees_with_plain_search(6, 7, 9, 60);
    the_solver_agrees_with_plain_search(4, 4, 11, 30);
    the_solver_agrees_with_plain_search(7, 6, 8, 60);
    known_values();
    what_is_out_of_reach_is_refused();
    if (argc > 2 && !strcmp(argv[2], "whole")) first_moves_follow_from_second_ones();
    return TEST_END();
}
