// tengen legal: counts the legal Go positions of an N x N board.
#include "cli/command.h"
#include "game/legal_count.h"

struct settings {
    int size;
};

static const struct option table[] = {
    {"size", OPTION_INT, offsetof(struct settings, size), "3", 1, 6, "points", NULL,
     "side of the board; more does not fit 64 bits"},
    {NULL, OPTION_FLAG, 0, NULL, 0, 0, NULL, NULL, NULL},
};

static enum status run(const struct command *self, int argc, char **argv) {
    struct settings s = {0};
    struct words words;
    bool done;
    TRY(command_parse(self, table, &s, argc, argv, 0, 0, &words, &done));
    if (done) return STATUS_OK;
    unsigned long long count;
    TRY(legal_count(s.size, &count));
    printf("%llu\n", count);
    return STATUS_OK;
}

const struct command command_legal = {"legal", "", "Counts the legal Go positions of a square board",
                                      "By a transfer matrix over the border: exact. [Tromp: 1, 57, 12675, 24318165, ...]\n",
                                      run};
