// CUDA's language on the host: what kernels/cuda.h includes when a host compiler reads a .cu file
// (-x c++ -std=c++17).
//
// A launch runs its blocks one after another on the calling thread. The threads of a block are
// fibres, each with a stack of its own, and are switched only where CUDA threads wait for each
// other: __syncthreads and warp collectives (__syncwarp, shuffles, votes, and mma.cuh's products).
// So index logic, barriers and races are tested without a card; speed and memory coalescing are
// not.
//
// It is stricter than a card, on purpose. It aborts with a line on stderr when
// - threads of a block wait in different places (one at __syncthreads, another in a shuffle) and
//   none can go on;
// - a thread has returned while others wait for it;
// - a warp collective names lanes that do not exist, or leaves out the caller, or its lanes ask for
//   different things;
// - a block wrote beyond its dynamic shared memory, or a launch is larger than a card takes.
// Dynamic shared memory is all ones (NaN) when a block begins. A thread runs as far as it can
// before the next one starts, upwards in even blocks and downwards in odd ones. So where a barrier
// is missing, reads before it see NaN, and writes after it are seen too early. Static __shared__
// arrays are not poisoned: they keep the last block's values.
//
// Any thread may launch: each has a state of its own.
#ifndef KERNELS_EMULATE_H
#define KERNELS_EMULATE_H

#include "kernels/device.h"

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <tuple>
#include <type_traits>

#define __global__
#define __device__
#define __host__
#define __constant__ static const
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __shared__ static thread_local
#define __align__(bytes) alignas(bytes)
#ifndef __restrict__
#define __restrict__ __restrict
#endif

// --- Indices

struct uint3 {
    unsigned x, y, z;
};
struct dim3 {
    unsigned x, y, z;
    dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
};
struct emulate_thread { // which CUDA thread the running fibre is
    uint3 thread, block;
    dim3 block_size, grid_size;
    unsigned index; // of the thread in its block, where x counts fastest
    void *shared;   // the block's dynamic shared memory
};
const struct emulate_thread *emulate_now(void); // aborts outside a launch
#define threadIdx (emulate_now()->thread)
#define blockIdx (emulate_now()->block)
#define blockDim (emulate_now()->block_size)
#define gridDim (emulate_now()->grid_size)
enum { warpSize = 32 };

// --- Launch

void emulate_run(const char *name, dim3 grid, dim3 block, size_t shared_bytes, void (*body)(void *), void *context);

template <class... P, class... A>
void emulate_launch(const char *name, dim3 grid, dim3 block, size_t shared_bytes, struct device *, void (*kernel)(P...),
                    A... arguments) {
    struct call {
        void (*kernel)(P...);
        std::tuple<P...> arguments;
    } c = {kernel, std::tuple<P...>(static_cast<P>(arguments)...)};
    emulate_run(
        name, grid, block, shared_bytes,
        [](void *context) {
            const call *self = static_cast<call *>(context);
            // Parameters are passed by value, so that each thread has copies of its own.
            std::apply(self->kernel, self->arguments);
        },
        &c);
}
#define LAUNCH(kernel, grid, block, shared_bytes, device, ...)                                                                 \
    emulate_launch(#kernel, grid, block, shared_bytes, device, kernel, __VA_ARGS__)

// --- Waiting for each other

enum { EMULATE_LANES = 32 };
// Waits until every lane of `mask` has called with the same `what` (a string literal) and op. The
// last one runs op(arguments, mask), which reads and writes the arguments of all lanes; they are
// NULL for lanes outside the mask.
void emulate_collective(const char *what, unsigned mask, void (*op)(void *const arguments[EMULATE_LANES], unsigned mask),
                        void *argument);
// Waits until all threads of the block have called. Returns the number of threads whose value is
// not 0, and sets whether that is any or all of them.
int emulate_block_barrier(int value, int *any, int *all);
static inline void __syncthreads(void) { emulate_block_barrier(0, nullptr, nullptr); }
static inline int __syncthreads_count(int value) { return emulate_block_barrier(value, nullptr, nullptr); }
static inline int __syncthreads_or(int value) { return emulate_block_barrier(value, &value, nullptr), value; }
static inline int __syncthreads_and(int value) { return emulate_block_barrier(value, nullptr, &value), value; }
static inline unsigned emulate_lane(void) { return emulate_now()->index % EMULATE_LANES; }

static inline void __syncwarp(unsigned mask = 0xffffffffu) {
    emulate_collective(
        "__syncwarp", mask, [](void *const *, unsigned) {}, nullptr);
}
struct emulate_shuffle {
    uint64_t in, out;
    unsigned source;
};
// A source outside the mask gives all ones.
void emulate_shuffle_op(void *const arguments[EMULATE_LANES], unsigned mask);
template <class T> static inline T emulate_shuffle_value(const char *what, unsigned mask, T value, unsigned source) {
    static_assert(sizeof(T) <= 8 && std::is_trivially_copyable<T>::value, "shuffles move up to 8 bytes");
    emulate_shuffle s = {0, 0, source};
    std::memcpy(&s.in, &value, sizeof value);
    emulate_collective(what, mask, emulate_shuffle_op, &s);
    std::memcpy(static_cast<void *>(&value), &s.out, sizeof value);
    return value;
}
template <class T> static inline T __shfl_sync(unsigned mask, T value, int source, int width = 32) {
    const unsigned lane = emulate_lane(), w = (unsigned)width;
    return emulate_shuffle_value("__shfl_sync", mask, value, lane / w * w + (unsigned)source % w);
}
template <class T> static inline T __shfl_xor_sync(unsigned mask, T value, int lanes, int width = 32) {
    const unsigned lane = emulate_lane(), w = (unsigned)width, source = lane ^ (unsigned)lanes;
    return emulate_shuffle_value("__shfl_xor_sync", mask, value, source < lane / w * w + w ? source : lane);
}
template <class T> static inline T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32) {
    const unsigned lane = emulate_lane(), w = (unsigned)width;
    return emulate_shuffle_value("__shfl_down_sync", mask, value, lane % w + delta < w ? lane + delta : lane);
}
template <class T> static inline T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32) {
    const unsigned lane = emulate_lane(), w = (unsigned)width;
    return emulate_shuffle_value("__shfl_up_sync", mask, value, lane % w >= delta ? lane - delta : lane);
}
struct emulate_vote {
    bool in;
    unsigned out;
};
void emulate_vote_op(void *const arguments[EMULATE_LANES], unsigned mask);
static inline unsigned __ballot_sync(unsigned mask, int value) {
    emulate_vote v = {value != 0, 0};
    emulate_collective("__ballot_sync", mask, emulate_vote_op, &v);
    return v.out;
}
static inline int __any_sync(unsigned mask, int value) { return __ballot_sync(mask, value) != 0; }
static inline int __all_sync(unsigned mask, int value) { return __ballot_sync(mask, value) == mask; }
static inline void __threadfence(void) {}
static inline void __threadfence_block(void) {}

// Asynchronous copies (cp.async). A card may make them at any time between the call and the wait.
// Here even blocks make them at the wait, which reveals a wait that is missing, and odd ones at
// once, which reveals a buffer that is still being read.
void emulate_copy_async(void *to, const void *from, size_t bytes);
void emulate_copy_commit(void);
// Returns when all but the latest `groups` committed groups of this thread are made.
void emulate_copy_wait(int groups);

// Arithmetic. Threads switch only where they wait, so a plain read and write is atomic within a
// launch.

template <class T> static inline T atomicAdd(T *p, std::common_type_t<T> x) {
    const T old = *p;
    *p = old + x;
    return old;
}
template <class T> static inline T atomicMax(T *p, std::common_type_t<T> x) {
    const T old = *p;
    *p = old > x ? old : x;
    return old;
}
template <class T> static inline T __ldg(const T *p) { return *p; }
template <class A, class B> static inline std::common_type_t<A, B> min(A a, B b) {
    const std::common_type_t<A, B> x = a, y = b;
    return y < x ? y : x;
}
template <class A, class B> static inline std::common_type_t<A, B> max(A a, B b) {
    const std::common_type_t<A, B> x = a, y = b;
    return x < y ? y : x;
}
static inline float rsqrtf(float x) { return 1 / std::sqrt(x); }
#define __expf(x) expf(x) // libm declares functions of these names
#define __logf(x) logf(x)
static inline float __fdividef(float x, float y) { return x / y; }
static inline int __popc(unsigned x) { return __builtin_popcount(x); }
static inline int __ffs(int x) { return __builtin_ffs(x); }
static inline int __clz(int x) { return x ? __builtin_clz((unsigned)x) : 32; }
static inline unsigned __float_as_uint(float x) {
    unsigned u;
    return std::memcpy(&u, &x, sizeof u), u;
}
static inline float __uint_as_float(unsigned u) {
    float x;
    return std::memcpy(&x, &u, sizeof x), x;
}

// --- Vectors

#define EMULATE_VECTOR(T, name, bytes)                                                                                         \
    struct alignas(2 * sizeof(T)) name##2 {                                                                                    \
        T x, y;                                                                                                                \
    };                                                                                                                         \
    struct alignas(4 * sizeof(T) < 16 ? 4 * sizeof(T) : 16) name##4 {                                                          \
        T x, y, z, w;                                                                                                          \
    };                                                                                                                         \
    static inline name##2 make_##name##2(T x, T y) { return name##2 {x, y}; }                                                  \
    static inline name##4 make_##name##4(T x, T y, T z, T w) { return name##4 {x, y, z, w}; }
EMULATE_VECTOR(float, float, 4)
EMULATE_VECTOR(int, int, 4)
EMULATE_VECTOR(unsigned, uint, 4)
EMULATE_VECTOR(unsigned short, ushort, 2)
#undef EMULATE_VECTOR

// Halves hold the bits of IEEE binary16 and bfloat16, rounded to nearest even, with exact
// subnormals. There are only conversions, as kernels compute in fp32.

static inline unsigned short emulate_half_bits(float x) {
    unsigned u = __float_as_uint(x);
    const unsigned sign = u >> 16 & 0x8000u;
    u &= 0x7fffffffu;
    if (u > 0x7f800000u) return (unsigned short)0x7fffu; // CUDA's NaN
    // 65520 and above are rounded to infinity.
    if (u >= 0x477ff000u) return (unsigned short)(sign | 0x7c00u);
    if (u < 0x38800000u) // below 2^-14: adding 1/2 leaves units of 2^-24
        return (unsigned short)(sign | (__float_as_uint(__uint_as_float(u) + 0.5f) - 0x3f000000u));
    return (unsigned short)(sign | (((u + 0xfffu + (u >> 13 & 1)) >> 13) - (112u << 10)));
}
static inline float emulate_half_value(unsigned short bits) {
    const unsigned sign = (unsigned)(bits & 0x8000u) << 16, rest = (unsigned)(bits & 0x7fffu) << 13;
    // Infinity, NaN.
    if (rest >= 0x0f800000u) return __uint_as_float(sign | 0x7f800000u | (rest & 0x7fffffu));
    return __uint_as_float(sign | __float_as_uint(__uint_as_float(rest) * 0x1p112f));
}
static inline unsigned short emulate_bfloat16_bits(float x) {
    const unsigned u = __float_as_uint(x);
    if ((u & 0x7fffffffu) > 0x7f800000u) return (unsigned short)0x7fffu;
    return (unsigned short)((u + 0x7fffu + (u >> 16 & 1)) >> 16);
}
static inline float emulate_bfloat16_value(unsigned short bits) { return __uint_as_float((unsigned)bits << 16); }

#define EMULATE_HALF(type, pair, bits_of, value_of)                                                                            \
    struct type {                                                                                                              \
        unsigned short bits;                                                                                                   \
        type() = default;                                                                                                      \
        type(float x) : bits(bits_of(x)) {}                                                                                    \
        explicit operator float() const { return value_of(bits); }                                                             \
    };                                                                                                                         \
    struct alignas(4) pair {                                                                                                   \
        type x, y;                                                                                                             \
    };
EMULATE_HALF(__half, __half2, emulate_half_bits, emulate_half_value)
EMULATE_HALF(__nv_bfloat16, __nv_bfloat162, emulate_bfloat16_bits, emulate_bfloat16_value)
#undef EMULATE_HALF
typedef __half half;
typedef __half2 half2;
typedef __nv_bfloat16 nv_bfloat16;
typedef __nv_bfloat162 nv_bfloat162;
static inline __half __float2half(float x) { return __half(x); }
static inline __half __float2half_rn(float x) { return __half(x); }
static inline float __half2float(__half x) { return (float)x; }
static inline __nv_bfloat16 __float2bfloat16(float x) { return __nv_bfloat16(x); }
static inline __nv_bfloat16 __float2bfloat16_rn(float x) { return __nv_bfloat16(x); }
static inline float __bfloat162float(__nv_bfloat16 x) { return (float)x; }
static inline __half2 __floats2half2_rn(float x, float y) { return __half2{x, y}; }
static inline __half2 __float22half2_rn(float2 v) { return __half2{v.x, v.y}; }
static inline float2 __half22float2(__half2 v) { return float2{(float)v.x, (float)v.y}; }
static inline __nv_bfloat162 __floats2bfloat162_rn(float x, float y) { return __nv_bfloat162{x, y}; }
static inline __nv_bfloat162 __float22bfloat162_rn(float2 v) { return __nv_bfloat162{v.x, v.y}; }
static inline float2 __bfloat1622float2(__nv_bfloat162 v) { return float2{(float)v.x, (float)v.y}; }

#endif
