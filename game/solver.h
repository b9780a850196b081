// Exact values of games and positions that are small enough: by the game's own search where it has
// one (`solver` in its struct game_type), else by exhaustive search. One thread at a time may use a
// solver.
#ifndef GAME_SOLVER_H
#define GAME_SOLVER_H

#include "game/game.h"

// A game's own exact search.
struct solver_type {
    // Makes a solver that answers for `state` and all positions that follow from it. Where that
    // would take too long, STATUS_UNSUPPORTED says why.
    enum status (*open)(void **self, const struct game *game, const void *state);
    void (*close)(void *self);
    double (*value)(void *self, const void *state); // as solver_value; the state may be finished
    // Whether value >= bound, where that is cheaper to find out than the value. Values must be
    // whole numbers then. NULL: there is no such short cut.
    bool (*at_least)(void *self, const void *state, int bound);
    // Whether this solver answers for `state`. NULL: for every position of the game.
    bool (*serves)(void *self, const void *state);
};

struct solver;
// A solver for whole games. A game that is too large is STATUS_UNSUPPORTED.
enum status solver_new(struct solver **solver, const struct game *game);
// A solver for `state` and what follows from it, which serves the endings of larger games.
enum status solver_new_at(struct solver **solver, const struct game *game, const void *state);
void solver_free(struct solver *solver);
// Whether a solver that was made for one position answers for this one as well.
bool solver_serves(struct solver *solver, const void *state);
// The value for the side to move: the game's score where it has one; else above 0 for a win, 0 for
// a draw, and below 0 for a loss. In Connect Four it is further from 0 the sooner the game ends.
double solver_value(struct solver *solver, const void *state);
// Whether the mover still has `value` or more after `action`. Asked with the result of solver_value
// it tells whether the move is one of the best. It is cheaper than solver_moves where only a few
// moves are of interest, or only whether they keep a win.
bool solver_move_keeps(struct solver *solver, const void *state, int action, double value);
// Writes the values of the legal moves for the mover, in the order of game_legal, and returns how
// many there are.
int solver_moves(struct solver *solver, const void *state, double *values);

#endif
