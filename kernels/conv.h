// 3x3 convolutions with zero padding 1 on padded activation images (element.h), accumulation in fp32.
//
// conv_cudnn.c: cuDNN's graph API. One plan a (direction, shape, epilogue), found once and kept; the workspace is the device's
// scratch. conv_host.cpp: plain loops, for tests. Filters are packed [padded(out), 3, 3, padded(in)], elements of the images'
// type, zero in the padding (pack_filter in pointwise.h makes them from the master weights [3, 3, in, out]).
#ifndef KERNELS_CONV_H
#define KERNELS_CONV_H

#include "kernels/device.h"
#include "kernels/element.h"

#ifdef __cplusplus
extern "C" {
#endif

struct conv_shape {
    int n, h, w, in, out; // logical channels; images hold padded(in), padded(out)
    enum element element;
};

struct conv_plans;                                        // of one device handle; kept by the caller
struct conv_plans *conv_plans_new(struct device *device); // NULL: why on stderr in one line
void conv_plans_free(struct conv_plans *plans);

// y = mask * relu(conv(x, filter) + bias + residual). bias [padded(out)] fp32, zero padded; relu, residual (NULL), mask (NULL;
// [n, h, w] fp32) are optional. residual == y is fine.
// false: no plan for it, `why` says; nothing was launched.
bool conv_forward(struct conv_plans *plans, const struct conv_shape *shape, const void *x, const void *filter,
                  const float *bias, const void *residual, bool relu, const float *mask, void *y, char why[DEVICE_TEXT]);
// dx = conv transposed of dy.
bool conv_backward_data(struct conv_plans *plans, const struct conv_shape *shape, const void *dy, const void *filter, void *dx,
                        char why[DEVICE_TEXT]);
// dfilter fp32, [padded(out), 3, 3, padded(in)]: the caller unpacks it (unpack_filter_gradient in pointwise.h).
bool conv_backward_filter(struct conv_plans *plans, const struct conv_shape *shape, const void *x, const void *dy,
                          float *dfilter, char why[DEVICE_TEXT]);

#ifdef __cplusplus
}
#endif
#endif
