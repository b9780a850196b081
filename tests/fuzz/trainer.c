// Any bytes are loaded as the optimiser's state of a run.
#include "net/train.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t num_bytes) {
    static struct net *net;
    static struct train *train;
    char path[PATH_BYTES];
    if (!train) {
        struct game game;
        struct rng rng;
        const struct game_options options = {.komi = GAME_KOMI_DEFAULT};
        CHECK(game_open(&game, "tictactoe", &options) == STATUS_OK);
        const struct net_config config = net_config_for(&game, 1, 8);
        rng_init(&rng, 1, 0);
        CHECK(net_new(&net, &config, &rng) == STATUS_OK);
        const struct train_spec spec = {.backend = {.name = "ref", .training = true},
                                        .workers_per_device = 1,
                                        .max_shard_rows = 2,
                                        .height = 3,
                                        .width = 3};
        CHECK(train_new(&train, net, &spec) == STATUS_OK);
    }
    if (train_load(train, fuzz_file(path, "trainer.safetensors", data, num_bytes)) == STATUS_OK)
        CHECK(train_check_replicas(train) == STATUS_OK);
    return 0;
}
