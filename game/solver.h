// Exact values, for games and positions that fit: by the game's own search where it has one (`solver` in its struct game_type), else
// by exhaustive search. A solver belongs to one thread at a time.
#ifndef GAME_SOLVER_H
#define GAME_SOLVER_H

#include "game/game.h"

// A game's own exact search.
struct solver_type {
    // An answer for `state` and all that follows from it; STATUS_UNSUPPORTED, with its reason, where that would take too long.
    enum status (*open)(void **self, const struct game *game, const void *state);
    void (*close)(void *self);
    double (*value)(void *self, const void *state); // as solver_value; state may be finished
    // NULL, or: whether value >= bound, which is cheaper to find out than the value. Only where values are whole numbers.
    bool (*at_least)(void *self, const void *state, int bound);
    // NULL: every position of the game; or whether this solver answers for `state`.
    bool (*serves)(void *self, const void *state);
};

struct solver;
// For whole games. Says so when the game is too large (STATUS_UNSUPPORTED).
enum status solver_new(struct solver **solver, const struct game *game);
// For `state` and what follows from it: endgames of games that are too large.
enum status solver_new_at(struct solver **solver, const struct game *game, const void *state);
void solver_free(struct solver *solver);
// Whether a solver made for one position answers for another as well.
bool solver_serves(struct solver *solver, const void *state);
// For the side to move: the game's own score where it has one; else above 0 for a win, 0 for a draw, below 0 for a loss, and where the
// game says so (Connect Four) the further from 0 the sooner.
double solver_value(struct solver *solver, const void *state);
// Whether the mover still has `value` or more after `action`: with solver_value's answer, whether the move is one of the best. Cheaper
// than solver_moves where few moves are asked about, or only whether they keep a win.
bool solver_move_keeps(struct solver *solver, const void *state, int action, double value);
// value[i] of each legal move (game_legal order), for the mover; returns their number.
int solver_moves(struct solver *solver, const void *state, double *values);

#endif
