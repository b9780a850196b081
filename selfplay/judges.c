// Workers that each have a net of their own judge at once; workers that share a device hand their
// positions to its batcher, and each waits until the batch that holds them has landed.
#include "selfplay/judges.h"

#include "base/memory.h"
#include "net/net_evaluator.h"

#include <stdlib.h>

// Positions in one pass of a worker's net. It was chosen: larger ones gain nothing on a processor
// core.
enum { BATCH_MAX = 64 };

// Several simulated devices share as cards do, so that the same path runs where there is no card.
static bool shares(const struct devices *devices) { return devices->cards || devices->num > 1; }

int judges_workers(const struct config *config, const struct devices *devices) {
    CHECK(config->threads >= 1);
    if (!shares(devices)) return config->threads;
    const int workers = 2 * config->threads; // It was chosen: as many workers wait as search.
    return workers > devices->num ? workers : devices->num;
}

static enum status open_batchers(struct judges *judges, const struct config *config, struct devices *devices,
                                 const struct game *game, const struct net *net, const struct clock *clock) {
    // A batch is no larger than what the slots of a device can fill with all its batches in flight.
    const int fill = (config->slots + devices->num * PLAY_BATCHES - 1) / (devices->num * PLAY_BATCHES);
    struct batcher_params params = {.flights = PLAY_BATCHES,
                                    .max_batch = fill < config->play_batch ? fill : config->play_batch,
                                    .max_clients = judges->num,
                                    .height = game->height,
                                    .width = game->width,
                                    .clock = clock};
    judges->batchers = memory_new((size_t)devices->num, sizeof(struct batcher *), "batchers");
    for (int i = 0; i < devices->num; i++) {
        params.backend = devices_spec(devices, i, false);
        params.backend.trunk = TRUNK_MEASURED;
        TRY(batcher_new(&judges->batchers[i], net, &params));
        judges->num_batchers++;
    }
    for (int i = 0; i < judges->num; i++) TRY(batcher_client(judges->batchers[i % devices->num], &judges->evaluators[i]));
    return STATUS_OK;
}

static enum status open_backends(struct judges *judges, const struct config *config, struct devices *devices,
                                 const struct net *net) {
    const int share = (config->slots + judges->num - 1) / judges->num;
    const struct backend_spec spec = devices_spec(devices, 0, false);
    judges->backends = memory_new((size_t)judges->num, sizeof *judges->backends, "backends");
    for (int i = 0; i < judges->num; i++) {
        TRY(backend_open(&judges->backends[i], &spec));
        TRY(net_evaluator_new(&judges->evaluators[i], net, judges->backends[i], share < BATCH_MAX ? share : BATCH_MAX));
    }
    return STATUS_OK;
}

enum status judges_init(struct judges *judges, const struct config *config, struct devices *devices, const struct game *game,
                        const struct net *net, int num_workers, const struct clock *clock) {
    *judges = (struct judges){.num = num_workers};
    judges->evaluators = memory_new((size_t)num_workers, sizeof *judges->evaluators, "evaluators");
    const enum status status = shares(devices) ? open_batchers(judges, config, devices, game, net, clock)
                                               : open_backends(judges, config, devices, net);
    if (status != STATUS_OK) judges_done(judges);
    return status;
}

void judges_done(struct judges *judges) {
    for (int i = 0; i < judges->num; i++) {
        evaluator_free(judges->evaluators[i]);
        if (judges->backends) backend_close(judges->backends[i]);
    }
    for (int i = 0; i < judges->num_batchers; i++) batcher_free(judges->batchers[i]);
    free(judges->evaluators);
    free(judges->backends);
    free(judges->batchers);
    *judges = (struct judges){0};
}

enum status judges_update(struct judges *judges, const struct net *net) {
    for (int i = 0; i < judges->num_batchers; i++) batcher_update(judges->batchers[i], net);
    for (int i = 0; i < judges->num && judges->backends; i++) TRY(net_evaluator_update(judges->evaluators[i], net));
    return STATUS_OK;
}

const struct backend *judges_backend(const struct judges *judges) {
    return judges->backends ? judges->backends[0] : batcher_backend(judges->batchers[0]);
}

bool judges_stats(const struct judges *judges, struct batcher_stats *out) {
    *out = (struct batcher_stats){0};
    for (int i = 0; i < judges->num_batchers; i++) {
        struct batcher_stats one;
        batcher_stats(judges->batchers[i], &one);
        out->batches += one.batches;
        out->evaluations += one.evaluations;
        out->rows += one.rows;
        out->most_flying = one.most_flying > out->most_flying ? one.most_flying : out->most_flying;
        out->max_batch = one.max_batch;
        out->busy_seconds += one.busy_seconds / judges->num_batchers;
        out->fused |= one.fused;
    }
    return judges->num_batchers > 0;
}
