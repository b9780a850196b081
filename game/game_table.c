// The table of games. It is alone in its file, so that a test can link its own versions of these
// two functions and so have other games.
#include "game/game_table.h"

#define ROW(name) &name##_type,
static const struct game_type *const games[] = {GAME_TABLE(ROW)};
#undef ROW

int game_count(void) { return (int)(sizeof games / sizeof *games); }
const struct game_type *game_at(int index) { return games[index]; }
