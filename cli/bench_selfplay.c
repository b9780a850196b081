// Self-play with an untrained net, without learning: what the loop's other half leaves time for.
#include "cli/bench.h"
#include "selfplay/generate.h"

#include <math.h>

enum status bench_selfplay(const struct bench *bench) {
    const struct bench_settings *s = bench->settings;
    struct config config;
    options_defaults(config_table, &config);
    config.game = bench->game.type->name;
    config.size[0] = bench->game.height;
    config.size[1] = bench->game.width;
    config.komi = bench->game.komi;
    config.backend = s->backend;
    config.threads = bench->threads;
    config.seed = s->seed;
    config.evaluations = 16; // short iterations, so that the clock is looked at often; chosen, not tuned
    struct game game;
    TRY(config_resolve(&config, &game));
    struct net *net;
    TRY(bench_net_new(bench, &net));
    const struct generate_params params = {
        .net = net, .config = &config, .game = &game, .seconds = s->seconds, .clock = bench->clock};
    struct generate_result result = {0};
    const enum status status = generate_run(&params, &result);
    if (status == STATUS_OK) {
        const struct actors_stats *stats = &result.stats;
        const double evaluations = (double)stats->evaluations / result.seconds;
        const struct figure figures[] = {
            {"games_per_s", "games/s", stats->games / result.seconds},
            {"moves_per_s", "moves/s", (double)stats->moves / result.seconds},
            {"evals_per_s", "evaluations/s", evaluations},
            {"simulations_per_s", "simulations/s", (double)stats->simulations / result.seconds},
            {"network_share", "of the time in the network", stats->net_seconds / stats->seconds},
            {"gflops", "GFLOP/s", 1e-9 * evaluations * net_flops(net, game.height, game.width)},
            {"blocks", "", s->blocks},
            {"channels", "", s->channels},
            {"slots", "", config.slots},
        };
        struct backend *backend;
        CHECK(backend_open(&backend, &(struct backend_spec){.name = s->backend}) ==
              STATUS_OK); // for its name; it has just been used
        bench_print(bench, backend_name(backend), result.seconds, figures, 9, NULL, NULL);
        backend_close(backend);
    }
    net_free(net);
    return status;
}
