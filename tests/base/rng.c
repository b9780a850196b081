// Random streams: the published outputs of xoshiro256++ and splitmix64, streams that may not
// change, and distributions.
#include "base/rng.h"

#include "tests/test.h"

// Outputs of the authors' C code from the state {1, 2, 3, 4}.
static void xoshiro_gives_the_published_numbers(void) {
    static const uint64_t expected[10] = {41943041u,
                                          58720359u,
                                          3588806011781223u,
                                          3591011842654386u,
                                          9228616714210784205u,
                                          9973669472204895162u,
                                          14011001112246962877u,
                                          12406186145184390807u,
                                          15849039046786891736u,
                                          10450023813501588000u};
    struct rng rng = {{1, 2, 3, 4}};
    for (int i = 0; i < 10; i++) EXPECT(rng_u64(&rng) == expected[i]);
}

static void mix_is_splitmix64(void) {
    static const uint64_t expected[5] = {6457827717110365317u, 3203168211198807973u, 9817491932198370423u, 4593380528125082431u,
                                         16408922859458223821u};
    for (int i = 0; i < 5; i++) EXPECT(rng_mix(1234567 + (uint64_t)i * 0x9e3779b97f4a7c15u) == expected[i]);
}

// Seeds in files of runs depend on these numbers, so that they may never change.
static void streams_never_change(void) {
    struct rng rng;
    rng_init(&rng, 1, 0);
    const uint64_t first = rng_u64(&rng);
    rng_init(&rng, 1, 0);
    EXPECT(rng_u64(&rng) == first);
    EXPECT(first == 0x95563ac845cd0b52u);
    rng_init(&rng, 20260101, 7);
    for (int i = 0; i < 99; i++) rng_u64(&rng);
    EXPECT(rng_u64(&rng) == 0xcaf5b4b7982bd49au);
}

static void neighbouring_streams_differ(void) {
    uint64_t seen[400];
    int count = 0;
    for (uint64_t seed = 0; seed < 20; seed++)
        for (uint64_t stream = 0; stream < 20; stream++) {
            struct rng rng;
            rng_init(&rng, seed, stream);
            seen[count++] = rng_u64(&rng);
        }
    for (int i = 0; i < count; i++)
        for (int j = 0; j < i; j++) EXPECT(seen[i] != seen[j]);
}

// A chi-squared test for the bounds 1 to 40. The 99.99 % point of chi2(k) is below k + 4 sqrt(2k) +
// 12.
static void below_is_uniform(void) {
    struct rng rng;
    rng_init(&rng, 3, 0);
    for (uint32_t bound = 1; bound <= 40; bound++) {
        const int draws = 20000;
        int counts[40] = {0};
        for (int i = 0; i < draws; i++) {
            const uint32_t x = rng_below(&rng, bound);
            EXPECT(x < bound);
            counts[x]++;
        }
        double chi2 = 0;
        const double expected = (double)draws / bound;
        for (uint32_t x = 0; x < bound; x++) chi2 += (counts[x] - expected) * (counts[x] - expected) / expected;
        EXPECT_(chi2 < bound + 4 * sqrt(2.0 * bound) + 12, "chi2 %g of bound %u", chi2, bound);
    }
    // With a bound far above half of the range, some numbers would come twice as often without
    // rejection.
    const uint32_t bound = 0xc0000000u;
    int low = 0;
    for (int i = 0; i < 30000; i++) low += rng_below(&rng, bound) < bound / 2;
    EXPECT_NEAR(low, 15000, 400);
}

static void moments_are_right(void) {
    enum { DRAWS = 200000 };
    struct rng rng;
    rng_init(&rng, 4, 0);
    double sum[6] = {0}, square[6] = {0}, min = 1, max = 0;
    for (int i = 0; i < DRAWS; i++) {
        const double x[6] = {rng_double(&rng),   rng_normal(&rng),     rng_gumbel(&rng),
                             rng_gamma(&rng, 3), rng_gamma(&rng, 0.1), rng_gamma(&rng, 1)};
        for (int k = 0; k < 6; k++) sum[k] += x[k], square[k] += x[k] * x[k];
        min = fmin(min, x[0]);
        max = fmax(max, x[0]);
        EXPECT(isfinite(x[2]) && x[3] > 0 && x[4] >= 0);
    }
    EXPECT(min >= 0 && max < 1);
    static const double mean[6] = {0.5, 0, 0.5772156649, 3, 0.1, 1};
    // The variance of a Gumbel variable is pi^2 / 6, that of Gamma(a, 1) is a.
    static const double variance[6] = {1.0 / 12, 1, 1.6449340668, 3, 0.1, 1};
    for (int k = 0; k < 6; k++) {
        const double m = sum[k] / DRAWS, v = square[k] / DRAWS - m * m;
        EXPECT_NEAR(m, mean[k], 5 * sqrt(variance[k] / DRAWS)); // five standard errors
        EXPECT_NEAR(v, variance[k], 0.05 * variance[k] + 0.004);
    }
}

int main(void) {
    xoshiro_gives_the_published_numbers();
    mix_is_splitmix64();
    streams_never_change();
    neighbouring_streams_differ();
    below_is_uniform();
    moments_are_right();
    return TEST_END();
}
