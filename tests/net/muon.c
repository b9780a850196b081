// Laws of Muon's step, on every backend: it has the directions of the momentum (their polar product
// is symmetric), all about equally long (squared singular values), whatever the scale of the
// gradient; it reads the momentum ahead by Nesterov; decay is decoupled; and the trunk's hidden
// convolutions are its matrices, and they alone.
#include "net/muon.h"
#include "tests/net/backends.h"
#include "tests/net/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// The eigenvalues of a symmetric matrix by Jacobi's rotations, which overwrite a.
static void eigenvalues(int n, double *a, double *out) {
    for (int sweep = 0; sweep < 30; sweep++)
        for (int p = 0; p < n; p++)
            for (int q = p + 1; q < n; q++) {
                const double apq = a[p * n + q];
                if (fabs(apq) < 1e-14) continue;
                const double theta = (a[q * n + q] - a[p * n + p]) / (2 * apq);
                const double t = (theta >= 0 ? 1 : -1) / (fabs(theta) + sqrt(theta * theta + 1)), c = 1 / sqrt(t * t + 1),
                             s = t * c;
                for (int k = 0; k < n; k++) {
                    const double kp = a[k * n + p], kq = a[k * n + q];
                    a[k * n + p] = c * kp - s * kq;
                    a[k * n + q] = s * kp + c * kq;
                }
                for (int k = 0; k < n; k++) {
                    const double pk = a[p * n + k], qk = a[q * n + k];
                    a[p * n + k] = c * pk - s * qk;
                    a[q * n + k] = s * pk + c * qk;
                }
            }
    for (int i = 0; i < n; i++) out[i] = a[i * n + i];
}

// x^T y of [rows, cols] matrices.
static void gram(int rows, int cols, const float *x, const float *y, double *out) {
    memset(out, 0, (size_t)(cols * cols) * sizeof *out);
    for (int r = 0; r < rows; r++)
        for (int i = 0; i < cols; i++)
            for (int k = 0; k < cols; k++) out[i * cols + k] += (double)x[r * cols + i] * y[r * cols + k];
}

struct arrays { // [rows, cols] on the device
    float *gradient, *weights, *mean;
};

// The weights after one step from `weights` (zeros where it is NULL) and from zero momentum.
static void step_once(struct backend *b, struct muon *m, struct arrays on, int rows, int cols, struct muon_step step,
                      const float *gradient, const float *weights, float *out) {
    const size_t count = (size_t)rows * (size_t)cols;
    b->verbs->upload(b, on.gradient, gradient, count);
    b->verbs->fill(b, on.mean, 0, count);
    if (weights)
        b->verbs->upload(b, on.weights, weights, count);
    else
        b->verbs->fill(b, on.weights, 0, count);
    muon_update(m, rows, cols, step, on.gradient, on.weights, on.mean);
    b->verbs->download(b, out, on.weights, count);
}

static void check_directions(const struct tested *t, int rows, int cols, const float *step, const float *gradient) {
    double *product = malloc((size_t)(cols * cols) * sizeof *product), *values = malloc((size_t)cols * sizeof *values);
    double most = 0, worst = 0, low = INFINITY, high = 0;
    gram(rows, cols, step, gradient, product);
    for (int i = 0; i < cols; i++)
        for (int k = 0; k < cols; k++) {
            most = test_larger(most, product[i * cols + k]);
            worst = test_worse(worst, product[i * cols + k], product[k * cols + i]);
        }
    EXPECT_(worst < 1e-4 * most, "%s %dx%d: step^T gradient is %g from symmetric, its largest element %g", t->label, rows, cols,
            worst, most);
    gram(rows, cols, step, step, product);
    eigenvalues(cols, product, values);
    for (int i = 0; i < cols; i++) low = fmin(low, values[i]), high = fmax(high, values[i]);
    EXPECT_(low > 0.4 && high < 1.6, "%s %dx%d: squared singular values from %g to %g", t->label, rows, cols, low, high);
    free(product), free(values);
}

static void check_matrix(const struct tested *t, struct backend *b, struct muon *m, struct arrays on, int rows, int cols) {
    const size_t count = (size_t)rows * (size_t)cols;
    float *gradient = calloc(5 * count, sizeof *gradient), *step = gradient + count, *again = step + count,
          *weights = again + count, *expected = weights + count;
    struct rng rng;
    rng_init(&rng, 11, (uint64_t)count);
    for (size_t i = 0; i < count; i++) gradient[i] = uniform(&rng) * ((int)(i % (size_t)cols) < cols / 2 ? 1.0f : 0.05f);
    for (size_t i = 0; i < count; i++) weights[i] = uniform(&rng);
    const float unit = 1 / (0.2f * sqrtf((float)rows)); // a step of about one orthogonal matrix
    struct muon_step params = {.rate = unit, .momentum = 0.9f, .decay = 0, .gradient_scale = 1};
    step_once(b, m, on, rows, cols, params, gradient, NULL, step);
    check_directions(t, rows, cols, step, gradient);
    double along = 0;
    for (size_t i = 0; i < count; i++) along += (double)step[i] * gradient[i];
    EXPECT_(along < 0, "%s: the step goes up the gradient", t->label);
    params.gradient_scale = 1e-3f;
    step_once(b, m, on, rows, cols, params, gradient, NULL, again);
    for (size_t i = 0; i < count; i++)
        EXPECT_(fabsf(again[i] - step[i]) < 1e-4f, "%s: a scaled gradient steps by %g, not %g", t->label, again[i], step[i]);
    params.decay = 0.5f * 0.2f * sqrtf((float)rows); // rate * decay = one half
    step_once(b, m, on, rows, cols, params, gradient, weights, again);
    for (size_t i = 0; i < count; i++) expected[i] = 0.5f * weights[i] + step[i];
    for (size_t i = 0; i < count; i++)
        EXPECT_(fabsf(again[i] - expected[i]) < 1e-4f, "%s: decay gives %g, not %g", t->label, again[i], expected[i]);
    // A gradient of zeros moves nothing and causes no division by zero.
    b->verbs->fill(b, on.gradient, 0, count);
    b->verbs->fill(b, on.mean, 0, count);
    muon_update(m, rows, cols, (struct muon_step){.rate = 1, .momentum = 0.9f, .gradient_scale = 1}, on.gradient, on.weights,
                on.mean);
    b->verbs->download(b, weights, on.weights, count);
    for (size_t i = 0; i < count; i++)
        EXPECT_(weights[i] == again[i], "%s: a zero gradient moves %g to %g", t->label, again[i], weights[i]);
    free(gradient);
}

static void check_backend(const struct tested *t, const void *unused) {
    struct backend *b;
    struct muon m;
    struct arrays on;
    const int shapes[][2] = {{9 * 8, 8}, {9 * 16, 16}, {9 * 48, 48}};
    for (int i = 0; i < 3; i++) {
        struct net_config config = small_config();
        struct net *net;
        config.channels = shapes[i][1];
        const size_t count = (size_t)shapes[i][0] * (size_t)shapes[i][1];
        EXPECT_INT(backend_open(&b, &t->spec), STATUS_OK);
        EXPECT_INT(net_new(&net, &config, NULL), STATUS_OK);
        EXPECT_INT(muon_init(&m, b, net), STATUS_OK);
        EXPECT_INT(b->verbs->alloc(b, count, &on.gradient), STATUS_OK);
        EXPECT_INT(b->verbs->alloc(b, count, &on.weights), STATUS_OK);
        EXPECT_INT(b->verbs->alloc(b, count, &on.mean), STATUS_OK);
        check_matrix(t, b, &m, on, shapes[i][0], shapes[i][1]);
        b->verbs->release(b, on.gradient), b->verbs->release(b, on.weights), b->verbs->release(b, on.mean);
        muon_done(&m);
        net_free(net);
        backend_close(b);
    }
}

static void check_which(void) {
    const struct net_config config = small_config();
    struct net *net;
    int hidden = 0;
    EXPECT_INT(net_new(&net, &config, NULL), STATUS_OK);
    for (int i = 0; i < net->num_tensors; i++) {
        const struct net_tensor *t = &net->tensors[i];
        const bool expected = strncmp(t->name, "trunk.block", 11) == 0 && t->num_dims == 4;
        EXPECT_(t->hidden == expected, "%s: Muon's is %d, not %d", t->name, t->hidden, expected);
        hidden += t->hidden;
    }
    EXPECT_INT(hidden, 2 * config.blocks);
    net_free(net);
}

int main(void) {
    check_which();
    EXPECT(for_each_backend(check_backend, NULL) > 0);
    return TEST_END();
}
