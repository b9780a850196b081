// Inside game/: the Hex state, which the solver reads too. Others use game/game.h.
#ifndef GAME_HEX_H
#define GAME_HEX_H

#include "game/game.h"

enum { HEX_MIN_SIDE = 2, HEX_MAX_SIDE = 19, HEX_NUM_PLANES = 5, HEX_NUM_GLOBALS = 3 };

// Sets of points, a word a row, bit x. Rows of a state: first's stones, second's; those linked to first's top, to second's left side;
// those linked to first's bottom, to second's right side.
struct hex_state {
    uint64_t key; // of the stones
    uint16_t ply;
    uint8_t to_move, winner; // winner: 0 none yet, else 1 + player
    uint32_t rows[];         // [6][height]
};
static inline const uint32_t *hex_stones(const struct game *g, const struct hex_state *s, int player) {
    return s->rows + player * g->height;
}
static inline bool hex_may_swap(const struct game *g, const struct hex_state *s) {
    return g->num_global_actions && s->ply == 1 && g->max_plies > 1;
}

extern const struct solver_type hex_solver;

#endif
