// One device's share of a training: its weights, its optimiser state, and the runners that compute
// shards. Private to net/.
#ifndef NET_REPLICA_H
#define NET_REPLICA_H

#include "net/muon.h"
#include "net/pass.h"

#include <stdatomic.h>

struct train;

struct runner { // what computes one shard at a time
    struct backend *backend;
    struct pass *pass;
    bool fresh; // whether it has the present weights
};

enum { STATE_MEAN, STATE_VARIANCE, STATE_AVERAGE, NUM_STATES };

struct replica {
    // runners[0] is the primary: the weights, and the arrays below, are on its backend.
    struct runner *runners;
    int num_runners;
    float *total; // [num_weights]: the gradient, summed over shards and then over replicas
    // [num_weights] each; the variance of Muon's matrices is not used
    float *states[NUM_STATES];
    struct muon muon;
    atomic_int next; // the next shard of this replica that no runner has taken yet
};

struct shard_sums {
    double losses[NUM_LOSSES], weights[NUM_LOSSES], entropy;
};

enum status replica_open(struct replica *replica, const struct train *train, const struct backend_spec *spec);
void replica_close(struct replica *replica); // also after a failed replica_open
static inline struct runner *replica_primary(const struct replica *replica) { return &replica->runners[0]; }
// The primary takes net->weights. The other runners take them when they are next used.
void replica_upload(struct replica *replica, const struct net *net);
// Computes the losses and sums of one shard and, where asked for, the gradient, which is then in
// runner->pass.
void runner_run(struct runner *runner, const struct net *net, const struct batch *batch, const double scales[NUM_LOSSES],
                bool wants_gradient, struct shard_sums *sums);
struct optimiser_step {
    struct adamw_step adamw; // its decay applies to tensors that decay
    struct muon_step muon;   // where its momentum is 0, AdamW updates all tensors
    float average_decay;
    bool freeze_trunk;
};
// Makes one optimiser step with the gradient in `total`, and updates the average.
void replica_step(struct replica *replica, const struct net *net, const struct optimiser_step *step);

#endif
