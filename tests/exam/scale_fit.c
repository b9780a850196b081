// Laws: known power laws are recovered; the fit is the one that a naive search finds; 95 %
// intervals hold the truth in about 95 of 100 simulated studies, for slopes, for new points, and
// with clusters.
#include "exam/scale_fit.h"

#include "base/rng.h"
#include "base/status.h"
#include "tests/test.h"

enum { MOST = 64 };

static double squares(const struct scale_points *p, const double at[SCALE_TERMS]) {
    double sum = 0;
    for (int i = 0; i < p->num; i++) {
        double d = p->y[i] - at[0];
        for (int k = 1; k < p->terms; k++) d -= at[k] * p->x[i][k - 1];
        sum += d * d;
    }
    return sum;
}

// The naive twin: steps along each axis for as long as one lessens the squares.
static void naive_fit(const struct scale_points *p, double at[SCALE_TERMS]) {
    double step[SCALE_TERMS] = {100, 100, 100};
    for (int k = 0; k < SCALE_TERMS; k++) at[k] = 0;
    for (int round = 0; round < 200000; round++) {
        bool moved = false;
        for (int k = 0; k < p->terms; k++)
            for (int sign = -1; sign <= 1; sign += 2) {
                double next[SCALE_TERMS];
                memcpy(next, at, sizeof next);
                next[k] += sign * step[k];
                if (squares(p, next) < squares(p, at)) memcpy(at, next, sizeof next), moved = true;
            }
        if (moved) continue;
        for (int k = 0; k < p->terms; k++) step[k] /= 2;
        if (step[0] < 1e-7) return;
    }
}

static void test_it_is_what_a_naive_search_finds(void) {
    struct rng rng;
    rng_init(&rng, 1, 1);
    for (int round = 0; round < test_rounds(8); round++) {
        double x[MOST][2], y[MOST], naive[SCALE_TERMS];
        struct scale_points p = {.num = 12, .terms = 2 + round % 2, .x = x, .y = y};
        for (int i = 0; i < p.num; i++) {
            x[i][0] = 2 * rng_normal(&rng), x[i][1] = rng_normal(&rng);
            y[i] = 100 + 300 * x[i][0] - 50 * x[i][1] + 80 * rng_normal(&rng);
        }
        struct scale_fit fit;
        EXPECT(scale_fit(&fit, &p, NULL, 1));
        naive_fit(&p, naive);
        for (int k = 0; k < p.terms; k++) EXPECT_NEAR(fit.at[k], naive[k], 0.01);
        EXPECT(isnan(fit.predicted));
    }
}

static void test_a_power_law_without_noise_is_recovered(void) {
    double x[8][2], y[8];
    const struct scale_points p = {.num = 8, .terms = 3, .x = x, .y = y};
    for (int i = 0; i < 8; i++) { // Jones: 500 Elo a decade, and 500 / log10 15 for search
        x[i][0] = 12 + i / 2, x[i][1] = 6 + i % 2;
        y[i] = -7000 + 500 * x[i][0] + 500 / log10(15) * x[i][1];
    }
    struct scale_fit fit;
    const double place[2] = {18, 7};
    EXPECT(scale_fit(&fit, &p, place, 1));
    EXPECT_NEAR(fit.at[1], 500, 1e-6);
    EXPECT_NEAR(fit.r2, 1, 1e-9);
    EXPECT_NEAR(pow(10, fit.ratio), 15, 1e-6); // tenfold training for fifteenfold search
    EXPECT_NEAR(fit.predicted, -7000 + 500 * 18 + 500 / log10(15) * 7, 1e-5);
}

static void test_what_is_not_determined_is_refused(void) {
    double x[8][2] = {{0}}, y[8] = {0};
    struct scale_fit fit;
    EXPECT(!scale_fit(&fit, &(struct scale_points){.num = 3, .terms = 2, .x = x, .y = y}, NULL, 1)); // too few
    EXPECT(!scale_fit(&fit, &(struct scale_points){.num = 8, .terms = 2, .x = x, .y = y}, NULL, 1)); // all at one place
    const int one[8] = {0};
    for (int i = 0; i < 8; i++) x[i][0] = i;
    EXPECT(!scale_fit(&fit, &(struct scale_points){.num = 8, .terms = 2, .x = x, .y = y, .cluster = one}, NULL, 1));
    EXPECT(scale_fit(&fit, &(struct scale_points){.num = 8, .terms = 2, .x = x, .y = y}, NULL, 1));
    EXPECT(isnan(fit.r2)); // nothing varies
}

// How often the intervals hold the truth: of the slope, of a new point, and of the ratio of a
// plane.
struct held {
    double slope, point, ratio;
};

static struct held simulate(int studies, int budgets, int seeds, bool is_plane, bool is_heavy) {
    struct rng rng;
    struct held held = {0, 0, 0};
    rng_init(&rng, 7, (uint64_t)(budgets * 100 + seeds + is_plane * 10000));
    for (int study = 0; study < studies; study++) {
        double x[MOST][2], y[MOST];
        int cluster[MOST];
        struct scale_points p = {.terms = 2 + is_plane, .x = x, .y = y, .cluster = is_plane ? cluster : NULL};
        for (int b = 0; b < budgets; b++)
            for (int s = 0; s < seeds; s++) {
                double common = 40 * rng_normal(&rng); // of the training
                if (is_heavy && rng_below(&rng, 10) == 0) common *= 3;
                for (int v = 0; v < (is_plane ? 4 : 1); v++) {
                    cluster[p.num] = b * seeds + s;
                    x[p.num][0] = 0.3 * b, x[p.num][1] = 0.6 * v;
                    y[p.num] = 1000 + 400 * x[p.num][0] + 300 * x[p.num][1] + common + 20 * rng_normal(&rng);
                    p.num++;
                }
            }
        struct scale_fit fit;
        const double place[2] = {0.3 * budgets, 0};
        CHECK(scale_fit(&fit, &p, place, (uint64_t)study));
        const double truth = 1000 + 400 * place[0] + 40 * rng_normal(&rng) + 20 * rng_normal(&rng);
        held.slope += fit.low[1] <= 400 && 400 <= fit.high[1];
        held.point += fit.predicted_low <= truth && truth <= fit.predicted_high;
        held.ratio += fit.ratio_low <= 400 / 300. && 400 / 300. <= fit.ratio_high;
    }
    held.slope /= studies, held.point /= studies, held.ratio /= studies;
    return held;
}

static void test_intervals_hold_the_truth(void) {
    static const struct {
        int budgets, seeds;
        bool is_plane, is_heavy;
    } cases[] = {{3, 3, false, false}, {3, 2, false, false}, {5, 3, false, true}, {3, 3, true, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct held held =
            simulate(test_rounds(600), cases[i].budgets, cases[i].seeds, cases[i].is_plane, cases[i].is_heavy);
        fprintf(stderr, "%d budgets, %d seeds%s%s: slope %.3f, new point %.3f, ratio %.3f\n", cases[i].budgets, cases[i].seeds,
                cases[i].is_plane ? ", plane" : "", cases[i].is_heavy ? ", heavy tails" : "", held.slope, held.point,
                held.ratio);
        EXPECT_(held.slope >= 0.91 && held.slope <= 0.995, "case %zu: the slope's interval holds %.3f", i, held.slope);
        EXPECT_(held.point >= 0.90 && held.point <= 0.995, "case %zu: the prediction's interval holds %.3f", i, held.point);
        if (cases[i].is_plane) EXPECT_(held.ratio >= 0.90, "case %zu: the ratio's interval holds %.3f", i, held.ratio);
    }
}

int main(void) {
    test_it_is_what_a_naive_search_finds();
    test_a_power_law_without_noise_is_recovered();
    test_what_is_not_determined_is_refused();
    test_intervals_hold_the_truth();
    return TEST_END();
}
