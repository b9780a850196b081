// What the memory-bound kernels share: elements, vectors of 8 of them, reductions, and how a block
// of threads covers an image.
//
// A row of an image (a point) is `groups` vectors of 8 channels, at least one. A block of threads
// is a tile of `height` rows by `width` vectors:
//
//   thread t  ->  vector blockIdx.y * width + t % width,  rows t / width, t / width + height, ...
//
// 1. A thread keeps the same channels, so that it looks up bias and padding once and divides
//    nothing in its loop.
// 2. Neighbouring threads read neighbouring 16 bytes.
// 3. Reductions over the rows of a tile add in an order that depends on the tile alone, so that
//    every run and card gives the same bits.
#ifndef KERNELS_VECTOR_CUH
#define KERNELS_VECTOR_CUH

#include "kernels/cuda.h"
#include "kernels/device.h"
#include "kernels/element.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    VECTOR = 8,          // channels, which are 16 bytes of 2-byte elements
    BLOCK_THREADS = 256, // 8 blocks fill a multiprocessor; chosen, not tuned
    // The most blocks for each multiprocessor in grid-stride loops: 4 times what runs at once.
    // Chosen, not tuned.
    BLOCKS_A_SM = 32,
    TILE_WIDTH = 32, // at most, in vectors: 512 bytes of a row are enough for full speed
    WARP_LANES = 32  // on every card
};

// Runs the statement with T the type of element e.
#define FOR_ELEMENT(e, ...)                                                                                                    \
    do {                                                                                                                       \
        switch (e) {                                                                                                           \
        case ELEMENT_F32: {                                                                                                    \
            typedef float T;                                                                                                   \
            __VA_ARGS__;                                                                                                       \
            break;                                                                                                             \
        }                                                                                                                      \
        case ELEMENT_F16: {                                                                                                    \
            typedef __half T;                                                                                                  \
            __VA_ARGS__;                                                                                                       \
            break;                                                                                                             \
        }                                                                                                                      \
        default: {                                                                                                             \
            typedef __nv_bfloat16 T;                                                                                           \
            __VA_ARGS__;                                                                                                       \
            break;                                                                                                             \
        }                                                                                                                      \
        }                                                                                                                      \
    } while (0)

// --- Elements. A conversion to float is exact, and one from float rounds once, to nearest even.

static __host__ __device__ __forceinline__ float to_float(float x) { return x; }
static __host__ __device__ __forceinline__ float to_float(__half x) { return __half2float(x); }
static __host__ __device__ __forceinline__ float to_float(__nv_bfloat16 x) { return __bfloat162float(x); }
template <class T> static __host__ __device__ __forceinline__ T from_float(float x);
template <> __host__ __device__ __forceinline__ float from_float<float>(float x) { return x; }
template <> __host__ __device__ __forceinline__ __half from_float<__half>(float x) { return __float2half_rn(x); }
template <> __host__ __device__ __forceinline__ __nv_bfloat16 from_float<__nv_bfloat16>(float x) {
    return __float2bfloat16_rn(x);
}

// --- Vectors, at addresses that are multiples of 16 bytes.

static __device__ __forceinline__ float2 pair_to_floats(__half2 x) { return __half22float2(x); }
static __device__ __forceinline__ float2 pair_to_floats(__nv_bfloat162 x) { return __bfloat1622float2(x); }
static __device__ __forceinline__ void pair_from_floats(float x, float y, __half2 *out) { *out = __floats2half2_rn(x, y); }
static __device__ __forceinline__ void pair_from_floats(float x, float y, __nv_bfloat162 *out) {
    *out = __floats2bfloat162_rn(x, y);
}

template <class PAIR> static __device__ __forceinline__ void load_pairs(const void *from, float (&v)[VECTOR]) {
    const uint4 bits = *(const uint4 *)from;
    PAIR pairs[VECTOR / 2];
    memcpy(pairs, &bits, sizeof bits);
    for (int k = 0; k < VECTOR / 2; k++) {
        const float2 two = pair_to_floats(pairs[k]);
        v[2 * k] = two.x;
        v[2 * k + 1] = two.y;
    }
}
template <class PAIR> static __device__ __forceinline__ void store_pairs(void *to, const float (&v)[VECTOR]) {
    PAIR pairs[VECTOR / 2];
    for (int k = 0; k < VECTOR / 2; k++) pair_from_floats(v[2 * k], v[2 * k + 1], &pairs[k]);
    uint4 bits;
    memcpy(&bits, pairs, sizeof bits);
    *(uint4 *)to = bits;
}
static __device__ __forceinline__ void load_vector(const __half *from, float (&v)[VECTOR]) { load_pairs<__half2>(from, v); }
static __device__ __forceinline__ void load_vector(const __nv_bfloat16 *from, float (&v)[VECTOR]) {
    load_pairs<__nv_bfloat162>(from, v);
}
static __device__ __forceinline__ void load_vector(const float *from, float (&v)[VECTOR]) {
    const float4 low = ((const float4 *)from)[0], high = ((const float4 *)from)[1];
    v[0] = low.x, v[1] = low.y, v[2] = low.z, v[3] = low.w;
    v[4] = high.x, v[5] = high.y, v[6] = high.z, v[7] = high.w;
}
static __device__ __forceinline__ void load_vector(const float *from, float (&v)[1]) { v[0] = *from; }
static __device__ __forceinline__ void store_vector(__half *to, const float (&v)[VECTOR]) { store_pairs<__half2>(to, v); }
static __device__ __forceinline__ void store_vector(__nv_bfloat16 *to, const float (&v)[VECTOR]) {
    store_pairs<__nv_bfloat162>(to, v);
}
static __device__ __forceinline__ void store_vector(float *to, const float (&v)[VECTOR]) {
    ((float4 *)to)[0] = make_float4(v[0], v[1], v[2], v[3]);
    ((float4 *)to)[1] = make_float4(v[4], v[5], v[6], v[7]);
}

// For rows that are not padded: the first `num` of 8 floats at any address, and zeros beyond them.
static __device__ __forceinline__ void load_some(const float *from, int num, float (&v)[VECTOR]) {
    if (num >= VECTOR && (uintptr_t)from % sizeof(float4) == 0) {
        load_vector(from, v);
        return;
    }
    for (int k = 0; k < VECTOR; k++) v[k] = k < num ? from[k] : 0;
}
static __device__ __forceinline__ void store_some(float *to, int num, const float (&v)[VECTOR]) {
    if (num >= VECTOR && (uintptr_t)to % sizeof(float4) == 0) {
        store_vector(to, v);
        return;
    }
    for (int k = 0; k < VECTOR; k++)
        if (k < num) to[k] = v[k];
}

// --- Tiles.

struct tile {
    int groups; // the vectors of a whole row
    int width, height;
};
struct place { // where a thread works; it has nothing to do where group >= tile.groups
    int group, row;
};

static inline int tile_chunks(int groups) { return (groups + TILE_WIDTH - 1) / TILE_WIDTH; }
static inline struct tile tile_of(int groups) {
    struct tile tile;
    tile.groups = groups;
    tile.width = (groups + tile_chunks(groups) - 1) / tile_chunks(groups);
    tile.height = BLOCK_THREADS / tile.width;
    return tile;
}
static inline int tile_threads(struct tile tile) { return tile.width * tile.height; }
static __device__ __forceinline__ struct place place_of(struct tile tile) {
    struct place at;
    at.group = (int)blockIdx.y * tile.width + (int)threadIdx.x % tile.width;
    at.row = (int)threadIdx.x / tile.width;
    return at;
}

// The number of blocks for a grid-stride loop over `work` things, `piece` of them for each block.
static inline unsigned blocks_for(struct device *d, size_t work, size_t piece) {
    const size_t blocks = (work + piece - 1) / piece, most = (size_t)device_facts_of(d)->processors * BLOCKS_A_SM;
    return (unsigned)(blocks < most ? blocks : most);
}
static inline dim3 tile_grid(struct device *d, struct tile tile, size_t rows) {
    return dim3(blocks_for(d, rows, (size_t)tile.height), (unsigned)tile_chunks(tile.groups));
}

static inline void *scratch_of(struct device *d, const char *what, size_t bytes) {
    void *scratch = device_scratch(d, bytes);
    if (scratch) return scratch;
    fprintf(stderr, "tengen: cuda: %s: no memory for %zu bytes of scratch\n", what, bytes);
    abort();
}

// --- Reductions.

struct take_sum {
    template <class V> static __device__ __forceinline__ V of(V a, V b) { return a + b; }
};
struct take_most {
    template <class V> static __device__ __forceinline__ V of(V a, V b) { return b > a ? b : a; }
};
struct take_least {
    template <class V> static __device__ __forceinline__ V of(V a, V b) { return b < a ? b : a; }
};

// Reduces over the rows of a tile: the v of the threads of row 0 becomes the result. `shared` has W
// values for each thread. All threads have to call it.
template <class OP, int W, class V> static __device__ void reduce_tile(struct tile tile, V *shared, V (&v)[W]) {
    const int stride = (int)blockDim.x, row = (int)threadIdx.x / tile.width;
    V *mine = shared + threadIdx.x;
    __syncthreads(); // until an earlier reduction's values have been read
    for (int k = 0; k < W; k++) mine[k * stride] = v[k];
    for (int rows = tile.height; rows > 1;) {
        const int upper = (rows + 1) / 2;
        __syncthreads();
        if (row < rows - upper)
            for (int k = 0; k < W; k++) mine[k * stride] = v[k] = OP::of(v[k], mine[k * stride + upper * tile.width]);
        rows = upper;
    }
}

// Reduces over the 32 lanes of a warp, and every lane gets the result. All lanes have to call it.
template <class OP, class V> static __device__ __forceinline__ V reduce_warp(V v) {
    for (int lanes = WARP_LANES / 2; lanes > 0; lanes /= 2) v = OP::of(v, __shfl_xor_sync(0xffffffffu, v, lanes));
    return v;
}

#endif
