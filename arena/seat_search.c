// Seats that search. The leaves of a net are judged outside, together with those of other games. A
// UCT seat judges its own leaves by random rollouts, seeded by the game, so that a game depends on
// no other.
//
// The tree is kept from move to move: `rooted` says that the search's root is the seat's position.
#include "arena/by_area.h"
#include "arena/passing.h"
#include "arena/seat_parts.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum search_phase { PHASE_IDLE, PHASE_SEARCH, PHASE_RAW, PHASE_RAW_JUDGED, PHASE_GAIN };

struct seat_search {
    struct seat base;
    struct search *search;
    // For UCT only.
    struct evaluator *rollouts;
    // Space for a state.
    void *scratch;
    // For the raw policy: a copy of the judgement.
    float *logits;
    float wdl[3];
    size_t scratch_bytes, num_logits;
    bool rooted;
    // What the search expected for us before the opponent's last move, if that was a pass; NAN: not
    // known.
    double before_pass;
    // The move that would win and end the game, which the search at hand leaves out;
    // GAME_NO_ACTION: there is none.
    int end;
    enum search_phase phase;
    // Where territory is counted and the net knows area alone (by_area.h): the game of area that it
    // plays, the position before the last move, whether that was a pass, and the move that was
    // chosen, as long as it is asked what that gains.
    bool is_by_area, was_pass;
    struct game area;
    void *before;
    struct by_area gain;
    int chosen;
};

// Takes the seat's position over into the game of area.
static void play_by_area(struct seat_search *seat, const uint16_t *actions, int num_actions) {
    struct seat *base = &seat->base;
    seat->is_by_area = base->by_agreement && by_area_game(base->player->net, base->game, &seat->area);
    seat->was_pass = false;
    if (!seat->is_by_area) return;
    base->game = &seat->area;
    game_start(base->game, base->state);
    for (int i = 0; i < num_actions; i++) game_play(base->game, base->state, actions[i]);
    seat->before = memory_resize(seat->before, 1, base->game->state_bytes, "a player's position");
}

static enum status search_seat_begin(struct seat *base, const uint16_t *actions, int num_actions) {
    struct seat_search *seat = (struct seat_search *)base;
    play_by_area(seat, actions, num_actions);
    const struct game *game = base->game;
    seat->rooted = false;
    seat->before_pass = NAN;
    seat->phase = PHASE_IDLE;
    if (seat->scratch_bytes < game->state_bytes || seat->num_logits < (size_t)game->num_actions) {
        free(seat->scratch);
        free(seat->logits);
        seat->scratch = memory_raw(1, game->state_bytes, "a player's position");
        seat->logits = memory_raw((size_t)game->num_actions, sizeof *seat->logits, "a player's position");
        seat->scratch_bytes = game->state_bytes;
        seat->num_logits = game->num_actions;
    }
    if (base->player->kind == PLAYER_UCT) {
        evaluator_free(seat->rollouts);
        seat->rollouts = NULL;
        TRY(evaluator_rollouts(&seat->rollouts, 1, rng_u64(&base->rng)));
    }
    return STATUS_OK;
}

static void search_seat_observe(struct seat *base, int action) {
    struct seat_search *seat = (struct seat_search *)base;
    const struct game *game = base->game;
    const bool is_theirs = game_to_move(game, base->state) != base->side;
    if (seat->is_by_area) memcpy(seat->before, base->state, game->state_bytes);
    seat->was_pass = is_theirs && action == game->pass_action;
    seat->before_pass = seat->rooted && is_theirs && action == game->pass_action ? passing_expectation(seat->search) : NAN;
    if (seat->rooted) seat->rooted = search_advance(seat->search, action);
}

// Draws a legal move from softmax(logits / temperature); at temperature 0 it takes the largest.
static int raw_choice(struct seat_search *seat, double temperature) {
    uint16_t legal[GAME_MAX_ACTIONS];
    const int n = game_legal(seat->base.game, seat->base.state, legal);
    int best = 0;
    for (int i = 1; i < n; i++)
        if (seat->logits[legal[i]] > seat->logits[legal[best]]) best = i;
    if (temperature <= 0) return legal[best];
    const double top = seat->logits[legal[best]];
    double total = 0;
    for (int i = 0; i < n; i++) total += exp((seat->logits[legal[i]] - top) / temperature);
    double left = rng_double(&seat->base.rng) * total;
    for (int i = 0; i < n; i++)
        if ((left -= exp((seat->logits[legal[i]] - top) / temperature)) < 0) return legal[i];
    return legal[best];
}

static double current_temperature(const struct seat *seat) {
    const struct player *player = seat->player;
    if (player->temperature_plies > 0 && game_ply(seat->game, seat->state) >= player->temperature_plies) return 0;
    return player->temperature;
}

static enum seat_state take_end(struct seat_search *seat, int *action) {
    *action = seat->end;
    seat->base.value = 1;
    return SEAT_READY;
}

static enum seat_state finish_search(struct seat_search *seat, int *action) {
    struct search_summary summary;
    search_summary(seat->search, &summary);
    *action = search_choose(seat->search, current_temperature(&seat->base), &seat->base.rng);
    seat->base.value = summary.wdl[0] + summary.wdl[1] / 2;
    seat->phase = PHASE_IDLE;
    if (seat->end != GAME_NO_ACTION && !passing_goes_on(seat->base.value)) return take_end(seat, action);
    return SEAT_READY;
}

// Asks of a move that was chosen whether it gains anything, where that matters.
static enum seat_state ask_gain(struct seat_search *seat, int max, struct position *positions, int *n, int *action) {
    const struct seat *base = &seat->base;
    if (seat->phase != PHASE_GAIN) {
        if (!seat->is_by_area || *action == base->game->pass_action) return SEAT_READY;
        seat->chosen = *action;
        seat->phase = PHASE_GAIN;
        by_area_ask(&seat->gain, base->game, base->state, seat->was_pass ? seat->before : NULL, seat->chosen);
    }
    *n = by_area_gather(&seat->gain, max, positions);
    if (*n > 0) return SEAT_WANTS_JUDGEMENT;
    *action = by_area_is_for_nothing(&seat->gain) ? base->game->pass_action : seat->chosen;
    seat->phase = PHASE_IDLE;
    return SEAT_READY;
}

// Plays a move that needs no thought, or else starts a search.
static enum seat_state start_thinking(struct seat_search *seat, struct position *positions, int *n, int *action) {
    struct seat *base = &seat->base;
    const struct player *player = base->player;
    base->value = NAN;
    const bool is_raw = player->kind == PLAYER_NET && player->visits <= 1;
    seat->end = passing_end(base->game, base->state, seat->scratch);
    if (seat->end != GAME_NO_ACTION) {
        if (!base->by_agreement || is_raw || passing_is_sure(seat->before_pass)) return take_end(seat, action);
        seat->rooted = search_start_without(seat->search, base->game, base->state, seat->end, &base->rng);
        if (!seat->rooted) return take_end(seat, action);
    }
    if (is_raw) {
        seat->phase = PHASE_RAW;
        positions[0] = (struct position){.game = base->game, .state = base->state};
        *n = 1;
        return SEAT_WANTS_JUDGEMENT;
    }
    if (!seat->rooted) search_start(seat->search, base->game, base->state, &base->rng);
    rng_u64(&base->rng); // the next search_start must not repeat this one's numbers
    seat->rooted = true;
    // For PUCT the visits kept from the last move count; Gumbel's sequential halving needs
    // simulations of its own.
    if (player->kind == PLAYER_NET) search_begin(seat->search, player->visits, player->search.kind == SEARCH_PUCT);
    seat->phase = PHASE_SEARCH;
    return SEAT_WAITING;
}

static enum seat_state search_seat_think(struct seat *base, int max, struct position *positions, int *n, int *action) {
    struct seat_search *seat = (struct seat_search *)base;
    const struct player *player = base->player;
    if (seat->phase == PHASE_GAIN) return ask_gain(seat, max, positions, n, action);
    if (seat->phase == PHASE_IDLE) {
        const enum seat_state state = start_thinking(seat, positions, n, action);
        if (state != SEAT_WAITING) return state;
    }
    if (seat->phase == PHASE_RAW_JUDGED) {
        *action = raw_choice(seat, current_temperature(base));
        base->value = seat->wdl[0] + seat->wdl[1] / 2;
        seat->phase = PHASE_IDLE;
        return ask_gain(seat, max, positions, n, action);
    }
    if (player->kind == PLAYER_UCT) {
        search_run(seat->search, seat->rollouts, player->visits, true, 1);
        return finish_search(seat, action);
    }
    if (player->batch > 0 && player->batch < max) max = player->batch;
    if (max > player->search.max_leaves) max = player->search.max_leaves;
    *n = search_gather(seat->search, max, positions);
    if (*n > 0) return SEAT_WANTS_JUDGEMENT;
    const enum seat_state state = finish_search(seat, action);
    return state == SEAT_READY ? ask_gain(seat, max, positions, n, action) : state;
}

static void search_seat_absorb(struct seat *base, int n, const struct judgement *judgements) {
    struct seat_search *seat = (struct seat_search *)base;
    if (seat->phase == PHASE_GAIN) {
        by_area_absorb(&seat->gain, n, judgements);
    } else if (seat->phase == PHASE_RAW) {
        memcpy(seat->logits, judgements[0].logits, base->game->num_actions * sizeof *seat->logits);
        memcpy(seat->wdl, judgements[0].wdl, sizeof seat->wdl);
        seat->phase = PHASE_RAW_JUDGED;
    } else {
        search_absorb(seat->search, n, judgements);
    }
}

static void search_seat_free(struct seat *base) {
    struct seat_search *seat = (struct seat_search *)base;
    search_free(seat->search);
    evaluator_free(seat->rollouts);
    free(seat->scratch);
    free(seat->logits);
    free(seat->before);
    by_area_done(&seat->gain);
    free(seat);
}

enum status seat_search_new(struct seat **out, const struct player *player) {
    static const struct seat_verbs verbs = {
        .begin = search_seat_begin,
        .observe = search_seat_observe,
        .think = search_seat_think,
        .absorb = search_seat_absorb,
        .free = search_seat_free,
    };
    struct seat_search *seat = memory_new(1, sizeof *seat, "a player's seat");
    seat->base.verbs = &verbs;
    const enum status status = search_new(&seat->search, &player->search);
    if (status != STATUS_OK) {
        free(seat);
        return status;
    }
    *out = &seat->base;
    return STATUS_OK;
}
