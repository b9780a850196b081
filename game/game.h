// The rules of a board game as pure functions on plain values: the first of the three run-time seams.
//
// A `struct game` is a const description of one game at one size under one set of rules. A state is a plain value of
// `state_bytes` bytes with no pointers: copy it with memcpy, hold it in arrays, write it to a file. Nothing here
// allocates after game_open, and every function may be called from any thread.
//
// Two players, called first (Black, 'b') and second (White, 'w'), move in turn; a game may make a side move twice.
//
// Actions are numbered for the policy head: policy_planes planes of height x width points, row 0 at the top of the
// board, then num_global_actions actions without a point (Go's pass, the swap of Hex). action = (plane * height + y) * width + x.
#ifndef GAME_GAME_H
#define GAME_GAME_H

#include "base/rng.h"
#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

enum {
    GAME_MAX_SIDE = 19,
    GAME_MAX_ACTIONS = 8192, // chess has 73 planes of 8 x 8, 4,672; lists of so many lie on stacks, and records have 16 bits
    GAME_NO_ACTION = -1,
    GAME_TEXT_BYTES = 16,
    GAME_RULES_BYTES = 64
};

// What becomes of a game that two passes in a row have ended, where a program that speaks GTP has a part in it. Such programs pass
// with dead stones on the board and say which those are (game_type.agreed).
enum agreement {
    AGREEMENT_NONE,  // nothing: the rules alone say how a game ends
    AGREEMENT_SCORE, // the rules have ended it; stones that a program calls dead are off the board when it is scored again
    AGREEMENT_END,   // it ends here, without them, although the rules would have the players show on the board who lives
};

enum outcome { OUTCOME_NONE = 0, OUTCOME_FIRST, OUTCOME_SECOND, OUTCOME_DRAW };

struct game_options {
    int height, width; // 0: the game's default
    double komi;       // added to the second player's score; GAME_KOMI_DEFAULT: the game's fair value for this size
    const char *rules; // NULL: the game's default
    int max_plies;     // a game this long is over and scored as it stands; 0: the game's default, beyond any sensible game
};
#define GAME_KOMI_DEFAULT (-1e9)

struct game {
    const struct game_type *type;
    int height, width;
    double komi;
    const char *rules; // a string constant, shorter than GAME_RULES_BYTES
    int num_actions;   // policy_planes * height * width + num_global_actions
    int policy_planes, num_global_actions;
    int num_planes;  // of encode(): [height, width, num_planes]
    int num_globals; // of encode(): features without a point
    // Planes and globals that the game had first, 0: all. It appended the others since: older nets fit with zeros for their weights.
    int num_first_planes, num_first_globals;
    int num_symmetries; // 8 on square boards of symmetric games, 4 on oblong ones, 1 where the game has none
    int max_plies;      // true bound on the length of a game
    int long_plies; // self-play ends a game here: max_plies, or less where games that lead nowhere go on far longer than sensible ones
    int max_legal;      // true bound on the legal moves of a position
    int pass_action;    // gives the turn away and changes nothing on the board; GAME_NO_ACTION: there is none
    int opening_margin; // lines along the edge where a first move is a wasted one: random openings leave them out
    enum agreement agreement;
    bool agrees_on_seki; // ... and says which stones are in seki too: they are scored otherwise than living ones
    bool can_set_up;     // stones of either side can be played from the start in any order, with passes between them
    bool has_score;      // outcome is the sign of a score
    bool has_komi;       // the score takes komi: games of any komi may be played
    bool has_ownership;  // each point belongs to a side at the end
    size_t state_bytes;
    double table[8]; // the game's own derived constants
    uint8_t rule[8]; // ... and the parts of its rules, as it numbers them
};

// One row a game in game/game_table.h. Verbs that take a state must be given one of the same game.
struct game_type {
    const char *name, *title;
    bool has_gtp;              // programs play it over GTP on square boards, where a vertex is action_text's
    bool perft_keeps_finished; // published perft counts have a finished game once at every greater depth too (Othello's)
    enum status (*open)(struct game *game, const struct game_options *options); // checks options, fills `game`
    void (*start)(const struct game *, void *state);
    int (*to_move)(const struct game *, const void *state); // 0 first, 1 second
    int (*ply)(const struct game *, const void *state);     // moves made since start
    int (*legal)(const struct game *, const void *state,
                 uint16_t *actions);                                 // ascending, unique; returns their number; 0 iff over
    void (*play)(const struct game *, void *state, int action);      // `action` must be legal
    enum outcome (*outcome)(const struct game *, const void *state); // OUTCOME_NONE while it goes on
    // NULL, or: the outcome when it can no longer be changed by any play although the game goes on (then score and
    // ownership are final too). Self-play and matches stop there; rules do not.
    enum outcome (*settled)(const struct game *, const void *state);
    double (*score)(const struct game *,
                    const void *state); // first player's margin with komi, as the board stands; has_score only
    void (*ownership)(const struct game *, const void *state,
                      int8_t *owner); // [h, w]: +1 first, -1 second, 0 neither; has_ownership only
    // First player's margin after these moves from the start, once both sides agree about the stones: status [h, w] of enum area_status
    // (game/area.h). Where agreement is not AGREEMENT_NONE.
    double (*agreed)(const struct game *, const uint16_t *actions, int num_actions, const uint8_t *status);
    // Key of all that a judge of this state may depend on: equal keys, equal encode(), equal legal moves and equal future.
    uint64_t (*hash)(const struct game *, const void *state);
    // The mover's view under a symmetry. planes: point (y, x) channel c at [(y * row_points + x) * channels + c]; only the
    // game's own planes and board points are written, the caller has zeroed the rest. globals: [num_globals].
    void (*encode)(const struct game *, const void *state, int symmetry, float *planes, int row_points, int channels,
                   float *globals);
    int (*permute)(const struct game *, int symmetry, int action); // where a symmetry takes an action
    int (*symmetry_inverse)(const struct game *, int symmetry);
    // NULL, or: where encode(), which turns the board so that every mover plays the same way (Hex transposes it for the second
    // player, Breakthrough puts the mover's own side below), shows an action to this mover before any symmetry.
    int (*orient)(const struct game *, int mover, int action);
    void (*print)(const struct game *, const void *state, char *out, size_t out_bytes); // a board for people, several lines
    void (*action_text)(const struct game *, int action, char out[GAME_TEXT_BYTES]);
    // An action with this text; GAME_NO_ACTION when unreadable; legality not checked. Several actions may share a text if at most one of
    // them is ever legal (Connect Four: the points of a column): game_find_action reads with a state.
    int (*action_parse)(const struct game *, const char *text);
    void (*captures)(const struct game *, const void *state, int counts[2]); // NULL; stones each side has captured
    // NULL: uniform over the legal moves; or the move of a random playout that gets somewhere (Go: own eyes stay open). Not over.
    int (*playout_move)(const struct game *, const void *state, struct rng *rng);
    // NULL, or: takes a state to a finished one whose outcome is distributed as if uniformly random moves had been played to the end.
    // The path is not told: Hex fills the board at once, so that ply is that of a full board.
    void (*playout)(const struct game *, void *state, struct rng *rng);
    const struct solver_type *solver; // NULL: the generic one, if any (game/solver.h)
};

// Fills `game`. Says what is wrong with a name or options it can't serve.
enum status game_open(struct game *game, const char *name, const struct game_options *options);
const struct game_type *game_find(const char *name); // in the table, capitals or not; NULL: there is none
int game_count(void);                                // games in the table
const struct game_type *game_at(int index);

static inline void game_start(const struct game *g, void *s) { g->type->start(g, s); }
static inline int game_to_move(const struct game *g, const void *s) { return g->type->to_move(g, s); }
static inline int game_ply(const struct game *g, const void *s) { return g->type->ply(g, s); }
static inline int game_legal(const struct game *g, const void *s, uint16_t *actions) { return g->type->legal(g, s, actions); }
static inline void game_play(const struct game *g, void *s, int action) { g->type->play(g, s, action); }
static inline enum outcome game_outcome(const struct game *g, const void *s) { return g->type->outcome(g, s); }
static inline double game_score(const struct game *g, const void *s) { return g->type->score(g, s); }
static inline uint64_t game_hash(const struct game *g, const void *s) { return g->type->hash(g, s); }
static inline int game_permute(const struct game *g, int k, int action) { return g->type->permute(g, k, action); }
// Where the encoded board shows `action` to `mover` (who is to move there), looked at through symmetry k.
static inline int game_seen(const struct game *g, int mover, int k, int action) {
    return g->type->permute(g, k, g->type->orient ? g->type->orient(g, mover, action) : action);
}
// The outcome where it is certain: over, or settled.
static inline enum outcome game_certain(const struct game *g, const void *s) {
    const enum outcome outcome = g->type->outcome(g, s);
    return outcome != OUTCOME_NONE || !g->type->settled ? outcome : g->type->settled(g, s);
}
// +1 the side `player` (0 or 1) has won, -1 it has lost, 0 a draw or not over.
static inline int outcome_for(enum outcome outcome, int player) {
    return outcome == OUTCOME_FIRST ? 1 - 2 * player : outcome == OUTCOME_SECOND ? 2 * player - 1 : 0;
}

// True where `action` is legal (walks the legal list; not for hot loops).
bool game_is_legal(const struct game *game, const void *state, int action);
// The legal action with this text; else any action with it; GAME_NO_ACTION when unreadable. Not for hot loops.
int game_find_action(const struct game *game, const void *state, const char *text);

#endif
