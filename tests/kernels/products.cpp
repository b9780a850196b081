// Law: convolutions and matrix products are their definitions, in every direction, element and layout, from shapes of one point
// up; what a shape can't have is refused in words. Sums may differ by their order alone.
#include "kernels/conv.h"
#include "kernels/dense.h"
#include "tests/kernels/images.h"

// |x| <= 1, so a sum of `terms` products in fp32 is off by less than this, and the element rounds it.
static void expect_sums(const char *what, enum element e, const floats &got, const floats &expected, size_t terms) {
    same(what, got, expected, element_epsilon(e), 1e-6 * sqrt((double)terms));
}

struct conv_test {
    struct device *d;
    struct conv_plans *plans;
    struct conv_shape s;
    floats x, filter, dy; // [n, h, w, in], [out, 3, 3, in], [n, h, w, out], rounded to the element
};

static size_t points_of(const struct conv_shape *s) { return (size_t)s->n * (size_t)s->h * (size_t)s->w; }

// The product of three indices of the definition: y[n, y, x, o] += x[n, y + ky - 1, x + kx - 1, i] filter[o, ky, kx, i].
template <class F> static void each_term(const struct conv_shape *s, F add) {
    for (int n = 0; n < s->n; n++)
        for (int y = 0; y < s->h; y++)
            for (int x = 0; x < s->w; x++)
                for (int o = 0; o < s->out; o++)
                    for (int ky = 0; ky < 3; ky++)
                        for (int kx = 0; kx < 3; kx++)
                            for (int i = 0; i < s->in; i++) {
                                const int fy = y + ky - 1, fx = x + kx - 1;
                                if (fy < 0 || fx < 0 || fy >= s->h || fx >= s->w) continue;
                                add((size_t)(((n * s->h + fy) * s->w + fx) * s->in + i),
                                    (size_t)(((o * 3 + ky) * 3 + kx) * s->in + i),
                                    (size_t)(((n * s->h + y) * s->w + x) * s->out + o));
                            }
}

// The filter [padded(out), 3, 3, padded(in)] of logical values: an image of rows (o, ky, kx), and rows of zeros.
static void *up_filter(struct conv_test *t) {
    floats all = t->filter;
    all.resize((size_t)(padded(t->s.out) * 9 * t->s.in));
    return up_image(t->d, t->s.element, (size_t)padded(t->s.out) * 9, t->s.in, all);
}

static void forward(struct conv_test *t, bool biased, bool added, bool relu, bool masked, bool in_place, uint64_t *random) {
    const struct conv_shape *s = &t->s;
    const size_t points = points_of(s), out = (size_t)s->out;
    const floats residual = rounded_floats(s->element, random_floats(random, points * out));
    floats bias = random_floats(random, out), mask(points);
    for (float &m : mask) m = (float)random_below(random, 2);
    std::vector<double> sum(points * out);
    each_term(s, [&](size_t x, size_t f, size_t y) { sum[y] += (double)t->x[x] * t->filter[f]; });
    floats expected(sum.size());
    for (size_t i = 0; i < sum.size(); i++) {
        const double value = sum[i] + (biased ? bias[i % out] : 0) + (added ? residual[i] : 0);
        expected[i] = (masked && mask[i / out] == 0) || (relu && value < 0) ? 0 : rounded(s->element, value);
    }
    bias.resize((size_t)padded(s->out)); // zeros
    void *x = up_image(t->d, s->element, points, s->in, t->x), *f = up_filter(t), *b = up_floats(t->d, bias);
    void *m = up_floats(t->d, mask), *r = up_image(t->d, s->element, points, s->out, residual);
    void *y = in_place ? up_image(t->d, s->element, points, s->out, residual) : poison_image(t->d, s->element, points, s->out);
    char why[DEVICE_TEXT] = "";
    EXPECT_(conv_forward(t->plans, s, x, f, biased ? (const float *)b : NULL, added ? in_place ? y : r : NULL, relu,
                         masked ? (const float *)m : NULL, y, why),
            "conv_forward: %s", why);
    expect_sums("conv_forward", s->element, back_image(t->d, "conv_forward", s->element, points, s->out, y), expected,
                (size_t)s->in * 9);
    drop(t->d, {x, f, b, m, r});
}

static void backward(struct conv_test *t) {
    const struct conv_shape *s = &t->s;
    const size_t points = points_of(s), rows = (size_t)padded(s->out) * 9;
    std::vector<double> dx_sum(t->x.size()), df_sum(t->filter.size());
    each_term(s, [&](size_t x, size_t f, size_t y) {
        dx_sum[x] += (double)t->dy[y] * t->filter[f];
        df_sum[f] += (double)t->dy[y] * t->x[x];
    });
    floats dx_expected, df_expected;
    for (double value : dx_sum) dx_expected.push_back(rounded(s->element, value));
    for (double value : df_sum) df_expected.push_back((float)value);
    df_expected.resize(rows * (size_t)s->in); // zeros for the padded outputs
    void *x = up_image(t->d, s->element, points, s->in, t->x), *f = up_filter(t);
    void *dy = up_image(t->d, s->element, points, s->out, t->dy), *dx = poison_image(t->d, s->element, points, s->in);
    void *df = poison_image(t->d, ELEMENT_F32, rows, s->in);
    char why[DEVICE_TEXT] = "";
    EXPECT_(conv_backward_data(t->plans, s, dy, f, dx, why), "conv_backward_data: %s", why);
    EXPECT_(conv_backward_filter(t->plans, s, x, dy, (float *)df, why), "conv_backward_filter: %s", why);
    expect_sums("conv_backward_data", s->element, back_image(t->d, "conv_backward_data", s->element, points, s->in, dx),
                dx_expected, (size_t)s->out * 9);
    expect_sums("conv_backward_filter", ELEMENT_F32, back_image(t->d, "conv_backward_filter", ELEMENT_F32, rows, s->in, df),
                df_expected, points * points);
    drop(t->d, {x, f, dy});
}

static void convolutions(struct device *d, uint64_t *random) {
    static const int shapes[][5] = {{1, 1, 1, 1, 1}, {3, 2, 2, 3, 5}, {2, 5, 5, 9, 8}, {1, 9, 13, 8, 24}, {2, 3, 7, 24, 3}};
    struct conv_test t = {d, conv_plans_new(d), {}, {}, {}, {}};
    for (enum element e : ELEMENTS)
        for (const int *shape : shapes) {
            t.s = {shape[0], shape[1], shape[2], shape[3], shape[4], e};
            t.x = rounded_floats(e, random_floats(random, points_of(&t.s) * (size_t)t.s.in));
            t.dy = rounded_floats(e, random_floats(random, points_of(&t.s) * (size_t)t.s.out));
            t.filter = rounded_floats(e, random_floats(random, (size_t)(t.s.out * 9 * t.s.in)));
            for (int v = 0; v < 16; v++) forward(&t, v & 1, v & 2, v & 4, v & 8, false, random);
            forward(&t, true, true, true, true, true, random);
            backward(&t);
        }
    conv_plans_free(t.plans);
}

struct layout {
    bool a_transposed, b_transposed, add, biased, relu;
};

static void product(struct device *d, struct dense_plans *plans, enum element in, enum element out, int m, int n, int k,
                    struct layout l, uint64_t *random) {
    struct dense_product p = {m, n, k, in, out, l.a_transposed, l.b_transposed, l.add, l.relu, 0, 0, 0};
    // Strides longer than the rows, in 16 bytes' steps.
    p.a_stride = padded(l.a_transposed ? m : k) + 8, p.b_stride = padded(l.b_transposed ? k : n), p.d_stride = padded(n) + 8;
    const size_t a_rows = (size_t)(l.a_transposed ? k : m), b_rows = (size_t)(l.b_transposed ? n : k), rows = (size_t)m;
    const floats a = rounded_floats(in, random_floats(random, a_rows * (size_t)p.a_stride));
    const floats b = rounded_floats(in, random_floats(random, b_rows * (size_t)p.b_stride));
    const floats before = rounded_floats(out, random_floats(random, rows * (size_t)p.d_stride));
    const floats bias = random_floats(random, (size_t)n);
    floats expected = before;
    for (int r = 0; r < m; r++)
        for (int c = 0; c < n; c++) {
            float *to = &expected[(size_t)(r * p.d_stride + c)];
            double sum = (l.add ? *to : 0) + (l.biased ? bias[(size_t)c] : 0);
            for (int i = 0; i < k; i++)
                sum += (double)a[(size_t)(l.a_transposed ? i * p.a_stride + r : r * p.a_stride + i)] *
                       b[(size_t)(l.b_transposed ? c * p.b_stride + i : i * p.b_stride + c)];
            *to = l.relu && sum < 0 ? 0 : rounded(out, sum);
        }
    void *left = up_image(d, in, a_rows, p.a_stride, a), *right = up_image(d, in, b_rows, p.b_stride, b);
    void *to = up_image(d, out, rows, p.d_stride, before), *add = up_floats(d, bias);
    char why[DEVICE_TEXT] = "";
    EXPECT_(dense_run(plans, &p, left, right, l.biased ? (const float *)add : NULL, to, why), "dense_run: %s", why);
    expect_sums("dense_run", out, back_image(d, "dense_run", out, rows, p.d_stride, to), expected, (size_t)k);
    drop(d, {left, right, add});
}

static void products(struct device *d, uint64_t *random) {
    struct dense_plans *plans = dense_plans_new(d);
    static const enum element pairs[][2] = {{ELEMENT_F32, ELEMENT_F32},
                                            {ELEMENT_F16, ELEMENT_F16},
                                            {ELEMENT_F16, ELEMENT_F32},
                                            {ELEMENT_BF16, ELEMENT_BF16},
                                            {ELEMENT_BF16, ELEMENT_F32}};
    static const int shapes[][3] = {{1, 1, 1}, {3, 8, 5}, {17, 3, 24}, {40, 33, 9}};
    for (const enum element *pair : pairs)
        for (const int *shape : shapes)
            for (int v = 0; v < 32; v++)
                product(d, plans, pair[0], pair[1], shape[0], shape[1], shape[2],
                        {(v & 1) != 0, (v & 2) != 0, (v & 4) != 0, (v & 8) != 0, (v & 16) != 0}, random);
    char why[DEVICE_TEXT] = "";
    struct dense_product p = {1, 1, 1, ELEMENT_F16, ELEMENT_BF16, false, false, false, false, 8, 8, 8};
    EXPECT(!dense_run(plans, &p, NULL, NULL, NULL, NULL, why) && why[0]);
    p.in = ELEMENT_F32, why[0] = 0;
    EXPECT(!dense_run(plans, &p, NULL, NULL, NULL, NULL, why) && why[0]);
    dense_plans_free(plans);
}

int main(void) {
    char why[DEVICE_TEXT] = "";
    if (device_count(why) == 0) return TEST_SKIP(why);
    struct device *d = open_device(0);
    uint64_t random = 4;
    convolutions(d, &random);
    products(d, &random);
    device_close(d);
    return TEST_END();
}
