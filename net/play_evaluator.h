// The evaluator of those who play with a finished net, under whatever rules.
//
// A net has weights for inputs that tell rules apart, but those for rules that it never met are as
// random as they began, and would only disturb it. So it is shown such a position as one under the
// rules that it knows best. Everything else, legal moves and results among it, stays as the rules
// at hand have it. In training a net must see what is there: use net_evaluator.h.
#ifndef NET_PLAY_EVALUATOR_H
#define NET_PLAY_EVALUATOR_H

#include "net/net_evaluator.h"

// As net_evaluator_new. The statistics of net_evaluator.h can't be asked of it.
enum status play_evaluator_new(struct evaluator **out, const struct net *net, struct backend *backend, int max_batch);

#endif
