// Inside arena/: what seats are made of, and the kinds of them. Others use arena/seat.h.
#ifndef ARENA_SEAT_PARTS_H
#define ARENA_SEAT_PARTS_H

#include "arena/player_parts.h"
#include "arena/seat.h"

// What a kind of seat does. A verb that is NULL is not needed by that kind.
struct seat_verbs {
    enum status (*begin)(struct seat *, const uint16_t *actions, int num_actions); // the seat's own state is set already
    void (*observe)(struct seat *, int action);                                    // before the seat's own state advances
    enum seat_state (*think)(struct seat *, int max, struct position *positions, int *n, int *action);
    void (*absorb)(struct seat *, int n, const struct judgement *judgements);
    enum seat_opinion (*stones)(struct seat *, uint8_t *status);
    int (*descriptor)(struct seat *);
    void (*free)(struct seat *); // the whole allocation
};

// Every kind of seat begins with one of these.
struct seat {
    const struct seat_verbs *verbs;
    const struct player *player;
    const struct clock *clock;
    const struct game *game; // NULL before seat_begin; borrowed from the match
    void *state;             // the position as it stands; [game->state_bytes]
    size_t state_bytes;
    int side;
    bool by_agreement; // the opponent may hold stones for dead that stand: passing.h
    struct rng rng;
    double value;
    char reason[240];
};

enum status seat_search_new(struct seat **seat, const struct player *player); // nets and UCT
enum status seat_random_new(struct seat **seat);
enum status seat_solver_new(struct seat **seat);
enum status seat_gtp_new(struct seat **seat, const struct player *player);

#endif
