// Inside arena/: one game while it is played, and who decides which game comes next.
//
//   scheduler (a match, a tournament)  --take-->  lane: seats, position, moves  --finished-->  scheduler
//
// Lanes belong to a room (arena/room.h), which gives them threads and judges their positions in batches.
#ifndef ARENA_LANE_H
#define ARENA_LANE_H

#include "arena/openings.h"
#include "arena/seat.h"

struct lane_game {         // what a scheduler hands out
    long long pair, index; // the scheduler's own numbers
    int players[2];        // who moves first and who second: indices into the room's players
    struct opening opening;
    uint64_t seed, streams[2]; // random streams of the two seats
};

// How a game ended; borrowed for the call.
struct lane_end {
    enum outcome outcome;
    double score; // of the first player; NAN: none
    int num_actions;
    const uint16_t *actions;
    const float *winrate; // of the mover, NAN: unknown
    uint64_t moves_hash;
    int forfeit;        // side that crashed, hung or cheated; -1: none
    bool is_disputed;   // a program and the board, or two programs, disagree about the winner
    const char *reason; // NULL: by the rules
    double seconds;     // from its beginning to its end
    double cost;        // seconds that were spent on it: thinking, programs' time, its share of common batches
};

// Reasons of games lost by a program that never answered anything begin with this.
#define LANE_NEVER_STARTED "forfeit: can't start"

enum lane_take {
    TAKE_GAME,
    TAKE_LATER, // nothing now; games in play may lead to more
    TAKE_NEVER, // nothing any more
};
// Any thread may call any function at any time: each locks for itself.
struct scheduler {
    // last: the game that this lane played last (the same players keep their seats), NULL: none.
    enum lane_take (*take)(struct scheduler *, const struct lane_game *last, struct lane_game *out);
    void (*finished)(struct scheduler *, const struct lane_game *, const struct lane_end *);
    bool (*is_ended)(struct scheduler *); // true: games in play are dropped at once
    void (*fail)(struct scheduler *, enum status);
};

struct room;
struct lane {
    const struct room *room;
    bool is_playing, is_done;                         // neither: nothing to play now
    struct lane_game game;                            // at hand, or the last one
    bool has_game;                                    // `game` is one
    struct seat *seats[2];                            // by side
    int owners[2];                                    // the players that the seats are of; -1: no seat
    void *state;                                      // [game->state_bytes]
    uint16_t *actions;                                // [game->max_plies]
    float *winrate;                                   // [game->max_plies]
    int num_actions;                                  //
    struct position *positions;                       // [room->max_batch]: to be judged
    int asked, num_asked;                             // side that wants judgement (-1 nobody) and for how many positions
    bool is_waiting;                                  // a program thinks ...
    int waits_for;                                    // ... that of this side
    bool is_ending;                                   // the moves are played: programs are asked about their stones
    uint8_t stones[2][GAME_MAX_SIDE * GAME_MAX_SIDE]; // enum area_status, by side, from `opinions` on
    enum seat_opinion opinions[2];                    // by side, while the game is ending
    double started, cost, waiting_since;              // seconds
};

enum status lane_init(struct lane *lane, const struct room *room); // starts idle
void lane_done(struct lane *lane);
// Plays on until somebody must be waited for. Ended games are reported and new ones taken. Afterwards: not playing, waiting, or asked.
void lane_step(struct lane *lane);

// The game as SGF, by the names of its players.
enum status lane_write_sgf(const struct game *game, const char *first, const char *second, const struct lane_end *end,
                           const char *path);

#endif
