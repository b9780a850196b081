// Laws: with a budget of games, the same seed trains the same net, digest for digest, on any number
// of threads. A run that was stopped goes on from where it was, and a changed shape of its net is
// refused.

#include "selfplay/loop.h"
#include "base/files.h"
#include "run/run_db.h"
#include "run/run_read.h"
#include "tests/test.h"

#include <time.h>
#include <unistd.h>

static double seconds(void *context) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
static double wall(void) { return 1.7e9; }

static struct config tiny_config(int threads, long long games) {
    struct config config = {0};
    options_defaults(config_table, &config);
    config.game = "tictactoe";
    config.backend = "ref";
    config.threads = threads;
    config.games = games;
    config.blocks = 1;
    config.channels = 8;
    config.head_channels = 4;
    config.value_hidden = 8;
    config.slots = 16;
    config.evaluations = 40;
    config.batch = 32;
    config.shards = 2;
    config.window_min = 100;
    config.checkpoints = 2;
    config.gate_games = 4;
    config.gate_visits = 8;
    config.anchor_games = 2;
    return config;
}

static struct loop_report train(const char *path, struct config config, enum status expected) {
    const struct clock clock = {seconds, NULL};
    struct loop_report report = {0};
    const struct loop_params params = {
        .path = path, .config = &config, .processors = 2, .clock = &clock, .wall = wall, .quiet = true};
    EXPECT_INT(loop_run(&params, &report), expected);
    return report;
}

static void remove_folder(const char *path) {
    char command[PATH_BYTES + 16];
    snprintf(command, sizeof command, "rm -rf '%s'", path);
    EXPECT_INT(system(command), 0);
}

static double number(struct db *db, const char *sql) {
    double out;
    EXPECT_INT(db_number(db, sql, -1, &out), STATUS_OK);
    return out;
}

// Law: game_length is the mean length of the games that ended, iteration by iteration.
static void metrics_say_what_their_names_say(const char *path) {
    char file[PATH_BYTES];
    struct db *db;
    EXPECT_INT(db_open(&db, path_format(file, "%s/run.sqlite", path), DB_READ), STATUS_OK);
    // iterations.games is the running count of games, chunk by chunk of those iterations that had
    // some.
    const double worst =
        number(db, "SELECT max(abs(m.value - l.mean)) FROM"
                   " (SELECT row_number() OVER (ORDER BY chunk) AS n, avg(plies) AS mean FROM games GROUP BY chunk) l"
                   " JOIN (SELECT row_number() OVER (ORDER BY iteration) AS n, value FROM metrics JOIN metric_names"
                   " ON metric = id WHERE name = 'game_length') m ON l.n = m.n");
    EXPECT_NEAR(worst, 0, 1e-9);
    EXPECT(number(db, "SELECT max(value) FROM metrics JOIN metric_names ON metric = id WHERE name = 'game_length'") <= 9);
    db_close(db);
}

int main(void) {
    char base[] = "/tmp/tengen-loop-XXXXXX", path[4][PATH_BYTES];
    EXPECT(mkdtemp(base) != NULL);
    for (int i = 0; i < 4; i++) path_format(path[i], "%s/run%d", base, i);

    const struct loop_report one = train(path[0], tiny_config(1, 120), STATUS_OK),
                             again = train(path[1], tiny_config(1, 120), STATUS_OK),
                             two = train(path[2], tiny_config(2, 120), STATUS_OK);
    fprintf(stderr, "%lld games, %lld steps, digest %.16s\n", one.games, one.step, one.digest);
    EXPECT(one.games >= 120 && one.step > 5);
    char name[PATH_BYTES];
    struct net *net;
    EXPECT_INT(net_load(&net, path_format(name, "%.4000s/nets/%06lld.safetensors", path[0], one.step)), STATUS_OK);
    EXPECT_INT(net->meta.step, one.step);
    EXPECT_INT(net->meta.samples, one.step * tiny_config(1, 0).batch); // Each step is counted once.
    net_free(net);
    EXPECT_TEXT(again.digest, one.digest);
    EXPECT_TEXT(two.digest, one.digest);

    const struct loop_report more = train(path[0], tiny_config(1, 240), STATUS_OK);
    EXPECT(more.games >= 240 && more.step > one.step);
    struct run_summary summary;
    EXPECT_INT(run_summarise(path[0], &summary), STATUS_OK);
    EXPECT_INT(summary.state.games, more.games);
    EXPECT(summary.state.best_step >= 0);

    metrics_say_what_their_names_say(path[0]);

    struct config wider = tiny_config(1, 400);
    wider.channels = 16;
    train(path[0], wider, STATUS_USAGE);

    struct config bound = tiny_config(1, 120);
    bound.disk = 100000;
    train(path[3], bound, STATUS_USAGE);
    EXPECT(!file_exists(path[3])); // What does not fit leaves nothing behind.
    bound.disk = 0;
    bound.memory = 1 << 20;
    train(path[3], bound, STATUS_USAGE);
    EXPECT(!file_exists(path[3]));
    bound.disk = 1LL << 30; // Budgets that don't bind change nothing of what is learned.
    bound.memory = 16LL << 30;
    EXPECT_TEXT(train(path[3], bound, STATUS_OK).digest, one.digest);
    EXPECT_INT(run_summarise(path[3], &summary), STATUS_OK);
    EXPECT_INT(summary.disk_budget, bound.disk);
    EXPECT_INT(summary.memory_budget, bound.memory);
    remove_folder(base);
    return TEST_END();
}
