// Strength follows the number of evaluations, and how fast those come depends on the machine: a
// moment of a measured run is reached here when as many evaluations are made. A milestone is
// reached when `tengen elo` calls an opponent beaten: the net is stronger with a chance of 97.5 %,
// and never below 50 % afterwards.
#include "selfplay/expect.h"

#include "base/options.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS = 14, MOST_MILESTONES = 4 };

// Not to be copied: its fields point into its own text.
struct row {
    char text[512]; // Cut into its fields.
    const char *field[FIELDS];
    int height, width, blocks, channels;
    double run_seconds, evaluations, at_seconds, elo; // `elo` is NAN where it was not measured.
};

// Cuts a line; false: it is not a row.
static bool read_row(int index, struct row *row) {
    if (index < 1 || index >= expect_lines_count || strlen(expect_lines[index]) >= sizeof row->text) return false;
    snprintf(row->text, sizeof row->text, "%s", expect_lines[index]);
    char *at = row->text;
    for (int k = 0; k < FIELDS; k++) {
        row->field[k] = at;
        char *end = at + strcspn(at, ",");
        if ((*end == 0) != (k == FIELDS - 1)) return false;
        *end = 0;
        at = end + 1;
    }
    row->height = atoi(row->field[1]);
    row->width = atoi(row->field[2]);
    row->blocks = atoi(row->field[3]);
    row->channels = atoi(row->field[4]);
    row->run_seconds = atof(row->field[5]);
    row->evaluations = atof(row->field[6]);
    row->at_seconds = atof(row->field[7]);
    row->elo = *row->field[8] ? atof(row->field[8]) : NAN;
    return true;
}

static bool is_same_run(const struct row *a, const struct row *b) {
    return !strcmp(a->field[0], b->field[0]) && a->height == b->height && a->width == b->width && a->blocks == b->blocks &&
           a->channels == b->channels && a->run_seconds == b->run_seconds && a->evaluations == b->evaluations;
}

// How many of our seconds one second of the measured run takes.
static double slowness(const struct row *row, double evaluations_per_s) {
    return row->evaluations / row->run_seconds / evaluations_per_s;
}

// About as a net's cost goes.
static double log_size(int blocks, int channels) { return log(blocks * (double)channels * channels); }

// Of the runs of this board, finds the first line of the one whose net comes nearest to ours, and
// among those the one whose length comes nearest to the budget, since the learning rate falls
// towards its end. -1: there is none.
static int find(const struct config *c, const struct game *game, double evaluations_per_s, double budget) {
    int nearest = -1;
    double least_apart = INFINITY, least_size = INFINITY;
    struct row row;
    for (int i = 1; i < expect_lines_count; i++) {
        if (!read_row(i, &row) || strcmp(row.field[0], game->type->name) || row.height != game->height ||
            row.width != game->width)
            continue;
        const double size = fabs(log_size(row.blocks, row.channels) - log_size(c->blocks, c->channels));
        const double apart =
            budget > 0 ? fabs(log(budget / (row.run_seconds * slowness(&row, evaluations_per_s)))) : -row.run_seconds;
        if (size > least_size || (size == least_size && apart >= least_apart)) continue;
        nearest = i;
        least_size = size;
        least_apart = apart;
    }
    return nearest;
}

struct text {
    char *out;
    size_t length;
};

static void add(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct text *t, const char *format, ...) {
    va_list list;
    va_start(list, format);
    const int n = vsnprintf(t->out + t->length, EXPECT_TEXT_BYTES - t->length, format, list);
    va_end(list);
    t->length += (size_t)n;
    if (t->length >= EXPECT_TEXT_BYTES) t->length = EXPECT_TEXT_BYTES - 1; // It was cut.
}

// The Elo at a time of the measured run, straight over the logarithm of time between its rows; NAN
// outside of them. *last is the run's last line.
static double elo_at(int first, double seconds, int *last) {
    struct row before, row;
    double elo = NAN, before_at = NAN, before_elo = NAN;
    if (!read_row(first, &before)) return NAN;
    for (int i = first; read_row(i, &row) && is_same_run(&before, &row); i++) {
        *last = i;
        if (!isfinite(row.elo)) continue;
        if (row.at_seconds >= seconds && before_at < seconds && isnan(elo))
            elo = before_elo + (row.elo - before_elo) * log(seconds / before_at) / log(row.at_seconds / before_at);
        before_at = row.at_seconds;
        before_elo = row.elo;
    }
    return elo;
}

bool expect_text(const struct config *config, const struct game *game, double evaluations_per_s, double budget,
                 char out[EXPECT_TEXT_BYTES]) {
    struct text t = {out, 0};
    struct row first, row;
    char time[32];
    if (!(evaluations_per_s > 0)) return false;
    const int line = find(config, game, evaluations_per_s, budget);
    if (line < 0 || !read_row(line, &first)) {
        add(&t, "what to expect is not known: no run of %s %dx%d was measured yet (`tengen scale` measures some)",
            game->type->name, game->height, game->width);
        return true;
    }
    const double slower = slowness(&first, evaluations_per_s);
    int milestones = 0, elos = 0;
    add(&t, "to be expected at this pace, from a measured run");
    if (first.blocks != config->blocks || first.channels != config->channels)
        add(&t, " with another net (%dx%d)", first.blocks, first.channels);
    add(&t, ":");
    for (int i = line; read_row(i, &row) && is_same_run(&first, &row); i++) {
        const double seconds = row.at_seconds * slower;
        const char *beyond = budget > 0 && seconds > budget ? " (more than this budget)" : "";
        if (*row.field[12] && milestones < MOST_MILESTONES)
            add(&t, "%s stronger than %s after about %s%s", milestones++ ? "," : "", row.field[12],
                format_duration(seconds, time), beyond);
        elos += isfinite(row.elo);
    }
    int last_line = line;
    const double now = elo_at(line, budget / slower, &last_line);
    struct row last;
    CHECK(read_row(last_line, &last));
    if (budget > 0 && isfinite(now)) add(&t, "%s Elo %.0f at the end of this budget", milestones++ ? ";" : "", now);
    add(&t, "%s after %s", milestones ? ";" : "", format_duration(last.run_seconds * slower, time));
    if (*last.field[13])
        add(&t, " %s", last.field[13]);
    else if (elos)
        add(&t, " Elo %.0f (%s)", last.elo, last.field[11]);
    return true;
}
