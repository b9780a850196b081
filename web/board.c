// What a game of the table looks like is found by asking it: the labels of columns and rows are
// read from the names of its moves, and where a piece goes from what a move changes.
#include "web/board.h"

#include "base/memory.h"
#include "gtp/gtp_handicap.h"
#include "web/put.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *board_winner(enum outcome outcome) {
    static const char *const names[] = {NULL, "b", "w", "draw"};
    return names[outcome];
}
const char *board_side(int player) { return player ? "w" : "b"; }

static bool moves_pieces(const struct game *game) { return game->policy_planes > 1; }

// Cuts the name of a point, such as D4, into its letters and its figures. A name without letters is
// that of a column alone.
static void cut_label(const struct game *game, int point, char column[GAME_TEXT_BYTES], char row[GAME_TEXT_BYTES]) {
    char text[GAME_TEXT_BYTES];
    game->type->action_text(game, point, text);
    const size_t letters = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    const size_t figures = strspn(text + letters, "0123456789");
    snprintf(column, GAME_TEXT_BYTES, "%.*s", (int)(letters ? letters : figures), text);
    snprintf(row, GAME_TEXT_BYTES, "%.*s", (int)(letters ? figures : 0), text + letters);
}

cJSON *board_game(const struct game *game) {
    uint16_t points[9];
    char column[GAME_TEXT_BYTES], row[GAME_TEXT_BYTES];
    cJSON *object = cJSON_CreateObject();
    put_text(object, "name", game->type->name);
    put_text(object, "title", game->type->title);
    put_integer(object, "height", game->height);
    put_integer(object, "width", game->width);
    put_number(object, "komi", game->has_komi ? game->komi : NAN);
    put_text(object, "rules", game->rules && *game->rules ? game->rules : NULL);
    put_flag(object, "has_komi", game->has_komi);
    put_flag(object, "has_score", game->has_score);
    put_flag(object, "has_ownership", game->has_ownership);
    put_flag(object, "has_pass", game->pass_action != GAME_NO_ACTION);
    put_flag(object, "moves_pieces", moves_pieces(game));
    put_flag(object, "has_handicap",
             game->agreement != AGREEMENT_NONE && gtp_handicap_points(game->width, game->height, 2, points));
    cJSON *columns = cJSON_AddArrayToObject(object, "columns"), *rows = cJSON_AddArrayToObject(object, "rows");
    for (int x = 0; x < game->width; x++) {
        cut_label(game, x, column, row);
        cJSON_AddItemToArray(columns, cJSON_CreateString(column));
    }
    for (int y = 0; y < game->height; y++) {
        cut_label(game, y * game->width, column, row);
        cJSON_AddItemToArray(rows, cJSON_CreateString(row));
    }
    return object;
}

void board_cells(const struct game *game, const void *state, char out[BOARD_POINTS + 1]) {
    int8_t stones[BOARD_POINTS];
    const int n = game->height * game->width;
    game_stones(game, state, stones);
    for (int i = 0; i < n; i++) out[i] = stones[i] > 0 ? '1' : stones[i] < 0 ? '2' : '0';
    out[n] = 0;
}

struct board_where board_where(const struct game *game, const void *state, int action, void *scratch) {
    const int points = game->height * game->width;
    if (action >= points * game->policy_planes) return (struct board_where){-1, -1};
    if (!moves_pieces(game)) return (struct board_where){action % points, -1};
    int8_t before[BOARD_POINTS], after[BOARD_POINTS];
    const int side = game_to_move(game, state) ? -1 : 1;
    struct board_where where = {-1, -1};
    memcpy(scratch, state, game->state_bytes);
    game_play(game, scratch, action);
    game_stones(game, state, before);
    game_stones(game, scratch, after);
    for (int i = 0; i < points; i++) {
        if (after[i] == side && before[i] != side) where.point = i;
        if (before[i] == side && after[i] != side) where.from = i;
    }
    return where;
}

static void put_point(cJSON *object, const char *key, int point) {
    if (point < 0)
        put_null(object, key);
    else
        put_integer(object, key, point);
}

void board_put_move(cJSON *object, const struct game *game, const void *state, int action, void *scratch) {
    char text[GAME_TEXT_BYTES];
    const struct board_where where = board_where(game, state, action, scratch);
    game->type->action_text(game, action, text);
    put_text(object, "move", text);
    put_point(object, "point", where.point);
    put_point(object, "from", where.from);
}

cJSON *board_position(const struct game *game, const void *state, int ply, const void *before, int last) {
    char cells[BOARD_POINTS + 1];
    uint16_t actions[GAME_MAX_ACTIONS];
    void *scratch = memory_raw(1, game->state_bytes, "a position");
    cJSON *object = cJSON_CreateObject(), *move = NULL;
    const enum outcome outcome = game_outcome(game, state);
    put_integer(object, "ply", ply);
    put_text(object, "to_move", board_side(game_to_move(game, state)));
    board_cells(game, state, cells);
    put_text(object, "cells", cells);
    if (before) board_put_move(move = cJSON_CreateObject(), game, before, last, scratch);
    put_object(object, "last", move);
    cJSON *legal = cJSON_AddArrayToObject(object, "legal");
    const int n = game_legal(game, state, actions);
    for (int i = 0; i < n; i++) {
        board_put_move(move = cJSON_CreateObject(), game, state, actions[i], scratch);
        cJSON_AddItemToArray(legal, move);
    }
    if (game->type->captures) {
        int counts[2];
        game->type->captures(game, state, counts);
        cJSON *captures = cJSON_AddObjectToObject(object, "captures");
        put_integer(captures, "b", counts[0]);
        put_integer(captures, "w", counts[1]);
    } else {
        put_null(object, "captures");
    }
    put_flag(object, "over", outcome != OUTCOME_NONE);
    put_text(object, "result", board_winner(outcome));
    put_number(object, "score", outcome != OUTCOME_NONE && game->has_score ? game_score(game, state) : NAN);
    free(scratch);
    return object;
}

void board_put_policy(cJSON *object, const struct game *game, const void *state, const float *policy) {
    const int points = game->height * game->width;
    float map[BOARD_POINTS];
    if (!policy) {
        put_null(object, "policy");
        put_null(object, "policy_other");
        return;
    }
    void *scratch = memory_raw(1, game->state_bytes, "a position");
    cJSON *other = cJSON_CreateObject();
    for (int i = 0; i < points; i++) map[i] = NAN;
    for (int action = 0; action < game->num_actions; action++) {
        if (policy[action] < 0) continue;
        const struct board_where where = board_where(game, state, action, scratch);
        char text[GAME_TEXT_BYTES];
        if (where.point >= 0) {
            map[where.point] = (isnan(map[where.point]) ? 0 : map[where.point]) + policy[action];
        } else {
            game->type->action_text(game, action, text);
            put_number(other, text, (double)policy[action]);
        }
    }
    put_object(object, "policy", put_row(map, points));
    put_object(object, "policy_other", other);
    free(scratch);
}
