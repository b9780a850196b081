// The commands by which a game is played.
#include "gtp/gtp_commands.h"

#include "gtp/gtp_explain.h"

#include <ctype.h>
#include <string.h>

// Plays one move. NULL: it was played; else what is wrong.
static const char *play(struct gtp_engine *engine, const char *color_text, const char *vertex) {
    const int color = gtp_parse_color(color_text);
    if (color < 0) return "syntax error";
    gtp_engine_derive(engine, color);
    const int action = gtp_parse_move(&engine->game, engine->state, vertex);
    // A vertex off the board is an illegal move. Something that is no vertex at all is a syntax
    // error.
    const bool is_vertex =
        action >= 0 || (isalpha((unsigned char)vertex[0]) && vertex[1] && !vertex[1 + strspn(vertex + 1, "0123456789")]);
    if (!is_vertex) return "syntax error";
    return action < 0 || !gtp_engine_play(engine, color, action) ? "illegal move" : NULL;
}

static void do_play(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    const char *wrong = play(engine, line->arguments[0], line->arguments[1]);
    if (wrong) gtp_refuse(reply, wrong);
}

// All of the moves or none.
static void do_play_sequence(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    const int before = engine->num_moves;
    const char *wrong = line->num_arguments % 2 ? "syntax error" : NULL;
    for (int i = 0; !wrong && i < line->num_arguments; i += 2) wrong = play(engine, line->arguments[i], line->arguments[i + 1]);
    if (!wrong) return;
    while (engine->num_moves > before) CHECK(gtp_engine_undo(engine));
    gtp_refuse(reply, wrong);
}

bool gtp_can_move(struct gtp_engine *engine, int color, struct gtp_reply *reply) {
    if (color < 0) {
        gtp_refuse(reply, "syntax error");
        return false;
    }
    // In Go both sides may always pass, also when the game is over.
    if (engine->game.can_set_up) return true;
    gtp_engine_derive(engine, color);
    if (game_outcome(&engine->game, engine->state) != OUTCOME_NONE)
        gtp_refuse(reply, "the game is over");
    else if (engine->to_play != color)
        gtp_refuse(reply, "it is the other side's turn");
    return !reply->failed;
}

static void think_and_say(struct gtp_engine *engine, int color, struct gtp_reply *reply, bool play) {
    float winrate;
    char text[GAME_TEXT_BYTES];
    if (!gtp_can_move(engine, color, reply)) return;
    const int action = gtp_engine_think(engine, color, &winrate);
    gtp_explain(engine, color, action, engine->explanation, sizeof engine->explanation);
    if (play && action != GAME_NO_ACTION) gtp_engine_play_own(engine, color, action, winrate);
    gtp_say(reply, "%s", action == GAME_NO_ACTION ? "resign" : gtp_action_text(engine, action, text));
}

static void do_genmove(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    think_and_say(engine, gtp_parse_color(line->arguments[0]), reply, true);
}

static void do_reg_genmove(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    think_and_say(engine, gtp_parse_color(line->arguments[0]), reply, false);
}

// Gomill's genmove: "claim" among the keywords allows the answer "claim" to a game that is won
// whatever happens. Other keywords are ignored, as Gomill wants. Without any argument it answers
// the keywords that it knows.
static void do_genmove_ex(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    if (line->num_arguments == 0) {
        gtp_say(reply, "claim");
        return;
    }
    const int color = gtp_parse_color(line->arguments[0]);
    bool may_claim = false;
    for (int i = 1; i < line->num_arguments; i++) may_claim |= !strcmp(line->arguments[i], "claim");
    if (color >= 0 && may_claim) {
        gtp_engine_derive(engine, color);
        if (outcome_for(game_certain(&engine->game, engine->state), color) > 0) {
            gtp_say(reply, "claim");
            return;
        }
    }
    think_and_say(engine, color, reply, true);
}

static void do_explain_last_move(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    gtp_say(reply, "%s", engine->explanation);
}

static void do_undo(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    if (!gtp_engine_undo(engine)) gtp_refuse(reply, "cannot undo");
}

// GNU Go's: all of the moves or none.
static void do_gg_undo(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    int n = 1;
    if (line->num_arguments && (!gtp_parse_int(line->arguments[0], &n) || n < 0))
        gtp_refuse(reply, "syntax error");
    else if (n > engine->num_moves)
        gtp_refuse(reply, "cannot undo");
    else
        while (n-- > 0) CHECK(gtp_engine_undo(engine));
}

const struct gtp_command gtp_commands_play[] = {
    {"play", 2, do_play, "COLOR VERTEX", "a move of yours: play b D4, play w pass"},
    {"gogui-play_sequence", 0, do_play_sequence, "COLOR VERTEX...", "several moves: gogui-play_sequence b D4 w E5"},
    {"genmove", 1, do_genmove, "COLOR", "thinks and plays a move: genmove w"},
    {"reg_genmove", 1, do_reg_genmove, "COLOR", "thinks and says a move without playing it"},
    {"gomill-genmove_ex", 0, do_genmove_ex, "[COLOR [claim]]", "genmove, which may answer that it has won"},
    {"gomill-explain_last_move", 0, do_explain_last_move, "", "what it thought about its last move"},
    {"undo", 0, do_undo, "", "takes the last move back"},
    {"gg-undo", 0, do_gg_undo, "[MOVES]", "takes so many moves back"},
    {NULL, 0, NULL, NULL, NULL},
};
