// The engine's position. After each change of the record it is derived anew, as gtp_engine.h
// explains. The commands that call this file are in gtp_commands_*.c.
#include "gtp/gtp_engine.h"

#include "base/memory.h"
#include "game/go_rules.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    // The game takes komi up to this, and the bonus for handicap stones is added to it.
    MAX_KOMI = 1000,
    // The most plies that a game of Go can be opened for.
    MAX_PLIES = 10000,
    // A game gets room for more plies before fewer than so many are left.
    ROOM = 64,
};

static void advance(struct gtp_engine *engine, int action) {
    game_play(&engine->game, engine->state, action);
    engine->actions[engine->num_actions++] = (uint16_t)action;
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

// Gives the move to this colour, by a pass where one is needed and legal. False: it can't move.
static bool give_turn(struct gtp_engine *engine, int color) {
    const struct game *game = &engine->game;
    if (game_outcome(game, engine->state) != OUTCOME_NONE) return false;
    if (game_to_move(game, engine->state) == color) return true;
    if (game->pass_action == GAME_NO_ACTION || !game_is_legal(game, engine->state, game->pass_action)) return false;
    advance(engine, game->pass_action);
    return game_outcome(game, engine->state) == OUTCOME_NONE;
}

// Derives the position after the record. False: a move of it is not legal.
static bool replay(struct gtp_engine *engine) {
    const struct game *game = &engine->game;
    begin(engine, engine->state);
    engine->num_actions = 0;
    for (int i = 0; i < engine->num_moves; i++) {
        const struct gtp_move *move = &engine->moves[i];
        if (move->action == game->pass_action) continue;
        if (!give_turn(engine, move->color) || !game_is_legal(game, engine->state, move->action)) return false;
        advance(engine, move->action);
    }
    return true;
}

void gtp_engine_derive(struct gtp_engine *engine, int color) {
    const int base = find_base(engine, color);
    if (base != engine->base_color) engine->num_root_actions = -1; // the tree begins elsewhere
    engine->base_color = base;
    engine->is_pondering = false;
    CHECK(replay(engine));
    // Without free passes it may be the other colour's turn.
    const bool is_over = game_outcome(&engine->game, engine->state) != OUTCOME_NONE;
    engine->to_play = is_over || give_turn(engine, color) ? color : game_to_move(&engine->game, engine->state);
}

// Only Go has a bonus for handicap stones.
static double bonus_of(const struct game *game, int num_stones) {
    return game->has_komi ? go_handicap_bonus(game, num_stones) : 0;
}

// Opens the game with the handicap's bonus in its komi. Games without komi ignore it, because most
// controllers set one before every game.
static enum status open_game(const struct gtp_engine *engine, int width, int height, double komi, const char *rules,
                             struct game *game) {
    struct game_options options = {
        .height = height, .width = width, .komi = GAME_KOMI_DEFAULT, .rules = rules, .max_plies = engine->max_plies};
    TRY(game_open(game, engine->game_name, &options));
    if (!game->has_komi) return STATUS_OK;
    const double wanted = (komi == GAME_KOMI_DEFAULT ? game->komi : komi) + bonus_of(game, engine->num_counted);
    options.komi = wanted > MAX_KOMI ? MAX_KOMI : wanted < -MAX_KOMI ? -MAX_KOMI : wanted;
    return game_open(game, engine->game_name, &options);
}

static enum status check_net(const struct gtp_engine *engine, const struct game *game) {
    const struct gtp_params *params = engine->params;
    return params->net ? net_check_game(params->net, game, params->model_name) : STATUS_OK;
}

// Makes room for the positions of the game. The tree, which is of another game, is gone.
static void allocate(struct gtp_engine *engine) {
    const struct game *game = &engine->game;
    engine->num_root_actions = -1;
    free(engine->state);
    free(engine->actions);
    free(engine->root_actions);
    free(engine->logits);
    free(engine->ownership);
    static const char what[] = "the GTP engine's position";
    const size_t max_actions = (size_t)game->max_plies + 2;
    engine->state = memory_raw(2, game->state_bytes, what); // the second half is scratch
    engine->actions = memory_raw(max_actions, sizeof *engine->actions, what);
    engine->root_actions = memory_raw(max_actions, sizeof *engine->root_actions, what);
    engine->logits = memory_raw((size_t)GTP_MAX_BATCH * (size_t)game->num_actions, sizeof *engine->logits, what);
    engine->ownership =
        memory_raw((size_t)GTP_MAX_BATCH * (size_t)(game->height * game->width), sizeof *engine->ownership, what);
    for (int i = 0; i < GTP_MAX_BATCH; i++)
        engine->judgements[i] = (struct judgement){.logits = engine->logits + i * game->num_actions};
}

// Opens the game on the same board again, after komi, rules or handicap have changed or it has
// become long. Fails, and changes nothing, where the moves of the record are not legal in it.
static enum status reopen(struct gtp_engine *engine, double komi, const char *rules) {
    struct game game;
    TRY(open_game(engine, engine->game.width, engine->game.height, komi, rules, &game));
    TRY(check_net(engine, &game));
    const struct game before = engine->counted;
    engine->counted = game;
    gtp_engine_choose_game(engine);
    allocate(engine);
    if (!replay(engine)) {
        engine->counted = before;
        gtp_engine_choose_game(engine);
        allocate(engine);
        gtp_engine_derive(engine, gtp_engine_next_color(engine));
        return STATUS_UNSUPPORTED;
    }
    engine->game_komi = komi;
    engine->game_rules = game.rules;
    gtp_engine_derive(engine, gtp_engine_next_color(engine));
    return STATUS_OK;
}

// Black's moves before any other are handicap stones, because many controllers place them so.
static void count_handicap(struct gtp_engine *engine) {
    int n = 0;
    while (n < engine->num_moves && !engine->moves[n].color && engine->moves[n].action != engine->game.pass_action) n++;
    const int before = engine->num_counted;
    engine->num_counted = engine->is_set_up || engine->num_handicap ? engine->num_handicap : n;
    if (bonus_of(&engine->game, before) == bonus_of(&engine->game, engine->num_counted)) return;
    // This game was open before, only with another komi.
    CHECK(reopen(engine, engine->game_komi, engine->game_rules) == STATUS_OK);
}

void gtp_engine_set_handicap(struct gtp_engine *engine, int num_stones) {
    engine->num_handicap = num_stones;
    count_handicap(engine);
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

static enum status new_game(struct gtp_engine *engine, int width, int height, double komi, const char *rules) {
    struct game game;
    const int counted = engine->num_counted, max_plies = engine->max_plies;
    engine->num_counted = engine->max_plies = 0;
    enum status status = open_game(engine, width, height, komi, rules, &game);
    if (status == STATUS_OK) status = check_net(engine, &game);
    if (status != STATUS_OK) {
        engine->num_counted = counted;
        engine->max_plies = max_plies;
        return status;
    }
    engine->counted = game;
    gtp_engine_choose_game(engine);
    engine->game_komi = komi;
    engine->game_rules = game.rules;
    allocate(engine);
    restart(engine);
    return STATUS_OK;
}

enum status gtp_engine_init(struct gtp_engine *engine, const struct gtp_params *params, struct evaluator *evaluator) {
    const struct net *net = params->net;
    *engine = (struct gtp_engine){.settings = *params,
                                  .params = &engine->settings,
                                  .given = params,
                                  .evaluator = evaluator,
                                  .komi = params->komi,
                                  .rules = params->rules,
                                  .num_root_actions = -1,
                                  .ponders = params->ponders,
                                  .cleans_up = params->cleans_up};
    engine->game_name = params->game ? params->game : net && net->meta.game[0] ? net->meta.game : "go";
    rng_init(&engine->rng, params->seed, 0x677470); // a stream of its own: "gtp" in ASCII
    TRY(gtp_strength_init(engine));
    const int height = params->size > 0 ? params->size : net && net->meta.max_size > 0 ? net->meta.max_size : 0;
    const int width = params->size > 0 && params->width > 0 ? params->width : height;
    TRY(new_game(engine, width, height, params->komi, params->rules));
    engine->rules = engine->counted.rules;
    return STATUS_OK;
}

void gtp_engine_done(struct gtp_engine *engine) {
    search_free(engine->search);
    free(engine->moves);
    free(engine->state);
    free(engine->actions);
    free(engine->root_actions);
    free(engine->logits);
    free(engine->ownership);
}

bool gtp_engine_new_game(struct gtp_engine *engine, int width, int height, double komi, const char *rules) {
    if (width < 2 || height < 2 || width > GAME_MAX_SIDE || height > GAME_MAX_SIDE) return false;
    return new_game(engine, width, height, komi, rules) == STATUS_OK;
}

bool gtp_engine_resize(struct gtp_engine *engine, int width, int height) {
    return gtp_engine_new_game(engine, width, height, engine->komi, engine->rules);
}

void gtp_engine_clear(struct gtp_engine *engine) {
    // These were accepted when they were said.
    CHECK(gtp_engine_new_game(engine, engine->game.width, engine->game.height, engine->komi, engine->rules));
}

bool gtp_engine_set_komi(struct gtp_engine *engine, double komi) {
    if (reopen(engine, komi, engine->game_rules) != STATUS_OK) return false;
    engine->komi = komi;
    return true;
}

double gtp_engine_komi(const struct gtp_engine *engine) {
    if (engine->game_komi != GAME_KOMI_DEFAULT) return engine->game_komi;
    return engine->counted.komi - bonus_of(&engine->counted, engine->num_counted);
}

double gtp_engine_full_komi(const struct gtp_engine *engine) {
    return gtp_engine_komi(engine) + bonus_of(&engine->game, engine->num_counted);
}

bool gtp_engine_set_rules(struct gtp_engine *engine, const char *text) {
    struct go_rules rules;
    const bool is_go = !strcmp(engine->game_name, "go");
    if (is_go && !go_rules_read(&rules, text)) return false;
    if (reopen(engine, engine->game_komi, is_go ? go_rules_text(&rules) : text) != STATUS_OK) return false;
    engine->rules = engine->game_rules;
    return true;
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

static void add_move(struct gtp_engine *engine, int color, int action) {
    if (engine->num_moves == engine->max_moves) {
        engine->max_moves = engine->max_moves ? 2 * engine->max_moves : 256;
        engine->moves = memory_resize(engine->moves, (size_t)engine->max_moves, sizeof *engine->moves, "the moves of GTP");
    }
    engine->moves[engine->num_moves++] = (struct gtp_move){.color = color, .action = action, .winrate = NAN};
}

// Where passes are free a game may last as long as the controller likes. Every stone may need a
// pass before it.
static void make_room(struct gtp_engine *engine) {
    const int needed = 2 * engine->num_moves + ROOM;
    if (!engine->game.can_set_up || engine->game.max_plies >= needed || engine->game.max_plies >= MAX_PLIES) return;
    engine->max_plies = 2 * needed < MAX_PLIES ? 2 * needed : MAX_PLIES;
    // The same game with room for more.
    CHECK(reopen(engine, engine->game_komi, engine->game_rules) == STATUS_OK);
}

bool gtp_engine_play(struct gtp_engine *engine, int color, int action) {
    const struct game *game = &engine->game;
    if (action != game->pass_action || !game->can_set_up) { // a free pass is always legal
        gtp_engine_derive(engine, color);
        if (engine->to_play != color || !game_is_legal(game, engine->state, action)) return false;
    }
    add_move(engine, color, action);
    count_handicap(engine);
    make_room(engine);
    gtp_engine_derive(engine, 1 - color);
    return true;
}

bool gtp_engine_undo(struct gtp_engine *engine) {
    if (engine->num_moves == 0) return false;
    engine->num_moves--;
    count_handicap(engine);
    gtp_engine_derive(engine, gtp_engine_next_color(engine));
    return true;
}

int gtp_engine_next_color(const struct gtp_engine *engine) {
    if (engine->num_moves) return 1 - engine->moves[engine->num_moves - 1].color;
    return engine->is_set_up ? engine->setup_color : 0;
}
