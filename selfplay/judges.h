// The net on every worker, as self-play wants it. Where devices are shared (cards, or several
// simulated ones), each device has one batcher, and the workers are dealt out over them. Elsewhere
// each worker has one backend and one evaluator.
#ifndef SELFPLAY_JUDGES_H
#define SELFPLAY_JUDGES_H

#include "base/clock.h"
#include "game/evaluator.h"
#include "net/batcher.h"
#include "net/devices.h"
#include "net/net.h"
#include "selfplay/config.h"

struct judges {
    int num;                       // The number of workers.
    struct evaluator **evaluators; // [num]
    struct backend **backends;     // [num], or NULL
    int num_batchers;
    struct batcher **batchers; // [num_batchers], or NULL
};

// The workers that self-play should have: config->threads (resolved), or twice as many where a
// device is shared, so that some search while others wait; at least one for each device.
int judges_workers(const struct config *config, const struct devices *devices);

// `devices` and `clock` are borrowed. After a failure there is nothing to free; judges_done is fine
// on a zeroed struct.
enum status judges_init(struct judges *judges, const struct config *config, struct devices *devices, const struct game *game,
                        const struct net *net, int num_workers, const struct clock *clock);
void judges_done(struct judges *judges);
// Takes new weights of the same shape. Nobody may be judging meanwhile.
enum status judges_update(struct judges *judges, const struct net *net);

// One of the backends, for its name and precision.
const struct backend *judges_backend(const struct judges *judges);
// Sums over the devices, except that busy_seconds is their mean. False: no device is shared.
bool judges_stats(const struct judges *judges, struct batcher_stats *out);

#endif
