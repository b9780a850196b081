// From nets to findings. The run that was held out takes no part in any fit: it is what the fits
// are judged by.
#include "exam/scale_study.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SEED 1 // Of the bootstrap: the same study has the same intervals.

double scale_training_flops(const struct scale_net *net) {
    return net->net_flops * (net->evaluations + 3.0 * (double)net->samples);
}

double scale_move_flops(const struct scale_net *net) { return net->net_flops * (net->visits > 0 ? net->visits : 1); }

static bool is_rated(const struct scale_net *net) { return isfinite(net->elo); }

static bool is_usual(const struct scale_study *study, const struct scale_net *net) {
    return is_rated(net) && net->visits == study->visits && !net->is_held_out;
}

static int find_shape(const struct scale_findings *f, const struct scale_net *net) {
    for (int i = 0; i < f->num_shapes; i++)
        if (f->shapes[i].blocks == net->blocks && f->shapes[i].channels == net->channels) return i;
    return -1;
}

static int find_budget(const struct scale_findings *f, double budget) {
    for (int i = 0; i < f->num_budgets; i++)
        if (f->budgets[i] == budget) return i;
    return -1;
}

// Collects the shapes and the budgets in ascending order.
static void collect(struct scale_findings *f, const struct scale_study *study) {
    for (int i = 0; i < study->num_nets; i++) {
        const struct scale_net *net = &study->nets[i];
        if (net->is_held_out) continue;
        if (find_shape(f, net) < 0 && f->num_shapes < SCALE_MOST_SHAPES) {
            int at = f->num_shapes++;
            for (; at > 0 && f->shapes[at - 1].net_flops > net->net_flops; at--) f->shapes[at] = f->shapes[at - 1];
            f->shapes[at].blocks = net->blocks;
            f->shapes[at].channels = net->channels;
            f->shapes[at].parameters = net->parameters;
            f->shapes[at].net_flops = net->net_flops;
        }
        if (find_budget(f, net->budget) < 0 && f->num_budgets < SCALE_MOST_BUDGETS) {
            int at = f->num_budgets++;
            for (; at > 0 && f->budgets[at - 1] > net->budget; at--) f->budgets[at] = f->budgets[at - 1];
            f->budgets[at] = net->budget;
        }
    }
}

static void group_add(struct scale_group *g, double elo, double interval, double hours, double flops) {
    const double before = g->elo;
    g->num++;
    g->elo += (elo - g->elo) / g->num;
    g->spread += (elo - before) * (elo - g->elo); // a sum of squares until group_end
    g->hours += (hours - g->hours) / g->num;
    g->flops += (flops - g->flops) / g->num;
    g->interval = fmax(g->interval, interval);
}

static void group_end(struct scale_group *g) { g->spread = g->num > 1 ? sqrt(g->spread / (g->num - 1)) : NAN; }

static void group(struct scale_findings *f, const struct scale_study *study) {
    for (int i = 0; i < study->num_nets; i++) {
        const struct scale_net *net = &study->nets[i];
        const int b = find_budget(f, net->budget), s = find_shape(f, net);
        if (b < 0 || s < 0 || !net->is_last || !is_usual(study, net)) continue;
        group_add(&f->groups[b][s], net->elo, (net->high - net->low) / 2, net->seconds / 3600, scale_training_flops(net));
    }
    for (int b = 0; b < f->num_budgets; b++) {
        f->best[b] = -1;
        for (int s = 0; s < f->num_shapes; s++) {
            group_end(&f->groups[b][s]);
            if (f->groups[b][s].num && (f->best[b] < 0 || f->groups[b][s].elo > f->groups[b][f->best[b]].elo)) f->best[b] = s;
        }
    }
}

struct table {
    double x[SCALE_MOST_POINTS][SCALE_TERMS - 1], y[SCALE_MOST_POINTS];
    int cluster[SCALE_MOST_POINTS], num;
};

static void table_add(struct table *t, double x1, double x2, double y, int cluster) {
    if (t->num == SCALE_MOST_POINTS || !isfinite(x1) || !isfinite(x2)) return;
    t->x[t->num][0] = x1;
    t->x[t->num][1] = x2;
    t->cluster[t->num] = cluster;
    t->y[t->num++] = y;
}

static bool table_fit(const struct table *t, int terms, const double *place, struct scale_fit *out) {
    const struct scale_points points = {
        .num = t->num, .terms = terms, .x = t->x, .y = t->y, .cluster = terms > 2 ? t->cluster : NULL};
    return scale_fit(out, &points, place, SEED);
}

// Whether this is a net of the frontier: the last one of a training of the best shape at its
// budget.
static bool is_frontier(const struct scale_findings *f, const struct scale_study *study, const struct scale_net *net) {
    if (!net->is_last || !is_usual(study, net)) return false;
    const int b = find_budget(f, net->budget);
    return b >= 0 && f->best[b] == find_shape(f, net);
}

static bool fit_frontier(const struct scale_findings *f, const struct scale_study *study, bool by_flops, const double *place,
                         struct scale_fit *out) {
    struct table *t = memory_new(1, sizeof *t, "a study of scale");
    for (int i = 0; i < study->num_nets; i++) {
        const struct scale_net *net = &study->nets[i];
        if (is_frontier(f, study, net))
            table_add(t, log10(by_flops ? scale_training_flops(net) : net->seconds / 3600), 0, net->elo, i);
    }
    const bool is_fitted = table_fit(t, 2, place, out);
    free(t);
    return is_fitted;
}

// The Elo that a training had at this step, straight between rated nets over the logarithm of the
// step; NAN: it lies outside of them.
static double elo_at(const struct scale_study *study, const char *cell, long long step, double *interval) {
    const struct scale_net *below = NULL, *above = NULL;
    for (int i = 0; i < study->num_nets; i++) {
        const struct scale_net *net = &study->nets[i];
        if (strcmp(net->cell, cell) || !is_usual(study, net)) continue;
        if (net->step <= step && (!below || net->step > below->step)) below = net;
        if (net->step >= step && (!above || net->step < above->step)) above = net;
    }
    if (!below || !above) return NAN;
    *interval = fmax(below->high - below->low, above->high - above->low) / 2;
    if (below == above) return below->elo;
    const double part = log((double)step / (double)below->step) / log((double)above->step / (double)below->step);
    return below->elo + part * (above->elo - below->elo);
}

// Shapes are compared at the step that all trainings of the largest budget have reached.
static void compare_at_equal_steps(struct scale_findings *f, const struct scale_study *study) {
    const double budget = f->num_budgets ? f->budgets[f->num_budgets - 1] : 0;
    struct table *t = memory_new(1, sizeof *t, "a study of scale");
    for (int i = 0; i < study->num_nets; i++) {
        const struct scale_net *net = &study->nets[i];
        if (net->is_last && is_usual(study, net) && net->budget == budget && net->step > 0 &&
            (!f->common_step || net->step < f->common_step))
            f->common_step = net->step;
    }
    for (int i = 0; i < study->num_nets; i++) {
        const struct scale_net *net = &study->nets[i];
        double interval = 0;
        if (!net->is_last || !is_usual(study, net) || net->budget != budget || !f->common_step) continue;
        const double elo = elo_at(study, net->cell, f->common_step, &interval);
        const int shape = find_shape(f, net);
        if (!isfinite(elo) || shape < 0) continue;
        group_add(&f->at_step[shape], elo, interval, NAN, NAN);
        table_add(t, log10((double)net->parameters), 0, elo, i);
    }
    for (int s = 0; s < f->num_shapes; s++) group_end(&f->at_step[s]);
    table_fit(t, 2, NULL, &f->parameters);
    free(t);
}

// One net at several visits is one cluster: what its training did well or badly is in all of them.
static void trade_training_for_search(struct scale_findings *f, const struct scale_study *study) {
    struct table *t = memory_new(1, sizeof *t, "a study of scale");
    for (int i = 0; i < study->num_nets; i++) {
        const struct scale_net *net = &study->nets[i];
        int cluster = 0, settings = 0;
        for (int j = 0; j < study->num_nets; j++) {
            const struct scale_net *other = &study->nets[j];
            if (strcmp(net->cell, other->cell) || !other->is_last || !is_rated(other)) continue;
            if (!settings++) cluster = j;
        }
        // A net at one number of visits says nothing of what search is worth.
        if (settings > 1 && net->is_last && is_rated(net) && !net->is_held_out)
            table_add(t, log10(scale_training_flops(net)), log10(scale_move_flops(net)), net->elo, cluster);
    }
    table_fit(t, 3, NULL, &f->trade);
    free(t);
}

// To gain 100 Elo at a slope of b Elo a decade the time grows by the factor 10^(100/b).
static void price_hundred(struct scale_findings *f) {
    const int last = f->num_budgets - 1;
    f->hundred = f->hundred_low = f->hundred_high = NAN;
    if (last < 0 || f->best[last] < 0 || !f->hours.num || f->hours.at[1] <= 0) return;
    const double hours = f->groups[last][f->best[last]].hours;
    f->hundred = hours * (pow(10, 100 / f->hours.at[1]) - 1);
    f->hundred_low = hours * (pow(10, 100 / f->hours.high[1]) - 1);
    if (f->hours.low[1] > 0) f->hundred_high = hours * (pow(10, 100 / f->hours.low[1]) - 1);
}

// The standard error over nets where there are several, else that over positions.
static void compare_values(struct scale_findings *f, const struct scale_study *study, int q, int t) {
    struct scale_value_group *groups = f->values[q][t];
    double squares[SCALE_MOST_SHAPES] = {0};
    for (int i = 0; i < study->num_nets; i++) {
        const struct scale_net *net = &study->nets[i];
        const struct scale_value_error *e = &net->values[q][t];
        const int s = find_shape(f, net);
        if (s < 0 || !e->num || net->is_held_out || net->visits != study->visits) continue;
        struct scale_value_group *g = &groups[s];
        const double before = g->mean;
        g->num++;
        g->positions = e->num;
        g->mean += (e->mean - g->mean) / g->num;
        squares[s] += (e->mean - before) * (e->mean - g->mean);
        g->error = e->error;
    }
    for (int s = 0; s < f->num_shapes; s++) {
        struct scale_value_group *g = &groups[s];
        if (g->num > 1) g->error = sqrt(squares[s] / (g->num - 1) / g->num + g->error * g->error / g->num);
        const struct scale_value_group *smaller = s ? &groups[s - 1] : NULL;
        g->is_worse = smaller && g->num && smaller->num && g->mean - smaller->mean > 3 * hypot(g->error, smaller->error);
    }
}

void scale_find(struct scale_findings *f, const struct scale_study *study) {
    *f = (struct scale_findings){0};
    collect(f, study);
    group(f, study);
    fit_frontier(f, study, false, NULL, &f->hours);
    fit_frontier(f, study, true, NULL, &f->flops);
    compare_at_equal_steps(f, study);
    trade_training_for_search(f, study);
    price_hundred(f);
    for (int q = 0; q < SCALE_FREQUENCIES; q++)
        for (int t = 0; t < SCALE_THIRDS; t++) compare_values(f, study, q, t);
    for (int i = 0; i < study->num_nets; i++) {
        const struct scale_net *net = &study->nets[i];
        if (net->is_held_out && net->is_last && net->visits == study->visits && is_rated(net)) f->held_out = net;
    }
}

bool scale_predict(struct scale_prediction *out, const struct scale_study *study, double budget) {
    struct scale_findings *f = memory_new(1, sizeof *f, "a study of scale");
    struct scale_fit fit;
    const double place[SCALE_TERMS - 1] = {log10(budget / 3600)};
    collect(f, study);
    group(f, study);
    *out = (struct scale_prediction){0};
    const bool is_known = f->num_budgets > 1 && fit_frontier(f, study, false, place, &fit);
    if (is_known) {
        const int shape = f->best[f->num_budgets - 1];
        *out = (struct scale_prediction){.is_made = shape >= 0,
                                         .budget = budget,
                                         .elo = fit.predicted,
                                         .low = fit.predicted_low,
                                         .high = fit.predicted_high};
        if (shape >= 0) out->blocks = f->shapes[shape].blocks, out->channels = f->shapes[shape].channels;
    }
    free(f);
    return out->is_made;
}
