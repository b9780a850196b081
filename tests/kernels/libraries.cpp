// Laws of what is built on vendors' libraries (device.h, conv.h, dense.h, collective.h), which are
// tested through their public headers and compared with loops in double. Linked with the emulation
// it tests the twins for the host, and linked with the CUDA library it tests cuDNN, cuBLASLt and
// NCCL on a card.
#include "kernels/collective.h"
#include "kernels/conv.h"
#include "kernels/dense.h"
#include "kernels/pointwise.h"
#include "tests/kernels/images.h"

#include <thread>

// The array of an upload may be reused at once, memory begins as zeros, and downloads are complete,
// whether the memory is pinned or not.
static void memory(struct device *d) {
    const size_t count = 5000001; // beyond any ring of staging buffers, and odd
    floats host(count);
    for (size_t i = 0; i < count; i++) host[i] = (float)i;
    float *a = (float *)device_alloc(d, count * 4), *b = (float *)device_alloc(d, count * 4);
    float *pinned = (float *)device_pinned(d, count * 4);
    EXPECT(a && b && pinned);
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < count; i++) host[i] = pinned[i] = (float)(i % 1000003) + (float)round;
        device_upload(d, round & 1 ? b : a, round == 2 ? pinned : host.data(), count * 4);
        for (size_t i = 0; i < count; i++) host[i] = pinned[i] = -1;
        if (round & 1) device_copy(d, a, b, count * 4);
        float *to = round == 1 ? pinned : host.data();
        device_download(d, to, a, count * 4);
        for (size_t i = 0; i < count; i++)
            EXPECT_(to[i] == (float)(i % 1000003) + (float)round, "round %d: %zu is %g", round, i, to[i]);
    }
    float *zeros = (float *)device_alloc(d, 1000);
    device_download(d, host.data(), zeros, 1000);
    for (int i = 0; i < 250; i++) EXPECT(host[(size_t)i] == 0);
    device_unpin(d, pinned);
    drop(d, {a, b, zeros});
}

// Captured work runs when its graph is launched, once for each launch, and not when it is captured.
static void captured_graph(struct device *d) {
    const size_t count = 1000;
    float *x = (float *)device_alloc(d, count * 4), *y = (float *)device_alloc(d, count * 4), back[1000];
    fill_f32(d, count, 2, x);
    add_f32(d, count, 3, x, y);
    if (device_capture_begin(d)) {
        add_f32(d, count, 3, x, y);
        add_f32(d, count, 1, x, x);
        struct device_graph *graph = device_capture_end(d);
        EXPECT(graph);
        device_download(d, back, y, count * 4);
        EXPECT_NEAR(back[999], 6, 0);
        for (int i = 0; graph && i < 3; i++) device_graph_launch(d, graph); // y = 6 + 3 (2 + 4 + 8)
        device_download(d, back, y, count * 4);
        EXPECT_NEAR(back[999], 48, 0);
        device_graph_free(graph);
    }
    device_timer_start(d);
    add_f32(d, count, 1, x, y);
    EXPECT(device_timer_stop(d) >= 0);
    drop(d, {x, y});
}

struct problem {
    struct conv_shape s;
    floats x, filter, y; // [n, h, w, in], [out, 3, 3, in], [n, h, w, out]
};

// Calls visit(index in x, index in filter, index in y) for every product that a convolution adds.
static void products(const struct conv_shape *s, const std::function<void(size_t, size_t, size_t)> &visit) {
    for (int n = 0; n < s->n; n++)
        for (int i = 0; i < s->h * s->w * 9; i++) {
            const int row = i / 9 / s->w, column = i / 9 % s->w, dy = i % 9 / 3, dx = i % 3;
            if (row + dy < 1 || row + dy > s->h || column + dx < 1 || column + dx > s->w) continue;
            const size_t from = ((size_t)n * (size_t)s->h + (size_t)(row + dy - 1)) * (size_t)s->w + (size_t)(column + dx - 1);
            const size_t to = (size_t)n * (size_t)(s->h * s->w) + (size_t)(i / 9);
            for (size_t o = 0; o < (size_t)s->out; o++)
                for (size_t c = 0; c < (size_t)s->in; c++)
                    visit(from * (size_t)s->in + c, (o * 9 + (size_t)(i % 9)) * (size_t)s->in + c, to * (size_t)s->out + o);
        }
}

static floats to_floats(const std::vector<double> &x) { return floats(x.begin(), x.end()); }
static double slack(enum element e) {
    return e == ELEMENT_F32 ? 1e-4 : 4 * element_epsilon(e);
} // for sums of some hundred products

// Zero rows for the padding of out.
static void *up_filter(struct device *d, const struct problem *p) {
    floats all = p->filter;
    all.resize((size_t)padded(p->s.out) * 9 * (size_t)p->s.in);
    return up_image(d, p->s.element, (size_t)padded(p->s.out) * 9, p->s.in, all);
}

static void forward(struct device *d, struct conv_plans *plans, const struct problem *p, int flags, uint64_t *random) {
    const bool relu = flags & 1, masked = flags & 2, with_residual = flags & 4, in_place = flags & 8;
    const size_t rows = (size_t)(p->s.n * p->s.h * p->s.w), out = (size_t)p->s.out;
    floats bias = random_floats(random, out), mask(rows),
           residual = rounded_floats(p->s.element, random_floats(random, rows * out));
    for (float &m : mask) m = (float)random_below(random, 2);
    std::vector<double> expected(rows * out);
    products(&p->s, [&](size_t x, size_t f, size_t y) { expected[y] += (double)p->x[x] * p->filter[f]; });
    for (size_t i = 0; i < rows * out; i++) {
        double v = expected[i] + bias[i % out] + (with_residual ? residual[i] : 0);
        if (relu && v < 0) v = 0;
        expected[i] = masked ? v * mask[i / out] : v;
    }
    bias.resize((size_t)padded(p->s.out));
    void *x = up_image(d, p->s.element, rows, p->s.in, p->x), *filter = up_filter(d, p), *b = up_floats(d, bias);
    void *m = up_floats(d, mask), *r = up_image(d, p->s.element, rows, p->s.out, residual);
    void *y = with_residual && in_place ? r : poison_image(d, p->s.element, rows, p->s.out);
    char why[DEVICE_TEXT] = "";
    const bool done = conv_forward(plans, &p->s, x, filter, (const float *)b, with_residual ? r : NULL, relu,
                                   masked ? (const float *)m : NULL, y, why);
    EXPECT_(done, "forward %s: %s", element_name(p->s.element), why);
    if (y != r) drop(d, {r});
    if (done)
        same("conv_forward", back_image(d, "conv_forward", p->s.element, rows, p->s.out, y), to_floats(expected),
             element_epsilon(p->s.element), slack(p->s.element));
    drop(d, {x, filter, b, m});
}

static void backward(struct device *d, struct conv_plans *plans, const struct problem *p) {
    const enum element e = p->s.element;
    const size_t rows = (size_t)(p->s.n * p->s.h * p->s.w);
    std::vector<double> dx(p->x.size()), dfilter((size_t)padded(p->s.out) * 9 * (size_t)padded(p->s.in));
    products(&p->s, [&](size_t x, size_t f, size_t y) {
        const size_t in = (size_t)p->s.in;
        dx[x] += (double)p->y[y] * p->filter[f];
        dfilter[f / in * (size_t)padded(p->s.in) + f % in] += (double)p->y[y] * p->x[x];
    });
    void *x = up_image(d, e, rows, p->s.in, p->x), *filter = up_filter(d, p), *dy = up_image(d, e, rows, p->s.out, p->y);
    void *to = poison_image(d, e, rows, p->s.in);
    float *sums = (float *)poison_floats(d, dfilter.size());
    char why[DEVICE_TEXT] = "";
    EXPECT_(conv_backward_data(plans, &p->s, dy, filter, to, why), "backward data %s: %s", element_name(e), why);
    same("conv_backward_data", back_image(d, "conv_backward_data", e, rows, p->s.in, to), to_floats(dx), element_epsilon(e),
         slack(e));
    const floats got = repeatable("conv_backward_filter", [&] {
        EXPECT_(conv_backward_filter(plans, &p->s, x, dy, sums, why), "backward filter %s: %s", element_name(e), why);
        floats back(dfilter.size());
        device_download(d, back.data(), sums, back.size() * 4);
        return back;
    });
    same("conv_backward_filter", got, to_floats(dfilter), element_epsilon(e), 10 * slack(ELEMENT_F32));
    drop(d, {x, filter, dy, sums});
}

static void convolutions(struct device *d, struct conv_plans *plans, enum element e, bool quick, uint64_t *random) {
    static const int shapes[][5] = {{1, 3, 3, 1, 1}, {3, 6, 7, 17, 24}, {2, 9, 9, 32, 40}};
    for (const int *shape : shapes) {
        struct problem p = {{shape[0], shape[1], shape[2], shape[3], shape[4], e}, {}, {}, {}};
        const size_t rows = (size_t)(shape[0] * shape[1] * shape[2]);
        p.x = rounded_floats(e, random_floats(random, rows * (size_t)shape[3]));
        p.y = rounded_floats(e, random_floats(random, rows * (size_t)shape[4]));
        p.filter = random_floats(random, (size_t)shape[4] * 9 * (size_t)shape[3]);
        for (float &f : p.filter) f /= 3 * sqrtf((float)shape[3]); // sums of about 1
        p.filter = rounded_floats(e, p.filter);
        for (int flags = 0; flags < 16; flags += quick ? 15 : 1) forward(d, plans, &p, flags, random);
        backward(d, plans, &p);
    }
}

static void product(struct device *d, struct dense_plans *plans, enum element in, enum element out, int flags,
                    uint64_t *random) {
    struct dense_product p = {};
    p.in = in, p.out = out;
    p.m = 1 + random_below(random, 40), p.n = 8 * (1 + random_below(random, 8)), p.k = 8 * (1 + random_below(random, 9));
    p.a_transposed = flags & 1, p.b_transposed = flags & 2, p.add = flags & 4, p.relu = flags & 8;
    const bool with_bias = flags & 16;
    if (p.a_transposed) p.m = padded(p.m); // as rows of its array have m elements
    p.a_stride = p.a_transposed ? p.m : p.k, p.b_stride = p.b_transposed ? p.k : p.n, p.d_stride = p.n;
    const size_t m = (size_t)p.m, n = (size_t)p.n, k = (size_t)p.k;
    const floats a = rounded_floats(in, random_floats(random, m * k)), b = rounded_floats(in, random_floats(random, k * n));
    const floats before = rounded_floats(out, random_floats(random, m * n)), bias = random_floats(random, n);
    floats expected(m * n);
    for (size_t i = 0; i < m * n; i++) {
        double sum = (p.add ? before[i] : 0) + (with_bias ? bias[i % n] : 0);
        for (size_t j = 0; j < k; j++)
            sum +=
                (double)a[p.a_transposed ? j * m + i / n : i / n * k + j] * b[p.b_transposed ? i % n * k + j : j * n + i % n];
        expected[i] = (float)(p.relu && sum < 0 ? 0 : sum);
    }
    // Both dimensions of every array are multiples of 8, so that images have no padding.
    void *da = up_image(d, in, p.a_transposed ? k : m, p.a_transposed ? p.m : p.k, a);
    void *db = up_image(d, in, p.b_transposed ? n : k, p.b_transposed ? p.k : p.n, b);
    void *to = p.add ? up_image(d, out, m, p.n, before) : poison_image(d, out, m, p.n), *there = up_floats(d, bias);
    char why[DEVICE_TEXT] = "";
    EXPECT_(dense_run(plans, &p, da, db, with_bias ? (const float *)there : NULL, to, why), "%s", why);
    same("dense_run", back_image(d, "dense_run", out, m, p.n, to), expected, element_epsilon(out), slack(out));
    drop(d, {da, db, there});
}

static void all_reduce(int num) {
    std::vector<struct device *> devices;
    for (int i = 0; i < num; i++) devices.push_back(open_device(i));
    struct nccl_group *group = NULL;
    char why[DEVICE_TEXT] = "";
    const bool made = nccl_group_new(&group, devices.data(), num, why);
    EXPECT_(made, "%s", why);
    const size_t count = 10007;
    std::vector<std::thread> ranks;
    for (int rank = 0; made && rank < num; rank++)
        ranks.emplace_back([&, rank] {
            struct device *d = devices[(size_t)rank];
            floats x(count);
            for (size_t i = 0; i < count; i++) x[i] = (float)(i % 100) + (float)rank;
            float *data = (float *)up_floats(d, x);
            nccl_all_reduce(group, rank, data, count);
            nccl_all_reduce(group, rank, data, count);
            floats back = back_floats(d, "all_reduce", data, count);
            const float once = (float)(num * (num - 1) / 2);
            for (size_t i = 0; i < count; i++)
                EXPECT_(back[i] == (float)num * ((float)num * (float)(i % 100) + once), "rank %d: %g at %zu", rank, back[i], i);
        });
    for (std::thread &rank : ranks) rank.join();
    nccl_group_free(group);
    for (struct device *d : devices) device_close(d);
}

// "quick" tests only the plain and the fullest epilogue, since a card's library compiles for a
// second or two for each.
int main(int argc, char **argv) {
    const bool quick = argc > 1 && !strcmp(argv[1], "quick");
    char why[DEVICE_TEXT] = "", again[DEVICE_TEXT] = "";
    const int count = device_count(why);
    struct device *none = NULL;
    // Where a card is not there, a sentence says why.
    EXPECT(!device_open(&none, count, again) && !none);
    EXPECT(strlen(again) > 10);
    if (!count) return test_failures ? 1 : TEST_SKIP(why);
    uint64_t random = 1;
    struct device *d = open_device(0);
    const struct device_facts *facts = device_facts_of(d);
    printf("%s: compute %d, %d processors, driver %d, runtime %d, cuDNN %d, NCCL %d\n", facts->name, facts->compute,
           facts->processors, facts->driver, facts->runtime, facts->cudnn, facts->nccl);
    memory(d);
    captured_graph(d);
    struct conv_plans *conv;
    struct dense_plans *dense;
    EXPECT_(conv_plans_new(&conv, d, why), "%s", why);
    EXPECT_(dense_plans_new(&dense, d, why), "%s", why);
    for (enum element e : ELEMENTS) {
        if (e == ELEMENT_BF16 && facts->compute < 80) continue; // no such arithmetic before Ampere
        convolutions(d, conv, e, quick, &random);
        for (int flags = 0; flags < 32; flags++) {
            product(d, dense, e, e, flags, &random);
            product(d, dense, e, ELEMENT_F32, flags, &random);
        }
    }
    conv_plans_free(conv);
    dense_plans_free(dense);
    device_close(d);
    all_reduce(count < 2 ? count : 2);
    return TEST_END();
}
