// Winograd's loops for AVX2 and FMA, with 16 registers of 8 floats. Sums of 6 rows of 2 vectors
// leave 4 registers for weights and inputs.
#ifdef __x86_64__
#include <immintrin.h>

enum { LANES = 8 };
typedef __m256 vec;
#define vec_load(p) _mm256_loadu_ps(p)
#define vec_store(p, v) _mm256_storeu_ps(p, v)
#define vec_load_some(p, n) _mm256_maskload_ps(p, first_lanes(n))
#define vec_store_some(p, v, n) _mm256_maskstore_ps(p, first_lanes(n), v)
#define vec_all(f) _mm256_set1_ps(f)
#define vec_fma(a, b, c) _mm256_fmadd_ps(a, b, c)
#define vec_relu(v) _mm256_max_ps(v, _mm256_setzero_ps())

static inline __m256i first_lanes(int n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

#define SIX_ROWS(P, v) P(1, v) P(2, v) P(3, v) P(4, v) P(5, v) P(6, v)
#define PRODUCTS(P) SIX_ROWS(P, 1) P(7, 1) P(8, 1) P(9, 1) P(10, 1) SIX_ROWS(P, 2)
static const int max_rows[3] = {0, 10, 6};

#include "kernels/winograd_loops.h"

static bool usable(void) { // everything of x86-64-v3 that the compiler may use
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
}
const struct winograd_code winograd_avx2 = {"AVX2", LANES, 2, usable, block, gradient_block};
#endif
