// Items whose truth an exact solver knows (game/solver.h), at positions of random play. It is what
// the subjects of Connect Four, Othello and Hex share.
#ifndef EXAM_SOLVED_H
#define EXAM_SOLVED_H

#include "exam/exam.h"
#include "game/solver.h"

// Papers of positions of random play, in bands. Band b holds positions in which `left` more points
// are empty, from least_left + b * band_width on; the paper has as many items of each.
struct solved_plan {
    const struct game *game; // whose start the random play begins from
    int least_left, band_width, num_bands;
    // One item in so many is a lost position, where only the result is asked; 0: none is.
    int lost_share;
    bool with_score; // the solver's value is the final margin, which is asked too
    uint64_t stream; // of random numbers, each subject's own
};

// Fills the paper. Moves are asked where some of them keep the result and others do not. Where random
// play finds no more such positions, the paper stays smaller.
enum status solved_make(const struct solved_plan *plan, const struct exam_wish *wish, struct exam_paper *paper);

#endif
