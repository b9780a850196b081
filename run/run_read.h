// Reads a run that another process may be writing: for `info`, `elo`, `export`, `gtp --elo` and
// everything else that shows a run.
//
// A reader never writes, and never keeps the writer waiting for longer than its question takes.
// Each function is one question, answered from one moment of the run (one read transaction).
// Between two questions the writer may have gone on: there are more games, and the files of the
// oldest chunks are gone. A file that an answer names may be pruned before it is opened;
// run_read_record says so by *found.
//
// Nothing in the folder is trusted: what is damaged or can't be right is refused in one line that
// names the file and what is wrong (STATUS_FORMAT or STATUS_IO). A reader belongs to one thread at
// a time; open as many as there are threads.
#ifndef RUN_RUN_READ_H
#define RUN_RUN_READ_H

#include "run/run.h"

// The largest komi of a run that is read; it was chosen, far above any that is played.
#define RUN_MAX_KOMI 1e6

// What the run learns, and its counters.
struct run_summary {
    char game[32], rules[GAME_RULES_BYTES];
    int height, width;
    double komi;
    unsigned long long seed;
    char program[64];                     // The version of the program that made it.
    long long disk_budget, memory_budget; // Bytes, as the last session had them; 0: none.
    // For a run that began with another net (`train --from`): the net as it was named, its digest,
    // and whether all of its weights were taken. "" for other runs.
    char from[PATH_BYTES], parent[65];
    bool from_whole;
    // Such as "nets/000012.safetensors", the best checkpoint; "": there is none yet.
    char best[64], best_digest[65];
    struct run_state state;
};
// Opens, asks and closes in one call.
enum status run_summarise(const char *path, struct run_summary *summary);
// The same for a caller who may begin the run: `game` is "" where nothing has begun, which means
// that there is no folder, no database, or one that a kill has left without a name.
enum status run_peek(const char *path, struct run_summary *summary);

struct run_reader;

// Where it fails, the message says why there is no run, or what is wrong with it.
enum status run_read_open(struct run_reader **reader, const char *path);
void run_read_close(struct run_reader *reader); // NULL is fine.
// The folder, without slashes at its end.
const char *run_read_path(const struct run_reader *reader);

// STATUS_FORMAT where the run has no name yet.
enum status run_read_summary(struct run_reader *reader, struct run_summary *summary);
// They ascend by step; malloced, NULL on failure. Training goes on from the one with has_trainer.
enum status run_read_checkpoints(struct run_reader *reader, struct run_checkpoint **checkpoints, int *num_checkpoints);
// A free text kept with the run. It is malloced; NULL where there is none.
enum status run_read_text(struct run_reader *reader, const char *key, char **text);
// Reads such a text as a number within bounds, as run_number does.
enum status run_read_number(struct run_reader *reader, const char *key, double low, double high, double *number);

// --- Metrics -------------------------------------------------------------------------------------

struct run_metrics {
    int num_names, num_rows;
    char **names, **units; // [num_names]
    struct run_metrics_row {
        long long iteration, games, step, samples; // As of the end of the iteration.
        double seconds, wall;                      // Seconds of running, and seconds since 1970.
    } * rows;                                      // [num_rows], ascending by iteration.
    double *values;                                // [num_rows, num_names]; NAN: there is none.
};
// The iterations after number `after` (0: all), so that a watcher can ask for the new ones only.
enum status run_read_metrics(struct run_reader *reader, long long after, struct run_metrics *metrics);
// The same of the iterations after `after` and up to `until` (0: to the last), thinned evenly to
// about `most` (0: all); the last one is among them.
struct run_metrics_wish {
    long long after, until, most;
};
enum status run_read_metrics_some(struct run_reader *reader, const struct run_metrics_wish *wish, struct run_metrics *metrics);
void run_metrics_done(struct run_metrics *metrics);

// --- Games ---------------------------------------------------------------------------------------

struct run_game_row {
    long long index, chunk, net_step; // `net_step` is the checkpoint that began the game.
    int height, width, plies, opening_plies;
    // `score` is the first player's, with komi; `seconds` of running had passed when it was
    // committed.
    double komi, score, seconds;
    enum outcome outcome;
    bool is_pruned; // Its chunk, and with it its moves, is gone.
};
struct run_games_wish {
    long long first;      // Games of this index and above.
    long long net_step;   // Games of this checkpoint alone; -1: of any.
    long long before;     // Games below this index; 0: of any.
    enum outcome outcome; // Games with this result alone; OUTCOME_NONE: with any.
    int most;             // At most so many games; 0: all.
    bool newest;          // The newest of them instead of the oldest; they ascend all the same.
};
// They ascend by index; malloced, NULL on failure.
enum status run_read_games(struct run_reader *reader, const struct run_games_wish *wish, struct run_game_row **games, int *num);
// Reads the game's moves, search values and targets from its chunk. They are not yet checked
// against the rules (record_verify does that). Where *found is false there is no such game, or it
// has been pruned, and there is nothing to free. A file that should be there and is not, or that
// isn't the one which the database lists, is an error.
enum status run_read_record(struct run_reader *reader, long long index, struct record *record, bool *found);

// The chunks whose files should be there, ascending by number; malloced, NULL on failure.
enum status run_read_chunks(struct run_reader *reader, struct replay_chunk **chunks, int *num_chunks);

// A gate: the checkpoint of `step` was tested against the best one of then.
struct run_gate {
    long long step, best_step;
    bool is_passed; // It became the best.
};
// They are in the order in which they were played; malloced, NULL on failure.
enum status run_read_gates(struct run_reader *reader, struct run_gate **gates, int *num_gates);

// --- The ladder ----------------------------------------------------------------------------------

struct run_ladder_player {
    long long id; // Ids ascend.
    char *key, *spec, *name;
    bool is_anchor;
};
struct run_ladder_game {
    int first, second; // Indices into `players`.
    long long pair;
    enum outcome outcome;
    double score;       // NAN: there is none.
    int plies, forfeit; // Who forfeited: -1 nobody, 0 the first player, 1 the second.
    uint64_t moves_hash;
    bool is_duplicate, is_disputed;
    char *reason; // NULL: there is none.
    double seconds;
};
struct run_ladder {
    struct run_ladder_player *players;
    struct run_ladder_game *games; // In the order in which they were stored.
    int num_players, num_games;
};
// How many games it has, with those that don't count; 0 where an older program made the run.
enum status run_read_ladder_size(struct run_reader *reader, long long *num_games);
// The ladder is empty where an older program made the run.
enum status run_read_ladder(struct run_reader *reader, struct run_ladder *ladder);
void run_ladder_done(struct run_ladder *ladder);

// --- The disk ------------------------------------------------------------------------------------

// Files that come and go meanwhile may be counted or not.
enum status run_read_sizes(const char *path, struct run_sizes *sizes);

#endif
