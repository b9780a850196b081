// Inside mcts/: reading the root, which search_result.c does for the choice and detail.c for people.
#ifndef MCTS_SEARCH_PARTS_H
#define MCTS_SEARCH_PARTS_H

#include "mcts/search_state.h"

// The edge of the move to play.
int search_best_edge(const struct search *s);
// The edge below a node that most visits went through.
int search_most_visited(const struct tree *tree, const struct node *node);
// The value of an edge with visits less lcb_deviations standard errors, for the root's mover.
double search_lower_bound(const struct search *s, const struct edge *edge);

#endif
