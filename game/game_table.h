// The rows of the table of games, in the order in which they are listed. Only game/ includes this;
// everybody else uses game/game.h.
#ifndef GAME_GAME_TABLE_H
#define GAME_GAME_TABLE_H

#include "game/game.h"

// GAME_TABLE(row) is row(NAME) for every game. The file of that game defines `NAME_type`.
#define GAME_TABLE(row) row(go) row(tictactoe) row(connect4) row(othello) row(hex) row(gomoku) row(breakthrough)

#define GAME_TABLE_DECLARE(name) extern const struct game_type name##_type;
GAME_TABLE(GAME_TABLE_DECLARE)
#undef GAME_TABLE_DECLARE

#endif
