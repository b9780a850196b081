// The commands that look at the board: score, dead stones, text.
#include "gtp/gtp_commands.h"

#include <math.h>
#include <string.h>

static void do_final_score(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    const double score = gtp_engine_score(engine);
    if (score == 0)
        gtp_say(reply, "0");
    else
        gtp_say(reply, "%c+%.1f", score > 0 ? 'B' : 'W', fabs(score));
}

static void do_final_status_list(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    static const char *const names[] = {[AREA_ALIVE] = "alive", [AREA_DEAD] = "dead", [AREA_SEKI] = "seki"};
    struct area_board board;
    uint8_t status[GAME_MAX_SIDE * GAME_MAX_SIDE];
    uint16_t chain[GAME_MAX_SIDE * GAME_MAX_SIDE];
    bool done[GAME_MAX_SIDE * GAME_MAX_SIDE] = {false};
    char text[GAME_TEXT_BYTES];
    int wanted = 0;
    while (wanted < 3 && strcmp(line->arguments[0], names[wanted])) wanted++;
    if (wanted == 3) {
        gtp_refuse(reply, "syntax error");
        return;
    }
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

static void do_showboard(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    char text[8192];
    gtp_engine_derive(engine, gtp_engine_next_color(engine));
    engine->game.type->print(&engine->game, engine->state, text, sizeof text);
    gtp_say_lines(reply, text);
}

const struct gtp_command gtp_commands_board[] = {
    {"final_score", 0, do_final_score, "", "the score, such as B+3.5, W+0.5 or 0"},
    {"final_status_list", 1, do_final_status_list, "alive|dead|seki", "the stones of this status, each chain on a line"},
    {"showboard", 0, do_showboard, "", "the board as text"},
    {NULL, 0, NULL, NULL, NULL},
};
