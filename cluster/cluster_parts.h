// What cluster.c and the implementations share. Private to cluster/.
#ifndef CLUSTER_CLUSTER_PARTS_H
#define CLUSTER_CLUSTER_PARTS_H

#include "cluster/cluster.h"

enum { CLUSTER_HOST_BYTES = 64 };

// Each verb is the function of cluster.h with its name.
struct cluster_verbs {
    void (*close)(struct cluster *cluster);
    void (*abort)(struct cluster *cluster, int exit_status);
    enum status (*broadcast)(struct cluster *cluster, void *data, size_t num_bytes);
    enum status (*gather)(struct cluster *cluster, const void *data, size_t num_bytes, struct cluster_strings *all);
    enum status (*sum)(struct cluster *cluster, const float *const *parts, int num_parts, float *total, size_t count);
    enum status (*barrier)(struct cluster *cluster, double seconds);
};

struct cluster {
    const struct cluster_verbs *verbs;
    struct cluster_params params;
    int rank, size;
    char (*hosts)[CLUSTER_HOST_BYTES]; // [size]
    volatile bool stop;                // on any rank; of a process alone, params.stop counts instead
    struct cluster_traffic traffic;
};

extern const struct cluster_verbs cluster_one_verbs;
// Adds the parts to `total` from element `from` up to `to`, in their order.
void cluster_add_parts(const float *const *parts, int num_parts, float *total, size_t from, size_t to);
enum status cluster_one_open(struct cluster **out, const struct cluster_params *params);
enum status cluster_mpi_open(struct cluster **out, const struct cluster_params *params);

#endif
