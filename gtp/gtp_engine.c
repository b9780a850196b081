// The engine's position. After each change of the record it is derived anew, as gtp_engine.h
// explains. The commands that call this file are in gtp_commands_*.c.
#include "gtp/gtp_engine.h"

#include "base/memory.h"
#include "game/go_rules.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    // The game takes komi up to 1000, and the bonus for handicap stones is added to it.
    MAX_KOMI = 1000 - GAME_MAX_SIDE * GAME_MAX_SIDE,
};

static bool is_komi(double komi) { return komi == GAME_KOMI_DEFAULT || fabs(komi) <= MAX_KOMI; }

enum status gtp_engine_init(struct gtp_engine *engine, const struct gtp_params *params, struct evaluator *evaluator) {
    *engine =
        (struct gtp_engine){.params = params, .evaluator = evaluator, .num_root_actions = -1, .root_without = GAME_NO_ACTION};
    rng_init(&engine->rng, params->seed, 0x677470); // a stream of its own: "gtp" in ASCII
    TRY(gtp_strength_init(engine));
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
    if (!open_game(engine, engine->counted.height, komi, engine->num_handicap, &game)) return false;
    engine->counted = game;
    gtp_engine_choose_game(engine);
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
    engine->counted = game;
    gtp_engine_choose_game(engine);
    game = engine->game;
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
    engine->logits = memory_raw((size_t)GTP_MAX_BATCH * (size_t)game.num_actions, sizeof *engine->logits, what);
    for (int i = 0; i < GTP_MAX_BATCH; i++)
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
    return engine->counted.komi - go_handicap_bonus(&engine->counted, engine->num_handicap);
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
    if (go_handicap_bonus(&engine->counted, before) != go_handicap_bonus(&engine->counted, num_stones))
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
