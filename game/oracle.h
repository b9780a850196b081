// The rules as a service: perft, legal-position counts, and the line protocol of `tengen rules`.
#ifndef GAME_ORACLE_H
#define GAME_ORACLE_H

#include "game/game.h"

#include <stdio.h>

// Number of move sequences of this length from `state`; shorter ones that end the game count only where the game's type says so.
// counts (may be NULL): one a legal first move.
unsigned long long perft(const struct game *game, const void *state, int depth, unsigned long long *counts);
// Legal Go positions of an n x n board, 1 <= n (by transfer matrix over the border, exact; says so when the count would not fit).
enum status legal_count(int size, unsigned long long *count);
// Answers each line of `in` with one line of JSON on `out`, as shared contract says; ends on quit or end of input.
enum status rules_serve(const struct game *game, FILE *in, FILE *out);

#endif
