// Each loss is one function that finds its output, its target and a verb for it.
//
// On the device, the losses of all rows are in one array, kind after kind, so that reading them is
// a single download.
#include "net/losses.h"

#include "net/batch.h"
#include "net/heads.h"
#include "net/pass.h"

#include <string.h>

#define TUNED_ROW(id, function, metric, unit, target, exists, weight, ...) {metric, unit, target, weight, true},
#define FIXED_ROW(id, function, metric, unit, target, exists, weight) {metric, unit, target, weight, false},
const struct loss loss_table[NUM_LOSSES] = {LOSSES(FIXED_ROW, TUNED_ROW)};

size_t loss_target_floats(enum loss_kind kind, size_t points, size_t actions) {
    switch (loss_table[kind].target) {
    case LOSS_TARGET_ACTIONS:
        return actions;
    case LOSS_TARGET_RESULT:
        return 3;
    case LOSS_TARGET_NUMBER:
        return 1;
    case LOSS_TARGET_POINTS:
        return points;
    }
    return 0;
}

// What a net has to have for a loss to exist.
static bool always(const struct net_config *c) { return true; }
static bool has_score(const struct net_config *c) { return c->has_score; }
static bool has_ownership(const struct net_config *c) { return c->has_ownership; }

struct site { // where the arrays of one loss are
    const float *target, *weight;
    float scale, *rows;
};

#define Z_WEIGHT 1e-4f // Chowdhery et al. 2022, 5

static void actions_softmax(struct pass *p, const struct site *s, int head, const float *legal) {
    const int n = p->shape.n, a = p->actions;
    const size_t at = (size_t)head * (size_t)n * (size_t)a;
    p->backend->verbs->softmax_loss(p->backend, n, a, a, p->logits + at, legal, s->target, s->weight, Z_WEIGHT, s->scale,
                                    p->dlogits + at, s->rows);
}
static void policy_loss(struct pass *p, const struct site *s) { actions_softmax(p, s, POLICY_MOVE, p->legal); }
// The legal moves of the reply are not known, but the board is.
static void reply_loss(struct pass *p, const struct site *s) {
    actions_softmax(p, s, POLICY_REPLY, p->masked ? p->on_board : NULL);
}

static void result_softmax(struct pass *p, const struct site *s, int column) {
    p->backend->verbs->softmax_loss(p->backend, p->shape.n, 3, heads_value_outputs(&p->config), p->value + column, NULL,
                                    s->target, s->weight, Z_WEIGHT, s->scale, p->dvalue + column, s->rows);
}
static void value_loss(struct pass *p, const struct site *s) { result_softmax(p, s, VALUE_RESULT); }
static void short_value_loss(struct pass *p, const struct site *s) { result_softmax(p, s, VALUE_SHORT); }

static void score_loss(struct pass *p, const struct site *s) {
    p->backend->verbs->score_loss(p->backend, p->shape.n, heads_value_outputs(&p->config), p->value + VALUE_SCORE, s->target,
                                  s->weight, s->scale, p->dvalue + VALUE_SCORE, s->rows);
}
static void ownership_loss(struct pass *p, const struct site *s) {
    p->backend->verbs->ownership_loss(p->backend, p->shape, p->ownership, pass_mask(p), p->area, s->target, s->weight, s->scale,
                                      p->downership, s->rows);
}

#define CODE_ROW(id, function, metric, unit, target, exists, ...) {function##_loss, exists},
static const struct {
    void (*run)(struct pass *, const struct site *);
    bool (*exists)(const struct net_config *);
} code[NUM_LOSSES] = {LOSSES(CODE_ROW, CODE_ROW)};

static size_t target_floats(const struct pass *p, int kind, struct image s) {
    const size_t points = (size_t)s.h * (size_t)s.w;
    const size_t actions = points * (size_t)p->config.policy_planes + (size_t)p->config.num_global_actions;
    return (size_t)s.n * loss_target_floats(kind, points, actions);
}

enum status losses_take(struct pass *p) {
    const size_t n = (size_t)p->capacity.n, actions = target_floats(p, LOSS_POLICY, p->capacity);
    TRY(pass_take(p, actions, &p->legal));
    TRY(pass_take(p, actions, &p->on_board));
    for (int kind = 0; kind < NUM_LOSSES; kind++) TRY(pass_take(p, target_floats(p, kind, p->capacity), &p->targets[kind]));
    TRY(pass_take(p, NUM_LOSSES * n, &p->row_weights));
    return pass_take(p, NUM_LOSSES * n, &p->losses);
}

// Uploads 1 for the actions on the board and the global ones, and 0 for the others.
static void upload_on_board(struct pass *p, const float *mask) {
    const int points = p->shape.h * p->shape.w;
    for (int n = 0; n < p->shape.n; n++) {
        float *row = p->host + (size_t)n * (size_t)p->actions;
        for (int k = 0; k < p->config.policy_planes; k++)
            memcpy(row + k * points, mask + (size_t)n * points, (size_t)points * sizeof *row);
        for (int i = p->config.policy_planes * points; i < p->actions; i++) row[i] = 1;
    }
    p->backend->verbs->upload(p->backend, p->on_board, p->host, (size_t)p->shape.n * (size_t)p->actions);
}

void losses_run(struct pass *p, const struct batch *batch, const double scales[NUM_LOSSES]) {
    const struct backend_verbs *v = p->backend->verbs;
    struct backend *b = p->backend;
    const size_t n = (size_t)batch->n;
    CHECK(p->training && batch->n == p->shape.n);
    v->upload(b, p->legal, batch->legal, n * (size_t)p->actions);
    if (p->masked) upload_on_board(p, batch->mask);
    // All uploads come first, so that a card then computes without a pause.
    for (int kind = 0; kind < NUM_LOSSES; kind++) {
        if (!code[kind].exists(&p->config)) continue;
        v->upload(b, p->targets[kind], batch->targets[kind], target_floats(p, kind, p->shape));
        v->upload(b, p->row_weights + (size_t)kind * n, batch->weights[kind], n);
    }
    v->fill(b, p->losses, 0, NUM_LOSSES * n);
    for (int kind = 0; kind < NUM_LOSSES; kind++) {
        if (!code[kind].exists(&p->config)) continue;
        const struct site site = {p->targets[kind], p->row_weights + (size_t)kind * n, (float)scales[kind],
                                  p->losses + (size_t)kind * n};
        code[kind].run(p, &site);
    }
}

void losses_read(struct pass *p, double losses[NUM_LOSSES]) {
    const size_t rows = (size_t)p->shape.n;
    // All kinds are read at once, since every download waits.
    p->backend->verbs->download(p->backend, p->host, p->losses, NUM_LOSSES * rows);
    for (int kind = 0; kind < NUM_LOSSES; kind++) {
        losses[kind] = 0;
        for (size_t i = 0; i < rows; i++) losses[kind] += p->host[(size_t)kind * rows + i];
    }
}
