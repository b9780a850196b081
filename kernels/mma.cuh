// Tensor-core products and asynchronous copies: all of our inline PTX. Each piece has a twin for
// the host that follows the tables of the PTX ISA ("Matrix Fragments for mma.m16n8k16", "ldmatrix",
// "cp.async") and knows nothing of its callers.
//
// A warp computes D += A B. With g = lane / 4 and q = lane % 4, a lane holds pairs of neighbouring
// elements in registers of 32 bits, the lower element in the lower half:
//   A [16, 16]: register 0 has row g, columns 2q and 2q + 1; register 1 row g + 8;
//               register 2 row g, columns + 8; register 3 row g + 8, columns + 8
//   B [16, 8]:  register 0 has rows 2q and 2q + 1, column g; register 1 rows + 8
//   D [16, 8]:  floats 0 and 1 have row g, columns 2q and 2q + 1; floats 2 and 3 row g + 8
// It needs compute capability 8.0 or above.
#ifndef KERNELS_MMA_CUH
#define KERNELS_MMA_CUH

#include "kernels/cuda.h"

#include <stdint.h>

template <class T> static __device__ __forceinline__ uint32_t pack_pair(float low, float high);
template <> __device__ __forceinline__ uint32_t pack_pair<__half>(float low, float high) {
    const __half2 pair = __floats2half2_rn(low, high);
    uint32_t bits;
    memcpy(&bits, &pair, sizeof bits);
    return bits;
}
template <> __device__ __forceinline__ uint32_t pack_pair<__nv_bfloat16>(float low, float high) {
    const __nv_bfloat162 pair = __floats2bfloat162_rn(low, high);
    uint32_t bits;
    memcpy(&bits, &pair, sizeof bits);
    return bits;
}
template <class T> static __device__ __forceinline__ float2 unpack_pair(uint32_t bits);
template <> __device__ __forceinline__ float2 unpack_pair<__half>(uint32_t bits) {
    __half2 pair;
    memcpy(&pair, &bits, sizeof bits);
    return __half22float2(pair);
}
template <> __device__ __forceinline__ float2 unpack_pair<__nv_bfloat16>(uint32_t bits) {
    __nv_bfloat162 pair;
    memcpy(&pair, &bits, sizeof bits);
    return __bfloat1622float2(pair);
}

#ifdef __CUDACC__

// Loads four 8x8 matrices of 16-bit elements from shared memory. Lane 8 i + r gives the address of
// row r of matrix i (16 bytes, aligned), and register i gets row g, columns 2q and 2q + 1 of matrix
// i. So an A fragment is loaded where lanes 0 to 15 point at rows 0 to 15, and lanes 16 to 31 at
// the same rows 16 bytes further on.
static __device__ __forceinline__ void load_matrices(uint32_t out[4], const void *row) {
#if __CUDA_ARCH__ >= 800
    const uint32_t address = (uint32_t)__cvta_generic_to_shared(row);
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];\n"
                 : "=r"(out[0]), "=r"(out[1]), "=r"(out[2]), "=r"(out[3])
                 : "r"(address)
                 : "memory");
#else
    __trap();
#endif
}

// D += A B
template <class T> static __device__ __forceinline__ void multiply_add(float d[4], const uint32_t a[4], const uint32_t b[2]);
template <> __device__ __forceinline__ void multiply_add<__half>(float d[4], const uint32_t a[4], const uint32_t b[2]) {
#if __CUDA_ARCH__ >= 800
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};\n"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
    __trap();
#endif
}
template <> __device__ __forceinline__ void multiply_add<__nv_bfloat16>(float d[4], const uint32_t a[4], const uint32_t b[2]) {
#if __CUDA_ARCH__ >= 800
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};\n"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
    __trap();
#endif
}

// copy_async copies 16 bytes from global to shared memory in the background, bypassing L1.
// copy_commit closes a group of a thread's copies. copy_wait<N> waits until all but the thread's
// latest N groups have arrived; other threads see them after a barrier.
static __device__ __forceinline__ void copy_async(void *to, const void *from) {
#if __CUDA_ARCH__ >= 800
    const uint32_t address = (uint32_t)__cvta_generic_to_shared(to);
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16;\n" ::"r"(address), "l"(from) : "memory");
#else
    __trap();
#endif
}
static __device__ __forceinline__ void copy_commit(void) {
#if __CUDA_ARCH__ >= 800
    asm volatile("cp.async.commit_group;\n" ::: "memory");
#endif
}
template <int N> static __device__ __forceinline__ void copy_wait(void) {
#if __CUDA_ARCH__ >= 800
    asm volatile("cp.async.wait_group %0;\n" ::"n"(N) : "memory");
#endif
}

#else

static inline void load_matrices(uint32_t out[4], const void *row) {
    struct lane {
        const unsigned char *row;
        uint32_t *out;
    } mine = {static_cast<const unsigned char *>(row), out};
    if ((uintptr_t)row % 16) {
        fprintf(stderr, "ldmatrix: a row is not aligned to 16 bytes\n");
        abort();
    }
    emulate_collective(
        "ldmatrix", 0xffffffffu,
        [](void *const lanes[EMULATE_LANES], unsigned) {
            for (int l = 0; l < EMULATE_LANES; l++)
                for (int i = 0; i < 4; i++)
                    memcpy(&static_cast<lane *>(lanes[l])->out[i], static_cast<lane *>(lanes[8 * i + l / 4])->row + 4 * (l % 4),
                           4);
        },
        &mine);
}

template <class T> static inline void multiply_add(float d[4], const uint32_t a[4], const uint32_t b[2]) {
    struct lane {
        float *d;
        const uint32_t *a, *b;
    } mine = {d, a, b};
    emulate_collective(
        "mma", 0xffffffffu,
        [](void *const lanes[EMULATE_LANES], unsigned) {
            float left[16][16], right[16][8];
            for (int l = 0; l < EMULATE_LANES; l++) {
                const lane *x = static_cast<const lane *>(lanes[l]);
                const int g = l / 4, q = l % 4;
                for (int r = 0; r < 4; r++) {
                    const float2 pair = unpack_pair<T>(x->a[r]);
                    left[g + 8 * (r & 1)][2 * q + 8 * (r >> 1)] = pair.x;
                    left[g + 8 * (r & 1)][2 * q + 8 * (r >> 1) + 1] = pair.y;
                }
                for (int r = 0; r < 2; r++) {
                    const float2 pair = unpack_pair<T>(x->b[r]);
                    right[2 * q + 8 * r][g] = pair.x;
                    right[2 * q + 8 * r + 1][g] = pair.y;
                }
            }
            float product[16][8] = {};
            for (int m = 0; m < 16; m++)
                for (int k = 0; k < 16; k++)
                    for (int n = 0; n < 8; n++) product[m][n] += left[m][k] * right[k][n];
            for (int l = 0; l < EMULATE_LANES; l++) {
                float *out = static_cast<lane *>(lanes[l])->d;
                for (int r = 0; r < 4; r++) out[r] += product[l / 4 + 8 * (r >> 1)][2 * (l % 4) + (r & 1)];
            }
        },
        &mine);
}

static inline void copy_async(void *to, const void *from) { emulate_copy_async(to, from, 16); }
static inline void copy_commit(void) { emulate_copy_commit(); }
template <int N> static inline void copy_wait(void) { emulate_copy_wait(N); }

#endif
#endif
