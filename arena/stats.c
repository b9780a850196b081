// Statistics of paired matches.
//
// The unit is the pair: two games from one opening with colours swapped. Its result is the number
// of A's points, 0, 0.5, ... 2, so a match is five counts (the pentanomial). The games of a pair
// are not independent, since an opening may favour a side; pairs are.
//
// The interval of the rate is Bayesian in form: Dirichlet pseudo-counts are added to the five
// counts, and a Beta distribution with the posterior's mean and variance gives the 2.5 % and 97.5 %
// points. With many pairs that is the normal approximation. With few pairs, or pairs that all ended
// alike, it is never empty and stays inside [0, 1]. Its coverage is simulated in
// tests/arena/stats.c.
#include "arena/stats.h"

#include <math.h>

// Jeffreys' prior adds 0.5 to each count, which pulls short matches too far towards one half. This
// value was chosen by simulated coverage.
static const double pseudo_pairs = 0.25;

double stats_elo_of_rate(double rate) {
    if (rate <= 0) return -INFINITY;
    if (rate >= 1) return INFINITY;
    return -400 * log10(1 / rate - 1);
}

double stats_rate_of_elo(double elo) { return 1 / (1 + pow(10, -elo / 400)); }

// The continued fraction of the incomplete beta function [Abramowitz & Stegun 26.5.8], by Lentz's
// method.
static double beta_fraction(double x, double a, double b) {
    const double tiny = 1e-300;
    double c = 1, d = 1 - (a + b) * x / (a + 1);
    d = 1 / (fabs(d) < tiny ? tiny : d);
    double f = d;
    for (int m = 1; m <= 500; m++) {
        for (int odd = 0; odd < 2; odd++) {
            const double k = odd ? -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
                                 : m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
            d = 1 + k * d;
            c = 1 + k / c;
            d = 1 / (fabs(d) < tiny ? tiny : d);
            c = fabs(c) < tiny ? tiny : c;
            f *= d * c;
        }
        if (fabs(d * c - 1) < 1e-12) break;
    }
    return f;
}

static double beta_cdf(double x, double a, double b) {
    if (x <= 0) return 0;
    if (x >= 1) return 1;
    const double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
    return x < (a + 1) / (a + b + 2) ? front * beta_fraction(x, a, b) / a : 1 - front * beta_fraction(1 - x, b, a) / b;
}

static double beta_quantile(double p, double a, double b) {
    double low = 0, high = 1;
    for (int i = 0; i < 60; i++) {
        const double middle = (low + high) / 2;
        if (beta_cdf(middle, a, b) < p)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

void stats_pair_rate(const int pair_counts[5], double *rate, double *low, double *high) {
    double pairs = 0, points = 0, total = 0, mean = 0, square = 0;
    for (int i = 0; i < 5; i++) {
        const double x = i / 4.0, c = pair_counts[i] + pseudo_pairs;
        pairs += pair_counts[i];
        points += pair_counts[i] * x;
        total += c;
        mean += c * x;
        square += c * x * x;
    }
    mean /= total;
    const double variance = (square / total - mean * mean) / (total + 1);
    const double concentration = mean * (1 - mean) / variance - 1;
    *rate = pairs > 0 ? points / pairs : 0.5;
    *low = beta_quantile(0.025, mean * concentration, (1 - mean) * concentration);
    *high = beta_quantile(0.975, mean * concentration, (1 - mean) * concentration);
    // The pseudo-counts pull the interval inwards, but it must contain what was seen.
    if (pairs > 0 && *low > *rate) *low = *rate;
    if (pairs > 0 && *high < *rate) *high = *rate;
}

void stats_share_interval(int count, int total, double *low, double *high) {
    *low = 0;
    *high = 1;
    if (total <= 0) return;
    const double z = 1.959964, n = total, p = count / n; // z leaves out 5 % on both sides together
    const double middle = (p + z * z / (2 * n)) / (1 + z * z / n);
    const double half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    *low = count == 0 ? 0 : middle - half;
    *high = count == total ? 1 : middle + half;
}

// The most likely distribution, given the frequencies p, among those whose mean is `mean`. It is
// p_i / (1 + t (a_i - mean)) with the t for which the mean is right [Van den Bergh, "Comments on
// the normalised Elo and the GSPRT", 2020, MLE for a multinomial with fixed mean].
static void fitted(const double p[5], double mean, double out[5]) {
    double low = -1 / (1 - mean), high = 1 / mean;
    for (int i = 0; i < 100; i++) {
        const double t = (low + high) / 2;
        double f = 0;
        for (int k = 0; k < 5; k++) f += p[k] * (k / 4.0 - mean) / (1 + t * (k / 4.0 - mean));
        if (f > 0)
            low = t;
        else
            high = t;
    }
    for (int k = 0; k < 5; k++) out[k] = p[k] / (1 + (low + high) / 2 * (k / 4.0 - mean));
}

// Wald's bounds [Wald 1945]. They assume that the ratio stops at the bound itself. It stops beyond
// it, which lowers the errors by a factor of exp(-0.58 s), where s is the standard deviation of one
// pair's log-likelihood ratio [Siegmund 1985, 8.4]. That is about 0.93 for steps of 35 Elo, so
// tests of 5 % err in 4.5 % to 5 % of cases (simulated in tests/arena/stats.c). Nothing is
// corrected, since the estimated variance of short matches errs in the other direction.
void stats_sprt_bounds(double alpha, double beta, double *reject, double *accept) {
    *reject = log(beta / (1 - alpha));
    *accept = log((1 - beta) / alpha);
}

double stats_sprt_llr(const int pair_counts[5], double elo0, double elo1) {
    double p[5], p0[5], p1[5], total = 0, llr = 0;
    for (int i = 0; i < 5; i++) {
        // As in Fishtest: what was not seen is rare, not impossible.
        p[i] = pair_counts[i] > 0 ? pair_counts[i] : 1e-3;
        total += p[i];
    }
    for (int i = 0; i < 5; i++) p[i] /= total;
    fitted(p, stats_rate_of_elo(elo0), p0);
    fitted(p, stats_rate_of_elo(elo1), p1);
    for (int i = 0; i < 5; i++) llr += p[i] * log(p1[i] / p0[i]);
    return total * llr;
}
