// The GTP 2 engine: people's programs play our net [Farneback 2002, GTP version 2 draft 2].
#ifndef GTP_GTP_H
#define GTP_GTP_H

#include "arena/player.h"

#include <stdio.h>

struct gtp_params {
    const struct net *net;
    const char *model_name;
    const char *backend;
    int visits;           // most of a move, under a clock too; 0: no bound under a clock, else the raw net
    double time_per_move; // seconds at most; 0: none
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
