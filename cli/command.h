// What a command of `tengen` is, and how every one of them reads its command line.
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "base/options.h"

// One row of the table in main.c. A command reads its words, calls the library and prints. It lives
// in cmd_<name>.c.
struct command {
    const char *name;
    const char *arguments; // such as "PLAYER PLAYER"; "" for none
    const char *summary;   // one line without a full stop
    const char *details;   // further lines for --help, or NULL
    // argv holds the words after the command's name.
    enum status (*run)(const struct command *self, int argc, char **argv);
};

extern const struct command command_train, command_gtp, command_match, command_selfplay, command_eval, command_perft,
    command_rules, command_legal, command_bench, command_info, command_devices, command_elo, command_export, command_serve,
    command_analysis, command_review, command_exam, command_scale, command_audit;

// The words of a command line that are not options.
#define MAX_WORDS 8
struct words {
    const char *at[MAX_WORDS];
    int count;
};

// Fills `settings` with the table's defaults and then from the command line. *done: there was
// --help, and it has been printed. Too few or too many words are usage errors that name the
// command's arguments.
enum status command_parse(const struct command *self, const struct option *table, void *settings, int argc, char **argv,
                          int min_words, int max_words, struct words *words, bool *done);
void command_help(const struct command *self, const struct option *table);

#endif
