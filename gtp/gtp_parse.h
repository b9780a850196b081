// The words of GTP: lines, ids, vertices, colours, numbers. These are pure functions.
#ifndef GTP_GTP_PARSE_H
#define GTP_GTP_PARSE_H

#include "game/game.h"

enum { GTP_MAX_ARGUMENTS = 4096 };

struct gtp_line {
    bool has_id;
    char id[16];         // the id's digits as they were given
    const char *command; // NULL: there is none, only white space, a comment or an id
    int num_arguments;
    const char *arguments[GTP_MAX_ARGUMENTS];
};
// Cuts `text` up in place, and *out points into it. Control characters are dropped except for
// newline and tab, tabs count as spaces, and '#' starts a comment [GTP 2, section 3.1].
void gtp_parse_line(char *text, struct gtp_line *out);
// The action of a Go game that "D4" or "pass" means, in upper or lower case; the columns leave out
// I. GAME_NO_ACTION: it is no vertex, or off the board.
int gtp_parse_vertex(const struct game *game, const char *text);
// Writes an action as a vertex; returns out.
char *gtp_vertex_text(const struct game *game, int action, char out[GAME_TEXT_BYTES]);
// 0 for "b" or "black", 1 for "w" or "white", in upper or lower case; -1: it is neither.
int gtp_parse_color(const char *text);
// False: the text is not one whole number, or not one finite real number.
bool gtp_parse_int(const char *text, int *out);
bool gtp_parse_real(const char *text, double *out);

#endif
