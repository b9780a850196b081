// The thinker: one thread that begins what sessions wish for, lets the analysts work in turn, and
// writes what they found into the sessions.
//
// Nets are loaded here, when a search first needs one, and at most PLAY_MAX_NETS are held: the one
// that nobody has used for longest, and by which nobody searches, makes room. Until there is one, a
// wish waits. The mutex is never held while an analyst works or a net is loaded.
#include "arena/passing.h"
#include "arena/player.h"
#include "base/memory.h"
#include "net/net_file.h"
#include "web/play_parts.h"
#include "web/put.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    // Chosen: the least that a training or another program is kept from.
    NICE = 10,
    MOVES_SHOWN = 10,
    LINE_SHOWN = 16,
    HINT_VISITS = 400,
    // As the engine's search for owners over GTP.
    COUNT_VISITS = 128,
};
static const double first_report = 0.1, report_every = 0.25, hint_seconds = 5, count_seconds = 10;

// ---- nets ----

static void free_brain(struct play *play, struct brain *brain) {
    struct analyst_stats stats = {0};
    if (brain->analyst) analyst_stats(brain->analyst, &stats);
    pthread_mutex_lock(&play->mutex);
    play->lost_batches += stats.batches;
    play->lost_evaluations += stats.evaluations;
    pthread_mutex_unlock(&play->mutex);
    analyst_free(brain->analyst);
    for (int i = 0; i < play->params.threads; i++) evaluator_free(brain->evaluators[i]);
    player_free(brain->player);
    net_free(brain->net);
    free(brain);
}

static enum status make_brain(struct play *play, const char *path, struct brain **out) {
    struct brain *brain = memory_new(1, sizeof *brain, "a net to play with");
    const int threads = play->params.threads;
    path_format(brain->path, "%s", path);
    enum status status = net_load(&brain->net, path);
    if (!status) status = player_from_net(&brain->player, brain->net, path, NULL, 0, 0, play->params.backend);
    for (int i = 0; i < threads && !status; i++) status = player_evaluator(brain->player, PLAY_BATCH, &brain->evaluators[i]);
    const struct analyst_params params = {.evaluators = brain->evaluators,
                                          .num_evaluators = threads,
                                          .batch = PLAY_BATCH,
                                          .leaves = PLAY_LEAVES,
                                          .clock = play->params.clock};
    if (!status) status = analyst_new(&brain->analyst, &params);
    if (status)
        free_brain(play, brain);
    else
        *out = brain;
    return status;
}

// The place for another net; -1: all are in use.
static int find_place(struct play *play) {
    int place = -1;
    for (int i = 0; i < PLAY_MAX_NETS; i++) {
        const struct brain *brain = play->brains[i];
        if (!brain) return i;
        if (!analyst_num_jobs(brain->analyst) && (place < 0 || brain->used < play->brains[place]->used)) place = i;
    }
    return place;
}

// The net at this path, loaded if need be. *brain is NULL where there is no place for it now.
static enum status get_brain(struct play *play, const char *path, struct brain **brain) {
    *brain = NULL;
    for (int i = 0; i < PLAY_MAX_NETS; i++)
        if (play->brains[i] && !strcmp(play->brains[i]->path, path)) *brain = play->brains[i];
    if (!*brain) {
        const int place = find_place(play);
        if (place < 0) return STATUS_OK;
        if (play->brains[place]) free_brain(play, play->brains[place]);
        play->brains[place] = NULL;
        TRY(make_brain(play, path, brain));
        play->brains[place] = *brain;
    }
    (*brain)->used = clock_seconds(play->params.clock);
    return STATUS_OK;
}

// ---- what was found ----

static cJSON *move_json(const struct ask *ask, const struct report_move *m) {
    char text[GAME_TEXT_BYTES];
    cJSON *object = cJSON_CreateObject();
    board_put_move(object, &ask->game, ask->state, m->action, (char *)ask->state + ask->game.state_bytes);
    put_integer(object, "visits", m->visits);
    put_number(object, "winrate", (double)m->winrate);
    put_number(object, "score", (double)m->score);
    put_number(object, "prior", (double)m->prior);
    cJSON *line = cJSON_AddArrayToObject(object, "line");
    for (int i = 0; i < m->line_length; i++) {
        ask->game.type->action_text(&ask->game, m->line[i], text);
        cJSON_AddItemToArray(line, cJSON_CreateString(text));
    }
    return object;
}

static cJSON *analysis_json(const struct ask *ask, const struct report *r, bool is_done) {
    static const char *const kinds[] = {"", "move", "hint", "analysis", "count"};
    cJSON *object = cJSON_CreateObject();
    put_text(object, "kind", kinds[ask->kind]);
    put_integer(object, "ply", ask->ply);
    put_text(object, "to_move", board_side(r->to_move));
    put_flag(object, "done", is_done);
    put_integer(object, "visits", r->visits);
    put_number(object, "seconds", clock_seconds(ask->play->params.clock) - ask->began);
    put_number(object, "winrate", (double)r->winrate);
    put_number(object, "draw", (double)r->draw);
    put_number(object, "score", (double)r->score);
    put_flag(object, "proven", r->proven);
    cJSON *moves = cJSON_AddArrayToObject(object, "moves");
    for (int i = 0; i < r->num_moves; i++) cJSON_AddItemToArray(moves, move_json(ask, &r->moves[i]));
    board_put_policy(object, &ask->game, ask->state, r->policy);
    put_object(object, "ownership", r->ownership ? put_row(r->ownership, ask->game.height * ask->game.width) : NULL);
    return object;
}

// The move of a search, as the setting wants it chosen. A raw net draws by its policy.
static int choose(struct play *play, const struct session *s, const struct search *search, const struct report *report) {
    const double temperature = s->setting.temperature;
    if (s->setting.visits > 1 || temperature <= 0) return search_choose(search, temperature, &play->rng);
    double total = 0;
    int last = search_choose(search, 0, &play->rng);
    for (int i = 0; i < report->game->num_actions; i++)
        if (report->policy[i] > 0) total += pow((double)report->policy[i], 1 / temperature);
    double left = rng_double(&play->rng) * total;
    for (int i = 0; i < report->game->num_actions && left >= 0; i++) {
        if (report->policy[i] <= 0) continue;
        left -= pow((double)report->policy[i], 1 / temperature);
        last = i;
    }
    return last;
}

static void make_move(struct play *play, struct session *s, const struct search *search, const struct report *report) {
    const int side = game_to_move(&s->game, s->state);
    const float own = side ? 1 - report->winrate : report->winrate;
    int action = choose(play, s, search, report);
    if (s->end != GAME_NO_ACTION && !passing_goes_on((double)own)) action = s->end;
    s->expected = own;
    if (s->end == GAME_NO_ACTION && (double)own < s->resign_below)
        session_resign(s, side);
    else
        session_play(play, s, action, report->winrate);
}

static struct session *find_session(struct play *play, uint64_t number) {
    for (int i = 0; i < play->num_sessions; i++)
        if (play->sessions[i]->number == number) return play->sessions[i];
    return NULL;
}

static void drop_ask(struct play *play, struct ask *ask) {
    for (struct ask **at = &play->asks; *at; at = &(*at)->next)
        if (*at == ask) {
            *at = ask->next;
            break;
        }
    free(ask->state);
    free(ask);
}

static void hear(struct play *play, struct session *s, struct ask *ask, const struct search *search, bool is_done) {
    const struct report_options options = {
        .view = 0, .min_moves = 3, .max_moves = MOVES_SHOWN, .max_line = LINE_SHOWN, .ownership = true};
    struct report *report = &play->report;
    size_t n;
    report_make(report, &ask->game, search, &options);
    free(s->analysis);
    s->analysis = put_print(analysis_json(ask, report, is_done), &n);
    events_send(play->params.events, EVENTS_SESSIONS + s->number, "analysis", s->analysis);
    if (!is_done) return;
    s->is_searching = false;
    if (ask->kind == WISH_MOVE) {
        make_move(play, s, search, report);
    } else if (ask->kind == WISH_COUNT) {
        const float none[BOARD_POINTS] = {0};
        session_counted(s, report->ownership ? report->ownership : none);
    } else {
        session_unwish(s);
    }
    session_tell(play, s);
}

static void take_report(void *context, const struct search *search, enum analyst_moment moment) {
    struct ask *ask = context;
    struct play *play = ask->play;
    pthread_mutex_lock(&play->mutex);
    struct session *s = find_session(play, ask->session);
    const bool is_heard = s && s->serial == ask->serial && search;
    if (is_heard) hear(play, s, ask, search, moment == ANALYST_DONE);
    pthread_mutex_unlock(&play->mutex);
    if (moment != ANALYST_DURING) drop_ask(play, ask);
}

// ---- beginning a search ----

static void fail_session(struct play *play, struct session *s, const char *why) {
    session_unwish(s);
    s->state_of = SESSION_FAILED;
    snprintf(s->note, sizeof s->note, "%s", *why ? why : "the net can't be read");
    session_tell(play, s);
}

// Moves that need no search. False: a search is needed, which leaves out s->end.
static bool moves_at_once(struct play *play, struct session *s) {
    const struct game *game = &s->game;
    const int pass = game->pass_action;
    const bool can_pass = pass != GAME_NO_ACTION && game_is_legal(game, s->state, pass);
    if (can_pass && game_certain(game, s->state) != OUTCOME_NONE) {
        session_play(play, s, pass, NAN);
        session_tell(play, s);
        return true;
    }
    const bool by_agreement = game->agreement != AGREEMENT_NONE && strcmp(game->rules, "tromp-taylor") != 0;
    s->end = passing_end(game, s->state, s->scratch);
    if (s->end == GAME_NO_ACTION || (by_agreement && !passing_is_sure((double)s->expected))) return false;
    session_play(play, s, s->end, NAN);
    session_tell(play, s);
    return true;
}

// The position after `ply` actions, into ask->state. False: the game is over there.
static bool take_position(struct session *s, struct ask *ask) {
    ask->game = s->game;
    ask->state = memory_raw(2, s->game.state_bytes, "a position to search");
    memcpy(ask->state, s->base, s->game.state_bytes);
    for (int i = 0; i < ask->ply; i++) game_play(&s->game, ask->state, s->actions[i]);
    return game_outcome(&s->game, ask->state) == OUTCOME_NONE;
}

static void begin(struct play *play, struct session *s, struct brain *brain) {
    struct ask *ask = memory_new(1, sizeof *ask, "a search");
    *ask = (struct ask){.play = play,
                        .session = s->number,
                        .serial = s->serial,
                        .kind = s->wish,
                        .ply = s->wish_ply,
                        .began = clock_seconds(play->params.clock),
                        .brain = brain};
    if (!take_position(s, ask)) {
        free(ask->state);
        free(ask);
        session_unwish(s);
        session_tell(play, s);
        return;
    }
    const bool is_move = ask->kind == WISH_MOVE;
    const int most = session_most_visits(&s->game);
    int visits = is_move                   ? s->setting.visits
                 : ask->kind == WISH_COUNT ? COUNT_VISITS
                 : s->wish_visits          ? s->wish_visits
                                           : HINT_VISITS;
    visits = visits < 1 ? 1 : visits > most ? most : visits;
    uint16_t *until = NULL;
    if (is_move && s->end != GAME_NO_ACTION) {
        until = memory_new(2 * (size_t)s->game.num_actions, sizeof *until, "a search");
        until[game_to_move(&s->game, ask->state) * s->game.num_actions + s->end] = 1;
    }
    const struct analyst_job job = {.game = &ask->game,
                                    .state = ask->state,
                                    .visits = visits,
                                    .seconds = is_move                   ? s->seconds
                                               : ask->kind == WISH_COUNT ? count_seconds
                                               : ask->kind == WISH_HINT  ? hint_seconds
                                                                         : PLAY_MAX_SECONDS,
                                    .first_report = first_report,
                                    .report_every = report_every,
                                    .priority = is_move || ask->kind == WISH_COUNT ? 1 : 0,
                                    .keep_ownership = s->game.has_ownership,
                                    .avoid = until,
                                    .seed = rng_u64(&play->rng),
                                    .report = take_report,
                                    .context = ask};
    ask->job = analyst_add(brain->analyst, &job);
    CHECK(ask->job); // there are fewer sessions than places for jobs
    ask->next = play->asks;
    play->asks = ask;
    s->is_searching = true;
    free(until);
}

// Begins the first wish that waits. The mutex is held, but not while a net is loaded, so that the
// session may have gone or changed its wish by then. False: none can begin.
static bool begin_one(struct play *play) {
    for (int i = 0; i < play->num_sessions; i++) {
        struct session *s = play->sessions[i];
        struct brain *brain;
        char path[PATH_BYTES], error[600];
        if (s->wish == WISH_NONE || s->is_searching) continue;
        if (s->wish == WISH_MOVE && moves_at_once(play, s)) return true;
        const uint64_t number = s->number, serial = s->serial;
        path_format(path, "%s", s->model.path);
        pthread_mutex_unlock(&play->mutex);
        status_hear(error, sizeof error);
        const enum status status = get_brain(play, path, &brain);
        status_heard();
        pthread_mutex_lock(&play->mutex);
        s = find_session(play, number);
        if (!s || s->serial != serial) return true;
        if (status) {
            fail_session(play, s, error);
            return true;
        }
        if (!brain) continue; // all nets are in use
        begin(play, s, brain);
        return true;
    }
    return false;
}

// Stops searches of which nobody wants to hear any more.
static void stop_old(struct play *play) {
    for (struct ask *ask = play->asks; ask; ask = ask->next) {
        struct session *s = find_session(play, ask->session);
        if (s && s->serial == ask->serial) continue;
        analyst_stop(ask->brain->analyst, ask->job);
    }
}

static void note_numbers(struct play *play) {
    play->num_brains = play->num_asks = 0;
    play->evaluations = play->lost_evaluations;
    play->batches = play->lost_batches;
    for (const struct ask *ask = play->asks; ask; ask = ask->next) play->num_asks++;
    for (int i = 0; i < PLAY_MAX_NETS; i++) {
        struct analyst_stats stats;
        if (!play->brains[i]) continue;
        analyst_stats(play->brains[i]->analyst, &stats);
        play->num_brains++;
        play->evaluations += stats.evaluations;
        play->batches += stats.batches;
    }
}

void *thinker_main(void *context) {
    struct play *play = context;
    // Threads that this one starts (the judges) inherit it. Where it can't be had, all goes on.
    (void)setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), NICE);
    pthread_mutex_lock(&play->mutex);
    while (!play->quit) {
        stop_old(play);
        while (!play->quit && begin_one(play)) {
        }
        note_numbers(play);
        pthread_mutex_unlock(&play->mutex);
        bool has_worked = false;
        for (int i = 0; i < PLAY_MAX_NETS; i++)
            if (play->brains[i]) has_worked |= analyst_step(play->brains[i]->analyst);
        pthread_mutex_lock(&play->mutex);
        if (has_worked) continue;
        note_numbers(play);
        bool is_wanted = false;
        for (int i = 0; i < play->num_sessions; i++)
            is_wanted |= play->sessions[i]->wish != WISH_NONE && !play->sessions[i]->is_searching;
        if (!is_wanted && !play->asks && !play->quit) pthread_cond_wait(&play->wanted, &play->mutex);
    }
    pthread_mutex_unlock(&play->mutex);
    return NULL;
}

void thinker_done(struct play *play) {
    for (int i = 0; i < PLAY_MAX_NETS; i++)
        if (play->brains[i]) free_brain(play, play->brains[i]);
    while (play->asks) drop_ask(play, play->asks);
    report_done(&play->report);
}
