// Breakthrough [Troyka 2000]. Each side has two rows of pieces. A piece moves one step ahead,
// straight or diagonally, onto an empty square, or diagonally onto an opponent's piece, which it
// captures. A side wins when it reaches the far row or has captured everything. There is always a
// legal move, because no piece of one's own stands in front of the foremost ones. The first player
// (X) starts at the bottom and moves up. Rows are numbered from the bottom; a move is written as
// its two squares: a2b3.
//
// A state is two sets of squares with bit y * width + x, row 0 at the top.
//
// An action is the square that a piece leaves, in the plane of its direction: 0 up-left, 1 up, 2
// up-right (first player), 3 down-left, 4 down, 5 down-right (second player). The net sees the
// board from the mover's side, whose pieces move up: for the second player the order of the rows is
// reversed and up and down change places (orient). So the mover's moves are always in planes 0 to
// 2, and the opponent's in 3 to 5.
#include "game/game_table.h"
#include "game/notation.h"

#include <stdio.h>
#include <string.h>

enum { MIN_SIDE = 4, MAX_SIDE = 8, DIRECTIONS = 3, NUM_PLANES = 3, NUM_GLOBALS = 2 };

struct breakthrough_state {
    uint64_t pieces[2];
    uint16_t ply;
    uint8_t winner; // 0 none, else 1 + player; the mover is the parity of ply
};

static enum status breakthrough_open(struct game *g, const struct game_options *o) {
    const int height = o->height ? o->height : o->width ? o->width : 8, width = o->width ? o->width : height;
    if (height < MIN_SIDE || height > MAX_SIDE || width < MIN_SIDE || width > MAX_SIDE)
        return status_fail(STATUS_USAGE, "breakthrough: size %dx%d is outside %d..%d", height, width, MIN_SIDE, MAX_SIDE);
    if (o->komi != GAME_KOMI_DEFAULT && o->komi != 0)
        return status_fail(STATUS_USAGE, "breakthrough: there is no komi (%g given)", o->komi);
    if (o->rules && strcmp(o->rules, "standard"))
        return status_fail(STATUS_USAGE, "breakthrough: unknown rules '%s' (known: standard)", o->rules);
    if (o->max_plies < 0) return status_fail(STATUS_USAGE, "breakthrough: a limit of %d plies is below 0", o->max_plies);
    g->height = height;
    g->width = width;
    g->rules = "standard";
    g->policy_planes = 2 * DIRECTIONS;
    g->num_actions = 2 * DIRECTIONS * height * width;
    g->max_legal = DIRECTIONS * 2 * width; // a side has at most two rows of pieces
    g->num_planes = NUM_PLANES;
    g->num_globals = NUM_GLOBALS;
    g->num_symmetries = 2;
    // Each move is a step ahead. In the longest game all pieces come to stand in the row before
    // their last one, for which half of them need height - 2 and half height - 3 steps; the next
    // move wins.
    const int longest = 2 * width * (2 * height - 5) + 1;
    g->max_plies = o->max_plies && o->max_plies < longest ? o->max_plies : longest;
    g->table[0] = o->max_plies && o->max_plies < longest;
    g->state_bytes = sizeof(struct breakthrough_state);
    return STATUS_OK;
}

static uint64_t squares_below(int n) { return n >= 64 ? ~0ull : (1ull << n) - 1; }
static uint64_t all_squares(const struct game *g) { return squares_below(g->height * g->width); }
static uint64_t column(const struct game *g, int x) { return all_squares(g) / squares_below(g->width) << x; }
static uint64_t far_row(const struct game *g, int player) {
    return player ? squares_below(g->width) << (g->height - 1) * g->width : squares_below(g->width);
}

static void breakthrough_start(const struct game *g, void *state) {
    struct breakthrough_state *s = state;
    memset(s, 0, sizeof *s);
    s->pieces[1] = squares_below(2 * g->width);
    s->pieces[0] = s->pieces[1] << (g->height - 2) * g->width;
}
static int breakthrough_to_move(const struct game *g, const void *state) {
    return ((const struct breakthrough_state *)state)->ply & 1;
}
static int breakthrough_ply(const struct game *g, const void *state) { return ((const struct breakthrough_state *)state)->ply; }

// A game can be a draw only where a limit of plies was asked for.
static enum outcome breakthrough_outcome(const struct game *g, const void *state) {
    const struct breakthrough_state *s = state;
    if (s->winner) return s->winner == 1 ? OUTCOME_FIRST : OUTCOME_SECOND;
    return s->ply >= g->max_plies ? OUTCOME_DRAW : OUTCOME_NONE;
}

// By how many bits the actions of a plane move a piece; down the board is positive.
static int step_of(const struct game *g, int plane) {
    return (plane < DIRECTIONS ? -g->width : g->width) + plane % DIRECTIONS - 1;
}

// The mover's pieces that can move, for each of its directions.
static void movable(const struct game *g, const struct breakthrough_state *s, uint64_t out[DIRECTIONS]) {
    const int player = s->ply & 1;
    const uint64_t mine = s->pieces[player], theirs = s->pieces[!player], inside = all_squares(g);
    for (int d = 0; d < DIRECTIONS; d++) {
        const int step = step_of(g, player * DIRECTIONS + d);
        const uint64_t open = inside & ~(d == 1 ? mine | theirs : mine);
        const uint64_t from = step > 0 ? open >> step : open << -step;
        out[d] = mine & from & ~(d == 0 ? column(g, 0) : d == 2 ? column(g, g->width - 1) : 0);
    }
}

static int breakthrough_legal(const struct game *g, const void *state, uint16_t *actions) {
    const struct breakthrough_state *s = state;
    if (breakthrough_outcome(g, s) != OUTCOME_NONE) return 0;
    uint64_t from[DIRECTIONS];
    int n = 0, first = (s->ply & 1) * DIRECTIONS * g->height * g->width;
    movable(g, s, from);
    for (int d = 0; d < DIRECTIONS; d++, first += g->height * g->width)
        for (; from[d]; from[d] &= from[d] - 1) actions[n++] = (uint16_t)(first + __builtin_ctzll(from[d]));
    return n;
}

static void breakthrough_play(const struct game *g, void *state, int action) {
    struct breakthrough_state *s = state;
    const int area = g->height * g->width, player = s->ply & 1, from = action % area, to = from + step_of(g, action / area);
    s->pieces[player] ^= 1ull << from | 1ull << to;
    s->pieces[!player] &= ~(1ull << to);
    s->ply++;
    if ((1ull << to & far_row(g, player)) || !s->pieces[!player]) s->winner = (uint8_t)(1 + player);
}

static void breakthrough_stones(const struct game *g, const void *state, int8_t *stones) {
    const struct breakthrough_state *s = state;
    for (int p = 0; p < g->height * g->width; p++)
        stones[p] = (int8_t)((int)(s->pieces[0] >> p & 1) - (int)(s->pieces[1] >> p & 1));
}

// ply is 0 or 1, by the mover. Even so no game from here is longer than max_plies, because only the
// first position has as many steps ahead of it as the longest game.
static enum status breakthrough_set_up(const struct game *g, void *state, const int8_t *stones, int to_move) {
    struct breakthrough_state *s = state, start;
    breakthrough_start(g, &start);
    memset(s, 0, sizeof *s);
    for (int p = 0; p < g->height * g->width; p++)
        if (stones[p]) s->pieces[stones[p] < 0] |= 1ull << p;
    s->ply = (uint16_t)to_move;
    for (int side = 0; side < 2; side++)
        if (__builtin_popcountll(s->pieces[side]) > 2 * g->width)
            return status_fail(STATUS_USAGE, "breakthrough: a side has more than %d pieces", 2 * g->width);
    if (to_move && s->pieces[0] == start.pieces[0] && s->pieces[1] == start.pieces[1])
        return status_fail(STATUS_USAGE, "breakthrough: the first player moves first");
    const bool won[2] = {(s->pieces[0] & far_row(g, 0)) || !s->pieces[1], (s->pieces[1] & far_row(g, 1)) || !s->pieces[0]};
    if (won[to_move]) return status_fail(STATUS_USAGE, "breakthrough: the side to move has won already");
    if (won[!to_move]) s->winner = (uint8_t)(1 + !to_move);
    return STATUS_OK;
}

// The number of plies doesn't follow from the pieces, since captured pieces made some of the moves.
// So where a limit of plies was asked for, the future depends on how many are left.
static uint64_t breakthrough_hash(const struct game *g, const void *state) {
    const struct breakthrough_state *s = state;
    const uint64_t rest = (uint64_t)(g->height * 16 + g->width) << 32 |
                          (uint64_t)(g->table[0] != 0 ? g->max_plies - s->ply : 0) << 1 | (s->ply & 1);
    return rng_mix(rng_mix(rng_mix(s->pieces[0]) ^ s->pieces[1]) ^ rest);
}

static int breakthrough_permute(const struct game *g, int symmetry, int action) {
    if (!symmetry) return action;
    const int area = g->height * g->width, plane = action / area, y = action % area / g->width, x = action % g->width;
    const int mirrored = plane - plane % DIRECTIONS + 2 - plane % DIRECTIONS;
    return mirrored * area + y * g->width + g->width - 1 - x;
}
static int breakthrough_symmetry_inverse(const struct game *g, int symmetry) { return symmetry; }
static int breakthrough_orient(const struct game *g, int mover, int action) {
    if (!mover) return action;
    const int area = g->height * g->width, plane = action / area, y = action % area / g->width, x = action % g->width;
    return (plane + DIRECTIONS) % (2 * DIRECTIONS) * area + (g->height - 1 - y) * g->width + x;
}

// Planes: 0 is 1 on the board, 1 the mover's pieces, 2 the opponent's. Globals: the share of its
// pieces that each side still has, the mover's first.
static void breakthrough_encode(const struct game *g, const void *state, int symmetry, float *planes, int row_points,
                                int channels, float *globals) {
    const struct breakthrough_state *s = state;
    const int player = s->ply & 1;
    int count[2] = {0, 0};
    for (int y = 0; y < g->height; y++)
        for (int x = 0; x < g->width; x++) {
            const int p = y * g->width + x, to_y = player ? g->height - 1 - y : y, to_x = symmetry ? g->width - 1 - x : x;
            float *out = planes + (size_t)(to_y * row_points + to_x) * (size_t)channels;
            const int mine = s->pieces[player] >> p & 1, theirs = s->pieces[!player] >> p & 1;
            out[0] = 1;
            out[1] = (float)mine;
            out[2] = (float)theirs;
            count[0] += mine;
            count[1] += theirs;
        }
    for (int i = 0; i < 2; i++) globals[i] = (float)count[i] / (float)(2 * g->width);
}

static void breakthrough_print(const struct game *g, const void *state, char *out, size_t out_bytes) {
    const struct breakthrough_state *s = state;
    char text[320];
    int n = 0;
#define ADD(...) n += snprintf(text + n, sizeof text - (size_t)n, __VA_ARGS__)
    for (int p = 0; p < g->height * g->width; p++) {
        if (p % g->width == 0) ADD("%d", g->height - p / g->width);
        ADD(" %c%s", s->pieces[0] >> p & 1 ? 'X' : s->pieces[1] >> p & 1 ? 'O' : '.', p % g->width == g->width - 1 ? "\n" : "");
    }
    ADD(" ");
    for (int x = 0; x < g->width; x++) ADD(" %c", 'a' + x);
    ADD("\n%s to play, ply %d\n", s->ply & 1 ? "Second (O, down)" : "First (X, up)", s->ply);
#undef ADD
    snprintf(out, out_bytes, "%s", text);
}

// Actions that would leave the board are never legal; their text has a `?` instead of a square.
static void breakthrough_action_text(const struct game *g, int action, char out[GAME_TEXT_BYTES]) {
    const int area = g->height * g->width, plane = action / area, y = action % area / g->width, x = action % g->width;
    const int to_y = y + (plane < DIRECTIONS ? -1 : 1), to_x = x + plane % DIRECTIONS - 1;
    const bool inside = to_y >= 0 && to_y < g->height && to_x >= 0 && to_x < g->width;
    snprintf(out, GAME_TEXT_BYTES, "%c%d%c%c", 'a' + x, g->height - y, inside ? 'a' + to_x : '?',
             inside ? '0' + g->height - to_y : '?');
}

static int breakthrough_action_parse(const struct game *g, const char *text) {
    int x, number, to_x, to_number;
    const int read = square_parse(text, g->height, g->width, &x, &number);
    const int rest = read ? square_parse(text + read, g->height, g->width, &to_x, &to_number) : 0;
    if (!rest || text[read + rest]) return GAME_NO_ACTION;
    const int up = to_number - number, right = to_x - x;
    if ((up != 1 && up != -1) || right < -1 || right > 1) return GAME_NO_ACTION;
    const int plane = (up > 0 ? 0 : DIRECTIONS) + right + 1;
    return (plane * g->height + g->height - number) * g->width + x;
}

static int breakthrough_playout_move(const struct game *g, const void *state, struct rng *rng) {
    const struct breakthrough_state *s = state;
    uint64_t from[DIRECTIONS];
    int count[DIRECTIONS], d = 0;
    movable(g, s, from);
    for (int i = 0; i < DIRECTIONS; i++) count[i] = __builtin_popcountll(from[i]);
    int k = (int)rng_below(rng, (uint32_t)(count[0] + count[1] + count[2]));
    while (k >= count[d]) k -= count[d++];
    while (k--) from[d] &= from[d] - 1;
    return ((s->ply & 1) * DIRECTIONS + d) * g->height * g->width + __builtin_ctzll(from[d]);
}

const struct game_type breakthrough_type = {
    .name = "breakthrough",
    .title = "Breakthrough",
    .open = breakthrough_open,
    .start = breakthrough_start,
    .to_move = breakthrough_to_move,
    .ply = breakthrough_ply,
    .legal = breakthrough_legal,
    .play = breakthrough_play,
    .stones = breakthrough_stones,
    .set_up = breakthrough_set_up,
    .outcome = breakthrough_outcome,
    .hash = breakthrough_hash,
    .encode = breakthrough_encode,
    .permute = breakthrough_permute,
    .symmetry_inverse = breakthrough_symmetry_inverse,
    .orient = breakthrough_orient,
    .print = breakthrough_print,
    .action_text = breakthrough_action_text,
    .action_parse = breakthrough_action_parse,
    .playout_move = breakthrough_playout_move,
};
