// Traps: what programs that learn from themselves are known to miss.
//
//   cycle        a chain that goes in a circle round a dead group, and can be captured together with
//                it [Wang et al. 2023]: whoever is to move saves it or kills it
//   dead stones  the other side has passed, and a pass would end the game with its dead stones
//                counted as alive: they must be captured first
//
// Both are drawn like life and death, and their truth is found in the same way.
#include "exam/shapes.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_NODES = 40000, MOST_EMPTY = 9, LEAST_EMPTY = 3 };

struct trap {
    struct shape shape;
    int owner; // of the chain that goes round, or of the dead stones
    double komi;
};

static int random_color(struct rng *rng) { return rng_below(rng, 2) ? 1 : -1; }

// Opens the points of a rectangle, with a ring of the owner's stones along its border. A side of the
// rectangle that lies on the edge of the board needs no stones outside of it.
static void put_ring(struct trap *t, int y0, int x0, int height, int width, struct rng *rng) {
    struct shape *s = &t->shape;
    for (int y = y0; y < y0 + height; y++)
        for (int x = x0; x < x0 + width; x++) {
            const int p = y * s->side + x;
            const bool is_ring = y == y0 || x == x0 || y == y0 + height - 1 || x == x0 + width - 1;
            s->is_open[p] = true;
            s->at[p] = (int8_t)(is_ring ? t->owner : rng_below(rng, 5) < 3 ? -t->owner : 0);
        }
    // A few liberties outside.
    int around[4], edge[SHAPE_MAX_POINTS], num = 0;
    for (int p = 0; p < s->side * s->side; p++) {
        if (s->is_open[p]) continue;
        const int k = shape_around(s->side, p, around);
        for (int d = 0; d < k; d++)
            if (s->is_open[around[d]]) {
                edge[num++] = p;
                break;
            }
    }
    const int outside = (int)rng_below(rng, 4);
    for (int i = 0; i < outside && num; i++) {
        const int p = edge[rng_below(rng, (uint32_t)num)];
        s->is_open[p] = true;
        s->at[p] = 0;
    }
}

// Gives the rest of the board to the two walls, and takes the komi that decides.
static bool wall_in(struct trap *t, const struct game *like, struct rng *rng) {
    struct shape *s = &t->shape;
    const int side = s->side, points = side * side;
    int open = 0;
    for (int p = 0; p < points; p++) {
        open += s->is_open[p];
        if (!s->is_open[p]) s->at[p] = (int8_t)-t->owner;
    }
    const double lead = -t->owner * like->komi;
    const int count = (int)((points - open - lead) / 2 + 0.5);
    shape_block(s, (side - 1) * side + (int)rng_below(rng, 2) * (side - 1), count, t->owner, rng);
    if (!shape_wall(s, rng)) return false;
    const int empty = shape_empties(s);
    if (empty < LEAST_EMPTY || empty > MOST_EMPTY) return false;
    t->komi = shape_margin(s) + (rng_below(rng, 2) ? 0.5 : -0.5);
    shape_turn(s, (int)rng_below(rng, 8));
    return true;
}

static bool draw_cycle(struct trap *t, const struct game *like, struct rng *rng) {
    const int side = like->height;
    *t = (struct trap){.shape = {.side = side}, .owner = random_color(rng)};
    const int height = 3 + (int)rng_below(rng, 2), width = 4 + (int)rng_below(rng, 2);
    const int y0 = (int)rng_below(rng, 2), x0 = (int)rng_below(rng, 2);
    put_ring(t, y0, x0, height, width, rng);
    return wall_in(t, like, rng);
}

static bool draw_dead(struct trap *t, const struct game *like, struct rng *rng) {
    const int side = like->height;
    *t = (struct trap){.shape = {.side = side}, .owner = random_color(rng)};
    if (!shape_grow(&t->shape, (int)rng_below(rng, 2), 7 + (int)rng_below(rng, 6), 3, 4, rng)) return false;
    for (int p = 0; p < side * side; p++)
        if (t->shape.is_open[p]) t->shape.at[p] = (int8_t)(rng_below(rng, 10) < 5 ? t->owner : 0);
    return wall_in(t, like, rng);
}

// Adds the item if it asks for something: a win that a pass and most other moves give away.
static bool ask(const struct exam_wish *wish, struct exam_paper *paper, const struct trap *t, const char *kind, int to_move,
                bool after_pass, int pair, struct proof *proof) {
    bool closed[SHAPE_MAX_POINTS];
    shape_closed(&t->shape, closed);
    const struct game game = shape_game(wish->like, t->shape.side, t->komi);
    void *state = shape_state(&game, &t->shape, after_pass ? !to_move : to_move);
    if (!state) return false;
    bool is_good = game_certain(&game, state) == OUTCOME_NONE;
    if (is_good && after_pass) game_play(&game, state, game.pass_action);
    is_good = is_good && game_certain(&game, state) == OUTCOME_NONE;
    if (is_good) {
        struct exam_item *item = exam_add(paper, &game, state, kind);
        item->pair = pair;
        item->band = shape_empties(&t->shape);
        const bool is_known = exam_prove(item, proof, closed, SHAPE_WAITS, true);
        paper->refused += item->result == EXAM_NOT_ASKED;
        is_good = is_known && item->result > 0 && 2 * item->num_right <= item->num_legal &&
                  !item->right[game.pass_action];
        if (!is_good) exam_drop(paper);
    }
    free(state);
    return is_good;
}

static enum status make(const struct exam_wish *wish, struct exam_paper *paper) {
    struct rng rng;
    rng_init(&rng, wish->seed, 0x74726170);
    struct proof *proof = shape_proof(MAX_NODES);
    enum status status = STATUS_OK;
    for (int pair = 0; paper->num_items < exam_wanted(wish, paper->subject) && status == STATUS_OK;) {
        struct trap trap;
        const int before = paper->num_items;
        if (pair % 2 == 0) {
            if (!draw_cycle(&trap, wish->like, &rng)) continue;
            // Both sides, on the same stones: to save the chain and to capture it.
            for (int to_move = 0; to_move < 2; to_move++) ask(wish, paper, &trap, "cycle", to_move, false, pair, proof);
        } else {
            if (!draw_dead(&trap, wish->like, &rng)) continue;
            ask(wish, paper, &trap, "dead stones", trap.owner > 0, true, EXAM_NO_PAIR, proof);
        }
        pair += paper->num_items > before;
        if (paper->num_items > before || (wish->stop && *wish->stop)) status = exam_progress(wish, paper);
    }
    proof_free(proof);
    return status;
}

static bool fits(const struct game *like) { return shape_fits(like) && like->height >= 7; }

const struct exam_subject exam_go_traps = {.name = "traps",
                                           .title = "Traps",
                                           .game = "go",
                                           .usual_items = 200,
                                           .asks_moves = true,
                                           .fits = fits,
                                           .make = make};
