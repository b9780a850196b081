// Winograd's loops for AVX-512: 32 registers of 16 floats; a register tile of 24 sums leaves room for a panel's weights. Panels of 4
// vectors would have as few loads, but at 128 channels they fill the first-level cache: 8 % slower.
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

#define PRODUCTS(P)                                                                                                            \
    P(1, 1)                                                                                                                    \
    P(2, 1)                                                                                                                    \
    P(3, 1)                                                                                                                    \
    P(4, 1)                                                                                                                    \
    P(5, 1)                                                                                                                    \
    P(6, 1) P(7, 1) P(8, 1) P(9, 1) P(10, 1) P(11, 1) P(12, 1) P(1, 2) P(2, 2) P(3, 2) P(4, 2) P(5, 2) P(6, 2) P(7, 2) P(8, 2) \
        P(9, 2) P(10, 2) P(11, 2) P(12, 2) P(1, 3) P(2, 3) P(3, 3) P(4, 3) P(5, 3) P(6, 3) P(7, 3) P(8, 3)
static const int max_rows[4] = {0, 12, 12, 8};

#include "kernels/winograd_loops.h"

static bool usable(void) { return __builtin_cpu_supports("avx512f"); }
const struct winograd_code winograd_avx512 = {"AVX-512", LANES, 3, usable, block, gradient_block};
#endif
