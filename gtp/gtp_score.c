// What the engine agrees to when a game is over: which stones are dead, which live in seki, and the
// score by the game's rules.
//
// The owner of a point is exact where the game is settled. Otherwise it is the net's expectation,
// since the net has learned how such positions end. So the agreement is as good as the net. Seki is
// mostly seen on the board (game/area_seki.c), because a net that was not trained under the rules at
// hand has never met the tax on it.
#include "gtp/gtp_engine.h"

#include "game/go_rules.h"

#include <string.h>

enum { MAX_POINTS = GAME_MAX_SIDE * GAME_MAX_SIDE };

// A chain is dead if the mean expected owner of its points is the other side by at least this much.
// Chosen: far more sure than not.
static const float sure_ownership = 0.5f;

void gtp_engine_board(const struct gtp_engine *engine, struct area_board *board) {
    area_start(board, engine->game.height, engine->game.width);
    if (engine->is_set_up) memcpy(board->point, engine->setup, (size_t)(board->height * board->width));
    for (int i = 0; i < engine->num_moves; i++) area_play(board, engine->moves[i].color ? -1 : 1, engine->moves[i].action);
}

// The expected owner of every point, from +1 for Black to -1 for White.
static void expected_owner(struct gtp_engine *engine, float *owner) {
    const struct game *game = &engine->game;
    const int points = game->height * game->width;
    memset(owner, 0, points * sizeof *owner);
    gtp_engine_derive(engine, gtp_engine_next_color(engine));
    if (game_certain(game, engine->state) != OUTCOME_NONE) {
        int8_t exact[GAME_MAX_SIDE * GAME_MAX_SIDE];
        game->type->ownership(game, engine->state, exact);
        for (int i = 0; i < points; i++) owner[i] = exact[i];
        return;
    }
    const struct position position = {.game = game, .state = engine->state};
    struct judgement judgement = {.logits = engine->logits, .ownership = owner};
    evaluator_judge(engine->evaluator, 1, &position, &judgement);
    for (int i = 0; i < points; i++) owner[i] = engine->to_play == 0 ? owner[i] : -owner[i];
}

static float mean_owner(const float *owner, const uint16_t *points, int n) {
    float sum = 0;
    for (int i = 0; i < n; i++) sum += owner[points[i]];
    return sum / (float)n;
}

static void find_dead(const struct area_board *board, const float *owner, uint8_t *status) {
    for (int p = 0; p < board->height * board->width; p++) {
        uint16_t chain[MAX_POINTS];
        const int n = area_chain(board, p, chain);
        if (n > 0 && mean_owner(owner, chain, n) * board->point[p] < -sure_ownership) status[p] = AREA_DEAD;
    }
}

void gtp_engine_stones(struct gtp_engine *engine, const struct area_board *board, uint8_t *status) {
    float owner[MAX_POINTS];
    memset(status, AREA_ALIVE, (size_t)(board->height * board->width));
    expected_owner(engine, owner);
    find_dead(board, owner, status);
    if (engine->game.rule[GO_TAX] == GO_TAX_SEKI) area_find_seki(&engine->game, board, owner, status);
}

double gtp_engine_score(struct gtp_engine *engine) {
    struct area_board board;
    uint8_t status[MAX_POINTS];
    gtp_engine_derive(engine, gtp_engine_next_color(engine));
    // A tie, or a game without result.
    if (game_outcome(&engine->game, engine->state) == OUTCOME_DRAW) return 0;
    gtp_engine_board(engine, &board);
    gtp_engine_stones(engine, &board, status);
    return area_agreed(&engine->game, &board, status);
}
