// Law: every verb of every usable backend agrees with ref on odd shapes, overwrites all of its outputs (they start as NaN) and
// nothing beyond them.
#include "net/backend_verbs.h"
#include "tests/net/support.h"

enum { GUARD = 64 }; // floats beyond each output that must stay as they are

struct side { // the same buffers on both backends
    struct backend *b;
    const struct backend_verbs *v;
};
struct pair {
    struct side ref, other;
    struct rng rng;
};

struct buffer { // device pointers of the two sides
    float *ref, *other;
    size_t count;
};

static struct buffer make(struct pair *p, size_t count, const float *host) {
    struct buffer out = {.count = count};
    float *poison = malloc((count + GUARD) * sizeof *poison);
    for (size_t i = 0; i < count + GUARD; i++) poison[i] = host && i < count ? host[i] : NAN;
    EXPECT_INT(p->ref.v->alloc(p->ref.b, count + GUARD, &out.ref), STATUS_OK);
    EXPECT_INT(p->other.v->alloc(p->other.b, count + GUARD, &out.other), STATUS_OK);
    p->ref.v->upload(p->ref.b, out.ref, poison, count + GUARD);
    p->other.v->upload(p->other.b, out.other, poison, count + GUARD);
    free(poison);
    return out;
}
static struct buffer nothing(struct pair *p, size_t count) { return make(p, count, NULL); }

enum fill { ANY, POSITIVE, SPARSE, BITS };
static struct buffer filled(struct pair *p, size_t count, enum fill fill) {
    float *host = calloc(count + 1, sizeof *host);
    for (size_t i = 0; i < count; i++) {
        const float u = uniform(&p->rng);
        host[i] = fill == ANY ? u : fill == POSITIVE ? fabsf(u) + 0.1f : fill == SPARSE ? (u > 0 ? u : 0) : u > -0.4f;
    }
    const struct buffer out = make(p, count, host);
    free(host);
    return out;
}

static void drop(struct pair *p, struct buffer b) {
    p->ref.v->release(p->ref.b, b.ref);
    p->other.v->release(p->other.b, b.other);
}

// Equal to `tolerance` times the largest magnitude, finite, and the guard untouched.
static void agree(struct pair *p, const char *what, struct buffer b, double tolerance) {
    const size_t all = b.count + GUARD;
    float *x = malloc(all * sizeof *x), *y = malloc(all * sizeof *y);
    double most = 1e-3, worst = 0;
    size_t where = 0;
    p->ref.v->download(p->ref.b, x, b.ref, all);
    p->other.v->download(p->other.b, y, b.other, all);
    for (size_t i = 0; i < b.count; i++) {
        EXPECT_(isfinite(x[i]) && isfinite(y[i]), "%s: %s leaves element %zu of %zu as %g (ref %g)", what, p->other.v->name, i,
                b.count, y[i], x[i]);
        if (fabs(x[i]) > most) most = fabs(x[i]);
        if (fabs((double)x[i] - y[i]) > worst) worst = fabs((double)x[i] - y[i]), where = i;
    }
    EXPECT_(worst <= tolerance * most, "%s: %s gives %.8g at %zu, ref %.8g", what, p->other.v->name, y[where], where, x[where]);
    for (size_t i = b.count; i < all; i++)
        EXPECT_(isnan(x[i]) && isnan(y[i]), "%s wrote %zu beyond its end", what, i - b.count);
    free(x);
    free(y);
}

// Runs the verb on both sides: R for ref's arguments, O for the other's.
#define BOTH(verb, ref_args, other_args)                                                                                       \
    do {                                                                                                                       \
        p->ref.v->weights_changed(p->ref.b);                                                                                   \
        p->other.v->weights_changed(p->other.b);                                                                               \
        p->ref.v->verb ref_args;                                                                                               \
        p->other.v->verb other_args;                                                                                           \
    } while (0)

static void conv(struct pair *p, struct image s, int in, int out) {
    const size_t points = image_points(s);
    const struct buffer x = filled(p, points * in, ANY), w = filled(p, 9 * (size_t)in * out, ANY), bias = filled(p, out, ANY),
                        residual = filled(p, points * out, ANY), mask = filled(p, points, BITS),
                        dy = filled(p, points * out, SPARSE);
    for (int bits = 0; bits < 8; bits++) {
        const bool relu = bits & 1, adds = bits & 2, masked = bits & 4;
        const struct buffer y = nothing(p, points * out);
        BOTH(conv_forward,
             (p->ref.b, s, in, out, x.ref, w.ref, bias.ref, adds ? residual.ref : NULL, relu, masked ? mask.ref : NULL, y.ref),
             (p->other.b, s, in, out, x.other, w.other, bias.other, adds ? residual.other : NULL, relu,
              masked ? mask.other : NULL, y.other));
        agree(p, "conv_forward", y, 1e-5);
        drop(p, y);
    }
    const struct buffer dx = nothing(p, points * in), dw = nothing(p, w.count), db = nothing(p, out);
    BOTH(conv_forward, (p->ref.b, s, in, out, x.ref, w.ref, bias.ref, residual.ref, true, NULL, residual.ref),
         (p->other.b, s, in, out, x.other, w.other, bias.other, residual.other, true, NULL, residual.other));
    agree(p, "conv_forward in place", residual, 1e-5);
    BOTH(conv_backward_data, (p->ref.b, s, in, out, dy.ref, w.ref, dx.ref),
         (p->other.b, s, in, out, dy.other, w.other, dx.other));
    agree(p, "conv_backward_data", dx, 1e-5);
    BOTH(conv_backward_weights, (p->ref.b, s, in, out, x.ref, dy.ref, dw.ref, db.ref),
         (p->other.b, s, in, out, x.other, dy.other, dw.other, db.other));
    agree(p, "conv_backward_weights", dw, 2e-5);
    agree(p, "conv_backward_weights bias", db, 2e-5);
    const struct buffer all[] = {x, w, bias, residual, mask, dy, dx, dw, db};
    for (int i = 0; i < 9; i++) drop(p, all[i]);
}

// Weights that change in place are packed again, and only after weights_changed or adamw need they be.
static void conv_weights_change(struct pair *p) {
    const struct image s = {3, 5, 5};
    const struct buffer x = filled(p, 75 * 16, ANY), w = filled(p, 9 * 256, ANY), g = filled(p, 9 * 256, ANY),
                        m = filled(p, 9 * 256, ANY), v = filled(p, 9 * 256, POSITIVE), bias = filled(p, 16, ANY);
    const struct adamw_step step = {0.1f, 0.9f, 0.99f, 1e-8f, 0.01f, 0.1f, 0.01f, 1};
    for (int round = 0; round < 3; round++) {
        const struct buffer y = nothing(p, 75 * 16), dx = nothing(p, 75 * 16);
        p->ref.v->conv_forward(p->ref.b, s, 16, 16, x.ref, w.ref, bias.ref, NULL, false, NULL, y.ref);
        p->other.v->conv_forward(p->other.b, s, 16, 16, x.other, w.other, bias.other, NULL, false, NULL, y.other);
        p->ref.v->conv_backward_data(p->ref.b, s, 16, 16, x.ref, w.ref, dx.ref);
        p->other.v->conv_backward_data(p->other.b, s, 16, 16, x.other, w.other, dx.other);
        agree(p, "conv after adamw", y, 1e-4);
        agree(p, "conv_backward_data after adamw", dx, 1e-4);
        p->ref.v->adamw(p->ref.b, w.count, step, g.ref, w.ref, m.ref, v.ref);
        p->other.v->adamw(p->other.b, w.count, step, g.other, w.other, m.other, v.other);
        agree(p, "adamw", w, 1e-5);
        drop(p, y), drop(p, dx);
    }
    drop(p, x), drop(p, w), drop(p, g), drop(p, m), drop(p, v), drop(p, bias);
}

static void dense(struct pair *p, int rows, int in, int out) {
    const struct buffer x = filled(p, (size_t)rows * in, ANY), w = filled(p, (size_t)in * out, ANY), bias = filled(p, out, ANY),
                        dy = filled(p, (size_t)rows * out, SPARSE), dx = filled(p, (size_t)rows * in, ANY),
                        dx2 = nothing(p, (size_t)rows * in), dw = nothing(p, w.count), db = nothing(p, out);
    for (int bits = 0; bits < 4; bits++) {
        const struct buffer y = nothing(p, (size_t)rows * out);
        BOTH(dense_forward, (p->ref.b, rows, in, out, x.ref, w.ref, bits & 1 ? bias.ref : NULL, bits & 2, y.ref),
             (p->other.b, rows, in, out, x.other, w.other, bits & 1 ? bias.other : NULL, bits & 2, y.other));
        agree(p, "dense_forward", y, 1e-5);
        drop(p, y);
    }
    BOTH(dense_backward_data, (p->ref.b, rows, in, out, dy.ref, w.ref, true, dx.ref),
         (p->other.b, rows, in, out, dy.other, w.other, true, dx.other));
    agree(p, "dense_backward_data, adding", dx, 1e-5);
    BOTH(dense_backward_data, (p->ref.b, rows, in, out, dy.ref, w.ref, false, dx2.ref),
         (p->other.b, rows, in, out, dy.other, w.other, false, dx2.other));
    agree(p, "dense_backward_data", dx2, 1e-5);
    BOTH(dense_backward_weights, (p->ref.b, rows, in, out, x.ref, dy.ref, dw.ref, db.ref),
         (p->other.b, rows, in, out, x.other, dy.other, dw.other, db.other));
    agree(p, "dense_backward_weights", dw, 2e-5);
    agree(p, "dense_backward_weights bias", db, 2e-5);
    const struct buffer all[] = {x, w, bias, dy, dx, dx2, dw, db};
    for (int i = 0; i < 8; i++) drop(p, all[i]);
}

static void pointwise(struct pair *p, struct image s, int c) {
    const size_t points = image_points(s), count = points * c;
    const struct buffer x = filled(p, count, SPARSE), area = filled(p, s.n, POSITIVE), y = nothing(p, (size_t)s.n * 3 * c),
                        dy = filled(p, (size_t)s.n * 3 * c, ANY), dx = filled(p, count, ANY),
                        bias = filled(p, (size_t)s.n * c, ANY), mask = filled(p, points, BITS), out = nothing(p, count),
                        sums = nothing(p, (size_t)s.n * c), signed_x = filled(p, count, ANY);
    BOTH(pool_forward, (p->ref.b, s, c, x.ref, area.ref, y.ref), (p->other.b, s, c, x.other, area.other, y.other));
    agree(p, "pool_forward", y, 1e-5);
    BOTH(pool_backward, (p->ref.b, s, c, x.ref, area.ref, y.ref, dy.ref, dx.ref),
         (p->other.b, s, c, x.other, area.other, y.other, dy.other, dx.other));
    agree(p, "pool_backward", dx, 1e-5);
    BOTH(channel_bias_relu, (p->ref.b, s, c, signed_x.ref, bias.ref, NULL, out.ref),
         (p->other.b, s, c, signed_x.other, bias.other, NULL, out.other));
    agree(p, "channel_bias_relu", out, 1e-6);
    BOTH(channel_bias_relu, (p->ref.b, s, c, signed_x.ref, bias.ref, mask.ref, out.ref),
         (p->other.b, s, c, signed_x.other, bias.other, mask.other, out.other));
    agree(p, "channel_bias_relu masked", out, 1e-6);
    BOTH(channel_bias_backward, (p->ref.b, s, c, signed_x.ref, sums.ref), (p->other.b, s, c, signed_x.other, sums.other));
    agree(p, "channel_bias_backward", sums, 1e-5);
    BOTH(relu_backward, (p->ref.b, count, out.ref, signed_x.ref), (p->other.b, count, out.other, signed_x.other));
    agree(p, "relu_backward", signed_x, 0);
    BOTH(mask_multiply, (p->ref.b, s, c, mask.ref, signed_x.ref), (p->other.b, s, c, mask.other, signed_x.other));
    agree(p, "mask_multiply", signed_x, 0);
    BOTH(add, (p->ref.b, count, 0.3f, x.ref, out.ref), (p->other.b, count, 0.3f, x.other, out.other));
    agree(p, "add", out, 1e-6);
    BOTH(average, (p->ref.b, count, 0.9f, x.ref, out.ref), (p->other.b, count, 0.9f, x.other, out.other));
    agree(p, "average", out, 1e-6);
    EXPECT_NEAR(p->other.v->square_norm(p->other.b, count, x.other) / p->ref.v->square_norm(p->ref.b, count, x.ref), 1, 1e-5);
    BOTH(fill, (p->ref.b, out.ref, 2.5f, count), (p->other.b, out.other, 2.5f, count));
    agree(p, "fill", out, 0);
    const struct buffer all[] = {x, area, y, dy, dx, bias, mask, out, sums, signed_x};
    for (int i = 0; i < 10; i++) drop(p, all[i]);
}

static void actions(struct pair *p, struct image s, int planes, int globals) {
    const size_t points = image_points(s), a = (size_t)s.h * s.w * planes + globals;
    const struct buffer maps = filled(p, points * 2 * planes, ANY), tail = filled(p, (size_t)s.n * 2 * globals, ANY),
                        logits = nothing(p, 2 * s.n * a), dmaps = nothing(p, maps.count), dtail = nothing(p, tail.count);
    BOTH(actions_gather, (p->ref.b, s, 2, planes, globals, maps.ref, tail.ref, logits.ref),
         (p->other.b, s, 2, planes, globals, maps.other, tail.other, logits.other));
    agree(p, "actions_gather", logits, 0);
    BOTH(actions_scatter, (p->ref.b, s, 2, planes, globals, logits.ref, dmaps.ref, dtail.ref),
         (p->other.b, s, 2, planes, globals, logits.other, dmaps.other, dtail.other));
    agree(p, "actions_scatter", dmaps, 0);
    agree(p, "actions_scatter globals", dtail, 0);
    float *x = malloc((maps.count + 1) * sizeof *x), *y = malloc((maps.count + 1) * sizeof *y); // scatter undoes gather
    p->ref.v->download(p->ref.b, x, maps.ref, maps.count);
    p->ref.v->download(p->ref.b, y, dmaps.ref, maps.count);
    EXPECT(!memcmp(x, y, maps.count * sizeof *x));
    free(x), free(y);
    drop(p, maps), drop(p, tail), drop(p, logits), drop(p, dmaps), drop(p, dtail);
}

static void losses(struct pair *p, struct image s) {
    const int rows = s.n, classes = s.h * s.w;
    const size_t count = image_points(s);
    const struct buffer x = filled(p, count, ANY), legal = filled(p, count, BITS), target = filled(p, count, POSITIVE),
                        weight = filled(p, rows, SPARSE), area = filled(p, rows, POSITIVE), dx = nothing(p, count),
                        loss = nothing(p, rows), dscore = nothing(p, rows), score = filled(p, rows, ANY);
    BOTH(softmax_loss, (p->ref.b, rows, classes, classes, x.ref, NULL, target.ref, weight.ref, 0.7f, dx.ref, loss.ref),
         (p->other.b, rows, classes, classes, x.other, NULL, target.other, weight.other, 0.7f, dx.other, loss.other));
    agree(p, "softmax_loss", dx, 1e-5);
    agree(p, "softmax_loss sums", loss, 1e-5);
    BOTH(softmax_loss, (p->ref.b, rows, classes, classes, x.ref, legal.ref, target.ref, weight.ref, 0.7f, dx.ref, loss.ref),
         (p->other.b, rows, classes, classes, x.other, legal.other, target.other, weight.other, 0.7f, dx.other, loss.other));
    agree(p, "softmax_loss over the legal", dx, 1e-5);
    BOTH(ownership_loss, (p->ref.b, s, x.ref, legal.ref, area.ref, x.ref, weight.ref, 0.7f, dx.ref, loss.ref),
         (p->other.b, s, x.other, legal.other, area.other, x.other, weight.other, 0.7f, dx.other, loss.other));
    agree(p, "ownership_loss", dx, 1e-5);
    agree(p, "ownership_loss sums", loss, 1e-5);
    BOTH(score_loss, (p->ref.b, rows, 1, score.ref, area.ref, weight.ref, 0.7f, dscore.ref, loss.ref),
         (p->other.b, rows, 1, score.other, area.other, weight.other, 0.7f, dscore.other, loss.other));
    agree(p, "score_loss", dscore, 1e-5);
    agree(p, "score_loss sums", loss, 1e-5);
    const struct buffer all[] = {x, legal, target, weight, area, dx, loss, dscore, score};
    for (int i = 0; i < 9; i++) drop(p, all[i]);
}

static void check_backend(const char *name) {
    struct pair pair, *p = &pair;
    rng_init(&pair.rng, 5, 0);
    EXPECT_INT(backend_open(&pair.ref.b, "ref"), STATUS_OK);
    EXPECT_INT(backend_open(&pair.other.b, name), STATUS_OK);
    pair.ref.v = pair.ref.b->verbs;
    pair.other.v = pair.other.b->verbs;
    const struct image shapes[] = {{1, 1, 1}, {2, 3, 5}, {5, 7, 7}, {3, 19, 2}, {8, 9, 9}};
    const int channels[][2] = {{1, 1}, {3, 16}, {18, 48}, {17, 33}, {48, 48}};
    for (int i = 0; i < 5; i++)
        for (int k = 0; k < 5; k++) conv(p, shapes[i], channels[k][0], channels[k][1]);
    for (int k = 0; k < 5; k++) conv(p, (struct image){65, 3, 3}, channels[k][1], channels[k][0]);
    conv_weights_change(p);
    const int dense_shapes[][3] = {{1, 1, 1}, {7, 13, 3}, {245, 48, 24}, {64, 144, 48}, {33, 7, 1}, {2, 300, 130}};
    for (int i = 0; i < 6; i++) dense(p, dense_shapes[i][0], dense_shapes[i][1], dense_shapes[i][2]);
    for (int i = 0; i < 5; i++) {
        pointwise(p, shapes[i], 1);
        pointwise(p, shapes[i], 24);
        pointwise(p, shapes[i], 77);
        actions(p, shapes[i], 1, 1);
        actions(p, shapes[i], 3, 0);
        losses(p, shapes[i]);
    }
    backend_close(pair.ref.b);
    backend_close(pair.other.b);
}

int main(void) {
    int checked = 0;
    for (int i = 0; i < backend_count(); i++) {
        struct backend_info info;
        backend_describe(i, &info);
        if (!info.usable) fprintf(stderr, "%s: %s\n", info.name, info.reason);
        if (!info.usable || !strcmp(info.name, "ref")) continue;
        check_backend(info.name);
        checked++;
    }
    EXPECT(backend_open(&(struct backend *){NULL}, "abacus") == STATUS_DEVICE);
    if (!checked) return TEST_SKIP("ref is the only usable backend");
    return TEST_END();
}
