// Encodes positions into a frame, runs the forward pass, decodes the heads (frame.h).
//
// Boards of each size make a pass of their own, in a frame of that size: nothing is masked, and what a position is judged does not depend
// on which others it shares a batch with. The number of rows is rounded up where each shape costs the backend something; the extra
// rows are empty boards.
#include "net/net_evaluator.h"

#include "net/frame.h"
#include "net/heads.h"
#include "net/pass.h"

#include <stdlib.h>
#include <string.h>

struct net_evaluator {
    struct evaluator base;
    struct backend *backend; // borrowed
    struct net *net;         // config, for pass_new when the frame grows
    struct pass *pass;
    int max_h, max_w;                  // of the pass
    float *scratch;                    // one row of planes
    uint32_t *bits;                    // [max_batch, h, w, words]
    float *globals;                    // as pass_input_bits takes them
    float *mask;                       // one row, all ones
    int *members;                      // [max_batch]: positions of the pass
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

// Buffers for frames up to h x w; grows at most a few times in a life.
static enum status frame_room(struct net_evaluator *e, int h, int w) {
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

// Rows [n, rows) are empty boards.
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
    v->download(e->backend, e->logits, p->logits, (size_t)n * frame_actions(f)); // the first head: this move
    v->download(e->backend, e->value, p->value, (size_t)n * (size_t)heads_value_outputs(f.config));
    if (wants_ownership) v->download(e->backend, e->ownership, p->ownership, (size_t)n * frame_points(f));
}

// One pass: the n members of the batch, all on boards of f.h x f.w.
static void judge_size(struct net_evaluator *e, struct frame f, int n, const struct position *positions,
                       struct judgement *judgements) {
    bool wants_ownership = false;
    for (int i = 0; i < n; i++) wants_ownership |= judgements[e->members[i]].ownership != NULL && f.config->has_ownership;
    CHECK(frame_room(e, f.h, f.w) == STATUS_OK); // judge has no way to fail; the line is on stderr by then
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
        if (before < first) continue; // judged with an earlier one
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
    struct net_evaluator *e = calloc(1, sizeof *e);
    if (!e) return status_fail(STATUS_MEMORY, "net evaluator: out of memory");
    e->base = (struct evaluator){.name = "net", .max_batch = max_batch, .judge = judge, .free = evaluator_free_};
    e->backend = backend;
    e->members = malloc((size_t)max_batch * sizeof *e->members);
    const enum status status = e->members ? net_copy(&e->net, net) : status_fail(STATUS_MEMORY, "net evaluator: out of memory");
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
