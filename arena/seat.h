// Seats: what a player needs for one game, such as its tree, its random stream or its process. A
// seat is a state machine that never waits, so that one thread can play many games.
#ifndef ARENA_SEAT_H
#define ARENA_SEAT_H

#include "arena/player.h"

struct seat;

enum seat_state {
    SEAT_READY,           // it has chosen a move
    SEAT_WANTS_JUDGEMENT, // it wants positions judged
    SEAT_WAITING,         // a program thinks: ask again, best when seat_descriptor is readable
    SEAT_FAILED,          // it crashed, hung or cheated
};

// A seat is used by one thread at a time.
enum status seat_new(struct seat **seat, const struct player *player, const struct clock *clock);
void seat_free(struct seat *seat);
// Starts a game at the position that `actions` lead to from the start; programs are told these
// moves. `side` is the side that the seat will play. `by_agreement` says that the final count will
// leave out the stones that the other side holds for dead.
enum status seat_begin(struct seat *seat, const struct game *game, int side, bool by_agreement, const uint16_t *actions,
                       int num_actions, const struct rng *rng);
// Tells the seat of a move of the game; it is told of its own moves too.
void seat_observe(struct seat *seat, int action);
// Lets the seat think when it is its turn.
//   SEAT_WANTS_JUDGEMENT   *n positions, at most `max`, are to be judged by the player's evaluator;
//                          hand the judgements to seat_absorb, then call again.
//   SEAT_READY             *action is its move; GAME_NO_ACTION: it resigns.
//   SEAT_FAILED            seat_reason says how.
enum seat_state seat_think(struct seat *seat, int max, struct position *positions, int *n, int *action);
// What to poll while the seat is waiting or its opinion is pending; -1: there is nothing to poll.
int seat_descriptor(struct seat *seat);
void seat_absorb(struct seat *seat, int n, const struct judgement *judgements);
const char *seat_reason(const struct seat *seat);
enum seat_opinion {
    OPINION_NONE,    // it has none: it is no program, or one that refuses, breaks or is too late
    OPINION_PENDING, // not said yet: ask again, best when seat_descriptor is readable
    OPINION_SAID,
};
// Asks a program, after two passes and where the game knows agreement, what became of the stones.
// status [height * width], all zero before, gets enum area_status (game/area.h). Seki is asked for
// only where the game agrees_on_seki. It never waits. Our own players have no opinion, since they
// capture dead stones before they pass.
enum seat_opinion seat_stones(struct seat *seat, uint8_t *status);
// The winning chance, 0..1, that the seat saw in the move it made last; NAN: not known.
double seat_value(const struct seat *seat);

#endif
