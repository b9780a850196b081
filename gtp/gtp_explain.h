// Inside gtp/: what the engine found, in words for people and in colours for GoGui.
#ifndef GTP_GTP_EXPLAIN_H
#define GTP_GTP_EXPLAIN_H

#include "gtp/gtp_engine.h"

// Writes what the search found for `color`, which the engine has just thought about: "Black D4,
// wins 53.2 %, draws 0.0 %, +1.5 points, 400 visits, D4 E5 C3". Returns false, and writes that
// nothing was searched, where the engine decided without. out_bytes: 256 are enough for the usual.
bool gtp_explain(const struct gtp_engine *engine, int color, int action, char *out, size_t out_bytes);
// What the net says about the position with `color` to move: probabilities of the moves
// [num_actions] with sum 1, 0 for illegal ones; win, draw and loss of the mover; its expected
// margin; and the expected owners [height * width], +1 for Black to -1 for White, 0 where the game
// has none. Where the game is over or settled, the result is exact. False: there is no legal move,
// and all probabilities are 0.
struct gtp_opinion {
    float policy[GAME_MAX_ACTIONS], wdl[3], score, owner[GAME_MAX_SIDE * GAME_MAX_SIDE];
};
bool gtp_opinion(struct gtp_engine *engine, int color, struct gtp_opinion *opinion);
// The name of the model without folders and ending, in printable letters; returns out.
enum { GTP_MODEL_BYTES = 80 };
char *gtp_model_text(const struct gtp_engine *engine, char out[GTP_MODEL_BYTES]);
// Writes an action as this engine's controller reads it (gtp_parse.h): games that number rows from
// the top in their own notation, unless the controller asks for the rules as GoGui does.
char *gtp_action_text(const struct gtp_engine *engine, int action, char out[GAME_TEXT_BYTES]);
// The same for a point.
char *gtp_engine_point_text(const struct gtp_engine *engine, int point, char out[GAME_TEXT_BYTES]);

#endif
