// Where a net's value errs: by how frequent a position is in self-play, and by the part of the game
// in which it stands. Nets learn frequent positions first, and where endings are the frequent ones,
// a larger net can be worse than a smaller one, because it neglects the beginnings [Neumann & Gros
// 2024]. Such inverse scaling shows here before it shows in Elo.
#ifndef EXAM_SCALE_VALUE_H
#define EXAM_SCALE_VALUE_H

#include "base/status.h"
#include "game/evaluator.h"
#include "run/record.h"

enum {
    SCALE_FREQUENCIES = 3,    // Seen once, twice to nine times, and more often.
    SCALE_THIRDS = 3,         // Of the game's plies.
    SCALE_VALUE_GAMES = 4000, // The most games that are looked at; chosen.
    SCALE_VALUE_EACH = 300,   // The most positions of each class; chosen.
};

// Positions with the mean result of the games that went through them.
struct scale_positions;
void scale_positions_new(struct scale_positions **out, const struct game *game);
void scale_positions_free(struct scale_positions *positions); // NULL is fine.
// Adds a game of self-play. One of another board, komi or rules is left out; false: so it was.
bool scale_positions_add(struct scale_positions *positions, const struct record *record);
// Draws the positions that are judged. Called once, after all games.
void scale_positions_choose(struct scale_positions *positions, uint64_t seed);

struct scale_value_error {
    int num;            // Positions of this class.
    double mean, error; // The mean square error of the value (-1 to 1), and its standard error.
};
// Judges the chosen positions with an evaluator of at least 32 positions at once.
void scale_positions_judge(const struct scale_positions *positions, struct evaluator *evaluator,
                           struct scale_value_error out[SCALE_FREQUENCIES][SCALE_THIRDS]);

#endif
