// The speed of self-play with an untrained net and without learning. A training reaches it while it
// plays, and spends the rest of its time on learning.
#include "cli/bench.h"
#include "cli/machine.h"
#include "selfplay/generate.h"

#include <math.h>
#include <sys/resource.h>

static void settings_to_config(const struct bench *bench, const struct devices *devices, struct config *config) {
    const struct bench_settings *s = bench->settings;
    options_defaults(config_table, config);
    config->game = bench->game.type->name;
    config->size[0] = bench->game.height;
    config->size[1] = bench->game.width;
    config->komi = bench->game.komi;
    config->rules = bench->game.rules;
    config->backend = s->backend;
    config->devices = s->devices;
    config->precision = s->precision;
    config->vram = s->vram;
    config->threads = s->threads ? s->threads : devices->cards ? machine_threads() : 1;
    config->seed = s->seed;
    // Short iterations, since the clock is looked at between them; chosen, not tuned.
    config->evaluations = 16;
}

// The processor time that all threads of this process have used.
static double processor_seconds(void) {
    struct rusage use;
    CHECK(getrusage(RUSAGE_SELF, &use) == 0);
    return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) + 1e-6 * (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec);
}

static void report(const struct bench *bench, const struct config *config, const struct devices *devices, const struct net *net,
                   const struct generate_result *result, double processor) {
    const struct actors_stats *stats = &result->stats;
    const struct batcher_stats *b = &result->batches;
    const double evaluations = (double)stats->evaluations / result->seconds, simulations = (double)stats->simulations;
    const double batches = (double)b->batches;
    const struct figure figures[] = {
        {"games_per_s", "games/s", stats->games / result->seconds},
        {"moves_per_s", "moves/s", (double)stats->moves / result->seconds},
        {"evals_per_s", "evaluations/s", evaluations},
        {"simulations_per_s", "simulations/s", simulations / result->seconds},
        {"network_share", "of the time in the network", stats->net_seconds / stats->seconds},
        // The first is the time of a worker outside the network. The second is that of all
        // processors, including what they do for the network.
        {"search_us", "us of search a simulation", 1e6 * (stats->seconds - stats->net_seconds) / simulations},
        {"processor_us", "us of processors a simulation", 1e6 * processor / simulations},
        {"gflops", "GFLOP/s", 1e-9 * evaluations * net_flops(net, config->size[0], config->size[1])},
        {"batch_fill", "of a batch filled", result->shared ? (double)b->evaluations / (batches * b->max_batch) : NAN},
        {"device_share", "of the time devices busy", result->shared ? b->busy_seconds / result->seconds : NAN},
        {"batch", "", result->shared ? b->max_batch : NAN},
        {"devices", "", devices->num},
        {"workers", "", result->workers},
        {"blocks", "", bench->settings->blocks},
        {"channels", "", bench->settings->channels},
        {"slots", "", config->slots},
    };
    bench_print(bench, result->backend, result->seconds, figures, sizeof figures / sizeof figures[0], "precision",
                result->precision);
}

enum status bench_selfplay(const struct bench *bench) {
    struct devices devices;
    struct config config;
    struct game game;
    struct net *net;
    TRY(bench_devices(bench, &devices));
    settings_to_config(bench, &devices, &config);
    TRY(config_resolve(&config, &game));
    TRY(bench_net_new(bench, &net));
    const struct generate_params params = {
        .net = net, .config = &config, .game = &game, .seconds = bench->settings->seconds, .clock = bench->clock};
    struct generate_result result = {0};
    struct bench shown = *bench;
    shown.threads = config.threads;
    const double before = processor_seconds();
    const enum status status = generate_run(&params, &result);
    if (status == STATUS_OK) report(&shown, &config, &devices, net, &result, processor_seconds() - before);
    net_free(net);
    return status;
}
