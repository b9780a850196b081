// Perft: how many games of a length there are, the usual test of rules against those of others.
#ifndef GAME_PERFT_H
#define GAME_PERFT_H

#include "game/game.h"

// Number of move sequences of this length from `state`; shorter ones that end the game count only where the game's type says so.
// counts (may be NULL): one a legal first move.
unsigned long long perft(const struct game *game, const void *state, int depth, unsigned long long *counts);

#endif
