// Self-play without learning: the games of one net, and how fast they come.
#ifndef SELFPLAY_GENERATE_H
#define SELFPLAY_GENERATE_H

#include "base/clock.h"
#include "base/log.h"
#include "cluster/cluster.h"
#include "net/batcher.h"
#include "net/net.h"
#include "selfplay/actor.h"

struct generate_params {
    // The ranks that play together; NULL: this process alone. `games` are those of all together, and
    // rank 0 alone writes them. Every rank has the same net, game, and config but for what its
    // machine has.
    struct cluster *cluster;
    const struct net *net;
    const struct config *config; // Resolved, with its threads set.
    const struct game *game;
    long long games; // 0: no limit.
    double seconds;  // 0: no limit.
    // The folder for NNNNNN.chunk (every game) and, where the game has SGF, one file for each game.
    // NULL: games are dropped.
    const char *out;
    const struct log *log; // For progress; may be NULL.
    const struct clock *clock;
    const volatile bool *stop;
};
struct generate_result {
    struct actors_stats stats; // Of everything that was played.
    double seconds;
    long long games_kept;
    int workers;
    char backend[16], precision[8];
    // Devices were shared, and these are their figures; busy_seconds is the mean of a device.
    bool shared;
    struct batcher_stats batches;
};
// Plays until a limit is reached or `stop` is set. Games are whole or absent in `out`; a folder
// that holds chunks already is refused.
enum status generate_run(const struct generate_params *params, struct generate_result *result);

#endif
