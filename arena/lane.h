// Inside arena/: one game while it is played, and who decides which game comes next.
//
//   scheduler (a match or a tournament)  --take-->  lane: seats, position, moves
//                                        <--finished--
//
// Lanes belong to a room (arena/room.h), which gives them threads and judges their positions in
// batches. A lane is used by the one thread that owns it.
#ifndef ARENA_LANE_H
#define ARENA_LANE_H

#include "arena/openings.h"
#include "arena/seat.h"

// What a scheduler hands out.
struct lane_game {
    // The scheduler's own numbers; the lane does not read them.
    long long pair, index;
    // Who moves first and who second, as indices into the room's players.
    int players[2];
    struct opening opening;
    // The seed of the game, and the random stream of each seat.
    uint64_t seed, streams[2];
};

// How a game ended. Pointers are borrowed for the call.
struct lane_end {
    enum outcome outcome;
    // The first player's score; NAN where there is none.
    double score;
    int num_actions;
    const uint16_t *actions;
    // For each action the winning chance as its mover saw it, 0..1; NAN where it is not known.
    const float *winrate;
    uint64_t moves_hash;
    // The side that crashed, hung or cheated; -1: neither.
    int forfeit;
    // A program and the board, or two programs, disagree about the winner.
    bool is_disputed;
    // Why it ended otherwise than by the rules; NULL: by the rules.
    const char *reason;
    // Seconds from its beginning to its end.
    double seconds;
    // Seconds of work: thinking, the programs' time, and its share of common batches.
    double cost;
};

// Where a program never answered anything, the reason of its lost game begins with this.
#define LANE_NEVER_STARTED "forfeit: can't start"

enum lane_take {
    TAKE_GAME,
    TAKE_LATER, // there is no game now, but those in play may lead to more
    TAKE_NEVER, // there will be none any more
};
// Every function may be called by any thread at any time, and locks for itself.
struct scheduler {
    // Hands out the next game. `last` is the game that this lane played last, or NULL: when the
    // same players meet again, they keep their seats.
    enum lane_take (*take)(struct scheduler *, const struct lane_game *last, struct lane_game *out);
    void (*finished)(struct scheduler *, const struct lane_game *, const struct lane_end *);
    // True: games in play are dropped at once.
    bool (*is_ended)(struct scheduler *);
    void (*fail)(struct scheduler *, enum status);
};

struct room;
struct lane {
    const struct room *room;
    // A game is in play; no game will ever come. Where neither is true there is nothing to play
    // now.
    bool is_playing, is_done;
    // The game at hand, or else the one before; has_game is false before the first.
    struct lane_game game;
    bool has_game;
    // The seat of each side, and the player that it belongs to; -1: there is no seat.
    struct seat *seats[2];
    int owners[2];
    void *state;       // [game->state_bytes]
    uint16_t *actions; // [game->max_plies]
    float *winrate;    // [game->max_plies]
    int num_actions;
    // [room->max_batch]: the positions that the asking seat wants judged.
    struct position *positions;
    // The side that wants judgement (-1: neither), and for how many positions.
    int asked, num_asked;
    // A program thinks, namely that of side waits_for.
    bool is_waiting;
    int waits_for;
    // All moves are played, and the programs are asked about their stones.
    bool is_ending;
    // While the game is ending: what each side has said, and its enum area_status of every point.
    enum seat_opinion opinions[2];
    uint8_t stones[2][GAME_MAX_SIDE * GAME_MAX_SIDE];
    // Seconds by the room's clock.
    double started, cost, waiting_since;
};

// A lane starts without a game.
void lane_init(struct lane *lane, const struct room *room);
void lane_done(struct lane *lane);
// Plays on until the lane must wait for somebody. Games that end are reported to the scheduler, and
// new ones are taken. Afterwards the lane has no game, waits for a program, or asks for judgement.
void lane_step(struct lane *lane);

// Writes the game as SGF, with the names of its two players.
enum status lane_write_sgf(const struct game *game, const char *first, const char *second, const struct lane_end *end,
                           const char *path);

#endif
