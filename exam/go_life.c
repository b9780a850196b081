// Life and death: a corner or a side of up to eight empty points with the stones of one side (the
// owner) inside the other side's wall. All else is settled, and komi lies half way between the two
// results, so that who lives wins.
//
//   . . o . x     o  the owner's stones in the open points
//   o o . x x     x  the wall
//   . . x x .
//   x x x . x
//
// Drawn at random, most shapes are plainly alive or dead. Half of the items are those that depend
// on who moves, asked of both sides: a pair of items on the same stones, one to live and one to
// kill. The others ask for the result alone: a live group that the other side tries to kill, or a
// dead one that its owner tries to save.
#include "exam/shapes.h"

#include <stdlib.h>
#include <string.h>

enum {
    MOST_EMPTY = 8,
    LEAST_EMPTY = 3,
    LEAST_STONES = 3,  // of the owner
    MAX_NODES = 6000,  // of one question; what takes more is drawn again. Chosen for speed.
    SETTLED_SHARE = 2, // one item in so many asks for the result of a settled group
};

struct problem {
    struct shape shape;
    int owner; // +1 or -1
    double komi;
};

// Fills the open points: half with the owner's stones, a tenth with the other side's.
static bool fill_open(struct problem *problem, struct rng *rng) {
    struct shape *s = &problem->shape;
    int stones = 0;
    for (int p = 0; p < s->side * s->side; p++) {
        if (!s->is_open[p]) continue;
        const uint32_t draw = rng_below(rng, 20);
        s->at[p] = (int8_t)(draw < 10 ? problem->owner : draw < 12 ? -problem->owner : 0);
        stones += s->at[p] == problem->owner;
    }
    const int empty = shape_empties(s);
    return stones >= LEAST_STONES && empty >= LEAST_EMPTY && empty <= MOST_EMPTY;
}

// Draws a position. The owner's second group, far away, makes the komi that decides a usual one.
static bool draw(const struct game *like, struct problem *out, struct rng *rng) {
    const int side = like->height, points = side * side;
    *out = (struct problem){.shape = {.side = side}, .owner = rng_below(rng, 2) ? 1 : -1};
    struct shape *s = &out->shape;
    const int start = rng_below(rng, 3) ? 0 : 1 + (int)rng_below(rng, (uint32_t)side - 2), size = 7 + (int)rng_below(rng, 6);
    if (!shape_grow(s, start, size, 3, 4, rng)) return false;
    for (int p = 0; p < points; p++)
        if (!s->is_open[p]) s->at[p] = (int8_t)-out->owner;
    const double lead = -out->owner * like->komi; // what the wall's side should be ahead by
    const int count = (int)((points - size - lead) / 2 + 0.5);
    shape_block(s, (side - 1) * side + (int)rng_below(rng, 2) * (side - 1), count, out->owner, rng);
    if (!shape_wall(s, rng) || !fill_open(out, rng)) return false;
    out->komi = shape_margin(s) + (rng_below(rng, 2) ? 0.5 : -0.5);
    shape_turn(s, (int)rng_below(rng, 8));
    return true;
}

// Adds the position with `to_move`, and asks for the move or for the result.
static bool ask(struct exam_paper *paper, const struct game *game, const struct problem *problem, int to_move, bool moves,
                const char *kind, int pair, struct proof *proof) {
    void *state = shape_state(game, &problem->shape, to_move);
    struct exam_item *item = exam_add(paper, game, state, kind);
    free(state);
    item->pair = pair;
    item->band = shape_empties(&problem->shape);
    bool closed[SHAPE_MAX_POINTS];
    shape_closed(&problem->shape, closed);
    if (exam_prove(item, proof, closed, SHAPE_WAITS, moves) && (!moves || 2 * item->num_right <= item->num_legal)) return true;
    exam_drop(paper);
    return false;
}

// Whether `to_move` wins, where it moves first.
static enum proof_answer wins(const struct game *game, const struct problem *problem, int to_move, struct proof *proof) {
    void *state = shape_state(game, &problem->shape, to_move);
    if (!state) return PROOF_UNKNOWN;
    bool closed[SHAPE_MAX_POINTS];
    shape_closed(&problem->shape, closed);
    proof_begin(proof, game, state, closed, SHAPE_WAITS);
    const enum proof_answer answer = game_certain(game, state) == OUTCOME_NONE ? proof_wins(proof) : PROOF_UNKNOWN;
    free(state);
    return answer;
}

static enum status make(const struct exam_wish *wish, struct exam_paper *paper) {
    struct rng rng;
    rng_init(&rng, wish->seed, 0x6c696665);
    struct proof *proof = shape_proof(MAX_NODES);
    enum status status = STATUS_OK;
    int settled[2] = {0, 0}; // dead, live
    for (int pair = 0; exam_goes_on(wish, paper, &status);) {
        struct problem problem;
        if (!draw(wish->like, &problem, &rng)) continue;
        const struct game game = shape_game(wish->like, problem.shape.side, problem.komi);
        const int owner = problem.owner < 0;
        const enum proof_answer lives = wins(&game, &problem, owner, proof);
        const enum proof_answer kills = lives == PROOF_UNKNOWN ? PROOF_UNKNOWN : wins(&game, &problem, !owner, proof);
        paper->refused += lives == PROOF_UNKNOWN || kills == PROOF_UNKNOWN;
        if (lives == PROOF_UNKNOWN || kills == PROOF_UNKNOWN || (lives == PROOF_NO && kills == PROOF_NO)) continue;
        const int before = paper->num_items;
        if (lives == PROOF_YES && kills == PROOF_YES) {
            if (!ask(paper, &game, &problem, owner, true, "to live", pair, proof)) continue;
            if (ask(paper, &game, &problem, !owner, true, "to kill", pair, proof))
                pair++;
            else
                exam_drop(paper);
        } else {
            const int live = lives == PROOF_YES;
            if (SETTLED_SHARE * 2 * settled[live] >= paper->num_items) continue;
            settled[live] +=
                ask(paper, &game, &problem, live ? !owner : owner, false, live ? "live" : "dead", EXAM_NO_PAIR, proof);
        }
        if (paper->num_items > before) status = exam_progress(wish, paper);
    }
    proof_free(proof);
    return status;
}

const struct exam_subject exam_go_life = {.name = "life",
                                          .title = "Life and death",
                                          .game = "go",
                                          .usual_items = 200,
                                          .asks_moves = true,
                                          .fits = shape_fits,
                                          .make = make};
