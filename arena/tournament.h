// A tournament: many players, the next pair of games where it tells most, games of all pairings sharing batches in one process.
//
//   schedule (active, or a fixed list) --> lanes of all threads --> results, one by one, to the caller --> rating
//
// Every pairing plays each of its openings twice, colours swapped. The same whole game of the same two players and colours
// (programs repeat themselves) is reported but not counted again; nor is a game lost by a program that never answered anything
// (its reason begins with "forfeit: can't start"). Results are the caller's to keep: it hands back what it kept when
// it starts again, so a kill loses the games in play and nothing else.
#ifndef ARENA_TOURNAMENT_H
#define ARENA_TOURNAMENT_H

#include "arena/match.h"
#include "arena/rating.h"

struct tournament_player {
    struct player *player; // borrowed; NULL: takes part in ratings by its old games only (a program that is gone)
    const char *name;      // unique in the tournament
    bool is_fixed;         // an anchor that never changes: min_games does not ask more of it than the ladder needs
    double move_seconds;   // a guess of what a move costs, until games tell; 0: none
};

struct tournament_game {
    int first, second; // players
    long long pair;    // number of the pair within this pairing (unordered): its opening; both colours share it
    enum outcome outcome;
    double score; // of the first player, NAN: none
    int plies;
    uint64_t moves_hash;
    bool is_duplicate;       // not counted: the same game is among the earlier ones
    int forfeit;             // the player who crashed, hung or cheated; -1: nobody
    bool is_disputed;        // a program and we disagree about who won
    const char *reason;      // NULL, or why it ended otherwise than by the rules: "resign", "forfeit: illegal move D4", ...
    double seconds;          // that were spent on it: both sides' thinking and its share of common batches
    const uint16_t *actions; // NULL in old games
};

struct tournament_params {
    const struct game *game;
    const struct tournament_player *players;
    int num_players, anchor; // whose Elo is fixed
    double anchor_elo;
    const struct tournament_game *old; // what earlier sessions played
    int num_old;
    // When to stop: whichever comes first; 0: no such bound. With none it is a usage error. Pairs that are begun are finished
    // (dropping long games would favour those that are short); after max_seconds only the games in play are.
    int max_games;        // counted games, old ones included
    double max_seconds;   // of this session; needs a clock
    double grace_seconds; // so long after max_seconds games in play are dropped, to be played by a later session, which favours
                          // short games until then; 0: they are finished, however long they take
    double half_interval; // every player's 95 % interval is within +- this many Elo, except of players that are gone, can't
                          // be started, or won (lost) all of 200 games
    int min_games;        // ... and every player has at least this many
    bool round_robin;     // instead of the active choice: all against all, in rounds (to compare with)
    int threads, lanes;   // lanes: games at once a thread; 0: chosen
    int opening_plies;    // negative: as many as suit the game
    double opening_band;  // openings whose expectation is within +- this of even (0..1 of a win), judged by `judge`; 0: any
    const struct net *judge; // may be NULL: then by random play
    const char *backend;
    uint64_t seed;
    const char *sgf_dir; // every game as SGF; NULL: none
    const volatile bool *stop;
    const struct clock *clock; // NULL: games cost nothing and all pairings the same (programs need one)
    void (*on_game)(void *context, const struct tournament_game *game);       // under a lock, after each game
    void (*on_rating)(void *context, const struct rating *rating, int games); // under a lock, after each new fit
    void *context;
};

struct tournament_result {
    struct rating rating;      // rating_done it
    struct rating_pair *pairs; // what it was fitted to; free
    int num_pairs;
    int games, duplicates, disputes;
    int *forfeits; // [num_players]: games each lost by crashing, hanging or cheating; free
    double seconds;
};
// The rules of the choice are at the head of tournament_schedule.c. A session ends before its bound where nothing is left to play:
// pairings whose last eight games were all duplicates, or lost their programs, are not chosen any more. A tournament depends on (seed, old
// results) and on what games cost; each single game on (seed, the players' names, pair, colours) only.
// STATUS_CANCELLED: stopped; the result holds what was played. Programs that break lose that game and are started anew; one that
// can't be started at all is left out after three tries, with a line, and the tournament goes on.
enum status tournament_run(const struct tournament_params *params, struct tournament_result *result);
void tournament_result_done(struct tournament_result *result);

#endif
