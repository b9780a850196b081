// The boards that a run's games are played on: its own, others beside it by their shares (`--sizes
// 7,9:2,13`), and the smaller one of a curriculum.
//
// The run's own board is the largest. Nets, batches and buffers are made for it, and the gate and
// the ladder play on it. A smaller board lies in its top left corner under a mask. Each board but
// the run's own has its own fair komi. Once made, a struct boards may be read from any thread.
#ifndef SELFPLAY_BOARDS_H
#define SELFPLAY_BOARDS_H

#include "game/game.h"

enum { BOARDS_MAX = 20, BOARDS_TEXT_BYTES = 400 };

struct config;

struct boards {
    struct game own, small; // `small` is the board of a curriculum; without one it equals `own`.
    int num;                // The number of boards that games are drawn from; 1: `own` alone.
    struct game at[BOARDS_MAX];
    double share[BOARDS_MAX]; // The share of the games on each board. They sum to 1.
};

// Writes the largest board that `sizes` names into size[2], and leaves it alone where `sizes` is
// empty. STATUS_USAGE where the list can't be read.
enum status boards_largest(const char *sizes, int size[2]);
// Opens all boards; `own` was opened by config_resolve and is copied. STATUS_USAGE where one net
// can't play on them all, or where the largest of the list is not `own`.
enum status boards_init(struct boards *boards, const struct config *config, const struct game *own);
// The board that belongs to a number drawn evenly from [0, 1).
const struct game *boards_draw(const struct boards *boards, double number);
// Writes the boards for people, such as "25 % on 7x7 (komi 9), 75 % on 9x9 (komi 7)".
char *boards_text(const struct boards *boards, char out[BOARDS_TEXT_BYTES]);
// The least and the greatest side, as nets note them.
void boards_sides(const struct boards *boards, int *least, int *greatest);

#endif
