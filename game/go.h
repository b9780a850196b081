// Inside game/: the Go state and what its files give each other. Others use game/game.h; its solver reads the history here.
//
// Points are numbered on a padded board so that all four neighbours always exist: one border row above and below, one
// border column shared by the end of a row and the start of the next. point = (y + 1) * (width + 1) + x + 1.
#ifndef GAME_GO_H
#define GAME_GO_H

#include "game/game.h"
#include "game/go_rules.h"

enum { GO_EMPTY = 0, GO_BLACK = 1, GO_WHITE = 2, GO_BORDER = 3 }; // a stone's colour is also its bit; player = colour - 1
enum { GO_MAX_POINTS = (GAME_MAX_SIDE + 2) * (GAME_MAX_SIDE + 1) + 1, GO_NO_MOVE = 0xffff };
enum { GO_STOOD_SHIFT = 2 }; // lost >> GO_STOOD_SHIFT: the stone that stood here when the clean-up began

// The first four fields belong to the point; libs, sum and squares to a chain, kept at its head.
struct go_point {
    uint8_t color;
    uint8_t lost;        // bit of a colour: a stone of that colour has gone from here before; and GO_STOOD_SHIFT
    uint16_t head, next; // stones of a chain form a ring; its head names it
    uint16_t libs;       // pseudo-liberties: an empty point counts once for each stone that it touches
    uint32_t sum;        // of the numbers of those points
    uint32_t squares;    // of the squares of those numbers
};

struct go_state {
    uint64_t key;      // of the stones alone
    uint64_t seen[16]; // bit of each key in history, by its last ten bits: most questions about history end here
    uint16_t ply;
    uint16_t num_history;     // positions of which the ko rule asks
    uint8_t to_move;          // player
    uint8_t passes;           // in a row, at most 2
    uint16_t last[3];         // actions, latest first; GO_NO_MOVE
    uint16_t captures[2];     // by player: stones it has captured
    uint16_t stones[2];       // by player: on the board
    uint8_t is_cleanup;       // territory scoring: two passes have been made, and now it is shown who lives
    uint8_t is_void;          // a cycle under simple ko: over, no result
    int16_t prisoners;        // Black's captures less White's when the clean-up began
    struct go_point points[]; // [go_num_points]; then uint64_t history[max_plies + 1]
};

static inline int go_stride(const struct game *g) { return g->width + 1; }
static inline int go_num_points(const struct game *g) { return (g->height + 2) * (g->width + 1) + 1; }
static inline int go_point_at(const struct game *g, int y, int x) { return (y + 1) * (g->width + 1) + x + 1; }
static inline int go_point_of(const struct game *g, int action) { return go_point_at(g, action / g->width, action % g->width); }
static inline int go_pass(const struct game *g) { return g->height * g->width; }
static inline uint64_t *go_history(const struct game *g, const struct go_state *s) {
    return (uint64_t *)(uintptr_t)(s->points + go_num_points(g));
}
// Zobrist key of a stone; the key of a position is the exclusive or of its stones' [Zobrist 1970].
static inline uint64_t go_stone_key(int color, int point) { return rng_mix((uint64_t)point << 2 | (unsigned)color); }
static inline bool go_is_over(const struct game *g, const struct go_state *s) {
    return s->passes >= 2 || s->ply >= g->max_plies || s->is_void;
}
static inline bool go_has_territory(const struct game *g) { return g->rule[GO_SCORING] == GO_TERRITORY; }
// Under simple ko the clean-up has positional superko: a cycle there would let the loser out.
static inline int go_ko_now(const struct game *g, const struct go_state *s) {
    return g->rule[GO_KO] == GO_KO_SIMPLE && s->is_cleanup ? GO_KO_POSITIONAL : g->rule[GO_KO];
}
static inline int go_prisoners(const struct go_state *s) {
    return s->is_cleanup ? s->prisoners : s->captures[0] - s->captures[1];
}

// go.c: the default komi.
double go_fair_komi(int height, int width, bool territory);

// go_board.c
void go_start(const struct game *g, void *state);
void go_play(const struct game *g, void *state, int action);
int go_legal(const struct game *g, const void *state, uint16_t *actions);
int go_playout_move(const struct game *g, const void *state, struct rng *rng);

// go_playout.c: a whole random game. Afterwards the state is over, and its points' colours, ply, stones and all that is derived
// from them (outcome, score, owners) hold; chains, keys and history do not. go_playout_moves returns the number of plies and, unless
// NULL, tells them: actions[max_plies].
void go_playout(const struct game *g, void *state, struct rng *rng);
int go_playout_moves(const struct game *g, void *state, struct rng *rng, uint16_t *actions);

// The chain's only liberty is one point, however often it counts. head: of a chain with liberties.
static inline bool go_in_atari(const struct go_point *head) {
    return (uint64_t)head->libs * head->squares ==
           (uint64_t)head->sum * head->sum; // Cauchy-Schwarz, equality iff all are equal
}
// The mover may not play here only because of the ko rule: the position would come again. point: empty.
bool go_ko_forbids(const struct game *g, const struct go_state *s, int point);
// The mover's legal action would end the game by a cycle (simple ko).
bool go_is_cycle(const struct game *g, const struct go_state *s, int action);
// Distinct liberties of the chain at `head`, counted up to `limit` (at most 4).
int go_liberties(const struct game *g, const struct go_state *s, int head, int limit);

// go_benson.c: marks[point] = bit of the colour whose pass-alive chain or territory it is, else 0. Border points are 0.
void go_pass_alive(const struct game *g, const struct go_state *s, uint8_t marks[GO_MAX_POINTS]);
// Every point is pass-alive for a side: then marks are the final owners.
bool go_is_settled(const struct game *g, const struct go_state *s, uint8_t marks[GO_MAX_POINTS]);
// Owners as the rules count them now: stones, and empty regions that touch one colour only [Tromp & Taylor].
void go_area(const struct game *g, const struct go_state *s, uint8_t marks[GO_MAX_POINTS]);

// go_score.c: owners of the points by the game's rules as the board stands (dead stones off where the game is settled, or in the clean-up),
// and Black's margin with komi.
double go_count(const struct game *g, const struct go_state *s, uint8_t owners[GO_MAX_POINTS]);

// go_encode.c
enum {
    GO_NUM_PLANES = 16,
    GO_NUM_GLOBALS = 15,
    GO_NUM_FIRST_PLANES = 14,
    GO_NUM_FIRST_GLOBALS = 6
}; // first: before there were rule sets
void go_encode(const struct game *g, const void *state, int symmetry, float *planes, int row_points, int channels,
               float *globals);

#endif
