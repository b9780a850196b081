// dense.h as plain loops on host memory, for tests: sums in double, each result rounded to its
// element once.
#include "kernels/dense.h"
#include "kernels/vector.cuh"

#include <new>
#include <vector>

struct dense_plans {
    struct device *device;
};

bool dense_plans_new(struct dense_plans **out, struct device *device, char why[DEVICE_TEXT]) {
    *out = new (std::nothrow) dense_plans{device};
    if (!*out) snprintf(why, DEVICE_TEXT, "out of memory");
    return *out != nullptr;
}
void dense_plans_free(struct dense_plans *plans) { delete plans; }

namespace {

const char *refusal(const struct dense_product *p) {
    const bool elements = (unsigned)p->in < NUM_ELEMENTS && (unsigned)p->out < NUM_ELEMENTS;
    if (!elements || (p->in == ELEMENT_F32 ? p->out != ELEMENT_F32 : p->out != p->in && p->out != ELEMENT_F32))
        return "these elements do not go together";
    if (p->m < 1 || p->n < 1 || p->k < 1) return "an empty shape";
    if (p->a_stride < (p->a_transposed ? p->m : p->k) || p->b_stride < (p->b_transposed ? p->k : p->n) || p->d_stride < p->n)
        return "a stride shorter than its row";
    return nullptr;
}

// [rows, columns] of op(from) as floats
template <class T> std::vector<float> operand(const void *from, size_t rows, size_t columns, size_t stride, bool transposed) {
    std::vector<float> out(rows * columns);
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++)
            out[r * columns + c] = to_float(static_cast<const T *>(from)[transposed ? c * stride + r : r * stride + c]);
    return out;
}

template <class IN, class OUT>
void multiply(const struct dense_product *p, const void *a, const void *b, const float *bias, void *d) {
    const size_t m = (size_t)p->m, n = (size_t)p->n, k = (size_t)p->k;
    const std::vector<float> left = operand<IN>(a, m, k, (size_t)p->a_stride, p->a_transposed);
    const std::vector<float> right = operand<IN>(b, k, n, (size_t)p->b_stride, p->b_transposed);
    std::vector<double> sum(n);
    for (size_t row = 0; row < m; row++) {
        OUT *out = static_cast<OUT *>(d) + row * (size_t)p->d_stride;
        for (size_t c = 0; c < n; c++) sum[c] = p->add ? to_float(out[c]) : 0;
        for (size_t i = 0; i < k; i++)
            for (size_t c = 0; c < n; c++) sum[c] += (double)left[row * k + i] * right[i * n + c];
        for (size_t c = 0; c < n; c++) {
            const double value = sum[c] + (bias ? bias[c] : 0);
            out[c] = from_float<OUT>(p->relu && !(value > 0) ? 0 : (float)value);
        }
    }
}

} // namespace

bool dense_run(struct dense_plans *plans, const struct dense_product *product, const void *a, const void *b, const float *bias,
               void *d, char why[DEVICE_TEXT]) {
    const char *what = refusal(product);
    if (what) {
        snprintf(why, DEVICE_TEXT, "host product [%d, %d] by [%d, %d]: %s", product->m, product->k, product->k, product->n,
                 what);
        return false;
    }
    if (product->out == ELEMENT_F32)
        FOR_ELEMENT(product->in, (multiply<T, float>(product, a, b, bias, d)));
    else
        FOR_ELEMENT(product->in, (multiply<T, T>(product, a, b, bias, d)));
    return true;
}
