// A pass runs the kinds of its layers in their order, and for gradients in the opposite order. Its
// buffers are taken in two rounds: the first only counts, so that a batch that does not fit is
// refused before anything is taken.
#include "net/pass.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static void own(struct pass *p, void *buffer) {
    if (p->num_owned % 64 == 0) {
        p->owned = memory_resize(p->owned, (size_t)(p->num_owned + 64), sizeof *p->owned, "a pass");
    }
    p->owned[p->num_owned++] = buffer;
}

enum status pass_take(struct pass *p, size_t count, float **out) {
    p->bytes += count * sizeof(float);
    if (p->counting) return STATUS_OK;
    TRY(p->backend->verbs->alloc(p->backend, count ? count : 1, out));
    own(p, *out);
    return STATUS_OK;
}

enum status pass_take_act(struct pass *p, int c, struct act **out) {
    p->bytes += p->backend->verbs->act_bytes(p->backend, p->capacity, c);
    if (p->counting) return STATUS_OK;
    TRY(p->backend->verbs->alloc_act(p->backend, p->capacity, c, out));
    own(p, *out);
    return STATUS_OK;
}

// Copies the net's list of layers and gives them their buffers.
static void copy_layers(struct pass *p, const struct net *net) {
    p->num_layers = net->num_layers;
    p->layers = memory_raw((size_t)p->num_layers, sizeof *p->layers, "a pass");
    memcpy(p->layers, net->layers, (size_t)p->num_layers * sizeof *p->layers);
    while (p->num_trunk < p->num_layers && !layers_is_head(&p->layers[p->num_trunk])) p->num_trunk++;
    p->t = memory_new((size_t)p->num_trunk, sizeof(struct act *), "a pass");
    for (int i = 0; i < p->num_layers; i++) {
        struct layer *l = &p->layers[i];
        l->adds = i > p->num_trunk;
        if (l->kind->buffers_bytes) l->buffers = memory_new(1, l->kind->buffers_bytes, "a pass");
    }
}

static const struct layer *first_of_kind(const struct pass *p, int i) {
    for (int k = 0; k < i; k++)
        if (p->layers[k].kind == p->layers[i].kind) return &p->layers[k];
    return NULL;
}

static enum status take_layers(struct pass *p) {
    for (int i = 0; i < p->num_layers; i++) {
        struct layer *l = &p->layers[i];
        const struct layer *first = p->training ? NULL : first_of_kind(p, i);
        if (i < p->num_trunk) {
            if (i && !p->training) // layers work in place
                p->t[i] = p->t[0];
            else
                TRY(pass_take_act(p, p->config.channels, &p->t[i]));
            l->y = p->t[i];
        }
        l->x = i == 0 ? p->planes : p->t[i < p->num_trunk ? i - 1 : p->num_trunk - 1];
        if (!first)
            TRY(l->kind->take(p, l));
        else if (l->kind->buffers_bytes)
            memcpy(l->buffers, first->buffers, l->kind->buffers_bytes);
    }
    return STATUS_OK;
}

static size_t widest(const struct pass *p) {
    const int c = p->config.channels, head = p->config.head_channels;
    return (size_t)(c > head ? c : head);
}

static enum status take_training(struct pass *p) {
    const size_t n = (size_t)p->capacity.n;
    TRY(pass_take(p, p->num_weights, &p->gradient));
    TRY(pass_take_act(p, p->config.channels, &p->dt));
    TRY(pass_take_act(p, p->config.channels, &p->dy));
    TRY(pass_take_act(p, p->config.channels, &p->dx));
    TRY(pass_take(p, n * 3 * widest(p), &p->dpooled));
    TRY(pass_take(p, n * widest(p), &p->dbias));
    return losses_take(p);
}

static enum status take_all(struct pass *p, struct image capacity) {
    p->bytes = 0;
    p->capacity = capacity;
    TRY(pass_take(p, p->num_weights, &p->weights));
    TRY(pass_take_act(p, p->config.num_planes, &p->planes));
    TRY(pass_take(p, (size_t)capacity.n * (size_t)p->config.num_globals, &p->globals));
    TRY(pass_take(p, image_points(capacity), &p->mask));
    TRY(pass_take(p, (size_t)capacity.n, &p->area));
    TRY(pass_take(p, (size_t)capacity.n * widest(p), &p->bias));
    TRY(take_layers(p));
    return p->training ? take_training(p) : STATUS_OK;
}

// What a backend takes beside that: packed weights, work memory and the libraries' scratch. Chosen,
// not tuned.
static size_t with_reserve(size_t bytes) { return bytes + bytes / 4 + (32u << 20); }

// Refuses a batch that does not fit before taking any memory for it, and says how many boards would
// fit.
static enum status check_fits(struct pass *p, struct image max) {
    const size_t left = p->backend->verbs->memory_left(p->backend);
    if (left == SIZE_MAX) return STATUS_OK;
    struct image one = max;
    one.n = 1;
    p->counting = true;
    TRY(take_all(p, one));
    const size_t single = p->bytes;
    one.n = 2;
    TRY(take_all(p, one));
    const size_t each = p->bytes - single, fixed = single - each;
    TRY(take_all(p, max));
    p->counting = false;
    if (with_reserve(p->bytes) <= left) return STATUS_OK;
    const double mega = 1e6;
    const long fits = left > with_reserve(fixed) ? (long)((left - with_reserve(fixed)) / (each + each / 4 + 1)) : 0;
    if (fits == 0)
        return status_fail(
            STATUS_MEMORY, "net: %s needs %.0f MB of device memory even for one %dx%d board, and %.0f MB are left",
            p->training ? "training" : "playing", (double)with_reserve(single) / mega, max.h, max.w, (double)left / mega);
    return status_fail(
        STATUS_MEMORY,
        "net: %s a batch of %d boards of %dx%d needs %.0f MB of device memory and %.0f MB are left: %ld would fit",
        p->training ? "training on" : "judging", max.n, max.h, max.w, (double)with_reserve(p->bytes) / mega,
        (double)left / mega, fits);
}

static bool is_full(const struct pass *p) {
    return p->shape.n == p->max_n && p->shape.h == p->max_h && p->shape.w == p->max_w && !p->masked;
}

void pass_trunk(struct pass *p) {
    if (p->can_fuse && (p->fused || !is_full(p)) && p->architecture->run_fused(p, p->fused_trunk)) return;
    for (int i = 0; i < p->num_trunk; i++) p->layers[i].kind->forward(p, &p->layers[i]);
}

enum { TUNE_RUNS = 5 }; // whose median counts; chosen, not tuned

static double median_seconds(struct pass *p, bool fused) {
    const struct backend_verbs *v = p->backend->verbs;
    double runs[TUNE_RUNS];
    p->fused = fused;
    pass_trunk(p); // makes plans and packs weights
    for (int i = 0; i < TUNE_RUNS; i++) {
        v->timer_start(p->backend);
        pass_trunk(p);
        const double seconds = v->timer_stop(p->backend);
        int at = i;
        for (; at > 0 && runs[at - 1] > seconds; at--) runs[at] = runs[at - 1];
        runs[at] = seconds;
    }
    return runs[TUNE_RUNS / 2];
}

// Chooses between one launch and layer by layer, as the backend was opened to choose. Where it is
// to be measured and the backend has a clock, both are tried on a full batch of scattered bits. The
// cpu backend has no clock, as its chunks are never slower by more than noise.
static void choose_trunk(struct pass *p) {
    const struct backend_verbs *v = p->backend->verbs;
    if (p->training || !p->fused_trunk) return;
    const struct image s = p->shape = (struct image){p->max_n, p->max_h, p->max_w};
    const size_t words = image_points(s) * (size_t)((p->config.num_planes + 31) / 32);
    for (size_t i = 0; i < words; i++)
        // Bits without a pattern.
        p->bits[i] = (uint32_t)(i * 2654435761u) & (uint32_t)(i * 40503u >> 3);
    for (int i = 0; i < s.n; i++) p->host[i] = (float)(s.h * s.w);
    v->upload_planes(p->backend, s, p->config.num_planes, p->planes, p->bits);
    v->upload(p->backend, p->area, p->host, (size_t)s.n);
    p->can_fuse = p->architecture->run_fused(p, p->fused_trunk);
    p->fused = p->can_fuse && p->backend->trunk != TRUNK_LAYERED;
    if (!p->can_fuse || p->backend->trunk != TRUNK_MEASURED || !v->timer_start) return;
    p->layered_seconds = median_seconds(p, false);
    p->fused_seconds = median_seconds(p, true);
    p->fused = p->fused_seconds < p->layered_seconds;
}

enum status pass_new(struct pass **out, const struct net *net, struct backend *backend, bool training, int max_n, int max_h,
                     int max_w) {
    *out = NULL;
    struct pass *p = memory_new(1, sizeof *p, "a pass");
    enum status status = STATUS_MEMORY;
    const struct net_config *c = &net->config;
    const struct image max = {max_n, max_h, max_w};
    const size_t points = (size_t)max_h * (size_t)max_w;
    const size_t actions = points * (size_t)c->policy_planes + (size_t)c->num_global_actions;
    p->backend = backend;
    p->config = *c;
    p->architecture = layers_architecture(c);
    p->num_weights = net->num_weights;
    p->training = training;
    p->max_n = max_n, p->max_h = max_h, p->max_w = max_w;
    p->host = calloc((size_t)max_n * (actions > NUM_LOSSES ? actions : NUM_LOSSES), sizeof *p->host);
    p->bits = calloc(image_points(max) * (size_t)((c->num_planes + 31) / 32), sizeof *p->bits);
    if (!p->host || !p->bits) {
        status_fail(STATUS_MEMORY, "net: not enough memory for batches of %d on %dx%d", max_n, max_h, max_w);
        goto out;
    }
    copy_layers(p, net);
    if ((status = check_fits(p, max))) goto out;
    if ((status = take_all(p, max))) goto out;
    if (!training && p->architecture->fuse && (status = p->architecture->fuse(p, &p->fused_trunk))) goto out;
    pass_weights(p, net->weights);
    choose_trunk(p);
out:
    if (status)
        pass_free(p);
    else
        *out = p;
    return status;
}

struct pass_graph {
    struct image shape;
    bool masked;
    struct device_graph *graph; // NULL where the verbs are called one by one
    bool is_refused;            // the capture was tried and failed, and is not tried again
};

static void graphs_free(struct pass *p) {
    for (int i = 0; i < p->num_graphs; i++)
        if (p->graphs[i].graph) p->backend->verbs->graph_free(p->backend, p->graphs[i].graph);
    free(p->graphs);
}

void pass_free(struct pass *p) {
    if (!p) return;
    graphs_free(p);
    for (int i = 0; i < p->num_owned; i++) p->backend->verbs->release(p->backend, p->owned[i]);
    free(p->owned);
    free(p->t);
    for (int i = 0; p->layers && i < p->num_layers; i++) free(p->layers[i].buffers);
    free(p->layers);
    free(p->fused_trunk);
    free(p->host);
    free(p->bits);
    free(p);
}

void pass_weights(struct pass *p, const float *weights) {
    p->backend->verbs->upload(p->backend, p->weights, weights, p->num_weights);
    p->backend->verbs->weights_changed(p->backend);
}

void planes_pack(size_t rows, int num_planes, const float *planes, uint32_t *bits) {
    const int words = (num_planes + 31) / 32;
    for (size_t r = 0; r < rows; r++)
        for (int w = 0; w < words; w++) {
            const int first = 32 * w, num = num_planes - first < 32 ? num_planes - first : 32;
            const float *x = planes + r * (size_t)num_planes + first;
            uint32_t word = 0;
            for (int k = 0; k < num; k++) word |= (uint32_t)(x[k] != 0) << k;
            bits[r * (size_t)words + (size_t)w] = word;
        }
}

void pass_input(struct pass *p, struct image s, const float *planes, const float *globals, const float *mask) {
    CHECK(s.n >= 1 && s.n <= p->max_n && s.h <= p->max_h && s.w <= p->max_w);
    planes_pack(image_points(s), p->config.num_planes, planes, p->bits);
    pass_input_bits(p, s, p->bits, globals, mask);
}

void pass_input_bits(struct pass *p, struct image s, const uint32_t *bits, const float *globals, const float *mask) {
    CHECK(s.n >= 1 && s.n <= p->max_n && s.h <= p->max_h && s.w <= p->max_w);
    const struct backend_verbs *v = p->backend->verbs;
    const size_t points = (size_t)s.h * (size_t)s.w;
    p->shape = s;
    p->masked = mask != NULL;
    p->actions = (int)points * p->config.policy_planes + p->config.num_global_actions;
    v->upload_planes(p->backend, s, p->config.num_planes, p->planes, bits);
    v->upload(p->backend, p->globals, globals, (size_t)s.n * (size_t)p->config.num_globals);
    if (mask) v->upload(p->backend, p->mask, mask, image_points(s));
    for (int n = 0; n < s.n; n++) {
        double area = mask ? 0 : (double)points;
        for (size_t i = 0; mask && i < points; i++) area += mask[(size_t)n * points + i];
        // An empty row of a padded batch must not cause a division by zero.
        p->host[n] = area > 0 ? (float)area : 1;
    }
    v->upload(p->backend, p->area, p->host, (size_t)s.n);
}

static void forward(struct pass *p) {
    pass_trunk(p);
    for (int i = p->num_trunk; i < p->num_layers; i++) p->layers[i].kind->forward(p, &p->layers[i]);
}

static struct pass_graph *graph_of(struct pass *p) {
    for (int i = 0; i < p->num_graphs; i++) {
        struct pass_graph *r = &p->graphs[i];
        if (r->shape.n == p->shape.n && r->shape.h == p->shape.h && r->shape.w == p->shape.w && r->masked == p->masked)
            return r;
    }
    return NULL;
}

// The first pass of a shape calls the verbs one by one, which makes plans, packs weights and takes
// scratch. The second is captured, and from then on a pass is the launch of a graph.
void pass_forward(struct pass *p) {
    const struct backend_verbs *v = p->backend->verbs;
    if (p->training || !v->capture_begin) {
        forward(p);
        return;
    }
    struct pass_graph *r = graph_of(p);
    if (!r) {
        p->graphs = memory_resize(p->graphs, (size_t)(p->num_graphs + 1), sizeof *p->graphs, "captured passes");
        p->graphs[p->num_graphs++] = (struct pass_graph){.shape = p->shape, .masked = p->masked};
        forward(p);
        return;
    }
    if (!r->graph && !r->is_refused && v->capture_begin(p->backend)) {
        forward(p);
        r->graph = v->capture_end(p->backend);
        r->is_refused = !r->graph;
    }
    if (r->graph)
        v->graph_launch(p->backend, r->graph);
    else
        forward(p);
}

void pass_backward(struct pass *p) {
    CHECK(p->training);
    for (int i = p->num_trunk; i < p->num_layers; i++) p->layers[i].kind->backward(p, &p->layers[i]);
    for (int i = p->num_trunk - 1; i >= 0; i--) p->layers[i].kind->backward(p, &p->layers[i]);
}
