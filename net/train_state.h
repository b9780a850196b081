// What a training holds beside the weights: the optimiser's state, and the average of the weights,
// which plays. Both are kept on disk. The thread that uses the training calls these functions.
#ifndef NET_TRAIN_STATE_H
#define NET_TRAIN_STATE_H

#include "base/status.h"

struct net;
struct train;

// Makes a net of the averaged weights, with the same config and a copy of the meta. It is the net
// that plays.
enum status train_average(const struct train *train, struct net **out);
// Write and read the optimiser's state and the average, as one safetensors file beside the net, so
// that a training goes on after a restart, on any number of devices. train_save first syncs
// net->weights, which belong to the state, and saves nothing where train_check_replicas fails.
// train_load needs the weights that were saved with the state in net->weights, and gives them to
// every replica.
enum status train_save(struct train *train, const char *path);
enum status train_load(struct train *train, const char *path);
// Checks that all replicas hold the same bits of weights and state, as they should after every
// step. STATUS_DEVICE says which one does not.
enum status train_check_replicas(const struct train *train);
// Every rank of a job takes weights, state, average and counters of rank 0. Alone it does nothing.
enum status train_share(struct train *train);
// Where a rank's weights have come to differ from those of rank 0, as processors that round
// differently make them, all take those of rank 0 again. *num_differed (may be NULL): on how many
// ranks they did.
enum status train_agree(struct train *train, int *num_differed);

#endif
