// Openings of a match: short, random, varied, each of them used for both games of a pair.
#ifndef ARENA_OPENINGS_H
#define ARENA_OPENINGS_H

#include "game/game.h"
#include "net/net.h"

enum { OPENING_MAX_PLIES = 32 };

struct opening {
    int num_plies;
    uint16_t actions[OPENING_MAX_PLIES];
};

// A number of random plies that varies the games without deciding most of them: 2 on boards up to 9
// wide, else 4.
int opening_default_plies(const struct game *game);

// A supply of openings. Opening i is a pure function of i, of the parameters and of the judge's
// rounding, whoever asks and in whatever order. Plies are uniform over the legal moves, without
// passes and without the moves along the edge that the game calls wasted (opening_margin). Openings
// that already decide the game are left out. No two are equal up to symmetry as long as the supply
// lasts; when it is used up, openings grow by one ply. Used by one thread at a time.
struct openings;
struct openings_params {
    const struct game *game;
    // Negative: opening_default_plies. 0: every opening is the start of the game.
    int plies;
    // The first player's expectation, -1..1, lies within this distance of the aim; 0: any will do.
    double band;
    // The aim: 0, which is an even game. Else it is the expectation of the start of the game.
    bool is_about_even;
    // The net whose expectation that is, borrowed; NULL: the expectation under random play.
    const struct net *judge;
    const char *backend; // of the judge; NULL: auto
    uint64_t seed;
};
enum status openings_new(struct openings **openings, const struct openings_params *params);
void openings_free(struct openings *openings);
// Where no opening lies in the band (a komi that decides the game), it gives the nearest of about a
// hundred that it looked at.
void openings_at(struct openings *openings, int index, struct opening *out);

#endif
