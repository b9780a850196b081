// tengen train: reads the settings, and runs the whole loop (selfplay/loop.h).
//
// Settings come from, in this order, where later ones win: the defaults, the run's own config.ini,
// --config FILE, each --set KEY=VALUE, and the command line's options.
#include "base/text.h"
#include "cli/command.h"
#include "cli/game_options.h"
#include "cli/job.h"
#include "cli/machine.h"
#include "cli/page.h"
#include "cli/run_folder.h"
#include "cli/stop.h"
#include "run/run_read.h"
#include "selfplay/follow.h"
#include "selfplay/loop.h"
#include "selfplay/team.h"

#include "base/files.h"
#include "base/memory.h"
#include "base/version.h"

#include <stdlib.h>
#include <string.h>

struct settings {
    struct config config; // first, so that the offsets in config_table hold in this struct, too
    const char *run, *config_file, *set;
    double more;
    int stop_status;
    bool print_config, print_run, quiet, processor_time, serve;
    struct page_settings page;
};

#define FIELD(name) offsetof(struct settings, name)
static const struct option own_rows[] = {
    {"run", OPTION_TEXT, FIELD(run), NULL, 0, 0, "", NULL,
     "the folder of the run to make or to continue; if not given, runs/GAME-SIZE"},
    {"more", OPTION_DURATION, FIELD(more), NULL, 1, 1e9, "", NULL,
     "instead of --time: train a run that is there for this much longer than it already has"},
    {"config", OPTION_TEXT, FIELD(config_file), NULL, 0, 0, "", NULL, "a file of settings, with lines \"key = value\""},
    {"set", OPTION_TEXT, FIELD(set), NULL, 0, 0, "", NULL,
     "KEY=VALUE, any of the settings that --print-config lists; may be given many times"},
    {"print-config", OPTION_FLAG, FIELD(print_config), "false", 0, 0, "", NULL,
     "print every key with its effective value, and stop"},
    {"print-run", OPTION_FLAG, FIELD(print_run), "false", 0, 0, "", NULL,
     "print the folder of the run that these options make or continue, and stop"},
    {"processor-time", OPTION_FLAG, FIELD(processor_time), "false", 0, 0, "", NULL,
     "--time counts the processor time of a thread, so that other programs on the machine do not shorten the training"},
    {"serve", OPTION_FLAG, FIELD(serve), "false", 0, 0, "", NULL,
     "show the training in a browser while it runs, as tengen serve does; print the link"},
    {"port", OPTION_INT, FIELD(page.port), "8080", 0, 65535, "", NULL, "of --serve; 0: any that is free"},
    {"listen", OPTION_TEXT, FIELD(page.listen), "127.0.0.1", 0, 0, "", NULL,
     "the address of --serve in figures; of anything but this machine's own a token is asked for"},
    {"token", OPTION_TEXT, FIELD(page.token), NULL, 0, 0, "", NULL, "a file with the token that visitors of --serve need"},
    {"stop-status", OPTION_INT, FIELD(stop_status), "1", 0, 255, "", NULL,
     "the exit status after a stop by Ctrl-C or a signal; 0 for schedulers that take any other for a failure"},
    {"quiet", OPTION_FLAG, FIELD(quiet), "false", 0, 0, "", NULL, "write progress to the run's log.txt only"},
};
enum { OWN_ROWS = sizeof own_rows / sizeof own_rows[0], MAX_ROWS = 160 };

// Joins our own rows and config_table to one table.
static void join_tables(struct option table[MAX_ROWS]) {
    int n = 0;
    for (int i = 0; i < OWN_ROWS; i++) table[n++] = own_rows[i];
    for (const struct option *row = config_table; row->name; row++) {
        CHECK(n < MAX_ROWS - 1);
        table[n++] = *row;
    }
    table[n] = (struct option){0};
}

// Applies every --set of the command line, in order.
static enum status apply_sets(struct config *config, int argc, char **argv, struct options_text *text) {
    for (int i = 0; i < argc && strcmp(argv[i], "--"); i++) {
        const char *pair = NULL;
        if (!strncmp(argv[i], "--set=", 6)) pair = argv[i] + 6;
        if (!strcmp(argv[i], "--set") && i + 1 < argc) pair = argv[++i];
        if (!pair) continue;
        const char *equals = strchr(pair, '=');
        char name[80];
        if (!equals || equals == pair || equals - pair >= (long)sizeof name)
            return status_fail(STATUS_USAGE, "--set: '%.80s' is not KEY=VALUE", pair);
        snprintf(name, sizeof name, "%.*s", (int)(equals - pair), pair);
        TRY(options_set(config_table, config, "--set: ", name, equals + 1, text));
    }
    return STATUS_OK;
}

// The run's folder, as it was given, or else by the game and the size.
static enum status name_run(const struct settings *s, char path[PATH_BYTES]) {
    if (s->run) {
        if (strlen(s->run) > PATH_BYTES - 300) return status_fail(STATUS_USAGE, "--run: the path is too long");
        path_format(path, "%s", s->run);
        return STATUS_OK;
    }
    struct config resolved = s->config;
    struct game game;
    resolved.from = NULL; // the file that the run began from may be gone by now
    resolved.freeze_trunk = false;
    TRY(config_resolve(&resolved, &game));
    return run_folder_default(&game, path);
}

// Takes what the run is about from its database, since its config.ini may be lost.
static enum status take_identity(const struct run_summary *held, struct config *config, struct options_text *text) {
    char size[32], komi[32], seed[32];
    snprintf(size, sizeof size, "%dx%d", held->height, held->width);
    snprintf(komi, sizeof komi, "%.17g", held->komi);
    snprintf(seed, sizeof seed, "%llu", held->seed);
    const char *const pairs[][2] = {{"game", held->game},   {"size", size}, {"komi", komi},
                                    {"rules", held->rules}, {"seed", seed}, {"from", held->from}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        TRY(options_set(config_table, config, "run.sqlite: ", pairs[i][0], pairs[i][1], text));
    return STATUS_OK;
}

// Applies what the user wants over what `s` holds: a file of settings (NULL: none), every --set,
// and the command line's options.
static enum status apply_wishes(const struct option *table, struct settings *s, const char *file, int argc, char **argv,
                                struct options_text *text) {
    struct words words;
    int num_words;
    bool wants_help;
    if (file) TRY(options_load(config_table, &s->config, file, text));
    TRY(apply_sets(&s->config, argc, argv, text));
    return options_parse(table, s, argc, argv, words.at, 0, &num_words, &wants_help, text);
}

// What all ranks of a job must have been started with, as lines; malloced.
static char *shared_text(const struct config *config) {
    char *all = config_text(config), *shared = NULL, *save = NULL;
    size_t bytes;
    FILE *file = open_memstream(&shared, &bytes);
    if (!file) memory_failed(0, "the settings as text");
    fprintf(file, "program %s\n", version_program());
    for (char *line = strtok_r(all, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        char name[80];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(line, " "), line);
        if (!team_is_local(name)) fprintf(file, "%s\n", line);
    }
    fclose(file);
    free(all);
    return shared;
}

// Reads everything twice: first to learn which run is meant, then to apply the wishes over what
// that run holds. Ranks above 0 have no run, and read once. *wishes: shared_text of the wishes.
static enum status read_settings(const struct command *self, const struct option *table, struct settings *s, int argc,
                                 char **argv, struct options_text *text, bool is_leader, char **wishes, bool *done) {
    struct words words;
    TRY(command_parse(self, table, s, argc, argv, 0, 0, &words, done));
    if (*done) return STATUS_OK;
    const char *file = s->config_file;
    struct run_summary held; // the run that is in the folder already
    char run[PATH_BYTES], own[PATH_BYTES];
    *s = (struct settings){0};
    options_defaults(table, s);
    TRY(apply_wishes(table, s, file, argc, argv, text));
    *wishes = shared_text(&s->config);
    if (!is_leader) return STATUS_OK;
    TRY(name_run(s, run));
    *s = (struct settings){0};
    options_defaults(table, s);
    TRY(run_peek(run, &held));
    if (held.game[0]) {
        TRY(take_identity(&held, &s->config, text));
        if (file_exists(path_format(own, "%s/config.ini", run))) TRY(options_load(config_table, &s->config, own, text));
    }
    TRY(apply_wishes(table, s, file, argc, argv, text));
    // It is said here, since otherwise other settings of that run would be found unfit for the
    // game.
    if (held.game[0] && strcmp(held.game, s->config.game))
        return status_fail(STATUS_USAGE, "%s: holds a run of %s, not of %s", run, held.game, s->config.game);
    return STATUS_OK;
}

// What only prints something; *done: it has.
static enum status print_only(const struct settings *s, bool *done) {
    *done = s->print_config || s->print_run;
    if (s->print_config) {
        struct game game;
        struct config resolved = s->config;
        TRY(config_resolve(&resolved, &game));
        options_print(config_table, &resolved, stdout);
    } else if (s->print_run) {
        char path[PATH_BYTES];
        TRY(name_run(s, path));
        printf("%s\n", path);
    }
    return STATUS_OK;
}

// Rank 0 of a training, or all of it.
static enum status lead(struct settings *s, struct cluster *cluster) {
    char path[PATH_BYTES];
    TRY(name_run(s, path));
    if (s->more > 0) {
        struct run_summary summary;
        TRY(run_peek(path, &summary));
        if (!summary.game[0]) return status_fail(STATUS_USAGE, "--more: %s holds no run yet; use --time", path);
        s->config.time = summary.state.seconds + s->more;
        s->config.games = 0;
    }
    char machine[256], go_on[PATH_BYTES + 64];
    machine_name(machine);
    if (cluster_size(cluster) > 1)
        snprintf(machine + strlen(machine), sizeof machine - strlen(machine), "; %d ranks", cluster_size(cluster));
    // The run's config.ini holds the end that --more has set. The same command would set a later
    // one.
    snprintf(go_on, sizeof go_on, "tengen train --run %s%s", path, s->processor_time ? " --processor-time" : "");
    int threads = s->config.threads > 0 ? s->config.threads : machine_threads();
    const struct clock processor_clock = machine_processor_clock(&threads);
    const struct loop_params params = {.cluster = cluster,
                                       .path = path,
                                       .config = &s->config,
                                       .machine = machine,
                                       .processors = job_processors(cluster),
                                       .clock = s->processor_time ? &processor_clock : machine_clock(),
                                       .wall = machine_wall,
                                       .stop = cluster_stop(cluster),
                                       .go_on = s->more > 0 ? go_on : NULL,
                                       .quiet = s->quiet};
    struct loop_report report = {0};
    struct web *web = NULL;
    s->page.runs[0] = path;
    s->page.num_runs = 1;
    s->page.backend = s->config.backend;
    s->page.threads = 1;
    if (s->serve) TRY(page_start(&web, &s->page));
    const enum status status = loop_run(&params, &report);
    web_stop(web);
    // Otherwise the log has said it.
    if (status == STATUS_CANCELLED && s->quiet) return status_fail(status, "stopped");
    TRY(status);
    char time[32];
    text_print(stdout, "%s: %lld games, step %lld, best %lld, %s, digest %s\n", path, report.games, report.step,
               report.best_step, format_duration(report.seconds, time), report.digest);
    return STATUS_OK;
}

// A rank above 0.
static enum status follow(struct settings *s, struct cluster *cluster) {
    const struct loop_params params = {.cluster = cluster,
                                       .config = &s->config,
                                       .processors = job_processors(cluster),
                                       .clock = machine_clock(),
                                       .stop = cluster_stop(cluster)};
    return follow_run(&params);
}

// Rank 0 looks at the command line first, so that what is wrong with it is said once.
static enum status train(const struct command *self, const struct option *table, struct settings *s, int argc, char **argv,
                         struct options_text *text, struct cluster *cluster) {
    const bool is_leader = cluster_rank(cluster) == 0;
    char *wishes = NULL;
    bool done = false;
    enum status status = STATUS_OK;
    if (is_leader) {
        status = read_settings(self, table, s, argc, argv, text, true, &wishes, &done);
        if (status == STATUS_OK && !done) status = print_only(s, &done);
    }
    if (status == STATUS_OK) status = cluster_broadcast(cluster, &done, sizeof done);
    if (status == STATUS_OK && !done && !is_leader)
        status = read_settings(self, table, s, argc, argv, text, false, &wishes, &done);
    if (status == STATUS_OK && !done) status = team_expect_same(cluster, wishes, "other settings");
    free(wishes);
    if (status != STATUS_OK || done) return status;
    return is_leader ? lead(s, cluster) : follow(s, cluster);
}

static enum status run(const struct command *self, int argc, char **argv) {
    struct option table[MAX_ROWS] = {0};
    struct settings s = {0};
    struct options_text text = {0};
    struct cluster *cluster;
    join_tables(table);
    TRY(job_open(&cluster));
    const enum status status = train(self, table, &s, argc, argv, &text, cluster);
    options_text_done(&text);
    job_close(cluster, status);
    // The log has said it, and main knows only one status for a stop.
    if (status == STATUS_CANCELLED && s.stop_status != 1) exit(s.stop_status);
    return status;
}

const struct command command_train = {
    "train", "", "Learns a game from nothing but its rules, by playing itself",
    "If the folder holds a run, the training goes on with it. Ctrl-C saves and stops; the same command goes on.\n"
    "--from NET begins a new run with the weights of another net. More --blocks or --channels make that net larger without\n"
    "changing what it computes at first. Settings come from, later ones winning: the defaults, the run's config.ini,\n"
    "--config FILE, --set KEY=VALUE, and the options.\n"
    "Under mpirun or srun all ranks train together, on one machine or many (docs/cluster.md).\n" GAMES_HELP,
    run};
