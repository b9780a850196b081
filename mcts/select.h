// What the rules for choosing an edge (puct.h, gumbel.h) know of the root beside its edges.
#ifndef MCTS_SELECT_H
#define MCTS_SELECT_H

#include "mcts/search.h"
#include "mcts/tree.h"

enum { SELECT_WAIT = -1 }; // nothing can be chosen before pending judgements are in

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

#endif
