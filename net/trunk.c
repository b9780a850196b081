// The residual architecture: for each kind of layer its tensors, its buffers, and forward and
// backward side by side.
//
// Every activation is the output of a masked relu. So y > 0 is only true on the board and where the
// relu's input was positive, and relu_backward with the stored y needs no mask.
#include "net/trunk.h"

#include "base/memory.h"
#include "net/pass.h"

#include <stdlib.h>

// --- The stem: y = relu(conv3x3(planes) + bias + dense(globals)).

enum { STEM, STEM_BIAS, STEM_GLOBALS };

static void stem_tensors(struct layer_maker *m, const struct net_config *c, int index) {
    layer_tensor(m, STEM,
                 (struct layer_matrix){c->num_planes, c->channels, .is_3x3 = true, .has_bias = true, .by_point = true,
                                       .start = LAYER_HE},
                 "trunk.stem.conv");
    if (c->num_globals)
        layer_tensor(m, STEM_GLOBALS, (struct layer_matrix){c->num_globals, c->channels, .start = LAYER_SMALL},
                     "trunk.stem.globals");
}

static enum status stem_take(struct pass *p, const struct layer *l) { return STATUS_OK; }

static void stem_forward(struct pass *p, const struct layer *l) {
    const struct net_config *c = &p->config;
    const struct backend_verbs *v = p->backend->verbs;
    const float *w = p->weights;
    const bool globals = layer_has(l, STEM_GLOBALS);
    v->conv_forward(p->backend, p->shape, c->num_planes, c->channels, l->x, w + l->at[STEM], w + l->at[STEM_BIAS], NULL,
                    !globals, globals ? NULL : pass_mask(p), l->y);
    if (!globals) return;
    v->dense_forward(p->backend, p->shape.n, c->num_globals, c->channels, p->globals, w + l->at[STEM_GLOBALS], NULL, false,
                     p->bias);
    v->channel_bias_relu(p->backend, p->shape, c->channels, l->y, p->bias, pass_mask(p), l->y);
}

static void stem_backward(struct pass *p, const struct layer *l) {
    const struct net_config *c = &p->config;
    const struct backend_verbs *v = p->backend->verbs;
    float *g = p->gradient;
    v->relu_backward(p->backend, p->shape, c->channels, l->y, p->dt);
    v->conv_backward_weights(p->backend, p->shape, c->num_planes, c->channels, l->x, p->dt, g + l->at[STEM],
                             g + l->at[STEM_BIAS]);
    if (!layer_has(l, STEM_GLOBALS)) return;
    v->channel_bias_backward(p->backend, p->shape, c->channels, p->dt, p->dbias);
    v->dense_backward_weights(p->backend, p->shape.n, c->num_globals, c->channels, p->globals, p->dbias,
                              g + l->at[STEM_GLOBALS], NULL);
}

static const struct layer_kind stem = {"stem", 0, stem_tensors, stem_take, stem_forward, stem_backward};

// --- A block: y1 = relu(conv1(x)), y2 = relu(y1 + dense(pool(y1))) or just y1, and y = relu(x +
// conv2(y2)).

enum { CONV1, CONV1_BIAS, POOL, CONV2, CONV2_BIAS };

struct block {
    struct act *y1, *y2; // [n, h, w, C]; they are the same array where that is possible
    float *pooled;       // [n, 3C]
};

bool trunk_block_pools(const struct net_config *c, int block) {
    return c->pool_every > 0 && block >= 1 && (block - 1) % c->pool_every == 0;
}

static void block_tensors(struct layer_maker *m, const struct net_config *c, int index) {
    struct layer_matrix conv = {c->channels,      c->channels,    .is_3x3 = true,   .has_bias = true,
                                .by_point = true, .hidden = true, .start = LAYER_HE};
    layer_tensor(m, CONV1, conv, "trunk.block%d.conv1", index + 1);
    if (trunk_block_pools(c, index))
        layer_tensor(m, POOL, (struct layer_matrix){3 * c->channels, c->channels, .start = LAYER_SMALL}, "trunk.block%d.pool",
                     index + 1);
    conv.start = LAYER_ZERO;
    layer_tensor(m, CONV2, conv, "trunk.block%d.conv2", index + 1);
}

static enum status block_take(struct pass *p, const struct layer *l) {
    struct block *b = l->buffers;
    const int c = p->config.channels;
    TRY(pass_take_act(p, c, &b->y1));
    b->y2 = b->y1;
    if (p->training && layer_has(l, POOL)) TRY(pass_take_act(p, c, &b->y2));
    if (p->training && !layer_has(l, POOL)) return STATUS_OK;
    // In playing, the blocks that pool use this buffer, too.
    return pass_take(p, (size_t)p->capacity.n * 3 * (size_t)c, &b->pooled);
}

static void block_forward(struct pass *p, const struct layer *l) {
    const struct block *b = l->buffers;
    const struct backend_verbs *v = p->backend->verbs;
    const int c = p->config.channels;
    const float *w = p->weights, *mask = pass_mask(p);
    v->conv_forward(p->backend, p->shape, c, c, l->x, w + l->at[CONV1], w + l->at[CONV1_BIAS], NULL, true, mask, b->y1);
    if (layer_has(l, POOL)) {
        v->pool_forward(p->backend, p->shape, c, b->y1, p->area, b->pooled);
        v->dense_forward(p->backend, p->shape.n, 3 * c, c, b->pooled, w + l->at[POOL], NULL, false, p->bias);
        v->channel_bias_relu(p->backend, p->shape, c, b->y1, p->bias, mask, b->y2);
    }
    v->conv_forward(p->backend, p->shape, c, c, b->y2, w + l->at[CONV2], w + l->at[CONV2_BIAS], l->x, true, mask, l->y);
}

static void block_backward(struct pass *p, const struct layer *l) {
    const struct block *b = l->buffers;
    const struct backend_verbs *v = p->backend->verbs;
    struct backend *d = p->backend;
    const int c = p->config.channels;
    const float *w = p->weights;
    float *g = p->gradient;
    v->relu_backward(d, p->shape, c, l->y, p->dt);
    v->conv_backward_weights(d, p->shape, c, c, b->y2, p->dt, g + l->at[CONV2], g + l->at[CONV2_BIAS]);
    v->conv_backward_data(d, p->shape, c, c, p->dt, w + l->at[CONV2], p->dy);
    v->relu_backward(d, p->shape, c, b->y2, p->dy);
    if (layer_has(l, POOL)) {
        v->channel_bias_backward(d, p->shape, c, p->dy, p->dbias);
        v->dense_backward_weights(d, p->shape.n, 3 * c, c, b->pooled, p->dbias, g + l->at[POOL], NULL);
        v->dense_backward_data(d, p->shape.n, 3 * c, c, p->dbias, w + l->at[POOL], false, p->dpooled);
        v->pool_backward(d, p->shape, c, b->y1, p->area, b->pooled, p->dpooled, p->dy);
        v->relu_backward(d, p->shape, c, b->y1, p->dy);
    }
    v->conv_backward_weights(d, p->shape, c, c, l->x, p->dy, g + l->at[CONV1], g + l->at[CONV1_BIAS]);
    v->conv_backward_data(d, p->shape, c, c, p->dy, w + l->at[CONV1], p->dx);
    v->add_act(d, p->shape, c, p->dx, p->dt);
}

static const struct layer_kind block = {"block",    sizeof(struct block), block_tensors,
                                        block_take, block_forward,        block_backward};

// --- The whole trunk in one launch.

static void list_trunk(struct layer_maker *m, const struct net_config *c) {
    layer_begin(m, &stem, 0);
    for (int i = 0; i < c->blocks; i++) layer_begin(m, &block, i);
}

struct fused { // what the verb trunk_forward needs to know of a trunk
    struct trunk trunk;
    struct trunk_block blocks[];
};

static enum status fuse(const struct pass *p, void **out) {
    const struct net_config *c = &p->config;
    *out = NULL;
    if (!p->backend->verbs->trunk_forward) return STATUS_OK;
    struct fused *f = memory_new(1, sizeof *f + (size_t)c->blocks * sizeof f->blocks[0], "a pass");
    const float *w = p->weights;
    const struct layer *first = &p->layers[0];
    for (int i = 0; i < c->blocks; i++) {
        const struct layer *l = &p->layers[i + 1];
        f->blocks[i] =
            (struct trunk_block){w + l->at[CONV1], w + l->at[CONV1_BIAS], layer_has(l, POOL) ? w + l->at[POOL] : NULL,
                                 w + l->at[CONV2], w + l->at[CONV2_BIAS]};
    }
    f->trunk = (struct trunk){
        .planes = c->num_planes,
        .globals = c->num_globals,
        .channels = c->channels,
        .blocks = c->blocks,
        .stem = w + first->at[STEM],
        .stem_bias = w + first->at[STEM_BIAS],
        .stem_globals = layer_has(first, STEM_GLOBALS) ? w + first->at[STEM_GLOBALS] : NULL,
        .block = f->blocks,
    };
    *out = f;
    return STATUS_OK;
}

static bool run_fused(struct pass *p, const void *fused) {
    const struct fused *f = fused;
    return p->backend->verbs->trunk_forward(p->backend, p->shape, &f->trunk, p->planes, p->globals, pass_mask(p), p->area,
                                            p->t[p->num_trunk - 1]);
}

const struct architecture trunk_residual = {"residual", list_trunk, fuse, run_fused};
