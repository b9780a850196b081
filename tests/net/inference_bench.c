// Law: the bench of ready batches evaluates whole batches on every backend and frees everything.
// How long it takes is not tested.
#include "net/inference_bench.h"
#include "tests/net/backends.h"
#include "tests/net/support.h"

#include <time.h>

enum { BATCH = 5 };

static double monotonic(void *context) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void check(const struct tested *t, const void *context) {
    const struct clock clock = {.seconds = monotonic};
    struct game game;
    struct position positions[BATCH];
    struct inference_result result;
    EXPECT_INT(game_open(&game, "go", &(struct game_options){.height = 5, .width = 5, .komi = GAME_KOMI_DEFAULT}), STATUS_OK);
    void *state = malloc(game.state_bytes);
    game_start(&game, state);
    for (int i = 0; i < BATCH; i++) positions[i] = (struct position){&game, state, i};
    const struct net_config config = net_config_for(&game, 2, 16);
    struct net *net = lively_net(&config, 5);
    EXPECT_INT(inference_bench(net, &t->spec, positions, BATCH, 0.05, &clock, &result), STATUS_OK);
    EXPECT(result.evaluations > 0 && result.evaluations % BATCH == 0 && result.seconds > 0);
    net_free(net);
    free(state);
}

int main(void) {
    EXPECT(for_each_backend(check, NULL) > 0);
    return TEST_END();
}
