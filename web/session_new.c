// How a session begins: by the visitor's wishes, or with a record.
#include "base/memory.h"
#include "game/go_rules.h"
#include "game/sgf.h"
#include "gtp/gtp_handicap.h"
#include "net/learned.h"
#include "web/play_parts.h"
#include "web/value.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { USUAL_VISITS = 400, USUAL_SECONDS = 10, MOST_HANDICAP = 9 };

// Opens the game with the handicap's bonus in its komi.
static bool open_game(const char *name, struct game_options options, int handicap, struct game *game, double *own_komi,
                      struct http_answer *answer) {
    char error[600];
    status_hear(error, sizeof error);
    enum status status = game_open(game, name, &options);
    *own_komi = game->komi;
    const double bonus = !status && handicap ? go_handicap_bonus(game, handicap) : 0;
    if (bonus != 0) {
        options.komi = game->komi + bonus;
        status = game_open(game, name, &options);
    }
    status_heard();
    if (status) guard_refuse(answer, 400, "%s", error);
    return status == STATUS_OK;
}

static void make_space(struct session *s) {
    const size_t n = s->game.state_bytes;
    s->max = s->game.max_plies + 2;
    free(s->base);
    free(s->actions);
    free(s->winrates);
    s->base = memory_new(4, n, "a session");
    s->state = (char *)s->base + n;
    s->before = (char *)s->base + 2 * n;
    s->scratch = (char *)s->base + 3 * n;
    s->actions = memory_new((size_t)s->max, sizeof *s->actions, "a session");
    s->winrates = memory_new((size_t)s->max, sizeof *s->winrates, "a session");
    s->num = 0;
    s->expected = NAN;
    free(s->analysis);
    s->analysis = NULL;
}

static bool put_handicap(struct session *s, struct http_answer *answer) {
    uint16_t points[MOST_HANDICAP];
    int8_t stones[BOARD_POINTS] = {0};
    char error[600];
    const int n =
        s->game.agreement != AGREEMENT_NONE ? gtp_handicap_points(s->game.width, s->game.height, s->handicap, points) : 0;
    if (!n) {
        guard_refuse(answer, 400, "handicap: there are no points for %d stones on this board", s->handicap);
        return false;
    }
    for (int i = 0; i < n; i++) stones[points[i]] = 1;
    status_hear(error, sizeof error);
    const enum status status = game_set_up(&s->game, s->base, stones, 1);
    status_heard();
    if (status) guard_refuse(answer, 400, "%s", error);
    return status == STATUS_OK;
}

static void warn(struct session *s) {
    char text[NET_UNLEARNED_BYTES];
    const char *unlearned = net_unlearned(&s->model.meta, &s->game, text);
    s->note[0] = 0;
    if (unlearned) snprintf(s->note, sizeof s->note, "%s", unlearned);
}

static bool read_colour(struct session *s, struct play *play, const cJSON *wish, struct http_answer *answer) {
    const char *text;
    if (!value_text(wish, "colour", "b", &text, answer)) return false;
    if (!strcmp(text, "b"))
        s->colour = COLOUR_BLACK;
    else if (!strcmp(text, "w"))
        s->colour = COLOUR_WHITE;
    else if (!strcmp(text, "random"))
        s->colour = (int)rng_below(&play->rng, 2);
    else if (!strcmp(text, "both"))
        s->colour = COLOUR_BOTH;
    else
        guard_refuse(answer, 400, "colour: must be b, w, random or both");
    return answer->status == 0;
}

static bool read_strength(struct session *s, const cJSON *wish, struct http_answer *answer) {
    int visits;
    if (!value_integer(wish, "level", 0, 1, NET_LEVELS, &s->level, answer)) return false;
    if (!value_integer(wish, "visits", USUAL_VISITS, 0, PLAY_MAX_VISITS, &visits, answer)) return false;
    if (!value_number(wish, "seconds", USUAL_SECONDS, 0.1, PLAY_MAX_SECONDS, &s->seconds, answer)) return false;
    if (!value_number(wish, "resign", 0.05, 0, 0.5, &s->resign_below, answer)) return false;
    s->setting = s->level ? net_level(&s->model.meta, s->level) : (struct net_setting){.visits = visits, .elo = NAN};
    return true;
}

bool session_set_up(struct session *s, struct play *play, const cJSON *wish, struct http_answer *answer) {
    const struct models_found *model = &s->model;
    const char *rules;
    struct game_options options = {0};
    if (!read_colour(s, play, wish, answer) || !read_strength(s, wish, answer)) return false;
    if (!value_integer(wish, "height", model->height, 0, GAME_MAX_SIDE, &options.height, answer)) return false;
    if (!value_integer(wish, "width", model->width, 0, GAME_MAX_SIDE, &options.width, answer)) return false;
    if (!value_text(wish, "rules", model->rules[0] ? model->rules : NULL, &rules, answer)) return false;
    if (!value_integer(wish, "handicap", 0, 0, MOST_HANDICAP, &s->handicap, answer)) return false;
    if (s->handicap == 1) s->handicap = 0; // Black's first move, as always
    // The model's komi is that of its own board; a handicap's is half a point.
    const bool is_own = options.height == model->height && options.width == model->width;
    const double usual = s->handicap ? 0.5 : is_own ? model->komi : GAME_KOMI_DEFAULT;
    const cJSON *komi = cJSON_GetObjectItemCaseSensitive(wish, "komi");
    options.komi = usual;
    if (komi && !cJSON_IsNull(komi) && !value_number(wish, "komi", 0, -1000, 1000, &options.komi, answer)) return false;
    options.rules = rules;
    if (!open_game(model->meta.game, options, s->handicap, &s->game, &s->own_komi, answer)) return false;
    make_space(s);
    if (s->handicap) {
        if (!put_handicap(s, answer)) return false;
    } else {
        game_start(&s->game, s->base);
    }
    warn(s);
    session_derive(s, 0);
    return true;
}

// ---- records ----

// The last place up to `target` where the record sets stones up anew: there our game begins.
static int first_move(const struct sgf_record *record, int target) {
    int first = 0;
    for (int k = 0; k < record->num_later; k++) {
        bool is_changed = false;
        for (int p = 0; p < record->height * record->width; p++) is_changed |= record->later[k].stones[p] != SGF_AS_IT_WAS;
        if (is_changed && record->later[k].num_before <= target) first = record->later[k].num_before;
    }
    return first;
}

static bool add_move(struct session *s, int action) {
    if (s->num + 1 >= s->max || !game_is_legal(&s->game, s->state, action)) return false;
    s->winrates[s->num] = NAN;
    s->actions[s->num++] = (uint16_t)action;
    game_play(&s->game, s->state, action);
    return true;
}

// As sgf_replay: a pass where one side moves twice, and two passes that would end the game are left
// out where moves follow.
static bool add_moves(struct session *s, const struct sgf_record *record, int from, int to) {
    const int pass = s->game.pass_action;
    for (int i = from; i < to; i++) {
        if (pass != GAME_NO_ACTION && i + 2 < to && record->moves[i] == pass && record->moves[i + 1] == pass) {
            i++;
            continue;
        }
        if (game_outcome(&s->game, s->state) != OUTCOME_NONE) return false;
        if (game_to_move(&s->game, s->state) != sgf_mover(record, i) && (pass == GAME_NO_ACTION || !add_move(s, pass)))
            return false;
        if (!add_move(s, record->moves[i])) return false;
    }
    return true;
}

static bool take_record(struct session *s, const struct sgf_record *record, int ply, struct http_answer *answer) {
    const struct game_options options = {.height = record->height,
                                         .width = record->width,
                                         .komi = record->komi,
                                         .rules = record->rules[0] ? record->rules : NULL};
    const int target = ply >= 0 && ply < record->num_moves ? ply : record->num_moves, first = first_move(record, target);
    struct game game;
    double komi;
    char error[600];
    if (strcmp(record->game, s->model.meta.game)) {
        guard_refuse(answer, 400, "the record is one of %.16s, and the model plays %.31s", record->game, s->model.meta.game);
        return false;
    }
    if (!open_game(record->game, options, record->handicap, &game, &komi, answer)) return false;
    void *base = memory_raw(1, game.state_bytes, "a position");
    status_hear(error, sizeof error);
    const enum status status = sgf_replay(record, &game, base, first, NULL, "the record");
    status_heard();
    if (status) {
        free(base);
        guard_refuse(answer, 400, "%s", error);
        return false;
    }
    s->game = game;
    s->own_komi = komi;
    s->handicap = record->handicap;
    make_space(s);
    memcpy(s->base, base, game.state_bytes);
    free(base);
    session_derive(s, 0);
    const bool is_whole = add_moves(s, record, first, target);
    session_derive(s, s->num);
    warn(s);
    if (!is_whole)
        snprintf(s->note, sizeof s->note, "the record's move %d can't be played; it is shown up to there", s->num + 1);
    return true;
}

bool session_load(struct session *s, const cJSON *wish, struct http_answer *answer) {
    const char *text;
    char error[600];
    int ply;
    if (!value_text(wish, "sgf", NULL, &text, answer)) return false;
    if (!value_integer(wish, "ply", -1, 0, 100000, &ply, answer)) return false;
    if (!text) {
        guard_refuse(answer, 400, "sgf: is missing");
        return false;
    }
    struct sgf_record *record = memory_new(1, sizeof *record, "a record");
    status_hear(error, sizeof error);
    const enum status status = sgf_parse(record, text, "the record");
    status_heard();
    if (status) {
        free(record);
        guard_refuse(answer, 400, "%s", error);
        return false;
    }
    const bool is_taken = take_record(s, record, ply, answer);
    sgf_done(record);
    free(record);
    return is_taken;
}
