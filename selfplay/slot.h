// One slot of self-play: a game in progress, its search, and the record it writes. It is a state
// machine that takes one step a round. A slot belongs to one thread at a time.
#ifndef SELFPLAY_SLOT_H
#define SELFPLAY_SLOT_H

#include "selfplay/actor.h"
#include "selfplay/boards.h"

struct slot;

// `boards` is borrowed. `index` counts the slots of all ranks, of which there are `num_slots`.
enum status slot_new(struct slot **slot, const struct config *config, const struct boards *boards, uint64_t session, int index,
                     int num_slots);
void slot_free(struct slot *slot);
// Plays on until a position needs a judgement, and returns that position, which belongs to the slot
// until slot_absorb. Games that end on the way are appended to the slot's list of finished games,
// and new ones are begun.
struct position slot_gather(struct slot *slot, const struct actors_round *round);
void slot_absorb(struct slot *slot, const struct actors_round *round, struct judgement *judgement);

// The game in play, as far as it is recorded; NULL: none is. Valid until the next slot_gather.
const struct record *slot_record(const struct slot *slot);

// Takes the games that have finished since the last call: a malloced array of records, which the
// caller owns. *stats is added to.
struct record *slot_take(struct slot *slot, int *num_records, struct actors_stats *stats);

#endif
