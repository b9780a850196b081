// Laws of a run that begins with another run's net:
//   1. It begins as that net, weight by weight, which is its first checkpoint. It says who its
//      parent is, and so do its own nets.
//   2. What can't be is refused before there is a folder: a file that is missing or no net, a
//      smaller shape.
//   3. It goes on without the parent's file, keeps a frozen trunk's bits, and takes no other
//      parent.
//   4. A kill at any step of its beginning loses nothing: the same command goes on, and once the
//      weights are stored it does so without the parent, too.

#include "base/files.h"
#include "net/carry.h"
#include "net/widen.h"
#include "run/run_read.h"
#include "selfplay/loop.h"
#include "selfplay/origin.h"
#include "tests/test.h"

#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(void *context) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
static double wall(void) { return 1.7e9; }

static struct config tiny_config(const char *game, long long games, const char *from) {
    struct config config = {0};
    options_defaults(config_table, &config);
    config.game = game;
    config.backend = "ref";
    config.threads = 1;
    config.games = games;
    config.slots = 16;
    config.evaluations = 40;
    config.batch = 32;
    config.shards = 2;
    config.window_min = 100;
    config.checkpoints = 2;
    config.gate_games = 4;
    config.gate_visits = 8;
    config.anchor_games = 0;
    config.from = from;
    if (from[0]) return config;
    config.blocks = 2;
    config.channels = 8;
    config.head_channels = 4;
    config.value_hidden = 8;
    return config;
}

static struct loop_report train(const char *path, struct config config, enum status expected) {
    const struct clock clock = {seconds, NULL};
    struct loop_report report = {0};
    const struct loop_params params = {
        .path = path, .config = &config, .processors = 1, .clock = &clock, .wall = wall, .quiet = true};
    EXPECT_INT(loop_run(&params, &report), expected);
    return report;
}

static struct net *net_at(const char *run, long long step) {
    char path[PATH_BYTES];
    struct net *net;
    EXPECT_INT(net_load(&net, path_format(path, "%.4000s/nets/%06lld.safetensors", run, step)), STATUS_OK);
    if (!net) exit(1);
    return net;
}

static void remove_all(const char *path) {
    char command[PATH_BYTES + 16];
    snprintf(command, sizeof command, "rm -rf '%s'", path);
    EXPECT_INT(system(command), 0);
}

static int num_different(const struct net *a, const struct net *b, bool in_trunk) {
    int n = 0;
    for (int i = 0; i < a->num_tensors; i++) {
        const struct net_tensor *t = &a->tensors[i], *other = net_find(b, t->name);
        if (net_in_trunk(t) == in_trunk)
            n += !other || other->count != t->count ||
                 memcmp(a->weights + t->offset, b->weights + other->offset, t->count * sizeof(float)) != 0;
    }
    return n;
}

static void the_same_game(const char *base, const char *parent_path, const struct net *parent) {
    char run[PATH_BYTES], moved[PATH_BYTES];
    struct run_summary summary;
    path_format(run, "%.3000s/same", base);
    path_format(moved, "%.3000s.moved", parent_path);
    struct config config = tiny_config("tictactoe", 150, parent_path);
    config.freeze_trunk = true;
    const struct loop_report report = train(run, config, STATUS_OK);
    EXPECT(report.step > 3 && report.games >= 150);
    struct net *first = net_at(run, 0), *last = net_at(run, report.step);
    EXPECT_TEXT(first->meta.digest, parent->meta.digest);
    EXPECT_TEXT(first->meta.parent, parent->meta.digest);
    struct net_ancestor ancestor;
    EXPECT(net_ancestor_read(last->meta.ancestors[0], &ancestor));
    EXPECT_TEXT(ancestor.digest, parent->meta.digest);
    EXPECT_INT(ancestor.step, parent->meta.step);
    EXPECT_TEXT(last->meta.ancestors[1], "");
    EXPECT_INT(num_different(parent, last, true), 0); // It was frozen.
    EXPECT(num_different(parent, last, false) >= 8);
    EXPECT_INT(run_summarise(run, &summary), STATUS_OK);
    EXPECT_TEXT(summary.from, parent_path);
    EXPECT_TEXT(summary.parent, parent->meta.digest);
    EXPECT(summary.from_whole && summary.state.best_step >= 0);
    net_free(last);

    EXPECT_INT(rename(parent_path, moved), 0); // From here on the run is without it.
    config.games = 200;
    const struct loop_report more = train(run, config, STATUS_OK);
    EXPECT(more.step > report.step);
    config = tiny_config("tictactoe", 250, "");
    const struct loop_report unsaid = train(run, config, STATUS_OK);
    EXPECT(unsaid.step > more.step);
    last = net_at(run, unsaid.step);
    EXPECT_TEXT(last->meta.ancestors[0], first->meta.ancestors[0]);
    EXPECT(num_different(parent, last, true) > 0); // It is no longer frozen.
    config.from = moved;                           // This is another name of the same net.
    config.games = 260;
    train(run, config, STATUS_OK);
    char other[PATH_BYTES];
    path_format(other, "%.3000s/nets/%06lld.safetensors", run, unsaid.step);
    config.from = other;
    train(run, config, STATUS_USAGE);
    config.from = "missing.safetensors";
    train(run, config, STATUS_IO);
    EXPECT_INT(run_summarise(run, &summary), STATUS_OK);
    EXPECT_TEXT(summary.from, parent_path);
    EXPECT_INT(rename(moved, parent_path), 0);
    net_free(first);
    net_free(last);
}

static void another_game(const char *base, const char *parent_path, const struct net *parent) {
    char run[PATH_BYTES];
    path_format(run, "%.3000s/other", base);
    struct config config = tiny_config("connect4", 20, parent_path);
    config.size[0] = config.size[1] = 4;
    config.channels = 16; // It also grows.
    config.freeze_trunk = true;
    const struct loop_report report = train(run, config, STATUS_OK);
    EXPECT(report.step > 0);
    struct net *net = net_at(run, report.step), *twin;
    struct net_carried carried;
    struct rng rng;
    rng_init(&rng, 1, 0x6e6574); // loop.c makes its first net like this.
    EXPECT_INT(net_new(&twin, &net->config, &rng), STATUS_OK);
    snprintf(twin->meta.game, sizeof twin->meta.game, "connect4");
    EXPECT_INT(net_carry(twin, parent, "parent", &carried), STATUS_OK);
    EXPECT(!carried.is_whole && carried.is_grown);
    EXPECT_INT(num_different(twin, net, true), 0);
    EXPECT(num_different(twin, net, false) > 8); // The stem has changed, too.
    EXPECT_INT(net->config.blocks, parent->config.blocks);
    net_free(net);
    net_free(twin);
}

static void refusals(const char *base, const char *parent_path) {
    char run[PATH_BYTES], foreign[PATH_BYTES];
    path_format(run, "%.3000s/refused", base);
    path_format(foreign, "%.3000s/foreign.safetensors", base);
    EXPECT_INT(file_write(foreign, "no net", 6), STATUS_OK);
    train(run, tiny_config("tictactoe", 10, "missing.safetensors"), STATUS_IO);
    train(run, tiny_config("tictactoe", 10, foreign), STATUS_FORMAT);
    struct config config = tiny_config("tictactoe", 10, parent_path);
    config.blocks = 1;
    train(run, config, STATUS_USAGE);
    config = tiny_config("tictactoe", 10, parent_path);
    config.channels = 7;
    train(run, config, STATUS_USAGE);
    config = tiny_config("tictactoe", 10, "");
    config.freeze_trunk = true; // There is nothing to freeze.
    train(run, config, STATUS_USAGE);
    // A net that is there, under a name that config.ini can't hold: the run could not go on.
    char unkept[PATH_BYTES], *net;
    size_t num_bytes;
    path_format(unkept, "%.3000s/net\nkomi = 3", base);
    EXPECT_INT(file_read(parent_path, &net, &num_bytes), STATUS_OK);
    EXPECT_INT(file_write(unkept, net, num_bytes), STATUS_OK);
    free(net);
    train(run, tiny_config("tictactoe", 10, unkept), STATUS_USAGE);
    EXPECT(!file_exists(run));
    train(run, tiny_config("tictactoe", 10, ""), STATUS_OK); // A run from nothing stays one.
    train(run, tiny_config("tictactoe", 20, parent_path), STATUS_USAGE);
}

// The process ends at once when the loop asks for the time of day for the last of so many times.
// Every step writes files, which are dated.
static int walls_left;
static double last_wall(void) {
    if (--walls_left < 0) _exit(9);
    return 1.7e9;
}

static void begin_and_be_killed(const char *run, const char *from, int walls) {
    const pid_t child = fork();
    if (!child) {
        walls_left = walls;
        struct config config = tiny_config("tictactoe", 1000000, from);
        const struct clock clock = {seconds, NULL};
        const struct loop_params params = {
            .path = run, .config = &config, .processors = 1, .clock = &clock, .wall = last_wall, .quiet = true};
        loop_run(&params, NULL);
        _exit(0);
    }
    int how;
    EXPECT_INT(waitpid(child, &how, 0), child);
    EXPECT(WIFEXITED(how) && WEXITSTATUS(how) == 9);
}

static void kills_lose_nothing(const char *base, const char *parent_path, const struct net *parent) {
    char run[PATH_BYTES], moved[PATH_BYTES];
    path_format(moved, "%.3000s.moved", parent_path);
    for (int walls = 1; walls <= 3; walls++) {
        struct run_summary held;
        path_format(run, "%.3000s/killed%d", base, walls);
        // 1: before the weights are the run's; 2: after that; 3: after the first games.
        begin_and_be_killed(run, parent_path, walls);
        EXPECT_INT(run_peek(run, &held), STATUS_OK);
        EXPECT_TEXT(held.parent, parent->meta.digest);
        EXPECT_INT(held.state.trainer_step, walls == 1 ? -1 : 0);
        EXPECT_INT(rename(parent_path, moved), 0);
        train(run, tiny_config("tictactoe", 40, ""), walls == 1 ? STATUS_IO : STATUS_OK);
        EXPECT_INT(rename(moved, parent_path), 0);
        train(run, tiny_config("tictactoe", 80, ""), STATUS_OK);
        struct net *first = net_at(run, 0);
        EXPECT_TEXT(first->meta.digest, parent->meta.digest);
        net_free(first);
    }
}

int main(void) {
    char base[] = "/tmp/tengen-from-XXXXXX", path[PATH_BYTES], net_path[PATH_BYTES];
    EXPECT(mkdtemp(base) != NULL);
    const struct loop_report report = train(path_format(path, "%s/parent", base), tiny_config("tictactoe", 80, ""), STATUS_OK);
    struct net *parent = net_at(path, report.step);
    EXPECT(parent->meta.step > 0);
    EXPECT_INT(net_save(parent, path_format(net_path, "%s/parent.safetensors", base)), STATUS_OK);
    the_same_game(base, net_path, parent);
    another_game(base, net_path, parent);
    refusals(base, net_path);
    kills_lose_nothing(base, net_path, parent);
    net_free(parent);
    remove_all(base);
    return TEST_END();
}
