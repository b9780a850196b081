// Connect Four on any board up to 10 x 10: stones fall to the bottom of a column, four in a row
// win, and a full board is a draw.
//
// Bits run up the columns. Above each column is a bit that is never set, so that four in a row are
// found by two shifts and two ands for each direction and never run from one column into the next
// [the layout of Tromp's Fhourstones]. Boards of up to 64 such bits (7 x 6 takes 49) use the low
// word alone.
//
// An action is the point where the stone lands, so that a convolutional policy has each move where
// it happens. At most one point of a column is legal, and people write the column.
//
//   plane 0 is 1 on the board
//         1 the mover's stones
//         2 the opponent's stones
//         3 where a stone can land now
//         4 where a stone, now or later, would be the mover's fourth in a row
//         5 where it would be the opponent's fourth
//         6 odd rows, counted from the bottom
//         7 the mover's rows: odd ones for the first player, even ones for the second. Each side
//           gets its rows when columns of even height fill in pairs
//         8 where a stone would be the mover's third in a row whose fourth point is empty
//         9 where it would be the opponent's third
//   global 0 the share of points that are taken
#include "game/connect4.h"
#include "game/game_table.h"
#include "game/symmetry.h"

#include <stdio.h>
#include <string.h>

__extension__ typedef unsigned __int128 wide;

enum { NUM_PLANES = 10, NUM_FIRST_PLANES = 7, DEFAULT_HEIGHT = 6, DEFAULT_WIDTH = 7 };

static enum status connect4_open(struct game *g, const struct game_options *o) {
    const int height = o->height ? o->height : DEFAULT_HEIGHT, width = o->width ? o->width : o->height ? height : DEFAULT_WIDTH;
    if (height < 1 || width < 1 || height > CONNECT4_MAX_SIDE || width > CONNECT4_MAX_SIDE)
        return status_fail(STATUS_USAGE, "connect4: a board of %dx%d is not within 1x1 and %dx%d", height, width,
                           CONNECT4_MAX_SIDE, CONNECT4_MAX_SIDE);
    if (o->komi != GAME_KOMI_DEFAULT && o->komi != 0)
        return status_fail(STATUS_USAGE, "connect4: there is no komi (%g given)", o->komi);
    if (o->rules && strcmp(o->rules, "standard"))
        return status_fail(STATUS_USAGE, "connect4: unknown rules '%s' (known: standard)", o->rules);
    if (o->max_plies < 0) return status_fail(STATUS_USAGE, "connect4: a limit of %d plies is below 0", o->max_plies);
    const int area = height * width;
    g->height = height;
    g->width = width;
    g->rules = "standard";
    g->policy_planes = 1;
    g->num_actions = area;
    g->max_legal = width;
    g->num_planes = NUM_PLANES;
    g->num_globals = 1;
    g->num_first_planes = NUM_FIRST_PLANES;
    g->num_symmetries = 2; // none, and left and right exchanged
    g->max_plies = o->max_plies && o->max_plies < area ? o->max_plies : area;
    g->state_bytes = sizeof(struct connect4_state);
    return STATUS_OK;
}

static void connect4_start(const struct game *g, void *state) {
    struct connect4_state *s = state;
    memset(s, 0, sizeof *s);
    s->open = (uint16_t)((1 << g->width) - 1);
}

static int connect4_to_move(const struct game *g, const void *state) { return ((const struct connect4_state *)state)->ply & 1; }
static int connect4_ply(const struct game *g, const void *state) { return ((const struct connect4_state *)state)->ply; }
static enum outcome connect4_outcome(const struct game *g, const void *state) {
    return (enum outcome)((const struct connect4_state *)state)->outcome;
}

static inline wide wide_of(const uint64_t words[2]) { return (wide)words[1] << 64 | words[0]; }

// Finds pairs along each line, and then pairs of pairs.
static inline bool has_four_narrow(uint64_t s, int stride) {
    const uint64_t up = s & s >> 1, right = s & s >> stride, rise = s & s >> (stride + 1), fall = s & s >> (stride - 1);
    return ((up & up >> 2) | (right & right >> 2 * stride) | (rise & rise >> 2 * (stride + 1)) |
            (fall & fall >> 2 * (stride - 1))) != 0;
}

static bool has_four_wide(wide s, int stride) {
    const int steps[4] = {1, stride, stride + 1, stride - 1};
    for (int d = 0; d < 4; d++) {
        const wide pairs = s & s >> steps[d];
        if (pairs & pairs >> 2 * steps[d]) return true;
    }
    return false;
}

// C doesn't define shifts by as many bits as a word has. Those of has_four_narrow are by less than
// 64, because no stride is above 11.
static inline bool has_four(const uint64_t words[2], int height, int width) {
    const int stride = height + 1;
    return stride * width <= 64 ? has_four_narrow(words[0], stride) : has_four_wide(wide_of(words), stride);
}

static int connect4_legal(const struct game *g, const void *state, uint16_t *actions) {
    const struct connect4_state *s = state;
    if (s->outcome != OUTCOME_NONE) return 0;
    int n = 0;
    for (int x = 0; x < g->width; x++) {
        if (s->heights[x] >= g->height) continue;
        const uint16_t action = (uint16_t)((g->height - 1 - s->heights[x]) * g->width + x);
        int i = n++; // insertion, because points of higher rows must come first
        for (; i > 0 && actions[i - 1] > action; i--) actions[i] = actions[i - 1];
        actions[i] = action;
    }
    return n;
}

static void connect4_play(const struct game *g, void *state, int action) {
    struct connect4_state *s = state;
    const int height = g->height, width = g->width, x = action % width, row = s->heights[x]++;
    const int bit = x * (height + 1) + row, player = s->ply++ & 1;
    s->stones[player][bit >> 6] |= 1ull << (bit & 63);
    s->open &= (uint16_t) ~((row + 1 == height) << x);
    if (has_four(s->stones[player], height, width))
        s->outcome = (uint8_t)(player ? OUTCOME_SECOND : OUTCOME_FIRST);
    else if (s->ply >= g->max_plies)
        s->outcome = OUTCOME_DRAW;
}

static void connect4_stones(const struct game *g, const void *state, int8_t *stones) {
    const struct connect4_state *s = state;
    const wide first = wide_of(s->stones[0]), second = wide_of(s->stones[1]);
    for (int y = 0; y < g->height; y++)
        for (int x = 0; x < g->width; x++) {
            const int bit = x * (g->height + 1) + g->height - 1 - y;
            *stones++ = (int8_t)((int)(first >> bit & 1) - (int)(second >> bit & 1));
        }
}

static enum status connect4_set_up(const struct game *g, void *state, const int8_t *stones, int to_move) {
    struct connect4_state *s = state;
    const int height = g->height, width = g->width;
    TRY(game_check_turns(g, stones, to_move));
    connect4_start(g, s);
    for (int x = 0; x < width; x++) {
        for (int row = 0; row < height; row++) {
            const int side = stones[(height - 1 - row) * width + x], bit = x * (height + 1) + row;
            if (!side) continue;
            if (s->heights[x] < row) return status_fail(STATUS_USAGE, "connect4: in column %d a stone hangs in the air", x + 1);
            s->stones[side < 0][bit >> 6] |= 1ull << (bit & 63);
            s->heights[x]++;
            s->ply++;
        }
        s->open &= (uint16_t) ~((s->heights[x] == height) << x);
    }
    if (has_four(s->stones[to_move], height, width))
        return status_fail(STATUS_USAGE, "connect4: the side to move has four in a row");
    if (has_four(s->stones[!to_move], height, width))
        s->outcome = (uint8_t)(to_move ? OUTCOME_FIRST : OUTCOME_SECOND);
    else if (s->ply >= g->max_plies)
        s->outcome = OUTCOME_DRAW;
    return STATUS_OK;
}

// Draws columns until one is not full.
static int connect4_playout_move(const struct game *g, const void *state, struct rng *rng) {
    const struct connect4_state *s = state;
    uint32_t x;
    do x = rng_below(rng, (uint32_t)g->width);
    while (!(s->open >> x & 1));
    return (g->height - 1 - s->heights[x]) * g->width + (int)x;
}

// The moves of playout_move, called directly instead of through three entries of the table a move.
static void connect4_playout(const struct game *g, void *state, struct rng *rng) {
    while (connect4_outcome(g, state) == OUTCOME_NONE) connect4_play(g, state, connect4_playout_move(g, state, rng));
}

// The mover, and whether a limit of plies has been reached, follow from the stones.
static uint64_t connect4_hash(const struct game *g, const void *state) {
    const struct connect4_state *s = state;
    const uint64_t low = rng_mix(s->stones[0][0] ^ rng_mix(s->stones[1][0]));
    return g->width * (g->height + 1) <= 64 ? low : rng_mix(low ^ rng_mix(s->stones[0][1] ^ rng_mix(~s->stones[1][1])));
}

// Points that would complete a row of four, whichever of the four it is that is missing.
static wide completions(wide s, int stride) {
    const int steps[4] = {1, stride, stride + 1, stride - 1};
    wide all = 0;
    for (int d = 0; d < 4; d++) {
        const int k = steps[d];
        const wide below = s << k & s << 2 * k, above = s >> k & s >> 2 * k, around = s << k & s >> k;
        all |= (below & s << 3 * k) | (above & s >> 3 * k) | (around & (s << 2 * k | s >> 2 * k));
    }
    return all;
}

// Points where a stone would be the third in a row whose fourth point is empty: of the other three
// points of the row two have stones, and one is empty.
static wide thirds(wide s, wide empty, int stride) {
    const int steps[4] = {1, stride, stride + 1, stride - 1};
    wide all = 0;
    for (int d = 0; d < 4; d++) {
        // At [i]: whether the point i - 3 steps along the line has a stone, and if it is empty.
        wide stone[7], space[7];
        for (int i = 0; i < 7; i++) {
            stone[i] = i < 3 ? s << (3 - i) * steps[d] : s >> (i - 3) * steps[d];
            space[i] = i < 3 ? empty << (3 - i) * steps[d] : empty >> (i - 3) * steps[d];
        }
        // The row is `from` to from + 3, and the point itself is 3.
        for (int from = 0; from < 4; from++) {
            const int a = from + (from == 3), b = from + 1 + (from >= 2), c = from + 2 + (from >= 1);
            all |= (stone[a] & stone[b] & space[c]) | (stone[a] & space[b] & stone[c]) | (space[a] & stone[b] & stone[c]);
        }
    }
    return all;
}

static wide empty_points(const struct game *g, const struct connect4_state *s) {
    wide empty = 0;
    for (int x = 0; x < g->width; x++)
        empty |= (((wide)1 << (g->height - s->heights[x])) - 1) << (x * (g->height + 1) + s->heights[x]);
    return empty;
}

static void connect4_encode(const struct game *g, const void *state, int symmetry, float *planes, int row_points, int channels,
                            float *globals) {
    const struct connect4_state *s = state;
    const int me = s->ply & 1, stride = g->height + 1;
    const wide mine = wide_of(s->stones[me]), other = wide_of(s->stones[!me]);
    const wide empty = empty_points(g, s);
    const wide fours[2] = {completions(mine, stride) & empty, completions(other, stride) & empty};
    const wide third[2] = {thirds(mine, empty, stride) & empty, thirds(other, empty, stride) & empty};
    for (int x = 0; x < g->width; x++) {
        const int to = symmetry & 1 ? g->width - 1 - x : x;
        for (int row = 0; row < g->height; row++) {
            const int bit = x * stride + row;
            float *out = planes + ((size_t)(g->height - 1 - row) * (size_t)row_points + (size_t)to) * (size_t)channels;
            out[0] = 1;
            out[1] = (float)(mine >> bit & 1);
            out[2] = (float)(other >> bit & 1);
            out[3] = row == s->heights[x];
            for (int i = 0; i < 2; i++) out[4 + i] = (float)(fours[i] >> bit & 1);
            out[6] = (float)(~row & 1); // row 0 is what people call the first row
            out[7] = (row & 1) == me;
            for (int i = 0; i < 2; i++) out[8 + i] = (float)(third[i] >> bit & 1);
        }
    }
    globals[0] = (float)s->ply / (float)(g->height * g->width);
}

static void connect4_print(const struct game *g, const void *state, char *out, size_t out_bytes) {
    const struct connect4_state *s = state;
    char text[1024];
    int n = 0;
    for (int y = 0; y < g->height; y++)
        for (int x = 0; x < g->width; x++) {
            const int bit = x * (g->height + 1) + g->height - 1 - y;
            const char stone = wide_of(s->stones[0]) >> bit & 1 ? 'X' : wide_of(s->stones[1]) >> bit & 1 ? 'O' : '.';
            n += snprintf(text + n, sizeof text - (size_t)n, "%2c%s", stone, x == g->width - 1 ? "\n" : "");
        }
    for (int x = 0; x < g->width; x++) n += snprintf(text + n, sizeof text - (size_t)n, "%2d", x + 1);
    snprintf(out, out_bytes, "%s\n%s to play\n", text, s->ply & 1 ? "O" : "X");
}

static void connect4_action_text(const struct game *g, int action, char out[GAME_TEXT_BYTES]) {
    snprintf(out, GAME_TEXT_BYTES, "%d", action % g->width + 1);
}

// The text names a column, for which its lowest point stands.
static int connect4_action_parse(const struct game *g, const char *text) {
    int column = 0;
    if (text[0] < '1' || text[0] > '9') return GAME_NO_ACTION;
    for (int i = 0; text[i]; i++) {
        if (i > 1 || text[i] < '0' || text[i] > '9') return GAME_NO_ACTION;
        column = column * 10 + text[i] - '0';
    }
    return column <= g->width ? (g->height - 1) * g->width + column - 1 : GAME_NO_ACTION;
}

const struct game_type connect4_type = {
    .name = "connect4",
    .title = "Connect Four",
    .open = connect4_open,
    .start = connect4_start,
    .to_move = connect4_to_move,
    .ply = connect4_ply,
    .legal = connect4_legal,
    .play = connect4_play,
    .stones = connect4_stones,
    .set_up = connect4_set_up,
    .outcome = connect4_outcome,
    .hash = connect4_hash,
    .encode = connect4_encode,
    .permute = symmetry_permute,
    .symmetry_inverse = symmetry_inverse,
    .print = connect4_print,
    .action_text = connect4_action_text,
    .action_parse = connect4_action_parse,
    .playout_move = connect4_playout_move,
    .playout = connect4_playout,
    .solver = &connect4_solver,
};
