// tengen export: writes a net of a run as a file to give away.
#include "base/text.h"
#include "cli/command.h"
#include "cli/run_folder.h"
#include "selfplay/publish.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct settings {
    long long step;
    const char *note;
};

#define FIELD(name) offsetof(struct settings, name)
static const struct option table[] = {
    {"step", OPTION_LONG, FIELD(step), "-1", -1, 9e15, "steps", NULL, "which checkpoint to write; -1: the best one"},
    {"note", OPTION_TEXT, FIELD(note), NULL, 0, 0, "", NULL, "a text of yours to keep in the file"},
    {NULL, OPTION_FLAG, 0, NULL, 0, 0, NULL, NULL, NULL},
};

// Refuses to write into the run itself: its database names its checkpoints by what is in them, so
// they must never be written over.
static enum status refuse_inside(const char *run, const char *file) {
    char folder[PATH_MAX], own[PATH_MAX], copy[PATH_MAX];
    if (strlen(file) >= sizeof copy) return status_fail(STATUS_USAGE, "%.80s...: too long a path", file);
    strcpy(copy, file);
    // If a path can't be resolved, the function that opens it will say what is wrong.
    if (!realpath(run, own) || !realpath(dirname(copy), folder)) return STATUS_OK;
    const size_t length = strlen(own);
    if (!strncmp(folder, own, length) && (!folder[length] || folder[length] == '/'))
        return status_fail(STATUS_USAGE, "%s: is in the run %s, whose files are its own; export to another folder", file, run);
    return STATUS_OK;
}

static enum status run(const struct command *self, int argc, char **argv) {
    struct settings s = {0};
    struct words words;
    bool done;
    TRY(command_parse(self, table, &s, argc, argv, 2, 2, &words, &done));
    if (done) return STATUS_OK;
    TRY(run_folder_expect(words.at[0]));
    if (dir_exists(words.at[0])) TRY(refuse_inside(words.at[0], words.at[1]));
    struct net_meta meta;
    char time[32];
    TRY(publish_net(words.at[0], s.step, s.note, words.at[1], &meta));
    text_print(stdout, "%s: %s, step %lld after %s and %lld games, %s%s\n", words.at[1], meta.game, meta.step,
               meta.seconds > 0 ? format_duration(meta.seconds, time) : "an unknown time", meta.games,
               *meta.strength && strncmp(meta.strength, "Elo", 3) ? "strength " : "",
               meta.strength[0] ? meta.strength : "strength not measured (tengen elo RUN does)");
    return STATUS_OK;
}

const struct command command_export = {
    "export", "RUN|MODEL FILE", "Writes a net of a run to a file, with its command, machine, games and measured strength",
    "FILE.safetensors plays without its run, and must not lie in RUN; only an older net is replaced. `tengen info FILE` says "
    "where it comes from.\n"
    "The strength is the one that `tengen elo RUN` has measured. So are the ten strengths of gtp --level, where --dial or\n"
    "`tengen elo MODEL` has measured those. A MODEL, a net's file, is written as it is, with what this version adds.\n",
    run};
