// The exact solver's part of `tengen eval`: it solves the position after every move, with a line of
// progress from a thread of its own, or measures a player's moves in many positions.
#include "cli/eval_solver.h"

#include "arena/move_quality.h"
#include "arena/stats.h"
#include "base/memory.h"
#include "base/text.h"
#include "cli/machine.h"
#include "cli/stop.h"
#include "game/solver.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// --- One position -----------------------------------------------------------------------------

enum { TICK_SECONDS = 2 }; // between lines of progress; chosen, so that quick answers print none

// Prints a line on standard error every now and then, from a thread of its own, since a single move
// can take minutes.
struct ticker {
    pthread_mutex_t mutex;
    pthread_cond_t ended;
    pthread_t thread;
    int num_solved, num_moves;
    bool is_ended;
};

static void *tick(void *context) {
    struct ticker *p = context;
    const double began = clock_seconds(machine_clock());
    pthread_mutex_lock(&p->mutex);
    while (!p->is_ended) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += TICK_SECONDS;
        if (pthread_cond_timedwait(&p->ended, &p->mutex, &until) == ETIMEDOUT && !p->is_ended)
            fprintf(stderr, "tengen: the exact solver has %d of %d moves after %.0f s\n", p->num_solved, p->num_moves,
                    clock_seconds(machine_clock()) - began);
    }
    pthread_mutex_unlock(&p->mutex);
    return NULL;
}

static void ticker_begin(struct ticker *p, int num_moves) {
    *p = (struct ticker){.num_moves = num_moves};
    CHECK(!pthread_mutex_init(&p->mutex, NULL) && !pthread_cond_init(&p->ended, NULL));
    CHECK(!pthread_create(&p->thread, NULL, tick, p));
}

static void ticker_step(struct ticker *p, int num_solved, bool is_ended) {
    pthread_mutex_lock(&p->mutex);
    p->num_solved = num_solved;
    p->is_ended = is_ended;
    pthread_cond_signal(&p->ended);
    pthread_mutex_unlock(&p->mutex);
}

static void ticker_end(struct ticker *p) {
    ticker_step(p, p->num_moves, true);
    pthread_join(p->thread, NULL);
    pthread_cond_destroy(&p->ended);
    pthread_mutex_destroy(&p->mutex);
}

enum status exact_answer_init(struct exact_answer *answer, const struct game *game, const void *state) {
    struct solver *solver;
    struct ticker ticker;
    *answer = (struct exact_answer){0};
    TRY(solver_new_at(&solver, game, state));
    answer->legal = memory_new((size_t)game->num_actions, sizeof *answer->legal, "the solver's answer");
    answer->values = memory_new((size_t)game->num_actions, sizeof *answer->values, "the solver's answer");
    void *next = memory_raw(1, game->state_bytes, "the solver's answer");
    answer->num_legal = game_legal(game, state, answer->legal);
    ticker_begin(&ticker, answer->num_legal);
    for (int i = 0; i < answer->num_legal; i++) {
        memcpy(next, state, game->state_bytes);
        game_play(game, next, answer->legal[i]);
        const double value = solver_value(solver, next);
        // Never -0.
        answer->values[i] = game_to_move(game, next) == game_to_move(game, state) ? value : 0 - value;
        if (i == 0 || answer->values[i] > answer->value) answer->value = answer->values[i];
        ticker_step(&ticker, i + 1, false);
    }
    ticker_end(&ticker);
    if (!answer->num_legal) answer->value = solver_value(solver, state);
    free(next);
    solver_free(solver);
    return STATUS_OK;
}

void exact_answer_done(struct exact_answer *answer) {
    free(answer->legal);
    free(answer->values);
}

static const char *result_text(double value) { return value > 0 ? "win" : value < 0 ? "loss" : "draw"; }

// Says what the values count.
static const char *scale_text(const struct game *game) {
    if (!strcmp(game->type->name, "connect4"))
        return "stones that the winner has left in hand: a sooner win is more, 0 a draw, below 0 a loss";
    return game->has_score ? "the score" : "above 0 a win, 0 a draw, below 0 a loss";
}

void exact_answer_print(const struct exact_answer *answer, const struct game *game) {
    char text[GAME_TEXT_BYTES];
    printf("solver    %+g (%s for the mover; %s)\n", answer->value, result_text(answer->value), scale_text(game));
    for (int i = 0; i < answer->num_legal; i++) {
        game->type->action_text(game, answer->legal[i], text);
        printf("  %-6s %+5g  %-4s%s\n", text, answer->values[i], result_text(answer->values[i]),
               answer->values[i] == answer->value ? "  best" : "");
    }
}

void exact_answer_json(const struct exact_answer *answer, const struct game *game, cJSON *object) {
    char text[GAME_TEXT_BYTES];
    cJSON *solver = cJSON_AddObjectToObject(object, "solver");
    json_number(solver, "value", answer->value);
    cJSON *moves = cJSON_AddObjectToObject(solver, "moves");
    cJSON *best = cJSON_AddArrayToObject(solver, "best");
    for (int i = 0; i < answer->num_legal; i++) {
        game->type->action_text(game, answer->legal[i], text);
        json_number(moves, text, answer->values[i]);
        if (answer->values[i] == answer->value) cJSON_AddItemToArray(best, cJSON_CreateString(text));
    }
}

// --- Many positions ---------------------------------------------------------------------------

struct progress {
    const struct game *game;
    int positions;
    double begin, said; // seconds
};

enum { REPORT_SECONDS = 5 }; // between lines of progress; chosen

static void say_progress(void *context, const struct move_quality *q) {
    struct progress *progress = context;
    const double now = clock_seconds(machine_clock());
    if (now - progress->said < REPORT_SECONDS || q->positions >= progress->positions) return;
    progress->said = now;
    char left[32];
    format_duration((now - progress->begin) / q->positions * (progress->positions - q->positions), left);
    fprintf(stderr, "%d of %d positions: %d moves with a worse result, %d with a worse score; %s left\n", q->positions,
            progress->positions, q->worse_result, q->worse_score, left);
}

static void say_worse(void *context, const uint16_t *actions, int num_actions, int action) {
    const struct game *game = ((struct progress *)context)->game;
    char text[GAME_TEXT_BYTES];
    game->type->action_text(game, action, text);
    fprintf(stderr, "worse result: %s after", text);
    for (int i = 0; i < num_actions; i++) {
        game->type->action_text(game, actions[i], text);
        fprintf(stderr, " %s", text);
    }
    fprintf(stderr, "\n");
}

static enum status parse_plies(const char *text, int *low, int *high) {
    char *end;
    long first = strtol(text, &end, 10), last = first;
    bool ok = end != text;
    if (ok && *end == '-') {
        const char *rest = end + 1;
        last = strtol(rest, &end, 10);
        ok = end != rest;
    }
    if (!ok || *end || first < 0 || last < first || last > 10000)
        return status_fail(STATUS_USAGE, "--plies: '%.80s' is not a range such as 8-20", text);
    *low = (int)first;
    *high = (int)last;
    return STATUS_OK;
}

static void print_share(const char *name, int count, int total) {
    double low, high;
    stats_share_interval(count, total, &low, &high);
    printf("  %-13s %.2f %% of moves (%d), 95 %% interval %.2f .. %.2f %%\n", name, 100.0 * count / total, count, 100 * low,
           100 * high);
}

static void json_share(cJSON *line, const char *name, int count, int total) {
    double low, high;
    char key[64];
    stats_share_interval(count, total, &low, &high);
    json_number(line, name, (double)count / total);
    snprintf(key, sizeof key, "%s_low", name);
    json_number(line, key, low);
    snprintf(key, sizeof key, "%s_high", name);
    json_number(line, key, high);
}

static void print_quality(const struct quality_settings *s, const struct game *game, const struct move_quality *q,
                          const char *player) {
    char size[16];
    game_size_text(game, size);
    if (!s->json) {
        text_print(stdout, "%s on %s %s: %d random positions of %d to %d plies (%d with a choice), against the exact solver\n",
                   player, game->type->name, size, q->positions, q->min_plies, q->max_plies, q->choices);
        print_share("worse result", q->worse_result, q->positions);
        print_share("worse score", q->worse_score, q->positions);
        printf("  time          %.3f s a position for the player, %.3f s for the solver\n", q->player_seconds / q->positions,
               q->solver_seconds / q->positions);
        return;
    }
    cJSON *line = cJSON_CreateObject();
    json_text(line, "game", game->type->name);
    json_text(line, "size", size);
    json_text(line, "player", player);
    json_number(line, "positions", q->positions);
    json_number(line, "choices", q->choices);
    json_number(line, "min_plies", q->min_plies);
    json_number(line, "max_plies", q->max_plies);
    json_share(line, "worse_result", q->worse_result, q->positions);
    json_share(line, "worse_score", q->worse_score, q->positions);
    json_number(line, "player_seconds", q->player_seconds / q->positions);
    json_number(line, "solver_seconds", q->solver_seconds / q->positions);
    json_line(line);
}

static enum status measure(const struct quality_settings *s, const struct player *player, const struct game *game) {
    struct progress progress = {.game = game, .positions = s->positions, .begin = clock_seconds(machine_clock())};
    progress.said = progress.begin;
    struct move_quality_params params = {.game = game,
                                         .positions = s->positions,
                                         .seed = (uint64_t)s->seed,
                                         .stop = stop_on_signals(),
                                         .clock = machine_clock(),
                                         .on_progress = say_progress,
                                         .on_worse_result = s->list ? say_worse : NULL,
                                         .context = &progress};
    if (s->plies) {
        TRY(parse_plies(s->plies, &params.min_plies, &params.max_plies));
    } else {
        params.max_plies = game->max_plies - 1 < 20 ? game->max_plies - 1 : 20;
        params.min_plies = params.max_plies < 20 ? 0 : 8;
    }
    struct move_quality quality;
    const enum status status = move_quality_measure(&params, player, &quality);
    const bool is_whole = status == STATUS_OK || status == STATUS_CANCELLED;
    if (is_whole && quality.positions) print_quality(s, game, &quality, player_name(player));
    return status;
}

enum status quality_print(const struct quality_settings *s) {
    struct player *player;
    const struct player_options options = {.visits = s->visits ? s->visits : PLAYER_RAW, .backend = s->backend};
    TRY(player_open(&player, s->player, &options));
    struct game game;
    struct run_game run = {0};
    enum status status = STATUS_OK;
    if (player_net_path(player)) status = run_game_read(&run, player_net_path(player), player_net(player));
    const struct game_settings settings = game_settings_over(&s->game, &run.settings);
    if (status == STATUS_OK) status = game_from_settings(&game, &settings, player_net(player));
    if (status == STATUS_OK) status = measure(s, player, &game);
    player_free(player);
    return status;
}
