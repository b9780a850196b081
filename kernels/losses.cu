// Losses with gradients. A warp computes a row, so that rows of 3 and of 400 classes cost what they
// hold and no thread of a block has to wait for another row.
//
// 1. A row of weight 0 gives zeros, and nothing but its weight is read. Excluded classes and points
//    are not read either.
// 2. Each lane adds its columns in ascending order, and shuffles join the lanes, so that every run
//    and card gives the same bits.
// 3. A softmax is taken relative to its maximum, so that nothing overflows and the maximum and the
//    logarithm do not cancel each other.
#include "kernels/losses.h"
#include "kernels/vector.cuh"

enum { ROWS_A_BLOCK = BLOCK_THREADS / WARP_LANES };

static unsigned row_blocks(int rows) { return ((unsigned)rows + ROWS_A_BLOCK - 1) / ROWS_A_BLOCK; }
static __device__ __forceinline__ int row_of_warp(void) { return (int)(blockIdx.x * ROWS_A_BLOCK + threadIdx.x / WARP_LANES); }

static __global__ void softmax_loss_kernel(int rows, int classes, int stride, const float *x, const float *legal,
                                           const float *target, const float *weight, float z_weight, float scale, float *dx,
                                           float *loss) {
    const int row = row_of_warp(), lane = (int)threadIdx.x % WARP_LANES;
    if (row >= rows) return;
    x += (size_t)row * (size_t)stride;
    dx += (size_t)row * (size_t)stride;
    target += (size_t)row * (size_t)classes;
    if (legal) legal += (size_t)row * (size_t)classes;
    const float w = weight[row];
    if (w == 0) {
        for (int k = lane; k < classes; k += WARP_LANES) dx[k] = 0;
        if (lane == 0) loss[row] = 0;
        return;
    }
    float most = -INFINITY, sum = 0, entropy = 0;
    for (int k = lane; k < classes; k += WARP_LANES)
        if (!legal || legal[k] > 0) most = take_most::of(most, x[k]);
    most = reduce_warp<take_most>(most);
    for (int k = lane; k < classes; k += WARP_LANES)
        if (!legal || legal[k] > 0) sum += expf(x[k] - most);
    sum = reduce_warp<take_sum>(sum);
    const float log_sum = logf(sum), gain = scale * w;
    const float z = sum > 0 ? most + log_sum : 0, pull = 1 + 2 * z_weight * z;
    for (int k = lane; k < classes; k += WARP_LANES) {
        float gradient = 0;
        if (!legal || legal[k] > 0) {
            const float above = x[k] - most, t = target[k];
            if (t > 0) entropy += t * (log_sum - above);
            gradient = gain * (pull * expf(above) / sum - t);
        }
        dx[k] = gradient;
    }
    entropy = reduce_warp<take_sum>(entropy);
    if (lane == 0) loss[row] = w * (entropy + z_weight * z * z);
}

void softmax_loss(struct device *d, int rows, int classes, int stride, const float *x, const float *legal, const float *target,
                  const float *weight, float z_weight, float scale, float *dx, float *loss) {
    if (rows == 0) return;
    LAUNCH(softmax_loss_kernel, row_blocks(rows), BLOCK_THREADS, 0, d, rows, classes, stride, x, legal, target, weight,
           z_weight, scale, dx, loss);
}

static __global__ void score_loss_kernel(int rows, int stride, const float *x, const float *target, const float *weight,
                                         float scale, float *dx, float *loss) {
    const int row = (int)(blockIdx.x * blockDim.x + threadIdx.x);
    if (row >= rows) return;
    const size_t at = (size_t)row * (size_t)stride;
    const float w = weight[row];
    float value = 0, gradient = 0;
    if (w != 0) {
        // The head's unit is ten points of score.
        const float error = x[at] - target[row] / 10, size = fabsf(error);
        value = w * (size <= 1 ? error * error / 2 : size - 0.5f);
        gradient = scale * w * (error > 1 ? 1 : error < -1 ? -1 : error);
    }
    dx[at] = gradient;
    loss[row] = value;
}

void score_loss(struct device *d, int rows, int stride, const float *x, const float *target, const float *weight, float scale,
                float *dx, float *loss) {
    if (rows == 0) return;
    LAUNCH(score_loss_kernel, ((unsigned)rows + BLOCK_THREADS - 1) / BLOCK_THREADS, BLOCK_THREADS, 0, d, rows, stride, x,
           target, weight, scale, dx, loss);
}

// With q = (1 + target) / 2 the loss is log(1 + e^2x) - 2xq, whose derivative is tanh(x) - target.
static __global__ void ownership_loss_kernel(int n, int points, const float *x, const float *mask, const float *area,
                                             const float *target, const float *weight, float scale, float *dx, float *loss) {
    const int row = row_of_warp(), lane = (int)threadIdx.x % WARP_LANES;
    if (row >= n) return;
    const float w = weight[row], gain = w == 0 ? 0 : scale * w / area[row];
    float sum = 0;
    for (int p = lane; p < points; p += WARP_LANES) {
        const size_t at = (size_t)row * (size_t)points + (size_t)p;
        float gradient = 0;
        if (w != 0 && (!mask || mask[at] != 0)) {
            const float z = 2 * x[at], q = (1 + target[at]) / 2;
            sum += (z > 0 ? z : 0) + log1pf(expf(-fabsf(z))) - z * q;
            gradient = gain * (tanhf(x[at]) - target[at]);
        }
        dx[at] = gradient;
    }
    sum = reduce_warp<take_sum>(sum);
    if (lane == 0) loss[row] = w == 0 ? 0 : w * sum / area[row];
}

void ownership_loss(struct device *d, int n, int points, const float *x, const float *mask, const float *area,
                    const float *target, const float *weight, float scale, float *dx, float *loss) {
    if (n == 0) return;
    LAUNCH(ownership_loss_kernel, row_blocks(n), BLOCK_THREADS, 0, d, n, points, x, mask, area, target, weight, scale, dx,
           loss);
}
