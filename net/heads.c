// Policy and value heads: forward, losses and backward side by side.
#include "net/pass.h"

#include "net/net_table.h"

#include <string.h>

static const float *mask_of(const struct pass *p) { return p->masked ? p->mask : NULL; }

static void dense(struct pass *p, int rows, int in, int out, const float *x, const struct dense_map *m, bool relu, float *y) {
    p->backend->verbs->dense_forward(p->backend, rows, in, out, x, p->weights + m->weight, p->weights + m->bias, relu, y);
}
static void point(struct pass *p, int in, int out, const struct act *x, const struct dense_map *m, struct act *y) {
    p->backend->verbs->point_forward(p->backend, p->shape, in, out, x, p->weights + m->weight, p->weights + m->bias, true,
                                     mask_of(p), y);
}
static void point_back(struct pass *p, int in, int out, const struct act *x, const struct act *dy, const struct dense_map *m,
                       bool add, struct act *dx) {
    const struct backend_verbs *v = p->backend->verbs;
    v->point_backward_weights(p->backend, p->shape, in, out, x, dy, p->gradient + m->weight, p->gradient + m->bias);
    v->point_backward_data(p->backend, p->shape, in, out, dy, p->weights + m->weight, add, dx);
}
static void head(struct pass *p, int out, const struct act *x, const struct dense_map *m, float *y) {
    p->backend->verbs->head_forward(p->backend, p->shape, p->config.head_channels, out, x, p->weights + m->weight,
                                    p->weights + m->bias, y);
}
static void head_back(struct pass *p, int out, const struct act *x, const float *dy, const struct dense_map *m,
                      struct act *dx) {
    const struct backend_verbs *v = p->backend->verbs;
    const int in = p->config.head_channels;
    v->head_backward_weights(p->backend, p->shape, in, out, x, dy, p->gradient + m->weight, p->gradient + m->bias);
    v->head_backward_data(p->backend, p->shape, in, out, dy, p->weights + m->weight, dx);
}
static void dense_gradient(struct pass *p, int rows, int in, int out, const float *x, const float *dy,
                           const struct dense_map *m) {
    p->backend->verbs->dense_backward_weights(p->backend, rows, in, out, x, dy, p->gradient + m->weight, p->gradient + m->bias);
}
static void dense_back(struct pass *p, int rows, int in, int out, const float *dy, const struct dense_map *m, bool add,
                       float *dx) {
    p->backend->verbs->dense_backward_data(p->backend, rows, in, out, dy, p->weights + m->weight, add, dx);
}

// q1 = relu(1x1(t)); q2 = relu(q1 + dense(pool(q1))); logits = 1x1(q2), global actions = dense(pool(q1))

static void policy_forward(struct pass *p) {
    const struct net_config *c = &p->config;
    const struct backend_verbs *v = p->backend->verbs;
    const int n = p->shape.n, wide = c->head_channels;
    point(p, c->channels, wide, p->t[c->blocks], &p->map.policy_conv, p->q1);
    v->pool_forward(p->backend, p->shape, wide, p->q1, p->area, p->q_pooled);
    v->dense_forward(p->backend, n, 3 * wide, wide, p->q_pooled, p->weights + p->map.policy_pool.weight, NULL, false, p->bias);
    v->channel_bias_relu(p->backend, p->shape, wide, p->q1, p->bias, mask_of(p), p->q2);
    head(p, 2 * c->policy_planes, p->q2, &p->map.policy_points, p->maps);
    if (c->num_global_actions)
        dense(p, n, 3 * wide, 2 * c->num_global_actions, p->q_pooled, &p->map.policy_globals, false, p->tail);
    v->actions_gather(p->backend, p->shape, 2, c->policy_planes, c->num_global_actions, p->maps, p->tail, p->logits);
}

static void policy_backward(struct pass *p) { // sets dt
    const struct net_config *c = &p->config;
    const struct backend_verbs *v = p->backend->verbs;
    const int n = p->shape.n, wide = c->head_channels;
    v->actions_scatter(p->backend, p->shape, 2, c->policy_planes, c->num_global_actions, p->dlogits, p->dmaps, p->dtail);
    head_back(p, 2 * c->policy_planes, p->q2, p->dmaps, &p->map.policy_points, p->dq2);
    v->relu_backward(p->backend, p->shape, wide, p->q2, p->dq2);
    v->channel_bias_backward(p->backend, p->shape, wide, p->dq2, p->dbias);
    v->dense_backward_weights(p->backend, n, 3 * wide, wide, p->q_pooled, p->dbias, p->gradient + p->map.policy_pool.weight,
                              NULL);
    v->dense_backward_data(p->backend, n, 3 * wide, wide, p->dbias, p->weights + p->map.policy_pool.weight, false, p->dpooled);
    if (c->num_global_actions) {
        dense_gradient(p, n, 3 * wide, 2 * c->num_global_actions, p->q_pooled, p->dtail, &p->map.policy_globals);
        dense_back(p, n, 3 * wide, 2 * c->num_global_actions, p->dtail, &p->map.policy_globals, true, p->dpooled);
    }
    v->pool_backward(p->backend, p->shape, wide, p->q1, p->area, p->q_pooled, p->dpooled, p->dq2);
    v->relu_backward(p->backend, p->shape, wide, p->q1, p->dq2);
    point_back(p, c->channels, wide, p->t[c->blocks], p->dq2, &p->map.policy_conv, false, p->dt);
}

// v = relu(1x1(t)); hidden = relu(dense(pool(v))); value = dense(hidden); ownership = 1x1(v)

static void value_forward(struct pass *p) {
    const struct net_config *c = &p->config;
    const struct backend_verbs *v = p->backend->verbs;
    const int n = p->shape.n, wide = c->head_channels;
    point(p, c->channels, wide, p->t[c->blocks], &p->map.value_conv, p->v);
    v->pool_forward(p->backend, p->shape, wide, p->v, p->area, p->v_pooled);
    dense(p, n, 3 * wide, c->value_hidden, p->v_pooled, &p->map.value_hidden, true, p->hidden);
    dense(p, n, c->value_hidden, net_value_outputs(c), p->hidden, &p->map.value_out, false, p->value);
    if (c->has_ownership) head(p, 1, p->v, &p->map.ownership, p->ownership);
}

static void value_backward(struct pass *p) { // adds to dt
    const struct net_config *c = &p->config;
    const struct backend_verbs *v = p->backend->verbs;
    const int n = p->shape.n, wide = c->head_channels, outputs = net_value_outputs(c);
    dense_gradient(p, n, c->value_hidden, outputs, p->hidden, p->dvalue, &p->map.value_out);
    dense_back(p, n, c->value_hidden, outputs, p->dvalue, &p->map.value_out, false, p->dhidden);
    v->dense_relu_backward(p->backend, (size_t)n * (size_t)c->value_hidden, p->hidden, p->dhidden);
    dense_gradient(p, n, 3 * wide, c->value_hidden, p->v_pooled, p->dhidden, &p->map.value_hidden);
    dense_back(p, n, 3 * wide, c->value_hidden, p->dhidden, &p->map.value_hidden, false, p->dv_pooled);
    if (c->has_ownership)
        head_back(p, 1, p->v, p->downership, &p->map.ownership, p->dv);
    else
        v->clear_act(p->backend, p->shape, wide, p->dv);
    v->pool_backward(p->backend, p->shape, wide, p->v, p->area, p->v_pooled, p->dv_pooled, p->dv);
    v->relu_backward(p->backend, p->shape, wide, p->v, p->dv);
    point_back(p, c->channels, wide, p->t[c->blocks], p->dv, &p->map.value_conv, true, p->dt);
}

void heads_forward(struct pass *p) {
    policy_forward(p);
    value_forward(p);
}

void heads_backward(struct pass *p) {
    policy_backward(p);
    value_backward(p);
}

// Losses.

// 1 for actions on the board, all planes and the global ones: the reply's legal moves are not known, the board is.
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

static void upload_targets(struct pass *p, const struct batch *batch) {
    const struct backend_verbs *v = p->backend->verbs;
    struct backend *b = p->backend;
    const size_t n = (size_t)batch->n, actions = n * (size_t)p->actions;
    v->upload(b, p->legal, batch->legal, actions);
    v->upload(b, p->policy, batch->policy, actions);
    v->upload(b, p->reply, batch->reply, actions);
    v->upload(b, p->value_target, batch->value, n * 3);
    v->upload(b, p->short_target, batch->short_value, n * 3);
    if (p->config.has_score) v->upload(b, p->score_target, batch->score, n);
    if (p->config.has_ownership) v->upload(b, p->ownership_target, batch->ownership, image_points(p->shape));
    if (p->masked) upload_on_board(p, batch->mask);
    const float *weights[NUM_LOSSES] = {batch->policy_weight, batch->reply_weight, batch->value_weight,
                                        batch->value_weight,  batch->score_weight, batch->ownership_weight};
    for (int kind = 0; kind < NUM_LOSSES; kind++) v->upload(b, p->row_weights + (size_t)kind * n, weights[kind], n);
}

#define Z_WEIGHT 1e-4f // Chowdhery et al. 2022, 5

void pass_losses(struct pass *p, const struct batch *batch, const double scales[NUM_LOSSES], double losses[NUM_LOSSES]) {
    const struct net_config *c = &p->config;
    const struct backend_verbs *v = p->backend->verbs;
    struct backend *b = p->backend;
    const int n = batch->n, a = p->actions, outputs = net_value_outputs(c);
    const size_t rows = (size_t)n, second = rows * (size_t)a;
    float *row[NUM_LOSSES], *weight[NUM_LOSSES];
    CHECK(p->training && batch->n == p->shape.n);
    upload_targets(p, batch);
    for (int kind = 0; kind < NUM_LOSSES; kind++) {
        row[kind] = p->losses + (size_t)kind * rows;
        weight[kind] = p->row_weights + (size_t)kind * rows;
    }
    v->fill(b, p->losses, 0, NUM_LOSSES * rows);
    v->softmax_loss(b, n, a, a, p->logits, p->legal, p->policy, weight[LOSS_POLICY], Z_WEIGHT, (float)scales[LOSS_POLICY],
                    p->dlogits, row[LOSS_POLICY]);
    v->softmax_loss(b, n, a, a, p->logits + second, p->masked ? p->on_board : NULL, p->reply, weight[LOSS_REPLY], Z_WEIGHT,
                    (float)scales[LOSS_REPLY], p->dlogits + second, row[LOSS_REPLY]);
    v->softmax_loss(b, n, 3, outputs, p->value, NULL, p->value_target, weight[LOSS_VALUE], Z_WEIGHT, (float)scales[LOSS_VALUE],
                    p->dvalue, row[LOSS_VALUE]);
    v->softmax_loss(b, n, 3, outputs, p->value + 3, NULL, p->short_target, weight[LOSS_SHORT], Z_WEIGHT,
                    (float)scales[LOSS_SHORT], p->dvalue + 3, row[LOSS_SHORT]);
    if (c->has_score)
        v->score_loss(b, n, outputs, p->value + 6, p->score_target, weight[LOSS_SCORE], (float)scales[LOSS_SCORE],
                      p->dvalue + 6, row[LOSS_SCORE]);
    if (c->has_ownership)
        v->ownership_loss(b, p->shape, p->ownership, mask_of(p), p->area, p->ownership_target, weight[LOSS_OWNERSHIP],
                          (float)scales[LOSS_OWNERSHIP], p->downership, row[LOSS_OWNERSHIP]);
    if (losses) pass_read_losses(p, losses);
}

void pass_read_losses(struct pass *p, double losses[NUM_LOSSES]) {
    const size_t rows = (size_t)p->shape.n;
    p->backend->verbs->download(p->backend, p->host, p->losses, NUM_LOSSES * rows); // at once: every download waits
    for (int kind = 0; kind < NUM_LOSSES; kind++) {
        losses[kind] = 0;
        for (size_t i = 0; i < rows; i++) losses[kind] += p->host[(size_t)kind * rows + i];
    }
}
