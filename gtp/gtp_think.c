// How the engine thinks: it puts the search at the position, searches for as long as the visits and
// the clock allow, and decides when to pass and when to resign.
#include "gtp/gtp_engine.h"

#include "arena/passing.h"

#include <limits.h>
#include <math.h>
#include <string.h>

enum {
    // The visits of one portion of work (search_for).
    PORTION = 256,
};

// Advances the kept tree to the position after the first `length` actions. False: there is no tree
// that leads there.
static bool follow(struct gtp_engine *engine, int length) {
    const int kept = engine->num_root_actions;
    bool rooted = kept >= 0 && kept <= length && !memcmp(engine->root_actions, engine->actions, kept * sizeof *engine->actions);
    if (engine->root_without != GAME_NO_ACTION && kept == length) rooted = false;
    for (int i = kept; rooted && i < length; i++) rooted = search_advance(engine->search, engine->actions[i]);
    memcpy(engine->root_actions, engine->actions, length * sizeof *engine->actions);
    engine->num_root_actions = rooted ? length : -1;
    engine->root_without = GAME_NO_ACTION;
    return rooted;
}

// Puts the search's root at the position. If `without` is GAME_NO_ACTION, the tree is kept where it
// leads there. Otherwise the search starts anew and leaves out that action. False: there is no
// other move.
static bool set_root(struct gtp_engine *engine, int without) {
    bool rooted = without == GAME_NO_ACTION && follow(engine, engine->num_actions);
    if (!rooted) rooted = search_start_without(engine->search, &engine->game, engine->state, without, &engine->rng);
    rng_u64(&engine->rng); // so that the next start draws other numbers
    memcpy(engine->root_actions, engine->actions, engine->num_actions * sizeof *engine->actions);
    engine->num_root_actions = rooted ? engine->num_actions : -1;
    engine->root_without = without;
    return rooted;
}

// The seconds for this move; INFINITY: only the visits decide.
static double time_budget(const struct gtp_engine *engine, int color) {
    const struct gtp_params *params = engine->params;
    int own = 0;
    for (int i = 0; i < engine->num_moves; i++) own += engine->moves[i].color == color;
    // A game has about 0.7 moves for each point of the board, half of them ours. However long it
    // lasts, some are assumed to come.
    const double points = engine->game.height * engine->game.width, expected = 0.35 * points - own, least = 5 + 0.08 * points;
    double budget = gtp_clock_budget(&engine->clock, color, expected > least ? expected : least);
    if (params->time_per_move > 0 && params->time_per_move < budget) budget = params->time_per_move;
    return budget;
}

// Judges one batch of at most `most` leaves and returns their number; 0: the work at hand is done.
static int search_batch(struct gtp_engine *engine, int most) {
    struct position positions[GTP_MAX_BATCH];
    const int n = search_gather(engine->search, most, positions);
    if (n > 0) {
        evaluator_judge(engine->evaluator, n, positions, engine->judgements);
        search_absorb(engine->search, n, engine->judgements);
    }
    return n;
}

static bool is_root_judged(const struct gtp_engine *engine) {
    struct search_summary summary;
    search_summary(engine->search, &summary);
    return summary.simulations > 0;
}

// Searches until the visits are reached or the next batch would end too late, but at least until
// the root is judged. The visits are ordered in portions, because the clock is looked at between
// batches, and where all lines end in finished positions there are no leaves to judge and so no
// batches.
static void search_for(struct gtp_engine *engine, double budget) {
    const struct gtp_params *params = engine->params;
    const double start = clock_seconds(params->clock);
    const bool timed = isfinite(budget);
    const int visits = params->visits > 0 ? params->visits : timed ? INT_MAX / 2 : 1;
    int batch = params->batch < 1 ? 1 : params->batch > GTP_MAX_BATCH ? GTP_MAX_BATCH : params->batch;
    if (batch > engine->evaluator->max_batch) batch = engine->evaluator->max_batch;
    double slowest = 0, before = start; // the most seconds that a leaf took lately
    for (;;) {
        struct search_summary summary;
        search_summary(engine->search, &summary);
        const long long target = summary.simulations + PORTION < visits ? summary.simulations + PORTION : visits;
        search_begin(engine->search, target, true);
        int leaves = 0;
        for (int n = 1; n > 0; leaves += n) {
            // How many leaves the time allows; before the speed is known, as few as possible.
            const double leaves_left = slowest > 0 ? (start + budget - before) / slowest : 1;
            if (timed && leaves_left < 1 && is_root_judged(engine)) {
                search_stop(engine->search);
                return;
            }
            n = search_batch(engine, !timed || leaves_left >= batch ? batch : leaves_left < 1 ? 1 : (int)leaves_left);
            const double now = clock_seconds(params->clock), a_leaf = n > 0 ? (now - before) / n : 0;
            slowest = a_leaf > slowest ? a_leaf : 0.9 * slowest + 0.1 * a_leaf;
            before = now;
        }
        // Without leaves, every line is known to its end.
        if (target == visits || leaves == 0) return;
    }
}

// The last action is a pass that nobody made, which is there only to give the move to the right
// colour. Such a pass must not help to end the game.
static bool is_after_stand_in(const struct gtp_engine *engine) {
    const int pass = engine->game.height * engine->game.width;
    if (!engine->num_actions || engine->actions[engine->num_actions - 1] != pass) return false;
    const struct gtp_move *last = engine->num_moves ? &engine->moves[engine->num_moves - 1] : NULL;
    return !last || last->action != pass || last->color == engine->to_play;
}

// The root's best move by its visits, or by the prior if there was no time to visit any.
static int choose(struct gtp_engine *engine) {
    struct search_move moves[GAME_MAX_ACTIONS];
    const int n = search_moves(engine->search, moves);
    int visits = 0, best = 0;
    for (int i = 0; i < n; i++) {
        visits += moves[i].visits;
        if (moves[i].prior > moves[best].prior) best = i;
    }
    return visits > 0 ? search_choose(engine->search, 0, &engine->rng) : moves[best].action;
}

// What the side to move could expect, 0..1, before the other one passed. The kept tree says it, or
// else the net alone.
static double expected_before_pass(struct gtp_engine *engine) {
    const struct game *game = &engine->game;
    const int length = engine->num_actions - 1;
    const double expected = follow(engine, length) ? passing_expectation(engine->search) : NAN;
    if (!isnan(expected)) return expected;
    void *before = (char *)engine->state + game->state_bytes;
    gtp_engine_replay(engine, before, length);
    evaluator_judge(engine->evaluator, 1, &(struct position){.game = game, .state = before}, engine->judgements);
    return engine->judgements[0].wdl[2] + engine->judgements[0].wdl[1] / 2;
}

// Whether the players agree on who lives. By the rules of Tromp and Taylor they don't: all stones
// that stand live.
static bool ends_by_agreement(const struct gtp_engine *engine) { return strcmp(engine->game_rules, "tromp-taylor") != 0; }

// Searches for a move, which is `without` only if there is no other.
static int search_move(struct gtp_engine *engine, int color, int without, float *winrate) {
    if (!set_root(engine, without)) return without;
    search_for(engine, time_budget(engine, color));
    struct search_summary summary;
    search_summary(engine->search, &summary);
    *winrate = summary.wdl[0] + summary.wdl[1] / 2;
    return choose(engine);
}

static int find_move(struct gtp_engine *engine, int color, float *winrate) {
    const struct game *game = &engine->game;
    const int pass = game->height * game->width;
    // No move can change the result.
    if (game_certain(game, engine->state) != OUTCOME_NONE) return pass;
    const bool is_stand_in = is_after_stand_in(engine);
    const int end = is_stand_in ? GAME_NO_ACTION : passing_end(game, engine->state, (char *)engine->state + game->state_bytes);
    if (end != GAME_NO_ACTION && (!ends_by_agreement(engine) || passing_is_sure(expected_before_pass(engine)))) return end;
    const int action = search_move(engine, color, is_stand_in ? pass : end, winrate);
    if (end != GAME_NO_ACTION && !passing_goes_on(*winrate)) {
        *winrate = NAN;
        return end;
    }
    // A search that was not allowed to pass is no reason to resign.
    return !is_stand_in && *winrate < engine->params->resign_below ? GAME_NO_ACTION : action;
}

int gtp_engine_think(struct gtp_engine *engine, int color, float *winrate) {
    const double start = clock_seconds(engine->params->clock);
    *winrate = NAN;
    gtp_engine_derive(engine, color);
    const int action = find_move(engine, color, winrate);
    gtp_clock_used(&engine->clock, color, clock_seconds(engine->params->clock) - start);
    return action;
}
