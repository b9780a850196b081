// Othello on 4x4, 6x6 and 8x8. A disc must be placed so that rows of the other's discs lie between
// it and the mover's own; these turn over. A side that can't place a disc passes. When neither can,
// the game is over and the discs are counted; empty points count for nobody.
//
// A side that can't place has exactly one legal move, "pass", which is a ply. Two passes never
// follow each other, so that a game has at most twice as many plies as placements.
//
// Invariant: `moves` is always up to date with the discs, so that legal moves, the end of the game
// and a random move can be read from it.
//
//   plane 0 is 1 on the board
//         1 the mover's discs
//         2 the opponent's discs
//         3 where the mover may place
//         4 where the opponent could place if it were to move
//   global 0 the share of points that are taken
//          1 the number of empty points is odd
#include "game/othello.h"
#include "game/game_table.h"
#include "game/symmetry.h"

#include <stdio.h>
#include <string.h>

enum { NUM_PLANES = 5, DEFAULT_SIZE = 8 };

static enum status othello_open(struct game *g, const struct game_options *o) {
    const int size = o->height ? o->height : DEFAULT_SIZE, width = o->width ? o->width : size;
    if ((size != 4 && size != 6 && size != 8) || width != size)
        return status_fail(STATUS_USAGE, "othello: the board is 4x4, 6x6 or 8x8, not %dx%d", size, width);
    if (o->komi != GAME_KOMI_DEFAULT && o->komi != 0)
        return status_fail(STATUS_USAGE, "othello: there is no komi (%g given)", o->komi);
    if (o->rules && strcmp(o->rules, "standard"))
        return status_fail(STATUS_USAGE, "othello: unknown rules '%s' (known: standard)", o->rules);
    if (o->max_plies < 0) return status_fail(STATUS_USAGE, "othello: a limit of %d plies is below 0", o->max_plies);
    const int bound = 2 * (size * size - 4);
    g->height = g->width = size;
    g->rules = "standard";
    g->policy_planes = 1;
    g->num_global_actions = 1;
    g->num_actions = size * size + 1;
    g->pass_action = size * size;
    g->num_planes = NUM_PLANES;
    g->num_globals = 2;
    g->num_symmetries = 8;
    g->max_plies = o->max_plies && o->max_plies < bound ? o->max_plies : bound;
    g->has_score = g->has_ownership = true;
    g->state_bytes = sizeof(struct othello_state);
    return STATUS_OK;
}

static inline int bit_of(const struct game *g, int action) { return action / g->width * 8 + action % g->width; }
static inline int action_of(const struct game *g, int bit) { return (bit >> 3) * g->width + (bit & 7); }

static void othello_start(const struct game *g, void *state) {
    struct othello_state *s = state;
    const int corner = (g->height / 2 - 1) * 9; // the first of the four points in the middle
    memset(s, 0, sizeof *s);
    s->discs[1] = 1ull << corner | 1ull << (corner + 9);
    s->discs[0] = 1ull << (corner + 1) | 1ull << (corner + 8);
    s->moves = othello_moves(s->discs[0], s->discs[1], othello_board(g->width));
}

static int othello_to_move(const struct game *g, const void *state) { return ((const struct othello_state *)state)->to_move; }
static int othello_ply(const struct game *g, const void *state) { return ((const struct othello_state *)state)->ply; }

static int margin(const struct othello_state *s) {
    return __builtin_popcountll(s->discs[0]) - __builtin_popcountll(s->discs[1]);
}

static enum outcome othello_outcome(const struct game *g, const void *state) {
    const struct othello_state *s = state;
    if (!s->is_over) return OUTCOME_NONE;
    const int won = margin(s);
    return won > 0 ? OUTCOME_FIRST : won < 0 ? OUTCOME_SECOND : OUTCOME_DRAW;
}

static double othello_score(const struct game *g, const void *state) { return margin(state); }

static void othello_ownership(const struct game *g, const void *state, int8_t *owner) {
    const struct othello_state *s = state;
    for (int a = 0; a < g->width * g->height; a++) {
        const int bit = bit_of(g, a);
        owner[a] = (int8_t)((int)(s->discs[0] >> bit & 1) - (int)(s->discs[1] >> bit & 1));
    }
}

static int othello_legal(const struct game *g, const void *state, uint16_t *actions) {
    const struct othello_state *s = state;
    int n = 0;
    if (s->is_over) return 0;
    for (uint64_t left = s->moves; left; left &= left - 1) actions[n++] = (uint16_t)action_of(g, __builtin_ctzll(left));
    if (!n) actions[n++] = (uint16_t)(g->width * g->height);
    return n;
}

static void othello_play(const struct game *g, void *state, int action) {
    struct othello_state *s = state;
    const int me = s->to_move;
    uint64_t mine = s->discs[me], other = s->discs[!me];
    const uint64_t board = othello_board(g->width);
    if (action < g->width * g->height) {
        const uint64_t place = 1ull << bit_of(g, action), turned = othello_turned(mine, other, place);
        s->discs[me] = mine |= turned | place;
        s->discs[!me] = other &= ~turned;
    }
    s->to_move = (uint8_t)!me;
    s->ply++;
    s->moves = othello_moves(other, mine, board);
    s->is_over = (uint8_t)(s->ply >= g->max_plies || (!s->moves && !othello_moves(mine, other, board)));
}

// The four points in the middle, which hold discs from the start on.
static uint64_t middle(const struct game *g) { return 0x303ull << (g->height / 2 - 1) * 9; }

// How many plies were passes can't be seen, so that none is taken for one.
static enum status othello_set_up(const struct game *g, void *state, const int8_t *stones, int to_move) {
    struct othello_state *s = state;
    const uint64_t board = othello_board(g->width);
    memset(s, 0, sizeof *s);
    for (int a = 0; a < g->width * g->height; a++)
        if (stones[a]) s->discs[stones[a] < 0] |= 1ull << bit_of(g, a);
    if (middle(g) & ~(s->discs[0] | s->discs[1]))
        return status_fail(STATUS_USAGE, "othello: the four points in the middle must hold discs");
    s->to_move = (uint8_t)to_move;
    s->ply = (uint8_t)(__builtin_popcountll(s->discs[0] | s->discs[1]) - 4);
    s->moves = othello_moves(s->discs[to_move], s->discs[!to_move], board);
    s->is_over =
        (uint8_t)(s->ply >= g->max_plies || (!s->moves && !othello_moves(s->discs[!to_move], s->discs[to_move], board)));
    return STATUS_OK;
}

// The k-th lowest of the moves, for a random k.
static int othello_playout_move(const struct game *g, const void *state, struct rng *rng) {
    const struct othello_state *s = state;
    if (!s->moves) return g->width * g->height;
    uint64_t left = s->moves;
    for (uint32_t k = rng_below(rng, (uint32_t)__builtin_popcountll(left)); k > 0; k--) left &= left - 1;
    return action_of(g, __builtin_ctzll(left));
}

// The number of plies doesn't follow from the discs, because passes count. It matters only where a
// limit can end the game early.
static uint64_t othello_hash(const struct game *g, const void *state) {
    const struct othello_state *s = state;
    const uint64_t plies = g->max_plies < 2 * (g->width * g->width - 4) ? s->ply + 1u : 0;
    return rng_mix(s->discs[0] ^ rng_mix(s->discs[1] ^ rng_mix(plies << 2 | (uint64_t)s->is_over << 1 | s->to_move)));
}

static void othello_encode(const struct game *g, const void *state, int symmetry, float *planes, int row_points, int channels,
                           float *globals) {
    const struct othello_state *s = state;
    const uint64_t mine = s->discs[s->to_move], other = s->discs[!s->to_move];
    const uint64_t moves = s->is_over ? 0 : s->moves, replies = othello_moves(other, mine, othello_board(g->width));
    for (int y = 0; y < g->height; y++)
        for (int x = 0; x < g->width; x++) {
            int to_y, to_x;
            const int bit = y * 8 + x;
            symmetry_point(g->height, g->width, symmetry, y, x, &to_y, &to_x);
            float *out = planes + ((size_t)to_y * (size_t)row_points + (size_t)to_x) * (size_t)channels;
            out[0] = 1;
            out[1] = (float)(mine >> bit & 1);
            out[2] = (float)(other >> bit & 1);
            out[3] = (float)(moves >> bit & 1);
            out[4] = (float)(replies >> bit & 1);
        }
    const int discs = __builtin_popcountll(mine | other);
    globals[0] = (float)discs / (float)(g->width * g->width);
    globals[1] = (float)(discs & 1); // boards have an even number of points
}

static void othello_print(const struct game *g, const void *state, char *out, size_t out_bytes) {
    const struct othello_state *s = state;
    char text[512];
    int n = 0;
    for (int a = 0; a < g->width * g->height; a++) {
        const int bit = bit_of(g, a);
        const char disc = s->discs[0] >> bit & 1 ? 'X' : s->discs[1] >> bit & 1 ? 'O' : '.';
        if (a % g->width == 0) n += snprintf(text + n, sizeof text - (size_t)n, "%d", a / g->width + 1);
        n += snprintf(text + n, sizeof text - (size_t)n, " %c%s", disc, a % g->width == g->width - 1 ? "\n" : "");
    }
    snprintf(out, out_bytes, "%s %.*s\n%s to play, discs %d:%d\n", text, 2 * g->width, " a b c d e f g h",
             s->to_move ? "O" : "X", __builtin_popcountll(s->discs[0]), __builtin_popcountll(s->discs[1]));
}

// Rows are numbered from the top, as books on Othello do.
static void othello_action_text(const struct game *g, int action, char out[GAME_TEXT_BYTES]) {
    if (action == g->width * g->height)
        snprintf(out, GAME_TEXT_BYTES, "pass");
    else
        snprintf(out, GAME_TEXT_BYTES, "%c%d", 'a' + action % g->width, action / g->width + 1);
}

static int othello_action_parse(const struct game *g, const char *text) {
    const int x = (text[0] | 32) - 'a', y = text[0] ? text[1] - '1' : -1;
    if ((text[0] | 32) == 'p') {
        for (int i = 0; i < 5; i++)
            if ((text[i] ? text[i] | 32 : 0) != "pass"[i]) return GAME_NO_ACTION;
        return g->width * g->height;
    }
    return x < 0 || x >= g->width || y < 0 || y >= g->height || text[2] ? GAME_NO_ACTION : y * g->width + x;
}

const struct game_type othello_type = {
    .name = "othello",
    .title = "Othello",
    .perft_keeps_finished = true,
    .open = othello_open,
    .start = othello_start,
    .to_move = othello_to_move,
    .ply = othello_ply,
    .legal = othello_legal,
    .play = othello_play,
    .stones = othello_ownership,
    .set_up = othello_set_up,
    .outcome = othello_outcome,
    .score = othello_score,
    .ownership = othello_ownership,
    .hash = othello_hash,
    .encode = othello_encode,
    .permute = symmetry_permute,
    .symmetry_inverse = symmetry_inverse,
    .print = othello_print,
    .action_text = othello_action_text,
    .action_parse = othello_action_parse,
    .playout_move = othello_playout_move,
    .solver = &othello_solver,
};
