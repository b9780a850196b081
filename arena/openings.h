// Openings of a match: short, random, varied, each used for both games of a pair.
#ifndef ARENA_OPENINGS_H
#define ARENA_OPENINGS_H

#include "game/game.h"
#include "net/net.h"

enum { OPENING_MAX_PLIES = 32 };

struct opening {
    int num_plies;
    uint16_t actions[OPENING_MAX_PLIES];
};

// A number of random plies that varies the games without deciding most of them: 2 on boards up to 9 wide, else 4.
int opening_default_plies(const struct game *game);

// A supply of openings. Opening i is a pure function of the parameters (and of the judge's rounding) and i, whoever asks and in
// whatever order. Plies are uniform over the legal moves without passes and without those along the edge that the game calls wasted
// (opening_margin). Positions that are already certain are left out. No two openings are equal up to symmetry as long as
// the supply lasts; then they grow by a ply at a time.
struct openings;
struct openings_params {
    const struct game *game;
    int plies;               // negative: opening_default_plies; 0: all openings are the start
    double band;             // the first player's expectation, -1..1, is within +- this of `about`; 0: any
    bool is_about_even;      // about: of 0, an even game; else of the expectation of the start
    const struct net *judge; // whose value that is, borrowed; NULL: by random play
    const char *backend;     // of the judge; NULL: auto
    uint64_t seed;
};
enum status openings_new(struct openings **openings, const struct openings_params *params);
void openings_free(struct openings *openings);
// Where the band is empty (a komi that decides the game), the one nearest to it of some hundred that were looked at.
enum status openings_at(struct openings *openings, int index, struct opening *out);

#endif
