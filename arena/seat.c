// What all seats share, which is the position as it stands and the table of verbs; and the two
// kinds of seat that need no more than a function or two, random and solver.
#include "arena/seat_parts.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum status seat_new(struct seat **out, const struct player *player, const struct clock *clock) {
    *out = NULL;
    struct seat *seat = NULL;
    switch (player->kind) {
    case PLAYER_NET:
    case PLAYER_UCT:
        TRY(seat_search_new(&seat, player));
        break;
    case PLAYER_RANDOM:
        seat = seat_random_new();
        break;
    case PLAYER_SOLVER:
        seat = seat_solver_new();
        break;
    case PLAYER_GTP:
        seat = seat_gtp_new();
        break;
    }
    seat->player = player;
    seat->clock = clock;
    seat->value = NAN;
    *out = seat;
    return STATUS_OK;
}

void seat_free(struct seat *seat) {
    if (!seat) return;
    free(seat->state);
    seat->verbs->free(seat);
}

enum status seat_begin(struct seat *seat, const struct game *game, int side, bool by_agreement, const uint16_t *actions,
                       int num_actions, const struct rng *rng) {
    if (seat->state_bytes < game->state_bytes) {
        seat->state = memory_resize(seat->state, 1, game->state_bytes, "a player's position");
        seat->state_bytes = game->state_bytes;
    }
    seat->game = game;
    seat->side = side;
    seat->by_agreement = by_agreement;
    seat->rng = *rng;
    seat->value = NAN;
    seat->reason[0] = 0;
    game_start(game, seat->state);
    for (int i = 0; i < num_actions; i++) game_play(game, seat->state, actions[i]);
    return seat->verbs->begin ? seat->verbs->begin(seat, actions, num_actions) : STATUS_OK;
}

void seat_observe(struct seat *seat, int action) {
    if (seat->verbs->observe) seat->verbs->observe(seat, action);
    game_play(seat->game, seat->state, action);
}

enum seat_state seat_think(struct seat *seat, int max, struct position *positions, int *n, int *action) {
    *n = 0;
    *action = GAME_NO_ACTION;
    return seat->verbs->think(seat, max, positions, n, action);
}

void seat_absorb(struct seat *seat, int n, const struct judgement *judgements) { seat->verbs->absorb(seat, n, judgements); }
const char *seat_reason(const struct seat *seat) { return seat->reason; }
int seat_descriptor(struct seat *seat) { return seat->verbs->descriptor ? seat->verbs->descriptor(seat) : -1; }

enum seat_opinion seat_stones(struct seat *seat, uint8_t *status) {
    return seat->verbs->stones ? seat->verbs->stones(seat, status) : OPINION_NONE;
}

double seat_value(const struct seat *seat) { return seat->value; }

// The random player draws uniformly from the legal moves.
static enum seat_state random_think(struct seat *seat, int max, struct position *positions, int *n, int *action) {
    (void)max, (void)positions, (void)n;
    uint16_t legal[GAME_MAX_ACTIONS];
    const int num_legal = game_legal(seat->game, seat->state, legal);
    *action = legal[rng_below(&seat->rng, num_legal)];
    return SEAT_READY;
}

static void plain_free(struct seat *seat) { free(seat); }

struct seat *seat_random_new(void) {
    static const struct seat_verbs verbs = {.think = random_think, .free = plain_free};
    struct seat *seat = memory_new(1, sizeof *seat, "a random player");
    seat->verbs = &verbs;
    return seat;
}

// The solver draws uniformly from the best moves, so that its games differ. Each thread has one
// judge for all solvers (evaluator_solver), so what it finds in one game serves the others.
struct seat_solver {
    struct seat base;
    bool is_judged;
    int action;
};

static enum status solver_begin(struct seat *base, const uint16_t *actions, int num_actions) {
    (void)actions, (void)num_actions;
    ((struct seat_solver *)base)->is_judged = false;
    return STATUS_OK;
}

static enum seat_state solver_think(struct seat *base, int max, struct position *positions, int *n, int *action) {
    (void)max;
    struct seat_solver *seat = (struct seat_solver *)base;
    if (seat->is_judged) {
        seat->is_judged = false;
        *action = seat->action;
        return SEAT_READY;
    }
    positions[0] = (struct position){.game = base->game, .state = base->state};
    *n = 1;
    return SEAT_WANTS_JUDGEMENT;
}

static void solver_absorb(struct seat *base, int n, const struct judgement *judgements) {
    (void)n;
    struct seat_solver *seat = (struct seat_solver *)base;
    uint16_t legal[GAME_MAX_ACTIONS];
    const int num_legal = game_legal(base->game, base->state, legal);
    int num_best = 0;
    // Since num_best <= i, nothing is overwritten before it is read.
    for (int i = 0; i < num_legal; i++)
        if (judgements[0].logits[legal[i]] >= 0) legal[num_best++] = legal[i];
    CHECK(num_best > 0);
    seat->action = legal[rng_below(&base->rng, num_best)];
    seat->is_judged = true;
    base->value = judgements[0].wdl[0] + judgements[0].wdl[1] / 2;
}

struct seat *seat_solver_new(void) {
    static const struct seat_verbs verbs = {
        .begin = solver_begin, .think = solver_think, .absorb = solver_absorb, .free = plain_free};
    struct seat_solver *seat = memory_new(1, sizeof *seat, "a solver's seat");
    seat->base.verbs = &verbs;
    return &seat->base;
}
