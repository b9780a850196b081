// One slot of self-play: a game in progress, its search, and the record it writes. A state machine a round at a time.
#ifndef SELFPLAY_SLOT_H
#define SELFPLAY_SLOT_H

#include "selfplay/actor.h"
#include "selfplay/boards.h"

struct slot;

// `boards` is borrowed.
enum status slot_new(struct slot **slot, const struct config *config, const struct boards *boards, uint64_t session, int index);
void slot_free(struct slot *slot);
// Plays on until a position needs judgement, which it returns; the position is the slot's until slot_absorb.
// Games that end on the way are appended to the slot's finished list and new ones begun.
struct position slot_gather(struct slot *slot, const struct actors_round *round);
void slot_absorb(struct slot *slot, const struct actors_round *round, struct judgement *judgement);

// Finished games since the last take; malloced array of records, the caller's. *stats is added to.
struct record *slot_take(struct slot *slot, int *num_records, struct actors_stats *stats);

#endif
