// Laws: what is committed is there after opening again; leftovers are removed, derived files come
// back, and foreign files are refused.
#include "run/run.h"
#include "run/replay.h"
#include "run/run_db.h"
#include "run/run_read.h"

#include "tests/run/folder.h"

#include <limits.h>
#include <sqlite3.h>
#include <sys/wait.h>

static struct run_params params_for(const char *path) {
    return (struct run_params){.path = path,
                               .create = true,
                               .quiet = true,
                               .wall = 1.7e9,
                               .game = "go",
                               .height = 7,
                               .width = 7,
                               .komi = 9,
                               .rules = "chinese",
                               .seed = 12345678901234567890u};
}

static struct run *open_run(const char *path) {
    const struct run_params params = params_for(path);
    struct run *run;
    CHECK(run_open(&run, &params) == STATUS_OK);
    return run;
}

static void commit(struct run *run, struct rng *rng, int num_games, const struct run_metric *metrics, int num_metrics) {
    struct record games[16];
    const struct run_state *state = run_state(run);
    const long long first = state->next_game;
    for (int i = 0; i < num_games; i++) random_record(&games[i], rng, first + i);
    const struct run_iteration iteration = {.games = games,
                                            .num_games = num_games,
                                            .next_game = first + num_games,
                                            .step = state->step + 10,
                                            .samples = state->samples + 640,
                                            .seconds = state->seconds + 1.5,
                                            .wall = 1.7e9 + state->seconds,
                                            .metrics = metrics,
                                            .num_metrics = num_metrics};
    EXPECT_INT(run_commit_iteration(run, &iteration), STATUS_OK);
    for (int i = 0; i < num_games; i++) record_done(&games[i]);
}

static enum status prune(struct run *run, long long rows) {
    const struct run_limits limits = {.window = rows, .least = rows, .games = RUN_MOST_GAMES, .nets = RUN_MOST_NETS};
    long long window;
    const enum status status = run_keep(run, &limits, &window);
    EXPECT_INT(window, LLONG_MAX); // There is no budget.
    return status;
}

static void write_text(const char *path, const char *text) { CHECK(file_write(path, text, strlen(text)) == STATUS_OK); }

static void add_checkpoint(struct run *run, bool is_best) {
    const struct run_state *state = run_state(run);
    char path[PATH_BYTES];
    struct run_checkpoint checkpoint = {.step = state->step,
                                        .games = state->games,
                                        .samples = state->samples,
                                        .seconds = state->seconds,
                                        .wall = 1.7e9,
                                        .is_best = is_best,
                                        .has_trainer = true};
    snprintf(checkpoint.digest, sizeof checkpoint.digest, "digest%lld", state->step);
    write_text(run_net_path(run, state->step, path), "net");
    write_text(run_trainer_path(run, state->step, path), "optimiser");
    write_text(run_trainer_net_path(run, state->step, path), "weights");
    EXPECT_INT(run_add_checkpoint(run, &checkpoint), STATUS_OK);
}

static char *text_of(const char *folder, const char *name) {
    char path[PATH_BYTES], *text;
    size_t num_bytes;
    CHECK(file_read(path_format(path, "%s/%s", folder, name), &text, &num_bytes) == STATUS_OK);
    return text;
}

static bool has_file(const char *folder, const char *name) {
    char path[PATH_BYTES];
    return file_exists(path_format(path, "%s/%s", folder, name));
}

static void test_what_is_committed_is_there_after_opening_again(const char *path) {
    struct rng rng;
    rng_init(&rng, 1, 1);
    struct run *run = open_run(path);
    EXPECT_INT(run_state(run)->best_step, -1);
    EXPECT_INT(run_state(run)->trainer_step, -1);
    for (int i = 0; i < 12; i++) {
        const struct run_metric metrics[] = {{"policy_loss", "nats", 3.0 / (i + 1)},
                                             {"evaluations_per_s", "1/s", i == 3 ? NAN : 100 * i}};
        commit(run, &rng, i % 4 * 3, metrics, i < 6 ? 1 : 2);
        if (i == 4 || i == 8) add_checkpoint(run, i == 4);
    }
    const struct run_match_game games[] = {{0, true, OUTCOME_FIRST, 3.5, 40, NULL},
                                           {1, false, OUTCOME_DRAW, NAN, 44, "resign"}};
    const struct run_match match = {.kind = "gate",
                                    .a = "nets/000090",
                                    .b = "nets/000050",
                                    .a_step = 90,
                                    .b_step = 50,
                                    .visits = 100,
                                    .wins = 1,
                                    .draws = 1,
                                    .elo = 190,
                                    .elo_low = -INFINITY,
                                    .elo_high = INFINITY,
                                    .sprt = 1,
                                    .seconds = 20,
                                    .wall = 1.7e9,
                                    .games = games,
                                    .num_games = 2,
                                    .best_step = 90};
    long long id;
    EXPECT_INT(run_add_match(run, &match, &id), STATUS_OK);
    EXPECT_INT(id, 1);
    EXPECT_INT(run_set_text(run, "anchor_rung", "uct:64"), STATUS_OK);
    EXPECT_INT(run_write_config(run, "game = go\n"), STATUS_OK);
    const struct run_state before = *run_state(run);
    EXPECT_INT(before.iterations, 12);
    EXPECT_INT(before.games, 54);
    EXPECT_INT(before.step, 120);
    char *metrics = text_of(path, "metrics.csv"), *best = text_of(path, "best");
    EXPECT_TEXT(best, "nets/000090.safetensors\n");
    run_close(run);

    run = open_run(path);
    struct run_state after = *run_state(run);
    EXPECT(after.seconds == before.seconds);
    after.seconds = before.seconds;
    EXPECT(!memcmp(&after, &before, sizeof before));
    char *again = text_of(path, "metrics.csv"), *rung, *nothing;
    EXPECT_INT(run_text(run, "anchor_rung", &rung), STATUS_OK);
    EXPECT_TEXT(again, metrics);
    EXPECT(!strncmp(
        again, "iteration,seconds [s],games [games],step [steps],samples [rows],policy_loss [nats],evaluations_per_s [1/s]\n",
        100));
    EXPECT(strstr(again, "\n1,1.50,0,10,640,3,\n") && strstr(again, "\n12,20.00,54,120,7680,0.25,1100\n") == NULL);
    EXPECT(strstr(again, "\n12,18.00,54,120,7680,0.25,1100\n"));
    EXPECT_TEXT(rung, "uct:64");
    EXPECT(run_text(run, "nothing", &nothing) == STATUS_OK && !nothing);
    struct run_checkpoint *checkpoints;
    int num_checkpoints;
    EXPECT_INT(run_checkpoints(run, &checkpoints, &num_checkpoints), STATUS_OK);
    EXPECT_INT(num_checkpoints, 2);
    EXPECT(checkpoints[0].step == 50 && checkpoints[1].step == 90 && checkpoints[1].is_best && checkpoints[1].has_trainer);
    EXPECT_TEXT(checkpoints[0].digest, "digest50");
    EXPECT(!has_file(path, "trainer-000050.safetensors") && has_file(path, "trainer-000090.safetensors"));
    struct run_summary summary;
    EXPECT_INT(run_summarise(path, &summary), STATUS_OK); // The run is open meanwhile.
    EXPECT_TEXT(summary.game, "go");
    EXPECT_TEXT(summary.best, "nets/000090.safetensors");
    EXPECT_TEXT(summary.best_digest, "digest90");
    EXPECT(summary.seed == 12345678901234567890u && summary.height == 7 && summary.komi == 9);
    EXPECT_INT(summary.state.games, 54);
    EXPECT_INT(summary.state.num_matches, 1);
    free(checkpoints);
    free(metrics);
    free(again);
    free(best);
    free(rung);
    run_close(run);
}

static void test_chunks_hold_every_game_once_and_go_only_on_request(const char *path) {
    struct run *run = open_run(path);
    struct replay_chunk *chunks;
    int num_chunks, games = 0;
    EXPECT_INT(run_chunks(run, LLONG_MAX, &chunks, &num_chunks), STATUS_OK);
    EXPECT_INT(num_chunks, 9); // Iterations without games write none.
    long long rows = 0, next = 0;
    for (int i = 0; i < num_chunks; i++) {
        EXPECT_INT(chunks[i].first_game, next);
        next = chunks[i].last_game + 1;
        games += chunks[i].num_games;
        rows += chunks[i].full_rows;
    }
    EXPECT_INT(games, run_state(run)->games);
    EXPECT_INT(rows, run_state(run)->full_rows);
    const long long keep = chunks[8].full_rows + chunks[7].full_rows;
    free(chunks);
    EXPECT_INT(prune(run, keep - 1), STATUS_OK); // It needs both of them.
    EXPECT_INT(run_chunks(run, LLONG_MAX, &chunks, &num_chunks), STATUS_OK);
    EXPECT_INT(num_chunks, 2);
    EXPECT(!has_file(path, "replay/000006.chunk") && has_file(path, "replay/000007.chunk"));
    struct replay *replay;
    char folder[PATH_BYTES];
    CHECK(replay_new(&replay) == STATUS_OK);
    EXPECT_INT(replay_load(replay, run_replay_folder(run, folder), "go", NULL, chunks, num_chunks, keep), STATUS_OK);
    EXPECT_INT(replay_rows(replay, PLY_FULL), keep);
    EXPECT_INT(run_state(run)->games, games); // They stay counted.
    replay_free(replay);
    free(chunks);
    run_close(run);
}

static void test_leftovers_of_a_kill_go_and_other_files_stay(const char *path) {
    static const char *const leftovers[] = {"replay/000009.chunk",
                                            "replay/000010.chunk.tmp-77-78",
                                            "nets/000100.safetensors",
                                            "nets/000100.safetensors.tmp-1-1",
                                            "trainer-000100.safetensors",
                                            "trainer-000100.net.safetensors",
                                            "best.tmp-4-4",
                                            "replay/000003.chunk"};
    static const char *const others[] = {"replay/note.txt",   "nets/000100-mine.safetensors", "nets/favourite.safetensors",
                                         "trainer-notes.txt", "games/00000001.sgf",           "nets/000090.safetensors"};
    char file[PATH_BYTES];
    for (int i = 0; i < 8; i++) write_text(path_format(file, "%s/%s", path, leftovers[i]), "x");
    for (int i = 0; i < 6; i++) write_text(path_format(file, "%s/%s", path, others[i]), "x");
    // What is derived is written again, too.
    char *metrics = text_of(path, "metrics.csv");
    write_text(path_format(file, "%s/metrics.csv", path), "iteration\n1,2,3\n");
    write_text(path_format(file, "%s/best", path), "nets/000050.safetensors\n");
    run_close(open_run(path));
    for (int i = 0; i < 8; i++) EXPECT_(!has_file(path, leftovers[i]), "%s is still there", leftovers[i]);
    for (int i = 0; i < 6; i++) EXPECT_(has_file(path, others[i]), "%s is gone", others[i]);
    char *again = text_of(path, "metrics.csv"), *best = text_of(path, "best");
    EXPECT_TEXT(again, metrics);
    EXPECT_TEXT(best, "nets/000090.safetensors\n");
    free(metrics);
    free(again);
    free(best);
}

static void test_a_refused_commit_changes_nothing(const char *path) {
    struct rng rng;
    rng_init(&rng, 2, 1);
    struct run *run = open_run(path);
    const struct run_state before = *run_state(run);
    struct record games[2];
    random_record(&games[0], &rng, before.next_game);
    random_record(&games[1], &rng, 3); // It was played before.
    const struct run_metric metrics[] = {{"new_metric", "", 1}};
    const struct run_iteration iteration = {.games = games,
                                            .num_games = 2,
                                            .next_game = before.next_game + 1,
                                            .metrics = metrics,
                                            .num_metrics = 1,
                                            .seconds = 1000};
    EXPECT_REFUSED(run_commit_iteration(run, &iteration), STATUS_IO, "run.sqlite", "games.game");
    EXPECT(!memcmp(run_state(run), &before, sizeof before));
    const struct run_checkpoint twice = {.step = 90}, missing = {.step = 91};
    EXPECT_REFUSED(run_add_checkpoint(run, &twice), STATUS_IO, "run.sqlite", "checkpoints.step");
    EXPECT_REFUSED(run_add_checkpoint(run, &missing), STATUS_IO, "nets/000091.safetensors", "not there");
    EXPECT_REFUSED(run_set_best(run, 91), STATUS_USAGE, path, "no checkpoint 91");
    EXPECT(!memcmp(run_state(run), &before, sizeof before));
    record_done(&games[1]);
    random_record(&games[1], &rng, before.next_game + 1);
    EXPECT_INT(run_commit_iteration(run, &iteration), STATUS_OK); // The same iteration, put right.
    EXPECT_INT(run_state(run)->games, before.games + 2);
    EXPECT_INT(run_set_best(run, 50), STATUS_OK);
    record_done(&games[0]);
    record_done(&games[1]);
    run_close(run);
    run = open_run(path);
    EXPECT_INT(run_state(run)->games, before.games + 2);
    EXPECT_INT(run_state(run)->best_step, 50);
    run_close(run);
}

static void test_two_processes_never_open_one_run(const char *path) {
    struct run *run = open_run(path), *second;
    const struct run_params params = params_for(path);
    char pid[32];
    snprintf(pid, sizeof pid, "process (%d)", (int)getpid());
    EXPECT_REFUSED(run_open(&second, &params), STATUS_IO, path, pid);
    const pid_t child = fork();
    if (child == 0) {
        close(2);
        _exit(run_open(&second, &params) == STATUS_OK);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    run_close(run);
    run_close(open_run(path)); // It is free again.
}

static void test_foreign_and_damaged_runs_are_refused_by_name(const char *path) {
    struct run *run;
    struct run_summary summary;
    char file[PATH_BYTES], aside[PATH_BYTES], *bytes;
    size_t num_bytes;
    struct run_params params = params_for(path), other = params;
    other.height = other.width = 9;
    EXPECT_REFUSED(run_open(&run, &other), STATUS_USAGE, path, "holds a run of go 7x7");
    path_format(file, "%s/nowhere", path);
    other = (struct run_params){.path = file};
    EXPECT_REFUSED(run_open(&run, &other), STATUS_IO, file, "holds no training run");
    EXPECT_REFUSED(run_summarise(file, &summary), STATUS_IO, file, "holds no training run");

    path_format(file, "%s/nets/000050.safetensors", path); // This is the best.
    path_format(aside, "%s/nets/aside", path);
    CHECK(!rename(file, aside));
    EXPECT_REFUSED(run_open(&run, &params), STATUS_FORMAT, file, "is missing");
    CHECK(!rename(aside, file));
    path_format(file, "%s/trainer-000090.net.safetensors", path);
    CHECK(!rename(file, aside));
    EXPECT_REFUSED(run_open(&run, &params), STATUS_FORMAT, file, "is missing");
    CHECK(!rename(aside, file));

    path_format(file, "%s/run.sqlite", path);
    CHECK(file_read(file, &bytes, &num_bytes) == STATUS_OK);
    CHECK(file_write(file, bytes, num_bytes / 2) == STATUS_OK);
    EXPECT_REFUSED(run_open(&run, &params), STATUS_FORMAT, file, "malformed");
    write_text(file, "This is no database at all, however long it may be, and it names itself as none either..............");
    EXPECT_REFUSED(run_open(&run, &params), STATUS_FORMAT, file, "not a database");
    bytes[68]++; // The application id [sqlite.org/fileformat.html, 1.3].
    CHECK(file_write(file, bytes, num_bytes) == STATUS_OK);
    EXPECT_REFUSED(run_open(&run, &params), STATUS_FORMAT, file, "is not the database of a training run");
    bytes[68]--;
    bytes[63] += 9; // The user version.
    CHECK(file_write(file, bytes, num_bytes) == STATUS_OK);
    EXPECT_REFUSED(run_summarise(path, &summary), STATUS_FORMAT, file, "is of version 11");
    bytes[63] -= 9;
    CHECK(file_write(file, bytes, num_bytes) == STATUS_OK);
    free(bytes);
    run_close(open_run(path)); // Nothing else was touched.
}

// A file without a byte, one without tables, and one without the name of what is learned.
static void test_what_a_kill_leaves_of_a_run_being_made_begins_anew(const char *folder) {
    for (int stage = 0; stage < 3; stage++) {
        char path[PATH_BYTES], file[PATH_BYTES];
        struct run_summary summary;
        struct db *db;
        sqlite3 *handle;
        CHECK(dir_make(path_format(path, "%s/stage%d", folder, stage)) == STATUS_OK);
        path_format(file, "%s/run.sqlite", path);
        EXPECT_INT(run_peek(path, &summary), STATUS_OK);
        EXPECT(!summary.game[0] && !file_exists(file));
        if (stage == 0) CHECK(file_write(file, "", 0) == STATUS_OK);
        if (stage == 1) {
            CHECK(!sqlite3_open(file, &handle));
            CHECK(!sqlite3_exec(handle, "PRAGMA journal_mode=WAL", NULL, NULL, NULL));
            sqlite3_close(handle);
            EXPECT(!file_is_empty(file));
        }
        if (stage == 2) {
            CHECK(db_open(&db, file, DB_WRITE) == STATUS_OK);
            db_close(db);
        }
        EXPECT_INT(run_peek(path, &summary), STATUS_OK);
        EXPECT(!summary.game[0]);
        EXPECT_REFUSED(run_summarise(path, &summary), STATUS_FORMAT, file, "holds no run yet");
        run_close(open_run(path));
        EXPECT_INT(run_peek(path, &summary), STATUS_OK);
        EXPECT(!strcmp(summary.game, "go"));
    }
}

// What other people keep in a folder stays. What a kill may leave before the database has begun is
// in no one's way.
static void test_a_folder_with_other_files_is_refused_untouched(const char *folder) {
    static const char *const others[] = {"config.ini", "best", "log.txt", "notes.md", "nets/readme", "games/1.sgf"};
    static const char *const ours[] = {"nets", "replay", "games", "tb"};
    char path[PATH_BYTES], file[PATH_BYTES];
    struct run *run;
    path_format(path, "%s/foreign", folder);
    const struct run_params params = params_for(path);
    CHECK(dir_make(path_format(file, "%s/nets", path)) == STATUS_OK);
    CHECK(dir_make(path_format(file, "%s/games", path)) == STATUS_OK);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        write_text(path_format(file, "%s/%s", path, others[i]), "mine");
        EXPECT_REFUSED(run_open(&run, &params), STATUS_USAGE, path, "holds other files and no run");
        char *text = text_of(path, others[i]);
        EXPECT(!strcmp(text, "mine"));
        free(text);
        CHECK(!unlink(file));
        EXPECT(!file_exists(path_format(file, "%s/lock", path)) && !file_exists(path_format(file, "%s/tb", path)));
    }
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        CHECK(dir_make(path_format(file, "%s/%s", path, ours[i])) == STATUS_OK);
    write_text(path_format(file, "%s/lock", path), "1\n");
    write_text(path_format(file, "%s/.hidden", path), "");
    run_close(open_run(path));
}

static void train_a_little(struct run *run, struct rng *rng, const char *metric) {
    const struct run_metric metrics[] = {{metric, "", 1}};
    for (int i = 0; i < 3; i++) commit(run, rng, 4, metrics, 1);
    add_checkpoint(run, run_state(run)->best_step < 0);
    EXPECT_INT(run_write_config(run, metric), STATUS_OK);
    EXPECT_INT(prune(run, 1), STATUS_OK);
}

static int count_entries(const char *path) {
    char **names;
    int num_names;
    CHECK(dir_list(path, "", &names, &num_names) == STATUS_OK);
    free(names);
    return num_names;
}

// A run is renamed in the middle of a training, and another is begun under its name: both are
// whole.
static void test_a_renamed_run_goes_on_where_it_is(const char *folder) {
    char a[PATH_BYTES], b[PATH_BYTES], path[PATH_BYTES];
    struct rng rng;
    rng_init(&rng, 5, 0);
    path_format(a, "%s/a", folder);
    path_format(b, "%s/b", folder);
    struct run *old = open_run(a);
    train_a_little(old, &rng, "first");
    CHECK(rename(a, b) == 0);
    struct run *other = open_run(a); // It is not locked, for it is another folder.
    train_a_little(other, &rng, "other");
    train_a_little(old, &rng, "later");
    train_a_little(other, &rng, "other");
    const struct run_state was = *run_state(old), is = *run_state(other);
    char *log = text_of(b, "log.txt");
    EXPECT_(strstr(log, "was renamed: the run goes on in it"), "log.txt is \"%s\"", log);
    free(log);
    run_close(other);
    // It is closed after the other: it must not take away the other's log of the database.
    run_close(old);
    for (int i = 0; i < 2; i++) {
        const struct run_state *expected = i ? &was : &is;
        struct run *run = open_run(i ? b : a);
        EXPECT_INT(run_state(run)->games, expected->games);
        EXPECT_INT(run_state(run)->iterations, expected->iterations);
        EXPECT_INT(run_state(run)->best_step, expected->best_step);
        EXPECT_INT(run_state(run)->trainer_step, expected->trainer_step);
        run_close(run);
        EXPECT_INT(count_entries(path_format(path, "%s/nets", i ? b : a)), expected->num_checkpoints);
        EXPECT_INT(count_entries(path_format(path, "%s/replay", i ? b : a)), 1);
        EXPECT_INT(count_entries(path_format(path, "%s/tb", i ? b : a)), 1);
        char *csv = text_of(i ? b : a, "metrics.csv");
        EXPECT(!strstr(csv, i ? "other" : "later"));
        free(csv);
    }
}

// To clean up through a link would mean to do so in another run.
static void test_a_link_in_place_of_a_folder_or_file_is_refused(const char *folder) {
    static const char *const names[] = {"nets", "replay", "games", "tb", "lock", "run.sqlite", "log.txt"};
    char mine[PATH_BYTES], other[PATH_BYTES], target[PATH_BYTES], link[PATH_BYTES];
    struct rng rng;
    rng_init(&rng, 6, 0);
    path_format(mine, "%s/mine", folder);
    path_format(other, "%s/other", folder);
    struct run *run = open_run(other);
    train_a_little(run, &rng, "a");
    run_close(run);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        run = open_run(mine);
        run_close(run);
        path_format(target, "%s/%s", other, names[i]);
        path_format(link, "%s/%s", mine, names[i]);
        remove_folder(link); // This may be a file or a folder.
        CHECK(symlink(target, link) == 0);
        const struct run_params params = params_for(mine);
        EXPECT_REFUSED(run_open(&run, &params), STATUS_IO, link, "is a symbolic link");
        remove_folder(mine);
    }
    run = open_run(other); // All of it is there.
    EXPECT_INT(run_state(run)->games, 12);
    run_close(run);
    EXPECT_INT(count_entries(path_format(target, "%s/nets", other)), 1);
    EXPECT_INT(count_entries(path_format(target, "%s/replay", other)), 1);
}

int main(void) {
    char folder[PATH_BYTES], path[PATH_BYTES];
    make_folder(folder, "run");
    path_format(path, "%s/deeper/run", folder);
    test_what_is_committed_is_there_after_opening_again(path);
    test_chunks_hold_every_game_once_and_go_only_on_request(path);
    test_leftovers_of_a_kill_go_and_other_files_stay(path);
    test_a_refused_commit_changes_nothing(path);
    test_two_processes_never_open_one_run(path);
    test_foreign_and_damaged_runs_are_refused_by_name(path);
    test_what_a_kill_leaves_of_a_run_being_made_begins_anew(folder);
    test_a_folder_with_other_files_is_refused_untouched(folder);
    test_a_renamed_run_goes_on_where_it_is(folder);
    test_a_link_in_place_of_a_folder_or_file_is_refused(folder);
    remove_folder(folder);
    return TEST_END();
}
