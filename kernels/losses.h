// Losses and their gradients in fp32. net/backend_verbs.h and backend_ref.c define them; all arrays
// are on the device.
#ifndef KERNELS_LOSSES_H
#define KERNELS_LOSSES_H

#include "kernels/device.h"

#ifdef __cplusplus
extern "C" {
#endif

void softmax_loss(struct device *d, int rows, int classes, int stride, const float *x, const float *legal, const float *target,
                  const float *weight, float z_weight, float scale, float *dx, float *loss);
void score_loss(struct device *d, int rows, int stride, const float *x, const float *target, const float *weight, float scale,
                float *dx, float *loss);
void ownership_loss(struct device *d, int n, int points, const float *x, const float *mask, const float *area,
                    const float *target, const float *weight, float scale, float *dx, float *loss);

#ifdef __cplusplus
}
#endif
#endif
