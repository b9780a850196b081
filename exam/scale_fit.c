// Least squares by the normal equations of at most three terms, and the bootstrap around it.
//
// Residuals are smaller than errors, because the fit has followed them: each is divided by
// sqrt(1 - h), where h is its point's leverage (HC2), and by the degrees of freedom that clusters
// leave. The standard error of a fit is the sandwich over clusters. The bootstrap draws weights for
// whole clusters from six values [Webb 2014], because with few clusters the two of Rademacher give
// too few different samples.
#include "exam/scale_fit.h"

#include "base/memory.h"
#include "base/rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 2000 }; // Of the bootstrap; quantiles of 2.5 % then rest on 50 of them.

struct work {
    const struct scale_points *points;
    int clusters;
    int *cluster_of;                          // [num]: 0 to clusters - 1
    double inverse[SCALE_TERMS][SCALE_TERMS]; // of X'X
    double *leverage;                         // [num]
    double *fitted, *residual;                // [num], the residuals scaled as said above
};

// What one fit says: its coefficients with their covariance, and the variance of a point about it.
struct solution {
    double at[SCALE_TERMS], covariance[SCALE_TERMS][SCALE_TERMS], variance;
};

static double term(const struct scale_points *p, int i, int k) { return k ? p->x[i][k - 1] : 1; }

// Inverts a symmetric positive definite matrix of n rows by Gauss and Jordan. False: it is
// singular.
static bool invert(int n, double a[SCALE_TERMS][SCALE_TERMS], double out[SCALE_TERMS][SCALE_TERMS]) {
    double scale[SCALE_TERMS];
    for (int i = 0; i < n; i++) {
        scale[i] = a[i][i];
        for (int j = 0; j < n; j++) out[i][j] = i == j;
    }
    for (int k = 0; k < n; k++) {
        if (!(a[k][k] > 1e-10 * scale[k])) return false;
        const double pivot = a[k][k];
        for (int j = 0; j < n; j++) a[k][j] /= pivot, out[k][j] /= pivot;
        for (int i = 0; i < n; i++) {
            const double factor = a[i][k];
            if (i == k) continue;
            for (int j = 0; j < n; j++) a[i][j] -= factor * a[k][j], out[i][j] -= factor * out[k][j];
        }
    }
    return true;
}

// Names clusters 0, 1, 2, ... in the order of their first points; returns their number.
static int name_clusters(const struct scale_points *p, int *cluster_of) {
    int num = 0;
    for (int i = 0; i < p->num; i++) {
        cluster_of[i] = -1;
        for (int j = 0; j < i && p->cluster && cluster_of[i] < 0; j++)
            if (p->cluster[j] == p->cluster[i]) cluster_of[i] = cluster_of[j];
        if (cluster_of[i] < 0) cluster_of[i] = num++;
    }
    return num;
}

static bool work_init(struct work *w, const struct scale_points *p) {
    const size_t num = (size_t)p->num;
    double squares[SCALE_TERMS][SCALE_TERMS] = {{0}};
    *w = (struct work){.points = p,
                       .cluster_of = memory_new(num, sizeof *w->cluster_of, "a fit"),
                       .leverage = memory_new(num, sizeof *w->leverage, "a fit"),
                       .fitted = memory_new(num, sizeof *w->fitted, "a fit"),
                       .residual = memory_new(num, sizeof *w->residual, "a fit")};
    w->clusters = name_clusters(p, w->cluster_of);
    for (int i = 0; i < p->num; i++)
        for (int k = 0; k < p->terms; k++)
            for (int l = 0; l < p->terms; l++) squares[k][l] += term(p, i, k) * term(p, i, l);
    if (w->clusters < p->terms + 2 || !invert(p->terms, squares, w->inverse)) return false;
    for (int i = 0; i < p->num; i++) {
        for (int k = 0; k < p->terms; k++)
            for (int l = 0; l < p->terms; l++) w->leverage[i] += term(p, i, k) * w->inverse[k][l] * term(p, i, l);
        // A point that alone determines a coefficient says nothing about errors.
        if (w->leverage[i] > 1 - 1e-9) w->leverage[i] = 1 - 1e-9;
    }
    return true;
}

static void work_done(struct work *w) {
    free(w->cluster_of);
    free(w->leverage);
    free(w->fitted);
    free(w->residual);
}

// Fits y. `residual` [num] receives the scaled residuals.
static void solve(const struct work *w, const double *y, struct solution *s, double *fitted, double *residual) {
    const struct scale_points *p = w->points;
    double product[SCALE_TERMS] = {0}, meat[SCALE_TERMS][SCALE_TERMS] = {{0}};
    *s = (struct solution){0};
    for (int i = 0; i < p->num; i++)
        for (int k = 0; k < p->terms; k++) product[k] += term(p, i, k) * y[i];
    for (int k = 0; k < p->terms; k++)
        for (int l = 0; l < p->terms; l++) s->at[k] += w->inverse[k][l] * product[l];
    const double few = sqrt(w->clusters / (w->clusters - 1.0)); // for clusters alone: HC2 knows the terms
    for (int i = 0; i < p->num; i++) {
        fitted[i] = 0;
        for (int k = 0; k < p->terms; k++) fitted[i] += s->at[k] * term(p, i, k);
        residual[i] = (y[i] - fitted[i]) / sqrt(1 - w->leverage[i]) * (p->cluster ? few : 1);
        s->variance += residual[i] * residual[i] / p->num;
    }
    for (int c = 0; c < w->clusters; c++) {
        double score[SCALE_TERMS] = {0};
        for (int i = 0; i < p->num; i++)
            for (int k = 0; k < p->terms && w->cluster_of[i] == c; k++) score[k] += term(p, i, k) * residual[i];
        for (int k = 0; k < p->terms; k++)
            for (int l = 0; l < p->terms; l++) meat[k][l] += score[k] * score[l];
    }
    for (int k = 0; k < p->terms; k++)
        for (int l = 0; l < p->terms; l++)
            for (int a = 0; a < p->terms; a++)
                for (int b = 0; b < p->terms; b++) s->covariance[k][l] += w->inverse[k][a] * meat[a][b] * w->inverse[b][l];
}

static double webb(struct rng *rng) {
    static const double values[6] = {-1.224744871391589, -1, -0.7071067811865476, 0.7071067811865476, 1, 1.224744871391589};
    return values[rng_below(rng, 6)];
}

static double at_place(const double at[SCALE_TERMS], int terms, const double *place) {
    double y = at[0];
    for (int k = 1; k < terms; k++) y += at[k] * place[k - 1];
    return y;
}

// The variance of a new point at the place about what the fit says there.
static double variance_at(const struct solution *s, int terms, const double *place) {
    double v = s->variance;
    for (int k = 0; k < terms; k++)
        for (int l = 0; l < terms; l++) v += s->covariance[k][l] * (k ? place[k - 1] : 1) * (l ? place[l - 1] : 1);
    return v;
}

static int compare_doubles(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

// Fieller's interval of the ratio of two slopes with the quantile q of their studentised errors:
// all ratios r for which at[1] - r at[2] may be 0. NAN where it is not finite.
static void ratio_interval(struct scale_fit *out, const struct solution *s, double q) {
    const double b = s->at[1], c = s->at[2], q2 = q * q;
    const double qa = c * c - q2 * s->covariance[2][2], qb = -2 * (b * c - q2 * s->covariance[1][2]),
                 qc = b * b - q2 * s->covariance[1][1], root = qb * qb - 4 * qa * qc;
    out->ratio = b / c;
    if (qa <= 0 || root < 0) return;
    out->ratio_low = (-qb - sqrt(root)) / (2 * qa);
    out->ratio_high = (-qb + sqrt(root)) / (2 * qa);
}

// Draws the rounds of the bootstrap. pivots[k] are the studentised errors of coefficient k, and
// pivots[SCALE_TERMS] those of the prediction.
static void draw(const struct work *w, const struct solution *fit, const double *place, uint64_t seed,
                 double (*pivots)[ROUNDS]) {
    const struct scale_points *p = w->points;
    double *y = memory_new((size_t)p->num, sizeof *y, "a bootstrap"), *fitted = memory_new((size_t)p->num, sizeof *y, "a fit"),
           *residual = memory_new((size_t)p->num, sizeof *y, "a fit"),
           *weights = memory_new((size_t)w->clusters, sizeof *y, "a bootstrap");
    struct rng rng;
    rng_init(&rng, seed, 0x7363616c65); // "scale"
    for (int round = 0; round < ROUNDS; round++) {
        struct solution again;
        for (int c = 0; c < w->clusters; c++) weights[c] = webb(&rng);
        for (int i = 0; i < p->num; i++) y[i] = w->fitted[i] + w->residual[i] * weights[w->cluster_of[i]];
        solve(w, y, &again, fitted, residual);
        for (int k = 0; k < p->terms; k++) {
            const double error = sqrt(again.covariance[k][k]);
            pivots[k][round] = error > 0 ? (again.at[k] - fit->at[k]) / error : 0;
        }
        if (!place) continue;
        const double fresh = w->residual[rng_below(&rng, (uint32_t)p->num)] * webb(&rng);
        const double truth = at_place(fit->at, p->terms, place) + fresh, error = sqrt(variance_at(&again, p->terms, place));
        pivots[SCALE_TERMS][round] = error > 0 ? (truth - at_place(again.at, p->terms, place)) / error : 0;
    }
    free(y);
    free(fitted);
    free(residual);
    free(weights);
}

// Sorted pivots to their quantiles of 2.5 and 97.5 %.
static void quantiles(double pivots[ROUNDS], double *low, double *high) {
    qsort(pivots, ROUNDS, sizeof *pivots, compare_doubles);
    *low = pivots[ROUNDS / 40];
    *high = pivots[ROUNDS - 1 - ROUNDS / 40];
}

static void fill(struct scale_fit *out, const struct work *w, const struct solution *s, const double *place, uint64_t seed) {
    const struct scale_points *p = w->points;
    double(*pivots)[ROUNDS] = memory_new(SCALE_TERMS + 1, sizeof *pivots, "a bootstrap"), low, high, mean = 0, all = 0,
    left = 0;
    draw(w, s, place, seed, pivots);
    *out = (struct scale_fit){.num = p->num, .terms = p->terms, .clusters = w->clusters, .spread = sqrt(s->variance)};
    out->predicted = out->predicted_low = out->predicted_high = out->ratio = out->ratio_low = out->ratio_high = NAN;
    for (int k = 0; k < p->terms; k++) {
        const double error = sqrt(s->covariance[k][k]);
        quantiles(pivots[k], &low, &high);
        out->at[k] = s->at[k];
        out->low[k] = s->at[k] - high * error;
        out->high[k] = s->at[k] - low * error;
        if (k == 2) ratio_interval(out, s, fmax(-low, high));
    }
    if (place) {
        const double error = sqrt(variance_at(s, p->terms, place));
        quantiles(pivots[SCALE_TERMS], &low, &high);
        out->predicted = at_place(s->at, p->terms, place);
        out->predicted_low = out->predicted + low * error;
        out->predicted_high = out->predicted + high * error;
    }
    for (int i = 0; i < p->num; i++) mean += p->y[i] / p->num;
    for (int i = 0; i < p->num; i++) {
        all += (p->y[i] - mean) * (p->y[i] - mean);
        left += (p->y[i] - w->fitted[i]) * (p->y[i] - w->fitted[i]);
    }
    out->r2 = all > 0 ? 1 - left / all : NAN;
    free(pivots);
}

bool scale_fit(struct scale_fit *out, const struct scale_points *points, const double place[SCALE_TERMS - 1], uint64_t seed) {
    *out = (struct scale_fit){0};
    if (points->num < points->terms + 2 || points->num > SCALE_MOST_POINTS) return false;
    struct work w;
    struct solution s;
    const bool is_determined = work_init(&w, points);
    if (is_determined) {
        solve(&w, points->y, &s, w.fitted, w.residual);
        fill(out, &w, &s, place, seed);
    }
    work_done(&w);
    return is_determined;
}
