// What one visitor asks of a run: metrics, the list of its games, one of them, and the games in
// play.
#include "base/memory.h"
#include "game/sgf.h"
#include "run/record_sgf.h"
#include "web/board.h"
#include "web/guard.h"
#include "web/put.h"
#include "web/runs_parts.h"
#include "web/value.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_POINTS = 10000, USUAL_POINTS = 2000, MOST_GAMES = 200, USUAL_GAMES = 50 };

struct run_reader *runs_ask(struct runs_run *run, struct http_answer *answer) {
    char error[600];
    status_hear(error, sizeof error);
    const enum status status = run->asked ? STATUS_OK : run_read_open(&run->asked, run->path);
    status_heard();
    if (status) guard_refuse(answer, 503, "%s", error);
    return status ? NULL : run->asked;
}

void runs_asked(struct runs_run *run, bool failed) {
    if (!failed) return;
    run_read_close(run->asked);
    run->asked = NULL;
}

static void answer_json(struct http_answer *answer, cJSON *object) {
    *answer = (struct http_answer){.status = 200, .type = "application/json"};
    answer->text = put_print(object, &answer->num_bytes);
}

// ---- metrics ----

cJSON *runs_make_metrics(const struct run_metrics *metrics, long long after) {
    static const char *const own[][2] = {{"iteration", ""}, {"games", ""},    {"step", ""},
                                         {"samples", ""},   {"seconds", "s"}, {"wall", "s since 1970"}};
    const int num = metrics->num_names;
    cJSON *object = cJSON_CreateObject();
    cJSON *columns = cJSON_AddArrayToObject(object, "columns"), *rows = cJSON_AddArrayToObject(object, "rows");
    for (int i = 0; i < 6 + num; i++) {
        cJSON *column = cJSON_CreateObject();
        put_text(column, "name", i < 6 ? own[i][0] : metrics->names[i - 6]);
        put_text(column, "unit", i < 6 ? own[i][1] : metrics->units[i - 6]);
        cJSON_AddItemToArray(columns, column);
    }
    const size_t size = 32 * (size_t)(6 + num) + 8;
    char *text = memory_raw(size, 1, "metrics");
    for (int r = 0; r < metrics->num_rows; r++) {
        const struct run_metrics_row *row = &metrics->rows[r];
        const double *values = metrics->values + (size_t)r * (size_t)num;
        size_t n = (size_t)snprintf(text, size, "[%lld,%lld,%lld,%lld,%.9g,%.14g", row->iteration, row->games, row->step,
                                    row->samples, row->seconds, row->wall);
        for (int i = 0; i < num; i++)
            n += (size_t)(isfinite(values[i]) ? snprintf(text + n, size - n, ",%.6g", values[i])
                                              : snprintf(text + n, size - n, ",null"));
        snprintf(text + n, size - n, "]");
        cJSON_AddItemToArray(rows, cJSON_CreateRaw(text));
    }
    free(text);
    put_integer(object, "last", metrics->num_rows ? metrics->rows[metrics->num_rows - 1].iteration : after);
    return object;
}

void runs_answer_metrics(struct runs *runs, int id, const struct http_request *request, struct http_answer *answer) {
    struct runs_run *run = &runs->at[id];
    struct run_metrics_wish wish = {0};
    struct run_metrics metrics;
    char error[600];
    if (!value_argument(request, "after", 0, 0, 1ll << 53, &wish.after, answer)) return;
    if (!value_argument(request, "most", USUAL_POINTS, 1, MOST_POINTS, &wish.most, answer)) return;
    pthread_mutex_lock(&run->asking);
    if (runs_ask(run, answer)) {
        status_hear(error, sizeof error);
        const enum status status = run_read_metrics_some(run->asked, &wish, &metrics);
        status_heard();
        runs_asked(run, status != STATUS_OK);
        if (status) {
            guard_refuse(answer, 503, "%s", error);
        } else {
            answer_json(answer, runs_make_metrics(&metrics, wish.after));
            run_metrics_done(&metrics);
        }
    }
    pthread_mutex_unlock(&run->asking);
}

// ---- the list of games ----

static bool read_result(const struct http_request *request, enum outcome *out, struct http_answer *answer) {
    const char *text = http_argument(request, "result");
    *out = OUTCOME_NONE;
    if (!text || !*text) return true;
    for (int i = OUTCOME_FIRST; i <= OUTCOME_DRAW; i++)
        if (!strcmp(text, board_winner((enum outcome)i))) *out = (enum outcome)i;
    if (*out == OUTCOME_NONE) guard_refuse(answer, 400, "result: must be b, w or draw");
    return *out != OUTCOME_NONE;
}

static cJSON *make_games(struct runs_run *run, const struct run_game_row *games, int num, int wanted) {
    struct run_checkpoint *checkpoints = NULL;
    int num_checkpoints = 0;
    cJSON *object = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(object, "games");
    for (int i = num; i-- > 0;) {
        const struct run_game_row *game = &games[i];
        cJSON *row = cJSON_CreateObject();
        put_integer(row, "index", game->index);
        put_integer(row, "net", game->net_step);
        put_integer(row, "height", game->height);
        put_integer(row, "width", game->width);
        put_number(row, "komi", game->komi);
        put_integer(row, "plies", game->plies);
        put_integer(row, "opening_plies", game->opening_plies);
        put_text(row, "result", board_winner(game->outcome));
        put_number(row, "score", game->score);
        put_number(row, "seconds", game->seconds);
        put_flag(row, "has_moves", !game->is_pruned);
        cJSON_AddItemToArray(list, row);
    }
    cJSON *nets = cJSON_AddArrayToObject(object, "nets");
    if (run_read_checkpoints(run->asked, &checkpoints, &num_checkpoints)) num_checkpoints = 0;
    for (int i = 0; i < num_checkpoints; i++) cJSON_AddItemToArray(nets, cJSON_CreateNumber((double)checkpoints[i].step));
    free(checkpoints);
    put_number(object, "next", num == wanted && games[0].index > 0 ? (double)games[0].index : NAN);
    return object;
}

void runs_answer_games(struct runs *runs, int id, const struct http_request *request, struct http_answer *answer) {
    struct runs_run *run = &runs->at[id];
    struct run_games_wish wish = {.newest = true};
    struct run_game_row *games;
    long long count;
    char error[600];
    int num;
    if (!value_argument(request, "net", -1, -1, 1ll << 53, &wish.net_step, answer)) return;
    if (!value_argument(request, "before", 0, 0, 1ll << 53, &wish.before, answer)) return;
    if (!value_argument(request, "count", USUAL_GAMES, 1, MOST_GAMES, &count, answer)) return;
    if (!read_result(request, &wish.outcome, answer)) return;
    wish.most = (int)count;
    pthread_mutex_lock(&run->asking);
    if (runs_ask(run, answer)) {
        status_hear(error, sizeof error);
        const enum status status = run_read_games(run->asked, &wish, &games, &num);
        if (!status) answer_json(answer, make_games(run, games, num, wish.most));
        status_heard();
        runs_asked(run, status != STATUS_OK);
        if (status)
            guard_refuse(answer, 503, "%s", error);
        else
            free(games);
    }
    pthread_mutex_unlock(&run->asking);
}

// ---- one game ----

// The mover's values as the first player's.
static void put_values(cJSON *object, const struct record_ply *ply, bool has_score) {
    float wdl[3];
    const bool is_known = ply && ply->kind != PLY_FREE;
    double winrate = NAN, draw = NAN, score = NAN;
    if (is_known) {
        record_wdl(ply, wdl);
        winrate = (double)wdl[0] + (double)wdl[1] / 2;
        if (ply->mover) winrate = 1 - winrate;
        draw = (double)wdl[1];
        if (has_score) score = ply->mover ? -(double)ply->score : (double)ply->score;
    }
    put_number(object, "winrate", winrate);
    put_number(object, "draw", draw);
    put_number(object, "score", score);
}

// The policy of a ply over the legal moves of its position. policy: [num_actions].
static bool read_policy(const struct record *record, int ply, const struct game *game, const void *state, float *policy) {
    uint16_t legal[GAME_MAX_ACTIONS];
    float *dense = memory_raw((size_t)game->num_actions, sizeof *dense, "a policy");
    const bool has_policy = record_policy(record, ply, dense, game->num_actions);
    const int n = game_legal(game, state, legal);
    for (int i = 0; i < game->num_actions; i++) policy[i] = -1;
    for (int i = 0; i < n && has_policy; i++) policy[legal[i]] = dense[legal[i]];
    free(dense);
    return has_policy;
}

static cJSON *make_plies(const struct record *record, const struct game *game) {
    static const char *const kinds[NUM_PLY_KINDS] = {"free", "full", "fast"};
    cJSON *list = cJSON_CreateArray();
    void *state = memory_raw(2, game->state_bytes, "a position"), *scratch = (char *)state + game->state_bytes;
    float *policy = memory_raw((size_t)game->num_actions, sizeof *policy, "a policy");
    char cells[BOARD_POINTS + 1];
    game_start(game, state);
    for (int i = 0; i < record->num_plies; i++) {
        const struct record_ply *ply = &record->plies[i];
        cJSON *object = cJSON_CreateObject();
        board_put_move(object, game, state, ply->action, scratch);
        put_text(object, "by", board_side(ply->mover));
        put_text(object, "kind", kinds[ply->kind]);
        put_values(object, ply, game->has_score);
        board_put_policy(object, game, state, read_policy(record, i, game, state, policy) ? policy : NULL);
        game_play(game, state, ply->action);
        board_cells(game, state, cells);
        put_text(object, "cells", cells);
        cJSON_AddItemToArray(list, object);
    }
    free(policy);
    free(state);
    return list;
}

static cJSON *make_game(const struct record *record, const struct game *game) {
    char cells[BOARD_POINTS + 1];
    void *state = memory_raw(1, game->state_bytes, "a position");
    cJSON *object = cJSON_CreateObject(), *owners = NULL;
    game_start(game, state);
    board_cells(game, state, cells);
    free(state);
    put_integer(object, "index", record->index);
    put_integer(object, "net", record->net_step);
    put_object(object, "game", board_game(game));
    put_text(object, "result", board_winner(record->outcome));
    put_number(object, "score", game->has_score ? (double)record->score : NAN);
    put_integer(object, "opening_plies", record->opening_plies);
    put_text(object, "start", cells);
    if (record->ownership) {
        float values[BOARD_POINTS];
        const int points = game->height * game->width;
        for (int i = 0; i < points; i++) values[i] = record->ownership[i];
        owners = put_row(values, points);
    }
    put_object(object, "ownership", owners);
    put_object(object, "plies", make_plies(record, game));
    return object;
}

static void answer_sgf(const struct record *record, struct http_answer *answer) {
    char *text = sgf_has_game(record->game) ? record_format_sgf(record) : NULL;
    if (!text) {
        guard_refuse(answer, 404, "SGF has no such game");
        return;
    }
    *answer = (struct http_answer){.status = 200, .type = "application/x-go-sgf", .text = text, .num_bytes = strlen(text)};
    snprintf(answer->disposition, sizeof answer->disposition, "attachment; filename=\"game-%08lld.sgf\"", record->index);
}

void runs_answer_game(struct runs *runs, int id, long long index, bool as_sgf, struct http_answer *answer) {
    struct runs_run *run = &runs->at[id];
    struct record record;
    struct game game;
    char error[600];
    bool found = false;
    pthread_mutex_lock(&run->asking);
    if (runs_ask(run, answer)) {
        status_hear(error, sizeof error);
        enum status status = run_read_record(run->asked, index, &record, &found);
        if (!status && found) {
            status = record_verify(&record, NULL, run->path);
            if (!status) status = record_open_game(&record, &game);
            if (status) record_done(&record);
        }
        status_heard();
        runs_asked(run, status != STATUS_OK);
        if (status)
            guard_refuse(answer, 503, "%s", error);
        else if (!found)
            guard_refuse(answer, 404, "there is no such game, or its moves are gone from the disk");
        found = found && !status;
    }
    pthread_mutex_unlock(&run->asking);
    if (!found) return;
    if (as_sgf)
        answer_sgf(&record, answer);
    else
        answer_json(answer, make_game(&record, &game));
    record_done(&record);
}

// ---- games in play ----

// The board after all plies; the policy of the last full search.
static cJSON *make_live_game(const struct record *record, int slot) {
    struct game game;
    if (record_open_game(record, &game)) return NULL;
    cJSON *object = cJSON_CreateObject(), *last = NULL, *winrates = cJSON_CreateArray();
    void *state = memory_raw(2, game.state_bytes, "a position"), *scratch = (char *)state + game.state_bytes;
    float *policy = memory_raw((size_t)game.num_actions, sizeof *policy, "a policy");
    char cells[BOARD_POINTS + 1];
    int full = -1;
    for (int i = 0; i < record->num_plies; i++)
        if (record->plies[i].kind == PLY_FULL && record->plies[i].num_probs) full = i;
    game_start(&game, state);
    for (int i = 0; i < record->num_plies; i++) {
        const struct record_ply *ply = &record->plies[i];
        cJSON *values = cJSON_CreateObject();
        put_values(values, ply, game.has_score);
        cJSON_AddItemToArray(winrates, cJSON_DetachItemFromObjectCaseSensitive(values, "winrate"));
        cJSON_Delete(values);
        if (i == full) board_put_policy(object, &game, state, read_policy(record, i, &game, state, policy) ? policy : NULL);
        if (i == record->num_plies - 1) board_put_move(last = cJSON_CreateObject(), &game, state, ply->action, scratch);
        game_play(&game, state, ply->action);
    }
    if (full < 0) board_put_policy(object, &game, state, NULL);
    put_number(object, "policy_ply", full >= 0 ? full : NAN);
    put_integer(object, "slot", slot);
    put_object(object, "game", board_game(&game));
    put_integer(object, "ply", record->num_plies);
    put_text(object, "to_move", board_side(game_to_move(&game, state)));
    board_cells(&game, state, cells);
    put_text(object, "cells", cells);
    put_object(object, "last", last);
    put_values(object, record->num_plies ? &record->plies[record->num_plies - 1] : NULL, game.has_score);
    put_object(object, "winrates", winrates);
    free(policy);
    free(state);
    return object;
}

cJSON *runs_make_live(struct runs *runs, struct runs_run *run) {
    cJSON *object = cJSON_CreateObject();
    const double age = run->has_live ? fmax(0, runs->wall() - run->live.wall) : NAN;
    put_number(object, "wall", run->has_live ? run->live.wall : NAN);
    put_number(object, "age", age);
    put_number(object, "step", run->has_live ? (double)run->live.step : NAN);
    cJSON *games = cJSON_AddArrayToObject(object, "games");
    // A file that nobody has replaced for long is what a kill has left.
    for (int i = 0; run->has_live && age < 600 && i < run->live.num; i++) {
        cJSON *game = make_live_game(&run->live.records[i], i);
        if (game) cJSON_AddItemToArray(games, game);
    }
    return object;
}
