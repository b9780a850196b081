// The search tree: nodes and edges in two growable arrays, no states, no pointers.
//
//   node ---- first_edge ---> [ tried edges ... | the best untried | the other untried edges, any order ]
//     ^                           | child
//     '------- parent ------------'
//
// An edge is tried once a descent has gone through it. Among the untried ones PUCT and Gumbel both prefer the largest prior
// (they all have the same value), so a selection looks at the tried edges and one more, never at the whole list.
//
// A tree has one owner. After it has grown to the size that its searches need, nothing is allocated.
#ifndef MCTS_TREE_H
#define MCTS_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TREE_NONE UINT32_MAX

enum node_kind {
    NODE_WAITING, // its judgement has been asked for; no visits yet, priors not set
    NODE_OPEN,    // judged; descents go on through its edges
    NODE_FINAL,   // over or settled: no edges, its value is certain
};

// What is certain about a node or an edge, from the view of its mover: MCTS-Solver [Winands, Bjornsson & Saito 2008], with draws.
enum proof { PROOF_NONE, PROOF_LOSS, PROOF_DRAW, PROOF_WIN };

// Sums are over all visits and from the view of the side to move at the node.
struct node {
    double value_sum, win_sum, loss_sum, score_sum; // utility -1..1; probabilities; points
    double square_sum;                              // of utilities
    uint32_t visits;
    uint32_t parent; // TREE_NONE at the root
    uint32_t first_edge;
    float prior_value; // the judge's own utility
    float tried_mass;  // sum of the priors of the tried edges
    uint16_t num_edges, num_tried;
    uint16_t parent_edge; // which edge of the parent leads here
    uint16_t pending;     // descents through here that wait for their judgement
    uint16_t depth;       // plies below the root of the time when it was made, saturating
    uint8_t to_move;      // 0 first, 1 second
    uint8_t kind : 4;     // enum node_kind
    uint8_t proof : 4;    // enum proof
};

struct edge {
    float prior;     // softmax over the legal moves
    float value;     // mean utility below, from the view of the side to move at the parent; 0 without visits
    uint32_t visits; // equal to the child's
    uint32_t child;  // TREE_NONE while untried
    uint16_t action;
    uint16_t pending : 14; // equal to the child's
    uint16_t proof : 2;    // the child's, turned to the view of the side to move at the parent
};

// What a visit brings home, from the first player's view.
struct tree_value {
    double utility, win, loss, score;
};

struct tree {
    struct node *nodes; // node 0 is the root; a child comes after its parent
    struct edge *edges; // blocks in the order of their nodes
    uint32_t num_nodes, max_nodes, num_edges, max_edges;
    uint32_t *moved; // [max_moved]: scratch of tree_advance
    uint32_t max_moved;
};

void tree_init(struct tree *tree); // nothing allocated yet
void tree_done(struct tree *tree);
void tree_clear(struct tree *tree); // keeps the memory

static inline struct edge *tree_edges(const struct tree *tree, const struct node *node) {
    return tree->edges + node->first_edge;
}
static inline double node_value(const struct node *node) { return node->value_sum / node->visits; } // visits > 0
// What is certain, or else the mean; visits > 0.
static inline float edge_value(const struct edge *edge) {
    static const float certain[] = {[PROOF_LOSS] = -1, [PROOF_DRAW] = 0, [PROOF_WIN] = 1};
    return edge->proof ? certain[edge->proof] : edge->value;
}
// How a proof ranks a move: a win before all that is open or drawn, a loss after it.
static inline int edge_rank(const struct edge *edge) { return (edge->proof == PROOF_WIN) - (edge->proof == PROOF_LOSS); }

// Appends a waiting node (final when num_edges is 0) under edge `parent_edge` of `parent` (TREE_NONE: the root, in an empty tree).
// Pointers into the tree are void afterwards.
uint32_t tree_add(struct tree *tree, uint32_t parent, int parent_edge, int to_move, const uint16_t *actions, int num_edges);
// Opens a waiting node: prior[i] belongs to its i-th edge as added.
void tree_open(struct tree *tree, uint32_t node, const float *priors, float prior_value);
// Other priors for an open node, by edge; they move with the edges.
void tree_reprior(struct tree *tree, uint32_t node, const float *priors);
// Makes untried edge `i` a tried one and returns its new index.
int tree_try(struct tree *tree, uint32_t node, int i);
// Counts a visit of `node` and of all above it. `pending`: the descent had been counted by tree_pend.
void tree_back(struct tree *tree, uint32_t node, const struct tree_value *value, bool pending);
// `node` is proven: so is its parent, if that makes it a win or was its last move in doubt, and so on up. Twice is as good as once.
void tree_prove(struct tree *tree, uint32_t node, enum proof proof);
// Adds `delta` pending descents to `node` and all above it.
void tree_pend(struct tree *tree, uint32_t node, int delta);
// Makes `child`, below the root, the root; drops all that is not below it and closes the gaps in place. No descent may be pending.
void tree_advance(struct tree *tree, uint32_t child);
int tree_max_depth(const struct tree *tree);

#endif
