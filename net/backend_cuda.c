// The CUDA backend: every verb calls the plain C launchers of kernels/. It includes no CUDA header,
// so that tests run this same file over kernels that are emulated on the host.
//
// Activations are padded images of the backend's element (kernels/element.h), and everything else
// is fp32. The libraries and the tower need the weights in layouts and precisions of their own:
//
//   kind, address of the master weights, shape  -->  packed copy on the device
//
// A packed copy is made again when it is stale.
//
// Invariants
// 1. A packed copy keeps its address as long as its weights live, so that captured graphs stay
//    valid while the weights change.
// 2. Nothing is packed or allocated during a capture: capture_begin refreshes what is stale, and
//    captured verbs have run before.
// 3. Work buffers are only replaced by larger ones, and the old ones stay until the end, since a
//    captured graph may still use them.
// 4. All memory that was taken is in `taken` with its size, and counted in the budget.
#include "net/backend_cuda.h"

#include "base/memory.h"
#include "kernels/conv.h"
#include "kernels/dense.h"
#include "kernels/device.h"
#include "kernels/element.h"
#include "kernels/losses.h"
#include "kernels/optimiser.h"
#include "kernels/pointwise.h"
#include "kernels/pooling.h"
#include "kernels/tower.h"
#include "net/collective.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum pack_kind { PACK_FILTER, PACK_MATRIX, PACK_BIAS, PACK_TOWER };

struct pack {
    enum pack_kind kind;
    const float *master; // for a tower, the weights of its stem
    int in, out;
    void *packed;
    bool stale;
    struct tower_shape shape; // for PACK_TOWER, as the next
    struct tower_master tower;
};

struct memory {
    void *data;
    size_t bytes;
};

enum { WORK_A, WORK_B, NUM_WORK };

struct cuda_backend {
    struct backend base;
    struct device *device;
    enum element element;
    struct conv_plans *convs;
    struct dense_plans *denses;
    struct memory_budget *budget; // borrowed; may be NULL
    struct memory *taken;
    int num_taken, max_taken;
    struct pack *packs;
    int num_packs, max_packs;
    struct memory work[NUM_WORK];
    double *sum; // the result of square_norm, on the device
};

static struct cuda_backend *cuda_of(struct backend *b) { return (struct cuda_backend *)b; }

struct device *backend_cuda_device(struct backend *b) {
    return cuda_of(b)->device;
}

// Verbs can't fail, so what a library refuses here is an error of this program or of the card.
static void must(bool done, const char *what, const char *why) {
    if (done) return;
    fprintf(stderr, "tengen: cuda: %s: %s\n", what, why);
    fflush(NULL);
    // Not exit: its handlers would take the card away from other threads that wait for it.
    _exit(1);
}

// --- Memory.

static bool reserve(struct memory_budget *budget, size_t bytes) {
    if (!budget) return true;
    const size_t before = atomic_fetch_add(&budget->used, bytes);
    if (budget->bytes == 0 || before + bytes <= budget->bytes) return true;
    atomic_fetch_sub(&budget->used, bytes);
    return false;
}

static size_t memory_left(struct backend *b) {
    struct cuda_backend *cuda = cuda_of(b);
    size_t left = device_free_bytes(cuda->device);
    if (cuda->budget && cuda->budget->bytes) {
        const size_t used = atomic_load(&cuda->budget->used);
        const size_t allowed = cuda->budget->bytes > used ? cuda->budget->bytes - used : 0;
        if (allowed < left) left = allowed;
    }
    return left;
}

static enum status take(struct cuda_backend *cuda, size_t bytes, void **out) {
    *out = NULL;
    if (cuda->num_taken == cuda->max_taken) {
        const int max = cuda->max_taken ? 2 * cuda->max_taken : 64;
        cuda->taken = memory_resize(cuda->taken, (size_t)max, sizeof *cuda->taken, "the memory of a card");
        cuda->max_taken = max;
    }
    const bool allowed = reserve(cuda->budget, bytes);
    void *data = allowed ? device_alloc(cuda->device, bytes) : NULL;
    if (!data) {
        if (allowed && cuda->budget) atomic_fetch_sub(&cuda->budget->used, bytes);
        return status_fail(STATUS_MEMORY, "cuda: card %d has no %.1f MB left (%.1f MB of %s are free)",
                           device_index(cuda->device), (double)bytes / 1e6, (double)memory_left(&cuda->base) / 1e6,
                           allowed ? "its memory" : "the budget (--vram)");
    }
    cuda->taken[cuda->num_taken++] = (struct memory){data, bytes};
    *out = data;
    return STATUS_OK;
}

static enum status alloc_(struct backend *b, size_t count, float **out) {
    void *data;
    const enum status status = take(cuda_of(b), (count ? count : 1) * sizeof(float), &data);
    *out = data;
    return status;
}

static size_t act_bytes(struct backend *b, struct image s, int c) {
    return image_points(s) * (size_t)padded(c) * element_bytes(cuda_of(b)->element);
}

static enum status alloc_act(struct backend *b, struct image s, int c, struct act **out) {
    void *data;
    const enum status status = take(cuda_of(b), act_bytes(b, s, c), &data);
    *out = data;
    return status;
}

static struct memory forget(struct cuda_backend *cuda, void *data) {
    for (int i = 0; i < cuda->num_taken; i++) {
        if (cuda->taken[i].data != data) continue;
        const struct memory found = cuda->taken[i];
        cuda->taken[i] = cuda->taken[--cuda->num_taken];
        device_free(cuda->device, data);
        if (cuda->budget) atomic_fetch_sub(&cuda->budget->used, found.bytes);
        return found;
    }
    must(false, "release", "not memory of this backend");
    return (struct memory){0};
}

// Copies that were packed from weights in this memory are released with it.
static void release(struct backend *b, void *data) {
    struct cuda_backend *cuda = cuda_of(b);
    if (!data) return;
    const struct memory gone = forget(cuda, data);
    const uintptr_t first = (uintptr_t)gone.data, end = first + gone.bytes;
    for (int i = cuda->num_packs - 1; i >= 0; i--) {
        const uintptr_t master = (uintptr_t)cuda->packs[i].master;
        if (master < first || master >= end) continue;
        forget(cuda, cuda->packs[i].packed);
        cuda->packs[i] = cuda->packs[--cuda->num_packs];
    }
}

static void *work(struct cuda_backend *cuda, int which, size_t bytes) {
    struct memory *w = &cuda->work[which];
    if (bytes > w->bytes) {
        const size_t larger = bytes > 2 * w->bytes ? bytes : 2 * w->bytes;
        must(take(cuda, larger, &w->data) == STATUS_OK, "work memory", "does not fit: a smaller batch would");
        w->bytes = larger;
    }
    return w->data;
}

// --- Packed weights.

static void pack_make(struct cuda_backend *cuda, struct pack *p) {
    switch (p->kind) {
    case PACK_FILTER:
        pack_filter(cuda->device, cuda->element, p->in, p->out, p->master, p->packed);
        break;
    case PACK_MATRIX:
        pack_matrix(cuda->device, cuda->element, p->in, p->out, p->master, p->packed);
        break;
    case PACK_BIAS:
        pad_floats(cuda->device, p->out, p->master, p->packed);
        break;
    case PACK_TOWER:
        tower_pack(cuda->device, &p->shape, &p->tower, p->packed);
        break;
    }
    p->stale = false;
}

static size_t pack_bytes(const struct cuda_backend *cuda, const struct pack *p) {
    const size_t in = (size_t)padded(p->in), out = (size_t)padded(p->out), element = element_bytes(cuda->element);
    switch (p->kind) {
    case PACK_FILTER:
        return 9 * in * out * element;
    case PACK_MATRIX:
        return in * out * element;
    case PACK_BIAS:
        return out * sizeof(float);
    default:
        return tower_weights_bytes(&p->shape);
    }
}

static struct pack *pack_add(struct cuda_backend *cuda, const struct pack *p) {
    if (cuda->num_packs == cuda->max_packs) {
        cuda->max_packs = cuda->max_packs ? 2 * cuda->max_packs : 64;
        cuda->packs = memory_resize(cuda->packs, (size_t)cuda->max_packs, sizeof *cuda->packs, "packed weights");
    }
    struct pack *added = &cuda->packs[cuda->num_packs++];
    *added = *p;
    must(take(cuda, pack_bytes(cuda, added), &added->packed) == STATUS_OK, "packed weights", "they do not fit");
    pack_make(cuda, added);
    return added;
}

static void *packed(struct cuda_backend *cuda, enum pack_kind kind, const float *master, int in, int out) {
    struct pack *p = NULL;
    for (int i = 0; i < cuda->num_packs && !p; i++) {
        struct pack *q = &cuda->packs[i];
        if (q->kind == kind && q->master == master && q->in == in && q->out == out) p = q;
    }
    if (!p) p = pack_add(cuda, &(struct pack){.kind = kind, .master = master, .in = in, .out = out});
    if (p->stale) pack_make(cuda, p);
    return p->packed;
}

static void *filter_of(struct cuda_backend *cuda, const float *weight, int in, int out) {
    return packed(cuda, PACK_FILTER, weight, in, out);
}
static void *matrix_of(struct cuda_backend *cuda, const float *weight, int in, int out) {
    return packed(cuda, PACK_MATRIX, weight, in, out);
}
static const float *bias_of(struct cuda_backend *cuda, const float *bias, int out) {
    return bias ? packed(cuda, PACK_BIAS, bias, 1, out) : NULL;
}

static void weights_changed(struct backend *b) {
    struct cuda_backend *cuda = cuda_of(b);
    for (int i = 0; i < cuda->num_packs; i++) cuda->packs[i].stale = true;
}

static void refresh_packs(struct cuda_backend *cuda) {
    for (int i = 0; i < cuda->num_packs; i++)
        if (cuda->packs[i].stale) pack_make(cuda, &cuda->packs[i]);
}

// --- Transfers.

static void upload(struct backend *b, float *device, const float *host, size_t count) {
    if (count) device_upload(cuda_of(b)->device, device, host, count * sizeof *host);
}
static void download(struct backend *b, float *host, const float *device, size_t count) {
    if (count) device_download(cuda_of(b)->device, host, device, count * sizeof *host);
}
static void fill(struct backend *b, float *x, float value, size_t count) { fill_f32(cuda_of(b)->device, count, value, x); }

static void upload_act(struct backend *b, struct image s, int c, struct act *device, const float *host) {
    struct cuda_backend *cuda = cuda_of(b);
    const size_t bytes = image_points(s) * (size_t)c * sizeof *host;
    float *rows = work(cuda, WORK_A, bytes);
    device_upload(cuda->device, rows, host, bytes);
    rows_to_image(cuda->device, cuda->element, image_points(s), c, rows, device);
}
static void download_act(struct backend *b, struct image s, int c, float *host, const struct act *device) {
    struct cuda_backend *cuda = cuda_of(b);
    const size_t bytes = image_points(s) * (size_t)c * sizeof *host;
    float *rows = work(cuda, WORK_A, bytes);
    image_to_rows(cuda->device, cuda->element, image_points(s), c, device, rows);
    device_download(cuda->device, host, rows, bytes);
}
static void upload_planes(struct backend *b, struct image s, int planes, struct act *device, const uint32_t *bits) {
    struct cuda_backend *cuda = cuda_of(b);
    const size_t bytes = image_points(s) * (size_t)((planes + 31) / 32) * sizeof *bits;
    uint32_t *there = work(cuda, WORK_A, bytes);
    device_upload(cuda->device, there, bits, bytes);
    expand_bits(cuda->device, cuda->element, image_points(s), planes, there, device);
}
static void clear_act(struct backend *b, struct image s, int c, struct act *x) {
    // Rows that are multiples of 16 bytes need no padding.
    fill_f32(cuda_of(b)->device, act_bytes(b, s, c) / sizeof(float), 0, (float *)x);
}

// --- Convolutions.

static struct conv_shape shape_of(const struct cuda_backend *cuda, struct image s, int in, int out) {
    return (struct conv_shape){s.n, s.h, s.w, in, out, cuda->element};
}

static void conv_forward_(struct backend *b, struct image s, int in, int out, const struct act *x, const float *weight,
                          const float *bias, const struct act *residual, bool relu, const float *mask, struct act *y) {
    struct cuda_backend *cuda = cuda_of(b);
    const struct conv_shape shape = shape_of(cuda, s, in, out);
    char why[DEVICE_TEXT] = "";
    must(conv_forward(cuda->convs, &shape, x, filter_of(cuda, weight, in, out), bias_of(cuda, bias, out), residual, relu, mask,
                      y, why),
         "convolution", why);
}
static void conv_backward_data_(struct backend *b, struct image s, int in, int out, const struct act *dy, const float *weight,
                                struct act *dx) {
    struct cuda_backend *cuda = cuda_of(b);
    const struct conv_shape shape = shape_of(cuda, s, in, out);
    char why[DEVICE_TEXT] = "";
    must(conv_backward_data(cuda->convs, &shape, dy, filter_of(cuda, weight, in, out), dx, why),
         "convolution, backward to its input", why);
}
static void conv_backward_weights_(struct backend *b, struct image s, int in, int out, const struct act *x,
                                   const struct act *dy, float *dweight, float *dbias) {
    struct cuda_backend *cuda = cuda_of(b);
    const struct conv_shape shape = shape_of(cuda, s, in, out);
    float *dfilter = work(cuda, WORK_A, 9 * (size_t)padded(in) * (size_t)padded(out) * sizeof *dfilter);
    char why[DEVICE_TEXT] = "";
    must(conv_backward_filter(cuda->convs, &shape, x, dy, dfilter, why), "convolution, backward to its weights", why);
    unpack_filter_gradient(cuda->device, in, out, dfilter, dweight);
    if (dbias) column_sums(cuda->device, cuda->element, image_points(s), out, dy, dbias);
}

// --- Products.

static void product(struct cuda_backend *cuda, struct dense_product p, const void *a, const void *b, const float *bias,
                    void *d) {
    char why[DEVICE_TEXT] = "";
    must(dense_run(cuda->denses, &p, a, b, bias, d, why), "matrix product", why);
}

// Multiplies x [rows, padded(in)] by a packed matrix, which gives y [rows, padded(out)] of type
// `to`.
static struct dense_product forward_product(const struct cuda_backend *cuda, struct image s, int in, int out, enum element to) {
    return (struct dense_product){.m = (int)image_points(s),
                                  .n = padded(out),
                                  .k = padded(in),
                                  .in = cuda->element,
                                  .out = to,
                                  .a_stride = padded(in),
                                  .b_stride = padded(out),
                                  .d_stride = padded(out)};
}

static void point_forward(struct backend *b, struct image s, int in, int out, const struct act *x, const float *weight,
                          const float *bias, bool relu, const float *mask, struct act *y) {
    struct cuda_backend *cuda = cuda_of(b);
    struct dense_product p = forward_product(cuda, s, in, out, cuda->element);
    p.relu = relu;
    product(cuda, p, x, matrix_of(cuda, weight, in, out), bias_of(cuda, bias, out), y);
    if (mask) bias_relu_mask(cuda->device, cuda->element, image_points(s), out, NULL, false, mask, y);
}

// dx = dy weight^T for images of points.
static void image_backward_data(struct cuda_backend *cuda, struct image s, int in, int out, const void *dy, const float *weight,
                                bool add, void *dx) {
    const struct dense_product p = {.m = (int)image_points(s),
                                    .n = padded(in),
                                    .k = padded(out),
                                    .in = cuda->element,
                                    .out = cuda->element,
                                    .b_transposed = true,
                                    .add = add,
                                    .a_stride = padded(out),
                                    .b_stride = padded(out),
                                    .d_stride = padded(in)};
    product(cuda, p, dy, matrix_of(cuda, weight, in, out), NULL, dx);
}

// dweight = x^T dy for images of points, through a padded gradient in WORK_B.
static void image_backward_weights(struct cuda_backend *cuda, struct image s, int in, int out, const void *x, const void *dy,
                                   float *dweight) {
    float *dmatrix = work(cuda, WORK_B, (size_t)padded(in) * (size_t)padded(out) * sizeof *dmatrix);
    const struct dense_product p = {.m = padded(in),
                                    .n = padded(out),
                                    .k = (int)image_points(s),
                                    .in = cuda->element,
                                    .out = ELEMENT_F32,
                                    .a_transposed = true,
                                    .a_stride = padded(in),
                                    .b_stride = padded(out),
                                    .d_stride = padded(out)};
    product(cuda, p, x, dy, NULL, dmatrix);
    unpack_matrix_gradient(cuda->device, in, out, dmatrix, dweight);
}

static void point_backward_data(struct backend *b, struct image s, int in, int out, const struct act *dy, const float *weight,
                                bool add, struct act *dx) {
    image_backward_data(cuda_of(b), s, in, out, dy, weight, add, dx);
}
static void point_backward_weights(struct backend *b, struct image s, int in, int out, const struct act *x,
                                   const struct act *dy, float *dweight, float *dbias) {
    struct cuda_backend *cuda = cuda_of(b);
    image_backward_weights(cuda, s, in, out, x, dy, dweight);
    if (dbias) column_sums(cuda->device, cuda->element, image_points(s), out, dy, dbias);
}

// Heads have few outputs. The product goes to padded fp32 rows first, since the libraries are fast
// only with rows that are multiples of 16 bytes.
static void head_forward(struct backend *b, struct image s, int in, int out, const struct act *x, const float *weight,
                         const float *bias, float *y) {
    struct cuda_backend *cuda = cuda_of(b);
    float *rows = work(cuda, WORK_A, image_points(s) * (size_t)padded(out) * sizeof *rows);
    product(cuda, forward_product(cuda, s, in, out, ELEMENT_F32), x, matrix_of(cuda, weight, in, out), bias_of(cuda, bias, out),
            rows);
    image_to_rows(cuda->device, ELEMENT_F32, image_points(s), out, rows, y);
}
static void *head_gradient(struct cuda_backend *cuda, struct image s, int out, const float *dy) {
    void *image = work(cuda, WORK_A, image_points(s) * (size_t)padded(out) * element_bytes(cuda->element));
    rows_to_image(cuda->device, cuda->element, image_points(s), out, dy, image);
    return image;
}
static void head_backward_data(struct backend *b, struct image s, int in, int out, const float *dy, const float *weight,
                               struct act *dx) {
    struct cuda_backend *cuda = cuda_of(b);
    image_backward_data(cuda, s, in, out, head_gradient(cuda, s, out, dy), weight, false, dx);
}
static void head_backward_weights(struct backend *b, struct image s, int in, int out, const struct act *x, const float *dy,
                                  float *dweight, float *dbias) {
    struct cuda_backend *cuda = cuda_of(b);
    image_backward_weights(cuda, s, in, out, x, head_gradient(cuda, s, out, dy), dweight);
    if (dbias) column_sums_f32(cuda->device, image_points(s), out, dy, dbias);
}

static void dense_forward(struct backend *b, int rows, int in, int out, const float *x, const float *weight, const float *bias,
                          bool relu, float *y) {
    const struct dense_product p = {
        .m = rows, .n = out, .k = in, .relu = relu, .a_stride = in, .b_stride = out, .d_stride = out};
    // packed, because the libraries need an aligned bias
    product(cuda_of(b), p, x, weight, bias_of(cuda_of(b), bias, out), y);
}
static void dense_backward_data(struct backend *b, int rows, int in, int out, const float *dy, const float *weight, bool add,
                                float *dx) {
    const struct dense_product p = {
        .m = rows, .n = in, .k = out, .b_transposed = true, .add = add, .a_stride = out, .b_stride = out, .d_stride = in};
    product(cuda_of(b), p, dy, weight, NULL, dx);
}
static void dense_backward_weights(struct backend *b, int rows, int in, int out, const float *x, const float *dy,
                                   float *dweight, float *dbias) {
    const struct dense_product p = {
        .m = in, .n = out, .k = rows, .a_transposed = true, .a_stride = in, .b_stride = out, .d_stride = out};
    product(cuda_of(b), p, x, dy, NULL, dweight);
    if (dbias) column_sums_f32(cuda_of(b)->device, (size_t)rows, out, dy, dbias);
}

// --- Pooling, pointwise passes, actions and losses, which call the kernels directly.

static int points_of(struct image s) { return s.h * s.w; }
static size_t padded_count(struct image s, int c) { return image_points(s) * (size_t)padded(c); }

static void pool_forward_(struct backend *b, struct image s, int c, const struct act *x, const float *area, float *y) {
    pool_forward(cuda_of(b)->device, cuda_of(b)->element, s.n, points_of(s), c, x, area, y);
}
static void pool_backward_(struct backend *b, struct image s, int c, const struct act *x, const float *area, const float *y,
                           const float *dy, struct act *dx) {
    pool_backward(cuda_of(b)->device, cuda_of(b)->element, s.n, points_of(s), c, x, area, y, dy, dx);
}
static void channel_bias_relu_(struct backend *b, struct image s, int c, const struct act *x, const float *bias,
                               const float *mask, struct act *y) {
    channel_bias_relu(cuda_of(b)->device, cuda_of(b)->element, s.n, points_of(s), c, x, bias, mask, y);
}
static void channel_bias_backward(struct backend *b, struct image s, int c, const struct act *dy, float *dbias) {
    channel_sums(cuda_of(b)->device, cuda_of(b)->element, s.n, points_of(s), c, dy, dbias);
}
static void relu_backward(struct backend *b, struct image s, int c, const struct act *y, struct act *dy) {
    relu_backward_image(cuda_of(b)->device, cuda_of(b)->element, padded_count(s, c), y, dy);
}
static void add_act(struct backend *b, struct image s, int c, const struct act *x, struct act *y) {
    add_image(cuda_of(b)->device, cuda_of(b)->element, padded_count(s, c), x, y);
}
static void dense_relu_backward(struct backend *b, size_t count, const float *y, float *dy) {
    relu_backward_f32(cuda_of(b)->device, count, y, dy);
}
static void add_(struct backend *b, size_t count, float scale, const float *x, float *y) {
    add_f32(cuda_of(b)->device, count, scale, x, y);
}

static void actions_gather(struct backend *b, struct image s, int heads, int planes, int globals, const float *maps,
                           const float *tail, float *logits) {
    gather_actions(cuda_of(b)->device, s.n, points_of(s), heads, planes, globals, maps, tail, logits);
}
static void actions_scatter(struct backend *b, struct image s, int heads, int planes, int globals, const float *dlogits,
                            float *dmaps, float *dtail) {
    scatter_actions(cuda_of(b)->device, s.n, points_of(s), heads, planes, globals, dlogits, dmaps, dtail);
}

static void softmax_loss_(struct backend *b, int rows, int classes, int stride, const float *x, const float *legal,
                          const float *target, const float *weight, float z_weight, float scale, float *dx, float *loss) {
    softmax_loss(cuda_of(b)->device, rows, classes, stride, x, legal, target, weight, z_weight, scale, dx, loss);
}
static void score_loss_(struct backend *b, int rows, int stride, const float *x, const float *target, const float *weight,
                        float scale, float *dx, float *loss) {
    score_loss(cuda_of(b)->device, rows, stride, x, target, weight, scale, dx, loss);
}
static void ownership_loss_(struct backend *b, struct image s, const float *x, const float *mask, const float *area,
                            const float *target, const float *weight, float scale, float *dx, float *loss) {
    ownership_loss(cuda_of(b)->device, s.n, points_of(s), x, mask, area, target, weight, scale, dx, loss);
}

// --- The optimiser.

static double square_norm(struct backend *b, size_t count, const float *x) {
    struct cuda_backend *cuda = cuda_of(b);
    double sum;
    square_sum(cuda->device, count, x, cuda->sum);
    device_download(cuda->device, &sum, cuda->sum, sizeof sum);
    return sum;
}
static void adamw(struct backend *b, size_t count, struct adamw_step step, const float *gradient, float *weights, float *mean,
                  float *variance) {
    const struct adamw_numbers numbers = {step.rate,  step.beta1,       step.beta2,       step.epsilon,
                                          step.decay, step.correction1, step.correction2, step.gradient_scale};
    adamw_update(cuda_of(b)->device, count, numbers, gradient, weights, mean, variance);
    weights_changed(b);
}
static void normalise(struct backend *b, size_t count, float *x) {
    struct cuda_backend *cuda = cuda_of(b);
    square_sum(cuda->device, count, x, cuda->sum);
    norm_divide(cuda->device, count, cuda->sum, x);
}
static void average(struct backend *b, size_t count, float decay, const float *weights, float *avg) {
    average_update(cuda_of(b)->device, count, decay, weights, avg);
}

// --- The trunk in one launch.

static void tower_describe(struct pack *p, const struct cuda_backend *cuda, struct image s, const struct trunk *t) {
    *p = (struct pack){.kind = PACK_TOWER, .master = t->stem};
    p->shape = (struct tower_shape){s.h, s.w, t->planes, t->globals, t->channels, t->blocks, {false}, cuda->element};
    p->tower = (struct tower_master){.stem = t->stem, .stem_bias = t->stem_bias, .stem_globals = t->stem_globals};
    for (int i = 0; i < t->blocks; i++) {
        const struct trunk_block *block = &t->block[i];
        p->shape.pools[i] = block->pool != NULL;
        p->tower.blocks[i].conv1 = block->conv1, p->tower.blocks[i].bias1 = block->bias1;
        p->tower.blocks[i].conv2 = block->conv2, p->tower.blocks[i].bias2 = block->bias2;
        p->tower.blocks[i].pool = block->pool;
    }
}

static bool trunk_forward(struct backend *b, struct image s, const struct trunk *t, const struct act *planes,
                          const float *globals, const float *mask, const float *area, struct act *y) {
    struct cuda_backend *cuda = cuda_of(b);
    struct pack *p = NULL;
    for (int i = 0; i < cuda->num_packs && !p; i++) {
        struct pack *q = &cuda->packs[i];
        if (q->kind == PACK_TOWER && q->master == t->stem && q->shape.h == s.h && q->shape.w == s.w) p = q;
    }
    if (!p) {
        if (cuda->element == ELEMENT_F32 || t->blocks > TOWER_MAX_BLOCKS) return false;
        struct pack wanted;
        char why[DEVICE_TEXT];
        tower_describe(&wanted, cuda, s, t);
        if (tower_positions(device_facts_of(cuda->device), &wanted.shape, why) == 0) return false;
        p = pack_add(cuda, &wanted);
    }
    if (p->stale) pack_make(cuda, p);
    tower_run(cuda->device, &p->shape, s.n, planes, globals, mask, area, p->packed, y);
    return true;
}

// --- Captured graphs and time.

static bool capture_begin(struct backend *b) {
    refresh_packs(cuda_of(b));
    return device_capture_begin(cuda_of(b)->device);
}
static struct device_graph *capture_end(struct backend *b) { return device_capture_end(cuda_of(b)->device); }
static void graph_launch(struct backend *b, const struct device_graph *graph) {
    refresh_packs(cuda_of(b));
    device_graph_launch(cuda_of(b)->device, graph);
}
static void graph_free(struct backend *b, struct device_graph *graph) { device_graph_free(graph); }
static void timer_start(struct backend *b) { device_timer_start(cuda_of(b)->device); }
static double timer_stop(struct backend *b) { return device_timer_stop(cuda_of(b)->device); }

// --- Opening and closing.

static void close_(struct backend *b) {
    struct cuda_backend *cuda = cuda_of(b);
    conv_plans_free(cuda->convs);
    dense_plans_free(cuda->denses);
    while (cuda->num_taken) forget(cuda, cuda->taken[cuda->num_taken - 1].data);
    device_close(cuda->device);
    free(cuda->taken);
    free(cuda->packs);
    free(cuda);
}

static const struct backend_verbs cuda_verbs = {
    .name = "cuda",
    .close = close_,
    .alloc = alloc_,
    .alloc_act = alloc_act,
    .act_bytes = act_bytes,
    .memory_left = memory_left,
    .release = release,
    .upload = upload,
    .download = download,
    .fill = fill,
    .upload_act = upload_act,
    .download_act = download_act,
    .upload_planes = upload_planes,
    .clear_act = clear_act,
    .weights_changed = weights_changed,
    .conv_forward = conv_forward_,
    .conv_backward_data = conv_backward_data_,
    .conv_backward_weights = conv_backward_weights_,
    .point_forward = point_forward,
    .point_backward_data = point_backward_data,
    .point_backward_weights = point_backward_weights,
    .head_forward = head_forward,
    .head_backward_data = head_backward_data,
    .head_backward_weights = head_backward_weights,
    .dense_forward = dense_forward,
    .dense_backward_data = dense_backward_data,
    .dense_backward_weights = dense_backward_weights,
    .pool_forward = pool_forward_,
    .pool_backward = pool_backward_,
    .channel_bias_relu = channel_bias_relu_,
    .channel_bias_backward = channel_bias_backward,
    .relu_backward = relu_backward,
    .add_act = add_act,
    .dense_relu_backward = dense_relu_backward,
    .add = add_,
    .actions_gather = actions_gather,
    .actions_scatter = actions_scatter,
    .softmax_loss = softmax_loss_,
    .score_loss = score_loss_,
    .ownership_loss = ownership_loss_,
    .square_norm = square_norm,
    .adamw = adamw,
    .normalise = normalise,
    .average = average,
    .trunk_forward = trunk_forward,
    .capture_begin = capture_begin,
    .capture_end = capture_end,
    .graph_launch = graph_launch,
    .graph_free = graph_free,
    .timer_start = timer_start,
    .timer_stop = timer_stop,
};

// bf16 needs compute capability 8.0, and the tensor cores for f16 need 7.0.
static enum precision chosen_precision(const struct backend_spec *spec, int compute) {
    if (spec->precision != PRECISION_AUTO) return spec->precision;
    if (spec->training) return compute >= 80 ? PRECISION_BF16 : PRECISION_F32;
    return compute >= 70 ? PRECISION_F16 : PRECISION_F32;
}

enum status backend_cuda_open(struct backend **out, const struct backend_spec *spec) {
    *out = NULL;
    char why[DEVICE_TEXT] = "";
    struct cuda_backend *cuda = memory_new(1, sizeof *cuda, "a cuda backend");
    cuda->base.verbs = &cuda_verbs;
    cuda->budget = spec->budget;
    if (!device_open(&cuda->device, spec->device, why)) {
        free(cuda);
        return status_fail(STATUS_DEVICE, "cuda: card %d can't be used: %s", spec->device, why);
    }
    const int compute = device_facts_of(cuda->device)->compute;
    enum status status = STATUS_DEVICE;
    void *sum;
    cuda->base.precision = chosen_precision(spec, compute);
    cuda->element = cuda->base.precision == PRECISION_F32   ? ELEMENT_F32
                    : cuda->base.precision == PRECISION_F16 ? ELEMENT_F16
                                                            : ELEMENT_BF16;
    if (cuda->element == ELEMENT_BF16 && compute < 80) {
        status_fail(STATUS_DEVICE, "cuda: card %d (compute capability %d.%d) has no bf16: use f16 or f32", spec->device,
                    compute / 10, compute % 10);
        goto out;
    }
    if (!conv_plans_new(&cuda->convs, cuda->device, why) || !dense_plans_new(&cuda->denses, cuda->device, why)) {
        status_fail(STATUS_DEVICE, "cuda: card %d can't be used: %s", spec->device, why);
        goto out;
    }
    status = take(cuda, sizeof *cuda->sum, &sum);
    cuda->sum = sum;
out:
    if (status)
        close_(&cuda->base);
    else
        *out = &cuda->base;
    return status;
}

bool backend_cuda_usable(char reason[160], char device[160], int *num_devices) {
    char why[DEVICE_TEXT] = "";
    struct device_facts f;
    const int count = device_count(why);
    if (count == 0 || !device_describe(0, &f, why)) {
        snprintf(reason, 160, "%s", why);
        return false;
    }
    *num_devices = count;
    const int used = snprintf(device, 160, "%s, compute capability %d.%d, %.0f GB, cuDNN %d, NCCL %d", f.name, f.compute / 10,
                              f.compute % 10, (double)f.memory_bytes / 1e9, f.cudnn, f.nccl);
    if (count > 1 && used < 140) snprintf(device + used, 160 - (size_t)used, "; %d cards", count);
    return true;
}
