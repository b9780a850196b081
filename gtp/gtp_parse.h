// The words of GTP: lines, ids, vertices, colours, numbers. These are pure functions.
//
// Vertices have letters without I and numbers from the bottom, as GTP says, and that is how Go is
// always read and written. The other games have notations of their own, whose letters leave nothing
// out and whose rows may be numbered from the top. A vertex of theirs keeps the number that the
// game gives the row, so that d3 is the same point however it is written. Where the letters differ,
// which is beyond H, capitals are GTP's letters (GoGui and Sabaki write those) and small ones are
// the game's (HexGui and people do).
#ifndef GTP_GTP_PARSE_H
#define GTP_GTP_PARSE_H

#include "game/game.h"

// Enough for a game of 2000 moves in one gogui-play_sequence.
enum { GTP_MAX_ARGUMENTS = 4096 };

struct gtp_line {
    bool has_id;
    const char *id;      // the id's digits as they were given; "" where there is none
    const char *command; // NULL: there is none, only white space, a comment or an id
    int num_arguments;
    bool is_cut; // there were more arguments than fit
    const char *arguments[GTP_MAX_ARGUMENTS];
};
// Cuts `text` up in place, and *out points into it. Control characters and a byte order mark at the
// start are dropped except for newline and tab, tabs count as spaces, and '#' starts a comment
// [GTP 2, section 3.1].
void gtp_parse_line(char *text, struct gtp_line *out);
// Writes `num_words` arguments from `first` on as one text, with the blanks that stood between
// them, and without the quotation marks around it if there are some (GoGui quotes paths with
// blanks). False: it does not fit, or there are not so many arguments.
bool gtp_parse_text(const struct gtp_line *line, int first, int num_words, char *out, size_t out_bytes);

// The action that a vertex, "pass" or a move in the game's own notation means, in upper or lower
// case. HexGui's "swap-pieces" is Hex's swap. GAME_NO_ACTION: it is none, or off the board. Where
// the game's text stands for several actions (the columns of Connect Four) this is one of them.
int gtp_parse_vertex(const struct game *game, const char *text);
// The same, but the legal one of several.
int gtp_parse_move(const struct game *game, const void *state, const char *text);
// The point that a vertex means, occupied or not, in any game; GAME_NO_ACTION: it is none.
int gtp_parse_point(const struct game *game, const char *text);
// Writes an action as a vertex in capitals; returns out. Actions that have no single point are
// written in the game's notation.
char *gtp_vertex_text(const struct game *game, int action, char out[GAME_TEXT_BYTES]);
// Writes a point [0, height * width) in any game as a vertex; returns out. gtp_own_point_text
// does so in small letters of the game's own, which leave none out.
char *gtp_point_text(const struct game *game, int point, char out[GAME_TEXT_BYTES]);
char *gtp_own_point_text(const struct game *game, int point, char out[GAME_TEXT_BYTES]);
// Whether the game's own notation numbers rows from the top. Programs that play such games over GTP
// (HexGui, Quarry) speak that notation.
bool gtp_has_rows_from_top(const struct game *game);
// The point of `game` that column x of row y shows when boards are drawn with row 1 at the bottom,
// as controllers draw them; y = 0 is the top row.
int gtp_drawn_point(const struct game *game, int y, int x);

// 0 for "b" or "black", 1 for "w" or "white", in upper or lower case; -1: it is neither.
int gtp_parse_color(const char *text);
// False: the text is not one whole number, or not one finite real number, in decimal digits.
bool gtp_parse_int(const char *text, int *out);
bool gtp_parse_real(const char *text, double *out);

#endif
