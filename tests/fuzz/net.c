// Any bytes are read as a net. If the first byte is 0, the rest is a file. Otherwise the rest is
// weights in a file with a correct digest, and the net must be refused or judge a position with
// finite numbers.
#include "net/backend.h"
#include "net/net_evaluator.h"
#include "tests/fuzz/fuzz.h"

#include <math.h>

static void judge(const struct net *net, const struct game *game) {
    struct backend *backend;
    struct evaluator *evaluator;
    uint64_t state[64];
    float logits[16];
    CHECK(game->state_bytes <= (int)sizeof state && game->num_actions <= 16);
    CHECK(backend_open(&backend, &(struct backend_spec){.name = "ref"}) == STATUS_OK);
    CHECK(net_evaluator_new(&evaluator, net, backend, 1) == STATUS_OK);
    game_start(game, state);
    const struct position position = {.game = game, .state = state};
    struct judgement judgement = {.logits = logits};
    evaluator_judge(evaluator, 1, &position, &judgement);
    for (int i = 0; i < game->num_actions; i++) CHECK(isfinite(logits[i]));
    for (int i = 0; i < 3; i++) CHECK(isfinite(judgement.wdl[i]));
    evaluator_free(evaluator);
    backend_close(backend);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t num_bytes) {
    char path[PATH_BYTES];
    struct game game;
    struct net *net;
    const struct game_options options = {.komi = GAME_KOMI_DEFAULT};
    if (num_bytes < 1) return 0;
    CHECK(game_open(&game, "tictactoe", &options) == STATUS_OK);
    if (data[0] == 0) {
        fuzz_file(path, "net.safetensors", data + 1, num_bytes - 1);
    } else {
        struct rng rng;
        const struct net_config config = net_config_for(&game, 1, 8);
        rng_init(&rng, 1, 0);
        CHECK(net_new(&net, &config, &rng) == STATUS_OK);
        snprintf(net->meta.game, sizeof net->meta.game, "tictactoe");
        net->meta.min_size = net->meta.max_size = 3;
        const size_t most = net->num_weights * sizeof(float);
        memcpy(net->weights, data + 1, num_bytes - 1 < most ? num_bytes - 1 : most);
        path_format(path, "%.2000s/net.safetensors", fuzz_make_folder());
        const enum status saved = net_save(net, path);
        net_free(net);
        if (saved) return 0;
    }
    if (net_load(&net, path) == STATUS_OK) {
        if (net_check_game(net, &game, path) == STATUS_OK) judge(net, &game);
        net_free(net);
    }
    return 0;
}
