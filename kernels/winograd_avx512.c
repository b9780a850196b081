// Winograd's loops for AVX-512, with 32 registers of 16 floats. 24 registers of sums leave enough
// for the weights of a panel. Panels of 4 vectors would need as few loads, but at 128 channels they
// fill the first-level cache and are 8 % slower.
#ifdef __x86_64__
#include <immintrin.h>

enum { LANES = 16 };
typedef __m512 vec;
#define vec_load(p) _mm512_loadu_ps(p)
#define vec_store(p, v) _mm512_storeu_ps(p, v)
#define vec_load_some(p, n) _mm512_maskz_loadu_ps((__mmask16)((1u << (n)) - 1), p)
#define vec_store_some(p, v, n) _mm512_mask_storeu_ps(p, (__mmask16)((1u << (n)) - 1), v)
#define vec_all(f) _mm512_set1_ps(f)
#define vec_fma(a, b, c) _mm512_fmadd_ps(a, b, c)
#define vec_relu(v) _mm512_max_ps(v, _mm512_setzero_ps())

#define EIGHT_ROWS(P, v) P(1, v) P(2, v) P(3, v) P(4, v) P(5, v) P(6, v) P(7, v) P(8, v)
#define TWELVE_ROWS(P, v) EIGHT_ROWS(P, v) P(9, v) P(10, v) P(11, v) P(12, v)
#define PRODUCTS(P) TWELVE_ROWS(P, 1) TWELVE_ROWS(P, 2) EIGHT_ROWS(P, 3)
static const int max_rows[4] = {0, 12, 12, 8};

#include "kernels/winograd_loops.h"

static bool usable(void) { // everything of x86-64-v4 that the compiler may use
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("bmi2");
}
const struct winograd_code winograd_avx512 = {"AVX-512", LANES, 3, usable, block, gradient_block};
#endif
