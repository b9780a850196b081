// Tic-tac-toe, which is so small that every position can be solved (game/solver.h), so that tests
// can compare with the truth.
//
// A state is two sets of nine bits, one for each action, row 0 at the top. The planes are 1 on the
// board, the mover's stones and the opponent's stones; the only global is the share of points that
// are taken.
#include "game/game_table.h"
#include "game/symmetry.h"

#include <stdio.h>
#include <string.h>

struct tictactoe_state {
    uint16_t stones[2]; // by player
    uint8_t ply, to_move;
};
enum { FULL = 0x1ff };

static enum status tictactoe_open(struct game *g, const struct game_options *o) {
    if ((o->height && o->height != 3) || (o->width && o->width != 3))
        return status_fail(STATUS_USAGE, "tictactoe: the board is 3x3, not %dx%d", o->height, o->width);
    if (o->komi != GAME_KOMI_DEFAULT && o->komi != 0)
        return status_fail(STATUS_USAGE, "tictactoe: there is no komi (%g given)", o->komi);
    if (o->rules && strcmp(o->rules, "standard"))
        return status_fail(STATUS_USAGE, "tictactoe: unknown rules '%s' (known: standard)", o->rules);
    if (o->max_plies < 0) return status_fail(STATUS_USAGE, "tictactoe: a limit of %d plies is below 0", o->max_plies);
    g->height = g->width = 3;
    g->rules = "standard";
    g->policy_planes = 1;
    g->num_actions = 9;
    g->num_planes = 3;
    g->num_globals = 1;
    g->num_symmetries = 8;
    g->max_plies = o->max_plies && o->max_plies < 9 ? o->max_plies : 9;
    g->state_bytes = sizeof(struct tictactoe_state);
    return STATUS_OK;
}

static void tictactoe_start(const struct game *g, void *state) { memset(state, 0, g->state_bytes); }
static int tictactoe_to_move(const struct game *g, const void *state) {
    return ((const struct tictactoe_state *)state)->to_move;
}
static int tictactoe_ply(const struct game *g, const void *state) { return ((const struct tictactoe_state *)state)->ply; }

static bool has_line(unsigned stones) {
    static const uint16_t lines[8] = {0007, 0070, 0700, 0111, 0222, 0444, 0421, 0124};
    for (int i = 0; i < 8; i++)
        if ((stones & lines[i]) == lines[i]) return true;
    return false;
}

static enum outcome tictactoe_outcome(const struct game *g, const void *state) {
    const struct tictactoe_state *s = state;
    if (has_line(s->stones[0])) return OUTCOME_FIRST;
    if (has_line(s->stones[1])) return OUTCOME_SECOND;
    return s->ply >= g->max_plies ? OUTCOME_DRAW : OUTCOME_NONE;
}

static int tictactoe_legal(const struct game *g, const void *state, uint16_t *actions) {
    const struct tictactoe_state *s = state;
    if (tictactoe_outcome(g, state) != OUTCOME_NONE) return 0;
    int n = 0;
    for (int a = 0; a < 9; a++)
        if (!((s->stones[0] | s->stones[1]) >> a & 1)) actions[n++] = (uint16_t)a;
    return n;
}

static void tictactoe_play(const struct game *g, void *state, int action) {
    struct tictactoe_state *s = state;
    s->stones[s->to_move] |= (uint16_t)(1 << action);
    s->to_move ^= 1;
    s->ply++;
}

static void tictactoe_stones(const struct game *g, const void *state, int8_t *stones) {
    const struct tictactoe_state *s = state;
    for (int a = 0; a < 9; a++) stones[a] = (int8_t)((s->stones[0] >> a & 1) - (s->stones[1] >> a & 1));
}

static enum status tictactoe_set_up(const struct game *g, void *state, const int8_t *stones, int to_move) {
    struct tictactoe_state *s = state;
    TRY(game_check_turns(g, stones, to_move));
    memset(s, 0, sizeof *s);
    for (int a = 0; a < 9; a++)
        if (stones[a]) s->stones[stones[a] < 0] |= (uint16_t)(1 << a);
    s->to_move = (uint8_t)to_move;
    s->ply = (uint8_t)__builtin_popcount(s->stones[0] | s->stones[1]);
    // The side that has moved last may have won, the other one may not.
    if (has_line(s->stones[to_move])) return status_fail(STATUS_USAGE, "tictactoe: the side to move has three in a row");
    return STATUS_OK;
}

static uint64_t tictactoe_hash(const struct game *g, const void *state) {
    const struct tictactoe_state *s = state;
    return rng_mix((uint64_t)s->stones[0] | (uint64_t)s->stones[1] << 9 | (uint64_t)(s->ply >= g->max_plies) << 18);
}

static void tictactoe_encode(const struct game *g, const void *state, int symmetry, float *planes, int row_points, int channels,
                             float *globals) {
    const struct tictactoe_state *s = state;
    for (int a = 0; a < 9; a++) {
        const int to = symmetry_permute(g, symmetry, a);
        float *out = planes + (size_t)(to / 3 * row_points + to % 3) * (size_t)channels;
        out[0] = 1;
        out[1] = s->stones[s->to_move] >> a & 1;
        out[2] = s->stones[!s->to_move] >> a & 1;
    }
    globals[0] = (float)s->ply / 9;
}

static void tictactoe_print(const struct game *g, const void *state, char *out, size_t out_bytes) {
    const struct tictactoe_state *s = state;
    char text[64];
    int n = 0;
    for (int a = 0; a < 9; a++) {
        if (a % 3 == 0) n += snprintf(text + n, sizeof text - (size_t)n, "%d", 3 - a / 3);
        n += snprintf(text + n, sizeof text - (size_t)n, " %c%s",
                      s->stones[0] >> a & 1   ? 'X'
                      : s->stones[1] >> a & 1 ? 'O'
                                              : '.',
                      a % 3 == 2 ? "\n" : "");
    }
    snprintf(out, out_bytes, "%s  a b c\n%s to play\n", text, s->to_move ? "O" : "X");
}

static void tictactoe_action_text(const struct game *g, int action, char out[GAME_TEXT_BYTES]) {
    snprintf(out, GAME_TEXT_BYTES, "%c%c", 'a' + action % 3, '3' - action / 3);
}

static int tictactoe_action_parse(const struct game *g, const char *text) {
    const int x = text[0] ? (text[0] | 32) - 'a' : -1;
    if (x < 0 || x > 2 || text[1] < '1' || text[1] > '3' || text[2]) return GAME_NO_ACTION;
    return ('3' - text[1]) * 3 + x;
}

const struct game_type tictactoe_type = {
    .name = "tictactoe",
    .title = "Tic-tac-toe",
    .open = tictactoe_open,
    .start = tictactoe_start,
    .to_move = tictactoe_to_move,
    .ply = tictactoe_ply,
    .legal = tictactoe_legal,
    .play = tictactoe_play,
    .stones = tictactoe_stones,
    .set_up = tictactoe_set_up,
    .outcome = tictactoe_outcome,
    .hash = tictactoe_hash,
    .encode = tictactoe_encode,
    .permute = symmetry_permute,
    .symmetry_inverse = symmetry_inverse,
    .print = tictactoe_print,
    .action_text = tictactoe_action_text,
    .action_parse = tictactoe_action_parse,
};
