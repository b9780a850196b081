// tengen gtp: the GTP 2 engine on stdin and stdout.
#include "base/text.h"
#include "cli/command.h"
#include "cli/game_options.h"
#include "cli/machine.h"
#include "gtp/gtp.h"
#include "ladder/ladder.h"
#include "net/model_path.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct settings {
    struct game_settings game;
    int visits, batch;
    double time_per_move, resign_below, elo; // elo NAN: not asked for
    const char *backend;
    long long seed;
};

#define FIELD(name) offsetof(struct settings, name)
static const struct option table[] = {
    {"visits", OPTION_INT, FIELD(visits), "400", 0, 1e8, "simulations", NULL,
     "most of a move, under a clock too; 0: as many as the controller's clock or --time-per-move allows, else the raw net"},
    {"time-per-move", OPTION_DURATION, FIELD(time_per_move), "0", 0, 86400, "", NULL,
     "at most, all of it with --visits 0; 0: none"},
    {"elo", OPTION_REAL, FIELD(elo), NULL, -10000, 10000, "Elo", NULL,
     "MODEL is a run folder that `tengen elo` has rated: play at this strength, by its nearest net and visits"},
    {"size", OPTION_SIZE, FIELD(game.size), NULL, 2, GAME_MAX_SIDE, "points", NULL,
     "square board before the first boardsize; else the model's own"},
    {"komi", OPTION_TEXT, FIELD(game.komi), NULL, 0, 0, "points", NULL, "before the first komi; else the size's fair value"},
    {"rules", OPTION_TEXT, FIELD(game.rules), NULL, 0, 0, "", NULL,
     "before the first kgs-rules, as of the other commands; else the run's, or the default"},
    {"batch", OPTION_INT, FIELD(batch), "8", 1, 64, "leaves", NULL, "judged at once"},
    {"resign-below", OPTION_REAL, FIELD(resign_below), "0", 0, 0.5, "winrate", NULL, "0: never resigns"},
    {"backend", OPTION_TEXT, FIELD(backend), "auto", 0, 0, "", NULL, "where the net runs"},
    {"seed", OPTION_LONG, FIELD(seed), "1", 0, 9e15, "", NULL, "of randomness"},
    {NULL, OPTION_FLAG, 0, NULL, 0, 0, NULL, NULL, NULL},
};

static enum status serve(const struct settings *s, const struct net *net, const char *model, const char *path) {
    struct run_game run; // of it rules and a square size: komi is the protocol's to set
    TRY(run_game_read(&run, path, net));
    const int *own = run.settings.size;
    const int run_size = own[0] == own[1] && own[0] >= 2 ? own[0] : 0;
    struct gtp_params params = {.net = net,
                                .model_name = model,
                                .backend = s->backend,
                                .visits = s->visits,
                                .time_per_move = s->time_per_move,
                                .batch = s->batch,
                                .size = s->game.size[0] ? s->game.size[0] : run_size,
                                .komi = GAME_KOMI_DEFAULT,
                                .rules = s->game.rules ? s->game.rules : run.settings.rules,
                                .resign_below = s->resign_below,
                                .seed = (uint64_t)s->seed,
                                .clock = machine_clock()};
    const int board = params.size ? params.size : net->meta.max_size > 0 ? net->meta.max_size : 9; // as gtp/ takes it
    if (s->game.size[0] != s->game.size[1]) return status_fail(STATUS_USAGE, "--size: GTP knows square boards only");
    if (s->game.komi) {
        struct game game; // checks the number
        TRY(game_from_settings(&game, &s->game, net));
        params.komi = game.komi;
    }
    if (isatty(STDIN_FILENO))
        text_print(stderr,
                   "tengen: %s is ready, on %dx%d. Type for example: play b D4, genmove w, showboard, undo, boardsize 9, quit, "
                   "each on a "
                   "line of its own; help lists all\n",
                   model, board, board);
    return gtp_serve(&params, stdin, stdout);
}

// The rated net of the run that is nearest to the wish: its path, and the visits it was rated with, a leaf at a time as in its games.
static enum status choose_strength(struct settings *s, const char *run, char path[PATH_BYTES]) {
    struct ladder ladder;
    int chosen;
    TRY(ladder_standings(&ladder, &run, 1, LADDER_VISITS));
    const enum status status = ladder_choose(&ladder, s->elo, &chosen);
    if (status == STATUS_OK) {
        const struct ladder_entry *e = &ladder.entries[chosen];
        path_format(path, "%s/nets/%06lld.safetensors", ladder.runs[0], e->step);
        s->visits = e->visits;
        s->batch = 1;
        text_print(stderr, "tengen: %s, %d visits a move: Elo %.0f (%.0f to %.0f with 95 %%, %d games)\n", path, e->visits,
                   e->elo, e->low, e->high, e->rated_games);
    }
    ladder_done(&ladder);
    return status;
}

static enum status run(const struct command *self, int argc, char **argv) {
    struct settings s = {.elo = NAN};
    struct words words;
    bool done;
    TRY(command_parse(self, table, &s, argc, argv, 1, 1, &words, &done));
    if (done) return STATUS_OK;
    char path[PATH_BYTES];
    struct net *net;
    if (isnan(s.elo))
        TRY(model_resolve(words.at[0], path));
    else
        TRY(choose_strength(&s, words.at[0], path));
    TRY(net_load(&net, path));
    const struct game_type *type = game_find(net->meta.game);
    const enum status status =
        !type || !type->has_gtp
            ? status_fail(STATUS_UNSUPPORTED, "gtp: %s plays %s, and GTP is for Go alone (try match, eval or rules)",
                          words.at[0], net->meta.game)
            : serve(&s, net, words.at[0], path);
    net_free(net);
    return status;
}

const struct command command_gtp = {"gtp", "MODEL", "Plays over the Go Text Protocol, version 2, on stdin and stdout",
                                    "MODEL is a .safetensors file or a run folder, of Go: the protocol has no other game. For "
                                    "GoGui, Sabaki, GNU Go's twogtp.\n",
                                    run};
