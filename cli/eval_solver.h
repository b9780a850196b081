// What the exact solver says beside a net: of one position, or of a player's moves in many. For cmd_eval.c.
#ifndef CLI_EVAL_SOLVER_H
#define CLI_EVAL_SOLVER_H

#include "cli/game_options.h"
#include "cli/json.h"

// The solver's answer to one position. Arrays are in the order of game_legal.
struct exact_answer {
    double value; // as solver_value
    int num_legal;
    uint16_t *legal;
    double *values;
};
// Says so where the position is out of the solver's reach (STATUS_UNSUPPORTED).
enum status exact_answer_init(struct exact_answer *answer, const struct game *game, const void *state);
void exact_answer_done(struct exact_answer *answer);
void exact_answer_print(const struct exact_answer *answer, const struct game *game);               // for people
void exact_answer_json(const struct exact_answer *answer, const struct game *game, cJSON *object); // adds "solver"

// The yardstick of move quality: `player` in `positions` random positions of `plies` ("8-20").
struct quality_settings {
    struct game_settings game;
    const char *player, *plies, *backend;
    int positions, visits;
    long long seed;
    bool list, json;
};
enum status quality_print(const struct quality_settings *settings);

#endif
