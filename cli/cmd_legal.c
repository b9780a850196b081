// tengen legal: counts the legal Go positions of an N x N board.
#include "cli/command.h"
#include "game/legal_count.h"

struct settings {
    int size;
};

static const struct option table[] = {
    {"size", OPTION_INT, offsetof(struct settings, size), "3", 1, 6, "points", NULL,
     "the side of the board; the count of a larger one does not fit into 64 bits"},
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
                                      "The count is exact, by a transfer matrix over the border between the rows done and to "
                                      "do.\nIt starts 1, 57, 12675, 24318165 [Tromp].\n",
                                      run};
