// What a training consists of, for train.c, replica.c and train_state.c, and for tests that damage
// a replica.
#ifndef NET_TRAIN_PARTS_H
#define NET_TRAIN_PARTS_H

#include "base/thread_pool.h"
#include "cluster/cluster.h"
#include "net/collective.h"
#include "net/replica.h"
#include "net/train.h"

struct train {
    struct net *net; // borrowed
    bool synced;     // whether net->weights are those of the replicas
    int num_replicas, runners_each, max_rows, height, width;
    struct replica *replicas;
    struct collective *collective;
    struct cluster *cluster;   // borrowed; NULL: one process
    bool apart;                // whether the gradients of shards are kept apart, on the host
    struct thread_pool *ranks; // one thread for each replica; NULL where there is only one
    struct shard_sums *sums;
    int max_shards;
    float **gradients; // [max_shards][num_weights] on the host, where they are kept apart
    float **totals;    // [num_replicas][num_weights] on the host, likewise
    long long step;
};

#endif
