// Solved games: their values and counts, and the evaluator that knows the values.
#include "game/solver.h"
#include "game/evaluator.h"
#include "tests/test.h"

enum { MAX_POSITIONS = 8192 };

struct visited {
    int num_positions, unfinished;
    char (*states)[16];
};

static double naive(const struct game *g, const char *state) {
    uint16_t actions[9];
    const int n = game_legal(g, state, actions);
    if (!n) return outcome_for(game_outcome(g, state), game_to_move(g, state));
    double best = -1;
    for (int i = 0; i < n; i++) {
        char next[16];
        memcpy(next, state, g->state_bytes);
        game_play(g, next, actions[i]);
        const double value = -naive(g, next);
        if (value > best) best = value;
    }
    return best;
}

// Collects all different positions.
static void walk(const struct game *g, const char *state, struct visited *v) {
    uint16_t actions[9];
    const int n = game_legal(g, state, actions);
    int i = 0;
    while (i < v->num_positions && memcmp(v->states[i], state, g->state_bytes)) i++;
    if (i == v->num_positions) {
        CHECK(v->num_positions < MAX_POSITIONS);
        memcpy(v->states[v->num_positions++], state, g->state_bytes);
        v->unfinished += n > 0;
        for (int k = 0; k < n; k++) {
            char next[16];
            memcpy(next, state, g->state_bytes);
            game_play(g, next, actions[k]);
            walk(g, next, v);
        }
    }
}

static long long count_games(const struct game *g, const char *state) {
    uint16_t actions[9];
    const int n = game_legal(g, state, actions);
    long long games = !n;
    for (int i = 0; i < n; i++) {
        char next[16];
        memcpy(next, state, g->state_bytes);
        game_play(g, next, actions[i]);
        games += count_games(g, next);
    }
    return games;
}

static void tictactoe_is_a_draw(void) {
    struct game g;
    struct solver *solver;
    struct evaluator *evaluator;
    struct visited v = {.states = calloc(MAX_POSITIONS, 16)};
    EXPECT_INT(game_open(&g, "tictactoe", NULL), STATUS_OK);
    CHECK(g.state_bytes <= 16);
    char start[16];
    game_start(&g, start);
    EXPECT_INT(count_games(&g, start), 255168);
    walk(&g, start, &v);
    EXPECT_INT(v.num_positions, 5478);
    EXPECT_INT(v.unfinished, 4520);
    EXPECT_INT(solver_new(&solver, &g), STATUS_OK);
    EXPECT_INT(evaluator_solver(&evaluator, &g), STATUS_OK);
    EXPECT_NEAR(solver_value(solver, start), 0, 0);
    for (int i = 0; i < v.num_positions; i++) {
        const double truth = naive(&g, v.states[i]);
        // Naive search is slow, and these follow from the rest.
        if (game_ply(&g, v.states[i]) < 2) continue;
        EXPECT_NEAR(solver_value(solver, v.states[i]), truth, 0);
        double values[9];
        uint16_t actions[9];
        const int n = game_legal(&g, v.states[i], actions);
        if (!n) continue;
        EXPECT_INT(solver_moves(solver, v.states[i], values), n);
        float logits[9];
        struct judgement judgement = {.logits = logits};
        evaluator_judge(evaluator, 1, &(struct position){&g, v.states[i], 0}, &judgement);
        EXPECT_NEAR(judgement.wdl[0] - judgement.wdl[2], truth, 0);
        EXPECT_NEAR(judgement.wdl[0] + judgement.wdl[1] + judgement.wdl[2], 1, 0);
        double best = -1;
        for (int k = 0; k < n; k++) {
            char next[16];
            memcpy(next, v.states[i], g.state_bytes);
            game_play(&g, next, actions[k]);
            EXPECT_NEAR(values[k], -naive(&g, next), 0);
            EXPECT((logits[actions[k]] == 0) == (values[k] == truth));
            best = values[k] > best ? values[k] : best;
        }
        EXPECT_NEAR(best, truth, 0);
    }
    solver_free(solver);
    evaluator_free(evaluator);
    free(v.states);
}

// Plays best moves of both sides and a few random ones. The values along the way must agree to the
// end.
static void check_consistent(const struct game *g, struct solver *solver, uint64_t seed) {
    char *state = malloc(g->state_bytes);
    struct rng rng;
    rng_init(&rng, seed, 0);
    game_start(g, state);
    double promised = solver_value(solver, state); // for the mover
    for (int n; game_outcome(g, state) == OUTCOME_NONE;) {
        double values[10], best = -1e9;
        uint16_t actions[10];
        n = game_legal(g, state, actions);
        EXPECT_INT(solver_moves(solver, state, values), n);
        int choice = 0;
        for (int i = 0; i < n; i++)
            if (values[i] > best) best = values[choice = i];
        EXPECT_NEAR(best, promised, 0);
        if (!rng_below(&rng, 3)) choice = (int)rng_below(&rng, (uint32_t)n);
        promised = -values[choice];
        game_play(g, state, actions[choice]);
    }
    EXPECT_NEAR(game_to_move(g, state) ? -game_score(g, state) : game_score(g, state), promised, 0);
    free(state);
}

static void small_go_boards_are_solved(void) {
    static const struct {
        int height, width;
        double value;
    } known[] = {{1, 1, 0}, {1, 2, 0}, {2, 1, 0}, {1, 3, 3}, {1, 4, 4}, {4, 1, 4}, {2, 2, 1}, {3, 3, 9}};
    // 3x3 is the last of them and the longest: sanitizers leave it to game/go_solver's smaller
    // part of it.
    for (size_t i = 0; i < sizeof known / sizeof *known - (test_rounds(4) == 1); i++)
        for (int komi = -1; komi <= (known[i].height == 3 ? -1 : 2); komi++) { // 3x3 takes long
            struct game g;
            struct solver *solver;
            EXPECT_INT(
                game_open(&g, "go",
                          &(struct game_options){.height = known[i].height, .width = known[i].width, .komi = komi * 0.5}),
                STATUS_OK);
            EXPECT_INT(solver_new(&solver, &g), STATUS_OK);
            void *state = malloc(g.state_bytes);
            game_start(&g, state);
            EXPECT_NEAR(solver_value(solver, state), known[i].value - komi * 0.5, 0);
            free(state);
            const uint64_t seeds = known[i].height == 3 ? 1 : 20;
            for (uint64_t seed = 0; seed < seeds; seed++) check_consistent(&g, solver, seed);
            solver_free(solver);
        }
}

// solver_move_keeps agrees with the values of all moves, in random positions of each game with a
// solver.
static void a_move_keeps_what_its_value_says(const char *name, int height, const char *rules, double komi, int min_ply,
                                             int games) {
    struct game g;
    struct rng rng;
    struct solver *solver = NULL;
    EXPECT_INT(game_open(&g, name, &(struct game_options){.height = height, .rules = rules, .komi = komi}), STATUS_OK);
    void *state = malloc(g.state_bytes);
    rng_init(&rng, 6, (uint64_t)height);
    int kept = 0, lost = 0;
    for (int game = 0; game < games; game++) {
        uint16_t legal[GAME_MAX_ACTIONS];
        double values[GAME_MAX_ACTIONS];
        game_start(&g, state);
        for (int n; (n = game_legal(&g, state, legal)) > 0; game_play(&g, state, legal[rng_below(&rng, (uint32_t)n)])) {
            if (game_ply(&g, state) < min_ply || rng_below(&rng, 3)) continue;
            if (!solver) EXPECT_INT(solver_new_at(&solver, &g, state), STATUS_OK);
            EXPECT(solver_serves(solver, state));
            EXPECT_INT(solver_moves(solver, state, values), n);
            for (int i = 0; i < n; i++)
                for (int k = 0; k < n; k++) {
                    const bool keeps = solver_move_keeps(solver, state, legal[i], values[k]);
                    EXPECT_(keeps == (values[i] >= values[k]), "%s: a move of value %g keeps %g: %d", name, values[i],
                            values[k], keeps);
                    kept += keeps;
                    lost += !keeps;
                }
            EXPECT_(solver_value(solver, state) == values[0] || n > 1, "%s: one move, two values", name);
        }
    }
    EXPECT_(kept > 50 && lost > 20, "%s: %d kept, %d lost", name, kept, lost);
    solver_free(solver);
    free(state);
}

static void what_is_too_large_is_refused(void) {
    struct game g;
    struct solver *solver;
    struct evaluator *evaluator;
    EXPECT_INT(game_open(&g, "go", NULL), STATUS_OK);
    EXPECT_INT(solver_new(&solver, &g), STATUS_UNSUPPORTED);
    EXPECT_INT(evaluator_solver(&evaluator, &g), STATUS_UNSUPPORTED);
    EXPECT_INT(game_open(&g, "go", &(struct game_options){.height = 2, .komi = 1, .max_plies = 50}), STATUS_OK);
    EXPECT_INT(solver_new(&solver, &g), STATUS_UNSUPPORTED);
}

int main(void) {
    tictactoe_is_a_draw();
    small_go_boards_are_solved();
    a_move_keeps_what_its_value_says("tictactoe", 0, NULL, GAME_KOMI_DEFAULT, 0, 30);
    a_move_keeps_what_its_value_says("go", 2, NULL, 0.5, 0, 30); // until games end
    a_move_keeps_what_its_value_says("go", 3, NULL, 9, 6, 4);
    a_move_keeps_what_its_value_says("connect4", 6, NULL, GAME_KOMI_DEFAULT, 24, 30);
    a_move_keeps_what_its_value_says("connect4", 4, NULL, GAME_KOMI_DEFAULT, 2, 30);
    a_move_keeps_what_its_value_says("othello", 4, NULL, GAME_KOMI_DEFAULT, 0, 30);
    a_move_keeps_what_its_value_says("othello", 8, NULL, GAME_KOMI_DEFAULT, 50, 30);
    a_move_keeps_what_its_value_says("hex", 4, "swap", GAME_KOMI_DEFAULT, 0, 30);
    what_is_too_large_is_refused();
    return TEST_END();
}
