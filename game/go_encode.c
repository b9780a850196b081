// What the net sees of a Go position: planes and globals from the mover's view [Wu 2019, appendix
// A, for the kinds of features].
//
//   plane 0    is 1 on the board
//         1    the mover's stones
//         2    the opponent's stones
//         3-5  chains with 1, 2, 3 liberties
//         6    points that the ko rule forbids
//         7-9  the last three moves
//         10   the mover's pass-alive stones and territory
//         11   the opponent's
//         12   the mover's stones in atari
//         13   moves that capture
//       in the clean-up of territory scoring
//         14   the mover's stones that stood when it began
//         15   the opponent's
//   global 0   komi, for the mover / 15
//          1   the last move was a pass
//          2   the one before was
//          3   the margin in the best case / 4, clipped
//          4   the margin in the worst case / 4, clipped
//          5   a draw is possible (komi is a whole number)
//       the rules, all 0 by default
//          6   situational superko
//          7   simple ko
//          8   suicide is allowed
//          9   territory scoring
//          10  tax on seki
//          11  it is the clean-up
//          12  under territory scoring: the mover's prisoners less the opponent's / 15
//       komi more finely, because half a point decides results that are close
//          13  komi less the fair komi, for the mover / 3, clipped
//          14  where komi lies between two margins of area
//
// In the best case everything but the opponent's pass-alive area is the mover's; the worst case is
// the reverse. Both are for area scoring, else 0. The handicap bonus is part of the komi.
#include "game/go.h"
#include "game/symmetry.h"

#include <math.h>
#include <string.h>

// Where a point goes under a symmetry: its place is linear in y and x.
struct canvas {
    float *origin;
    ptrdiff_t down, right;
};

static struct canvas canvas_of(const struct game *g, int symmetry, float *planes, int row_points, int channels) {
    ptrdiff_t at[3];
    for (int i = 0; i < 3; i++) {
        int y, x;
        symmetry_point(g->height, g->width, symmetry, i == 1, i == 2, &y, &x);
        at[i] = ((ptrdiff_t)y * row_points + x) * channels;
    }
    return (struct canvas){planes + at[0], at[1] - at[0], at[2] - at[0]};
}
static inline float *cell(const struct canvas *c, int y, int x) { return c->origin + y * c->down + x * c->right; }

static bool captures_at(const struct game *g, const struct go_state *s, int p) {
    const int w = go_stride(g), step[4] = {-w, -1, 1, w}, other = 2 - s->to_move;
    for (int d = 0; d < 4; d++) {
        const struct go_point *q = &s->points[p + step[d]];
        if (q->color == other && go_in_atari(&s->points[q->head])) return true;
    }
    return false;
}

// Writes the planes of one point. mark: the colour whose pass-alive area it is in; liberties: by
// head.
static void encode_point(const struct game *g, const struct go_state *s, int p, uint8_t mark, const uint8_t *liberties,
                         float *out) {
    const int me = s->to_move + 1, color = s->points[p].color;
    memset(out, 0, sizeof(float) * GO_NUM_PLANES);
    out[0] = 1;
    if (color == GO_EMPTY) {
        out[6] = go_ko_forbids(g, s, p);
        out[13] = captures_at(g, s, p);
    } else {
        const int n = liberties[s->points[p].head];
        out[color == me ? 1 : 2] = 1;
        if (n <= 3) out[2 + n] = 1;
        out[12] = color == me && n == 1;
    }
    if (mark) out[mark == me ? 10 : 11] = 1;
    const int stood = s->points[p].lost >> GO_STOOD_SHIFT;
    if (stood) out[stood == me ? 14 : 15] = 1;
}

static void encode_rules(const struct game *g, const struct go_state *s, float *globals) {
    const int prisoners = s->to_move ? -go_prisoners(s) : go_prisoners(s);
    globals[6] = g->rule[GO_KO] == GO_KO_SITUATIONAL;
    globals[7] = g->rule[GO_KO] == GO_KO_SIMPLE;
    globals[8] = g->rule[GO_SUICIDE] == GO_SUICIDE_ALLOWED;
    globals[9] = go_has_territory(g);
    globals[10] = g->rule[GO_TAX] == GO_TAX_SEKI;
    globals[11] = s->is_cleanup;
    globals[12] = go_has_territory(g) ? (float)prisoners / 15 : 0;
    if (go_has_territory(g)) globals[3] = globals[4] = 0;
}

// Where komi lies between two possible margins. Without a seki the margin of areas is odd on a
// board with an odd number of points and even on others, so that results differ by two points [Wu
// 2019, appendix A: komi parity]. The wave is 0 at a komi that makes a draw possible and midway
// between two such, and 0.5 or -0.5 at half a point from either.
static float parity_wave(double komi, int area) {
    const double over = komi - area - 2 * floor((komi - area) / 2); // in [0, 2)
    return (float)(over < 0.5 ? over : over < 1.5 ? 1 - over : over - 2);
}

static float clip(double margin) { return (float)fmax(-1, fmin(1, margin / 4)); }

void go_encode(const struct game *g, const void *state, int symmetry, float *planes, int row_points, int channels,
               float *globals) {
    const struct go_state *s = state;
    const struct canvas canvas = canvas_of(g, symmetry, planes, row_points, channels);
    const int me = s->to_move + 1, area = g->height * g->width;
    uint8_t marks[GO_MAX_POINTS], liberties[GO_MAX_POINTS];
    int owned[3] = {0};
    go_pass_alive(g, s, marks);
    for (int y = 0; y < g->height; y++)
        for (int x = 0; x < g->width; x++) {
            const int p = go_point_at(g, y, x);
            if ((s->points[p].color == GO_BLACK || s->points[p].color == GO_WHITE) && s->points[p].head == p)
                liberties[p] = (uint8_t)go_liberties(g, s, p, 4);
        }
    for (int y = 0; y < g->height; y++)
        for (int x = 0; x < g->width; x++) {
            const int p = go_point_at(g, y, x);
            owned[marks[p]]++;
            encode_point(g, s, p, marks[p], liberties, cell(&canvas, y, x));
        }
    for (int i = 0; i < 3; i++)
        if (s->last[i] < area) cell(&canvas, s->last[i] / g->width, s->last[i] % g->width)[7 + i] = 1;
    const double komi = s->to_move ? g->komi : -g->komi;
    globals[0] = (float)(komi / 15);
    globals[1] = s->last[0] == go_pass(g);
    globals[2] = s->last[1] == go_pass(g);
    globals[3] = clip(area - 2 * owned[GO_BLACK ^ GO_WHITE ^ me] + komi);
    globals[4] = clip(2 * owned[me] - area + komi);
    globals[5] = g->komi == floor(g->komi);
    encode_rules(g, s, globals);
    const double fair = go_fair_komi(g->height, g->width, go_has_territory(g));
    globals[13] = (float)fmax(-1, fmin(1, (s->to_move ? g->komi - fair : fair - g->komi) / 3));
    globals[14] = go_has_territory(g) ? 0 : parity_wave(komi, area);
}
