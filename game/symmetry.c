// The symmetries of a rectangle: first the mirrors, and then the exchange of rows and columns.
#include "game/symmetry.h"

void symmetry_point(int height, int width, int k, int y, int x, int *out_y, int *out_x) {
    if (k & 1) x = width - 1 - x;
    if (k & 2) y = height - 1 - y;
    *out_y = k & 4 ? x : y;
    *out_x = k & 4 ? y : x;
}

// Undoing a transposition first makes a mirror of x one of y, and the reverse.
int symmetry_invert(int k) { return k & 4 ? 4 | (k & 1) << 1 | (k >> 1 & 1) : k; }

int symmetry_permute(const struct game *game, int symmetry, int action) {
    const int area = game->height * game->width;
    if (action >= game->policy_planes * area) return action;
    const int plane = action / area, point = action % area;
    int y, x;
    symmetry_point(game->height, game->width, symmetry, point / game->width, point % game->width, &y, &x);
    return plane * area + y * game->width + x; // only square boards are transposed
}

int symmetry_inverse(const struct game *game, int symmetry) { return symmetry_invert(symmetry); }
