// Law: whatever is committed, the folder never takes more than its budget, and what must stay
// stays.
#include "run/replay.h"
#include "run/run.h"
#include "run/run_db.h"

#include "base/memory.h"
#include "tests/run/folder.h"

#include <limits.h>

enum { ROWS_LEAST = 150, ITERATIONS = 620, METRICS = 30 };

static struct run *open_run(const char *path) {
    const struct run_params params = {.path = path,
                                      .create = true,
                                      .quiet = true,
                                      .wall = 1.7e9,
                                      .game = "go",
                                      .height = 7,
                                      .width = 7,
                                      .komi = 9,
                                      .rules = "chinese",
                                      .seed = 1};
    struct run *run;
    CHECK(run_open(&run, &params) == STATUS_OK);
    return run;
}

// The naive twin of run_disk adds up everything below the folder.
static long long walked;
static int walk_entry(const char *path, const struct stat *info, int type, struct FTW *at) {
    const long long blocks = 512 * (long long)info->st_blocks;
    walked += blocks > info->st_size ? blocks : info->st_size;
    return 0;
}
static long long walk(const char *path) {
    walked = 0;
    CHECK(nftw(path, walk_entry, 16, FTW_PHYS) == 0);
    return walked;
}

static long long walk_history(const char *path) {
    char file[PATH_BYTES];
    return walk(path_format(file, "%s/run.sqlite", path)) + walk(path_format(file, "%s/metrics.csv", path)) +
           walk(path_format(file, "%s/log.txt", path)) + walk(path_format(file, "%s/tb", path));
}

static void write_noise(const char *path, size_t num_bytes, struct rng *rng) {
    uint8_t *noise = memory_raw(num_bytes, 1, "noise");
    for (size_t i = 0; i < num_bytes; i++) noise[i] = (uint8_t)rng_u64(rng);
    CHECK(file_write(path, noise, num_bytes) == STATUS_OK);
    free(noise);
}

static void commit(struct run *run, struct rng *rng, int num_games) {
    struct record games[64];
    struct run_metric metrics[METRICS];
    char names[METRICS][24];
    const struct run_state *state = run_state(run);
    for (int i = 0; i < num_games; i++) random_record(&games[i], rng, state->next_game + i);
    for (int i = 0; i < METRICS; i++) {
        snprintf(names[i], sizeof names[i], "metric%d", i);
        metrics[i] = (struct run_metric){names[i], "", rng_normal(rng)};
    }
    const struct run_iteration iteration = {.games = games,
                                            .num_games = num_games,
                                            .next_game = state->next_game + num_games,
                                            .step = state->step + 1,
                                            .seconds = state->seconds + 1,
                                            .wall = 1.7e9,
                                            .metrics = metrics,
                                            .num_metrics = METRICS};
    EXPECT_INT(run_commit_iteration(run, &iteration), STATUS_OK);
    for (int i = 0; i < num_games; i++) record_done(&games[i]);
}

static void add_checkpoint(struct run *run, struct rng *rng, size_t net_bytes) {
    const struct run_state *state = run_state(run);
    char path[PATH_BYTES];
    struct run_checkpoint checkpoint = {
        .step = state->step, .seconds = state->seconds, .is_best = state->best_step < 0, .has_trainer = true, .digest = "d"};
    write_noise(run_net_path(run, state->step, path), net_bytes, rng);
    write_noise(run_trainer_path(run, state->step, path), net_bytes, rng);
    write_noise(run_trainer_net_path(run, state->step, path), net_bytes, rng);
    EXPECT_INT(run_add_checkpoint(run, &checkpoint), STATUS_OK);
}

static double number(const char *path, const char *sql) {
    char file[PATH_BYTES];
    struct db *db;
    double out;
    CHECK(db_open(&db, path_format(file, "%s/run.sqlite", path), DB_READ) == STATUS_OK);
    EXPECT_INT(db_number(db, sql, -1, &out), STATUS_OK);
    db_close(db);
    return out;
}

static int count_entries(const char *path, const char *below) {
    char folder[PATH_BYTES], **names;
    int num_names;
    CHECK(dir_list(path_format(folder, "%s/%s", path, below), "", &names, &num_names) == STATUS_OK);
    free(names);
    return num_names;
}

static void test_the_budget_holds_after_every_write(const char *path) {
    enum { NET_BYTES = 120000, DISK = 11 << 20, EACH = 5 };
    struct rng rng;
    rng_init(&rng, 1, 0);
    struct run *run = open_run(path);
    const struct run_limits limits = {.window = LLONG_MAX,
                                      .least = ROWS_LEAST,
                                      .games = RUN_MOST_GAMES,
                                      .nets = RUN_MOST_NETS,
                                      .disk = DISK,
                                      .coming = 3 * (NET_BYTES + 4096) + EACH * 6000 + 60000};
    long long window, most = 0, cut = LLONG_MAX;
    int made = 0;
    for (int i = 0; i < ITERATIONS && !test_failures; i++) {
        char file[PATH_BYTES];
        EXPECT_INT(run_keep(run, &limits, &window), STATUS_OK);
        if (window < cut) cut = window;
        commit(run, &rng, EACH);
        if (i % 4 == 0) write_noise(run_game_path(run, i, file), 40000, &rng);
        for (int k = 0; k < 12; k++)
            log_line(run_log(run), "a line of the log that says something of iteration %d: %0300d", i, k);
        if (i % 15 == 14) {
            add_checkpoint(run, &rng, NET_BYTES);
            made++;
        }
        struct run_sizes disk;
        const long long now = walk(path);
        if (now > most) most = now;
        EXPECT_INT(run_disk(run, &disk), STATUS_OK);
        EXPECT_INT(disk.total, now);
        EXPECT_INT(disk.history, walk_history(path));
        EXPECT_(now <= DISK, "iteration %d: %lld bytes, of %d", i, now, DISK);
    }
    printf("most %lld of %d bytes; smallest window %lld rows; %d of %d nets and %d of %d records stay; %.0f of %d iterations\n",
           most, DISK, cut, run_state(run)->num_checkpoints, made, count_entries(path, "games"), (ITERATIONS + 3) / 4,
           number(path, "SELECT count(*) FROM iterations"), ITERATIONS);
    EXPECT(most > DISK / 2);
    EXPECT(cut >= ROWS_LEAST && cut < LLONG_MAX);
    EXPECT(run_state(run)->num_checkpoints < made);
    EXPECT(number(path, "SELECT count(*) FROM iterations") < ITERATIONS);
    EXPECT_INT(run_state(run)->games, ITERATIONS * EACH); // What was removed stays counted.
    const struct run_state state = *run_state(run);
    run_close(run);
    run = open_run(path); // This checks that the best and the trainer's files are there.
    EXPECT_INT(run_state(run)->games, state.games);
    EXPECT_INT(run_state(run)->best_step, state.best_step);
    EXPECT_INT(count_entries(path, "nets"), state.num_checkpoints);
    bool has_last, has_best;
    EXPECT(run_has_checkpoint(run, state.last_step, &has_last) == STATUS_OK && has_last);
    EXPECT(run_has_checkpoint(run, state.best_step, &has_best) == STATUS_OK && has_best);
    struct replay_chunk *chunks;
    struct replay *replay;
    char folder[PATH_BYTES];
    int num_chunks;
    CHECK(run_chunks(run, LLONG_MAX, &chunks, &num_chunks) == STATUS_OK && replay_new(&replay) == STATUS_OK);
    EXPECT_INT(count_entries(path, "replay"), num_chunks);
    EXPECT_INT(replay_load(replay, run_replay_folder(run, folder), "go", NULL, chunks, num_chunks, LLONG_MAX), STATUS_OK);
    EXPECT(replay_rows(replay, PLY_FULL) >= ROWS_LEAST);
    free(chunks);
    replay_free(replay);
    const struct run_limits tiny = {.window = ROWS_LEAST, .least = ROWS_LEAST, .nets = 1, .disk = 1 << 20};
    const int nets = count_entries(path, "nets"), chunks_left = count_entries(path, "replay");
    EXPECT_REFUSED(run_keep(run, &tiny, &window), STATUS_IO, path, "is too little");
    // It was hopeless, so that nothing was removed for it.
    EXPECT_INT(count_entries(path, "nets"), nets);
    EXPECT_INT(count_entries(path, "replay"), chunks_left);
    run_close(run);
    run_close(open_run(path)); // Nothing that it needs is gone.
}

static void test_thinned_nets_are_spread_evenly(const char *path) {
    struct rng rng;
    rng_init(&rng, 2, 0);
    struct run *run = open_run(path);
    struct run_limits limits = {.window = 10, .least = 10, .games = 2, .nets = 6};
    long long window;
    for (int i = 0; i < 32; i++) {
        char file[PATH_BYTES];
        commit(run, &rng, 1);
        add_checkpoint(run, &rng, 10);
        write_noise(run_game_path(run, i, file), 10, &rng);
    }
    EXPECT_INT(run_keep(run, &limits, &window), STATUS_OK);
    EXPECT_INT(window, LLONG_MAX);
    struct run_checkpoint *checkpoints;
    int num;
    CHECK(run_checkpoints(run, &checkpoints, &num) == STATUS_OK);
    EXPECT_INT(num, 6);
    EXPECT_INT(count_entries(path, "nets"), 6);
    EXPECT(checkpoints[0].is_best && checkpoints[0].step == 1); // The first is the best here.
    EXPECT(checkpoints[num - 1].step == 32 && checkpoints[num - 1].has_trainer);
    for (int i = 1; i < num; i++) EXPECT(checkpoints[i].seconds - checkpoints[i - 1].seconds <= 2 * 32.0 / 5);
    free(checkpoints);
    EXPECT(count_entries(path, "games") <= 2 && count_entries(path, "games") > 0);
    run_close(run);
}

int main(void) {
    char folder[PATH_BYTES], path[PATH_BYTES];
    make_folder(folder, "keep");
    test_the_budget_holds_after_every_write(path_format(path, "%s/a", folder));
    test_thinned_nets_are_spread_evenly(path_format(path, "%s/b", folder));
    remove_folder(folder);
    return TEST_END();
}
