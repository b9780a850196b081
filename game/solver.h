// Exact values by exhaustive search with the whole state as the key (superko history included), for games that fit.
#ifndef GAME_SOLVER_H
#define GAME_SOLVER_H

#include "game/game.h"

struct solver;
// Says so when the game is too large (STATUS_UNSUPPORTED).
enum status solver_new(struct solver **solver, const struct game *game);
void solver_free(struct solver *solver);
// Best score for the side to move: the game's own score where it has one, else +1 win, 0 draw, -1 loss.
double solver_value(struct solver *solver, const void *state);
// value[i] of each legal move (game_legal order), for the mover; returns their number.
int solver_moves(struct solver *solver, const void *state, double *values);

#endif
