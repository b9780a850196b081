// Perft: how many sequences of so many moves there are, the usual way to compare rules with those
// of other programs.
#ifndef GAME_PERFT_H
#define GAME_PERFT_H

#include "game/game.h"

// The number of sequences of `depth` moves from `state`. Shorter ones that end the game count only
// where game_type.perft_keeps_finished says so. counts (may be NULL) receives the number for each
// legal first move.
unsigned long long perft(const struct game *game, const void *state, int depth, unsigned long long *counts);

#endif
