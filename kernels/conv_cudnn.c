// conv.h on a card: for each direction, shape and epilogue one cuDNN plan is found at its first use
// and kept.
//
// What cuDNN fuses depends on the card and the precision. Halves on tensor cores take the whole
// epilogue (conv_graph.c) in one launch; F32 without tensor cores takes all of it but the mask; an
// old card may take nothing. So a forward convolution tries three ways in turn:
//
//   1. everything fused
//   2. all but the mask fused, then bias_relu_mask
//   3. the convolution alone, then add_image and bias_relu_mask
//
// The third way rounds the sum of the products to the images' element before the epilogue; the
// others do not.
//
// cuDNN's heuristics order plans well, but not always. So at the first use the best
// few are timed on the card, and the fastest is kept. They run on the caller's data, with an output
// in memory of its own, since y may be the residual and they run many times.
//
// Invariants
// 1. A key is searched for once, whether that finds a plan or not. From then on nothing is
//    allocated, neither on the host nor on the card.
// 2. Nothing is searched for during a capture, since plans compile and allocate. The caller runs
//    the same work once before.
// 3. Scratch is laid out as [workspace | intermediate image], and each call asks for it once.
#include "kernels/conv.h"
#include "kernels/conv_graph.h"
#include "kernels/pointwise.h"

#include <cudnn_graph.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    MAX_CANDIDATES = 4, // plans that are timed; chosen, not tuned
    // How many of them may be compiled on the spot, which takes a second or two each on one core; a
    // net has several shapes.
    MAX_COMPILED = 1,
    TIMED_RUNS = 3, // after one run that is not timed; chosen, not tuned
    MAX_TENSORS = 6,
};
static const size_t WORKSPACE_LIMIT = (size_t)256 << 20; // bytes; chosen, not tuned
// Plans that need more bytes than WORKSPACE_LIMIT are taken only where there is no smaller one.
static const size_t WORKSPACE_LAST = (size_t)4 << 30;

struct chosen {
    struct conv_plan plan; // plan.plan is NULL where there is none
    double seconds;        // of TIMED_RUNS runs; 0 where it was not timed
};

struct entry {
    struct conv_key key;
    struct chosen chosen;
    char why[DEVICE_TEXT];
};

struct conv_plans {
    struct device *device;
    cudnnHandle_t handle;
    struct entry *entries;
    int num, capacity;
};

struct tensors { // what a graph reads and writes
    int64_t ids[MAX_TENSORS];
    void *addresses[MAX_TENSORS];
    int num;
};

bool conv_plans_new(struct conv_plans **out, struct device *device, char why[DEVICE_TEXT]) {
    *out = NULL;
    struct conv_plans *plans = calloc(1, sizeof(*plans));
    if (!plans) {
        snprintf(why, DEVICE_TEXT, "out of memory");
        return false;
    }
    plans->device = device;
    // This call also makes the card current for this thread.
    const cudaStream_t stream = (cudaStream_t)device_stream(device);
    cudnnStatus_t status = cudnnCreate(&plans->handle);
    if (status == CUDNN_STATUS_SUCCESS) status = cudnnSetStream(plans->handle, stream);
    if (status == CUDNN_STATUS_SUCCESS) {
        *out = plans;
        return true;
    }
    snprintf(why, DEVICE_TEXT, "cuDNN can't be used: %s", cudnnGetErrorString(status));
    conv_plans_free(plans);
    return false;
}

void conv_plans_free(struct conv_plans *plans) {
    if (!plans) return;
    device_wait(plans->device);
    for (int i = 0; i < plans->num; i++) conv_plan_free(&plans->entries[i].chosen.plan);
    if (plans->handle) cudnnDestroy(plans->handle);
    free(plans->entries);
    free(plans);
}

static bool same(const struct conv_key *a, const struct conv_key *b) {
    const struct conv_shape *s = &a->shape, *t = &b->shape;
    return a->direction == b->direction && s->n == t->n && s->h == t->h && s->w == t->w && padded(s->in) == padded(t->in) &&
           padded(s->out) == padded(t->out) && s->element == t->element && a->bias == b->bias && a->residual == b->residual &&
           a->relu == b->relu && a->mask == b->mask && a->filter_f32 == b->filter_f32;
}

static void add(struct tensors *t, int64_t id, const void *address) {
    t->ids[t->num] = id;
    // cuDNN's interface does not tell apart what it reads and what it writes.
    t->addresses[t->num++] = (void *)(uintptr_t)address;
}

static bool aligned(const struct tensors *t, char why[DEVICE_TEXT]) {
    for (int i = 0; i < t->num; i++) {
        const uintptr_t unit = t->ids[i] == CONV_MASK ? CONV_MASK_ALIGNMENT : CONV_ALIGNMENT;
        if ((uintptr_t)t->addresses[i] % unit == 0) continue;
        snprintf(why, DEVICE_TEXT, "convolution: tensor %d is not aligned to %d bytes", (int)t->ids[i], (int)unit);
        return false;
    }
    return true;
}

static size_t image_bytes(const struct conv_shape *s, int channels) {
    return (size_t)s->n * (size_t)s->h * (size_t)s->w * (size_t)padded(channels) * element_bytes(s->element);
}

static size_t output_bytes(const struct conv_key *key) {
    const struct conv_shape *s = &key->shape;
    if (key->direction == CONV_FORWARD) return image_bytes(s, s->out);
    if (key->direction == CONV_BACKWARD_DATA) return image_bytes(s, s->in);
    return (size_t)padded(s->out) * 9 * (size_t)padded(s->in) * (key->filter_f32 ? 4 : element_bytes(s->element));
}

static int64_t output_id(enum conv_direction direction) {
    return direction == CONV_FORWARD ? CONV_Y : direction == CONV_BACKWARD_DATA ? CONV_X : CONV_FILTER;
}

static bool is_capturing(struct device *device) {
    enum cudaStreamCaptureStatus status = cudaStreamCaptureStatusNone;
    return cudaStreamIsCapturing((cudaStream_t)device_stream(device), &status) == cudaSuccess &&
           status != cudaStreamCaptureStatusNone;
}

// The seconds that TIMED_RUNS runs into `output` take; negative where the plan does not run.
static double time_of(struct conv_plans *plans, const struct conv_plan *plan, struct tensors t, int64_t output_is, void *output,
                      void *workspace) {
    if (!workspace && plan->workspace_bytes) return -1;
    for (int i = 0; i < t.num; i++)
        if (t.ids[i] == output_is) t.addresses[i] = output;
    for (int i = 0; i <= TIMED_RUNS; i++) {
        if (i == 1) device_timer_start(plans->device);
        if (conv_plan_run(plans->handle, plan, t.num, t.ids, t.addresses, workspace) != CUDNN_STATUS_SUCCESS) return -1;
    }
    return device_timer_stop(plans->device);
}

// Keeps the fastest of the candidates and frees the others. Returns false where none of them runs.
static bool choose(struct conv_plans *plans, const struct conv_key *key, struct conv_plan *candidates, int num,
                   const struct tensors *t, struct chosen *out) {
    // This memory is not scratch, which is never given back: only what the chosen plan needs is to
    // stay.
    size_t most = 0;
    for (int i = 0; i < num; i++)
        if (candidates[i].workspace_bytes > most) most = candidates[i].workspace_bytes;
    void *output = device_alloc(plans->device, output_bytes(key)), *workspace = most ? device_alloc(plans->device, most) : NULL;
    int best = -1;
    double best_seconds = 0;
    for (int i = 0; i < num && output; i++) {
        const double seconds = time_of(plans, &candidates[i], *t, output_id(key->direction), output, workspace);
        if (seconds < 0 || (best >= 0 && seconds >= best_seconds)) continue;
        best = i;
        best_seconds = seconds;
    }
    if (!output) best = 0; // Without memory to try them, the heuristics' first one is taken.
    device_free(plans->device, output);
    device_free(plans->device, workspace);
    for (int i = 0; i < num; i++)
        if (i != best) conv_plan_free(&candidates[i]);
    if (best < 0) return false;
    *out = (struct chosen){candidates[best], best_seconds};
    return true;
}

// Searches for a plan and adds an entry for `key`. NULL means that memory ran out.
static const struct entry *search(struct conv_plans *plans, const struct conv_key *key, const struct tensors *t) {
    if (plans->num == plans->capacity) {
        const int capacity = plans->capacity ? 2 * plans->capacity : 16;
        struct entry *entries = realloc(plans->entries, (size_t)capacity * sizeof(*entries));
        if (!entries) return NULL;
        plans->entries = entries;
        plans->capacity = capacity;
    }
    struct entry *const entry = &plans->entries[plans->num++];
    *entry = (struct entry){.key = *key};
    const struct conv_site site = {.handle = plans->handle};
    struct conv_plan candidates[MAX_CANDIDATES] = {{0}};
    int num = conv_find_plans(&site, key, WORKSPACE_LIMIT, MAX_CANDIDATES, MAX_COMPILED, candidates, entry->why);
    if (!num) num = conv_find_plans(&site, key, WORKSPACE_LAST, 1, 1, candidates, entry->why);
    if (num && !choose(plans, key, candidates, num, t, &entry->chosen))
        snprintf(entry->why, DEVICE_TEXT, "cuDNN: none of %d plans for this convolution runs", num);
    return entry;
}

// Finds the plan for `key`. Where there is none, it returns false and `why` says the reason.
static bool plan_of(struct conv_plans *plans, const struct conv_key *key, const struct tensors *t, struct chosen *out,
                    char why[DEVICE_TEXT]) {
    const struct entry *entry = NULL;
    for (int i = 0; i < plans->num && !entry; i++)
        if (same(&plans->entries[i].key, key)) entry = &plans->entries[i];
    if (!entry && is_capturing(plans->device)) {
        snprintf(why, DEVICE_TEXT, "this convolution was not run before it was captured");
        return false;
    }
    if (!entry) entry = search(plans, key, t);
    if (entry) *out = entry->chosen;
    if (entry && out->plan.plan) return true;
    snprintf(why, DEVICE_TEXT, "%s", entry ? entry->why : "out of memory");
    return false;
}

static bool run(struct conv_plans *plans, const struct conv_plan *plan, const struct tensors *t, void *workspace,
                char why[DEVICE_TEXT]) {
    // This makes the card current, since the caller may be a thread that never used it.
    (void)device_stream(plans->device);
    const int status = conv_plan_run(plans->handle, plan, t->num, t->ids, t->addresses, workspace);
    if (status == CUDNN_STATUS_SUCCESS) return true;
    snprintf(why, DEVICE_TEXT, "cuDNN: engine %d: %s", (int)plan->engine, conv_status_text(status));
    return false;
}

static size_t rounded(size_t bytes) { return (bytes + 255) / 256 * 256; } // as cudaMalloc aligns

// Scratch for the plan's workspace and, behind it, `more` bytes at *extra. Where it returns false,
// `why` says the reason.
static bool scratch(struct conv_plans *plans, const struct conv_plan *plan, size_t more, void **workspace, void **extra,
                    char why[DEVICE_TEXT]) {
    const size_t first = rounded(plan->workspace_bytes);
    unsigned char *memory = device_scratch(plans->device, first + more);
    if (!memory && first + more) {
        snprintf(why, DEVICE_TEXT, "out of device memory: %zu bytes of workspace for a convolution", first + more);
        return false;
    }
    *workspace = memory;
    *extra = more ? memory + first : NULL;
    return true;
}

// The third way: the convolution alone, and its epilogue by our kernels.
static bool forward_unfused(struct conv_plans *plans, const struct conv_shape *s, const void *x, const void *filter,
                            const float *bias, const void *residual, bool relu, const float *mask, void *y,
                            char why[DEVICE_TEXT]) {
    const struct conv_key key = {.direction = CONV_FORWARD, .shape = *s};
    const size_t bytes = image_bytes(s, s->out), rows = (size_t)s->n * (size_t)s->h * (size_t)s->w;
    struct device *const device = plans->device;
    void *workspace, *products = y;
    struct tensors t = {.num = 0};
    add(&t, CONV_X, x);
    add(&t, CONV_FILTER, filter);
    add(&t, CONV_Y, y);
    if (!aligned(&t, why)) return false;
    struct chosen chosen;
    void *extra;
    if (!plan_of(plans, &key, &t, &chosen, why)) return false;
    if (!scratch(plans, &chosen.plan, residual ? bytes : 0, &workspace, &extra, why)) return false;
    // The products go elsewhere, since y may be the residual.
    if (residual) products = t.addresses[2] = extra;
    if (!run(plans, &chosen.plan, &t, workspace, why)) return false;
    if (residual) {
        if (residual != y) device_copy(device, y, residual, bytes);
        add_image(device, s->element, rows * (size_t)padded(s->out), products, y);
    }
    if (bias || relu || mask) bias_relu_mask(device, s->element, rows, s->out, bias, relu, mask, y);
    return true;
}

bool conv_forward(struct conv_plans *plans, const struct conv_shape *shape, const void *x, const void *filter,
                  const float *bias, const void *residual, bool relu, const float *mask, void *y, char why[DEVICE_TEXT]) {
    struct conv_key key = {CONV_FORWARD, *shape, bias != NULL, residual != NULL, relu, mask != NULL, false};
    // On F32 fusing the mask is not worth a try: cuDNN 9.19 compiles for ten seconds and then
    // offers a single slow engine.
    for (int fuse_mask = mask && shape->element != ELEMENT_F32; fuse_mask >= 0; fuse_mask--) {
        struct tensors t = {.num = 0};
        add(&t, CONV_X, x);
        add(&t, CONV_FILTER, filter);
        add(&t, CONV_Y, y);
        if (bias) add(&t, CONV_BIAS, bias);
        if (residual) add(&t, CONV_RESIDUAL, residual);
        if (fuse_mask) add(&t, CONV_MASK, mask);
        if (!aligned(&t, why)) return false;
        key.mask = fuse_mask;
        struct chosen chosen;
        if (!plan_of(plans, &key, &t, &chosen, why)) continue;
        void *workspace, *none;
        if (!scratch(plans, &chosen.plan, 0, &workspace, &none, why)) return false;
        if (!run(plans, &chosen.plan, &t, workspace, why)) return false;
        if (mask && !fuse_mask)
            bias_relu_mask(plans->device, shape->element, (size_t)shape->n * (size_t)shape->h * (size_t)shape->w, shape->out,
                           NULL, false, mask, y);
        return true;
    }
    return forward_unfused(plans, shape, x, filter, bias, residual, relu, mask, y, why);
}

bool conv_backward_data(struct conv_plans *plans, const struct conv_shape *shape, const void *dy, const void *filter, void *dx,
                        char why[DEVICE_TEXT]) {
    const struct conv_key key = {.direction = CONV_BACKWARD_DATA, .shape = *shape};
    struct tensors t = {.num = 0};
    add(&t, CONV_Y, dy);
    add(&t, CONV_FILTER, filter);
    add(&t, CONV_X, dx);
    if (!aligned(&t, why)) return false;
    struct chosen chosen;
    void *workspace, *none;
    return plan_of(plans, &key, &t, &chosen, why) && scratch(plans, &chosen.plan, 0, &workspace, &none, why) &&
           run(plans, &chosen.plan, &t, workspace, why);
}

// On halves cuDNN has two kinds of kernels. The ready-made ones sum in fp32 but write the sums as
// halves. Those that write fp32 are compiled, and may not split the long sum over the batch among
// enough processors. Both kinds are timed, and the exact one is kept unless it costs too much.
bool conv_backward_filter(struct conv_plans *plans, const struct conv_shape *shape, const void *x, const void *dy,
                          float *dfilter, char why[DEVICE_TEXT]) {
    // How many times the seconds of the rounding kind the exact one may take. Chosen, not tuned.
    static const double WORTH = 1.25;
    struct conv_key key = {.direction = CONV_BACKWARD_FILTER, .shape = *shape, .filter_f32 = true};
    struct chosen exact = {{0}, 0}, rounding = {{0}, 0};
    void *workspace, *halves;
    struct tensors t = {.num = 0};
    add(&t, CONV_X, x);
    add(&t, CONV_Y, dy);
    add(&t, CONV_FILTER, dfilter);
    if (!aligned(&t, why)) return false;
    bool use_exact = plan_of(plans, &key, &t, &exact, why);
    if (shape->element != ELEMENT_F32) {
        key.filter_f32 = false;
        const bool either = plan_of(plans, &key, &t, &rounding, why);
        if (use_exact && either) use_exact = exact.seconds <= WORTH * rounding.seconds;
        if (!use_exact && !either) return false;
    }
    if (use_exact)
        return scratch(plans, &exact.plan, 0, &workspace, &halves, why) && run(plans, &exact.plan, &t, workspace, why);
    if (!rounding.plan.plan || !scratch(plans, &rounding.plan, output_bytes(&key), &workspace, &halves, why)) return false;
    t.addresses[2] = halves;
    if (!run(plans, &rounding.plan, &t, workspace, why)) return false;
    image_to_rows(plans->device, shape->element, (size_t)padded(shape->out) * 9, padded(shape->in), halves, dfilter);
    return true;
}
