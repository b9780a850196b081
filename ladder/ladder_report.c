// elo.csv is the report; everything else is drawn or printed from the same standings. The pictures
// follow what papers ask for: axes with units, 95 % bars, anchors as lines with their names in the
// margin, the palette of Okabe and Ito [2008], which colour-blind readers can tell apart, and a
// different marker for each run, so that a print in grey can be read, too.
#include "ladder/ladder_report.h"

#include "base/files.h"
#include "base/gnuplot.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_names[] = {"checkpoint", "dial", "anchor", "other"};

char *ladder_scale_text(const struct ladder *l, char out[LADDER_SCALE_BYTES]) {
    if (l->anchor < 0)
        snprintf(out, LADDER_SCALE_BYTES, "no games yet");
    else
        snprintf(out, LADDER_SCALE_BYTES, "%.64s = %.0f", l->entries[l->anchor].name, l->rating.anchor_elo);
    return out;
}

// --- CSV -----------------------------------------------------------------------------------------

static void put_text(FILE *out, const char *text) {
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"') fputc('"', out);
        fputc(*text == '\n' ? ' ' : *text, out);
    }
    fputc('"', out);
}

static void put_number(FILE *out, const char *format, double value) {
    fputc(',', out);
    if (isfinite(value)) fprintf(out, format, value);
}

static const struct ladder_beat *beat_of(const struct ladder *l, int anchor, int run) {
    for (int i = 0; i < l->num_beats; i++)
        if (l->beats[i].anchor == anchor && l->beats[i].run == run) return &l->beats[i];
    return NULL;
}

static void put_header(FILE *out, const struct ladder *l) {
    char scale[LADDER_SCALE_BYTES];
    fputs("run,name,kind,step [optimiser steps],seconds [s of training],games [self-play games],positions [training rows],"
          "device_hours [h of one processor thread or card],",
          out);
    fprintf(out, "\"elo [scale of %s %dx%d komi %g alone: %s]\",elo_low [95 %%],elo_high [95 %%],games_rated [games],",
            l->game.type->name, l->game.height, l->game.width, l->game.komi, ladder_scale_text(l, scale));
    fputs("superiority [chance of being stronger than the checkpoint before]", out);
    for (int i = 0; i < LADDER_YARDSTICKS; i++) {
        if (l->yardstick_names[i])
            fprintf(out, ",%s [%s]", l->yardstick_names[i], l->yardstick_units[i]);
        else
            fprintf(out, ",no_yardstick_%d", i + 1);
    }
    for (int run = 0; run < l->num_runs; run++) {
        char number[24] = "";
        if (l->num_runs > 1) snprintf(number, sizeof number, "_by_run_%d", run + 1);
        fprintf(out, ",beaten%s [s of training until it stays beaten]", number);
    }
    fputc('\n', out);
}

static void put_row(FILE *out, const struct ladder *l, int index) {
    const struct ladder_entry *e = &l->entries[index];
    const bool is_net = e->run >= 0;
    put_text(out, is_net ? l->runs[e->run] : "");
    fputc(',', out);
    put_text(out, e->name);
    fprintf(out, ",%s", kind_names[e->kind]);
    put_number(out, "%.0f", is_net ? (double)e->step : NAN);
    put_number(out, "%.1f", e->seconds);
    put_number(out, "%.0f", is_net ? (double)e->games : NAN);
    put_number(out, "%.0f", is_net ? (double)e->samples : NAN);
    put_number(out, "%.4f", e->device_hours);
    put_number(out, "%.1f", e->elo);
    put_number(out, "%.1f", e->low);
    put_number(out, "%.1f", e->high);
    put_number(out, "%.0f", e->rated_games);
    put_number(out, "%.4f", e->superiority);
    for (int i = 0; i < LADDER_YARDSTICKS; i++) put_number(out, "%.4f", e->yardsticks[i]);
    for (int run = 0; run < l->num_runs; run++) {
        const struct ladder_beat *beat = beat_of(l, index, run);
        put_number(out, "%.1f", beat && beat->checkpoint >= 0 ? l->entries[beat->checkpoint].seconds : NAN);
    }
    fputc('\n', out);
}

// --- Picture -------------------------------------------------------------------------------------

static const char *const colours[] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"};
// gnuplot's point types: filled circle, square, triangle and so on.
static const int markers[] = {7, 5, 9, 13, 11, 15, 6};
enum { NUM_COLOURS = sizeof colours / sizeof *colours, MAX_LINES = 24 };
#define LOOSE 150.0 // Elo. A half interval so wide says little. Chosen, not measured.
// Elo. An anchor whose interval is wider than this to either side gets no line in the picture.
#define LINE_DOUBT 400.0
// The distance of names in the margin, as a share of the panel's height. Chosen by looking.
#define LABEL_DISTANCE 0.05

struct frame {
    double low, high, step; // Of the Elo axis; `step` lies between its tics.
    double most[4];         // The furthest right by axis: seconds, games, positions, device-hours.
    long long dial_step;    // The newest net with a dial; -1: none is drawn.
};

static bool has_line(const struct ladder_entry *e) {
    return e->kind == LADDER_ANCHOR && e->player >= 0 && (e->high - e->low) / 2 <= LINE_DOUBT;
}

static struct frame frame_of(const struct ladder *l) {
    struct frame f = {.low = INFINITY, .high = -INFINITY, .dial_step = -1};
    for (int i = 0; i < l->num_entries && l->num_runs == 1; i++)
        if (l->entries[i].kind == LADDER_DIAL && l->entries[i].player >= 0 && l->entries[i].step > f.dial_step)
            f.dial_step = l->entries[i].step;
    for (int i = 0; i < l->num_entries; i++) {
        const struct ladder_entry *e = &l->entries[i];
        const double at[4] = {e->seconds, (double)e->games, (double)e->samples, e->device_hours};
        for (int axis = 0; axis < 4 && e->run >= 0; axis++) f.most[axis] = fmax(f.most[axis], at[axis]);
        if (e->player < 0 || (e->kind == LADDER_ANCHOR && !has_line(e)) || e->kind == LADDER_OTHER) continue;
        if (e->kind == LADDER_DIAL && e->step != f.dial_step) continue;
        const bool is_anchor = e->kind == LADDER_ANCHOR;
        f.low = fmin(f.low, is_anchor ? e->elo : e->low);
        f.high = fmax(f.high, is_anchor ? e->elo : e->high);
    }
    if (!isfinite(f.low)) f.low = 0, f.high = 1000;
    if (f.high - f.low < 200) f.high += 100, f.low -= 100;
    const double steps[] = {50, 100, 200, 250, 500, 1000, 2000};
    int k = 0;
    while (k < 6 && (f.high - f.low) / steps[k] > 9) k++;
    f.step = steps[k];
    const double margin = 0.04 * (f.high - f.low);
    f.low = floor((f.low - margin) / f.step * 2) * f.step / 2;
    f.high = ceil((f.high + margin) / f.step * 2) * f.step / 2;
    return f;
}

// Prints a text quoted for gnuplot, in the style '...'.
static void put_quoted(FILE *out, const char *text) {
    fputc('\'', out);
    for (; *text; text++) {
        if (*text == '\'') fputc('\'', out);
        fputc(*text == '\n' ? ' ' : *text, out);
    }
    fputc('\'', out);
}

// Prints the lines of the anchors, with their names beside them. Names that would touch are moved
// apart, with a short stroke to their line.
static void put_anchors(FILE *out, const struct ladder *l, const struct frame *f) {
    int at[MAX_LINES], num = 0;
    double y[MAX_LINES];
    for (int i = 0; i < l->num_entries && num < MAX_LINES; i++) // Entries of one kind rise in Elo.
        if (has_line(&l->entries[i])) at[num++] = i;
    for (int i = 0; i < num; i++) y[i] = (l->entries[at[i]].elo - f->low) / (f->high - f->low);
    for (int round = 0; round < 200; round++) // We push neighbours apart until all have space.
        for (int i = 1; i < num; i++) {
            const double overlap = LABEL_DISTANCE - (y[i] - y[i - 1]);
            if (overlap > 1e-6) y[i] += overlap / 2, y[i - 1] -= overlap / 2;
        }
    for (int i = 0; i < num; i++) {
        const struct ladder_entry *e = &l->entries[at[i]];
        fprintf(out, "set arrow from graph 0, first %.1f to graph 1, first %.1f nohead lc rgb '#8C8C8C' dt (8,5) lw 1.2 back\n",
                e->elo, e->elo);
        fprintf(out, "set arrow from graph 1, first %.1f to graph 1.014, graph %.4f nohead lc rgb '#8C8C8C' lw 1\n", e->elo,
                y[i]);
        char name[160];
        const int length = snprintf(name, sizeof name, "%.40s  %.0f", e->name, e->elo);
        if (e->high > e->low) snprintf(name + length, sizeof name - (size_t)length, " ±%.0f", (e->high - e->low) / 2);
        fputs("set label ", out);
        put_quoted(out, name);
        fprintf(out, " at graph 1.02, graph %.4f left noenhanced tc rgb '#505050' font ',' . small\n", y[i]);
    }
}

static void put_settings(FILE *out, const struct ladder *l, const struct frame *f) {
    const bool hours = f->most[0] > 3 * 3600;
    fputs("# Draws elo.csv: gnuplot elo.gnuplot. Written by `tengen elo`; the colours are those of Okabe and Ito.\n"
          "csv = 'elo.csv'\n"
          "set datafile separator comma\n"
          "set encoding utf8\n",
          out);
    fprintf(out, "names = 'time games positions device-hours'\ncolumns = '5 6 7 8'\n");
    fprintf(out, "divisor(axis) = axis == 1 ? %d. : 1.\n", hours ? 3600 : 60);
    fprintf(
        out,
        "label(axis) = axis == 1 ? 'training time (%s)' : axis == 2 ? 'self-play games' : axis == 3 ? 'training positions' : "
        "'device-hours (threads or cards x hours)'\n",
        hours ? "hours" : "minutes");
    fputs("x(axis) = column(int(word(columns, axis))) / divisor(axis)\n"
          "mine(run, kind) = strcol(1) eq run && strcol(3) eq kind\n",
          out);
    fprintf(out, "most(axis) = axis == 1 ? %.4g : axis == 2 ? %.6g : axis == 3 ? %.6g : %.6g\n",
            f->most[0] / (hours ? 3600 : 60), f->most[1], f->most[2], f->most[3]);
    // The margin is for the names of the dial; the 1 gives a range where nothing was trained yet.
    fprintf(out, "right(axis) = most(axis) > 0 ? %s * most(axis) : 1\n", f->dial_step >= 0 ? "1.17" : "1.04");
}

// Prints the best net at other visits as hollow marks with their names beside its own. It is done
// for one run only: those of several would cover each other.
static void put_dial(FILE *out, const char *run, long long step, const char *colour) {
    fputs(", \\\n  csv every ::1 using (mine(", out);
    put_quoted(out, run);
    fprintf(out,
            ", 'dial') && column(4) == %lld ? x(axis) + 0.025 * most(axis) : NaN):9:10:11 with yerrorbars lc rgb '%s' lw 1.2 "
            "pt 6 ps size * 0.8 "
            "notitle, \\\n",
            step, colour);
    fputs("  csv every ::1 using (mine(", out);
    put_quoted(out, run);
    fprintf(out,
            ", 'dial') && column(4) == %lld ? x(axis) + 0.035 * most(axis) : NaN):9:(strcol(2)[strstrt(strcol(2), '=') + 1:] . "
            "' visits') with labels left noenhanced tc rgb '#505050' font ',' . small notitle",
            step);
}

static void put_elo_panel(FILE *out, const struct ladder *l, const struct frame *f) {
    char scale[LADDER_SCALE_BYTES];
    fprintf(out, "set yrange [%.0f:%.0f]\nset ytics %.0f nomirror\nset format y '%%.0f'\n", f->low, f->high, f->step);
    fputs("set ylabel ", out);
    char label[160];
    snprintf(label, sizeof label, "Elo (%s)", ladder_scale_text(l, scale));
    put_quoted(out, label);
    fputs(" noenhanced offset character -0.5,0\n", out);
    put_anchors(out, l, f);
    fputs("plot \\\n", out);
    for (int run = 0; run < l->num_runs; run++) {
        const char *colour = colours[run % NUM_COLOURS];
        int visits = LADDER_VISITS;
        for (int i = 0; i < l->num_entries; i++)
            if (l->entries[i].kind == LADDER_CHECKPOINT) visits = l->entries[i].visits;
        char title[PATH_BYTES];
        path_format(title, "%.200s, %d visits a move, 95 %% intervals", l->runs[run], visits);
        fputs("  csv every ::1 using (mine(", out);
        put_quoted(out, l->runs[run]);
        fprintf(out, ", 'checkpoint') ? x(axis) : NaN):9:10:11 with yerrorlines lc rgb '%s' lw 2.2 pt %d ps size title ",
                colour, markers[run % NUM_COLOURS]);
        put_quoted(out, title);
        fputs(" noenhanced", out);
        if (f->dial_step >= 0) put_dial(out, l->runs[run], f->dial_step, colour);
        fputs(run + 1 < l->num_runs ? ", \\\n" : "\n", out);
    }
}

static void put_yardstick_panel(FILE *out, const struct ladder *l) {
    fputs("set yrange [-4:104]\nset ytics 0, 25, 100 nomirror\nset format y '%.0f'\nunset key\n", out);
    // Then they are empty boards of known value, and not single moves.
    const bool is_solved = l->yardstick_names[1] != NULL;
    fprintf(out, "set ylabel \"%s\" offset character -0.5,0\n",
            is_solved ? "raw net:\\nBlack wins (%)" : "raw policy:\\nright moves (%)");
    for (int i = 0; is_solved && i < LADDER_YARDSTICKS; i++)
        fprintf(out,
                "set label '%s: empty, komi %s' at graph 1.02, graph %s left tc rgb '#505050' font ',' . small\n"
                "set label 'exact: %d %%' at graph 1.02, graph %s left tc rgb '#505050' font ',' . small\n",
                i ? "dashed" : "solid", strrchr(l->yardstick_names[i], '_') + 1, i ? "0.16" : "0.96", i ? 0 : 100,
                i ? "0.04" : "0.84");
    if (!is_solved)
        fprintf(out,
                "set label '%s positions,' at graph 1.02, graph 0.96 left tc rgb '#505050' font ',' . small\n"
                "set label 'exact solver: 100 %%' at graph 1.02, graph 0.84 left tc rgb '#505050' font ',' . small\n",
                strcmp(l->yardstick_names[0], "best_moves") ? "random" : "all");
    fputs("plot \\\n", out);
    for (int run = 0; run < l->num_runs; run++)
        for (int i = 0; i < 1 + is_solved; i++) {
            fputs("  csv every ::1 using (mine(", out);
            put_quoted(out, l->runs[run]);
            fprintf(out,
                    ", 'checkpoint') ? x(axis) : NaN):(100 * column(%d)) with linespoints lc rgb '%s' lw 2 %s pt %d ps size * "
                    "0.8 notitle%s",
                    14 + i, colours[run % NUM_COLOURS], i ? "dt (6,3)" : "dt 1", i ? 6 : markers[run % NUM_COLOURS],
                    run + 1 < l->num_runs || i < is_solved ? ", \\\n" : "\n");
        }
}

static void put_script(FILE *out, const struct ladder *l) {
    const struct frame f = frame_of(l);
    const bool two = l->yardstick_names[0] != NULL;
    put_settings(out, l, &f);
    fputs("do for [format in 'svg png'] {\ndo for [axis = 1:4] {\n", out);
    fprintf(out,
            "small = format eq 'svg' ? '11' : '20'\n"
            "size = format eq 'svg' ? 0.7 : 1.8\n"
            "if (format eq 'svg') { set terminal svg size 900,%d enhanced font 'DejaVu Sans,Arial,sans-serif,13' background "
            "'white' }\n"
            "if (format eq 'png' && strstrt(GPVAL_TERMINALS, 'pngcairo')) { set terminal pngcairo size 1600,%d enhanced font "
            "'DejaVu Sans,22' linewidth 1.8 background 'white' }\n"
            "if (format eq 'png' && !strstrt(GPVAL_TERMINALS, 'pngcairo')) { set terminal png size 1600,%d font ',22' }\n",
            two ? 660 : 520, two ? 1180 : 930, two ? 1180 : 930);
    fputs("set output 'elo' . (axis == 1 ? '' : '-' . word(names, axis)) . '.' . format\n"
          "reset\n"
          "set datafile separator comma\n"
          "set multiplot\n"
          "set border 3 lc rgb '#303030'\n"
          "set tics out nomirror scale 0.7\n"
          "set grid ytics lc rgb '#E6E6E6' lt 1 lw 0.7\n"
          "set lmargin at screen 0.125\n"
          "set rmargin at screen 0.755\n"
          "set xrange [0:right(axis)]\n"
          "set format x (axis == 2 || axis == 3 ? '%.0s%c' : '%g')\n"
          "set key at screen 0.125, screen 0.985 left top horizontal Left reverse samplen 2 width 2 maxrows 3\n",
          out);
    // It lies below the rows of the key.
    fprintf(out, "set tmargin at screen %.3f\n", 0.955 - 0.03 * (l->num_runs < 3 ? l->num_runs : 3));
    fprintf(out, "set bmargin at screen %s\n", two ? "0.36" : "0.125");
    fputs(two ? "set format x ''\nset xlabel\n" : "set xlabel label(axis)\n", out);
    put_elo_panel(out, l, &f);
    if (two) {
        fputs("unset label\nunset arrow\nunset object\n"
              "set format x (axis == 2 || axis == 3 ? '%.0s%c' : '%g')\n"
              "set tmargin at screen 0.325\nset bmargin at screen 0.105\nset xlabel label(axis)\n",
              out);
        put_yardstick_panel(out, l);
    }
    fputs("unset multiplot\nunset output\n}\n}\n", out);
}

// --- Files ---------------------------------------------------------------------------------------

static enum status write_with(const struct ladder *l, const char *folder, const char *name,
                              void (*put)(FILE *, const struct ladder *)) {
    char path[PATH_BYTES], *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    if (!out) memory_failed(0, "a report of the ladder");
    put(out, l);
    fclose(out);
    const enum status status = file_write(path_format(path, "%s/%s", folder, name), text, bytes);
    free(text);
    return status;
}

static void put_csv(FILE *out, const struct ladder *l) {
    put_header(out, l);
    for (int i = 0; i < l->num_entries; i++) put_row(out, l, i);
}

enum status ladder_write(const struct ladder *l, const char *folder) {
    TRY(write_with(l, folder, "elo.csv", put_csv));
    return write_with(l, folder, "elo.gnuplot", put_script);
}

enum status ladder_draw(const char *folder, const struct log *log, bool *drawn) {
    TRY(gnuplot_run(folder, "elo.gnuplot", drawn));
    if (!*drawn)
        log_line(log,
                 "gnuplot is not installed (Debian: apt-get install gnuplot-nox): elo.csv is written, and "
                 "`gnuplot elo.gnuplot` in %s draws it",
                 folder);
    return STATUS_OK;
}

// --- For people ----------------------------------------------------------------------------------

bool ladder_doubt(const struct ladder *l, char *out, size_t out_bytes) {
    struct rating_doubt doubt;
    if (l->anchor < 0 || !rating_intransitive(&l->rating, l->pairs, l->num_pairs, &doubt)) return false;
    const char *names[2] = {"", ""};
    for (int i = 0; i < l->num_entries; i++) {
        if (l->entries[i].player == doubt.first) names[0] = l->entries[i].name;
        if (l->entries[i].player == doubt.second) names[1] = l->entries[i].name;
    }
    snprintf(out, out_bytes,
             "%s scored %.1f points against %s in %d games, the ratings expect %.1f: strength is not one number here", names[0],
             doubt.points, names[1], doubt.games, doubt.expected);
    return true;
}

static void print_percent(FILE *out, double share) {
    if (isfinite(share))
        fprintf(out, " %8.1f %%", 100 * share);
    else
        fprintf(out, " %10s", "");
}

static void print_entry(const struct ladder *l, const struct ladder_entry *e, FILE *out) {
    char time[32] = "";
    if (e->kind == LADDER_CHECKPOINT) format_duration(e->seconds, time);
    text_print(out, "%-32.60s %9s ", e->name, time); // Names may come from anybody.
    if (e->player < 0)
        fprintf(out, "%6s %6s %6d", "-", "", 0);
    else
        fprintf(out, "%6.0f  +-%-4.0f %5d", e->elo, (e->high - e->low) / 2, e->rated_games);
    print_percent(out, e->superiority);
    for (int i = 0; i < LADDER_YARDSTICKS && l->yardstick_names[i]; i++) print_percent(out, e->yardsticks[i]);
    fputc('\n', out);
}

static void print_beats(const struct ladder *l, FILE *out) {
    if (!l->num_beats) return;
    fprintf(out, "\nTime to beat (stronger with a chance of 97.5 %%, and from then on never below 50 %%)\n");
    for (int i = 0; i < l->num_beats; i++) {
        const struct ladder_beat *beat = &l->beats[i];
        char time[32] = "not yet";
        if (beat->checkpoint >= 0) format_duration(l->entries[beat->checkpoint].seconds, time);
        text_print(out, "%-32.60s %9s", l->entries[beat->anchor].name, time);
        if (beat->checkpoint >= 0) text_print(out, "  %s", l->entries[beat->checkpoint].name);
        if (l->num_runs > 1) text_print(out, "  of %s", l->runs[beat->run]);
        fputc('\n', out);
    }
}

void ladder_print(const struct ladder *l, FILE *out) {
    char scale[LADDER_SCALE_BYTES], doubt[400];
    text_print(
        out,
        "%s %dx%d, komi %g; Elo on a scale of its own: %s; %d games counted, %d repeated, %d lost by breaking, %d disputed\n\n",
        l->game.type->name, l->game.height, l->game.width, l->game.komi, ladder_scale_text(l, scale), l->rating.num_games,
        l->duplicates, l->forfeits, l->disputes);
    fprintf(out, "%-32s %9s %6s  %-6s %5s %10s", "player", "trained", "Elo", "95 %", "games", "> before");
    for (int i = 0; i < LADDER_YARDSTICKS && l->yardstick_names[i]; i++) fprintf(out, " %10.13s", l->yardstick_names[i]);
    fputc('\n', out);
    for (int i = 0; i < l->num_entries; i++) {
        if (i && l->entries[i].kind != l->entries[i - 1].kind) fputc('\n', out);
        print_entry(l, &l->entries[i], out);
    }
    print_beats(l, out);
    if (l->anchor < 0) return;
    fprintf(out, "\nMoving first is worth %.0f Elo (%.0f to %.0f)\n", l->rating.advantage, l->rating.advantage_low,
            l->rating.advantage_high);
    if (!l->rating.is_connected)
        fprintf(
            out,
            "Warning: weakly connected: some players won or lost all of their games against the others; how far they are apart "
            "is not known yet\n");
    if (ladder_doubt(l, doubt, sizeof doubt)) text_print(out, "Warning: %s\n", doubt);
    double widest = 0;
    for (int i = 0; i < l->num_entries; i++)
        if (l->entries[i].player >= 0) widest = fmax(widest, (l->entries[i].high - l->entries[i].low) / 2);
    if (widest > LOOSE || !l->rating.is_connected) {
        text_print(out, "Only more games narrow intervals like +-%.0f: `tengen elo %s --time 30m` goes on from these.\n",
                   widest, l->runs[0]);
        fprintf(
            out,
            "A net that has learned for minutes rather than seconds wins and loses some of its games, and is sooner known\n");
    }
}
