// The GTP 2 engine: people's programs play our net [Farneback 2002, GTP version 2 draft 2].
#ifndef ARENA_GTP_H
#define ARENA_GTP_H

#include "arena/player.h"

#include <stdio.h>

struct gtp_params {
    const struct net *net;
    const char *model_name;
    const char *backend;
    int visits;           // a move, when no clock says otherwise
    double time_per_move; // seconds; 0: none. With it `visits` is only an upper bound when > 0
    int batch;            // leaves a batch
    int size;             // initial board size; 0: the net's largest
    double komi;          // GAME_KOMI_DEFAULT: fair
    const char *rules;    // before the first kgs-rules; NULL: the default
    double resign_below;  // winrate; 0: never
    uint64_t seed;
    const struct clock *clock;
};
// Serves until `quit` or end of input. Only responses reach `out`.
enum status gtp_serve(const struct gtp_params *params, FILE *in, FILE *out);

#endif
