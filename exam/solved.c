// Positions are drawn by uniformly random moves to a number of empty points, and drawn again where
// nothing is left to choose: an item where every move is right asks nothing.
#include "exam/solved.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_DRAWS = 400 }; // in a row that are no new item, until a band is given up; chosen

struct solving {
    const struct solved_plan *plan;
    const struct exam_wish *wish;
    struct exam_paper *paper;
    struct rng rng;
    void *state;
    struct solver *solver; // NULL before the first position
    uint64_t *seen;        // [max_seen]: the keys of those that were drawn
    int num_seen, max_seen, num_lost;
};

static int count_empty(const struct game *game, const void *state) {
    int8_t stones[GAME_MAX_SIDE * GAME_MAX_SIDE];
    int counts[2];
    game_stones(game, state, stones);
    game_count_stones(game, stones, counts);
    return game->height * game->width - counts[0] - counts[1];
}

// Plays at random until so many points are empty. False: the game was over before, or the position
// was there already.
static bool draw(struct solving *s, int left) {
    const struct game *game = s->plan->game;
    uint16_t legal[GAME_MAX_ACTIONS];
    game_start(game, s->state);
    int n = game_legal(game, s->state, legal);
    while (n && count_empty(game, s->state) > left) {
        game_play(game, s->state, legal[rng_below(&s->rng, (uint32_t)n)]);
        n = game_legal(game, s->state, legal);
    }
    // A single move, such as a pass that must be made, asks nothing.
    if (n < 2) return false;
    const uint64_t key = game_hash(game, s->state);
    for (int i = 0; i < s->num_seen; i++)
        if (s->seen[i] == key) return false;
    if (s->num_seen == s->max_seen) {
        s->max_seen = s->max_seen ? 2 * s->max_seen : 256;
        s->seen = memory_resize(s->seen, (size_t)s->max_seen, sizeof *s->seen, "the items of an exam");
    }
    s->seen[s->num_seen++] = key;
    return true;
}

static enum status want_solver(struct solving *s) {
    if (s->solver && solver_serves(s->solver, s->state)) return STATUS_OK;
    solver_free(s->solver);
    s->solver = NULL;
    return solver_new_at(&s->solver, s->plan->game, s->state);
}

// Adds the position as an item, or not, where it asks nothing. *added says which.
static enum status ask(struct solving *s, int band, bool *added) {
    const struct game *game = s->plan->game;
    uint16_t legal[GAME_MAX_ACTIONS];
    *added = false;
    TRY(want_solver(s));
    const double value = solver_value(s->solver, s->state);
    const int result = value > 0 ? 1 : value < 0 ? -1 : 0, n = game_legal(game, s->state, legal);
    const bool is_lost = result < 0;
    const int share = s->plan->lost_share;
    if (is_lost && (!share || (s->num_lost + 1) * share > s->paper->num_items + share)) return STATUS_OK;
    struct exam_item *item = exam_add(s->paper, game, s->state, is_lost ? "lost" : result ? "won" : "drawn");
    item->result = result;
    item->band = band;
    if (s->plan->with_score) item->score = value;
    if (is_lost) {
        s->num_lost++;
        *added = true;
        return STATUS_OK;
    }
    bool *right = exam_ask_moves(item);
    // Values are whole numbers, so that a win is at least 1.
    for (int i = 0; i < n; i++) {
        right[legal[i]] = solver_move_keeps(s->solver, s->state, legal[i], result);
        item->num_right += right[legal[i]];
    }
    CHECK(item->num_right > 0);
    *added = item->num_right < n;
    if (!*added) exam_drop(s->paper);
    return STATUS_OK;
}

static enum status make_band(struct solving *s, int band, int wanted) {
    const struct solved_plan *plan = s->plan;
    for (int made = 0, draws = 0; made < wanted && draws < MAX_DRAWS;) {
        const int left = plan->least_left + band * plan->band_width + (int)rng_below(&s->rng, (uint32_t)plan->band_width);
        bool added = false;
        if (draw(s, left)) TRY(ask(s, band, &added));
        draws = added ? 0 : draws + 1;
        made += added;
        if (added) TRY(exam_progress(s->wish, s->paper));
        if (s->wish->stop && *s->wish->stop) return STATUS_CANCELLED;
    }
    return STATUS_OK;
}

enum status solved_make(const struct solved_plan *plan, const struct exam_wish *wish, struct exam_paper *paper) {
    struct solving s = {.plan = plan, .wish = wish, .paper = paper};
    enum status status = STATUS_OK;
    rng_init(&s.rng, wish->seed, plan->stream);
    s.state = memory_raw(1, plan->game->state_bytes, "a position");
    const int wanted = exam_wanted(wish, paper->subject);
    for (int band = 0; band < plan->num_bands && status == STATUS_OK; band++)
        status = make_band(&s, band, (band + 1) * wanted / plan->num_bands - band * wanted / plan->num_bands);
    solver_free(s.solver);
    free(s.state);
    free(s.seen);
    return status;
}
