// What the files run*.c share. Nothing outside them includes this.
#ifndef RUN_RUN_PARTS_H
#define RUN_RUN_PARTS_H

#include "base/files.h"
#include "base/memory.h"
#include "run/run.h"
#include "run/run_db.h"
#include "run/tensorboard.h"

struct metric_name {
    char *name, *unit;
};

struct run {
    char path[PATH_BYTES]; // The path by which it was opened, for messages.
    // These are held open, so that everything goes where the lock is: a run may be renamed while it
    // trains, and another begun under its name.
    struct folder home, nets, replay, games, tb;
    bool is_move_said;
    // The iteration of the last run_keep that thinned the history; 0: there was none.
    long long thinned_at;
    double wall; // Seconds since 1970 when it was opened.
    int lock;    // The file descriptor that holds the flock.
    struct db *db;
    struct run_state state; // Equal to the tables, except inside a transaction.
    struct log log;
    // metrics.csv and tb/, which are derived.
    FILE *metrics;
    struct metric_name *names; // Column i of metrics.csv, which is row i + 1 of metric_names.
    int num_names;
    struct tensorboard *tensorboard;
};

// Of run.c.
enum status run_write_best(struct run *run);

// Of run_rows.c: what the tables say, checked, for the writer and for readers alike. Whatever can't
// be right is refused by the name of the file and of the place in it. Lists are malloced; on
// failure they are NULL and there is nothing to free.
struct run_summary;
enum status run_load_state(struct db *db, struct run_state *state);
enum status run_save_state(struct db *db, const struct run_state *state);
// Reads the texts that say what the run learns. `game` is "" where there is none yet.
enum status run_load_identity(struct db *db, struct run_summary *summary);
// *text is malloced; NULL: there is none.
enum status run_load_text(struct db *db, const char *key, char **text);
// As run_number.
enum status run_load_number(struct db *db, const char *key, double low, double high, double *number);
enum status run_load_checkpoints(struct db *db, const struct run_state *state, struct run_checkpoint **out, int *num);
// As run_chunks.
enum status run_load_chunks(struct db *db, long long full_rows, struct replay_chunk **out, int *num);
// The chunk with this number. Where *is_pruned its file may be gone; where *found is false there is
// none.
enum status run_load_chunk(struct db *db, long long number, struct replay_chunk *out, bool *is_pruned, bool *found);
// Reads "first", "second" or "draw".
enum status run_load_outcome(struct query *query, int column, enum outcome *outcome);
const char *run_outcome_name(enum outcome outcome);
// Makes space for one more entry in a list of `num` entries, which doubles as it grows.
#define RUN_GROW(list, num, what)                                                                                              \
    do {                                                                                                                       \
        if (((num) & ((num) + 1)) == 0) (list) = memory_resize((list), 2 * (size_t)(num) + 2, sizeof *(list), what);           \
    } while (0)

// Of run_read.c: the database of a reader. Borrowed.
struct run_reader;
struct db *run_reader_database(const struct run_reader *reader);

// Of run_commit.c: begins a transaction and ends it. Where `status` is fine it is committed with
// the counters; otherwise the tables are undone and the state becomes `before` again.
enum status run_begin(struct run *run);
enum status run_finish(struct run *run, enum status status, const struct run_state *before);

// Of run_sizes.c: the bytes of one entry, which are its length or its blocks, whichever is more.
struct stat;
long long run_entry_bytes(const struct stat *info);

// Of run_metrics.c.
//
// Writes metrics.csv and tb/ again, when rows of the database are gone.
enum status metrics_rewrite(struct run *run);
// Writes metrics.csv and tb/ again from the database, and opens them to append.
enum status metrics_open(struct run *run, double wall);
void metrics_close(struct run *run);
// Stores the rows of an iteration, inside its transaction. run->state is already that of the
// iteration.
enum status metrics_store(struct run *run, const struct run_iteration *iteration);
// Brings the derived files up to date after the commit. `had_names` is run->num_names from before
// metrics_store; where there are more now, the CSV gets new columns.
enum status metrics_publish(struct run *run, const struct run_iteration *iteration, int had_names);

#endif
