// What all seats share: the position as it stands, and the table of verbs.
#include "arena/seat_parts.h"

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
        TRY(seat_random_new(&seat));
        break;
    case PLAYER_SOLVER:
        TRY(seat_solver_new(&seat));
        break;
    case PLAYER_GTP:
        TRY(seat_gtp_new(&seat, player));
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
        void *grown = realloc(seat->state, game->state_bytes);
        if (!grown) return status_fail(STATUS_MEMORY, "player %s: no memory for a position", seat->player->name);
        seat->state = grown;
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

// Random: uniform over the legal moves.
static enum seat_state random_think(struct seat *seat, int max, struct position *positions, int *n, int *action) {
    (void)max, (void)positions, (void)n;
    uint16_t legal[GAME_MAX_ACTIONS];
    const int num_legal = game_legal(seat->game, seat->state, legal);
    *action = legal[rng_below(&seat->rng, num_legal)];
    return SEAT_READY;
}

static void plain_free(struct seat *seat) { free(seat); }

enum status seat_random_new(struct seat **out) {
    static const struct seat_verbs verbs = {.think = random_think, .free = plain_free};
    *out = calloc(1, sizeof **out);
    if (!*out) return status_fail(STATUS_MEMORY, "random player: no memory");
    (*out)->verbs = &verbs;
    return STATUS_OK;
}

// Solver: one of the best moves, drawn uniformly so that its games differ. Its judge is evaluator_solver, one a thread: what it found in
// one game serves all others there.
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
    for (int i = 0; i < num_legal; i++) // num_best <= i: nothing unread is overwritten
        if (judgements[0].logits[legal[i]] >= 0) legal[num_best++] = legal[i];
    CHECK(num_best > 0);
    seat->action = legal[rng_below(&base->rng, num_best)];
    seat->is_judged = true;
    base->value = judgements[0].wdl[0] + judgements[0].wdl[1] / 2;
}

enum status seat_solver_new(struct seat **out) {
    static const struct seat_verbs verbs = {
        .begin = solver_begin, .think = solver_think, .absorb = solver_absorb, .free = plain_free};
    struct seat_solver *seat = calloc(1, sizeof *seat);
    if (!seat) return status_fail(STATUS_MEMORY, "solver player: no memory");
    seat->base.verbs = &verbs;
    *out = &seat->base;
    return STATUS_OK;
}
