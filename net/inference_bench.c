// Two flights take turns: while one is on the device, the other is fetched and launched again. All
// of them launch the same batch, which is encoded once.
#include "net/inference_bench.h"

#include "net/frame.h"
#include "net/heads.h"
#include "net/pass.h"

#include <stdlib.h>

enum { FLIGHTS = 2 }; // one computes while the results and the input of the other travel

struct flight {
    struct backend *backend;
    struct pass *pass;
    float *logits, *value;
    bool is_up;
};

struct batch_input {
    struct frame frame;
    int n;
    uint32_t *bits;
    float *globals, *mask, *scratch;
};

static enum status encode(struct batch_input *in, const struct position *positions) {
    const struct frame f = in->frame;
    const size_t n = (size_t)in->n, globals = (size_t)f.config->num_globals;
    in->bits = calloc(n * frame_words(f), sizeof *in->bits);
    in->globals = calloc(n * globals + 1, sizeof *in->globals);
    in->mask = calloc(n * frame_points(f), sizeof *in->mask);
    in->scratch = calloc(frame_scratch(f), sizeof *in->scratch);
    if (!in->bits || !in->globals || !in->mask || !in->scratch)
        return status_fail(STATUS_MEMORY, "no memory for batches of %d", in->n);
    for (size_t i = 0; i < n; i++)
        frame_encode(f, &positions[i], in->scratch, in->bits + i * frame_words(f), in->globals + i * globals,
                     in->mask + i * frame_points(f));
    return STATUS_OK;
}

static void land(struct flight *flight, const struct batch_input *in) {
    const struct backend_verbs *v = flight->backend->verbs;
    const size_t n = (size_t)in->n;
    if (!flight->is_up) return;
    v->download(flight->backend, flight->logits, flight->pass->logits, n * frame_actions(in->frame));
    v->download(flight->backend, flight->value, flight->pass->value, n * (size_t)heads_value_outputs(in->frame.config));
    flight->is_up = false;
}

static void launch(struct flight *flight, const struct batch_input *in) {
    pass_input_bits(flight->pass, (struct image){in->n, in->frame.h, in->frame.w}, in->bits, in->globals, NULL);
    pass_forward(flight->pass);
    flight->is_up = true;
}

static enum status open_flight(struct flight *flight, const struct net *net, const struct backend_spec *spec,
                               const struct batch_input *in) {
    const size_t n = (size_t)in->n;
    TRY(backend_open(&flight->backend, spec));
    TRY(pass_new(&flight->pass, net, flight->backend, false, in->n, in->frame.h, in->frame.w));
    flight->logits = malloc(n * frame_actions(in->frame) * sizeof *flight->logits);
    flight->value = malloc(n * (size_t)heads_value_outputs(in->frame.config) * sizeof *flight->value);
    if (!flight->logits || !flight->value) return status_fail(STATUS_MEMORY, "no memory for batches of %d", in->n);
    return STATUS_OK;
}

enum { WARM_ROUNDS = 3 }; // the first makes plans, the second is captured, the third is launched

enum status inference_bench(const struct net *net, const struct backend_spec *asked, const struct position *positions, int n,
                            double seconds, const struct clock *clock, struct inference_result *out) {
    struct flight flights[FLIGHTS] = {0};
    struct backend_spec spec = *asked;
    struct batch_input in = {.frame = {positions[0].game->height, positions[0].game->width, &net->config}, .n = n};
    enum status status = encode(&in, positions);
    *out = (struct inference_result){0};
    for (int i = 0; i < FLIGHTS && status == STATUS_OK; i++) {
        status = open_flight(&flights[i], net, &spec, &in);
        // Only the first flight measures how to run the trunk.
        if (status == STATUS_OK) spec.trunk = flights[i].pass->fused ? TRUNK_FUSED : TRUNK_LAYERED;
    }
    if (status == STATUS_OK) {
        for (int i = 0; i < WARM_ROUNDS * FLIGHTS; i++) {
            launch(&flights[i % FLIGHTS], &in);
            land(&flights[i % FLIGHTS], &in);
        }
        const double start = clock_seconds(clock);
        // At least one batch is counted, however slow it is.
        for (int i = 0; out->seconds < seconds || !out->evaluations; i++) {
            struct flight *flight = &flights[i % FLIGHTS];
            if (flight->is_up) out->evaluations += n;
            land(flight, &in);
            out->seconds = clock_seconds(clock) - start;
            launch(flight, &in);
        }
        for (int i = 0; i < FLIGHTS; i++) land(&flights[i], &in);
        out->fused = flights[0].pass->fused;
        out->fused_seconds = flights[0].pass->fused_seconds;
        out->layered_seconds = flights[0].pass->layered_seconds;
    }
    for (int i = 0; i < FLIGHTS; i++) {
        pass_free(flights[i].pass);
        backend_close(flights[i].backend);
        free(flights[i].logits);
        free(flights[i].value);
    }
    free(in.bits);
    free(in.globals);
    free(in.mask);
    free(in.scratch);
    return status;
}
