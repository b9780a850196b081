// The report's text and table. Every figure comes from the findings; sentences say what was
// measured and how sure it is, and compare with what others found [Jones 2021; Neumann & Gros
// 2022].
#include "exam/scale_report.h"

#include "exam/scale_plot.h"

#include "base/files.h"
#include "base/gnuplot.h"
#include "base/memory.h"
#include "base/options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// --- The table -----------------------------------------------------------------------------------

static void put_number(FILE *out, const char *format, double value) {
    fputc(',', out);
    if (isfinite(value)) fprintf(out, format, value);
}

static void put_csv(FILE *out, const struct scale_study *study) {
    fprintf(out,
            "cell,blocks,channels,parameters,budget [s],seed,held_out,is_last,step [optimiser steps],games [self-play games],"
            "positions [training rows],seconds [s of training],evaluations [of self-play],flop_evaluation [FLOP],"
            "flop_training [FLOP],visits [a move],flop_move [FLOP],\"elo [scale of %s: %s]\",elo_low [95 %%],elo_high [95 %%],"
            "games_rated [games]",
            study->game, study->scale);
    for (int k = 0; k < SCALE_MARKS && study->mark_names[k]; k++) fprintf(out, ",%s [raw net]", study->mark_names[k]);
    fputc('\n', out);
    for (int i = 0; i < study->num_nets; i++) {
        const struct scale_net *n = &study->nets[i];
        fprintf(out, "%s,%d,%d,%lld,%g,%lld,%d,%d,%lld,%lld,%lld,%.1f,%.0f,%.4g,%.6g,%d,%.6g", n->cell, n->blocks, n->channels,
                n->parameters, n->budget, n->seed, n->is_held_out, n->is_last, n->step, n->games, n->samples, n->seconds,
                n->evaluations, n->net_flops, scale_training_flops(n), n->visits, scale_move_flops(n));
        put_number(out, "%.1f", n->elo);
        put_number(out, "%.1f", n->low);
        put_number(out, "%.1f", n->high);
        fprintf(out, ",%d", n->rated_games);
        for (int k = 0; k < SCALE_MARKS && study->mark_names[k]; k++) put_number(out, "%.4f", n->marks[k]);
        fputc('\n', out);
    }
}

// --- The text ------------------------------------------------------------------------------------

static void put_slope(FILE *out, const struct scale_fit *fit, const char *what) {
    fprintf(out,
            "%.0f Elo for each tenfold of %s (95 %%: %.0f to %.0f; R² %.2f; %d trainings), which is strength growing as %s to "
            "the power %.2f (%.2f to %.2f).\n",
            fit->at[1], what, fit->low[1], fit->high[1], fit->r2, fit->clusters, what, fit->at[1] / 400, fit->low[1] / 400,
            fit->high[1] / 400);
    if (fit->low[1] <= 0 && fit->high[1] >= 0) fprintf(out, "The interval holds 0: nothing is shown.\n");
}

static void put_cell(FILE *out, const struct scale_group *g, bool is_best) {
    const char *bold = is_best ? "**" : "";
    if (!g->num) {
        fprintf(out, " – |");
        return;
    }
    fprintf(out, " %s%.0f%s", bold, g->elo, bold);
    if (isfinite(g->spread)) fprintf(out, " ±%.0f", g->spread);
    fprintf(out, " (%d) |", g->num);
}

static void put_grid(FILE *out, const struct scale_study *study, const struct scale_findings *f) {
    double widest = 0;
    fprintf(out,
            "## Elo by shape and budget\n\nThe last nets of all trainings, at %d visits a move: the mean over seeds, their "
            "standard deviation, and how many there are. The best shape of each budget is bold.\n\n| shape | parameters | "
            "MFLOP an evaluation |",
            study->visits);
    for (int b = 0; b < f->num_budgets; b++) {
        char text[32];
        fprintf(out, " %s |", format_duration(f->budgets[b], text));
    }
    fprintf(out, "\n| --- | --- | --- |");
    for (int b = 0; b < f->num_budgets; b++) fprintf(out, " --- |");
    fputc('\n', out);
    for (int s = 0; s < f->num_shapes; s++) {
        fprintf(out, "| %dx%d | %lld | %.1f |", f->shapes[s].blocks, f->shapes[s].channels, f->shapes[s].parameters,
                f->shapes[s].net_flops / 1e6);
        for (int b = 0; b < f->num_budgets; b++) {
            put_cell(out, &f->groups[b][s], f->best[b] == s);
            widest = fmax(widest, f->groups[b][s].interval);
        }
        fputc('\n', out);
    }
    fprintf(out,
            "\nThe widest interval of a single net is ±%.0f Elo (95 %%). The best of several means is chosen after the "
            "fact, and so a little too high.\n\n",
            widest);
}

static void put_compute(FILE *out, const struct scale_study *study, const struct scale_findings *f) {
    fprintf(out, "## Compute\n\n![Elo over compute](scale-compute.svg)\n\n");
    if (!f->hours.num) {
        fprintf(out, "No law: it wants the best shapes of two budgets or more, and four trainings of them.\n\n");
        return;
    }
    fprintf(out, "The frontier, which is the best shape of each budget, over hours on this machine: ");
    put_slope(out, &f->hours, "time");
    if (f->flops.num) {
        fprintf(out, "\nOver floating-point operations (self-play, and three evaluations for each row learned from): ");
        put_slope(out, &f->flops, "compute");
    }
    if (isfinite(f->hundred)) {
        fprintf(out, "\n**+100 Elo beyond the best of the largest budget cost %.3g hours here** (", f->hundred);
        if (isfinite(f->hundred_high))
            fprintf(out, "95 %%: %.3g to %.3g hours)", f->hundred_low, f->hundred_high);
        else
            fprintf(out, "at least %.3g hours with 97.5 %%: no upper end is known)", f->hundred_low);
        fprintf(out, ", for as long as the law holds.\n");
    }
    fprintf(out, "\nTo compare: on Hex, [Jones 2021](https://arxiv.org/abs/2104.03113) found about 500 Elo for each tenfold of "
                 "compute, up to perfect play. On Connect Four and Pentago, "
                 "[Neumann & Gros 2022](https://arxiv.org/abs/2210.00849) found power laws of strength in compute and in "
                 "parameters, with nearly the same exponents in both games. Exponents of one game and size say little about "
                 "another.\n\n");
}

static void put_parameters(FILE *out, const struct scale_study *study, const struct scale_findings *f) {
    fprintf(out, "## Parameters\n\n![Elo over parameters](scale-parameters.svg)\n\n");
    if (!f->common_step) {
        fprintf(out, "No net of the largest budget is rated yet.\n\n");
        return;
    }
    fprintf(out,
            "All trainings of the largest budget reached step %lld. There the shapes compare with the same number of steps and "
            "rows, whatever time they took. Nets that were not at their end there had not yet had the fall of the learning "
            "rate, which favours the slowest shape.\n\n",
            f->common_step);
    if (f->parameters.num) put_slope(out, &f->parameters, "parameters");
    fputc('\n', out);
}

static void put_trade(FILE *out, const struct scale_findings *f) {
    fprintf(out, "## Training against search\n\n");
    if (!f->trade.num) {
        fprintf(out, "No plane: it wants five nets or more that are rated at several numbers of visits (--dial).\n\n");
        return;
    }
    fprintf(
        out,
        "![Training against search](scale-trade.svg)\n\nA plane through all nets at all visits: %.0f Elo for each tenfold of "
        "training (%.0f to %.0f) and %.0f for each tenfold of search (%.0f to %.0f), R² %.2f.",
        f->trade.at[1], f->trade.low[1], f->trade.high[1], f->trade.at[2], f->trade.low[2], f->trade.high[2], f->trade.r2);
    if (isfinite(f->trade.ratio_low) && f->trade.ratio > 0)
        fprintf(out, " At equal strength, **ten times the training save a factor of %.3g in search** (95 %%: %.3g to %.3g).",
                pow(10, f->trade.ratio), pow(10, f->trade.ratio_low), pow(10, f->trade.ratio_high));
    else
        fprintf(out, " How much search ten times the training save is not known: too little is known of what search is worth.");
    fprintf(out, " Jones 2021 found a factor of about fifteen on Hex.\n\n");
}

static void put_prediction(FILE *out, const struct scale_study *study, const struct scale_findings *f) {
    const struct scale_prediction *p = &study->prediction;
    char time[32];
    if (!p->is_made) return;
    fprintf(out,
            "## The prediction\n\nOn %s, before it was begun, a run of %s with %dx%d was predicted to reach **%.0f Elo, 95 %% "
            "between %.0f and %.0f**, at %d visits.",
            p->date, format_duration(p->budget, time), p->blocks, p->channels, p->elo, p->low, p->high, study->visits);
    if (!f->held_out) {
        fprintf(out, " It is not rated yet.\n\n");
        return;
    }
    const struct scale_net *n = f->held_out;
    fprintf(out, " It reached **%.0f ±%.0f**: %.0f Elo %s than predicted, %s the interval.\n\n", n->elo, (n->high - n->low) / 2,
            fabs(n->elo - p->elo), n->elo < p->elo ? "less" : "more",
            n->elo < p->low || n->elo > p->high ? "outside of" : "within");
}

static void put_marks(FILE *out, const struct scale_study *study) {
    if (!study->mark_names[0]) return;
    fprintf(out, "## Exact marks\n\nOf the raw net, by a solver:\n\n| training |");
    for (int k = 0; k < SCALE_MARKS && study->mark_names[k]; k++) fprintf(out, " %s |", study->mark_names[k]);
    fprintf(out, " Elo |\n| --- |");
    for (int k = 0; k < SCALE_MARKS && study->mark_names[k]; k++) fprintf(out, " --- |");
    fprintf(out, " --- |\n");
    for (int i = 0; i < study->num_nets; i++) {
        const struct scale_net *n = &study->nets[i];
        if (!n->is_last || n->visits != study->visits || !isfinite(n->marks[0])) continue;
        fprintf(out, "| %s |", n->cell);
        for (int k = 0; k < SCALE_MARKS && study->mark_names[k]; k++) fprintf(out, " %.1f %% |", 100 * n->marks[k]);
        fprintf(out, isfinite(n->elo) ? " %.0f |\n" : " – |\n", n->elo);
    }
    fputc('\n', out);
}

// The shapes by how their values err. A larger net that errs more than the next smaller one by more
// than three standard errors of the difference is marked.
static void put_values(FILE *out, const struct scale_study *study, const struct scale_findings *f) {
    static const char *const frequencies[SCALE_FREQUENCIES] = {"once", "2 to 9 times", "10 times or more"};
    static const char *const thirds[SCALE_THIRDS] = {"first", "middle", "last"};
    bool is_any = false;
    if (!*study->value_cell) return;
    fprintf(
        out,
        "## Where values err\n\nMean square error of the raw net's value (from -1 to 1) against the mean result, over "
        "positions of %d games of %s, by how often the position was seen there and by third of the game; nets of the largest "
        "budget, in the mean over seeds. Columns compare nets, for all judge the same positions; rows don't compare classes, "
        "since a single result is noisier than a mean.\n\n| seen | third | positions |",
        study->value_games, study->value_cell);
    for (int s = 0; s < f->num_shapes; s++) fprintf(out, " %dx%d |", f->shapes[s].blocks, f->shapes[s].channels);
    fprintf(out, "\n| --- | --- | --- |");
    for (int s = 0; s < f->num_shapes; s++) fprintf(out, " --- |");
    fputc('\n', out);
    for (int q = 0; q < SCALE_FREQUENCIES; q++)
        for (int t = 0; t < SCALE_THIRDS; t++) {
            const struct scale_value_group *g = f->values[q][t];
            int num = 0;
            for (int s = 0; s < f->num_shapes; s++) num = g[s].positions > num ? g[s].positions : num;
            if (!num) continue;
            fprintf(out, "| %s | %s | %d |", frequencies[q], thirds[t], num);
            for (int s = 0; s < f->num_shapes; s++) {
                if (!g[s].num)
                    fprintf(out, " – |");
                else
                    fprintf(out, " %.3f ±%.3f%s |", g[s].mean, g[s].error, g[s].is_worse ? " **!**" : "");
                is_any |= g[s].is_worse;
            }
            fputc('\n', out);
        }
    fprintf(out, is_any ? "\n**Inverse scaling**: where there is an exclamation mark, a larger net judges worse than the next "
                          "smaller one, by more than three standard errors ([Neumann & Gros "
                          "2024](https://arxiv.org/abs/2412.11979)).\n\n"
                        : "\nNo larger net judges any class of positions worse than the next smaller one by more than three "
                          "standard errors: no sign of inverse scaling ([Neumann & Gros "
                          "2024](https://arxiv.org/abs/2412.11979)).\n\n");
}

static void put_report(FILE *out, const struct scale_study *study) {
    struct scale_findings *f = memory_new(1, sizeof *f, "a study of scale");
    scale_find(f, study);
    fprintf(out, "# What compute bought: %s\n\n%s, %d thread%s. %d games rate all nets on one scale, on which %s.\n\n",
            study->game, study->machine, study->threads, study->threads == 1 ? "" : "s", study->rating_games,
            *study->scale ? study->scale : "nothing is fixed yet");
    put_grid(out, study, f);
    put_compute(out, study, f);
    put_prediction(out, study, f);
    put_parameters(out, study, f);
    put_trade(out, f);
    put_marks(out, study);
    put_values(out, study, f);
    fprintf(out, "Every net with its figures is a row of [scale.csv](scale.csv).\n");
    free(f);
}

// --- Files ---------------------------------------------------------------------------------------

static enum status write_with(const struct scale_study *study, const char *folder, const char *name,
                              void (*put)(FILE *, const struct scale_study *)) {
    char path[PATH_BYTES], *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    if (!out) memory_failed(0, "a report of scale");
    put(out, study);
    fclose(out);
    const enum status status = file_write(path_format(path, "%s/%s", folder, name), text, bytes);
    free(text);
    return status;
}

enum status scale_write(const struct scale_study *study, const char *folder) {
    TRY(write_with(study, folder, "scale.csv", put_csv));
    TRY(write_with(study, folder, "scale.gnuplot", scale_plot));
    return write_with(study, folder, "report.md", put_report);
}

enum status scale_draw(const char *folder, const struct log *log, bool *drawn) {
    TRY(gnuplot_run(folder, "scale.gnuplot", drawn));
    if (!*drawn)
        log_line(log,
                 "gnuplot is not installed (Debian: apt-get install gnuplot-nox): scale.csv is written, and "
                 "`gnuplot scale.gnuplot` in %s draws the pictures",
                 folder);
    return STATUS_OK;
}

void scale_print(const struct scale_study *study, FILE *out) { put_report(out, study); }
