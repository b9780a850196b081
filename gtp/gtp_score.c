// What the engine agrees to when a game is over: which stones are dead, which live in seki, and the
// score by the game's rules.
//
// The owner of a point is exact where the game is settled. Otherwise it is what the net expects in
// the positions of a short search, since the net has learned how such positions end. So the
// agreement is as good as the net. Seki is mostly seen on the board (game/area_seki.c), because a
// net that was not trained under the rules at hand has never met the tax on it.
#include "gtp/gtp_engine.h"

#include "base/memory.h"
#include "game/go_rules.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_POINTS = GAME_MAX_SIDE * GAME_MAX_SIDE,
    // Of the search that looks for owners. Chosen: a fraction of a second on one core.
    OWNER_VISITS = 128,
    OWNER_BATCH = 16,
};

void gtp_engine_board(const struct gtp_engine *engine, struct area_board *board) {
    area_start(board, engine->game.height, engine->game.width);
    if (engine->is_set_up) memcpy(board->point, engine->setup, (size_t)(board->height * board->width));
    for (int i = 0; i < engine->num_moves; i++) area_play(board, engine->moves[i].color ? -1 : 1, engine->moves[i].action);
}

// Judges positions and adds the owners that are expected in them, from Black's view.
static void add_owners(struct gtp_engine *engine, int n, const struct position *positions, double *owner) {
    const struct game *game = &engine->game;
    const int points = game->height * game->width;
    float *owners = memory_raw((size_t)n * (size_t)points, sizeof *owners, "the owners of points");
    for (int i = 0; i < n; i++) engine->judgements[i].ownership = owners + i * points;
    evaluator_judge(engine->evaluator, n, positions, engine->judgements);
    for (int i = 0; i < n; i++) {
        const int side = game_to_move(game, positions[i].state) ? -1 : 1;
        for (int p = 0; p < points; p++) owner[p] += side * owners[i * points + p];
        engine->judgements[i].ownership = NULL;
    }
    free(owners);
}

// The sum over all symmetries of the board. Returns their number.
static int owners_now(struct gtp_engine *engine, int batch, double *owner) {
    const int num = engine->game.num_symmetries;
    struct position positions[OWNER_BATCH];
    for (int done = 0; done < num;) {
        const int n = num - done < batch ? num - done : batch;
        for (int i = 0; i < n; i++) positions[i] = (struct position){&engine->game, engine->state, done + i};
        add_owners(engine, n, positions, owner);
        done += n;
    }
    return num;
}

// The sum over the positions of a short search, each through a random symmetry. Returns their
// number. The search has random numbers of its own, so that no answer depends on earlier ones.
static int owners_later(struct gtp_engine *engine, int batch, double *owner) {
    struct search_params params = search_params_default;
    params.kind = SEARCH_PUCT;
    params.max_leaves = OWNER_BATCH;
    params.root_noise_weight = 0;
    params.stop_settled = params.random_symmetry = true;
    struct search *search;
    struct rng rng;
    struct position positions[OWNER_BATCH];
    int judged = 0;
    rng_init(&rng, engine->params->seed, 0x6f776e6572); // "owner" in ASCII
    CHECK(search_new(&search, &params) == STATUS_OK);
    search_start(search, &engine->game, engine->state, &rng);
    search_begin(search, OWNER_VISITS, false);
    for (int n; (n = search_gather(search, batch, positions)) > 0; judged += n) {
        add_owners(engine, n, positions, owner);
        search_absorb(search, n, engine->judgements);
    }
    search_free(search);
    return judged;
}

// The expected owner of every point, from +1 for Black to -1 for White. A net may misread one
// position, but hardly all mirror images of it and what sensible play makes of it. The two halves
// weigh the same, for a search also looks at moves that nobody would make.
static void expected_owner(struct gtp_engine *engine, float *owner) {
    const struct game *game = &engine->game;
    const int points = game->height * game->width;
    memset(owner, 0, points * sizeof *owner);
    gtp_engine_derive(engine, gtp_engine_next_color(engine));
    if (game_certain(game, engine->state) == OUTCOME_NONE) {
        const int most = engine->evaluator->max_batch, batch = most < OWNER_BATCH ? most : OWNER_BATCH;
        double now[MAX_POINTS] = {0}, later[MAX_POINTS] = {0};
        const int num_now = owners_now(engine, batch, now), num_later = owners_later(engine, batch, later);
        for (int i = 0; i < points; i++) owner[i] = (float)((now[i] / num_now + later[i] / num_later) / 2);
        return;
    }
    int8_t exact[MAX_POINTS];
    game->type->ownership(game, engine->state, exact);
    for (int i = 0; i < points; i++) owner[i] = exact[i];
}

void gtp_engine_stones(struct gtp_engine *engine, const struct area_board *board, uint8_t *status) {
    memset(status, AREA_ALIVE, (size_t)(board->height * board->width));
    if (!gtp_engine_counts_as_it_stands(engine)) gtp_engine_guess_stones(engine, board, status);
}

void gtp_engine_guess_stones(struct gtp_engine *engine, const struct area_board *board, uint8_t *status) {
    float owner[MAX_POINTS];
    memset(status, AREA_ALIVE, (size_t)(board->height * board->width));
    expected_owner(engine, owner);
    area_find_dead(board, owner, status);
    if (engine->counted.rule[GO_TAX] == GO_TAX_SEKI) area_find_seki(&engine->counted, board, owner, status);
}

double gtp_engine_score(struct gtp_engine *engine) {
    struct area_board board;
    uint8_t status[MAX_POINTS];
    gtp_engine_derive(engine, gtp_engine_next_color(engine));
    // A tie, or a game without result.
    if (game_outcome(&engine->game, engine->state) == OUTCOME_DRAW && !gtp_engine_counts_otherwise(engine)) return 0;
    gtp_engine_board(engine, &board);
    gtp_engine_stones(engine, &board, status);
    // The game's komi has bounds, the controller's has none.
    return area_agreed(&engine->counted, &board, status) + engine->counted.komi - gtp_engine_full_komi(engine);
}
