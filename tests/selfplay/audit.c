// Laws: an audit of a sound run reports nothing, and of a run with a planted fault that fault, with
// the chunk where it is. What is put in quarantine, and nothing else, is not learned from.
//
// The sound run is a real training. Each fault is planted in a copy of it, with checksums and
// database made to agree as far as the fault allows.
#include "exam/audit.h"

#include "base/files.h"
#include "base/memory.h"
#include "run/run_db.h"
#include "run/run_session.h"
#include "selfplay/loop.h"
#include "selfplay/quarantine.h"
#include "tests/run/folder.h"

#include <limits.h>
#include <time.h>

static double seconds(void *context) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
static double wall(void) { return 1.7e9; }

static void train(const char *path, long long seed, int channels, long long games, const char *quarantine) {
    const struct clock clock = {seconds, NULL};
    struct config config = {0};
    struct loop_report report;
    options_defaults(config_table, &config);
    config.game = "connect4";
    config.size[0] = 4;
    config.size[1] = 5;
    config.threads = 1;
    config.seed = seed;
    config.games = games;
    config.blocks = 1;
    config.channels = channels;
    config.head_channels = 8;
    config.value_hidden = 16;
    config.slots = 16;
    config.evaluations = 200;
    config.batch = 64;
    config.shards = 2;
    config.window_min = 2000;
    config.window_max = 1000000;
    config.window_exponent = 1;
    config.window_scale = 10;
    config.checkpoints = 6;
    config.gate_games = 4;
    config.gate_visits = 8;
    config.anchor_games = 0;
    config.quarantine = quarantine;
    const struct loop_params params = {.path = path,
                                       .config = &config,
                                       .processors = 1,
                                       .clock = &clock,
                                       .wall = wall,
                                       .machine = "a machine of the tests",
                                       .quiet = true};
    EXPECT_INT(loop_run(&params, &report), STATUS_OK);
}

static void copy_run(const char *from, const char *to) {
    char command[2 * PATH_BYTES + 32];
    remove_folder(to);
    snprintf(command, sizeof command, "cp -r '%s' '%s'", from, to);
    EXPECT_INT(system(command), 0);
}

static const struct audit_line *find_line(const struct audit *audit, const char *check) {
    for (int i = 0; i < audit->num_lines; i++)
        if (!strcmp(audit->lines[i].check, check)) return &audit->lines[i];
    fprintf(stderr, "there is no line '%s'\n", check);
    exit(1);
}

static void examine(const char *path, struct audit *audit) {
    const struct audit_params params = {.path = path, .backend = "auto"};
    EXPECT_INT(audit_run(&params, audit), STATUS_OK);
}

static void print(const struct audit *audit) {
    for (int i = 0; i < audit->num_lines; i++)
        fprintf(stderr, "  %-4s %-9s %s\n", audit_verdict_name(audit->lines[i].verdict), audit->lines[i].check,
                audit->lines[i].text);
}

// Law: the check is bad, and names this chunk and no other.
static void expect_found(const char *path, const char *what, const char *check, long long chunk) {
    struct audit audit;
    examine(path, &audit);
    const struct audit_line *line = find_line(&audit, check);
    fprintf(stderr, "%s: %s: %s (%d chunks, first %lld, planted in %lld)\n", what, check, line->text, line->num_chunks,
            line->num_chunks ? line->chunks[0] : -1, chunk);
    EXPECT_INT(line->verdict, AUDIT_BAD);
    if (chunk < 0) return;
    EXPECT_INT(line->num_chunks, 1);
    EXPECT_INT(line->chunks[0], chunk);
}

static void sound_run_has_no_report(const char *path) {
    struct audit audit;
    examine(path, &audit);
    print(&audit);
    EXPECT(audit.num_games > 600 && audit.num_chunks > 12);
    EXPECT_INT(audit.verdict, AUDIT_GOOD);
    // None of the checks that find the faults below was left out.
    static const char *const checks[] = {"files", "rules",  "rows",   "steps", "streams",
                                         "nets",  "copies", "values", "exact", "searches"};
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) EXPECT_INT(find_line(&audit, checks[i])->verdict, AUDIT_GOOD);
}

// --- Planting faults -----------------------------------------------------------------------------

static struct record *read_chunk(const char *path, long long number, int *num) {
    char file[PATH_BYTES];
    struct replay_chunk info;
    struct record *games;
    path_format(file, "%s/replay/%06lld.chunk", path, number);
    CHECK(chunk_read(file, NULL, NULL, &games, num, &info) == STATUS_OK);
    return games;
}

static void done_games(struct record *games, int num) {
    for (int i = 0; i < num; i++) record_done(&games[i]);
    free(games);
}

// Writes the chunk again with these games, and makes the database agree.
static void forge_chunk(const char *path, long long number, const struct record *games, int num) {
    static const char *const outcomes[] = {"none", "first", "second", "draw"};
    char folder[PATH_BYTES], file[PATH_BYTES];
    struct replay_chunk info;
    struct db *db;
    path_format(folder, "%s/replay", path);
    CHECK(chunk_write(folder, number, games, num, &info) == STATUS_OK);
    CHECK(db_open(&db, path_format(file, "%s/run.sqlite", path), DB_WRITE) == STATUS_OK);
    CHECK(db_run(db, "DELETE FROM games WHERE chunk = ?", "i", number) == STATUS_OK);
    CHECK(db_run(db,
                 "UPDATE chunks SET first_game = ?, last_game = ?, games = ?, full_rows = ?, fast_rows = ?, plies = ?,"
                 " bytes = ?, checksum = ? WHERE number = ?",
                 "iiiiiiiii", info.first_game, info.last_game, (long long)num, info.full_rows, info.fast_rows, info.plies,
                 info.bytes, (long long)info.checksum, number) == STATUS_OK);
    for (int i = 0; i < num; i++) {
        const struct record *g = &games[i];
        // The moment of the next game is good enough.
        CHECK(db_run(db,
                     "INSERT INTO games VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
                     " (SELECT min(seconds) FROM games WHERE game > ?))",
                     "iiiiidsdiii", g->index, number, g->net_step, (long long)g->height, (long long)g->width, g->komi,
                     outcomes[g->outcome], (double)g->score, (long long)g->num_plies, (long long)g->opening_plies,
                     info.last_game) == STATUS_OK);
    }
    db_close(db);
}

// Adds these games to the run as a session would; returns the number of their chunk.
static long long add_games(const char *path, struct record *games, int num) {
    struct run *run;
    CHECK(run_open(&run, &(struct run_params){.path = path, .quiet = true, .wall = 1.7e9}) == STATUS_OK);
    const struct run_state before = *run_state(run);
    for (int i = 0; i < num; i++) games[i].index = before.next_game + i;
    const struct run_iteration iteration = {.games = games,
                                            .num_games = num,
                                            .next_game = before.next_game + num,
                                            .step = before.step,
                                            .samples = before.samples,
                                            .seconds = before.seconds + 1,
                                            .wall = 1.7e9};
    CHECK(run_commit_iteration(run, &iteration) == STATUS_OK);
    run_close(run);
    return before.num_chunks;
}

static enum outcome other(enum outcome outcome) {
    return outcome == OUTCOME_FIRST ? OUTCOME_SECOND : outcome == OUTCOME_SECOND ? OUTCOME_FIRST : outcome;
}

static void flipped_results_are_found(const char *sound, const char *path, long long chunk) {
    int num;
    copy_run(sound, path);
    struct record *games = read_chunk(path, chunk, &num);
    for (int i = 0; i < num; i++) games[i].outcome = other(games[i].outcome);
    forge_chunk(path, chunk, games, num);
    done_games(games, num);
    expect_found(path, "flipped results", "rules", chunk);
}

static void flipped_values_are_found(const char *sound, const char *path, long long chunk) {
    int num;
    copy_run(sound, path);
    struct record *games = read_chunk(path, chunk, &num);
    for (int i = 0; i < num; i++)
        for (int k = 0; k < games[i].num_plies; k++) {
            struct record_ply *ply = &games[i].plies[k];
            const uint16_t win = ply->win;
            ply->win = ply->loss;
            ply->loss = win;
        }
    forge_chunk(path, chunk, games, num);
    done_games(games, num);
    expect_found(path, "flipped values", "values", chunk);
}

static void doubled_games_are_found(const char *sound, const char *path, long long chunk) {
    int num;
    copy_run(sound, path);
    struct record *games = read_chunk(path, chunk, &num);
    const long long added = add_games(path, games, num);
    expect_found(path, "doubled games", "copies", added);
    expect_found(path, "doubled games", "streams", added);
    // Nor does another name for their streams hide them.
    copy_run(sound, path);
    for (int i = 0; i < num; i++) games[i].seed = rng_mix(1) ^ ((uint64_t)900 << 40 | (uint64_t)i);
    expect_found(path, "doubled games with other streams", "copies", (add_games(path, games, num), added));
    done_games(games, num);
}

static void foreign_games_are_found(const char *sound, const char *path, const char *foreign, long long chunk) {
    struct run_summary summary;
    int num, num_own;
    copy_run(sound, path);
    // Added as they are, their streams are those of other games.
    struct record *games = read_chunk(foreign, chunk, &num);
    for (int i = 0; i < num; i++) games[i].net_step = 1;
    expect_found(path, "foreign games", "streams", add_games(path, games, num));
    done_games(games, num);
    // Put in the place of the run's own, with everything about them forged, they have still been
    // searched with another net.
    copy_run(sound, path);
    EXPECT_INT(run_summarise(foreign, &summary), STATUS_OK);
    games = read_chunk(foreign, summary.state.num_chunks - 2, &num);
    struct record *own = read_chunk(path, chunk, &num_own);
    const int n = num < num_own ? num : num_own;
    for (int i = 0; i < n; i++) {
        games[i].index = own[i].index;
        games[i].net_step = own[i].net_step;
        games[i].seed = own[i].seed;
    }
    forge_chunk(path, chunk, games, n);
    expect_found(path, "disguised foreign games", "searches", chunk);
    done_games(own, num_own);
    done_games(games, num);
    // Games that name a net of later.
    copy_run(sound, path);
    games = read_chunk(path, chunk, &num);
    for (int i = 0; i < num; i++) games[i].net_step = 1000000;
    forge_chunk(path, chunk, games, num);
    done_games(games, num);
    expect_found(path, "games of a net of later", "steps", chunk);
}

static void damaged_files_are_found(const char *sound, const char *path, long long chunk) {
    char file[PATH_BYTES], command[2 * PATH_BYTES + 64];
    copy_run(sound, path);
    path_format(file, "%s/replay/%06lld.chunk", path, chunk);
    EXPECT_INT(truncate(file, 300), 0);
    const int kept = stderr_to("/dev/null");
    struct audit audit;
    examine(path, &audit);
    stderr_back(kept);
    EXPECT_INT(find_line(&audit, "files")->verdict, AUDIT_BAD);
    EXPECT_INT(find_line(&audit, "files")->chunks[0], chunk);
    // Another chunk's file in its place is whole, but not the one.
    copy_run(sound, path);
    snprintf(command, sizeof command, "cd '%.4000s/replay' && cp %06lld.chunk %06lld.chunk", path, chunk + 1, chunk);
    EXPECT_INT(system(command), 0);
    expect_found(path, "another chunk's file", "files", chunk);
    expect_found(path, "another chunk's file", "rows", chunk);
    copy_run(sound, path);
    snprintf(command, sizeof command, "cd '%.4000s/nets' && cp $(ls | tail -1) $(ls | head -1)", path);
    EXPECT_INT(system(command), 0);
    expect_found(path, "another net's file", "nets", -1);
}

// --- Quarantine ----------------------------------------------------------------------------------

static int count_rows(const char *path, const char *where) {
    char file[PATH_BYTES], sql[400];
    struct db *db;
    double number;
    CHECK(db_open(&db, path_format(file, "%s/run.sqlite", path), DB_READ) == STATUS_OK);
    snprintf(sql, sizeof sql, "SELECT count(*) FROM games JOIN chunks ON number = chunk WHERE NOT is_pruned AND %s", where);
    CHECK(db_number(db, sql, 0, &number) == STATUS_OK);
    db_close(db);
    return (int)number;
}

// Loads all games that the run has, with this quarantine; returns how many are left.
static int load_with(const char *path, const char *quarantine, enum status expected) {
    struct run *run;
    struct replay *replay;
    struct replay_chunk *chunks;
    int num;
    char folder[PATH_BYTES];
    CHECK(run_open(&run, &(struct run_params){.path = path, .quiet = true, .wall = 1.7e9}) == STATUS_OK);
    CHECK(replay_new(&replay) == STATUS_OK && run_chunks(run, LLONG_MAX, &chunks, &num) == STATUS_OK);
    CHECK(replay_load(replay, run_replay_folder(run, folder), "connect4", NULL, chunks, num, LLONG_MAX) == STATUS_OK);
    EXPECT_INT(quarantine_apply(quarantine, run, replay), expected);
    const int left = replay_num_games(replay);
    free(chunks);
    replay_free(replay);
    run_close(run);
    return left;
}

static void quarantine_leaves_out_what_it_names(const char *sound, const char *path) {
    struct run_reader *reader;
    struct run_checkpoint *checkpoints;
    struct run_session *sessions;
    int num, num_sessions, num_all;
    char text[200], where[200];
    copy_run(sound, path);
    CHECK(run_read_open(&reader, path) == STATUS_OK && run_read_checkpoints(reader, &checkpoints, &num) == STATUS_OK);
    CHECK(run_read_sessions(reader, &sessions, &num_sessions, &num_all) == STATUS_OK);
    run_read_close(reader);
    EXPECT_INT(num_all, 1);
    EXPECT_INT(num_sessions, 1);
    EXPECT_TEXT(sessions[0].machine, "a machine of the tests");
    EXPECT(strstr(sessions[0].program, "tengen"));
    EXPECT(num >= 4);
    const int all = count_rows(path, "1");
    EXPECT_INT(load_with(path, "", STATUS_OK), all);
    EXPECT_INT(load_with(path, NULL, STATUS_OK), all);

    const long long first = checkpoints[1].step, next = checkpoints[2].step;
    snprintf(where, sizeof where, "net_step >= %lld AND net_step < %lld", first, next);
    const int of_net = count_rows(path, where);
    EXPECT(of_net > 0 && of_net < all);
    snprintf(text, sizeof text, "net:%lld", first);
    EXPECT_INT(load_with(path, text, STATUS_OK), all - of_net);
    snprintf(text, sizeof text, "net:%.8s", checkpoints[1].digest);
    EXPECT_INT(load_with(path, text, STATUS_OK), all - of_net);
    snprintf(where, sizeof where, "(net_step >= %lld AND net_step < %lld) OR net_step = 0", first, next);
    snprintf(text, sizeof text, "net:%.8s,step:0", checkpoints[1].digest);
    EXPECT_INT(load_with(path, text, STATUS_OK), all - count_rows(path, where));
    snprintf(text, sizeof text, "step:0-%lld", next - 1);
    snprintf(where, sizeof where, "net_step < %lld", next);
    EXPECT_INT(load_with(path, text, STATUS_OK), all - count_rows(path, where));
    EXPECT_INT(load_with(path, "program:tengen", STATUS_OK), 0);
    static const char *const wrong[][2] = {
        {"net:999999999", "no checkpoint"}, {"net:abc", "no checkpoint"},      {"step:", "step:300"},
        {"step:9-3", "step:300"},           {"program:another", "no session"}, {"whatever", "begins with none"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char caught[PATH_BYTES], *said;
        size_t bytes;
        const int kept = stderr_to(path_format(caught, "%s/caught", path));
        EXPECT_INT(load_with(path, wrong[i][0], STATUS_USAGE), all);
        stderr_back(kept);
        CHECK(file_read(caught, &said, &bytes) == STATUS_OK);
        EXPECT_(strstr(said, "quarantine: ") && strstr(said, wrong[i][1]), "%s: said \"%s\"", wrong[i][0], said);
        free(said);
        unlink(caught);
    }
    free(checkpoints);
    free(sessions);
}

// Law: a training goes on without the games in quarantine, and its log says how many those are.
static void a_training_says_what_it_leaves_out(const char *sound, const char *path, long long games) {
    char file[PATH_BYTES], *text;
    size_t bytes;
    copy_run(sound, path);
    train(path, 1, 8, games, "program:tengen");
    CHECK(file_read(path_format(file, "%s/log.txt", path), &text, &bytes) == STATUS_OK);
    const char *line = strstr(text, "quarantine: ");
    EXPECT(line);
    int left_out = 0, of = 0;
    if (line) EXPECT_INT(sscanf(line, "quarantine: %d of the window's %d games", &left_out, &of), 2);
    EXPECT(left_out > 0 && left_out == of);
    free(text);
}

int main(void) {
    char base[PATH_BYTES], sound[PATH_BYTES], foreign[PATH_BYTES], copy[PATH_BYTES];
    make_folder(base, "audit");
    path_format(sound, "%.200s/sound", base);
    path_format(foreign, "%.200s/foreign", base);
    path_format(copy, "%.200s/copy", base);
    const long long games = 1200;
    train(sound, 1, 8, games, NULL);
    // The foreign net is another in size, too.
    train(foreign, 2, 24, 3 * games, NULL);
    sound_run_has_no_report(sound);
    const long long chunk = 20;
    flipped_results_are_found(sound, copy, chunk);
    flipped_values_are_found(sound, copy, chunk);
    doubled_games_are_found(sound, copy, chunk);
    foreign_games_are_found(sound, copy, foreign, chunk);
    damaged_files_are_found(sound, copy, chunk);
    quarantine_leaves_out_what_it_names(sound, copy);
    a_training_says_what_it_leaves_out(sound, copy, games + 100);
    remove_folder(base);
    return TEST_END();
}
