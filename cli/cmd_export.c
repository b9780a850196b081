// tengen export: a net of a run as a file to give away.
#include "cli/command.h"
#include "selfplay/publish.h"

#include <stdio.h>

struct settings {
    long long step;
    const char *note;
};

#define FIELD(name) offsetof(struct settings, name)
static const struct option table[] = {
    {"step", OPTION_LONG, FIELD(step), "-1", -1, 9e15, "steps", NULL, "checkpoint to take; -1: the best"},
    {"note", OPTION_TEXT, FIELD(note), NULL, 0, 0, "", NULL, "free text that goes into the file"},
    {NULL, OPTION_FLAG, 0, NULL, 0, 0, NULL, NULL, NULL},
};

static enum status run(const struct command *self, int argc, char **argv) {
    struct settings s = {0};
    struct words words;
    bool done;
    TRY(command_parse(self, table, &s, argc, argv, 2, 2, &words, &done));
    if (done) return STATUS_OK;
    struct net_meta meta;
    char time[32];
    TRY(publish_net(words.at[0], s.step, s.note, words.at[1], &meta));
    printf("%s: %s, step %lld after %s and %lld games, %s\n", words.at[1], meta.game, meta.step,
           meta.seconds > 0 ? format_duration(meta.seconds, time) : "an unknown time", meta.games,
           meta.strength[0] ? meta.strength : "strength not measured (tengen elo RUN does)");
    return STATUS_OK;
}

const struct command command_export = {
    "export", "RUN FILE", "Writes a net of a run to a file, with its command, machine, games and measured strength",
    "FILE.safetensors plays alone; `tengen info FILE` says where it comes from. The strength is the run's ladder's (tengen elo "
    "RUN).",
    run};
