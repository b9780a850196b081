// The speed of the search by itself, and a number that tells whether the search still does the
// same. Both use the hash evaluator.
#ifndef MCTS_SEARCH_BENCH_H
#define MCTS_SEARCH_BENCH_H

#include "base/clock.h"
#include "mcts/search.h"

struct search_bench_result {
    long long simulations, searches, nodes;
    double seconds, simulations_per_s;
    double mean_depth; // the mean over all searches of the depth of their deepest node
};
// Plays games for so many seconds, each move by a search of `simulations` from scratch with one
// leaf at a time, as in self-play, on the thread of the caller.
struct search_bench_result search_bench(const struct game *game, const struct search_params *params, int simulations,
                                        double seconds, const struct clock *clock);
// A hash of the visits of certain searches: PUCT and Gumbel, one leaf at a time and in batches,
// with tree reuse, on tic-tac-toe and Go 5x5 and 9x9. It is the same on every machine and with
// every compiler. It changes only when the search does something else, and then the commit says so.
uint64_t search_signature(void);

#endif
