// Inside gtp/: moves that capture dead stones, for servers and rules that count the board as it
// stands.
#ifndef GTP_GTP_CLEANUP_H
#define GTP_GTP_CLEANUP_H

#include "gtp/gtp_engine.h"

// A move that captures stones within the mover's pass-alive area or comes nearer to it;
// GAME_NO_ACTION: there are none.
int gtp_cleanup_capture(struct gtp_engine *engine);
// Writes a restriction for gtp_search_root (until: [2, num_actions]) that leaves only
// moves on liberties of stones that the net takes for dead. False: there is no such move.
bool gtp_cleanup_moves(struct gtp_engine *engine, uint16_t *until);

#endif
