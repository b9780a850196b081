// Othello compared with a slow, obviously right twin: characters on a board, and a walk in eight
// directions for every question. Then known values.
// Argument: how many plies in all (default 100,000).
#include "game/othello.h"
#include "game/evaluator.h"
#include "game/solver.h"
#include "tests/test.h"

struct twin {
    int size, to_move, ply;
    char board[8][8]; // [row from the top][column]: '.', 'X' first, 'O' second
};

struct tally {
    long long plies, games, passes, first_wins, second_wins, draws, early_ends, wiped_out, turned;
};

static const char side[3] = "XO";

static void twin_start(struct twin *t, int size) {
    *t = (struct twin){.size = size};
    const int m = size / 2;
    memset(t->board, '.', sizeof t->board);
    t->board[m - 1][m - 1] = t->board[m][m] = 'O';
    t->board[m - 1][m] = t->board[m][m - 1] = 'X';
}

// How many discs `player` would turn at (y, x), which are turned if asked for; 0: the move is
// illegal.
static int twin_place(struct twin *t, int player, int y, int x, bool turn) {
    int turned = 0;
    if (t->board[y][x] != '.') return 0;
    for (int dy = -1; dy <= 1; dy++)
        for (int dx = -1; dx <= 1; dx++) {
            int n = 0, qy = y + dy, qx = x + dx;
            if (!dy && !dx) continue;
            while (qy >= 0 && qx >= 0 && qy < t->size && qx < t->size && t->board[qy][qx] == side[!player])
                n++, qy += dy, qx += dx;
            if (qy < 0 || qx < 0 || qy >= t->size || qx >= t->size || t->board[qy][qx] != side[player]) continue;
            turned += n;
            for (int i = 1; turn && i <= n; i++) t->board[y + i * dy][x + i * dx] = side[player];
        }
    if (turned && turn) t->board[y][x] = side[player];
    return turned;
}

static int twin_moves(struct twin *t, int player, uint16_t *actions) {
    int n = 0;
    for (int a = 0; a < t->size * t->size; a++)
        if (twin_place(t, player, a / t->size, a % t->size, false)) actions[n++] = (uint16_t)a;
    return n;
}

static int twin_discs(const struct twin *t, int player) {
    int n = 0;
    for (int a = 0; a < t->size * t->size; a++) n += t->board[a / t->size][a % t->size] == side[player];
    return n;
}

static void twin_play(struct twin *t, int action, struct tally *tally) {
    if (action == t->size * t->size) {
        tally->passes++;
    } else {
        const int turned = twin_place(t, t->to_move, action / t->size, action % t->size, true);
        EXPECT(turned > 0);
        tally->turned += turned;
    }
    t->to_move = !t->to_move;
    t->ply++;
}

static void compare_points(const struct game *g, const void *state, struct twin *t) {
    float planes[64 * 5] = {0}, globals[2];
    int8_t owner[64];
    g->type->encode(g, state, 0, planes, g->width, 5, globals);
    g->type->ownership(g, state, owner);
    const int discs = twin_discs(t, 0) + twin_discs(t, 1);
    EXPECT_NEAR(globals[0], (float)discs / (float)(t->size * t->size), 0);
    EXPECT_NEAR(globals[1], (t->size * t->size - discs) % 2, 0);
    for (int a = 0; a < t->size * t->size; a++) {
        const int y = a / t->size, x = a % t->size;
        const char here = t->board[y][x];
        EXPECT_INT(owner[a], (here == 'X') - (here == 'O'));
        EXPECT_NEAR(planes[a * 5], 1, 0);
        EXPECT_NEAR(planes[a * 5 + 1], here == side[t->to_move], 0);
        EXPECT_NEAR(planes[a * 5 + 2], here == side[!t->to_move], 0);
        EXPECT_NEAR(planes[a * 5 + 3], twin_place(t, t->to_move, y, x, false) > 0, 0);
        EXPECT_NEAR(planes[a * 5 + 4], twin_place(t, !t->to_move, y, x, false) > 0, 0);
    }
}

// Returns the number of legal moves.
static int compare(const struct game *g, const void *state, struct twin *t, uint16_t *actions) {
    uint16_t twin_actions[65], replies[65];
    int n = twin_moves(t, t->to_move, twin_actions);
    if (!n && twin_moves(t, !t->to_move, replies)) twin_actions[n++] = (uint16_t)(t->size * t->size);
    EXPECT_INT(game_legal(g, state, actions), n);
    EXPECT(!memcmp(actions, twin_actions, sizeof *actions * (size_t)n));
    EXPECT_INT(game_to_move(g, state), t->to_move);
    EXPECT_INT(game_ply(g, state), t->ply);
    const int margin = twin_discs(t, 0) - twin_discs(t, 1);
    EXPECT_NEAR(game_score(g, state), margin, 0);
    EXPECT_INT(game_outcome(g, state), n            ? OUTCOME_NONE
                                       : margin > 0 ? OUTCOME_FIRST
                                       : margin < 0 ? OUTCOME_SECOND
                                                    : OUTCOME_DRAW);
    return n;
}

static void play_game(int size, struct rng *rng, struct tally *tally) {
    struct game g;
    struct othello_state state;
    struct twin t;
    uint16_t actions[65];
    EXPECT_INT(game_open(&g, "othello", &(struct game_options){.height = size}), STATUS_OK);
    EXPECT(g.state_bytes == sizeof state);
    game_start(&g, &state);
    twin_start(&t, size);
    for (int n; (n = compare(&g, &state, &t, actions)) > 0;) {
        compare_points(&g, &state, &t);
        const int action = actions[rng_below(rng, (uint32_t)n)];
        game_play(&g, &state, action);
        twin_play(&t, action, tally);
        tally->plies++;
    }
    const int first = twin_discs(&t, 0), second = twin_discs(&t, 1);
    tally->games++;
    tally->first_wins += first > second;
    tally->second_wins += first < second;
    tally->draws += first == second;
    tally->early_ends += first + second < size * size;
    tally->wiped_out += !first || !second;
}

static void the_fast_board_agrees_with_the_slow_one(long long wanted) {
    struct tally tally = {0};
    struct rng rng;
    rng_init(&rng, 8, 0);
    while (tally.plies < wanted)
        for (int size = 4; size <= 8; size += 2) play_game(size, &rng, &tally);
    printf("plies %lld, games %lld, passes %lld, discs turned %lld, won by first %lld, by second %lld, drawn %lld, over with "
           "empty "
           "points %lld, with one colour alone %lld\n",
           tally.plies, tally.games, tally.passes, tally.turned, tally.first_wins, tally.second_wins, tally.draws,
           tally.early_ends, tally.wiped_out);
    EXPECT(tally.passes > 1000 && tally.draws > 20 && tally.early_ends > 100 && tally.wiped_out > 5);
}

static int naive(const struct game *g, const struct othello_state *state) {
    uint16_t actions[65];
    const int n = game_legal(g, state, actions);
    if (!n) return (int)game_score(g, state) * (state->to_move ? -1 : 1);
    int best = -65;
    for (int i = 0; i < n; i++) {
        struct othello_state next = *state;
        game_play(g, &next, actions[i]);
        const int value = -naive(g, &next);
        if (value > best) best = value;
    }
    return best;
}

static void the_solver_agrees_with_plain_search(int size, int empty, int count) {
    struct game g;
    struct rng rng;
    EXPECT_INT(game_open(&g, "othello", &(struct game_options){.height = size}), STATUS_OK);
    rng_init(&rng, 9, (uint64_t)size);
    struct solver *solver = NULL;
    for (int i = 0; i < count;) {
        struct othello_state state;
        uint16_t actions[65];
        double values[65];
        game_start(&g, &state);
        for (int n; __builtin_popcountll(state.discs[0] | state.discs[1]) < size * size - empty &&
                    (n = game_legal(&g, &state, actions)) > 0;)
            game_play(&g, &state, actions[rng_below(&rng, (uint32_t)n)]);
        const int n = game_legal(&g, &state, actions);
        if (!n) continue;
        if (!solver) EXPECT_INT(solver_new_at(&solver, &g, &state), STATUS_OK);
        EXPECT_INT(solver_value(solver, &state), naive(&g, &state));
        EXPECT_INT(solver_moves(solver, &state, values), n);
        for (int k = 0; k < n; k++) {
            struct othello_state next = state;
            game_play(&g, &next, actions[k]);
            EXPECT_INT(values[k], -naive(&g, &next));
        }
        i++;
    }
    solver_free(solver);
}

static void white_wins_4x4_by_8(void) {
    struct game g;
    struct othello_state state;
    struct solver *solver;
    EXPECT_INT(game_open(&g, "othello", &(struct game_options){.height = 4}), STATUS_OK);
    EXPECT_INT(solver_new(&solver, &g), STATUS_OK);
    game_start(&g, &state);
    EXPECT_INT(solver_value(solver, &state), -8);
    solver_free(solver);
}

static void the_first_moves_are_written_as_in_books(void) {
    struct game g;
    struct othello_state state;
    EXPECT_INT(game_open(&g, "othello", NULL), STATUS_OK);
    game_start(&g, &state);
    static const char *const first[] = {"d3", "c4", "f5", "e6"};
    for (int i = 0; i < 4; i++) EXPECT(game_is_legal(&g, &state, game_find_action(&g, &state, first[i])));
}

static void what_is_not_othello_is_refused(void) {
    struct game g;
    struct solver *solver;
    EXPECT_INT(game_open(&g, "othello", &(struct game_options){.height = 5}), STATUS_USAGE);
    EXPECT_INT(game_open(&g, "othello", &(struct game_options){.height = 6, .width = 8}), STATUS_USAGE);
    EXPECT_INT(game_open(&g, "othello", &(struct game_options){.komi = 1}), STATUS_USAGE);
    EXPECT_INT(game_open(&g, "othello", &(struct game_options){.height = 6}), STATUS_OK);
    EXPECT_INT(solver_new(&solver, &g), STATUS_UNSUPPORTED);
}

int main(int argc, char **argv) {
    the_fast_board_agrees_with_the_slow_one(argc > 1 ? atoll(argv[1]) : 100000);
    the_solver_agrees_with_plain_search(4, 8, 30);
    the_solver_agrees_with_plain_search(6, 8, 30);
    the_solver_agrees_with_plain_search(8, 7, 30);
    white_wins_4x4_by_8();
    the_first_moves_are_written_as_in_books();
    what_is_not_othello_is_refused();
    return TEST_END();
}
