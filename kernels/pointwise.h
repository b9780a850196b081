// Memory-bound passes on the device: packing, epilogues that no library fuses, copies between layouts. pointwise.cu.
// Images are padded activations (element.h), [n, points, padded(c)] of element e. All on the device's stream.
#ifndef KERNELS_POINTWISE_H
#define KERNELS_POINTWISE_H

#include "kernels/device.h"
#include "kernels/element.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// The current card can run the kernels of this program: they were compiled for its like.
bool pointwise_has_code(void);

// Bit k % 32 of word k / 32 is plane k: bits [rows, (planes + 31) / 32] -> x [rows, padded(planes)] of 0 and 1.
void expand_bits(struct device *d, enum element e, size_t rows, int planes, const uint32_t *bits, void *x);
// Between fp32 rows [rows, c] and padded activations [rows, padded(c)].
void rows_to_image(struct device *d, enum element e, size_t rows, int c, const float *x, void *y);
void image_to_rows(struct device *d, enum element e, size_t rows, int c, const void *x, float *y);

// Master weights [3, 3, in, out] fp32 -> filter [padded(out), 3, 3, padded(in)]; and a filter's gradient back (overwrites).
void pack_filter(struct device *d, enum element e, int in, int out, const float *weight, void *filter);
void unpack_filter_gradient(struct device *d, int in, int out, const float *dfilter, float *dweight);
// Master matrix [in, out] fp32 -> [padded(in), padded(out)]; and a gradient [padded(in), padded(out)] fp32 back.
void pack_matrix(struct device *d, enum element e, int in, int out, const float *weight, void *matrix);
void unpack_matrix_gradient(struct device *d, int in, int out, const float *dmatrix, float *dweight);
void pad_floats(struct device *d, int count, const float *x, float *y); // y[padded(count)], zeros beyond

// y = mask * relu(x + bias[n, c]); bias rows are not padded; mask [n, points] may be NULL; y == x is fine.
void channel_bias_relu(struct device *d, enum element e, int n, int points, int c, const void *x, const float *bias,
                       const float *mask, void *y);
void channel_sums(struct device *d, enum element e, int n, int points, int c, const void *dy, float *sums); // [n, c]
void column_sums(struct device *d, enum element e, size_t rows, int c, const void *dy, float *sums);        // [c]
void column_sums_f32(struct device *d, size_t rows, int c, const float *dy, float *sums);                   // [c], unpadded
// y = mask * relu(y + bias[c]) in place, for products whose library fuses neither; bias, mask may be NULL.
void bias_relu_mask(struct device *d, enum element e, size_t rows, int c, const float *bias, bool relu, const float *mask,
                    void *y);
void relu_backward_image(struct device *d, enum element e, size_t count, const void *y, void *dy); // dy = y > 0 ? dy : 0
void relu_backward_f32(struct device *d, size_t count, const float *y, float *dy);
void add_image(struct device *d, enum element e, size_t count, const void *x, void *y); // y += x
void add_f32(struct device *d, size_t count, float scale, const float *x, float *y);    // y += scale x
void fill_f32(struct device *d, size_t count, float value, float *x);

// backend_verbs.h actions_gather, actions_scatter.
void gather_actions(struct device *d, int n, int points, int heads, int planes, int globals, const float *maps,
                    const float *tail, float *logits);
void scatter_actions(struct device *d, int n, int points, int heads, int planes, int globals, const float *dlogits,
                     float *dmaps, float *dtail);

#ifdef __cplusplus
}
#endif
#endif
