// A Newton-Schulz iteration with a quintic: X becomes a X + b X (X^T X) + c X (X^T X)^2, where X
// starts with norm 1. So each singular value s becomes a s + b s^3 + c s^5. These coefficients do
// not converge to 1, but are fast near 0: five rounds take an s in [0.01, 1] to about [0.7, 1.2],
// which serves as well as 1 [Jordan et al. 2024]. X is tall, so that the product X^T X is small:
// [cols, cols].
#include "net/muon.h"

#include <math.h>

static const float quintic[3] = {3.4445f, -4.7750f, 2.0315f};
enum { ROUNDS = 5 };
// The root mean square of AdamW's usual step, in units of the rate [Liu et al. 2025].
#define ADAMW_STEP 0.2f

static bool matrix_of(const struct net_tensor *t, int *rows, int *cols) {
    if (!t->hidden) return false;
    *cols = t->dims[t->num_dims - 1];
    *rows = (int)(t->count / (size_t)*cols);
    return true;
}

enum status muon_init(struct muon *m, struct backend *b, const struct net *net) {
    size_t most = 0, widest = 0;
    int rows, cols;
    *m = (struct muon){.backend = b};
    for (int i = 0; i < net->num_tensors; i++) {
        if (!matrix_of(&net->tensors[i], &rows, &cols)) continue;
        CHECK(rows >= cols);
        if (net->tensors[i].count > most) most = net->tensors[i].count;
        if ((size_t)cols > widest) widest = (size_t)cols;
    }
    if (!most) return STATUS_OK;
    TRY(b->verbs->alloc(b, most, &m->step));
    TRY(b->verbs->alloc(b, most, &m->next));
    TRY(b->verbs->alloc(b, widest * widest, &m->gram));
    return b->verbs->alloc(b, widest * widest, &m->polynomial);
}

void muon_done(struct muon *m) {
    if (!m->backend) return;
    float *const arrays[] = {m->step, m->next, m->gram, m->polynomial};
    for (int i = 0; i < 4; i++) m->backend->verbs->release(m->backend, arrays[i]);
}

// Replaces m->step by roughly the nearest orthogonal matrix.
static void orthogonalise(struct muon *m, int rows, int cols) {
    struct backend *b = m->backend;
    const struct backend_verbs *v = b->verbs;
    const size_t count = (size_t)rows * (size_t)cols, square = (size_t)cols * (size_t)cols;
    v->normalise(b, count, m->step);
    for (int round = 0; round < ROUNDS; round++) {
        v->dense_backward_weights(b, rows, cols, cols, m->step, m->step, m->gram, NULL);
        v->dense_forward(b, cols, cols, cols, m->gram, m->gram, NULL, false, m->polynomial);
        v->add(b, square, quintic[1] / quintic[2], m->gram, m->polynomial); // still divided by c
        v->dense_forward(b, rows, cols, cols, m->step, m->polynomial, NULL, false, m->next);
        v->add(b, count, quintic[2] - 1, m->next, m->next);
        v->add(b, count, quintic[0], m->step, m->next);
        float *last = m->step;
        m->step = m->next;
        m->next = last;
    }
}

void muon_update(struct muon *m, int rows, int cols, struct muon_step step, const float *gradient, float *weights,
                 float *mean) {
    struct backend *b = m->backend;
    const struct backend_verbs *v = b->verbs;
    const size_t count = (size_t)rows * (size_t)cols;
    const float part = (1 - step.momentum) * step.gradient_scale;
    v->add(b, count, step.momentum - 1, mean, mean);
    v->add(b, count, part, gradient, mean);
    // Nesterov's momentum: what the mean would become with the same gradient once more.
    v->fill(b, m->step, 0, count);
    v->add(b, count, step.momentum, mean, m->step);
    v->add(b, count, part, gradient, m->step);
    orthogonalise(m, rows, cols);
    v->add(b, count, -step.rate * step.decay, weights, weights);
    v->add(b, count, -step.rate * ADAMW_STEP * sqrtf((float)rows), m->step, weights);
}
