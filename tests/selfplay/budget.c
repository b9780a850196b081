// Laws of the budgets of a training: what is refused says what is enough, and what is enough holds.
#include "selfplay/budget.h"

#include "base/memory.h"
#include "tests/run/folder.h"

#include <ctype.h>
#include <limits.h>

static struct config config_for(const char *game, int side, struct game *out) {
    struct config config = {0};
    options_defaults(config_table, &config);
    config.game = game;
    config.size[0] = config.size[1] = side;
    config.threads = 2;
    config.time = 600;
    config.backend = "ref";
    CHECK(config_resolve(&config, out) == STATUS_OK);
    return config;
}

// Reads the size at the end of a line such as "... the least is 21.4M".
static long long last_size(const char *line) {
    const char *at = strrchr(line, ' ');
    CHECK(at);
    char *unit;
    const double size = strtod(at + 1, &unit);
    return (long long)(size * (*unit == 'G' ? 1 << 30 : *unit == 'M' ? 1 << 20 : 1 << 10));
}

// Returns the status of budget_init, and writes into `said` what it says on stderr.
static enum status try_budget(struct config config, const struct game *game, const struct net *net, int *slots,
                              char said[400]) {
    struct budget budget;
    char path[64], *text;
    size_t num_bytes;
    snprintf(path, sizeof path, "/tmp/tengen-budget-%d", (int)getpid());
    const int kept = stderr_to(path);
    const enum status status = budget_init(&budget, &config, game, net);
    stderr_back(kept);
    CHECK(file_read(path, &text, &num_bytes) == STATUS_OK);
    unlink(path);
    snprintf(said, 400, "%.*s", (int)strcspn(text, "\n"), text);
    free(text);
    *slots = config.slots;
    return status;
}

static void the_least_that_is_named_is_enough(const char *name, int side) {
    struct game game;
    struct net *net;
    struct rng rng;
    char said[400];
    int slots;
    rng_init(&rng, 1, 0);
    struct config config = config_for(name, side, &game);
    const struct net_config shape = config_net(&config, &game);
    CHECK(net_new(&net, &shape, &rng) == STATUS_OK);
    EXPECT_INT(try_budget(config, &game, net, &slots, said), STATUS_OK); // There is no budget.
    EXPECT_INT(slots, config.slots);
    for (int which = 0; which < 2; which++) {
        struct config bound = config;
        long long *budget = which ? &bound.memory : &bound.disk;
        *budget = 1;
        EXPECT_INT(try_budget(bound, &game, net, &slots, said), STATUS_USAGE);
        EXPECT(strstr(said, which ? "--memory 1K is too little" : "--disk 1K is too little"));
        *budget = last_size(said);
        EXPECT_(*budget > 1 << 20, "%s", said);
        EXPECT_INT(try_budget(bound, &game, net, &slots, said), STATUS_OK);
        // They are the first thing that is given up.
        if (which) EXPECT(slots <= 2 * BUDGET_LEAST_SLOTS);
        *budget = *budget * 8 / 10;
        EXPECT_INT(try_budget(bound, &game, net, &slots, said), STATUS_USAGE);
        *budget = 64LL << 30;
        EXPECT_INT(try_budget(bound, &game, net, &slots, said), STATUS_OK);
        EXPECT_INT(slots, config.slots);
    }
    net_free(net);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
static long long resident_peak(void) {
    char line[256];
    long long kilobytes = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (!strncmp(line, "VmHWM:", 6)) kilobytes = atoll(line + 6);
    if (file) fclose(file);
    return kilobytes * 1024;
}

// Games arrive until their memory alone would be many times the budget.
static void the_window_gives_way_to_the_memory(const char *folder) {
    struct game game;
    struct net *net;
    struct rng rng;
    struct run *run;
    struct replay *replay;
    struct budget budget;
    char path[PATH_BYTES];
    rng_init(&rng, 1, 0);
    struct config config = config_for("go", 7, &game);
    config.window_min = 1000;
    config.slots = BUDGET_LEAST_SLOTS;
    config.batch = config.shards = 8;
    config.threads = 1;
    const struct net_config shape = config_net(&config, &game);
    CHECK(net_new(&net, &shape, &rng) == STATUS_OK);
    // With CUDA linked the program takes far more before it holds a game: the bound is what is
    // left for them.
    const long long left = 112LL << 20;
    config.memory = resident_peak() + left;
    EXPECT_INT(budget_init(&budget, &config, &game, net), STATUS_OK);
    const struct run_params params = {.path = path_format(path, "%s/run", folder),
                                      .create = true,
                                      .quiet = true,
                                      .game = "go",
                                      .height = 7,
                                      .width = 7,
                                      .komi = 9,
                                      .seed = 1};
    CHECK(run_open(&run, &params) == STATUS_OK && replay_new(&replay) == STATUS_OK);
    enum { EACH = 2000, ROUNDS = 60 };
    struct record *games = memory_new(EACH, sizeof *games, "games");
    long long total = 0;
    for (int round = 0; round < ROUNDS && !test_failures; round++) {
        for (int i = 0; i < EACH; i++) {
            random_record(&games[i], &rng, 0);
            total += (long long)record_heap_bytes(&games[i]);
        }
        replay_add(replay, games, EACH);
        EXPECT_INT(budget_look(&budget, run, replay), STATUS_OK);
        const long long rows = replay_rows(replay, PLY_FULL);
        EXPECT(rows <= budget.window_memory + 100); // Games are kept whole.
        EXPECT(rows >= config.window_min || round == 0);
    }
    printf("peak %lld MiB of %lld; %lld MiB of games came, %lld MiB stay\n", resident_peak() >> 20, config.memory >> 20,
           total >> 20, replay_bytes(replay) >> 20);
    EXPECT(total > 2 * left);
    EXPECT(resident_peak() <= config.memory);
    EXPECT(replay_bytes(replay) < left);
    EXPECT(budget_window(&budget, 1000000000) == budget.window_memory);
    config.memory = 1 << 20; // This is as if everything else had grown.
    EXPECT_REFUSED(budget_look(&budget, run, replay), STATUS_MEMORY, "--memory 1.00M", "is too little");
    free(games);
    replay_free(replay);
    run_close(run);
    net_free(net);
}
#endif

int main(void) {
    char folder[PATH_BYTES];
    make_folder(folder, "budget");
// The allocators of the sanitizers keep what is freed.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    the_window_gives_way_to_the_memory(folder);
#endif
    the_least_that_is_named_is_enough("go", 7);
    the_least_that_is_named_is_enough("go", 19);
    the_least_that_is_named_is_enough("tictactoe", 3);
    remove_folder(folder);
    return TEST_END();
}
