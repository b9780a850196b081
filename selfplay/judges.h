// The net on every worker, as self-play wants it: where devices are shared (cards, or several simulated ones), one batcher a device
// with the workers dealt out over them; else one backend and one evaluator a worker.
#ifndef SELFPLAY_JUDGES_H
#define SELFPLAY_JUDGES_H

#include "base/clock.h"
#include "game/evaluator.h"
#include "net/batcher.h"
#include "net/devices.h"
#include "net/net.h"
#include "selfplay/config.h"

struct judges {
    int num;                       // workers
    struct evaluator **evaluators; // [num]
    struct backend **backends;     // [num], or NULL
    int num_batchers;
    struct batcher **batchers; // [num_batchers], or NULL
};

// Workers that self-play should have: config->threads (resolved), or twice as many where a device is shared, so that some search
// while others wait; at least one a device.
int judges_workers(const struct config *config, const struct devices *devices);

// `devices` and `clock` are borrowed. A failed init owes nothing; done is fine on a zeroed struct.
enum status judges_init(struct judges *judges, const struct config *config, struct devices *devices, const struct game *game,
                        const struct net *net, int num_workers, const struct clock *clock);
void judges_done(struct judges *judges);
// Takes new weights of the same shape; nobody may be judging.
enum status judges_update(struct judges *judges, const struct net *net);

const struct backend *judges_backend(const struct judges *judges); // of one of them, for its name and precision
// Sums over the devices; busy_seconds is their mean. False: no device is shared.
bool judges_stats(const struct judges *judges, struct batcher_stats *out);

#endif
