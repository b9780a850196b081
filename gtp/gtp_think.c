// How the engine decides: it gives the search the visits and the time that there are, and says when
// to pass and when to resign. It ponders when it has nothing to decide.
#include "gtp/gtp_engine.h"

#include "arena/passing.h"
#include "gtp/gtp_cleanup.h"
#include "gtp/gtp_search.h"

#include <math.h>
#include <string.h>

// The seconds for a move where the clock's settings give none at all. Chosen: long enough for a
// search, too short for anybody to mind.
static const double least_seconds = 0.1;

// The seconds for this move; INFINITY: only the visits decide.
static double time_budget(struct gtp_engine *engine, int color) {
    const struct gtp_params *params = engine->params;
    int own = 0;
    for (int i = 0; i < engine->num_moves; i++) own += engine->moves[i].color == color;
    // A game has about 0.7 moves for each point of the board, half of them ours. However long it
    // lasts, some are assumed to come.
    const double points = engine->game.height * engine->game.width, expected = 0.35 * points - own, least = 5 + 0.08 * points;
    double budget = gtp_clock_budget(&engine->clock, color, expected > least ? expected : least);
    if (gtp_clock_is_empty(&engine->clock)) {
        budget = least_seconds;
        if (!engine->has_said_empty) {
            static const char text[] = "tengen: the time settings leave no time at all, so each move takes at most 0.1 s "
                                       "(time_settings 0 1 0 means no limit)\n";
            status_say(text, sizeof text - 1);
        }
        engine->has_said_empty = true;
    }
    if (params->time_per_move > 0 && params->time_per_move < budget) budget = params->time_per_move;
    return budget;
}

static struct gtp_search_plan plan_move(struct gtp_engine *engine, int color) {
    const double seconds = time_budget(engine, color);
    const int wanted = engine->strength.visits;
    const int visits = wanted > 0 ? wanted : isfinite(seconds) ? GTP_SEARCH_ENDLESS : 1;
    return (struct gtp_search_plan){.visits = visits, .seconds = seconds, .patience = engine->patience};
}

// The root's best move by its visits, or by the prior if there was no time to visit any. At a
// temperature above 0 a move is drawn by either.
static int choose(struct gtp_engine *engine, double temperature) {
    struct search_move moves[GAME_MAX_ACTIONS];
    const int n = search_moves(engine->search, moves);
    int visits = 0, best = 0;
    double total = 0;
    for (int i = 0; i < n; i++) {
        visits += moves[i].visits;
        if (moves[i].prior > moves[best].prior) best = i;
        if (temperature > 0) total += pow(moves[i].prior, 1 / temperature);
    }
    if (visits > 0) return search_choose(engine->search, temperature, &engine->rng);
    double left = temperature > 0 ? rng_double(&engine->rng) * total : 0;
    for (int i = 0; i < n && temperature > 0; i++)
        if ((left -= pow(moves[i].prior, 1 / temperature)) < 0) return moves[i].action;
    return moves[best].action;
}

// What the side to move could expect, 0..1, before the other one passed. The kept tree says it, or
// else the net alone.
static double expected_before_pass(struct gtp_engine *engine) {
    const struct game *game = &engine->game;
    const int length = engine->num_actions - 1;
    const double expected = gtp_search_follow(engine, length) ? passing_expectation(engine->search) : NAN;
    if (!isnan(expected)) return expected;
    void *before = (char *)engine->state + game->state_bytes;
    gtp_engine_replay(engine, before, length);
    engine->judgements[0].ownership = NULL;
    evaluator_judge(engine->evaluator, 1, &(struct position){.game = game, .state = before}, engine->judgements);
    return engine->judgements[0].wdl[2] + engine->judgements[0].wdl[1] / 2;
}

bool gtp_engine_counts_as_it_stands(const struct gtp_engine *engine) { return !strcmp(engine->game_rules, "tromp-taylor"); }

// Searches a root that is set. *winrate is what the mover expects.
static int search_move(struct gtp_engine *engine, int color, float *winrate) {
    const struct gtp_search_plan plan = plan_move(engine, color);
    gtp_search_run(engine, &plan);
    engine->has_searched = true;
    struct search_summary summary;
    search_summary(engine->search, &summary);
    *winrate = summary.wdl[0] + summary.wdl[1] / 2;
    return choose(engine, engine->strength.temperature);
}

// A capture to be made before passing, or else the pass. `expected` is what the mover expects from
// passing; NAN: it wins, but perhaps only without the dead stones.
static int clean_or_pass(struct gtp_engine *engine, int color, int pass, double expected) {
    // A move that costs so much of the winning chance is no clean-up. Chosen, not tuned.
    static const double most_loss = 0.1;
    uint16_t until[2 * GAME_MAX_ACTIONS];
    float winrate;
    const int capture = gtp_cleanup_capture(engine);
    if (capture != GAME_NO_ACTION) return capture;
    if (!gtp_cleanup_moves(engine, until) || !gtp_search_root(engine, until)) return pass;
    const int move = search_move(engine, color, &winrate);
    return isnan(expected) || winrate >= expected - most_loss ? move : pass;
}

// The move, or a pass where nothing is left to gain. A move that was drawn at a temperature may gain
// nothing though others do. Then the best one is played, for a pass would end the game.
static int pass_for_nothing(struct gtp_engine *engine, int action) {
    if (!gtp_engine_is_for_nothing(engine, action)) return action;
    const int best = engine->strength.temperature > 0 ? choose(engine, 0) : action;
    return best == action || gtp_engine_is_for_nothing(engine, best) ? engine->game.pass_action : best;
}

static int find_move(struct gtp_engine *engine, int color, float *winrate) {
    const struct game *game = &engine->game;
    const int pass = game->pass_action;
    if (game_outcome(game, engine->state) != OUTCOME_NONE) return pass;
    const bool is_stand_in = gtp_search_is_after_stand_in(engine), cleans_up = engine->cleans_up,
               as_it_stands = gtp_engine_counts_as_it_stands(engine);
    const int end = is_stand_in ? GAME_NO_ACTION : passing_end(game, engine->state, (char *)engine->state + game->state_bytes);
    // The pass wins, and nobody can dispute it.
    if (end != GAME_NO_ACTION && as_it_stands && !cleans_up) return end;
    // Where the game is settled no move changes the result, unless stones that are dead count.
    if (game_certain(game, engine->state) != OUTCOME_NONE)
        return cleans_up || as_it_stands ? clean_or_pass(engine, color, pass, NAN) : pass;
    if (end != GAME_NO_ACTION && passing_is_sure(expected_before_pass(engine)))
        return cleans_up ? clean_or_pass(engine, color, end, NAN) : end;
    const int without = is_stand_in ? pass : end;
    if (!(engine->until ? gtp_search_root(engine, engine->until) : gtp_search_root_without(engine, without))) return without;
    int action = search_move(engine, color, winrate);
    if (end != GAME_NO_ACTION && !passing_goes_on(*winrate)) {
        *winrate = NAN;
        return end;
    }
    if (!is_stand_in && action != pass) {
        action = pass_for_nothing(engine, action);
        if (action == pass) return pass;
    }
    // A search that was not allowed to pass is no reason to resign.
    if (!is_stand_in && *winrate < engine->params->resign_below) return GAME_NO_ACTION;
    return action == pass && (cleans_up || as_it_stands) ? clean_or_pass(engine, color, pass, *winrate) : action;
}

int gtp_engine_doubtful_pass(struct gtp_engine *engine) {
    const struct game *game = &engine->game;
    if (game->agreement == AGREEMENT_NONE || gtp_search_is_after_stand_in(engine) || gtp_engine_counts_as_it_stands(engine) ||
        game_certain(game, engine->state) != OUTCOME_NONE)
        return GAME_NO_ACTION;
    const int end = passing_end(game, engine->state, (char *)engine->state + game->state_bytes);
    return end != GAME_NO_ACTION && !passing_is_sure(expected_before_pass(engine)) ? end : GAME_NO_ACTION;
}

int gtp_engine_think(struct gtp_engine *engine, int color, float *winrate) {
    const double start = clock_seconds(engine->params->clock);
    *winrate = NAN;
    engine->has_searched = false;
    gtp_engine_warn(engine);
    gtp_engine_derive(engine, color);
    const int action = find_move(engine, color, winrate);
    gtp_clock_used(&engine->clock, color, clock_seconds(engine->params->clock) - start);
    return action;
}

void gtp_engine_play_own(struct gtp_engine *engine, int color, int action, float winrate) {
    CHECK(gtp_engine_play(engine, color, action));
    engine->moves[engine->num_moves - 1].winrate = winrate;
    engine->is_pondering = true;
}

void gtp_engine_ponder(struct gtp_engine *engine) {
    const struct gtp_search_plan plan = {.visits = GTP_SEARCH_ENDLESS, .seconds = INFINITY, .patience = GTP_UNTIL_ANY};
    if (!engine->is_pondering || !engine->ponders || game_certain(&engine->game, engine->state) != OUTCOME_NONE) return;
    if (gtp_channel_interrupts(engine->channel, GTP_UNTIL_ANY) || !gtp_search_root(engine, NULL)) return;
    gtp_search_run(engine, &plan);
}
