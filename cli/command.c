// Reads a command's line by its option table, and prints its help.
#include "cli/command.h"

#include "net/model_path.h"

#include <string.h>

void command_help(const struct command *self, const struct option *table) {
    printf("usage: tengen %s%s%s [OPTION]...\n%s.\n", self->name, *self->arguments ? " " : "", self->arguments, self->summary);
    if (self->details) printf("\n%s", self->details);
    printf("\nOptions (unit, range, default):\n");
    options_help(table, stdout);
}

// Whoever gives no model may not know which there are, so the message lists them.
static enum status too_few(const struct command *self) {
    char list[MODEL_LIST_BYTES] = "";
    const bool takes_models = strstr(self->arguments, "MODEL") || strstr(self->arguments, "PLAYER");
    if (takes_models || strstr(self->arguments, "RUN")) model_list(list, !takes_models);
    return status_fail(STATUS_USAGE, "usage: tengen %s %s [OPTION]... (--help says more)%s%s", self->name, self->arguments,
                       *list ? "; here there are " : "", list);
}

enum status command_parse(const struct command *self, const struct option *table, void *settings, int argc, char **argv,
                          int min_words, int max_words, struct words *words, bool *done) {
    CHECK(max_words <= MAX_WORDS);
    struct options_text text = {0}; // stays empty, since settings point into the command line
    *done = false;
    options_defaults(table, settings);
    TRY(options_parse(table, settings, argc, argv, words->at, max_words, &words->count, done, &text));
    if (*done)
        command_help(self, table);
    else if (words->count < min_words)
        return too_few(self);
    return STATUS_OK;
}
