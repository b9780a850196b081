// Hex: on a rhombus of hexagons whose rows move half a point to the right as they go down, the
// first player (X) connects top and bottom, the second (O) left and right. The neighbours of (y, x)
// are (y, x-1) (y, x+1) (y-1, x) (y-1, x+1) (y+1, x-1) (y+1, x). Rows are numbered from the top, so
// that a1 is the acute corner at the top left. There are no draws [Nash; Gale 1979].
//
// Under the rules `swap` the second player may answer the first move by taking it over: the stone
// is removed, and a stone of the second player appears at its mirror image in the long diagonal
// (row and column exchanged), which is the same position for that side. Then the first player
// moves.
//
// To know who has won, each stone carries two marks: that it is linked to the one of its player's
// sides, and to the other. A new stone takes the marks of its neighbours and of the sides that it
// touches, and passes them on to its chain. Who has a stone with both marks has won. A stone gets
// each mark once, so that this takes constant time for a move on average.
//
// The net sees the board from the mover's side: for the second player rows and columns change
// places (orient), so that every mover connects top and bottom. Half a turn is the only symmetry of
// that view.
//
// Invariants:
// 1. The stones of the two players are disjoint and on the board.
// 2. The marks follow from the stones.
// 3. `winner` is set iff a stone has both marks.
#include "game/hex.h"
#include "game/game_table.h"
#include "game/notation.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static enum status hex_open(struct game *g, const struct game_options *o) {
    const int height = o->height ? o->height : o->width ? o->width : 11, width = o->width ? o->width : height;
    if (height != width)
        return status_fail(STATUS_USAGE, "hex: the board is a rhombus with equal sides, not %dx%d", height, width);
    if (height < HEX_MIN_SIDE || height > HEX_MAX_SIDE)
        return status_fail(STATUS_USAGE, "hex: size %d is outside %d..%d", height, HEX_MIN_SIDE, HEX_MAX_SIDE);
    if (o->komi != GAME_KOMI_DEFAULT && o->komi != 0)
        return status_fail(STATUS_USAGE, "hex: there is no komi (%g given)", o->komi);
    const bool swap = o->rules && !strcmp(o->rules, "swap");
    if (o->rules && !swap && strcmp(o->rules, "standard"))
        return status_fail(STATUS_USAGE, "hex: unknown rules '%s' (known: standard, swap)", o->rules);
    if (o->max_plies < 0) return status_fail(STATUS_USAGE, "hex: a limit of %d plies is below 0", o->max_plies);
    const int longest = height * width + swap;
    g->height = height;
    g->width = width;
    g->rules = swap ? "swap" : "standard";
    g->policy_planes = 1;
    g->num_global_actions = swap;
    g->num_actions = height * width + swap;
    g->num_planes = HEX_NUM_PLANES;
    g->num_globals = HEX_NUM_GLOBALS;
    g->num_symmetries = 2;
    g->max_plies = o->max_plies && o->max_plies < longest ? o->max_plies : longest;
    const size_t bytes = offsetof(struct hex_state, rows) + sizeof(uint32_t) * 6 * (size_t)height;
    g->state_bytes = (bytes + 7) / 8 * 8;
    return STATUS_OK;
}

static void hex_start(const struct game *g, void *state) { memset(state, 0, g->state_bytes); }
static int hex_to_move(const struct game *g, const void *state) { return ((const struct hex_state *)state)->to_move; }
static int hex_ply(const struct game *g, const void *state) { return ((const struct hex_state *)state)->ply; }

// A game can be a draw only where a limit of fewer plies than the board has points was asked for.
static enum outcome hex_outcome(const struct game *g, const void *state) {
    const struct hex_state *s = state;
    if (s->winner) return s->winner == 1 ? OUTCOME_FIRST : OUTCOME_SECOND;
    return s->ply >= g->max_plies ? OUTCOME_DRAW : OUTCOME_NONE;
}

static int hex_legal(const struct game *g, const void *state, uint16_t *actions) {
    const struct hex_state *s = state;
    if (hex_outcome(g, s) != OUTCOME_NONE) return 0;
    const int size = g->height;
    int n = 0;
    for (int y = 0; y < size; y++)
        for (uint32_t empty = ~(s->rows[y] | s->rows[size + y]) & ((1u << size) - 1); empty; empty &= empty - 1)
            actions[n++] = (uint16_t)(y * size + __builtin_ctz(empty));
    if (hex_may_swap(g, s)) actions[n++] = (uint16_t)(size * size);
    return n;
}

static uint64_t stone_key(int player, int point) { return rng_mix(0x4865780000u + (unsigned)(2 * point + player)); }

// The neighbours of (y, x) that are in `set`, as the bits of rows y - 1 to y + 1.
static void neighbours(const uint32_t *set, int size, int y, int x, uint32_t out[3]) {
    const uint32_t at = 1u << x;
    out[0] = y > 0 ? set[y - 1] & (at | at << 1) : 0;
    out[1] = set[y] & (at << 1 | at >> 1);
    out[2] = y + 1 < size ? set[y + 1] & (at | at >> 1) : 0;
}

// Marks (y, x) and the stones that are connected with it.
static void mark_chain(const uint32_t *stones, uint32_t *marks, int size, int y, int x) {
    uint16_t stack[HEX_MAX_SIDE * HEX_MAX_SIDE];
    int depth = 0;
    marks[y] |= 1u << x;
    stack[depth++] = (uint16_t)(y * 32 + x);
    while (depth) {
        const int p = stack[--depth];
        uint32_t next[3];
        neighbours(stones, size, p / 32, p % 32, next);
        for (int i = 0; i < 3; i++) {
            const int row = p / 32 + i - 1;
            if (!next[i]) continue;
            next[i] &= ~marks[row];
            marks[row] |= next[i];
            for (uint32_t left = next[i]; left; left &= left - 1) stack[depth++] = (uint16_t)(row * 32 + __builtin_ctz(left));
        }
    }
}

static void place(const struct game *g, struct hex_state *s, int player, int y, int x) {
    const int size = g->height, along = player ? x : y;
    uint32_t *stones = s->rows + player * size;
    bool linked[2];
    stones[y] |= 1u << x;
    s->key ^= stone_key(player, y * size + x);
    for (int side = 0; side < 2; side++) {
        uint32_t *marks = s->rows + (2 + 2 * side + player) * size, near[3];
        neighbours(marks, size, y, x, near);
        linked[side] = along == (side ? size - 1 : 0) || near[0] || near[1] || near[2];
        if (linked[side]) mark_chain(stones, marks, size, y, x);
    }
    if (linked[0] && linked[1]) s->winner = (uint8_t)(1 + player);
}

// Draws points, or the swap, until one is legal. Games end long before the board is so full that
// this takes many draws.
static int hex_playout_move(const struct game *g, const void *state, struct rng *rng) {
    const struct hex_state *s = state;
    const int size = g->height;
    const uint32_t choices = (uint32_t)(size * size + hex_may_swap(g, s));
    for (;;) {
        const int action = (int)rng_below(rng, choices), y = action / size;
        if (action == size * size || !((s->rows[y] | s->rows[size + y]) >> action % size & 1)) return action;
    }
}

static void hex_play(const struct game *g, void *state, int action) {
    struct hex_state *s = state;
    const int size = g->height;
    if (action == size * size) { // the swap
        int y = 0;
        while (!s->rows[y]) y++;
        const int x = __builtin_ctz(s->rows[y]);
        memset(s->rows, 0, sizeof(uint32_t) * 6 * (size_t)size);
        s->key = 0;
        place(g, s, 1, x, y);
    } else {
        place(g, s, s->to_move, action / size, action % size);
    }
    s->to_move ^= 1;
    s->ply++;
}

static void hex_board(const struct game *g, const void *state, int8_t *stones) {
    const uint32_t *first = hex_stones(g, state, 0), *second = hex_stones(g, state, 1);
    for (int y = 0; y < g->height; y++)
        for (int x = 0; x < g->width; x++) *stones++ = (int8_t)((int)(first[y] >> x & 1) - (int)(second[y] >> x & 1));
}

// Where the sides have moved in turn, ply tells whether there was a swap. For any other number of
// stones, such as a handicap of stones, it is that of a swap too, so that nobody may swap.
static enum status hex_set_up(const struct game *g, void *state, const int8_t *stones, int to_move) {
    struct hex_state *s = state;
    int counts[2];
    game_count_stones(g, stones, counts);
    const int num_stones = counts[0] + counts[1];
    const bool in_turn = counts[0] == counts[1] + to_move;
    if (g->num_global_actions && !num_stones && to_move)
        return status_fail(STATUS_USAGE, "hex: with the rule of swapping, the first player begins");
    hex_start(g, s);
    s->to_move = (uint8_t)to_move;
    s->ply = (uint16_t)(num_stones + (g->num_global_actions && !in_turn));
    for (int a = 0; a < g->height * g->width; a++)
        if (stones[a]) place(g, s, stones[a] < 0, a / g->width, a % g->width);
    if (s->winner == 1 + to_move) return status_fail(STATUS_USAGE, "hex: the side to move has connected its sides");
    return STATUS_OK;
}

// Everything follows from the stones and the mover: after a swap ply is one more than the number of
// stones, but then the mover is another one.
static uint64_t hex_hash(const struct game *g, const void *state) {
    const struct hex_state *s = state;
    return rng_mix(s->key ^ (uint64_t)(g->height * 8 + (s->ply >= g->max_plies) * 4 + g->num_global_actions * 2 + s->to_move));
}

static int hex_permute(const struct game *g, int symmetry, int action) {
    const int area = g->height * g->width;
    return symmetry && action < area ? area - 1 - action : action;
}
static int hex_symmetry_inverse(const struct game *g, int symmetry) { return symmetry; }
static int hex_orient(const struct game *g, int mover, int action) {
    const int size = g->height;
    return mover && action < size * size ? action % size * size + action / size : action;
}

// Planes: 0 is 1 on the board, 1 the mover's stones, 2 the opponent's, 3 the mover's stones that
// are linked to one of its sides, 4 the opponent's that are linked to one of theirs.
// Globals: 0 the share of points that are taken, 1 the mover may swap, 2 the opponent may swap
// next.
static void hex_encode(const struct game *g, const void *state, int symmetry, float *planes, int row_points, int channels,
                       float *globals) {
    const struct hex_state *s = state;
    const int size = g->height, me = s->to_move, other = !me;
    int taken = 0;
    for (int p = 0; p < size * size; p++) {
        const int to = hex_permute(g, symmetry, hex_orient(g, me, p)), y = p / size, x = p % size;
        float *out = planes + (size_t)(to / size * row_points + to % size) * (size_t)channels;
        const uint32_t *row = s->rows + y;
        out[0] = 1;
        out[1] = row[me * size] >> x & 1;
        out[2] = row[other * size] >> x & 1;
        out[3] = (row[(2 + me) * size] | row[(4 + me) * size]) >> x & 1;
        out[4] = (row[(2 + other) * size] | row[(4 + other) * size]) >> x & 1;
        taken += out[1] + out[2] > 0;
    }
    globals[0] = (float)taken / (float)(size * size);
    globals[1] = hex_may_swap(g, s);
    globals[2] = g->num_global_actions && !s->ply;
}

// Whether stones connect the top and the bottom row. Sweeps down and up collect the stones that are
// connected with the top until nothing is new.
static bool top_reaches_bottom(const uint32_t *stones, int size) {
    uint32_t reach[HEX_MAX_SIDE] = {stones[0]};
    for (bool changed = true; changed;) {
        changed = false;
        for (int i = 1; i < 2 * size - 1; i++) { // down to the bottom and up again
            const int y = i < size ? i : 2 * size - 2 - i;
            const uint32_t from = i < size ? reach[y - 1] | reach[y - 1] >> 1 : reach[y + 1] | reach[y + 1] << 1;
            uint32_t row = reach[y] | (from & stones[y]);
            if (row == reach[y]) continue;
            // The carry of an addition runs along the stones that follow a bit at the higher end.
            row |= (stones[y] ^ (stones[y] + row)) & stones[y];
            for (uint32_t more; (more = row | (row >> 1 & stones[y])) != row;) row = more;
            changed |= row != reach[y];
            reach[y] = row;
        }
        if (reach[size - 1]) return true;
    }
    return false;
}

// Fills the board at once. If a game is played on to the last point, its winner stays the one that
// it had when it was decided. And after uniformly random moves the mover's new stones are a
// uniformly random half (rounded up) of the points that were empty. Such a half is made by a fair
// coin for each point, after which points drawn at random change sides until the number is right.
static void hex_playout(const struct game *g, void *state, struct rng *rng) {
    struct hex_state *s = state;
    const int size = g->height, area = size * size;
    uint16_t actions[HEX_MAX_SIDE * HEX_MAX_SIDE + 1];
    // Games that can still swap or can end by a limit are played move by move.
    while (hex_outcome(g, s) == OUTCOME_NONE &&
           (hex_may_swap(g, s) || (g->num_global_actions && !s->ply) || g->max_plies < area + g->num_global_actions))
        hex_play(g, s, actions[rng_below(rng, (uint32_t)hex_legal(g, s, actions))]);
    if (hex_outcome(g, s) != OUTCOME_NONE) return;
    uint32_t empty[HEX_MAX_SIDE], *mine = s->rows + s->to_move * size, *first = s->rows, *second = s->rows + size;
    uint64_t bits = 0;
    int num_empty = 0, excess = 0; // excess: how many new stones the mover has too many
    for (int y = 0, left = 0; y < size; y++, left -= size) {
        if (left < size) {
            bits = rng_u64(rng);
            left = 64;
        }
        empty[y] = ~(first[y] | second[y]) & ((1u << size) - 1);
        const uint32_t take = empty[y] & (uint32_t)bits;
        bits >>= size;
        num_empty += __builtin_popcount(empty[y]);
        excess += __builtin_popcount(take);
        mine[y] |= take;
    }
    excess -= (num_empty + 1) / 2;
    while (excess) {
        const int p = (int)rng_below(rng, (uint32_t)area), y = p / size;
        const uint32_t at = 1u << p % size;
        if (!(empty[y] & at) || !(mine[y] & at) != (excess < 0)) continue;
        mine[y] ^= at;
        excess += excess < 0 ? 1 : -1;
    }
    uint32_t *theirs = s->rows + !s->to_move * size;
    for (int y = 0; y < size; y++) theirs[y] |= empty[y] & ~mine[y];
    s->winner = top_reaches_bottom(first, size) ? 1 : 2;
    s->to_move ^= num_empty & 1;
    s->ply = (uint16_t)(s->ply + num_empty);
}

static void hex_print(const struct game *g, const void *state, char *out, size_t out_bytes) {
    const struct hex_state *s = state;
    const int size = g->height;
    char text[2048];
    int n = 0;
#define ADD(...) n += snprintf(text + n, sizeof text - (size_t)n, __VA_ARGS__)
    ADD("  ");
    for (int x = 0; x < size; x++) ADD(" %c", 'a' + x);
    ADD("\n");
    for (int y = 0; y < size; y++) {
        ADD("%*s%2d", y, "", y + 1);
        for (int x = 0; x < size; x++) ADD(" %c", s->rows[y] >> x & 1 ? 'X' : s->rows[size + y] >> x & 1 ? 'O' : '.');
        ADD("  %d\n", y + 1);
    }
    ADD("%*s", size + 2, "");
    for (int x = 0; x < size; x++) ADD(" %c", 'a' + x);
    ADD("\n%s to play, ply %d%s\n", s->to_move ? "Second (O, left-right)" : "First (X, top-bottom)", s->ply,
        hex_may_swap(g, s) ? ", may swap" : "");
#undef ADD
    snprintf(out, out_bytes, "%s", text);
}

static void hex_action_text(const struct game *g, int action, char out[GAME_TEXT_BYTES]) {
    const int size = g->height;
    if (action == size * size)
        snprintf(out, GAME_TEXT_BYTES, "swap");
    else
        snprintf(out, GAME_TEXT_BYTES, "%c%d", 'a' + action % size, action / size + 1);
}

static int hex_action_parse(const struct game *g, const char *text) {
    int x, number;
    if (g->num_global_actions && !strcasecmp(text, "swap")) return g->height * g->width;
    const int read = square_parse(text, g->height, g->width, &x, &number);
    return read && !text[read] ? (number - 1) * g->width + x : GAME_NO_ACTION;
}

const struct game_type hex_type = {
    .name = "hex",
    .title = "Hex",
    .open = hex_open,
    .start = hex_start,
    .to_move = hex_to_move,
    .ply = hex_ply,
    .legal = hex_legal,
    .play = hex_play,
    .stones = hex_board,
    .set_up = hex_set_up,
    .outcome = hex_outcome,
    .hash = hex_hash,
    .encode = hex_encode,
    .permute = hex_permute,
    .symmetry_inverse = hex_symmetry_inverse,
    .orient = hex_orient,
    .print = hex_print,
    .action_text = hex_action_text,
    .action_parse = hex_action_parse,
    .playout_move = hex_playout_move,
    .playout = hex_playout,
    .solver = &hex_solver,
};
