// What a training is made of: for train.c, replica.c and train_state.c, and for tests that do harm to a replica.
#ifndef NET_TRAIN_PARTS_H
#define NET_TRAIN_PARTS_H

#include "base/pool.h"
#include "net/collective.h"
#include "net/replica.h"
#include "net/train.h"

struct train {
    struct net *net; // borrowed
    bool synced;     // net->weights are those of the replicas
    int num_replicas, slots_each, max_rows, height, width;
    struct replica *replicas;
    struct collective *collective;
    struct pool *ranks; // a thread a replica, so that all of them meet; NULL where there is one
    struct shard_sums *sums;
    int max_shards;
    float **gradients; // [max_shards][num_weights], host; with several slots a replica
    float **totals;    // [num_replicas][num_weights], host; likewise
    long long step;
};

#endif
