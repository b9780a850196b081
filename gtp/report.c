// Puts what mcts/detail.h says into one side's view. Storage grows to the largest report.
#include "gtp/report.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void report_done(struct report *r) {
    free(r->moves);
    free(r->policy);
    free(r->details);
    free(r->lines);
    free(r->line_visits);
    free(r->owners);
    memset(r, 0, sizeof *r);
}

static void fit_actions(struct report *r, const struct game *game) {
    const size_t n = (size_t)game->num_actions;
    if (n <= r->max_actions) return;
    r->moves = memory_resize(r->moves, n, sizeof *r->moves, "a report");
    r->policy = memory_resize(r->policy, n, sizeof *r->policy, "a report");
    r->details = memory_resize(r->details, n, sizeof *r->details, "a report");
    r->max_actions = n;
}

static void fit_lines(struct report *r, size_t n) {
    if (n <= r->max_lines) return;
    r->lines = memory_resize(r->lines, n, sizeof *r->lines, "a report");
    r->line_visits = memory_resize(r->line_visits, n, sizeof *r->line_visits, "a report");
    r->max_lines = n;
}

static void fit_owners(struct report *r, size_t n) {
    if (n <= r->max_owners) return;
    r->owners = memory_resize(r->owners, n, sizeof *r->owners, "a report");
    r->max_owners = n;
}

// A number for the root's mover as the view sees it.
static float turn(const struct report *r, float x) { return r->view == r->to_move ? x : -x; }
static float turn_chance(const struct report *r, float x) { return r->view == r->to_move ? x : 1 - x; }
static float winrate_of(const float wdl[3]) { return wdl[0] + wdl[1] / 2; }
static float bounded(float x, float low, float high) { return x < low ? low : x > high ? high : x; }

static void read_root(struct report *r, const struct search *search) {
    struct detail_root root;
    detail_root(search, &root);
    const bool has_score = r->game->has_score;
    r->visits = root.visits;
    r->proven = root.proven;
    r->winrate = turn_chance(r, winrate_of(root.wdl));
    r->draw = root.wdl[1];
    r->utility = turn(r, root.utility);
    r->score = has_score ? turn(r, root.score) : NAN;
    r->score_deviation = has_score ? root.score_deviation : NAN;
    r->raw_winrate = turn_chance(r, winrate_of(root.raw_wdl));
    r->raw_draw = root.raw_wdl[1];
    r->raw_utility = turn(r, root.raw_utility);
    r->raw_score = has_score ? turn(r, root.raw_score) : NAN;
}

static struct report_move read_move(const struct report *r, const struct detail_move *detail) {
    struct report_move m = {.action = detail->action, .visits = detail->visits, .proven = detail->proven, .prior = detail->prior};
    if (!detail->visits) { // nothing is known of it but what is known of the root
        m.winrate = r->winrate;
        m.utility = r->utility;
        m.score = r->score;
        m.score_deviation = r->score_deviation;
        m.lcb = turn_chance(r, 0);
        m.utility_lcb = turn(r, -1);
        return m;
    }
    const float winrate = winrate_of(detail->wdl);
    // The search has a bound of the utility. A chance of winning lies in half its range.
    const float lcb = bounded(winrate - (detail->utility - detail->lower_bound) / 2, 0, 1);
    m.winrate = turn_chance(r, winrate);
    m.utility = turn(r, detail->utility);
    m.score = r->game->has_score ? turn(r, detail->score) : NAN;
    m.score_deviation = r->game->has_score ? detail->score_deviation : NAN;
    m.lcb = turn_chance(r, lcb);
    m.utility_lcb = turn(r, detail->lower_bound);
    return m;
}

static int count_moves(const struct report *r, int num_searched, const struct report_options *o) {
    int n = 0;
    // The first one has no visits where all that were visited lose for certain.
    if (num_searched > 1 && (r->details[0].visits || r->details[1].visits)) n = 1;
    if (num_searched == 1 && r->details[0].visits) n = 1;
    while (n > 0 && n < num_searched && r->details[n].visits) n++;
    if (n < o->min_moves) n = o->min_moves < num_searched ? o->min_moves : num_searched;
    return o->max_moves > 0 && n > o->max_moves ? o->max_moves : n;
}

static void read_moves(struct report *r, const struct search *search, const struct report_options *o) {
    const int n = detail_moves(search, r->details);
    const size_t max_line = (size_t)o->max_line;
    for (int i = 0; i < r->game->num_actions; i++) r->policy[i] = -1;
    for (int i = 0; i < n; i++) r->policy[r->details[i].action] = r->details[i].prior;
    r->num_moves = count_moves(r, n, o);
    fit_lines(r, (size_t)r->num_moves * max_line);
    for (int i = 0; i < r->num_moves; i++) {
        struct report_move *m = &r->moves[i];
        *m = read_move(r, &r->details[i]);
        uint16_t *line = r->lines + (size_t)i * max_line;
        int *visits = r->line_visits + (size_t)i * max_line;
        m->line_length = detail_line(search, m->action, line, visits, o->max_line);
        m->line = line;
        m->line_visits = visits;
    }
}

// Reads means and deviations into `at`, two boards, in the report's view.
static void read_owners(const struct report *r, const struct search *search, int action, float *at, bool wants_deviation,
                        const float **mean, const float **deviation) {
    const int points = r->game->height * r->game->width;
    if (!detail_ownership(search, action, at, wants_deviation ? at + points : NULL)) return;
    for (int p = 0; p < points && r->view; p++) at[p] = -at[p];
    *mean = at;
    if (wants_deviation) *deviation = at + points;
}

static void read_ownership(struct report *r, const struct search *search, const struct report_options *o) {
    const size_t boards = 2 * (size_t)(r->game->height * r->game->width);
    const bool of_root = o->ownership || o->ownership_deviation, of_moves = o->moves_ownership || o->moves_ownership_deviation;
    if (!r->visits || (!of_root && !of_moves)) return;
    fit_owners(r, boards * (1 + (of_moves ? (size_t)r->num_moves : 0)));
    if (of_root)
        read_owners(r, search, GAME_NO_ACTION, r->owners, o->ownership_deviation, &r->ownership, &r->ownership_deviation);
    for (int i = 0; of_moves && i < r->num_moves; i++)
        read_owners(r, search, r->moves[i].action, r->owners + boards * (size_t)(i + 1), o->moves_ownership_deviation,
                    &r->moves[i].ownership, &r->moves[i].ownership_deviation);
}

void report_make(struct report *r, const struct game *game, const struct search *search, const struct report_options *o) {
    struct detail_root root;
    CHECK(o->max_line >= 1 && o->max_line <= REPORT_MAX_LINE);
    fit_actions(r, game);
    detail_root(search, &root);
    r->game = game;
    r->to_move = root.to_move;
    r->view = o->view == REPORT_MOVER ? root.to_move : o->view;
    r->ownership = r->ownership_deviation = NULL;
    read_root(r, search);
    read_moves(r, search, o);
    read_ownership(r, search, o);
}
