// tengen selfplay: plays games of one net against itself, without learning.
#include "base/text.h"
#include "cli/command.h"
#include "cli/game_options.h"
#include "cli/machine.h"
#include "cli/stop.h"
#include "net/devices.h"
#include "net/model_path.h"
#include "selfplay/generate.h"

struct settings {
    struct game_settings game;
    long long games, seed;
    const char *out, *backend, *devices, *precision; // net/devices.h
    long long vram;
    int threads, visits, fast, slots;
    bool quiet;
};

#define FIELD(name) offsetof(struct settings, name)
static const struct option table[] = {
    {"games", OPTION_LONG, FIELD(games), NULL, 1, 1e12, "games", NULL, "how many to play (must be given)"},
    {"out", OPTION_TEXT, FIELD(out), NULL, 0, 0, "", NULL,
     "a folder to write the games to: as chunks, and as SGF if the game has that (must be given)"},
    BOARD_OPTION_ROWS(struct settings, game),
    {"visits", OPTION_INT, FIELD(visits), "32", 1, 1e6, "simulations", NULL, "how many a full search makes"},
    {"fast", OPTION_INT, FIELD(fast), "8", 1, 1e6, "simulations", NULL, "how many a fast search makes"},
    {"slots", OPTION_INT, FIELD(slots), "0", 0, 1e6, "games", NULL,
     "how many are in play at once; 0: 128 on processors, and on cards enough for three batches on each"},
    {"backend", OPTION_TEXT, FIELD(backend), "auto", 0, 0, "", NULL, "where the net runs: ref, cpu, cuda or auto"},
    DEVICE_OPTION_ROWS(struct settings),
    {"threads", OPTION_INT, FIELD(threads), "0", 0, 1024, "threads", NULL, "how many threads play; 0: one for each processor"},
    {"seed", OPTION_LONG, FIELD(seed), "1", 0, 9e15, "", NULL, "seed of all random numbers"},
    {"quiet", OPTION_FLAG, FIELD(quiet), "false", 0, 0, "", NULL, "print no lines of progress"},
    {NULL, OPTION_FLAG, 0, NULL, 0, 0, NULL, NULL, NULL},
};

static enum status generate(const struct settings *s, const struct net *net, const char *path) {
    struct game game;
    struct run_game run;
    TRY(run_game_read(&run, path, net));
    const struct game_settings settings = game_settings_over(&s->game, &run.settings);
    TRY(game_from_settings(&game, &settings, net));
    struct config config;
    options_defaults(config_table, &config);
    config.game = game.type->name;
    config.size[0] = game.height;
    config.size[1] = game.width;
    config.komi = game.komi;
    config.rules = game.rules ? game.rules : "";
    config.backend = s->backend;
    config.devices = s->devices;
    config.precision = s->precision;
    config.vram = s->vram;
    config.threads = s->threads > 0 ? s->threads : machine_threads();
    config.seed = s->seed;
    config.slots = s->slots;
    config.visits_start = config.visits_end = s->visits;
    config.fast_start = config.fast_end = s->fast;
    config.pass_ban_games = 0; // only a net that knows nothing needs the ban
    TRY(config_resolve(&config, &game));
    if (s->games < config.slots) config.slots = (int)s->games;
    TRY(net_check_game(net, &game, path));
    const struct log log = {.quiet = s->quiet};
    const struct generate_params params = {.net = net,
                                           .config = &config,
                                           .game = &game,
                                           .games = s->games,
                                           .out = s->out,
                                           .log = &log,
                                           .clock = machine_clock(),
                                           .stop = stop_on_signals()};
    struct generate_result result = {0};
    const enum status status = generate_run(&params, &result);
    if (status && status != STATUS_CANCELLED) return status;
    text_print(stdout, "%lld games in %s, %.1f s\n", result.games_kept, s->out, result.seconds);
    return status;
}

static enum status run(const struct command *self, int argc, char **argv) {
    struct settings s = {0};
    struct words words;
    bool done;
    TRY(command_parse(self, table, &s, argc, argv, 1, 1, &words, &done));
    if (done) return STATUS_OK;
    if (!s.games) return status_fail(STATUS_USAGE, "--games N is needed: how many to play");
    if (!s.out || !*s.out) return status_fail(STATUS_USAGE, "--out DIR is needed: where to put the games");
    char path[PATH_BYTES];
    struct net *net;
    TRY(model_resolve(words.at[0], path));
    TRY(net_load(&net, path));
    const enum status status = generate(&s, net, path);
    net_free(net);
    return status;
}

const struct command command_selfplay = {"selfplay", "MODEL", "Plays games of a net against itself, without learning", NULL,
                                         run};
