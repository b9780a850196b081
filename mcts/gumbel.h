// Gumbel [Danihelka et al. 2022]: which edge a descent takes, at the root and below it, and the
// improved policy. Equations and sections are those of the paper.
#ifndef MCTS_GUMBEL_H
#define MCTS_GUMBEL_H

#include "mcts/select.h"

enum { GUMBEL_MAX_CANDIDATES = 4096 }; // bounds arrays on the stack

int gumbel_select(const struct tree *tree, const struct node *node, const struct search_params *params);
int gumbel_select_root(const struct tree *tree, struct root *root, const struct search_params *params);
// Draws the Gumbel variables (without an rng they are 0) and chooses the candidates for a search of
// so many more simulations.
void gumbel_prepare_root(const struct tree *tree, struct root *root, const struct search_params *params, int simulations,
                         struct rng *rng);
// How many visits each of `alive` candidates gets in a phase of a search of n simulations that
// started with m candidates.
int gumbel_phase_visits(int n, int m, int alive);
// The value of an action without visits: v_mix [appendix D, equation 33], in [-1, 1] for the mover.
double gumbel_mixed_value(const struct tree *tree, const struct node *node);
// The improved policy of an open node: softmax(logits + sigma(completed Q)) [equation 11]. out:
// [num_edges], in the order of the edges.
void gumbel_policy(const struct tree *tree, const struct node *node, const struct search_params *params, float *out);
// The edge that the search chooses: a certain win if there is one; else the best of the edges that
// have the most visits in this search or a certain value. A certain loss comes last.
int gumbel_winner(const struct tree *tree, const struct root *root, const struct search_params *params);

#endif
