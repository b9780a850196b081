// The commands that GoGui shows in its menus, and those by which it asks about itself. Boards are
// rows of values, drawn as gtp_commands_rules.c draws them.
#include "gtp/gtp_commands.h"

#include "base/memory.h"
#include "base/text.h"
#include "gtp/gtp_explain.h"
#include "gtp/gtp_settings.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct gtp_opinion *ask_net(struct gtp_engine *engine) {
    struct gtp_opinion *opinion = memory_raw(1, sizeof *opinion, "what the net says");
    gtp_opinion(engine, gtp_engine_next_color(engine), opinion);
    return opinion;
}

// The types are GoGui's: a board of numbers, one of colours, graphics, parameters, text.
static void do_analyze_commands(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    if (engine->game.has_ownership) gtp_say(reply, "dboard/Ownership/gogui-ownership_influence\n");
    if (engine->game.policy_planes == 1) gtp_say(reply, "cboard/Policy heat map/gogui-policy_heatmap\n");
    gtp_say(reply, "gfx/WDL + PV/gogui-wdl_rating\n"
                   "param/Search parameters/gogui-param_search\n"
                   "string/Net and run info/gogui-run_info\n"
                   "string/Last move explained/gomill-explain_last_move\n"
                   "plist/Legal moves/all_legal %%c\n"
                   "string/Final score/final_score");
    if (engine->game.agreement != AGREEMENT_NONE)
        gtp_say(reply, "\nplist/Dead stones/final_status_list dead\nplist/Stones in seki/final_status_list seki");
}

// HexGui asks the same by another name and has its own commands; it needs none of ours.
static void do_hexgui(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {}

static void do_ownership(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    const struct game *game = &engine->game;
    if (!game->has_ownership) {
        gtp_refuse(reply, "in this game no point has an owner");
        return;
    }
    struct gtp_opinion *opinion = ask_net(engine);
    for (int y = 0; y < game->height; y++) {
        gtp_say(reply, "\n");
        for (int x = 0; x < game->width; x++)
            gtp_say(reply, "%s%.3f", x ? " " : "", opinion->owner[gtp_drawn_point(game, y, x)]);
    }
    free(opinion);
}

// From white for moves that the net would never play to red for the likeliest. The square root shows
// unlikely ones, too.
static void do_heatmap(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    const struct game *game = &engine->game;
    const int points = game->height * game->width;
    float greatest = 0;
    if (game->policy_planes != 1) {
        gtp_refuse(reply, "in this game a move is more than a point");
        return;
    }
    struct gtp_opinion *opinion = ask_net(engine);
    for (int p = 0; p < points; p++) greatest = fmaxf(greatest, opinion->policy[p]);
    for (int y = 0; y < game->height; y++) {
        gtp_say(reply, "\n");
        for (int x = 0; x < game->width; x++) {
            const float share = opinion->policy[gtp_drawn_point(game, y, x)];
            const int rest = share > 0 ? (int)lroundf(255 * (1 - sqrtf(share / greatest))) : 255;
            if (share > 0)
                gtp_say(reply, "%s#ff%02x%02x", x ? " " : "", rest, rest);
            else
                gtp_say(reply, "%s\"\"", x ? " " : "");
        }
    }
    free(opinion);
}

// Searches as for a move, and shows the result on the status bar and the line on the board.
static void do_wdl(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    enum { LINE = 12 };
    const int color = gtp_engine_next_color(engine);
    char words[256], text[GAME_TEXT_BYTES];
    uint16_t moves[LINE];
    float winrate;
    gtp_engine_derive(engine, color);
    if (game_certain(&engine->game, engine->state) != OUTCOME_NONE) {
        gtp_say(reply, "TEXT the result is certain");
        return;
    }
    const int to_play = engine->to_play, action = gtp_engine_think(engine, to_play, &winrate);
    const bool is_searched = gtp_explain(engine, to_play, action, words, sizeof words);
    const int length = is_searched && engine->game.policy_planes == 1 ? search_line(engine->search, moves, LINE) : 0;
    if (length > 0) gtp_say(reply, "VAR");
    for (int i = 0; i < length; i++)
        gtp_say(reply, " %c %s", (to_play + i) % 2 ? 'w' : 'b',
                moves[i] == engine->game.pass_action ? "PASS" : gtp_vertex_text(&engine->game, moves[i], text));
    gtp_say(reply, "%sTEXT %s", length > 0 ? "\n" : "", words);
}

// Without arguments it lists the settings as GoGui's dialog wants them; with a name and a value it
// sets one.
static void do_param_search(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    char text[32];
    double value;
    for (int i = 0; line->num_arguments == 0 && i < GTP_NUM_SETTINGS; i++)
        gtp_say(reply, "%s[string] %s %s", i ? "\n" : "", gtp_setting_names[i],
                gtp_number_text(gtp_setting(engine, (enum gtp_setting)i), text));
    if (line->num_arguments == 0) return;
    int i = 0;
    while (i < GTP_NUM_SETTINGS && strcmp(gtp_setting_names[i], line->arguments[0]) != 0) i++;
    if (i == GTP_NUM_SETTINGS)
        gtp_refuse(reply, "unknown parameter");
    else if (line->num_arguments != 2 || !gtp_parse_real(line->arguments[1], &value))
        gtp_refuse(reply, "syntax error");
    else if (!gtp_set_setting(engine, (enum gtp_setting)i, value))
        gtp_refuse(reply, "the value is out of bounds");
}

static void do_run_info(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    char model[GTP_MODEL_BYTES], text[256];
    const struct game *game = &engine->game;
    const struct net *net = engine->params->net;
    gtp_say(reply, "net: %s\n", gtp_model_text(engine, model));
    gtp_say(reply, "game: %s %dx%d, rules %s", game->type->title, game->height, game->width, game->rules);
    if (!net) return;
    gtp_say(reply, "\nparameters: %lld\ntrained: %lld steps, %lld games", net->meta.parameters, net->meta.step,
            net->meta.games);
    snprintf(text, sizeof text, "%s", net->meta.strength);
    if (*text) gtp_say(reply, "\nstrength: %s", text_printable(text));
}

static void do_title(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    char model[GTP_MODEL_BYTES];
    gtp_say(reply, "%s %s", engine->params->gtp_name ? engine->params->gtp_name : "Tengen", gtp_model_text(engine, model));
}

static void do_version(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    gtp_say(reply, "%s", TENGEN_VERSION);
}

// GoGui asks whether the comment "# interrupt" ends a search, which the reader of lines knows.
static void do_interrupt(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {}

const struct gtp_command gtp_commands_gogui[] = {
    {"gogui-analyze_commands", 0, do_analyze_commands, "", "the commands for GoGui's analyze dialog"},
    {"gogui-ownership_influence", 0, do_ownership, "", "who is expected to own each point: 1 black, -1 white"},
    {"gogui-policy_heatmap", 0, do_heatmap, "", "where the net would move, as colours"},
    {"gogui-wdl_rating", 0, do_wdl, "", "searches, and shows the chances and the expected line"},
    {"gogui-param_search", 0, do_param_search, "[NAME VALUE]", "the settings of the search, or sets one"},
    {"gogui-run_info", 0, do_run_info, "", "the net, the game and the rules"},
    {"gogui-title", 0, do_title, "", "a title for GoGui's window"},
    {"gogui-version", 0, do_version, "", "the version of this program alone"},
    {"gogui-interrupt", 0, do_interrupt, "", "says that `# interrupt` ends a search"},
    {"hexgui-analyze_commands", 0, do_hexgui, "", "the commands for HexGui's menus: none"},
    {NULL, 0, NULL, NULL, NULL},
};
