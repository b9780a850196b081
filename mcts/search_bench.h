// The speed of searching by itself, and a number that says whether searching still does the same. With the hash evaluator.
#ifndef MCTS_SEARCH_BENCH_H
#define MCTS_SEARCH_BENCH_H

#include "base/clock.h"
#include "mcts/search.h"

struct search_bench_result {
    long long simulations, searches, nodes;
    double seconds, simulations_per_s;
    double mean_depth; // of the deepest node of a search
};
// Plays games with searches of `simulations` from scratch, one leaf at a time as in self-play, until `seconds` are over. One thread.
struct search_bench_result search_bench(const struct game *game, const struct search_params *params, int simulations,
                                        double seconds, const struct clock *clock);
// Hash of the visit counts of fixed searches (PUCT and Gumbel, single and batched, tree reuse; tic-tac-toe and Go 5x5 and 9x9): the same
// on every machine and by every compiler. It changes only with what a search does, and then the commit says so.
uint64_t search_signature(void);

#endif
