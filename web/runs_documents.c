// A run's overview, its ladder, and its numbers for the machine's page, from what the watcher
// knows.
#include "ladder/ladder_report.h"
#include "net/net_setting.h"
#include "web/board.h"
#include "web/put.h"
#include "web/runs_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

// A run in which nothing has been written for so many seconds is not in training. A gate or a
// ladder may take this long between two commits. Chosen.
static const double training_seconds = 120, live_seconds = 30;

static const char *state_of(const struct runs *runs, const struct runs_run *run) {
    const double now = runs->wall();
    if (run->has_live && now - run->live.wall < live_seconds) return "training";
    if (isnan(run->last)) return "new";
    return now - run->last < training_seconds ? "training" : "stopped";
}

// A value of the newest iteration; NAN: it has none.
static double newest(const struct runs_run *run, const char *name) {
    const struct run_metrics *m = &run->newest;
    for (int i = 0; i < m->num_names && m->num_rows; i++)
        if (!strcmp(m->names[i], name)) return m->values[(size_t)(m->num_rows - 1) * (size_t)m->num_names + (size_t)i];
    return NAN;
}

// The entry of the newest rated checkpoint, or of one step; NULL: there is none.
static const struct ladder_entry *find_entry(const struct runs_run *run, long long step) {
    const struct ladder_entry *found = NULL;
    for (int i = 0; i < run->ladder.num_entries && run->ladder.num_runs; i++) {
        const struct ladder_entry *e = &run->ladder.entries[i];
        if (e->kind != LADDER_CHECKPOINT || e->player < 0 || (step >= 0 && e->step != step)) continue;
        if (!found || e->step > found->step) found = e;
    }
    return found;
}

static void put_rating(cJSON *object, const struct ladder_entry *e) {
    put_number(object, "elo", e ? e->elo : NAN);
    put_number(object, "low", e ? e->low : NAN);
    put_number(object, "high", e ? e->high : NAN);
    put_integer(object, "rated_games", e ? e->rated_games : 0);
}

static cJSON *make_strength(const struct runs_run *run) {
    char scale[LADDER_SCALE_BYTES];
    const struct ladder_entry *e = find_entry(run, -1);
    if (!e) return NULL;
    cJSON *object = cJSON_CreateObject();
    put_integer(object, "step", e->step);
    put_rating(object, e);
    put_text(object, "scale", ladder_scale_text(&run->ladder, scale));
    put_flag(object, "telling", ladder_is_telling(e->low, e->high) && ladder_has_scale(&run->ladder));
    return object;
}

// A text of the run as a number; NAN: there is none, or it is 0, which stands for none.
static double plan_number(struct runs_run *run, const char *key) {
    double number = 0;
    if (run_read_number(run->reader, key, 0, 1e15, &number)) return NAN;
    return number > 0 ? number : NAN;
}

static void put_run_text(cJSON *object, const char *name, struct runs_run *run, const char *key) {
    char *text = NULL;
    if (run_read_text(run->reader, key, &text)) text = NULL;
    put_text(object, name, text);
    free(text);
}

static void put_plan(cJSON *object, struct runs_run *run) {
    const double seconds = run->summary.state.seconds, games = (double)run->summary.state.games;
    const double all_seconds = plan_number(run, "plan_seconds"), all_games = plan_number(run, "plan_games");
    // The metric is from the beginning of the last iteration. fmax leaves a NAN out.
    double progress = fmax(newest(run, "progress"), fmax(seconds / all_seconds, games / all_games));
    if (progress > 1) progress = 1;
    cJSON *plan = cJSON_CreateObject();
    put_number(object, "seconds_left", progress > 0 ? seconds * (1 - progress) / progress : NAN);
    put_number(object, "progress", progress);
    put_number(plan, "seconds", all_seconds);
    put_number(plan, "games", all_games);
    put_run_text(plan, "text", run, "plan");
    put_object(object, "plan", plan);
    put_run_text(object, "expect", run, "expect");
}

static void put_net(cJSON *object, const struct runs_run *run) {
    cJSON *net = NULL, *best = NULL;
    if (run->meta_of[0]) {
        net = cJSON_CreateObject();
        put_integer(net, "blocks", run->shape.blocks);
        put_integer(net, "channels", run->shape.channels);
        put_integer(net, "parameters", run->meta.parameters);
        put_text(net, "digest", run->meta_of);
    }
    if (run->summary.state.best_step >= 0) {
        best = cJSON_CreateObject();
        put_integer(best, "step", run->summary.state.best_step);
        put_rating(best, find_entry(run, run->summary.state.best_step));
    }
    put_object(object, "net", net);
    put_object(object, "best", best);
}

static void put_disk(cJSON *object, const struct runs_run *run) {
    struct run_sizes sizes;
    cJSON *disk = NULL, *budgets = cJSON_CreateObject();
    put_number(budgets, "disk_bytes", run->summary.disk_budget ? (double)run->summary.disk_budget : NAN);
    put_number(budgets, "memory_bytes", run->summary.memory_budget ? (double)run->summary.memory_budget : NAN);
    put_object(object, "budgets", budgets);
    if (!run_read_sizes(run->path, &sizes)) {
        disk = cJSON_CreateObject();
        put_integer(disk, "total", sizes.total);
        put_integer(disk, "nets", sizes.nets);
        put_integer(disk, "replay", sizes.replay);
        put_integer(disk, "games", sizes.games);
        put_integer(disk, "trainer", sizes.trainer);
        put_integer(disk, "database", sizes.database);
        put_integer(disk, "other", sizes.other);
    }
    put_object(object, "disk", disk);
}

cJSON *runs_make_overview(struct runs *runs, struct runs_run *run, int id, bool is_brief) {
    const struct run_summary *summary = &run->summary;
    const struct run_state *state = &summary->state;
    cJSON *object = cJSON_CreateObject();
    put_integer(object, "id", id);
    put_text(object, "name", run->path);
    put_object(object, "game", board_game(&run->game));
    put_text(object, "state", state_of(runs, run));
    put_number(object, "seconds", state->seconds);
    put_integer(object, "games", state->games);
    put_integer(object, "step", state->step);
    put_object(object, "strength", make_strength(run));
    if (is_brief) return object;
    put_number(object, "seed", (double)summary->seed);
    put_text(object, "program", summary->program);
    put_number(object, "began", run->began);
    put_number(object, "last", run->last);
    put_plan(object, run);
    put_integer(object, "plies", state->plies);
    put_integer(object, "full_rows", state->full_rows);
    put_integer(object, "fast_rows", state->fast_rows);
    put_integer(object, "samples", state->samples);
    put_integer(object, "iterations", state->iterations);
    put_integer(object, "checkpoints", state->num_checkpoints);
    put_integer(object, "matches", state->num_matches);
    put_net(object, run);
    put_text(object, "from", summary->from[0] ? summary->from : NULL);
    put_text(object, "from_digest", summary->parent[0] ? summary->parent : NULL);
    put_disk(object, run);
    return object;
}

// ---- the ladder ----

static cJSON *make_entry(const struct ladder_entry *e) {
    static const char *const kinds[] = {"checkpoint", "dial", "anchor", "other"};
    const bool is_of_run = e->kind == LADDER_CHECKPOINT || e->kind == LADDER_DIAL, is_rated = e->player >= 0;
    cJSON *object = cJSON_CreateObject();
    put_text(object, "kind", kinds[e->kind]);
    put_text(object, "name", e->name);
    put_number(object, "step", is_of_run ? (double)e->step : NAN);
    put_number(object, "games", is_of_run ? (double)e->games : NAN);
    put_number(object, "samples", is_of_run ? (double)e->samples : NAN);
    put_number(object, "seconds", is_of_run ? e->seconds : NAN);
    put_number(object, "device_hours", is_of_run ? e->device_hours : NAN);
    put_number(object, "visits", e->visits >= 0 ? e->visits : NAN);
    put_number(object, "elo", is_rated ? e->elo : NAN);
    put_number(object, "low", is_rated ? e->low : NAN);
    put_number(object, "high", is_rated ? e->high : NAN);
    put_integer(object, "rated_games", e->rated_games);
    put_number(object, "superiority", e->superiority);
    return object;
}

cJSON *runs_make_elo(struct runs_run *run) {
    const struct ladder *ladder = &run->ladder;
    char scale[LADDER_SCALE_BYTES];
    cJSON *object = cJSON_CreateObject();
    const bool is_there = ladder->num_runs > 0;
    put_text(object, "scale", is_there ? ladder_scale_text(ladder, scale) : NULL);
    put_flag(object, "has_scale", is_there && ladder_has_scale(ladder));
    put_integer(object, "visits", LADDER_VISITS);
    put_integer(object, "rated_games", is_there ? ladder->rating.num_games : 0);
    cJSON *entries = cJSON_AddArrayToObject(object, "entries"), *beats = cJSON_AddArrayToObject(object, "beats");
    for (int i = 0; is_there && i < ladder->num_entries; i++) cJSON_AddItemToArray(entries, make_entry(&ladder->entries[i]));
    for (int i = 0; is_there && i < ladder->num_beats; i++) {
        cJSON *beat = cJSON_CreateObject();
        put_integer(beat, "anchor", ladder->beats[i].anchor);
        put_number(beat, "checkpoint", ladder->beats[i].checkpoint >= 0 ? ladder->beats[i].checkpoint : NAN);
        cJSON_AddItemToArray(beats, beat);
    }
    return object;
}

// ---- the machine ----

cJSON *runs_make_machine(struct runs_run *run, int id) {
    static const char *const names[] = {"evaluations_per_s", "network_share", "selfplay_share", "training_share", "batch_fill"};
    struct statvfs disk;
    struct run_sizes sizes;
    cJSON *object = cJSON_CreateObject(), *used = cJSON_CreateObject();
    put_integer(object, "id", id);
    put_number(used, "used", run_read_sizes(run->path, &sizes) ? NAN : (double)sizes.total);
    put_number(used, "budget", run->summary.disk_budget ? (double)run->summary.disk_budget : NAN);
    put_number(used, "free", statvfs(run->path, &disk) ? NAN : (double)disk.f_bavail * (double)disk.f_frsize);
    put_object(object, "disk", used);
    put_number(object, "memory_budget", run->summary.memory_budget ? (double)run->summary.memory_budget : NAN);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) put_number(object, names[i], newest(run, names[i]));
    return object;
}
