// Which implementation is meant, and what both have in common.
//
// A launcher is known by the variables that it sets for each process. Open MPI and MPICH name them
// differently; srun sets SLURM_STEP_NUM_TASKS whatever MPI it works with. A batch script of Slurm
// has SLURM_NTASKS without being one of several, so that this one is not asked.
#include "cluster/cluster_parts.h"

#include <stdlib.h>
#include <string.h>

// The number of processes that a launcher has started with this one; 1 where there was none.
static int launched(void) {
    static const char *const names[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *text = getenv(names[i]);
        if (text && atoi(text) > 1) return atoi(text);
    }
    return 1;
}

bool cluster_is_job(void) { return launched() > 1; }

enum status cluster_open(struct cluster **out, const struct cluster_params *params) {
    *out = NULL;
    const int size = launched();
    if (size == 1) return cluster_one_open(out, params);
#ifdef TENGEN_MPI
    TRY(cluster_mpi_open(out, params));
    if (cluster_size(*out) == 1) {
        cluster_close(*out);
        *out = NULL;
        return status_fail(STATUS_UNSUPPORTED,
                           "%d processes were started together, but this one's MPI meets none of them: "
                           "mpirun has to be of the MPI that Tengen was built with, and srun may need --mpi=pmix",
                           size);
    }
    return STATUS_OK;
#else
    return status_fail(STATUS_UNSUPPORTED,
                       "%d processes were started together, but this program was built without MPI "
                       "(Debian: libopenmpi-dev)",
                       size);
#endif
}

static const struct cluster_verbs *verbs_of(const struct cluster *cluster) {
    return cluster ? cluster->verbs : &cluster_one_verbs;
}

void cluster_close(struct cluster *cluster) {
    if (cluster) cluster->verbs->close(cluster);
}

void cluster_abort(struct cluster *cluster, int exit_status) {
    verbs_of(cluster)->abort(cluster, exit_status);
    abort();
}

int cluster_rank(const struct cluster *cluster) { return cluster ? cluster->rank : 0; }
int cluster_size(const struct cluster *cluster) { return cluster ? cluster->size : 1; }

const char *cluster_host(const struct cluster *cluster, int rank) {
    CHECK(rank >= 0 && rank < cluster_size(cluster));
    return cluster ? cluster->hosts[rank] : "this host";
}

int cluster_neighbours(const struct cluster *cluster) {
    int n = 0;
    for (int i = 0; i < cluster_size(cluster); i++)
        n += !strcmp(cluster_host(cluster, i), cluster_host(cluster, cluster_rank(cluster)));
    return n;
}

const volatile bool *cluster_stop(const struct cluster *cluster) {
    if (!cluster) return NULL;
    return cluster->size == 1 ? cluster->params.stop : &cluster->stop;
}

enum status cluster_broadcast(struct cluster *cluster, void *data, size_t num_bytes) {
    return verbs_of(cluster)->broadcast(cluster, data, num_bytes);
}

enum status cluster_gather(struct cluster *cluster, const void *data, size_t num_bytes, struct cluster_strings *all) {
    *all = (struct cluster_strings){0};
    return verbs_of(cluster)->gather(cluster, data, num_bytes, all);
}

void cluster_strings_done(struct cluster_strings *strings) {
    free(strings->data);
    free(strings->ends);
    *strings = (struct cluster_strings){0};
}

enum status cluster_sum(struct cluster *cluster, const float *const *parts, int num_parts, float *total, size_t count) {
    return verbs_of(cluster)->sum(cluster, parts, num_parts, total, count);
}

enum status cluster_barrier(struct cluster *cluster, double seconds) { return verbs_of(cluster)->barrier(cluster, seconds); }

struct cluster_traffic cluster_traffic(const struct cluster *cluster) {
    return cluster ? cluster->traffic : (struct cluster_traffic){0};
}
