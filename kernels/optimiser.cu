// The optimiser over flat arrays. The squared norm is a sum in double in a fixed order: the parts
// of the array depend on its length alone, each block adds its part in a tree, and then one block
// adds the parts. So every run and card gives the same bits.
#include "kernels/optimiser.h"
#include "kernels/vector.cuh"

// The second stage's block reads MAX_PARTS in a few passes. Chosen, not tuned.
enum { MAX_PARTS = 1024, FLOATS_A_THREAD = 16 };

// Block b sets sums[b] to the sum of its share of x, which is every gridDim.x-th piece of
// BLOCK_THREADS.
template <class T, bool SQUARE> static __global__ void sum_kernel(size_t count, const T *x, double *sums) {
    DYNAMIC_SHARED(double, part); // [BLOCK_THREADS / WARP_LANES]
    const size_t step = (size_t)gridDim.x * blockDim.x;
    double sum = 0;
    for (size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += step) {
        const double value = (double)x[i];
        sum += SQUARE ? value * value : value;
    }
    sum = reduce_warp<take_sum>(sum);
    if (threadIdx.x % WARP_LANES == 0) part[threadIdx.x / WARP_LANES] = sum;
    __syncthreads();
    if (threadIdx.x > 0) return;
    for (int warp = 1; warp < BLOCK_THREADS / WARP_LANES; warp++) sum += part[warp];
    sums[blockIdx.x] = sum;
}

void square_sum(struct device *d, size_t count, const float *x, double *sum) {
    const size_t piece = BLOCK_THREADS * FLOATS_A_THREAD, wanted = (count + piece - 1) / piece;
    const size_t parts = wanted < 1 ? 1 : wanted < MAX_PARTS ? wanted : (size_t)MAX_PARTS;
    const size_t shared = BLOCK_THREADS / WARP_LANES * sizeof(double);
    if (parts == 1) {
        LAUNCH((sum_kernel<float, true>), 1, BLOCK_THREADS, shared, d, count, x, sum);
        return;
    }
    double *scratch = (double *)scratch_of(d, "sum of squares", parts * sizeof(double));
    LAUNCH((sum_kernel<float, true>), (unsigned)parts, BLOCK_THREADS, shared, d, count, x, scratch);
    LAUNCH((sum_kernel<double, false>), 1, BLOCK_THREADS, shared, d, parts, scratch, sum);
}

static __global__ void adamw_kernel(size_t count, struct adamw_numbers step, const float *gradient, float *weights, float *mean,
                                    float *variance) {
    const size_t stride = (size_t)gridDim.x * blockDim.x;
    for (size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += stride) {
        const float g = gradient[i] * step.gradient_scale, w = weights[i];
        const float m = step.beta1 * mean[i] + (1 - step.beta1) * g;
        const float v = step.beta2 * variance[i] + (1 - step.beta2) * g * g;
        const float update = m / step.correction1 / (sqrtf(v / step.correction2) + step.epsilon);
        mean[i] = m;
        variance[i] = v;
        weights[i] = w - step.rate * (update + step.decay * w);
    }
}

void adamw_update(struct device *d, size_t count, struct adamw_numbers step, const float *gradient, float *weights, float *mean,
                  float *variance) {
    if (count == 0) return;
    LAUNCH(adamw_kernel, blocks_for(d, count, BLOCK_THREADS), BLOCK_THREADS, 0, d, count, step, gradient, weights, mean,
           variance);
}

static __global__ void norm_divide_kernel(size_t count, const double *square, float *x) {
    const size_t step = (size_t)gridDim.x * blockDim.x;
    const float scale = *square > 0 ? (float)(1 / sqrt(*square)) : 1;
    for (size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += step) x[i] *= scale;
}

void norm_divide(struct device *d, size_t count, const double *square, float *x) {
    if (count == 0) return;
    LAUNCH(norm_divide_kernel, blocks_for(d, count, BLOCK_THREADS), BLOCK_THREADS, 0, d, count, square, x);
}

static __global__ void average_kernel(size_t count, float decay, const float *weights, float *average) {
    const size_t step = (size_t)gridDim.x * blockDim.x;
    for (size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += step)
        average[i] = decay * average[i] + (1 - decay) * weights[i];
}

void average_update(struct device *d, size_t count, float decay, const float *weights, float *average) {
    if (count == 0) return;
    LAUNCH(average_kernel, blocks_for(d, count, BLOCK_THREADS), BLOCK_THREADS, 0, d, count, decay, weights, average);
}
