// Each evaluator on a card has a backend, and so a stream, of its own.
#include "cli/judges.h"

#include "cli/machine.h"
#include "net/play_evaluator.h"

#include <string.h>

enum { JUDGES_OF_A_CARD = 3 }; // one encodes, one computes, one decodes

enum status judges_open(struct judges *j, const struct net *net, const char *backend, int batch, int threads) {
    memset(j, 0, sizeof *j);
    const int processors = machine_threads(), most = processors < ANALYST_MAX_JUDGES ? processors : ANALYST_MAX_JUDGES;
    const int num = threads ? threads : !strcmp(backend_resolve(backend), "cuda") ? JUDGES_OF_A_CARD : most;
    for (int i = 0; i < num; i++) {
        TRY(backend_open(&j->backends[i], &(struct backend_spec){.name = backend}));
        j->num++;
        TRY(play_evaluator_new(&j->evaluators[i], net, j->backends[i], batch));
    }
    return STATUS_OK;
}

void judges_close(struct judges *j) {
    for (int i = 0; i < j->num; i++) {
        evaluator_free(j->evaluators[i]);
        if (j->backends[i]) backend_close(j->backends[i]);
    }
    j->num = 0;
}
