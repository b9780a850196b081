// Connect Four by bands of plies: which moves keep a win or a draw, by the exact solver.
//
// The earlier the position, the farther off is what decides it. Early bands are those that a net must
// know by heart; in the late ones a search sees the end.
#include "exam/solved.h"

enum {
    LEAST_EMPTY = 4,
    MOST_EMPTY = 31, // farther from the end the solver takes seconds for a position of 6x7
    NUM_BANDS = 4,
};

static bool fits(const struct game *like) {
    const int points = like->height * like->width;
    return points <= 42 && points > LEAST_EMPTY + 2 * NUM_BANDS && like->max_plies == points;
}

static enum status make(const struct exam_wish *wish, struct exam_paper *paper) {
    const int points = wish->like->height * wish->like->width;
    const int most = points - 2 < MOST_EMPTY ? points - 2 : MOST_EMPTY;
    const struct solved_plan plan = {.game = wish->like,
                                     .least_left = LEAST_EMPTY,
                                     .band_width = (most - LEAST_EMPTY + 1) / NUM_BANDS,
                                     .num_bands = NUM_BANDS,
                                     .lost_share = 5,
                                     .stream = 0x633420};
    return solved_make(&plan, wish, paper);
}

const struct exam_subject exam_connect4_plies = {.name = "plies",
                                                 .title = "Positions by plies",
                                                 .game = "connect4",
                                                 .usual_items = 300,
                                                 .asks_moves = true,
                                                 .fits = fits,
                                                 .make = make};
