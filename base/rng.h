// Random streams: xoshiro256++ [Blackman & Vigna 2021], seeded through splitmix64. A stream is a
// plain value that one thread uses at a time. The same seed and stream number give the same numbers
// on every machine.
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdint.h>

struct rng {
    uint64_t s[4];
};

void rng_init(struct rng *rng, uint64_t seed, uint64_t stream);
uint64_t rng_u64(struct rng *rng);
uint32_t rng_below(struct rng *rng, uint32_t bound); // uniform in [0, bound); bound >= 1
double rng_double(struct rng *rng);                  // uniform in [0, 1), 53 bits
double rng_normal(struct rng *rng);                  // mean 0, variance 1
double rng_gumbel(struct rng *rng);                  // standard Gumbel: -log(-log(U))
// Gamma(shape, 1) for shape > 0 [Marsaglia & Tsang 2000]. Shares of such draws are Dirichlet noise.
double rng_gamma(struct rng *rng, double shape);

// Mixes a word thoroughly (one step of splitmix64): for hashes, Zobrist keys and derived seeds.
static inline uint64_t rng_mix(uint64_t x) {
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

#endif
