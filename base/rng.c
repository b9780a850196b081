// xoshiro256++ 1.0 [Blackman & Vigna, "Scrambled linear pseudorandom number generators", 2021].
//
// A stream starts from four outputs of splitmix64. The start of that sequence mixes seed and stream
// separately, so that seed 1 with stream 2 and seed 2 with stream 1, or neighbouring seeds with
// neighbouring streams, have nothing in common.
#include "base/rng.h"

#include <math.h>

static uint64_t rotl(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

void rng_init(struct rng *rng, uint64_t seed, uint64_t stream) {
    // The constant only has to be odd and unlike the one that rng_mix adds.
    uint64_t x = rng_mix(seed) + rng_mix(rng_mix(stream) ^ 0xd1b54a32d192ed03u);
    for (int i = 0; i < 4; i++) {
        rng->s[i] = rng_mix(x); // rng_mix adds the increment too: together this is splitmix64
        x += 0x9e3779b97f4a7c15u;
    }
}

uint64_t rng_u64(struct rng *rng) {
    uint64_t *s = rng->s;
    const uint64_t result = rotl(s[0] + s[3], 23) + s[0];
    const uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return result;
}

// Multiplication and rejection [Lemire, "Fast random integer generation in an interval", 2019].
uint32_t rng_below(struct rng *rng, uint32_t bound) {
    uint64_t product = (rng_u64(rng) >> 32) * bound;
    if ((uint32_t)product < bound) {
        const uint32_t threshold = -bound % bound;
        while ((uint32_t)product < threshold) product = (rng_u64(rng) >> 32) * bound;
    }
    return (uint32_t)(product >> 32);
}

double rng_double(struct rng *rng) { return (double)(rng_u64(rng) >> 11) * 0x1p-53; }

// Uniform in (0, 1) without the ends, so that its logarithm is finite.
static double open_unit(struct rng *rng) { return ((double)(rng_u64(rng) >> 12) + 0.5) * 0x1p-52; }

// Box and Muller's transform. It gives two normals; the second is dropped, because keeping it would
// add to the state of a stream.
double rng_normal(struct rng *rng) {
    const double radius = sqrt(-2 * log(open_unit(rng)));
    return radius * cos(6.283185307179586 * rng_double(rng));
}

double rng_gumbel(struct rng *rng) { return -log(-log(open_unit(rng))); }

double rng_gamma(struct rng *rng, double shape) {
    // Marsaglia & Tsang 2000, section 6, for shapes below 1.
    if (shape < 1) return rng_gamma(rng, shape + 1) * pow(open_unit(rng), 1 / shape);
    const double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);
    for (;;) {
        const double x = rng_normal(rng), t = 1 + c * x;
        if (t <= 0) continue;
        const double v = t * t * t, u = open_unit(rng);
        if (log(u) < 0.5 * x * x + d - d * v + d * log(v)) return d * v;
    }
}
