// What a search found, as people and other programs want to see it: the root, the moves in the
// order in which they would be played, their lines and who is expected to own what. GTP's analysis
// commands, the JSON protocol, `tengen review` and `tengen eval` print it in their own forms.
//
// All chances and points of a report are those of one side, report.view.
#ifndef GTP_REPORT_H
#define GTP_REPORT_H

#include "mcts/detail.h"

enum { REPORT_MOVER = -1, REPORT_MAX_LINE = 1024 };

struct report_options {
    // Whose chances are reported: 0 the first player's, 1 the second's, REPORT_MOVER those of the
    // side to move at the root.
    int view;
    // The moves with visits are reported, after the move to play, which has none only where all
    // others were found to lose. Where these are fewer than min_moves, the likeliest of the rest
    // follow. Of all these the first max_moves; 0: all of them.
    int min_moves, max_moves;
    // The most moves of a line, 1 to REPORT_MAX_LINE.
    int max_line;
    // The means over the tree of who owns each point, and their standard deviations; of the root,
    // and of each reported move. They are there only if the search keeps ownership.
    bool ownership, ownership_deviation, moves_ownership, moves_ownership_deviation;
};

struct report_move {
    int action, visits;
    // The result is certain.
    bool proven;
    // The net's probability of the move, 0..1.
    float prior;
    // The winning chance, draws counted half, 0..1. A move without visits has the root's.
    float winrate;
    // -1..1: winning less losing chance, or what search_params.score_weight makes of it.
    float utility;
    // The expected margin and the standard deviation of the scores found; NAN where the game has
    // no score.
    float score, score_deviation;
    // The bound on the side of the root's mover: a lower one of its own winrate and utility, and
    // so an upper one where the view is the other side's.
    float lcb, utility_lcb;
    // The expected moves, this one first, and the visits of each.
    int line_length;
    const uint16_t *line;
    const int *line_visits;
    // [height, width]; NULL: not wanted or not known.
    const float *ownership, *ownership_deviation;
};

struct report {
    const struct game *game; // borrowed
    int to_move, view;       // 0 first player, 1 second
    long long visits;
    bool proven;
    float winrate, draw, utility, score, score_deviation;
    // What the net alone says of the root.
    float raw_winrate, raw_draw, raw_utility, raw_score;
    int num_moves;
    struct report_move *moves;
    // [num_actions]: the net's probabilities, -1 for moves that are illegal or left out.
    float *policy;
    // [height, width]; NULL: not wanted or not known.
    const float *ownership, *ownership_deviation;

    // Storage, which is kept from report to report.
    struct detail_move *details;
    uint16_t *lines;
    int *line_visits;
    float *owners;
    size_t max_actions, max_lines, max_owners;
};

// An empty report is all zeros.
void report_done(struct report *report);
// Reads a search of `game` that has a root and no leaves that wait. Before the root is judged,
// report->visits is 0, there are no moves, and the other numbers are NAN. The report is valid until
// the next one into the same storage, and does not point into the search.
void report_make(struct report *report, const struct game *game, const struct search *search,
                 const struct report_options *options);

#endif
