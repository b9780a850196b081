// What a position is worth, under every rule set.
//
// Area scoring counts stones, and empty regions that touch one colour only. As Tromp and Taylor
// have it, all stones on the board are alive.
//
// Territory scoring counts the empty points that one side surrounds, and prisoners. Which stones
// live can't be seen on the board alone, so it is found out by playing on:
//
//   play      lasts until two passes. A stone in one's own territory costs a point, as it always
//             does under these rules.
//   clean-up  lasts until two more passes. Only the stones that stood when it began will be
//             counted. Stones, passes and captures of the clean-up change no count: they only show
//             which stones live. So it is right to capture what is dead, in any number of moves,
//             and pointless to do anything else.
//   count     A chain that stood is dead when, by area at the end, more of its points are the other
//             side's than its own; what stands in a pass-alive area of the other side counts as
//             captured. Dead chains are removed from the board that stood and become prisoners.
//             The empty regions of that board that then touch one colour only are that colour's
//             territory.
//
// The tax on seki makes empty regions inside groups in seki worth nothing. A seki is recognised by
// the dame (neutral points) next to it: it is a connected area of one colour, stones and territory,
// that touches a point of nobody in the final position and is not pass-alive. Dame that belong to
// no seki can be filled, which costs nothing, even in the clean-up.
//
// Games between people differ in some ways. A defence that becomes necessary only when the dame are
// filled can be left out here, because an answer in the clean-up is free. A ko for life in the
// clean-up is fought under superko, and threats that the opponent could not remove count like all
// others. Dame that nobody fills make a seki. A game that max_plies ends before its clean-up is
// counted with all stones alive.
#include "game/go.h"

#include <string.h>

static const int OTHER = GO_BLACK ^ GO_WHITE;

static bool is_stone(int color) { return color == GO_BLACK || color == GO_WHITE; }

// A list of connected points that have the same value.
struct part {
    int num_points;
    uint16_t points[GAME_MAX_SIDE * GAME_MAX_SIDE];
    bool beside[4]; // [value]: whether it lies next to them
};

// Takes the part around `start`. values: [go_num_points], GO_BORDER outside the board. done: marks
// the points of all parts that have been taken.
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

// Who owns which point at the end: by area, but pass-alive area belongs to its side whatever stands
// in it.
static void final_marks(const struct game *g, const struct go_state *s, const uint8_t *alive, uint8_t *marks) {
    go_area(g, s, marks);
    for (int p = 0; p < go_num_points(g); p++)
        if (alive[p]) marks[p] = alive[p];
    set_border(g, s, marks);
}

// Sets seki[p] for the points that belong to a group in seki.
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

// Writes the stones to be counted, those that stood when the clean-up began and are not dead, to
// `stood`. Returns the dead stones of White less those of Black.
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

// Writes the owners of stones and of the empty regions of `stood`, which belong to the colour
// around them. Returns Black's empty points less White's. seki: points that are taxed, or NULL.
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
