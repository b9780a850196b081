// Reads ladders: whether a chain is caught by nothing but ataris. It works on plain stones.
#ifndef EXAM_LADDERS_H
#define EXAM_LADDERS_H

#include "exam/shapes.h"

enum ladder_result { LADDER_FAILS, LADDER_WORKS, LADDER_TOO_LONG };

// Whether the other side, who plays at `first` now, catches the chain at `target`, which has two
// liberties. *moves: how many moves of the attacker it takes when the chain runs as long as it can.
enum ladder_result ladder_read(const struct shape *board, int target, int first, int *moves);
// Writes the liberties of the chain at `point`, up to `most` of them, and returns their number.
int ladder_liberties(const struct shape *board, int point, int *liberties, int most);

#endif
