// Laws of scale: straight lines and planes through points, with intervals.
//
//   y = at[0] + at[1] x1 (+ at[2] x2)
//
// Where y is Elo and x the decimal logarithm of compute, such a line is a power law: odds of
// winning grow as compute to the power at[1] / 400 [Neumann & Gros 2022], and at[1] is the Elo that
// a decade of compute buys [Jones 2021]. Points may come in clusters (one net at several visits):
// what is common to a cluster is then one observation and not many.
//
// Intervals are of 95 %, by a studentised wild cluster bootstrap [Cameron, Gelbach & Miller 2008]:
// the residuals of each cluster are scaled by a random weight of mean 0 and variance 1, the fit is
// made again, and the quantiles of (fit again - fit) / its standard error take the place of
// Student's t. It assumes neither normal errors nor errors of one size. These are pure functions,
// to be called from any thread; the same seed gives the same intervals.
#ifndef EXAM_SCALE_FIT_H
#define EXAM_SCALE_FIT_H

#include <stdbool.h>
#include <stdint.h>

enum { SCALE_TERMS = 3, SCALE_MOST_POINTS = 4096 };

struct scale_points {
    int num, terms;                     // `terms` is 2 for a line and 3 for a plane.
    const double (*x)[SCALE_TERMS - 1]; // [num]
    const double *y;                    // [num]
    const int *cluster;                 // [num], any numbers; NULL: every point is its own.
};

struct scale_fit {
    int num, terms, clusters;
    double at[SCALE_TERMS], low[SCALE_TERMS], high[SCALE_TERMS];
    double spread; // The standard deviation of y about the fit.
    double r2;     // The share of the variance of y that it explains; NAN where y does not vary.
    // What a new point (of a new cluster) will be at the place that was asked for, with the
    // interval in which it lies in 95 of 100 cases. NAN where no place was given.
    double predicted, predicted_low, predicted_high;
    // at[1] / at[2], by which the two axes of a plane buy each other; NAN for a line, and its ends
    // where the second slope may be 0.
    double ratio, ratio_low, ratio_high;
};

// Fits, and predicts at `place` (NULL: nowhere). False, with *out zeroed, where there are too few
// clusters (two more than terms are needed) or where the points don't determine the fit.
bool scale_fit(struct scale_fit *out, const struct scale_points *points, const double place[SCALE_TERMS - 1], uint64_t seed);

#endif
