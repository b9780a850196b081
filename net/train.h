// Training: gradients of a batch and optimiser steps, data-parallel over the shards of a batch and over devices.
//
// A step's batch is a fixed list of shards. Every device holds a replica of the weights and of the optimiser's state. Replica r
// computes the gradients of the r-th part of the shards, in order; the replicas' sums are added (net/collective.h); each makes
// the same optimiser step. The result does not depend on the number of threads, and on the number of devices to rounding only.
//
// A train is used by one thread at a time; it brings a thread a replica of its own, and host backends also use the pool.
#ifndef NET_TRAIN_H
#define NET_TRAIN_H

#include "base/pool.h"
#include "net/backend.h"
#include "net/batch.h"
#include "net/losses.h"
#include "net/net.h"
#include "net/train_state.h" // the rest of a training's manual

struct train_params {
    double learning_rate;                       // of this step; may change every step
    double beta1, beta2, epsilon, weight_decay; // AdamW [Loshchilov & Hutter 2019], decoupled
    double muon_momentum;                       // of Muon (net/muon.h) on the trunk's hidden convolutions; 0: AdamW there too
    double clip_norm;                           // gradient is scaled down to this norm; 0: not clipped
    double muon_scale;                          // Muon's rate, as a multiple of learning_rate
    double average_decay; // exponential moving average of the weights, a step; less at first: (1 + step) / (10 + step)
    bool starts_trained;  // ... but not where the first weights are worth keeping
    bool freeze_trunk;    // the trunk's blocks keep their weights, bit by bit, in the average too; stem and heads learn
    double loss_weights[NUM_LOSSES]; // in the objective
};
extern const struct train_params train_params_default;

struct train_spec {
    struct backend_spec
        backend;        // of every replica; its device and budget hold where the next two are NULL, `training` is implied
    int num_devices;    // replicas; 0: one
    const int *devices; // [num_devices]: on cuda distinct cards, elsewhere simulated devices
    struct memory_budget *budgets; // [num_devices]: of each device; borrowed
    int workers_per_device; // ref, cpu: shards that a replica computes side by side, on the pool; a card takes one at a time
    int max_shard_rows, height, width;
};

struct train;
// Trains `net` (borrowed until train_free) from its present weights. f16 is refused: its gradients would underflow.
enum status train_new(struct train **train, struct net *net, const struct train_spec *spec);
void train_free(struct train *train); // net->weights stay as they are: train_sync first to keep what was learned
const struct backend *train_backend(const struct train *train); // of the first replica, for its name and precision

// The weights live on the devices. Steps advance net->meta but leave net->weights behind, so that nothing but losses travels;
// train_sync brings net->weights up to date (at once when they are). Whoever changes net->weights after train_new calls
// train_upload, which hands them to every replica.
void train_sync(struct train *train);
void train_upload(struct train *train);

// One optimiser step over the shards. The weights, their average and the optimiser's state advance, or nothing does:
// STATUS_FORMAT when the gradient is not finite.
enum status train_step(struct train *train, struct pool *pool, struct batch *const *shards, int num_shards,
                       const struct train_params *params, struct losses *losses);
// Losses only, with the current weights.
enum status train_evaluate(struct train *train, struct pool *pool, struct batch *const *shards, int num_shards,
                           const struct train_params *params, struct losses *losses);
// Gradient only (tests): summed over the shards, [net->num_weights].
enum status train_gradient(struct train *train, struct pool *pool, struct batch *const *shards, int num_shards,
                           const struct train_params *params, float *gradient, struct losses *losses);

#endif
