// What of a run stays, so that its folder holds bounds.
//
// Always: chunks of games behind the training window go, of SGF records and of nets there are no more than so many. With a budget of
// bytes, what is there and what is written before the next look must fit in it. In this order goes what is needed least:
//
//   1. history beyond a quarter of the budget: rows of games whose chunk is gone, every second of the old rows of metrics, the
//      older half of log.txt
//   2. the window: its oldest chunks, down to the least that training needs
//   3. SGF records: every second one
//   4. nets: the one whose neighbours are nearest in time; the best, the last and the trainer's stay
//   5. history again, whatever its share
//
// A net that goes leaves the ladder with its checkpoint's row; its games stay in ladder_games. What the database no longer lists is
// removed after the commit that says so: a kill between them leaves files that run_open removes.
#include "base/memory.h"
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
    HISTORY_PART = 4,        // of the budget
    NEWEST_ITERATIONS = 200, // whose rows of metrics are never thinned; chosen: the last quarter of an hour in full
    BLOCK_BYTES = 4096       // that a small file takes on most disks
};
// SQLite copies its log into the database from 1,000 pages on; a commit may come on top. The rest is for metrics and the log.
static const long long wal_bytes = 5LL << 20, small_bytes = 1LL << 20;

static void add_entry(const struct folder *folder, const char *name, long long *num_bytes) {
    struct stat info;
    if (fstatat(folder->fd, name, &info, AT_SYMLINK_NOFOLLOW)) return;
    const long long blocks = 512 * (long long)info.st_blocks;
    *num_bytes += blocks > (long long)info.st_size ? blocks : (long long)info.st_size;
}

enum status run_disk(const struct run *run, struct run_disk *out) {
    static const char *const history[] = {"run.sqlite", "metrics.csv", "log.txt"};
    long long home = 0;
    *out = (struct run_disk){0};
    TRY(folder_size(&run->replay, &out->replay, NULL));
    TRY(folder_size(&run->games, &out->games, NULL));
    TRY(folder_size(&run->nets, &out->nets, NULL));
    TRY(folder_size(&run->tb, &out->history, NULL));
    TRY(folder_size(&run->home, &home, NULL));
    out->total = out->replay + out->games + out->nets + out->history + home;
    for (size_t i = 0; i < sizeof history / sizeof *history; i++) add_entry(&run->home, history[i], &out->history);
    return STATUS_OK;
}

long long run_disk_reserve(const struct run *run) {
    long long wal = 0, csv = 0;
    if (run) {
        add_entry(&run->home, "run.sqlite-wal", &wal);
        add_entry(&run->home, "metrics.csv", &csv); // a new metric means a new file beside it
    }
    return (wal < wal_bytes ? wal_bytes - wal : 0) + small_bytes + csv;
}

// Bytes by which the run is over its budget; at most 0: it holds.
static enum status find_excess(const struct run *run, const struct run_limits *limits, long long *excess) {
    struct run_disk disk;
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

// Every second record goes, the newest stays.
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

// The checkpoint that is missed least: between neighbours that are nearest in time. -1: all that are left stay.
static int find_dispensable(const struct run *run, const struct run_checkpoint *checkpoints, int num) {
    int found = -1;
    double least = 0;
    for (int i = 0; i + 1 < num; i++) { // the last stays
        if (checkpoints[i].step == run->state.best_step || checkpoints[i].step == run->state.trainer_step) continue;
        // The first is where the curve begins: after all others.
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

// The newer half of log.txt in its place; the log goes on writing through the same FILE.
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

// Gives the database's free pages back to the disk, some at a time, so that its log stays short. Databases of before keep theirs, and
// fill them again before they grow.
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
    struct run_disk disk;
    if (!limits->disk) return STATUS_OK;
    TRY(run_disk(run, &disk));
    double free_pages, page_bytes; // of a database of before, which can't give them back
    TRY(db_number(run->db, "PRAGMA freelist_count", 0, &free_pages));
    TRY(db_number(run->db, "PRAGMA page_size", 0, &page_bytes));
    if (disk.history - (long long)(free_pages * page_bytes) <= limits->disk / HISTORY_PART) return STATUS_OK;
    if (run->state.iterations < run->thinned_at + NEWEST_ITERATIONS / 2) return STATUS_OK; // there is nothing new to thin
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

// Before anything goes: a budget that can't hold whatever is removed costs the run nothing.
static enum status check_hopeless(const struct run *run, const struct run_limits *limits, long long excess) {
    struct run_disk disk;
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
