// Ratings from games: the Bradley-Terry model with draws and with the first player's advantage,
// fitted by maximum likelihood, with the covariance of the ratings.
//
// In units of ln(odds), the outcomes of a game of i, who moves first, against j relate as
//
//   wins : draws : losses  =  exp(r_i + a) : exp(d + (r_i + a + r_j) / 2) : exp(r_j)
//
// where r is strength, a is the first player's advantage and d says how often equals draw [Bradley
// & Terry 1952; Davidson 1970; Davidson & Beaver 1977]. That is a multinomial logit, so the
// likelihood is concave in (r, a, d) and Newton's method finds its maximum. Elo is 400 / ln 10
// times r. The anchor's rating is fixed, and intervals are those of the difference to it.
//
// For a player who only won, the likelihood has no finite maximum. A weak Gaussian prior
// (PRIOR_ELO) about the anchor keeps the rating finite, and its wide interval says how little is
// known. Where no game tells about `a` or `d`, they are left out: no advantage, no draws.
// These are pure functions, to be called from any thread.
#ifndef ARENA_RATING_H
#define ARENA_RATING_H

#include "base/status.h"

// All games in which `first` moved first against `second`, with the results of `first`.
struct rating_pair {
    int first, second;
    int wins, draws, losses;
};

struct rating {
    int num_players, anchor;
    double anchor_elo;
    // [num_players]
    double *elo;
    // [num_players]: bounds of the 95 % interval; for the anchor both are its Elo.
    double *low, *high;
    // [num_players, num_players] in Elo^2; the row and the column of the anchor are 0.
    double *covariance;
    // What moving first is worth, in Elo, with its 95 % interval; 0 where no game tells.
    double advantage, advantage_low, advantage_high;
    // d; minus infinity where no game was drawn.
    double draw_log;
    double log_likelihood;
    int num_games;
    // However the players are split into two groups, each group won or drew a game against the
    // other. Then the ratings would be finite without the prior [Ford 1957].
    bool is_connected;
};

// `pairs` may name the same two players more than once. STATUS_USAGE: a pair is of a player with
// itself, or out of range.
enum status rating_fit(struct rating *out, int num_players, int anchor, double anchor_elo, const struct rating_pair *pairs,
                       int num_pairs);
void rating_done(struct rating *rating);

// The probability that i is stronger than j, 0..1 (likelihood of superiority).
double rating_superiority(const struct rating *rating, int i, int j);
// The expected points of the first player against the second, 0..1, and the probabilities of its
// win and of a draw. win and draw may be NULL.
double rating_expectation(const struct rating *rating, int first, int second, double *win, double *draw);

// What the results say against the model: the pair of players whose points differ most from the
// expectation.
struct rating_doubt {
    int first, second;
    // Of `first`, over both colours.
    double expected, points;
    int games;
    // How many standard deviations the points are above the expectation.
    double z;
};
// Whether that pair differs by more than chance allows: |z| is above a bound that one in a hundred
// sound tournaments exceeds. *out is filled where any pair has enough games to be tested.
bool rating_intransitive(const struct rating *rating, const struct rating_pair *pairs, int num_pairs, struct rating_doubt *out);

// The pair of games that would tell most: the two players who, playing once with each colour,
// reduce the weighted sum of all variances most for what their games cost.
//
//   seconds[i, j]   what a pair of games of i < j costs; 0 or less: they may not play
//   pending[i, j]   pairs that are being played, which count as if they were finished; NULL: none
//   weights[i]      how much the variance of player i counts; NULL: all count alike
//
// An observation of precision w along x lowers the sum by w |C x|^2 / (1 + w x' C x), the trace of
// a rank-one update; weights apply to the rows of C. Returns false if no pair may play. gain may be
// NULL; it is that reduction for each second.
bool rating_next_pair(const struct rating *rating, const double *seconds, const int *pending, const double *weights, int *i,
                      int *j, double *gain);

#endif
