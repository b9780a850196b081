// What a search found, in the detail that analysis shows: each move of the root with its line, and
// who is expected to own which point. Nothing here changes the search, and none of it may be called
// while leaves wait for their judgements.
#ifndef MCTS_DETAIL_H
#define MCTS_DETAIL_H

#include "mcts/search.h"

// The root, for its side to move. Without visits all numbers but to_move and visits are NAN.
struct detail_root {
    int to_move; // 0 first player, 1 second
    long long visits;
    float wdl[3], utility, score;
    float score_deviation; // of the scores of all visits from their mean
    bool proven;           // wdl is certain
    // The judgement of the root alone, which is a mean over the symmetries where the search had one
    // (search_params.average_root).
    float raw_wdl[3], raw_utility, raw_score;
};
void detail_root(const struct search *search, struct detail_root *out);

// A move of the root, for the root's side to move. Without visits the means are NAN.
struct detail_move {
    uint16_t action;
    bool proven; // wdl and utility are certain
    int visits;
    float prior; // the evaluator's, without noise
    float wdl[3], utility, score, score_deviation;
    // The utility less params.lcb_deviations standard errors; the utility itself where it is proven.
    float lower_bound;
};
// Writes the moves that are searched, [game->num_actions] at most, in the order in which they would
// be preferred: first the one that search_choose takes at temperature 0, then the others, those
// with visits before those without, certain wins first and certain losses last, by visits, utility
// and prior. Returns their number, 0 before
// the root is judged.
int detail_moves(const struct search *search, struct detail_move *out);

// Writes the moves that are expected after a move of the root, that move first, and how many visits
// each has. Returns their number, at most max_actions. Below the first only visited moves follow.
int detail_line(const struct search *search, int action, uint16_t *actions, int *visits, int max_actions);

// The expected owner of each point as a mean over all visits below a move of the root, or below the
// root itself with GAME_NO_ACTION: +1 is certainly the first player's and -1 the second's, whoever
// moves. `deviation`, unless NULL, gets their standard deviation over the visits. Both are
// [height, width]. Returns false, and writes nothing, when nothing is known: the search keeps no
// ownership (search_keep_ownership), or nothing that was visited there has one.
bool detail_ownership(const struct search *search, int action, float *mean, float *deviation);

#endif
