// A whole game judged: what each position was worth, and what each move gave away. Positions of
// many games share batches through an analyst.
#ifndef GTP_REVIEW_H
#define GTP_REVIEW_H

#include "game/sgf.h"
#include "gtp/analyst.h"
#include "gtp/report.h"

enum { REVIEW_LINES = 3, REVIEW_LINE_MOVES = 12 };

// A move that could be played in a position. Numbers are the first player's.
struct review_line {
    int visits;
    float winrate, score; // score: NAN where the game has none
    int length;
    uint16_t moves[REVIEW_LINE_MOVES];
};

// A position of the game. Numbers are the first player's.
struct review_position {
    bool is_done, is_over;
    int to_move;
    long long visits;
    // Draws count half.
    float winrate, score;
    // The best moves, best first.
    int num_lines;
    struct review_line lines[REVIEW_LINES];
    // Of the move that was played: the net's probability, and its place among the moves that were
    // visited, 1 for the best; 0: it was not visited.
    float prior;
    int place;
};

struct review {
    const char *name; // of the record, for messages
    const struct sgf_record *record;
    struct game game;
    int num_moves;                     // that could be played
    struct review_position *positions; // [num_moves + 1]: before each move, and at the end
    int num_left;                      // positions that are not done
    struct review_job *jobs;           // [num_moves + 1]: inside
};

// Plays the record; the arguments are borrowed until review_done. A record whose moves become
// illegal is reviewed up to there, which is said. It fails where not even its start can be made.
enum status review_init(struct review *review, const char *name, const struct sgf_record *record, const struct game *game);
void review_done(struct review *review);
// Hands position `index` to the analyst, to be searched with so many visits. False: the analyst has
// no room now. A position in which the game is over is done at once.
bool review_ask(struct review *review, struct analyst *analyst, int index, int visits, uint64_t seed);

// What move `index` gave away of its mover's winning chance, and of its points: the search's value
// before the move less that after it. The points are NAN where the game has no score. Below 0: the
// search thinks better of the position after the move.
float review_loss(const struct review *review, int index);
float review_points_lost(const struct review *review, int index);
// Writes the moves that gave away the most, worst first, of those that gave away at least
// `least` of a winning chance, and returns their number.
int review_worst(const struct review *review, float least, int *moves, int max_moves);
// The best line before a move that is not the move itself; NULL: none was found.
const struct review_line *review_better(const struct review *review, int index);

// ---- files (review_files.c) ----

// Writes into a folder, as NAME.csv, NAME.gnuplot and NAME.sgf: the numbers, what draws them, and
// the record with comments and better lines of the worst moves. Then draws NAME.svg and NAME.png;
// *drawn is false where there is no gnuplot. A game without moves has no graph and no script.
enum status review_write(const struct review *review, const char *folder, const char *name, const int *worst, int num_worst,
                         bool *drawn);

#endif
