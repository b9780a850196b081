// Inside gtp/: the search of the engine's position. It knows when to end, who is to hear of it
// meanwhile, and what may be kept of the tree.
#ifndef GTP_GTP_SEARCH_H
#define GTP_GTP_SEARCH_H

#include "gtp/gtp_channel.h"
#include "gtp/gtp_engine.h"

// How long a search goes on. It ends for the first of these reasons, or when all lines are known to
// their ends.
struct gtp_search_plan {
    int visits;     // of the root, those that it has included
    double seconds; // INFINITY: no bound
    enum gtp_patience patience;
};
// No bound but the memory that the tree may take.
enum { GTP_SEARCH_ENDLESS = 1 << 30 };

// Whether the last action is a pass that nobody made, which is there only to give the move to the
// right colour. Such a pass must not help to end the game, so that the root has no pass then.
bool gtp_search_is_after_stand_in(const struct gtp_engine *engine);
// Puts the search's root at the position. `until` says which moves are left out (search_restrict);
// NULL: none, and the tree is kept where it leads there. False: there is nothing to search, because
// the game is over or no other move is legal.
bool gtp_search_root(struct gtp_engine *engine, const uint16_t *until);
// The same without one move; GAME_NO_ACTION: with all.
bool gtp_search_root_without(struct gtp_engine *engine, int action);
// Advances the kept tree to the position after the first `length` actions. False: there is no tree
// that leads there.
bool gtp_search_follow(struct gtp_engine *engine, int length);
// Searches by the plan, and calls engine->watch at its interval. When it ends for another reason
// than an interrupt of a search that goes on until any line, the root is judged.
void gtp_search_run(struct gtp_engine *engine, const struct gtp_search_plan *plan);

#endif
