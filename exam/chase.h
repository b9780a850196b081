// Reads ladders: whether a chain is caught by nothing but ataris. It works on plain stones.
#ifndef EXAM_CHASE_H
#define EXAM_CHASE_H

#include "exam/shapes.h"

enum chase_result { CHASE_FAILS, CHASE_CATCHES, CHASE_TOO_LONG };

// Whether the other side, who plays at `first` now, catches the chain at `target`, which has two
// liberties. *moves: how many moves of the attacker it takes when the chain runs as long as it can.
enum chase_result chase_read(const struct shape *board, int target, int first, int *moves);
// What the chain, whose one liberty is threatened, may do about it: run, or capture stones around it.
// Writes up to `most` moves and returns their number.
int chase_escapes(const struct shape *board, int target, int *moves, int most);
// Whether the chain gets away when it plays `move` now, from ataris and from nets of a few moves. It
// looks a few moves ahead.
bool chase_gets_away(const struct shape *board, int target, int move);
// Plays a stone and removes what it captures. False: it would be a suicide.
bool chase_play(struct shape *board, int point, int color);
// Writes the liberties of the chain at `point`, up to `most` of them, and returns their number.
int chase_liberties(const struct shape *board, int point, int *liberties, int most);

#endif
