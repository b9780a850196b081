// Matrix products of row-major matrices with sums in fp32. dense_cublaslt.c implements them with
// cuBLASLt and keeps one plan for each shape; dense_host.cpp has plain loops, for tests. A set of
// plans belongs to one device handle, and so to one thread at a time.
#ifndef KERNELS_DENSE_H
#define KERNELS_DENSE_H

#include "kernels/device.h"
#include "kernels/element.h"

#ifdef __cplusplus
extern "C" {
#endif

// d[m, n] = op(a) op(b), to which d's old values are added where `add` is set, then the fp32
// bias[n] where it is not NULL, and then relu is applied where it is asked for. op transposes where
// told: a is stored as [m, k], or as [k, m] with a_transposed; b as [k, n], or as [n, k] with
// b_transposed. Strides are row lengths in elements. a and b hold elements of type `in`, d of type
// `out`. The pair (in, out) is (F32, F32), (T, T) or (T, F32), where T is F16 or BF16.
struct dense_product {
    int m, n, k;
    enum element in, out;
    bool a_transposed, b_transposed, add, relu;
    int a_stride, b_stride, d_stride;
};

struct dense_plans;
// Returns false where the library can't be used or memory ran out: `why` says which.
bool dense_plans_new(struct dense_plans **out, struct device *device, char why[DEVICE_TEXT]);
void dense_plans_free(struct dense_plans *plans);
// Returns false where the library has no way to compute it or memory ran out: `why` says the
// reason, and d is not to be used.
bool dense_run(struct dense_plans *plans, const struct dense_product *product, const void *a, const void *b, const float *bias,
               void *d, char why[DEVICE_TEXT]);

#ifdef __cplusplus
}
#endif
#endif
