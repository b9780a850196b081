// 3x3 convolutions on padded activation images (element.h). A border of zeros, one point wide, is
// assumed around each image. Sums are fp32.
//
// conv_cudnn.c implements it with cuDNN's graph API: for each combination of direction, shape and
// epilogue one plan is found once and kept, and its workspace is the device's scratch.
// conv_host.cpp implements it with plain loops, for tests.
// Filters are packed as [padded(out), 3, 3, padded(in)] in elements of the images' type, with zeros
// in the padding; pack_filter in pointwise.h makes them from the master weights [3, 3, in, out].
//
// A set of plans belongs to one device handle, and so to one thread at a time.
#ifndef KERNELS_CONV_H
#define KERNELS_CONV_H

#include "kernels/device.h"
#include "kernels/element.h"

#ifdef __cplusplus
extern "C" {
#endif

struct conv_shape {
    int n, h, w, in, out; // channels without padding; images hold padded(in) and padded(out)
    enum element element;
};

struct conv_plans;
// Returns false where the library can't be used or memory ran out: `why` says which.
bool conv_plans_new(struct conv_plans **out, struct device *device, char why[DEVICE_TEXT]);
void conv_plans_free(struct conv_plans *plans);

// y = mask * relu(conv(x, filter) + bias + residual). The bias is fp32 [padded(out)], with zeros in
// the padding; the mask is fp32 [n, h, w]. bias, residual and mask may be NULL and then drop out of
// the formula, as relu does where it is false. residual may be y.
// Returns false where no plan can compute it: `why` says the reason, and y is not to be used. The
// same is true of the two calls below.
bool conv_forward(struct conv_plans *plans, const struct conv_shape *shape, const void *x, const void *filter,
                  const float *bias, const void *residual, bool relu, const float *mask, void *y, char why[DEVICE_TEXT]);
// dx is the transposed convolution of dy: the gradient with respect to x.
bool conv_backward_data(struct conv_plans *plans, const struct conv_shape *shape, const void *dy, const void *filter, void *dx,
                        char why[DEVICE_TEXT]);
// dfilter is fp32, [padded(out), 3, 3, padded(in)]. The caller unpacks it with
// unpack_filter_gradient (pointwise.h).
bool conv_backward_filter(struct conv_plans *plans, const struct conv_shape *shape, const void *x, const void *dy,
                          float *dfilter, char why[DEVICE_TEXT]);

#ifdef __cplusplus
}
#endif
#endif
