// What of a run stays, so that its folder keeps within bounds.
//
// Always: chunks of games behind the training window are removed, and so are SGF records and nets
// beyond their numbers. With a budget of bytes, what is there and what is written before the next
// look must fit in it. What is needed least goes first, in this order:
//
//   1. history beyond a quarter of the budget: rows of games whose chunk is gone, every second one
//      of the old rows of metrics, the older half of log.txt
//   2. the oldest chunks of the window, down to the least that training needs
//   3. every second SGF record
//   4. the net whose neighbours are nearest in time; the best, the last and the trainer's stay
//   5. history again, whatever its share
//
// A net that is removed leaves the ladder together with the row of its checkpoint; its games stay
// in ladder_games. A file goes after the commit by which the database no longer lists it: a kill
// between the two leaves files that run_open removes.
#include "base/options.h"
#include "run/run_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    HISTORY_PART = 4, // History may take one part in so many of the budget.
    // The rows of so many iterations are never thinned. It was chosen: they are about a quarter of
    // an hour.
    NEWEST_ITERATIONS = 200,
    BLOCK_BYTES = 4096 // A small file takes this much on most disks.
};
// SQLite copies its log into the database once it has 1,000 pages; a commit may come on top. The
// small part is for metrics and the log.
static const long long wal_bytes = 5LL << 20, small_bytes = 1LL << 20;

// What an entry of the run folder takes; 0 where there is none.
static long long bytes_of(const struct run *run, const char *name) {
    struct stat info;
    return fstatat(run->home.fd, name, &info, AT_SYMLINK_NOFOLLOW) ? 0 : run_entry_bytes(&info);
}

long long run_disk_reserve(const struct run *run) {
    const long long wal = run ? bytes_of(run, "run.sqlite-wal") : 0;
    // A new metric means that a new metrics.csv is written beside the old one.
    const long long csv = run ? bytes_of(run, "metrics.csv") : 0;
    return (wal < wal_bytes ? wal_bytes - wal : 0) + small_bytes + csv;
}

// The bytes by which the run is over its budget. The budget holds where they are at most 0.
static enum status find_excess(const struct run *run, const struct run_limits *limits, long long *excess) {
    struct run_sizes disk;
    *excess = 0;
    if (!limits->disk) return STATUS_OK;
    TRY(run_disk(run, &disk));
    *excess = disk.total + limits->coming + run_disk_reserve(run) - limits->disk;
    return STATUS_OK;
}

static enum status keep_chunks(struct run *run, const struct run_limits *limits, long long excess, long long *window) {
    const struct run_state before = run->state;
    struct replay_chunk *chunks;
    int num_chunks, num_gone = 0;
    long long rows = 0;
    char name[PATH_BYTES];
    TRY(run_chunks(run, LLONG_MAX, &chunks, &num_chunks));
    for (int i = 0; i < num_chunks; i++) rows += chunks[i].full_rows;
    for (; num_gone < num_chunks; num_gone++) {
        const long long left = rows - chunks[num_gone].full_rows;
        if (left < limits->window && !(excess > 0 && left >= limits->least)) break;
        if (left < limits->window) *window = left;
        excess -= (chunks[num_gone].bytes + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
        rows = left;
    }
    enum status status = STATUS_OK;
    if (num_gone > 0) {
        status = run_begin(run);
        if (!status) {
            status = db_run(run->db, "UPDATE chunks SET is_pruned = 1 WHERE number <= ?", "i", chunks[num_gone - 1].number);
            status = run_finish(run, status, &before);
        }
    }
    for (int i = 0; !status && i < num_gone; i++) {
        path_format(name, "%06lld.chunk", chunks[i].number);
        status = folder_remove(&run->replay, name);
    }
    free(chunks);
    return status;
}

// Removes every second record; the newest stays.
static enum status thin_games(struct run *run, int most, bool *is_done) {
    char **names;
    int num_names;
    *is_done = false;
    TRY(dir_list(run->games.at, ".sgf", &names, &num_names));
    enum status status = STATUS_OK;
    if (num_names <= most || num_names == 0)
        *is_done = true;
    else if (num_names == 1)
        status = folder_remove(&run->games, names[0]);
    for (int i = num_names - 2; i >= 0 && !*is_done && !status; i -= 2) status = folder_remove(&run->games, names[i]);
    free(names);
    return status;
}

// Finds the checkpoint that is missed least, which is the one whose neighbours are nearest in time.
// -1: all that are left must stay.
static int find_dispensable(const struct run *run, const struct run_checkpoint *checkpoints, int num) {
    int found = -1;
    double least = 0;
    for (int i = 0; i + 1 < num; i++) { // The last checkpoint is left out: it stays.
        if (checkpoints[i].step == run->state.best_step || checkpoints[i].step == run->state.trainer_step) continue;
        // The first checkpoint is where the curve begins, so it goes after all others.
        const double gap = i ? checkpoints[i + 1].seconds - checkpoints[i - 1].seconds : 1e300;
        if (found < 0 || gap < least) found = i, least = gap;
    }
    return found;
}

static enum status drop_net(struct run *run, long long step) {
    const struct run_state before = run->state;
    char name[PATH_BYTES];
    TRY(run_begin(run));
    run->state.num_checkpoints--;
    TRY(run_finish(run, db_run(run->db, "DELETE FROM checkpoints WHERE step = ?", "i", step), &before));
    path_format(name, "%06lld.safetensors", step);
    TRY(folder_remove(&run->nets, name));
    log_line(&run->log, "nets/%s is removed: its neighbours were nearest in time", name);
    return STATUS_OK;
}

static enum status keep_nets(struct run *run, const struct run_limits *limits, long long excess) {
    while (run->state.num_checkpoints > limits->nets || excess > 0) {
        struct run_checkpoint *checkpoints;
        int num;
        TRY(run_checkpoints(run, &checkpoints, &num));
        const int i = find_dispensable(run, checkpoints, num);
        const long long step = i < 0 ? -1 : checkpoints[i].step;
        free(checkpoints);
        if (i < 0) return STATUS_OK;
        TRY(drop_net(run, step));
        TRY(find_excess(run, limits, &excess));
    }
    return STATUS_OK;
}

// Puts the newer half of log.txt in its place; the log goes on writing through the same FILE.
static enum status halve_log(struct run *run) {
    char path[PATH_BYTES], *text;
    size_t num_bytes;
    path_format(path, "%s/log.txt", run->home.at);
    TRY(file_read(path, &text, &num_bytes));
    const char *middle = memchr(text + num_bytes / 2, '\n', num_bytes - num_bytes / 2);
    const size_t from = middle ? (size_t)(middle + 1 - text) : num_bytes;
    const enum status status = file_write(path, text + from, num_bytes - from);
    free(text);
    TRY(status);
    const int fd = openat(run->home.fd, "log.txt", O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
    const bool ok = fd >= 0 && dup3(fd, fileno(run->log.file), O_CLOEXEC) >= 0;
    const int why = errno;
    if (fd >= 0) close(fd);
    return ok ? STATUS_OK : status_fail(STATUS_IO, "%s: can't open: %s", path, strerror(why));
}

// Gives the database's free pages back to the disk, some at a time, so that its log stays short.
// Databases that were made without auto_vacuum keep their pages, and fill them again before they
// grow.
static enum status shrink_database(struct run *run) {
    double was = -1, pages;
    for (;; was = pages) {
        TRY(db_number(run->db, "PRAGMA freelist_count", 0, &pages));
        if (pages == 0 || pages == was) break;
        TRY(db_run(run->db, "PRAGMA incremental_vacuum(200)", ""));
    }
    return db_run(run->db, "PRAGMA wal_checkpoint(TRUNCATE)", "");
}

static enum status thin_history(struct run *run) {
    const struct run_state before = run->state;
    TRY(run_begin(run));
    enum status status = db_run(run->db, "DELETE FROM games WHERE chunk IN (SELECT number FROM chunks WHERE is_pruned)", "");
    if (!status)
        status = db_run(run->db,
                        "DELETE FROM iterations WHERE iteration IN (SELECT iteration FROM (SELECT iteration,"
                        " row_number() OVER (ORDER BY iteration) AS n FROM iterations WHERE iteration <= ?) WHERE n % 2 = 0)",
                        "i", run->state.iterations - NEWEST_ITERATIONS);
    if (!status) status = db_run(run->db, "DELETE FROM metrics WHERE iteration NOT IN (SELECT iteration FROM iterations)", "");
    TRY(run_finish(run, status, &before));
    TRY(shrink_database(run));
    TRY(halve_log(run));
    TRY(metrics_rewrite(run));
    log_line(&run->log,
             "the history of the run was thinned, to stay within --disk: old rows of metrics and the log's older half");
    return STATUS_OK;
}

static enum status keep_history(struct run *run, const struct run_limits *limits) {
    struct run_sizes disk;
    if (!limits->disk) return STATUS_OK;
    TRY(run_disk(run, &disk));
    // A database that was made without auto_vacuum can't give its free pages back.
    double free_pages, page_bytes;
    TRY(db_number(run->db, "PRAGMA freelist_count", 0, &free_pages));
    TRY(db_number(run->db, "PRAGMA page_size", 0, &page_bytes));
    if (disk.history - (long long)(free_pages * page_bytes) <= limits->disk / HISTORY_PART) return STATUS_OK;
    // There is nothing new to thin.
    if (run->state.iterations < run->thinned_at + NEWEST_ITERATIONS / 2) return STATUS_OK;
    run->thinned_at = run->state.iterations;
    return thin_history(run);
}

static enum status refuse(const struct run *run, const struct run_limits *limits, long long excess) {
    char budget[32], needed[32];
    return status_fail(STATUS_IO,
                       "%s: --disk %s is too little: with the smallest window the run needs %s by now; what was committed is "
                       "there, and a larger --disk goes on",
                       run->path, format_bytes(limits->disk, budget), format_bytes(limits->disk + excess, needed));
}

// This is asked before anything is removed: a budget that can't hold even then costs the run
// nothing.
static enum status check_hopeless(const struct run *run, const struct run_limits *limits, long long excess) {
    struct run_sizes disk;
    if (excess <= 0) return STATUS_OK;
    TRY(run_disk(run, &disk));
    const long long removable = disk.replay + disk.games + disk.nets + disk.history;
    return excess > removable ? refuse(run, limits, excess - removable) : STATUS_OK;
}

enum status run_keep(struct run *run, const struct run_limits *limits, long long *window) {
    long long excess;
    bool is_done;
    *window = LLONG_MAX;
    TRY(find_excess(run, limits, &excess));
    TRY(check_hopeless(run, limits, excess));
    TRY(keep_history(run, limits));
    TRY(find_excess(run, limits, &excess));
    TRY(keep_chunks(run, limits, excess, window));
    do TRY(thin_games(run, limits->games, &is_done));
    while (!is_done);
    TRY(find_excess(run, limits, &excess));
    for (is_done = false; excess > 0 && !is_done;) {
        TRY(thin_games(run, 0, &is_done));
        TRY(find_excess(run, limits, &excess));
    }
    TRY(keep_nets(run, limits, excess));
    TRY(find_excess(run, limits, &excess));
    if (excess > 0) {
        TRY(thin_history(run));
        TRY(find_excess(run, limits, &excess));
    }
    return excess > 0 ? refuse(run, limits, excess) : STATUS_OK;
}
