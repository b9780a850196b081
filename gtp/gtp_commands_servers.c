// The commands of servers, tournament programs and other engines' front ends: KGS, CGOS, Gomill and
// Leela Zero.
#include "gtp/gtp_commands.h"

#include "gtp/gtp_explain.h"
#include "gtp/gtp_settings.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

// Says what the engine needs no answer to.
static void do_nothing(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {}

static bool has_word(const struct gtp_line *line, const char *word) {
    for (int i = 2; i < line->num_arguments; i++)
        if (!strncasecmp(line->arguments[i], word, strlen(word))) return true;
    return false;
}

static void say_settings(const struct gtp_engine *engine, struct gtp_reply *reply) {
    char seconds[32];
    const int visits = (int)gtp_setting(engine, GTP_VISITS);
    const double limit = gtp_setting(engine, GTP_TIME_PER_MOVE);
    if (visits)
        gtp_say(reply, "at most %d visits a move", visits);
    else
        gtp_say(reply, "as many visits as the clock allows");
    if (limit > 0) gtp_say(reply, ", at most %s seconds a move", gtp_number_text(limit, seconds));
}

// What the users of a server say. The answer is said to them, on one line.
static void do_kgs_chat(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    char model[GTP_MODEL_BYTES];
    const char *kind = line->arguments[0];
    if (strcmp(kind, "game") != 0 && strcmp(kind, "private") != 0)
        gtp_refuse(reply, "syntax error");
    else if (has_word(line, "winrate") || has_word(line, "score") || has_word(line, "thinking"))
        gtp_say(reply, "%s", engine->explanation[0] ? engine->explanation : "I have not moved yet.");
    else if (has_word(line, "rules"))
        gtp_say(reply, "The rules are %s.", engine->counted.rules);
    else if (has_word(line, "komi"))
        gtp_say(reply, "Komi is %.10g.", engine->game.has_komi ? gtp_engine_komi(engine) : 0);
    else if (has_word(line, "visits") || has_word(line, "strength") || has_word(line, "time"))
        say_settings(engine, reply);
    else if (has_word(line, "net") || has_word(line, "model") || has_word(line, "version"))
        gtp_say(reply, "I am Tengen %s with the net %s.", TENGEN_VERSION, gtp_model_text(engine, model));
    else
        gtp_say(reply, "I am Tengen, a program that learned by playing against itself. "
                       "Ask me: winrate, rules, komi, visits, net.");
}

static void do_describe_engine(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    char model[GTP_MODEL_BYTES], text[32];
    const struct net *net = engine->params->net;
    gtp_say(reply, "%s %s\n", engine->params->gtp_name ? engine->params->gtp_name : "Tengen", TENGEN_VERSION);
    gtp_say(reply, "net: %s%s%.12s\n", gtp_model_text(engine, model), net ? ", digest " : "", net ? net->meta.digest : "");
    gtp_say(reply, "search: ");
    say_settings(engine, reply);
    gtp_say(reply, "\nresigns below a winning chance of %s\n", gtp_number_text(gtp_setting(engine, GTP_RESIGN_BELOW), text));
    gtp_say(reply, "seed: %llu", (unsigned long long)engine->params->seed);
}

// Leela Zero's names, in letters of any case, and how much of a unit of ours one of theirs is.
static const struct {
    const char *name;
    enum gtp_setting setting;
    double scale;
    const char *type;
} options[] = {
    {"Visits", GTP_VISITS, 1, "type spin default 0 min 0 max 100000000"},
    {"Playouts", GTP_VISITS, 1, "type spin default 0 min 0 max 100000000"},
    {"Resign Percentage", GTP_RESIGN_BELOW, 0.01, "type spin default 0 min 0 max 50"},
};
enum { NUM_OPTIONS = sizeof options / sizeof *options };

// name N value X, where the name may have blanks. Leela Zero's 0 visits mean no bound of its own:
// what the engine was started with. Without arguments it lists the options.
static void do_setoption(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    char name[64];
    double value;
    const int n = line->num_arguments;
    if (n == 0) {
        for (int i = 0; i < NUM_OPTIONS; i++)
            gtp_say(reply, "%soption name %s %s", i ? "\n" : "", options[i].name, options[i].type);
        return;
    }
    if (n < 4 || strcasecmp(line->arguments[0], "name") != 0 || strcasecmp(line->arguments[n - 2], "value") != 0 ||
        !gtp_parse_text(line, 1, n - 3, name, sizeof name) || !gtp_parse_real(line->arguments[n - 1], &value)) {
        gtp_refuse(reply, "syntax error");
        return;
    }
    int i = 0;
    while (i < NUM_OPTIONS && strcasecmp(options[i].name, name) != 0) i++;
    if (i == NUM_OPTIONS) {
        gtp_refuse(reply, "unknown option");
        return;
    }
    const enum gtp_setting setting = options[i].setting;
    if (setting == GTP_VISITS && value == 0) value = gtp_setting_given(engine, setting);
    if (setting == GTP_VISITS && value > 1e8) value = 1e8; // LizzieYZY's "no bound"
    if (!gtp_set_setting(engine, setting, value * options[i].scale)) gtp_refuse(reply, "incorrect value");
}

const struct gtp_command gtp_commands_servers[] = {
    {"kgs-chat", 2, do_kgs_chat, "game|private NAME TEXT...", "what is said on the server; the answer is said there, too"},
    {"kgs-game_over", 0, do_nothing, "", "the game on the server has ended"},
    {"cgos-opponent_name", 1, do_nothing, "NAME", "who plays against it"},
    {"cgos-opponent_rating", 1, do_nothing, "RATING", "how strong that is"},
    {"cgos-gameover", 1, do_nothing, "RESULT", "the game on the server has ended"},
    {"gomill-describe_engine", 0, do_describe_engine, "", "name, net and settings, for records"},
    {"lz-setoption", 0, do_setoption, "[name NAME value NUMBER]", "Leela Zero's options: Visits, Playouts, Resign Percentage"},
    {NULL, 0, NULL, NULL, NULL},
};
