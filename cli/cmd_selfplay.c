// tengen selfplay: plays games of one net against itself, without learning.
#include "base/text.h"
#include "cli/command.h"
#include "cli/game_options.h"
#include "cli/job.h"
#include "cli/machine.h"
#include "net/devices.h"
#include "net/model_path.h"
#include "selfplay/generate.h"
#include "selfplay/team.h"

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

// What this machine has, on every rank.
static void take_machine(const struct settings *s, const struct cluster *cluster, struct config *config) {
    config->devices = s->devices;
    config->vram = s->vram;
    config->threads = s->threads > 0 ? s->threads : job_processors(cluster);
    config->slots = s->slots;
}

// Rank 0 alone looks at the run and chooses the settings.
static enum status choose(const struct settings *s, const struct net *net, const char *path, int ranks, struct config *config) {
    struct game game;
    struct run_game run;
    TRY(run_game_read(&run, path, net));
    const struct game_settings settings = game_settings_over(&s->game, &run.settings);
    TRY(game_from_settings(&game, &settings, net));
    config->game = game.type->name;
    config->size[0] = game.height;
    config->size[1] = game.width;
    config->komi = game.komi;
    config->rules = game.rules ? game.rules : "";
    config->backend = s->backend;
    config->precision = s->precision;
    config->seed = s->seed;
    config->visits_start = config->visits_end = s->visits;
    config->fast_start = config->fast_end = s->fast;
    config->pass_ban_games = 0; // only a net that knows nothing needs the ban
    TRY(config_resolve(config, &game));
    const long long each = (s->games + ranks - 1) / ranks;
    if (each < config->slots) config->slots = (int)each;
    return net_check_game(net, &game, path);
}

static enum status generate(const struct settings *s, const struct net *net, const char *path, struct cluster *cluster) {
    struct options_text text = {0};
    struct config config;
    struct game game;
    const bool is_leader = cluster_rank(cluster) == 0;
    options_defaults(config_table, &config);
    take_machine(s, cluster, &config);
    enum status status = is_leader ? choose(s, net, path, cluster_size(cluster), &config) : STATUS_OK;
    if (status == STATUS_OK) status = team_share_config(cluster, &config, &text);
    if (status == STATUS_OK) status = config_resolve(&config, &game);
    const struct log log = {.quiet = s->quiet || !is_leader};
    const struct generate_params params = {.cluster = cluster,
                                           .net = net,
                                           .config = &config,
                                           .game = &game,
                                           .games = s->games,
                                           .out = s->out,
                                           .log = &log,
                                           .clock = machine_clock(),
                                           .stop = cluster_stop(cluster)};
    struct generate_result result = {0};
    if (status == STATUS_OK) status = generate_run(&params, &result);
    if (is_leader && (status == STATUS_OK || status == STATUS_CANCELLED))
        text_print(stdout, "%lld games in %s, %.1f s\n", result.games_kept, s->out, result.seconds);
    options_text_done(&text);
    return status;
}

static enum status check(const struct settings *s) {
    if (!s->games) return status_fail(STATUS_USAGE, "--games N is needed: how many to play");
    if (!s->out || !*s->out) return status_fail(STATUS_USAGE, "--out DIR is needed: where to put the games");
    return STATUS_OK;
}

// The ranks above 0 get the net from rank 0, which alone reads and writes files.
static enum status play(const struct settings *s, const char *model, struct cluster *cluster) {
    char path[PATH_BYTES] = "rank 0's net";
    struct net *net = NULL;
    enum status status = STATUS_OK;
    if (cluster_rank(cluster) == 0) {
        status = model_resolve(model, path);
        if (status == STATUS_OK) status = net_load(&net, path);
    }
    if (status == STATUS_OK) status = team_share_net(cluster, &net);
    if (status == STATUS_OK) status = generate(s, net, path, cluster);
    net_free(net);
    return status;
}

static enum status run(const struct command *self, int argc, char **argv) {
    struct settings s = {0};
    struct words words;
    struct cluster *cluster;
    bool done = false;
    TRY(job_open(&cluster));
    enum status status = job_parse(cluster, self, table, &s, argc, argv, 1, 1, &words, &done);
    if (status == STATUS_OK && !done && cluster_rank(cluster) == 0) status = check(&s);
    if (status == STATUS_OK && !done) status = play(&s, words.at[0], cluster);
    const bool is_leader = cluster_rank(cluster) == 0;
    job_close(cluster, status);
    return status == STATUS_CANCELLED && !is_leader ? STATUS_OK : status; // Rank 0 says that it was stopped.
}

const struct command command_selfplay = {"selfplay", "MODEL", "Plays games of a net against itself, without learning",
                                         "Under mpirun or srun all ranks play, and rank 0 writes (docs/cluster.md).\n", run};
