// Seats: one game's worth of a player: its tree, its random stream, its process. A state machine, so that one thread plays many games.
#ifndef ARENA_SEAT_H
#define ARENA_SEAT_H

#include "arena/player.h"

struct seat;

enum seat_state {
    SEAT_READY,
    SEAT_WANTS_JUDGEMENT,
    SEAT_WAITING, // an outside program thinks: ask again, at best when seat_descriptor is readable
    SEAT_FAILED,
};

// A seat is used by one thread.
enum status seat_new(struct seat **seat, const struct player *player, const struct clock *clock);
void seat_free(struct seat *seat);
// Starts a game at the position reached by `actions` from the start (programs are told the moves). `side`: which player it will be.
// `by_agreement`: the end is counted without the stones that the other side holds for dead.
enum status seat_begin(struct seat *seat, const struct game *game, int side, bool by_agreement, const uint16_t *actions,
                       int num_actions, const struct rng *rng);
void seat_observe(struct seat *seat, int action); // any move of the game, its own too
// Its turn: think. WANTS_JUDGEMENT: *n positions are to be judged by its evaluator and handed to seat_absorb; then call again.
// READY: *action is its move (GAME_NO_ACTION: it resigns). FAILED: it crashed, hung or cheated; `seat_reason` says how.
enum seat_state seat_think(struct seat *seat, int max, struct position *positions, int *n, int *action);
int seat_descriptor(struct seat *seat); // of a seat that is WAITING or whose opinion is PENDING; -1: none
void seat_absorb(struct seat *seat, int n, const struct judgement *judgements);
const char *seat_reason(const struct seat *seat);
// After two passes, where the game knows agreement: what the program says of its stones, into status [h * w] (zero before), enum area_status (game/area.h); seki is
// asked for only where the game agrees_on_seki. Never waits: while it is PENDING ask again, at best when seat_descriptor is readable.
enum seat_opinion {
    OPINION_NONE, // ours, which capture first; and a program that refuses, breaks or does not answer in time
    OPINION_PENDING,
    OPINION_SAID,
};
enum seat_opinion seat_stones(struct seat *seat, uint8_t *status);
double seat_value(const struct seat *seat); // its winrate for the move it just made, 0..1; NAN: unknown

#endif
