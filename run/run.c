// Opens, checks and cleans a run folder. run_commit.c relies on the order:
//
//   is it a run's folder? -> lock -> folders -> database (made or checked) -> counters -> does it hold what was asked for?
//        -> leftovers of a kill are removed -> best, metrics.csv, tb/ are written again -> log.txt
//
// Only files with names that this program gives, in the folders that it keeps, are ever taken for
// leftovers: a note that a person puts into replay/ stays. All of it goes through folders that are
// held open (struct folder), none of which is a symbolic link. So what is written or removed always
// lies in the folder that is locked.
#include "run/run.h"

#include "base/memory.h"
#include "run/run_parts.h"
#include "run/run_read.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

const char *run_path(const struct run *run) { return run->home.at; }
const struct log *run_log(const struct run *run) { return &run->log; }
const struct run_state *run_state(const struct run *run) { return &run->state; }

char *run_net_path(const struct run *run, long long step, char out[]) {
    return path_format(out, "%s/%06lld.safetensors", run->nets.at, step);
}
char *run_game_path(const struct run *run, long long index, char out[]) {
    return path_format(out, "%s/%08lld.sgf", run->games.at, index);
}
char *run_replay_folder(const struct run *run, char out[]) { return path_format(out, "%s", run->replay.at); }
char *run_trainer_path(const struct run *run, long long step, char out[]) {
    return path_format(out, "%s/trainer-%06lld.safetensors", run->home.at, step);
}
char *run_trainer_net_path(const struct run *run, long long step, char out[]) {
    return path_format(out, "%s/trainer-%06lld.net.safetensors", run->home.at, step);
}

enum status run_expect(const char *path) {
    char file[PATH_BYTES];
    return file_expect(path_format(file, "%s/run.sqlite", path), "%s: holds no training run (no run.sqlite in it)", path);
}

enum status run_write_config(struct run *run, const char *text) {
    char path[PATH_BYTES];
    return file_write(path_format(path, "%s/config.ini", run->home.at), text, strlen(text));
}

// These files are opened in place instead of being replaced: through a link they would be another
// run's.
static enum status refuse_links(const struct run *run) {
    static const char *const names[] = {"lock",           "run.sqlite",         "run.sqlite-wal",
                                        "run.sqlite-shm", "run.sqlite-journal", "log.txt"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct stat info;
        if (fstatat(run->home.fd, names[i], &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(info.st_mode))
            return status_fail(STATUS_IO, "%s/%s: is a symbolic link, not a file; nothing was touched", run->home.at, names[i]);
    }
    return STATUS_OK;
}

static enum status take_lock(struct run *run) {
    char text[32] = "";
    run->lock = openat(run->home.fd, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (run->lock < 0) return status_fail(STATUS_IO, "%s/lock: can't open: %s", run->home.at, strerror(errno));
    if (flock(run->lock, LOCK_EX | LOCK_NB)) {
        if (errno != EWOULDBLOCK) return status_fail(STATUS_IO, "%s/lock: can't lock: %s", run->home.at, strerror(errno));
        const ssize_t got = pread(run->lock, text, sizeof text - 1, 0);
        text[got > 0 ? strcspn(text, "\n") : 0] = 0;
        return status_fail(STATUS_IO, "%s: another process (%s) has this run open", run->path, text[0] ? text : "unknown");
    }
    const int length = snprintf(text, sizeof text, "%d\n", (int)getpid());
    if (ftruncate(run->lock, 0) || pwrite(run->lock, text, (size_t)length, 0) != length)
        return status_fail(STATUS_IO, "%s/lock: can't write: %s", run->home.at, strerror(errno));
    return STATUS_OK;
}

static enum status set_number(struct run *run, const char *key, const char *format, double value) {
    char text[64];
    snprintf(text, sizeof text, format, value);
    return run_set_text(run, key, text);
}

// Stores in a new run what it learns, in one transaction.
static enum status store_identity(struct run *run, const struct run_params *params) {
    char seed[32];
    snprintf(seed, sizeof seed, "%llu", params->seed);
    TRY(db_run(run->db, "BEGIN IMMEDIATE", ""));
    enum status status = run_set_text(run, "game", params->game);
    if (!status) status = run_set_text(run, "rules", params->rules ? params->rules : "");
    if (!status) status = set_number(run, "height", "%.0f", params->height);
    if (!status) status = set_number(run, "width", "%.0f", params->width);
    if (!status) status = set_number(run, "komi", "%.17g", params->komi);
    if (!status) status = run_set_text(run, "seed", seed);
    if (!status) status = set_number(run, "created", "%.0f", params->wall);
    if (!status) status = run_set_text(run, "program", "tengen " TENGEN_VERSION);
    for (int i = 0; i < params->num_labels && !status; i++)
        status = run_set_text(run, params->labels[i].key, params->labels[i].value);
    if (!status) status = run_save_state(run->db, &run->state);
    if (!status) return db_run(run->db, "COMMIT", "");
    (void)db_rollback(run->db);
    return status;
}

// Whether a name in a folder, which may be missing, begins and ends like this.
static enum status holds_names(const char *folder, const char *prefix, const char *suffix, bool *found) {
    char **names;
    int num_names;
    *found = false;
    if (!dir_exists(folder)) return STATUS_OK;
    TRY(dir_list(folder, suffix, &names, &num_names));
    for (int i = 0; i < num_names; i++) *found |= !strncmp(names[i], prefix, strlen(prefix));
    free(names);
    return STATUS_OK;
}

// A folder that has lost its database is no new run: cleaning up after it would remove nets and
// games.
static enum status check_not_lost(const char *home) {
    static const char *const kept[][3] = {
        {"/nets", "", ".safetensors"}, {"/replay", "", ".chunk"}, {"", "trainer-", ".safetensors"}};
    char path[PATH_BYTES], log[PATH_BYTES];
    for (int i = 0; i < 3; i++) {
        bool found;
        path_format(path, "%s%s", home, kept[i][0]);
        TRY(holds_names(path, kept[i][1], kept[i][2], &found));
        if (found)
            return status_fail(STATUS_FORMAT,
                               "%s/run.sqlite: is missing or empty, but %s holds %s files; nothing was touched: put run.sqlite "
                               "back, or name a new folder",
                               home, path, kept[i][2]);
    }
    path_format(path, "%s/run.sqlite", home);
    path_format(log, "%s-wal", path);
    if (file_is_empty(path) && !file_is_empty(log))
        return status_fail(STATUS_FORMAT, "%s: is missing or empty, but %s is not; nothing was touched", path, log);
    return STATUS_OK;
}

// Whether a folder holds anything that a run being made has not, up to the moment when its database
// names it. Hidden names don't count, for no file of a run has one.
static enum status holds_others(const char *home, bool *found) {
    static const char *const files[] = {"lock", "run.sqlite", "run.sqlite-wal", "run.sqlite-shm", "run.sqlite-journal"};
    static const char *const folders[] = {"nets", "replay", "games", "tb"};
    char **names, path[PATH_BYTES];
    int num_names;
    *found = false;
    TRY(dir_list(home, "", &names, &num_names));
    for (int i = 0; i < num_names; i++) {
        bool is_ours = names[i][0] == '.';
        for (size_t k = 0; k < sizeof files / sizeof *files; k++) is_ours |= !strcmp(names[i], files[k]);
        for (size_t k = 0; k < sizeof folders / sizeof *folders; k++) is_ours |= !strcmp(names[i], folders[k]);
        *found |= !is_ours;
    }
    free(names);
    for (size_t k = 0; k < sizeof folders / sizeof *folders && !*found; k++) {
        path_format(path, "%s/%s", home, folders[k]);
        if (!dir_exists(path)) continue;
        TRY(dir_list(path, "", &names, &num_names));
        for (int i = 0; i < num_names; i++) *found |= names[i][0] != '.';
        free(names);
    }
    return STATUS_OK;
}

// To be asked before anything is made: may a run be made in this folder, or go on in it?
static enum status check_folder(const char *path) {
    char database[PATH_BYTES];
    bool has_begun, has_others;
    if (!dir_exists(path)) return STATUS_OK;
    // Another process may be making the run at this moment. So its files are looked at first, for
    // when there are more of them than may be, its database has begun.
    TRY(holds_others(path, &has_others));
    TRY(db_has_begun(path_format(database, "%s/run.sqlite", path), &has_begun));
    if (has_begun) return STATUS_OK;
    TRY(check_not_lost(path));
    if (!has_others) return STATUS_OK;
    return status_fail(STATUS_USAGE, "%s: holds other files and no run; name a new or empty folder", path);
}

static enum status open_database(struct run *run, const struct run_params *params) {
    char path[PATH_BYTES];
    bool has_begun;
    TRY(db_has_begun(path_format(path, "%s/run.sqlite", run->home.at), &has_begun));
    // Opening it would make a new database, and clear the log that a kill has left of the old one.
    if (!has_begun) TRY(check_not_lost(run->home.at));
    return params->fs_type ? db_open_on(&run->db, path, DB_WRITE, params->fs_type) : db_open(&run->db, path, DB_WRITE);
}

static enum status check_identity(struct run *run, const struct run_params *params) {
    struct run_summary held = {0};
    TRY(run_load_identity(run->db, &held));
    if (!held.game[0]) {
        if (!params->game) return status_fail(STATUS_FORMAT, "%s: holds no run yet", run->path);
        TRY(check_not_lost(run->home.at));
        return store_identity(run, params);
    }
    if (!params->game) return STATUS_OK;
    const char *rules = params->rules ? params->rules : "";
    if (strcmp(held.game, params->game) || held.height != params->height || held.width != params->width ||
        fabs(held.komi - params->komi) > 1e-9 || strcmp(held.rules, rules))
        return status_fail(STATUS_USAGE,
                           "%s: holds a run of %s %dx%d, komi %g, rules '%s', not of %s %dx%d, komi %g, rules '%s'", run->path,
                           held.game, held.height, held.width, held.komi, held.rules, params->game, params->height,
                           params->width, params->komi, rules);
    return held.seed == params->seed ? STATUS_OK
                                     : status_fail(STATUS_USAGE, "%s: holds a run of seed %llu, not of seed %llu", run->path,
                                                   held.seed, params->seed);
}

// Does the table list this number?
static bool is_listed(struct db *db, const char *sql, long long number, enum status *status) {
    struct query *query;
    const enum status asked = db_query(db, &query, sql, "i", number);
    if (asked) {
        *status = asked;
        return true; // When in doubt, a file stays.
    }
    const bool found = query_next(query, status);
    query_free(query);
    return found || *status;
}

// Removes the files called PREFIX DIGITS SUFFIX whose number the query doesn't list, and the
// temporary files that file_write has left of such files.
static enum status remove_leftovers(struct run *run, const struct folder *folder, const char *prefix, const char *suffix,
                                    const char *sql) {
    DIR *dir = opendir(folder->at);
    if (!dir) return status_fail(STATUS_IO, "%s: can't open the folder: %s", folder->at, strerror(errno));
    enum status status = STATUS_OK;
    for (struct dirent *entry; !status && (entry = readdir(dir));) {
        const char *name = entry->d_name;
        if (strncmp(name, prefix, strlen(prefix))) continue;
        const char *digits = name + strlen(prefix), *rest = digits + strspn(digits, "0123456789");
        const size_t num_digits = (size_t)(rest - digits);
        if (num_digits < 6 || num_digits > 18 || strncmp(rest, suffix, strlen(suffix))) continue;
        const char *after = rest + strlen(suffix);
        const bool is_aside = !strncmp(after, ".tmp-", 5);
        if (!is_aside && (*after || is_listed(run->db, sql, strtoll(digits, NULL, 10), &status))) continue;
        status = folder_remove(folder, name);
    }
    closedir(dir);
    return status;
}

// Removes the temporary files of those that were being replaced in the run folder itself.
static enum status remove_aside(struct run *run) {
    static const char *const names[] = {"best.tmp-", "config.ini.tmp-", "metrics.csv.tmp-"};
    DIR *dir = opendir(run->home.at);
    if (!dir) return status_fail(STATUS_IO, "%s: can't open the folder: %s", run->home.at, strerror(errno));
    enum status status = STATUS_OK;
    for (struct dirent *entry; !status && (entry = readdir(dir));)
        for (int i = 0; i < 3 && !status; i++)
            if (!strncmp(entry->d_name, names[i], strlen(names[i]))) status = folder_remove(&run->home, entry->d_name);
    closedir(dir);
    return status;
}

static enum status clean(struct run *run) {
    static const char *const is_trainer = "SELECT 1 FROM state WHERE key = 'trainer_step' AND value = ?";
    TRY(remove_leftovers(run, &run->replay, "", ".chunk", "SELECT 1 FROM chunks WHERE number = ? AND NOT is_pruned"));
    TRY(remove_leftovers(run, &run->nets, "", ".safetensors", "SELECT 1 FROM checkpoints WHERE step = ?"));
    TRY(remove_leftovers(run, &run->games, "", ".sgf",
                         // Only temporary files go, for a game belongs to the run with or without
                         // its SGF.
                         "SELECT ?"));
    TRY(remove_leftovers(run, &run->home, "trainer-", ".safetensors", is_trainer));
    TRY(remove_leftovers(run, &run->home, "trainer-", ".net.safetensors", is_trainer));
    return remove_aside(run);
}

// The files that the database promises must be there, or the run can't go on.
static enum status check_files(struct run *run) {
    char path[PATH_BYTES], net[PATH_BYTES];
    const struct run_state *state = &run->state;
    if (state->best_step >= 0 && !file_exists(run_net_path(run, state->best_step, path)))
        return status_fail(STATUS_FORMAT, "%s: is missing, but %s/run.sqlite names it as the best net", path, run->home.at);
    if (state->trainer_step < 0) return STATUS_OK;
    const bool has_state = file_exists(run_trainer_path(run, state->trainer_step, path));
    if (!has_state || !file_exists(run_trainer_net_path(run, state->trainer_step, net)))
        return status_fail(STATUS_FORMAT, "%s: is missing, but %s/run.sqlite says to go on from it", has_state ? net : path,
                           run->home.at);
    return STATUS_OK;
}

enum status run_write_best(struct run *run) {
    char path[PATH_BYTES], text[64];
    if (run->state.best_step < 0) return STATUS_OK;
    const int length = snprintf(text, sizeof text, "nets/%06lld.safetensors\n", run->state.best_step);
    return file_write(path_format(path, "%s/best", run->home.at), text, (size_t)length);
}

static enum status open_folders(struct run *run) {
    TRY(folder_open_in(&run->nets, &run->home, "nets"));
    TRY(folder_open_in(&run->replay, &run->home, "replay"));
    TRY(folder_open_in(&run->games, &run->home, "games"));
    return folder_open_in(&run->tb, &run->home, "tb");
}

static enum status open_log(struct run *run, bool quiet) {
    const int fd = openat(run->home.fd, "log.txt", O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
    run->log.quiet = quiet;
    run->log.file = fd < 0 ? NULL : fdopen(fd, "a");
    if (run->log.file) return STATUS_OK;
    const int why = errno;
    if (fd >= 0) close(fd);
    return status_fail(STATUS_IO, "%s/log.txt: can't open: %s", run->home.at, strerror(why));
}

static enum status open_parts(struct run *run, const struct run_params *params) {
    if (!params->create || !params->game) TRY(run_expect(run->path));
    TRY(check_folder(run->path));
    TRY(dir_make(run->path));
    TRY(folder_open(&run->home, run->path));
    TRY(refuse_links(run));
    TRY(take_lock(run));
    TRY(open_folders(run));
    TRY(open_database(run, params));
    TRY(run_load_state(run->db, &run->state));
    TRY(check_identity(run, params));
    TRY(clean(run));
    TRY(check_files(run));
    TRY(run_write_best(run));
    run->wall = params->wall;
    TRY(metrics_open(run, params->wall));
    TRY(open_log(run, params->quiet));
    const char *network = db_has_rollback_journal(run->db);
    if (network)
        log_line(&run->log,
                 "%s: on a network file system (%s): run.sqlite has a rollback journal, and the run's lock keeps other "
                 "trainings out",
                 run->path, network);
    return STATUS_OK;
}

enum status run_open(struct run **out, const struct run_params *params) {
    if (strlen(params->path) > PATH_BYTES - 256)
        return status_fail(STATUS_USAGE, "%.100s...: the path is too long", params->path);
    struct run *run = memory_new(1, sizeof *run, "a run");
    run->lock = run->home.fd = run->nets.fd = run->replay.fd = run->games.fd = run->tb.fd = -1;
    path_format(run->path, "%s", params->path);
    const enum status status = open_parts(run, params);
    if (status) {
        run_close(run);
        return status;
    }
    *out = run;
    return STATUS_OK;
}

void run_close(struct run *run) {
    if (!run) return;
    metrics_close(run);
    if (run->log.file) fclose(run->log.file);
    db_close(run->db);
    folder_close(&run->tb);
    folder_close(&run->games);
    folder_close(&run->replay);
    folder_close(&run->nets);
    folder_close(&run->home);
    // The lock is closed last, since it lets the next process in.
    if (run->lock >= 0) close(run->lock);
    free(run);
}

enum status run_set_text(struct run *run, const char *key, const char *value) {
    return db_run(run->db, "INSERT OR REPLACE INTO texts VALUES(?, ?)", "ss", key, value);
}

enum status run_text(struct run *run, const char *key, char **text) { return run_load_text(run->db, key, text); }

enum status run_number(struct run *run, const char *key, double low, double high, double *number) {
    return run_load_number(run->db, key, low, high, number);
}

struct db *run_database(struct run *run) {
    return run->db;
}
