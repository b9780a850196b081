// Laws: every question has the answer that was written, beside a writer too; a database that lies
// is refused by its name; a page that is damaged anywhere ends in an answer or in one line, and
// never in a crash; on a network file system a run is whole all the same.
#include "run/run_read.h"
#include "run/run_db.h"

#include "tests/run/folder.h"

#include <limits.h>
#include <sqlite3.h>
#include <sys/wait.h>

enum { NFS = 0x6969 };

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
                               .seed = 11};
}

static struct run *open_run_on(const char *path, long fs_type) {
    struct run_params params = params_for(path);
    params.fs_type = fs_type;
    struct run *run;
    CHECK(run_open(&run, &params) == STATUS_OK);
    return run;
}
static struct run *open_run(const char *path) { return open_run_on(path, 0); }

static struct run_reader *open_reader(const char *path) {
    struct run_reader *reader;
    CHECK(run_read_open(&reader, path) == STATUS_OK);
    return reader;
}

// Makes the record of this index, the same for every caller.
static void make_record(struct record *record, long long index) {
    struct rng rng;
    rng_init(&rng, 5, (uint64_t)index);
    random_record(record, &rng, index);
    record->net_step = index / 10 * 10;
}

// Commits three games and two metrics (one of them from the third iteration on), and every second
// time a checkpoint.
static void commit(struct run *run) {
    struct record games[3];
    const struct run_state state = *run_state(run);
    for (int i = 0; i < 3; i++) make_record(&games[i], state.next_game + i);
    const struct run_metric metrics[] = {{"loss", "nats", 1.0 / (double)(state.iterations + 1)},
                                         {"speed", "1/s", state.iterations < 2 ? NAN : (double)state.iterations}};
    const struct run_iteration iteration = {.games = games,
                                            .num_games = 3,
                                            .next_game = state.next_game + 3,
                                            .step = state.step + 10,
                                            .samples = state.samples + 640,
                                            .seconds = state.seconds + 1.5,
                                            .wall = 1.7e9 + state.seconds,
                                            .metrics = metrics,
                                            .num_metrics = 2};
    CHECK(run_commit_iteration(run, &iteration) == STATUS_OK);
    for (int i = 0; i < 3; i++) record_done(&games[i]);
    if (state.iterations % 2) return;
    char path[PATH_BYTES];
    struct run_checkpoint checkpoint = {.step = run_state(run)->step,
                                        .games = run_state(run)->games,
                                        .samples = run_state(run)->samples,
                                        .seconds = run_state(run)->seconds,
                                        .wall = 1.7e9,
                                        .is_best = true,
                                        .has_trainer = true};
    snprintf(checkpoint.digest, sizeof checkpoint.digest, "digest%lld", checkpoint.step);
    CHECK(file_write(run_net_path(run, checkpoint.step, path), "net", 3) == STATUS_OK);
    CHECK(file_write(run_trainer_path(run, checkpoint.step, path), "t", 1) == STATUS_OK);
    CHECK(file_write(run_trainer_net_path(run, checkpoint.step, path), "n", 1) == STATUS_OK);
    CHECK(run_add_checkpoint(run, &checkpoint) == STATUS_OK);
}

static void expect_record(struct run_reader *reader, long long index, bool is_there) {
    struct record wanted, record;
    bool found;
    EXPECT_INT(run_read_record(reader, index, &record, &found), STATUS_OK);
    EXPECT_(found == is_there, "game %lld is %s", index, found ? "there" : "not there");
    if (!found) return;
    make_record(&wanted, index);
    EXPECT_(record_equal(&record, &wanted), "game %lld is another", index);
    record_done(&record);
    record_done(&wanted);
}

static void test_every_question_has_the_answer_that_was_written(const char *path) {
    struct run *run = open_run(path);
    struct run_reader *reader;
    struct run_summary summary;
    EXPECT_INT(run_read_open(&reader, path), STATUS_OK); // There is nothing yet.
    EXPECT_INT(run_read_summary(reader, &summary), STATUS_OK);
    EXPECT(summary.state.best_step == -1 && !summary.best[0]);
    for (int i = 0; i < 6; i++) commit(run);
    CHECK(run_set_text(run, "note", "a text") == STATUS_OK && run_set_text(run, "count", "12.5") == STATUS_OK);

    EXPECT_INT(run_read_summary(reader, &summary), STATUS_OK);
    EXPECT(summary.state.games == 18 && summary.state.step == 60 && summary.state.num_checkpoints == 3);
    EXPECT(summary.height == 7 && summary.width == 7 && summary.komi == 9 && summary.seed == 11);
    EXPECT_TEXT(summary.best, "nets/000050.safetensors");
    EXPECT_TEXT(summary.best_digest, "digest50");

    struct run_checkpoint *checkpoints;
    int num;
    EXPECT_INT(run_read_checkpoints(reader, &checkpoints, &num), STATUS_OK);
    EXPECT_INT(num, 3);
    EXPECT(checkpoints[0].step == 10 && checkpoints[2].step == 50 && checkpoints[2].is_best && checkpoints[2].has_trainer);
    EXPECT(!checkpoints[1].is_best && checkpoints[1].games == 9 && checkpoints[1].seconds == 4.5);
    free(checkpoints);

    char *text;
    double number = 7;
    EXPECT_INT(run_read_text(reader, "note", &text), STATUS_OK);
    EXPECT_TEXT(text, "a text");
    free(text);
    EXPECT(run_read_text(reader, "nothing", &text) == STATUS_OK && !text);
    EXPECT(run_read_number(reader, "nothing", 0, 100, &number) == STATUS_OK && number == 7);
    EXPECT(run_read_number(reader, "count", 0, 100, &number) == STATUS_OK && number == 12.5);
    EXPECT_REFUSED(run_read_number(reader, "count", 0, 10, &number), STATUS_FORMAT, "run.sqlite", "texts.count is '12.5'");
    EXPECT_REFUSED(run_read_number(reader, "note", 0, 10, &number), STATUS_FORMAT, "run.sqlite", "a number from 0 to 10");

    struct run_metrics metrics;
    EXPECT_INT(run_read_metrics(reader, 0, &metrics), STATUS_OK);
    EXPECT(metrics.num_rows == 6 && metrics.num_names == 2);
    EXPECT_TEXT(metrics.names[1], "speed");
    EXPECT_TEXT(metrics.units[0], "nats");
    for (int i = 0; i < metrics.num_rows; i++) {
        EXPECT(metrics.rows[i].iteration == i + 1 && metrics.rows[i].games == 3 * (i + 1) &&
               metrics.rows[i].step == 10 * (i + 1));
        EXPECT_NEAR(metrics.values[2 * i], 1.0 / (i + 1), 0);
        EXPECT(i < 2 ? isnan(metrics.values[2 * i + 1]) : metrics.values[2 * i + 1] == i);
    }
    run_metrics_done(&metrics);
    EXPECT_INT(run_read_metrics(reader, 4, &metrics), STATUS_OK);
    EXPECT(metrics.num_rows == 2 && metrics.rows[0].iteration == 5 && metrics.values[1] == 4);
    run_metrics_done(&metrics);

    const struct {
        struct run_games_wish wish;
        int num;
        long long first;
    } cases[] = {
        {{.net_step = -1}, 18, 0}, {{.net_step = -1, .most = 5}, 5, 0},    {{.net_step = -1, .most = 5, .newest = true}, 5, 13},
        {{.net_step = 10}, 8, 10}, {{.first = 12, .net_step = 10}, 6, 12}, {{.net_step = 20}, 0, 0}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct run_game_row *games;
        EXPECT_INT(run_read_games(reader, &cases[c].wish, &games, &num), STATUS_OK);
        EXPECT_INT(num, cases[c].num);
        for (int i = 0; i < num; i++) {
            struct record record;
            make_record(&record, cases[c].first + i);
            EXPECT(games[i].index == record.index && games[i].net_step == record.net_step &&
                   games[i].plies == record.num_plies);
            EXPECT(games[i].outcome == record.outcome && games[i].score == (double)record.score && !games[i].is_pruned);
            EXPECT_INT(games[i].chunk, games[i].index / 3);
            record_done(&record);
        }
        free(games);
    }
    for (long long i = 0; i < 18; i++) expect_record(reader, i, true);
    expect_record(reader, 18, false);
    expect_record(reader, -1, false);
    run_read_close(reader);
    run_close(run);
}

static void test_a_game_is_its_chunk_s(const char *path) {
    struct run_reader *reader = open_reader(path);
    struct record record;
    char file[PATH_BYTES], other[PATH_BYTES], *bytes;
    size_t num_bytes;
    bool found;
    path_format(file, "%s/replay/000002.chunk", path);
    path_format(other, "%s/replay/aside", path);
    CHECK(!rename(file, other));
    EXPECT_REFUSED(run_read_record(reader, 7, &record, &found), STATUS_FORMAT, file, "is missing, but run.sqlite lists it");
    EXPECT(!found);
    path_format(other, "%s/replay/000003.chunk", path);
    CHECK(file_read(other, &bytes, &num_bytes) == STATUS_OK && file_write(file, bytes, num_bytes) == STATUS_OK);
    free(bytes);
    EXPECT_REFUSED(run_read_record(reader, 7, &record, &found), STATUS_FORMAT, file, "is not the chunk that run.sqlite lists");
    EXPECT(!found);
    path_format(other, "%s/replay/aside", path);
    CHECK(!rename(other, file));
    expect_record(reader, 7, true);
    run_read_close(reader);
}

// An answer has all that the writer does meanwhile, or none of it, and the writer never notices the
// reader.
static void test_a_reader_beside_a_writer_that_adds_and_prunes(const char *path) {
    int ends[2];
    CHECK(!pipe(ends));
    const pid_t writer = fork();
    if (writer == 0) {
        struct run *run = open_run(path);
        const struct run_limits limits = {.window = 60, .games = RUN_MOST_GAMES, .nets = RUN_MOST_NETS};
        long long window;
        for (int i = 0; i < 60; i++) {
            commit(run); // It ends the process when it fails.
            CHECK(run_keep(run, &limits, &window) == STATUS_OK);
            if (i == 0) CHECK(write(ends[1], "b", 1) == 1);
        }
        run_close(run);
        _exit(0);
    }
    char byte;
    CHECK(read(ends[0], &byte, 1) == 1);
    struct run_reader *reader = open_reader(path);
    struct rng rng;
    rng_init(&rng, 9, 9);
    long long games = 0, num_pruned = 0, num_questions = 0;
    int code = 0;
    for (; waitpid(writer, &code, WNOHANG) == 0; num_questions++) {
        struct run_summary summary;
        struct run_metrics metrics;
        struct record record;
        bool found;
        EXPECT_INT(run_read_summary(reader, &summary), STATUS_OK);
        EXPECT(summary.state.games >= games && summary.state.games == 3 * summary.state.iterations);
        EXPECT(summary.state.next_game == summary.state.games && summary.state.num_chunks == summary.state.iterations);
        EXPECT(summary.state.best_step == summary.state.last_step);
        games = summary.state.games;
        EXPECT_INT(run_read_metrics(reader, games / 3 - 1, &metrics), STATUS_OK);
        EXPECT(metrics.num_rows >= 1 && metrics.values[0] == 1.0 / (double)(games / 3));
        run_metrics_done(&metrics);
        const long long index = rng_below(&rng, (uint32_t)games);
        EXPECT_INT(run_read_record(reader, index, &record, &found), STATUS_OK);
        num_pruned += !found;
        if (found) EXPECT_INT(record.index, index);
        if (found) record_done(&record);
    }
    EXPECT(WIFEXITED(code) && WEXITSTATUS(code) == 0);
    struct run_game_row *rows;
    int num;
    EXPECT_INT(run_read_games(reader, &(struct run_games_wish){.net_step = -1}, &rows, &num), STATUS_OK);
    EXPECT_INT(num, 18 + 3 * 60);
    EXPECT(rows[0].is_pruned && !rows[num - 1].is_pruned);
    for (int i = 0; i < num; i++) expect_record(reader, rows[i].index, !rows[i].is_pruned);
    free(rows);
    run_read_close(reader);
    EXPECT(num_questions > 0);
    printf("%lld questions beside a writer, %lld games pruned\n", num_questions, num_pruned);
    close(ends[0]);
    close(ends[1]);
}

// --- Databases that lie --------------------------------------------------------------------------

static void copy_file(const char *from, const char *to) {
    char *bytes;
    size_t num_bytes;
    CHECK(file_read(from, &bytes, &num_bytes) == STATUS_OK && file_write(to, bytes, num_bytes) == STATUS_OK);
    free(bytes);
}

static void change(const char *file, const char *sql) {
    sqlite3 *handle;
    char *why = NULL;
    CHECK(!sqlite3_open(file, &handle));
    if (sqlite3_exec(handle, sql, NULL, NULL, &why)) {
        fprintf(stderr, "%s: %s\n", sql, why);
        exit(1);
    }
    CHECK(!sqlite3_exec(handle, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL));
    sqlite3_close(handle);
}

// Asks every question once, and returns the first failure.
static enum status ask_everything(const char *path) {
    struct run_reader *reader;
    struct run_summary summary;
    struct run_checkpoint *checkpoints;
    struct run_metrics metrics;
    struct run_game_row *games;
    struct run_ladder ladder;
    struct record record;
    char *text;
    int num;
    bool found;
    TRY(run_read_open(&reader, path));
    enum status status = run_read_summary(reader, &summary);
    if (!status && !(status = run_read_checkpoints(reader, &checkpoints, &num))) free(checkpoints);
    if (!status && !(status = run_read_text(reader, "note", &text))) free(text);
    if (!status && !(status = run_read_metrics(reader, 0, &metrics))) run_metrics_done(&metrics);
    if (!status && !(status = run_read_games(reader, &(struct run_games_wish){.net_step = -1}, &games, &num))) free(games);
    if (!status && !(status = run_read_ladder(reader, &ladder))) run_ladder_done(&ladder);
    if (!status && !(status = run_read_record(reader, 7, &record, &found)) && found) record_done(&record);
    run_read_close(reader);
    return status;
}

static const char *const lies[][2] = {
    // A view that never ends in place of a table, and others that run when a table is touched.
    {"ALTER TABLE checkpoints RENAME TO c; CREATE VIEW checkpoints AS WITH RECURSIVE x(step) AS (SELECT 1 UNION ALL SELECT "
     "step + 1"
     " FROM x) SELECT step, 'f' AS file, 'd' AS digest, 0 AS bytes, 0 AS games, 0 AS samples, 0 AS seconds, 0 AS wall FROM x",
     "checkpoints is a view"},
    {"CREATE VIEW more AS SELECT 1", "more is a view"},
    {"CREATE TRIGGER t AFTER INSERT ON games BEGIN DELETE FROM games; END", "t is a trigger"},
    {"DROP TABLE match_games", "has no table match_games"},
    {"DROP TABLE ladder_players", "has no table ladder_players"},
    {"ALTER TABLE ladder_games RENAME COLUMN reason TO why", "no such column: reason"},
    {"ALTER TABLE state RENAME COLUMN value TO worth", "no such column: value"},
    {"ALTER TABLE checkpoints RENAME COLUMN digest TO sum", "no such column: digest"},
    {"ALTER TABLE games RENAME COLUMN plies TO moves", "no such column: games.plies"},
    // Counters.
    {"UPDATE state SET value = -1 WHERE key = 'games'", "state.games is '-1', not a whole number from 0"},
    {"UPDATE state SET value = 9223372036854775807 WHERE key = 'num_chunks'", "state.num_chunks is '9223372036854775807'"},
    {"UPDATE state SET value = 1.5 WHERE key = 'step'", "state.step is '1.5'"},
    {"UPDATE state SET value = -2 WHERE key = 'best_step'", "state.best_step is '-2'"},
    {"UPDATE state SET value = 51 WHERE key = 'best_step'", "there is no such checkpoint"},
    {"UPDATE state SET value = 'many' WHERE key = 'plies'", "state.plies is 'many'"},
    {"UPDATE state SET value = 9e999 WHERE key = 'seconds'", "state.seconds is 'Inf', not a number from 0"},
    {"UPDATE state SET value = -0.5 WHERE key = 'seconds'", "state.seconds is '-0.5'"},
    // What is learned.
    {"UPDATE texts SET value = '-7' WHERE key = 'height'", "texts.height is '-7'"},
    {"UPDATE texts SET value = '2147483647' WHERE key = 'width'", "texts.width is '2147483647'"},
    {"UPDATE texts SET value = 'nan' WHERE key = 'komi'", "texts.komi is 'nan'"},
    {"DELETE FROM texts WHERE key = 'width'", "texts.width is ''"},
    {"UPDATE texts SET value = '18446744073709551616' WHERE key = 'seed'", "texts.seed is"},
    {"UPDATE texts SET value = printf('%.100c', 'x') WHERE key = 'rules'", "texts.rules is 'xxx"},
    // Checkpoints, games, metrics.
    {"UPDATE checkpoints SET step = -10 WHERE step = 10", "checkpoints.step is '-10'"},
    {"UPDATE checkpoints SET seconds = -1", "checkpoints.seconds is '-1.0'"},
    {"UPDATE checkpoints SET games = -1 WHERE step = 10", "checkpoints.games is '-1'"},
    {"UPDATE checkpoints SET samples = 9223372036854775807 WHERE step = 10", "checkpoints.samples is"},
    {"UPDATE checkpoints SET file = '../../elsewhere' WHERE step = 50", "checkpoints.file is '../../elsewhere'"},
    {"UPDATE games SET height = 1000000 WHERE game = 3", "games.height is '1000000'"},
    {"UPDATE games SET plies = 4294967297 WHERE game = 3", "games.plies is '4294967297'"},
    {"UPDATE games SET outcome = 'lost' WHERE game = 3", "games.outcome is 'lost', not first, second or draw"},
    {"UPDATE games SET score = 'x' WHERE game = 3", "games.score is 'x'"},
    {"UPDATE metrics SET metric = 3 WHERE metric = 2", "metrics.metric is '3', not a whole number from 1 to 2"},
    {"UPDATE metric_names SET id = 9 WHERE id = 2", "metric_names.id is '9'"},
    {"UPDATE iterations SET games = -4 WHERE iteration = 2", "iterations.games is '-4'"},
    {"UPDATE chunks SET games = -1", "chunks.games is '-1'"},
    {"UPDATE chunks SET last_game = first_game - 1 WHERE number = 2", "chunks.last_game is '5', not a whole number from 6"},
    {"UPDATE chunks SET bytes = -1", "chunks.bytes is '-1'"},
    {"UPDATE chunks SET checksum = -1", "chunks.checksum is '-1'"},
    {"UPDATE chunks SET is_pruned = 2", "is_pruned is '2'"},
    // The ladder.
    {"INSERT INTO ladder_players VALUES(1, 'a', 'a', 'a', 0), (2, 'b', 'b', 'b', 7)", "ladder_players.is_anchor is '7'"},
    {"INSERT INTO ladder_players VALUES(1, 'a', 'a', 'a', 0), (2, 'b', 'b', 'b', 1);"
     "INSERT INTO ladder_games VALUES(1, 1, 3, 0, 'first', NULL, 9, 0, 0, NULL, 0, NULL, 1, 1)",
     "ladder_games.second is '3', not a player that there is"},
    {"INSERT INTO ladder_players VALUES(1, 'a', 'a', 'a', 0), (2, 'b', 'b', 'b', 1);"
     "INSERT INTO ladder_games VALUES(1, 1, 1, 0, 'first', NULL, 9, 0, 0, NULL, 0, NULL, 1, 1)",
     "not another player than the first"},
    {"INSERT INTO ladder_players VALUES(1, 'a', 'a', 'a', 0), (2, 'b', 'b', 'b', 1);"
     "INSERT INTO ladder_games VALUES(1, 1, 2, 0, 'none', NULL, 9, 0, 0, NULL, 0, NULL, 1, 1)",
     "ladder_games.outcome is 'none'"},
    {"INSERT INTO ladder_players VALUES(1, 'a', 'a', 'a', 0), (2, 'b', 'b', 'b', 1);"
     "INSERT INTO ladder_games VALUES(1, 1, 2, -5, 'first', NULL, 9, 0, 0, NULL, 0, NULL, 1, 1)",
     "ladder_games.pair is '-5'"},
    {"INSERT INTO ladder_players VALUES(1, 'a', 'a', 'a', 0), (2, 'b', 'b', 'b', 1);"
     "INSERT INTO ladder_games VALUES(1, 1, 2, 0, 'first', NULL, 9, 0, 0, 3, 0, NULL, 1, 1)",
     "ladder_games.forfeit is '3'"},
};

static void test_a_database_that_lies_is_refused_by_name(const char *path) {
    char file[PATH_BYTES], kept[PATH_BYTES], *before, *after;
    size_t num_before, num_after;
    path_format(file, "%s/run.sqlite", path);
    path_format(kept, "%s/kept", path);
    change(file, "PRAGMA user_version"); // Its log is taken in, so that the file is whole.
    copy_file(file, kept);
    EXPECT_INT(ask_everything(path), STATUS_OK);
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        copy_file(kept, file);
        change(file, lies[i][0]);
        CHECK(file_read(file, &before, &num_before) == STATUS_OK);
        alarm(60); // A view may never end.
        EXPECT_REFUSED(ask_everything(path), STATUS_FORMAT, file, lies[i][1]);
        alarm(0);
        CHECK(file_read(file, &after, &num_after) == STATUS_OK);
        EXPECT_(num_before == num_after && !memcmp(before, after, num_before), "%s: the reader wrote", lies[i][1]);
        free(before);
        free(after);
    }
    copy_file(kept, file);
    EXPECT_INT(ask_everything(path), STATUS_OK);
}

// The writer refuses the same.
static void test_a_training_does_not_go_on_from_lies(const char *path) {
    static const char *const for_writers[][2] = {
        {"CREATE TRIGGER t AFTER INSERT ON games BEGIN DELETE FROM games; END", "t is a trigger"},
        {"UPDATE state SET value = -1 WHERE key = 'num_chunks'", "state.num_chunks is '-1'"},
        {"UPDATE iterations SET step = -4 WHERE iteration = 2", "iterations.step is '-4'"},
        {"UPDATE metrics SET metric = 70000 WHERE metric = 2", "metrics.metric is '70000'"},
    };
    struct run *run;
    const struct run_params params = params_for(path);
    char file[PATH_BYTES], kept[PATH_BYTES];
    path_format(file, "%s/run.sqlite", path);
    path_format(kept, "%s/kept", path);
    for (size_t i = 0; i < sizeof for_writers / sizeof *for_writers; i++) {
        copy_file(kept, file);
        change(file, for_writers[i][0]);
        EXPECT_REFUSED(run_open(&run, &params), STATUS_FORMAT, file, for_writers[i][1]);
    }
    copy_file(kept, file);
    run_close(open_run(path));
}

// Every page is overwritten in turn, as a whole and in its header alone: there must be an answer,
// or a refusal by name.
static void test_a_damaged_page_is_refused_or_not_needed(const char *path) {
    char file[PATH_BYTES], kept[PATH_BYTES], caught[PATH_BYTES], *bytes, *said;
    size_t num_bytes, num_said;
    int num_refused = 0, num_pages;
    struct rng rng;
    rng_init(&rng, 3, 3);
    path_format(file, "%s/run.sqlite", path);
    path_format(kept, "%s/kept", path);
    path_format(caught, "%s/caught", path);
    change(file, "PRAGMA user_version");
    copy_file(file, kept);
    CHECK(file_read(kept, &bytes, &num_bytes) == STATUS_OK);
    const size_t page_bytes =
        // See sqlite.org/fileformat.html, 1.3.2.
        (size_t)(unsigned char)bytes[16] << 8 | (unsigned char)bytes[17];
    CHECK(page_bytes >= 512);
    num_pages = (int)(num_bytes / page_bytes);
    for (int k = 0; k < 2 * num_pages; k++) {
        char *copy = malloc(num_bytes);
        CHECK(copy);
        memcpy(copy, bytes, num_bytes);
        const size_t at = (size_t)(k / 2) * page_bytes, damage = k % 2 ? 16 : page_bytes;
        for (size_t i = 0; i < damage; i++) copy[at + i] = (char)rng_below(&rng, 256);
        CHECK(file_write(file, copy, num_bytes) == STATUS_OK);
        free(copy);
        const int stderr_kept = stderr_to(caught);
        const enum status status = ask_everything(path);
        stderr_back(stderr_kept);
        CHECK(file_read(caught, &said, &num_said) == STATUS_OK);
        int num_lines = 0;
        for (size_t i = 0; i < num_said; i++) num_lines += said[i] == '\n';
        EXPECT_(num_lines == (status ? 1 : 0) && (!status || strstr(said, file)), "page %d: status %d, said \"%s\"", k / 2,
                (int)status, said);
        num_refused += status != STATUS_OK;
        free(said);
    }
    EXPECT_(num_refused >= num_pages / 2, "%d of %d damages were noticed", num_refused, 2 * num_pages);
    free(bytes);
    copy_file(kept, file);
    unlink(caught);
    EXPECT_INT(ask_everything(path), STATUS_OK);
}

// Nothing in a run folder is waited for.
static void test_what_is_no_file_is_refused_at_once(const char *path) {
    static const char *const names[] = {"", "-wal", "-journal"};
    struct run_reader *reader;
    struct run_summary summary;
    char file[PATH_BYTES], aside[PATH_BYTES];
    alarm(60);
    for (int i = 0; i < 3; i++) {
        path_format(file, "%s/run.sqlite%s", path, names[i]);
        path_format(aside, "%s/aside", path);
        const bool was_there = !rename(file, aside);
        CHECK(!mkfifo(file, 0600));
        EXPECT_REFUSED(run_read_open(&reader, path), STATUS_IO, file, "is a pipe, not a file");
        EXPECT_REFUSED(run_peek(path, &summary), STATUS_IO, file, "is a pipe, not a file");
        unlink(file);
        if (was_there) CHECK(!rename(aside, file));
    }
    alarm(0);
}

// --- Network file systems ------------------------------------------------------------------------

static void test_file_systems_are_known_by_their_type(void) {
    static const long network[] = {0x6969,     0xff534d42, (int)0xff534d42, 0xfe534d42, 0x517b,
                                   0x65735546, 0x01021997, 0x0bd00bd0,      0x47504653};
    static const long disks[] = {0xef53 /* ext */,
                                 0x58465342 /* XFS */,
                                 0x9123683e /* btrfs */,
                                 0x01021994 /* tmpfs */,
                                 0x794c7630 /* overlay */,
                                 0x2fc12fc1 /* ZFS */,
                                 0};
    for (size_t i = 0; i < sizeof network / sizeof *network; i++) EXPECT_(db_network_fs(network[i]), "%lx", network[i]);
    for (size_t i = 0; i < sizeof disks / sizeof *disks; i++) EXPECT_(!db_network_fs(disks[i]), "%lx", disks[i]);
    EXPECT_TEXT(db_network_fs(NFS), "NFS");
}

static void expect_journal(const char *path, const char *wanted) {
    struct db *db;
    struct query *query;
    enum status status = STATUS_OK;
    char file[PATH_BYTES];
    CHECK(db_open(&db, path_format(file, "%s/run.sqlite", path), DB_READ) == STATUS_OK);
    CHECK(db_query(db, &query, "PRAGMA journal_mode", "") == STATUS_OK && query_next(query, &status));
    EXPECT_TEXT(query_text(query, 0), wanted);
    query_free(query);
    db_close(db);
}

static int count_lines_with(const char *path, const char *text) {
    char file[PATH_BYTES], *log;
    size_t num_bytes;
    int num = 0;
    CHECK(file_read(path_format(file, "%s/log.txt", path), &log, &num_bytes) == STATUS_OK);
    for (char *at = log; (at = strstr(at, text)); at++) num++;
    free(log);
    return num;
}

// Kills a process amid a transaction, after pages of it have gone to the file.
static void cut_a_write_short(const char *path) {
    const pid_t child = fork();
    if (child == 0) {
        sqlite3 *handle;
        char file[PATH_BYTES];
        CHECK(!sqlite3_open(path_format(file, "%s/run.sqlite", path), &handle));
        CHECK(!sqlite3_exec(
            handle,
            "PRAGMA cache_size=1; BEGIN IMMEDIATE; UPDATE state SET value = value + 1000; WITH RECURSIVE x(i) AS"
            " (SELECT 1000000 UNION ALL SELECT i + 1 FROM x WHERE i < 1003000) INSERT INTO metrics SELECT i, 1, 1 FROM x",
            NULL, NULL, NULL));
        _exit(0);
    }
    int code;
    CHECK(waitpid(child, &code, 0) == child && code == 0);
}

static void test_a_run_on_a_network_file_system_has_a_rollback_journal(const char *folder) {
    char path[PATH_BYTES], journal[PATH_BYTES];
    path_format(path, "%s/network", folder);
    path_format(journal, "%s/run.sqlite-journal", path);
    struct run *run = open_run_on(path, NFS);
    commit(run);
    EXPECT_INT(ask_everything(path), STATUS_OK); // The writer is open meanwhile.
    commit(run);
    expect_journal(path, "delete");
    EXPECT_INT(count_lines_with(path, "on a network file system (NFS)"), 1);
    run_close(run);
    EXPECT(!file_exists(journal));

    // After a kill amid a commit, readers say so and leave it, and the next training undoes it.
    struct run_summary summary;
    for (int by_peek = 0; by_peek < 2; by_peek++) {
        cut_a_write_short(path);
        EXPECT(!file_is_empty(journal));
        EXPECT_REFUSED(run_summarise(path, &summary), STATUS_IO, "run.sqlite", "a kill cut a write short");
        EXPECT(!file_is_empty(journal));
        if (by_peek) {
            // Whoever asks like this is about to write.
            EXPECT_INT(run_peek(path, &summary), STATUS_OK);
            EXPECT_INT(summary.state.games, 6);
        } else {
            run = open_run_on(path, NFS);
            EXPECT_INT(run_state(run)->games, 6);
            run_close(run);
        }
        EXPECT_INT(ask_everything(path), STATUS_OK);
        struct run_reader *reader = open_reader(path);
        expect_record(reader, 5, true);
        run_read_close(reader);
    }
    // Copied to a disk the run has a log, and copied back it has none.
    run_close(open_run(path));
    expect_journal(path, "wal");
    const int lines = count_lines_with(path, "network file system");
    run = open_run_on(path, NFS);
    expect_journal(path, "delete");
    EXPECT_INT(run_state(run)->games, 6);
    EXPECT_INT(count_lines_with(path, "network file system"), lines + 1);
    run_close(run);
}

// --- The disk ------------------------------------------------------------------------------------

static long long walked;
static int add_size(const char *path, const struct stat *info, int type, struct FTW *at) {
    const long long blocks = 512 * (long long)info->st_blocks;
    walked += blocks > (long long)info->st_size ? blocks : (long long)info->st_size;
    return 0;
}

static void test_the_parts_on_disk_add_up_and_links_are_not_followed(const char *path) {
    char file[PATH_BYTES], net[1000] = "";
    struct run_sizes sizes, again;
    run_close(open_run(path)); // Now no reader's files lie beside the database.
    EXPECT_INT(run_read_sizes(path, &sizes), STATUS_OK);
    walked = 0;
    CHECK(!nftw(path, add_size, 16, FTW_PHYS));
    EXPECT_INT(sizes.total, walked);
    EXPECT_INT(sizes.total, sizes.nets + sizes.replay + sizes.games + sizes.trainer + sizes.database + sizes.other);
    EXPECT(sizes.nets > 0 && sizes.replay > 1000 && sizes.trainer > 0 && sizes.database > 10000 && sizes.other > 0);
    walked = 0;
    CHECK(!nftw(path_format(file, "%s/replay", path), add_size, 16, FTW_PHYS));
    EXPECT_INT(sizes.replay, walked);
    // A file counts for its own part, and a link as itself.
    CHECK(!symlink("/usr", path_format(file, "%s/games/elsewhere", path)));
    CHECK(!symlink("/proc/self/exe", path_format(file, "%s/games/file", path)));
    EXPECT_INT(run_read_sizes(path, &again), STATUS_OK);
    EXPECT_(again.total >= sizes.total && again.total < sizes.total + 20000, "links weigh %lld bytes",
            again.total - sizes.total);
    CHECK(run_read_sizes(path, &sizes) == STATUS_OK);
    CHECK(file_write(path_format(file, "%s/nets/mine", path), net, sizeof net) == STATUS_OK);
    EXPECT_INT(run_read_sizes(path, &again), STATUS_OK);
    EXPECT(again.nets >= sizes.nets + (long long)sizeof net && again.replay == sizes.replay && again.games == sizes.games);
    unlink(file);
    EXPECT_REFUSED(run_read_sizes("/nowhere", &again), STATUS_IO, "/nowhere", "can't read the folder");
}

int main(void) {
    char folder[PATH_BYTES], path[PATH_BYTES];
    make_folder(folder, "read");
    path_format(path, "%s/run", folder);
    test_every_question_has_the_answer_that_was_written(path);
    test_a_game_is_its_chunk_s(path);
    test_a_database_that_lies_is_refused_by_name(path);
    test_a_training_does_not_go_on_from_lies(path);
    test_a_damaged_page_is_refused_or_not_needed(path);
    test_what_is_no_file_is_refused_at_once(path);
    test_a_reader_beside_a_writer_that_adds_and_prunes(path);
    test_the_parts_on_disk_add_up_and_links_are_not_followed(path);
    test_file_systems_are_known_by_their_type();
    test_a_run_on_a_network_file_system_has_a_rollback_journal(folder);
    remove_folder(folder);
    return TEST_END();
}
