// The run folder holds everything that a training run is, and is consistent after kill -9 at any
// instant.
//
//   config.ini           the effective settings
//   run.sqlite           the truth: what exists, and the counters
//   replay/NNNNNN.chunk  games
//   nets/NNNNNN.safetensors   checkpoints; NNNNNN is the step
//   best                 one line: nets/NNNNNN.safetensors
//   games/NNNNNNNN.sgf   some games, for people
//   trainer-NNNNNN.safetensors, trainer-NNNNNN.net.safetensors
//                        the optimiser's state and the raw weights at the step to resume from
//   metrics.csv, tb/     one row an iteration, derived from the database
//   log.txt, lock
//
// The law: a file is written whole and fsynced first, then ONE transaction of SQLite makes it part
// of the run, then it is logged. A file that the database doesn't list is the leftover of a kill,
// and run_open removes it. What is derived (best, metrics.csv, tb/) is written again from the
// database at run_open. So no game that was logged is lost, and none is counted twice.
//
// The folder is locked (flock) while it is open, so that two processes never train one run. It is
// also held open, with its folders, and everything goes through what is held: a run that is renamed
// goes on where it is, even when another run is begun under its old name. A symbolic link in place
// of one of its folders, its lock, its database or its log is refused. A run belongs to one thread.
//
// A run is made in a new folder, in an empty one, or in one that a kill has left while a run was
// being made: without a database that has begun, it holds nothing but the lock, run.sqlite with
// what SQLite keeps beside it, and the four folders, empty. Hidden names don't count. Any other
// folder is refused before anything is written, for it is somebody's (STATUS_USAGE), or a run that
// has lost its database (STATUS_FORMAT).
//
// Unless a function says otherwise, it returns STATUS_IO where a file or the database can't be read
// or written, and STATUS_FORMAT where their content can't be right; the message names the file.
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include "base/files.h"
#include "base/log.h"
#include "run/chunk.h"

struct run;
struct db;

// A free text that is kept with the run, under its key.
struct run_label {
    const char *key, *value;
};

struct run_params {
    const char *path;
    bool create; // Make the run where there is none. Otherwise a missing run is an error.
    bool quiet;  // The log goes to log.txt only.
    double wall; // The present time in seconds since 1970, which dates new files.
    // What is learned. A new run stores it; an old run must agree. Where `game` is NULL nothing is
    // compared, and no run can be created.
    const char *game;
    int height, width;
    double komi;
    const char *rules;
    unsigned long long seed;
    // For tests: the type of file system (f_type of statfs) on which the folder is said to lie; 0:
    // ask.
    long fs_type;
    // Texts that a new run must never lack: they are stored in the transaction that makes it a run.
    // An old run keeps its own.
    const struct run_label *labels;
    int num_labels;
};

// The counters, as of the last commit.
struct run_state {
    long long iterations;
    // How many games are held, and the first index that was never given to one.
    long long games, next_game;
    long long full_rows, fast_rows, plies; // Sums over all games that ever were.
    // Of the trainer at the last commit. After a kill the trainer goes on from trainer_step.
    long long step, samples;
    double seconds;       // Seconds of running, over all sessions.
    long long num_chunks; // How many were ever written; it is also the number of the next one.
    // Where the trainer resumes; -1: it has saved nothing yet.
    long long trainer_step, trainer_samples;
    long long best_step, last_step; // The best and the newest checkpoint; -1: there is none yet.
    int num_checkpoints, num_matches;
};

// STATUS_OK where the path holds a run; otherwise the message says why it doesn't.
enum status run_expect(const char *path);
enum status run_open(struct run **run, const struct run_params *params);
void run_close(struct run *run); // NULL is fine. Nothing is lost where it isn't called.

// A path of the folder that is held, whatever it is called by now. It is for opening files, not for
// messages.
const char *run_path(const struct run *run);
const struct log *run_log(const struct run *run);
const struct run_state *run_state(const struct run *run);
// These paths go into `out` [PATH_BYTES], which they return. Step and index are those of the file
// names.
char *run_net_path(const struct run *run, long long step, char out[]);
char *run_game_path(const struct run *run, long long index, char out[]);
char *run_replay_folder(const struct run *run, char out[]);
char *run_trainer_path(const struct run *run, long long step, char out[]); // For train_save.
// For net_save of the raw weights.
char *run_trainer_net_path(const struct run *run, long long step, char out[]);
enum status run_write_config(struct run *run, const char *text); // Writes config.ini.

// The chunks that hold the newest `full_rows` full rows (LLONG_MAX: all of them), ascending.
// *chunks is malloced.
enum status run_chunks(struct run *run, long long full_rows, struct replay_chunk **chunks, int *num_chunks);
// What stays of a run as it grows (run_keep.c).
// The most SGF records and checkpoints that are kept; both were chosen, not measured.
enum { RUN_MOST_GAMES = 2000, RUN_MOST_NETS = 200 };
struct run_limits {
    // Full rows. Chunks that lie wholly behind the newest `window` rows go; their games stay
    // counted.
    long long window;
    long long least; // So many full rows stay, whatever the budget.
    // The most SGF records and checkpoints. They are thinned evenly over the run's time, but the
    // best, the last and the trainer's net always stay.
    int games, nets;
    long long disk; // The bytes that the folder may take; 0: any number.
    // At most so many bytes are written before the next call, beside what run_disk_reserve counts.
    long long coming;
};
// Removes what is beyond the limits, and then what is needed least, until the budget holds.
// STATUS_IO where it can't hold; nothing is lost then. *window is the number of full rows that the
// chunks hold where the budget has cut the window, else LLONG_MAX.
enum status run_keep(struct run *run, const struct run_limits *limits, long long *window);
// Bytes on the disk. For each file and folder its length or its blocks are counted, whichever is
// more. Links are not followed, for what they name does not belong to the run.
struct run_sizes {
    long long nets, replay, games; // The three folders: checkpoints, chunks, SGF files.
    long long trainer;             // The optimiser's state and the raw weights to go on from.
    long long database;            // run.sqlite and what SQLite keeps beside it.
    long long other;               // Logs, metrics, settings and the folder itself.
    long long total;
    // Those of run.sqlite, metrics.csv, tb/ and log.txt, which also count for the parts above.
    long long history;
};
enum status run_disk(const struct run *run, struct run_sizes *sizes);
// The bytes that a budget holds free for the database's log, the metrics and the like. NULL: those
// of a run that is yet to come.
long long run_disk_reserve(const struct run *run);

struct run_metric {
    const char *name; // Such as "policy_loss".
    const char *unit; // Such as "nats"; "" where there is none.
    double value;     // A NAN is left out.
};
struct run_iteration {
    // The games that finished in this iteration, borrowed. Their indices were never committed
    // before.
    const struct record *games;
    int num_games;           // Where it is 0, no chunk is written.
    long long next_game;     // The first index that was never given to a game.
    long long step, samples; // Of the trainer.
    double seconds, wall;    // Seconds of running over all sessions, and seconds since 1970.
    const struct run_metric *metrics;
    int num_metrics;
};
// Writes the chunk, commits games, counters and metrics in one transaction, then appends to
// metrics.csv and tb/. When it returns STATUS_OK the games are safe, and may be logged.
enum status run_commit_iteration(struct run *run, const struct run_iteration *iteration);

struct run_checkpoint {
    long long step, games, samples;
    double seconds, wall;
    char digest[65]; // The SHA-256 of the net.
    bool is_best;    // It becomes the best in the same transaction.
    // trainer-STEP.safetensors and trainer-STEP.net.safetensors were written for it, to resume from
    // here.
    bool has_trainer;
};
// Registers nets/STEP.safetensors, which net_save has written to run_net_path, and its trainer
// files. Older trainer files are removed. A checkpoint always comes with its trainer files, for
// otherwise a resumed run could reach the same step again with other weights.
enum status run_add_checkpoint(struct run *run, const struct run_checkpoint *checkpoint);
// Registers trainer files alone, between two checkpoints.
enum status run_add_trainer(struct run *run, long long step, long long samples, double seconds);
enum status run_has_checkpoint(struct run *run, long long step, bool *found);
// They ascend by step; malloced.
enum status run_checkpoints(struct run *run, struct run_checkpoint **checkpoints, int *num_checkpoints);
enum status run_set_best(struct run *run, long long step);

struct run_match_game {
    int index; // The number of the game in its match.
    bool a_is_first;
    enum outcome outcome;
    double score; // NAN: there is none.
    int plies;
    const char *reason; // NULL, or how the game ended other than by its rules.
};
struct run_match {
    const char *kind;         // "gate" or "anchor".
    const char *a, *b;        // The players' names, as the command line would have them.
    long long a_step, b_step; // The steps of checkpoints; -1: not a checkpoint.
    int visits;
    int wins, draws, losses; // These count from the side of A.
    double elo, elo_low, elo_high;
    int sprt;             // 1: accepted. -1: refused. 0: undecided, or there was no test.
    double seconds, wall; // Seconds of running when the match ended, and seconds since 1970.
    const struct run_match_game *games;
    int num_games;
    // This checkpoint becomes the best in the same transaction; -1: the best stays.
    long long best_step;
};
// `id` may be NULL.
enum status run_add_match(struct run *run, const struct run_match *match, long long *id);

// Whether there is a match of this kind, of this checkpoint.
enum status run_has_match(struct run *run, const char *kind, long long a_step, bool *found);

// Keeps a free text with the run, such as "anchor_rung".
enum status run_set_text(struct run *run, const char *key, const char *value);
// *text is malloced; it is NULL where there is none, and on failure.
enum status run_text(struct run *run, const char *key, char **text);
// Reads such a text as a number within bounds. *number is left alone where there is no text;
// STATUS_FORMAT where the text is anything else.
enum status run_number(struct run *run, const char *key, double low, double high, double *number);

// The database, for ladder/, which writes tables of its own (run/run_db.h). Borrowed.
struct db *run_database(struct run *run);

#endif
