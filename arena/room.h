// Inside arena/: threads that play many games at once for one scheduler. Positions of one net share
// a batch, whoever the players of their games are.
#ifndef ARENA_ROOM_H
#define ARENA_ROOM_H

#include "arena/lane.h"

struct room {
    const struct game *game;
    // [num_players]; NULL: this player is never in a game.
    const struct player *const *players;
    int num_players;
    // Each thread has this many lanes, so it plays that many games at once.
    int threads, lanes;
    // The most leaves of one game in one batch.
    int max_batch;
    // NULL: all times are 0. Programs need a clock.
    const struct clock *clock;
    struct scheduler *scheduler;
};
// Sets lanes and max_batch: to what is asked for, or where that is 0 to what suits the room's
// players and the number of games in all (0: not known).
void room_choose(struct room *room, int lanes, int max_batch, int num_games);
// Plays until the scheduler has no more games. Failures while playing go to the scheduler; what is
// returned is a failure to begin.
enum status room_play(const struct room *room);
// The present time in seconds.
double room_seconds(const struct room *room);

#endif
