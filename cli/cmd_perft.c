// tengen perft: counts the move sequences of a length, for each first move and in total.
#include "base/memory.h"
#include "cli/command.h"
#include "cli/game_options.h"
#include "game/perft.h"

#include <stdlib.h>

struct settings {
    struct game_settings game;
};

static const struct option table[] = {
    PLAIN_BOARD_OPTION_ROWS(struct settings, game),
    {NULL, OPTION_FLAG, 0, NULL, 0, 0, NULL, NULL, NULL},
};

static void print_perft(const struct game *game, int depth) {
    void *state = memory_raw(1, game->state_bytes, "a position");
    uint16_t *actions = memory_raw((size_t)game->num_actions, sizeof *actions, "a position");
    unsigned long long *counts = memory_new((size_t)game->num_actions, sizeof *counts, "a position");
    game_start(game, state);
    const int n = depth > 0 ? game_legal(game, state, actions) : 0;
    const unsigned long long total = perft(game, state, depth, counts);
    for (int i = 0; i < n; i++) {
        char text[GAME_TEXT_BYTES];
        game->type->action_text(game, actions[i], text);
        printf("%s: %llu\n", text, counts[i]);
    }
    printf("%llu\n", total);
    free(state);
    free(actions);
    free(counts);
}

static enum status run(const struct command *self, int argc, char **argv) {
    struct settings s = {0};
    struct words words;
    bool done;
    TRY(command_parse(self, table, &s, argc, argv, 2, 2, &words, &done));
    if (done) return STATUS_OK;
    char *end;
    const long depth = strtol(words.at[1], &end, 10);
    if (end == words.at[1] || *end || depth < 0 || depth > 100)
        return status_fail(STATUS_USAGE, "DEPTH: '%.80s' is not a whole number from 0 to 100", words.at[1]);
    struct game game;
    s.game.game = words.at[0];
    TRY(game_from_settings(&game, &s.game, NULL));
    print_perft(&game, (int)depth);
    return STATUS_OK;
}

const struct command command_perft = {"perft", "GAME DEPTH",
                                      "Counts the move sequences of a length, per first move and in total",
                                      "The last line is the total alone.\n" GAMES_HELP, run};
