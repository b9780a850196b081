// Training: the gradients of a batch and optimiser steps, in parallel over the shards of a batch
// and over devices.
//
// A step's batch is a fixed list of shards. Every device holds a replica of the weights and of the
// optimiser's state. Replica r computes the gradients of the r-th part of the shards, the sums of
// the replicas are added (net/collective.h), and each replica makes the same optimiser step. The
// result does not depend on the number of threads; on another number of devices it differs by
// rounding.
//
// With a cluster, every rank of a job does the same with its part of the shards. Ranks are in the
// order of their shards. The losses are those of all shards, on every rank.
//
// One thread at a time uses a struct train. It has a thread of its own for each replica, and host
// backends also use the pool.
#ifndef NET_TRAIN_H
#define NET_TRAIN_H

#include "base/thread_pool.h"
#include "cluster/cluster.h"
#include "net/backend.h"
#include "net/batch.h"
#include "net/losses.h"
#include "net/net.h"
#include "net/train_state.h" // the rest of a training's manual

struct train_params {
    double learning_rate;                       // of this step; it may change with every step
    double beta1, beta2, epsilon, weight_decay; // of AdamW [Loshchilov & Hutter 2019]
    // The momentum of Muon (net/muon.h) on the trunk's hidden convolutions. Where it is 0, AdamW
    // updates them, too.
    double muon_momentum;
    double clip_norm;  // the gradient is scaled down to this norm; 0 leaves it as it is
    double muon_scale; // Muon's rate, as a multiple of learning_rate
    // How much of the moving average of the weights each step keeps. It is less at first: at most
    // (1 + step) / (10 + step).
    double average_decay;
    bool starts_trained; // it is not less at first, since the first weights are worth keeping
    // The blocks of the trunk keep every bit of their weights, also in the average, and only stem
    // and heads learn.
    bool freeze_trunk;
    double loss_weights[NUM_LOSSES]; // in the objective
    // The rows of the whole step, where other ranks of the job have shards of it, too. 0: those of
    // the shards that are given.
    long long total_rows;
};
extern const struct train_params train_params_default;

struct train_spec {
    // What every replica opens. Its device and budget count where `devices` and `budgets` are
    // NULL, and `training` is implied.
    struct backend_spec backend;
    int num_devices; // how many replicas; 0 means one
    // [num_devices]: distinct cards on cuda, and simulated devices elsewhere
    const int *devices;
    struct memory_budget *budgets; // [num_devices], borrowed
    // How many shards a replica computes side by side on ref and cpu, with the threads of the pool.
    // A card takes one at a time.
    int workers_per_device;
    int max_shard_rows, height, width;
    // The ranks that train together, each with some of the shards of every step: borrowed, NULL: this
    // process alone. All of them make the same calls, except for the shards and what only reads.
    struct cluster *cluster;
};

struct train;
// Trains `net`, which is borrowed until train_free, from its present weights. f16 is refused with
// STATUS_USAGE, as its gradients would underflow.
enum status train_new(struct train **train, struct net *net, const struct train_spec *spec);
// Leaves net->weights as they are. To keep what was learned, call train_sync first.
void train_free(struct train *train);
// The backend of the first replica, to ask for its name and precision.
const struct backend *train_backend(const struct train *train);

// The weights are on the devices. A step advances net->meta but not net->weights, so that only
// losses travel to the host. train_sync brings net->weights up to date, and does nothing where they
// are. Whoever changes net->weights after train_new has to call train_upload, which gives them to
// every replica.
void train_sync(struct train *train);
void train_upload(struct train *train);

// Makes one optimiser step with the shards. The weights, their average and the optimiser's state
// advance, or nothing does: STATUS_FORMAT says that the gradient is not finite.
enum status train_step(struct train *train, struct thread_pool *pool, struct batch *const *shards, int num_shards,
                       const struct train_params *params, struct losses *losses);
// Computes only the losses, with the present weights.
enum status train_evaluate(struct train *train, struct thread_pool *pool, struct batch *const *shards, int num_shards,
                           const struct train_params *params, struct losses *losses);
// Computes only the gradient [net->num_weights], summed over the shards. It is for tests.
enum status train_gradient(struct train *train, struct thread_pool *pool, struct batch *const *shards, int num_shards,
                           const struct train_params *params, float *gradient, struct losses *losses);

#endif
