// The few oneDNN calls that differ between its version 2 (Debian 12) and version 3. Each has one
// name here and two definitions.
//
// Only net/backend_cpu.c includes this, and only this includes oneDNN (tests/layers holds both to
// it). Everything else of oneDNN reads the same in both versions and is called directly. Callers
// check shapes first, so that a call that fails means a broken program. Any thread may call these
// functions with objects of its own.
#ifndef NET_DNNL_COMPAT_H
#define NET_DNNL_COMPAT_H

#include "base/memory.h"
#include "base/status.h"

#include <oneapi/dnnl/dnnl.h>

#include <stdlib.h>

// For calls with checked shapes: where one fails, the library or its caller is broken.
#define DNNL_CHECK(call) CHECK((call) == dnnl_success)

// How a tensor is laid out in memory. `layout *` and `const layout *` are what oneDNN takes as a
// memory descriptor.
#if DNNL_VERSION_MAJOR >= 3
typedef struct dnnl_memory_desc dnnl_compat_layout;
#else
typedef dnnl_memory_desc_t dnnl_compat_layout;
#endif

// A 3x3 convolution with stride 1 and padding 1: images [n, c, h, w], weights [out, in, 3, 3] and
// bias [out]. In a backward one these are the gradients of the same names. The format of `weights`
// may be dnnl_format_tag_any, and the primitive then chooses.
struct dnnl_compat_conv {
    dnnl_compat_layout *x, *y, *weights, *bias; // whoever made them frees them
};

// layout_new and layout_copy make layouts of fp32, which are freed with layout_free. conv_forward,
// conv_data and conv_weights find the best primitive, which is destroyed with
// dnnl_primitive_desc_destroy. `attr` may be NULL, and `hint` is the forward convolution of the
// same shape. append_sum adds what y held before, and append_relu makes y = max(y, 0), in the order
// of the calls.
#if DNNL_VERSION_MAJOR >= 3

static inline dnnl_compat_layout *dnnl_compat_layout_new(int num_dims, const dnnl_dims_t dims, dnnl_format_tag_t tag) {
    dnnl_compat_layout *layout;
    DNNL_CHECK(dnnl_memory_desc_create_with_tag(&layout, num_dims, dims, dnnl_f32, tag));
    return layout;
}

static inline dnnl_compat_layout *dnnl_compat_layout_copy(const dnnl_compat_layout *from) {
    dnnl_compat_layout *layout;
    DNNL_CHECK(dnnl_memory_desc_clone(&layout, from));
    return layout;
}

static inline void dnnl_compat_layout_free(dnnl_compat_layout *layout) {
    if (layout) dnnl_memory_desc_destroy(layout);
}

static inline dnnl_primitive_desc_t dnnl_compat_conv_forward(dnnl_engine_t engine, const struct dnnl_compat_conv *c,
                                                             dnnl_primitive_attr_t attr) {
    const dnnl_dims_t ones = {1, 1};
    dnnl_primitive_desc_t out;
    DNNL_CHECK(dnnl_convolution_forward_primitive_desc_create(&out, engine, dnnl_forward_training, dnnl_convolution_direct,
                                                              c->x, c->weights, c->bias, c->y, ones, NULL, ones, ones, attr));
    return out;
}

static inline dnnl_primitive_desc_t dnnl_compat_conv_data(dnnl_engine_t engine, const struct dnnl_compat_conv *c,
                                                          dnnl_primitive_desc_t hint) {
    const dnnl_dims_t ones = {1, 1};
    dnnl_primitive_desc_t out;
    DNNL_CHECK(dnnl_convolution_backward_data_primitive_desc_create(&out, engine, dnnl_convolution_direct, c->x, c->weights,
                                                                    c->y, ones, NULL, ones, ones, hint, NULL));
    return out;
}

static inline dnnl_primitive_desc_t dnnl_compat_conv_weights(dnnl_engine_t engine, const struct dnnl_compat_conv *c,
                                                             dnnl_primitive_desc_t hint) {
    const dnnl_dims_t ones = {1, 1};
    dnnl_primitive_desc_t out;
    DNNL_CHECK(dnnl_convolution_backward_weights_primitive_desc_create(&out, engine, dnnl_convolution_direct, c->x, c->weights,
                                                                       c->bias, c->y, ones, NULL, ones, ones, hint, NULL));
    return out;
}

static inline void dnnl_compat_append_sum(dnnl_post_ops_t ops) {
    DNNL_CHECK(dnnl_post_ops_append_sum(ops, 1, 0, dnnl_data_type_undef));
}

static inline void dnnl_compat_append_relu(dnnl_post_ops_t ops) {
    DNNL_CHECK(dnnl_post_ops_append_eltwise(ops, dnnl_eltwise_relu, 0, 0));
}

#else // In version 2 descriptors are structs, and an operation has one of its own.

static inline dnnl_compat_layout *dnnl_compat_layout_new(int num_dims, const dnnl_dims_t dims, dnnl_format_tag_t tag) {
    dnnl_compat_layout *layout = memory_raw(1, sizeof *layout, "a layout of oneDNN's");
    DNNL_CHECK(dnnl_memory_desc_init_by_tag(layout, num_dims, dims, dnnl_f32, tag));
    return layout;
}

static inline dnnl_compat_layout *dnnl_compat_layout_copy(const dnnl_compat_layout *from) {
    dnnl_compat_layout *layout = memory_raw(1, sizeof *layout, "a layout of oneDNN's");
    *layout = *from;
    return layout;
}

static inline void dnnl_compat_layout_free(dnnl_compat_layout *layout) { free(layout); }

static inline dnnl_primitive_desc_t dnnl_compat_primitive_desc(dnnl_engine_t engine, const dnnl_convolution_desc_t *desc,
                                                               dnnl_primitive_attr_t attr, dnnl_primitive_desc_t hint) {
    dnnl_primitive_desc_t out;
    DNNL_CHECK(dnnl_primitive_desc_create(&out, desc, attr, engine, hint));
    return out;
}

static inline dnnl_primitive_desc_t dnnl_compat_conv_forward(dnnl_engine_t engine, const struct dnnl_compat_conv *c,
                                                             dnnl_primitive_attr_t attr) {
    const dnnl_dims_t ones = {1, 1};
    dnnl_convolution_desc_t desc;
    DNNL_CHECK(dnnl_convolution_forward_desc_init(&desc, dnnl_forward_training, dnnl_convolution_direct, c->x, c->weights,
                                                  c->bias, c->y, ones, ones, ones));
    return dnnl_compat_primitive_desc(engine, &desc, attr, NULL);
}

static inline dnnl_primitive_desc_t dnnl_compat_conv_data(dnnl_engine_t engine, const struct dnnl_compat_conv *c,
                                                          dnnl_primitive_desc_t hint) {
    const dnnl_dims_t ones = {1, 1};
    dnnl_convolution_desc_t desc;
    DNNL_CHECK(
        dnnl_convolution_backward_data_desc_init(&desc, dnnl_convolution_direct, c->x, c->weights, c->y, ones, ones, ones));
    return dnnl_compat_primitive_desc(engine, &desc, NULL, hint);
}

static inline dnnl_primitive_desc_t dnnl_compat_conv_weights(dnnl_engine_t engine, const struct dnnl_compat_conv *c,
                                                             dnnl_primitive_desc_t hint) {
    const dnnl_dims_t ones = {1, 1};
    dnnl_convolution_desc_t desc;
    DNNL_CHECK(dnnl_convolution_backward_weights_desc_init(&desc, dnnl_convolution_direct, c->x, c->weights, c->bias, c->y,
                                                           ones, ones, ones));
    return dnnl_compat_primitive_desc(engine, &desc, NULL, hint);
}

static inline void dnnl_compat_append_sum(dnnl_post_ops_t ops) { DNNL_CHECK(dnnl_post_ops_append_sum(ops, 1)); }

static inline void dnnl_compat_append_relu(dnnl_post_ops_t ops) {
    DNNL_CHECK(dnnl_post_ops_append_eltwise(ops, 1, dnnl_eltwise_relu, 0, 0));
}

#endif
#endif
