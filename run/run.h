// The run folder: everything a training run is, consistent after kill -9 at any instant.
//
//   config.ini          effective settings                    nets/NNNNNN.safetensors   checkpoints, NNNNNN the step
//   run.sqlite          the truth: what exists, and counters  best                      one line: nets/NNNNNN.safetensors
//   replay/NNNNNN.chunk games                                 games/NNNNNNNN.sgf        some games, for people
//   trainer-NNNNNN.safetensors, trainer-NNNNNN.net.safetensors: optimiser state and raw weights at the step to resume from
//   metrics.csv, tb/    one row an iteration, derived         log.txt, lock
//
// The law: a file is written whole and fsynced first, then ONE SQLite transaction makes it part of the run, then it is logged.
// A file that the database doesn't list is a leftover of a kill: run_open removes it. What is derived (best, metrics.csv,
// tb/) is written again from the database at run_open. So no game that was logged is lost, and none is counted twice.
//
// The folder is locked (flock) while open: two processes never train one run. It is held open too, with its folders, and everything
// goes through what is held: a run that is renamed goes on where it is, also when another is begun under its name. A symbolic link in
// place of one of its folders, its lock, its database or its log is refused. A run belongs to one thread.
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include "base/files.h"
#include "base/log.h"
#include "run/chunk.h"

struct run;
struct db;

// Free text kept with the run, by its key.
struct run_label {
    const char *key, *value;
};

struct run_params {
    const char *path;
    bool create; // make it when it isn't there; else a missing run is an error
    bool quiet;  // the log goes to log.txt only
    double wall; // seconds since 1970 now: for new files' stamps
    // What is learned. A new run stores it; an old one must agree. game NULL: not compared (and not allowed to create).
    const char *game;
    int height, width;
    double komi;
    const char *rules;
    unsigned long long seed;
    long fs_type; // for tests: the file system that the folder is taken to be on (statfs's f_type); 0: the one that it is on
    // Stored with a new run, in the transaction that makes it one: what of it must never be missing. An old run's stay as they are.
    const struct run_label *labels;
    int num_labels;
};

// Counters, as of the last commit.
struct run_state {
    long long iterations;
    long long games, next_game;              // games held; first index never handed out
    long long full_rows, fast_rows, plies;   // of all games ever
    long long step, samples;                 // of the trainer at the last commit; after a kill the trainer is at trainer_step
    double seconds;                          // of running, all sessions
    long long num_chunks;                    // ever written; the next one's number
    long long trainer_step, trainer_samples; // to resume from; -1: none yet
    long long best_step, last_step;          // checkpoints: the best, the newest; -1: none
    int num_checkpoints, num_matches;
};

enum status run_expect(const char *path); // says why there is none
enum status run_open(struct run **run, const struct run_params *params);
void run_close(struct run *run); // NULL is fine. Nothing is lost without it.

const char *run_path(const struct run *run); // the folder that is held, whatever it is called by now: for paths, not for people
const struct log *run_log(const struct run *run);
const struct run_state *run_state(const struct run *run);
// Paths. step and index as in the file names.
char *run_net_path(const struct run *run, long long step, char out[]);   // [PATH_BYTES]
char *run_game_path(const struct run *run, long long index, char out[]); // .sgf
char *run_replay_folder(const struct run *run, char out[]);
char *run_trainer_path(const struct run *run, long long step, char out[]);     // for train_save
char *run_trainer_net_path(const struct run *run, long long step, char out[]); // for net_save of the raw weights
enum status run_write_config(struct run *run, const char *text);               // config.ini

// Chunks that hold the newest `full_rows` full rows (all: LLONG_MAX), ascending. *chunks is malloced.
enum status run_chunks(struct run *run, long long full_rows, struct replay_chunk **chunks, int *num_chunks);
// What stays of a run as it grows: run_keep.c.
enum { RUN_MOST_GAMES = 2000, RUN_MOST_NETS = 200 }; // SGF records and checkpoints; chosen
struct run_limits {
    long long window; // full rows: chunks that lie wholly outside the newest so many go; their games stay counted
    long long least;  // ... and so many stay, whatever the budget
    int games, nets;  // SGF records and checkpoints at most, thinned evenly; the best, the last and the trainer's net stay
    long long disk;   // bytes that the folder may take; 0: any
    long long coming; // bytes that are written before the next call, at most, beside what run_disk_reserve counts
};
// Removes what is beyond the limits, and then what is needed least until the budget holds. STATUS_IO where it can't: nothing is lost.
// *window: full rows that the chunks hold where the budget has cut the window, else LLONG_MAX.
enum status run_keep(struct run *run, const struct run_limits *limits, long long *window);
// Bytes on the disk, of each entry its length or its blocks, whichever is more.
struct run_disk {
    long long replay, games, nets, history; // history: database, metrics.csv, tb/, log.txt
    long long total;
};
enum status run_disk(const struct run *run, struct run_disk *disk);
// Bytes that a budget holds free for the database's log, metrics and the like. run NULL: of one that is to come.
long long run_disk_reserve(const struct run *run);

struct run_metric {
    const char *name; // "policy_loss"
    const char *unit; // "nats"; "" for none
    double value;     // NAN: left out
};
struct run_iteration {
    const struct record *games; // finished in this iteration, indices never committed before; borrowed
    int num_games;              // 0: no chunk
    long long next_game;        // first game index never handed out
    long long step, samples;    // of the trainer
    double seconds, wall;       // of running, all sessions; since 1970
    const struct run_metric *metrics;
    int num_metrics;
};
// Writes the chunk, commits games, counters and metrics in one transaction, then appends to metrics.csv and tb/.
// When it returns STATUS_OK the games are safe: log them now.
enum status run_commit_iteration(struct run *run, const struct run_iteration *iteration);

struct run_checkpoint {
    long long step, games, samples;
    double seconds, wall;
    char digest[65];  // of the net
    bool is_best;     // becomes the best in the same transaction
    bool has_trainer; // trainer-STEP.safetensors and trainer-STEP.net.safetensors were written for it: resume from here
};
// Registers nets/STEP.safetensors, which net_save has written to run_net_path, and its trainer files; older trainer files go.
// A checkpoint always carries its trainer, else a resumed run could reach the same step again with other weights.
enum status run_add_checkpoint(struct run *run, const struct run_checkpoint *checkpoint);
// Trainer files alone, without a checkpoint (between two of them).
enum status run_add_trainer(struct run *run, long long step, long long samples, double seconds);
enum status run_has_checkpoint(struct run *run, long long step, bool *found);
enum status run_checkpoints(struct run *run, struct run_checkpoint **checkpoints, int *num_checkpoints); // ascending; malloced
enum status run_set_best(struct run *run, long long step);

struct run_match_game {
    int index; // in the match
    bool a_is_first;
    enum outcome outcome;
    double score; // NAN: none
    int plies;
    const char *reason; // NULL, or how it ended otherwise
};
struct run_match {
    const char *kind;         // "gate", "anchor"
    const char *a, *b;        // players' names, as the command line would have them
    long long a_step, b_step; // checkpoints; -1: not one
    int visits;
    int wins, draws, losses; // from A's side
    double elo, elo_low, elo_high;
    int sprt;             // 1 accepted, -1 refused, 0 undecided or none
    double seconds, wall; // of running when it ended
    const struct run_match_game *games;
    int num_games;
    long long best_step; // this checkpoint becomes the best in the same transaction; -1: no change
};
enum status run_add_match(struct run *run, const struct run_match *match, long long *id); // id may be NULL

// Whether there is one of this kind, of this checkpoint.
enum status run_has_match(struct run *run, const char *kind, long long a_step, bool *found);

// Free text kept with the run ("anchor_rung").
enum status run_set_text(struct run *run, const char *key, const char *value);
enum status run_text(struct run *run, const char *key, char **text); // malloced; NULL when there is none, and on failure
// Such a text as a number within bounds. *number is left alone where there is none; STATUS_FORMAT where it is anything else.
enum status run_number(struct run *run, const char *key, double low, double high, double *number);

// For ladder/, which writes tables of its own (run/run_db.h). Borrowed.
struct db *run_database(struct run *run);

#endif
