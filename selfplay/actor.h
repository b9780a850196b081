// Self-play: many games at once (slots), each a search that wants one judgement a round, judged in batches a thread.
//
// An iteration gives every slot the same number of evaluations and then stops, in mid-search if need be: so all slots end
// together, no device waits for the longest game, and a new net can be taken at once. What a slot plays depends on (seed,
// session, slot) and the nets alone, not on the number of threads.
#ifndef SELFPLAY_ACTOR_H
#define SELFPLAY_ACTOR_H

#include "base/clock.h"
#include "base/pool.h"
#include "game/evaluator.h"
#include "run/record.h"
#include "selfplay/config.h"

struct actors;

// `game` and `config` (resolved) are borrowed. `session` must differ between sessions of one run, so that no game is played twice.
enum status actors_new(struct actors **actors, const struct config *config, const struct game *game, int session);
void actors_free(struct actors *actors);

// What one iteration plays with.
struct actors_round {
    struct pool *pool;
    struct evaluator **evaluators; // one a worker of the pool
    double progress;               // share of the budget, 0..1: search grows with it
    bool small_board;              // games begin on the curriculum's board
    long long step;                // of the net, noted in the records
    long long games_done;          // of the whole run, for the early ban on passes
    const struct clock *clock;
    const volatile bool *stop; // set: return soon
};
struct actors_stats { // of one iteration
    long long evaluations, simulations;
    long long moves, full_rows;  // played in it, of games that ended and of games that go on
    int games;                   // that ended in it, begun in earlier ones perhaps
    long long plies;             // of these games, openings included
    double net_seconds, seconds; // summed over workers: inside the evaluator, and in all
};
// Plays; finished games are handed over in *records (malloced array, each the caller's to record_done; ordered by slot; their index counts
// games of this session in the order of beginning).
enum status actors_play(struct actors *actors, const struct actors_round *round, struct record **records,
                        struct actors_stats *stats);

#endif
