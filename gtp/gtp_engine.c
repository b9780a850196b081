// The engine's position and its thinking. After each change of the record the position is derived
// anew, as gtp_engine.h explains; the search's tree is kept as long as it leads there. The commands
// that call this file are in gtp_commands.c.
#include "gtp/gtp_engine.h"

#include "arena/passing.h"
#include "base/memory.h"
#include "game/go_rules.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_BATCH = 64,
    // The game takes komi up to 1000, and the bonus for handicap stones is added to it.
    MAX_KOMI = 1000 - GAME_MAX_SIDE * GAME_MAX_SIDE,
    // The visits of one portion of work (search_for).
    PORTION = 256,
};

static bool is_komi(double komi) { return komi == GAME_KOMI_DEFAULT || fabs(komi) <= MAX_KOMI; }

enum status gtp_engine_init(struct gtp_engine *engine, const struct gtp_params *params, struct evaluator *evaluator) {
    *engine =
        (struct gtp_engine){.params = params, .evaluator = evaluator, .num_root_actions = -1, .root_without = GAME_NO_ACTION};
    rng_init(&engine->rng, params->seed, 0x677470); // a stream of its own: "gtp" in ASCII
    struct search_params search = search_params_default;
    search.kind = SEARCH_PUCT;
    search.max_leaves = MAX_BATCH;
    search.root_noise_weight = 0;
    search.stop_settled = true;
    search.average_root = true;
    TRY(search_new(&engine->search, &search));
    struct go_rules rules;
    TRY(go_rules_parse(&rules, params->rules ? params->rules : "chinese"));
    engine->rules = go_rules_text(&rules);
    const int size = params->size > 0                                ? params->size
                     : params->net && params->net->meta.max_size > 0 ? params->net->meta.max_size
                                                                     : 9;
    if (!is_komi(params->komi))
        return status_fail(STATUS_USAGE, "gtp: komi %g is too large for GTP: it is at most %d", params->komi, MAX_KOMI);
    if (size < 2 || size > GAME_MAX_SIDE)
        return status_fail(STATUS_USAGE, "gtp: a board of %dx%d is not within 2x2 and %dx%d", size, size, GAME_MAX_SIDE,
                           GAME_MAX_SIDE);
    // The game or the net said why.
    return gtp_engine_resize(engine, size, params->komi) ? STATUS_OK : STATUS_UNSUPPORTED;
}

void gtp_engine_done(struct gtp_engine *engine) {
    search_free(engine->search);
    free(engine->moves);
    free(engine->state);
    free(engine->actions);
    free(engine->root_actions);
    free(engine->logits);
}

// Opens the game with the handicap's bonus in its komi.
static bool open_game(const struct gtp_engine *engine, int size, double komi, int num_handicap, struct game *game) {
    struct game_options options = {.height = size, .width = size, .komi = komi, .rules = engine->rules};
    if (game_open(game, "go", &options) != STATUS_OK) return false;
    const double bonus = go_handicap_bonus(game, num_handicap);
    if (bonus == 0) return true;
    options.komi = game->komi + bonus;
    return game_open(game, "go", &options) == STATUS_OK;
}

// Opens the game on the same board again, after komi, rules or handicap have changed.
static bool reopen(struct gtp_engine *engine, double komi) {
    struct game game;
    if (!open_game(engine, engine->game.height, komi, engine->num_handicap, &game)) return false;
    engine->game = game;
    engine->komi = komi;
    engine->num_root_actions = -1;
    gtp_engine_derive(engine, gtp_engine_next_color(engine));
    return true;
}

bool gtp_engine_resize(struct gtp_engine *engine, int size, double komi) {
    struct game game;
    if (!is_komi(komi) || size < 2 || size > GAME_MAX_SIDE || !open_game(engine, size, komi, 0, &game)) return false;
    if (engine->params->net && net_check_game(engine->params->net, &game, engine->params->model_name) != STATUS_OK)
        return false;
    engine->game = game;
    engine->komi = komi;
    engine->num_root_actions = -1;
    free(engine->state);
    free(engine->actions);
    free(engine->root_actions);
    free(engine->logits);
    static const char what[] = "the GTP engine's position";
    const size_t max_actions = (size_t)game.max_plies + 2;
    engine->state = memory_raw(2, game.state_bytes, what); // the second half is scratch
    engine->actions = memory_raw(max_actions, sizeof *engine->actions, what);
    engine->root_actions = memory_raw(max_actions, sizeof *engine->root_actions, what);
    engine->logits = memory_raw((size_t)MAX_BATCH * (size_t)game.num_actions, sizeof *engine->logits, what);
    for (int i = 0; i < MAX_BATCH; i++)
        engine->judgements[i] = (struct judgement){.logits = engine->logits + i * game.num_actions};
    gtp_engine_clear(engine);
    return true;
}

void gtp_engine_clear(struct gtp_engine *engine) {
    engine->num_moves = 0;
    gtp_clock_restart(&engine->clock);
    gtp_engine_set_handicap(engine, 0);
    gtp_engine_derive(engine, 0);
}

bool gtp_engine_set_komi(struct gtp_engine *engine, double komi) { return is_komi(komi) && reopen(engine, komi); }

double gtp_engine_komi(const struct gtp_engine *engine) {
    return engine->game.komi - go_handicap_bonus(&engine->game, engine->num_handicap);
}

bool gtp_engine_set_rules(struct gtp_engine *engine, const char *text) {
    struct go_rules rules;
    CHECK(engine->num_moves == 0);
    if (!go_rules_read(&rules, text)) return false;
    engine->rules = go_rules_text(&rules);
    return reopen(engine, engine->komi);
}

void gtp_engine_set_handicap(struct gtp_engine *engine, int num_stones) {
    const int before = engine->num_handicap;
    engine->num_handicap = num_stones;
    if (go_handicap_bonus(&engine->game, before) != go_handicap_bonus(&engine->game, num_stones))
        CHECK(reopen(engine, engine->komi)); // this game was open before, only with another komi
}

static void advance(struct gtp_engine *engine, int action) {
    game_play(&engine->game, engine->state, action);
    engine->actions[engine->num_actions++] = action;
}

void gtp_engine_derive(struct gtp_engine *engine, int color) {
    const struct game *game = &engine->game;
    const int pass = game->height * game->width;
    game_start(game, engine->state);
    engine->num_actions = 0;
    for (int i = 0; i < engine->num_moves; i++) {
        const struct gtp_move *move = &engine->moves[i];
        if (move->action == pass) continue;
        if (game_to_move(game, engine->state) != move->color) advance(engine, pass);
        CHECK(game_is_legal(game, engine->state, move->action));
        advance(engine, move->action);
    }
    if (game_outcome(game, engine->state) == OUTCOME_NONE && game_to_move(game, engine->state) != color) advance(engine, pass);
    engine->to_play = color;
}

static void add_move(struct gtp_engine *engine, int color, int action) {
    if (engine->num_moves == engine->max_moves) {
        engine->max_moves = engine->max_moves ? 2 * engine->max_moves : 256;
        engine->moves = memory_resize(engine->moves, (size_t)engine->max_moves, sizeof *engine->moves, "the moves of GTP");
    }
    engine->moves[engine->num_moves++] = (struct gtp_move){.color = color, .action = action, .winrate = NAN};
}

bool gtp_engine_play(struct gtp_engine *engine, int color, int action) {
    if (action != engine->game.height * engine->game.width) { // a pass is always legal
        gtp_engine_derive(engine, color);
        if (!game_is_legal(&engine->game, engine->state, action)) return false;
    }
    add_move(engine, color, action);
    gtp_engine_derive(engine, 1 - color);
    return true;
}

bool gtp_engine_undo(struct gtp_engine *engine) {
    if (engine->num_moves == 0) return false;
    engine->num_moves--;
    if (engine->num_handicap > engine->num_moves) gtp_engine_set_handicap(engine, engine->num_moves);
    gtp_engine_derive(engine, gtp_engine_next_color(engine));
    return true;
}

int gtp_engine_next_color(const struct gtp_engine *engine) {
    return engine->num_moves ? 1 - engine->moves[engine->num_moves - 1].color : 0;
}

// --- Thinking ---------------------------------------------------------------------------------

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
    struct position positions[MAX_BATCH];
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
    int batch = params->batch < 1 ? 1 : params->batch > MAX_BATCH ? MAX_BATCH : params->batch;
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
    game_start(game, before);
    for (int i = 0; i < length; i++) game_play(game, before, engine->actions[i]);
    evaluator_judge(engine->evaluator, 1, &(struct position){.game = game, .state = before}, engine->judgements);
    return engine->judgements[0].wdl[2] + engine->judgements[0].wdl[1] / 2;
}

// Whether the players agree on who lives. By the rules of Tromp and Taylor they don't: all stones
// that stand live.
static bool ends_by_agreement(const struct gtp_engine *engine) { return strcmp(engine->rules, "tromp-taylor") != 0; }

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
