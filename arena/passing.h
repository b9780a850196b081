// Whether to take the pass that ends a game: the opponent has passed, and the board as it stands is
// a win.
//
// Among our own players the board counts as it stands, so the pass is taken at once. A program or a
// person may hold stones for dead that still stand, and with them the win. Against those the pass
// is taken at once only if the search saw a win before the opponent passed, when it could still
// have captured such stones. Otherwise the opponent's pass is treated as a free move for us: a
// search without our pass chooses a move, and that move is played unless the game looks lost by
// playing on, in which case the board as it stands is the better hope.
#ifndef ARENA_PASSING_H
#define ARENA_PASSING_H

#include "mcts/search.h"

// The pass, if it ends the game at once with a win for the side to move (in Go, after a pass, ahead
// on the board). Else GAME_NO_ACTION. scratch: [state_bytes].
int passing_end(const struct game *game, const void *state, void *scratch);
// What the search expects for the side that is not to move at its root, 0..1; NAN before the root
// is judged.
double passing_expectation(const struct search *search);
// Whether the pass can be taken without a search. `expected` is the expectation, 0..1, of the side
// that would take it, from before the opponent passed; NAN: not known.
bool passing_is_sure(double expected);
// Whether to play on. `expected` is what the search without the pass expects, 0..1.
bool passing_goes_on(double expected);

#endif
