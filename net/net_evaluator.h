// The net as an evaluator: encodes positions, runs the forward pass in batches, decodes the heads.
#ifndef NET_NET_EVALUATOR_H
#define NET_NET_EVALUATOR_H

#include "game/evaluator.h"
#include "net/backend.h"
#include "net/net.h"

// One a thread; `backend` too belongs to that thread. `net` is copied to the backend now and not borrowed.
// In a batch of mixed sizes each size is a pass of its own.
enum status net_evaluator_new(struct evaluator **out, const struct net *net, struct backend *backend, int max_batch);
// Takes new weights of the same config. Between judge calls only.
enum status net_evaluator_update(struct evaluator *evaluator, const struct net *net);

struct net_evaluator_stats {
    long long batches, evaluations;
};
void net_evaluator_stats(const struct evaluator *evaluator, struct net_evaluator_stats *out);

// How the trunk runs, from the first judge call on: in one launch or layer by layer, whichever was measured to be faster.
struct net_evaluator_trunk {
    bool fused;
    double fused_seconds, layered_seconds; // of one pass of max_batch boards; 0: not measured, there was no choice
};
void net_evaluator_trunk(const struct evaluator *evaluator, struct net_evaluator_trunk *out);

#endif
