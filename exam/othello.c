// Endings of Othello: 12 to 18 empty points after random play, where the exact solver knows every
// move's result and the final margin.
#include "exam/solved.h"

static bool fits(const struct game *like) {
    const int points = like->height * like->width;
    return like->width >= 6 && like->max_plies >= 2 * (points - 4);
}

static enum status make(const struct exam_wish *wish, struct exam_paper *paper) {
    const struct solved_plan plan = {.game = wish->like,
                                     .least_left = 12,
                                     .band_width = 1,
                                     .num_bands = 7,
                                     .lost_share = 5,
                                     .with_score = true,
                                     .stream = 0x6f7468};
    return solved_make(&plan, wish, paper);
}

const struct exam_subject exam_othello_endings = {.name = "endings",
                                                  .title = "Endings",
                                                  .game = "othello",
                                                  .usual_items = 210,
                                                  .asks_moves = true,
                                                  .fits = fits,
                                                  .make = make};
