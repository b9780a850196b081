// A Go board by its move list alone, for what the rules as such don't know: which stones are where, and what the board is worth
// once stones that both sides call dead are taken off.
#ifndef ARENA_AREA_H
#define ARENA_AREA_H

#include "game/game.h"

struct area_board {
    int height, width;
    int8_t point[GAME_MAX_SIDE * GAME_MAX_SIDE]; // y * width + x: +1 first player's stone, -1 second's, 0 empty
};

void area_start(struct area_board *board, int height, int width);
// Puts a stone down and takes captured ones off; a point past the board (a pass) does nothing.
void area_play(struct area_board *board, int color, int point);
// First player's points less the second's: stones, and empty regions that touch one colour only. dead: [h * w], or NULL; stones to take off first.
int area_score(const struct area_board *board, const uint8_t *dead);
// Stones of the chain at `point`, itself included: their points into `chain`, returns their number; 0 on an empty point.
int area_chain(const struct area_board *board, int point, uint16_t *chain);

#endif
