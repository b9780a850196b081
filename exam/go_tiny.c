// Tiny boards: positions from random play on boards of four and nine points, with the values of all
// moves by game/solver.h. They are the only Go that is solved whole, passes and superko included.
// Komi is half a point less than the mover can get, so that the best moves are those that win.
#include "exam/shapes.h"

#include "base/memory.h"
#include "game/solver.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PLIES = 14, MAX_MOVES = 10 };
// Boards on which a question takes milliseconds, from the first move on or nearly so.
static const struct { int height, width, least_plies; } boards[] = {{2, 2, 0}, {3, 3, 1}, {3, 3, 3}, {3, 3, 5}};
enum { NUM_BOARDS = sizeof boards / sizeof boards[0] };

// Nets play the sizes that they have learned, so that this is for those of small boards.
static bool fits(const struct game *like) { return shape_fits(like) && like->height <= 4; }

// Plays random moves without passes in a row, so that the game goes on.
static bool play_randomly(const struct game *game, void *state, int plies, struct rng *rng) {
    uint16_t legal[MAX_MOVES];
    game_start(game, state);
    for (int i = 0; i < plies; i++) {
        const int n = game_legal(game, state, legal);
        if (n == 0) return false;
        // A pass is one move among many, and rarer than by chance, because two of them end it.
        const int last = rng_below(rng, 4) || n == 1 ? n - 1 : n;
        game_play(game, state, legal[last > 0 ? rng_below(rng, (uint32_t)last) : 0]);
    }
    return game_certain(game, state) == OUTCOME_NONE;
}

// Asks which moves keep the best score.
static bool ask(struct exam_paper *paper, const struct game *game, const void *state, struct solver *solver, int band) {
    uint16_t legal[MAX_MOVES];
    double values[MAX_MOVES], best = -INFINITY;
    const int n = game_legal(game, state, legal);
    CHECK(solver_moves(solver, state, values) == n);
    int num_best = 0;
    for (int i = 0; i < n; i++) {
        if (values[i] > best) num_best = 0, best = values[i];
        num_best += values[i] == best;
    }
    if (2 * num_best > n) return false;
    // The state doesn't know the komi, and serves for every one.
    const double margin = game_to_move(game, state) ? -best + game->komi : best + game->komi; // Black's, without komi
    struct game asked = *game;
    asked.komi = margin + (game_to_move(game, state) ? 0.5 : -0.5);
    struct exam_item *item = exam_add(paper, &asked, state, "best moves");
    bool *right = exam_ask_moves(item);
    for (int i = 0; i < n; i++) right[legal[i]] = values[i] == best;
    item->num_right = num_best;
    item->score = 0.5;
    item->result = 1;
    item->band = band;
    item->nodes = n;
    return true;
}

static bool is_new(const struct exam_paper *paper, const struct game *game, const void *state) {
    for (int i = 0; i < paper->num_items; i++)
        if (paper->items[i].game.height == game->height && paper->items[i].game.width == game->width &&
            game_hash(game, paper->items[i].state) == game_hash(game, state)) // by the same komi
            return false;
    return true;
}

static enum status make(const struct exam_wish *wish, struct exam_paper *paper) {
    struct rng rng;
    rng_init(&rng, wish->seed, 0x74696e79);
    enum status status = STATUS_OK;
    const int wanted = exam_wanted(wish, paper->subject);
    for (int b = 0; b < NUM_BOARDS && status == STATUS_OK; b++) {
        struct game game;
        struct solver *solver;
        const struct game_options options = {
            .height = boards[b].height, .width = boards[b].width, .komi = 0, .rules = wish->like->rules};
        TRY(game_open(&game, "go", &options));
        TRY(solver_new(&solver, &game));
        void *state = memory_raw(1, game.state_bytes, "a position of an exam");
        const int until = wanted * (b + 1) / NUM_BOARDS;
        for (int tries = 0; paper->num_items < until && tries < 60 * wanted && status == STATUS_OK; tries++) {
            const int plies = boards[b].least_plies + (int)rng_below(&rng, MOST_PLIES - (uint32_t)boards[b].least_plies);
            if (!play_randomly(&game, state, plies, &rng) || !is_new(paper, &game, state)) continue;
            if (ask(paper, &game, state, solver, game.height * game.width)) status = exam_progress(wish, paper);
        }
        free(state);
        solver_free(solver);
    }
    return status;
}

const struct exam_subject exam_go_tiny = {
    .name = "tiny", .title = "Tiny boards", .game = "go", .usual_items = 200, .asks_moves = true, .fits = fits, .make = make};
