// What visitors ask for, each under the mutex for as long as it takes to change or print a session.
#include "web/play.h"

#include "base/memory.h"
#include "web/play_parts.h"
#include "web/put.h"
#include "web/value.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Seconds; chosen. A session without a request and without a listener goes after the first, and for
// another visitor after the second where there is no place.
static const double idle_seconds = 1800, pushed_seconds = 60;

enum status play_new(struct play **out, const struct play_params *params) {
    struct play *play = memory_new(1, sizeof *play, "games to play");
    play->params = *params;
    if (play->params.threads < 1) play->params.threads = 1;
    if (play->params.threads > ANALYST_MAX_JUDGES) play->params.threads = ANALYST_MAX_JUDGES;
    pthread_mutex_init(&play->mutex, NULL);
    pthread_cond_init(&play->wanted, NULL);
    // No visitor is to foresee what another one's opponent draws.
    char id[GUARD_ID_BYTES];
    enum status status = guard_make_id(id);
    if (!status) rng_init(&play->rng, strtoull(id + 16, NULL, 16), 0);
    if (!status && pthread_create(&play->thread, NULL, thinker_main, play))
        status = status_fail(STATUS_MEMORY, "no thread to play with");
    play->has_thread = !status;
    if (status)
        play_free(play);
    else
        *out = play;
    return status;
}

void play_free(struct play *play) {
    if (!play) return;
    pthread_mutex_lock(&play->mutex);
    play->quit = true;
    pthread_cond_signal(&play->wanted);
    pthread_mutex_unlock(&play->mutex);
    if (play->has_thread) pthread_join(play->thread, NULL);
    thinker_done(play);
    for (int i = 0; i < play->num_sessions; i++) session_free(play->sessions[i]);
    pthread_mutex_destroy(&play->mutex);
    pthread_cond_destroy(&play->wanted);
    free(play);
}

static void remove_session(struct play *play, int i) {
    events_end(play->params.events, EVENTS_SESSIONS + play->sessions[i]->number);
    session_free(play->sessions[i]);
    play->sessions[i] = play->sessions[--play->num_sessions];
    pthread_cond_signal(&play->wanted); // its search is to end
}

void play_tick(struct play *play) {
    const double now = clock_seconds(play->params.clock);
    pthread_mutex_lock(&play->mutex);
    for (int i = play->num_sessions; i-- > 0;) {
        struct session *s = play->sessions[i];
        if (events_count(play->params.events, EVENTS_SESSIONS + s->number)) s->touched = now;
        if (now - s->touched > idle_seconds) remove_session(play, i);
    }
    pthread_mutex_unlock(&play->mutex);
}

static void answer_session(struct session *s, int status, struct http_answer *answer) {
    *answer = (struct http_answer){.status = status, .type = "application/json"};
    answer->text = put_print(session_json(s), &answer->num_bytes);
}

// ---- a new session ----

// Makes room where there is none. False: all are in use.
static bool has_place(struct play *play) {
    int oldest = -1;
    if (play->num_sessions < PLAY_MAX_SESSIONS) return true;
    for (int i = 0; i < play->num_sessions; i++)
        if (!events_count(play->params.events, EVENTS_SESSIONS + play->sessions[i]->number) &&
            (oldest < 0 || play->sessions[i]->touched < play->sessions[oldest]->touched))
            oldest = i;
    if (oldest < 0 || clock_seconds(play->params.clock) - play->sessions[oldest]->touched < pushed_seconds) return false;
    remove_session(play, oldest);
    return true;
}

static void add_session(struct play *play, struct session *s, const cJSON *wish, struct http_answer *answer) {
    pthread_mutex_lock(&play->mutex);
    if (!has_place(play)) {
        guard_refuse(answer, 503, "%d games are being played already", PLAY_MAX_SESSIONS);
        session_free(s);
    } else if (!session_set_up(s, play, wish, answer)) {
        session_free(s);
    } else {
        s->number = ++play->last_number;
        s->touched = clock_seconds(play->params.clock);
        play->sessions[play->num_sessions++] = s;
        session_turn(play, s);
        answer_session(s, 201, answer);
    }
    pthread_mutex_unlock(&play->mutex);
}

void play_create(struct play *play, const struct http_request *request, struct http_answer *answer) {
    const char *model;
    cJSON *wish = value_body(request, answer);
    if (!wish) return;
    struct session *s = memory_new(1, sizeof *s, "a session");
    char error[200];
    status_hear(error, sizeof error);
    const enum status status = guard_make_id(s->id);
    status_heard();
    if (status) {
        guard_refuse(answer, 503, "%s", error);
    } else if (value_text(wish, "model", NULL, &model, answer)) {
        if (!model)
            guard_refuse(answer, 400, "model: is missing (GET /api/models lists them)");
        else if (!models_find(play->params.models, model, &s->model))
            guard_refuse(answer, 404, "model: there is no such model (GET /api/models lists them)");
    }
    if (answer->status)
        session_free(s);
    else
        add_session(play, s, wish, answer);
    cJSON_Delete(wish);
}

// ---- what a session is asked for ----

static struct session *find(struct play *play, const char *id) {
    struct session *found = NULL;
    for (int i = 0; i < play->num_sessions; i++)
        if (guard_equal(play->sessions[i]->id, id)) found = play->sessions[i];
    return found;
}

// The action that the visitor means, in the present position; GAME_NO_ACTION, and the answer says
// why.
static int find_action(struct session *s, const cJSON *wish, struct http_answer *answer) {
    uint16_t legal[GAME_MAX_ACTIONS];
    const char *text;
    int point, from, found = GAME_NO_ACTION;
    if (!value_text(wish, "move", NULL, &text, answer)) return GAME_NO_ACTION;
    if (!value_integer(wish, "point", -1, 0, BOARD_POINTS - 1, &point, answer)) return GAME_NO_ACTION;
    if (!value_integer(wish, "from", -1, 0, BOARD_POINTS - 1, &from, answer)) return GAME_NO_ACTION;
    if (text) {
        found = game_find_action(&s->game, s->state, text);
        if (found != GAME_NO_ACTION && !game_is_legal(&s->game, s->state, found)) found = GAME_NO_ACTION;
    } else if (point >= 0) {
        const int n = game_legal(&s->game, s->state, legal);
        for (int i = 0; i < n; i++) {
            const struct board_where where = board_where(&s->game, s->state, legal[i], s->scratch);
            if (where.point == point && (from < 0 || where.from == from)) found = legal[i];
        }
    }
    if (found == GAME_NO_ACTION) guard_refuse(answer, 400, "that move is not legal here");
    return found;
}

static void do_move(struct play *play, struct session *s, const cJSON *wish, struct http_answer *answer) {
    if (s->state_of != SESSION_YOURS) {
        guard_refuse(answer, 409, "it is not the visitor's turn");
        return;
    }
    const int action = find_action(s, wish, answer);
    if (action != GAME_NO_ACTION) session_play(play, s, action, NAN);
}

// Back to the visitor's own last move, or by one move where the visitor has both sides.
static void do_undo(struct play *play, struct session *s, const cJSON *wish, struct http_answer *answer) {
    (void)wish;
    if (!s->num) {
        guard_refuse(answer, 409, "there is no move to take back");
        return;
    }
    for (bool is_theirs = false; s->num > 0 && !is_theirs;) {
        session_derive(s, --s->num);
        is_theirs = s->colour == COLOUR_BOTH || game_to_move(&s->game, s->state) == s->colour;
    }
    s->expected = NAN;
    session_turn(play, s);
}

static void do_hint(struct play *play, struct session *s, const cJSON *wish, struct http_answer *answer) {
    (void)wish;
    if (s->state_of != SESSION_YOURS)
        guard_refuse(answer, 409, "it is not the visitor's turn");
    else
        session_wish(play, s, WISH_HINT, s->num, 0);
}

static void do_analyse(struct play *play, struct session *s, const cJSON *wish, struct http_answer *answer) {
    int ply, visits;
    const bool may = s->state_of == SESSION_YOURS || s->state_of == SESSION_OVER;
    if (!value_integer(wish, "ply", s->num, 0, s->num, &ply, answer)) return;
    if (!value_integer(wish, "visits", 1000, 1, PLAY_MAX_VISITS, &visits, answer)) return;
    if (!may)
        guard_refuse(answer, 409, "the program is thinking");
    else if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(wish, "stop")))
        session_unwish(s), pthread_cond_signal(&play->wanted);
    else
        session_wish(play, s, WISH_ANALYSIS, ply, visits);
}

static void do_go(struct play *play, struct session *s, const cJSON *wish, struct http_answer *answer) {
    (void)wish;
    if (s->state_of != SESSION_YOURS) {
        guard_refuse(answer, 409, "it is not the visitor's turn");
        return;
    }
    if (s->colour != COLOUR_BOTH) s->colour = 1 - s->colour;
    s->state_of = SESSION_THINKING;
    session_wish(play, s, WISH_MOVE, s->num, 0);
}

static void do_resign(struct play *play, struct session *s, const cJSON *wish, struct http_answer *answer) {
    (void)wish;
    if (s->state_of != SESSION_YOURS && s->state_of != SESSION_THINKING) {
        guard_refuse(answer, 409, "the game is over");
        return;
    }
    session_resign(s, s->colour == COLOUR_BOTH ? game_to_move(&s->game, s->state) : s->colour);
    pthread_cond_signal(&play->wanted);
}

static void do_count(struct play *play, struct session *s, const cJSON *wish, struct http_answer *answer) {
    (void)wish;
    if (s->game.agreement == AGREEMENT_NONE)
        guard_refuse(answer, 409, "in this game the rules alone say who has won");
    else if (s->state_of != SESSION_YOURS)
        guard_refuse(answer, 409, "it is not the visitor's turn");
    else
        session_count(play, s);
}

static void do_load(struct play *play, struct session *s, const cJSON *wish, struct http_answer *answer) {
    session_unwish(s);
    if (!session_load(s, wish, answer)) {
        session_turn(play, s);
        return;
    }
    // The visitor goes on with the side to move.
    if (s->colour != COLOUR_BOTH) s->colour = game_to_move(&s->game, s->state);
    session_turn(play, s);
}

static void change(struct play *play, struct session *s, const char *verb, const struct http_request *request,
                   struct http_answer *answer) {
    static const struct {
        const char *name;
        void (*function)(struct play *, struct session *, const cJSON *, struct http_answer *);
    } verbs[] = {{"move", do_move}, {"undo", do_undo},     {"hint", do_hint},   {"analyse", do_analyse},
                 {"go", do_go},     {"resign", do_resign}, {"count", do_count}, {"load", do_load}};
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (strcmp(verb, verbs[i].name)) continue;
        cJSON *wish = value_body(request, answer);
        if (!wish) return;
        verbs[i].function(play, s, wish, answer);
        cJSON_Delete(wish);
        if (answer->status) return;
        session_tell(play, s);
        answer_session(s, 200, answer);
        return;
    }
    guard_refuse(answer, 404, "there is nothing at this path");
}

static void delete_session(struct play *play, const struct session *s, struct http_answer *answer) {
    for (int i = 0; i < play->num_sessions; i++)
        if (play->sessions[i] == s) {
            remove_session(play, i);
            break;
        }
    *answer = (struct http_answer){.status = 200, .type = "application/json", .bytes = "{}", .num_bytes = 2};
}

static void answer_ply(struct session *s, const char *digits, struct http_answer *answer) {
    char *end;
    const long ply = strtol(digits, &end, 10);
    if (!isdigit((unsigned char)*digits) || *end || ply > s->num) {
        guard_refuse(answer, 404, "there is no such ply");
        return;
    }
    void *state = memory_raw(2, s->game.state_bytes, "a position"), *before = (char *)state + s->game.state_bytes;
    memcpy(state, s->base, s->game.state_bytes);
    for (long i = 0; i < ply; i++) {
        memcpy(before, state, s->game.state_bytes);
        game_play(&s->game, state, s->actions[i]);
    }
    cJSON *object = cJSON_CreateObject();
    put_object(object, "position",
               board_position(&s->game, state, (int)ply, ply ? before : NULL, ply ? s->actions[ply - 1] : 0));
    *answer = (struct http_answer){.status = 200, .type = "application/json"};
    answer->text = put_print(object, &answer->num_bytes);
    free(state);
}

static void answer_sgf(struct session *s, struct http_answer *answer) {
    char *text = session_sgf(s);
    if (!text) {
        guard_refuse(answer, 404, "SGF has no such game");
        return;
    }
    *answer = (struct http_answer){.status = 200, .type = "application/x-go-sgf", .text = text, .num_bytes = strlen(text)};
    snprintf(answer->disposition, sizeof answer->disposition, "attachment; filename=\"%.40s.sgf\"", s->game.type->name);
}

static void answer_events(struct play *play, struct session *s, struct http_answer *answer) {
    struct http_stream *stream = events_listen(play->params.events, EVENTS_SESSIONS + s->number);
    size_t n;
    if (!stream) {
        guard_refuse(answer, 503, "there are %d listeners already", EVENTS_MAX);
        return;
    }
    char *text = put_print(session_json(s), &n);
    events_send_to(stream, "session", text);
    free(text);
    *answer = (struct http_answer){.status = 200, .type = "text/event-stream", .stream = stream};
}

static void ask(struct play *play, struct session *s, const char *verb, struct http_answer *answer) {
    if (!*verb)
        answer_session(s, 200, answer);
    else if (!strcmp(verb, "events"))
        answer_events(play, s, answer);
    else if (!strcmp(verb, "sgf"))
        answer_sgf(s, answer);
    else if (!strncmp(verb, "ply/", 4))
        answer_ply(s, verb + 4, answer);
    else
        guard_refuse(answer, 404, "there is nothing at this path");
}

void play_answer(struct play *play, const char *rest, const struct http_request *request, struct http_answer *answer) {
    char id[GUARD_ID_BYTES];
    const size_t n = strcspn(rest, "/");
    const char *verb = rest[n] ? rest + n + 1 : rest + n;
    if (n != GUARD_ID_BYTES - 1) {
        guard_refuse(answer, 404, "there is no such session (any more)");
        return;
    }
    memcpy(id, rest, n);
    id[n] = 0;
    pthread_mutex_lock(&play->mutex);
    struct session *s = find(play, id);
    if (s) s->touched = clock_seconds(play->params.clock);
    if (!s)
        guard_refuse(answer, 404, "there is no such session (any more)");
    else if (request->method != HTTP_POST)
        ask(play, s, verb, answer);
    else if (!strcmp(verb, "delete"))
        delete_session(play, s, answer);
    else
        change(play, s, verb, request, answer);
    pthread_mutex_unlock(&play->mutex);
}

cJSON *play_machine(struct play *play) {
    cJSON *object = cJSON_CreateObject();
    pthread_mutex_lock(&play->mutex);
    put_integer(object, "sessions", play->num_sessions);
    put_integer(object, "max_sessions", PLAY_MAX_SESSIONS);
    put_integer(object, "nets", play->num_brains);
    put_integer(object, "max_nets", PLAY_MAX_NETS);
    put_integer(object, "searches", play->num_asks);
    put_integer(object, "threads", play->params.threads);
    put_integer(object, "evaluations", play->evaluations);
    put_integer(object, "batches", play->batches);
    put_integer(object, "batch", PLAY_BATCH);
    pthread_mutex_unlock(&play->mutex);
    return object;
}
