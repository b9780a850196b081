// Games, positions and moves as JSON (docs/api.md): the page knows no rules, so that all it may
// draw or click is told here.
#ifndef WEB_BOARD_H
#define WEB_BOARD_H

#include "game/game.h"

#include <cjson/cJSON.h>

enum { BOARD_POINTS = GAME_MAX_SIDE * GAME_MAX_SIDE };

cJSON *board_game(const struct game *game);
// The digits of the board, with a zero byte at the end.
void board_cells(const struct game *game, const void *state, char out[BOARD_POINTS + 1]);
// Where a legal action of the state ends and which point a piece leaves; -1: there is no such
// point. scratch: [state_bytes].
struct board_where {
    int point, from;
};
struct board_where board_where(const struct game *game, const void *state, int action, void *scratch);
// Adds `move`, `point` and `from`.
void board_put_move(cJSON *object, const struct game *game, const void *state, int action, void *scratch);
// A POSITION. `before` is the state before `last`, the move that led here; NULL: there is none.
cJSON *board_position(const struct game *game, const void *state, int ply, const void *before, int last);
// Adds `policy` and `policy_other`. policy: [num_actions], negative for what is no move; NULL makes
// both null.
void board_put_policy(cJSON *object, const struct game *game, const void *state, const float *policy);
// "b", "w", "draw", or NULL.
const char *board_winner(enum outcome outcome);
const char *board_side(int player);

#endif
