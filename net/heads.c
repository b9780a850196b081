// The policy head and the value head: for each its tensors, its buffers, and forward and backward
// side by side.
#include "net/heads.h"

#include "net/pass.h"

static void dense(struct pass *p, int rows, int in, int out, const float *x, const struct layer *l, int which, bool relu,
                  float *y) {
    p->backend->verbs->dense_forward(p->backend, rows, in, out, x, p->weights + l->at[which], p->weights + l->at[which + 1],
                                     relu, y);
}
static void point(struct pass *p, int in, int out, const struct act *x, const struct layer *l, int which, struct act *y) {
    p->backend->verbs->point_forward(p->backend, p->shape, in, out, x, p->weights + l->at[which], p->weights + l->at[which + 1],
                                     true, pass_mask(p), y);
}
static void point_back(struct pass *p, int in, int out, const struct act *x, const struct act *dy, const struct layer *l,
                       int which, bool add, struct act *dx) {
    const struct backend_verbs *v = p->backend->verbs;
    v->point_backward_weights(p->backend, p->shape, in, out, x, dy, p->gradient + l->at[which], p->gradient + l->at[which + 1]);
    v->point_backward_data(p->backend, p->shape, in, out, dy, p->weights + l->at[which], add, dx);
}
static void head(struct pass *p, int out, const struct act *x, const struct layer *l, int which, float *y) {
    p->backend->verbs->head_forward(p->backend, p->shape, p->config.head_channels, out, x, p->weights + l->at[which],
                                    p->weights + l->at[which + 1], y);
}
static void head_back(struct pass *p, int out, const struct act *x, const float *dy, const struct layer *l, int which,
                      struct act *dx) {
    const struct backend_verbs *v = p->backend->verbs;
    const int in = p->config.head_channels;
    v->head_backward_weights(p->backend, p->shape, in, out, x, dy, p->gradient + l->at[which], p->gradient + l->at[which + 1]);
    v->head_backward_data(p->backend, p->shape, in, out, dy, p->weights + l->at[which], dx);
}
static void dense_gradient(struct pass *p, int rows, int in, int out, const float *x, const float *dy, const struct layer *l,
                           int which) {
    p->backend->verbs->dense_backward_weights(p->backend, rows, in, out, x, dy, p->gradient + l->at[which],
                                              p->gradient + l->at[which + 1]);
}
static void dense_back(struct pass *p, int rows, int in, int out, const float *dy, const struct layer *l, int which, bool add,
                       float *dx) {
    p->backend->verbs->dense_backward_data(p->backend, rows, in, out, dy, p->weights + l->at[which], add, dx);
}

// --- The policy: q1 = relu(1x1(t)) and q2 = relu(q1 + dense(pool(q1))). The logits of points are
// 1x1(q2), and those of global actions are dense(pool(q1)).

enum { POLICY_CONV, POLICY_CONV_BIAS, POLICY_POOL, POLICY_POINTS, POLICY_POINTS_BIAS, POLICY_GLOBALS, POLICY_GLOBALS_BIAS };

// H is head_channels; p and g are the planes and global actions of all policies together.
struct policy {
    struct act *q1, *q2, *dq2;                     // [n, h, w, H]
    float *q_pooled, *maps, *tail, *dmaps, *dtail; // [n, 3H], then twice [n, h, w, p], [n, g]
};

static void policy_tensors(struct layer_maker *m, const struct net_config *c, int index) {
    const int wide = c->head_channels;
    layer_tensor(m, POLICY_CONV,
                 (struct layer_matrix){c->channels, wide, .has_bias = true, .by_point = true, .start = LAYER_HE},
                 "policy.conv");
    layer_tensor(m, POLICY_POOL, (struct layer_matrix){3 * wide, wide, .start = LAYER_SMALL}, "policy.pool");
    layer_tensor(
        m, POLICY_POINTS,
        (struct layer_matrix){wide, NUM_POLICIES * c->policy_planes, .has_bias = true, .by_point = true, .start = LAYER_EVEN},
        "policy.points");
    if (c->num_global_actions)
        layer_tensor(
            m, POLICY_GLOBALS,
            (struct layer_matrix){3 * wide, NUM_POLICIES * c->num_global_actions, .has_bias = true, .start = LAYER_EVEN},
            "policy.globals");
}

static enum status policy_take(struct pass *p, const struct layer *l) {
    struct policy *b = l->buffers;
    const struct net_config *c = &p->config;
    const size_t n = (size_t)p->capacity.n, points = image_points(p->capacity), wide = (size_t)c->head_channels;
    const size_t planes = NUM_POLICIES * (size_t)c->policy_planes, globals = NUM_POLICIES * (size_t)c->num_global_actions;
    const size_t logits = points * planes + n * globals;
    TRY(pass_take_act(p, c->head_channels, &b->q1));
    b->q2 = b->q1;
    if (p->training) TRY(pass_take_act(p, c->head_channels, &b->q2));
    TRY(pass_take(p, n * 3 * wide, &b->q_pooled));
    TRY(pass_take(p, points * planes, &b->maps));
    TRY(pass_take(p, n * globals, &b->tail));
    TRY(pass_take(p, logits, &p->logits));
    if (!p->training) return STATUS_OK;
    TRY(pass_take_act(p, c->head_channels, &b->dq2));
    TRY(pass_take(p, points * planes, &b->dmaps));
    TRY(pass_take(p, n * globals, &b->dtail));
    return pass_take(p, logits, &p->dlogits);
}

static void policy_forward(struct pass *p, const struct layer *l) {
    const struct policy *b = l->buffers;
    const struct net_config *c = &p->config;
    const struct backend_verbs *v = p->backend->verbs;
    const int n = p->shape.n, wide = c->head_channels;
    point(p, c->channels, wide, l->x, l, POLICY_CONV, b->q1);
    v->pool_forward(p->backend, p->shape, wide, b->q1, p->area, b->q_pooled);
    v->dense_forward(p->backend, n, 3 * wide, wide, b->q_pooled, p->weights + l->at[POLICY_POOL], NULL, false, p->bias);
    v->channel_bias_relu(p->backend, p->shape, wide, b->q1, p->bias, pass_mask(p), b->q2);
    head(p, NUM_POLICIES * c->policy_planes, b->q2, l, POLICY_POINTS, b->maps);
    if (c->num_global_actions)
        dense(p, n, 3 * wide, NUM_POLICIES * c->num_global_actions, b->q_pooled, l, POLICY_GLOBALS, false, b->tail);
    v->actions_gather(p->backend, p->shape, NUM_POLICIES, c->policy_planes, c->num_global_actions, b->maps, b->tail, p->logits);
}

static void policy_backward(struct pass *p, const struct layer *l) {
    const struct policy *b = l->buffers;
    const struct net_config *c = &p->config;
    const struct backend_verbs *v = p->backend->verbs;
    const int n = p->shape.n, wide = c->head_channels;
    v->actions_scatter(p->backend, p->shape, NUM_POLICIES, c->policy_planes, c->num_global_actions, p->dlogits, b->dmaps,
                       b->dtail);
    head_back(p, NUM_POLICIES * c->policy_planes, b->q2, b->dmaps, l, POLICY_POINTS, b->dq2);
    v->relu_backward(p->backend, p->shape, wide, b->q2, b->dq2);
    v->channel_bias_backward(p->backend, p->shape, wide, b->dq2, p->dbias);
    v->dense_backward_weights(p->backend, n, 3 * wide, wide, b->q_pooled, p->dbias, p->gradient + l->at[POLICY_POOL], NULL);
    v->dense_backward_data(p->backend, n, 3 * wide, wide, p->dbias, p->weights + l->at[POLICY_POOL], false, p->dpooled);
    if (c->num_global_actions) {
        dense_gradient(p, n, 3 * wide, NUM_POLICIES * c->num_global_actions, b->q_pooled, b->dtail, l, POLICY_GLOBALS);
        dense_back(p, n, 3 * wide, NUM_POLICIES * c->num_global_actions, b->dtail, l, POLICY_GLOBALS, true, p->dpooled);
    }
    v->pool_backward(p->backend, p->shape, wide, b->q1, p->area, b->q_pooled, p->dpooled, b->dq2);
    v->relu_backward(p->backend, p->shape, wide, b->q1, b->dq2);
    point_back(p, c->channels, wide, l->x, b->dq2, l, POLICY_CONV, l->adds, p->dt);
}

const struct layer_kind heads_policy = {"policy",    sizeof(struct policy), policy_tensors,
                                        policy_take, policy_forward,        policy_backward};

// --- The value: v = relu(1x1(t)), hidden = relu(dense(pool(v))), value = dense(hidden) and
// ownership = 1x1(v).

enum {
    VALUE_CONV,
    VALUE_CONV_BIAS,
    VALUE_HIDDEN,
    VALUE_HIDDEN_BIAS,
    VALUE_OUT,
    VALUE_OUT_BIAS,
    VALUE_OWNERSHIP,
    VALUE_OWNERSHIP_BIAS
};

struct value {
    struct act *v, *dv; // [n, h, w, head_channels]
    // [n, 3 head_channels], and twice [n, value_hidden]
    float *v_pooled, *hidden, *dv_pooled, *dhidden;
};

static void value_tensors(struct layer_maker *m, const struct net_config *c, int index) {
    const int wide = c->head_channels;
    layer_tensor(m, VALUE_CONV, (struct layer_matrix){c->channels, wide, .has_bias = true, .by_point = true, .start = LAYER_HE},
                 "value.conv");
    layer_tensor(m, VALUE_HIDDEN, (struct layer_matrix){3 * wide, c->value_hidden, .has_bias = true, .start = LAYER_HE},
                 "value.hidden");
    layer_tensor(m, VALUE_OUT,
                 (struct layer_matrix){c->value_hidden, heads_value_outputs(c), .has_bias = true, .start = LAYER_EVEN},
                 "value.out");
    if (c->has_ownership)
        layer_tensor(m, VALUE_OWNERSHIP,
                     (struct layer_matrix){wide, 1, .has_bias = true, .by_point = true, .start = LAYER_EVEN},
                     "value.ownership");
}

static enum status value_take(struct pass *p, const struct layer *l) {
    struct value *b = l->buffers;
    const struct net_config *c = &p->config;
    const size_t n = (size_t)p->capacity.n, points = image_points(p->capacity), wide = (size_t)c->head_channels;
    const size_t hidden = n * (size_t)c->value_hidden, outputs = n * (size_t)heads_value_outputs(c);
    TRY(pass_take_act(p, c->head_channels, &b->v));
    TRY(pass_take(p, n * 3 * wide, &b->v_pooled));
    TRY(pass_take(p, hidden, &b->hidden));
    TRY(pass_take(p, outputs, &p->value));
    TRY(pass_take(p, points, &p->ownership));
    if (!p->training) return STATUS_OK;
    TRY(pass_take_act(p, c->head_channels, &b->dv));
    TRY(pass_take(p, n * 3 * wide, &b->dv_pooled));
    TRY(pass_take(p, hidden, &b->dhidden));
    TRY(pass_take(p, outputs, &p->dvalue));
    return pass_take(p, points, &p->downership);
}

static void value_forward(struct pass *p, const struct layer *l) {
    const struct value *b = l->buffers;
    const struct net_config *c = &p->config;
    const struct backend_verbs *v = p->backend->verbs;
    const int n = p->shape.n, wide = c->head_channels;
    point(p, c->channels, wide, l->x, l, VALUE_CONV, b->v);
    v->pool_forward(p->backend, p->shape, wide, b->v, p->area, b->v_pooled);
    dense(p, n, 3 * wide, c->value_hidden, b->v_pooled, l, VALUE_HIDDEN, true, b->hidden);
    dense(p, n, c->value_hidden, heads_value_outputs(c), b->hidden, l, VALUE_OUT, false, p->value);
    if (c->has_ownership) head(p, 1, b->v, l, VALUE_OWNERSHIP, p->ownership);
}

static void value_backward(struct pass *p, const struct layer *l) {
    const struct value *b = l->buffers;
    const struct net_config *c = &p->config;
    const struct backend_verbs *v = p->backend->verbs;
    const int n = p->shape.n, wide = c->head_channels, outputs = heads_value_outputs(c);
    dense_gradient(p, n, c->value_hidden, outputs, b->hidden, p->dvalue, l, VALUE_OUT);
    dense_back(p, n, c->value_hidden, outputs, p->dvalue, l, VALUE_OUT, false, b->dhidden);
    v->dense_relu_backward(p->backend, (size_t)n * (size_t)c->value_hidden, b->hidden, b->dhidden);
    dense_gradient(p, n, 3 * wide, c->value_hidden, b->v_pooled, b->dhidden, l, VALUE_HIDDEN);
    dense_back(p, n, 3 * wide, c->value_hidden, b->dhidden, l, VALUE_HIDDEN, false, b->dv_pooled);
    if (c->has_ownership)
        head_back(p, 1, b->v, p->downership, l, VALUE_OWNERSHIP, b->dv);
    else
        v->clear_act(p->backend, p->shape, wide, b->dv);
    v->pool_backward(p->backend, p->shape, wide, b->v, p->area, b->v_pooled, b->dv_pooled, b->dv);
    v->relu_backward(p->backend, p->shape, wide, b->v, b->dv);
    point_back(p, c->channels, wide, l->x, b->dv, l, VALUE_CONV, l->adds, p->dt);
}

const struct layer_kind heads_value = {"value", sizeof(struct value), value_tensors, value_take, value_forward, value_backward};
