// The second run-time seam: who judges positions. All that search knows of the outside world.
//
// Implementations: the net (net/net_evaluator.h) and, in game/evaluator.c and evaluator_solver.c, uniform, random rollouts, the exact solver of
// small games, and hash: a deterministic pseudo-random judgement that makes searches reproducible without a net.
//
// An evaluator belongs to one thread at a time; make one a thread (they may share weights).
#ifndef GAME_EVALUATOR_H
#define GAME_EVALUATOR_H

#include "game/game.h"

// A request. Positions of different games, sizes and komi may share a batch if the evaluator can judge them all.
// Never a finished position. Borrowed for the call.
struct position {
    const struct game *game;
    const void *state;
    int symmetry; // to look at it through; the answer is in the board's own orientation
};

// An answer, in the storage of the caller. All from the view of the side to move.
struct judgement {
    float *logits;    // [game->num_actions]: unnormalised log-probabilities; illegal actions hold anything
    float wdl[3];     // probabilities of win, draw, loss; sum 1
    float score;      // expected final margin with komi; 0 where the game has no score
    float *ownership; // [height, width]: +1 mover's, -1 the other's; NULL: not wanted
};

struct evaluator {
    const char *name;
    int max_batch; // `n` of judge, at most
    void (*judge)(struct evaluator *self, int n, const struct position *positions, struct judgement *judgements);
    // NULL, or: this thread will judge again and again from now on (true) or not for a while (false). One that shares batches with
    // other threads is waited for in between, so a thread must not wait for those others while it attends.
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

// Equal logits, a sure draw.
enum status evaluator_uniform(struct evaluator **out);
// Mean result of `num_rollouts` uniformly random games from the position (Go: no filling of one's own eyes); equal logits.
enum status evaluator_rollouts(struct evaluator **out, int num_rollouts, uint64_t seed);
// Deterministic in (seed, game_hash): the same on every machine, whatever the symmetry.
enum status evaluator_hash(struct evaluator **out, uint64_t seed);
// Exact value, all mass on the best moves, for games small enough to search to the end (tic-tac-toe; Go up to 3x3): see game/solver.h.
enum status evaluator_solver(struct evaluator **out, const struct game *game);

#endif
