// Ratings from games: Bradley-Terry with draws and the first player's advantage, by maximum likelihood, with their covariance.
//
// In units of ln(odds): the first player i against j
//
//   wins : draws : losses  =  exp(r_i + a) : exp(d + (r_i + a + r_j) / 2) : exp(r_j)
//
// r: strength, a: the first player's advantage, d: how often equals draw [Bradley & Terry 1952; Davidson 1970; Davidson &
// Beaver 1977]. It is a multinomial logit, so the likelihood is concave in (r, a, d) and Newton's method finds its maximum. Elo
// is 400 / ln 10 times r. The anchor's rating is fixed: intervals are of the difference to it.
//
// A player who only won has no finite maximum; a weak Gaussian prior (PRIOR_ELO) about the anchor keeps it finite, and its wide
// interval says how little is known. `a` and `d` are left out (0, never) where nothing speaks about them.
// Pure functions, any thread.
#ifndef ARENA_RATING_H
#define ARENA_RATING_H

#include "base/status.h"

enum { RATING_TEXT = 160 };

struct rating_pair { // all games in which `first` moved first against `second`
    int first, second;
    int wins, draws, losses; // of first
};

struct rating {
    int num_players, anchor;
    double anchor_elo;
    double *elo;                                     // [num_players]
    double *low, *high;                              // [num_players], 95 %; the anchor's are its Elo
    double *covariance;                              // [num_players, num_players], Elo^2; row and column of the anchor are 0
    double advantage, advantage_low, advantage_high; // of moving first, Elo; 0 where no game tells
    double draw_log;                                 // d; -infinity without draws
    double log_likelihood;
    int num_games;
    bool
        is_connected; // every group of players won or drew against the others and lost or drew [Ford 1957]: finite without prior
};

// pairs may name the same two players more than once. STATUS_USAGE: a pair of a player with itself or out of range.
enum status rating_fit(struct rating *out, int num_players, int anchor, double anchor_elo, const struct rating_pair *pairs,
                       int num_pairs);
void rating_done(struct rating *rating);

// Probability that i is stronger than j, 0..1 (likelihood of superiority).
double rating_superiority(const struct rating *rating, int i, int j);
// Expectation of the first player's points against the second, 0..1, and the chances of its win and of a draw.
double rating_expectation(const struct rating *rating, int first, int second, double *win, double *draw);

// What the results say against the model, or NULL: the worst of all pairs whose points differ from the expectation by more than
// chance allows (|z| above a bound that one in a hundred sound tournaments passes). Text says who, how much.
struct rating_doubt {
    int first, second;
    double expected, points; // of `first` over both colours
    int games;
    double z;
};
bool rating_intransitive(const struct rating *rating, const struct rating_pair *pairs, int num_pairs, struct rating_doubt *out);

// The game that would tell most: the pair of players, both colours played once, that reduces the weighted sum of the variances
// most for its cost. seconds[i, j]: what a pair of games of these two costs, > 0; <= 0: not allowed. pending[i, j]: pairs already
// being played, counted as if they were in; NULL: none. weights[i]: what the variance of a player counts; NULL: all alike.
// Returns false if no pair is allowed.
// Gain of an observation of precision w along x: w |C x|^2 / (1 + w x' C x) (the trace of a rank-one update), weighted by row.
bool rating_next_pair(const struct rating *rating, const double *seconds, const int *pending, const double *weights, int *i,
                      int *j, double *gain);

#endif
