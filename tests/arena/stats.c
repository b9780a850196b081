// Laws of the match statistics: intervals contain the truth as often as they promise and are never
// empty, and the sequential test errs as seldom as it promises.
#include "arena/stats.h"
#include "arena/match.h"
#include "tests/test.h"

// The points of one game in halves, 0, 1 or 2, with expectation `rate` and this share of draws.
static int play(struct rng *rng, double rate, double draws) {
    const double u = rng_double(rng), wins = rate - draws / 2;
    return u < wins ? 2 : u < wins + draws ? 1 : 0;
}

// Plays one pair. decided: the share of openings that the first player wins, whoever it is.
static void play_pair(struct rng *rng, double rate, double draws, double decided, int counts[5]) {
    if (rng_double(rng) < decided)
        counts[2]++;
    else
        counts[play(rng, rate, draws) + play(rng, rate, draws)]++;
}

static void intervals_cover_the_truth(void) {
    const double cases[][3] = {{.5, 0, 0}, {.5, .5, 0}, {.5, 0, .5}, {.75, 0, 0}, {.75, .2, .2}, {.95, 0, 0}, {.98, .02, 0}};
    const int sizes[] = {8, 50, 200};
    struct rng rng;
    rng_init(&rng, 11, 0);
    for (int k = 0; k < 7; k++) {
        for (int s = 0; s < 3; s++) {
            const double rate = cases[k][0], decided = cases[k][2], truth = decided / 2 + (1 - decided) * rate;
            int covered = 0;
            const int matches = 1500;
            for (int m = 0; m < matches; m++) {
                int counts[5] = {0};
                struct match_result result;
                for (int i = 0; i < sizes[s]; i++) play_pair(&rng, rate, cases[k][1], decided, counts);
                match_rate(counts, &result);
                covered += result.score_low <= truth && truth <= result.score_high;
                EXPECT(result.score_low < result.score_high);
                EXPECT(result.score_low <= result.score && result.score <= result.score_high);
            }
            const double coverage = covered / (double)matches, least = sizes[s] < 50 ? 0.90 : 0.93;
            EXPECT_(coverage >= least && coverage <= 1, "rate %g draws %g decided %g, %d pairs: covered %.3f, expected %.2f",
                    rate, cases[k][1], decided, sizes[s], coverage, least);
        }
    }
}

static void degenerate_counts_have_width(void) {
    const int cases[][5] = {{0, 0, 0, 0, 50}, {50, 0, 0, 0, 0}, {0, 0, 50, 0, 0}, {0, 0, 0, 0, 1}, {0, 0, 0, 0, 0}};
    for (int k = 0; k < 5; k++) {
        struct match_result r;
        match_rate(cases[k], &r);
        EXPECT(r.score_high - r.score_low > 0.01);
        EXPECT(r.score_low >= 0 && r.score_high <= 1);
        EXPECT(r.score_low <= r.score && r.score <= r.score_high);
    }
    struct match_result won;
    match_rate(cases[0], &won);
    EXPECT(isinf(won.elo) && won.elo > 0 && isinf(won.elo_high) && isfinite(won.elo_low));
    EXPECT(won.score_low > 0.9);
    struct match_result none;
    match_rate(cases[4], &none);
    EXPECT(none.score_low < 0.1 && none.score_high > 0.9);
}

static void interval_is_symmetric_between_players(void) {
    const int a[5] = {3, 1, 7, 2, 12}, b[5] = {12, 2, 7, 1, 3};
    struct match_result ra, rb;
    match_rate(a, &ra);
    match_rate(b, &rb);
    EXPECT_NEAR(ra.score, 1 - rb.score, 1e-12);
    EXPECT_NEAR(ra.score_low, 1 - rb.score_high, 1e-9);
    EXPECT_NEAR(ra.elo_high, -rb.elo_low, 1e-6);
}

static void elo_and_rate_are_inverse(void) {
    EXPECT_NEAR(stats_elo_of_rate(0.5), 0, 1e-12);
    EXPECT_NEAR(stats_rate_of_elo(400), 10.0 / 11, 1e-12);
    for (double elo = -1000; elo <= 1000; elo += 125) EXPECT_NEAR(stats_elo_of_rate(stats_rate_of_elo(elo)), elo, 1e-6);
}

static void llr_has_the_right_sign_and_grows(void) {
    const int good[5] = {5, 10, 20, 25, 20}, bad[5] = {20, 25, 20, 10, 5}, twice[5] = {10, 20, 40, 50, 40};
    EXPECT(stats_sprt_llr(good, 0, 50) > 1);
    EXPECT(stats_sprt_llr(bad, 0, 50) < -1);
    EXPECT_NEAR(stats_sprt_llr(twice, 0, 50) / stats_sprt_llr(good, 0, 50), 2, 0.01);
    EXPECT_NEAR(stats_sprt_llr(good, -50, 0), -stats_sprt_llr(bad, 0, 50), 1e-3);
}

// The share of simulated matches at `elo` in which SPRT(0, 35) with errors of 5 % accepts H1.
// *mean_pairs is their mean length.
static double accepted(double elo, int matches, double *mean_pairs) {
    struct rng rng;
    rng_init(&rng, 12, elo > 20);
    int accepts = 0;
    long pairs = 0;
    double reject, accept;
    stats_sprt_bounds(0.05, 0.05, &reject, &accept);
    for (int m = 0; m < matches; m++) {
        int counts[5] = {0};
        for (;;) {
            play_pair(&rng, stats_rate_of_elo(elo), 0.2, 0, counts);
            pairs++;
            const double llr = stats_sprt_llr(counts, 0, 35);
            if (llr < accept && llr > reject) continue;
            accepts += llr >= accept;
            break;
        }
    }
    *mean_pairs = pairs / (double)matches;
    return accepts / (double)matches;
}

static void sprt_errs_as_stated(void) {
    enum { MATCHES = 5000 }; // so a share of 5 % has a standard deviation of 0.3 %
    double pairs0, pairs1;
    const double wrong1 = accepted(0, MATCHES, &pairs0), wrong0 = 1 - accepted(35, MATCHES, &pairs1);
    printf("SPRT(0, 35) at 5 %%, %d matches each way: accepts at 0 Elo %.2f %% (mean %.0f games), rejects at 35 Elo %.2f %% "
           "(mean %.0f games)\n",
           MATCHES, 100 * wrong1, 2 * pairs0, 100 * wrong0, 2 * pairs1);
    EXPECT_(wrong1 > 0.04 && wrong1 < 0.06, "accepts at 0 Elo: %.4f, expected 0.04 to 0.06", wrong1);
    EXPECT_(wrong0 > 0.04 && wrong0 < 0.06, "rejects at 35 Elo: %.4f, expected 0.04 to 0.06", wrong0);
}

int main(void) {
    intervals_cover_the_truth();
    degenerate_counts_have_width();
    interval_is_symmetric_between_players();
    elo_and_rate_are_inverse();
    llr_has_the_right_sign_and_grows();
    sprt_errs_as_stated();
    return TEST_END();
}
