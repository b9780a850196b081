// Data blocks first, one a shape, then one picture after another, each once as SVG and once as PNG.
// Colours are those of Okabe and Ito, which people of any sight can tell apart.
#include "exam/scale_plot.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

static const char *const colours[] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8C6D31", "#000000"};
static const int markers[] = {7, 5, 9, 13, 11, 15, 4, 6};
enum { NUM_COLOURS = sizeof colours / sizeof *colours };

static bool is_of(const struct scale_findings *f, int shape, const struct scale_net *n) {
    return f->shapes[shape].blocks == n->blocks && f->shapes[shape].channels == n->channels;
}

static void put_blocks(FILE *out, const struct scale_study *study, const struct scale_findings *f) {
    for (int s = 0; s < f->num_shapes; s++) {
        fprintf(out, "# %dx%d, every training: hours, FLOP, Elo, low, high.\n$nets%d << E\n", f->shapes[s].blocks,
                f->shapes[s].channels, s);
        for (int i = 0; i < study->num_nets; i++) {
            const struct scale_net *n = &study->nets[i];
            if (is_of(f, s, n) && n->is_last && !n->is_held_out && n->visits == study->visits && isfinite(n->elo))
                fprintf(out, "%.6g %.6g %.1f %.1f %.1f\n", n->seconds / 3600, scale_training_flops(n), n->elo, n->low, n->high);
        }
        fprintf(out, "E\n# Means over seeds: hours, FLOP, Elo.\n$means%d << E\n", s);
        for (int b = 0; b < f->num_budgets; b++)
            if (f->groups[b][s].num)
                fprintf(out, "%.6g %.6g %.1f\n", f->groups[b][s].hours, f->groups[b][s].flops, f->groups[b][s].elo);
        fprintf(out, "E\n");
    }
}

// Opens one picture; what is written between this and put_end is drawn twice.
static void put_begin(FILE *out, const char *name, int width, int height) {
    fprintf(out,
            "do for [format in 'svg png'] {\n"
            "if (format eq 'svg') { set terminal svg size %d,%d enhanced font 'DejaVu Sans,Arial,sans-serif,13' background "
            "'white' }\n"
            "if (format eq 'png' && strstrt(GPVAL_TERMINALS, 'pngcairo')) { set terminal pngcairo size %d,%d enhanced font "
            "'DejaVu Sans,22' linewidth 1.8 background 'white' }\n"
            "if (format eq 'png' && !strstrt(GPVAL_TERMINALS, 'pngcairo')) { set terminal png size %d,%d font ',22' }\n"
            "set output '%s.' . format\n"
            "reset\n"
            "size = format eq 'svg' ? 0.8 : 1.9\n"
            "set border 3 lc rgb '#303030'\n"
            "set tics out nomirror scale 0.7\n"
            "set grid ytics lc rgb '#E6E6E6' lt 1 lw 0.7\n"
            "set key top left Left reverse samplen 2\n"
            "set logscale x\n",
            width, height, width * 16 / 9, height * 16 / 9, width * 16 / 9, height * 16 / 9, name);
}

static void put_end(FILE *out) { fputs("unset output\n}\n", out); }

static void put_elo_label(FILE *out, const struct scale_study *study) {
    fprintf(out, "set ylabel \"Elo (%s), %d visits a move\" noenhanced\n", study->scale, study->visits);
}

// The range of the horizontal axis around all that is drawn on it.
static void put_range(FILE *out, double low, double high) {
    if (low <= high) fprintf(out, "set xrange [%.6g:%.6g]\n", low / 1.4, high * 1.8);
}

// Elo over one axis of compute: column 1 is hours, and column 2 FLOP.
static void put_compute_panel(FILE *out, const struct scale_study *study, const struct scale_findings *f, int column) {
    const struct scale_fit *law = column == 1 ? &f->hours : &f->flops;
    const struct scale_prediction *p = &study->prediction;
    double low = INFINITY, high = 0;
    for (int i = 0; i < study->num_nets; i++) {
        const struct scale_net *n = &study->nets[i];
        const double x = column == 1 ? n->seconds / 3600 : scale_training_flops(n);
        if (!n->is_last || n->visits != study->visits || !isfinite(n->elo) || !(x > 0)) continue;
        low = fmin(low, x);
        high = fmax(high, x);
    }
    if (column == 1 && p->is_made) high = fmax(high, p->budget / 3600);
    put_range(out, low, high);
    if (law->num) fprintf(out, "law(x) = %.6g + %.6g * log10(x)\n", law->at[0], law->at[1]);
    fputs("plot \\\n", out);
    for (int s = 0; s < f->num_shapes; s++) {
        const char *colour = colours[s % NUM_COLOURS];
        fprintf(out,
                "  $means%d using %d:3 with lines lc rgb '%s' lw 2 notitle, \\\n"
                "  $nets%d using %d:3:4:5 with yerrorbars lc rgb '%s' lw 1.2 pt %d ps size title '%dx%d', \\\n",
                s, column, colour, s, column, colour, markers[s % NUM_COLOURS], f->shapes[s].blocks, f->shapes[s].channels);
    }
    if (column == 1 && p->is_made)
        fprintf(
            out,
            "  '+' using (%.6g):(%.1f):(%.1f):(%.1f) every ::0::0 with yerrorbars lc rgb '#000000' lw 1.6 pt 6 ps size * 1.6 "
            "title 'predicted', \\\n",
            p->budget / 3600, p->elo, p->low, p->high);
    if (f->held_out)
        fprintf(
            out,
            "  '+' using (%.6g):(%.1f):(%.1f):(%.1f) every ::0::0 with yerrorbars lc rgb '#D00000' lw 1.6 pt 3 ps size * 1.6 "
            "title 'what came of it', \\\n",
            column == 1 ? f->held_out->seconds / 3600 : scale_training_flops(f->held_out), f->held_out->elo, f->held_out->low,
            f->held_out->high);
    if (law->num)
        fprintf(out, "  law(x) lc rgb '#303030' dt (6,4) lw 1.6 title 'frontier: %.0f Elo a decade (%.0f to %.0f)'\n",
                law->at[1], law->low[1], law->high[1]);
    else
        fputs("  NaN notitle\n", out);
}

static void put_compute(FILE *out, const struct scale_study *study, const struct scale_findings *f) {
    put_begin(out, "scale-compute", 1080, 460);
    put_elo_label(out, study);
    fprintf(out,
            "set multiplot layout 1,2 margins 0.09,0.985,0.145,0.96 spacing 0.07\n"
            "set offsets 0, 0, graph 0.30, graph 0.05\n"
            "set xlabel 'hours of training (%d thread%s)'\nset format x '%%g'\n",
            study->threads, study->threads == 1 ? "" : "s");
    put_compute_panel(out, study, f, 1);
    fputs("set xlabel 'floating-point operations of training'\nunset ylabel\nset format x '10^{%T}'\n", out);
    put_compute_panel(out, study, f, 2);
    fputs("unset multiplot\n", out);
    put_end(out);
}

static void put_parameters(FILE *out, const struct scale_study *study, const struct scale_findings *f) {
    int num = 0;
    double low = INFINITY, high = 0;
    fputs("# At equal steps: parameters, Elo, standard deviation over seeds.\n$steps << E\n", out);
    for (int s = 0; s < f->num_shapes; s++) {
        const struct scale_group *g = &f->at_step[s];
        if (!g->num) continue;
        fprintf(out, "%lld %.1f %.1f %dx%d\n", f->shapes[s].parameters, g->elo, isfinite(g->spread) ? g->spread : g->interval,
                f->shapes[s].blocks, f->shapes[s].channels);
        low = fmin(low, (double)f->shapes[s].parameters);
        high = fmax(high, (double)f->shapes[s].parameters);
        num++;
    }
    fputs("E\n", out);
    if (!num) return;
    put_begin(out, "scale-parameters", 640, 440);
    put_elo_label(out, study);
    fputs("set xlabel 'parameters'\nset format x '%.0s%c'\nset offsets 0, 0, graph 0.2, graph 0.08\n", out);
    put_range(out, low, high);
    if (f->parameters.num) fprintf(out, "law(x) = %.6g + %.6g * log10(x)\n", f->parameters.at[0], f->parameters.at[1]);
    fprintf(
        out,
        "plot $steps using 1:2:3 with yerrorbars lc rgb '#0072B2' lw 1.6 pt 7 ps size title 'after step %lld of the largest "
        "budget, bars: %s', \\\n  $steps using 1:2:4 with labels left offset character 1,0.4 notitle",
        f->common_step, isfinite(f->at_step[0].spread) ? "seeds" : "95 %");
    if (f->parameters.num)
        fprintf(out, ", \\\n  law(x) lc rgb '#303030' dt (6,4) lw 1.6 title '%.0f Elo a decade (%.0f to %.0f)'\n",
                f->parameters.at[1], f->parameters.low[1], f->parameters.high[1]);
    fputc('\n', out);
    put_end(out);
}

// Nets over training and search, and lines of equal Elo, as in Jones 2021.
static void put_trade(FILE *out, const struct scale_study *study, const struct scale_findings *f) {
    double low = INFINITY, high = -INFINITY;
    if (!f->trade.num) return;
    fputs("# FLOP of training, FLOP of a move, Elo.\n$trade << E\n", out);
    for (int i = 0; i < study->num_nets; i++) {
        const struct scale_net *n = &study->nets[i];
        if (!n->is_last || n->is_held_out || !isfinite(n->elo)) continue;
        fprintf(out, "%.6g %.6g %.0f\n", scale_training_flops(n), scale_move_flops(n), n->elo);
        low = fmin(low, n->elo);
        high = fmax(high, n->elo);
    }
    fputs("E\n", out);
    put_begin(out, "scale-trade", 720, 480);
    fputs(
        "set logscale y\nset xlabel 'floating-point operations of training'\nset ylabel 'floating-point operations of a move'\n"
        "set format xy '10^{%T}'\nset cblabel 'Elo'\nset palette defined (0 '#440154', 1 '#3B528B', 2 '#21908C', 3 '#5DC863', "
        "4 "
        "'#FDE725')\nunset key\nset title 'nets, and dashed: equal Elo by the plane' font ',' . (format eq 'svg' ? 13 : 22)\n",
        out);
    // Where search or training seems to be worth nothing, there are no lines to draw.
    const bool has_lines = f->trade.at[2] > 1;
    if (has_lines)
        fprintf(out, "line(x, elo) = 10**((elo - %.8g - %.8g * log10(x)) / %.8g)\n", f->trade.at[0], f->trade.at[1],
                f->trade.at[2]);
    fputs("stats $trade using 1:2 nooutput\nset xrange [STATS_min_x / 1.3:STATS_max_x * 1.3]\n"
          "set yrange [STATS_min_y / 1.6:STATS_max_y * 1.6]\n",
          out);
    fputs("plot ", out);
    for (int k = 1; k <= 4 && has_lines; k++) {
        const double elo = round((low + (high - low) * k / 5) / 50) * 50;
        fprintf(out, "line(x, %.0f) lc palette cb %.0f lw 2 dt (6,4) notitle, \\\n  ", elo, elo);
    }
    fprintf(out, "$trade using 1:2:3 with points lc palette pt 7 ps size * 1.4 notitle\n");
    put_end(out);
}

void scale_plot(FILE *out, const struct scale_study *study) {
    struct scale_findings *f = memory_new(1, sizeof *f, "a study of scale");
    scale_find(f, study);
    fputs("# Draws the pictures of a study of scale: gnuplot scale.gnuplot. Written by `tengen scale`.\nset encoding utf8\n",
          out);
    put_blocks(out, study, f);
    if (f->num_budgets) put_compute(out, study, f);
    put_parameters(out, study, f);
    put_trade(out, study, f);
    free(f);
}
