// Encodes positions into a frame, runs the forward pass, decodes the heads.
//
// The frame of a batch is the largest height and width in it; smaller boards fill its top left and are masked. The number of
// rows is rounded up so that the backend sees few shapes (each costs it a primitive); the extra rows are empty boards.
//
// An action a of the game, looked at through symmetry k, is at game_permute(k, a) in the encoded board, which is moved to
// the wider frame: (plane * h + y) * w + x becomes (plane * H + y) * W + x, global actions go to the end.
#include "net/net_evaluator.h"

#include "net/pass.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct net_evaluator {
    struct evaluator base;
    struct backend *backend; // borrowed
    struct net *net;         // config, for pass_new when the frame grows
    struct pass *pass;
    int max_h, max_w; // of the pass
    float *planes, *globals, *mask, *logits, *value, *ownership;
    struct net_evaluator_stats stats;
};

static struct net_evaluator *self_of(struct evaluator *e) { return (struct net_evaluator *)e; }

// 1, 2, 4, multiples of 8 to 64, of 32 beyond.
static int rounded(int n, int max) {
    const int up = n <= 2 ? n : n <= 4 ? 4 : n <= 64 ? (n + 7) / 8 * 8 : (n + 31) / 32 * 32;
    return up < max ? up : max;
}

static int value_outputs(const struct net_evaluator *e) { return 6 + e->net->config.has_score; }

static void buffers_free(struct net_evaluator *e) {
    pass_free(e->pass);
    free(e->planes);
    free(e->globals);
    free(e->mask);
    free(e->logits);
    free(e->value);
    free(e->ownership);
    e->pass = NULL;
    e->planes = e->globals = e->mask = e->logits = e->value = e->ownership = NULL;
}

static float *floats(size_t count) { return aligned_alloc(64, (count * sizeof(float) + 63) / 64 * 64 + 64); }

// Buffers for frames up to h x w; grows at most a few times in a life.
static enum status frame_room(struct net_evaluator *e, int h, int w) {
    if (e->pass && h <= e->max_h && w <= e->max_w) return STATUS_OK;
    const struct net_config *c = &e->net->config;
    const size_t n = (size_t)e->base.max_batch;
    e->max_h = h > e->max_h ? h : e->max_h;
    e->max_w = w > e->max_w ? w : e->max_w;
    const size_t points = (size_t)e->max_h * (size_t)e->max_w;
    buffers_free(e);
    TRY(pass_new(&e->pass, e->net, e->backend, false, e->base.max_batch, e->max_h, e->max_w));
    e->planes = floats(n * points * (size_t)c->num_planes);
    e->globals = floats(n * (size_t)c->num_globals);
    e->mask = floats(n * points);
    e->logits = floats(n * (points * (size_t)c->policy_planes + (size_t)c->num_global_actions));
    e->value = floats(n * (size_t)value_outputs(e));
    e->ownership = floats(n * points);
    if (!e->planes || !e->globals || !e->mask || !e->logits || !e->value || !e->ownership)
        return status_fail(STATUS_MEMORY, "net evaluator: not enough memory for batches of %d on %dx%d", e->base.max_batch,
                           e->max_h, e->max_w);
    return STATUS_OK;
}

static bool encode(struct net_evaluator *e, struct image s, int n, const struct position *positions) {
    const struct net_config *c = &e->net->config;
    const size_t points = (size_t)s.h * (size_t)s.w, row = points * (size_t)c->num_planes;
    bool masked = false;
    memset(e->planes, 0, (size_t)s.n * row * sizeof(float));
    memset(e->globals, 0, (size_t)s.n * (size_t)c->num_globals * sizeof(float));
    for (int i = 0; i < n; i++) {
        const struct game *game = positions[i].game;
        CHECK(game->num_planes == c->num_planes && game->num_globals == c->num_globals &&
              game->policy_planes == c->policy_planes && game->num_global_actions == c->num_global_actions);
        masked |= game->height != s.h || game->width != s.w;
        game->type->encode(game, positions[i].state, positions[i].symmetry, e->planes + (size_t)i * row, s.w, c->num_planes,
                           e->globals + (size_t)i * (size_t)c->num_globals);
    }
    if (!masked) return false;
    for (int i = 0; i < s.n; i++)
        for (int y = 0; y < s.h; y++)
            for (int x = 0; x < s.w; x++)
                e->mask[((size_t)i * points) + (size_t)(y * s.w + x)] =
                    i >= n || (y < positions[i].game->height && x < positions[i].game->width);
    return true;
}

static void decode_policy(const struct position *position, struct image s, const float *frame, float *logits) {
    const struct game *game = position->game;
    const int h = game->height, w = game->width, points = h * w, on_points = game->policy_planes * points;
    const bool same = h == s.h && w == s.w;
    for (int a = 0; a < game->num_actions; a++) {
        const int seen = game_permute(game, position->symmetry, a);
        int at = seen;
        if (!same && seen < on_points) {
            const int plane = seen / points, y = seen % points / w, x = seen % w;
            at = (plane * s.h + y) * s.w + x;
        } else if (!same) {
            at = seen - on_points + game->policy_planes * s.h * s.w;
        }
        logits[a] = frame[at];
    }
}

static void decode_ownership(const struct position *position, struct image s, const float *frame, float *ownership) {
    const struct game *game = position->game;
    for (int y = 0; y < game->height; y++)
        for (int x = 0; x < game->width; x++) {
            int sy, sx;
            symmetry_point(game->height, game->width, position->symmetry, y, x, &sy, &sx);
            ownership[y * game->width + x] = tanhf(frame[sy * s.w + sx]);
        }
}

static void softmax3(const float *x, float *out) {
    const float most = fmaxf(x[0], fmaxf(x[1], x[2]));
    float sum = 0;
    for (int i = 0; i < 3; i++) sum += out[i] = expf(x[i] - most);
    for (int i = 0; i < 3; i++) out[i] /= sum;
}

static void download(struct net_evaluator *e, struct image s, int n, bool wants_ownership) {
    const struct pass *p = e->pass;
    const struct backend_verbs *v = e->backend->verbs;
    v->download(e->backend, e->logits, p->logits, (size_t)n * (size_t)p->actions); // the first head: this move
    v->download(e->backend, e->value, p->value, (size_t)n * (size_t)value_outputs(e));
    if (wants_ownership) v->download(e->backend, e->ownership, p->ownership, (size_t)n * (size_t)s.h * (size_t)s.w);
}

static void judge(struct evaluator *base, int n, const struct position *positions, struct judgement *judgements) {
    struct net_evaluator *e = self_of(base);
    const struct net_config *c = &e->net->config;
    CHECK(n >= 0 && n <= base->max_batch);
    if (n == 0) return;
    struct image s = {.n = rounded(n, base->max_batch)};
    bool wants_ownership = false;
    for (int i = 0; i < n; i++) {
        if (positions[i].game->height > s.h) s.h = positions[i].game->height;
        if (positions[i].game->width > s.w) s.w = positions[i].game->width;
        wants_ownership |= judgements[i].ownership != NULL && c->has_ownership;
    }
    CHECK(frame_room(e, s.h, s.w) == STATUS_OK); // judge has no way to fail; the line is on stderr by then
    const bool masked = encode(e, s, n, positions);
    pass_input(e->pass, s, e->planes, e->globals, masked ? e->mask : NULL);
    pass_forward(e->pass);
    download(e, s, n, wants_ownership);
    for (int i = 0; i < n; i++) {
        const float *value = e->value + (size_t)i * (size_t)value_outputs(e);
        struct judgement *out = &judgements[i];
        decode_policy(&positions[i], s, e->logits + (size_t)i * (size_t)e->pass->actions, out->logits);
        softmax3(value, out->wdl);
        out->score = c->has_score ? 10 * value[6] : 0;
        if (!out->ownership) continue;
        if (c->has_ownership)
            decode_ownership(&positions[i], s, e->ownership + (size_t)i * (size_t)s.h * (size_t)s.w, out->ownership);
        else
            memset(out->ownership, 0, (size_t)positions[i].game->height * (size_t)positions[i].game->width * sizeof(float));
    }
    e->stats.batches++;
    e->stats.evaluations += n;
}

static void evaluator_free_(struct evaluator *base) {
    struct net_evaluator *e = self_of(base);
    buffers_free(e);
    net_free(e->net);
    free(e);
}

enum status net_evaluator_new(struct evaluator **out, const struct net *net, struct backend *backend, int max_batch) {
    *out = NULL;
    CHECK(max_batch >= 1);
    struct net_evaluator *e = calloc(1, sizeof *e);
    if (!e) return status_fail(STATUS_MEMORY, "net evaluator: out of memory");
    e->base = (struct evaluator){.name = "net", .max_batch = max_batch, .judge = judge, .free = evaluator_free_};
    e->backend = backend;
    const enum status status = net_copy(&e->net, net);
    if (status)
        free(e);
    else
        *out = &e->base;
    return status;
}

enum status net_evaluator_update(struct evaluator *base, const struct net *net) {
    struct net_evaluator *e = self_of(base);
    CHECK(net->num_weights == e->net->num_weights && net->num_tensors == e->net->num_tensors);
    memcpy(e->net->weights, net->weights, net->num_weights * sizeof(float));
    e->net->meta = net->meta;
    if (e->pass) pass_weights(e->pass, net->weights);
    return STATUS_OK;
}

void net_evaluator_stats(const struct evaluator *base, struct net_evaluator_stats *out) {
    *out = ((const struct net_evaluator *)base)->stats;
}
