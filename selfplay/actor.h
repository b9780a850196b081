// Self-play: many games at once, one in each slot. Each slot is a search that wants one judgement a
// round; judgements are made in batches, by one thread each.
//
// An iteration gives every slot the same number of evaluations and then stops, in the middle of a
// search if need be. So all slots end together, no device waits for the longest game, and a new net
// can be taken at once. What a slot plays depends on (seed, session, slot) and the nets alone, and
// not on the number of threads. A struct actors belongs to one thread, which runs the rounds on its
// workers.
#ifndef SELFPLAY_ACTOR_H
#define SELFPLAY_ACTOR_H

#include "base/clock.h"
#include "base/thread_pool.h"
#include "game/evaluator.h"
#include "run/live.h"
#include "run/record.h"
#include "selfplay/config.h"

struct actors;

// Which games these actors play. No two with the same place in one run may exist, or games would be
// played twice.
struct actors_place {
    int session; // It must differ between the sessions of one run.
    // Over several ranks each has config->slots of num_slots slots, from first_slot on. 0: all are here.
    int first_slot, num_slots;
};
// `game` and `config` (resolved) are borrowed.
enum status actors_new(struct actors **actors, const struct config *config, const struct game *game,
                       const struct actors_place *place);
void actors_free(struct actors *actors);

// What one iteration plays with.
struct actors_round {
    struct thread_pool *pool;
    struct evaluator **evaluators; // One for each worker of the pool.
    // The share of the budget that is spent, 0 to 1. Searches grow with it.
    double progress;
    bool small_board; // Games begin on the curriculum's board.
    long long step;   // The step of the net, which the records note.
    // Those of the whole run. The early ban on passes depends on them.
    long long games_done;
    const struct clock *clock;
    const volatile bool *stop; // Where it is set, play returns soon.
    struct live_writer *live;  // Some games are shown there while they are played; NULL: none are.
};
struct actors_stats { // What one iteration has played.
    long long evaluations, simulations;
    long long moves, full_rows; // Those played in it, of games that ended and of games that go on.
    // Games that ended in it; some may have begun in earlier iterations.
    int games;
    long long plies; // Plies of these games, openings included.
    // Sums over the workers: the time inside the evaluator, and the whole time.
    double net_seconds, seconds;
};
void actors_add_stats(struct actors_stats *all, const struct actors_stats *one);
// Plays one iteration and hands over the games that finished. *records is a malloced array ordered
// by slot; the caller calls record_done on each and frees it. The index of a record counts the
// games of this session in the order of their beginning.
enum status actors_play(struct actors *actors, const struct actors_round *round, struct record **records,
                        struct actors_stats *stats);

#endif
