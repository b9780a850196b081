// Self-play without learning: games of one net, and how fast they come.
#ifndef SELFPLAY_GENERATE_H
#define SELFPLAY_GENERATE_H

#include "base/clock.h"
#include "base/log.h"
#include "net/batcher.h"
#include "net/net.h"
#include "selfplay/actor.h"

struct generate_params {
    const struct net *net;
    const struct config *config; // resolved; threads set
    const struct game *game;
    long long games; // 0: no limit
    double seconds;  // 0: no limit
    const char *out; // folder for NNNNNN.chunk (every game) and, where the game has it, one SGF a game; NULL: games are dropped
    const struct log *log; // progress; may be NULL
    const struct clock *clock;
    const volatile bool *stop;
};
struct generate_result {
    struct actors_stats stats; // of everything played
    double seconds;
    long long games_kept;
    int workers;
    char backend[16], precision[8];
    bool shared; // devices were, with these figures (busy_seconds: a device)
    struct batcher_stats batches;
};
// Plays until a limit or stop. Games are whole or absent in `out`; a folder that holds chunks is refused.
enum status generate_run(const struct generate_params *params, struct generate_result *result);

#endif
