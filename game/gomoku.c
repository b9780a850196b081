// Gomoku: five in a row win. Under the rules `freestyle` so do six and more; under `exactly-five` a
// row of six or more (an overline) doesn't win. A full board is a draw. Rows are numbered from the
// bottom.
//
// A state is two sets of points, each with one word for a row and bit x for a point. Only the last
// stone can have completed a row, so that a move looks along the four lines through it.
//
// The net also sees where each side would complete a row at once (planes 3 and 4), which is
// computed for whole rows of points by shifts.
#include "game/game_table.h"
#include "game/notation.h"
#include "game/symmetry.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { MIN_SIDE = 5, ROW = 5, NUM_PLANES = 5, NUM_GLOBALS = 2 };

struct gomoku_state {
    uint64_t key;
    uint16_t ply;
    uint8_t winner;  // 0 none, else 1 + player; the mover is the parity of ply
    uint32_t rows[]; // [2][height]: the first player's stones, the second's
};

static bool is_exact(const struct game *g) { return g->table[0] != 0; }

static enum status gomoku_open(struct game *g, const struct game_options *o) {
    const int height = o->height ? o->height : o->width ? o->width : 15, width = o->width ? o->width : height;
    if (height < MIN_SIDE || height > GAME_MAX_SIDE || width < MIN_SIDE || width > GAME_MAX_SIDE)
        return status_fail(STATUS_USAGE, "gomoku: size %dx%d is outside %d..%d", height, width, MIN_SIDE, GAME_MAX_SIDE);
    if (o->komi != GAME_KOMI_DEFAULT && o->komi != 0)
        return status_fail(STATUS_USAGE, "gomoku: there is no komi (%g given)", o->komi);
    const bool exact = o->rules && !strcmp(o->rules, "exactly-five");
    if (o->rules && !exact && strcmp(o->rules, "freestyle"))
        return status_fail(STATUS_USAGE, "gomoku: unknown rules '%s' (known: freestyle, exactly-five)", o->rules);
    if (o->max_plies < 0) return status_fail(STATUS_USAGE, "gomoku: a limit of %d plies is below 0", o->max_plies);
    g->height = height;
    g->width = width;
    g->rules = exact ? "exactly-five" : "freestyle";
    g->table[0] = exact;
    g->policy_planes = 1;
    g->num_actions = height * width;
    g->num_planes = NUM_PLANES;
    g->num_globals = NUM_GLOBALS;
    g->num_symmetries = height == width ? 8 : 4;
    g->max_plies = o->max_plies && o->max_plies < height * width ? o->max_plies : height * width;
    const size_t bytes = offsetof(struct gomoku_state, rows) + sizeof(uint32_t) * 2 * (size_t)height;
    g->state_bytes = (bytes + 7) / 8 * 8;
    return STATUS_OK;
}

static void gomoku_start(const struct game *g, void *state) { memset(state, 0, g->state_bytes); }
static int gomoku_to_move(const struct game *g, const void *state) { return ((const struct gomoku_state *)state)->ply & 1; }
static int gomoku_ply(const struct game *g, const void *state) { return ((const struct gomoku_state *)state)->ply; }

static enum outcome gomoku_outcome(const struct game *g, const void *state) {
    const struct gomoku_state *s = state;
    if (s->winner) return s->winner == 1 ? OUTCOME_FIRST : OUTCOME_SECOND;
    return s->ply >= g->max_plies ? OUTCOME_DRAW : OUTCOME_NONE;
}

static uint32_t empty_row(const struct game *g, const struct gomoku_state *s, int y) {
    return ~(s->rows[y] | s->rows[g->height + y]) & ((1u << g->width) - 1);
}

static int gomoku_legal(const struct game *g, const void *state, uint16_t *actions) {
    const struct gomoku_state *s = state;
    if (gomoku_outcome(g, s) != OUTCOME_NONE) return 0;
    int n = 0;
    for (int y = 0; y < g->height; y++)
        for (uint32_t empty = empty_row(g, s, y); empty; empty &= empty - 1)
            actions[n++] = (uint16_t)(y * g->width + __builtin_ctz(empty));
    return n;
}

// How many stones follow (y, x) without a gap in one direction.
static int run(const uint32_t *stones, int height, int y, int x, int dy, int dx) {
    int n = 0;
    for (y += dy, x += dx; y >= 0 && y < height && x >= 0 && stones[y] >> x & 1; y += dy, x += dx) n++;
    return n;
}

// Whether the stone at (y, x) is in a row that wins.
static bool is_in_row(const struct game *g, const uint32_t *stones, int y, int x) {
    static const int8_t lines[4][2] = {{0, 1}, {1, 0}, {1, 1}, {1, -1}};
    bool wins = false;
    for (int i = 0; i < 4; i++) {
        const int dy = lines[i][0], dx = lines[i][1];
        const int length = 1 + run(stones, g->height, y, x, dy, dx) + run(stones, g->height, y, x, -dy, -dx);
        wins |= length == ROW || (length > ROW && !is_exact(g));
    }
    return wins;
}

static void put(const struct game *g, struct gomoku_state *s, int player, int action) {
    s->rows[player * g->height + action / g->width] |= 1u << action % g->width;
    s->key ^= rng_mix(0x676f6d6f0000u + (unsigned)(2 * action + player));
    s->ply++;
}

static void gomoku_play(const struct game *g, void *state, int action) {
    struct gomoku_state *s = state;
    const int player = s->ply & 1;
    put(g, s, player, action);
    if (is_in_row(g, s->rows + player * g->height, action / g->width, action % g->width)) s->winner = (uint8_t)(1 + player);
}

static void gomoku_stones(const struct game *g, const void *state, int8_t *stones) {
    const struct gomoku_state *s = state;
    for (int y = 0; y < g->height; y++)
        for (int x = 0; x < g->width; x++)
            *stones++ = (int8_t)((int)(s->rows[y] >> x & 1) - (int)(s->rows[g->height + y] >> x & 1));
}

static enum status gomoku_set_up(const struct game *g, void *state, const int8_t *stones, int to_move) {
    struct gomoku_state *s = state;
    TRY(game_check_turns(g, stones, to_move));
    gomoku_start(g, s);
    for (int a = 0; a < g->num_actions; a++)
        if (stones[a]) put(g, s, stones[a] < 0, a);
    for (int a = 0; a < g->num_actions; a++) {
        const int player = stones[a] < 0;
        if (!stones[a] || !is_in_row(g, s->rows + player * g->height, a / g->width, a % g->width)) continue;
        if (player == to_move) return status_fail(STATUS_USAGE, "gomoku: the side to move has a row that has won");
        s->winner = (uint8_t)(1 + player);
    }
    return STATUS_OK;
}

// How many moves were made follows from the stones, but not whether that is the limit, nor which
// rules they are played by.
static uint64_t gomoku_hash(const struct game *g, const void *state) {
    const struct gomoku_state *s = state;
    return rng_mix(s->key ^ (uint64_t)((g->height * 32 + g->width) * 4 + is_exact(g) * 2 + (s->ply >= g->max_plies)));
}

// out[k] are the points of row y whose first k neighbours in a direction are all stones. So out[0]
// are all points.
static void runs_ahead(const uint32_t *stones, int height, int y, int dy, int dx, uint32_t out[ROW + 1]) {
    out[0] = ~0u;
    for (int k = 1; k <= ROW; k++) {
        const int row = y + k * dy;
        const uint32_t at = row >= 0 && row < height ? stones[row] : 0;
        out[k] = out[k - 1] & (dx > 0 ? at >> k : dx < 0 ? at << k : at);
    }
}

// The points of row y, empty or not, where a stone would complete a row that wins.
static uint32_t completing(const struct game *g, const uint32_t *stones, int y) {
    static const int8_t lines[4][2] = {{0, 1}, {1, 0}, {1, 1}, {1, -1}};
    uint32_t out = 0, ahead[ROW + 1], behind[ROW + 1];
    for (int i = 0; i < 4; i++) {
        uint32_t five = 0, more = 0;
        runs_ahead(stones, g->height, y, lines[i][0], lines[i][1], ahead);
        runs_ahead(stones, g->height, y, -lines[i][0], -lines[i][1], behind);
        for (int k = 0; k < ROW; k++) five |= ahead[k] & behind[ROW - 1 - k];
        for (int k = 0; k <= ROW; k++) more |= ahead[k] & behind[ROW - k];
        out |= is_exact(g) ? five & ~more : five;
    }
    return out;
}

// Planes: 0 is 1 on the board, 1 the mover's stones, 2 the opponent's, 3 the empty points where the
// mover wins at once, 4 those where the opponent would.
// Globals: 0 the share of points that are taken, 1 is 1 where overlines don't win.
static void gomoku_encode(const struct game *g, const void *state, int symmetry, float *planes, int row_points, int channels,
                          float *globals) {
    const struct gomoku_state *s = state;
    const uint32_t *mine = s->rows + (s->ply & 1) * g->height, *theirs = s->rows + !(s->ply & 1) * g->height;
    for (int y = 0; y < g->height; y++) {
        const uint32_t empty = empty_row(g, s, y);
        const uint32_t row[NUM_PLANES] = {~0u, mine[y], theirs[y], empty & completing(g, mine, y),
                                          empty & completing(g, theirs, y)};
        for (int x = 0; x < g->width; x++) {
            int to_y, to_x;
            symmetry_point(g->height, g->width, symmetry, y, x, &to_y, &to_x);
            float *out = planes + (size_t)(to_y * row_points + to_x) * (size_t)channels;
            for (int c = 0; c < NUM_PLANES; c++) out[c] = (float)(row[c] >> x & 1);
        }
    }
    globals[0] = (float)s->ply / (float)(g->height * g->width);
    globals[1] = is_exact(g);
}

static void gomoku_print(const struct game *g, const void *state, char *out, size_t out_bytes) {
    const struct gomoku_state *s = state;
    char text[1536];
    int n = 0;
#define ADD(...) n += snprintf(text + n, sizeof text - (size_t)n, __VA_ARGS__)
    for (int y = 0; y < g->height; y++) {
        ADD("%2d", g->height - y);
        for (int x = 0; x < g->width; x++) ADD(" %c", s->rows[y] >> x & 1 ? 'X' : s->rows[g->height + y] >> x & 1 ? 'O' : '.');
        ADD("\n");
    }
    ADD("  ");
    for (int x = 0; x < g->width; x++) ADD(" %c", 'a' + x);
    ADD("\n%s to play, ply %d\n", s->ply & 1 ? "Second (O)" : "First (X)", s->ply);
#undef ADD
    snprintf(out, out_bytes, "%s", text);
}

static void gomoku_action_text(const struct game *g, int action, char out[GAME_TEXT_BYTES]) {
    snprintf(out, GAME_TEXT_BYTES, "%c%d", 'a' + action % g->width, g->height - action / g->width);
}

static int gomoku_action_parse(const struct game *g, const char *text) {
    int x, number;
    const int read = square_parse(text, g->height, g->width, &x, &number);
    return read && !text[read] ? (g->height - number) * g->width + x : GAME_NO_ACTION;
}

// Draws points until one is empty, and after a few makes a list.
static int gomoku_playout_move(const struct game *g, const void *state, struct rng *rng) {
    const struct gomoku_state *s = state;
    for (int tries = 0; tries < 12; tries++) { // so many draws cost about as much as the list
        const int action = (int)rng_below(rng, (uint32_t)g->num_actions);
        if (empty_row(g, s, action / g->width) >> action % g->width & 1) return action;
    }
    uint16_t actions[GAME_MAX_SIDE * GAME_MAX_SIDE];
    return actions[rng_below(rng, (uint32_t)gomoku_legal(g, s, actions))];
}

const struct game_type gomoku_type = {
    .name = "gomoku",
    .title = "Gomoku",
    .open = gomoku_open,
    .start = gomoku_start,
    .to_move = gomoku_to_move,
    .ply = gomoku_ply,
    .legal = gomoku_legal,
    .play = gomoku_play,
    .stones = gomoku_stones,
    .set_up = gomoku_set_up,
    .outcome = gomoku_outcome,
    .hash = gomoku_hash,
    .encode = gomoku_encode,
    .permute = symmetry_permute,
    .symmetry_inverse = symmetry_inverse,
    .print = gomoku_print,
    .action_text = gomoku_action_text,
    .action_parse = gomoku_action_parse,
    .playout_move = gomoku_playout_move,
};
