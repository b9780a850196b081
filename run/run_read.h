// Reading a run that another process may be writing: what `info`, `elo`, `export`, `gtp --elo` and everything that shows a run ask.
//
// A reader never writes, and never keeps the writer waiting for longer than its question takes. Each function is one question, answered from
// one moment of the run (one read transaction); between two questions the writer may have gone on: games are more, files of the oldest
// chunks are gone. A file that an answer names may be pruned before it is opened; run_read_record says so with *found.
//
// Nothing in the folder is trusted: what is damaged or absurd is refused in one line that names the file and what is wrong.
// A reader belongs to one thread at a time; open as many as there are threads.
#ifndef RUN_RUN_READ_H
#define RUN_RUN_READ_H

#include "run/run.h"

#define RUN_MAX_KOMI 1e6 // of a run that is read; chosen, far above any

// What the run learns, and its counters.
struct run_summary {
    char game[32], rules[GAME_RULES_BYTES];
    int height, width;
    double komi;
    unsigned long long seed;
    char program[64];                     // version that made it
    long long disk_budget, memory_budget; // bytes, as the last session had them; 0: none
    // Of a run that began with another net (`train --from`): the net as it was given, its digest, and whether all of its weights
    // were taken. "" of others.
    char from[PATH_BYTES], parent[65];
    bool from_whole;
    char best[64], best_digest[65];       // "nets/000012.safetensors" of the best checkpoint; "": none yet
    struct run_state state;
};
// Open, ask and close in one call.
enum status run_summarise(const char *path, struct run_summary *summary);
// The same for one who may begin it: game "" where nothing has begun (no folder, no database, or one that a kill left unnamed).
enum status run_peek(const char *path, struct run_summary *summary);

struct run_reader;

// Says why there is no run, or what is wrong with it.
enum status run_read_open(struct run_reader **reader, const char *path);
void run_read_close(struct run_reader *reader);             // NULL is fine
const char *run_read_path(const struct run_reader *reader); // the folder, without slashes at its end

// STATUS_FORMAT where the run has no name yet.
enum status run_read_summary(struct run_reader *reader, struct run_summary *summary);
// Ascending; malloced, NULL on failure. has_trainer: training goes on from there.
enum status run_read_checkpoints(struct run_reader *reader, struct run_checkpoint **checkpoints, int *num_checkpoints);
// Free text kept with the run: malloced, NULL where there is none.
enum status run_read_text(struct run_reader *reader, const char *key, char **text);
// Such a text as a number within bounds; as run_number.
enum status run_read_number(struct run_reader *reader, const char *key, double low, double high, double *number);

// --- Metrics ------------------------------------------------------------------------------------------------------------

struct run_metrics {
    int num_names, num_rows;
    char **names, **units; // [num_names]
    struct run_metrics_row {
        long long iteration, games, step, samples; // as of its end
        double seconds, wall;                      // of running, since 1970
    } * rows;                                      // [num_rows], ascending iterations
    double *values;                                // [num_rows, num_names]; NAN: that iteration has none
};
// Iterations after `after` (0: all), so that whoever watches asks for the new ones only.
enum status run_read_metrics(struct run_reader *reader, long long after, struct run_metrics *metrics);
void run_metrics_done(struct run_metrics *metrics);

// --- Games --------------------------------------------------------------------------------------------------------------

struct run_game_row {
    long long index, chunk, net_step; // net_step: the checkpoint that began it
    int height, width, plies, opening_plies;
    double komi, score, seconds; // score: the first player's with komi; seconds of running when it was committed
    enum outcome outcome;
    bool is_pruned; // its moves are gone
};
struct run_games_wish {
    long long first;    // games of this index and above
    long long net_step; // of this checkpoint alone; -1: any
    int most;           // at most so many; 0: all
    bool newest;        // the newest instead of the oldest of them; ascending all the same
};
// Ascending indices; malloced, NULL on failure.
enum status run_read_games(struct run_reader *reader, const struct run_games_wish *wish, struct run_game_row **games, int *num);
// The game's moves, search values and targets, from its chunk, not yet held against the rules (record_verify). *found false, and nothing owed: there is no such game, or it has been
// pruned. A file that should be there and is not, or isn't the one that the database lists, is an error.
enum status run_read_record(struct run_reader *reader, long long index, struct record *record, bool *found);

// --- The ladder -----------------------------------------------------------------------------------------------------------

struct run_ladder_player {
    long long id; // ascending
    char *key, *spec, *name;
    bool is_anchor;
};
struct run_ladder_game {
    int first, second; // into players
    long long pair;
    enum outcome outcome;
    double score;       // NAN: none
    int plies, forfeit; // forfeit -1: nobody, else 0 the first player, 1 the second
    uint64_t moves_hash;
    bool is_duplicate, is_disputed;
    char *reason; // NULL: none
    double seconds;
};
struct run_ladder {
    struct run_ladder_player *players;
    struct run_ladder_game *games; // in the order in which they were stored
    int num_players, num_games;
};
// Empty where an older program made the run.
enum status run_read_ladder(struct run_reader *reader, struct run_ladder *ladder);
void run_ladder_done(struct run_ladder *ladder);

// --- The disk -------------------------------------------------------------------------------------------------------------

// Bytes on the disk, of each file and folder its length or its blocks, whichever is more. Links are not followed: what they name is not the
// run's.
struct run_sizes {
    long long nets, replay, games; // the three folders: checkpoints, chunks, SGF files
    long long trainer;             // optimiser state and raw weights to go on from
    long long database;            // run.sqlite and what SQLite keeps beside it
    long long other;               // logs, metrics, pictures, settings, the folder itself
    long long total;
};
// Files that come and go meanwhile may be counted or not.
enum status run_read_sizes(const char *path, struct run_sizes *sizes);

#endif
