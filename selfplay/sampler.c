// Rows are encoded only when they are used, since a game is kept as its list of moves: to play
// twenty of them costs a thousandth of what training on a row does.

#include "selfplay/sampler.h"
#include "game/symmetry.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// Where an action of a board lies in the frame of the batch, which may be larger than the board.
static int frame_action(const struct game *game, const struct batch *batch, int action) {
    const int points = game->height * game->width, on_points = game->policy_planes * points;
    const int frame = batch->height * batch->width;
    if (action >= on_points) return game->policy_planes * frame + action - on_points;
    const int plane = action / points, point = action % points;
    return plane * frame + point / game->width * batch->width + point % game->width;
}

static void outcome_wdl(enum outcome outcome, int mover, double wdl[3]) {
    const int result = outcome_for(outcome, mover);
    wdl[0] = result > 0;
    wdl[1] = result == 0;
    wdl[2] = result < 0;
}

void sampler_value(const struct record *record, int ply, double outcome_weight, double horizon, float out[3]) {
    const int mover = record->plies[ply].mover;
    double result[3], average[3] = {0, 0, 0};
    outcome_wdl(record->outcome, mover, result);
    const double keep = exp(-1 / horizon);
    double left = 1; // The weight that is not given out yet.
    for (int i = ply; i < record->num_plies && left > 1e-4; i++) {
        const struct record_ply *p = &record->plies[i];
        if (p->kind == PLY_FREE) continue;
        float wdl[3];
        record_wdl(p, wdl);
        const double weight = left * (1 - keep);
        average[0] += weight * wdl[p->mover == mover ? 0 : 2];
        average[1] += weight * wdl[1];
        average[2] += weight * wdl[p->mover == mover ? 2 : 0];
        left -= weight;
    }
    for (int i = 0; i < 3; i++) {
        average[i] += left * result[i];
        out[i] = (float)(outcome_weight * result[i] + (1 - outcome_weight) * average[i]);
    }
}

// Writes a ply's policy, or the move itself where it has none, into row `out` of the frame, turned
// by the symmetry and as `mover` sees it.
static void write_policy(const struct record *record, int ply, const struct game *game, int mover, int symmetry,
                         const struct batch *batch, float *out) {
    const struct record_ply *p = &record->plies[ply];
    if (p->kind != PLY_FULL || !p->num_probs) {
        out[frame_action(game, batch, game_seen(game, mover, symmetry, p->action))] = 1;
        return;
    }
    double sum = 0;
    for (int i = 0; i < p->num_probs; i++) sum += record->probs[p->first_prob + (uint32_t)i].prob;
    for (int i = 0; i < p->num_probs; i++) {
        const struct record_prob *prob = &record->probs[p->first_prob + (uint32_t)i];
        out[frame_action(game, batch, game_seen(game, mover, symmetry, prob->action))] = (float)(prob->prob / sum);
    }
}

static void write_legal(const struct game *game, const void *state, int symmetry, struct batch *batch, int row) {
    uint16_t *legal = memory_raw((size_t)game->num_actions, sizeof *legal, "the moves of a position");
    const int n = game_legal(game, state, legal), mover = game_to_move(game, state);
    float *out = batch->legal + (size_t)row * (size_t)batch->actions;
    for (int i = 0; i < n; i++) out[frame_action(game, batch, game_seen(game, mover, symmetry, legal[i]))] = 1;
    free(legal);
}

static void write_targets(const struct record *record, int ply, const struct game *game, int symmetry,
                          const struct config *config, struct batch *batch, int row) {
    const struct record_ply *p = &record->plies[ply];
    if (p->kind == PLY_FULL) {
        write_policy(record, ply, game, p->mover, symmetry, batch, batch_target(batch, LOSS_POLICY, row));
        batch->weights[LOSS_POLICY][row] = 1;
    }
    if (ply + 1 < record->num_plies && record->plies[ply + 1].kind != PLY_FREE) {
        write_policy(record, ply + 1, game, p->mover, symmetry, batch, batch_target(batch, LOSS_REPLY, row));
        batch->weights[LOSS_REPLY][row] = 1;
    }
    sampler_value(record, ply, config->outcome_weight, config_value_horizon(config, game->height * game->width),
                  batch_target(batch, LOSS_VALUE, row));
    sampler_value(record, ply, 0, config->short_horizon, batch_target(batch, LOSS_SHORT_VALUE, row));
    batch->weights[LOSS_VALUE][row] = batch->weights[LOSS_SHORT_VALUE][row] = 1;
    const float sign = p->mover ? -1 : 1;
    if (game->has_score) {
        *batch_target(batch, LOSS_SCORE, row) = sign * record->score;
        batch->weights[LOSS_SCORE][row] = 1;
    }
    if (game->has_ownership && record->ownership) {
        float *out = batch_target(batch, LOSS_OWNERSHIP, row);
        for (int y = 0; y < game->height; y++)
            for (int x = 0; x < game->width; x++) {
                int to_y, to_x;
                symmetry_point(game->height, game->width, symmetry, y, x, &to_y, &to_x);
                out[to_y * batch->width + to_x] = sign * record->ownership[y * game->width + x];
            }
        batch->weights[LOSS_OWNERSHIP][row] = 1;
    }
}

void sampler_row(const struct record *record, int ply, int symmetry, const struct config *config, struct batch *batch) {
    struct game game;
    CHECK(record_open_game(record, &game) == STATUS_OK);
    CHECK(batch->n < batch->max_n && game.height <= batch->height && game.width <= batch->width);
    void *state = memory_raw(1, game.state_bytes, "a position");
    game_start(&game, state);
    for (int i = 0; i < ply; i++) game_play(&game, state, record->plies[i].action);
    const int row = batch->n++;
    const size_t points = (size_t)(batch->height * batch->width), r = (size_t)row;
    game.type->encode(&game, state, symmetry, batch->planes + r * points * (size_t)game.num_planes, batch->width,
                      game.num_planes, batch->globals + r * (size_t)game.num_globals);
    for (int y = 0; y < game.height; y++)
        for (int x = 0; x < game.width; x++) batch->mask[r * points + (size_t)(y * batch->width + x)] = 1;
    write_legal(&game, state, symmetry, batch, row);
    write_targets(record, ply, &game, symmetry, config, batch, row);
    free(state);
}

void sampler_fill(const struct replay *replay, const struct config *config, struct rng *rng, int rows, struct batch *batch) {
    struct pick {
        const struct record *record;
        int ply, symmetry;
    } *picks = memory_raw((size_t)rows, sizeof *picks, "rows of a batch");
    const bool has_fast = replay_rows(replay, PLY_FAST) > 0;
    int height = 1, width = 1;
    for (struct pick *pick = picks; pick < picks + rows; pick++) {
        const enum ply_kind kind = has_fast && rng_double(rng) < config->fast_rows ? PLY_FAST : PLY_FULL;
        CHECK(replay_pick(replay, rng, kind, &pick->record, &pick->ply));
        struct game game;
        CHECK(record_open_game(pick->record, &game) == STATUS_OK);
        pick->symmetry = (int)rng_below(rng, (uint32_t)game.num_symmetries);
        if (game.height > height) height = game.height;
        if (game.width > width) width = game.width;
    }
    batch_reframe(batch, height, width);
    for (int i = 0; i < rows; i++) sampler_row(picks[i].record, picks[i].ply, picks[i].symmetry, config, batch);
    free(picks);
}
