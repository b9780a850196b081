// exp, log and tanh made of additions, multiplications, divisions and bit operations alone. So a
// search makes the same visits on every machine, whatever its libm is, and the compiler can
// vectorise loops over a policy. Any thread may call.
#ifndef MCTS_MATHS_H
#define MCTS_MATHS_H

#include <stdint.h>
#include <string.h>

// e^x with a relative error of about 2e-7 for x in [-80, 80]. Outside of that range it is the value
// at its end, and for a NaN it is e^-80 or e^80.
static inline float maths_exp(float x) {
    x = x > -80 ? x : -80;
    x = x < 80 ? x : 80;
    const float t = x * 1.44269504f; // 1 / log 2
    // The constant is 1.5 * 2^23, so that the low bits of the sum are t rounded to the nearest
    // integer.
    const float shifted = t + 12582912.0f;
    const float whole = shifted - 12582912.0f;
    // log 2 is split in two parts, of which the first is exact in 12 bits, so that `rest` keeps its
    // low bits [Cody & Waite 1980, chapter 6].
    const float rest = (x - whole * 0.693359375f) + whole * 2.12194440e-4f;
    // The Taylor polynomial of e^rest. On [-0.35, 0.35] the next term is below 2e-7.
    float p = 1.0f / 720;
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

// The natural logarithm of a positive normal number with an error of about 1e-13.
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
    const double s = (m - 1) / (m + 1), q = s * s; // log m is 2 atanh s, where |s| < 0.172
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
