// What a position is worth, under every rule set.
//
// Area: stones, and empty regions that touch one colour only, by the letter of Tromp and Taylor: all stones on the board live.
//
// Territory: empty points that one side surrounds, and prisoners. Who lives can't be seen on the board alone, so it is played out:
//
//   play    until two passes. Stones cost a point each where they fill one's own territory, as always under these rules.
//   clean-up  from there until two passes more. What stood when it began is what will be counted; stones played now count for nothing and
//           cost nothing, passes neither, captures neither: they only show what lives. So it is right to capture what is dead, in any
//           number of moves, and idle to do anything else.
//   count   A chain that stood is dead if more of its points end up as the other side's than as its own: by area, with whatever stands in the
//           other side's pass-alive area counted as captured. Dead chains are taken off as prisoners, and the empty regions of the board
//           that stood, which then touch one colour only, are that colour's territory. A dead chain's points are part of such a region.
//
// Seki tax: an empty region is worth nothing inside a group in seki. Seki is what dame leave: a connected area of one colour (stones and
// territory) in the final position that touches a point of nobody, except where it is pass-alive. Dame that are no seki can be filled:
// under territory scoring for nothing, in the clean-up too.
//
// Where this differs from a game between people: what must be defended only after the dame are filled need not be (the clean-up's answer is
// free); a ko for life in the clean-up is fought with superko, and threats that can't be removed count as any other; dame that nobody fills
// make seki. A game cut at max_plies before its clean-up is counted with all stones alive.
#include "game/go.h"

#include <string.h>

static const int OTHER = GO_BLACK ^ GO_WHITE;

static bool is_stone(int color) { return color == GO_BLACK || color == GO_WHITE; }

// A connected part of the board of one value, listed; which values lie beside it.
struct part {
    int num_points;
    uint16_t points[GAME_MAX_SIDE * GAME_MAX_SIDE];
    bool beside[4]; // by value
};

// values: [go_num_points], GO_BORDER outside. done: of points in parts that were taken before.
static void part_take(const struct game *g, const uint8_t *values, int start, bool *done, struct part *out) {
    const int w = go_stride(g), step[4] = {-w, -1, 1, w}, value = values[start];
    memset(out->beside, 0, sizeof out->beside);
    out->num_points = 0;
    out->points[out->num_points++] = (uint16_t)start;
    done[start] = true;
    for (int i = 0; i < out->num_points; i++)
        for (int d = 0; d < 4; d++) {
            const int q = out->points[i] + step[d];
            out->beside[values[q]] |= values[q] != value;
            if (values[q] != value || done[q]) continue;
            done[q] = true;
            out->points[out->num_points++] = (uint16_t)q;
        }
}

static void set_border(const struct game *g, const struct go_state *s, uint8_t *values) {
    for (int p = 0; p < go_num_points(g); p++)
        if (s->points[p].color == GO_BORDER) values[p] = GO_BORDER;
}

// Who owns what in the end: as the rules count area, and with the other side's pass-alive area cleaned of what stands there.
static void final_marks(const struct game *g, const struct go_state *s, const uint8_t *alive, uint8_t *marks) {
    go_area(g, s, marks);
    for (int p = 0; p < go_num_points(g); p++)
        if (alive[p]) marks[p] = alive[p];
    set_border(g, s, marks);
}

// seki[p]: p is somebody's, and in a group in seki.
static void find_seki(const struct game *g, const uint8_t *marks, const uint8_t *alive, bool *seki) {
    bool done[GO_MAX_POINTS] = {false};
    memset(seki, 0, sizeof *seki * (size_t)go_num_points(g));
    for (int p = 0; p < go_num_points(g); p++) {
        if (done[p] || marks[p] == GO_BORDER) continue;
        struct part part;
        part_take(g, marks, p, done, &part);
        for (int i = 0; i < part.num_points; i++) seki[part.points[i]] = part.beside[0] && !alive[part.points[i]];
    }
}

// The stones to be counted: those of the clean-up's beginning, dead ones off. Returns Black's prisoners among them less White's.
static int take_dead_off(const struct game *g, const struct go_state *s, const uint8_t *marks, uint8_t *stood) {
    bool done[GO_MAX_POINTS] = {false};
    int prisoners = 0;
    for (int p = 0; p < go_num_points(g); p++) stood[p] = s->points[p].lost >> GO_STOOD_SHIFT;
    set_border(g, s, stood);
    for (int p = 0; p < go_num_points(g); p++) {
        if (done[p] || !is_stone(stood[p])) continue;
        struct part chain;
        const int color = stood[p];
        int lost = 0;
        part_take(g, stood, p, done, &chain);
        for (int i = 0; i < chain.num_points; i++) {
            const int owner = marks[chain.points[i]];
            lost += (owner == (OTHER ^ color)) - (owner == color);
        }
        if (lost <= 0) continue;
        for (int i = 0; i < chain.num_points; i++) stood[chain.points[i]] = GO_EMPTY;
        prisoners += color == GO_WHITE ? chain.num_points : -chain.num_points;
    }
    return prisoners;
}

// Gives empty regions of `stood` to the colour around them, into `owners`; returns Black's points less White's. seki: NULL, or where there are
// none to be had.
static int count_territory(const struct game *g, const uint8_t *stood, const uint8_t *marks, const bool *seki,
                           uint8_t *owners) {
    bool done[GO_MAX_POINTS] = {false};
    int margin = 0;
    for (int p = 0; p < go_num_points(g); p++) owners[p] = is_stone(stood[p]) ? stood[p] : 0;
    for (int p = 0; p < go_num_points(g); p++) {
        if (done[p] || stood[p] != GO_EMPTY) continue;
        struct part region;
        part_take(g, stood, p, done, &region);
        if (region.beside[GO_BLACK] == region.beside[GO_WHITE]) continue;
        const int color = region.beside[GO_BLACK] ? GO_BLACK : GO_WHITE;
        bool taxed = false;
        for (int i = 0; i < region.num_points && seki; i++) taxed |= seki[region.points[i]] && marks[region.points[i]] == color;
        if (taxed) continue;
        for (int i = 0; i < region.num_points; i++) owners[region.points[i]] = (uint8_t)color;
        margin += color == GO_BLACK ? region.num_points : -region.num_points;
    }
    return margin;
}

static double territory(const struct game *g, const struct go_state *s, uint8_t *owners) {
    uint8_t alive[GO_MAX_POINTS], marks[GO_MAX_POINTS], stood[GO_MAX_POINTS];
    bool seki[GO_MAX_POINTS];
    go_pass_alive(g, s, alive);
    final_marks(g, s, alive, marks);
    int margin = go_prisoners(s);
    if (s->is_cleanup)
        margin += take_dead_off(g, s, marks, stood);
    else
        for (int p = 0; p < go_num_points(g); p++) stood[p] = s->points[p].color;
    if (g->rule[GO_TAX] == GO_TAX_SEKI) find_seki(g, marks, alive, seki);
    return margin + count_territory(g, stood, marks, g->rule[GO_TAX] == GO_TAX_SEKI ? seki : NULL, owners) - g->komi;
}

static void tax_area(const struct game *g, const struct go_state *s, uint8_t *owners) {
    uint8_t alive[GO_MAX_POINTS];
    bool seki[GO_MAX_POINTS];
    go_pass_alive(g, s, alive);
    set_border(g, s, owners);
    find_seki(g, owners, alive, seki);
    for (int p = 0; p < go_num_points(g); p++)
        if (s->points[p].color == GO_BORDER || (s->points[p].color == GO_EMPTY && seki[p])) owners[p] = 0;
}

double go_count(const struct game *g, const struct go_state *s, uint8_t owners[GO_MAX_POINTS]) {
    if (s->is_void) {
        memset(owners, 0, (size_t)go_num_points(g));
        return 0;
    }
    if (go_has_territory(g)) return territory(g, s, owners);
    const bool settled = !go_is_over(g, s) && go_is_settled(g, s, owners);
    if (!settled) go_area(g, s, owners);
    if (!settled && g->rule[GO_TAX] == GO_TAX_SEKI) tax_area(g, s, owners);
    int count[3] = {0};
    for (int y = 0; y < g->height; y++)
        for (int x = 0; x < g->width; x++) count[owners[go_point_at(g, y, x)]]++;
    return count[GO_BLACK] - count[GO_WHITE] - g->komi;
}
