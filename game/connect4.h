// The state of Connect Four, for its rules and its solver. Only game/ and its tests include this;
// everybody else uses game/game.h.
#ifndef GAME_CONNECT4_H
#define GAME_CONNECT4_H

#include "game/game.h"
#include "game/solver.h"

enum { CONNECT4_MAX_SIDE = 10 };

struct connect4_state {
    // [player][word], the low word first. A point is bit x * (height + 1) + row, with row 0 at the
    // bottom; the bit above each column is never set.
    uint64_t stones[2][2];
    uint8_t heights[CONNECT4_MAX_SIDE]; // stones in each column
    uint8_t ply, outcome;
    uint16_t open; // bit x is set while column x is not full
};

extern const struct solver_type connect4_solver; // connect4_solver.c

#endif
