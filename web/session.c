// A session's game: moves, turns, the end and the count.
//
//   yours -> a move -> thinking -> the program's move -> yours ... -> counting -> over
//
// Invariant: session->state is what the first `num` actions make of `base`, and `before` is the
// state one action earlier, where there is one.
#include "base/memory.h"
#include "game/area.h"
#include "game/go_rules.h"
#include "web/play_parts.h"
#include "web/put.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// A search may take so much memory, at about so many bytes for an edge of its tree. Chosen.
static const double search_bytes = 64e6, edge_bytes = 24, node_bytes = 100;

void session_free(struct session *session) {
    if (!session) return;
    free(session->base);
    free(session->actions);
    free(session->winrates);
    free(session->analysis);
    free(session);
}

int session_most_visits(const struct game *game) {
    const double bytes = node_bytes + edge_bytes * game->max_legal + game->height * game->width;
    const double most = search_bytes / bytes;
    return most < PLAY_MAX_VISITS ? (int)most : PLAY_MAX_VISITS;
}

void session_derive(struct session *s, int num) {
    memcpy(s->state, s->base, s->game.state_bytes);
    for (int i = 0; i < num; i++) {
        if (i == num - 1) memcpy(s->before, s->state, s->game.state_bytes);
        game_play(&s->game, s->state, s->actions[i]);
    }
}

void session_tell(struct play *play, struct session *s) {
    size_t n;
    if (!events_count(play->params.events, EVENTS_SESSIONS + s->number)) return;
    char *text = put_print(session_json(s), &n);
    events_send(play->params.events, EVENTS_SESSIONS + s->number, "session", text);
    free(text);
}

void session_unwish(struct session *s) {
    s->wish = WISH_NONE;
    s->is_searching = false;
    s->serial++; // so that nobody hears of the old search
}

void session_wish(struct play *play, struct session *s, enum session_wish wish, int ply, int visits) {
    session_unwish(s);
    s->wish = wish;
    s->wish_ply = ply;
    s->wish_visits = visits;
    s->end = GAME_NO_ACTION;
    pthread_cond_signal(&play->wanted);
}

// Whether two passes have ended play although the players are yet to agree about the stones.
static bool ends_by_passes(const struct session *s) {
    const int pass = s->game.pass_action;
    return s->game.agreement != AGREEMENT_NONE && s->num >= 2 && s->actions[s->num - 1] == pass &&
           s->actions[s->num - 2] == pass;
}

static void end_by_rules(struct session *s) {
    s->state_of = SESSION_OVER;
    s->result = (struct session_result){.winner = game_outcome(&s->game, s->state), .reason = "rules"};
    if (!s->game.has_score) return;
    s->result.has_score = true;
    s->result.score = game_score(&s->game, s->state);
    s->result.reason = "score";
}

void session_turn(struct play *play, struct session *s) {
    session_unwish(s);
    s->result = (struct session_result){0};
    if (game_outcome(&s->game, s->state) != OUTCOME_NONE || ends_by_passes(s)) {
        if (s->game.agreement != AGREEMENT_NONE)
            session_count(play, s);
        else
            end_by_rules(s);
        return;
    }
    const bool is_theirs = s->colour == COLOUR_BOTH || game_to_move(&s->game, s->state) == s->colour;
    s->state_of = is_theirs ? SESSION_YOURS : SESSION_THINKING;
    if (!is_theirs) session_wish(play, s, WISH_MOVE, s->num, 0);
}

void session_play(struct play *play, struct session *s, int action, float winrate) {
    CHECK(s->num < s->max);
    memcpy(s->before, s->state, s->game.state_bytes);
    game_play(&s->game, s->state, action);
    s->actions[s->num] = (uint16_t)action;
    s->winrates[s->num++] = winrate;
    session_turn(play, s);
}

void session_resign(struct session *s, int side) {
    session_unwish(s);
    s->state_of = SESSION_OVER;
    s->result = (struct session_result){.winner = side ? OUTCOME_FIRST : OUTCOME_SECOND, .reason = "resignation"};
}

// ---- the count ----

// The board as the moves have left it.
static void make_board(const struct session *s, struct area_board *board) {
    int8_t stones[BOARD_POINTS];
    area_start(board, s->game.height, s->game.width);
    game_stones(&s->game, s->base, stones);
    memcpy(board->point, stones, (size_t)(s->game.height * s->game.width));
    memcpy(s->scratch, s->base, s->game.state_bytes);
    for (int i = 0; i < s->num; i++) {
        area_play(board, game_to_move(&s->game, s->scratch) ? -1 : 1, s->actions[i]);
        game_play(&s->game, s->scratch, s->actions[i]);
    }
}

// By these rules (Tromp and Taylor's) the players don't agree on who lives: all stones live.
static bool counts_as_it_stands(const struct game *game) { return game->rules && !strcmp(game->rules, "tromp-taylor"); }

void session_counted(struct session *s, const float *owner) {
    struct session_result *result = &s->result;
    struct area_board board;
    const int points = s->game.height * s->game.width;
    *result = (struct session_result){.has_score = true, .has_owners = true, .reason = "score"};
    make_board(s, &board);
    if (!counts_as_it_stands(&s->game)) {
        area_find_dead(&board, owner, result->status);
        if (s->game.rule[GO_TAX] == GO_TAX_SEKI) area_find_seki(&s->game, &board, owner, result->status);
    }
    // What is shown is what was counted, and not the chances that decided which stones are dead.
    uint8_t dead[BOARD_POINTS];
    int8_t owners[BOARD_POINTS];
    for (int i = 0; i < points; i++) dead[i] = result->status[i] == AREA_DEAD;
    area_owners(&board, dead, owners);
    for (int i = 0; i < points; i++) result->owner[i] = owners[i];
    // A game without result, as a cycle under simple ko makes it, is a draw.
    const bool is_void = game_outcome(&s->game, s->state) == OUTCOME_DRAW;
    result->score = is_void ? 0 : area_agreed(&s->game, &board, result->status);
    result->winner = result->score > 0 ? OUTCOME_FIRST : result->score < 0 ? OUTCOME_SECOND : OUTCOME_DRAW;
    s->state_of = SESSION_OVER;
    session_unwish(s);
}

// How many actions there are without the passes at the end.
static int num_before_passes(const struct session *s) {
    int num = s->num;
    while (num > 0 && s->actions[num - 1] == s->game.pass_action) num--;
    return num;
}

void session_count(struct play *play, struct session *s) {
    const int num = num_before_passes(s), points = s->game.height * s->game.width;
    session_unwish(s);
    s->result = (struct session_result){0};
    session_derive(s, num);
    const bool is_certain = game_certain(&s->game, s->state) != OUTCOME_NONE;
    int8_t exact[BOARD_POINTS];
    float owner[BOARD_POINTS] = {0};
    if (is_certain) s->game.type->ownership(&s->game, s->state, exact);
    for (int i = 0; i < points && is_certain; i++) owner[i] = exact[i];
    session_derive(s, s->num);
    if (is_certain || counts_as_it_stands(&s->game)) {
        session_counted(s, owner);
        return;
    }
    s->state_of = SESSION_COUNTING;
    session_wish(play, s, WISH_COUNT, num, 0);
}
