// The net as an evaluator: positions are encoded into a frame, the forward pass runs, and the heads
// are decoded (frame.h).
//
// The boards of each size are a pass of their own, in a frame of that size. So nothing is masked,
// and the judgement of a position does not depend on the others in its batch. The number of rows is
// rounded up where each shape costs the backend something, and the extra rows are empty boards.
#include "net/net_evaluator.h"

#include "base/memory.h"
#include "net/frame.h"
#include "net/heads.h"
#include "net/pass.h"

#include <stdlib.h>
#include <string.h>

struct net_evaluator {
    struct evaluator base;
    struct backend *backend; // borrowed
    struct net *net;         // a copy, for pass_new when the frame grows
    struct pass *pass;
    int max_h, max_w;                  // the largest boards of the pass
    float *scratch;                    // one row of planes
    uint32_t *bits;                    // [max_batch, h, w, words]
    float *globals;                    // as pass_input_bits takes them
    float *mask;                       // one row, of which all are 1
    int *members;                      // [max_batch]: which positions are in the pass
    float *logits, *value, *ownership; // as the heads give them
    struct net_evaluator_stats stats;
};

static struct net_evaluator *self_of(struct evaluator *e) { return (struct net_evaluator *)e; }

static void buffers_free(struct net_evaluator *e) {
    pass_free(e->pass);
    free(e->scratch);
    free(e->bits);
    free(e->globals);
    free(e->mask);
    free(e->logits);
    free(e->value);
    free(e->ownership);
    e->pass = NULL;
    e->bits = NULL;
    e->scratch = e->globals = e->mask = e->logits = e->value = e->ownership = NULL;
}

static float *floats(size_t count) { return aligned_alloc(64, (count * sizeof(float) + 63) / 64 * 64 + 64); }

// Makes sure that there are buffers for frames of h x w. They grow only a few times in the life of
// an evaluator.
static enum status reserve_frame(struct net_evaluator *e, int h, int w) {
    if (e->pass && h <= e->max_h && w <= e->max_w) return STATUS_OK;
    const struct net_config *c = &e->net->config;
    const size_t n = (size_t)e->base.max_batch;
    e->max_h = h > e->max_h ? h : e->max_h;
    e->max_w = w > e->max_w ? w : e->max_w;
    const struct frame f = {e->max_h, e->max_w, c};
    buffers_free(e);
    TRY(pass_new(&e->pass, e->net, e->backend, false, e->base.max_batch, e->max_h, e->max_w));
    e->scratch = floats(frame_scratch(f));
    e->bits = malloc(n * frame_words(f) * sizeof *e->bits);
    e->globals = floats(n * (size_t)c->num_globals);
    e->mask = floats(frame_points(f));
    e->logits = floats(n * frame_actions(f));
    e->value = floats(n * (size_t)heads_value_outputs(c));
    e->ownership = floats(n * frame_points(f));
    if (!e->scratch || !e->bits || !e->globals || !e->mask || !e->logits || !e->value || !e->ownership)
        return status_fail(STATUS_MEMORY, "net evaluator: not enough memory for batches of %d on %dx%d", e->base.max_batch,
                           e->max_h, e->max_w);
    return STATUS_OK;
}

// Writes empty boards to rows n to rows - 1.
static void encode(struct net_evaluator *e, struct frame f, int rows, int n, const struct position *positions) {
    const size_t words = frame_words(f), globals = (size_t)f.config->num_globals;
    for (int i = 0; i < n; i++)
        CHECK(!frame_encode(f, &positions[e->members[i]], e->scratch, e->bits + (size_t)i * words,
                            e->globals + (size_t)i * globals, e->mask));
    const size_t empty = (size_t)(rows - n);
    memset(e->bits + (size_t)n * words, 0, empty * words * sizeof *e->bits);
    memset(e->globals + (size_t)n * globals, 0, empty * globals * sizeof *e->globals);
}

static void download(struct net_evaluator *e, struct frame f, int n, bool wants_ownership) {
    const struct pass *p = e->pass;
    const struct backend_verbs *v = e->backend->verbs;
    // Only the first of the two policies, that of this move, is fetched.
    v->download(e->backend, e->logits, p->logits, (size_t)n * frame_actions(f));
    v->download(e->backend, e->value, p->value, (size_t)n * (size_t)heads_value_outputs(f.config));
    if (wants_ownership) v->download(e->backend, e->ownership, p->ownership, (size_t)n * frame_points(f));
}

// Runs one pass, over the n members of the batch that are on boards of f.h x f.w.
static void judge_size(struct net_evaluator *e, struct frame f, int n, const struct position *positions,
                       struct judgement *judgements) {
    bool wants_ownership = false;
    for (int i = 0; i < n; i++) wants_ownership |= judgements[e->members[i]].ownership != NULL && f.config->has_ownership;
    // judge can't report a failure, and the reason was written to stderr.
    CHECK(reserve_frame(e, f.h, f.w) == STATUS_OK);
    const int rows = frame_rows(n, e->base.max_batch, e->backend);
    encode(e, f, rows, n, positions);
    pass_input_bits(e->pass, (struct image){rows, f.h, f.w}, e->bits, e->globals, NULL);
    pass_forward(e->pass);
    download(e, f, n, wants_ownership);
    const size_t outputs = (size_t)heads_value_outputs(f.config);
    for (int i = 0; i < n; i++)
        frame_decode(f, &positions[e->members[i]], e->logits + (size_t)i * frame_actions(f), e->value + (size_t)i * outputs,
                     e->ownership + (size_t)i * frame_points(f), &judgements[e->members[i]]);
    e->stats.batches++;
    e->stats.evaluations += n;
}

static bool same_size(const struct position *a, const struct position *b) {
    return a->game->height == b->game->height && a->game->width == b->game->width;
}

static void judge(struct evaluator *base, int n, const struct position *positions, struct judgement *judgements) {
    struct net_evaluator *e = self_of(base);
    CHECK(n >= 0 && n <= base->max_batch);
    for (int first = 0; first < n; first++) {
        int before = 0, members = 0;
        while (!same_size(&positions[before], &positions[first])) before++;
        if (before < first) continue; // it was judged with an earlier one
        for (int i = first; i < n; i++)
            if (same_size(&positions[i], &positions[first])) e->members[members++] = i;
        judge_size(e, (struct frame){positions[first].game->height, positions[first].game->width, &e->net->config}, members,
                   positions, judgements);
    }
}

static void evaluator_free_(struct evaluator *base) {
    struct net_evaluator *e = self_of(base);
    buffers_free(e);
    net_free(e->net);
    free(e->members);
    free(e);
}

enum status net_evaluator_new(struct evaluator **out, const struct net *net, struct backend *backend, int max_batch) {
    *out = NULL;
    CHECK(max_batch >= 1);
    struct net_evaluator *e = memory_new(1, sizeof *e, "a net evaluator");
    e->base = (struct evaluator){.name = "net", .max_batch = max_batch, .judge = judge, .free = evaluator_free_};
    e->backend = backend;
    e->members = memory_raw((size_t)max_batch, sizeof *e->members, "a net evaluator");
    const enum status status = net_copy(&e->net, net);
    if (status) {
        free(e->members);
        free(e);
    } else {
        *out = &e->base;
    }
    return status;
}

enum status net_evaluator_update(struct evaluator *base, const struct net *net) {
    struct net_evaluator *e = self_of(base);
    CHECK(net->num_weights == e->net->num_weights && net->num_tensors == e->net->num_tensors);
    memcpy(e->net->weights, net->weights, net->num_weights * sizeof(float));
    e->net->meta = net->meta;
    if (e->pass) pass_weights(e->pass, net->weights);
    return STATUS_OK;
}

void net_evaluator_stats(const struct evaluator *base, struct net_evaluator_stats *out) {
    *out = ((const struct net_evaluator *)base)->stats;
}

void net_evaluator_trunk(const struct evaluator *base, struct net_evaluator_trunk *out) {
    const struct pass *p = ((const struct net_evaluator *)base)->pass;
    *out = (struct net_evaluator_trunk){0};
    if (p) *out = (struct net_evaluator_trunk){p->fused, p->fused_seconds, p->layered_seconds};
}
