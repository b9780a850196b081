// What the exact solver says about one position, or about a player's moves in many positions. For
// cmd_eval.c.
#ifndef CLI_EVAL_SOLVER_H
#define CLI_EVAL_SOLVER_H

#include "cli/game_options.h"
#include "cli/json.h"

// The solver's answer to one position. Arrays are in the order of game_legal.
struct exact_answer {
    double value;    // of the position, as from solver_value
    int num_legal;   // how many moves are legal
    uint16_t *legal; // the moves
    double *values;  // what each of them leads to, for the mover
};
// STATUS_UNSUPPORTED: the position is out of the solver's reach.
enum status exact_answer_init(struct exact_answer *answer, const struct game *game, const void *state);
void exact_answer_done(struct exact_answer *answer);
// Prints the answer for people, or adds it to a JSON object under "solver".
void exact_answer_print(const struct exact_answer *answer, const struct game *game);
void exact_answer_json(const struct exact_answer *answer, const struct game *game, cJSON *object);

// Measures and prints the quality of a player's moves (arena/move_quality.h) in `positions` random
// positions. `plies` is their range, such as "8-20"; NULL: what suits the game.
struct quality_settings {
    struct game_settings game;
    const char *player, *plies, *backend;
    int positions, visits;
    long long seed;
    bool list, json;
};
enum status quality_print(const struct quality_settings *settings);

#endif
