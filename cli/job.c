// A failure of one rank is the end of all: the others wait for it.
#include "cli/job.h"

#include "cli/machine.h"
#include "cli/stop.h"

#include <stdio.h>
#include <unistd.h>

enum status job_open(struct cluster **cluster) {
    return cluster_open(cluster, &(struct cluster_params){.clock = machine_clock(), .stop = stop_on_signals()});
}

void job_close(struct cluster *cluster, enum status status) {
    const bool failed = status != STATUS_OK && status != STATUS_CANCELLED;
    if (failed && cluster_size(cluster) > 1) {
        fflush(stdout);
        cluster_abort(cluster, status == STATUS_USAGE ? 2 : 1);
    }
    cluster_close(cluster);
}

int job_processors(const struct cluster *cluster) {
    const int allowed = machine_threads(), neighbours = cluster_neighbours(cluster);
    if (allowed < sysconf(_SC_NPROCESSORS_ONLN)) return allowed;
    return allowed > neighbours ? allowed / neighbours : 1;
}
