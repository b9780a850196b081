// Tic-tac-toe against every reply: with an evaluator that knows nothing, the search never loses as
// either side, and it finds every win.
#include "mcts/search.h"
#include "tests/test.h"

static struct game game;
static int games, wins;

// Plays all games in which `side` moves by search and the other plays everything.
static void play_all(struct search *s, struct evaluator *judge, int simulations, const void *state, int side) {
    uint16_t legal[9];
    const enum outcome outcome = game_outcome(&game, state);
    if (outcome != OUTCOME_NONE) {
        games++;
        wins += outcome_for(outcome, side) > 0;
        EXPECT(outcome_for(outcome, side) >= 0);
        return;
    }
    int n = game_legal(&game, state, legal);
    if (game_to_move(&game, state) == side) {
        struct rng rng;
        rng_init(&rng, 1, (uint64_t)game_ply(&game, state));
        search_start(s, &game, state, &rng);
        search_run(s, judge, simulations, false, 1);
        legal[0] = (uint16_t)search_choose(s, 0, &rng);
        n = 1;
    }
    void *next = malloc(game.state_bytes);
    for (int i = 0; i < n; i++) {
        memcpy(next, state, game.state_bytes);
        game_play(&game, next, legal[i]);
        play_all(s, judge, simulations, next, side);
    }
    free(next);
}

static void never_loses(enum search_kind kind, struct evaluator *judge, int simulations, float score_weight) {
    struct search_params p = search_params_default;
    p.kind = kind;
    p.score_weight = score_weight; // must have no effect in a game without score
    p.random_symmetry = true;
    struct search *s;
    if (search_new(&s, &p)) exit(1);
    void *state = malloc(game.state_bytes);
    game_start(&game, state);
    for (int side = 0; side < 2; side++) {
        games = wins = 0;
        play_all(s, judge, simulations, state, side);
        EXPECT_(games > 30 && wins > games / 2, "side %d: %d games, %d won", side, games, wins);
    }
    struct rng rng;
    rng_init(&rng, 1, 0);
    search_start(s, &game, state, &rng);
    search_run(s, judge, 20000, false, 4);
    struct search_summary sum;
    search_summary(s, &sum);
    EXPECT_INT(sum.simulations, 20000);
    EXPECT_NEAR(sum.value, 0, 0.1); // a draw
    EXPECT_NEAR(sum.wdl[1], 1, 0.2);
    free(state);
    search_free(s);
}

// In every unfinished position with a move that wins at once the search plays one. The evaluator is
// the solver.
static void finds_wins(enum search_kind kind) {
    struct evaluator *uniform, *solver;
    if (evaluator_uniform(&uniform) || evaluator_solver(&solver, &game)) exit(1);
    struct search_params p = search_params_default;
    p.kind = kind;
    struct search *s;
    if (search_new(&s, &p)) exit(1);
    struct rng rng;
    rng_init(&rng, 5, 0);
    void *state = malloc(game.state_bytes), *next = malloc(game.state_bytes);
    uint16_t legal[9];
    float logits[9];
    int won = 0, lost = 0;
    for (int round = 0; round < 300; round++) {
        game_start(&game, state);
        for (uint32_t k = rng_below(&rng, 7); k > 0 && game_outcome(&game, state) == OUTCOME_NONE; k--)
            game_play(&game, state, legal[rng_below(&rng, (uint32_t)game_legal(&game, state, legal))]);
        if (game_outcome(&game, state) != OUTCOME_NONE) continue;
        struct judgement exact = {.logits = logits};
        evaluator_judge(solver, 1, &(struct position){.game = &game, .state = state}, &exact);
        search_start(s, &game, state, &rng);
        search_run(s, uniform, 5000, false, 1);
        struct search_summary sum;
        search_summary(s, &sum);
        const int action = search_choose(s, 0, &rng);
        memcpy(next, state, game.state_bytes);
        game_play(&game, next, action);
        // The move keeps the solver's value.
        float after;
        if (game_outcome(&game, next) == OUTCOME_NONE) {
            struct judgement reply = {.logits = logits};
            evaluator_judge(solver, 1, &(struct position){.game = &game, .state = next}, &reply);
            after = reply.wdl[2] - reply.wdl[0];
        } else {
            after = (float)outcome_for(game_outcome(&game, next), game_to_move(&game, state));
        }
        EXPECT_NEAR(after, exact.wdl[0] - exact.wdl[2], 1e-6);
        won += exact.wdl[0] > 0.5f;
        lost += exact.wdl[2] > 0.5f;
        if (exact.wdl[0] > 0.5f) EXPECT_(sum.policy_value > 0.7f, "value %g", sum.policy_value);
        if (exact.wdl[2] > 0.5f) EXPECT_(sum.policy_value < -0.7f, "value %g", sum.policy_value);
    }
    EXPECT_(won > 50 && lost > 10, "%d won and %d lost positions", won, lost);
    free(next);
    free(state);
    search_free(s);
    evaluator_free(solver);
    evaluator_free(uniform);
}

int main(void) {
    struct evaluator *uniform, *solver;
    if (game_open(&game, "tictactoe", &(struct game_options){.komi = GAME_KOMI_DEFAULT})) return 1;
    if (evaluator_uniform(&uniform) || evaluator_solver(&solver, &game)) return 1;
    never_loses(SEARCH_PUCT, uniform, 6000, 0);
    never_loses(SEARCH_GUMBEL, uniform, 8000, 0.5f);
    never_loses(SEARCH_PUCT, solver, 20, 0);
    never_loses(SEARCH_GUMBEL, solver, 1, 0); // the exact policy alone
    finds_wins(SEARCH_PUCT);
    finds_wins(SEARCH_GUMBEL);
    evaluator_free(solver);
    evaluator_free(uniform);
    return TEST_END();
}
