// Inside arena/: threads that play many games at once for one scheduler. Positions of one net share a batch, whatever the pairing.
#ifndef ARENA_ROOM_H
#define ARENA_ROOM_H

#include "arena/lane.h"

struct room {
    const struct game *game;
    const struct player *const *players; // [num_players]; NULL: never in a game
    int num_players;
    int threads, lanes;        // games at once a thread
    int max_batch;             // leaves of one game in one batch
    const struct clock *clock; // NULL: times are 0 (programs need one)
    struct scheduler *scheduler;
};
// Lanes for these players and this many games in all (0: unknown), and leaves of a game in a batch. lanes, max_batch: 0: chosen.
void room_choose(struct room *room, int lanes, int max_batch, int num_games);
// Plays until the scheduler has no more. Failures are the scheduler's to keep, except of what is needed to begin.
enum status room_play(const struct room *room);
double room_seconds(const struct room *room);

#endif
