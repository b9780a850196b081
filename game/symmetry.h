// The symmetries of a rectangle, numbered k = 0 to 7: bit 0 mirrors x, bit 1 mirrors y, and bit 2
// transposes afterwards. Oblong boards have 0 to 3 only.
#ifndef GAME_SYMMETRY_H
#define GAME_SYMMETRY_H

#include "game/game.h"

// Where symmetry k takes the point (y, x).
void symmetry_point(int height, int width, int k, int y, int x, int *out_y, int *out_x);
int symmetry_invert(int k); // the symmetry that undoes k

// The verbs permute and symmetry_inverse of games for which all of these are symmetries.
int symmetry_permute(const struct game *game, int symmetry, int action);
int symmetry_inverse(const struct game *game, int symmetry);

#endif
