// The storage of nodes and edges, and what a visit changes in them.
//
// Invariants between calls, all of which tests/mcts/tree.c checks:
//  1. A child's index is larger than its parent's, and blocks of edges lie in the order of their
//     nodes, so that tree_advance can move everything down in one pass.
//  2. edges[0 .. num_tried) have children. edges[num_tried], if there is one, has the largest prior
//     of the rest, and among equal ones the lowest action.
//  3. The visits of a node that was judged are 1 and those of its edges; the visits of a final node
//     are how often it was reached. Visits of a proven node count in the node alone, not in its
//     edges.
//  4. visits, pending and value of an edge are those of its child, with the value for the mover
//     above.
#include "mcts/tree.h"

#include "base/memory.h"
#include "base/status.h"

#include <stdlib.h>
#include <string.h>

enum { INITIAL_NODES = 64 }; // doubled as needed (chosen, not tuned)

void tree_init(struct tree *tree) { memset(tree, 0, sizeof *tree); }

void tree_done(struct tree *tree) {
    free(tree->nodes);
    free(tree->edges);
    free(tree->moved);
    tree_init(tree);
}

void tree_clear(struct tree *tree) { tree->num_nodes = tree->num_edges = 0; }

// Makes an array large enough by doubling it.
static void *grow(void *items, uint32_t *max, uint64_t wanted, size_t item_bytes) {
    CHECK(wanted < TREE_NONE);
    uint64_t size = *max ? *max : INITIAL_NODES;
    while (size < wanted) size *= 2;
    if (size >= TREE_NONE) size = TREE_NONE - 1;
    *max = (uint32_t)size;
    return memory_resize(items, size, item_bytes, "the search tree");
}

uint32_t tree_add(struct tree *tree, uint32_t parent, int parent_edge, int to_move, const uint16_t *actions, int num_edges) {
    const uint64_t wanted = (uint64_t)tree->num_edges + (uint64_t)num_edges;
    if (tree->num_nodes == tree->max_nodes)
        tree->nodes = grow(tree->nodes, &tree->max_nodes, (uint64_t)tree->num_nodes + 1, sizeof *tree->nodes);
    if (wanted > tree->max_edges) tree->edges = grow(tree->edges, &tree->max_edges, wanted, sizeof *tree->edges);
    const uint32_t index = tree->num_nodes++;
    struct node *node = &tree->nodes[index];
    *node = (struct node){
        .parent = parent, .first_edge = tree->num_edges, .num_edges = (uint16_t)num_edges, .to_move = (uint8_t)to_move};
    node->kind = num_edges ? NODE_WAITING : NODE_FINAL;
    if (parent != TREE_NONE) {
        const struct node *above = &tree->nodes[parent];
        node->parent_edge = (uint16_t)parent_edge;
        node->depth = above->depth == UINT16_MAX ? UINT16_MAX : (uint16_t)(above->depth + 1);
        tree_edges(tree, above)[parent_edge].child = index;
    }
    struct edge *edges = tree_edges(tree, node);
    for (int i = 0; i < num_edges; i++) edges[i] = (struct edge){.child = TREE_NONE, .action = actions[i]};
    tree->num_edges = (uint32_t)wanted;
    return index;
}

static void swap_edges(struct edge *a, struct edge *b) {
    const struct edge edge = *a;
    *a = *b;
    *b = edge;
}

// Restores invariant 2 after num_tried or the priors have changed.
static void lift_best_untried(struct tree *tree, struct node *node) {
    struct edge *edges = tree_edges(tree, node);
    const int n = node->num_edges;
    int best = node->num_tried;
    if (best >= n) return;
    for (int i = best + 1; i < n; i++)
        if (edges[i].prior > edges[best].prior || (edges[i].prior == edges[best].prior && edges[i].action < edges[best].action))
            best = i;
    swap_edges(&edges[node->num_tried], &edges[best]);
}

void tree_open(struct tree *tree, uint32_t index, const float *priors, float prior_value) {
    struct node *node = &tree->nodes[index];
    struct edge *edges = tree_edges(tree, node);
    for (int i = 0; i < node->num_edges; i++) edges[i].prior = priors[i];
    node->prior_value = prior_value;
    node->kind = NODE_OPEN;
    lift_best_untried(tree, node);
}

void tree_reprior(struct tree *tree, uint32_t index, const float *priors) {
    struct node *node = &tree->nodes[index];
    struct edge *edges = tree_edges(tree, node);
    node->tried_mass = 0;
    for (int i = 0; i < node->num_edges; i++) {
        edges[i].prior = priors[i];
        if (i < node->num_tried) node->tried_mass += priors[i];
    }
    lift_best_untried(tree, node);
}

int tree_try(struct tree *tree, uint32_t index, int i) {
    struct node *node = &tree->nodes[index];
    struct edge *edges = tree_edges(tree, node);
    const int at = node->num_tried++;
    if (i != at) swap_edges(&edges[at], &edges[i]);
    node->tried_mass += edges[at].prior;
    lift_best_untried(tree, node);
    return at;
}

void tree_back(struct tree *tree, uint32_t index, const struct tree_value *value, bool pending) {
    for (;;) {
        struct node *node = &tree->nodes[index];
        const double sign = node->to_move ? -1 : 1;
        node->visits++;
        node->value_sum += sign * value->utility;
        node->square_sum += value->utility * value->utility;
        node->win_sum += node->to_move ? value->loss : value->win;
        node->loss_sum += node->to_move ? value->win : value->loss;
        node->score_sum += sign * value->score;
        node->score_square_sum += value->score * value->score;
        node->pending = (uint16_t)(node->pending - pending);
        if (node->parent == TREE_NONE) return;
        const struct node *above = &tree->nodes[node->parent];
        struct edge *edge = &tree_edges(tree, above)[node->parent_edge];
        const double mean = node_value(node);
        edge->visits = node->visits;
        edge->pending = node->pending & 0x3fff;
        edge->value = (float)(above->to_move == node->to_move ? mean : -mean);
        index = node->parent;
    }
}

static enum proof turn_proof(enum proof proof) {
    return proof == PROOF_WIN ? PROOF_LOSS : proof == PROOF_LOSS ? PROOF_WIN : proof;
}

// What the proofs of its edges say about a node.
static enum proof proof_by_edges(const struct tree *tree, const struct node *node) {
    const struct edge *edges = tree_edges(tree, node);
    enum proof best = PROOF_LOSS;
    bool is_certain = node->num_tried == node->num_edges;
    for (int i = 0; i < node->num_tried; i++) {
        if (edges[i].proof == PROOF_WIN) return PROOF_WIN;
        is_certain &= edges[i].proof != PROOF_NONE;
        if (edges[i].proof > best) best = (enum proof)edges[i].proof;
    }
    return is_certain ? best : PROOF_NONE;
}

void tree_prove(struct tree *tree, uint32_t index, enum proof proof) {
    while (proof != PROOF_NONE) {
        struct node *node = &tree->nodes[index];
        if (node->proof) return;
        node->proof = (uint8_t)(proof & 15);
        if (node->parent == TREE_NONE) return;
        const struct node *above = &tree->nodes[node->parent];
        const enum proof turned = above->to_move == node->to_move ? proof : turn_proof(proof);
        tree_edges(tree, above)[node->parent_edge].proof = (uint16_t)(turned & 3);
        index = node->parent;
        proof = proof_by_edges(tree, above);
    }
}

void tree_pend(struct tree *tree, uint32_t index, int delta) {
    for (;;) {
        struct node *node = &tree->nodes[index];
        node->pending = (uint16_t)(node->pending + delta);
        if (node->parent == TREE_NONE) return;
        tree_edges(tree, &tree->nodes[node->parent])[node->parent_edge].pending = node->pending & 0x3fff;
        index = node->parent;
    }
}

void tree_advance(struct tree *tree, uint32_t child) {
    if (tree->num_nodes > tree->max_moved)
        tree->moved = grow(tree->moved, &tree->max_moved, tree->num_nodes, sizeof *tree->moved);
    uint32_t *moved = tree->moved; // the new index of each node; TREE_NONE: it is dropped
    uint32_t num_nodes = 0, num_edges = 0;
    for (uint32_t i = 0; i < child; i++) moved[i] = TREE_NONE;
    for (uint32_t i = child; i < tree->num_nodes; i++) {
        struct node node = tree->nodes[i];
        moved[i] = TREE_NONE;
        if (i == child)
            node.parent = TREE_NONE;
        else if ((node.parent = moved[node.parent]) == TREE_NONE)
            continue;
        memmove(tree->edges + num_edges, tree->edges + node.first_edge, node.num_edges * sizeof *tree->edges);
        node.first_edge = num_edges;
        moved[i] = num_nodes;
        if (i != child) tree->edges[tree->nodes[node.parent].first_edge + node.parent_edge].child = num_nodes;
        tree->nodes[num_nodes++] = node;
        num_edges += node.num_edges;
    }
    tree->num_nodes = num_nodes;
    tree->num_edges = num_edges;
}

int tree_max_depth(const struct tree *tree) {
    int depth = 0;
    for (uint32_t i = 0; i < tree->num_nodes; i++)
        if (tree->nodes[i].depth > depth) depth = tree->nodes[i].depth;
    return tree->num_nodes ? depth - tree->nodes[0].depth : 0;
}
