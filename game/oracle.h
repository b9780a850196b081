// The rules as a service, for other programs to ask: the line protocol of `tengen rules`.
#ifndef GAME_ORACLE_H
#define GAME_ORACLE_H

#include "game/game.h"

#include <stdio.h>

// Answers each line of `in` with one line of JSON on `out`, as the shared contract says; ends on quit or end of input.
enum status oracle_serve(const struct game *game, FILE *in, FILE *out);

#endif
