// Capture races: two chains without eyes that can only live by capturing the other one. Each has
// liberties of its own, and some they share. Counting tells who wins. With `mine`, `theirs` and
// `common` the liberties of the mover's chain alone, of the other's alone, and of both:
//
//   common 0 or 1   whoever has more liberties of its own wins; the mover, if they are equal
//   common 2 up     a side kills if its own liberties are at least theirs + common, the mover one
//                   less; if neither can, both chains live side by side (seki)
//
// The shape, before it is turned; B and W are the chains, b and w walls with eyes below:
//
//     B B B B B B w' w' b       w'  Black's wall, above White's own liberties
//     . . B . . W .  .  b       left Black's own, middle the shared, right White's own
//     w w B W W W W  W  b
//     w w w b b b b  b  b
//
// Every item is drawn by its three numbers, and what the count says is compared with exact search.
// Komi decides between a capture and a seki, or between the two captures.
#include "exam/shapes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NODES = 20000, MOST_TRIES = 400 };

// +1: the mover's chain captures the other, 0: seki, -1: it is captured, when the mover moves first.
static int count(int mine, int theirs, int common) {
    if (common < 2) return mine >= theirs ? 1 : -1;
    if (mine >= theirs + common - 1) return 1;
    return theirs >= mine + common ? -1 : 0;
}

static void put(struct shape *s, int y, int x, int color, bool open) {
    s->at[y * s->side + x] = (int8_t)color;
    s->is_open[y * s->side + x] = open;
}

// Draws the picture above for Black's own, White's own and shared liberties. What lies below is cut
// between the two walls. False: it is too wide.
static bool draw(struct shape *s, int side, int own, int others, int common, struct rng *rng) {
    *s = (struct shape){.side = side};
    const int first = own, second = own + 1 + common, last = second + 1 + others; // the columns B, W and the wall's
    if (last >= side) return false;
    for (int x = 0; x < side; x++) {
        const bool is_wall = x >= last, is_right = x > second;
        put(s, 0, x, is_wall || is_right ? 1 : x == second ? -1 : 1, !is_wall && !is_right);
        put(s, 1, x, is_wall ? 1 : x == first ? 1 : x == second ? -1 : 0, !is_wall);
        put(s, 2, x, is_wall ? 1 : x < first ? -1 : x == first ? 1 : -1, x >= first && !is_wall);
    }
    // Below, White's wall is under Black's chain, Black's under White's, and each needs space for its
    // eyes, for which the border moves sideways further down.
    const int lean = (int)rng_below(rng, 3) - 1;
    for (int y = 3; y < side; y++)
        for (int x = 0; x < side; x++) {
            int border = first + 1;
            if (y > 3) border += lean * (y - 3);
            if (y > 3 && border < 3) border = 3;
            if (y > 3 && border > side - 3) border = side - 3;
            put(s, y, x, x < border ? -1 : 1, false);
        }
    return shape_wall(s, rng);
}

// What a race is about, and what the count says.
struct race {
    int own, others, common; // liberties of Black's chain alone, of White's alone, of both
    int to_move;
    int result; // for Black's chain: +1 it captures, 0 seki, -1 it is captured
};

static void judge(struct race *r) {
    r->result = r->to_move ? -count(r->others, r->own, r->common) : count(r->own, r->others, r->common);
}

// The komi that decides: half way between the results that are possible. In a seki the stones of the
// open points stay, and its empty ones belong to nobody.
static double deciding_komi(const struct shape *s, const struct race *r, bool about_capture) {
    int open = 0, stones = 0;
    for (int p = 0; p < s->side * s->side; p++) {
        open += s->is_open[p];
        stones += s->is_open[p] ? s->at[p] : 0;
    }
    const int between = r->common < 2 ? 0 : about_capture ? (open + stones) / 2 : (stones - open) / 2;
    return shape_margin(s) + between + 0.5;
}

// Adds the item; false, with nothing added: the truth was not found, or is not what was counted.
static bool ask(const struct exam_wish *wish, struct exam_paper *paper, const struct shape *s, const struct race *r, int pair,
                int symmetry, bool about_capture, struct proof *proof) {
    const bool black_wins = r->result > 0 || (r->result == 0 && !about_capture);
    double komi = deciding_komi(s, r, about_capture);
    struct shape turned = *s;
    const bool swapped = fabs(komi - wish->like->komi) > fabs(-komi - wish->like->komi);
    if (swapped) shape_swap(&turned), komi = -komi;
    shape_turn(&turned, symmetry);
    bool closed[SHAPE_MAX_POINTS];
    shape_closed(&turned, closed);
    const struct game game = shape_game(wish->like, s->side, komi);
    void *state = shape_state(&game, &turned, r->to_move ^ swapped);
    CHECK(state);
    struct exam_item *item = exam_add(paper, &game, state, r->result == 0 ? "seki" : "capture");
    free(state);
    item->pair = pair;
    item->band = r->own + r->others + r->common;
    const bool wins = black_wins == (r->to_move == 0);
    if (exam_prove(item, proof, closed, SHAPE_WAITS, wins) && item->result == (wins ? 1 : -1)) return true;
    // A race that is won even after a pass asks for nothing.
    paper->refused += item->result != (wins ? 1 : -1);
    exam_drop(paper);
    return false;
}

static enum status make(const struct exam_wish *wish, struct exam_paper *paper) {
    struct rng rng;
    rng_init(&rng, wish->seed, 0x72616365);
    struct proof *proof = shape_proof(MAX_NODES);
    enum status status = STATUS_OK;
    const int side = wish->like->height, most = side - 3;
    for (int pair = 0; exam_goes_on(wish, paper, &status); pair++) {
        struct race r = {.own = (int)rng_below(&rng, (uint32_t)most), .others = (int)rng_below(&rng, (uint32_t)most)};
        r.common = (int)rng_below(&rng, 4);
        if (r.own + r.others + r.common > most || r.own + r.common == 0 || r.others + r.common == 0) continue;
        struct shape shape;
        bool is_drawn = false;
        for (int i = 0; i < MOST_TRIES && !is_drawn; i++) is_drawn = draw(&shape, side, r.own, r.others, r.common, &rng);
        if (!is_drawn) continue;
        const int symmetry = (int)rng_below(&rng, 8);
        const bool about_capture = rng_below(&rng, 2);
        const int before = paper->num_items;
        for (r.to_move = 0; r.to_move < 2; r.to_move++) {
            judge(&r);
            ask(wish, paper, &shape, &r, pair, symmetry, about_capture, proof);
        }
        if (paper->num_items > before) status = exam_progress(wish, paper);
    }
    proof_free(proof);
    return status;
}

static bool fits(const struct game *like) { return shape_fits(like) && like->height >= 7; }

const struct exam_subject exam_go_races = {.name = "races",
                                           .title = "Capture races, seki",
                                           .game = "go",
                                           .usual_items = 200,
                                           .asks_moves = false,
                                           .fits = fits,
                                           .make = make};
