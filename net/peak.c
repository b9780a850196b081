// The product runs through the verb that dense layers use, so every backend has the figure without code of its own.
#include "net/peak.h"

#include "net/backend_verbs.h"

#include <stdlib.h>

enum { PEAK_SIDE = 1024, PEAK_SMALL_SIDE = 128, PEAK_MAX_ROUNDS = 20 }; // 12 MB of matrices: as large products go

// Rounds of side^3 products for about `seconds`; the best one's rate.
static double best_rate(struct backend *backend, const struct clock *clock, int side, double seconds, const float *a,
                        const float *b, float *c) {
    const double gflop = 2e-9 * side * side * side;
    backend->verbs->dense_forward(backend, side, side, side, a, b, NULL, false, c); // the first call may compile its code
    const double begin = clock_seconds(clock);
    double best = 0;
    float host;
    for (int round = 0; round < PEAK_MAX_ROUNDS && clock_seconds(clock) - begin < seconds; round++) {
        const double start = clock_seconds(clock);
        backend->verbs->dense_forward(backend, side, side, side, a, b, NULL, false, c);
        backend->verbs->download(backend, &host, c, 1); // waits
        const double rate = gflop / (clock_seconds(clock) - start);
        if (rate > best) best = rate;
    }
    return best;
}

enum status backend_peak_gflops(struct backend *backend, const struct clock *clock, double *gflops) {
    const size_t count = (size_t)PEAK_SIDE * PEAK_SIDE;
    float *matrix[3] = {NULL, NULL, NULL};
    enum status status = STATUS_OK;
    for (int i = 0; i < 3 && status == STATUS_OK; i++) status = backend->verbs->alloc(backend, count, &matrix[i]);
    if (status == STATUS_OK) {
        for (int i = 0; i < 2; i++) backend->verbs->fill(backend, matrix[i], 0.5f, count);
        backend->verbs->weights_changed(backend);
        // A backend that is slow by design would take minutes at full size.
        *gflops = best_rate(backend, clock, PEAK_SMALL_SIDE, 0.02, matrix[0], matrix[1], matrix[2]);
        if (*gflops > 10) *gflops = best_rate(backend, clock, PEAK_SIDE, 0.5, matrix[0], matrix[1], matrix[2]);
    }
    for (int i = 0; i < 3; i++) backend->verbs->release(backend, matrix[i]);
    return status;
}
