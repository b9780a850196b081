// A process alone: what goes to all comes back to the one that gave it.
#include "cluster/cluster_parts.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void cluster_add_parts(const float *const *parts, int num_parts, float *total, size_t from, size_t to) {
    for (int p = 0; p < num_parts; p++)
        for (size_t i = from; i < to; i++) total[i] += parts[p][i];
}

static void one_close(struct cluster *cluster) {
    free(cluster->hosts);
    free(cluster);
}

static void one_abort(struct cluster *cluster, int exit_status) { (void)cluster, _exit(exit_status); }

static enum status one_broadcast(struct cluster *cluster, void *data, size_t num_bytes) { return STATUS_OK; }

static enum status one_gather(struct cluster *cluster, const void *data, size_t num_bytes, struct cluster_strings *all) {
    all->data = memory_raw(num_bytes, 1, "what the ranks exchange");
    all->ends = memory_raw(1, sizeof *all->ends, "what the ranks exchange");
    if (num_bytes) memcpy(all->data, data, num_bytes);
    all->ends[0] = num_bytes;
    return STATUS_OK;
}

static enum status one_sum(struct cluster *cluster, const float *const *parts, int num_parts, float *total, size_t count) {
    memset(total, 0, count * sizeof *total);
    cluster_add_parts(parts, num_parts, total, 0, count);
    return STATUS_OK;
}

static enum status one_barrier(struct cluster *cluster, double seconds) { return STATUS_OK; }

const struct cluster_verbs cluster_one_verbs = {one_close, one_abort, one_broadcast, one_gather, one_sum, one_barrier};

enum status cluster_one_open(struct cluster **out, const struct cluster_params *params) {
    struct cluster *cluster = memory_new(1, sizeof *cluster, "a cluster");
    *cluster = (struct cluster){.verbs = &cluster_one_verbs, .params = *params, .size = 1};
    cluster->hosts = memory_new(1, sizeof *cluster->hosts, "a cluster");
    gethostname(cluster->hosts[0], CLUSTER_HOST_BYTES - 1);
    *out = cluster;
    return STATUS_OK;
}
