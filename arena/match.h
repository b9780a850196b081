// Paired matches: every opening is played twice with colours swapped; many games at once share evaluation batches.
#ifndef ARENA_MATCH_H
#define ARENA_MATCH_H

#include "arena/player.h"
#include "base/log.h"

struct match_game {
    int index;
    const char *black, *white; // names
    bool a_is_first;
    enum outcome outcome;
    double score; // NAN: none (resignation, forfeit)
    int plies;
    const uint16_t *actions;
    const char *reason; // NULL, or why it ended otherwise: "resign", "forfeit: illegal move", ...
    double seconds;
};
struct match_params {
    const struct game *game;
    int games;           // rounded up to even
    int threads;         // worker threads
    int lanes;           // games at once a thread; 0: chosen by the kind of players
    int a_side;          // 0: both, colours swapped within a pair; 1: A moves first in every game; 2: second
    int opening_plies;   // random legal openings of this many plies, more when those run out (0: each side's own play only);
                         // negative: as many as suit the game (arena/openings.h)
    double opening_band; // ... whose expectation under random play is within +-this of the start's, -1..1; 0: any
    uint64_t seed;
    int max_batch;       // leaves of one game in one batch; 0: 1 where many games share a batch, else 4
    const char *sgf_dir; // NULL: none
    bool sprt;           // stop early when decided
    double sprt_elo0, sprt_elo1, sprt_alpha, sprt_beta;
    const volatile bool *stop; // set by a signal handler: finish what can be finished and return
    const struct clock *clock;
    // Called under a lock after each game; NULL: none.
    void (*on_game)(void *context, const struct match_game *game);
    void *context;
};
struct match_result { // from A's side
    int games, wins, draws, losses;
    int first_wins, first_draws; // of the side that moved first, whoever that was
    int distinct;                // different games by their moves
    int forfeits_a, forfeits_b, disputes;
    double score, score_low, score_high; // rate with 95 % interval (pairs as the unit)
    double elo, elo_low, elo_high;       // difference; +-infinity possible
    int sprt;                            // 1 accepted H1, -1 accepted H0, 0 undecided
    double sprt_llr;
};
// The result is a pure function of the parameters and our own players' seeds, whatever the number of threads (programs and rounding that
// differs with the size of a batch aside): pairs count in the order of their index, and an SPRT ends at the first pair, in that order, that
// decides it; games beyond it are played but not counted. STATUS_CANCELLED: stopped; *result holds the pairs that were whole.
enum status match_run(const struct match_params *params, const struct player *a, const struct player *b,
                      struct match_result *result);

// Fills rate, interval and Elo (arena/stats.h) from pair_counts: pairs by A's points in two games 0, 0.5, 1, 1.5, 2.
void match_rate(const int pair_counts[5], struct match_result *result);

#endif
