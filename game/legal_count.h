// How many positions of Go are legal: a figure that others have published.
#ifndef GAME_LEGAL_COUNT_H
#define GAME_LEGAL_COUNT_H

#include "base/status.h"

// Legal Go positions of an n x n board, 1 <= n (by transfer matrix over the border, exact; says so when the count would not fit).
enum status legal_count(int size, unsigned long long *count);

#endif
