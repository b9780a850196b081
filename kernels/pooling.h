// Global pooling on padded activations (element.h). Each channel gives its mean, its mean times
// (sqrt(area) - 9) / 5, and its maximum [Wu 2019, 3.3].
#ifndef KERNELS_POOLING_H
#define KERNELS_POOLING_H

#include "kernels/device.h"
#include "kernels/element.h"

#ifdef __cplusplus
extern "C" {
#endif

// From x [n, points, padded(c)], which is nowhere negative and zero off the board, to fp32 y [n, 3
// c]. area [n] has the numbers of points on the boards.
void pool_forward(struct device *d, enum element e, int n, int points, int c, const void *x, const float *area, float *y);
// Adds the gradient to dx. The gradient of a maximum goes to the first point that has it.
void pool_backward(struct device *d, enum element e, int n, int points, int c, const void *x, const float *area, const float *y,
                   const float *dy, void *dx);

#ifdef __cplusplus
}
#endif
#endif
