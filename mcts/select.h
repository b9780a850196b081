// Which edge a descent takes: PUCT (puct.c) and Gumbel (gumbel.c), at the root and below it. Used by search.c and tests.
#ifndef MCTS_SELECT_H
#define MCTS_SELECT_H

#include "mcts/search.h"
#include "mcts/tree.h"

enum { GUMBEL_MAX_CANDIDATES = 4096 }; // bounds arrays on the stack
enum { SELECT_WAIT = -1 };             // nothing can be chosen before pending judgements are in

// What a search knows of a root move beside its edge, indexed by action (edges change places, actions don't).
struct root_move {
    float prior;   // PUCT: with noise
    float logit;   // Gumbel: log prior
    float gumbel;  // Gumbel: the draw, 0 without noise
    uint32_t base; // visits that it had when the search began
    bool alive;    // still considered by sequential halving
};

struct root {
    struct root_move *moves; // [num_actions]
    bool noisy;              // PUCT: moves[].prior differs from the edges' priors
    int budget, considered;  // sequential halving: n and m of the paper
    int num_alive, level;    // those left; visits since the beginning that each of them gets in this phase
};

// --- PUCT [Silver et al. 2017; 2018] ---
// Edge to descend through. An untried one is the first untried.
int puct_select(const struct tree *tree, const struct node *node, const struct search_params *params);
int puct_select_root(const struct tree *tree, const struct root *root, const struct search_params *params);
void puct_prepare_root(const struct tree *tree, struct root *root, const struct search_params *params, struct rng *rng);

// --- Gumbel [Danihelka et al. 2022] ---
int gumbel_select(const struct tree *tree, const struct node *node, const struct search_params *params);
int gumbel_select_root(const struct tree *tree, struct root *root, const struct search_params *params);
// `simulations`: those still to be made. Draws the Gumbel variables (rng NULL: none) and chooses the candidates.
void gumbel_prepare_root(const struct tree *tree, struct root *root, const struct search_params *params, int simulations,
                         struct rng *rng);
// Visits that each of `alive` candidates gets in a phase, of a search of n simulations that started with m candidates.
int gumbel_phase_visits(int n, int m, int alive);
// Value of an action not visited: v_mix [appendix D, equation 33], in [-1, 1] for the mover.
double gumbel_mixed_value(const struct tree *tree, const struct node *node);
// Improved policy of an open node, [num_edges] in edge order: softmax(logits + sigma(completed Q)) [equation 11].
void gumbel_policy(const struct tree *tree, const struct node *node, const struct search_params *params, float *out);
// The edge that sequential halving ends with: the best of the most visited since the beginning and of those with a certain value;
// a certain win before all others, a certain loss after them.
int gumbel_winner(const struct tree *tree, const struct root *root, const struct search_params *params);

#endif
