// PUCT [Silver et al. 2017 and 2018]: which edge a descent takes, at the root and below it.
#ifndef MCTS_PUCT_H
#define MCTS_PUCT_H

#include "mcts/select.h"

// The index of the edge to descend through. Below the root an untried edge is always the best
// untried one (tree.h).
int puct_select(const struct tree *tree, const struct node *node, const struct search_params *params);
int puct_select_root(const struct tree *tree, const struct root *root, const struct search_params *params);
// Draws the root's noise, if params.root_noise_weight asks for any.
void puct_prepare_root(const struct tree *tree, struct root *root, const struct search_params *params, struct rng *rng);

#endif
