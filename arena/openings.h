// Openings of a match: short, random, varied, each used for both games of a pair.
#ifndef ARENA_OPENINGS_H
#define ARENA_OPENINGS_H

#include "game/game.h"

enum { OPENING_MAX_PLIES = 32 };

struct opening {
    int num_plies;
    uint16_t actions[OPENING_MAX_PLIES];
};

// A number of random plies that varies the games without deciding most of them: 2 on boards up to 9 wide, else 4.
int opening_default_plies(const struct game *game);
// Draws `count` openings, a pure function of the arguments. Plies are uniform over the legal moves without passes; in Go on
// boards from 5 up, without the first line (a stone there is a wasted move). Positions that are already certain are
// left out. No two openings are equal up to symmetry as long as the supply lasts; then they grow by a ply at a time.
// band > 0: the expectation of random play from the opening differs from that of the start by at most `band` (0..2).
enum status openings_draw(const struct game *game, int plies, double band, uint64_t seed, struct opening *out, int count);

#endif
