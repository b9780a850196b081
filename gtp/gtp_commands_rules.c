// The commands by which GoGui asks an engine for the rules, so that it draws and plays games that
// it does not know [GoGui's manual, "Rules"; its GenericBoard]. Boards are drawn with the row of
// number 1 at the bottom, also those of games that count rows from the top (gtp_parse.h).
#include "gtp/gtp_commands.h"

#include <math.h>

// From now on, moves are answered as GTP's vertices in every game.
static void begin_rules(struct gtp_engine *engine) {
    engine->asks_rules = true;
    gtp_engine_derive(engine, gtp_engine_next_color(engine));
}

// In Go two passes end the game, although play may go on after them.
static bool is_over(const struct gtp_engine *engine) {
    const struct game *game = &engine->game;
    const struct gtp_move *last = engine->moves + engine->num_moves - 1;
    if (game_outcome(game, engine->state) != OUTCOME_NONE) return true;
    return game->can_set_up && engine->num_moves > 1 && last->action == game->pass_action &&
           last[-1].action == game->pass_action && last->color != last[-1].color;
}

static void do_game_id(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    begin_rules(engine);
    gtp_say(reply, "%s", engine->game.type->name);
}

static void do_board(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    const struct game *game = &engine->game;
    int8_t stones[GAME_MAX_SIDE * GAME_MAX_SIDE];
    begin_rules(engine);
    game_stones(game, engine->state, stones);
    for (int y = 0; y < game->height; y++) {
        gtp_say(reply, "\n");
        for (int x = 0; x < game->width; x++) {
            const int stone = stones[gtp_drawn_point(game, y, x)];
            gtp_say(reply, "%s%c", x ? " " : "", stone > 0 ? 'X' : stone < 0 ? 'O' : '.');
        }
    }
}

// Columns and rows, or one number for both, which is all that older GoGuis understand.
static void do_board_size(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    begin_rules(engine);
    gtp_say(reply, "%d", engine->game.width);
    if (engine->game.height != engine->game.width) gtp_say(reply, " %d", engine->game.height);
}

static void do_legal_moves(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    uint16_t legal[GAME_MAX_ACTIONS];
    char text[GAME_TEXT_BYTES];
    begin_rules(engine);
    const int n = is_over(engine) ? 0 : game_legal(&engine->game, engine->state, legal);
    for (int i = 0; i < n; i++) gtp_say(reply, "%s%s", i ? " " : "", gtp_vertex_text(&engine->game, legal[i], text));
}

static void do_side_to_move(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    begin_rules(engine);
    gtp_say(reply, "%s", engine->to_play ? "white" : "black");
}

// Where the sides agree about dead stones, as in Go, the score is that of final_score.
static void do_final_result(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    const struct game *game = &engine->game;
    begin_rules(engine);
    if (!is_over(engine)) {
        gtp_say(reply, "the game is not over");
        return;
    }
    const enum outcome outcome = game_outcome(game, engine->state);
    const double score = game->agreement != AGREEMENT_NONE ? gtp_engine_score(engine)
                         : game->has_score                 ? game_score(game, engine->state)
                         : outcome == OUTCOME_FIRST        ? 1
                         : outcome == OUTCOME_SECOND       ? -1
                                                           : 0;
    if (score == 0)
        gtp_say(reply, "draw");
    else
        gtp_say(reply, "%s wins", score > 0 ? "Black" : "White");
    if (score != 0 && game->has_score) gtp_say(reply, " by %.10g", fabs(score));
}

// What Black has captured and what White has.
static void do_captured_count(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    int counts[2] = {0, 0};
    begin_rules(engine);
    if (engine->game.type->captures) engine->game.type->captures(&engine->game, engine->state, counts);
    gtp_say(reply, "%d %d", counts[0], counts[1]);
}

// Graphics beside the stones: the last move, and who is to do what.
static void do_board_gfx(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    const struct game *game = &engine->game;
    char text[GAME_TEXT_BYTES];
    begin_rules(engine);
    const int last = engine->num_moves ? engine->moves[engine->num_moves - 1].action : GAME_NO_ACTION;
    if (last >= 0 && game->policy_planes == 1 && last < game->height * game->width)
        gtp_say(reply, "CIRCLE %s\n", gtp_vertex_text(game, last, text));
    gtp_say(reply, "TEXT %s, ", game->type->title);
    if (!is_over(engine))
        gtp_say(reply, "%s to move", engine->to_play ? "White" : "Black");
    else
        gtp_say(reply, "the game is over");
}

const struct gtp_command gtp_commands_rules[] = {
    {"gogui-rules_game_id", 0, do_game_id, "", "which game is played"},
    {"gogui-rules_board", 0, do_board, "", "the stones: X black, O white"},
    {"gogui-rules_board_size", 0, do_board_size, "", "the side of the board, or its columns and rows"},
    {"gogui-rules_legal_moves", 0, do_legal_moves, "", "the legal moves; none when the game is over"},
    {"gogui-rules_side_to_move", 0, do_side_to_move, "", "black or white"},
    {"gogui-rules_final_result", 0, do_final_result, "", "who has won"},
    {"gogui-rules_captured_count", 0, do_captured_count, "", "how many stones Black and White have captured"},
    {"gogui-rules_board_gfx", 0, do_board_gfx, "", "graphics beside the stones"},
    {NULL, 0, NULL, NULL, NULL},
};
