// Go: options, results, keys and notation. The board itself is in go_board.c, the rule sets are in
// go_rules.c, and counting is in go_score.c.
//
// Two passes end the game; under territory scoring they begin the clean-up, which two more passes
// end (go_score.c). A game of max_plies is over too.
//
// Score and ownership of a game that is over are those of the rules. For a game that goes on but is
// settled (every point is pass-alive for a side) they don't count the dead stones inside. For any
// other game they count the board as it stands.
#include "game/go.h"
#include "game/area.h"
#include "game/game_table.h"
#include "game/go_solver.h"
#include "game/symmetry.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The komi at which both sides have a chance, by the margin of best play on small squares. Up to
// 5x5 these are solved; at 5x5 Black gets all 25 points [van der Werf 2003], and komi is half a
// point less. Those of 6x6 and more are believed from strong play, and 7 is taken for other boards.
// Territory is area less stones, and Black has often played one stone more: one point less there
// (chosen, not measured).
double go_fair_komi(int height, int width, bool territory) {
    static const double square[] = {0, 0, 1, 9, 2, 24.5, 4, 9, 10};
    if (height == 1 || width == 1) return 0.5;
    return (height != width || height > 8 ? 7 : square[height]) - territory;
}

static enum status go_open(struct game *g, const struct game_options *o) {
    const int height = o->height ? o->height : o->width ? o->width : 9, width = o->width ? o->width : height;
    if (height < 1 || height > GAME_MAX_SIDE || width < 1 || width > GAME_MAX_SIDE)
        return status_fail(STATUS_USAGE, "go: size %dx%d is outside 1..%d", height, width, GAME_MAX_SIDE);
    const bool is_default = o->komi == GAME_KOMI_DEFAULT;
    if (!is_default && !(fabs(o->komi) <= 1000))
        return status_fail(STATUS_USAGE, "go: komi %g is outside -1000..1000", o->komi);
    if (o->max_plies < 0 || o->max_plies > 10000)
        return status_fail(STATUS_USAGE, "go: a limit of %d plies is outside 0..10000", o->max_plies);
    struct go_rules rules;
    TRY(go_rules_parse(&rules, o->rules ? o->rules : "chinese"));
    memcpy(g->rule, rules.part, sizeof rules.part);
    g->rules = go_rules_text(&rules);
    g->height = height;
    g->width = width;
    g->komi = is_default ? go_fair_komi(height, width, go_has_territory(g)) : o->komi;
    g->policy_planes = 1;
    g->num_global_actions = 1;
    g->num_actions = height * width + 1;
    g->num_planes = GO_NUM_PLANES;
    g->num_globals = GO_NUM_GLOBALS;
    g->num_first_planes = GO_NUM_FIRST_PLANES;
    g->num_first_globals = GO_NUM_FIRST_GLOBALS;
    g->num_symmetries = height == width ? 8 : 4;
    // On four points no game is longer than this, since 2x2 has only 57 legal positions. On nine
    // points no line of the solver is. Else it is longer than any sensible game: a random one of
    // 9x9 takes 111 plies on average.
    const int points = height * width, longest = points <= 4 ? 128 : points <= 9 ? 512 : 4 * points + 32;
    g->max_plies = o->max_plies ? o->max_plies : longest;
    g->long_plies = (int)(2.5 * points) + 1; // almost twice a random game of 9x9 (not tuned)
    g->pass_action = go_pass(g);
    g->opening_margin = height >= 5 && width >= 5;
    g->agreement = go_has_territory(g) ? AGREEMENT_END : AGREEMENT_SCORE;
    g->agrees_on_seki = g->rule[GO_TAX] == GO_TAX_SEKI;
    g->can_set_up = true;
    g->has_score = g->has_komi = g->has_ownership = true;
    g->state_bytes = sizeof(struct go_state) + sizeof(struct go_point) * (size_t)go_num_points(g) +
                     sizeof(uint64_t) * (size_t)(g->max_plies + 1);
    return STATUS_OK;
}

static int go_to_move(const struct game *g, const void *state) { return ((const struct go_state *)state)->to_move; }
static int go_ply(const struct game *g, const void *state) { return ((const struct go_state *)state)->ply; }

static enum outcome outcome_of(double score) { return score > 0 ? OUTCOME_FIRST : score < 0 ? OUTCOME_SECOND : OUTCOME_DRAW; }

static double go_score(const struct game *g, const void *state) {
    uint8_t owners[GO_MAX_POINTS];
    return go_count(g, state, owners);
}

static void go_ownership(const struct game *g, const void *state, int8_t *owner) {
    uint8_t owners[GO_MAX_POINTS];
    go_count(g, state, owners);
    for (int y = 0; y < g->height; y++)
        for (int x = 0; x < g->width; x++) {
            const int mark = owners[go_point_at(g, y, x)];
            *owner++ = (int8_t)(mark == GO_BLACK ? 1 : mark == GO_WHITE ? -1 : 0);
        }
}

static double go_agreed(const struct game *g, const uint16_t *actions, int num_actions, const uint8_t *status) {
    struct area_board board;
    area_start(&board, g->height, g->width);
    for (int i = 0; i < num_actions; i++) area_play(&board, i % 2 ? -1 : 1, actions[i]);
    return area_agreed(g, &board, status);
}

static enum outcome go_outcome(const struct game *g, const void *state) {
    // A game without result counts as a draw: its score is 0.
    return go_is_over(g, state) ? outcome_of(go_score(g, state)) : OUTCOME_NONE;
}

// Under territory scoring a stone in one's own territory costs a point until the clean-up begins,
// so that nothing is settled before.
static enum outcome go_settled(const struct game *g, const void *state) {
    const struct go_state *s = state;
    uint8_t marks[GO_MAX_POINTS];
    if (s->is_void || (go_has_territory(g) && !s->is_cleanup) || !go_is_settled(g, s, marks)) return OUTCOME_NONE;
    return outcome_of(go_score(g, state));
}

// Adds to a key what matters under rules other than the default: the parts of the rules, what
// territory scoring counts beside the board, and which moves end the game by a cycle.
static uint64_t hash_rules(const struct game *g, const struct go_state *s, uint64_t hash) {
    uint64_t parts = 0, more = (uint64_t)s->is_void;
    memcpy(&parts, g->rule, sizeof g->rule);
    if (!parts) return hash;
    if (go_has_territory(g)) {
        more |= (uint64_t)s->is_cleanup << 1 | (uint64_t)(uint16_t)go_prisoners(s) << 16;
        for (int p = 0; p < go_num_points(g) && s->is_cleanup; p++)
            if (s->points[p].lost >> GO_STOOD_SHIFT)
                more += rng_mix(go_stone_key(s->points[p].lost >> GO_STOOD_SHIFT, p)) & ~0xffffffffull;
    }
    for (int action = 0; g->rule[GO_KO] == GO_KO_SIMPLE && action <= go_pass(g); action++)
        if (go_is_cycle(g, s, action)) more ^= rng_mix((uint64_t)action ^ 0x6379636c65); // "cycle"
    return rng_mix(hash ^ rng_mix(parts ^ rng_mix(more)));
}

// The key covers the stones, the mover, the last moves (which encode shows), passes, the points
// that superko forbids, komi and size, and whether the game is over.
static uint64_t go_hash(const struct game *g, const void *state) {
    const struct go_state *s = state;
    uint64_t komi_bits, hash = s->key;
    const double komi = g->komi + 0.0; // turns -0 into +0, which means the same
    memcpy(&komi_bits, &komi, sizeof komi_bits);
    hash ^= rng_mix(komi_bits ^ (uint64_t)(g->height * 32 + g->width));
    hash = rng_mix(hash ^ ((uint64_t)s->last[0] | (uint64_t)s->last[1] << 16 | (uint64_t)s->last[2] << 32 |
                           (uint64_t)s->to_move << 48 | (uint64_t)s->passes << 49 | (uint64_t)go_is_over(g, s) << 51));
    hash = hash_rules(g, s, hash);
    const bool suicide = g->rule[GO_SUICIDE] == GO_SUICIDE_ALLOWED;
    // While the mover has not lost a stone, its moves can't lead to an earlier position.
    if (!s->captures[!s->to_move] && !suicide) return hash;
    const int me = s->to_move + 1;
    uint64_t forbidden = 0;
    for (int y = 0; y < g->height; y++)
        for (int x = 0; x < g->width; x++) {
            const int p = go_point_at(g, y, x);
            if (((s->points[p].lost & me) || suicide) && s->points[p].color == GO_EMPTY && go_ko_forbids(g, s, p))
                forbidden += go_stone_key(GO_BORDER, p);
        }
    return forbidden ? rng_mix(hash ^ forbidden) : hash;
}

static const char letters[] = "ABCDEFGHJKLMNOPQRST";

static void go_print(const struct game *g, const void *state, char *out, size_t out_bytes) {
    const struct go_state *s = state;
    char line[128];
    size_t used = 0;
    for (int y = -1; y < g->height + 2; y++) {
        int n = 0;
        if (y == g->height + 1) {
            n = snprintf(line, sizeof line, "%s to play, ply %d, captures: black %d, white %d\n",
                         s->to_move ? "White (O)" : "Black (X)", s->ply, s->captures[0], s->captures[1]);
        } else if (y < 0 || y == g->height) {
            n = snprintf(line, sizeof line, "  ");
            for (int x = 0; x < g->width; x++) n += snprintf(line + n, sizeof line - (size_t)n, " %c", letters[x]);
            n += snprintf(line + n, sizeof line - (size_t)n, "\n");
        } else {
            n = snprintf(line, sizeof line, "%2d", g->height - y);
            for (int x = 0; x < g->width; x++) {
                const bool latest = s->last[0] == y * g->width + x;
                n += snprintf(line + n, sizeof line - (size_t)n, "%c%c",
                              latest                                    ? '('
                              : x && s->last[0] == y * g->width + x - 1 ? ')'
                                                                        : ' ',
                              ".XO"[s->points[go_point_at(g, y, x)].color]);
            }
            n += snprintf(line + n, sizeof line - (size_t)n, "%s %d\n", s->last[0] == y * g->width + g->width - 1 ? ")" : "",
                          g->height - y);
        }
        used += (size_t)snprintf(out + used, out_bytes - used, "%s", line);
        if (used >= out_bytes) return; // snprintf has cut the text and terminated it
    }
}

static void go_action_text(const struct game *g, int action, char out[GAME_TEXT_BYTES]) {
    if (action == go_pass(g))
        snprintf(out, GAME_TEXT_BYTES, "pass");
    else
        snprintf(out, GAME_TEXT_BYTES, "%c%d", letters[action % g->width], (g->height - action / g->width) & 31);
}

static int go_action_parse(const struct game *g, const char *text) {
    if ((text[0] | 32) == 'p' && (text[1] | 32) == 'a' && (text[2] | 32) == 's' && (text[3] | 32) == 's' && !text[4])
        return go_pass(g);
    const char *letter = text[0] ? strchr(letters, toupper((unsigned char)text[0])) : NULL;
    if (!letter || !isdigit((unsigned char)text[1])) return GAME_NO_ACTION;
    char *end;
    const long row = strtol(text + 1, &end, 10);
    const int x = (int)(letter - letters);
    if (*end || end - text > 4 || row < 1 || row > g->height || x >= g->width) return GAME_NO_ACTION;
    return (g->height - (int)row) * g->width + x;
}

static void go_stones(const struct game *g, const void *state, int8_t *stones) {
    const struct go_state *s = state;
    for (int y = 0; y < g->height; y++)
        for (int x = 0; x < g->width; x++) {
            const int color = s->points[go_point_at(g, y, x)].color;
            *stones++ = (int8_t)(color == GO_BLACK ? 1 : color == GO_WHITE ? -1 : 0);
        }
}

static void go_captures(const struct game *g, const void *state, int counts[2]) {
    const struct go_state *s = state;
    for (int i = 0; i < 2; i++) counts[i] = s->captures[i];
}

const struct game_type go_type = {
    .name = "go",
    .title = "Go",
    .has_gtp = true,
    .open = go_open,
    .start = go_start,
    .to_move = go_to_move,
    .ply = go_ply,
    .legal = go_legal,
    .play = go_play,
    .stones = go_stones,
    .set_up = go_set_up,
    .outcome = go_outcome,
    .settled = go_settled,
    .score = go_score,
    .ownership = go_ownership,
    .agreed = go_agreed,
    .hash = go_hash,
    .encode = go_encode,
    .permute = symmetry_permute,
    .symmetry_inverse = symmetry_inverse,
    .print = go_print,
    .action_text = go_action_text,
    .action_parse = go_action_parse,
    .captures = go_captures,
    .playout_move = go_playout_move,
    .playout = go_playout,
    .solver = &go_solver,
};
