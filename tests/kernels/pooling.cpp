// Law: global pooling gives mean, scaled mean and maximum by the board's own area; its gradient
// reaches every point, the maximum's the first point that has it and no other.
#include "kernels/pooling.h"
#include "tests/kernels/images.h"

struct shape {
    int n, points, c;
};

static double factor_of(float area) { return (sqrt(area) - 9) / 5; }

static void pools(struct device *d, enum element e, struct shape s, uint64_t *random) {
    const size_t n = (size_t)s.n, points = (size_t)s.points, c = (size_t)s.c, rows = n * points;
    floats x(rows * c), area(n), expected(n * 3 * c);
    const floats dy = random_floats(random, n * 3 * c), before = rounded_floats(e, random_floats(random, rows * c));
    floats after = before;
    for (size_t i = 0; i < n; i++) {
        const size_t on = 1 + (size_t)random_below(random, s.points);
        area[i] = (float)on;
        // The first `on` points are the board. There are few different values, so that points share
        // maxima.
        for (size_t p = 0; p < on; p++)
            for (size_t k = 0; k < c; k++) x[(i * points + p) * c + k] = (float)(k == 1 ? 0 : random_below(random, 4)) / 4;
        const float *g = &dy[i * 3 * c];
        for (size_t k = 0; k < c; k++) {
            double sum = 0;
            size_t first = 0;
            for (size_t p = 0; p < points; p++) {
                sum += x[(i * points + p) * c + k];
                if (x[(i * points + p) * c + k] > x[(i * points + first) * c + k]) first = p;
            }
            expected[i * 3 * c + k] = (float)(sum / (double)on);
            expected[i * 3 * c + c + k] = (float)(sum / (double)on * factor_of(area[i]));
            expected[i * 3 * c + 2 * c + k] = x[(i * points + first) * c + k];
            for (size_t p = 0; p < points; p++) {
                const double flat = (g[k] + g[c + k] * factor_of(area[i])) / (double)on;
                float *out = &after[(i * points + p) * c + k];
                *out = rounded(e, *out + flat + (p == first ? g[2 * c + k] : 0));
            }
        }
    }
    void *image = up_image(d, e, rows, s.c, x), *a = up_floats(d, area), *g = up_floats(d, dy), *y = NULL;
    const floats got = repeatable("pool_forward", [&] {
        if (y) device_free(d, y);
        y = poison_floats(d, n * 3 * c);
        pool_forward(d, e, s.n, s.points, s.c, image, (const float *)a, (float *)y);
        float *host = (float *)guarded_back(d, "pool_forward", y, n * 3 * c * 4);
        const floats out(host, host + n * 3 * c);
        free(host);
        return out;
    });
    same("pool_forward", got, expected, 2e-6, 1e-6);
    const floats dx = repeatable("pool_backward", [&] {
        void *out = up_image(d, e, rows, s.c, before, 0xff);
        pool_backward(d, e, s.n, s.points, s.c, image, (const float *)a, (const float *)y, (const float *)g, out);
        return back_image(d, "pool_backward", e, rows, s.c, out);
    });
    same("pool_backward", dx, after, element_epsilon(e), 2e-6);
    drop(d, {image, a, g, y});
}

int main(void) {
    char why[DEVICE_TEXT] = "";
    if (device_count(why) == 0) return TEST_SKIP(why);
    struct device *d = open_device(0);
    uint64_t random = 2;
    for (enum element e : ELEMENTS)
        for (int n : {1, 3, 17})
            for (int points : {4, 25, 81, 117})
                for (int c : {1, 3, 5, 8, 9, 24, 96})
                    if (test_rounds(4) > 1 || points * c < 400) pools(d, e, {n, points, c}, &random); // else it is slow
    for (enum element e : ELEMENTS) pools(d, e, {2, 361, 264}, &random);
    device_close(d);
    return TEST_END();
}
