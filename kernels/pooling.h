// Global pooling on padded activations (element.h): mean, mean * (sqrt(area) - 9) / 5, maximum [Wu 2019, 3.3]. pooling.cu.
#ifndef KERNELS_POOLING_H
#define KERNELS_POOLING_H

#include "kernels/device.h"
#include "kernels/element.h"

#ifdef __cplusplus
extern "C" {
#endif

// x [n, points, padded(c)] >= 0 and zero off the board, area [n] points on the board -> y [n, 3 c] fp32.
void pool_forward(struct device *d, enum element e, int n, int points, int c, const void *x, const float *area, float *y);
// Adds to dx; the gradient of a maximum goes to the first point that has it.
void pool_backward(struct device *d, enum element e, int n, int points, int c, const void *x, const float *area, const float *y,
                   const float *dy, void *dx);

#ifdef __cplusplus
}
#endif
#endif
