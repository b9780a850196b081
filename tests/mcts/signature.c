// The search does what it did before: a hash of the visits of certain searches must not change,
// except in a commit that says why.
#include "mcts/search_bench.h"
#include "tests/test.h"

static double fake_seconds(void *context) { return (*(double *)context) += 0.25; }

int main(void) {
    const unsigned long long signature = search_signature();
    EXPECT_(signature == search_signature(), "two signatures differ: %016llx", signature);
    EXPECT_(signature == 0xba4773afcf40b08full, "signature is %016llx", signature);
    double now = 0;
    const struct clock clock = {.seconds = fake_seconds, .context = &now};
    struct game game;
    if (game_open(&game, "go", &(struct game_options){.height = 9, .width = 9, .komi = GAME_KOMI_DEFAULT})) return 1;
    const struct search_bench_result r = search_bench(&game, &search_params_default, 50, 1, &clock);
    EXPECT_INT(r.searches, 4);
    EXPECT_INT(r.simulations, 200);
    EXPECT_NEAR(r.simulations_per_s, 200, 1e-9);
    return TEST_END();
}
