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
    struct search_params search = search_params_default;
    search.kind = SEARCH_PUCT;
    search.max_leaves = GTP_MAX_BATCH;
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
    engine->komi = params->komi;
    return gtp_engine_resize(engine, size, size) ? STATUS_OK : STATUS_UNSUPPORTED;
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
static bool open_game(int width, int height, double komi, const char *rules, int num_handicap, struct game *game) {
    struct game_options options = {.height = height, .width = width, .komi = komi, .rules = rules};
    if (game_open(game, "go", &options) != STATUS_OK) return false;
    const double bonus = go_handicap_bonus(game, num_handicap);
    if (bonus == 0) return true;
    options.komi = game->komi + bonus;
    return game_open(game, "go", &options) == STATUS_OK;
}

// Opens the game on the same board again, after komi, rules or handicap have changed.
static bool reopen(struct gtp_engine *engine, double komi, const char *rules) {
    struct game game;
    if (!open_game(engine->game.width, engine->game.height, komi, rules, engine->num_handicap, &game)) return false;
    engine->game = game;
    engine->game_komi = komi;
    engine->game_rules = rules;
    engine->num_root_actions = -1;
    gtp_engine_derive(engine, gtp_engine_next_color(engine));
    return true;
}

// Makes room for the positions of the game.
static void allocate(struct gtp_engine *engine) {
    const struct game *game = &engine->game;
    free(engine->state);
    free(engine->actions);
    free(engine->root_actions);
    free(engine->logits);
    static const char what[] = "the GTP engine's position";
    const size_t max_actions = (size_t)game->max_plies + 2;
    engine->state = memory_raw(2, game->state_bytes, what); // the second half is scratch
    engine->actions = memory_raw(max_actions, sizeof *engine->actions, what);
    engine->root_actions = memory_raw(max_actions, sizeof *engine->root_actions, what);
    engine->logits = memory_raw((size_t)GTP_MAX_BATCH * (size_t)game->num_actions, sizeof *engine->logits, what);
    for (int i = 0; i < GTP_MAX_BATCH; i++)
        engine->judgements[i] = (struct judgement){.logits = engine->logits + i * game->num_actions};
}

// Forgets the record. The game keeps its komi and rules.
static void restart(struct gtp_engine *engine) {
    engine->is_set_up = false;
    engine->num_moves = 0;
    engine->num_root_actions = -1;
    gtp_clock_restart(&engine->clock);
    gtp_engine_set_handicap(engine, 0);
    gtp_engine_derive(engine, 0);
}

bool gtp_engine_new_game(struct gtp_engine *engine, int width, int height, double komi, const char *rules) {
    struct game game;
    const int least = width < height ? width : height, most = width < height ? height : width;
    if (!is_komi(komi) || least < 2 || most > GAME_MAX_SIDE || !open_game(width, height, komi, rules, 0, &game)) return false;
    if (engine->params->net && net_check_game(engine->params->net, &game, engine->params->model_name) != STATUS_OK)
        return false;
    engine->game = game;
    engine->game_komi = komi;
    engine->game_rules = rules;
    allocate(engine);
    restart(engine);
    return true;
}

bool gtp_engine_resize(struct gtp_engine *engine, int width, int height) {
    return gtp_engine_new_game(engine, width, height, engine->komi, engine->rules);
}

void gtp_engine_clear(struct gtp_engine *engine) {
    restart(engine);
    CHECK(reopen(engine, engine->komi, engine->rules)); // these were accepted when they were said
}

bool gtp_engine_set_komi(struct gtp_engine *engine, double komi) {
    if (!is_komi(komi) || !reopen(engine, komi, engine->game_rules)) return false;
    engine->komi = komi;
    return true;
}

double gtp_engine_komi(const struct gtp_engine *engine) {
    return engine->game.komi - go_handicap_bonus(&engine->game, engine->num_handicap);
}

bool gtp_engine_set_rules(struct gtp_engine *engine, const char *text) {
    struct go_rules rules;
    CHECK(gtp_engine_is_empty(engine));
    if (!go_rules_read(&rules, text)) return false;
    engine->rules = go_rules_text(&rules);
    return reopen(engine, engine->game_komi, engine->rules);
}

bool gtp_engine_is_empty(const struct gtp_engine *engine) {
    bool is_empty = engine->num_moves == 0;
    for (int p = 0; engine->is_set_up && p < engine->game.height * engine->game.width; p++) is_empty &= !engine->setup[p];
    return is_empty;
}

bool gtp_engine_set_up(struct gtp_engine *engine, const int8_t *stones, int color) {
    const struct game *game = &engine->game;
    if (game_set_up(game, (char *)engine->state + game->state_bytes, stones, color) != STATUS_OK) return false;
    memcpy(engine->setup, stones, (size_t)(game->height * game->width));
    engine->is_set_up = true;
    engine->setup_color = color;
    engine->num_moves = 0;
    engine->num_root_actions = -1;
    gtp_engine_set_handicap(engine, 0);
    gtp_engine_derive(engine, color);
    return true;
}

void gtp_engine_stones_now(struct gtp_engine *engine, int8_t *stones) {
    gtp_engine_derive(engine, gtp_engine_next_color(engine));
    game_stones(&engine->game, engine->state, stones);
}

void gtp_engine_set_handicap(struct gtp_engine *engine, int num_stones) {
    const int before = engine->num_handicap;
    engine->num_handicap = num_stones;
    if (go_handicap_bonus(&engine->game, before) != go_handicap_bonus(&engine->game, num_stones))
        // This game was open before, only with another komi.
        CHECK(reopen(engine, engine->game_komi, engine->game_rules));
}

static void advance(struct gtp_engine *engine, int action) {
    game_play(&engine->game, engine->state, action);
    engine->actions[engine->num_actions++] = action;
}

// Makes the state in which the record begins.
static void begin(const struct gtp_engine *engine, void *state) {
    if (engine->is_set_up)
        CHECK(game_set_up(&engine->game, state, engine->setup, engine->base_color) == STATUS_OK);
    else
        game_start(&engine->game, state);
}

void gtp_engine_replay(const struct gtp_engine *engine, void *state, int num_actions) {
    begin(engine, state);
    for (int i = 0; i < num_actions; i++) game_play(&engine->game, state, engine->actions[i]);
}

// What was set up has the side to move that moves first, so that there is no pass that nobody made.
static int find_base(const struct gtp_engine *engine, int color) {
    if (!engine->is_set_up) return 0;
    if (!engine->game.can_set_up) return engine->setup_color;
    return engine->num_moves ? engine->moves[0].color : color;
}

void gtp_engine_derive(struct gtp_engine *engine, int color) {
    const struct game *game = &engine->game;
    const int pass = game->height * game->width, base = find_base(engine, color);
    if (base != engine->base_color) engine->num_root_actions = -1; // the tree begins elsewhere
    engine->base_color = base;
    begin(engine, engine->state);
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
    gtp_engine_derive(engine, gtp_engine_next_color(engine));
    return true;
}

int gtp_engine_next_color(const struct gtp_engine *engine) {
    if (engine->num_moves) return 1 - engine->moves[engine->num_moves - 1].color;
    return engine->is_set_up ? engine->setup_color : 0;
}
