// Inside arena/: one game of a match while it is played, and the counting room that all threads share.
#ifndef ARENA_LANE_H
#define ARENA_LANE_H

#include "arena/match.h"
#include "arena/openings.h"

#include <pthread.h>

struct game_record { // what counts of a finished game
    bool finished;
    enum outcome outcome;
    uint64_t moves_hash;
    bool forfeit_a, forfeit_b, dispute;
};

// Shared by the threads of a match; fields below the mutex are guarded by it.
struct match {
    const struct match_params *params;
    const struct player *players[2]; // A, B
    int num_games, num_threads, lanes, max_batch;
    struct opening *openings;    // [num_games / 2]
    struct game_record *records; // [num_games]
    pthread_mutex_t mutex;
    int next_game;
    int counted_pairs; // pairs 0 .. counted_pairs - 1 are finished and in `pairs`
    int pairs[5];
    int sprt; // decided: +1, -1
    double llr;
    enum status status; // first failure: everybody stops
};

// The match is over early: decided, failed, or the user's wish.
bool match_is_ended(struct match *match);
// Which side player A has in this game.
bool match_a_is_first(const struct match_params *params, int index);
int match_take_game(struct match *match); // index of a game to play; -1: none left
void match_fail(struct match *match, enum status status);
void match_finished(struct match *match, const struct match_game *game, const struct game_record *record);

struct lane {
    struct match *match;
    int index; // game, -1: idle
    bool a_is_first;
    struct seat *seats[2]; // A's, B's
    void *state;
    uint16_t *actions; // [game->max_plies]
    float *winrate;    // [game->max_plies]: NAN: unknown
    int num_actions;
    double started;
    bool waiting;         // its seat's program thinks
    int asked, num_asked; // who wants judgement (0 A, 1 B; -1 nobody) and for how many positions
};

enum status lane_init(struct lane *lane, struct match *match); // starts idle
void lane_done(struct lane *lane);
// Plays on until somebody must be waited for; `room`: where positions go, by player, and how many may. Ended games are
// reported and new ones taken. Afterwards: idle (index -1), waiting, or asked.
void lane_step(struct lane *lane, struct position *room[2], int max);

#endif
