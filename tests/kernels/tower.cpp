// Law: the tower computes the trunk of net/trunk.c, whatever the board, channels, blocks, pooling,
// inputs, masks and batch, and writes its output and nothing beyond. It is compared with a naive
// twin that rounds activations where the kernel does:
// - numbers that are small integers make every sum exact: without pooling both must agree to the
//   bit;
// - any numbers agree within a few roundings of the element type.
#include "kernels/tower.h"
#include "kernels/cuda.h"
#include "tests/kernels/support.h"

#include <vector>

struct test_case {
    int h, w, n, planes, globals, channels, blocks;
    unsigned pools;
    bool masked;
};

struct numbers { // fp32; what the kernel holds as elements is rounded already
    std::vector<float> planes, globals, mask, area, stem, stem_bias, stem_globals;
    std::vector<std::vector<float>> conv1, bias1, pool, conv2, bias2;
};

static float rounded(enum element e, float x) {
    return e == ELEMENT_F16 ? __half2float(__float2half(x)) : __bfloat162float(__float2bfloat16(x));
}

static std::vector<float> draw(uint64_t *random, size_t count, float scale, bool whole, enum element e) {
    std::vector<float> x(count);
    for (float &v : x) {
        v = random_float(random);
        v = whole ? (fabsf(v) < 5 * scale * scale ? (v > 0 ? 1.f : -1.f) : 0) : rounded(e, v * scale * 1.7f);
    }
    return x;
}

static numbers draw_all(const test_case &c, enum element e, bool whole, uint64_t *random) {
    numbers x;
    const size_t points = (size_t)c.h * c.w, width = c.channels;
    const float scale = 1 / sqrtf(9.f * c.channels), stem_scale = 1 / sqrtf(9.f * c.planes);
    for (size_t i = 0; i < c.n * points * c.planes; i++) x.planes.push_back((float)random_below(random, 2));
    for (int i = 0; i < c.n * c.globals; i++)
        x.globals.push_back(whole ? (float)random_below(random, 3) : random_float(random));
    for (int i = 0; i < c.n; i++) { // a smaller board in the top left of the frame
        const int h = c.masked ? 1 + random_below(random, c.h) : c.h, w = c.masked ? 1 + random_below(random, c.w) : c.w;
        for (int y = 0; y < c.h; y++)
            for (int xx = 0; xx < c.w; xx++) x.mask.push_back(y < h && xx < w);
        x.area.push_back((float)(h * w));
    }
    x.stem = draw(random, 9 * c.planes * width, stem_scale, whole, e);
    x.stem_bias = draw(random, width, 0.3f, whole, e);
    x.stem_globals = draw(random, c.globals * width, 0.3f, whole, e);
    for (int i = 0; i < c.blocks; i++) {
        x.conv1.push_back(draw(random, 9 * width * width, scale, whole, e));
        x.bias1.push_back(draw(random, width, 0.3f, whole, e));
        x.pool.push_back(draw(random, 3 * width * width, 1 / sqrtf(3.f * width), whole, e));
        x.conv2.push_back(draw(random, 9 * width * width, scale, whole, e));
        x.bias2.push_back(draw(random, width, 0.3f, whole, e));
    }
    return x;
}

// --- The twin

static std::vector<double> twin_conv(const test_case &c, int in, const std::vector<float> &x, const std::vector<float> &weight,
                                     const std::vector<float> &bias) {
    const int out = c.channels;
    std::vector<double> y((size_t)c.n * c.h * c.w * out);
    for (int n = 0; n < c.n; n++)
        for (int py = 0; py < c.h; py++)
            for (int px = 0; px < c.w; px++) {
                double *sums = &y[(((size_t)n * c.h + py) * c.w + px) * out];
                for (int k = 0; k < out; k++) sums[k] = bias[k];
                for (int tap = 0; tap < 9; tap++) {
                    const int sy = py + tap / 3 - 1, sx = px + tap % 3 - 1;
                    if (sy < 0 || sy >= c.h || sx < 0 || sx >= c.w) continue;
                    for (int i = 0; i < in; i++) {
                        const double value = x[(((size_t)n * c.h + sy) * c.w + sx) * in + i];
                        if (value == 0) continue;
                        for (int k = 0; k < out; k++) sums[k] += value * weight[((size_t)tap * in + i) * out + k];
                    }
                }
            }
    return y;
}

static std::vector<float> twin_finish(const test_case &c, enum element e, const numbers &x, const std::vector<double> &y) {
    std::vector<float> out(y.size());
    for (size_t i = 0; i < y.size(); i++) out[i] = x.mask[i / c.channels] > 0 && y[i] > 0 ? rounded(e, (float)y[i]) : 0;
    return out;
}

static void twin_pool(const test_case &c, const numbers &x, const std::vector<float> &weight, const std::vector<float> &y,
                      std::vector<double> *sums) {
    const int points = c.h * c.w, width = c.channels;
    for (int n = 0; n < c.n; n++) {
        std::vector<double> pooled(3 * width), added(width);
        for (int k = 0; k < width; k++) {
            for (int p = 0; p < points; p++) {
                const double value = y[((size_t)n * points + p) * width + k];
                pooled[k] += value / x.area[n];
                if (value > pooled[2 * width + k]) pooled[2 * width + k] = value;
            }
            pooled[width + k] = pooled[k] * (sqrt(x.area[n]) - 9) / 5;
        }
        for (int i = 0; i < 3 * width; i++)
            for (int k = 0; k < width; k++) added[k] += pooled[i] * weight[(size_t)i * width + k];
        for (int p = 0; p < points; p++)
            for (int k = 0; k < width; k++) {
                const size_t at = ((size_t)n * points + p) * width + k;
                (*sums)[at] = y[at] + added[k];
            }
    }
}

static std::vector<float> twin(const test_case &c, enum element e, const numbers &x) {
    std::vector<double> sums = twin_conv(c, c.planes, x.planes, x.stem, x.stem_bias);
    const size_t image = (size_t)c.h * c.w * c.channels;
    for (size_t i = 0; i < sums.size(); i++)
        for (int g = 0; g < c.globals; g++)
            sums[i] += (double)x.globals[i / image * c.globals + g] * x.stem_globals[(size_t)g * c.channels + i % c.channels];
    std::vector<float> t = twin_finish(c, e, x, sums);
    for (int b = 0; b < c.blocks; b++) {
        sums = twin_conv(c, c.channels, t, x.conv1[b], x.bias1[b]);
        std::vector<float> y = twin_finish(c, e, x, sums);
        if (c.pools >> b & 1) {
            twin_pool(c, x, x.pool[b], y, &sums);
            y = twin_finish(c, e, x, sums);
        }
        sums = twin_conv(c, c.channels, y, x.conv2[b], x.bias2[b]);
        for (size_t i = 0; i < sums.size(); i++) sums[i] += t[i];
        t = twin_finish(c, e, x, sums);
    }
    return t;
}

// --- The kernel

// [rows, c] -> [rows, padded(c)]
static std::vector<uint16_t> elements(enum element e, const std::vector<float> &rows, int c) {
    const size_t wide = (size_t)padded(c);
    std::vector<uint16_t> out(rows.size() / c * wide);
    for (size_t i = 0; i < rows.size(); i++)
        out[i / c * wide + i % c] = e == ELEMENT_F16 ? __float2half(rows[i]).bits : __float2bfloat16(rows[i]).bits;
    return out;
}

struct on_device { // arrays of one case; freed together
    struct device *d;
    std::vector<void *> all;
    const float *floats(const std::vector<float> &x) { return (const float *)bytes(x.data(), x.size() * 4); }
    void *bytes(const void *host, size_t count) {
        all.push_back(guarded_array(d, host, count));
        return all.back();
    }
    ~on_device() {
        for (void *memory : all) device_free(d, memory);
    }
};

// The shared memory in bytes that a block may have on Hopper, for which the cases below were
// chosen.
enum { HOPPER_SHARED = 227 << 10 };
static bool is_hopper(const struct device_facts *facts) { return facts->compute >= 80 && facts->shared_bytes >= HOPPER_SHARED; }

// The result is empty where this card is too small for the case.
static std::vector<float> run_tower(struct device *d, const test_case &c, enum element e, const numbers &x) {
    on_device on = {d, {}};
    tower_shape shape = {};
    tower_master master = {};
    shape.h = c.h, shape.w = c.w, shape.planes = c.planes, shape.globals = c.globals, shape.channels = c.channels;
    shape.blocks = c.blocks, shape.element = e;
    master.stem = on.floats(x.stem), master.stem_bias = on.floats(x.stem_bias);
    master.stem_globals = c.globals ? on.floats(x.stem_globals) : nullptr;
    for (int i = 0; i < c.blocks; i++) {
        shape.pools[i] = c.pools >> i & 1;
        master.blocks[i].conv1 = on.floats(x.conv1[i]), master.blocks[i].bias1 = on.floats(x.bias1[i]);
        master.blocks[i].conv2 = on.floats(x.conv2[i]), master.blocks[i].bias2 = on.floats(x.bias2[i]);
        master.blocks[i].pool = shape.pools[i] ? on.floats(x.pool[i]) : nullptr;
    }
    char why[DEVICE_TEXT];
    const bool runs = tower_positions(device_facts_of(d), &shape, why) > 0;
    if (!runs && !is_hopper(device_facts_of(d))) {
        fprintf(stderr, "skipped on this card: %dx%d of %d channels: %s\n", c.h, c.w, c.channels, why);
        return {};
    }
    EXPECT_(runs, "%dx%d of %d channels: %s", c.h, c.w, c.channels, why);
    const size_t weights_bytes = tower_weights_bytes(&shape), rows = (size_t)c.n * c.h * c.w, y_bytes = rows * c.channels * 2;
    void *weights = on.bytes(nullptr, weights_bytes), *y = on.bytes(nullptr, y_bytes);
    const std::vector<uint16_t> planes = elements(e, x.planes, c.planes);
    const void *image = on.bytes(planes.data(), planes.size() * 2);
    tower_pack(d, &shape, &master, weights);
    tower_run(d, &shape, c.n, image, c.globals ? on.floats(x.globals) : nullptr, c.masked ? on.floats(x.mask) : nullptr,
              on.floats(x.area), weights, y);
    free(guarded_back(d, "tower_pack", weights, weights_bytes));
    uint16_t *bits = (uint16_t *)guarded_back(d, "tower_run", y, y_bytes);
    std::vector<float> out(y_bytes / 2);
    for (size_t i = 0; i < out.size(); i++)
        out[i] = e == ELEMENT_F16 ? emulate_half_value(bits[i]) : emulate_bfloat16_value(bits[i]);
    free(bits);
    return out;
}

static void laws_of_case(struct device *d, const test_case &c, enum element e, bool whole, uint64_t seed) {
    const numbers x = draw_all(c, e, whole, &seed);
    const std::vector<float> expected = twin(c, e, x), got = run_tower(d, c, e, x);
    if (got.empty()) return;
    // A sum near the middle between two numbers may be rounded to either of them (2^-11 or 2^-8),
    // and the difference spreads through the layers.
    const double tolerance = whole && !c.pools ? 0 : (e == ELEMENT_F16 ? 0x1p-11 : 0x1p-8) * 3;
    double most = 0, worst = 0;
    size_t where = 0, alive = 0;
    for (size_t i = 0; i < expected.size(); i++) {
        EXPECT_(isfinite(got[i]), "element %zu is %g", i, (double)got[i]);
        const double error = fabs((double)got[i] - expected[i]);
        if (expected[i] > most) most = expected[i];
        if (error > worst) worst = error, where = i;
        alive += expected[i] > 0;
    }
    if (getenv("TOWER_VERBOSE"))
        fprintf(
            stderr,
            "%2dx%-2d n %d planes %d globals %d channels %d blocks %d pools %x %s %s: worst %.3g of %.3g, %zu of %zu alive\n",
            c.h, c.w, c.n, c.planes, c.globals, c.channels, c.blocks, c.pools, element_name(e), whole ? "whole" : "any",
            worst / (most > 0 ? most : 1), most, alive, expected.size());
    EXPECT(alive * 8 > expected.size() || c.masked); // as otherwise the case shows nothing
    EXPECT_(worst <= tolerance * most,
            "%dx%d, n %d, %d planes, %d globals, %d channels, %d blocks, pools %x, %s, %s numbers: %g at %zu, expected %g", c.h,
            c.w, c.n, c.planes, c.globals, c.channels, c.blocks, c.pools, element_name(e), whole ? "whole" : "any",
            (double)got[where], where, (double)expected[where]);
}

static void laws_of_refusal(void) {
    struct device_facts facts;
    char why[DEVICE_TEXT] = "";
    EXPECT(device_describe(0, &facts, why));
    facts.compute = 90, facts.shared_bytes = HOPPER_SHARED; // whatever the card is
    struct tower_shape good = {};
    good.h = good.w = 9, good.planes = 14, good.channels = 96, good.blocks = 6, good.element = ELEMENT_F16;
    EXPECT_INT(tower_positions(&facts, &good, why), 3);
    EXPECT_TEXT(why, "");
    for (int i = 0; i < 7; i++) {
        struct tower_shape s = good;
        struct device_facts f = facts;
        if (i == 0) s.channels = 100;
        if (i == 1) s.channels = 272;
        if (i == 2) s.element = ELEMENT_F32;
        if (i == 3) f.compute = 75;
        if (i == 4) s.h = s.w = 19, s.channels = 192;
        if (i == 5) f.shared_bytes = 48 << 10;
        if (i == 6) s.blocks = TOWER_MAX_BLOCKS + 1;
        EXPECT_INT(tower_positions(&f, &s, why), 0);
        EXPECT_(why[0], "refusal %d says nothing", i);
    }
}

int main(int argc, char **argv) {
    const bool quick = TEST_IS_SANITIZED || (argc > 1 && !strcmp(argv[1], "quick")); // one kind of numbers an element
    static const test_case cases[] = {
        //  h, w, n, planes, globals, channels, blocks, pools, masked
        {3, 3, 1, 1, 0, 16, 0, 0, false},   {3, 3, 70, 5, 6, 16, 2, 2, true},    {2, 2, 5, 17, 1, 16, 1, 1, false},
        {5, 5, 23, 14, 0, 32, 3, 2, false}, {5, 5, 11, 17, 6, 48, 2, 1, true},   {7, 7, 6, 5, 0, 64, 1, 0, true},
        {7, 7, 26, 14, 6, 48, 2, 3, true},  {9, 9, 1, 14, 0, 96, 1, 1, false},   {9, 9, 13, 14, 6, 96, 1, 1, true},
        {9, 13, 3, 17, 6, 80, 1, 0, true},  {19, 19, 1, 17, 0, 32, 1, 1, false}, {9, 9, 2, 33, 0, 16, 2, 0, false},
        {4, 6, 7, 14, 2, 112, 1, 1, false}, {5, 5, 3, 5, 0, 144, 1, 1, false},   {13, 13, 2, 14, 0, 128, 1, 1, true},
        {6, 6, 9, 3, 0, 64, 2, 2, false},   {19, 19, 1, 5, 1, 128, 1, 1, true},  {3, 5, 2, 14, 0, 256, 1, 1, false},
    };
    laws_of_refusal();
    struct device *d = open_device(0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int bits = 0; bits < 4; bits += quick ? 3 : 1)
            laws_of_case(d, cases[i], bits & 1 ? ELEMENT_BF16 : ELEMENT_F16, bits & 2, 100 * i + (unsigned)bits);
    device_close(d);
    return TEST_END();
}
