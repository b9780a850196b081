// The watcher, and the answers that are ready before anybody asks.
//
//   runs_tick -> a summary, the newest iteration, the ladder, the games in play
//             -> documents, under the mutex -> those that have changed go to the listeners
//
// Standings are a fit over all games of the ladder, which takes a while in large ones. So they are
// made only when there are new games, and never for more than a twentieth of the time.
#include "web/runs.h"

#include "base/memory.h"
#include "net/net_file.h"
#include "web/guard.h"
#include "web/put.h"
#include "web/runs_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Seconds; chosen, not tuned.
static const double overview_seconds = 2, ladder_share = 0.05;

struct runs *runs_new(const char *const *paths, int num, struct events *events, const struct clock *clock,
                      double (*wall)(void)) {
    struct runs *runs = memory_new(1, sizeof *runs, "the runs to show");
    *runs = (struct runs){.num = num, .events = events, .clock = clock, .wall = wall};
    runs->at = memory_new((size_t)num, sizeof *runs->at, "the runs to show");
    pthread_mutex_init(&runs->mutex, NULL);
    pthread_cond_init(&runs->ticked, NULL);
    for (int i = 0; i < num; i++) {
        struct runs_run *run = &runs->at[i];
        run->path = memory_text(paths[i], "the runs to show");
        for (size_t n = strlen(run->path); n > 1 && run->path[n - 1] == '/';) run->path[--n] = 0;
        run->began = run->last = NAN;
        run->told_iteration = run->told_game = run->ladder_games = -1;
        run->live_wall = -1;
        pthread_mutex_init(&run->asking, NULL);
    }
    return runs;
}

void runs_free(struct runs *runs) {
    if (!runs) return;
    for (int i = 0; i < runs->num; i++) {
        struct runs_run *run = &runs->at[i];
        run_read_close(run->asked);
        run_read_close(run->reader);
        run_metrics_done(&run->newest);
        live_done(&run->live);
        if (run->ladder.num_runs) ladder_done(&run->ladder);
        pthread_mutex_destroy(&run->asking);
        struct runs_text *const texts[] = {&run->brief, &run->overview, &run->elo, &run->live_text, &run->machine};
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) free(texts[k]->text);
        free(run->path);
    }
    pthread_mutex_destroy(&runs->mutex);
    pthread_cond_destroy(&runs->ticked);
    free(runs->at);
    free(runs);
}

int runs_count(const struct runs *runs) { return runs->num; }
const char *runs_path(const struct runs *runs, int run) { return runs->at[run].path; }

// ---- the watcher ----

static enum status read_newest(struct runs_run *run) {
    const long long last = run->summary.state.iterations;
    run_metrics_done(&run->newest);
    if (last == 0) return STATUS_OK;
    if (isnan(run->began)) {
        struct run_metrics first;
        TRY(run_read_metrics_some(run->reader, &(struct run_metrics_wish){.until = 1}, &first));
        if (first.num_rows) run->began = first.rows[0].wall - first.rows[0].seconds;
        run_metrics_done(&first);
    }
    TRY(run_read_metrics_some(run->reader, &(struct run_metrics_wish){.after = last - 1}, &run->newest));
    if (run->newest.num_rows) run->last = run->newest.rows[run->newest.num_rows - 1].wall;
    return STATUS_OK;
}

static enum status read_standings(struct runs *runs, struct runs_run *run) {
    long long games;
    const double now = clock_seconds(runs->clock);
    TRY(run_read_ladder_size(run->reader, &games));
    if ((games == run->ladder_games && run->ladder.num_runs) || now < run->next_ladder) return STATUS_OK;
    struct ladder ladder;
    const char *path = run->path;
    TRY(ladder_standings(&ladder, &path, 1, LADDER_VISITS));
    if (run->ladder.num_runs) ladder_done(&run->ladder);
    run->ladder = ladder;
    run->ladder_games = games;
    const double after = clock_seconds(runs->clock);
    run->next_ladder = after + (after - now) / ladder_share;
    return STATUS_OK;
}

// The net's file is read once for each best net.
static void read_meta(struct runs_run *run) {
    char path[PATH_BYTES];
    struct net *net;
    if (!run->summary.best[0] || !strcmp(run->meta_of, run->summary.best_digest)) return;
    if (net_load(&net, path_format(path, "%s/%s", run->path, run->summary.best))) return;
    run->meta = net->meta;
    run->shape = net->config;
    snprintf(run->meta_of, sizeof run->meta_of, "%s", run->summary.best_digest);
    net_free(net);
}

static enum status read_run(struct runs *runs, struct runs_run *run) {
    struct run_summary summary;
    if (!run->reader) TRY(run_read_open(&run->reader, run->path));
    TRY(run_read_summary(run->reader, &summary));
    const bool is_new = !run->has_summary || summary.state.iterations != run->summary.state.iterations;
    run->summary = summary;
    if (!run->has_summary) {
        const struct game_options options = {
            .height = summary.height, .width = summary.width, .komi = summary.komi, .rules = summary.rules};
        TRY(game_open(&run->game, summary.game, &options));
        run->has_summary = true;
    }
    if (is_new) TRY(read_newest(run));
    TRY(read_standings(runs, run));
    read_meta(run);
    return STATUS_OK;
}

static void read_live(struct runs_run *run) {
    struct live_games live;
    bool found;
    if (live_read(run->path, &live, &found)) found = false;
    live_done(&run->live);
    run->has_live = found;
    if (found) run->live = live;
}

static enum status list_nets(struct runs_run *run, struct runs_nets *nets, bool *has_nets) {
    struct run_checkpoint *checkpoints;
    int num;
    *has_nets = run->summary.best[0] && !strcmp(run->meta_of, run->summary.best_digest);
    if (!*has_nets) return STATUS_OK;
    TRY(run_read_checkpoints(run->reader, &checkpoints, &num));
    nets->meta = run->meta;
    nets->shape = run->shape;
    nets->height = run->summary.height;
    nets->width = run->summary.width;
    nets->komi = run->summary.komi;
    snprintf(nets->best, sizeof nets->best, "%s", run->summary.best);
    snprintf(nets->game, sizeof nets->game, "%s", run->summary.game);
    snprintf(nets->rules, sizeof nets->rules, "%s", run->summary.rules);
    nets->num_steps = 0;
    for (int i = num > RUNS_MOST_NETS ? num - RUNS_MOST_NETS : 0; i < num; i++)
        nets->steps[nets->num_steps++] = checkpoints[i].step;
    free(checkpoints);
    return STATUS_OK;
}

// Puts a document in place of the old one. *has_changed is set where it differs.
static void keep_text(struct runs *runs, struct runs_text *kept, cJSON *made, bool *has_changed) {
    struct runs_text text;
    text.text = put_print(made, &text.num_bytes);
    *has_changed = !kept->text || strcmp(kept->text, text.text) != 0;
    pthread_mutex_lock(&runs->mutex);
    free(kept->text);
    *kept = text;
    pthread_mutex_unlock(&runs->mutex);
}

static void tell_metrics(struct runs *runs, struct runs_run *run, int id) {
    struct run_metrics metrics;
    const long long last = run->summary.state.iterations;
    if (run->told_iteration < 0 || run->told_iteration > last) run->told_iteration = last;
    if (run->told_iteration == last || !events_count(runs->events, (uint64_t)id)) {
        run->told_iteration = last;
        return;
    }
    if (run_read_metrics_some(run->reader, &(struct run_metrics_wish){.after = run->told_iteration, .most = 200}, &metrics))
        return;
    size_t n;
    char *text = put_print(runs_make_metrics(&metrics, run->told_iteration), &n);
    events_send(runs->events, (uint64_t)id, "metrics", text);
    free(text);
    if (metrics.num_rows) run->told_iteration = metrics.rows[metrics.num_rows - 1].iteration;
    run_metrics_done(&metrics);
}

static void tell_games(struct runs *runs, struct runs_run *run, int id) {
    char text[64];
    const long long newest = run->summary.state.next_game - 1;
    if (newest == run->told_game) return;
    run->told_game = newest;
    snprintf(text, sizeof text, "{\"newest\":%lld}", newest);
    events_send(runs->events, (uint64_t)id, "games", text);
}

static void make_documents(struct runs *runs, struct runs_run *run, int id) {
    bool has_changed, ignored;
    const double now = clock_seconds(runs->clock);
    keep_text(runs, &run->brief, runs_make_overview(runs, run, id, true), &ignored);
    keep_text(runs, &run->machine, runs_make_machine(run, id), &ignored);
    if (!run->overview.text || now - run->told_overview >= overview_seconds) {
        keep_text(runs, &run->overview, runs_make_overview(runs, run, id, false), &has_changed);
        run->told_overview = now;
        if (has_changed) events_send(runs->events, (uint64_t)id, "overview", run->overview.text);
    }
    if (!run->elo.text || run->ladder_games >= 0) {
        char text[64];
        keep_text(runs, &run->elo, runs_make_elo(run), &has_changed);
        snprintf(text, sizeof text, "{\"rated_games\":%lld}", run->ladder_games);
        if (has_changed) events_send(runs->events, (uint64_t)id, "elo", text);
    }
    read_live(run);
    const double wall = run->has_live ? run->live.wall : 0;
    keep_text(runs, &run->live_text, runs_make_live(runs, run), &ignored);
    if (wall != run->live_wall) events_send(runs->events, (uint64_t)id, "live", run->live_text.text);
    run->live_wall = wall;
}

static void tick_run(struct runs *runs, struct runs_run *run, int id) {
    char error[sizeof run->error];
    status_hear(error, sizeof error);
    enum status status = read_run(runs, run);
    struct runs_nets *nets = memory_new(1, sizeof *nets, "the nets of a run");
    bool has_nets = false;
    if (!status) status = list_nets(run, nets, &has_nets);
    if (!status) make_documents(runs, run, id);
    if (!status) tell_metrics(runs, run, id);
    if (!status) tell_games(runs, run, id);
    status_heard();
    if (status) { // it may have become another run
        run_read_close(run->reader);
        run->reader = NULL;
        run->has_summary = false;
        run->began = run->last = NAN;
    }
    pthread_mutex_lock(&runs->mutex);
    snprintf(run->error, sizeof run->error, "%s", status ? (*error ? error : "it can't be read") : "");
    run->nets = *nets;
    run->has_nets = has_nets && !status;
    pthread_mutex_unlock(&runs->mutex);
    free(nets);
}

void runs_tick(struct runs *runs) {
    for (int i = 0; i < runs->num; i++) tick_run(runs, &runs->at[i], i);
    pthread_mutex_lock(&runs->mutex);
    runs->has_ticked = true;
    pthread_cond_broadcast(&runs->ticked);
    pthread_mutex_unlock(&runs->mutex);
}

// ---- ready answers ----

// Takes the mutex, and waits for the first tick.
static void lock_ticked(struct runs *runs) {
    pthread_mutex_lock(&runs->mutex);
    while (!runs->has_ticked) pthread_cond_wait(&runs->ticked, &runs->mutex);
}

static void answer_text(struct runs *runs, int run, const struct runs_text *kept, struct http_answer *answer) {
    lock_ticked(runs);
    const bool is_there = kept->text && !runs->at[run].error[0];
    char error[sizeof runs->at->error];
    snprintf(error, sizeof error, "%s", runs->at[run].error[0] ? runs->at[run].error : "it is being read; ask again");
    if (is_there) {
        *answer = (struct http_answer){.status = 200, .type = "application/json", .num_bytes = kept->num_bytes};
        answer->text = memory_text(kept->text, "an answer");
    }
    pthread_mutex_unlock(&runs->mutex);
    if (!is_there) guard_refuse(answer, 503, "%s", error);
}

void runs_answer_overview(struct runs *runs, int run, struct http_answer *answer) {
    answer_text(runs, run, &runs->at[run].overview, answer);
}
void runs_answer_elo(struct runs *runs, int run, struct http_answer *answer) {
    answer_text(runs, run, &runs->at[run].elo, answer);
}
void runs_answer_live(struct runs *runs, int run, struct http_answer *answer) {
    answer_text(runs, run, &runs->at[run].live_text, answer);
}

// An array of the documents that can be had; of the other runs the error.
static cJSON *collect(struct runs *runs, size_t offset, bool with_errors) {
    cJSON *array = cJSON_CreateArray();
    lock_ticked(runs);
    for (int i = 0; i < runs->num; i++) {
        struct runs_run *run = &runs->at[i];
        const struct runs_text *text = (const struct runs_text *)(const void *)((const char *)run + offset);
        if (text->text && !run->error[0]) {
            cJSON_AddItemToArray(array, cJSON_CreateRaw(text->text));
        } else if (with_errors) {
            cJSON *object = cJSON_CreateObject();
            put_integer(object, "id", i);
            put_text(object, "name", run->path);
            put_text(object, "error", run->error[0] ? run->error : "it is being read; ask again");
            cJSON_AddItemToArray(array, object);
        }
    }
    pthread_mutex_unlock(&runs->mutex);
    return array;
}

void runs_answer_list(struct runs *runs, struct http_answer *answer) {
    cJSON *object = cJSON_CreateObject();
    put_object(object, "runs", collect(runs, offsetof(struct runs_run, brief), true));
    *answer = (struct http_answer){.status = 200, .type = "application/json"};
    answer->text = put_print(object, &answer->num_bytes);
}

cJSON *runs_machine(struct runs *runs) { return collect(runs, offsetof(struct runs_run, machine), false); }

bool runs_read_nets(struct runs *runs, int run, struct runs_nets *out) {
    lock_ticked(runs);
    const bool has_nets = runs->at[run].has_nets;
    if (has_nets) *out = runs->at[run].nets;
    pthread_mutex_unlock(&runs->mutex);
    return has_nets;
}

void runs_answer_events(struct runs *runs, int run, struct http_answer *answer) {
    struct http_stream *stream = events_listen(runs->events, (uint64_t)run);
    if (!stream) {
        guard_refuse(answer, 503, "there are %d listeners already", EVENTS_MAX);
        return;
    }
    lock_ticked(runs);
    const struct runs_run *r = &runs->at[run];
    if (r->overview.text && !r->error[0]) events_send_to(stream, "overview", r->overview.text);
    if (r->live_text.text && !r->error[0]) events_send_to(stream, "live", r->live_text.text);
    pthread_mutex_unlock(&runs->mutex);
    *answer = (struct http_answer){.status = 200, .type = "text/event-stream", .stream = stream};
}
