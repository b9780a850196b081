// Law: after kill -9 at random moments no game that was logged is lost, none is counted twice, and
// what is there fits together.
//
// A child opens the run and goes on with it, as training does, and tells each game through a pipe
// after its commit (the log). The parent kills it at a random moment, opens the run itself and
// compares. Everything that was heard must be in the database and in exactly one chunk; the
// database must hold no more than what one unheard iteration adds; files and counters must agree.
#include "run/replay.h"
#include "run/run.h"
#include "run/run_db.h"

#include "tests/run/folder.h"

#include <limits.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

enum { MAX_GAMES = 200000, GAMES_AN_ITERATION = 4 };

static enum status open_run(struct run **run, const char *path, double wall) {
    const struct run_params params = {.path = path,
                                      .create = true,
                                      .quiet = true,
                                      .wall = wall,
                                      .game = "go",
                                      .height = 7,
                                      .width = 7,
                                      .komi = 9,
                                      .rules = "chinese",
                                      .seed = 1};
    return run_open(run, &params);
}

static enum status write_file(const char *path, long long step) {
    char text[64];
    return file_write(path, text, (size_t)snprintf(text, sizeof text, "step %lld\n", step));
}

static enum status add_checkpoint(struct run *run, long long step, long long samples) {
    char path[PATH_BYTES];
    TRY(write_file(run_net_path(run, step, path), step));
    TRY(write_file(run_trainer_net_path(run, step, path), step));
    TRY(write_file(run_trainer_path(run, step, path), step));
    const struct run_checkpoint checkpoint = {.step = step,
                                              .samples = samples,
                                              .seconds = run_state(run)->seconds,
                                              .has_trainer = true,
                                              .digest = "d",
                                              .is_best = run_state(run)->best_step < 0};
    TRY(run_add_checkpoint(run, &checkpoint));
    const struct run_match_game game = {0, true, OUTCOME_FIRST, 1, 10, NULL};
    const struct run_match match = {.kind = "gate",
                                    .a = "a",
                                    .b = "b",
                                    .a_step = step,
                                    .b_step = -1,
                                    .wins = 1,
                                    .games = &game,
                                    .num_games = 1,
                                    .best_step = step % 3 ? step : -1};
    return run_add_match(run, &match, NULL);
}

// Does what training does, without the learning. It returns only on failure.
static enum status train_forever(const char *path, double wall, int log) {
    struct run *run;
    TRY(open_run(&run, path, wall));
    const struct run_state *state = run_state(run);
    long long step = state->trainer_step < 0 ? 0 : state->trainer_step;
    struct rng rng;
    rng_init(&rng, 77, (uint64_t)state->iterations);
    for (;;) {
        struct record games[GAMES_AN_ITERATION];
        const long long first = state->next_game;
        const int num_games = (int)rng_below(&rng, GAMES_AN_ITERATION + 1);
        for (int i = 0; i < num_games; i++) random_record(&games[i], &rng, first + i);
        char name[32];
        // Now and then there is a new column.
        snprintf(name, sizeof name, "metric%lld", state->iterations / 40);
        const struct run_metric metric = {name, "u", (double)state->iterations};
        const struct run_iteration iteration = {.games = games,
                                                .num_games = num_games,
                                                .next_game = first + num_games,
                                                .step = ++step,
                                                .samples = step * 64,
                                                .seconds = state->seconds + 1,
                                                .wall = wall + state->seconds,
                                                .metrics = &metric,
                                                .num_metrics = 1};
        TRY(run_commit_iteration(run, &iteration));
        for (int i = 0; i < num_games; i++) {
            CHECK(write(log, &games[i].index, sizeof games[i].index) == sizeof games[i].index);
            record_done(&games[i]);
        }
        if (rng_below(&rng, 5) == 0) TRY(add_checkpoint(run, step, step * 64));
        if (rng_below(&rng, 15) == 0) {
            const struct run_limits limits = {
                .window = 100, .least = 100, .games = RUN_MOST_GAMES, .nets = 3 + (int)rng_below(&rng, 3)};
            long long window;
            TRY(run_keep(run, &limits, &window));
        }
    }
}

// Kills the child after `ms` and marks in `heard` the games that it logged. Returns how many there
// were.
static int run_and_kill(const char *path, double wall, double ms, uint8_t *heard) {
    int ends[2];
    CHECK(!pipe(ends));
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        close(ends[0]);
        train_forever(path, wall, ends[1]);
        _exit(9); // It comes here only on failure.
    }
    close(ends[1]);
    const struct timespec delay = {(time_t)(ms / 1000), (long)(fmod(ms, 1000) * 1e6)};
    nanosleep(&delay, NULL); // The pipe holds 8,192 games: far more than are played meanwhile.
    kill(child, SIGKILL);
    int status, num_heard = 0;
    CHECK(waitpid(child, &status, 0) == child);
    // Otherwise it has failed by itself.
    EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    for (long long game; read(ends[0], &game, sizeof game) == sizeof game; num_heard++) {
        CHECK(game >= 0 && game < MAX_GAMES);
        EXPECT_(!heard[game], "game %lld was logged twice", game);
        heard[game] = 1;
    }
    close(ends[0]);
    return num_heard;
}

static double number(struct db *db, const char *sql) {
    double value;
    CHECK(db_number(db, sql, -1, &value) == STATUS_OK);
    return value;
}

// Looks at the database as another program would see it, while the run is open.
static void check_database(const char *path, const struct run_state *state, const uint8_t *heard, long long total_heard) {
    char file[PATH_BYTES];
    struct db *db;
    struct query *query;
    CHECK(db_open(&db, path_format(file, "%s/run.sqlite", path), DB_READ) == STATUS_OK);
    EXPECT_INT(number(db, "SELECT count(*) FROM games"), state->games);
    EXPECT_INT(number(db, "SELECT sum(games) FROM chunks"), state->games > 0 ? state->games : -1);
    EXPECT_INT(number(db, "SELECT sum(plies) FROM games"), state->games > 0 ? state->plies : -1);
    EXPECT_INT(number(db, "SELECT count(*) FROM iterations"), state->iterations);
    EXPECT_INT(number(db, "SELECT count(*) FROM metrics"), state->iterations);
    EXPECT_INT(number(db, "SELECT count(*) FROM matches WHERE id NOT IN (SELECT match FROM match_games)"), 0);
    enum status status = db_query(db, &query, "SELECT game FROM games", "");
    CHECK(status == STATUS_OK);
    long long found = 0;
    while (query_next(query, &status)) found += heard[query_bits(query, 0)];
    query_free(query);
    EXPECT_INT(found, total_heard); // Nothing that was logged is lost.
    db_close(db);
}

static int count_lines(const char *path, const char *name) {
    char file[PATH_BYTES], *text;
    size_t num_bytes;
    int lines = 0;
    CHECK(file_read(path_format(file, "%s/%s", path, name), &text, &num_bytes) == STATUS_OK);
    for (size_t i = 0; i < num_bytes; i++) lines += text[i] == '\n';
    free(text);
    return lines;
}

static void check_files(struct run *run, const char *path) {
    const struct run_state *state = run_state(run);
    char file[PATH_BYTES], expected[64], *best, **names;
    struct replay_chunk *chunks;
    struct replay *replay;
    int num_chunks, num_names;
    CHECK(run_chunks(run, LLONG_MAX, &chunks, &num_chunks) == STATUS_OK);
    CHECK(dir_list(run_replay_folder(run, file), "", &names, &num_names) == STATUS_OK);
    // There is no chunk that the database doesn't list, and none is missing.
    EXPECT_INT(num_names, num_chunks);
    free(names);
    CHECK(replay_new(&replay) == STATUS_OK);
    EXPECT_INT(replay_load(replay, file, "go", NULL, chunks, num_chunks, LLONG_MAX), STATUS_OK);
    for (int i = 1; i < replay_num_games(replay); i++)
        EXPECT(replay_game(replay, i)->index > replay_game(replay, i - 1)->index);
    int games = 0;
    for (int i = 0; i < num_chunks; i++) games += chunks[i].num_games;
    EXPECT_INT(replay_num_games(replay), games);
    replay_free(replay);
    free(chunks);

    CHECK(dir_list(path_format(file, "%s/nets", path), "", &names, &num_names) == STATUS_OK);
    EXPECT_INT(num_names, state->num_checkpoints);
    free(names);
    CHECK(dir_list(path, ".safetensors", &names, &num_names) == STATUS_OK);
    EXPECT_INT(num_names, state->trainer_step < 0 ? 0 : 2);
    free(names);
    EXPECT_INT(state->trainer_step, state->last_step);
    EXPECT_INT(count_lines(path, "metrics.csv"), 1 + state->iterations);
    if (state->best_step < 0) return;
    size_t num_bytes;
    CHECK(file_read(path_format(file, "%s/best", path), &best, &num_bytes) == STATUS_OK);
    snprintf(expected, sizeof expected, "nets/%06lld.safetensors\n", state->best_step);
    EXPECT_TEXT(best, expected);
    best[strcspn(best, "\n")] = 0;
    EXPECT(file_exists(path_format(file, "%s/%s", path, best)));
    free(best);
}

int main(int argc, char **argv) {
    const int num_kills = argc > 1 ? atoi(argv[1]) : 40;
    char folder[PATH_BYTES], path[PATH_BYTES];
    uint8_t *heard = calloc(MAX_GAMES, 1);
    struct rng rng;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    rng_init(&rng, (uint64_t)now.tv_nsec, 1); // The moments differ each time: any moment must do.
    make_folder(folder, "kill");
    long long total_heard = 0, last_games = 0, last_step = -1;
    int run_number = 0;
    // On a busy machine a child gets less done between kills, so that we need some more of them.
    for (int k = 0; k < num_kills || (total_heard <= 20 && k < 5 * num_kills); k++) {
        const bool is_fresh = k < num_kills / 4; // Some kills come while the folder is being made.
        if (is_fresh || k == num_kills / 4) {
            path_format(path, "%s/run%d", folder, run_number++);
            memset(heard, 0, MAX_GAMES);
            total_heard = last_games = 0;
            last_step = -1;
        }
        total_heard += run_and_kill(path, 1.7e9 + k, is_fresh ? 12 * rng_double(&rng) : 100 * rng_double(&rng), heard);
        struct run *run;
        EXPECT_INT(open_run(&run, path, 1.8e9 + k), STATUS_OK);
        if (test_failures) break;
        const struct run_state *state = run_state(run);
        EXPECT(state->games >= total_heard && state->games >= last_games && state->trainer_step >= last_step);
        // At most one commit before each kill went unheard.
        EXPECT(state->games - total_heard <= (long long)GAMES_AN_ITERATION * (k + 1));
        check_database(path, state, heard, total_heard);
        check_files(run, path);
        last_games = state->games;
        last_step = state->trainer_step;
        run_close(run);
    }
    printf("%d kills: %lld games logged, %lld held\n", num_kills, total_heard, last_games);
    EXPECT(total_heard > 20); // The child did make progress between the kills.
    free(heard);
    remove_folder(folder);
    return TEST_END();
}
