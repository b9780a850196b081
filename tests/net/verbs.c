// Law: every verb of every backend computes what ref computes, on odd shapes too, overwrites
// poisoned outputs and writes no further. The argument "small" means fewer shapes, for kernels that
// are emulated on the host.
//
// Inputs are the same on both sides and already rounded to the backend's precision, so a result may
// differ from ref by
// - fp32 arithmetic in another order: EXACT, a few units of 2^-24 a term, relative to the largest
//   magnitude;
// - rounding to the precision where an activation is written: STORED * u, u its unit roundoff
//   (2^-11 in f16, 2^-8 in bf16). The result itself is one u; a product, its sum with bias and
//   residual and a mask may each be stored on the way, and what is stored there may be about twice
//   the result: 4 u, 2e-3 and 1.6e-2;
// - tensor cores, whose sums of fp32 are truncated rather than rounded: SUMMED, 2e-4, for fp32
//   results of half inputs. At most 2^-23 is lost a term, and the longest sum here has some 1000.
#include "tests/net/pair.h"

static double stored(const struct pair *p, double exact) { return exact + 4 * p->other->rounding; }
static double summed(const struct pair *p, double exact) { return p->other->rounding > 0 ? 2e-4 : exact; }

static void conv_epilogues(struct pair *p, struct image s, int in, int out, struct acts x, struct floats w) {
    const struct floats bias = filled(p, (size_t)out, ANY), mask = filled(p, image_points(s), BITS);
    const struct acts residual = filled_acts(p, s, out, ANY);
    for (int bits = 0; bits < 8; bits++) {
        const bool relu = bits & 1, adds = bits & 2, masked = bits & 4;
        const struct acts y = no_acts(p, s, out);
        weights_change(p);
        BOTH(conv_forward, s, in, out, x.at[k], w.at[k], bias.at[k], adds ? residual.at[k] : NULL, relu,
             masked ? mask.at[k] : NULL, y.at[k]);
        agree_acts(p, "conv_forward", y, stored(p, 1e-5));
        drop_acts(p, y);
    }
    BOTH(conv_forward, s, in, out, x.at[k], w.at[k], bias.at[k], residual.at[k], true, NULL, residual.at[k]);
    agree_acts(p, "conv_forward in place", residual, stored(p, 1e-5));
    drop(p, bias), drop(p, mask), drop_acts(p, residual);
}

static void conv(struct pair *p, struct image s, int in, int out) {
    const struct acts x = filled_acts(p, s, in, ANY), dy = filled_acts(p, s, out, SPARSE), dx = no_acts(p, s, in);
    const struct floats w = filled(p, 9 * (size_t)in * (size_t)out, ANY), dw = nothing(p, w.count),
                        db = nothing(p, (size_t)out);
    conv_epilogues(p, s, in, out, x, w);
    weights_change(p);
    BOTH(conv_backward_data, s, in, out, dy.at[k], w.at[k], dx.at[k]);
    agree_acts(p, "conv_backward_data", dx, stored(p, 1e-5));
    BOTH(conv_backward_weights, s, in, out, x.at[k], dy.at[k], dw.at[k], db.at[k]);
    agree(p, "conv_backward_weights", dw, summed(p, 2e-5));
    agree(p, "conv_backward_weights bias", db, summed(p, 2e-5));
    drop_acts(p, x), drop_acts(p, dy), drop_acts(p, dx), drop(p, w), drop(p, dw), drop(p, db);
}

// Weights that change in place are packed again after adamw, and after an upload with a call of
// weights_changed. The new weights are not rounded to the backend's precision, which adds up to 1 u
// of a product.
static void weights_in_place(struct pair *p) {
    const struct image s = {3, 5, 5};
    const struct acts x = filled_acts(p, s, 16, ANY);
    const struct floats w = filled(p, 9 * 256, ANY), g = filled(p, 9 * 256, ANY), m = filled(p, 9 * 256, ANY),
                        v = filled(p, 9 * 256, POSITIVE), bias = filled(p, 16, ANY);
    const struct adamw_step step = {0.1f, 0.9f, 0.99f, 1e-8f, 0.01f, 0.1f, 0.01f, 1};
    for (int round = 0; round < 4; round++) {
        const struct acts y = no_acts(p, s, 16), dx = no_acts(p, s, 16), point = no_acts(p, s, 16);
        BOTH(conv_forward, s, 16, 16, x.at[k], w.at[k], bias.at[k], NULL, false, NULL, y.at[k]);
        BOTH(conv_backward_data, s, 16, 16, x.at[k], w.at[k], dx.at[k]);
        BOTH(point_forward, s, 16, 16, x.at[k], w.at[k], bias.at[k], false, NULL, point.at[k]);
        agree_acts(p, "conv_forward after weights changed", y, stored(p, 1e-4) + p->other->rounding);
        agree_acts(p, "conv_backward_data after weights changed", dx, stored(p, 1e-4) + p->other->rounding);
        agree_acts(p, "point_forward after weights changed", point, stored(p, 1e-4) + p->other->rounding);
        drop_acts(p, y), drop_acts(p, dx), drop_acts(p, point);
        if (round < 2) {
            BOTH(adamw, w.count, step, g.at[k], w.at[k], m.at[k], v.at[k]);
            agree(p, "adamw", w, 1e-5);
            agree(p, "adamw mean", m, 1e-6);
            agree(p, "adamw variance", v, 1e-6);
        } else {
            float *host = random_values(p, w.count, ANY), *offsets = random_values(p, 16, ANY);
            BOTH(upload, w.at[k], host, w.count);
            BOTH(upload, bias.at[k], offsets, 16);
            weights_change(p);
            free(host), free(offsets);
        }
    }
    drop_acts(p, x), drop(p, w), drop(p, g), drop(p, m), drop(p, v), drop(p, bias);
}

static void normalise(struct pair *p, size_t count) {
    const struct floats x = filled(p, count, ANY), zeros = filled(p, count, ANY);
    BOTH(normalise, count, x.at[k]);
    agree(p, "normalise", x, 1e-6);
    BOTH(fill, zeros.at[k], 0, count);
    BOTH(normalise, count, zeros.at[k]);
    agree(p, "normalise of zeros", zeros, 0);
    drop(p, x), drop(p, zeros);
}

static void point(struct pair *p, struct image s, int in, int out) {
    const struct acts x = filled_acts(p, s, in, SPARSE), dy = filled_acts(p, s, out, ANY), dx = filled_acts(p, s, in, ANY),
                      dx2 = no_acts(p, s, in);
    const struct floats w = filled(p, (size_t)in * (size_t)out, ANY), bias = filled(p, (size_t)out, ANY),
                        mask = filled(p, image_points(s), BITS), dw = nothing(p, w.count), db = nothing(p, (size_t)out);
    weights_change(p);
    for (int bits = 0; bits < 4; bits++) {
        const struct acts y = no_acts(p, s, out);
        BOTH(point_forward, s, in, out, x.at[k], w.at[k], bias.at[k], bits & 1, bits & 2 ? mask.at[k] : NULL, y.at[k]);
        agree_acts(p, "point_forward", y, stored(p, 1e-5));
        drop_acts(p, y);
    }
    BOTH(point_backward_data, s, in, out, dy.at[k], w.at[k], true, dx.at[k]);
    agree_acts(p, "point_backward_data, adding", dx, stored(p, 1e-5));
    BOTH(point_backward_data, s, in, out, dy.at[k], w.at[k], false, dx2.at[k]);
    agree_acts(p, "point_backward_data", dx2, stored(p, 1e-5));
    BOTH(point_backward_weights, s, in, out, x.at[k], dy.at[k], dw.at[k], db.at[k]);
    agree(p, "point_backward_weights", dw, summed(p, 2e-5));
    agree(p, "point_backward_weights bias", db, summed(p, 2e-5));
    drop_acts(p, x), drop_acts(p, dy), drop_acts(p, dx), drop_acts(p, dx2);
    drop(p, w), drop(p, bias), drop(p, mask), drop(p, dw), drop(p, db);
}

static void head(struct pair *p, struct image s, int in, int out) {
    const struct acts x = filled_acts(p, s, in, SPARSE), dx = no_acts(p, s, in);
    const size_t count = image_points(s) * (size_t)out;
    const struct floats w = filled(p, (size_t)in * (size_t)out, ANY), bias = filled(p, (size_t)out, ANY), y = nothing(p, count),
                        dy = filled(p, count, ANY), dw = nothing(p, w.count), db = nothing(p, (size_t)out);
    weights_change(p);
    BOTH(head_forward, s, in, out, x.at[k], w.at[k], bias.at[k], y.at[k]);
    agree(p, "head_forward", y, summed(p, 1e-5));
    BOTH(head_backward_data, s, in, out, dy.at[k], w.at[k], dx.at[k]);
    agree_acts(p, "head_backward_data", dx, stored(p, 1e-5));
    BOTH(head_backward_weights, s, in, out, x.at[k], dy.at[k], dw.at[k], db.at[k]);
    agree(p, "head_backward_weights", dw, summed(p, 2e-5));
    agree(p, "head_backward_weights bias", db, summed(p, 2e-5));
    drop_acts(p, x), drop_acts(p, dx);
    drop(p, w), drop(p, bias), drop(p, y), drop(p, dy), drop(p, dw), drop(p, db);
}

// Dense layers are fp32 on every backend, so nothing is rounded to its precision.
static void dense(struct pair *p, int rows, int in, int out) {
    const size_t n = (size_t)rows;
    const struct floats x = filled(p, n * (size_t)in, ANY), w = filled(p, (size_t)in * (size_t)out, ANY),
                        bias = filled(p, (size_t)out, ANY), dy = filled(p, n * (size_t)out, SPARSE),
                        dx = filled(p, x.count, ANY), dx2 = nothing(p, x.count), dw = nothing(p, w.count),
                        db = nothing(p, (size_t)out);
    weights_change(p);
    for (int bits = 0; bits < 4; bits++) {
        const struct floats y = nothing(p, n * (size_t)out);
        BOTH(dense_forward, rows, in, out, x.at[k], w.at[k], bits & 1 ? bias.at[k] : NULL, bits & 2, y.at[k]);
        agree(p, "dense_forward", y, 1e-5);
        drop(p, y);
    }
    BOTH(dense_backward_data, rows, in, out, dy.at[k], w.at[k], true, dx.at[k]);
    agree(p, "dense_backward_data, adding", dx, 1e-5);
    BOTH(dense_backward_data, rows, in, out, dy.at[k], w.at[k], false, dx2.at[k]);
    agree(p, "dense_backward_data", dx2, 1e-5);
    BOTH(dense_backward_weights, rows, in, out, x.at[k], dy.at[k], dw.at[k], db.at[k]);
    agree(p, "dense_backward_weights", dw, 2e-5);
    agree(p, "dense_backward_weights bias", db, 2e-5);
    BOTH(dense_backward_weights, rows, in, out, x.at[k], dy.at[k], dw.at[k], NULL);
    agree(p, "dense_backward_weights without a bias", dw, 2e-5);
    const struct floats all[] = {x, w, bias, dy, dx, dx2, dw, db};
    for (int i = 0; i < 8; i++) drop(p, all[i]);
}

static void pooling(struct pair *p, struct image s, int c) {
    const struct acts x = filled_acts(p, s, c, SPARSE), dx = filled_acts(p, s, c, ANY);
    const size_t rows = (size_t)s.n * 3 * (size_t)c;
    const struct floats area = filled(p, (size_t)s.n, POSITIVE), y = nothing(p, rows), dy = filled(p, rows, ANY);
    BOTH(pool_forward, s, c, x.at[k], area.at[k], y.at[k]);
    agree(p, "pool_forward", y, 1e-5);
    BOTH(pool_backward, s, c, x.at[k], area.at[k], y.at[k], dy.at[k], dx.at[k]);
    agree_acts(p, "pool_backward", dx, stored(p, 1e-5));
    drop_acts(p, x), drop_acts(p, dx), drop(p, area), drop(p, y), drop(p, dy);
}

// The gradient of a maximum that several points share goes to the first of them; of a picture of
// zeros, to its first point.
static void pooling_ties(struct pair *p) {
    const struct image s = {2, 3, 4};
    enum { C = 11, COUNT = 2 * 12 * C };
    float host[COUNT] = {0};
    // The first picture from point 5 on; the second is zero.
    for (int i = 5 * C; i < 12 * C; i++) host[i] = 0.5f;
    const struct acts x = acts_make(p, s, C, host), dx = filled_acts(p, s, C, ANY);
    const struct floats area = filled(p, 2, POSITIVE), y = nothing(p, 2 * 3 * C), dy = filled(p, 2 * 3 * C, ANY);
    BOTH(pool_forward, s, C, x.at[k], area.at[k], y.at[k]);
    BOTH(pool_backward, s, C, x.at[k], area.at[k], y.at[k], dy.at[k], dx.at[k]);
    agree_acts(p, "pool_backward of a shared maximum", dx, stored(p, 1e-5));
    drop_acts(p, x), drop_acts(p, dx), drop(p, area), drop(p, y), drop(p, dy);
}

static void pointwise(struct pair *p, struct image s, int c) {
    const struct acts x = filled_acts(p, s, c, ANY), y = no_acts(p, s, c), sign = filled_acts(p, s, c, SPARSE);
    const struct floats bias = filled(p, (size_t)s.n * (size_t)c, ANY), mask = filled(p, image_points(s), BITS),
                        sums = nothing(p, bias.count);
    const double u = p->other->rounding;
    BOTH(channel_bias_relu, s, c, x.at[k], bias.at[k], NULL, y.at[k]);
    agree_acts(p, "channel_bias_relu", y, 1e-6 + u);
    BOTH(channel_bias_relu, s, c, x.at[k], bias.at[k], mask.at[k], y.at[k]);
    agree_acts(p, "channel_bias_relu masked", y, 1e-6 + u);
    BOTH(channel_bias_backward, s, c, x.at[k], sums.at[k]);
    agree(p, "channel_bias_backward", sums, 1e-5);
    BOTH(relu_backward, s, c, sign.at[k], x.at[k]);
    agree_acts(p, "relu_backward", x, 0);
    BOTH(add_act, s, c, sign.at[k], x.at[k]);
    agree_acts(p, "add_act", x, 1e-6 + u);
    BOTH(channel_bias_relu, s, c, x.at[k], bias.at[k], mask.at[k], x.at[k]);
    agree_acts(p, "channel_bias_relu in place", x, 1e-6 + 2 * u);
    BOTH(clear_act, s, c, x.at[k]);
    agree_acts(p, "clear_act", x, 0);
    drop_acts(p, x), drop_acts(p, y), drop_acts(p, sign), drop(p, bias), drop(p, mask), drop(p, sums);
}

static void flat(struct pair *p, size_t count) {
    const struct floats x = filled(p, count, SPARSE), y = filled(p, count, ANY), out = nothing(p, count);
    BOTH(dense_relu_backward, count, x.at[k], y.at[k]);
    agree(p, "dense_relu_backward", y, 0);
    BOTH(add, count, 0.3f, x.at[k], y.at[k]);
    agree(p, "add", y, 1e-6);
    BOTH(average, count, 0.9f, x.at[k], y.at[k]);
    agree(p, "average", y, 1e-6);
    double norms[2];
    for (int k = 0; k < 2; k++) norms[k] = p->side[k].v->square_norm(p->side[k].b, count, y.at[k]);
    EXPECT_(fabs(norms[1] - norms[0]) <= 1e-5 * norms[0], "square_norm of %zu: %s gives %.9g, ref %.9g", count, p->other->label,
            norms[1], norms[0]);
    BOTH(fill, out.at[k], 2.5f, count);
    agree(p, "fill", out, 0);
    drop(p, x), drop(p, y), drop(p, out);
}

static void planes(struct pair *p, struct image s, int num) {
    const size_t words = image_points(s) * (size_t)((num + 31) / 32);
    uint32_t *bits = malloc(words * sizeof *bits);
    // bits beyond the planes too
    for (size_t i = 0; i < words; i++) bits[i] = (uint32_t)(rng_double(&p->rng) * 0x1p32);
    const struct acts x = no_acts(p, s, num);
    BOTH(upload_planes, s, num, x.at[k], bits);
    agree_acts(p, "upload_planes", x, 0);
    free(bits);
    drop_acts(p, x);
}

static void actions(struct pair *p, struct image s, int planes_, int globals) {
    const size_t points = image_points(s), a = (size_t)(s.h * s.w * planes_ + globals);
    const struct floats maps = filled(p, points * 2 * (size_t)planes_, ANY), tail = filled(p, (size_t)(s.n * 2 * globals), ANY),
                        logits = nothing(p, 2 * (size_t)s.n * a), dmaps = nothing(p, maps.count),
                        dtail = nothing(p, tail.count);
    BOTH(actions_gather, s, 2, planes_, globals, maps.at[k], tail.at[k], logits.at[k]);
    agree(p, "actions_gather", logits, 0);
    BOTH(actions_scatter, s, 2, planes_, globals, logits.at[k], dmaps.at[k], dtail.at[k]);
    agree(p, "actions_scatter", dmaps, 0);
    agree(p, "actions_scatter globals", dtail, 0);
    // scatter undoes gather
    float *x = malloc((maps.count + 1) * sizeof *x), *y = malloc((maps.count + 1) * sizeof *y);
    p->side[0].v->download(p->side[0].b, x, maps.at[0], maps.count);
    p->side[0].v->download(p->side[0].b, y, dmaps.at[0], maps.count);
    EXPECT(!memcmp(x, y, maps.count * sizeof *x));
    free(x), free(y);
    drop(p, maps), drop(p, tail), drop(p, logits), drop(p, dmaps), drop(p, dtail);
}

static void losses(struct pair *p, struct image s) {
    const int rows = s.n, classes = s.h * s.w;
    const size_t count = image_points(s), n = (size_t)rows;
    const struct floats x = filled(p, count, ANY), legal = filled(p, count, BITS), target = filled(p, count, POSITIVE),
                        weight = filled(p, n, SPARSE), area = filled(p, n, POSITIVE), dx = nothing(p, count),
                        loss = nothing(p, n), dscore = nothing(p, n), score = filled(p, n, ANY);
    BOTH(softmax_loss, rows, classes, classes, x.at[k], NULL, target.at[k], weight.at[k], 0, 0.7f, dx.at[k], loss.at[k]);
    agree(p, "softmax_loss", dx, 1e-5);
    agree(p, "softmax_loss sums", loss, 1e-5);
    BOTH(softmax_loss, rows, classes, classes, x.at[k], legal.at[k], target.at[k], weight.at[k], 0.3f, 0.7f, dx.at[k],
         loss.at[k]);
    agree(p, "softmax_loss over the legal", dx, 1e-5);
    agree(p, "softmax_loss over the legal, sums", loss, 1e-5);
    if (classes > 3) { // a few columns of wider rows, the others left alone
        BOTH(fill, dx.at[k], 7, count);
        BOTH(softmax_loss, rows, 3, classes, x.at[k], NULL, target.at[k], weight.at[k], 1e-4f, 0.7f, dx.at[k], loss.at[k]);
        agree(p, "softmax_loss of three columns", dx, 1e-5);
        BOTH(fill, dx.at[k], 7, count);
        BOTH(score_loss, rows, classes, x.at[k], area.at[k], weight.at[k], 0.7f, dx.at[k], loss.at[k]);
        agree(p, "score_loss of one column", dx, 1e-5);
    }
    BOTH(ownership_loss, s, x.at[k], legal.at[k], area.at[k], x.at[k], weight.at[k], 0.7f, dx.at[k], loss.at[k]);
    agree(p, "ownership_loss", dx, 1e-5);
    agree(p, "ownership_loss sums", loss, 1e-5);
    BOTH(ownership_loss, s, x.at[k], NULL, area.at[k], legal.at[k], weight.at[k], 0.7f, dx.at[k], loss.at[k]);
    agree(p, "ownership_loss of full boards", dx, 1e-5);
    agree(p, "ownership_loss sums of full boards", loss, 1e-5);
    BOTH(score_loss, rows, 1, score.at[k], area.at[k], weight.at[k], 0.7f, dscore.at[k], loss.at[k]);
    agree(p, "score_loss", dscore, 1e-5);
    agree(p, "score_loss sums", loss, 1e-5);
    const struct floats all[] = {x, legal, target, weight, area, dx, loss, dscore, score};
    for (int i = 0; i < 9; i++) drop(p, all[i]);
}

// Memory starts as zeros and has the size that was announced. The budget is kept, its excess is
// reported, and released memory is given back to it.
static void memory(const struct tested *t) {
    const struct image s = {3, 5, 7};
    enum { C = 13, COUNT = 3 * 5 * 7 * C };
    struct memory_budget budget = {.bytes = 1 << 20};
    struct backend_spec spec = t->spec;
    struct backend *b;
    struct act *act;
    float *x, host[COUNT];
    spec.budget = &budget;
    EXPECT_INT(backend_open(&b, &spec), STATUS_OK);
    const struct backend_verbs *v = b->verbs;
    EXPECT_INT(v->alloc(b, COUNT, &x), STATUS_OK);
    EXPECT_INT(v->alloc_act(b, s, C, &act), STATUS_OK);
    for (int i = 0; i < COUNT; i++) host[i] = NAN;
    v->download(b, host, x, COUNT);
    for (int i = 0; i < COUNT; i++) EXPECT(host[i] == 0);
    for (int i = 0; i < COUNT; i++) host[i] = NAN;
    v->download_act(b, s, C, host, act);
    for (int i = 0; i < COUNT; i++) EXPECT(host[i] == 0);
    EXPECT(v->act_bytes(b, s, C) >= COUNT * (size_t)(b->precision == PRECISION_F32 ? 4 : 2));
    v->release(b, NULL);
    v->release(b, x);
    v->release(b, act);
    const size_t left = v->memory_left(b);
    EXPECT(left > 0);
    if (left < SIZE_MAX) { // where the device has memory of its own
        EXPECT(left <= budget.bytes);
        EXPECT_INT(v->alloc(b, left / sizeof(float) + 1, &x), STATUS_MEMORY);
        EXPECT_INT(v->memory_left(b), (long long)left);
        EXPECT_INT(v->alloc_act(b, s, C, &act), STATUS_OK);
        EXPECT_INT(left - v->memory_left(b), (long long)v->act_bytes(b, s, C));
        v->release(b, act);
        EXPECT_INT(v->memory_left(b), (long long)left);
        // It is not released here, since closing the backend does that.
        EXPECT_INT(v->alloc(b, left / 2 / sizeof(float), &x), STATUS_OK);
    }
    if (left == SIZE_MAX) EXPECT_INT(atomic_load(&budget.used), 0);
    backend_close(b);
    EXPECT_INT(atomic_load(&budget.used), 0);
}

static void check_backend(const struct tested *t, int num_shapes) {
    const struct image shapes[] = {{1, 1, 1}, {2, 3, 5}, {3, 19, 2}, {5, 7, 7}, {8, 9, 9}};
    const int channels[][2] = {{1, 1}, {3, 16}, {17, 33}, {18, 48}, {48, 48}};
    const int dense_shapes[][3] = {{1, 1, 1}, {7, 13, 3}, {33, 7, 1}, {2, 300, 130}, {245, 48, 24}};
    struct pair pair, *p = &pair;
    memory(t);
    pair_open(p, t);
    for (int i = 0; i < num_shapes; i++)
        for (int j = 0; j < num_shapes; j++) {
            conv(p, shapes[i], channels[j][0], channels[j][1]);
            point(p, shapes[i], channels[j][0], channels[j][1]);
            head(p, shapes[i], channels[j][1], j + 1);
        }
    for (int j = 0; j < num_shapes; j++) conv(p, (struct image){65, 3, 3}, channels[j][1], channels[j][0]);
    weights_in_place(p);
    for (size_t count = 1; count < 100000; count = 7 * count + 3) normalise(p, count);
    for (int i = 0; i < num_shapes; i++) dense(p, dense_shapes[i][0], dense_shapes[i][1], dense_shapes[i][2]);
    pooling_ties(p);
    const size_t counts[] = {1, 31, 1000, 4097, 70001};
    for (int i = 0; i < num_shapes; i++) {
        for (int c = 1; c < 80; c += 19 + c) { // 1, 21, 61
            pooling(p, shapes[i], c);
            pointwise(p, shapes[i], c);
            planes(p, shapes[i], c);
        }
        planes(p, shapes[i], 32);
        actions(p, shapes[i], 1, 1);
        actions(p, shapes[i], 3, 0);
        losses(p, shapes[i]);
        flat(p, counts[i]);
    }
    pair_close(p);
}

static void check_other(const struct tested *t, const void *num_shapes) {
    if (strcmp(t->spec.name, "ref") != 0) check_backend(t, *(const int *)num_shapes);
}

int main(int argc, char **argv) {
    const int num_shapes = argc > 1 && !strcmp(argv[1], "small") ? 3 : 5;
    memory(&(struct tested){{.name = "ref"}, "ref", 0});
    const int usable = for_each_backend(check_other, &num_shapes);
    EXPECT(backend_open(&(struct backend *){NULL}, &(struct backend_spec){.name = "abacus"}) == STATUS_USAGE);
    EXPECT(backend_open(&(struct backend *){NULL}, &(struct backend_spec){.name = "ref", .precision = PRECISION_F16}) ==
           STATUS_DEVICE);
    if (usable < 2) return TEST_SKIP("ref is the only usable backend");
    return TEST_END();
}
