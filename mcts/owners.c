// One array of bytes in the order of the tree's nodes. It grows with the tree and moves with it.
#include "mcts/owners.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int8_t *row(const struct owners *owners, uint32_t node) {
    return owners->bytes + (size_t)node * (size_t)owners->num_points;
}

// Makes room for all nodes that the tree can hold before it grows itself.
static void fit(struct owners *owners, const struct tree *tree) {
    const size_t wanted = (size_t)tree->max_nodes * (size_t)owners->num_points;
    if (wanted <= owners->capacity) return;
    owners->bytes = memory_resize(owners->bytes, wanted, 1, "the owners of a search tree");
    owners->capacity = wanted;
}

void owners_done(struct owners *owners) {
    free(owners->bytes);
    memset(owners, 0, sizeof *owners);
}

void owners_begin(struct owners *owners, int num_points, const struct tree *tree) {
    owners->num_points = num_points;
    if (!num_points) return;
    fit(owners, tree);
    for (uint32_t i = 0; i < tree->num_nodes; i++) row(owners, i)[0] = OWNERS_UNKNOWN;
}

void owners_add(struct owners *owners, const struct tree *tree, uint32_t node) {
    if (!owners->num_points) return;
    fit(owners, tree);
    row(owners, node)[0] = OWNERS_UNKNOWN;
}

void owners_set(struct owners *owners, uint32_t node, const float *ownership, int to_move) {
    int8_t *bytes = row(owners, node);
    const float scale = to_move ? -OWNERS_SCALE : OWNERS_SCALE;
    for (int p = 0; p < owners->num_points; p++) {
        const float x = roundf(scale * ownership[p]);
        bytes[p] = (int8_t)(x > OWNERS_SCALE ? OWNERS_SCALE : x < -OWNERS_SCALE ? -OWNERS_SCALE : x);
    }
}

void owners_set_exact(struct owners *owners, uint32_t node, const int8_t *owner) {
    int8_t *bytes = row(owners, node);
    for (int p = 0; p < owners->num_points; p++) bytes[p] = (int8_t)(OWNERS_SCALE * owner[p]);
}

void owners_follow(struct owners *owners, const struct tree *tree, uint32_t num_nodes_before) {
    if (!owners->num_points) return;
    // Nodes move down only, and in their order, so that no row is overwritten before it has moved.
    for (uint32_t i = 0; i < num_nodes_before; i++)
        if (tree->moved[i] != TREE_NONE && tree->moved[i] != i)
            memcpy(row(owners, tree->moved[i]), row(owners, i), (size_t)owners->num_points);
}
