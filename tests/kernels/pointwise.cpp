// Law: every pass of pointwise.h does what its header says, for every element and odd shapes: it
// overwrites its whole output (which starts as NaN), leaves zeros in the padding and nothing
// beyond, and gives the same bits every time.
#include "kernels/pointwise.h"
#include "tests/kernels/images.h"

static const int CHANNELS[] = {1, 3, 5, 8, 9, 24, 96, 264};

struct test {
    struct device *d;
    enum element e;
    int n, points, c;
    uint64_t random;
};

static size_t rows_of(const struct test *t) { return (size_t)t->n * (size_t)t->points; }
static floats random_image(struct test *t) {
    return rounded_floats(t->e, random_floats(&t->random, rows_of(t) * (size_t)t->c));
}
static floats random_mask(struct test *t) {
    floats mask(rows_of(t));
    for (float &m : mask) m = (float)random_below(&t->random, 2);
    return mask;
}

static void bits_expand(struct test *t) {
    const size_t rows = rows_of(t), words = (size_t)(t->c + 31) / 32;
    std::vector<uint32_t> bits(rows * words); // also beyond the planes: not read
    for (uint32_t &word : bits) word = (uint32_t)random_bits(&t->random);
    floats expected;
    for (size_t r = 0; r < rows; r++)
        for (size_t k = 0; k < (size_t)t->c; k++) expected.push_back((float)(bits[r * words + k / 32] >> k % 32 & 1));
    void *there = guarded_array(t->d, bits.data(), bits.size() * 4), *x = poison_image(t->d, t->e, rows, t->c);
    expand_bits(t->d, t->e, rows, t->c, (const uint32_t *)there, x);
    same("expand_bits", back_image(t->d, "expand_bits", t->e, rows, t->c, x), expected, 0, 0);
    drop(t->d, {there});
}

static void rows_convert(struct test *t) {
    const size_t rows = rows_of(t), count = rows * (size_t)t->c;
    for (size_t shift = 0; shift < 2; shift++) { // addresses of 16 and of 4 bytes' multiples
        const floats x = random_floats(&t->random, count + shift);
        const floats moved(x.begin() + (long)shift, x.end());
        void *from = up_floats(t->d, x), *image = poison_image(t->d, t->e, rows, t->c),
             *to = poison_floats(t->d, count + shift);
        rows_to_image(t->d, t->e, rows, t->c, (const float *)from + shift, image);
        image_to_rows(t->d, t->e, rows, t->c, image, (float *)to + shift);
        const floats y = back_floats(t->d, "image_to_rows", to, count + shift);
        EXPECT(shift == 0 || std::isnan(y[0]));
        same("image_to_rows", floats(y.begin() + (long)shift, y.end()), rounded_floats(t->e, moved), 0, 0);
        same("rows_to_image", back_image(t->d, "rows_to_image", t->e, rows, t->c, image), rounded_floats(t->e, moved), 0, 0);
        drop(t->d, {from});
    }
}

static void bias_passes(struct test *t) {
    const size_t rows = rows_of(t), c = (size_t)t->c;
    for (int variant = 0; variant < 8; variant++) {
        const bool masked = variant & 1, in_place = variant & 2, relu = variant & 4;
        floats x = random_image(t);
        const floats bias = random_floats(&t->random, (size_t)t->n * c), mask = random_mask(t);
        if (masked && mask[0] == 0) x[0] = NAN; // off the board: zero whatever is there
        floats expected(x.size()), column(x.size());
        for (size_t r = 0; r < rows; r++)
            for (size_t k = 0; k < c; k++) {
                const float by_position = x[r * c + k] + bias[r / (size_t)t->points * c + k], one = x[r * c + k] + bias[k];
                const bool off = masked && mask[r] == 0;
                expected[r * c + k] = off || by_position < 0 ? 0 : rounded(t->e, by_position);
                column[r * c + k] = off || (relu && one < 0) ? 0 : rounded(t->e, one);
            }
        // NaN: they clean up behind a library that does not
        const unsigned char padding = variant < 6 ? 0 : 0xff;
        void *from = up_image(t->d, t->e, rows, t->c, x, padding), *b = up_floats(t->d, bias), *m = up_floats(t->d, mask);
        void *to = in_place ? up_image(t->d, t->e, rows, t->c, x, padding) : poison_image(t->d, t->e, rows, t->c);
        const float *where = masked ? (const float *)m : NULL;
        channel_bias_relu(t->d, t->e, t->n, t->points, t->c, in_place ? to : from, (const float *)b, where, to);
        same("channel_bias_relu", back_image(t->d, "channel_bias_relu", t->e, rows, t->c, to), expected, 0, 0);
        bias_relu_mask(t->d, t->e, rows, t->c, (const float *)b, relu, where, from);
        same("bias_relu_mask", back_image(t->d, "bias_relu_mask", t->e, rows, t->c, from), column, 0, 0);
        if (masked) { // only the mask
            void *y = up_image(t->d, t->e, rows, t->c, x, 0xff);
            bias_relu_mask(t->d, t->e, rows, t->c, NULL, false, where, y);
            for (size_t i = 0; i < x.size(); i++) column[i] = mask[i / c] == 0 ? 0 : x[i];
            same("bias_relu_mask without bias", back_image(t->d, "bias_relu_mask", t->e, rows, t->c, y), column, 0, 0);
        }
        drop(t->d, {b, m});
    }
}

// Sums of segments of x's rows [rows, c], and what fp32 may be off by.
static void expect_sums(const char *what, const floats &got, const floats &x, size_t segments, size_t c) {
    const size_t length = x.size() / c / segments;
    EXPECT_INT(got.size(), segments * c);
    for (size_t s = 0; s < segments; s++)
        for (size_t k = 0; k < c; k++) {
            double sum = 0, size = 0;
            for (size_t r = s * length; r < (s + 1) * length; r++) sum += x[r * c + k], size += fabs(x[r * c + k]);
            EXPECT_(fabs(got[s * c + k] - sum) <= 2e-6 * size, "%s: %.9g for channel %zu of %zu, expected %.9g", what,
                    got[s * c + k], k, s, sum);
        }
}

static void sums(struct test *t) {
    const size_t rows = rows_of(t), c = (size_t)t->c;
    const floats x = random_image(t);
    void *image = up_image(t->d, t->e, rows, t->c, x), *plain = up_floats(t->d, x);
    const auto run = [&](const char *what, size_t count, const std::function<void(float *)> &pass) {
        return repeatable(what, [&] {
            void *out = poison_floats(t->d, count);
            pass((float *)out);
            return back_floats(t->d, what, out, count);
        });
    };
    expect_sums(
        "channel_sums",
        run("channel_sums", (size_t)t->n * c, [&](float *out) { channel_sums(t->d, t->e, t->n, t->points, t->c, image, out); }),
        x, (size_t)t->n, c);
    expect_sums("column_sums", run("column_sums", c, [&](float *out) { column_sums(t->d, t->e, rows, t->c, image, out); }), x,
                1, c);
    expect_sums("column_sums_f32",
                run("column_sums_f32", c, [&](float *out) { column_sums_f32(t->d, rows, t->c, (const float *)plain, out); }), x,
                1, c);
    drop(t->d, {image, plain});
}

static void flat_image_passes(struct test *t) {
    const size_t rows = rows_of(t), count = rows * (size_t)padded(t->c);
    floats x = random_image(t);
    const floats y = random_image(t);
    x[0] = 0; // not above 0
    floats kept(x.size()), sum(x.size());
    for (size_t i = 0; i < x.size(); i++) kept[i] = x[i] > 0 ? y[i] : 0, sum[i] = rounded(t->e, (double)x[i] + y[i]);
    void *from = up_image(t->d, t->e, rows, t->c, x), *dy = up_image(t->d, t->e, rows, t->c, y);
    void *total = up_image(t->d, t->e, rows, t->c, y);
    relu_backward_image(t->d, t->e, count, from, dy);
    add_image(t->d, t->e, count, from, total);
    same("relu_backward_image", back_image(t->d, "relu_backward_image", t->e, rows, t->c, dy), kept, 0, 0);
    // fp32 rounds the sum of two elements, and the element rounds that
    same("add_image", back_image(t->d, "add_image", t->e, rows, t->c, total), sum, element_epsilon(t->e), 0);
    same("its input", back_image(t->d, "its input", t->e, rows, t->c, from), x, 0, 0);
}

static void flat_float_passes(struct device *d, uint64_t *random, size_t count, size_t shift) {
    const floats x = random_floats(random, count + shift), y = random_floats(random, count + shift);
    floats kept = y, sum = y, filled(count + shift, 2.5f);
    for (size_t i = shift; i < x.size(); i++) kept[i] = x[i] > 0 ? y[i] : 0, sum[i] = y[i] + 0.3f * x[i];
    void *from = up_floats(d, x), *dy = up_floats(d, y), *total = up_floats(d, y), *fill = up_floats(d, y);
    relu_backward_f32(d, count, (float *)from + shift, (float *)dy + shift);
    add_f32(d, count, 0.3f, (float *)from + shift, (float *)total + shift);
    fill_f32(d, count, 2.5f, (float *)fill + shift);
    for (size_t i = 0; i < shift; i++) filled[i] = y[i];
    same("relu_backward_f32", back_floats(d, "relu_backward_f32", dy, count + shift), kept, 0, 0);
    same("add_f32", back_floats(d, "add_f32", total, count + shift), sum, 0, 1e-6); // fused or not
    same("fill_f32", back_floats(d, "fill_f32", fill, count + shift), filled, 0, 0);
    drop(d, {from});
}

static void weights_pack(struct device *d, enum element e, uint64_t *random, int in, int out) {
    const size_t i_all = (size_t)padded(in), o_all = (size_t)padded(out), i_num = (size_t)in, o_num = (size_t)out;
    const floats w = random_floats(random, 9 * i_num * o_num), g = random_floats(random, 9 * i_all * o_all);
    floats filter(9 * i_all * o_all), gradient(w.size()), matrix(i_all * o_all), dmatrix(i_num * o_num);
    for (size_t i = 0; i < i_num; i++)
        for (size_t o = 0; o < o_num; o++) {
            for (size_t tap = 0; tap < 9; tap++) {
                filter[(o * 9 + tap) * i_all + i] = rounded(e, w[(tap * i_num + i) * o_num + o]);
                gradient[(tap * i_num + i) * o_num + o] = g[(o * 9 + tap) * i_all + i];
            }
            matrix[i * o_all + o] = rounded(e, w[i * o_num + o]);
            dmatrix[i * o_num + o] = g[i * o_all + o];
        }
    void *weight = up_floats(d, w), *dpacked = up_floats(d, g);
    void *packed_filter = poison_image(d, e, 9 * i_all, (int)o_all), *packed_matrix = poison_image(d, e, i_all, (int)o_all);
    void *dweight = poison_floats(d, gradient.size()), *dmaster = poison_floats(d, dmatrix.size());
    void *bias = poison_floats(d, o_all);
    pack_filter(d, e, in, out, (const float *)weight, packed_filter);
    pack_matrix(d, e, in, out, (const float *)weight, packed_matrix);
    unpack_filter_gradient(d, in, out, (const float *)dpacked, (float *)dweight);
    unpack_matrix_gradient(d, in, out, (const float *)dpacked, (float *)dmaster);
    pad_floats(d, out, (const float *)weight, (float *)bias);
    same("pack_filter", back_image(d, "pack_filter", e, 9 * i_all, (int)o_all, packed_filter), filter, 0, 0);
    same("pack_matrix", back_image(d, "pack_matrix", e, i_all, (int)o_all, packed_matrix), matrix, 0, 0);
    same("unpack_filter_gradient", back_floats(d, "unpack_filter_gradient", dweight, gradient.size()), gradient, 0, 0);
    same("unpack_matrix_gradient", back_floats(d, "unpack_matrix_gradient", dmaster, dmatrix.size()), dmatrix, 0, 0);
    same("pad_floats", back_image(d, "pad_floats", ELEMENT_F32, 1, out, bias), floats(w.begin(), w.begin() + out), 0, 0);
    drop(d, {weight, dpacked});
}

static void actions_move(struct device *d, uint64_t *random, int n, int points, int heads, int planes, int globals) {
    const size_t actions = (size_t)(planes * points + globals), num = (size_t)n;
    const floats maps = random_floats(random, num * (size_t)(points * heads * planes));
    const floats tail = random_floats(random, num * (size_t)(heads * globals));
    floats logits(num * (size_t)heads * actions);
    for (int head = 0; head < heads; head++)
        for (int i = 0; i < n; i++) {
            float *out = &logits[(size_t)(head * n + i) * actions];
            for (int k = 0; k < planes; k++)
                for (int p = 0; p < points; p++) *out++ = maps[(size_t)((i * points + p) * heads * planes + head * planes + k)];
            for (int g = 0; g < globals; g++) *out++ = tail[(size_t)((i * heads + head) * globals + g)];
        }
    void *m = up_floats(d, maps), *t = globals ? up_floats(d, tail) : NULL, *l = poison_floats(d, logits.size());
    void *dm = poison_floats(d, maps.size()), *dt = poison_floats(d, tail.size());
    gather_actions(d, n, points, heads, planes, globals, (const float *)m, (const float *)t, (float *)l);
    scatter_actions(d, n, points, heads, planes, globals, (const float *)l, (float *)dm, globals ? (float *)dt : NULL);
    same("gather_actions", back_floats(d, "gather_actions", l, logits.size()), logits, 0, 0);
    same("scatter_actions: maps", back_floats(d, "scatter_actions", dm, maps.size()), maps, 0, 0);
    same("scatter_actions: tail", back_floats(d, "scatter_actions", dt, tail.size()), tail, 0, 0);
    drop(d, {m, t});
}

static void images(struct device *d) {
    static const int shapes[][2] = {{1, 4}, {3, 25}, {17, 81}, {3, 117}};
    for (enum element e : ELEMENTS)
        for (int c : CHANNELS)
            for (const int *shape : shapes) {
                if (test_rounds(4) == 1 && shape[0] * shape[1] > 100) continue; // emulated under a sanitizer: slow
                struct test t = {d, e, shape[0], shape[1], c, (uint64_t)(c + 1000 * shape[1])};
                bits_expand(&t);
                rows_convert(&t);
                bias_passes(&t);
                sums(&t);
                flat_image_passes(&t);
            }
    // More than the threads of one launch: loops go round, sums take two stages.
    for (enum element e : ELEMENTS) {
        if (test_rounds(4) == 1 && e != ELEMENT_BF16) continue;
        struct test t = {d, e, 350, 117, 5, 7};
        bits_expand(&t);
        rows_convert(&t);
        bias_passes(&t);
        sums(&t);
        flat_image_passes(&t);
    }
    struct test many = {d, ELEMENT_BF16, 2000, 100, 3, 8};
    sums(&many);
}

int main(void) {
    char why[DEVICE_TEXT] = "";
    if (device_count(why) == 0) return TEST_SKIP(why);
    struct device *d = open_device(0);
    uint64_t random = 1;
    images(d);
    for (size_t count : {0, 1, 3, 4, 255, 1021, 50003})
        for (size_t shift : {0, 1}) flat_float_passes(d, &random, count, shift);
    for (enum element e : ELEMENTS)
        for (int in : {1, 5, 8, 24, 40})
            for (int out : {1, 3, 9, 32, 65}) weights_pack(d, e, &random, in, out);
    actions_move(d, &random, 1, 9, 1, 1, 0);
    actions_move(d, &random, 3, 25, 2, 1, 1);
    actions_move(d, &random, 17, 81, 2, 3, 2);
    actions_move(d, &random, 2, 64, 1, 73, 0);
    device_close(d);
    return TEST_END();
}
