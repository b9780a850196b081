// The search tree: nodes and edges in two growable arrays, without states and without pointers.
//
//   node --- first_edge ---> [ tried edges ... | the best untried | other untried ones, unordered ]
//     ^                          | child
//     '------- parent -----------'
//
// An edge is tried once a descent has gone through it. Untried edges all have the same value, so
// that PUCT and Gumbel both prefer the one with the largest prior. So a selection looks at the
// tried edges and one more, never at the whole list.
//
// One thread at a time may use a tree. Once it has grown to the size that its searches need, it
// allocates nothing.
#ifndef MCTS_TREE_H
#define MCTS_TREE_H

#include <stdbool.h>
#include <stdint.h>

#define TREE_NONE UINT32_MAX

enum node_kind {
    NODE_WAITING, // it waits for its judgement and has neither visits nor priors
    NODE_OPEN,    // it was judged, and descents go on through its edges
    NODE_FINAL,   // the game is over or settled: it has no edges, and its value is certain
};

// What is certain about a node, for the side to move there, or about an edge, for the side to move
// above it: MCTS-Solver [Winands, Bjornsson & Saito 2008] with draws.
enum proof { PROOF_NONE, PROOF_LOSS, PROOF_DRAW, PROOF_WIN };

// Sums are over all visits, from the view of the side to move at the node.
struct node {
    double value_sum, win_sum, loss_sum, score_sum; // utility -1..1; probabilities; points
    double square_sum, score_square_sum;            // of squares: of utilities, and of scores
    uint32_t visits;
    uint32_t parent; // TREE_NONE at the root
    uint32_t first_edge;
    float prior_value; // the utility of its judgement
    float tried_mass;  // the sum of the priors of the tried edges
    uint16_t num_edges, num_tried;
    uint16_t parent_edge; // the index of the edge of the parent that leads here
    uint16_t pending;     // descents through here that wait for their judgement
    uint16_t depth;       // plies below the root of the time when it was made, at most UINT16_MAX
    uint8_t to_move;      // 0 first player, 1 second
    uint8_t kind : 4;     // enum node_kind
    uint8_t proof : 4;    // enum proof
};

struct edge {
    float prior;     // softmax over the legal moves
    float value;     // mean utility of the child for the side to move above it; 0 without visits
    uint32_t visits; // equal to the child's
    uint32_t child;  // TREE_NONE while untried
    uint16_t action;
    uint16_t pending : 14; // equal to the child's
    uint16_t proof : 2;    // the child's, for the side to move at the parent
};

// The result of a visit, from the first player's view.
struct tree_value {
    double utility, win, loss, score;
};

struct tree {
    struct node *nodes; // node 0 is the root; a child comes after its parent
    struct edge *edges; // blocks in the order of their nodes
    uint32_t num_nodes, max_nodes, num_edges, max_edges;
    uint32_t *moved; // [max_moved]: where the last tree_advance moved each node; TREE_NONE: it was dropped
    uint32_t max_moved;
};

void tree_init(struct tree *tree); // an empty tree without memory
void tree_done(struct tree *tree);
void tree_clear(struct tree *tree); // empties it and keeps the memory

static inline struct edge *tree_edges(const struct tree *tree, const struct node *node) {
    return tree->edges + node->first_edge;
}
// The mean utility of a node with visits.
static inline double node_value(const struct node *node) { return node->value_sum / node->visits; }
// The certain value of an edge with visits, or else its mean.
static inline float edge_value(const struct edge *edge) {
    static const float certain[] = {[PROOF_LOSS] = -1, [PROOF_DRAW] = 0, [PROOF_WIN] = 1};
    return edge->proof ? certain[edge->proof] : edge->value;
}
// How a proof ranks a move: a win is 1, a loss -1, and all that is drawn or open 0.
static inline int edge_rank(const struct edge *edge) { return (edge->proof == PROOF_WIN) - (edge->proof == PROOF_LOSS); }

// Adds a waiting node, or a final one when num_edges is 0, and returns its index. `parent` is
// TREE_NONE for the root of an empty tree. This may move all nodes and edges, so that pointers to
// them become invalid.
uint32_t tree_add(struct tree *tree, uint32_t parent, int parent_edge, int to_move, const uint16_t *actions, int num_edges);
// Opens a waiting node. priors[i] belongs to its i-th edge as it was added.
void tree_open(struct tree *tree, uint32_t node, const float *priors, float prior_value);
// Gives an open node other priors. priors[i] belongs to the edge that has index i before the call.
void tree_reprior(struct tree *tree, uint32_t node, const float *priors);
// Makes untried edge `i` a tried one and returns its new index.
int tree_try(struct tree *tree, uint32_t node, int i);
// Counts a visit of `node` and of all nodes above it. `pending` says that tree_pend has counted the
// descent, which now ends.
void tree_back(struct tree *tree, uint32_t node, const struct tree_value *value, bool pending);
// Proves `node`. This proves its parent too when the mover there wins by it, or when all other
// moves there are proven already, and so on upwards. A node that is proven stays as it is.
void tree_prove(struct tree *tree, uint32_t node, enum proof proof);
// Adds `delta` pending descents to `node` and to all nodes above it.
void tree_pend(struct tree *tree, uint32_t node, int delta);
// Makes `child`, a node below the root, the root. All that is not below it is dropped, and the rest
// moves together in place. No descent may be pending.
void tree_advance(struct tree *tree, uint32_t child);
int tree_max_depth(const struct tree *tree);

#endif
