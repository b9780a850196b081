// Statistics of matches: intervals, Elo and the sequential test. stats.c describes the methods.
// These are pure functions, to be called from any thread.
//
// pair_counts says how many pairs of games gave the one side 0, 0.5, 1, 1.5 and 2 points.
#ifndef ARENA_STATS_H
#define ARENA_STATS_H

// The share of points, 0..1, with its 95 % interval; pairs are the unit.
void stats_pair_rate(const int pair_counts[5], double *rate, double *low, double *high);
// The 95 % interval of a share, count out of total [Wilson 1927].
void stats_share_interval(int count, int total, double *low, double *high);
// The log-likelihood ratio of H1 (the difference is elo1) to H0 (it is elo0), by the generalised
// sequential probability ratio test on pentanomial counts [Van den Bergh, Fishtest].
double stats_sprt_llr(const int pair_counts[5], double elo0, double elo1);
// The test accepts H1 when the ratio is at least `accept`, and H0 when it is at most `reject`.
// alpha is the probability of accepting H1 at elo0, beta that of accepting H0 at elo1.
void stats_sprt_bounds(double alpha, double beta, double *reject, double *accept);
// Infinite at 1, minus infinite at 0.
double stats_elo_of_rate(double rate);
double stats_rate_of_elo(double elo);

#endif
