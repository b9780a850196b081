// The net on every worker: one backend and one evaluator a thread, as self-play wants them.
#ifndef SELFPLAY_JUDGES_H
#define SELFPLAY_JUDGES_H

#include "game/evaluator.h"
#include "net/net.h"
#include "selfplay/config.h"

struct judges {
    int num; // workers
    struct backend **backends;
    struct evaluator **evaluators; // [num]
};

// Opens config->backend once a worker. A failed init owes nothing; done is fine on a zeroed struct.
enum status judges_init(struct judges *judges, const struct config *config, const struct net *net, int num_workers);
void judges_done(struct judges *judges);
// Takes new weights of the same shape; nobody may be judging.
enum status judges_update(struct judges *judges, const struct net *net);

#endif
