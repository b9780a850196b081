// NAME.csv has the numbers; the picture and the record are made of the same review. A better line
// is a variation beside the move that was played, which is where every editor of SGF looks for one:
//
//   ... (;B[dd]C[...];W[ee] ... )(;B[cc];W[dc]C[...])
#include "base/files.h"
#include "base/gnuplot.h"
#include "base/memory.h"
#include "gtp/review.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void put_line(FILE *out, const struct game *game, const struct review_line *line) {
    char text[GAME_TEXT_BYTES];
    for (int i = 0; i < line->length; i++) {
        game->type->action_text(game, line->moves[i], text);
        fprintf(out, "%s%s", i ? " " : "", text);
    }
}

static bool is_worst(const int *worst, int num_worst, int index) {
    for (int i = 0; i < num_worst; i++)
        if (worst[i] == index) return true;
    return false;
}

static enum status write_text(FILE *out, char **text, size_t *num_bytes, const char *folder, const char *name,
                              const char *ending) {
    char path[PATH_BYTES];
    CHECK(!fclose(out));
    const enum status status = file_write(path_format(path, "%s/%s%s", folder, name, ending), *text, *num_bytes);
    free(*text);
    return status;
}

static FILE *open_text(char **text, size_t *num_bytes) {
    FILE *out = open_memstream(text, num_bytes);
    if (!out) memory_failed(0, "a review");
    return out;
}

// ---- numbers ----

static enum status write_csv(const struct review *r, const char *folder, const char *name, const int *worst, int num_worst) {
    char *text, move[GAME_TEXT_BYTES];
    size_t num_bytes;
    FILE *out = open_text(&text, &num_bytes);
    fputs("move,player,played,winrate [% of the first player after it],score [points of the first player after it],"
          "lost [% of winrate],points_lost [points],worst [1: one of the worst],place [among the moves searched],"
          "prior [% of the net],best,line\n",
          out);
    for (int i = 0; i <= r->num_moves; i++) {
        const struct review_position *after = &r->positions[i], *before = i ? &r->positions[i - 1] : NULL;
        fprintf(out, "%d,", i);
        if (before) {
            r->game.type->action_text(&r->game, r->record->moves[i - 1], move);
            fprintf(out, "%c,%s", sgf_mover(r->record, i - 1) ? 'w' : 'b', move);
        } else {
            fputc(',', out);
        }
        fprintf(out, ",%.2f,", 100 * after->winrate);
        if (!isnan(after->score)) fprintf(out, "%.2f", after->score);
        if (!before) {
            fputs(",,,,,,,\n", out);
            continue;
        }
        fprintf(out, ",%.2f,", 100 * review_loss(r, i - 1));
        if (!isnan(after->score)) fprintf(out, "%.2f", review_points_lost(r, i - 1));
        fprintf(out, ",%d,%d,%.2f,", is_worst(worst, num_worst, i - 1), before->place, 100 * before->prior);
        if (before->num_lines) {
            r->game.type->action_text(&r->game, before->lines[0].moves[0], move);
            fprintf(out, "%s,", move);
            put_line(out, &r->game, &before->lines[0]);
        } else {
            fputc(',', out);
        }
        fputc('\n', out);
    }
    return write_text(out, &text, &num_bytes, folder, name, ".csv");
}

// ---- the picture ----

// A text in gnuplot's quotes, where a quote is written twice. What could end the line is left out.
static void put_quoted(FILE *out, const char *text) {
    fputc('\'', out);
    for (; *text; text++) {
        if (*text == '\'') fputc('\'', out);
        if ((unsigned char)*text >= ' ') fputc(*text, out);
    }
    fputc('\'', out);
}

static void put_title(FILE *out, const struct review *r) {
    char title[400];
    snprintf(title, sizeof title, "%s - %s  %s", r->record->black[0] ? r->record->black : "Black",
             r->record->white[0] ? r->record->white : "White", r->record->result);
    put_quoted(out, title);
}

static enum status write_script(const struct review *r, const char *folder, const char *name) {
    char *text;
    size_t num_bytes;
    FILE *out = open_text(&text, &num_bytes);
    const bool has_score = r->game.has_score;
    fputs("# Draws the table of the same name. Written by `tengen review`; the colours are those of Okabe and Ito.\n", out);
    fputs("csv = ", out);
    char file[PATH_BYTES];
    put_quoted(out, path_format(file, "%s.csv", name));
    fprintf(out, "\nset datafile separator comma\nset encoding utf8\nset xrange [0:%d]\n", r->num_moves > 0 ? r->num_moves : 1);
    fputs("set grid lc rgb '#dddddd'\nset border 3\nset tics nomirror out\n"
          "do for [kind in 'svg png'] {\n"
          "  if (kind eq 'svg') { set terminal svg size 900,",
          out);
    fprintf(out, "%d font 'sans,13' background 'white' } else { set terminal png size 900,%d }\n", has_score ? 640 : 380,
            has_score ? 640 : 380);
    fputs("  set output ", out);
    put_quoted(out, path_format(file, "%s.", name));
    fputs(" . kind\n", out);
    fprintf(out, "  set multiplot layout %d,1 title ", has_score ? 2 : 1);
    put_title(out, r);
    fputs(" noenhanced\n"
          "  set yrange [0:100]\n  set ytics 25\n  set ylabel \"Black wins (%)\"\n  set xlabel 'move'\n  set key off\n"
          "  set arrow 1 from graph 0, first 50 to graph 1, first 50 nohead lc rgb '#888888'\n"
          "  plot csv every ::1 using 1:4 with lines lc rgb '#0072B2' lw 2, \\\n"
          "    csv every ::1 using 1:($8 == 1 ? $4 : NaN) with points pt 7 ps 1 lc rgb '#D55E00', \\\n"
          "    csv every ::1 using 1:($8 == 1 ? $4 : NaN):(sprintf('%d', $1)) with labels offset 0,0.9 tc rgb '#D55E00'\n"
          "  unset arrow 1\n",
          out);
    if (has_score)
        fputs("  set yrange [*:*]\n  set ytics autofreq\n  set ylabel 'Black leads by (points)'\n"
              "  set arrow 1 from graph 0, first 0 to graph 1, first 0 nohead lc rgb '#888888'\n"
              "  plot csv every ::1 using 1:5 with lines lc rgb '#009E73' lw 2, \\\n"
              "    csv every ::1 using 1:($8 == 1 ? $5 : NaN) with points pt 7 ps 1 lc rgb '#D55E00'\n"
              "  unset arrow 1\n",
              out);
    fputs("  unset multiplot\n  unset output\n}\n", out);
    return write_text(out, &text, &num_bytes, folder, name, ".gnuplot");
}

// ---- the record ----

// A text of a comment, with what SGF needs escaped.
static void put_comment(FILE *out, const struct review *r, int index, const int *worst, int num_worst) {
    const struct review_position *after = &r->positions[index + 1];
    char *text;
    size_t num_bytes;
    FILE *comment = open_text(&text, &num_bytes);
    fprintf(comment, "Black wins %.1f %%", 100 * after->winrate);
    if (!isnan(after->score)) fprintf(comment, ", leads by %+.1f", after->score);
    const float points = review_points_lost(r, index);
    // What a move seems to gain is only what the search had not seen before it.
    const float lost = fmaxf(0, review_loss(r, index));
    fprintf(comment, "\n%s lost %.1f %%", sgf_mover(r->record, index) ? "White" : "Black", 100 * lost);
    if (!isnan(points)) fprintf(comment, " and %.1f points", fmaxf(0, points));
    const struct review_line *better = review_better(r, index);
    if (better && is_worst(worst, num_worst, index)) {
        fputs("\nBetter: ", comment);
        put_line(comment, &r->game, better);
    }
    CHECK(!fclose(comment));
    sgf_put_text(out, "C", text);
    fprintf(out, "SBKV[%.2f]", 100 * after->winrate); // by which Sabaki draws its graph
    free(text);
}

// The better line before a move as a variation, "(;B[cc];W[dc]...)".
static void put_variation(FILE *out, const struct review *r, int index, void *state) {
    const struct review_line *line = review_better(r, index);
    CHECK(line && sgf_replay(r->record, &r->game, state, index, NULL, r->name) == STATUS_OK);
    fputc('(', out);
    for (int i = 0; i < line->length; i++) {
        sgf_put_move(out, r->record, game_to_move(&r->game, state), line->moves[i]);
        if (!i) {
            char text[100];
            snprintf(text, sizeof text, "Black wins %.1f %%, %d visits", 100 * line->winrate, line->visits);
            sgf_put_text(out, "C", text);
        }
        game_play(&r->game, state, line->moves[i]);
    }
    fputs(")\n", out);
}

static enum status write_record(const struct review *r, const char *folder, const char *name, const int *worst, int num_worst) {
    char *text;
    size_t num_bytes;
    FILE *out = open_text(&text, &num_bytes);
    void *state = memory_raw(1, r->game.state_bytes, "a review");
    const struct sgf_record *record = r->record;
    sgf_put_root(out, record);
    for (int i = 0, next = 0; i <= r->num_moves; i++) {
        for (; next < record->num_later && record->later[next].num_before == i; next++)
            sgf_put_later(out, record, &record->later[next]);
        if (i == r->num_moves) break;
        if (is_worst(worst, num_worst, i) && review_better(r, i)) fputc('(', out);
        sgf_put_move(out, record, sgf_mover(record, i), record->moves[i]);
        put_comment(out, r, i, worst, num_worst);
        fputc('\n', out);
    }
    // Each bracket that was opened is closed, and the variation stands behind it: the last one
    // first.
    for (int i = r->num_moves - 1; i >= 0; i--) {
        if (!is_worst(worst, num_worst, i) || !review_better(r, i)) continue;
        fputs(")\n", out);
        put_variation(out, r, i, state);
    }
    fputs(")\n", out);
    free(state);
    return write_text(out, &text, &num_bytes, folder, name, ".sgf");
}

enum status review_write(const struct review *r, const char *folder, const char *name, const int *worst, int num_worst,
                         bool *drawn) {
    *drawn = false;
    TRY(dir_make(folder));
    TRY(write_csv(r, folder, name, worst, num_worst));
    TRY(write_record(r, folder, name, worst, num_worst));
    *drawn = !r->num_moves; // there is nothing to draw, and gnuplot would fail
    if (*drawn) return STATUS_OK;
    TRY(write_script(r, folder, name));
    char script[PATH_BYTES];
    return gnuplot_run(folder, path_format(script, "%s.gnuplot", name), drawn);
}
