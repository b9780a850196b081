// A simple Go board that follows a list of moves, for a question that the rules don't answer: what
// the board is worth once the stones that both sides call dead are taken off. Any thread may call.
#ifndef GAME_AREA_H
#define GAME_AREA_H

#include "game/game.h"

struct area_board {
    int height, width;
    // [y * width + x]: +1 a stone of the first player, -1 one of the second, 0 none.
    int8_t point[GAME_MAX_SIDE * GAME_MAX_SIDE];
    // Stones that each player has captured; a suicide's stones count for the other side.
    int captures[2];
};

// What both sides have agreed about a stone.
enum area_status { AREA_ALIVE, AREA_DEAD, AREA_SEKI };

void area_start(struct area_board *board, int height, int width);
// Places a stone of `color` (+1 first player, -1 second) and removes what it captures. A point
// outside the board stands for a pass.
void area_play(struct area_board *board, int color, int point);
// Who owns each point: +1 the first player, -1 the second, 0 neither. These are the stones, and the
// empty regions that touch one colour only. owner: [height * width]. dead: as for area_score.
void area_owners(const struct area_board *board, const uint8_t *dead, int8_t *owner);
// The first player's points less the second's: stones, and empty regions that touch one colour
// only. dead: [height * width], nonzero for stones to be removed first; may be NULL.
int area_score(const struct area_board *board, const uint8_t *dead);
// The first player's margin with komi, by area or territory as the game's rules have it, with
// prisoners and the tax on seki. status: [height * width] of enum area_status; the entries of empty
// points mean nothing.
double area_agreed(const struct game *game, const struct area_board *board, const uint8_t *status);
// Sets the status of dead stones to AREA_DEAD: chains whose points are expected to belong to the
// other side. owner: [height * width], the expected owners, +1 for the first player and -1 for the
// second. status: [height * width].
void area_find_dead(const struct area_board *board, const float *owner, uint8_t *status);
// Sets the status of living stones in seki to AREA_SEKI (area_seki.c). `game` is one of Go, `board`
// has no chain without liberties. owner: [height * width], the expected owners of the points, +1
// for the first player and -1 for the second. status: [height * width], with the dead stones.
void area_find_seki(const struct game *game, const struct area_board *board, const float *owner, uint8_t *status);
// Writes the empty points connected with `point`, itself included, to `points` and returns their
// number. sides[player] tells whether stones of that player lie next to them.
int area_region(const struct area_board *board, int point, uint16_t *points, bool sides[2]);
// Sets touched[p] for the stones next to `points` [n]; the other entries of `touched` [height *
// width] stay as they are.
void area_touch(const struct area_board *board, const uint16_t *points, int n, bool *touched);
// Writes the points of the chain at `point` to `chain` and returns their number, 0 on an empty
// point.
int area_chain(const struct area_board *board, int point, uint16_t *chain);

#endif
