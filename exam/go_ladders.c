// Ladders: a chain of two liberties that can be driven across the board by atari after atari, unless
// one of its friends (a breaker) stands in the way.
//
//   . . . . . .
//   . x x . . .     o  the chain; x, to move, may start a ladder that runs down and to the right
//   x o . . . .
//   . . . . . .
//   . . . . o .     the breaker
//
// Items come in pairs on the same stones, of which one, the breaker, stands elsewhere: with it here
// the ladder works and the first atari is the right move, with it there the ladder fails and the
// atari is the wrong one. A pair counts as one question, because whoever always starts ladders, or
// never does, has half of the items right. Everything else on the board is up for grabs, so that no
// result is asked.
#include "exam/ladders.h"

#include <stdlib.h>
#include <string.h>

enum {
    LEAST_MOVES = 4, // of the attacker, for a ladder that works. Shorter ones are seen at a glance.
    MOST_MOVES = 40,
};

// Puts the chain and its attackers on the board. Returns the chain's point.
static int put_start(struct shape *s, int runner, struct rng *rng) {
    const int side = s->side, y = 1 + (int)rng_below(rng, (uint32_t)side / 2 - 1), x = 1 + (int)rng_below(rng, (uint32_t)side / 2 - 1);
    s->at[y * side + x] = (int8_t)runner;
    s->at[(y - 1) * side + x] = s->at[(y - 1) * side + x + 1] = s->at[y * side + x - 1] = (int8_t)-runner;
    return y * side + x;
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
    struct shape shape;
    int target, liberties[2];
    bool works[2]; // by the liberty that it begins with
    int moves;
};

// Reads the ladder with the breaker at `point`. False: it is none, or is not understood.
static bool read(const struct shape *base, int target, int point, int runner, struct ladder *out) {
    int moves;
    *out = (struct ladder){.shape = *base, .target = target};
    out->shape.at[point] = (int8_t)runner;
    int three[3];
    if (ladder_liberties(&out->shape, target, three, 3) != 2) return false;
    for (int i = 0; i < 2; i++) {
        out->liberties[i] = three[i];
        const enum ladder_result result = ladder_read(&out->shape, target, three[i], &moves);
        if (result == LADDER_TOO_LONG) return false;
        out->works[i] = result == LADDER_WORKS;
        if (out->works[i] && moves > out->moves) out->moves = moves;
    }
    return true;
}

// Finds two points for the breaker, near each other, of which one lets the ladder work and the
// other doesn't.
static bool find_pair(const struct shape *base, int target, int runner, struct ladder *works, struct ladder *fails,
                      struct rng *rng) {
    const int side = base->side, points = side * side;
    bool has = false;
    int best = 3; // breakers are at most two lines apart
    struct ladder *all = malloc((size_t)points * sizeof *all);
    int at[SHAPE_MAX_POINTS], num = 0;
    CHECK(all);
    for (int p = 0; p < points; p++)
        if (!base->at[p] && distance(side, p, target) >= 3 && read(base, target, p, runner, &all[num])) at[num++] = p;
    const int shift = num ? (int)rng_below(rng, (uint32_t)num) : 0; // so that no corner is preferred
    for (int i = 0; i < num; i++) {
        const struct ladder *a = &all[(i + shift) % num];
        if (!(a->works[0] || a->works[1]) || a->moves < LEAST_MOVES || a->moves > MOST_MOVES) continue;
        for (int k = 0; k < num; k++) {
            const int apart = distance(side, at[(i + shift) % num], at[k]);
            if (all[k].works[0] || all[k].works[1] || apart >= best) continue;
            best = apart;
            *works = *a;
            *fails = all[k];
            has = true;
        }
    }
    free(all);
    return has;
}

static void ask(const struct exam_wish *wish, struct exam_paper *paper, const struct ladder *l, int runner, int symmetry,
                int pair, int moves) {
    const bool works = l->works[0] || l->works[1];
    struct shape turned = l->shape, marks = {.side = l->shape.side};
    for (int i = 0; i < 2; i++) marks.at[l->liberties[i]] = (int8_t)(1 + l->works[i]); // where the ataris go
    shape_turn(&turned, symmetry);
    shape_turn(&marks, symmetry);
    const struct game game = shape_game(wish->like, turned.side, wish->like->komi);
    void *state = shape_state(&game, &turned, runner > 0);
    CHECK(state);
    struct exam_item *item = exam_add(paper, &game, state, works ? "works" : "fails");
    free(state);
    item->pair = pair;
    item->band = moves;
    item->nodes = moves;
    bool *right = exam_ask_moves(item);
    uint16_t legal[GAME_MAX_ACTIONS];
    const int n = game_legal(&game, item->state, legal);
    for (int i = 0; i < n; i++) {
        const int mark = legal[i] == game.pass_action ? 0 : marks.at[legal[i]];
        right[legal[i]] = works ? mark == 2 : mark == 0;
        item->num_right += right[legal[i]];
    }
}

static enum status make(const struct exam_wish *wish, struct exam_paper *paper) {
    struct rng rng;
    rng_init(&rng, wish->seed, 0x6c6164646572);
    enum status status = STATUS_OK;
    const int side = wish->like->height;
    for (int pair = 0; paper->num_items < exam_wanted(wish, paper->subject) && status == STATUS_OK;) {
        struct shape base = {.side = side};
        struct ladder works, fails;
        const int runner = rng_below(&rng, 2) ? 1 : -1, target = put_start(&base, runner, &rng);
        scatter(&base, target, (int)rng_below(&rng, (uint32_t)side / 2), &rng);
        if (!find_pair(&base, target, runner, &works, &fails, &rng)) continue;
        struct game game = shape_game(wish->like, side, wish->like->komi);
        void *first = shape_state(&game, &works.shape, 0), *second = shape_state(&game, &fails.shape, 0);
        const bool is_good = first && second;
        free(first);
        free(second);
        if (!is_good) continue;
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
                                             .usual_items = 300,
                                             .asks_moves = true,
                                             .by_pairs = true,
                                             .fits = fits,
                                             .make = make};
