// What a training holds beside the weights: the optimiser's state and the average, to play with and to keep on disk.
#ifndef NET_TRAIN_STATE_H
#define NET_TRAIN_STATE_H

#include "base/status.h"

struct net;
struct train;

// The averaged weights as a net (same config, meta copied), to play with.
enum status train_average(const struct train *train, struct net **out);
// Optimiser state and average, to go on after a restart, on any number of devices: one safetensors file beside the net. Saving
// syncs net->weights, which belong to it, and refuses (train_check_replicas) to save what is wrong. Loading: net->weights must
// already hold the weights that were saved with it; every replica takes them.
enum status train_save(struct train *train, const char *path);
enum status train_load(struct train *train, const char *path);
// The replicas hold the same bits, weights and state, after every step. STATUS_DEVICE says which one does not.
enum status train_check_replicas(const struct train *train);

#endif
