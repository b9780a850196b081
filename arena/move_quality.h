// How good a player's moves are by the exact solver's word. No opponent takes part, so there is no
// luck of the other side in it.
//
// Positions come from uniformly random play to a ply drawn uniformly between two bounds. Where the
// game is over by then, or the position was there before, another is drawn. The player chooses one
// move in each, and the solver says whether the move kept what could be had:
//
//   worse result   a win became a draw or a loss, or a draw became a loss. Such moves cost points.
//   worse score    the solver's score fell: a later win, a sooner loss, fewer discs. In a game
//                  without such a score (Hex) it means the same as a worse result.
#ifndef ARENA_MOVE_QUALITY_H
#define ARENA_MOVE_QUALITY_H

#include "arena/player.h"

#include <stdint.h>

struct move_quality {
    int positions, min_plies, max_plies;
    // Numbers of moves.
    int worse_result, worse_score;
    // Positions that had more than one legal move.
    int choices;
    // Seconds spent on all positions.
    double player_seconds, solver_seconds;
};

struct move_quality_params {
    const struct game *game;
    int positions, min_plies, max_plies;
    uint64_t seed; // of the positions and of the player
    const volatile bool *stop;
    const struct clock *clock;
    // Called after every few positions; may be NULL.
    void (*on_progress)(void *context, const struct move_quality *so_far);
    // Called for each move with a worse result, with the moves that lead to its position; may be
    // NULL.
    void (*on_worse_result)(void *context, const uint16_t *actions, int num_actions, int action);
    void *context;
};
// The result is a pure function of the parameters and the player. It works on one thread and judges
// positions in batches. STATUS_UNSUPPORTED: the solver can't answer for this game. STATUS_USAGE:
// random play does not lead to so many positions. STATUS_CANCELLED: stopped, and *out holds the
// positions that were done.
enum status move_quality_measure(const struct move_quality_params *params, const struct player *player,
                                 struct move_quality *out);

#endif
