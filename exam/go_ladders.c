// Ladders: a chain in atari that runs can be driven across the board by atari after atari, unless one
// of its friends (a breaker) stands in the way.
//
//   o o o x . . .     o  the chain, which fills a corner and has no eyes; it is to move
//   o o o x . . .     x  its attackers, who have just given atari; if the chain runs, the ladder goes
//   x x . . . . .        down and to the right
//   . . . . . . .
//   . . . . . o .     the breaker
//
// The chain is large, so that nothing on the board is worth as much as to save it. Items come in
// pairs on the same stones, of which one, the breaker, stands elsewhere. With it there the ladder
// fails, and the right moves are those that save the chain. With it here the ladder works, and to
// run is wrong: it loses the more stones the further it goes. A pair counts as one question, because
// whoever always runs, or never does, has half of the items right. Everything else on the board is
// up for grabs, so that no result is asked.
#include "exam/chase.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum {
    LEAST_MOVES = 4, // of the attacker, for a ladder that works. Shorter ones are seen at a glance.
    MOST_MOVES = 40,
    MOST_ESCAPES = 12,
};

// Puts the chain and its attackers into a corner. Returns the chain's point where it can break out.
static int put_start(struct shape *s, int runner, struct rng *rng) {
    const int side = s->side, height = 2 + (side > 7 && rng_below(rng, 2)), width = 2 + (int)rng_below(rng, 2);
    for (int y = 0; y <= height; y++)
        for (int x = 0; x <= width; x++) {
            const bool is_inside = y < height && x < width, is_head = y + x >= height + width - 1;
            if (is_inside || !is_head) s->at[y * side + x] = (int8_t)(is_inside ? runner : -runner);
        }
    return (height - 1) * side + width - 1;
}

static int distance(int side, int a, int b) {
    const int y = abs(a / side - b / side), x = abs(a % side - b % side);
    return y > x ? y : x;
}

// Scatters stones of both sides, as many of each, away from the start.
static void scatter(struct shape *s, int target, int count, struct rng *rng) {
    const int points = s->side * s->side;
    for (int i = 0, tries = 0; i < 2 * count && tries < 1000; tries++) {
        const int p = (int)rng_below(rng, (uint32_t)points);
        if (s->at[p] || distance(s->side, p, target) < 3) continue;
        s->at[p] = (int8_t)(i % 2 ? 1 : -1);
        i++;
    }
}

struct ladder {
    struct shape shape; // after the atari
    int target;
    bool works;
    int moves; // of the attacker, where it works
};

// Reads the ladder that begins with the attacker's atari at `first`, with the breaker at `point`.
// False: it is none, or is not understood.
static bool read(const struct shape *base, int target, int first, int point, int runner, struct ladder *out) {
    int three[3];
    *out = (struct ladder){.shape = *base, .target = target};
    out->shape.at[point] = (int8_t)runner;
    if (chase_liberties(&out->shape, target, three, 3) != 2 || (three[0] != first && three[1] != first)) return false;
    const enum chase_result result = chase_read(&out->shape, target, first, &out->moves);
    out->works = result == CHASE_CATCHES;
    return result != CHASE_TOO_LONG && chase_play(&out->shape, first, -runner);
}

// Whether some move of the chain gets away from nets, too.
static bool is_safe(const struct ladder *l) {
    int escapes[MOST_ESCAPES];
    const int n = chase_escapes(&l->shape, l->target, escapes, MOST_ESCAPES);
    for (int i = 0; i < n; i++)
        if (chase_gets_away(&l->shape, l->target, escapes[i])) return true;
    return false;
}

// Finds two points for the breaker, near each other, of which one lets the ladder work and the
// other doesn't.
static bool find_pair(const struct shape *base, int target, int first, int runner, struct ladder *works, struct ladder *fails,
                      struct rng *rng) {
    const int side = base->side, points = side * side;
    bool has = false;
    int best = 3; // breakers are at most two lines apart
    struct ladder *all = memory_raw((size_t)points, sizeof *all, "the ladders of an exam");
    int at[SHAPE_MAX_POINTS], num = 0;
    for (int p = 0; p < points; p++)
        if (!base->at[p] && distance(side, p, target) >= 3 && read(base, target, first, p, runner, &all[num])) at[num++] = p;
    const int shift = num ? (int)rng_below(rng, (uint32_t)num) : 0; // so that no corner is preferred
    for (int i = 0; i < num; i++) {
        const int a = (i + shift) % num;
        if (!all[a].works || all[a].moves < LEAST_MOVES || all[a].moves > MOST_MOVES) continue;
        for (int b = 0; b < num; b++) {
            if (all[b].works || distance(side, at[a], at[b]) >= best) continue;
            best = distance(side, at[a], at[b]);
            *works = all[a];
            *fails = all[b];
            has = true;
        }
    }
    free(all);
    return has && is_safe(fails);
}

static void ask(const struct exam_wish *wish, struct exam_paper *paper, const struct ladder *l, int runner, int symmetry,
                int pair, int moves) {
    // What moves do: 0 nothing about it, 1 run, 2 run and get away.
    struct shape turned = l->shape, marks = {.side = l->shape.side};
    int escapes[MOST_ESCAPES];
    const int num = chase_escapes(&l->shape, l->target, escapes, MOST_ESCAPES);
    for (int i = 0; i < num; i++)
        marks.at[escapes[i]] = (int8_t)(1 + (!l->works && chase_gets_away(&l->shape, l->target, escapes[i])));
    shape_turn(&turned, symmetry);
    shape_turn(&marks, symmetry);
    const struct game game = shape_game(wish->like, turned.side, wish->like->komi);
    void *state = shape_state(&game, &turned, runner < 0);
    CHECK(state);
    struct exam_item *item = exam_add(paper, &game, state, l->works ? "works" : "fails");
    free(state);
    item->pair = pair;
    item->band = moves;
    item->nodes = moves;
    bool *right = exam_ask_moves(item);
    uint16_t legal[GAME_MAX_ACTIONS];
    const int n = game_legal(&game, item->state, legal);
    for (int i = 0; i < n; i++) {
        const int mark = legal[i] == game.pass_action ? 0 : marks.at[legal[i]];
        right[legal[i]] = l->works ? mark == 0 : mark == 2;
        item->num_right += right[legal[i]];
    }
}

// Whether the position can be set up.
static bool breathes(const struct game *like, const struct shape *shape) {
    const struct game game = shape_game(like, shape->side, like->komi);
    void *state = shape_state(&game, shape, 0);
    free(state);
    return state != NULL;
}

static enum status make(const struct exam_wish *wish, struct exam_paper *paper) {
    struct rng rng;
    rng_init(&rng, wish->seed, 0x6c6164646572);
    enum status status = STATUS_OK;
    const int side = wish->like->height;
    for (int pair = 0; exam_goes_on(wish, paper, &status);) {
        struct shape base = {.side = side};
        struct ladder works, fails;
        int liberties[2];
        const int runner = rng_below(&rng, 2) ? 1 : -1, target = put_start(&base, runner, &rng);
        scatter(&base, target, (int)rng_below(&rng, (uint32_t)side / 2), &rng);
        chase_liberties(&base, target, liberties, 2);
        if (!find_pair(&base, target, liberties[rng_below(&rng, 2)], runner, &works, &fails, &rng)) continue;
        if (!breathes(wish->like, &works.shape) || !breathes(wish->like, &fails.shape)) continue;
        const int symmetry = (int)rng_below(&rng, 8);
        ask(wish, paper, &works, runner, symmetry, pair, works.moves);
        ask(wish, paper, &fails, runner, symmetry, pair++, works.moves);
        status = exam_progress(wish, paper);
    }
    return status;
}

static bool fits(const struct game *like) { return shape_fits(like) && like->height >= 7; }

const struct exam_subject exam_go_ladders = {.name = "ladders",
                                             .title = "Ladders",
                                             .game = "go",
                                             .usual_items = 200,
                                             .asks_moves = true,
                                             .by_pairs = true,
                                             .fits = fits,
                                             .make = make};
