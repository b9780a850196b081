// The chart has a row for each subject. In it, from the lightest to the darkest, stand the first, a
// middle and the last checkpoint of a run, and above them the last with a search, below them the
// examinees that never change. The colours are those of Okabe and Ito [2008], and every examinee
// has a mark of its own, so that the chart can be read in grey, too.
#include "exam/sheet.h"

#include "base/files.h"
#include "base/gnuplot.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_names[] = {"checkpoint", "fixed", "player"};
#define PASSED 0.9

char *sheet_visits_text(int visits, char out[32]) {
    snprintf(out, 32, "%s", "");
    if (visits == PLAYER_RAW) snprintf(out, 32, "raw");
    if (visits > 0) snprintf(out, 32, "%d visits", visits);
    return out;
}

static double share_of(const struct sheet_row *row, int subject) {
    double share = NAN, low, high;
    if (row->is_examined[subject]) marks_share(&row->marks[subject], &share, &low, &high);
    return share;
}

static bool is_raw_checkpoint(const struct sheet_row *row, const char *run) {
    return row->kind == SHEET_CHECKPOINT && row->visits == PLAYER_RAW && (!run || !strcmp(row->run, run));
}

double sheet_passed(const struct sheet *sheet, const char *run, int subject, double share) {
    double since = INFINITY;
    for (int i = 0; i < sheet->num_rows; i++) {
        const struct sheet_row *row = &sheet->rows[i];
        if (!is_raw_checkpoint(row, run)) continue;
        const bool has = share_of(row, subject) >= share;
        if (has && isinf(since)) since = row->seconds;
        if (!has) since = INFINITY;
    }
    return since;
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

static void put_csv(FILE *out, const struct sheet *s) {
    fputs("examinee,kind,run,step [optimiser steps],seconds [s of training],visits [0: raw; empty: its own],subject,"
          "items,questions,right,share,low [95 %],high [95 %],chance,moves,moves_right,probability [on right moves],results,"
          "results_right,value_error [0..2],seed\n",
          out);
    for (int i = 0; i < s->num_rows; i++)
        for (int k = 0; k < s->num_subjects; k++) {
            const struct sheet_row *row = &s->rows[i];
            const struct exam_marks *m = &row->marks[k];
            double share, low, high;
            if (!row->is_examined[k]) continue;
            marks_share(m, &share, &low, &high);
            const bool is_net = row->kind == SHEET_CHECKPOINT;
            put_text(out, row->name);
            fprintf(out, ",%s,", kind_names[row->kind]);
            put_text(out, row->run ? row->run : "");
            put_number(out, "%.0f", is_net ? (double)row->step : NAN);
            put_number(out, "%.1f", is_net ? row->seconds : NAN);
            put_number(out, "%.0f", row->visits == PLAYER_RAW ? 0 : row->visits ? row->visits : NAN);
            fprintf(out, ",%s,%d,%d,%d", s->subjects[k]->name, s->num_items[k], m->questions, m->right);
            put_number(out, "%.4f", share);
            put_number(out, "%.4f", low);
            put_number(out, "%.4f", high);
            put_number(out, "%.4f", m->chance);
            fprintf(out, ",%d,%d", m->moves, m->moves_right);
            put_number(out, "%.4f", m->probability);
            fprintf(out, ",%d,%d", m->results, m->results_right);
            put_number(out, "%.4f", m->value_error);
            fprintf(out, ",%llu\n", (unsigned long long)s->seed);
        }
}

// --- The chart -----------------------------------------------------------------------------------

// How an examinee is shown: which row of the sheet, where in its line, and how.
struct mark {
    int row;
    double rise; // of the line, which is 1 high
    int point;   // gnuplot's
    double size;
    const char *colour;
    bool has_interval;
    char title[120];
};
enum { MAX_MARKS = 24 };

static const char *const shades[] = {"#A9C9E8", "#5A9BD4", "#0B3C6F"};
static const char *const others[] = {"#D55E00", "#009E73", "#CC79A7", "#8C6D00", "#56B4E9", "#000000"};
static const int points[] = {9, 5, 11, 13, 15, 7};
enum { NUM_OTHERS = sizeof others / sizeof others[0] };

static void put_quoted(FILE *out, const char *text) {
    fputc('\'', out);
    for (; *text; text++) {
        if (*text == '\'') fputc('\'', out);
        fputc(*text == '\n' ? ' ' : *text, out);
    }
    fputc('\'', out);
}

static struct mark *add_mark(struct mark *marks, int *num, struct mark mark) {
    if (*num == MAX_MARKS) return &marks[MAX_MARKS - 1];
    marks[*num] = mark;
    return &marks[(*num)++];
}

static int last_checkpoint(const struct sheet *s) {
    int last = -1;
    for (int i = 0; i < s->num_rows; i++)
        if (is_raw_checkpoint(&s->rows[i], NULL)) last = i;
    return last;
}

// The first, a middle and the last raw checkpoint of the run that was named last.
static void mark_checkpoints(const struct sheet *s, struct mark *marks, int *num) {
    int at[3] = {-1, -1, last_checkpoint(s)}, count = 0;
    if (at[2] < 0) return;
    const char *run = s->rows[at[2]].run;
    for (int i = 0; i < s->num_rows; i++) count += is_raw_checkpoint(&s->rows[i], run);
    for (int i = 0, k = 0; i < s->num_rows; i++) {
        if (!is_raw_checkpoint(&s->rows[i], run)) continue;
        if (k == 0 && count > 1) at[0] = i;
        if (k == count / 2 && count > 2) at[1] = i;
        k++;
    }
    for (int i = 0; i < 3; i++) {
        char time[32];
        if (at[i] < 0) continue;
        struct mark *m = add_mark(
            marks, num, (struct mark){.row = at[i], .point = 7, .size = 1.5, .colour = shades[i], .has_interval = i == 2});
        snprintf(m->title, sizeof m->title, "net after %s", format_duration(s->rows[at[i]].seconds, time));
    }
}

static void mark_others(const struct sheet *s, struct mark *marks, int *num) {
    const int last = last_checkpoint(s);
    int hue = 0;
    for (int i = 0; i < s->num_rows; i++) {
        const struct sheet_row *row = &s->rows[i];
        char visits[32];
        sheet_visits_text(row->visits, visits);
        if (row->kind == SHEET_CHECKPOINT) {
            if (row->visits == PLAYER_RAW || last < 0 || row->step != s->rows[last].step || strcmp(row->run, s->rows[last].run))
                continue;
            struct mark *m =
                add_mark(marks, num, (struct mark){.row = i, .rise = 0.26, .point = 6, .size = 1.5, .colour = "#0B3C6F"});
            snprintf(m->title, sizeof m->title, "the last with %s", visits);
            continue;
        }
        const bool is_random = !strcmp(row->name, "random");
        const bool is_raw = row->visits == PLAYER_RAW;
        struct mark *m =
            add_mark(marks, num, (struct mark){.row = i, .rise = last < 0 ? 0.24 - 0.16 * hue : -0.26, .size = 1.3});
        m->colour = is_random ? "#7F7F7F" : others[hue % NUM_OTHERS];
        m->point = is_random ? 2 : points[hue % NUM_OTHERS] - (last < 0 && is_raw);
        hue += !is_random && hue < 3;
        m->has_interval = last < 0 && !is_random;
        snprintf(m->title, sizeof m->title, "%.60s%s%s", row->name, *visits ? ", " : "", visits);
    }
}

static void put_rows(FILE *out, const struct sheet *s) {
    const int n = s->num_subjects, last = last_checkpoint(s);
    fputs("set ytics nomirror scale 0 (", out);
    for (int k = 0; k < n; k++) {
        fputs(k ? ", " : "", out);
        put_quoted(out, s->subjects[k]->title);
        fprintf(out, " %d", n - k);
    }
    fputs(")\n", out);
    for (int k = 0; k < n; k += 2)
        fprintf(out, "set object rectangle from 0,%g to 100,%g fc rgb '#F4F5F7' fs solid noborder behind\n", n - k - 0.5,
                n - k + 0.5);
    for (int k = 0; k < n; k++) {
        double chance = NAN;
        for (int i = 0; i < s->num_rows; i++)
            if (s->rows[i].is_examined[k] && isfinite(s->rows[i].marks[k].chance)) chance = s->rows[i].marks[k].chance;
        if (isfinite(chance))
            fprintf(out, "set arrow from %.2f,%g to %.2f,%g nohead lc rgb '#8C8C8C' lw 1.6 dt (3,2) front\n", 100 * chance,
                    n - k - 0.38, 100 * chance, n - k + 0.38);
        if (last < 0) continue;
        const double passed = sheet_passed(s, s->rows[last].run, k, PASSED);
        char time[32] = "not yet";
        if (isfinite(passed)) format_duration(passed, time);
        fprintf(out, "set label '%s' at 103,%d left font ',' . small tc rgb '%s'\n", time, n - k,
                isfinite(passed) ? "#0B3C6F" : "#8C8C8C");
    }
    if (last >= 0) fprintf(out, "set label '90 %% since' at 103,%g left font ',' . small tc rgb '#505050'\n", n + 0.72);
}

static void put_data(FILE *out, const struct sheet *s, const struct mark *marks, int num) {
    for (int i = 0; i < num; i++) {
        const struct mark *m = &marks[i];
        fprintf(out, "$mark%d << EOD\n", i);
        for (int k = 0; k < s->num_subjects; k++) {
            double share, low, high;
            if (!s->rows[m->row].is_examined[k]) continue;
            marks_share(&s->rows[m->row].marks[k], &share, &low, &high);
            if (isfinite(share))
                fprintf(out, "%.2f %.2f %.2f %.2f\n", 100 * share, s->num_subjects - k + m->rise, 100 * low, 100 * high);
        }
        // A line without a number keeps an empty block from being an error.
        fputs("NaN NaN NaN NaN\nEOD\n", out);
    }
    // From the first shade to the last, a thin line in each row.
    fputs("$paths << EOD\n", out);
    for (int k = 0; k < s->num_subjects; k++) {
        for (int i = 0; i < num; i++) {
            const double share = marks[i].rise == 0 && s->rows[marks[i].row].kind == SHEET_CHECKPOINT
                                     ? share_of(&s->rows[marks[i].row], k)
                                     : NAN;
            if (isfinite(share)) fprintf(out, "%.2f %d\n", 100 * share, s->num_subjects - k);
        }
        fputc('\n', out);
    }
    fputs("NaN NaN\nEOD\n", out);
}

static void put_script(FILE *out, const struct sheet *s) {
    struct mark marks[MAX_MARKS];
    int num = 0;
    mark_checkpoints(s, marks, &num);
    mark_others(s, marks, &num);
    const int n = s->num_subjects, key_rows = (num + 1 + 2) / 3, height = 130 + 24 * key_rows + 56 * n;
    const double top = 1 - (34.0 + 24 * key_rows) / height;
    fputs("# Draws the marks of exam.csv: gnuplot exam.gnuplot. Written by `tengen exam`.\n", out);
    put_data(out, s, marks, num);
    fputs("do for [format in 'svg png'] {\n"
          "small = format eq 'svg' ? '11' : '20'\nscale = format eq 'svg' ? 0.75 : 1.9\n",
          out);
    fprintf(out,
            "if (format eq 'svg') { set terminal svg size 900,%d enhanced font 'DejaVu Sans,Arial,sans-serif,13' background "
            "'white' }\n"
            "if (format eq 'png' && strstrt(GPVAL_TERMINALS, 'pngcairo')) { set terminal pngcairo size 1600,%d enhanced font "
            "'DejaVu Sans,22' linewidth 1.8 background 'white' }\n"
            "if (format eq 'png' && !strstrt(GPVAL_TERMINALS, 'pngcairo')) { set terminal png size 1600,%d font ',22' }\n",
            height, height * 16 / 9, height * 16 / 9);
    fputs("set output 'exam.' . format\nreset\nset encoding utf8\nset border 1 lc rgb '#303030'\n"
          "set tics out nomirror scale 0.7\nset grid xtics lc rgb '#DADDE1' lt 1 lw 0.7\n"
          "set lmargin at screen 0.21\nset rmargin at screen 0.86\nset xrange [0:100]\nset xtics 0,10,100\n",
          out);
    fprintf(out, "set yrange [0.4:%g]\nset tmargin at screen %.3f\nset bmargin at screen %.3f\n", n + 0.6, top, 66.0 / height);
    fputs(
        "set xlabel 'questions answered right (%), with 95 % intervals' font ',' . small offset 0,0.3\n"
        "set key at screen 0.21, screen 0.985 left top horizontal Left reverse samplen 1 width 1 maxcols 3 font ',' . small\n",
        out);
    put_rows(out, s);
    fputs("plot $paths using 1:2 with lines lc rgb '#A9C9E8' lw 2.5 notitle", out);
    for (int i = 0; i < num; i++) {
        const struct mark *m = &marks[i];
        if (m->has_interval)
            fprintf(out, ", \\\n  $mark%d using 1:2:3:4 with xerrorbars pt -1 lc rgb '%s' lw 1.3 notitle", i, m->colour);
        fprintf(out, ", \\\n  $mark%d using 1:2 with points pt %d ps %g*scale lw 1.6 lc rgb '%s' title ", i, m->point, m->size,
                m->colour);
        put_quoted(out, m->title);
        fputs(" noenhanced", out);
    }
    fputs(", \\\n  NaN with lines lc rgb '#8C8C8C' lw 1.6 dt (3,2) title 'chance'\nunset output\n}\n", out);
}

static enum status write_with(const struct sheet *s, const char *folder, const char *name,
                              void (*put)(FILE *, const struct sheet *)) {
    char path[PATH_BYTES], *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    if (!out) memory_failed(0, "the report of an exam");
    put(out, s);
    fclose(out);
    const enum status status = file_write(path_format(path, "%s/%s", folder, name), text, bytes);
    free(text);
    return status;
}

enum status sheet_write(const struct sheet *sheet, const char *folder) {
    TRY(write_with(sheet, folder, "exam.csv", put_csv));
    return write_with(sheet, folder, "exam.gnuplot", put_script);
}

enum status sheet_draw(const char *folder, bool *drawn) { return gnuplot_run(folder, "exam.gnuplot", drawn); }

// --- For people ----------------------------------------------------------------------------------

static void print_percent(FILE *out, double share) {
    if (isfinite(share))
        fprintf(out, " %5.1f", 100 * share);
    else
        fprintf(out, " %5s", "-");
}

void sheet_print(const struct sheet *s, FILE *out) {
    for (int k = 0; k < s->num_subjects; k++) {
        fprintf(out, "%s%s: %d items%s, seed %llu\n", k ? "\n" : "", s->subjects[k]->title, s->num_items[k],
                s->subjects[k]->by_pairs ? " in pairs, which count as one question" : "", (unsigned long long)s->seed);
        fprintf(out, "  %-34s %10s %7s  %-13s %7s %8s %7s %7s\n", "examinee (in %)", "", "right", "95 %", "moves", "on right",
                "results", "error");
        double chance = NAN;
        for (int i = 0; i < s->num_rows; i++) {
            const struct sheet_row *row = &s->rows[i];
            const struct exam_marks *m = &row->marks[k];
            double share, low, high;
            char visits[32];
            if (!row->is_examined[k]) continue;
            marks_share(m, &share, &low, &high);
            if (isfinite(m->chance)) chance = m->chance;
            text_print(out, "  %-34.34s %10s  ", row->name, sheet_visits_text(row->visits, visits));
            print_percent(out, share);
            if (isfinite(share))
                fprintf(out, "  %5.1f - %5.1f", 100 * low, 100 * high);
            else
                fprintf(out, "  %13s", "");
            fprintf(out, "  ");
            print_percent(out, m->moves ? (double)m->moves_right / m->moves : NAN);
            fprintf(out, "   ");
            print_percent(out, m->probability);
            fprintf(out, "  ");
            print_percent(out, m->results ? (double)m->results_right / m->results : NAN);
            if (isfinite(m->value_error))
                fprintf(out, "  %6.2f\n", m->value_error);
            else
                fprintf(out, "  %6s\n", "-");
        }
        if (isfinite(chance)) fprintf(out, "  %-34s %10s   %5.1f\n", "chance", "", 100 * chance);
    }
}
