// The commands that prepare a game: the board, komi, rules and handicap.
#include "gtp/gtp_commands.h"

static void do_boardsize(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    int size;
    if (!gtp_parse_int(line->arguments[0], &size))
        gtp_refuse(reply, "syntax error");
    else if (size < 2 || size > GAME_MAX_SIDE || !gtp_engine_resize(engine, size, engine->komi))
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
    if (engine->num_moves)
        gtp_refuse(reply, "board not empty");
    else if (!gtp_engine_set_rules(engine, line->arguments[0]))
        gtp_refuse(reply, "unknown rules");
}

static void say_stones(struct gtp_reply *reply, const struct gtp_engine *engine, int first, int n) {
    char text[GAME_TEXT_BYTES];
    for (int i = first; i < first + n; i++)
        gtp_say(reply, "%s%s", i > first ? " " : "", gtp_vertex_text(&engine->game, engine->moves[i].action, text));
}

static void do_fixed_handicap(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    int num_stones;
    uint16_t points[9];
    if (!gtp_parse_int(line->arguments[0], &num_stones)) {
        gtp_refuse(reply, "syntax error");
        return;
    }
    const int n = gtp_handicap_points(engine->game.width, num_stones, points);
    if (n == 0)
        gtp_refuse(reply, "invalid number of stones");
    else if (engine->num_moves)
        gtp_refuse(reply, "board not empty");
    else {
        for (int i = 0; i < n; i++) CHECK(gtp_engine_play(engine, 0, points[i]));
        gtp_engine_set_handicap(engine, n);
        say_stones(reply, engine, 0, n);
    }
}

// Places as many fixed points as the board has for so many stones, then one stone after another
// where the net likes it best for Black.
static void do_place_free_handicap(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    const struct game *game = &engine->game;
    const int points = game->height * game->width;
    int num_stones;
    uint16_t fixed[9], legal[GAME_MAX_ACTIONS];
    if (!gtp_parse_int(line->arguments[0], &num_stones))
        gtp_refuse(reply, "syntax error");
    else if (num_stones < 2 || num_stones >= points)
        gtp_refuse(reply, "invalid number of stones");
    else if (engine->num_moves)
        gtp_refuse(reply, "board not empty");
    if (reply->failed) return;
    int num_fixed = 0;
    for (int k = num_stones < 9 ? num_stones : 9; k >= 2 && num_fixed == 0; k--)
        num_fixed = gtp_handicap_points(game->width, k, fixed);
    for (int i = 0; i < num_fixed; i++) CHECK(gtp_engine_play(engine, 0, fixed[i]));
    while (engine->num_moves < num_stones) {
        gtp_engine_derive(engine, 0);
        const struct position position = {.game = game, .state = engine->state};
        evaluator_judge(engine->evaluator, 1, &position, engine->judgements);
        const int n = game_legal(game, engine->state, legal);
        int best = GAME_NO_ACTION;
        for (int i = 0; i < n; i++)
            if (legal[i] < points && (best < 0 || engine->logits[legal[i]] > engine->logits[best])) best = legal[i];
        // The standard allows fewer stones.
        if (best < 0 || !gtp_engine_play(engine, 0, best)) break;
    }
    gtp_engine_set_handicap(engine, engine->num_moves);
    say_stones(reply, engine, 0, engine->num_moves);
}

static void do_set_free_handicap(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    const int points = engine->game.height * engine->game.width;
    if (engine->num_moves) {
        gtp_refuse(reply, "board not empty");
        return;
    }
    bool good = line->num_arguments >= 2 && line->num_arguments < points;
    for (int i = 0; good && i < line->num_arguments; i++) {
        const int action = gtp_parse_vertex(&engine->game, line->arguments[i]);
        good = action >= 0 && action < points && gtp_engine_play(engine, 0, action);
    }
    if (!good) {
        while (gtp_engine_undo(engine)) {
        }
        gtp_refuse(reply, "bad vertex list");
    }
    gtp_engine_set_handicap(engine, engine->num_moves);
}

const struct gtp_command gtp_commands_setup[] = {
    {"boardsize", 1, do_boardsize, "SIZE", "sets the side of the square board, and empties it"},
    {"clear_board", 0, do_clear_board, "", "begins a new game"},
    {"komi", 1, do_komi, "POINTS", "sets the points that White gets for moving second"},
    {"kgs-rules", 1, do_kgs_rules, "RULES",
     "sets the rules before the first move: chinese, japanese, aga, new_zealand, or any that tengen --rules takes"},
    {"fixed_handicap", 1, do_fixed_handicap, "STONES", "puts 2 to 9 black stones on the usual points, and says where"},
    {"place_free_handicap", 1, do_place_free_handicap, "STONES", "puts black stones where it likes, and says where"},
    {"set_free_handicap", 0, do_set_free_handicap, "VERTEX...", "puts black stones there"},
    {NULL, 0, NULL, NULL, NULL},
};
