// The model of rating.h, fitted by Newton's method.
//
// The parameters are x = (r of every player but the anchor, a, d), where a and d are left out if no
// game tells about them. The utility of each outcome is linear in x:
//
//   u_win = r_i + a,   u_draw = d + (r_i + a + r_j) / 2,   u_loss = r_j
//
// The coefficients of x in an outcome's utility are called its features. The gradient of the
// log-likelihood is the sum of (observed - expected) features, and the information is the sum of n
// cov(features). So a pair of players contributes by three feature vectors, each with at most four
// entries, and touches a 4 x 4 block of the information.
#include "arena/rating.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ELO_SCALE (400 / 2.302585092994046) // Elo of one unit of ln(odds)
// Standard deviation of the prior; chosen: far wider than any ladder's steps.
#define PRIOR_ELO 3000.0
#define NORMAL_95 1.959963984540054
enum { NEWTON_STEPS = 200 };

struct fit {
    int num_players, anchor;
    // The number of parameters, and the indices of a and d; -1: left out.
    int num, advantage, draw;
    double *x, *gradient; // [num]
    double *information;  // [num, num]
};

// The features of one outcome: value[k] belongs to parameter index[k].
struct features {
    int n, index[4];
    double value[4];
};

static int parameter_of(const struct fit *f, int player) { return player == f->anchor ? -1 : player - (player > f->anchor); }

static void add_feature(struct features *f, int index, double value) {
    if (index < 0) return;
    f->index[f->n] = index;
    f->value[f->n++] = value;
}

// The features of the first player's win, of a draw, and of its loss.
static void features_of(const struct fit *f, const struct rating_pair *p, struct features out[3]) {
    const int i = parameter_of(f, p->first), j = parameter_of(f, p->second);
    memset(out, 0, 3 * sizeof *out);
    add_feature(&out[0], i, 1), add_feature(&out[0], f->advantage, 1);
    add_feature(&out[1], i, 0.5), add_feature(&out[1], j, 0.5);
    add_feature(&out[1], f->advantage, 0.5), add_feature(&out[1], f->draw, 1);
    add_feature(&out[2], j, 1);
}

// The probabilities of the three outcomes, where a draw has none if d is left out. Returns the
// logarithm of their common denominator: log p_k = u_k minus it.
static double chances(const struct fit *f, const struct features features[3], double p[3]) {
    double u[3], most, sum = 0;
    for (int k = 0; k < 3; k++) {
        u[k] = 0;
        for (int i = 0; i < features[k].n; i++) u[k] += f->x[features[k].index[i]] * features[k].value[i];
    }
    if (f->draw < 0) u[1] = -INFINITY;
    most = fmax(u[0], fmax(u[1], u[2]));
    for (int k = 0; k < 3; k++) sum += p[k] = exp(u[k] - most);
    for (int k = 0; k < 3; k++) p[k] /= sum;
    return most + log(sum);
}

static void add_pair(struct fit *f, const struct rating_pair *pair, double *log_likelihood) {
    struct features features[3];
    double p[3];
    const int counts[3] = {pair->wins, pair->draws, pair->losses}, n = pair->wins + pair->draws + pair->losses;
    if (n == 0) return;
    features_of(f, pair, features);
    chances(f, features, p);
    double *mean = memory_new((size_t)f->num, sizeof *mean, "a rating");
    for (int k = 0; k < 3; k++) {
        if (counts[k]) *log_likelihood += counts[k] * log(p[k]);
        for (int i = 0; i < features[k].n; i++) {
            mean[features[k].index[i]] += p[k] * features[k].value[i];
            f->gradient[features[k].index[i]] += (counts[k] - n * p[k]) * features[k].value[i];
            for (int j = 0; j < features[k].n; j++)
                f->information[(size_t)features[k].index[i] * (size_t)f->num + (size_t)features[k].index[j]] +=
                    n * p[k] * features[k].value[i] * features[k].value[j];
        }
    }
    // The means of all parameters but this pair's are 0.
    const int touched[4] = {parameter_of(f, pair->first), parameter_of(f, pair->second), f->advantage, f->draw};
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++)
            if (touched[i] >= 0 && touched[j] >= 0)
                f->information[(size_t)touched[i] * (size_t)f->num + (size_t)touched[j]] -=
                    n * mean[touched[i]] * mean[touched[j]];
    free(mean);
}

// The log-posterior at x, with its gradient and its information.
static double evaluate(struct fit *f, const struct rating_pair *pairs, int num_pairs) {
    double sum = 0;
    const double precision = ELO_SCALE * ELO_SCALE / (PRIOR_ELO * PRIOR_ELO);
    memset(f->gradient, 0, (size_t)f->num * sizeof(double));
    memset(f->information, 0, (size_t)f->num * (size_t)f->num * sizeof(double));
    for (int i = 0; i < num_pairs; i++) add_pair(f, &pairs[i], &sum);
    for (int i = 0; i < f->num; i++) { // the prior, which holds a and d near 0 too
        sum -= f->x[i] * f->x[i] * precision / 2;
        f->gradient[i] -= f->x[i] * precision;
        f->information[(size_t)i * (size_t)f->num + (size_t)i] += precision;
    }
    return sum;
}

// Replaces a positive definite matrix by its lower Cholesky factor. False: it is not positive
// definite.
static bool cholesky(int n, double *a) {
    for (int j = 0; j < n; j++) {
        for (int i = j; i < n; i++) {
            double sum = a[i * n + j];
            for (int k = 0; k < j; k++) sum -= a[i * n + k] * a[j * n + k];
            if (i == j) {
                if (!(sum > 0)) return false;
                a[j * n + j] = sqrt(sum);
            } else {
                a[i * n + j] = sum / a[j * n + j];
            }
        }
    }
    return true;
}

// Solves l l' x = b, where x holds b before.
static void cholesky_solve(int n, const double *l, double *x) {
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < i; k++) x[i] -= l[i * n + k] * x[k];
        x[i] /= l[i * n + i];
    }
    for (int i = n - 1; i >= 0; i--) {
        for (int k = i + 1; k < n; k++) x[i] -= l[k * n + i] * x[k];
        x[i] /= l[i * n + i];
    }
}

// Newton's method, where a step is halved until it climbs, as it must since the log-posterior is
// concave.
static double climb(struct fit *f, const struct rating_pair *pairs, int num_pairs) {
    double best = evaluate(f, pairs, num_pairs);
    double *step = memory_raw((size_t)f->num, sizeof *step, "a rating");
    double *from = memory_raw((size_t)f->num, sizeof *from, "a rating");
    for (int round = 0; round < NEWTON_STEPS; round++) {
        memcpy(step, f->gradient, (size_t)f->num * sizeof *step);
        memcpy(from, f->x, (size_t)f->num * sizeof *from);
        CHECK(cholesky(f->num, f->information));
        cholesky_solve(f->num, f->information, step);
        double size = 0, scale = 1, now = -INFINITY;
        for (int i = 0; i < f->num; i++) size = fmax(size, fabs(step[i]));
        if (size > 3) scale = 3 / size; // chosen: no further than 500 Elo at a time
        for (int half = 0; half < 40; half++, scale /= 2) {
            for (int i = 0; i < f->num; i++) f->x[i] = from[i] + scale * step[i];
            now = evaluate(f, pairs, num_pairs);
            if (now >= best - 1e-12 * fabs(best)) break;
        }
        best = now;
        if (size < 1e-9) break;
    }
    free(step);
    free(from);
    return best;
}

// Whether every player can be reached from every other along "won or drew a game against".
// Otherwise some ratings have no finite maximum without the prior.
static bool strongly_connected(int n, const struct rating_pair *pairs, int num_pairs) {
    bool *reach = memory_new((size_t)n * (size_t)n, sizeof *reach, "a rating");
    for (int k = 0; k < num_pairs; k++) {
        const struct rating_pair *p = &pairs[k];
        if (p->wins || p->draws) reach[p->first * n + p->second] = true;
        if (p->losses || p->draws) reach[p->second * n + p->first] = true;
    }
    for (int k = 0; k < n; k++)
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++)
                if (reach[i * n + k] && reach[k * n + j]) reach[i * n + j] = true;
    bool all = true;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) all &= i == j || reach[i * n + j];
    free(reach);
    return all;
}

// The covariances are the columns of the inverse of the information, whose Cholesky factor is
// given.
static void fill_covariance(struct rating *r, const struct fit *f, const double *factor) {
    const int n = r->num_players;
    double *column = memory_raw((size_t)f->num, sizeof *column, "a rating");
    for (int i = 0; i < n; i++) {
        const int pi = parameter_of(f, i);
        if (pi < 0) continue;
        memset(column, 0, (size_t)f->num * sizeof *column);
        column[pi] = 1;
        cholesky_solve(f->num, factor, column);
        for (int j = 0; j < n; j++) {
            const int pj = parameter_of(f, j);
            if (pj >= 0) r->covariance[i * n + j] = column[pj] * ELO_SCALE * ELO_SCALE;
        }
    }
    if (f->advantage >= 0) {
        memset(column, 0, (size_t)f->num * sizeof *column);
        column[f->advantage] = 1;
        cholesky_solve(f->num, factor, column);
        r->advantage = f->x[f->advantage] * ELO_SCALE;
        const double half = NORMAL_95 * ELO_SCALE * sqrt(column[f->advantage]);
        r->advantage_low = r->advantage - half, r->advantage_high = r->advantage + half;
    }
    free(column);
}

static void fill_rating(struct rating *r, const struct fit *f) {
    const int n = r->num_players;
    for (int i = 0; i < n; i++) {
        const int p = parameter_of(f, i);
        r->elo[i] = r->anchor_elo + (p < 0 ? 0 : f->x[p] * ELO_SCALE);
        const double half = NORMAL_95 * sqrt(r->covariance[i * n + i]);
        r->low[i] = r->elo[i] - half, r->high[i] = r->elo[i] + half;
    }
    r->draw_log = f->draw >= 0 ? f->x[f->draw] : -INFINITY;
}

enum status rating_fit(struct rating *out, int num_players, int anchor, double anchor_elo, const struct rating_pair *pairs,
                       int num_pairs) {
    *out = (struct rating){.num_players = num_players, .anchor = anchor, .anchor_elo = anchor_elo};
    int draws = 0;
    for (int i = 0; i < num_pairs; i++) {
        const struct rating_pair *p = &pairs[i];
        if (p->first == p->second || p->first < 0 || p->second < 0 || p->first >= num_players || p->second >= num_players)
            return status_fail(STATUS_USAGE, "rating: a pair of players %d and %d among %d", p->first, p->second, num_players);
        out->num_games += p->wins + p->draws + p->losses;
        draws += p->draws;
    }
    struct fit f = {.num_players = num_players, .anchor = anchor, .num = num_players - 1, .advantage = -1, .draw = -1};
    if (out->num_games) f.advantage = f.num++;
    if (draws) f.draw = f.num++;
    const size_t n = (size_t)num_players, m = (size_t)f.num;
    out->elo = memory_new(n, sizeof(double), "a rating");
    out->low = memory_new(n, sizeof(double), "a rating");
    out->high = memory_new(n, sizeof(double), "a rating");
    out->covariance = memory_new(n * n, sizeof(double), "a rating");
    f.x = memory_new(m, sizeof(double), "a rating");
    f.gradient = memory_new(m, sizeof(double), "a rating");
    f.information = memory_new(m * m, sizeof(double), "a rating");
    out->log_likelihood = climb(&f, pairs, num_pairs);
    evaluate(&f, pairs, num_pairs);
    CHECK(cholesky(f.num, f.information));
    fill_covariance(out, &f, f.information);
    fill_rating(out, &f);
    out->is_connected = strongly_connected(num_players, pairs, num_pairs);
    free(f.x);
    free(f.gradient);
    free(f.information);
    return STATUS_OK;
}

void rating_done(struct rating *r) {
    free(r->elo);
    free(r->low);
    free(r->high);
    free(r->covariance);
    *r = (struct rating){0};
}

static double variance_of_difference(const struct rating *r, int i, int j) {
    const int n = r->num_players;
    return r->covariance[i * n + i] + r->covariance[j * n + j] - 2 * r->covariance[i * n + j];
}

double rating_superiority(const struct rating *r, int i, int j) {
    const double variance = variance_of_difference(r, i, j);
    if (i == j || variance <= 0) return 0.5;
    return 0.5 * erfc(-(r->elo[i] - r->elo[j]) / sqrt(2 * variance));
}

double rating_expectation(const struct rating *r, int first, int second, double *win, double *draw) {
    const double difference = (r->elo[first] + r->advantage - r->elo[second]) / ELO_SCALE;
    const double u = difference / 2, most = fmax(fabs(u), isfinite(r->draw_log) ? r->draw_log : 0);
    const double w = exp(u - most), l = exp(-u - most), d = isfinite(r->draw_log) ? exp(r->draw_log - most) : 0;
    if (win) *win = w / (w + d + l);
    if (draw) *draw = d / (w + d + l);
    return (w + d / 2) / (w + d + l);
}

// The variance of the first player's points in one game.
static double points_variance(const struct rating *r, int first, int second) {
    double win, draw;
    const double mean = rating_expectation(r, first, second, &win, &draw);
    return win + draw / 4 - mean * mean;
}

bool rating_intransitive(const struct rating *r, const struct rating_pair *pairs, int num_pairs, struct rating_doubt *out) {
    const int n = r->num_players;
    int tested = 0;
    double worst = 0;
    for (int i = 0; i < n; i++)
        for (int j = i + 1; j < n; j++) {
            struct rating_doubt d = {.first = i, .second = j};
            double variance = 0;
            for (int k = 0; k < num_pairs; k++) {
                const struct rating_pair *p = &pairs[k];
                const bool forward = p->first == i && p->second == j, backward = p->first == j && p->second == i;
                if (!forward && !backward) continue;
                const int games = p->wins + p->draws + p->losses;
                const double expected = games * rating_expectation(r, p->first, p->second, NULL, NULL);
                const double points = p->wins + p->draws / 2.0;
                d.games += games;
                d.expected += forward ? expected : games - expected;
                d.points += forward ? points : games - points;
                variance += games * points_variance(r, p->first, p->second);
            }
            // The normal approximation needs a few games that either could have won.
            if (variance < 1) continue;
            tested++;
            d.z = (d.points - d.expected) / sqrt(variance);
            if (fabs(d.z) > worst) worst = fabs(d.z), *out = d;
        }
    // Bonferroni's correction for the number of tested pairs: one sound tournament in a hundred is
    // doubted.
    return tested > 0 && erfc(worst / sqrt(2)) * tested < 0.01;
}

// The precision with which a pair of games, one with each colour, measures r_i - r_j, in 1 / Elo^2.
static double precision_of(const struct rating *r, int i, int j) {
    return (points_variance(r, i, j) + points_variance(r, j, i)) / (ELO_SCALE * ELO_SCALE);
}

// Updates the covariance C by an observation of r_i - r_j with precision w: C -= w (C x)(C x)' / (1
// + w x' C x) for x = e_i - e_j.
static void observe(double *c, int n, int i, int j, double w, double *cx) {
    for (int k = 0; k < n; k++) cx[k] = c[k * n + i] - c[k * n + j];
    const double scale = w / (1 + w * (cx[i] - cx[j]));
    for (int a = 0; a < n; a++)
        for (int b = 0; b < n; b++) c[a * n + b] -= scale * cx[a] * cx[b];
}

bool rating_next_pair(const struct rating *r, const double *seconds, const int *pending, const double *weights, int *best_i,
                      int *best_j, double *gain) {
    const int n = r->num_players;
    double *c = memory_raw((size_t)n * (size_t)n, sizeof *c, "a rating");
    double *cx = memory_raw((size_t)n, sizeof *cx, "a rating"), best = -1;
    memcpy(c, r->covariance, (size_t)n * (size_t)n * sizeof *c);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            for (int k = 0; pending && k < pending[i * n + j]; k++) observe(c, n, i, j, precision_of(r, i, j), cx);
    for (int i = 0; i < n; i++)
        for (int j = i + 1; j < n; j++) {
            if (!(seconds[i * n + j] > 0)) continue;
            const double w = precision_of(r, i, j);
            double square = 0;
            for (int k = 0; k < n; k++) {
                cx[k] = c[k * n + i] - c[k * n + j];
                square += (weights ? weights[k] : 1) * cx[k] * cx[k];
            }
            const double value = w * square / (1 + w * (cx[i] - cx[j])) / seconds[i * n + j];
            if (value > best) best = value, *best_i = i, *best_j = j;
        }
    free(c);
    free(cx);
    if (gain) *gain = best;
    return best >= 0;
}
