// What the rules for choosing an edge (puct.h, gumbel.h) know about the root besides its edges.
#ifndef MCTS_SELECT_H
#define MCTS_SELECT_H

#include "mcts/search.h"
#include "mcts/tree.h"

// Returned in place of an edge when nothing can be chosen before pending judgements have come.
enum { SELECT_WAIT = -1 };

// What a search knows about a root move besides its edge. It is indexed by action, because edges
// change places.
struct root_move {
    float prior;   // PUCT: the prior with noise
    float noise;   // PUCT: the draw of its noise
    float logit;   // Gumbel: the logarithm of the prior
    float gumbel;  // Gumbel: the draw; 0 without noise
    uint32_t base; // the visits that it had when the search began
    bool alive;    // sequential halving still considers it
};

struct root {
    struct root_move *moves; // [num_actions]
    bool noisy;              // PUCT: moves[].prior differ from the edges' priors
    int budget, considered;  // Gumbel: n and m of the paper
    int num_alive;           // Gumbel: the candidates that are left
    int level;               // Gumbel: visits of this search that each has at the end of the phase
};

#endif
