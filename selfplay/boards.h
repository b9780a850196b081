// The boards that a run's games are played on: its own, others beside it by share (`--sizes 7,9:2,13`), and the smaller one of a curriculum.
//
// The run's own board is the largest: nets, batches and buffers are made for it, and the gate and the ladder play on it. A smaller one
// lies in its top left under a mask. Each board but the run's own has its own fair komi.
#ifndef SELFPLAY_BOARDS_H
#define SELFPLAY_BOARDS_H

#include "game/game.h"

enum { BOARDS_MAX = 20, BOARDS_TEXT_BYTES = 400 };

struct config;

struct boards {
    struct game own, small; // small: of a curriculum, else as own
    int num;                // of those that games are drawn from; 1: own
    struct game at[BOARDS_MAX];
    double share[BOARDS_MAX]; // of games; sum 1
};

// The largest board that `sizes` names, into size[2]; untouched where it is empty. STATUS_USAGE: unreadable.
enum status boards_largest(const char *sizes, int size[2]);
// Opens them all. Refuses what one net can't play, and a list whose largest is not `own` (opened by config_resolve; copied).
enum status boards_init(struct boards *boards, const struct config *config, const struct game *own);
// The board of a number drawn evenly from [0, 1).
const struct game *boards_draw(const struct boards *boards, double number);
// "25 % on 7x7 (komi 9), 75 % on 9x9 (komi 7)"
char *boards_text(const struct boards *boards, char out[BOARDS_TEXT_BYTES]);
// The least and the greatest side, as nets have them.
void boards_sides(const struct boards *boards, int *least, int *greatest);

#endif
