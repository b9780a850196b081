// tengen scale: reads the grid, and runs the study (selfplay/scaling.h).
#include "base/text.h"
#include "cli/command.h"
#include "cli/game_options.h"
#include "cli/machine.h"
#include "cli/stop.h"
#include "exam/scale_report.h"
#include "selfplay/scaling.h"

#include "base/files.h"

#include <stdlib.h>
#include <string.h>

struct settings {
    const char *game, *komi, *rules, *shapes, *budget, *dial, *out, *set, *backend, *devices;
    int size[2], seeds, visits, threads;
    double hold_out, rate, interval;
    bool report, processor_time, quiet;
};

#define FIELD(name) offsetof(struct settings, name)
static const struct option table[] = {
    {"game", OPTION_TEXT, FIELD(game), "go", 0, 0, "", NULL, "the game to learn, from the list below"},
    {"size", OPTION_SIZE, FIELD(size), NULL, 1, GAME_MAX_SIDE, "points", NULL,
     "the size of the board: its side, or HEIGHTxWIDTH; if not given, the game's default"},
    {"komi", OPTION_TEXT, FIELD(komi), NULL, 0, 0, "points", NULL, "what the second player gets; if not given, a fair value"},
    {"rules", OPTION_TEXT, FIELD(rules), NULL, 0, 0, "", NULL, "a rule set; if not given, the game's default"},
    {"shapes", OPTION_TEXT, FIELD(shapes), "2x16,4x32,4x48,6x64", 0, 0, "", NULL,
     "the nets to train, as BLOCKSxCHANNELS with commas between them"},
    {"budget", OPTION_TEXT, FIELD(budget), NULL, 0, 0, "", NULL,
     "how long each net trains, such as 20m, or 10m,20m,40m for three trainings of each; a law wants two or more (must be "
     "given)"},
    {"seeds", OPTION_INT, FIELD(seeds), "3", 1, SCALING_MOST_SEEDS, "seeds", NULL,
     "the number of trainings of each shape and budget, with the seeds 1, 2, ..."},
    {"hold-out", OPTION_DURATION, FIELD(hold_out), "auto", -1, 1e8, "", "auto=-1",
     "the length of one more training whose strength is predicted before it begins; 0: none; auto: twice the largest budget, "
     "or none with one budget"},
    {"rate", OPTION_DURATION, FIELD(rate), "auto", -1, 1e8, "", "auto=-1",
     "how long the nets play each other to be rated, at most; auto: a quarter of all training"},
    {"interval", OPTION_REAL, FIELD(interval), "50", 1, 1e4, "Elo", NULL,
     "rating ends sooner when every net is known to plus or minus this with 95 %"},
    {"visits", OPTION_INT, FIELD(visits), "100", 0, 1e6, "simulations", NULL,
     "how many a net may make for each move, in rating"},
    {"dial", OPTION_TEXT, FIELD(dial), "0,8,32", 0, 0, "", NULL,
     "other numbers of visits at which the last nets of seed 1 are rated, to compare search with training; or none"},
    {"out", OPTION_TEXT, FIELD(out), NULL, 0, 0, "", NULL,
     "the folder of the study to make or to continue; if not given, scale/GAME-SIZE"},
    {"set", OPTION_TEXT, FIELD(set), NULL, 0, 0, "", NULL,
     "KEY=VALUE, any other setting of the trainings that `tengen train --print-config` lists; may be given many times"},
    {"report", OPTION_FLAG, FIELD(report), "false", 0, 0, "", NULL, "train and play nothing, and report what is known"},
    {"threads", OPTION_INT, FIELD(threads), "0", 0, 1024, "threads", NULL, "how many threads; 0: one for each processor"},
    {"backend", OPTION_TEXT, FIELD(backend), "auto", 0, 0, "", NULL, "where nets run: ref, cpu, cuda or auto"},
    {"devices", OPTION_TEXT, FIELD(devices), NULL, 0, 0, "", NULL, "the devices to use, as in `tengen train`"},
    {"processor-time", OPTION_FLAG, FIELD(processor_time), "false", 0, 0, "", NULL,
     "durations count the processor time of a thread, so that other programs on the machine do not shorten trainings"},
    {"quiet", OPTION_FLAG, FIELD(quiet), "false", 0, 0, "", NULL, "print no lines of progress"},
    {NULL, OPTION_FLAG, 0, NULL, 0, 0, NULL, NULL, NULL},
};

// Settings of a training that the grid decides, or that would make its nets differ.
static const char *const grids[] = {"blocks", "channels", "time", "games", "seed", "from", "sizes", "rules-mix"};

static enum status set_one(struct config *config, const char *pair, struct options_text *text) {
    const char *equals = strchr(pair, '=');
    char name[80];
    if (!equals || equals == pair || equals - pair >= (long)sizeof name)
        return status_fail(STATUS_USAGE, "--set: '%.80s' is not KEY=VALUE", pair);
    snprintf(name, sizeof name, "%.*s", (int)(equals - pair), pair);
    for (char *at = name; *at; at++)
        if (*at == '_') *at = '-';
    for (size_t i = 0; i < sizeof grids / sizeof *grids; i++)
        if (!strcmp(name, grids[i])) return status_fail(STATUS_USAGE, "--set: %s is decided by the grid", name);
    return options_set(config_table, config, "--set: ", name, equals + 1, text);
}

// Fills in the settings that all trainings share.
static enum status read_config(struct config *config, const struct settings *s, int argc, char **argv,
                               struct options_text *text) {
    char size[32], threads[16];
    snprintf(size, sizeof size, "%dx%d", s->size[0], s->size[1]);
    snprintf(threads, sizeof threads, "%d", s->threads);
    const char *const pairs[][2] = {{"game", s->game},       {"size", s->size[0] ? size : NULL},
                                    {"komi", s->komi},       {"rules", s->rules},
                                    {"backend", s->backend}, {"devices", s->devices},
                                    {"threads", threads},    {"checkpoints", "4"}};
    options_defaults(config_table, config);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (pairs[i][1]) TRY(options_set(config_table, config, "--", pairs[i][0], pairs[i][1], text));
    for (int i = 0; i < argc && strcmp(argv[i], "--"); i++) {
        const char *pair = NULL;
        if (!strncmp(argv[i], "--set=", 6)) pair = argv[i] + 6;
        if (!strcmp(argv[i], "--set") && i + 1 < argc) pair = argv[++i];
        if (pair) TRY(set_one(config, pair, text));
    }
    return STATUS_OK;
}

static enum status name_folder(const struct settings *s, const struct config *config, char out[PATH_BYTES]) {
    if (s->out) {
        if (!*s->out || strlen(s->out) > PATH_BYTES - 600)
            return status_fail(STATUS_USAGE, "--out: the path is empty or too long");
        path_format(out, "%s", s->out);
        return STATUS_OK;
    }
    struct config resolved = *config;
    struct game game;
    char size[16];
    TRY(config_resolve(&resolved, &game));
    path_format(out, "scale/%s-%s", game.type->name, game_size_text(&game, size));
    return STATUS_OK;
}

static enum status study(const struct settings *s, const struct config *config) {
    struct scaling_shape shapes[SCALE_MOST_SHAPES];
    double budgets[SCALE_MOST_BUDGETS], largest = 0, sum = 0;
    int dials[SCALING_MOST_DIALS], num_shapes, num_budgets, num_dials;
    char folder[PATH_BYTES], machine[256];
    if (!s->budget) return status_fail(STATUS_USAGE, "scale: --budget must be given, such as --budget 10m,20m,40m");
    TRY(scaling_read_shapes(s->shapes, shapes, &num_shapes));
    TRY(scaling_read_budgets(s->budget, budgets, &num_budgets));
    TRY(scaling_read_visits(s->dial, dials, &num_dials));
    TRY(name_folder(s, config, folder));
    for (int i = 0; i < num_budgets; i++) {
        if (budgets[i] > largest) largest = budgets[i];
        sum += budgets[i] * num_shapes * s->seeds;
    }
    const double hold_out = s->hold_out >= 0 ? s->hold_out : num_budgets > 1 ? 2 * largest : 0;
    int threads = s->threads > 0 ? s->threads : machine_threads();
    const struct clock processor_clock = machine_processor_clock(&threads);
    const struct log log = {.quiet = s->quiet};
    const struct scaling_params params = {.folder = folder,
                                          .config = config,
                                          .shapes = shapes,
                                          .budgets = budgets,
                                          .num_shapes = num_shapes,
                                          .num_budgets = num_budgets,
                                          .seeds = s->seeds,
                                          .hold_out = hold_out,
                                          .rating_seconds = s->rate >= 0 ? s->rate : sum / 4,
                                          .half_interval = s->interval,
                                          .visits = s->visits,
                                          .dials = dials,
                                          .num_dials = num_dials,
                                          .machine = machine_name(machine),
                                          .processors = machine_threads(),
                                          .is_processor_time = s->processor_time,
                                          .clock = s->processor_time ? &processor_clock : machine_clock(),
                                          .wall = machine_wall,
                                          .stop = stop_on_signals(),
                                          .log = &log,
                                          .only_report = s->report};
    const enum status status = scaling_run(&params);
    if (status == STATUS_CANCELLED)
        log_line(&log, "everything that was done is kept: the same command goes on, --report reports");
    TRY(status);
    text_print(stdout, "%s/report.md\n", folder);
    return STATUS_OK;
}

static enum status run(const struct command *self, int argc, char **argv) {
    struct settings s = {0};
    struct config config = {0};
    struct options_text text = {0};
    struct words words;
    bool done;
    TRY(command_parse(self, table, &s, argc, argv, 0, 0, &words, &done));
    if (done) return STATUS_OK;
    enum status status = read_config(&config, &s, argc, argv, &text);
    if (status == STATUS_OK) status = study(&s, &config);
    options_text_done(&text);
    return status;
}

const struct command command_scale = {
    "scale", "", "Trains nets of several sizes for several times, and reports what compute bought",
    "All nets are rated on one ladder. The report (report.md, scale.csv, pictures) has Elo over parameters, hours and\n"
    "floating-point operations, training against search at equal strength, power laws with intervals, and one larger run\n"
    "that is predicted before it is trained. The whole takes shapes x budgets x seeds, and about a quarter more. Ctrl-C\n"
    "saves and stops, and the same command goes on; more shapes, budgets or seeds add to what is there.\n" GAMES_HELP,
    run};
