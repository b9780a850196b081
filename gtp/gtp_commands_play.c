// The commands by which a game is played.
#include "gtp/gtp_commands.h"

#include <ctype.h>
#include <string.h>

static void do_play(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    const char *vertex = line->arguments[1];
    const int color = gtp_parse_color(line->arguments[0]), action = gtp_parse_vertex(&engine->game, vertex);
    // A vertex off the board is an illegal move. Something that is no vertex at all is a syntax
    // error.
    const bool is_vertex =
        action >= 0 || (isalpha((unsigned char)vertex[0]) && vertex[1] && !vertex[1 + strspn(vertex + 1, "0123456789")]);
    if (color < 0 || !is_vertex)
        gtp_refuse(reply, "syntax error");
    else if (action < 0 || !gtp_engine_play(engine, color, action))
        gtp_refuse(reply, "illegal move");
}

static void think_and_say(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply, bool play) {
    const int color = gtp_parse_color(line->arguments[0]);
    float winrate;
    char text[GAME_TEXT_BYTES];
    if (color < 0) {
        gtp_refuse(reply, "syntax error");
        return;
    }
    const int action = gtp_engine_think(engine, color, &winrate);
    if (play && action != GAME_NO_ACTION) gtp_engine_play_own(engine, color, action, winrate);
    gtp_say(reply, "%s", action == GAME_NO_ACTION ? "resign" : gtp_vertex_text(&engine->game, action, text));
}

static void do_genmove(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    think_and_say(engine, line, reply, true);
}

static void do_reg_genmove(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    think_and_say(engine, line, reply, false);
}

static void do_undo(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    if (!gtp_engine_undo(engine)) gtp_refuse(reply, "cannot undo");
}

const struct gtp_command gtp_commands_play[] = {
    {"play", 2, do_play, "COLOR VERTEX", "a move of yours: play b D4, play w pass"},
    {"genmove", 1, do_genmove, "COLOR", "thinks and plays a move: genmove w"},
    {"reg_genmove", 1, do_reg_genmove, "COLOR", "thinks and says a move without playing it"},
    {"undo", 0, do_undo, "", "takes the last move back"},
    {NULL, 0, NULL, NULL, NULL},
};
