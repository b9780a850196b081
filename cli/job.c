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

enum status job_parse(struct cluster *cluster, const struct command *self, const struct option *table, void *settings, int argc,
                      char **argv, int min_words, int max_words, struct words *words, bool *done) {
    *done = false;
    if (cluster_rank(cluster) == 0) TRY(command_parse(self, table, settings, argc, argv, min_words, max_words, words, done));
    TRY(cluster_broadcast(cluster, done, sizeof *done));
    if (cluster_rank(cluster) == 0 || *done) return STATUS_OK;
    return command_parse(self, table, settings, argc, argv, min_words, max_words, words, done);
}

enum status job_refuse(const struct command *self) {
    struct cluster *cluster;
    if (!cluster_is_job()) return STATUS_OK;
    TRY(job_open(&cluster));
    if (cluster_rank(cluster) == 0)
        status_fail(STATUS_USAGE, "%s runs as one process: start it without mpirun or srun", self->name);
    cluster_close(cluster);
    return STATUS_USAGE;
}

int job_processors(const struct cluster *cluster) {
    const int allowed = machine_threads(), neighbours = cluster_neighbours(cluster);
    if (allowed < sysconf(_SC_NPROCESSORS_ONLN)) return allowed;
    return allowed > neighbours ? allowed / neighbours : 1;
}
