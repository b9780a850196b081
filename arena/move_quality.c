// Positions are measured in groups. First each seat of the group thinks about its own position,
// while their leaves share batches. Then the solver judges the chosen moves one after another, so
// that its table of positions serves them all.
#include "arena/move_quality.h"

#include "arena/seat.h"
#include "base/memory.h"
#include "game/solver.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    GROUP = 16,       // positions that are thought about at once, a net's batch; chosen, not tuned
    MAX_DRAWS = 1000, // after this many random games in vain there are no new positions
};

struct sample {
    uint16_t *actions; // [max_plies]: they lead to the position
    int num_actions;
    int action; // the player's move in it
    int num_legal;
};

struct measuring {
    const struct move_quality_params *params;
    const struct game *game;
    const struct player *player;
    // NULL: the player needs none.
    struct evaluator *evaluator;
    // NULL before the first position.
    struct solver *solver;
    struct seat *seats[GROUP];
    struct sample samples[GROUP];
    char *state;
    uint64_t *seen; // [positions]: the keys of those that were drawn
    int num_seen;
    float *logits; // [GROUP, num_actions]
    struct rng rng;
};

static bool is_seen(const struct measuring *m, uint64_t key) {
    for (int i = 0; i < m->num_seen; i++)
        if (m->seen[i] == key) return true;
    return false;
}

// Draws a new position, and leaves it in m->state.
static enum status draw_position(struct measuring *m, struct sample *out) {
    const struct move_quality_params *p = m->params;
    uint16_t legal[GAME_MAX_ACTIONS];
    for (int i = 0; i < MAX_DRAWS; i++) {
        const int plies = p->min_plies + (int)rng_below(&m->rng, (uint32_t)(p->max_plies - p->min_plies + 1));
        int n;
        game_start(m->game, m->state);
        out->num_actions = 0;
        while ((n = game_legal(m->game, m->state, legal)) > 0 && out->num_actions < plies) {
            out->actions[out->num_actions] = legal[rng_below(&m->rng, (uint32_t)n)];
            game_play(m->game, m->state, out->actions[out->num_actions++]);
        }
        const uint64_t key = game_hash(m->game, m->state);
        if (n == 0 || is_seen(m, key)) continue;
        m->seen[m->num_seen++] = key;
        out->num_legal = n;
        return STATUS_OK;
    }
    return status_fail(STATUS_USAGE, "%s: random play finds no more than %d unfinished positions of %d to %d plies",
                       m->game->type->name, m->num_seen, p->min_plies, p->max_plies);
}

static void set_up(const struct measuring *m, const struct sample *sample) {
    game_start(m->game, m->state);
    for (int i = 0; i < sample->num_actions; i++) game_play(m->game, m->state, sample->actions[i]);
}

// Lets every seat choose its move. A seat gets one leaf at a time into the batch, as in a match.
static enum status think(struct measuring *m, int count) {
    struct position positions[GROUP];
    struct judgement judgements[GROUP];
    bool is_done[GROUP] = {false};
    for (int left = count; left > 0;) {
        int asked[GROUP], num_asked = 0;
        for (int i = 0; i < count; i++) {
            if (is_done[i]) continue;
            int n;
            const enum seat_state state = seat_think(m->seats[i], 1, &positions[num_asked], &n, &m->samples[i].action);
            if (state == SEAT_FAILED) return status_fail(STATUS_IO, "%s: %s", player_name(m->player), seat_reason(m->seats[i]));
            if (state == SEAT_WANTS_JUDGEMENT) {
                judgements[num_asked] =
                    (struct judgement){.logits = m->logits + (size_t)num_asked * (size_t)m->game->num_actions};
                asked[num_asked++] = i;
            }
            is_done[i] = state == SEAT_READY;
            left -= is_done[i];
        }
        if (num_asked) evaluator_judge(m->evaluator, num_asked, positions, judgements);
        for (int k = 0; k < num_asked; k++) seat_absorb(m->seats[asked[k]], 1, &judgements[k]);
    }
    return STATUS_OK;
}

// Makes m->solver one that can answer for the position in m->state.
static enum status want_solver(struct measuring *m) {
    if (m->solver && solver_serves(m->solver, m->state)) return STATUS_OK;
    solver_free(m->solver);
    m->solver = NULL;
    return solver_new_at(&m->solver, m->game, m->state);
}

// The smallest score that is as good a result as `value`: for a win any win, for a draw 0, for a
// loss anything.
static double least_as_good(double value) { return value > 0 ? 1e-9 : value < 0 ? -INFINITY : 0; }

static enum status compare(struct measuring *m, const struct sample *sample, struct move_quality *out) {
    set_up(m, sample);
    TRY(want_solver(m));
    const double value = solver_value(m->solver, m->state), floor = least_as_good(value);
    const bool keeps_score = solver_move_keeps(m->solver, m->state, sample->action, value);
    out->worse_score += !keeps_score;
    const bool is_worse = !keeps_score && isfinite(floor) && !solver_move_keeps(m->solver, m->state, sample->action, floor);
    out->worse_result += is_worse;
    if (is_worse && m->params->on_worse_result)
        m->params->on_worse_result(m->params->context, sample->actions, sample->num_actions, sample->action);
    out->choices += sample->num_legal > 1;
    out->positions++;
    return STATUS_OK;
}

static bool is_stopped(const struct measuring *m) { return m->params->stop && *m->params->stop; }

static enum status measure_group(struct measuring *m, int count, struct move_quality *out) {
    const double start = clock_seconds(m->params->clock);
    for (int i = 0; i < count; i++) {
        struct sample *sample = &m->samples[i];
        TRY(draw_position(m, sample));
        TRY(want_solver(m)); // now, so that nobody thinks in vain
        struct rng rng;
        rng_init(&rng, m->params->seed, (uint64_t)m->num_seen);
        const int side = game_to_move(m->game, m->state);
        TRY(seat_begin(m->seats[i], m->game, side, false, sample->actions, sample->num_actions, &rng));
    }
    TRY(think(m, count));
    const double thought = clock_seconds(m->params->clock);
    out->player_seconds += thought - start;
    double last = thought;
    for (int i = 0; i < count && !is_stopped(m); i++) {
        TRY(compare(m, &m->samples[i], out));
        const double now = clock_seconds(m->params->clock);
        out->solver_seconds += now - last;
        last = now;
        if (m->params->on_progress) m->params->on_progress(m->params->context, out);
    }
    return is_stopped(m) ? STATUS_CANCELLED : STATUS_OK;
}

static enum status measuring_init(struct measuring *m) {
    static const char what[] = "the positions of a measurement";
    m->state = memory_raw(1, m->game->state_bytes, what);
    m->seen = memory_raw((size_t)m->params->positions, sizeof *m->seen, what);
    m->logits = memory_raw((size_t)GROUP * (size_t)m->game->num_actions, sizeof *m->logits, what);
    for (int i = 0; i < GROUP; i++)
        m->samples[i].actions = memory_raw((size_t)m->params->max_plies + 1, sizeof *m->samples[i].actions, what);
    rng_init(&m->rng, m->params->seed, 0);
    TRY(player_evaluator(m->player, GROUP, &m->evaluator));
    for (int i = 0; i < GROUP; i++) TRY(seat_new(&m->seats[i], m->player, m->params->clock));
    return STATUS_OK;
}

static void measuring_done(struct measuring *m) {
    for (int i = 0; i < GROUP; i++) {
        seat_free(m->seats[i]);
        free(m->samples[i].actions);
    }
    evaluator_free(m->evaluator);
    solver_free(m->solver);
    free(m->state);
    free(m->seen);
    free(m->logits);
}

enum status move_quality_measure(const struct move_quality_params *params, const struct player *player,
                                 struct move_quality *out) {
    *out = (struct move_quality){.min_plies = params->min_plies, .max_plies = params->max_plies};
    if (player_is_program(player))
        return status_fail(STATUS_UNSUPPORTED, "%s: moves of GTP programs can't be compared with the solver",
                           player_name(player));
    if (params->min_plies < 0 || params->max_plies < params->min_plies || params->max_plies > params->game->max_plies)
        return status_fail(STATUS_USAGE, "--plies: %s has no positions from ply %d to %d: it lasts 0 to %d",
                           params->game->type->name, params->min_plies, params->max_plies, params->game->max_plies);
    TRY(player_check_game(player, params->game));
    struct measuring m = {.params = params, .game = params->game, .player = player};
    enum status status = measuring_init(&m);
    while (status == STATUS_OK && m.num_seen < params->positions) {
        const int left = params->positions - m.num_seen;
        status = measure_group(&m, left < GROUP ? left : GROUP, out);
    }
    measuring_done(&m);
    return status;
}
