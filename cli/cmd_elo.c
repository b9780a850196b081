// tengen elo: rates the checkpoints of runs and the anchors on one scale. It plays a session of
// games (ladder/), unless it shall only report, and prints the standings.
#include "arena/tournament.h"
#include "base/files.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/job.h"
#include "cli/json.h"
#include "cli/machine.h"
#include "cli/run_folder.h"
#include "cli/stop.h"
#include "ladder/ladder_report.h"
#include "net/net_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct settings {
    int games, visits, checkpoints, min_games, threads;
    long long seed;
    double time, interval;
    const char *anchor, *sgf, *backend, *run;
    bool dial, only_anchors, round_robin, report, json, quiet;
};

#define FIELD(name) offsetof(struct settings, name)
static const struct option table[] = {
    {"anchor", OPTION_TEXT, FIELD(anchor), NULL, 0, 0, "", NULL,
     "a PLAYER to rate besides the usual ones; may be given many times"},
    {"only-anchors", OPTION_FLAG, FIELD(only_anchors), "false", 0, 0, "", NULL,
     "leave out the usual ones (random, uct:64 to uct:4096, GNU Go, the solver): only those of --anchor take part"},
    {"games", OPTION_INT, FIELD(games), "0", 0, 1e8, "games", NULL,
     "stop after this many, those of earlier sessions included; 0: no bound"},
    {"time", OPTION_DURATION, FIELD(time), "1h", 0, 1e9, "", NULL,
     "how long this session plays; games in play at its end are dropped, and left to the next session; 0: no bound"},
    {"interval", OPTION_REAL, FIELD(interval), "60", 0, 1e4, "Elo", NULL,
     "stop when every player's Elo is known to plus or minus this with 95 %; 0: no bound"},
    {"min-games", OPTION_INT, FIELD(min_games), "20", 0, 1e6, "games", NULL,
     "with --interval: how many games each player must have, too"},
    {"visits", OPTION_INT, FIELD(visits), "100", 0, 1e8, "simulations", NULL,
     "how many a checkpoint may make for each move; 0: the raw net"},
    {"checkpoints", OPTION_INT, FIELD(checkpoints), "10", 0, 1e6, "", NULL,
     "how many of each run at most, spread over its time, with the first, the last and the best; 0: all"},
    {"dial", OPTION_FLAG, FIELD(dial), "false", 0, 0, "", NULL,
     "rate the best net at the ten strengths of gtp --level too, and the first with 0 and 4 visits: more for gtp --elo"},
    {"run", OPTION_TEXT, FIELD(run), NULL, 0, 0, "", NULL,
     "where the games of a net's file are kept; if not given, runs/NAME-elo"},
    {"round-robin", OPTION_FLAG, FIELD(round_robin), "false", 0, 0, "", NULL,
     "play all against all instead of the games that tell most (to compare with)"},
    {"report", OPTION_FLAG, FIELD(report), "false", 0, 0, "", NULL, "play nothing, and report what is known"},
    {"seed", OPTION_LONG, FIELD(seed), "0", 0, 9e15, "", NULL,
     "seed of openings and chance; 0: the one that the ladder was begun with, or 1. A copy of a run makes an independent "
     "ladder with another seed"},
    {"threads", OPTION_INT, FIELD(threads), "0", 0, 1024, "threads", NULL, "how many threads play; 0: one for each processor"},
    {"backend", OPTION_TEXT, FIELD(backend), "auto", 0, 0, "", NULL, "where nets run: ref, cpu, cuda or auto"},
    {"sgf", OPTION_TEXT, FIELD(sgf), NULL, 0, 0, "", NULL, "a folder to write the games to as SGF"},
    {"quiet", OPTION_FLAG, FIELD(quiet), "false", 0, 0, "", NULL, "print no lines of progress"},
    {"json", OPTION_FLAG, FIELD(json), "false", 0, 0, "", NULL,
     "print one JSON object for each player, then one for the whole"},
    {NULL, OPTION_FLAG, 0, NULL, 0, 0, NULL, NULL, NULL},
};

enum { MAX_ANCHORS = 64, MAX_RUNS = 6 };

// Collects every --anchor of the command line, in order.
static enum status read_anchors(int argc, char **argv, const char *anchors[MAX_ANCHORS], int *num) {
    for (int i = 0; i < argc && strcmp(argv[i], "--"); i++) {
        const char *player = NULL;
        if (!strncmp(argv[i], "--anchor=", 9)) player = argv[i] + 9;
        if (!strcmp(argv[i], "--anchor") && i + 1 < argc) player = argv[++i];
        if (!player) continue;
        if (*num == MAX_ANCHORS) return status_fail(STATUS_USAGE, "--anchor: more than %d of them", MAX_ANCHORS);
        anchors[(*num)++] = player;
    }
    return STATUS_OK;
}

static const char *const kinds[] = {"checkpoint", "dial", "anchor", "other"};

static void print_entry_json(const struct ladder *l, int index) {
    const struct ladder_entry *e = &l->entries[index];
    cJSON *line = cJSON_CreateObject();
    const bool is_net = e->run >= 0;
    json_text(line, "player", e->name);
    json_text(line, "kind", kinds[e->kind]);
    json_text(line, "run", is_net ? l->runs[e->run] : NULL);
    json_number(line, "step", is_net ? (double)e->step : NAN);
    json_number(line, "seconds", e->seconds);
    json_number(line, "selfplay_games", is_net ? (double)e->games : NAN);
    json_number(line, "positions", is_net ? (double)e->samples : NAN);
    json_number(line, "device_hours", e->device_hours);
    json_number(line, "visits", is_net ? e->visits : NAN);
    json_number(line, "elo", e->elo);
    json_number(line, "elo_low", e->low);
    json_number(line, "elo_high", e->high);
    json_number(line, "games", e->rated_games);
    json_number(line, "superiority", e->superiority);
    for (int i = 0; i < LADDER_YARDSTICKS && l->yardstick_names[i] && e->kind == LADDER_CHECKPOINT; i++)
        json_number(line, l->yardstick_names[i], e->yardsticks[i]);
    if (e->kind == LADDER_ANCHOR) {
        cJSON *beaten = cJSON_AddArrayToObject(line, "beaten");
        for (int i = 0; i < l->num_beats; i++) {
            const struct ladder_beat *beat = &l->beats[i];
            if (beat->anchor != index || beat->checkpoint < 0) continue;
            cJSON *by = cJSON_CreateObject();
            json_text(by, "by_run", l->runs[beat->run]);
            json_text(by, "by", l->entries[beat->checkpoint].name);
            json_number(by, "after_seconds", l->entries[beat->checkpoint].seconds);
            cJSON_AddItemToArray(beaten, by);
        }
    }
    json_text(line, "key", e->key);
    json_line(line);
}

static void print_json(const struct ladder *l, int num_new, bool drawn) {
    char scale[LADDER_SCALE_BYTES], doubt[400];
    for (int i = 0; i < l->num_entries; i++) print_entry_json(l, i);
    cJSON *line = cJSON_CreateObject();
    int rated = 0;
    double widest = 0;
    for (int i = 0; i < l->num_entries; i++) {
        rated += l->entries[i].player >= 0;
        if (l->entries[i].player >= 0) widest = fmax(widest, (l->entries[i].high - l->entries[i].low) / 2);
    }
    json_text(line, "board", l->game.type->name);
    json_number(line, "height", l->game.height);
    json_number(line, "width", l->game.width);
    json_number(line, "komi", l->game.komi);
    json_text(line, "scale", ladder_scale_text(l, scale));
    json_text(line, "anchor", l->anchor >= 0 ? l->entries[l->anchor].name : NULL);
    json_number(line, "anchor_elo", l->anchor >= 0 ? l->rating.anchor_elo : NAN);
    json_number(line, "players", rated);
    json_number(line, "games", l->rating.num_games);
    json_number(line, "new_games", num_new);
    json_number(line, "duplicates", l->duplicates);
    json_number(line, "forfeits", l->forfeits);
    json_number(line, "disputes", l->disputes);
    json_number(line, "widest_half_interval", l->anchor >= 0 ? widest : NAN);
    json_number(line, "first_player_advantage", l->anchor >= 0 ? l->rating.advantage : NAN);
    json_number(line, "first_player_advantage_low", l->anchor >= 0 ? l->rating.advantage_low : NAN);
    json_number(line, "first_player_advantage_high", l->anchor >= 0 ? l->rating.advantage_high : NAN);
    json_flag(line, "connected", l->rating.is_connected);
    json_text(line, "doubt", ladder_doubt(l, doubt, sizeof doubt) ? doubt : NULL);
    json_flag(line, "drawn", drawn);
    json_line(line);
}

static enum status play(const struct settings *s, const struct words *runs, const char *const *anchors, int num_anchors,
                        const struct log *log) {
    const struct ladder_params params = {.runs = runs->at,
                                         .num_runs = runs->count,
                                         .anchors = anchors,
                                         .num_anchors = num_anchors,
                                         .no_default_anchors = s->only_anchors,
                                         .checkpoints = s->checkpoints,
                                         .visits = s->visits,
                                         .dial = s->dial,
                                         .games = s->games,
                                         .seconds = s->time,
                                         .half_interval = s->interval,
                                         .min_games = s->min_games,
                                         .round_robin = s->round_robin,
                                         .seed = s->seed,
                                         .threads = s->threads > 0 ? s->threads : machine_threads(),
                                         .backend = s->backend,
                                         .sgf_dir = s->sgf,
                                         .stop = stop_on_signals(),
                                         .clock = machine_clock(),
                                         .wall = machine_wall,
                                         .log = log,
                                         .report_seconds = 10};
    if (s->games <= 0 && s->time <= 0 && s->interval <= 0)
        return status_fail(STATUS_USAGE, "elo: --games, --time or --interval must say when to stop");
    return ladder_play(&params);
}

// A run given twice would stand in the tables and pictures twice.
static enum status check_runs(const struct words *words) {
    struct stat a, b;
    for (int i = 0; i < words->count; i++)
        for (int k = 0; k < i; k++)
            if (!stat(words->at[i], &a) && !stat(words->at[k], &b) && a.st_dev == b.st_dev && a.st_ino == b.st_ino)
                return status_fail(STATUS_USAGE, "elo: %s and %s are the same run", words->at[k], words->at[i]);
    return STATUS_OK;
}

// In place of a net's file, the folder where its games are kept, which is made where there is none.
static enum status find_home(struct settings *s, struct words *words, char home[PATH_BYTES]) {
    char net[PATH_BYTES], name[128];
    if (!*words->at[0] || dir_exists(words->at[0])) return STATUS_OK;
    if (!file_exists(path_format(net, "%.3900s.safetensors", words->at[0]))) path_format(net, "%.3900s", words->at[0]);
    bool is_net = false; // of another file the next step says that it is no run
    if (file_exists(net)) TRY(net_file_is_net(net, &is_net));
    if (!is_net) return STATUS_OK;
    if (words->count > 1) return status_fail(STATUS_USAGE, "%s: a net's file is rated alone, without other runs", net);
    const char *slash = strrchr(net, '/');
    snprintf(name, sizeof name, "%.100s", slash ? slash + 1 : net);
    char *end = strstr(name, ".safetensors");
    if (end) *end = 0;
    if (s->run)
        path_format(home, "%.3900s", s->run);
    else
        path_format(home, "runs/%s-elo", name);
    if (!s->run) TRY(dir_make("runs"));
    if (!s->report) TRY(ladder_make_home(net, home, machine_wall()));
    words->at[0] = home;
    s->dial = true;
    return STATUS_OK;
}

static enum status run(const struct command *self, int argc, char **argv) {
    struct settings s = {0};
    struct words words;
    bool done, drawn = false;
    char home[PATH_BYTES] = "";
    TRY(job_refuse(self));
    TRY(command_parse(self, table, &s, argc, argv, 1, MAX_RUNS, &words, &done));
    if (done) return STATUS_OK;
    TRY(find_home(&s, &words, home));
    for (int i = 0; i < words.count; i++) TRY(run_folder_expect(words.at[i]));
    TRY(check_runs(&words));
    const char *anchors[MAX_ANCHORS];
    int num_anchors = 0;
    TRY(read_anchors(argc, argv, anchors, &num_anchors));
    const struct log log = {.quiet = s.quiet};
    struct ladder ladder;
    TRY(ladder_standings(&ladder, words.at, words.count, s.visits));
    const int games_before = ladder.rating.num_games;
    ladder_done(&ladder);
    const enum status played = s.report ? STATUS_OK : play(&s, &words, anchors, num_anchors, &log);
    if (played != STATUS_OK && played != STATUS_CANCELLED) return played;
    TRY(ladder_standings(&ladder, words.at, words.count, s.visits));
    // Whoever stops it does not want to wait for yardsticks and pictures.
    if (played == STATUS_CANCELLED) {
        if (s.json)
            print_json(&ladder, ladder.rating.num_games - games_before, false);
        else
            ladder_print(&ladder, stdout);
        log_line(&log, "stopped; all finished games are kept: the same command goes on, --report writes the files");
        ladder_done(&ladder);
        return played;
    }
    enum status status = ladder_judge_yardsticks(&ladder, s.backend);
    if (status == STATUS_OK) status = ladder_write(&ladder, ladder.runs[0]);
    if (status == STATUS_OK) status = ladder_draw(ladder.runs[0], &log, &drawn);
    if (status == STATUS_OK && s.json)
        print_json(&ladder, ladder.rating.num_games - games_before, drawn);
    else if (status == STATUS_OK)
        ladder_print(&ladder, stdout);
    if (status == STATUS_OK && !s.json) putchar('\n');
    if (status == STATUS_OK && !s.json)
        text_print(stdout, "%s/elo.csv%s\n", ladder.runs[0],
                   drawn ? ", elo.svg, elo.png (and elo-games, elo-positions, elo-device-hours)" : "");
    if (status == STATUS_OK && !s.json && *home)
        text_print(stdout, "the file gets the strengths by: tengen export %s FILE\n", home);
    ladder_done(&ladder);
    return status;
}

const struct command command_elo = {
    "elo", "RUN|MODEL [RUN]...", "Rates a run's checkpoints and fixed opponents on one scale and draws Elo over training time",
    "Games are kept in the first RUN's run.sqlite, and the same command goes on where the last one ended, however it ended.\n"
    "Every game and board size has a scale of its own. On 9x9 Go, GNU Go level 10 has 1800 Elo where it takes part;\n"
    "everywhere else uct:1024 has 1000. --time counts from the first game to the last: loading nets before and drawing\n"
    "pictures after take some seconds more. elo.csv, elo.svg and elo.png are written into RUN. A PLAYER is what\n"
    "`tengen match` calls so.\n"
    "A MODEL, which is a net's file, is rated alone, at ten strengths; `tengen export` then writes them into a file.\n",
    run};
