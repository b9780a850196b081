// The commands about the program itself.
#include "gtp/gtp_commands.h"

#include <stdio.h>

static void do_protocol_version(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    gtp_say(reply, "2");
}

static void do_name(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    gtp_say(reply, "Tengen");
}

static void do_version(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    gtp_say(reply, "%s (%s)", TENGEN_VERSION, engine->params->model_name);
}

static void do_known_command(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    gtp_say(reply, "%s", gtp_command_find(line->arguments[0]) ? "true" : "false");
}

static void do_list_commands(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    for (int i = 0; gtp_command_at(i); i++) gtp_say(reply, "%s%s", i ? "\n" : "", gtp_command_at(i)->name);
}

// A command of our own, for people at a terminal.
static void do_help(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    for (int i = 0; gtp_command_at(i); i++) {
        const struct gtp_command *c = gtp_command_at(i);
        char head[80];
        snprintf(head, sizeof head, "%s%s%s", c->name, *c->arguments ? " " : "", c->arguments);
        gtp_say(reply, "%s%-34s %s", i ? "\n" : "", head, c->what);
    }
}

static void do_quit(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) { engine->quit = true; }

const struct gtp_command gtp_commands_admin[] = {
    {"protocol_version", 0, do_protocol_version, "", "always 2"},
    {"name", 0, do_name, "", "the name of this program"},
    {"version", 0, do_version, "", "the version of this program, and its model"},
    {"known_command", 1, do_known_command, "COMMAND", "true if there is such a command, else false"},
    {"list_commands", 0, do_list_commands, "", "the names of all commands"},
    {"help", 0, do_help, "", "this list"},
    {"quit", 0, do_quit, "", "ends the program"},
    {NULL, 0, NULL, NULL, NULL},
};
