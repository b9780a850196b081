#include "selfplay/judges.h"

#include "net/backend.h"
#include "net/net_evaluator.h"

#include <stdlib.h>

enum { BATCH_MAX = 64 }; // chosen: positions in one pass of a worker's net; larger gains nothing on a processor core

enum status judges_init(struct judges *judges, const struct config *config, const struct net *net, int num_workers) {
    const int share = (config->slots + num_workers - 1) / num_workers;
    *judges = (struct judges){.num = num_workers};
    judges->backends = calloc((size_t)num_workers, sizeof *judges->backends);
    judges->evaluators = calloc((size_t)num_workers, sizeof *judges->evaluators);
    CHECK(judges->backends && judges->evaluators);
    enum status status = STATUS_OK;
    for (int i = 0; i < num_workers && status == STATUS_OK; i++) {
        status = backend_open(&judges->backends[i], &(struct backend_spec){.name = config->backend});
        if (status == STATUS_OK)
            status = net_evaluator_new(&judges->evaluators[i], net, judges->backends[i], share < BATCH_MAX ? share : BATCH_MAX);
    }
    if (status != STATUS_OK) judges_done(judges);
    return status;
}

void judges_done(struct judges *judges) {
    for (int i = 0; i < judges->num; i++) {
        evaluator_free(judges->evaluators[i]);
        if (judges->backends[i]) backend_close(judges->backends[i]);
    }
    free(judges->evaluators);
    free(judges->backends);
    *judges = (struct judges){0};
}

enum status judges_update(struct judges *judges, const struct net *net) {
    for (int i = 0; i < judges->num; i++) TRY(net_evaluator_update(judges->evaluators[i], net));
    return STATUS_OK;
}
