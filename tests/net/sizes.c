// Law: a board alone and the same board in the corner of a larger masked frame, beside others, get
// the same outputs, whatever the planes hold off the board; and one net serves every size.
#include "net/pass.h"
#include "tests/net/backends.h"
#include "tests/net/support.h"

enum { FRAME = 9, ROWS = 6 };
static const int sides[ROWS][2] = {{9, 9}, {5, 5}, {3, 7}, {1, 2}, {7, 4}, {9, 5}}; // height, width

struct outputs {
    float logits[2][FRAME * FRAME + 1], value[7], ownership[FRAME * FRAME];
};

// Reads the board of h x w in row `row` out of the frame.
static void read_row(struct pass *p, int row, int h, int w, struct outputs *out) {
    const struct backend_verbs *v = p->backend->verbs;
    const int points = p->shape.h * p->shape.w;
    float *logits = malloc(sizeof *logits * 2 * (size_t)p->shape.n * (size_t)p->actions);
    float own[ROWS * FRAME * FRAME], value[ROWS * 7];
    v->download(p->backend, logits, p->logits, 2 * (size_t)p->shape.n * (size_t)p->actions);
    v->download(p->backend, own, p->ownership, (size_t)(p->shape.n * points));
    v->download(p->backend, value, p->value, (size_t)p->shape.n * 7);
    memcpy(out->value, value + 7 * row, sizeof out->value);
    for (int head = 0; head < 2; head++) {
        const float *in = logits + (size_t)(head * p->shape.n + row) * (size_t)p->actions;
        for (int i = 0; i < h * w; i++) out->logits[head][i] = in[i / w * p->shape.w + i % w];
        out->logits[head][h * w] = in[points];
    }
    for (int i = 0; i < h * w; i++) out->ownership[i] = own[row * points + i / w * p->shape.w + i % w];
    free(logits);
}

// A card may choose another algorithm for another shape, whose sums have another order, so that now
// and then an activation is rounded to its other neighbour. parity.c finds outputs within 3 u of
// ref, so two of them may differ by 6 u.
static void compare(const struct tested *t, int row, int h, int w, const struct outputs *a, const struct outputs *b) {
    double worst = 0;
    for (int i = 0; i <= h * w; i++)
        for (int head = 0; head < 2; head++) worst = test_worse(worst, a->logits[head][i], b->logits[head][i]);
    for (int i = 0; i < 7; i++) worst = test_worse(worst, a->value[i], b->value[i]);
    for (int i = 0; i < h * w; i++) worst = test_worse(worst, a->ownership[i], b->ownership[i]);
    double size = 0, most = 1;
    for (int i = 0; i < 7; i++) size += fabs(a->value[i]);
    for (int i = 0; i <= h * w; i++) most = test_larger(test_larger(most, a->logits[0][i]), a->logits[1][i]);
    EXPECT_(worst < 2e-4 + 8 * t->rounding * fmax(most, size), "%s: board %d of %dx%d differs by %g when it stands alone",
            t->label, row, h, w, worst);
    EXPECT(size > 0.01);
}

static void check_backend(const struct tested *t, const void *context) {
    const struct net_config config = small_config();
    struct net *net = lively_net(&config, 31);
    struct backend *backend;
    struct pass *pass, *alone;
    struct batch *batch, *single;
    struct rng rng;
    rng_init(&rng, 31, 1);
    EXPECT_INT(backend_open(&backend, &t->spec), STATUS_OK);
    EXPECT_INT(pass_new(&pass, net, backend, false, ROWS, FRAME, FRAME), STATUS_OK);
    // The training pass computes the same.
    EXPECT_INT(pass_new(&alone, net, backend, true, 1, FRAME, FRAME), STATUS_OK);
    EXPECT_INT(batch_new(&batch, &config, ROWS, FRAME, FRAME), STATUS_OK);
    for (int i = 0; i < ROWS; i++) random_row(batch, &config, &rng, sides[i][0], sides[i][1]);
    struct outputs together[ROWS], one;
    pass_input(pass, (struct image){ROWS, FRAME, FRAME}, batch->planes, batch->globals, batch->mask);
    pass_forward(pass);
    for (int i = 0; i < ROWS; i++) read_row(pass, i, sides[i][0], sides[i][1], &together[i]);
    for (int i = 0; i < ROWS; i++) {
        const int h = sides[i][0], w = sides[i][1];
        EXPECT_INT(batch_new(&single, &config, 1, h, w), STATUS_OK);
        for (int p = 0; p < h * w; p++)
            memcpy(single->planes + p * config.num_planes,
                   batch->planes + ((i * FRAME + p / w) * FRAME + p % w) * config.num_planes,
                   (size_t)config.num_planes * sizeof(float));
        pass_input(alone, (struct image){1, h, w}, single->planes, batch->globals + i * config.num_globals, NULL);
        pass_forward(alone);
        read_row(alone, 0, h, w, &one);
        compare(t, i, h, w, &together[i], &one);
        batch_free(single);
    }
    pass_free(pass);
    pass_free(alone);
    batch_free(batch);
    backend_close(backend);
    net_free(net);
}

int main(void) {
    for_each_backend(check_backend, NULL);
    return TEST_END();
}
