// Inside arena/: which pair of games a tournament plays next. No threads, no clock: the tournament calls it under its lock.
#ifndef ARENA_TOURNAMENT_SCHEDULE_H
#define ARENA_TOURNAMENT_SCHEDULE_H

#include "arena/tournament.h"

struct pairing {    // what is known about two players, i < j, at [i * n + j]
    long long next; // number of its next new pair
    int begun;      // pairs, old ones included
    int open;       // games of begun pairs that are not finished
    int games;      // counted
    int repeats;    // games in a row that were played before
    double seconds; // of `timed` games
    int timed;      //
};
struct owed_game { // one half of a pair is finished or in play, the other still to be played
    int first, second;
    long long pair;
    bool is_left_over; // from an earlier session
};
struct schedule {
    const struct tournament_params *params;
    int n;
    int max_programs;         // games with programs at once
    struct pairing *pairings; // [n, n], i < j
    struct owed_game *owed;
    int num_owed, max_owed;
    int *games;           // [n] counted
    int *wins, *losses;   // [n] of the counted ones
    int *failed_starts;   // [n] in a row
    bool *is_out;         // [n] left out: it can't be started
    double *seconds;      // [n, n] scratch: what a pair of games costs; 0: not allowed
    double *costs;        // [n] seconds a game of each player, both sides' sum is the game's
    int *pending;         // [n, n] scratch
    double *weights;      // [n] scratch
    int counted, open;    // games, of all pairings
    int in_play_programs; // games in play with a program in them
    long long num_chosen;
};

enum status schedule_init(struct schedule *s, const struct tournament_params *params, int max_programs);
void schedule_done(struct schedule *s);
struct pairing *schedule_pairing(struct schedule *s, int i, int j);
// An old game is counted in; when all are, `schedule_settle` finds the pairs of which one half is missing.
void schedule_add(struct schedule *s, const struct tournament_game *game, bool is_counted);
enum status schedule_settle(struct schedule *s);

// The next game. May be one that is owed (best the other half of what this lane has played: `last`, may be NULL), else the first
// half of a new pair, if `is_open` for those. False: nothing may be played now.
bool schedule_next(struct schedule *s, const struct rating *rating, bool is_open, const struct owed_game *last,
                   struct owed_game *out);
// A game that schedule_next gave has ended.
void schedule_finished(struct schedule *s, const struct tournament_game *game, bool is_counted);
// Never started, once more: after three in a row the player is left out. True: it was left out just now.
bool schedule_failed_start(struct schedule *s, int player);
// A player with enough games of which it won, or lost, every one: no number of games would bound its interval.
bool schedule_is_one_sided(const struct schedule *s, int player);
// Every interval that can be had is narrow enough, and everybody has enough games.
bool schedule_is_satisfied(struct schedule *s, const struct rating *rating);

#endif
