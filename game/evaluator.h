// Who judges positions: the second of the three interfaces whose implementation is chosen at run
// time. It is all that the search knows of the outside world.
//
// The implementations are the net (net/net_evaluator.h) and, in game/evaluator.c and
// evaluator_solver.c, uniform judgements, random rollouts, the exact solver of small games, and
// hash: deterministic pseudo-random judgements that make searches reproducible without a net.
//
// One thread at a time may use an evaluator; evaluators of different threads may share weights.
#ifndef GAME_EVALUATOR_H
#define GAME_EVALUATOR_H

#include "game/game.h"

// A request, borrowed for the call. The position must not be finished. Positions of different
// games, sizes and komi may share a batch if the evaluator can judge them all.
struct position {
    const struct game *game;
    const void *state;
    // The symmetry under which the evaluator looks at the board. The answer is in the board's own
    // orientation.
    int symmetry;
};

// An answer, in the storage of the caller, from the view of the side to move.
struct judgement {
    // [game->num_actions]: log-probabilities, not normalised; those of illegal actions mean
    // nothing.
    float *logits;
    float wdl[3]; // probabilities of win, draw and loss, whose sum is 1
    float score;  // the expected final margin with komi; 0 where the game has no score
    // [height, width]: from +1, certainly the mover's, to -1, certainly the other's. NULL: not
    // wanted.
    float *ownership;
};

struct evaluator {
    const char *name;
    int max_batch; // the most positions that judge takes in a call
    void (*judge)(struct evaluator *self, int n, const struct position *positions, struct judgement *judgements);
    // Says that this thread is going to judge again and again (true), or not for a while (false).
    // An evaluator whose batches are shared by threads waits for those that are here, so that a
    // thread must say false before it waits for another one. NULL: the evaluator needn't know.
    void (*attend)(struct evaluator *self, bool here);
    void (*free)(struct evaluator *self);
};

static inline void evaluator_judge(struct evaluator *e, int n, const struct position *p, struct judgement *j) {
    e->judge(e, n, p, j);
}
static inline void evaluator_attend(struct evaluator *e, bool here) {
    if (e->attend) e->attend(e, here);
}
static inline void evaluator_free(struct evaluator *e) {
    if (e) e->free(e);
}

// Calls every position a certain draw, with equal logits.
enum status evaluator_uniform(struct evaluator **out);
// The mean result of `num_rollouts` random games from the position (in Go they don't fill their own
// eyes), with equal logits. Fewer than one rollout is STATUS_USAGE.
enum status evaluator_rollouts(struct evaluator **out, int num_rollouts, uint64_t seed);
// Depends on the seed and game_hash alone: the same on every machine and under every symmetry.
enum status evaluator_hash(struct evaluator **out, uint64_t seed);
// Exact values, with all probability on the best moves, for games that game/solver.h can solve from
// the start; STATUS_UNSUPPORTED for others.
enum status evaluator_solver(struct evaluator **out, const struct game *game);

#endif
