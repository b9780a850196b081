// Hot loops of the CPU backend that no library covers: memory-bound passes over [rows, c] arrays
// and products of few rows. They keep no state, so that any thread may call them. Shapes and
// meaning are those of net/backend_verbs.h.
#ifndef KERNELS_CPU_LOOPS_H
#define KERNELS_CPU_LOOPS_H

#include <stdbool.h>
#include <stddef.h>

// y = relu(y + bias[c]). bias may be NULL, and relu applies only where it is true.
void cpu_bias_relu(size_t rows, int c, const float *bias, bool relu, float *y);
// Rows of y where the mask is 0 become 0.
void cpu_mask(size_t rows, int c, const float *mask, float *y);
// y = mask * relu(x + bias[n, c]) over n images of `points` rows. mask may be NULL, and y may be x.
void cpu_channel_bias_relu(int n, int points, int c, const float *x, const float *bias, const float *mask, float *y);
void cpu_column_sums(size_t rows, int c, const float *x, float *sums); // in a fixed order
void cpu_relu_backward(size_t count, const float *y, float *dy);
// y[rows, out] = x[rows, in] weight[in, out]
void cpu_dense(int rows, int in, int out, const float *x, const float *weight, float *y);
void cpu_add(size_t count, float scale, const float *x, float *y);
void cpu_pool_forward(int n, int points, int c, const float *x, const float *area, float *y);
void cpu_pool_backward(int n, int points, int c, const float *x, const float *area, const float *y, const float *dy, float *dx);

#endif
