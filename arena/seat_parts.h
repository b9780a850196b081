// Inside arena/: what seats are made of, and the kinds of them. Others use arena/seat.h.
#ifndef ARENA_SEAT_PARTS_H
#define ARENA_SEAT_PARTS_H

#include "arena/player_parts.h"
#include "arena/seat.h"

// What a kind of seat does, as seat.h describes it. A kind leaves the verbs NULL that it does not
// need.
struct seat_verbs {
    // Called when the fields of struct seat are set for the new game.
    enum status (*begin)(struct seat *, const uint16_t *actions, int num_actions);
    // Called before the seat's state advances.
    void (*observe)(struct seat *, int action);
    enum seat_state (*think)(struct seat *, int max, struct position *positions, int *n, int *action);
    void (*absorb)(struct seat *, int n, const struct judgement *judgements);
    enum seat_opinion (*stones)(struct seat *, uint8_t *status);
    int (*descriptor)(struct seat *);
    // Frees the whole allocation, but not `state`.
    void (*free)(struct seat *);
};

// The struct of every kind of seat begins with one of these.
struct seat {
    const struct seat_verbs *verbs;
    const struct player *player;
    const struct clock *clock;
    // Borrowed from the match; NULL before seat_begin.
    const struct game *game;
    // The position as it stands, and how many bytes are allocated for it.
    void *state;
    size_t state_bytes;
    int side;
    // The opponent may hold stones for dead that still stand (passing.h).
    bool by_agreement;
    struct rng rng;
    double value;
    char reason[240];
};

// For nets and UCT.
enum status seat_search_new(struct seat **seat, const struct player *player);
struct seat *seat_random_new(void);
struct seat *seat_solver_new(void);
struct seat *seat_gtp_new(void);

#endif
