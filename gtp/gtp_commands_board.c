// The commands that look at the board: score, dead stones, text. Those without a prefix that the
// standard lacks are GNU Go's.
#include "gtp/gtp_commands.h"

#include "gtp/gtp_explain.h"

#include <math.h>
#include <string.h>

static void say_score(struct gtp_reply *reply, double score) {
    if (score == 0)
        gtp_say(reply, "0");
    else
        gtp_say(reply, "%c+%.1f", score > 0 ? 'B' : 'W', fabs(score));
}

// Where the sides agree about dead stones there is a score at any time. In other games there is a
// result when the game is over; where it has no points it is written as Hex programs do.
static void do_final_score(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    const struct game *game = &engine->game;
    if (game->agreement != AGREEMENT_NONE) {
        say_score(reply, gtp_engine_score(engine));
        return;
    }
    gtp_engine_derive(engine, gtp_engine_next_color(engine));
    const enum outcome outcome = game_outcome(game, engine->state);
    if (outcome == OUTCOME_NONE)
        gtp_refuse(reply, "cannot score");
    else if (game->has_score)
        say_score(reply, game_score(game, engine->state));
    else
        gtp_say(reply, "%s", outcome == OUTCOME_DRAW ? "0" : outcome == OUTCOME_FIRST ? "B+" : "W+");
}

static void say_chains(struct gtp_engine *engine, int wanted, struct gtp_reply *reply) {
    struct area_board board;
    uint8_t status[GAME_MAX_SIDE * GAME_MAX_SIDE];
    uint16_t chain[GAME_MAX_SIDE * GAME_MAX_SIDE];
    bool done[GAME_MAX_SIDE * GAME_MAX_SIDE] = {false};
    char text[GAME_TEXT_BYTES];
    gtp_engine_board(engine, &board);
    // It tells seki from life only where the rules tax seki.
    gtp_engine_stones(engine, &board, status);
    for (int p = 0; p < board.height * board.width; p++) {
        const int n = area_chain(&board, p, chain);
        if (n == 0 || done[p] || status[p] != wanted) continue;
        for (int i = 0; i < n; i++) {
            gtp_say(reply, "%s%s", i ? " " : reply->num_bytes ? "\n" : "", gtp_vertex_text(&engine->game, chain[i], text));
            done[chain[i]] = true;
        }
    }
}

// The points with a stone of this colour; 0: with any.
static void say_stones(struct gtp_engine *engine, int sign, struct gtp_reply *reply) {
    int8_t stones[GAME_MAX_SIDE * GAME_MAX_SIDE];
    char text[GAME_TEXT_BYTES];
    const struct game *game = &engine->game;
    gtp_engine_stones_now(engine, stones);
    for (int y = 0; y < game->height; y++)
        for (int x = 0; x < game->width; x++) {
            const int p = gtp_drawn_point(game, y, x);
            if (stones[p] && (sign == 0 || stones[p] == sign))
                gtp_say(reply, "%s%s", reply->num_bytes ? " " : "", gtp_engine_point_text(engine, p, text));
        }
}

static void do_final_status_list(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    static const char *const names[] = {[AREA_ALIVE] = "alive", [AREA_DEAD] = "dead", [AREA_SEKI] = "seki"};
    int wanted = 0;
    while (wanted < 3 && strcmp(line->arguments[0], names[wanted])) wanted++;
    if (wanted == 3)
        gtp_refuse(reply, "syntax error");
    else if (engine->game.agreement != AGREEMENT_NONE)
        say_chains(engine, wanted, reply);
    else if (wanted == AREA_ALIVE) // nothing is ever dead
        say_stones(engine, 0, reply);
}

static void do_showboard(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    char text[8192];
    gtp_engine_derive(engine, gtp_engine_next_color(engine));
    engine->game.type->print(&engine->game, engine->state, text, sizeof text);
    gtp_say_lines(reply, text);
}

// Reads the colour in the first argument. False: it is none, which is a syntax error.
static bool read_color(const struct gtp_line *line, struct gtp_reply *reply, int *color) {
    *color = gtp_parse_color(line->arguments[0]);
    if (*color < 0) gtp_refuse(reply, "syntax error");
    return *color >= 0;
}

static void do_list_stones(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    int color;
    if (read_color(line, reply, &color)) say_stones(engine, color ? -1 : 1, reply);
}

static void do_captures(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    int color, counts[2] = {0, 0};
    if (!read_color(line, reply, &color)) return;
    gtp_engine_derive(engine, gtp_engine_next_color(engine));
    if (engine->game.type->captures) engine->game.type->captures(&engine->game, engine->state, counts);
    gtp_say(reply, "%d", counts[color]);
}

static void do_get_komi(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    gtp_say(reply, "%.10g", engine->game.has_komi ? gtp_engine_komi(engine) : 0);
}

static void do_get_handicap(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    gtp_say(reply, "%d", engine->game.has_komi && engine->num_counted > 1 ? engine->num_counted : 0);
}

static void do_query_boardsize(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    gtp_say(reply, "%d", engine->game.width);
    if (engine->game.height != engine->game.width) gtp_say(reply, " %d", engine->game.height);
}

static void say_move(const struct gtp_engine *engine, int index, struct gtp_reply *reply) {
    char text[GAME_TEXT_BYTES];
    const struct gtp_move *move = &engine->moves[index];
    gtp_say(reply, "%s%s %s", reply->num_bytes ? "\n" : "", move->color ? "white" : "black",
            gtp_action_text(engine, move->action, text));
}

// The latest move comes first.
static void do_move_history(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    for (int i = engine->num_moves - 1; i >= 0; i--) say_move(engine, i, reply);
}

static void do_last_move(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    if (engine->num_moves)
        say_move(engine, engine->num_moves - 1, reply);
    else
        gtp_refuse(reply, "no previous move known");
}

static void do_is_legal(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    int color;
    if (!read_color(line, reply, &color)) return;
    gtp_engine_derive(engine, color);
    const int action = gtp_parse_move(&engine->game, engine->state, line->arguments[1]);
    if (action == GAME_NO_ACTION)
        gtp_refuse(reply, "syntax error");
    else
        gtp_say(reply, "%d",
                (action == engine->game.pass_action && engine->game.can_set_up) ||
                    (engine->to_play == color && game_is_legal(&engine->game, engine->state, action)));
}

static void do_all_legal(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    uint16_t legal[GAME_MAX_ACTIONS];
    char text[GAME_TEXT_BYTES];
    int color;
    if (!read_color(line, reply, &color)) return;
    gtp_engine_derive(engine, color);
    const int n = engine->to_play == color ? game_legal(&engine->game, engine->state, legal) : 0;
    for (int i = 0; i < n; i++)
        if (legal[i] != engine->game.pass_action) // GNU Go lists points alone
            gtp_say(reply, "%s%s", reply->num_bytes ? " " : "", gtp_action_text(engine, legal[i], text));
}

static void do_color(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    int8_t stones[GAME_MAX_SIDE * GAME_MAX_SIDE];
    const struct game *game = &engine->game;
    gtp_engine_stones_now(engine, stones);
    const int p = gtp_parse_point(game, line->arguments[0]);
    if (p == GAME_NO_ACTION)
        gtp_refuse(reply, "syntax error");
    else
        gtp_say(reply, "%s", stones[p] > 0 ? "black" : stones[p] < 0 ? "white" : "empty");
}

const struct gtp_command gtp_commands_board[] = {
    {"final_score", 0, do_final_score, "", "the score, such as B+3.5, W+0.5 or 0"},
    {"final_status_list", 1, do_final_status_list, "alive|dead|seki", "the stones of this status, each chain on a line"},
    {"showboard", 0, do_showboard, "", "the board as text"},
    {"list_stones", 1, do_list_stones, "COLOR", "the points with a stone of this colour"},
    {"color", 1, do_color, "VERTEX", "what stands on a point: black, white or empty"},
    {"captures", 1, do_captures, "COLOR", "how many stones this colour has captured"},
    {"is_legal", 2, do_is_legal, "COLOR VERTEX", "1 if the move is legal, else 0"},
    {"all_legal", 1, do_all_legal, "COLOR", "the legal moves but for the pass"},
    {"last_move", 0, do_last_move, "", "the last move: white D4"},
    {"move_history", 0, do_move_history, "", "all moves, the latest first"},
    {"get_komi", 0, do_get_komi, "", "the komi without the bonus for handicap stones"},
    {"get_handicap", 0, do_get_handicap, "", "the number of handicap stones"},
    {"query_boardsize", 0, do_query_boardsize, "", "the side of the board, or its columns and rows"},
    {NULL, 0, NULL, NULL, NULL},
};
