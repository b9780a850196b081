// PUCT [Silver et al. 2017; 2018]: which edge a descent takes, at the root and below it.
#ifndef MCTS_PUCT_H
#define MCTS_PUCT_H

#include "mcts/select.h"

// Edge to descend through. An untried one is the first untried.
int puct_select(const struct tree *tree, const struct node *node, const struct search_params *params);
int puct_select_root(const struct tree *tree, const struct root *root, const struct search_params *params);
void puct_prepare_root(const struct tree *tree, struct root *root, const struct search_params *params, struct rng *rng);

#endif
