// The state of Go, and what the files of Go use of each other. Only game/ and its tests include
// this; everybody else uses game/game.h.
//
// Points are numbered on a padded board, so that all four neighbours always exist: there is a
// border row above and one below, and one border column that serves the end of a row and the start
// of the next. point = (y + 1) * (width + 1) + x + 1.
#ifndef GAME_GO_H
#define GAME_GO_H

#include "game/game.h"
#include "game/go_rules.h"

// Colours. Those of stones are also bits, and a stone's player is its colour less 1.
enum { GO_EMPTY = 0, GO_BLACK = 1, GO_WHITE = 2, GO_BORDER = 3 };
enum { GO_MAX_POINTS = (GAME_MAX_SIDE + 2) * (GAME_MAX_SIDE + 1) + 1, GO_NO_MOVE = 0xffff };

// The first four fields belong to the point. The others belong to a chain and are kept at its head.
struct go_point {
    uint8_t color;
    // The bit of a colour is set when a stone of that colour has been removed from here. The bits
    // from GO_STOOD_SHIFT on are the colour of the stone that stood here when the clean-up began.
    uint8_t lost;
    uint16_t head, next; // the stones of a chain form a ring through `next`; all have the same head
    uint16_t libs;       // pseudo-liberties: an empty point counts once for each stone next to it
    uint32_t sum;        // of the numbers of those points
    uint32_t squares;    // of the squares of those numbers
};
enum { GO_STOOD_SHIFT = 2 };

struct go_state {
    uint64_t key; // of the stones alone
    // A set of the last ten bits of the keys in the history, because most questions about the
    // history can be answered by this set alone.
    uint64_t seen[16];
    uint16_t ply;
    uint16_t num_history;     // how many positions the ko rule knows
    uint8_t to_move;          // the player
    uint8_t passes;           // in a row, at most 2
    uint16_t last[3];         // the last actions, the latest first; GO_NO_MOVE: there was none
    uint16_t captures[2];     // by player: stones that it has captured
    uint16_t stones[2];       // by player: its stones on the board
    uint8_t is_cleanup;       // it is the clean-up of territory scoring (go_score.c)
    uint8_t is_void;          // a cycle under simple ko has ended the game without result
    int16_t prisoners;        // Black's captures less White's when the clean-up began
    struct go_point points[]; // [go_num_points], followed by uint64_t history[max_plies + 1]
};

static inline int go_stride(const struct game *g) { return g->width + 1; }
static inline int go_num_points(const struct game *g) { return (g->height + 2) * (g->width + 1) + 1; }
static inline int go_point_at(const struct game *g, int y, int x) { return (y + 1) * (g->width + 1) + x + 1; }
static inline int go_point_of(const struct game *g, int action) { return go_point_at(g, action / g->width, action % g->width); }
static inline int go_pass(const struct game *g) { return g->height * g->width; }
static inline uint64_t *go_history(const struct game *g, const struct go_state *s) {
    return (uint64_t *)(uintptr_t)(s->points + go_num_points(g));
}
// The Zobrist key of a stone. That of a position is the exclusive or of its stones' [Zobrist 1970].
static inline uint64_t go_stone_key(int color, int point) { return rng_mix((uint64_t)point << 2 | (unsigned)color); }
static inline bool go_is_over(const struct game *g, const struct go_state *s) {
    return s->passes >= 2 || s->ply >= g->max_plies || s->is_void;
}
static inline bool go_has_territory(const struct game *g) { return g->rule[GO_SCORING] == GO_TERRITORY; }
// The ko rule at present. With simple ko the clean-up has positional superko, because a cycle,
// which ends a game without result, would save the loser.
static inline int go_ko_now(const struct game *g, const struct go_state *s) {
    return g->rule[GO_KO] == GO_KO_SIMPLE && s->is_cleanup ? GO_KO_POSITIONAL : g->rule[GO_KO];
}
static inline int go_prisoners(const struct go_state *s) {
    return s->is_cleanup ? s->prisoners : s->captures[0] - s->captures[1];
}

// The default komi (go.c).
double go_fair_komi(int height, int width, bool territory);

// go_board.c
void go_start(const struct game *g, void *state);
void go_play(const struct game *g, void *state, int action);
enum status go_set_up(const struct game *g, void *state, const int8_t *stones, int to_move);
int go_legal(const struct game *g, const void *state, uint16_t *actions);
int go_playout_move(const struct game *g, const void *state, struct rng *rng);

// Plays a whole random game (go_playout.c). Afterwards the state is over. The colours of its
// points, `ply`, `stones` and what follows from them (outcome, score, owners) are right; its
// chains, keys and history are not. go_playout_moves returns the number of plies and writes them to
// actions [max_plies], which may be NULL.
void go_playout(const struct game *g, void *state, struct rng *rng);
int go_playout_moves(const struct game *g, void *state, struct rng *rng, uint16_t *actions);

// Whether a chain, which must have liberties, has only one. That one may count several times as a
// pseudo-liberty; by the inequality of Cauchy and Schwarz n * squares = sum^2 iff all are equal.
static inline bool go_in_atari(const struct go_point *head) {
    return (uint64_t)head->libs * head->squares == (uint64_t)head->sum * head->sum;
}
// Whether nothing but the ko rule forbids the mover to play at an empty point.
bool go_ko_forbids(const struct game *g, const struct go_state *s, int point);
// Whether a legal action of the mover would end the game by a cycle (simple ko only).
bool go_is_cycle(const struct game *g, const struct go_state *s, int action);
// The distinct liberties of the chain at `head`, counted up to `limit`, which is at most 4.
int go_liberties(const struct game *g, const struct go_state *s, int head, int limit);

// The three functions of go_benson.c write a colour, or 0, for every point; border points are 0.
// This one writes the colour whose pass-alive chain or territory the point belongs to.
void go_pass_alive(const struct game *g, const struct go_state *s, uint8_t marks[GO_MAX_POINTS]);
// Whether every point is pass-alive for a side. Then the marks are the final owners.
bool go_is_settled(const struct game *g, const struct go_state *s, uint8_t marks[GO_MAX_POINTS]);
// The present owners by area: stones, and empty regions that touch one colour only [Tromp &
// Taylor].
void go_area(const struct game *g, const struct go_state *s, uint8_t marks[GO_MAX_POINTS]);

// Black's margin with komi and the owners of the points by the game's rules (go_score.c). All
// stones on the board count, except for dead ones where the game is settled or in the clean-up.
double go_count(const struct game *g, const struct go_state *s, uint8_t owners[GO_MAX_POINTS]);

// What go_encode.c shows a net. The first planes and globals are those from before there were rule
// sets (num_first_planes in game/game.h).
enum {
    GO_NUM_PLANES = 16,
    GO_NUM_GLOBALS = 15,
    GO_NUM_FIRST_PLANES = 14,
    GO_NUM_FIRST_GLOBALS = 6,
};
void go_encode(const struct game *g, const void *state, int symmetry, float *planes, int row_points, int channels,
               float *globals);

#endif
