// How good a player's moves are, by the exact solver's word: no opponent, no luck of the other side.
//
// Positions come from uniformly random play to a ply drawn uniformly between two bounds; games that are over by then and positions
// that were there before are drawn again. The player chooses one move in each, and the solver says
//
//   worse result   a win became a draw or a loss, or a draw a loss: what costs points
//   worse score    the solver's score fell: a later win, a sooner loss, fewer discs. Where a game has neither (Hex) both are one
#ifndef ARENA_MOVE_QUALITY_H
#define ARENA_MOVE_QUALITY_H

#include "arena/player.h"

#include <stdint.h>

struct move_quality {
    int positions, min_plies, max_plies;
    int worse_result, worse_score;         // moves
    int choices;                           // positions with more than one legal move
    double player_seconds, solver_seconds; // of all positions
};

struct move_quality_params {
    const struct game *game;
    int positions, min_plies, max_plies;
    uint64_t seed; // of positions and player
    const volatile bool *stop;
    const struct clock *clock;
    // After every few positions; may be NULL.
    void (*on_progress)(void *context, const struct move_quality *so_far);
    // For a move with a worse result, and the moves that lead to its position; may be NULL.
    void (*on_worse_result)(void *context, const uint16_t *actions, int num_actions, int action);
    void *context;
};
// The result is a pure function of the parameters and the player. One thread; positions are judged in batches. Says so where the solver
// can't answer (STATUS_UNSUPPORTED), and where random play doesn't lead to so many positions (STATUS_USAGE). STATUS_CANCELLED: stopped,
// *out holds the positions that were done.
enum status move_quality_measure(const struct move_quality_params *params, const struct player *player,
                                 struct move_quality *out);

#endif
