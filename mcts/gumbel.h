// Gumbel [Danihelka et al. 2022]: which edge a descent takes, at the root and below it, and the improved policy.
#ifndef MCTS_GUMBEL_H
#define MCTS_GUMBEL_H

#include "mcts/select.h"

enum { GUMBEL_MAX_CANDIDATES = 4096 }; // bounds arrays on the stack

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
