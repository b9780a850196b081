// Traps: positions whose truth lies in the rules' small print.
//
//   ko           a stone has just been captured, and by superko the mover may not take it back
//   dead stones  the other side has passed, and a pass would end the game with its dead stones
//                counted as alive: they must be captured first
//
// Both are drawn like life and death, and their truth is found in the same way. Chains that go round
// a dead group [Wang et al. 2023] are missing: once such a chain is captured, so many points are
// open that the proof of what follows took longer than is bearable in all but a few hundredths.
#include "exam/shapes.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_NODES = 5000, // of one question. Chosen for speed.
    MOST_EMPTY = 9,
    LEAST_EMPTY = 3,
    MOST_MOVES = 6, // that are played before a ko is looked for
};

struct trap {
    struct shape shape;
    int owner; // of the stones inside the wall
    double komi;
};

static int random_color(struct rng *rng) { return rng_below(rng, 2) ? 1 : -1; }

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

// Draws a corner in which `others` of ten stones are the wall's side's.
static bool draw(struct trap *t, const struct game *like, uint32_t others, struct rng *rng) {
    const int side = like->height;
    *t = (struct trap){.shape = {.side = side}, .owner = random_color(rng)};
    if (!shape_grow(&t->shape, (int)rng_below(rng, 2), 7 + (int)rng_below(rng, 6), 3, 4, rng)) return false;
    for (int p = 0; p < side * side; p++)
        if (t->shape.is_open[p]) {
            const uint32_t drawn = rng_below(rng, 10);
            t->shape.at[p] = (int8_t)(drawn < 5 ? t->owner : drawn < 5 + others ? -t->owner : 0);
        }
    return wall_in(t, like, rng);
}

// Whether superko forbids the mover something that a position without a history would allow.
static bool has_ko(const struct game *game, const void *state) {
    uint16_t legal[GAME_MAX_ACTIONS];
    int8_t stones[SHAPE_MAX_POINTS];
    void *fresh = memory_raw(1, game->state_bytes, "a position of an exam");
    game_stones(game, state, stones);
    CHECK(game_set_up(game, fresh, stones, game_to_move(game, state)) == STATUS_OK);
    const bool has = game_legal(game, fresh, legal) > game_legal(game, state, legal);
    free(fresh);
    return has;
}

// Plays random moves at open points until there is a ko.
static bool play_to_ko(const struct game *game, void *state, const bool *closed, struct rng *rng) {
    uint16_t legal[GAME_MAX_ACTIONS];
    for (int i = 0; i < MOST_MOVES; i++) {
        const int n = game_legal(game, state, legal);
        int open = 0;
        for (int k = 0; k < n; k++)
            if (legal[k] != game->pass_action && !closed[legal[k]]) legal[open++] = legal[k];
        if (!open) return false;
        game_play(game, state, legal[rng_below(rng, (uint32_t)open)]);
        if (game_certain(game, state) != OUTCOME_NONE) return false;
        if (has_ko(game, state)) return true;
    }
    return false;
}

// Adds the item if it asks for something: a win that a pass and most other moves give away.
static void ask(const struct exam_wish *wish, struct exam_paper *paper, const struct trap *t, bool about_ko,
                struct proof *proof, struct rng *rng) {
    bool closed[SHAPE_MAX_POINTS];
    shape_closed(&t->shape, closed);
    const struct game game = shape_game(wish->like, t->shape.side, t->komi);
    void *state = shape_state(&game, &t->shape, about_ko ? (int)rng_below(rng, 2) : t->owner < 0);
    if (!state) return;
    bool is_good = game_certain(&game, state) == OUTCOME_NONE;
    if (is_good && about_ko) is_good = play_to_ko(&game, state, closed, rng);
    if (is_good && !about_ko) {
        game_play(&game, state, game.pass_action);
        is_good = game_certain(&game, state) == OUTCOME_NONE;
    }
    if (is_good) {
        struct exam_item *item = exam_add(paper, &game, state, about_ko ? "ko" : "dead stones");
        item->band = shape_empties(&t->shape);
        const bool is_known = exam_prove(item, proof, closed, SHAPE_WAITS, true);
        paper->refused += item->result == EXAM_NOT_ASKED;
        is_good = is_known && item->result > 0 && 2 * item->num_right <= item->num_legal && !item->right[game.pass_action];
        if (!is_good) exam_drop(paper);
    }
    free(state);
}

static enum status make(const struct exam_wish *wish, struct exam_paper *paper) {
    struct rng rng;
    rng_init(&rng, wish->seed, 0x74726170);
    struct proof *proof = shape_proof(MAX_NODES);
    enum status status = STATUS_OK;
    while (exam_goes_on(wish, paper, &status)) {
        const bool about_ko = paper->num_items % 2;
        struct trap trap;
        if (!draw(&trap, wish->like, about_ko ? 2 : 0, &rng)) continue;
        const int before = paper->num_items;
        ask(wish, paper, &trap, about_ko, proof, &rng);
        if (paper->num_items > before) status = exam_progress(wish, paper);
    }
    proof_free(proof);
    return status;
}

static bool fits(const struct game *like) { return shape_fits(like) && like->height >= 7; }

const struct exam_subject exam_go_traps = {
    .name = "traps", .title = "Traps", .game = "go", .usual_items = 100, .asks_moves = true, .fits = fits, .make = make};
