// Inside arena/: which pair of games a tournament plays next. It knows neither threads nor a clock:
// the tournament calls it under its lock.
#ifndef ARENA_TOURNAMENT_SCHEDULE_H
#define ARENA_TOURNAMENT_SCHEDULE_H

#include "arena/tournament.h"

// What is known about two players i < j.
struct pairing {
    // The number of their next new pair of games.
    long long next;
    // Pairs that have begun, old ones included.
    int begun;
    // Games of begun pairs that are not finished.
    int open;
    // Games that count.
    int games;
    // How many games in a row, up to the last one, repeated an earlier game.
    int repeats;
    // The seconds that `timed` of their games took.
    double seconds;
    int timed;
};
// A game that is still to be played, while the other half of its pair is finished or in play.
struct owed_game {
    int first, second;
    long long pair;
    // The other half was played by an earlier session.
    bool is_left_over;
};
struct schedule {
    const struct tournament_params *params;
    // The number of players.
    int n;
    // How many games with programs may be in play at once.
    int max_programs;
    struct pairing *pairings; // [n, n], where i < j
    struct owed_game *owed;
    int num_owed, max_owed;
    int *games;         // [n]: games that count
    int *wins, *losses; // [n]: of those
    int *failed_starts; // [n]: how many starts in a row have failed
    bool *is_out;       // [n]: left out, since it can't be started
    double *costs;      // [n]: seconds; a game costs the sum over its two players
    // Scratch: what a pair of games costs (0: not allowed), pairs in play, and weights.
    double *seconds; // [n, n]
    int *pending;    // [n, n]
    double *weights; // [n]
    // A copy of the rating in which player 0 is what it is taken for before its first game.
    double *elo, *covariance; // [n], [n, n]
    // Games of all pairings.
    int counted, open;
    // Games in play that have a program in them.
    int in_play_programs;
    // How many new pairs have been chosen.
    long long num_chosen;
};

void schedule_init(struct schedule *s, const struct tournament_params *params, int max_programs);
void schedule_done(struct schedule *s);
struct pairing *schedule_pairing(struct schedule *s, int i, int j);
// Enters an old game. When all are entered, schedule_settle finds the pairs of which a half is
// missing.
void schedule_add(struct schedule *s, const struct tournament_game *game, bool is_counted);
void schedule_settle(struct schedule *s);

// The next game. It may be one that is owed, best the other half of `last`, which the asking lane
// has played (or NULL). Otherwise, and if `is_open` allows new pairs, it is the first half of a new
// one. False: nothing may be played now.
bool schedule_next(struct schedule *s, const struct rating *rating, bool is_open, const struct owed_game *last,
                   struct owed_game *out);
// Enters a game that schedule_next gave and that has ended.
void schedule_finished(struct schedule *s, const struct tournament_game *game, bool is_counted);
// The player could not be started again. After three times in a row it is left out. True: this was
// the third.
bool schedule_failed_start(struct schedule *s, int player);
// The player has many games and won or lost every one, so no number of games would bound its
// interval.
bool schedule_is_one_sided(const struct schedule *s, int player);
// Every interval that can become narrow is narrow enough, and everybody has enough games.
bool schedule_is_satisfied(struct schedule *s, const struct rating *rating);

#endif
