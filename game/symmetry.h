// Symmetries of a rectangle, as the games on points number them: bit 0 mirrors x, bit 1 mirrors y, bit 2 transposes afterwards.
// Oblong boards have k = 0..3 only.
#ifndef GAME_SYMMETRY_H
#define GAME_SYMMETRY_H

#include "game/game.h"

// Where symmetry k takes a point.
void symmetry_point(int height, int width, int k, int y, int x, int *out_y, int *out_x);
int symmetry_invert(int k); // the symmetry that undoes k

// Verbs permute and symmetry_inverse of games whose planes all turn with the board.
int symmetry_permute(const struct game *game, int symmetry, int action);
int symmetry_inverse(const struct game *game, int symmetry);

#endif
