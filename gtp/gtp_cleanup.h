// Inside gtp/: moves that capture dead stones, for servers and rules that count the board as it
// stands.
#ifndef GTP_GTP_CLEANUP_H
#define GTP_GTP_CLEANUP_H

#include "gtp/gtp_engine.h"

// In a settled position: a move that captures dead stones or comes nearer to it, and leaves the
// position settled; GAME_NO_ACTION: there is nothing to capture.
int gtp_cleanup_capture(struct gtp_engine *engine);
// In any other: writes a restriction for gtp_search_root (until: [2, num_actions]) that leaves only
// moves on liberties of stones that the net takes for dead. False: there is no such move.
bool gtp_cleanup_moves(struct gtp_engine *engine, uint16_t *until);

#endif
