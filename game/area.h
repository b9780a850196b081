// A Go board by its move list alone, for what the rules as such don't know: which stones are where, and what the board is worth
// once stones that both sides call dead are taken off.
#ifndef GAME_AREA_H
#define GAME_AREA_H

#include "game/game.h"

struct area_board {
    int height, width;
    int8_t point[GAME_MAX_SIDE * GAME_MAX_SIDE]; // y * width + x: +1 first player's stone, -1 second's, 0 empty
    int captures[2];                             // stones that each player has taken, suicides too
};

// What both sides agree on about a stone.
enum area_status { AREA_ALIVE, AREA_DEAD, AREA_SEKI };

void area_start(struct area_board *board, int height, int width);
// Puts a stone down and takes captured ones off; a point past the board (a pass) does nothing.
void area_play(struct area_board *board, int color, int point);
// First player's points less the second's: stones, and empty regions that touch one colour only. dead: [h * w], or NULL; stones to take off first.
int area_score(const struct area_board *board, const uint8_t *dead);
// First player's margin with komi by the game's rules, once it is agreed which stones are dead and which live in seki: area or
// territory, prisoners, tax on seki. status: [h * w] of enum area_status; of empty points it says nothing.
double area_agreed(const struct game *game, const struct area_board *board, const uint8_t *status);
// Connected empty points at `point`: into `points`, returns their number. sides[color]: that side's stones lie beside them.
int area_region(const struct area_board *board, int point, uint16_t *points, bool sides[2]);
// The stones that `points` [n] touch: touched[h * w].
void area_touch(const struct area_board *board, const uint16_t *points, int n, bool *touched);
// Stones of the chain at `point`, itself included: their points into `chain`, returns their number; 0 on an empty point.
int area_chain(const struct area_board *board, int point, uint16_t *chain);

#endif
