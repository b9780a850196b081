// The GTP 2 engine, by which other people's programs play against our net [Farneback 2002, GTP
// version 2 draft 2]. It works on the thread that calls it.
#ifndef GTP_GTP_H
#define GTP_GTP_H

#include "arena/player.h"

#include <stdio.h>

struct gtp_params {
    const struct net *net;
    const char *model_name;
    // NULL: the net's game.
    const char *game;
    // What `name` answers; NULL: Tengen.
    const char *gtp_name;
    // NULL: auto.
    const char *backend;
    // The most visits for a move, under a clock too. 0: under a clock or with time_per_move there
    // is no bound, and otherwise the raw net plays.
    int visits;
    // The rated setting of the net by which to play, borrowed, in place of `visits` and `batch`;
    // NULL: none.
    const struct net_setting *setting;
    // The most seconds for a move; 0: no bound.
    double time_per_move;
    // The most leaves in one batch.
    int batch;
    // The rows of the board before the first boardsize, and its columns; 0: the net's largest board
    // or the game's usual one, and as many columns as rows.
    int size, width;
    // Before the first komi; GAME_KOMI_DEFAULT: the fair value for the size.
    double komi;
    // Before the first kgs-rules; NULL: the default.
    const char *rules;
    // The engine resigns when its winning chance, 0..1, is below this; 0: never.
    double resign_below;
    // Searches while the opponent thinks.
    bool ponders;
    // Captures dead stones before passing, for servers that count the board as it stands.
    bool cleans_up;
    uint64_t seed;
    // A person types the commands: the first unknown one is answered on stderr too, with more than
    // the two words of the standard.
    bool is_typed;
    const struct clock *clock;
};
// Serves until `quit` or the end of the input. Only answers reach `out`. It fails where the game
// can't be opened (STATUS_USAGE, STATUS_UNSUPPORTED) and where `out` can't be written (STATUS_IO).
enum status gtp_serve(const struct gtp_params *params, FILE *in, FILE *out);

#endif
