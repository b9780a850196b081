// The commands that prepare a game: the board, komi, rules and handicap.
#include "gtp/gtp_commands.h"

#include "gtp/gtp_settings.h"

static void do_boardsize(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    int width, height;
    if (!gtp_parse_int(line->arguments[0], &width) || !gtp_parse_int(line->arguments[line->num_arguments > 1 ? 1 : 0], &height))
        gtp_refuse(reply, "syntax error");
    else if (!gtp_engine_resize(engine, width, height))
        gtp_refuse(reply, "unacceptable size");
}

static void do_clear_board(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    gtp_engine_clear(engine);
}

static void do_komi(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    double komi;
    if (!gtp_parse_real(line->arguments[0], &komi) || !gtp_engine_set_komi(engine, komi)) gtp_refuse(reply, "syntax error");
}

// A command of the server KGS, which knows the rules japanese, chinese, aga and new_zealand. We
// take everything that --rules takes.
static void do_kgs_rules(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    if (!gtp_engine_is_empty(engine))
        gtp_refuse(reply, "board not empty");
    else if (!gtp_engine_set_rules(engine, line->arguments[0]))
        gtp_refuse(reply, "unknown rules");
}

// Handicap stones are for Go: in the other games one side can't have moves in advance.
static bool has_handicap(const struct gtp_engine *engine) { return engine->game.has_komi; }

// Sets black handicap stones up and gives White the rules' bonus for them. False: a point twice, no
// point of the board, or no liberty for a chain.
static bool set_handicap(struct gtp_engine *engine, int num_stones, const int *points) {
    const int num_points = engine->game.height * engine->game.width;
    int8_t stones[GAME_MAX_SIDE * GAME_MAX_SIDE] = {0};
    for (int i = 0; i < num_stones; i++) {
        if (points[i] < 0 || points[i] >= num_points || stones[points[i]]) return false;
        stones[points[i]] = 1;
    }
    if (!gtp_engine_set_up(engine, stones, 1)) return false;
    gtp_engine_set_handicap(engine, num_stones);
    return true;
}

static void say_stones(struct gtp_reply *reply, const struct gtp_engine *engine, int n, const int *points) {
    char text[GAME_TEXT_BYTES];
    for (int i = 0; i < n; i++) gtp_say(reply, "%s%s", i ? " " : "", gtp_vertex_text(&engine->game, points[i], text));
}

static int fixed_points(const struct gtp_engine *engine, int num_stones, int *points) {
    uint16_t fixed[9];
    const int n = has_handicap(engine) ? gtp_handicap_points(engine->game.width, engine->game.height, num_stones, fixed) : 0;
    for (int i = 0; i < n; i++) points[i] = fixed[i];
    return n;
}

// How strongly to play.
static void do_level(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    int level;
    if (!gtp_parse_int(line->arguments[0], &level))
        gtp_refuse(reply, "syntax error");
    else if (!gtp_set_level(engine, level))
        gtp_refuse(reply, "unknown level");
}

static void do_fixed_handicap(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    int num_stones, points[9];
    if (!gtp_parse_int(line->arguments[0], &num_stones)) {
        gtp_refuse(reply, "syntax error");
        return;
    }
    const int n = fixed_points(engine, num_stones, points);
    if (n == 0)
        gtp_refuse(reply, "invalid number of stones");
    else if (!gtp_engine_is_empty(engine))
        gtp_refuse(reply, "board not empty");
    else {
        CHECK(set_handicap(engine, n, points));
        say_stones(reply, engine, n, points);
    }
}

// The empty point that the net likes best for Black beside these stones; GAME_NO_ACTION: none.
static int best_point(struct gtp_engine *engine, int num_stones, const int *points) {
    const struct game *game = &engine->game;
    uint16_t legal[GAME_MAX_ACTIONS];
    int8_t stones[GAME_MAX_SIDE * GAME_MAX_SIDE] = {0};
    for (int i = 0; i < num_stones; i++) stones[points[i]] = 1;
    if (!gtp_engine_set_up(engine, stones, 0)) return GAME_NO_ACTION;
    const struct position position = {.game = game, .state = engine->state};
    evaluator_judge(engine->evaluator, 1, &position, engine->judgements);
    int best = GAME_NO_ACTION;
    for (int i = 0, n = game_legal(game, engine->state, legal); i < n; i++)
        if (legal[i] < game->height * game->width && (best < 0 || engine->logits[legal[i]] > engine->logits[best]))
            best = legal[i];
    return best;
}

// Places as many fixed points as the board has for so many stones, then one stone after another
// where the net likes it best for Black.
static void do_place_free_handicap(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    int num_stones, points[GAME_MAX_SIDE * GAME_MAX_SIDE], n = 0;
    if (!gtp_parse_int(line->arguments[0], &num_stones))
        gtp_refuse(reply, "syntax error");
    else if (num_stones < 2 || num_stones >= engine->game.height * engine->game.width || !has_handicap(engine))
        gtp_refuse(reply, "invalid number of stones");
    else if (!gtp_engine_is_empty(engine))
        gtp_refuse(reply, "board not empty");
    if (reply->failed) return;
    for (int k = num_stones < 9 ? num_stones : 9; k >= 2 && n == 0; k--) n = fixed_points(engine, k, points);
    for (; n < num_stones; n++)
        if ((points[n] = best_point(engine, n, points)) == GAME_NO_ACTION) break; // the standard allows fewer stones
    CHECK(set_handicap(engine, n, points));
    say_stones(reply, engine, n, points);
}

static void do_set_free_handicap(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    int points[GTP_MAX_ARGUMENTS];
    for (int i = 0; i < line->num_arguments; i++) points[i] = gtp_parse_vertex(&engine->game, line->arguments[i]);
    if (!gtp_engine_is_empty(engine))
        gtp_refuse(reply, "board not empty");
    else if (!has_handicap(engine) || line->num_arguments < 2 ||
             line->num_arguments >= engine->game.height * engine->game.width ||
             !set_handicap(engine, line->num_arguments, points))
        gtp_refuse(reply, "bad vertex list");
}

const struct gtp_command gtp_commands_setup[] = {
    {"boardsize", 1, do_boardsize, "WIDTH [HEIGHT]", "sets the sides of the board, a square one by one number, and empties it"},
    {"rectangular_boardsize", 2, do_boardsize, "WIDTH HEIGHT", "the same"},
    {"clear_board", 0, do_clear_board, "", "begins a new game"},
    {"komi", 1, do_komi, "POINTS", "sets the points that White gets for moving second"},
    {"kgs-rules", 1, do_kgs_rules, "RULES",
     "sets the rules before the first move: chinese, japanese, aga, new_zealand, or any that tengen --rules takes"},
    {"fixed_handicap", 1, do_fixed_handicap, "STONES", "puts 2 to 9 black stones on the usual points, and says where"},
    {"place_free_handicap", 1, do_place_free_handicap, "STONES", "puts black stones where it likes, and says where"},
    {"set_free_handicap", 0, do_set_free_handicap, "VERTEX...", "puts black stones there"},
    {"level", 1, do_level, "1..10", "sets how strongly it plays"},
    {NULL, 0, NULL, NULL, NULL},
};
