// One device's share of a training: its weights, its optimiser state, and the slots that compute shards. Private to net/.
#ifndef NET_REPLICA_H
#define NET_REPLICA_H

#include "net/muon.h"
#include "net/pass.h"

#include <stdatomic.h>

struct train;

struct slot { // computes one shard at a time
    struct backend *backend;
    struct pass *pass;
    bool fresh; // has the weights as they are now
};

enum { STATE_MEAN, STATE_VARIANCE, STATE_AVERAGE, NUM_STATES };

struct replica {
    struct slot *slots; // slots[0] is the primary: what follows, and the weights, live on its backend
    int num_slots;
    float *total;              // [num_weights]: gradient summed over shards, then over replicas
    float *states[NUM_STATES]; // [num_weights] each; Muon's matrices leave their variance alone
    struct muon muon;
    atomic_int next; // shard of this replica that nobody has taken yet
};

struct shard_sums {
    double losses[NUM_LOSSES], weights[NUM_LOSSES], entropy;
};

enum status replica_open(struct replica *replica, const struct train *train, const struct backend_spec *spec);
void replica_close(struct replica *replica); // also after a failed open
static inline struct slot *replica_primary(const struct replica *replica) { return &replica->slots[0]; }
// The primary takes net->weights; other slots will when they are next used.
void replica_upload(struct replica *replica, const struct net *net);
// One shard: losses, sums, and, where wanted, the gradient in the slot's pass.
void slot_run(struct slot *slot, const struct net *net, const struct batch *batch, const double scales[NUM_LOSSES],
              bool wants_gradient, struct shard_sums *sums);
struct optimiser_step {
    struct adamw_step adamw; // its decay is for tensors that decay
    struct muon_step muon;   // momentum 0: AdamW for all
    float average_decay;
    bool freeze_trunk;
};
// One step from `total`, and the average.
void replica_step(struct replica *replica, const struct net *net, const struct optimiser_step *step);

#endif
