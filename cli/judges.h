// A net opened so that an analyst (gtp/analyst.h) keeps the machine busy with it.
#ifndef CLI_JUDGES_H
#define CLI_JUDGES_H

#include "gtp/analyst.h"
#include "net/backend.h"
#include "net/net.h"

struct judges {
    int num;
    struct backend *backends[ANALYST_MAX_JUDGES];
    struct evaluator *evaluators[ANALYST_MAX_JUDGES];
};
// Opens `threads` evaluators for batches of `batch`; 0 threads: as many as there are processors,
// and on a card, which would be idle while a single one encodes, a few. They must be closed after
// failures, too.
enum status judges_open(struct judges *judges, const struct net *net, const char *backend, int batch, int threads);
void judges_close(struct judges *judges);

#endif
