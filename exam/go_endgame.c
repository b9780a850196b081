// Endgame: boards cut by walls that nobody can kill, with a few open points between them. The exact
// score says who wins: the one who moves first at a komi of half a point less, not at half a point
// more. So every board is asked twice, as a pair of items that differ in one point of komi.
//
// Where the position is won, the right moves are asked; where it is lost, the result alone.
#include "exam/shapes.h"

#include <stdlib.h>
#include <string.h>

enum {
    LEAST_OPEN = 3,
    MOST_OPEN = 7,
    MAX_NODES = 20000, // of one question. Chosen, not tuned.
};

// Cuts the board in two, and opens some points along the cut.
static bool draw(const struct game *like, struct shape *s, struct rng *rng) {
    const int side = like->height, points = side * side;
    *s = (struct shape){.side = side};
    const int black = (points + (int)(like->komi + 0.5)) / 2 + (int)rng_below(rng, 3) - 1;
    for (int p = 0; p < points; p++) s->at[p] = -1;
    shape_block(s, (int)rng_below(rng, (uint32_t)side), black, 1, rng);
    const int want = LEAST_OPEN + (int)rng_below(rng, MOST_OPEN - LEAST_OPEN + 1);
    int around[4], num = 0, edge[SHAPE_MAX_POINTS];
    for (int p = 0; p < points; p++) {
        bool is_cut = false;
        const int k = shape_around(side, p, around);
        for (int d = 0; d < k; d++) is_cut |= s->at[around[d]] != s->at[p];
        if (is_cut) edge[num++] = p;
    }
    if (num < want) return false;
    // Two or three runs of neighbouring points make regions instead of single ones.
    for (int opened = 0; opened < want;) {
        const int p = edge[rng_below(rng, (uint32_t)num)], length = 1 + (int)rng_below(rng, 3);
        for (int i = 0, at = p; i < length && opened < want; i++) {
            opened += !s->is_open[at];
            s->is_open[at] = true;
            const int k = shape_around(side, at, around);
            at = around[rng_below(rng, (uint32_t)k)];
        }
    }
    for (int p = 0; p < points; p++)
        if (s->is_open[p]) s->at[p] = (int8_t)(rng_below(rng, 6) ? 0 : 1 - 2 * (int)rng_below(rng, 2));
    if (!shape_wall(s, rng) || shape_empties(s) < LEAST_OPEN) return false;
    shape_turn(s, (int)rng_below(rng, 8));
    return true;
}

// Whether the mover wins at this komi. In *over: the position has no moves that matter.
static enum proof_answer wins(const struct game *like, const struct shape *s, double komi, int to_move, struct proof *proof,
                              bool *over) {
    bool closed[SHAPE_MAX_POINTS];
    shape_closed(s, closed);
    const struct game game = shape_game(like, s->side, komi);
    void *state = shape_state(&game, s, to_move);
    *over = !state || game_certain(&game, state) != OUTCOME_NONE;
    enum proof_answer answer = PROOF_UNKNOWN;
    if (!*over) {
        proof_begin(proof, &game, state, closed, SHAPE_WAITS);
        answer = proof_wins(proof);
    }
    free(state);
    return answer;
}

// Black's margin without komi when both play their best: it is a whole number, and lies between the
// margins where all open points are White's or Black's. False: it was not found.
static bool find_margin(const struct game *like, const struct shape *s, int to_move, struct proof *proof, int *margin) {
    int low = shape_margin(s), high = low;
    for (int p = 0; p < s->side * s->side; p++) low -= s->is_open[p], high += s->is_open[p];
    while (low < high) {
        const int middle = low + (high - low + 1) / 2;
        bool over;
        const enum proof_answer answer = wins(like, s, middle - 0.5, to_move, proof, &over);
        if (answer == PROOF_UNKNOWN) return false;
        if ((answer == PROOF_YES) == (to_move == 0))
            low = middle; // Black gets `middle` or more
        else
            high = middle - 1;
    }
    *margin = low;
    return true;
}

static bool ask(const struct exam_wish *wish, struct exam_paper *paper, const struct shape *s, int margin, int half,
                int to_move, int pair, struct proof *proof) {
    bool closed[SHAPE_MAX_POINTS];
    shape_closed(s, closed);
    const int sign = 1 - 2 * to_move; // the mover's margin is sign * (margin - komi)
    const struct game game = shape_game(wish->like, s->side, margin + 0.5 * half * sign);
    void *state = shape_state(&game, s, to_move);
    struct exam_item *item = exam_add(paper, &game, state, half < 0 ? "won by half a point" : "lost by half a point");
    free(state);
    item->pair = pair;
    item->band = shape_empties(s);
    item->score = -0.5 * half;
    if (!exam_prove(item, proof, closed, SHAPE_WAITS, half < 0)) return false;
    CHECK(item->result == (half < 0 ? 1 : -1));
    return half > 0 || 2 * item->num_right <= item->num_legal;
}

static enum status make(const struct exam_wish *wish, struct exam_paper *paper) {
    struct rng rng;
    rng_init(&rng, wish->seed, 0x656e64);
    struct proof *proof = shape_proof(MAX_NODES);
    enum status status = STATUS_OK;
    for (int pair = 0; exam_goes_on(wish, paper, &status);) {
        struct shape shape;
        int margin;
        bool over;
        const int to_move = (int)rng_below(&rng, 2);
        if (!draw(wish->like, &shape, &rng)) continue;
        if (wins(wish->like, &shape, shape_margin(&shape) + 0.5, to_move, proof, &over) == PROOF_UNKNOWN) {
            paper->refused += !over;
            continue;
        }
        if (!find_margin(wish->like, &shape, to_move, proof, &margin)) {
            paper->refused++;
            continue;
        }
        const int before = paper->num_items;
        if (ask(wish, paper, &shape, margin, -1, to_move, pair, proof) &&
            ask(wish, paper, &shape, margin, 1, to_move, pair, proof)) {
            pair++;
            status = exam_progress(wish, paper);
        } else {
            while (paper->num_items > before) exam_drop(paper);
        }
    }
    proof_free(proof);
    return status;
}

const struct exam_subject exam_go_endgame = {.name = "endgame",
                                             .title = "Endgame",
                                             .game = "go",
                                             .usual_items = 200,
                                             .asks_moves = false,
                                             .by_pairs = true,
                                             .fits = shape_fits,
                                             .make = make};
