// The rules of a board game as pure functions on plain values: the first of the three interfaces
// whose implementation is chosen at run time.
//
// A `struct game` is a const description of one game at one size under one set of rules. A state is
// a plain value of `state_bytes` bytes with no pointers: copy it with memcpy, hold it in arrays,
// write it to a file. Nothing here allocates after game_open, and every function may be called from
// any thread.
//
// Two players, called first (Black, 'b') and second (White, 'w'), move in turn; the rules of a game
// may make a side move twice in a row.
//
// Actions are numbered as the policy head of a net has them: policy_planes planes of height x width
// points, row 0 at the top of the board, with action = (plane * height + y) * width + x, and then
// num_global_actions actions that have no point (Go's pass, the swap of Hex).
#ifndef GAME_GAME_H
#define GAME_GAME_H

#include "base/rng.h"
#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

enum {
    GAME_MAX_SIDE = 19,
    // Enough for chess, which has 73 planes of 8 x 8, and few enough for arrays on the stack and
    // for the 16 bits of an action in a record.
    GAME_MAX_ACTIONS = 8192,
    GAME_NO_ACTION = -1,
    GAME_TEXT_BYTES = 16,
    GAME_RULES_BYTES = 64
};

// What happens after two passes in a row when a program that speaks GTP takes part in the game.
// Such programs pass while dead stones are still on the board, and say which ones they hold for
// dead (game_type.agreed).
enum agreement {
    // Nothing: the rules alone say how a game ends.
    AGREEMENT_NONE,
    // The rules have ended the game. It is scored again without the stones that a program calls
    // dead.
    AGREEMENT_SCORE,
    // The game ends here and is scored without the dead stones, although by the rules the players
    // would go on and show on the board which stones live.
    AGREEMENT_END,
};

enum outcome { OUTCOME_NONE = 0, OUTCOME_FIRST, OUTCOME_SECOND, OUTCOME_DRAW };

struct game_options {
    int height, width; // 0: the game's default
    double komi;       // points for the second player; GAME_KOMI_DEFAULT: what is fair at this size
    const char *rules; // NULL: the game's default
    // A game of this length is over and is scored as it stands. 0: the game's default, which is
    // longer than any sensible game.
    int max_plies;
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
    // How many planes and globals the game had in its first version; 0: as many as now. Later ones
    // were appended, so that an older net fits when zeros are added to its weights.
    int num_first_planes, num_first_globals;
    // 8 on square boards of games that are symmetric in every way, 4 on oblong ones, 1 without any.
    int num_symmetries;
    int max_plies; // no game is longer
    // Self-play ends a game at this length: at max_plies, or earlier where games that lead nowhere
    // would go on far longer than sensible ones.
    int long_plies;
    int max_legal; // no position has more legal moves
    // The action that hands over the turn and changes nothing on the board, or GAME_NO_ACTION.
    int pass_action;
    // How many lines along the edge random openings avoid, because a first move there is wasted.
    int opening_margin;
    enum agreement agreement;
    // The agreement also says which stones are in seki, because the score of those differs from
    // that of living ones.
    bool agrees_on_seki;
    // Stones of both sides may be played from the start in any order, with passes between them.
    bool can_set_up;
    bool has_score;     // the outcome is the sign of a score
    bool has_komi;      // the score includes komi, and games of any komi may be played
    bool has_ownership; // at the end each point belongs to a side or to nobody
    size_t state_bytes;
    double table[8]; // constants that the game derives for itself
    uint8_t rule[8]; // the parts of its rules, as the game numbers them
};

// The verbs of a game: one row of the table in game/game_table.h. A verb that takes a state must be
// given one of the same `struct game`.
struct game_type {
    const char *name, *title;
    // Programs play it over GTP on square boards, and action_text writes GTP's vertices.
    bool has_gtp;
    // Published perft counts of the game (Othello's) count a finished game again at every greater
    // depth.
    bool perft_keeps_finished;
    // Checks the options and fills `game`.
    enum status (*open)(struct game *game, const struct game_options *options);
    void (*start)(const struct game *, void *state);
    int (*to_move)(const struct game *, const void *state); // 0 first, 1 second
    int (*ply)(const struct game *, const void *state);     // moves made since start
    // Writes the legal actions, ascending, and returns their number, which is 0 iff the game is
    // over.
    int (*legal)(const struct game *, const void *state, uint16_t *actions);
    void (*play)(const struct game *, void *state, int action); // `action` must be legal
    // What stands on the board. stones: [height, width], +1 first, -1 second, 0 neither.
    void (*stones)(const struct game *, const void *state, int8_t *stones);
    // NULL, or makes the state of a position that is set up: these stones [height, width] with
    // `to_move` (0 or 1) to move. Nothing came before it: there are no last moves and no captures,
    // and a rule against repetition knows this position alone. ply is the least number of moves
    // after which a position with so many stones can occur, 0 in Go. Where no play by the rules
    // could lead to such stones it says why and fails with STATUS_USAGE, and the state means
    // nothing then.
    enum status (*set_up)(const struct game *, void *state, const int8_t *stones, int to_move);
    // OUTCOME_NONE while the game goes on.
    enum outcome (*outcome)(const struct game *, const void *state);
    // NULL, or the outcome when no play can change it any more although the game goes on; then
    // score and ownership are final too. Self-play and matches stop there; the rules do not.
    enum outcome (*settled)(const struct game *, const void *state);
    // The first player's margin with komi as the board stands. NULL unless has_score.
    double (*score)(const struct game *, const void *state);
    // owner: [height, width], +1 first, -1 second, 0 neither. NULL unless has_ownership.
    void (*ownership)(const struct game *, const void *state, int8_t *owner);
    // The first player's margin after these moves from the start, once both sides agree about the
    // stones. status: [height, width] of enum area_status (game/area.h). NULL where agreement is
    // AGREEMENT_NONE.
    double (*agreed)(const struct game *, const uint16_t *actions, int num_actions, const uint8_t *status);
    // A key of everything that an evaluation of this state may depend on: states with equal keys
    // have equal encode(), equal legal moves and equal futures.
    uint64_t (*hash)(const struct game *, const void *state);
    // Writes the mover's view under a symmetry. planes: channel c of point (y, x) goes to
    // [(y * row_points + x) * channels + c]. Only the game's own planes at points of the board are
    // written; the caller has zeroed the rest. globals: [num_globals].
    void (*encode)(const struct game *, const void *state, int symmetry, float *planes, int row_points, int channels,
                   float *globals);
    // Where a symmetry takes an action.
    int (*permute)(const struct game *, int symmetry, int action);
    int (*symmetry_inverse)(const struct game *, int symmetry);
    // For games whose encode() turns the board so that every mover plays in the same direction (Hex
    // transposes it for the second player, Breakthrough puts the mover's own side at the bottom):
    // where this mover sees an action, before any symmetry. NULL: encode() doesn't turn the board.
    int (*orient)(const struct game *, int mover, int action);
    // Writes the board for people, in several lines.
    void (*print)(const struct game *, const void *state, char *out, size_t out_bytes);
    void (*action_text)(const struct game *, int action, char out[GAME_TEXT_BYTES]);
    // The action with this text, legal or not; GAME_NO_ACTION when the text is none. Several
    // actions may share a text if at most one of them is ever legal (Connect Four: the points of a
    // column); game_find_action tells them apart by the state.
    int (*action_parse)(const struct game *, const char *text);
    // NULL, or how many stones each side has captured.
    void (*captures)(const struct game *, const void *state, int counts[2]);
    // A move of a random playout, of a state that is not over. A game has this when it can draw one
    // quickly, or when uniformly random play would not come to an end (in Go a playout must not
    // fill its own eyes). NULL: uniform over the legal moves.
    int (*playout_move)(const struct game *, const void *state, struct rng *rng);
    // NULL, or takes a state to a finished one whose outcome is distributed as if random moves had
    // been played to the end. How it came about is not told: Hex fills the board at once, so that
    // ply is that of a full board.
    void (*playout)(const struct game *, void *state, struct rng *rng);
    const struct solver_type *solver; // NULL: the generic one, if any (game/solver.h)
};

// Fills `game`, or says why the name or the options are refused. The options may be NULL.
enum status game_open(struct game *game, const char *name, const struct game_options *options);
// The row of that name, whatever the case of its letters; NULL where there is none.
const struct game_type *game_find(const char *name);
int game_count(void); // rows of the table
const struct game_type *game_at(int index);

static inline void game_start(const struct game *g, void *s) { g->type->start(g, s); }
static inline int game_to_move(const struct game *g, const void *s) { return g->type->to_move(g, s); }
static inline int game_ply(const struct game *g, const void *s) { return g->type->ply(g, s); }
static inline int game_legal(const struct game *g, const void *s, uint16_t *actions) { return g->type->legal(g, s, actions); }
static inline void game_play(const struct game *g, void *s, int action) { g->type->play(g, s, action); }
static inline void game_stones(const struct game *g, const void *s, int8_t *stones) { g->type->stones(g, s, stones); }
static inline enum outcome game_outcome(const struct game *g, const void *s) { return g->type->outcome(g, s); }
static inline double game_score(const struct game *g, const void *s) { return g->type->score(g, s); }
static inline uint64_t game_hash(const struct game *g, const void *s) { return g->type->hash(g, s); }
static inline int game_permute(const struct game *g, int k, int action) { return g->type->permute(g, k, action); }
// Where `mover`, who is to move, sees `action` on the encoded board under symmetry k.
static inline int game_seen(const struct game *g, int mover, int k, int action) {
    return g->type->permute(g, k, g->type->orient ? g->type->orient(g, mover, action) : action);
}
// The outcome where it is certain, because the game is over or settled; else OUTCOME_NONE.
static inline enum outcome game_certain(const struct game *g, const void *s) {
    const enum outcome outcome = g->type->outcome(g, s);
    return outcome != OUTCOME_NONE || !g->type->settled ? outcome : g->type->settled(g, s);
}
// +1 when `player` (0 or 1) has won, -1 when it has lost, 0 for a draw or a game that goes on.
static inline int outcome_for(enum outcome outcome, int player) {
    return outcome == OUTCOME_FIRST ? 1 - 2 * player : outcome == OUTCOME_SECOND ? 2 * player - 1 : 0;
}

// Sets a position up (game_type.set_up). STATUS_UNSUPPORTED: the game can't.
enum status game_set_up(const struct game *game, void *state, const int8_t *stones, int to_move);
// How many stones each side has.
void game_count_stones(const struct game *game, const int8_t *stones, int counts[2]);
// Fails with STATUS_USAGE unless the sides' stones differ as they do where the sides move in turn,
// the first one first, and no stone ever leaves the board.
enum status game_check_turns(const struct game *game, const int8_t *stones, int to_move);

// Whether `action` is legal. It looks through the list of legal moves, which is slow.
bool game_is_legal(const struct game *game, const void *state, int action);
// The legal action with this text; where none is legal, any action with it; GAME_NO_ACTION when the
// text is no action. This is slow, too.
int game_find_action(const struct game *game, const void *state, const char *text);

#endif
