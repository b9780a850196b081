// The words of GTP: lines, ids, vertices, colours. Used by our engine and by our seats at other engines.
#ifndef GTP_GTP_PARSE_H
#define GTP_GTP_PARSE_H

#include "game/game.h"

enum { GTP_MAX_ARGUMENTS = 400 };

struct gtp_line {
    bool has_id;
    char id[16];         // its digits, as given
    const char *command; // NULL: nothing but white space and comment
    int num_arguments;
    const char *arguments[GTP_MAX_ARGUMENTS];
};
// Cuts `text` up in place: control characters but newline and tab removed, tabs are spaces, '#' starts a comment [GTP 2, section 3.1].
void gtp_parse_line(char *text, struct gtp_line *out);
// "D4" in any case (I is left out) or "pass": an action of a Go game; GAME_NO_ACTION if it is none or off the board.
int gtp_parse_vertex(const struct game *game, const char *text);
char *gtp_vertex_text(const struct game *game, int action, char out[GAME_TEXT_BYTES]);
int gtp_parse_color(const char *text); // 0 black, 1 white; "b" or "black" in any case; -1: neither
bool gtp_parse_int(const char *text, int *out);
bool gtp_parse_real(const char *text, double *out);

#endif
