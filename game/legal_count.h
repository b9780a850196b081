// How many positions of Go are legal: a number that others have published, so that it can be
// compared.
#ifndef GAME_LEGAL_COUNT_H
#define GAME_LEGAL_COUNT_H

#include "base/status.h"

// Counts the legal positions of a size x size board exactly. A size below 1 is STATUS_USAGE; one
// whose count doesn't fit in 64 bits is STATUS_UNSUPPORTED.
enum status legal_count(int size, unsigned long long *count);

#endif
