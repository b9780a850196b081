// A session as JSON and as SGF.
#include "base/memory.h"
#include "game/area.h"
#include "game/sgf.h"
#include "web/play_parts.h"
#include "web/put.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void result_text(const struct session_result *result, char out[48]) {
    const char winner = result->winner == OUTCOME_FIRST ? 'B' : 'W';
    if (result->winner == OUTCOME_DRAW)
        snprintf(out, 48, "Draw");
    else if (!strcmp(result->reason, "resignation"))
        snprintf(out, 48, "%c+R", winner);
    else if (result->has_score)
        snprintf(out, 48, "%c+%g", winner, fabs(result->score));
    else
        snprintf(out, 48, "%c+", winner);
}

static cJSON *points_of(const struct session *s, int8_t wanted) {
    int8_t stones[BOARD_POINTS];
    cJSON *list = cJSON_CreateArray();
    game_stones(&s->game, s->state, stones);
    for (int i = 0; i < s->game.height * s->game.width; i++)
        if (stones[i] && s->result.status[i] == wanted) cJSON_AddItemToArray(list, cJSON_CreateNumber(i));
    return list;
}

static cJSON *result_json(const struct session *s) {
    char text[48];
    if (s->state_of != SESSION_OVER) return NULL;
    cJSON *object = cJSON_CreateObject();
    result_text(&s->result, text);
    put_text(object, "winner", board_winner(s->result.winner));
    put_number(object, "score", s->result.has_score ? s->result.score : NAN);
    put_text(object, "text", text);
    put_text(object, "reason", s->result.reason);
    put_object(object, "dead", points_of(s, AREA_DEAD));
    put_object(object, "seki", points_of(s, AREA_SEKI));
    put_object(object, "ownership", s->result.has_owners ? put_row(s->result.owner, s->game.height * s->game.width) : NULL);
    return object;
}

static cJSON *moves_json(struct session *s) {
    cJSON *list = cJSON_CreateArray();
    void *state = memory_raw(1, s->game.state_bytes, "a position");
    memcpy(state, s->base, s->game.state_bytes);
    for (int i = 0; i < s->num; i++) {
        cJSON *move = cJSON_CreateObject();
        board_put_move(move, &s->game, state, s->actions[i], s->scratch);
        put_text(move, "by", board_side(game_to_move(&s->game, state)));
        put_number(move, "winrate", (double)s->winrates[i]);
        cJSON_AddItemToArray(list, move);
        game_play(&s->game, state, s->actions[i]);
    }
    free(state);
    return list;
}

cJSON *session_json(struct session *s) {
    static const char *const states[] = {"yours", "thinking", "counting", "over", "failed"}, *const colours[] = {"b", "w",
                                                                                                                 "both"};
    char cells[BOARD_POINTS + 1];
    cJSON *object = cJSON_CreateObject(), *game = board_game(&s->game);
    if (s->game.has_komi) cJSON_ReplaceItemInObjectCaseSensitive(game, "komi", cJSON_CreateNumber(s->own_komi));
    put_text(object, "id", s->id);
    put_text(object, "model", s->model.id);
    put_text(object, "name", s->model.name);
    put_object(object, "game", game);
    put_text(object, "colour", colours[s->colour]);
    put_integer(object, "handicap", s->handicap);
    put_number(object, "level", s->level ? s->level : NAN);
    put_integer(object, "visits", s->setting.visits);
    put_number(object, "seconds", s->seconds);
    put_number(object, "elo", s->setting.elo);
    put_text(object, "state", states[s->state_of]);
    put_text(object, "note", s->note[0] ? s->note : NULL);
    board_cells(&s->game, s->base, cells);
    put_text(object, "start", cells);
    put_object(object, "position",
               board_position(&s->game, s->state, s->num, s->num ? s->before : NULL, s->num ? s->actions[s->num - 1] : 0));
    put_object(object, "moves", moves_json(s));
    put_object(object, "analysis", s->analysis ? cJSON_CreateRaw(s->analysis) : NULL);
    put_text(object, "searching", s->wish == WISH_HINT ? "hint" : s->wish == WISH_ANALYSIS ? "analysis" : NULL);
    put_object(object, "result", result_json(s));
    return object;
}

static void put_setup(const struct session *s, struct sgf_record *sgf) {
    int8_t stones[BOARD_POINTS];
    game_stones(&s->game, s->base, stones);
    for (int i = 0; i < s->game.height * s->game.width; i++) {
        if (!stones[i]) continue;
        const int side = stones[i] < 0;
        sgf->setup[side][sgf->num_setup[side]++] = (uint16_t)i;
    }
}

char *session_sgf(struct session *s) {
    struct sgf_record *sgf = memory_new(1, sizeof *sgf, "a record");
    *sgf = (struct sgf_record){.height = s->game.height, .width = s->game.width, .komi = s->own_komi, .num_moves = s->num};
    snprintf(sgf->game, sizeof sgf->game, "%s", s->game.type->name);
    snprintf(sgf->rules, sizeof sgf->rules, "%s", s->game.rules ? s->game.rules : "");
    for (int side = 0; side < 2; side++) {
        const bool is_visitor = s->colour == COLOUR_BOTH || s->colour == side;
        snprintf(side ? sgf->white : sgf->black, sizeof sgf->black, "%.100s", is_visitor ? "visitor" : s->model.name);
    }
    if (s->state_of == SESSION_OVER) {
        char text[48];
        result_text(&s->result, text);
        snprintf(sgf->result, sizeof sgf->result, "%.31s", s->result.winner == OUTCOME_DRAW ? "0" : text);
    }
    // Games whose start has stones (Othello, Breakthrough) have them from their rules.
    if (s->handicap) sgf->handicap = s->handicap;
    memcpy(s->scratch, s->base, s->game.state_bytes);
    sgf->first_to_move = game_to_move(&s->game, s->scratch);
    void *start = memory_raw(1, s->game.state_bytes, "a position");
    game_start(&s->game, start);
    if (game_hash(&s->game, start) != game_hash(&s->game, s->base)) put_setup(s, sgf);
    free(start);
    sgf->moves = memory_raw((size_t)s->num, sizeof *sgf->moves, "a record");
    sgf->movers = memory_raw((size_t)s->num, sizeof *sgf->movers, "a record");
    sgf->winrate = memory_raw((size_t)s->num, sizeof *sgf->winrate, "a record");
    for (int i = 0; i < s->num; i++) {
        const int mover = game_to_move(&s->game, s->scratch);
        sgf->moves[i] = s->actions[i];
        sgf->movers[i] = (uint8_t)mover;
        sgf->winrate[i] = mover ? 1 - s->winrates[i] : s->winrates[i];
        game_play(&s->game, s->scratch, s->actions[i]);
    }
    char *text = sgf_has_game(sgf->game) ? sgf_format(sgf) : NULL;
    sgf_done(sgf);
    free(sgf);
    return text;
}
