// Law: losses and gradients are those of their definitions. Excluded classes and points and rows of
// weight 0 have no effect, even when they hold NaN. AdamW, the running average and the squared norm
// follow their formulas. All give the same bits every time.
#include "kernels/losses.h"
#include "kernels/optimiser.h"
#include "tests/kernels/images.h"

static const float SCALE = 0.37f, Z_WEIGHT = 0.3f;

// Rows of x are `stride` apart. What lies between them is NaN and must stay so.
static void expect_rows(const char *what, const floats &got, const floats &expected, size_t rows, size_t columns, size_t stride,
                        double absolute) {
    floats inside;
    for (size_t r = 0; r < rows; r++)
        for (size_t k = 0; k < stride; k++)
            if (k < columns)
                inside.push_back(got[r * stride + k]);
            else
                EXPECT_(std::isnan(got[r * stride + k]), "%s wrote column %zu of %zu", what, k, columns);
    same(what, inside, expected, 1e-5, absolute);
}

// The cross-entropy as its definition reads, in floats of 80 bits, where e^11000 is finite.
static void softmax_twin(size_t classes, const float *x, const float *legal, const float *target, float weight, float *dx,
                         float *loss) {
    long double sum = 0, entropy = 0;
    for (size_t k = 0; k < classes; k++) dx[k] = 0;
    *loss = 0;
    if (weight == 0) return;
    for (size_t k = 0; k < classes; k++)
        if (!legal || legal[k] > 0) sum += expl(x[k]);
    for (size_t k = 0; k < classes; k++) {
        if (legal && !(legal[k] > 0)) continue;
        const long double p = expl(x[k]) / sum;
        // log p: p may be 0 in 80 bits
        if (target[k] > 0) entropy -= target[k] * (x[k] - logl(sum));
        dx[k] = (float)((long double)(SCALE * weight) * ((1 + 2 * Z_WEIGHT * logl(sum)) * p - target[k]));
    }
    *loss = sum > 0 ? (float)(weight * (entropy + Z_WEIGHT * logl(sum) * logl(sum))) : 0;
}

static void softmax(struct device *d, uint64_t *random, int rows, int classes, int stride, bool some, float spread) {
    const size_t n = (size_t)rows, c = (size_t)classes, step = (size_t)stride;
    floats x(n * step, NAN), legal(n * c, 1), target(n * c), weight(n), dx(n * c), loss(n);
    for (size_t r = 0; r < n; r++) {
        weight[r] = r % 3 == 1 ? 0 : 0.5f + fabsf(random_float(random));
        double sum = 0;
        for (size_t k = 0; k < c; k++) {
            x[r * step + k] = random_float(random) * spread;
            // A row in seven has no legal class at all.
            if (some) legal[r * c + k] = r % 7 == 6 ? 0 : k == r % c ? 1 : (float)random_below(random, 2);
            target[r * c + k] = legal[r * c + k] > 0 && random_below(random, 2) ? fabsf(random_float(random)) : 0;
            sum += target[r * c + k];
        }
        for (size_t k = 0; k < c; k++) {
            target[r * c + k] = sum > 0 ? (float)(target[r * c + k] / sum) : k == r % c ? 1 : 0;
            if (legal[r * c + k] > 0 && weight[r] != 0) continue;
            x[r * step + k] = k & 1 ? NAN : INFINITY;
            target[r * c + k] = NAN;
            if (weight[r] == 0) legal[r * c + k] = NAN;
        }
        softmax_twin(c, &x[r * step], some ? &legal[r * c] : NULL, &target[r * c], weight[r], &dx[r * c], &loss[r]);
    }
    void *dev_x = up_floats(d, x), *l = up_floats(d, legal), *t = up_floats(d, target), *w = up_floats(d, weight);
    floats losses;
    const floats got = repeatable("softmax_loss", [&] {
        void *g = poison_floats(d, n * step), *out = poison_floats(d, n);
        softmax_loss(d, rows, classes, stride, (const float *)dev_x, some ? (const float *)l : NULL, (const float *)t,
                     (const float *)w, Z_WEIGHT, SCALE, (float *)g, (float *)out);
        losses = back_floats(d, "softmax_loss", out, n);
        return back_floats(d, "softmax_loss", g, n * step);
    });
    expect_rows("softmax_loss: gradient", got, dx, n, c, step, 2e-7);
    same("softmax_loss", losses, loss, 1e-5, 2e-6);
    drop(d, {dev_x, l, t, w});
}

static void score(struct device *d, uint64_t *random, int rows, int stride) {
    const size_t n = (size_t)rows, step = (size_t)stride;
    floats x(n * step, NAN), target(n), weight(n), dx(n), loss(n);
    for (size_t r = 0; r < n; r++) {
        weight[r] = r % 3 == 1 ? 0 : 0.5f + fabsf(random_float(random));
        x[r * step] = weight[r] == 0 ? NAN : 3 * random_float(random);
        target[r] = weight[r] == 0 ? INFINITY : 30 * random_float(random);
        const double error = (double)x[r * step] - target[r] / 10.0;
        if (weight[r] == 0) continue;
        loss[r] = (float)(weight[r] * (fabs(error) <= 1 ? error * error / 2 : fabs(error) - 0.5));
        dx[r] = (float)((double)SCALE * weight[r] * fmax(-1, fmin(1, error)));
    }
    void *dev_x = up_floats(d, x), *t = up_floats(d, target), *w = up_floats(d, weight);
    void *g = poison_floats(d, n * step), *out = poison_floats(d, n);
    score_loss(d, rows, stride, (const float *)dev_x, (const float *)t, (const float *)w, SCALE, (float *)g, (float *)out);
    expect_rows("score_loss: gradient", back_floats(d, "score_loss", g, n * step), dx, n, 1, step, 1e-6);
    same("score_loss", back_floats(d, "score_loss", out, n), loss, 1e-5, 1e-6);
    drop(d, {dev_x, t, w});
}

static void ownership(struct device *d, uint64_t *random, int num, int points, bool masked, float spread) {
    const size_t n = (size_t)num, all = (size_t)points;
    floats x(n * all), mask(n * all, 1), area(n), target(n * all), weight(n), dx(n * all), loss(n);
    for (size_t i = 0; i < n; i++) {
        weight[i] = i % 3 == 1 ? 0 : 0.5f + fabsf(random_float(random));
        for (size_t p = 0; p < all; p++) {
            if (masked && p) mask[i * all + p] = (float)random_below(random, 2);
            area[i] += mask[i * all + p];
        }
        double sum = 0;
        for (size_t p = 0; p < all; p++) {
            const size_t at = i * all + p;
            const bool counts = weight[i] != 0 && mask[at] != 0;
            x[at] = counts ? spread * random_float(random) : NAN;
            target[at] = counts ? (float)(random_below(random, 3) - 1) : NAN;
            if (!counts) continue;
            // q and 1 - q against P = (1 + tanh x) / 2 = 1 / (1 + e^-2x) and 1 - P
            const double q = (1 + target[at]) / 2.0;
            sum += q * log1p(exp(-2.0 * x[at])) + (1 - q) * log1p(exp(2.0 * x[at]));
            dx[at] = (float)((double)SCALE * weight[i] / area[i] * (tanh(x[at]) - target[at]));
        }
        loss[i] = (float)(weight[i] * sum / area[i]);
    }
    void *dev_x = up_floats(d, x), *m = up_floats(d, mask), *a = up_floats(d, area), *t = up_floats(d, target);
    void *w = up_floats(d, weight);
    floats losses;
    const floats got = repeatable("ownership_loss", [&] {
        void *g = poison_floats(d, n * all), *out = poison_floats(d, n);
        ownership_loss(d, num, points, (const float *)dev_x, masked ? (const float *)m : NULL, (const float *)a,
                       (const float *)t, (const float *)w, SCALE, (float *)g, (float *)out);
        losses = back_floats(d, "ownership_loss", out, n);
        return back_floats(d, "ownership_loss", g, n * all);
    });
    same("ownership_loss: gradient", got, dx, 1e-5, 1e-7);
    same("ownership_loss", losses, loss, 1e-5, 1e-6);
    drop(d, {dev_x, m, a, t, w});
}

static void squares(struct device *d, uint64_t *random, size_t count) {
    const floats x = random_floats(random, count);
    long double expected = 0;
    double got[2];
    for (float value : x) expected += (long double)value * value;
    void *dev_x = up_floats(d, x);
    for (double &sum : got) {
        void *out = guarded_array(d, NULL, sizeof sum);
        square_sum(d, count, (const float *)dev_x, (double *)out);
        double *host = (double *)guarded_back(d, "square_sum", out, sizeof sum);
        sum = *host;
        free(host);
        device_free(d, out);
    }
    EXPECT_NEAR(got[0], (double)expected, 1e-13 * (double)expected);
    EXPECT_(!memcmp(&got[0], &got[1], sizeof got[0]), "square_sum gives %.17g, then %.17g", got[0], got[1]);
    device_free(d, dev_x);
}

static void optimiser(struct device *d, uint64_t *random, size_t count) {
    const struct adamw_numbers s = {1e-2f, 0.9f, 0.99f, 1e-8f, 0.05f, 1 - 0.81f, 1 - 0.9801f, 0.7f};
    const floats gradient = random_floats(random, count);
    floats w = random_floats(random, count), mean = random_floats(random, count), variance = random_floats(random, count);
    floats average = random_floats(random, count);
    for (float &v : variance) v = fabsf(v);
    void *dev_g = up_floats(d, gradient), *dev_w = up_floats(d, w), *dev_m = up_floats(d, mean),
         *dev_v = up_floats(d, variance);
    void *dev_a = up_floats(d, average);
    adamw_update(d, count, s, (const float *)dev_g, (float *)dev_w, (float *)dev_m, (float *)dev_v);
    average_update(d, count, 0.75f, (const float *)dev_w, (float *)dev_a);
    for (size_t i = 0; i < count; i++) {
        const double g = (double)gradient[i] * s.gradient_scale, m = s.beta1 * (double)mean[i] + (1 - (double)s.beta1) * g;
        const double v = s.beta2 * (double)variance[i] + (1 - (double)s.beta2) * g * g;
        const double next =
            w[i] - s.rate * (m / s.correction1 / (sqrt(v / s.correction2) + s.epsilon) + s.decay * (double)w[i]);
        mean[i] = (float)m, variance[i] = (float)v, w[i] = (float)next;
        average[i] = (float)(0.75 * average[i] + 0.25 * next);
    }
    same("adamw: weights", back_floats(d, "adamw: weights", dev_w, count), w, 1e-5, 1e-6);
    same("adamw: mean", back_floats(d, "adamw: mean", dev_m, count), mean, 1e-5, 1e-6);
    same("adamw: variance", back_floats(d, "adamw: variance", dev_v, count), variance, 1e-5, 1e-6);
    same("average", back_floats(d, "average", dev_a, count), average, 1e-5, 1e-6);
    drop(d, {dev_g});
}

int main(void) {
    char why[DEVICE_TEXT] = "";
    if (device_count(why) == 0) return TEST_SKIP(why);
    struct device *d = open_device(0);
    uint64_t random = 3;
    for (int classes : {1, 3, 26, 33, 82, 362})
        for (int rows : {1, 3, 17})
            for (int extra : {0, 2})
                for (bool some : {false, true})
                    for (float spread : {3.0f, 10000.0f}) softmax(d, &random, rows, classes, classes + extra, some, spread);
    for (int rows : {1, 3, 17, 600})
        for (int stride : {1, 4}) score(d, &random, rows, stride);
    for (int n : {1, 3, 17})
        for (int points : {4, 25, 81, 361})
            for (bool masked : {false, true})
                for (float spread : {2.0f, 40.0f}) ownership(d, &random, n, points, masked, spread);
    for (size_t count : {0, 1, 255, 4096, 4097, 100003, 5000011}) squares(d, &random, count);
    for (size_t count : {1, 1000, 40009}) optimiser(d, &random, count);
    device_close(d);
    return TEST_END();
}
