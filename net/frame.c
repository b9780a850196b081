#include "net/frame.h"

#include "game/symmetry.h"
#include "net/heads.h"
#include "net/pass.h"

#include <math.h>
#include <string.h>

int frame_rows(int n, int max, const struct backend *backend) {
    if (backend->any_rows) return n;
    int up = n <= 2 ? n : n <= 4 ? 4 : n <= 64 ? (n + 7) / 8 * 8 : (n + 31) / 32 * 32;
    if (backend->verbs->capture_begin && n > 64) {
        int power = 64; // becomes the largest power of two below n
        while (2 * power < n) power *= 2;
        up = n <= power + power / 2 ? power + power / 2 : 2 * power;
    }
    return up < max ? up : max;
}

bool frame_encode(struct frame f, const struct position *position, float *scratch, uint32_t *bits, float *globals,
                  float *mask) {
    const struct net_config *c = f.config;
    const struct game *game = position->game;
    CHECK(game->num_planes == c->num_planes && game->num_globals == c->num_globals && game->policy_planes == c->policy_planes &&
          game->num_global_actions == c->num_global_actions && game->height <= f.h && game->width <= f.w);
    memset(scratch, 0, frame_scratch(f) * sizeof *scratch);
    memset(globals, 0, (size_t)c->num_globals * sizeof *globals);
    game->type->encode(game, position->state, position->symmetry, scratch, f.w, c->num_planes, globals);
    planes_pack(frame_points(f), c->num_planes, scratch, bits);
    for (int y = 0; y < f.h; y++)
        for (int x = 0; x < f.w; x++) mask[y * f.w + x] = y < game->height && x < game->width;
    return game->height != f.h || game->width != f.w;
}

static void decode_policy(struct frame f, const struct position *position, const float *row, float *logits) {
    const struct game *game = position->game;
    const int h = game->height, w = game->width, points = h * w, on_points = game->policy_planes * points;
    const bool same = h == f.h && w == f.w;
    const int mover = game_to_move(game, position->state);
    for (int a = 0; a < game->num_actions; a++) {
        const int seen = game_seen(game, mover, position->symmetry, a);
        int at = seen;
        if (!same && seen < on_points) {
            const int plane = seen / points, y = seen % points / w, x = seen % w;
            at = (plane * f.h + y) * f.w + x;
        } else if (!same) {
            at = seen - on_points + game->policy_planes * f.h * f.w;
        }
        logits[a] = row[at];
    }
}

static void decode_ownership(struct frame f, const struct position *position, const float *row, float *ownership) {
    const struct game *game = position->game;
    for (int y = 0; y < game->height; y++)
        for (int x = 0; x < game->width; x++) {
            int sy, sx;
            symmetry_point(game->height, game->width, position->symmetry, y, x, &sy, &sx);
            ownership[y * game->width + x] = tanhf(row[sy * f.w + sx]);
        }
}

static void softmax3(const float *x, float *out) {
    const float most = fmaxf(x[0], fmaxf(x[1], x[2]));
    float sum = 0;
    for (int i = 0; i < 3; i++) sum += out[i] = expf(x[i] - most);
    for (int i = 0; i < 3; i++) out[i] /= sum;
}

void frame_decode(struct frame f, const struct position *position, const float *logits, const float *value,
                  const float *ownership, struct judgement *out) {
    decode_policy(f, position, logits, out->logits);
    softmax3(value + VALUE_RESULT, out->wdl);
    out->score = f.config->has_score ? 10 * value[VALUE_SCORE] : 0;
    if (!out->ownership) return;
    if (f.config->has_ownership)
        decode_ownership(f, position, ownership, out->ownership);
    else
        memset(out->ownership, 0, (size_t)position->game->height * (size_t)position->game->width * sizeof *out->ownership);
}
