// Inside game/: the rows of the table, and verbs that point-board games share. Others use game/game.h.
#ifndef GAME_GAMES_H
#define GAME_GAMES_H

#include "game/game.h"

extern const struct game_type go_type;
extern const struct game_type tictactoe_type;
extern const struct game_type connect4_type;
extern const struct game_type othello_type;
extern const struct game_type hex_type;
extern const struct game_type gomoku_type;
extern const struct game_type breakthrough_type;

// permute and symmetry_inverse of games whose planes all turn with the board.
int points_permute(const struct game *game, int symmetry, int action);
int points_symmetry_inverse(const struct game *game, int symmetry);

#endif
