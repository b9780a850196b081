// Stem and residual blocks: each layer's forward and backward side by side.
//
// Every activation is the output of a masked relu, so "y > 0" says at once where the relu let through and where the board is:
// relu_backward with the stored y serves both.
#include "net/pass.h"

static const float *mask_of(const struct pass *p) { return p->masked ? p->mask : NULL; }

// t[0] = relu(conv3x3(planes) + bias + dense(globals))

static void stem_forward(struct pass *p) {
    const struct net_config *c = &p->config;
    const struct backend_verbs *v = p->backend->verbs;
    const float *w = p->weights;
    const bool globals = c->num_globals > 0;
    v->conv_forward(p->backend, p->shape, c->num_planes, c->channels, p->planes, w + p->map.stem, w + p->map.stem_bias, NULL,
                    !globals, globals ? NULL : mask_of(p), p->t[0]);
    if (!globals) return;
    v->dense_forward(p->backend, p->shape.n, c->num_globals, c->channels, p->globals, w + p->map.stem_globals, NULL, false,
                     p->bias);
    v->channel_bias_relu(p->backend, p->shape, c->channels, p->t[0], p->bias, mask_of(p), p->t[0]);
}

static void stem_backward(struct pass *p) { // from dt
    const struct net_config *c = &p->config;
    const struct backend_verbs *v = p->backend->verbs;
    float *g = p->gradient;
    v->relu_backward(p->backend, p->shape, c->channels, p->t[0], p->dt);
    v->conv_backward_weights(p->backend, p->shape, c->num_planes, c->channels, p->planes, p->dt, g + p->map.stem,
                             g + p->map.stem_bias);
    if (c->num_globals == 0) return;
    v->channel_bias_backward(p->backend, p->shape, c->channels, p->dt, p->dbias);
    v->dense_backward_weights(p->backend, p->shape.n, c->num_globals, c->channels, p->globals, p->dbias,
                              g + p->map.stem_globals, NULL);
}

// t[i + 1] = relu(t[i] + conv2(y2)), y2 = relu(y1 + dense(pool(y1))) or y1, y1 = relu(conv1(t[i]))

static void block_forward(struct pass *p, int i) {
    const struct block_map *m = &p->map.blocks[i];
    const struct backend_verbs *v = p->backend->verbs;
    const int c = p->config.channels;
    const float *w = p->weights, *mask = mask_of(p);
    v->conv_forward(p->backend, p->shape, c, c, p->t[i], w + m->conv1, w + m->bias1, NULL, true, mask, p->y1[i]);
    if (m->pools) {
        v->pool_forward(p->backend, p->shape, c, p->y1[i], p->area, p->pooled[i]);
        v->dense_forward(p->backend, p->shape.n, 3 * c, c, p->pooled[i], w + m->pool, NULL, false, p->bias);
        v->channel_bias_relu(p->backend, p->shape, c, p->y1[i], p->bias, mask, p->y2[i]);
    }
    v->conv_forward(p->backend, p->shape, c, c, p->y2[i], w + m->conv2, w + m->bias2, p->t[i], true, mask, p->t[i + 1]);
}

static void block_backward(struct pass *p, int i) { // dt: of t[i + 1] before, of t[i] after
    const struct block_map *m = &p->map.blocks[i];
    const struct backend_verbs *v = p->backend->verbs;
    struct backend *b = p->backend;
    const int c = p->config.channels;
    const float *w = p->weights;
    float *g = p->gradient;
    v->relu_backward(b, p->shape, c, p->t[i + 1], p->dt);
    v->conv_backward_weights(b, p->shape, c, c, p->y2[i], p->dt, g + m->conv2, g + m->bias2);
    v->conv_backward_data(b, p->shape, c, c, p->dt, w + m->conv2, p->dy);
    v->relu_backward(b, p->shape, c, p->y2[i], p->dy);
    if (m->pools) {
        v->channel_bias_backward(b, p->shape, c, p->dy, p->dbias);
        v->dense_backward_weights(b, p->shape.n, 3 * c, c, p->pooled[i], p->dbias, g + m->pool, NULL);
        v->dense_backward_data(b, p->shape.n, 3 * c, c, p->dbias, w + m->pool, false, p->dpooled);
        v->pool_backward(b, p->shape, c, p->y1[i], p->area, p->pooled[i], p->dpooled, p->dy);
        v->relu_backward(b, p->shape, c, p->y1[i], p->dy);
    }
    v->conv_backward_weights(b, p->shape, c, c, p->t[i], p->dy, g + m->conv1, g + m->bias1);
    v->conv_backward_data(b, p->shape, c, c, p->dy, w + m->conv1, p->dx);
    v->add_act(b, p->shape, c, p->dx, p->dt);
}

static bool is_full(const struct pass *p) {
    return p->shape.n == p->max_n && p->shape.h == p->max_h && p->shape.w == p->max_w && !p->masked;
}

static bool fused_forward(struct pass *p) {
    const struct backend_verbs *v = p->backend->verbs;
    return p->can_fuse && (p->fused || !is_full(p)) &&
           v->trunk_forward(p->backend, p->shape, &p->trunk, p->planes, p->globals, mask_of(p), p->area,
                            p->t[p->config.blocks]);
}

void trunk_forward(struct pass *p) {
    if (fused_forward(p)) return;
    stem_forward(p);
    for (int i = 0; i < p->config.blocks; i++) block_forward(p, i);
}

void trunk_backward(struct pass *p) {
    for (int i = p->config.blocks - 1; i >= 0; i--) block_backward(p, i);
    stem_backward(p);
}
