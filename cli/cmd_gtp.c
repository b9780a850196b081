// tengen gtp: the GTP 2 engine (gtp/) on stdin and stdout, with a net, or with the rated net of a
// run that is nearest to a wanted strength.
#include "base/memory.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/game_options.h"
#include "cli/machine.h"
#include "cli/run_folder.h"
#include "gtp/gtp.h"
#include "ladder/ladder.h"
#include "net/model_path.h"
#include "net/net_setting.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct settings {
    struct game_settings game;
    int visits, batch, level;
    double time_per_move, resign_below;
    const char *gtp_name;
    double elo; // NAN: no strength was asked for
    const char *backend;
    bool ponder, cleanup;
    long long seed;
};

#define FIELD(name) offsetof(struct settings, name)
static const struct option table[] = {
    {"visits", OPTION_INT, FIELD(visits), "400", 0, 1e8, "simulations", NULL,
     "how many to make for each move at most, under a clock too; 0: as many as the controller's clock or --time-per-move "
     "allows, and without either the raw net plays"},
    {"time-per-move", OPTION_DURATION, FIELD(time_per_move), "0", 0, 86400, "", NULL,
     "how long to think about each move at most, and with --visits 0 always so long; 0: no bound"},
    {"elo", OPTION_REAL, FIELD(elo), NULL, -10000, 10000, "Elo", NULL,
     "play at about this strength: the nearest that was rated, of the run by `tengen elo`, or of the file as `info` shows"},
    {"level", OPTION_INT, FIELD(level), "0", 0, NET_LEVELS, "", NULL,
     "play at this of ten strengths, 1 the weakest; `info` says what each is worth; 0: --visits decides"},
    {"size", OPTION_SIZE, FIELD(game.size), NULL, 2, GAME_MAX_SIDE, "points", NULL,
     "the side of the board until the controller sends boardsize; if not given, the model's own"},
    {"komi", OPTION_TEXT, FIELD(game.komi), NULL, 0, 0, "points", NULL,
     "what White gets until the controller sends komi; if not given, a fair value for the size"},
    {"rules", OPTION_TEXT, FIELD(game.rules), NULL, 0, 0, "", NULL,
     "the rules until the controller sends kgs-rules; if not given, what the model's run has, or the default"},
    {"batch", OPTION_INT, FIELD(batch), "8", 1, 64, "leaves", NULL, "how many are judged at once"},
    {"resign-below", OPTION_REAL, FIELD(resign_below), "0", 0, 0.5, "winrate", NULL,
     "resign when the winning chance is below this; 0: never"},
    {"gtp-name", OPTION_TEXT, FIELD(gtp_name), NULL, 0, 0, "", NULL,
     "what to answer to the command name, for front ends that treat engines by their names: KataGo"},
    {"backend", OPTION_TEXT, FIELD(backend), "auto", 0, 0, "", NULL, "where the net runs: ref, cpu, cuda or auto"},
    {"ponder", OPTION_FLAG, FIELD(ponder), "false", 0, 0, "", NULL, "search on while the opponent thinks"},
    {"cleanup", OPTION_FLAG, FIELD(cleanup), "false", 0, 0, "", NULL,
     "capture dead stones before passing, for servers that count the board as it stands, such as CGOS; under tromp-taylor "
     "rules "
     "it always does"},
    {"seed", OPTION_LONG, FIELD(seed), "1", 0, 9e15, "", NULL, "seed of all random numbers"},
    {NULL, OPTION_FLAG, 0, NULL, 0, 0, NULL, NULL, NULL},
};

static enum status serve(const struct settings *s, const struct net *net, const struct net_setting *setting, const char *model,
                         const char *path) {
    // The run gives rules and a size, but no komi, which controllers expect to set.
    struct run_game run;
    struct game game;
    TRY(run_game_read(&run, path, net));
    struct game_settings settings = game_settings_over(&s->game, &run.settings);
    settings.komi = s->game.komi;
    settings.game = net->meta.game;
    TRY(game_from_settings(&game, &settings, net));
    struct gtp_params params = {.net = net,
                                .model_name = model,
                                .gtp_name = s->gtp_name,
                                .backend = s->backend,
                                .visits = s->visits,
                                .setting = setting,
                                .time_per_move = s->time_per_move,
                                .batch = s->batch,
                                .size = game.height,
                                .width = game.width,
                                .komi = s->game.komi ? game.komi : GAME_KOMI_DEFAULT,
                                .rules = game.rules,
                                .resign_below = s->resign_below,
                                .ponders = s->ponder,
                                .cleans_up = s->cleanup,
                                .seed = (uint64_t)s->seed,
                                .is_typed = isatty(STDIN_FILENO),
                                .clock = machine_clock()};
    if (params.is_typed) {
        char move[GAME_TEXT_BYTES];
        uint16_t legal[GAME_MAX_ACTIONS];
        void *state = memory_raw(1, game.state_bytes, "a position");
        game_start(&game, state);
        const int n = game_legal(&game, state, legal);
        free(state);
        game.type->action_text(&game, legal[n / 2], move);
        text_print(
            stderr,
            "tengen: %s is ready, on %dx%d. Type for example: play b %s, genmove w, showboard, undo, boardsize %d, quit, "
            "each on a line of its own; help lists all\n",
            model, game.height, game.width, move, game.width);
    }
    return gtp_serve(&params, stdin, stdout);
}

static void say_strength(const char *path, const struct net_meta *meta, const struct net_setting *setting) {
    char text[NET_SETTING_BYTES], rank[NET_RANK_BYTES];
    const char *people = meta ? net_rank_text(meta, setting, rank) : NULL;
    net_setting_text(setting, text);
    if (isnan(setting->elo))
        text_print(stderr, "tengen: %s, %s: its Elo was not measured\n", path, text);
    else if (!ladder_is_telling(setting->low, setting->high))
        text_print(stderr, "tengen: %s, %s: its Elo is not known yet (%d games)\n", path, text, setting->games);
    else
        text_print(stderr, "tengen: %s, %s: Elo %.0f (%.0f to %.0f with 95 %%, %d games)%s%s%s\n", path, text, setting->elo,
                   setting->low, setting->high, setting->games, people ? ", " : "", people ? people : "",
                   people ? " by a guess" : "");
}

// Chooses the rated net of the run that is nearest to the wish: its path and the setting that it
// was rated with.
static enum status choose_of_run(double elo, const char *run, char path[PATH_BYTES], struct net_setting *setting) {
    struct ladder ladder;
    int chosen;
    TRY(run_folder_expect(run));
    TRY(ladder_standings(&ladder, &run, 1, LADDER_VISITS));
    const enum status status = ladder_choose(&ladder, elo, &chosen);
    if (status == STATUS_OK) {
        const struct ladder_entry *e = &ladder.entries[chosen];
        path_format(path, "%s/nets/%06lld.safetensors", ladder.runs[0], e->step);
        *setting = (struct net_setting){.visits = e->visits,
                                        .temperature = e->temperature,
                                        .elo = e->elo,
                                        .low = e->low,
                                        .high = e->high,
                                        .games = e->rated_games};
        say_strength(path, NULL, setting);
    }
    ladder_done(&ladder);
    return status;
}

// Chooses the net's strength by --elo or --level.
static enum status choose_of_net(const struct settings *s, const char *model, const char *path, struct net *net,
                                 struct net_setting *setting) {
    if (dir_exists(model)) TRY(ladder_read_settings(model, &net->meta));
    if (s->level)
        *setting = net_level(&net->meta, s->level);
    else
        TRY(net_setting_near(&net->meta, s->elo, path, setting));
    say_strength(path, &net->meta, setting);
    return STATUS_OK;
}

static enum status play(const struct settings *s, const char *model) {
    char path[PATH_BYTES];
    struct net *net;
    struct net_setting setting;
    bool is_set = false;
    if (s->level && !isnan(s->elo))
        return status_fail(STATUS_USAGE, "--elo and --level are two ways to say one thing: give one");
    if (!isnan(s->elo) && dir_exists(model)) {
        TRY(choose_of_run(s->elo, model, path, &setting));
        is_set = true;
    } else {
        TRY(model_resolve(model, path));
    }
    TRY(net_load(&net, path));
    enum status status = STATUS_OK;
    if (!is_set && (s->level || !isnan(s->elo))) {
        status = choose_of_net(s, model, path, net, &setting);
        is_set = true;
    }
    if (status == STATUS_OK) status = serve(s, net, is_set ? &setting : NULL, model, path);
    net_free(net);
    return status;
}

static enum status run(const struct command *self, int argc, char **argv) {
    struct settings s = {.elo = NAN};
    struct words words;
    bool done;
    TRY(command_parse(self, table, &s, argc, argv, 1, 1, &words, &done));
    if (done) return STATUS_OK;
    return play(&s, words.at[0]);
}

const struct command command_gtp = {"gtp", "MODEL", "Plays over the Go Text Protocol, version 2, on stdin and stdout",
                                    "MODEL is a .safetensors file or a run folder of any game. Controllers are GoGui, Sabaki,\n"
                                    "Lizzie and GNU Go's twogtp for Go, HexGui for Hex, and GoGui for most other games.\n",
                                    run};
