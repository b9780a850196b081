// Openings whose value is known. On 5x5 Black wins by 25, the whole board, with the centre alone
// [van der Werf 2003]: at a komi of 24.5 the centre is the one right move, and White wins after any
// other. On 7x7 the best score is 9 points for Black [Li Zhe 2015, by analysis, not proved], so that
// Black wins at 8.5, draws at 9 and loses at 9.5.
//
// There are few such questions, and their number doesn't depend on what is wished.
#include "exam/shapes.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

static bool fits(const struct game *like) { return shape_fits(like) && (like->height == 5 || like->height == 7); }

// The empty board, or that board after one move, with its result for the mover.
static struct exam_item *add(struct exam_paper *paper, const struct game *game, int move, int result, const char *kind) {
    void *state = memory_raw(1, game->state_bytes, "a position of an exam");
    game_start(game, state);
    if (move != GAME_NO_ACTION) game_play(game, state, move);
    struct exam_item *item = exam_add(paper, game, state, kind);
    free(state);
    item->result = result;
    return item;
}

static void make_5x5(const struct exam_wish *wish, struct exam_paper *paper) {
    const int centre = 12;
    struct game game = shape_game(wish->like, 5, 24.5);
    struct exam_item *item = add(paper, &game, GAME_NO_ACTION, 1, "only the centre wins");
    exam_ask_moves(item)[centre] = true;
    item->num_right = 1;
    item->score = 0.5;
    add(paper, &game, centre, -1, "after the centre")->score = -0.5;
    for (int move = 0; move < 25; move++)
        if (move != centre) add(paper, &game, move, 1, "after another move");
    game = shape_game(wish->like, 5, 25.5);
    add(paper, &game, GAME_NO_ACTION, -1, "one point too many")->score = -0.5;
}

static void make_7x7(const struct exam_wish *wish, struct exam_paper *paper) {
    for (int half = -1; half <= 1; half++) {
        const struct game game = shape_game(wish->like, 7, 9 + 0.5 * half);
        add(paper, &game, GAME_NO_ACTION, -half, half < 0 ? "wins" : half ? "loses" : "draws")->score = -0.5 * half;
    }
}

static enum status make(const struct exam_wish *wish, struct exam_paper *paper) {
    if (wish->like->height == 5) make_5x5(wish, paper);
    if (wish->like->height == 7) make_7x7(wish, paper);
    return exam_progress(wish, paper);
}

const struct exam_subject exam_go_openings = {
    .name = "openings", .title = "Openings", .game = "go", .usual_items = 28, .asks_moves = false, .fits = fits, .make = make};
