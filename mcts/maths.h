// exp, log and tanh out of additions, multiplications and bit operations only, so that a search gives the same visits on every
// machine whatever its libm (and so that the compiler can vectorise the loops over a policy). Plain functions, any thread.
#ifndef MCTS_MATHS_H
#define MCTS_MATHS_H

#include <stdint.h>
#include <string.h>

// e^x to about 2e-7 relative, for x in [-80, 80]; beyond, the value at the end of that range. NaN gives e^-80 or e^80.
static inline float maths_exp(float x) {
    x = x > -80 ? x : -80;
    x = x < 80 ? x : 80;
    const float t = x * 1.44269504f;       // 1 / log 2
    const float shifted = t + 12582912.0f; // 1.5 * 2^23: the sum's low bits are t rounded to the nearest integer
    const float whole = shifted - 12582912.0f;
    // log 2 in two parts, the first exact in 12 bits, so that `rest` keeps its low bits [Cody & Waite 1980, chapter 6].
    const float rest = (x - whole * 0.693359375f) + whole * 2.12194440e-4f;
    float p = 1.0f / 720; // Taylor of e^rest on [-0.35, 0.35]: the next term is under 2e-7
    p = p * rest + 1.0f / 120;
    p = p * rest + 1.0f / 24;
    p = p * rest + 1.0f / 6;
    p = p * rest + 0.5f;
    p = p * rest + 1.0f;
    p = p * rest + 1.0f;
    int32_t bits;
    memcpy(&bits, &p, sizeof bits);
    bits += (int32_t)whole * (1 << 23);
    memcpy(&p, &bits, sizeof p);
    return p;
}

// Natural logarithm to about 1e-13, of a positive normal number.
static inline double maths_log(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    int exponent = (int)(bits >> 52) - 1023;
    bits = (bits & 0x000fffffffffffffu) | 0x3ff0000000000000u;
    double m;
    memcpy(&m, &bits, sizeof m);
    if (m > 1.4142135623730951) {
        m *= 0.5;
        exponent++;
    }
    const double s = (m - 1) / (m + 1), q = s * s; // log m = 2 atanh s, |s| < 0.172
    double p = 1.0 / 15;
    p = p * q + 1.0 / 13;
    p = p * q + 1.0 / 11;
    p = p * q + 1.0 / 9;
    p = p * q + 1.0 / 7;
    p = p * q + 1.0 / 5;
    p = p * q + 1.0 / 3;
    return 2 * s * (1 + q * p) + exponent * 0.6931471805599453;
}

static inline float maths_tanh(float x) { return 1 - 2 / (maths_exp(2 * x) + 1); }

#endif
