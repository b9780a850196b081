// Paired matches: each opening is played twice with colours swapped, and many games at once share
// evaluation batches.
#ifndef ARENA_MATCH_H
#define ARENA_MATCH_H

#include "arena/player.h"
#include "base/log.h"

// A finished game, as match_params.on_game is told of it.
struct match_game {
    int index;
    // The players' names.
    const char *black, *white;
    bool a_is_first;
    enum outcome outcome;
    // The first player's score; NAN where there is none, as after a resignation or a forfeit.
    double score;
    int plies;
    const uint16_t *actions;
    // Why it ended otherwise than by the rules ("resign", "forfeit: illegal move", ...), or NULL.
    const char *reason;
    double seconds;
};
struct match_params {
    const struct game *game;
    int games;   // rounded up to an even number
    int threads; // how many play
    int lanes;   // games at once on each thread; 0: chosen by the kind of players
    int a_side;  // 0: both, swapped within a pair; 1: A moves first in every game; 2: second
    // Openings are this many random plies long, and longer when those run out. 0: every game starts
    // from the start of the game. Negative: as many as suit the game (arena/openings.h).
    int opening_plies;
    // An opening's expectation under random play, -1..1, is within this distance of the start's;
    // 0: any opening will do.
    double opening_band;
    uint64_t seed;
    // Leaves of one game in one batch. 0: one where many games share a batch, else four.
    int max_batch;
    // A folder for the games as SGF; NULL: none is written.
    const char *sgf_dir;
    // Stop early, when the sequential test (arena/stats.h) has decided.
    bool sprt;
    double sprt_elo0, sprt_elo1, sprt_alpha, sprt_beta;
    // A signal handler sets it: the match then drops the games in play and returns.
    const volatile bool *stop;
    const struct clock *clock;
    // Called under a lock after each game; may be NULL.
    void (*on_game)(void *context, const struct match_game *game);
    void *context;
    // A match that several processes play together, with the same parameters but for these: this one
    // plays pair p where p % parts == part. 0 parts: it plays all of them.
    int part, parts;
    // Gives the bytes of this part and gets those of all parts, one behind the other, in *all
    // (malloced). Every part calls it equally often. on_game is then told of the other parts' games.
    enum status (*exchange)(void *context, const void *mine, size_t num_bytes, char **all, size_t *all_bytes);
    void *exchange_context;
};
// Counts and estimates are from A's side.
struct match_result {
    int games, wins, draws, losses;
    // Of the side that moved first, whoever that was.
    int first_wins, first_draws;
    // The number of games that differ in their moves.
    int distinct;
    int forfeits_a, forfeits_b, disputes;
    // The share of points, 0..1, with its 95 % interval; pairs are the unit.
    double score, score_low, score_high;
    // The difference in Elo; it can be plus or minus infinity.
    double elo, elo_low, elo_high;
    // The sequential test: 1 accepted H1, -1 accepted H0, 0 is undecided.
    int sprt;
    double sprt_llr;
};
// Plays a match. The result is a pure function of the parameters and of our own players' seeds,
// whatever the number of threads; two things are not ours to promise: what programs play, and
// rounding that differs with the size of a batch. Pairs count in the order of their index, and a
// sequential test ends at the first pair in that order that decides it. Games beyond that pair are
// not counted. So the parts of a match that several processes play have one result, which all of them
// get. STATUS_CANCELLED: stopped, and *result holds the pairs that were complete.
enum status match_run(const struct match_params *params, const struct player *a, const struct player *b,
                      struct match_result *result);

// Fills the rate, the interval and Elo (arena/stats.h). pair_counts: how many pairs gave A 0, 0.5,
// 1, 1.5 and 2 points.
void match_rate(const int pair_counts[5], struct match_result *result);

#endif
