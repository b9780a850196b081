// Games by search with the hash evaluator: how fast they go, and a hash of what they visit.
#include "mcts/search_bench.h"

#include "base/memory.h"

#include <stdlib.h>

// Plays a move, and starts over when it has ended the game.
static void play_on(const struct game *game, void *state, int action) {
    game_play(game, state, action);
    if (game_certain(game, state) != OUTCOME_NONE) game_start(game, state);
}

struct search_bench_result search_bench(const struct game *game, const struct search_params *params, int simulations,
                                        double seconds, const struct clock *clock) {
    struct search_bench_result result = {0};
    struct evaluator *evaluator = NULL;
    struct search *search = NULL;
    CHECK(evaluator_hash(&evaluator, 1) == STATUS_OK);
    CHECK(search_new(&search, params) == STATUS_OK);
    void *state = memory_raw(1, game->state_bytes, "a game");
    struct rng rng;
    rng_init(&rng, 1, 0);
    game_start(game, state);
    double depth = 0;
    const double start = clock_seconds(clock);
    do {
        search_start(search, game, state, &rng);
        search_run(search, evaluator, simulations, false, 1);
        struct search_summary summary;
        search_summary(search, &summary);
        result.simulations += summary.simulations;
        result.searches++;
        result.nodes += summary.num_nodes;
        depth += summary.max_depth;
        play_on(game, state, search_choose(search, 1, &rng));
        result.seconds = clock_seconds(clock) - start;
    } while (result.seconds < seconds);
    result.simulations_per_s = (double)result.simulations / result.seconds;
    result.mean_depth = depth / (double)result.searches;
    free(state);
    search_free(search);
    evaluator_free(evaluator);
    return result;
}

static uint64_t sign_game(uint64_t hash, const struct game *game, const struct search_params *params, int simulations,
                          int batch, struct evaluator *evaluator, int plies) {
    struct search *search = NULL;
    CHECK(search_new(&search, params) == STATUS_OK);
    void *state = memory_raw(1, game->state_bytes, "a game");
    struct search_move *moves = memory_raw((size_t)game->num_actions, sizeof *moves, "a game");
    struct rng rng;
    rng_init(&rng, 7, 0);
    game_start(game, state);
    bool going = false;
    for (int ply = 0; ply < plies; ply++) {
        if (!going) search_start(search, game, state, &rng);
        search_run(search, evaluator, simulations, ply % 2 != 0, batch);
        const int n = search_moves(search, moves);
        for (int i = 0; i < n; i++) hash = rng_mix(hash ^ (uint64_t)moves[i].action << 32 ^ (uint64_t)moves[i].visits);
        const int action = search_choose(search, 0, &rng);
        going = search_advance(search, action);
        play_on(game, state, action);
    }
    free(moves);
    free(state);
    search_free(search);
    return hash;
}

uint64_t search_signature(void) {
    static const struct {
        const char *name;
        int size, simulations;
    } cases[] = {{"tictactoe", 0, 200}, {"go", 5, 300}, {"go", 9, 200}};
    struct evaluator *evaluator = NULL;
    CHECK(evaluator_hash(&evaluator, 1) == STATUS_OK);
    uint64_t hash = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct game game;
        const struct game_options options = {.height = cases[i].size, .width = cases[i].size, .komi = GAME_KOMI_DEFAULT};
        CHECK(game_open(&game, cases[i].name, &options) == STATUS_OK);
        for (int k = 0; k < 4; k++) {
            struct search_params params = search_params_default;
            params.kind = k & 1 ? SEARCH_GUMBEL : SEARCH_PUCT;
            params.stop_settled = k >> 1;
            hash = sign_game(hash, &game, &params, cases[i].simulations, k >> 1 ? 8 : 1, evaluator, 12);
        }
    }
    evaluator_free(evaluator);
    return hash;
}
