// The rules as a service to other programs: the line protocol of `tengen rules`.
#ifndef GAME_ORACLE_H
#define GAME_ORACLE_H

#include "game/game.h"

#include <stdio.h>

// Answers each line of `in` with one line of JSON on `out`, until "quit" or the end of the input.
// Lines that are wrong are answered too; STATUS_IO where an answer can't be written.
enum status oracle_serve(const struct game *game, FILE *in, FILE *out);

#endif
