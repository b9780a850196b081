// Winograd's loops for NEON, the vectors of ARM64, with 32 registers of 4 floats. Sums of 8 rows of
// 3 vectors take 24 registers, which leaves 3 for weights and 5 for inputs. Of the shapes that fit,
// this one loads least for what it multiplies.
#ifdef __aarch64__
#include <arm_neon.h>

#include <string.h>

enum { LANES = 4 };
typedef float32x4_t vec;
#define vec_load(p) vld1q_f32(p)
#define vec_store(p, v) vst1q_f32(p, v)
#define vec_load_some(p, n) load_some(p, n)
#define vec_store_some(p, v, n) store_some(p, v, n)
#define vec_all(f) vdupq_n_f32(f)
#define vec_fma(a, b, c) vfmaq_f32(c, a, b)
#define vec_relu(v) vmaxnmq_f32(v, vdupq_n_f32(0))

// NEON has no masks, so the rest of a row goes through an array.
static inline vec load_some(const float *p, int n) {
    float lanes[LANES] = {0};
    memcpy(lanes, p, (size_t)n * sizeof *lanes);
    return vld1q_f32(lanes);
}
static inline void store_some(float *p, vec v, int n) {
    float lanes[LANES];
    vst1q_f32(lanes, v);
    memcpy(p, lanes, (size_t)n * sizeof *lanes);
}

#define EIGHT_ROWS(P, v) P(1, v) P(2, v) P(3, v) P(4, v) P(5, v) P(6, v) P(7, v) P(8, v)
#define TWELVE_ROWS(P, v) EIGHT_ROWS(P, v) P(9, v) P(10, v) P(11, v) P(12, v)
#define PRODUCTS(P) TWELVE_ROWS(P, 1) TWELVE_ROWS(P, 2) EIGHT_ROWS(P, 3)
static const int max_rows[4] = {0, 12, 12, 8};

#include "kernels/winograd_loops.h"

// Every ARM64 processor has these registers: its calling convention needs them.
static bool usable(void) { return true; }
const struct winograd_code winograd_neon = {"NEON", LANES, 3, usable, block, gradient_block};
#endif
