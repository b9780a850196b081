// Whether to take the pass that ends a game: the opponent has passed, and the board as it stands is a win.
//
// Among our own players the board counts as it stands, so that pass is taken at once. A program or a person may hold stones for dead
// that still stand, and with them the win. So against those the pass is taken at once only where the search had seen a win before the
// opponent passed, when it could still take such stones off. Else the opponent's pass is a free move: the search is made
// without our pass, and its move is played unless the game looks lost by play, where the board as it stands is the better hope.
#ifndef ARENA_PASSING_H
#define ARENA_PASSING_H

#include "mcts/search.h"

// The pass, if it ends the game at once with a win for the mover and so needs no thought (Go: after a pass, ahead on the board); else
// GAME_NO_ACTION. scratch: [state_bytes].
int passing_end(const struct game *game, const void *state, void *scratch);
// What the search expects for the side that is not to move at its root, 0..1; NAN before the root is judged.
double passing_expectation(const struct search *search);
// The end can be taken unseen. expected: by the side that would take it, before the opponent passed; NAN: not known.
bool passing_is_sure(double expected);
// The game is to go on. expected: by the search without the ending move, 0..1.
bool passing_goes_on(double expected);

#endif
