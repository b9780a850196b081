// The optimiser's steps over flat fp32 arrays on the device.
#ifndef KERNELS_OPTIMISER_H
#define KERNELS_OPTIMISER_H

#include "kernels/device.h"

#ifdef __cplusplus
extern "C" {
#endif

// Sets `sum`, one fp64 on the device, to the sum of the squares. The order of the additions is
// always the same.
void square_sum(struct device *d, size_t count, const float *x, double *sum);

struct adamw_numbers { // the numbers of struct adamw_step in net/backend_verbs.h
    float rate, beta1, beta2, epsilon, decay, correction1, correction2, gradient_scale;
};
void adamw_update(struct device *d, size_t count, struct adamw_numbers step, const float *gradient, float *weights, float *mean,
                  float *variance); // [Loshchilov & Hutter 2019]
// Divides x by sqrt(*square). Where that is 0, x stays as it is.
void norm_divide(struct device *d, size_t count, const double *square, float *x);
void average_update(struct device *d, size_t count, float decay, const float *weights, float *average);

#ifdef __cplusplus
}
#endif
#endif
