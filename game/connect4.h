// Inside game/: the Connect Four state, which its solver reads. Others use game/game.h.
#ifndef GAME_CONNECT4_H
#define GAME_CONNECT4_H

#include "game/game.h"
#include "game/solver.h"

enum { CONNECT4_MAX_SIDE = 10 };

struct connect4_state {
    // By player, low word first. Bit x * (height + 1) + row, row 0 at the bottom; the bit above each column is never set.
    uint64_t stones[2][2];
    uint8_t heights[CONNECT4_MAX_SIDE]; // stones in each column
    uint8_t ply, outcome;
    uint16_t open; // bit x: column x is not full
};

extern const struct solver_type connect4_solver; // connect4_solver.c

#endif
