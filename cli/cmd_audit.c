// tengen audit: examines the games of a run before they are learned from (again). It only reads.
#include "base/options.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/json.h"
#include "cli/machine.h"
#include "cli/run_folder.h"
#include "cli/stop.h"
#include "exam/audit.h"

#include <math.h>
#include <stdlib.h>

struct settings {
    const char *backend;
    bool json, quiet;
};

#define FIELD(name) offsetof(struct settings, name)
static const struct option table[] = {
    {"backend", OPTION_TEXT, FIELD(backend), "auto", 0, 0, "", NULL,
     "where the nets run that the games are compared with: ref, cpu, cuda or auto"},
    {"quiet", OPTION_FLAG, FIELD(quiet), "false", 0, 0, "", NULL, "print no lines of progress"},
    {"json", OPTION_FLAG, FIELD(json), "false", 0, 0, "", NULL, "print one JSON object instead of lines"},
    {NULL, OPTION_FLAG, 0, NULL, 0, 0, NULL, NULL, NULL},
};

static const double progress_seconds = 5; // between lines of progress; chosen, so that short audits print none

struct progress {
    double began, said;
};

static void say_progress(void *context, long long done, long long of) {
    struct progress *p = context;
    char left[32];
    const double now = clock_seconds(machine_clock());
    if (now - p->said < progress_seconds || done == of) return;
    p->said = now;
    format_duration((now - p->began) / (double)done * (double)(of - done), left);
    fprintf(stderr, "tengen: audit: %lld of %lld chunks, %s left\n", done, of, left);
}

static void print_json(const char *path, const struct audit *audit) {
    cJSON *object = cJSON_CreateObject();
    json_text(object, "run", path);
    json_text(object, "verdict", audit_verdict_name(audit->verdict));
    json_number(object, "chunks", (double)audit->num_chunks);
    json_number(object, "games", (double)audit->num_games);
    json_number(object, "positions", (double)audit->num_positions);
    cJSON *checks = cJSON_AddArrayToObject(object, "checks");
    for (int i = 0; i < audit->num_lines; i++) {
        const struct audit_line *line = &audit->lines[i];
        cJSON *check = cJSON_CreateObject();
        json_text(check, "check", line->check);
        json_text(check, "verdict", audit_verdict_name(line->verdict));
        json_number(check, "number", line->number);
        json_text(check, "unit", line->unit);
        json_text(check, "text", line->text);
        cJSON *chunks = cJSON_AddArrayToObject(check, "first_chunks");
        for (int k = 0; k < line->num_chunks && k < AUDIT_MOST_CHUNKS; k++)
            cJSON_AddItemToArray(chunks, cJSON_CreateNumber((double)line->chunks[k]));
        json_number(check, "chunks", line->num_chunks);
        cJSON_AddItemToArray(checks, check);
    }
    json_line(object);
}

static void print_line(const struct audit_line *line) {
    text_print(stdout, "%-4s  %-9s  %s", line->verdict == AUDIT_NONE ? "-" : audit_verdict_name(line->verdict), line->check,
               line->text);
    for (int k = 0; k < line->num_chunks && k < AUDIT_MOST_CHUNKS; k++)
        printf("%s%06lld", k ? ", " : line->num_chunks == 1 ? " (chunk " : " (chunks ", line->chunks[k]);
    if (line->num_chunks > AUDIT_MOST_CHUNKS) printf(" and %d more", line->num_chunks - AUDIT_MOST_CHUNKS);
    printf("%s\n", line->num_chunks ? ")" : "");
}

static void print_lines(const char *path, const struct audit *audit) {
    int counts[AUDIT_BAD + 1] = {0};
    for (int i = 0; i < audit->num_lines; i++) {
        print_line(&audit->lines[i]);
        counts[audit->lines[i].verdict]++;
    }
    text_print(stdout, "%s: %lld games in %lld chunks: %d good, %d to look at, %d bad\n", path, audit->num_games,
               audit->num_chunks, counts[AUDIT_GOOD], counts[AUDIT_LOOK], counts[AUDIT_BAD]);
}

static enum status run(const struct command *self, int argc, char **argv) {
    struct settings s = {0};
    struct words words;
    bool done;
    TRY(command_parse(self, table, &s, argc, argv, 1, 1, &words, &done));
    if (done) return STATUS_OK;
    TRY(run_folder_expect(words.at[0]));
    struct progress progress = {.began = clock_seconds(machine_clock())};
    progress.said = progress.began;
    const struct audit_params params = {.path = words.at[0],
                                        .backend = s.backend,
                                        .stop = stop_on_signals(),
                                        .on_progress = s.quiet ? NULL : say_progress,
                                        .context = &progress};
    struct audit audit;
    TRY(audit_run(&params, &audit));
    if (s.json)
        print_json(words.at[0], &audit);
    else
        print_lines(words.at[0], &audit);
    return STATUS_OK;
}

const struct command command_audit = {
    "audit", "RUN", "Examines a run's games: where they come from, copies, values, endings",
    "Every line is a check: good, look (somebody should look at it), bad (it should not be learned from), or - where it\n"
    "does not apply or there are too few games. Nothing is changed, and the exit status is 0 also where something is bad.\n"
    "What is bad can be kept out of the window: tengen train --set quarantine=... (docs/audit.md). The games that are\n"
    "examined are those that the run still has. A run may be trained meanwhile.\n",
    run};
