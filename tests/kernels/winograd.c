// Laws: Winograd's convolution equals the direct one, for every instruction set of this processor,
// every side of tiles, odd boards and channels, and every epilogue, in both directions. It
// overwrites poisoned outputs and writes nothing beyond them. The bits of an image depend neither
// on the images beside it nor on how many there are.
#include "kernels/winograd.h"

#include "tests/test.h"

#include <stdint.h>

enum { GUARD = 64 };

static uint64_t random_bits(uint64_t *state) { // SplitMix64 [Steele, Lea, Flood 2014]
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}
static int random_below(uint64_t *state, int n) { return (int)(random_bits(state) >> 33) % n; }

static float *floats(size_t count) { // NaN, with a guard behind it
    const size_t bytes = ((count + GUARD) * sizeof(float) + 63) / 64 * 64;
    float *x = aligned_alloc(64, bytes);
    for (size_t i = 0; i < count + GUARD; i++) x[i] = NAN;
    return x;
}
static float *random_floats(uint64_t *rng, size_t count) {
    float *x = floats(count);
    for (size_t i = 0; i < count; i++) x[i] = (float)(random_bits(rng) >> 40) * 0x1p-23f - 1;
    return x;
}

// A convolution as its definition reads, with weights [3, 3, in, out]. `backward` computes the
// gradient of one whose kernel is [3, 3, out, in].
static void direct(const struct winograd *w, int n, const float *x, const float *weight, bool backward, double *y) {
    for (int i = 0; i < n * w->h * w->w; i++)
        for (int c = 0; c < w->out; c++) {
            const int column = i % w->w, row = i / w->w % w->h;
            double sum = 0;
            for (int tap = 0; tap < 9; tap++) {
                const int dy = tap / 3 - 1, dx = tap % 3 - 1;
                if (row + dy < 0 || row + dy >= w->h || column + dx < 0 || column + dx >= w->w) continue;
                for (int k = 0; k < w->in; k++) {
                    const float g =
                        backward ? weight[((8 - tap) * w->out + c) * w->in + k] : weight[(tap * w->in + k) * w->out + c];
                    sum += (double)g * x[(i + dy * w->w + dx) * w->in + k];
                }
            }
            y[i * w->out + c] = sum;
        }
}

static void finish(size_t points, int out, const double *sums, const struct winograd_epilogue *end, float *y) {
    for (size_t i = 0; i < points * (size_t)out; i++) {
        const size_t point = i / (size_t)out;
        const double sum = sums[i] + (end->bias ? end->bias[i % (size_t)out] : 0) + (end->residual ? end->residual[i] : 0);
        y[i] = (end->mask && end->mask[point] == 0) || (end->relu && sum < 0) ? 0 : (float)sum;
    }
}

struct shape {
    int n, h, w, in, out;
};

static double compare(const struct winograd *w, size_t count, const float *got, const float *expected) {
    double worst = 0, most = 1;
    for (size_t i = 0; i < count; i++) {
        EXPECT_(isfinite(got[i]), "%s: element %zu of %zu is left at %g", winograd_code_name(w->code), i, count, got[i]);
        worst = test_worse(worst, got[i], expected[i]);
        most = test_larger(most, expected[i]);
    }
    // The error is relative to the largest result. With sides of 6 and 96 channels, 9e-6 has been
    // seen.
    EXPECT_(worst <= 2e-5 * most, "%s: %dx%d in tiles of %dx%d, %d to %d channels: off by %g of %g",
            winograd_code_name(w->code), w->h, w->w, w->side_y, w->side_x, w->in, w->out, worst, most);
    for (size_t i = count; i < count + GUARD; i++) EXPECT(isnan(got[i]));
    return worst / most;
}

// The second half of the images alone has the same bits as among all images.
static void bits_alone(const struct winograd *w, int n, const float *x, const float *packed, const float *y) {
    const int first = n / 2;
    const size_t points = (size_t)(w->h * w->w), from = (size_t)first * points * (size_t)w->out,
                 count = (size_t)(n - first) * points * (size_t)w->out;
    float *alone = floats(count), *work = floats(winograd_work_floats(w));
    const struct winograd_epilogue plain = {0};
    winograd_convolve(w, n - first, x + (size_t)first * points * (size_t)w->in, packed, &plain, alone, work);
    EXPECT_(!memcmp(alone, y + from, count * sizeof *y), "%s: images %d to %d differ when they stand alone",
            winograd_code_name(w->code), first, n);
    free(alone), free(work);
}

static double convolve(const struct winograd *w, int n, uint64_t *rng) {
    const size_t points = (size_t)(n * w->h * w->w), count = points * (size_t)w->out;
    float *x = random_floats(rng, points * (size_t)w->in), *weight = random_floats(rng, 9 * (size_t)(w->in * w->out)),
          *bias = random_floats(rng, (size_t)w->out), *residual = random_floats(rng, count), *mask = floats(points),
          *expected = floats(count), *packed = floats(winograd_packed_floats(w)), *work = floats(winograd_work_floats(w));
    double worst = 0, *sums = malloc(2 * count * sizeof *sums);
    for (int k = 0; k < 2; k++) direct(w, n, x, weight, k, sums + (size_t)k * count);
    for (size_t i = 0; i < points; i++) mask[i] = random_below(rng, 4) > 0;
    for (int bits = 0; bits < 32; bits++) {
        const bool backward = bits & 16;
        float *y = floats(count), *sum = floats(count);
        memcpy(sum, residual, count * sizeof *sum);
        const struct winograd_epilogue end = {.bias = bits & 1 ? bias : NULL,
                                              .residual = bits & 2 ? residual : NULL,
                                              .mask = bits & 4 ? mask : NULL,
                                              .relu = bits & 8};
        struct winograd_epilogue in_place = end;
        in_place.residual = sum;
        (backward ? winograd_pack_backward : winograd_pack)(w, weight, packed);
        winograd_convolve(w, n, x, packed, &end, y, work);
        finish(points, w->out, sums + (backward ? count : 0), &end, expected);
        worst = fmax(worst, compare(w, count, y, expected));
        if (bits % 16 == 0) bits_alone(w, n, x, packed, y);
        if (bits & 2) {
            winograd_convolve(w, n, x, packed, &in_place, sum, work);
            EXPECT(!memcmp(sum, y, count * sizeof *y));
        }
        for (size_t i = 0; i < GUARD; i++)
            EXPECT(isnan(packed[winograd_packed_floats(w) + i]) && isnan(work[winograd_work_floats(w) + i]));
        free(y), free(sum);
    }
    free(sums);
    float *all[] = {x, weight, bias, residual, mask, expected, packed, work};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) free(all[i]);
    return worst;
}

// The gradient of the kernel as its definition reads; it is that of fp32 sums, relative to its
// largest element.
static double gradient(const struct winograd *w, int n, uint64_t *rng) {
    const size_t points = (size_t)(n * w->h * w->w), count = 9 * (size_t)(w->in * w->out);
    float *x = random_floats(rng, points * (size_t)w->in), *dy = random_floats(rng, points * (size_t)w->out),
          *expected = floats(count), *dweight = floats(count), *work = floats(winograd_gradient_work_floats(w));
    for (int tap = 0; tap < 9; tap++)
        for (int k = 0; k < w->in; k++)
            for (int c = 0; c < w->out; c++) {
                double sum = 0;
                for (int i = 0; i < (int)points; i++) {
                    const int row = i / w->w % w->h + tap / 3 - 1, column = i % w->w + tap % 3 - 1;
                    if (row < 0 || row >= w->h || column < 0 || column >= w->w) continue;
                    sum += (double)x[(i + (tap / 3 - 1) * w->w + tap % 3 - 1) * w->in + k] * dy[i * w->out + c];
                }
                expected[(tap * w->in + k) * w->out + c] = (float)sum;
            }
    winograd_gradient(w, n, x, dy, dweight, work);
    const double worst = compare(w, count, dweight, expected);
    for (size_t i = 0; i < GUARD; i++) EXPECT(isnan(work[winograd_gradient_work_floats(w) + i]));
    free(x), free(dy), free(expected), free(dweight), free(work);
    return worst;
}

int main(void) {
    static const struct shape shapes[] = {{1, 1, 1, 1, 1},
                                          {3, 5, 5, 3, 8},
                                          {2, 2, 7, 17, 33},
                                          {5, 6, 7, 18, 48},
                                          {1, 3, 4, 96, 96},
                                          {2, 9, 9, 16, 96},
                                          {1, 10, 1, 5, 130},
                                          {7, 4, 4, 9, 16},
                                          // panels of unequal width, in AVX2 or AVX-512
                                          {3, 6, 7, 5, 32},
                                          {3, 5, 5, 7, 64},
                                          {3, 6, 7, 13, 80},
                                          {2, 5, 5, 29, 112},
                                          {3, 4, 6, 7, 24}};
    enum { NUM_SHAPES = sizeof shapes / sizeof shapes[0] };
    uint64_t rng = 1;
    if (!winograd_code(0)) return TEST_SKIP("no code for this processor");
    for (int i = 0; winograd_code(i); i++)
        for (int side_y = 3; side_y <= 6; side_y++)
            for (int side_x = 3; side_x <= 6; side_x++) {
                if (test_rounds(4) == 1 && (side_x + side_y + i) % 4) continue; // under a sanitizer each side once
                double worst = 0;
                for (int k = 0; k < NUM_SHAPES; k++) {
                    const struct shape *s = &shapes[k];
                    struct winograd w;
                    winograd_init_sides(&w, winograd_code(i), s->h, s->w, side_y, side_x, s->in, s->out);
                    worst = fmax(worst, convolve(&w, s->n, &rng));
                    worst = fmax(worst, gradient(&w, s->n, &rng));
                }
                printf("%s: tiles of %dx%d off by %.2g\n", winograd_code_name(winograd_code(i)), side_y, side_x, worst);
            }
    for (int i = 0; winograd_code(i); i++)
        // What a board's size is computed with, in several blocks.
        for (int size = 1; size <= 19; size++) {
            struct winograd w;
            winograd_init(&w, winograd_code(i), size, 20 - size, 24, 40);
            convolve(&w, w.boards + 2 > 20 ? 20 : w.boards + 2, &rng);
            winograd_init_gradient(&w, winograd_code(i), size, 20 - size, 11, 40);
            if (w.boards > 3) w.boards = 3; // several blocks
            gradient(&w, size, &rng);
        }
    return TEST_END();
}
