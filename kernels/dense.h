// Matrix products, row-major, accumulation in fp32. dense_cublaslt.c: cuBLASLt, one plan a shape, kept; dense_host.cpp: loops.
#ifndef KERNELS_DENSE_H
#define KERNELS_DENSE_H

#include "kernels/device.h"
#include "kernels/element.h"

#ifdef __cplusplus
extern "C" {
#endif

// d[m, n] = op(a) op(b) (+ d when `add`), then + bias[n] (fp32; NULL: none), then relu if asked. op transposes where told: a is
// [m, k], or [k, m] with a_transposed; b is [k, n], or [n, k] with b_transposed. Strides are row lengths in elements.
// a and b hold `in` elements, d holds `out` elements: (in, out) is (F32, F32), (T, T) or (T, F32) with T F16 or BF16.
struct dense_product {
    int m, n, k;
    enum element in, out;
    bool a_transposed, b_transposed, add, relu;
    int a_stride, b_stride, d_stride;
};

struct dense_plans;                                         // of one device handle; kept by the caller
struct dense_plans *dense_plans_new(struct device *device); // NULL: why on stderr in one line
void dense_plans_free(struct dense_plans *plans);
// false: the library has no way to do it, `why` says; nothing was launched.
bool dense_run(struct dense_plans *plans, const struct dense_product *product, const void *a, const void *b, const float *bias,
               void *d, char why[DEVICE_TEXT]);

#ifdef __cplusplus
}
#endif
#endif
