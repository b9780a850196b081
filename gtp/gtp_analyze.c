// Reads the options of the analysis commands and writes their lines. A line is one physical line
// for all moves: `info move ... pv ... info move ... pv ... rootInfo ... ownership ...`.
#include "gtp/gtp_analyze.h"

#include "base/memory.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Seconds between lines: where the controller names none (chosen, not tuned), the fewest, and the
// most, which stands for never.
static const double usual_interval = 1, shortest_interval = 0.01, longest_interval = 1e6;

// ---- options ----

// For each side and action: until which ply it is to be avoided, and until which one it is allowed
// by name; and for each side until which ply only moves that were named are allowed.
struct limits {
    uint16_t avoid[2 * GAME_MAX_ACTIONS], allow[2 * GAME_MAX_ACTIONS];
    uint16_t allow_only[2];
};

static void mark(uint16_t *depths, int depth) {
    if (*depths < depth) *depths = (uint16_t)depth;
}

// One vertex, or Leela Zero's rectangle A1:C3.
static bool mark_vertex(const struct game *game, char *text, uint16_t *depths, int depth) {
    char *colon = strchr(text, ':');
    if (colon) *colon = 0;
    const int from = gtp_parse_vertex(game, text), to = colon ? gtp_parse_vertex(game, colon + 1) : from;
    const int points = game->height * game->width, w = game->width;
    if (from < 0 || to < 0 || (colon && (from >= points || to >= points))) return false;
    if (!colon) {
        mark(&depths[from], depth);
        return true;
    }
    const int top = from / w < to / w ? from / w : to / w, bottom = from / w + to / w - top;
    const int left = from % w < to % w ? from % w : to % w, right = from % w + to % w - left;
    for (int y = top; y <= bottom; y++)
        for (int x = left; x <= right; x++) mark(&depths[y * w + x], depth);
    return true;
}

// `avoid` and `allow` PLAYER V,V,... UNTILDEPTH.
static bool read_limit(struct limits *limits, const struct game *game, bool is_allow, const char *const words[3]) {
    const int color = gtp_parse_color(words[0]);
    int depth;
    if (color < 0 || !gtp_parse_int(words[2], &depth) || depth < 1) return false;
    if (depth > UINT16_MAX) depth = UINT16_MAX;
    uint16_t *depths = (is_allow ? limits->allow : limits->avoid) + color * game->num_actions;
    char *list = memory_text(words[1], "a list of moves"), *rest = NULL;
    bool good = true;
    int count = 0;
    for (char *word = strtok_r(list, ",", &rest); word && good; word = strtok_r(NULL, ",", &rest), count++)
        good = mark_vertex(game, word, depths, depth);
    free(list);
    if (is_allow) mark(&limits->allow_only[color], depth);
    return good && count > 0;
}

// A move that is allowed by name for fewer plies than others are is allowed everywhere.
static void join_limits(struct gtp_analysis *a, const struct limits *limits, const struct game *game) {
    for (int color = 0; color < 2; color++)
        for (int i = 0; i < game->num_actions; i++) {
            const int k = color * game->num_actions + i;
            a->until[k] = limits->avoid[k];
            if (limits->allow_only[color] && !limits->allow[k]) mark(&a->until[k], limits->allow_only[color]);
        }
}

static bool read_flag(const char *text, bool *flag) {
    *flag = !strcmp(text, "true");
    return *flag || !strcmp(text, "false");
}

static bool read_interval(const char *text, double *interval) {
    double centiseconds;
    if (!gtp_parse_real(text, &centiseconds) || centiseconds < 0) return false;
    *interval = fmin(fmax(centiseconds / 100, shortest_interval), longest_interval);
    return true;
}

static bool read_option(struct gtp_analysis *a, const char *key, const char *value) {
    struct report_options *o = &a->options;
    const struct {
        const char *key;
        bool *flag;
    } flags[] = {{"ownership", &o->ownership},
                 {"ownershipStdev", &o->ownership_deviation},
                 {"movesOwnership", &o->moves_ownership},
                 {"movesOwnershipStdev", &o->moves_ownership_deviation},
                 {"pvVisits", &a->pv_visits},
                 {"pvEdgeVisits", &a->pv_edge_visits},
                 {"rootInfo", &a->root_info},
                 {"noResultValue", &a->no_result}};
    if (!strcmp(key, "interval")) return read_interval(value, &a->interval);
    if (!strcmp(key, "minmoves")) return gtp_parse_int(value, &o->min_moves) && o->min_moves >= 0;
    if (!strcmp(key, "maxmoves")) return gtp_parse_int(value, &o->max_moves) && o->max_moves >= 0;
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (!strcmp(key, flags[i].key)) return read_flag(value, flags[i].flag);
    return false;
}

bool gtp_analyze_parse(struct gtp_analysis *a, enum gtp_dialect dialect, const struct game *game, const struct gtp_line *line) {
    memset(a, 0, sizeof *a);
    a->dialect = dialect;
    a->color = -1;
    a->interval = usual_interval;
    a->options = (struct report_options){.view = REPORT_MOVER, .max_line = REPORT_MAX_LINE};
    const char *const *words = line->arguments;
    const int n = line->num_arguments;
    int i = 0;
    if (i < n && gtp_parse_color(words[i]) >= 0) a->color = gtp_parse_color(words[i++]);
    if (i < n && isdigit((unsigned char)words[i][0]) && !read_interval(words[i++], &a->interval)) return false;
    struct limits *limits = memory_new(1, sizeof *limits, "an analysis");
    bool good = true;
    while (good && i < n) {
        const bool is_allow = !strcmp(words[i], "allow"), is_limit = is_allow || !strcmp(words[i], "avoid");
        const int num_values = is_limit ? 3 : 1;
        good = i + num_values < n &&
               (is_limit ? read_limit(limits, game, is_allow, words + i + 1) : read_option(a, words[i], words[i + 1]));
        a->is_restricted |= is_limit;
        i += 1 + num_values;
    }
    if (good) join_limits(a, limits, game);
    free(limits);
    return good;
}

void gtp_analyze_done(struct gtp_analysis *a) {
    report_done(&a->report);
    free(a->text);
    a->text = NULL;
}

// ---- lines ----

static void write_vertex(FILE *f, const struct game *game, int action) {
    char text[GAME_TEXT_BYTES];
    fputs(gtp_vertex_text(game, action, text), f);
}

static void write_line(FILE *f, const struct game *game, const struct report_move *m) {
    for (int i = 0; i < m->line_length; i++) {
        if (i) fputc(' ', f);
        write_vertex(f, game, m->line[i]);
    }
}

static void write_reals(FILE *f, const char *key, const float *x, int n) {
    if (!x) return;
    fprintf(f, " %s", key);
    for (int i = 0; i < n; i++) fprintf(f, " %.6f", (double)x[i]);
}

// A game without a score has a margin of nothing.
static double known(float x) { return isnan(x) ? 0 : (double)x; }

static int ten_thousandths(float x) { return (int)lround(10000 * known(x)); }

static void write_lz_move(FILE *f, const struct game *game, const struct report_move *m, int order) {
    fprintf(f, "%sinfo move ", order ? " " : "");
    write_vertex(f, game, m->action);
    fprintf(f, " visits %d winrate %d prior %d lcb %d order %d pv ", m->visits, ten_thousandths(m->winrate),
            ten_thousandths(m->prior), ten_thousandths(m->lcb), order);
    write_line(f, game, m);
}

static void write_scores(FILE *f, float score, float deviation) {
    fprintf(f, " scoreMean %.6f scoreStdev %.6f scoreLead %.6f scoreSelfplay %.6f", known(score), known(deviation),
            known(score), known(score));
}

static void write_kata_move(FILE *f, const struct gtp_analysis *a, const struct game *game, const struct report_move *m,
                            int order) {
    const int points = game->height * game->width;
    const struct report_options *o = &a->options;
    fprintf(f, "%sinfo move ", order ? " " : "");
    write_vertex(f, game, m->action);
    fprintf(f, " visits %d edgeVisits %d utility %.6f winrate %.6f", m->visits, m->visits, known(m->utility),
            known(m->winrate));
    write_scores(f, m->score, m->score_deviation);
    fprintf(f, " prior %.6f lcb %.6f utilityLcb %.6f weight %d.0 order %d", known(m->prior), known(m->lcb),
            known(m->utility_lcb), m->visits, order);
    if (a->no_result) fputs(" noResultValue 0.0", f);
    fputs(" pv ", f);
    write_line(f, game, m);
    for (int k = 0; k < 2; k++) {
        if (!(k ? a->pv_edge_visits : a->pv_visits)) continue;
        fputs(k ? " pvEdgeVisits" : " pvVisits", f);
        for (int i = 0; i < m->line_length; i++) fprintf(f, " %d", m->line_visits[i]);
    }
    if (o->moves_ownership) write_reals(f, "movesOwnership", m->ownership, points);
    if (o->moves_ownership_deviation) write_reals(f, "movesOwnershipStdev", m->ownership_deviation, points);
}

// The net has no opinion of its own errors, which KataGo's older nets say by -1.
static void write_kata_root(FILE *f, const struct gtp_analysis *a, const struct report *r) {
    fprintf(f, " rootInfo visits %lld utility %.6f winrate %.6f", r->visits, known(r->utility), known(r->winrate));
    write_scores(f, r->score, r->score_deviation);
    fprintf(f, " weight %lld.0 rawStWrError -1.0 rawStScoreError -1.0 rawVarTimeLeft -1.0", r->visits);
    if (a->no_result) fputs(" noResultValue 0.0", f);
}

static void write_cgos(FILE *f, const struct report *r) {
    const struct game *game = r->game;
    fputs("{\"moves\":[", f);
    for (int i = 0; i < r->num_moves; i++) {
        const struct report_move *m = &r->moves[i];
        fprintf(f, "%s{\"move\":\"", i ? "," : "");
        write_vertex(f, game, m->action);
        fprintf(f, "\",\"winrate\":%.6f,\"score\":%.6f,\"prior\":%.6f,\"visits\":%d,\"pv\":\"", known(m->winrate),
                known(m->score), known(m->prior), m->visits);
        write_line(f, game, m);
        fputs("\",\"custom\":{}}", f);
    }
    fprintf(f, "],\"visits\":%lld,\"winrate\":%.6f,\"score\":%.6f}", r->visits, known(r->winrate), known(r->score));
}

static void write_report(FILE *f, const struct gtp_analysis *a, const struct game *game) {
    const struct report *r = &a->report;
    const int points = game->height * game->width;
    if (a->dialect == GTP_DIALECT_CGOS) {
        write_cgos(f, r);
    } else {
        for (int i = 0; i < r->num_moves; i++) {
            if (a->dialect == GTP_DIALECT_LZ)
                write_lz_move(f, game, &r->moves[i], i);
            else
                write_kata_move(f, a, game, &r->moves[i], i);
        }
    }
    if (a->dialect == GTP_DIALECT_KATA) {
        if (a->root_info) write_kata_root(f, a, r);
        if (a->options.ownership) write_reals(f, "ownership", r->ownership, points);
        if (a->options.ownership_deviation) write_reals(f, "ownershipStdev", r->ownership_deviation, points);
    }
    fputc('\n', f);
}

void gtp_analyze_format(struct gtp_analysis *a, const struct gtp_engine *engine) {
    free(a->text);
    a->text = NULL;
    a->num_bytes = 0;
    // A root that has not been searched has one visit and no moves worth a line.
    if (engine->num_root_actions < 0) return;
    report_make(&a->report, &engine->game, engine->search, &a->options);
    if (!a->report.visits || !a->report.num_moves) return;
    FILE *f = open_memstream(&a->text, &a->num_bytes);
    if (!f) memory_failed(1, "an analysis");
    write_report(f, a, &engine->game);
    fclose(f);
}
