// Statistics of matches, on their own: intervals, Elo and the sequential test. stats.c describes the methods.
//
// pair_counts: pairs by one side's points in two games 0, 0.5, 1, 1.5, 2.
#ifndef ARENA_STATS_H
#define ARENA_STATS_H

// The rate of points, 0..1, with its 95 % interval; pairs are the unit.
void stats_pair_rate(const int pair_counts[5], double *rate, double *low, double *high);
// 95 % interval of a share [Wilson 1927].
void stats_share_interval(int count, int total, double *low, double *high);
// Generalised SPRT on pentanomial counts [Van den Bergh, Fishtest].
double stats_sprt_llr(const int pair_counts[5], double elo0, double elo1);
// The SPRT accepts H1 from `accept` up and H0 from `reject` down. alpha: error at elo0, beta: at elo1.
void stats_sprt_bounds(double alpha, double beta, double *reject, double *accept);
double stats_elo_of_rate(double rate); // +-infinity at 1 and 0
double stats_rate_of_elo(double elo);

#endif
