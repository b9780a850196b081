// The optimiser over flat fp32 arrays. optimiser.cu.
#ifndef KERNELS_OPTIMISER_H
#define KERNELS_OPTIMISER_H

#include "kernels/device.h"

#ifdef __cplusplus
extern "C" {
#endif

// sum (one fp64 on the device) = sum of squares; the same order of additions every time.
void square_sum(struct device *d, size_t count, const float *x, double *sum);

struct adamw_numbers { // as struct adamw_step in net/backend_verbs.h
    float rate, beta1, beta2, epsilon, decay, correction1, correction2, gradient_scale;
};
void adamw_update(struct device *d, size_t count, struct adamw_numbers step, const float *gradient, float *weights, float *mean,
                  float *variance);                                               // [Loshchilov & Hutter 2019]
void norm_divide(struct device *d, size_t count, const double *square, float *x); // x /= sqrt(*square); 0: x stays
void average_update(struct device *d, size_t count, float decay, const float *weights, float *average);

#ifdef __cplusplus
}
#endif
#endif
