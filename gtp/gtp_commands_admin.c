// The commands about the program itself.
#include "gtp/gtp_commands.h"

#include "gtp/gtp_explain.h"

#include <stdio.h>
#include <time.h>

static void do_protocol_version(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    gtp_say(reply, "2");
}

static void do_name(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    gtp_say(reply, "%s", engine->params->gtp_name ? engine->params->gtp_name : "Tengen");
}

// Lizzie takes any engine whose name it does not know for a Leela Zero, and wants the whole number
// behind the first point to be 15 at least. It says which of Leela Zero's dialects we speak.
static void do_version(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    char model[GTP_MODEL_BYTES];
    gtp_say(reply, "0.17.0 (Tengen %s, %s)", TENGEN_VERSION, gtp_model_text(engine, model));
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

// The processor time of the whole process, which does little else than think.
static void do_cputime(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    struct timespec used;
    CHECK(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0);
    gtp_say(reply, "%.3f", (double)used.tv_sec + 1e-9 * (double)used.tv_nsec);
}

static void do_get_random_seed(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    gtp_say(reply, "%llu", (unsigned long long)engine->params->seed);
}

static void do_clear_cache(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    search_forget(engine->search);
    engine->num_root_actions = -1;
}

const struct gtp_command gtp_commands_admin[] = {
    {"protocol_version", 0, do_protocol_version, "", "always 2"},
    {"name", 0, do_name, "", "the name of this program, or what --gtp-name says"},
    {"version", 0, do_version, "", "the version of this program, and its model"},
    {"known_command", 1, do_known_command, "COMMAND", "true if there is such a command, else false"},
    {"list_commands", 0, do_list_commands, "", "the names of all commands"},
    {"help", 0, do_help, "", "this list"},
    {"cputime", 0, do_cputime, "", "the processor time used so far, in seconds"},
    {"gomill-cpu_time", 0, do_cputime, "", "the same"},
    {"get_random_seed", 0, do_get_random_seed, "", "the seed of the random numbers"},
    {"clear_cache", 0, do_clear_cache, "", "forgets what was searched"},
    {"quit", 0, do_quit, "", "ends the program"},
    {NULL, 0, NULL, NULL, NULL},
};
