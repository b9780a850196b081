// Every part of the text becomes spans of steps or of game indices; a game in any of them goes.
#include "selfplay/quarantine.h"

#include "base/log.h"
#include "base/memory.h"
#include "run/run_session.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { LEAST_DIGITS = 6 }; // Of a digest; chosen: it tells a million nets apart.

struct span {
    bool is_of_steps; // Else of game indices.
    long long first, last;
};

struct quarantine {
    const char *path; // Of the run, for messages.
    struct run_checkpoint *checkpoints;
    struct run_session *sessions;
    int num_checkpoints, num_sessions, num_all_sessions;
    long long step, next_game; // Where the run is now.
    struct span *spans;
    int num_spans;
};

static void add_span(struct quarantine *q, bool is_of_steps, long long first, long long last) {
    q->spans = memory_resize(q->spans, (size_t)q->num_spans + 1, sizeof *q->spans, "the quarantine");
    q->spans[q->num_spans++] = (struct span){is_of_steps, first, last};
}

static enum status refuse(const struct quarantine *q, const char *part, const char *why) {
    return status_fail(STATUS_USAGE, "quarantine: '%.80s' %s (%s)", part, why, q->path);
}

// Reads a number and moves *text behind it.
static bool read_count(const char **text, long long *out) {
    char *end;
    if (!isdigit((unsigned char)**text)) return false;
    *out = strtoll(*text, &end, 10);
    *text = end;
    return *out < LLONG_MAX;
}

// The checkpoint at i is followed by nets that were trained from it, up to the next checkpoint.
static void add_net(struct quarantine *q, int i) {
    const bool is_last = i + 1 == q->num_checkpoints;
    add_span(q, true, q->checkpoints[i].step, is_last ? q->step : q->checkpoints[i + 1].step - 1);
}

static enum status add_nets(struct quarantine *q, const char *part, const char *name) {
    const char *end = name;
    long long step = -1;
    const bool is_number = read_count(&end, &step) && !*end;
    int found = 0;
    for (int i = 0; i < q->num_checkpoints; i++) {
        const bool is_step = is_number && q->checkpoints[i].step == step;
        const bool is_digest = strlen(name) >= LEAST_DIGITS && !strncasecmp(q->checkpoints[i].digest, name, strlen(name));
        if (!is_step && !is_digest) continue;
        add_net(q, i);
        found++;
    }
    if (!found) return refuse(q, part, "names no checkpoint of this run, by its step or by 6 digits of its digest");
    return found == 1 ? STATUS_OK : refuse(q, part, "names several checkpoints of this run");
}

static enum status add_steps(struct quarantine *q, const char *part, const char *name) {
    long long first, last;
    if (!read_count(&name, &first)) return refuse(q, part, "is not like step:300 or step:300-420");
    last = first;
    if (*name == '-' && (name++, !read_count(&name, &last))) return refuse(q, part, "is not like step:300-420");
    if (*name || last < first) return refuse(q, part, "is not like step:300-420");
    add_span(q, true, first, last);
    return STATUS_OK;
}

static enum status add_programs(struct quarantine *q, const char *part, const char *name) {
    int found = 0;
    for (int i = 0; i < q->num_sessions && *name; i++) {
        if (!strstr(q->sessions[i].program, name)) continue;
        const long long next = i + 1 < q->num_sessions ? q->sessions[i + 1].first_game : q->next_game;
        add_span(q, false, q->sessions[i].first_game, next - 1);
        found++;
    }
    if (found) return STATUS_OK;
    return refuse(q, part,
                  q->num_all_sessions > q->num_sessions
                      ? "names no session that this run has written down; older programs wrote none"
                      : "names no session of this run");
}

static enum status add_part(struct quarantine *q, const char *part) {
    if (!strncmp(part, "net:", 4)) return add_nets(q, part, part + 4);
    if (!strncmp(part, "step:", 5)) return add_steps(q, part, part + 5);
    if (!strncmp(part, "program:", 8)) return add_programs(q, part, part + 8);
    return refuse(q, part, "begins with none of net:, step: and program:");
}

static bool is_unwanted(const void *context, const struct record *record) {
    const struct quarantine *q = context;
    for (int i = 0; i < q->num_spans; i++) {
        const long long at = q->spans[i].is_of_steps ? record->net_step : record->index;
        if (at >= q->spans[i].first && at <= q->spans[i].last) return true;
    }
    return false;
}

static enum status read_parts(struct quarantine *q, const char *text) {
    char *copy = memory_text(text, "the quarantine"), *rest = NULL;
    enum status status = STATUS_OK;
    for (char *part = strtok_r(copy, ",", &rest); part && status == STATUS_OK; part = strtok_r(NULL, ",", &rest)) {
        part += strspn(part, " ");
        status = add_part(q, part);
    }
    free(copy);
    return status;
}

enum status quarantine_apply(const char *text, struct run *run, struct replay *replay) {
    if (!text || !*text) return STATUS_OK;
    const struct run_state *state = run_state(run);
    struct quarantine q = {.path = run_path(run), .step = state->step, .next_game = state->next_game};
    enum status status = run_checkpoints(run, &q.checkpoints, &q.num_checkpoints);
    if (status == STATUS_OK) status = run_sessions(run, &q.sessions, &q.num_sessions, &q.num_all_sessions);
    if (status == STATUS_OK) status = read_parts(&q, text);
    if (status == STATUS_OK) {
        const int before = replay_num_games(replay), left_out = replay_remove(replay, is_unwanted, &q);
        log_line(run_log(run), "quarantine: %d of the window's %d games are left out (%s)", left_out, before, text);
    }
    free(q.checkpoints);
    free(q.sessions);
    free(q.spans);
    return status;
}
