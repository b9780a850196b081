// What run*.c share. Internal to them.
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
    char path[PATH_BYTES]; // as it was opened, for messages
    // Held open, so that all goes where the lock is: a run may be renamed while it trains, and another begun under its name.
    struct folder home, nets, replay, games, tb;
    bool is_move_said;
    long long thinned_at; // iteration of the last run_keep that thinned the history; 0: none
    double wall;          // seconds since 1970 when it was opened
    int lock;             // file descriptor that holds the flock
    struct db *db;
    struct run_state state; // equals the tables but inside a transaction
    struct log log;
    // metrics.csv and tb/: derived
    FILE *metrics;
    struct metric_name *names; // column i of metrics.csv, row i + 1 of metric_names
    int num_names;
    struct tensorboard *tensorboard;
};

// run.c
enum status run_write_best(struct run *run);

// run_rows.c: what the tables say, checked, for the writer and for readers alike. Everything that is absurd is refused, by the name of
// the file and of the place in it. Lists are malloced; on failure they are NULL and nothing is owed.
struct run_summary;
enum status run_load_state(struct db *db, struct run_state *state);
enum status run_save_state(struct db *db, const struct run_state *state);
enum status run_load_identity(struct db *db, struct run_summary *summary); // its texts; game "": none yet
enum status run_load_text(struct db *db, const char *key, char **text);    // malloced; NULL: there is none
enum status run_load_number(struct db *db, const char *key, double low, double high, double *number); // as run_number
enum status run_load_checkpoints(struct db *db, const struct run_state *state, struct run_checkpoint **out, int *num);
// As run_chunks.
enum status run_load_chunks(struct db *db, long long full_rows, struct replay_chunk **out, int *num);
// The chunk with this number; *is_pruned: its file may be gone. *found false: there is none.
enum status run_load_chunk(struct db *db, long long number, struct replay_chunk *out, bool *is_pruned, bool *found);
enum status run_load_outcome(struct query *query, int column, enum outcome *outcome); // "first", "second", "draw"
const char *run_outcome_name(enum outcome outcome);
// Makes room for one more in a list of `num` entries that doubles as it grows.
#define RUN_GROW(list, num, what)                                                                                              \
    do {                                                                                                                       \
        if (((num) & ((num) + 1)) == 0) (list) = memory_resize((list), 2 * (size_t)(num) + 2, sizeof *(list), what);           \
    } while (0)

// run_commit.c: a transaction, and its end: committed with the counters when `status` is fine, else undone as state and tables were.
enum status run_begin(struct run *run);
enum status run_finish(struct run *run, enum status status, const struct run_state *before);

// run_metrics.c
enum status metrics_rewrite(struct run *run);           // metrics.csv and tb/ again, when rows of the database are gone
enum status metrics_open(struct run *run, double wall); // writes metrics.csv and tb/ again from the database
void metrics_close(struct run *run);
// Inside the transaction of an iteration: its rows. run->state is that of the iteration already.
enum status metrics_store(struct run *run, const struct run_iteration *iteration);
// After the commit: the derived files. had_names: run->num_names before metrics_store (more now: the CSV gets new columns).
enum status metrics_publish(struct run *run, const struct run_iteration *iteration, int had_names);

#endif
