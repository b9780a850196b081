// The state of Othello and its bit operations, for its rules and its solver. Only game/ and its
// tests include this; everybody else uses game/game.h.
#ifndef GAME_OTHELLO_H
#define GAME_OTHELLO_H

#include "game/game.h"
#include "game/solver.h"

// A set of points is a word with bit y * 8 + x for a point on every size, row 0 at the top.
struct othello_state {
    uint64_t discs[2]; // by player
    uint64_t moves;    // where the mover may place a disc; 0: it must pass, or the game is over
    uint8_t ply, to_move, is_over;
};

extern const struct solver_type othello_solver; // othello_solver.c

static inline uint64_t othello_board(int size) { return size == 8 ? ~0ull : size == 6 ? 0x3f3f3f3f3f3full : 0x0f0f0f0full; }

// Rows of the other's discs that begin next to one of `mine` are followed by shifts of 1, 7, 8 and
// 9 bits, first one step and then two at a time (a parallel prefix). The columns at the edge are
// left out of sideways rows, so that no row goes on from one edge to the other; on small boards
// column 7 is empty anyway.
static const uint64_t othello_inner = 0x7e7e7e7e7e7e7e7eull;

static inline uint64_t othello_moves(uint64_t mine, uint64_t other, uint64_t board) {
    static const int shifts[4] = {1, 7, 8, 9};
    uint64_t moves = 0;
    for (int d = 0; d < 4; d++) {
        const int k = shifts[d];
        const uint64_t through = k == 8 ? other : other & othello_inner;
        uint64_t up = through & mine << k, down = through & mine >> k;
        up |= through & up << k;
        down |= through & down >> k;
        const uint64_t through_up = through & through << k, through_down = through & through >> k;
        up |= through_up & up << 2 * k;
        down |= through_down & down >> 2 * k;
        up |= through_up & up << 2 * k;
        down |= through_down & down >> 2 * k;
        moves |= up << k | down >> k;
    }
    return moves & board & ~(mine | other);
}

// The discs that turn when the mover places one at `place`, a single bit.
static inline uint64_t othello_turned(uint64_t mine, uint64_t other, uint64_t place) {
    static const int shifts[4] = {1, 7, 8, 9};
    uint64_t turned = 0;
    for (int d = 0; d < 4; d++) {
        const int k = shifts[d];
        const uint64_t through = k == 8 ? other : other & othello_inner;
        uint64_t up = through & place << k, down = through & place >> k;
        up |= through & up << k;
        down |= through & down >> k;
        const uint64_t through_up = through & through << k, through_down = through & through >> k;
        up |= through_up & up << 2 * k;
        down |= through_down & down >> 2 * k;
        up |= through_up & up << 2 * k;
        down |= through_down & down >> 2 * k;
        turned |= (mine & up << k ? up : 0) | (mine & down >> k ? down : 0);
    }
    return turned;
}

#endif
