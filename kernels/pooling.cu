// Global pooling and its gradient, each with one pass over the points of every position.
//
// A block is a position (blockIdx.x) and a chunk of its channels (blockIdx.y). Its threads share
// the points as vector.cuh says. They join their sums, maxima and first places of a maximum in
// shared memory, always in the same order.
#include "kernels/pooling.h"
#include "kernels/vector.cuh"

// [Wu 2019, 3.3]
static __device__ __forceinline__ float width_factor(float area) { return (sqrtf(area) - 9) / 5; }

template <class T>
static __global__ void pool_forward_kernel(int points, int c, struct tile tile, const T *x, const float *area, float *y) {
    DYNAMIC_SHARED(float, shared);
    const struct place at = place_of(tile);
    const size_t n = blockIdx.x;
    float sum[VECTOR] = {0}, most[VECTOR] = {0}; // x >= 0
    if (at.group < tile.groups)
        for (int p = at.row; p < points; p += tile.height) {
            float v[VECTOR];
            load_vector(x + ((n * (size_t)points + (size_t)p) * (size_t)tile.groups + (size_t)at.group) * VECTOR, v);
            for (int k = 0; k < VECTOR; k++) {
                sum[k] += v[k];
                most[k] = take_most::of(most[k], v[k]);
            }
        }
    reduce_tile<take_sum>(tile, shared, sum);
    reduce_tile<take_most>(tile, shared, most);
    if (at.row > 0 || at.group >= tile.groups) return;
    const int num = c - at.group * VECTOR;
    const float here = area[n], factor = width_factor(here);
    float scaled[VECTOR];
    for (int k = 0; k < VECTOR; k++) {
        sum[k] /= here;
        scaled[k] = sum[k] * factor;
    }
    float *out = y + n * 3 * (size_t)c + (size_t)(at.group * VECTOR);
    store_some(out, num, sum);
    store_some(out + c, num, scaled);
    store_some(out + 2 * (size_t)c, num, most);
}

void pool_forward(struct device *d, enum element e, int n, int points, int c, const void *x, const float *area, float *y) {
    if (n == 0) return;
    const struct tile tile = tile_of(padded(c) / VECTOR);
    const dim3 grid((unsigned)n, (unsigned)tile_chunks(tile.groups));
    FOR_ELEMENT(e, LAUNCH(pool_forward_kernel<T>, grid, tile_threads(tile), (size_t)tile_threads(tile) * VECTOR * sizeof(float),
                          d, points, c, tile, (const T *)x, area, y));
}

// A maximum is an element of x. fp32 holds it exactly, so that a comparison finds it again.
template <class T>
static __global__ void pool_backward_kernel(int points, int c, struct tile tile, const T *x, const float *area, const float *y,
                                            const float *dy, T *dx) {
    DYNAMIC_SHARED(int, shared); // [VECTOR] first places for each thread
    const struct place at = place_of(tile);
    const size_t n = blockIdx.x;
    const bool inside = at.group < tile.groups;
    const int num = c - at.group * VECTOR;
    const size_t image = (n * (size_t)points * (size_t)tile.groups + (size_t)at.group) * VECTOR;
    const size_t row = n * 3 * (size_t)c + (size_t)(at.group * VECTOR);
    int place[VECTOR];
    for (int k = 0; k < VECTOR; k++) place[k] = points;
    if (inside) {
        float most[VECTOR];
        load_some(y + row + 2 * (size_t)c, num, most);
        for (int p = at.row; p < points; p += tile.height) {
            float v[VECTOR];
            load_vector(x + image + (size_t)p * (size_t)tile.groups * VECTOR, v);
            for (int k = 0; k < VECTOR; k++)
                if (place[k] == points && v[k] == most[k]) place[k] = p;
        }
    }
    reduce_tile<take_least>(tile, shared, place);
    __syncthreads();
    if (!inside) return;
    float flat[VECTOR], scaled[VECTOR], peak[VECTOR];
    load_some(dy + row, num, flat);
    load_some(dy + row + c, num, scaled);
    load_some(dy + row + 2 * (size_t)c, num, peak);
    const float here = area[n], factor = width_factor(here);
    for (int k = 0; k < VECTOR; k++) {
        flat[k] = (flat[k] + scaled[k] * factor) / here;
        // The threads of row 0 have the results of the tile.
        place[k] = shared[k * (int)blockDim.x + (int)threadIdx.x % tile.width];
    }
    for (int p = at.row; p < points; p += tile.height) {
        T *out = dx + image + (size_t)p * (size_t)tile.groups * VECTOR;
        float v[VECTOR];
        load_vector(out, v);
        for (int k = 0; k < VECTOR; k++) {
            v[k] += flat[k];
            if (p == place[k]) v[k] += peak[k];
            if (k >= num) v[k] = 0;
        }
        store_vector(out, v);
    }
}

void pool_backward(struct device *d, enum element e, int n, int points, int c, const void *x, const float *area, const float *y,
                   const float *dy, void *dx) {
    if (n == 0) return;
    const struct tile tile = tile_of(padded(c) / VECTOR);
    const dim3 grid((unsigned)n, (unsigned)tile_chunks(tile.groups));
    FOR_ELEMENT(e, LAUNCH(pool_backward_kernel<T>, grid, tile_threads(tile), (size_t)tile_threads(tile) * VECTOR * sizeof(int),
                          d, points, c, tile, (const T *)x, area, y, dy, (T *)dx));
}
