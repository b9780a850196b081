// The policy and value heads (net/net.h), and where their outputs are. Private to net/.
#ifndef NET_HEADS_H
#define NET_HEADS_H

#include "net/layers.h"

extern const struct layer_kind heads_policy, heads_value;

// The policies in logits [NUM_POLICIES, n, actions].
enum { POLICY_MOVE, POLICY_REPLY, NUM_POLICIES };

// The columns of the value outputs [n, heads_value_outputs].
enum value_column {
    VALUE_RESULT = 0, // 3 logits: win, draw and loss for the mover
    VALUE_SHORT = 3,  // 3 logits: the same in the short term
    VALUE_SCORE = 6,  // the mover's margin in tens of points, where the game has a score
    VALUE_END = 7,
};
static inline int heads_value_outputs(const struct net_config *c) { return c->has_score ? VALUE_END : VALUE_SCORE; }

#endif
