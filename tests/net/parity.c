// Law: a whole net answers, and learns, in every precision what ref says in fp32.
//
// Nets of 6 blocks of 32 channels with pooling, full and masked boards of 5x5 to 9x9. What was
// measured is printed, relative to the largest output of the kind and for the gradient as a
// relative L2 error; beside it in units of the precision's roundoff u (2^-11 in f16, 2^-8 in bf16).
// The bounds are about three times what the emulated kernels gave (the cpu backend in f32).
//
// A maximum that is nearly shared by two points is one or the other after rounding, and its whole
// gradient goes there: single gradients are off by a quarter for it. Their bound is for the median
// of the draws; verbs.c compares the backward passes themselves.
#include "kernels/winograd.h"
#include "net/pass.h"
#include "tests/net/support.h"

#include "tests/net/backends.h"

enum { DRAWS = 7, ROWS = 6, FRAME = 9, POINTS = FRAME * FRAME, ACTIONS = POINTS + 1 };
static const int sides[ROWS] = {9, 5, 7, 8, 6, 9};

enum { KIND_LOGITS, KIND_VALUE, KIND_SCORE, KIND_OWNERSHIP, NUM_KINDS };
static const char *const kinds[NUM_KINDS] = {"logits", "value", "score", "ownership"};

struct answers {
    float logits[2 * ROWS * ACTIONS], value[7 * ROWS], ownership[ROWS * POINTS];
    float *gradient; // [num_weights]
    double losses[NUM_LOSSES];
};

static void answer(const struct net *net, const struct backend_spec *spec, const struct batch *batch, bool masked,
                   struct answers *out) {
    // As train.c's.
    const double scales[NUM_LOSSES] = {1. / ROWS, 0.15 / ROWS, 1. / ROWS, 0.5 / ROWS, 0.25 / ROWS, 0.5 / ROWS};
    struct backend *b;
    struct pass *p;
    EXPECT_INT(backend_open(&b, spec), STATUS_OK);
    EXPECT_INT(pass_new(&p, net, b, true, ROWS, FRAME, FRAME), STATUS_OK);
    pass_input(p, (struct image){ROWS, FRAME, FRAME}, batch->planes, batch->globals, masked ? batch->mask : NULL);
    pass_forward(p);
    b->verbs->download(b, out->logits, p->logits, 2 * ROWS * ACTIONS);
    b->verbs->download(b, out->value, p->value, 7 * ROWS);
    b->verbs->download(b, out->ownership, p->ownership, ROWS * POINTS);
    losses_run(p, batch, scales);
    losses_read(p, out->losses);
    pass_backward(p);
    out->gradient = malloc(net->num_weights * sizeof *out->gradient);
    b->verbs->download(b, out->gradient, p->gradient, net->num_weights);
    pass_free(p);
    backend_close(b);
}

struct error {
    double worst, most;
};
static void compare(struct error *e, float x, float y) {
    EXPECT(isfinite(x) && isfinite(y));
    e->worst = test_worse(e->worst, x, y);
    e->most = test_larger(e->most, x);
}

// The outputs of points and actions that are on the board.
static void compare_outputs(const struct batch *batch, const struct answers *ref, const struct answers *other,
                            struct error errors[NUM_KINDS]) {
    for (int n = 0; n < ROWS; n++) {
        for (int a = 0; a < ACTIONS; a++)
            for (int head = 0; head < 2; head++) {
                const int at = (head * ROWS + n) * ACTIONS + a;
                if (a == POINTS || batch->mask[n * POINTS + a] > 0)
                    compare(&errors[KIND_LOGITS], ref->logits[at], other->logits[at]);
            }
        for (int k = 0; k < 6; k++) compare(&errors[KIND_VALUE], ref->value[7 * n + k], other->value[7 * n + k]);
        compare(&errors[KIND_SCORE], ref->value[7 * n + 6], other->value[7 * n + 6]);
        for (int at = n * POINTS; at < (n + 1) * POINTS; at++)
            if (batch->mask[at] > 0) compare(&errors[KIND_OWNERSHIP], ref->ownership[at], other->ownership[at]);
    }
}

static double relative_l2(size_t count, const float *x, const float *y) {
    double difference = 0, size = 0;
    for (size_t i = 0; i < count; i++) {
        EXPECT(isfinite(y[i]));
        difference += ((double)x[i] - y[i]) * ((double)x[i] - y[i]);
        size += (double)x[i] * x[i];
    }
    return sqrt(difference / size);
}

struct bounds {
    double outputs, gradient, losses;
};
static struct bounds bounds_of(const struct tested *t) {
    const double u = t->rounding;
    if (u == 0) return (struct bounds){5e-6, 1e-5, 1e-5};
    return (struct bounds){8 * u, t->spec.precision == PRECISION_F16 ? 0.04 : 0.13, 10 * u};
}

static const struct net_config config = {.num_planes = 18,
                                         .num_globals = 5,
                                         .policy_planes = 1,
                                         .num_global_actions = 1,
                                         .has_score = true,
                                         .has_ownership = true,
                                         .blocks = 6,
                                         .channels = 32,
                                         .pool_every = 2,
                                         .head_channels = 16,
                                         .value_hidden = 32};

// Compares one random net on one random batch, and returns the error of the gradient.
static double draw(const struct tested *t, int number, bool masked, struct error errors[NUM_KINDS]) {
    const struct bounds bound = bounds_of(t);
    struct net *net = tame_net(&config, 71 + (uint64_t)number);
    struct batch *batch;
    struct answers ref, other;
    struct rng rng;
    rng_init(&rng, 72, (uint64_t)number);
    EXPECT_INT(batch_new(&batch, &config, ROWS, FRAME, FRAME), STATUS_OK);
    for (int i = 0; i < ROWS; i++) {
        const int side = masked ? sides[i] : FRAME;
        random_row(batch, &config, &rng, side, side);
    }
    answer(net, &(struct backend_spec){.name = "ref"}, batch, masked, &ref);
    answer(net, &t->spec, batch, masked, &other);
    compare_outputs(batch, &ref, &other, errors);
    for (int k = 0; k < NUM_LOSSES; k++)
        EXPECT_(fabs(other.losses[k] - ref.losses[k]) <= bound.losses * (1 + ref.losses[k]), "%s: loss %d is %.9g, not %.9g",
                t->label, k, other.losses[k], ref.losses[k]);
    const double gradient = relative_l2(net->num_weights, ref.gradient, other.gradient);
    free(ref.gradient), free(other.gradient);
    batch_free(batch);
    net_free(net);
    return gradient;
}

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void say(const struct tested *t, const char *what, double error) {
    printf("%s: %s off by %.2g", t->label, what, error);
    if (t->rounding > 0) printf(" = %.1f u", error / t->rounding);
    printf("\n");
}

static void parity(const struct tested *t, const void *context) {
    if (!strcmp(t->spec.name, "ref")) return;
    const struct bounds bound = bounds_of(t);
    struct error errors[NUM_KINDS] = {0};
    double gradients[DRAWS];
    for (int i = 0; i < DRAWS; i++) gradients[i] = draw(t, i, i % 2, errors);
    for (int k = 0; k < NUM_KINDS; k++) {
        const double error = errors[k].worst / errors[k].most;
        say(t, kinds[k], error);
        EXPECT(errors[k].most > 0.1);
        EXPECT_(error <= bound.outputs, "%s: %s off by %g of %g", t->label, kinds[k], errors[k].worst, errors[k].most);
    }
    qsort(gradients, DRAWS, sizeof gradients[0], ascending);
    say(t, "best gradient", gradients[0]);
    say(t, "median gradient", gradients[DRAWS / 2]);
    say(t, "worst gradient", gradients[DRAWS - 1]);
    EXPECT_(gradients[DRAWS / 2] <= bound.gradient, "%s: half of the gradients are off by more than %g", t->label,
            gradients[DRAWS / 2]);
}

// Law: only the cpu backend has convolutions of our own to compare the library's with, and only
// where the processor can run them and the library's were not asked for.
static void own_convs(const struct tested *t, const void *context) {
    struct backend *backend;
    EXPECT_INT(backend_open(&backend, &t->spec), STATUS_OK);
    const bool expected = !strcmp(backend_name(backend), "cpu") && t->spec.convs == CONVS_FASTEST && winograd_code(0) != NULL;
    EXPECT_INT(backend_own_convs(backend), expected);
    backend_close(backend);
}

int main(void) {
    for_each_backend(own_convs, NULL);
    for_each_backend(parity, NULL);
    return TEST_END();
}
