// The CPU backend. 3x3 convolutions use Winograd's method (winograd_convs.h) where the processor
// can run it, and oneDNN elsewhere. oneDNN also computes large matrix products, and our own loops
// (kernels/cpu_loops.h) do the rest.
//
// Everything stays [n, h, w, c] in fp32. oneDNN's convolutions are fastest when they choose the
// layout of the weights, so the backend keeps packed copies, which are made again when the weights
// have changed:
//
//   primitive (kind, shape, epilogue) --> packed copy (address of the weights, layout, version)
//
// Invariants
// 1. One thread at a time uses a backend, and each call runs on that thread alone:
//    omp_set_num_threads(1) is a setting of the calling thread, so every call that reaches oneDNN
//    makes it.
// 2. A packed copy is valid where its version is the backend's.
// 3. The result of a primitive depends on its inputs alone, so that it does not matter which
//    thread's backend computes it.
#include "net/backend_cpu.h"

#include "base/memory.h"
#include "kernels/cpu_loops.h"
#include "kernels/winograd.h"
#include "net/backend_ref.h"
#include "net/chunked_trunk.h"
#include "net/dnnl_compat.h"
#include "net/float_acts.h"
#include "net/winograd_convs.h"

#include <omp.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum conv_kind { CONV_FORWARD, CONV_DATA, CONV_WEIGHTS };

struct conv_key {
    int kind, n, h, w, in, out, relu, residual;
};

struct conv_primitive {
    struct conv_key key;
    dnnl_primitive_t primitive;
    dnnl_memory_t input, output, bias; // each call sets their handles
    dnnl_compat_layout *weights;       // the layout that the primitive chose
    // For CONV_WEIGHTS only: the gradient in our layout, and as the primitive writes it.
    dnnl_memory_t plain, packed;
    dnnl_primitive_t unpack;
    bool plain_is_packed;
};

struct packed_weights {
    const float *plain;
    dnnl_compat_layout *layout;
    long long version;
    dnnl_memory_t from, to; // each reorder sets the handle of `from`
    dnnl_primitive_t reorder;
};

struct cpu_backend {
    struct backend base;
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    long long version;
    struct winograd_convs *winograd; // NULL where all convolutions are the library's
    struct chunked_trunk *chunks;
    struct conv_primitive *convs;
    int num_convs, max_convs;
    struct packed_weights *packs;
    int num_packs, max_packs;
};

static struct cpu_backend *cpu_of(struct backend *b) { return (struct cpu_backend *)b; }

static dnnl_memory_t wrapped(struct cpu_backend *cpu, const dnnl_compat_layout *layout, void *handle) {
    dnnl_memory_t memory;
    DNNL_CHECK(dnnl_memory_create(&memory, layout, cpu->engine, handle));
    return memory;
}

static void *grown(void *array, int num, int *max, size_t size) {
    if (num < *max) return array;
    *max = *max ? 2 * *max : 16;
    return memory_resize(array, (size_t)*max, size, "the primitives of the cpu backend");
}

static struct dnnl_compat_conv conv_layouts(const struct conv_key *k) {
    const dnnl_dims_t x = {k->n, k->in, k->h, k->w}, y = {k->n, k->out, k->h, k->w}, w = {k->out, k->in, 3, 3}, bias = {k->out};
    return (struct dnnl_compat_conv){.x = dnnl_compat_layout_new(4, x, dnnl_nhwc),
                                     .y = dnnl_compat_layout_new(4, y, dnnl_nhwc),
                                     .weights = dnnl_compat_layout_new(4, w, dnnl_format_tag_any),
                                     .bias = dnnl_compat_layout_new(1, bias, dnnl_a)};
}

static void conv_layouts_free(struct dnnl_compat_conv *c) {
    dnnl_compat_layout_free(c->x);
    dnnl_compat_layout_free(c->y);
    dnnl_compat_layout_free(c->weights);
    dnnl_compat_layout_free(c->bias);
}

static dnnl_compat_layout *plain_weights(int in, int out) {
    const dnnl_dims_t w = {out, in, 3, 3};
    return dnnl_compat_layout_new(4, w, dnnl_hwio);
}

static dnnl_primitive_desc_t forward_desc(struct cpu_backend *cpu, const struct conv_key *k, const struct dnnl_compat_conv *c) {
    dnnl_primitive_attr_t attr;
    dnnl_post_ops_t ops;
    DNNL_CHECK(dnnl_primitive_attr_create(&attr));
    DNNL_CHECK(dnnl_post_ops_create(&ops));
    if (k->residual) dnnl_compat_append_sum(ops);
    if (k->relu) dnnl_compat_append_relu(ops);
    DNNL_CHECK(dnnl_primitive_attr_set_post_ops(attr, ops));
    const dnnl_primitive_desc_t out = dnnl_compat_conv_forward(cpu->engine, c, attr);
    dnnl_post_ops_destroy(ops);
    dnnl_primitive_attr_destroy(attr);
    return out;
}

static dnnl_primitive_desc_t backward_desc(struct cpu_backend *cpu, const struct conv_key *k,
                                           const struct dnnl_compat_conv *c) {
    const dnnl_primitive_desc_t hint = forward_desc(cpu, k, c);
    const dnnl_primitive_desc_t out =
        k->kind == CONV_DATA ? dnnl_compat_conv_data(cpu->engine, c, hint) : dnnl_compat_conv_weights(cpu->engine, c, hint);
    dnnl_primitive_desc_destroy(hint);
    return out;
}

static dnnl_primitive_t reorder_new(struct cpu_backend *cpu, const dnnl_compat_layout *from, const dnnl_compat_layout *to) {
    dnnl_primitive_desc_t desc;
    dnnl_primitive_t reorder;
    DNNL_CHECK(dnnl_reorder_primitive_desc_create(&desc, from, cpu->engine, to, cpu->engine, NULL));
    DNNL_CHECK(dnnl_primitive_create(&reorder, desc));
    dnnl_primitive_desc_destroy(desc);
    return reorder;
}

// Prepares where the gradient of the weights goes: directly into the plain array, or into a packed
// one that a reorder unpacks.
static void gradient_make(struct cpu_backend *cpu, struct conv_primitive *conv) {
    dnnl_compat_layout *plain = plain_weights(conv->key.in, conv->key.out);
    conv->plain_is_packed = dnnl_memory_desc_equal(plain, conv->weights);
    conv->plain = wrapped(cpu, plain, DNNL_MEMORY_NONE);
    if (!conv->plain_is_packed) {
        conv->packed = wrapped(cpu, conv->weights, DNNL_MEMORY_ALLOCATE);
        conv->unpack = reorder_new(cpu, conv->weights, plain);
    }
    dnnl_compat_layout_free(plain);
}

static void conv_make(struct cpu_backend *cpu, struct conv_primitive *conv) {
    const struct conv_key *k = &conv->key;
    struct dnnl_compat_conv c = conv_layouts(k);
    const dnnl_primitive_desc_t desc = k->kind == CONV_FORWARD ? forward_desc(cpu, k, &c) : backward_desc(cpu, k, &c);
    DNNL_CHECK(dnnl_primitive_create(&conv->primitive, desc));
    conv->weights = dnnl_compat_layout_copy(
        dnnl_primitive_desc_query_md(desc, k->kind == CONV_WEIGHTS ? dnnl_query_diff_weights_md : dnnl_query_weights_md, 0));
    dnnl_primitive_desc_destroy(desc);
    conv->input = wrapped(cpu, c.x, DNNL_MEMORY_NONE);
    conv->output = wrapped(cpu, c.y, DNNL_MEMORY_NONE);
    conv->bias = wrapped(cpu, c.bias, DNNL_MEMORY_NONE);
    conv_layouts_free(&c);
    if (k->kind == CONV_WEIGHTS) gradient_make(cpu, conv);
}

static struct conv_primitive *conv_for(struct cpu_backend *cpu, struct conv_key key) {
    omp_set_num_threads(1);
    for (int i = 0; i < cpu->num_convs; i++)
        if (!memcmp(&cpu->convs[i].key, &key, sizeof key)) return &cpu->convs[i];
    cpu->convs = grown(cpu->convs, cpu->num_convs, &cpu->max_convs, sizeof *cpu->convs);
    struct conv_primitive *conv = &cpu->convs[cpu->num_convs++];
    *conv = (struct conv_primitive){.key = key};
    conv_make(cpu, conv);
    return conv;
}

// Finds the weights in a layout, and packs them again where they are stale.
static dnnl_memory_t packed_for(struct cpu_backend *cpu, const float *plain, int in, int out,
                                const dnnl_compat_layout *layout) {
    struct packed_weights *pack = NULL;
    for (int i = 0; i < cpu->num_packs && !pack; i++)
        if (cpu->packs[i].plain == plain && dnnl_memory_desc_equal(cpu->packs[i].layout, layout)) pack = &cpu->packs[i];
    if (!pack) {
        cpu->packs = grown(cpu->packs, cpu->num_packs, &cpu->max_packs, sizeof *cpu->packs);
        pack = &cpu->packs[cpu->num_packs++];
        *pack = (struct packed_weights){.plain = plain, .layout = dnnl_compat_layout_copy(layout), .version = -1};
        dnnl_compat_layout *from = plain_weights(in, out);
        pack->from = wrapped(cpu, from, DNNL_MEMORY_NONE);
        pack->to = wrapped(cpu, layout, DNNL_MEMORY_ALLOCATE);
        pack->reorder = reorder_new(cpu, from, layout);
        dnnl_compat_layout_free(from);
    }
    if (pack->version != cpu->version) {
        DNNL_CHECK(dnnl_memory_set_data_handle(pack->from, (void *)(uintptr_t)plain));
        const dnnl_exec_arg_t args[] = {{DNNL_ARG_FROM, pack->from}, {DNNL_ARG_TO, pack->to}};
        DNNL_CHECK(dnnl_primitive_execute(pack->reorder, cpu->stream, 2, args));
        pack->version = cpu->version;
    }
    return pack->to;
}

static void handle_set(dnnl_memory_t memory, const float *data) {
    DNNL_CHECK(dnnl_memory_set_data_handle(memory, (void *)(uintptr_t)data));
}

static void cpu_conv_forward(struct backend *b, struct image s, int in, int out, const struct act *x_act, const float *weight,
                             const float *bias, const struct act *residual_act, bool relu, const float *mask,
                             struct act *y_act) {
    const float *x = const_floats_of(x_act);
    const float *residual = const_floats_of(residual_act);
    float *y = floats_of(y_act);
    struct cpu_backend *cpu = cpu_of(b);
    if (winograd_conv_forward(cpu->winograd, s, in, out, x, weight, bias, residual, relu, mask, y)) return;
    if (residual && residual != y) memcpy(y, residual, image_points(s) * (size_t)out * sizeof *y);
    struct conv_primitive *conv =
        conv_for(cpu, (struct conv_key){CONV_FORWARD, s.n, s.h, s.w, in, out, relu, residual != NULL});
    handle_set(conv->input, x);
    handle_set(conv->output, y);
    handle_set(conv->bias, bias);
    const dnnl_exec_arg_t args[] = {{DNNL_ARG_SRC, conv->input},
                                    {DNNL_ARG_WEIGHTS, packed_for(cpu, weight, in, out, conv->weights)},
                                    {DNNL_ARG_BIAS, conv->bias},
                                    {DNNL_ARG_DST, conv->output}};
    DNNL_CHECK(dnnl_primitive_execute(conv->primitive, cpu->stream, 4, args));
    if (mask) cpu_mask(image_points(s), out, mask, y);
}

static void cpu_conv_backward_data(struct backend *b, struct image s, int in, int out, const struct act *dy_act,
                                   const float *weight, struct act *dx_act) {
    const float *dy = const_floats_of(dy_act);
    float *dx = floats_of(dx_act);
    struct cpu_backend *cpu = cpu_of(b);
    if (winograd_conv_backward_data(cpu->winograd, s, in, out, dy, weight, dx)) return;
    struct conv_primitive *conv = conv_for(cpu, (struct conv_key){CONV_DATA, s.n, s.h, s.w, in, out, 0, 0});
    handle_set(conv->input, dx);
    handle_set(conv->output, dy);
    const dnnl_exec_arg_t args[] = {{DNNL_ARG_DIFF_SRC, conv->input},
                                    {DNNL_ARG_WEIGHTS, packed_for(cpu, weight, in, out, conv->weights)},
                                    {DNNL_ARG_DIFF_DST, conv->output}};
    DNNL_CHECK(dnnl_primitive_execute(conv->primitive, cpu->stream, 3, args));
}

static void cpu_conv_backward_weights(struct backend *b, struct image s, int in, int out, const struct act *x_act,
                                      const struct act *dy_act, float *dweight, float *dbias) {
    const float *x = const_floats_of(x_act);
    const float *dy = const_floats_of(dy_act);
    struct cpu_backend *cpu = cpu_of(b);
    if (winograd_conv_backward_weights(cpu->winograd, s, in, out, x, dy, dweight)) {
        cpu_column_sums(image_points(s), out, dy, dbias);
        return;
    }
    struct conv_primitive *conv = conv_for(cpu, (struct conv_key){CONV_WEIGHTS, s.n, s.h, s.w, in, out, 0, 0});
    handle_set(conv->input, x);
    handle_set(conv->output, dy);
    handle_set(conv->bias, dbias);
    handle_set(conv->plain, dweight);
    const dnnl_memory_t gradient = conv->plain_is_packed ? conv->plain : conv->packed;
    const dnnl_exec_arg_t args[] = {{DNNL_ARG_SRC, conv->input},
                                    {DNNL_ARG_DIFF_WEIGHTS, gradient},
                                    {DNNL_ARG_DIFF_BIAS, conv->bias},
                                    {DNNL_ARG_DIFF_DST, conv->output}};
    DNNL_CHECK(dnnl_primitive_execute(conv->primitive, cpu->stream, 4, args));
    if (conv->plain_is_packed) return;
    const dnnl_exec_arg_t unpack[] = {{DNNL_ARG_FROM, conv->packed}, {DNNL_ARG_TO, conv->plain}};
    DNNL_CHECK(dnnl_primitive_execute(conv->unpack, cpu->stream, 2, unpack));
}

static void product(char ta, char tb, int m, int n, int k, const float *a, const float *b, bool add, float *c) {
    omp_set_num_threads(1);
    DNNL_CHECK(dnnl_sgemm(ta, tb, m, n, k, 1, a, ta == 'N' ? k : m, b, tb == 'N' ? n : k, add ? 1 : 0, c, n));
}

// Dense layers use our loops: they are a fiftieth of a batch's work, and the sgemm of oneDNN 2.6
// with AVX-512 sometimes corrupts the heap where there are few rows. (It was seen in a program of
// one thread, in 1 run of 25 with 4x4 boards, and never with AVX2.)
enum { SMALL_ROWS = 256 };

static void cpu_dense_forward(struct backend *b, int rows, int in, int out, const float *x, const float *weight,
                              const float *bias, bool relu, float *y) {
    if (rows <= SMALL_ROWS)
        cpu_dense(rows, in, out, x, weight, y);
    else
        product('N', 'N', rows, out, in, x, weight, false, y);
    if (bias || relu) cpu_bias_relu((size_t)rows, out, bias, relu, y);
}
static void cpu_dense_backward_data(struct backend *b, int rows, int in, int out, const float *dy, const float *weight,
                                    bool add, float *dx) {
    product('N', 'T', rows, in, out, dy, weight, add, dx);
}
static void cpu_dense_backward_weights(struct backend *b, int rows, int in, int out, const float *x, const float *dy,
                                       float *dweight, float *dbias) {
    product('T', 'N', in, out, rows, x, dy, false, dweight);
    if (dbias) cpu_column_sums((size_t)rows, out, dy, dbias);
}

static void pool_forward_(struct backend *b, struct image s, int c, const struct act *x_act, const float *area, float *y) {
    const float *x = const_floats_of(x_act);
    cpu_pool_forward(s.n, s.h * s.w, c, x, area, y);
}
static void pool_backward_(struct backend *b, struct image s, int c, const struct act *x_act, const float *area, const float *y,
                           const float *dy, struct act *dx_act) {
    const float *x = const_floats_of(x_act);
    float *dx = floats_of(dx_act);
    cpu_pool_backward(s.n, s.h * s.w, c, x, area, y, dy, dx);
}
static void channel_bias_relu_(struct backend *b, struct image s, int c, const struct act *x_act, const float *bias,
                               const float *mask, struct act *y_act) {
    const float *x = const_floats_of(x_act);
    float *y = floats_of(y_act);
    cpu_channel_bias_relu(s.n, s.h * s.w, c, x, bias, mask, y);
}
static void channel_bias_backward_(struct backend *b, struct image s, int c, const struct act *dy_act, float *dbias) {
    const float *dy = const_floats_of(dy_act);
    const size_t points = (size_t)s.h * s.w;
    for (int n = 0; n < s.n; n++) cpu_column_sums(points, c, dy + (size_t)n * points * c, dbias + (size_t)n * c);
}
static void point_forward_(struct backend *b, struct image s, int in, int out, const struct act *x, const float *weight,
                           const float *bias, bool relu, const float *mask, struct act *y) {
    cpu_dense_forward(b, (int)image_points(s), in, out, const_floats_of(x), weight, bias, relu, floats_of(y));
    if (mask) cpu_mask(image_points(s), out, mask, floats_of(y));
}
static void dense_relu_backward_(struct backend *b, size_t count, const float *y, float *dy) {
    cpu_relu_backward(count, y, dy);
}
static void add_(struct backend *b, size_t count, float scale, const float *x, float *y) { cpu_add(count, scale, x, y); }
static void weights_changed_(struct backend *b) {
    cpu_of(b)->version++;
    winograd_convs_stale(cpu_of(b)->winograd);
}

static void adamw_(struct backend *b, size_t count, struct adamw_step step, const float *gradient, float *weights, float *mean,
                   float *variance) {
    // The reference's loop is vectorised already.
    backend_ref_verbs.adamw(b, count, step, gradient, weights, mean, variance);
    weights_changed_(b);
}

// With oneDNN's convolutions the trunk runs layer by layer, since oneDNN compiles code for each
// number of boards.
static bool cpu_trunk_forward(struct backend *b, struct image s, const struct trunk *trunk, const struct act *planes,
                              const float *globals, const float *mask, const float *area, struct act *y) {
    struct cpu_backend *cpu = cpu_of(b);
    if (!cpu->winograd) return false;
    chunked_trunk_forward(cpu->chunks, b, s, trunk, planes, globals, mask, area, y);
    return true;
}

static void cpu_close(struct backend *b) {
    struct cpu_backend *cpu = cpu_of(b);
    for (int i = 0; i < cpu->num_convs; i++) {
        struct conv_primitive *conv = &cpu->convs[i];
        dnnl_primitive_destroy(conv->primitive);
        dnnl_compat_layout_free(conv->weights);
        dnnl_memory_destroy(conv->input);
        dnnl_memory_destroy(conv->output);
        dnnl_memory_destroy(conv->bias);
        if (conv->plain) dnnl_memory_destroy(conv->plain);
        if (conv->packed) dnnl_memory_destroy(conv->packed);
        if (conv->unpack) dnnl_primitive_destroy(conv->unpack);
    }
    for (int i = 0; i < cpu->num_packs; i++) {
        dnnl_compat_layout_free(cpu->packs[i].layout);
        dnnl_memory_destroy(cpu->packs[i].from);
        dnnl_memory_destroy(cpu->packs[i].to);
        dnnl_primitive_destroy(cpu->packs[i].reorder);
    }
    winograd_convs_free(cpu->winograd);
    chunked_trunk_free(cpu->chunks);
    free(cpu->convs);
    free(cpu->packs);
    dnnl_stream_destroy(cpu->stream);
    dnnl_engine_destroy(cpu->engine);
    free((void *)(uintptr_t)b->verbs);
    free(cpu);
}

static void fast_verbs(struct backend_verbs *v) {
    v->name = "cpu";
    v->close = cpu_close;
    v->weights_changed = weights_changed_;
    v->conv_forward = cpu_conv_forward;
    v->conv_backward_data = cpu_conv_backward_data;
    v->conv_backward_weights = cpu_conv_backward_weights;
    v->dense_forward = cpu_dense_forward;
    v->dense_backward_data = cpu_dense_backward_data;
    v->dense_backward_weights = cpu_dense_backward_weights;
    v->pool_forward = pool_forward_;
    v->pool_backward = pool_backward_;
    v->channel_bias_relu = channel_bias_relu_;
    v->channel_bias_backward = channel_bias_backward_;
    v->point_forward = point_forward_;
    v->dense_relu_backward = dense_relu_backward_;
    v->add = add_;
    v->adamw = adamw_;
    v->trunk_forward = cpu_trunk_forward;
}

enum status backend_cpu_open(struct backend **out, const struct backend_spec *spec) {
    struct cpu_backend *cpu = memory_new(1, sizeof *cpu, "a cpu backend");
    struct backend_verbs *verbs = memory_raw(1, sizeof *verbs, "a cpu backend");
    *verbs = backend_ref_verbs;
    fast_verbs(verbs);
    cpu->base = (struct backend){.verbs = verbs, .precision = PRECISION_F32};
    if (dnnl_engine_create(&cpu->engine, dnnl_cpu, 0) != dnnl_success ||
        dnnl_stream_create(&cpu->stream, cpu->engine, dnnl_stream_default_flags) != dnnl_success) {
        if (cpu->engine) dnnl_engine_destroy(cpu->engine);
        free(cpu), free(verbs);
        return status_fail(STATUS_DEVICE, "cpu backend: oneDNN found no processor it can use");
    }
    if (spec->convs == CONVS_FASTEST) cpu->winograd = winograd_convs_new();
    cpu->base.own_convs = cpu->winograd != NULL;
    // otherwise oneDNN compiles a convolution for each number of boards
    cpu->base.any_rows = cpu->base.own_convs;
    cpu->chunks = chunked_trunk_new();
    *out = &cpu->base;
    return STATUS_OK;
}

bool backend_cpu_usable(char reason[160], char device[160], int *num_devices) {
    const struct winograd_code *code = winograd_code(0);
    const dnnl_version_t *version = dnnl_version();
    const char *name = code ? winograd_code_name(code) : "neither AVX2 nor NEON";
    snprintf(device, 160, "%s, %ld cores, oneDNN %d.%d.%d", name, sysconf(_SC_NPROCESSORS_ONLN), version->major, version->minor,
             version->patch);
    return true;
}
