// The net as an evaluator for one thread: it encodes positions, runs the forward pass in batches,
// and decodes the heads. batcher.h is for many threads.
#ifndef NET_NET_EVALUATOR_H
#define NET_NET_EVALUATOR_H

#include "game/evaluator.h"
#include "net/backend.h"
#include "net/net.h"

// One thread uses an evaluator and its `backend`. `net` is copied to the backend and not borrowed.
// Where a batch has boards of several sizes, each size is a pass of its own.
enum status net_evaluator_new(struct evaluator **out, const struct net *net, struct backend *backend, int max_batch);
// Takes new weights of the same config. It must not be called during a judge call.
enum status net_evaluator_update(struct evaluator *evaluator, const struct net *net);

struct net_evaluator_stats {
    long long batches, evaluations;
};
void net_evaluator_stats(const struct evaluator *evaluator, struct net_evaluator_stats *out);

// How the trunk runs, which is known after the first judge call: in one launch or layer by layer,
// whichever was measured to be faster.
struct net_evaluator_trunk {
    bool fused;
    // The time of one pass of max_batch boards in either way; 0 where it was not measured because
    // there was no choice.
    double fused_seconds, layered_seconds;
};
void net_evaluator_trunk(const struct evaluator *evaluator, struct net_evaluator_trunk *out);

#endif
