// What the ranks of a job (cluster/cluster.h) tell each other while they train or play together.
//
// Rank 0 decides everything: when to play, what with, when to make a step, and when to end. It gives
// orders, and the others obey them one after another, so that all ranks do the same in the same
// order. Games go to all of them at the end of an iteration as records, in the order of the ranks
// and of their slots. With a single rank nothing is sent, and nothing is copied.
//
// These functions are called by the thread that owns the cluster, by all ranks alike.
#ifndef SELFPLAY_TEAM_H
#define SELFPLAY_TEAM_H

#include "cluster/cluster.h"
#include "run/replay.h"
#include "selfplay/actor.h"

enum order_kind {
    ORDER_PLAY,    // An iteration of self-play, and the exchange of its games.
    ORDER_LEARN,   // They become part of the window, which is trimmed.
    ORDER_STEP,    // An optimiser step.
    ORDER_GATE,    // The match of a gate, each rank a part of it (checkpoint.h).
    ORDER_REFRESH, // Self-play takes the newest average of the weights.
    ORDER_END,     // All went well.
};
struct order {
    enum order_kind kind;
    // PLAY: as in struct actors_round.
    double progress;
    bool small_board;
    long long step, games_done;
    long long next_game;  // The index of the first game that ends now.
    long long window;     // LEARN: full rows.
    double learning_rate; // STEP.
};
// Rank 0 gives the order, the others take it.
enum status team_order(struct cluster *cluster, struct order *order);

// Where this rank stands among the others, and what they have together.
struct team {
    int first_slot, num_slots;    // Of self-play.
    int first_shard, end_shard;   // This rank's shards of a step.
    int num_shards;               // All of them.
    int num_threads, num_devices; // Sums over the ranks.
};
// Tells the others of this rank's slots and threads or devices, and learns theirs. A step has
// config->shards shards, or where there are more ranks, as many as there have to be for each to have
// one. STATUS_USAGE where a batch can't be split so far.
enum status team_meet(struct cluster *cluster, const struct config *config, int num_devices, struct team *team);

// What an iteration has brought, from all ranks.
struct team_games {
    struct record *records; // Malloced, and each is the caller's.
    int num;
    struct actors_stats stats; // Sums.
    long long own_evaluations; // Of this rank.
    long long record_bytes;    // Of all records, as they were sent; 0 where there is one rank.
    double seconds, longest;   // That this rank has played, and that the slowest has.
    long long bytes_sent;      // By all ranks since the start, of everything.
    double *waited;            // [size]: the seconds that each rank has waited since the start.
};
// Hands round what this rank has played in `seconds`. Takes the records.
enum status team_exchange(struct cluster *cluster, struct record *records, const struct actors_stats *stats, double seconds,
                          struct team_games *games);
void team_games_done(struct team_games *games);

// What the ranks have cost each other since the last line of the log. Zeroed at first.
struct team_tally {
    long long games, record_bytes; // Since then.
    long long step, step_before;   // Of the net: at the last exchange, and at that before the line.
    long long bytes, bytes_before; // Sent since the start, likewise.
    double *waited, *before;       // [size] each, likewise.
};
// `step`: of the net that the games were played with.
void team_tally_add(struct team_tally *tally, const struct cluster *cluster, const struct team_games *games, long long step);
// Writes the line and begins a new one: bytes a game and a step, and the share of `seconds` that each
// rank has waited for others. False: there is only one rank.
enum { TEAM_TEXT_BYTES = 1024 };
bool team_tally_text(struct team_tally *tally, const struct cluster *cluster, double seconds, char out[TEAM_TEXT_BYTES]);
void team_tally_done(struct team_tally *tally);
// The ranks for people, such as "3 (0 and 1 on alder, 2 on birch)". Returns `out`.
char *team_text(const struct cluster *cluster, char out[TEAM_TEXT_BYTES]);

// The window of rank 0 becomes that of all; theirs are empty before.
enum status team_share_window(struct cluster *cluster, struct replay *replay);
// For match_params.exchange (arena/match.h): the context is the cluster.
enum status team_exchange_bytes(void *cluster, const void *mine, size_t num_bytes, char **all, size_t *all_bytes);
// A net of rank 0, which the others get as a new one; *net is rank 0's own there.
enum status team_share_net(struct cluster *cluster, struct net **net);
// A text of rank 0, as a malloced copy on every rank.
enum status team_share_text(struct cluster *cluster, const char *text, char **out);
// Rank 0's settings, resolved, become those of all, except for what a machine has and may take
// (team_is_local) and, where a rank was told a number, its slots. `text` keeps the strings.
enum status team_share_config(struct cluster *cluster, struct config *config, struct options_text *text);
// Whether ranks may be started with different values of this setting.
bool team_is_local(const char *name);
// Refuses, on rank 0, a rank whose text has another line than rank 0's: `what` completes "was started
// with", such as "other settings".
enum status team_expect_same(struct cluster *cluster, const char *text, const char *what);

#endif
