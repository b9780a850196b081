// The product is computed by the verb of 1x1 convolutions. So every backend has the figure, in the
// precision of its activations, without code of its own.
#include "net/peak.h"

#include "base/rng.h"
#include "net/backend_verbs.h"

#include <stdlib.h>

// The sides of the square matrices, which are tried in turn: a slow backend would take minutes with
// the largest, and the smallest do not fill a card. The next side is tried where the rate, in
// GFLOP/s, is above the bound, so that its product takes about a second at most.
static const struct {
    int side;
    double enough;
} sizes[] = {{128, 10}, {1024, 20e3}, {8192, 1e18}};
enum { NUM_SIZES = sizeof sizes / sizeof sizes[0], MAX_ROUNDS = 20 };

struct product {
    struct backend *backend;
    int side;
    struct act *a, *c;
    float *b;
};

static void run(const struct product *p) {
    p->backend->verbs->point_forward(p->backend, (struct image){p->side, 1, 1}, p->side, p->side, p->a, p->b, NULL, false, NULL,
                                     p->c);
}

// Runs rounds for about `seconds` and returns the rate of the best one.
static double best_rate(const struct product *p, const struct clock *clock, double seconds) {
    const double gflop = 2e-9 * p->side * p->side * (double)p->side;
    float host, *probe = p->b;
    run(p); // the first call may compile code
    p->backend->verbs->download(p->backend, &host, probe, 1);
    const double begin = clock_seconds(clock);
    double best = 0;
    for (int round = 0; round < MAX_ROUNDS && clock_seconds(clock) - begin < seconds; round++) {
        const double start = clock_seconds(clock);
        run(p);
        p->backend->verbs->download(p->backend, &host, probe, 1); // waits for the product
        const double rate = gflop / (clock_seconds(clock) - start);
        if (rate > best) best = rate;
    }
    return best;
}

static enum status measure(struct product *p, const struct clock *clock, double *gflops) {
    const struct backend_verbs *v = p->backend->verbs;
    const struct image s = {p->side, 1, 1};
    const size_t count = (size_t)p->side * (size_t)p->side;
    float *host = malloc(count * sizeof *host);
    if (!host) return status_fail(STATUS_MEMORY, "no memory for a product of side %d", p->side);
    struct rng rng;
    rng_init(&rng, 1, (uint64_t)p->side);
    // Zeros would be faster than other numbers.
    for (size_t i = 0; i < count; i++) host[i] = (float)rng_double(&rng) - 0.5f;
    enum status status = v->alloc_act(p->backend, s, p->side, &p->a);
    if (status == STATUS_OK) status = v->alloc_act(p->backend, s, p->side, &p->c);
    if (status == STATUS_OK) status = v->alloc(p->backend, count, &p->b);
    if (status == STATUS_OK) {
        v->upload_act(p->backend, s, p->side, p->a, host);
        v->upload(p->backend, p->b, host, count);
        v->weights_changed(p->backend);
        *gflops = best_rate(p, clock, p->side < 1000 ? 0.02 : 0.5);
    }
    v->release(p->backend, p->a);
    v->release(p->backend, p->c);
    v->release(p->backend, p->b);
    free(host);
    return status;
}

enum status backend_peak_gflops(struct backend *backend, const struct clock *clock, double *gflops) {
    for (int i = 0; i < NUM_SIZES; i++) {
        struct product p = {.backend = backend, .side = sizes[i].side};
        TRY(measure(&p, clock, gflops));
        if (*gflops < sizes[i].enough) break;
    }
    return STATUS_OK;
}
