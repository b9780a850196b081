// Memory-bound passes on the device: packing, epilogues that no library fuses, and copies between
// layouts. Images are padded activations (element.h), [n, points, padded(c)] of element e.
// Everything runs on the device's stream.
#ifndef KERNELS_POINTWISE_H
#define KERNELS_POINTWISE_H

#include "kernels/device.h"
#include "kernels/element.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Whether this program's kernels were compiled for cards like the current one.
bool pointwise_has_code(void);

// From bits [rows, (planes + 31) / 32], where plane k is bit k % 32 of word k / 32, to x [rows,
// padded(planes)] of 0 and 1.
void expand_bits(struct device *d, enum element e, size_t rows, int planes, const uint32_t *bits, void *x);
// These copy between fp32 rows [rows, c] and padded activations [rows, padded(c)].
void rows_to_image(struct device *d, enum element e, size_t rows, int c, const float *x, void *y);
void image_to_rows(struct device *d, enum element e, size_t rows, int c, const void *x, float *y);

// From fp32 master weights [3, 3, in, out] to a filter [padded(out), 3, 3, padded(in)], and from a
// filter's gradient back to that of the weights, which is overwritten.
void pack_filter(struct device *d, enum element e, int in, int out, const float *weight, void *filter);
void unpack_filter_gradient(struct device *d, int in, int out, const float *dfilter, float *dweight);
// From an fp32 master matrix [in, out] to [padded(in), padded(out)], and from an fp32 gradient
// [padded(in), padded(out)] back.
void pack_matrix(struct device *d, enum element e, int in, int out, const float *weight, void *matrix);
void unpack_matrix_gradient(struct device *d, int in, int out, const float *dmatrix, float *dweight);
// Copies x[count] to y[padded(count)], with zeros in the padding.
void pad_floats(struct device *d, int count, const float *x, float *y);

// y = mask * relu(x + bias[n, c]). The rows of the bias are not padded, the mask [n, points] may be
// NULL, and y may be x.
void channel_bias_relu(struct device *d, enum element e, int n, int points, int c, const void *x, const float *bias,
                       const float *mask, void *y);
// Sums over the points of each image: sums [n, c], not padded.
void channel_sums(struct device *d, enum element e, int n, int points, int c, const void *dy, float *sums);
// Sums over all rows of an image: sums [c].
void column_sums(struct device *d, enum element e, size_t rows, int c, const void *dy, float *sums);
// The same for fp32 rows without padding.
void column_sums_f32(struct device *d, size_t rows, int c, const float *dy, float *sums);
// y = mask * relu(y + bias[c]) in place, for products whose library fuses none of it. bias and mask
// may be NULL.
void bias_relu_mask(struct device *d, enum element e, size_t rows, int c, const float *bias, bool relu, const float *mask,
                    void *y);
// dy = y > 0 ? dy : 0
void relu_backward_image(struct device *d, enum element e, size_t count, const void *y, void *dy);
void relu_backward_f32(struct device *d, size_t count, const float *y, float *dy);
void add_image(struct device *d, enum element e, size_t count, const void *x, void *y); // y += x
// y += scale x
void add_f32(struct device *d, size_t count, float scale, const float *x, float *y);
void fill_f32(struct device *d, size_t count, float value, float *x);

// These are actions_gather and actions_scatter of net/backend_verbs.h.
void gather_actions(struct device *d, int n, int points, int heads, int planes, int globals, const float *maps,
                    const float *tail, float *logits);
void scatter_actions(struct device *d, int n, int points, int heads, int planes, int globals, const float *dlogits,
                     float *dmaps, float *dtail);

#ifdef __cplusplus
}
#endif
#endif
