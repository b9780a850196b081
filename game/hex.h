// The state of Hex, for its rules and its solver. Only game/ and its tests include this; everybody
// else uses game/game.h.
#ifndef GAME_HEX_H
#define GAME_HEX_H

#include "game/game.h"

enum { HEX_MIN_SIDE = 2, HEX_MAX_SIDE = 19, HEX_NUM_PLANES = 5, HEX_NUM_GLOBALS = 3 };

struct hex_state {
    uint64_t key; // of the stones
    uint16_t ply;
    uint8_t to_move, winner; // winner: 0 none yet, else 1 + player
    // [6][height]: six sets of points, each with one word for a row and bit x for a point. The sets
    // are the first player's stones and the second's; the first's that are linked to the top and
    // the second's that are linked to the left side; the first's that are linked to the bottom and
    // the second's that are linked to the right side.
    uint32_t rows[];
};
static inline const uint32_t *hex_stones(const struct game *g, const struct hex_state *s, int player) {
    return s->rows + player * g->height;
}
static inline bool hex_may_swap(const struct game *g, const struct hex_state *s) {
    return g->num_global_actions && s->ply == 1 && g->max_plies > 1;
}

extern const struct solver_type hex_solver;

#endif
