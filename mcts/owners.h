// What the evaluator thinks of the owner of every point, kept for the nodes of a tree: one byte for
// a point, beside the tree, which knows nothing of it. One thread at a time may use it.
#ifndef MCTS_OWNERS_H
#define MCTS_OWNERS_H

#include "mcts/tree.h"

#include <stddef.h>

enum {
    OWNERS_SCALE = 127,   // the byte of a point that is certainly the first player's
    OWNERS_UNKNOWN = -128 // the first byte of a node of which nothing is known
};

struct owners {
    int8_t *bytes; // [max_nodes, points]
    size_t capacity;
    int num_points; // 0: nothing is kept
};

void owners_done(struct owners *owners);
// Keeps so many points for each node from now on, of which all in the tree are unknown; 0: keeps
// nothing.
void owners_begin(struct owners *owners, int num_points, const struct tree *tree);
// Makes room for a node that was added to the tree, which is unknown at first.
void owners_add(struct owners *owners, const struct tree *tree, uint32_t node);
// ownership: [num_points], from +1 to -1 for the mover; to_move: who that is.
void owners_set(struct owners *owners, uint32_t node, const float *ownership, int to_move);
// Where the game is over: [num_points], +1 the first player's, -1 the second's.
void owners_set_exact(struct owners *owners, uint32_t node, const int8_t *owner);
// Follows tree_advance of a tree that had so many nodes.
void owners_follow(struct owners *owners, const struct tree *tree, uint32_t num_nodes_before);
// The bytes of a node, from the first player's view; NULL: they are unknown.
static inline const int8_t *owners_of(const struct owners *owners, uint32_t node) {
    const int8_t *bytes = owners->num_points ? owners->bytes + (size_t)node * (size_t)owners->num_points : NULL;
    return bytes && bytes[0] != OWNERS_UNKNOWN ? bytes : NULL;
}

#endif
