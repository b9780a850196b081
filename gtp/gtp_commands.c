// Finds the function for a command and lets it answer. The commands are in families, a file each.
#include "gtp/gtp_commands.h"

#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct gtp_command *const families[] = {gtp_commands_admin, gtp_commands_setup, gtp_commands_play,
                                                     gtp_commands_think, gtp_commands_time,  gtp_commands_board,
                                                     gtp_commands_sgf,   gtp_commands_rules,
                                                     gtp_commands_gogui, gtp_commands_kata,  gtp_commands_servers};

void gtp_reply_start(struct gtp_reply *reply) {
    reply->failed = false;
    reply->num_bytes = 0;
    gtp_say(reply, "%s", "");
}

void gtp_reply_done(struct gtp_reply *reply) { free(reply->text); }

void gtp_say(struct gtp_reply *reply, const char *format, ...) {
    for (;;) {
        va_list args;
        const size_t room = reply->max_bytes - reply->num_bytes;
        va_start(args, format);
        const int n = vsnprintf(reply->text ? reply->text + reply->num_bytes : NULL, room, format, args);
        va_end(args);
        CHECK(n >= 0);
        if ((size_t)n < room) {
            reply->num_bytes += (size_t)n;
            return;
        }
        reply->max_bytes = 2 * (reply->num_bytes + (size_t)n) + 512;
        reply->text = memory_resize(reply->text, reply->max_bytes, 1, "an answer of GTP");
    }
}

void gtp_refuse(struct gtp_reply *reply, const char *error) {
    gtp_reply_start(reply);
    reply->failed = true;
    gtp_say(reply, "%s", error);
}

void gtp_say_lines(struct gtp_reply *reply, const char *text) {
    gtp_say(reply, "\n");
    for (; *text; text++)
        if (*text != '\n' || (text[1] && text[1] != '\n')) gtp_say(reply, "%c", *text);
}

const struct gtp_command *gtp_command_at(int index) {
    for (size_t f = 0; f < sizeof families / sizeof *families; f++)
        for (const struct gtp_command *c = families[f]; c->name; c++)
            if (index-- == 0) return c;
    return NULL;
}

const struct gtp_command *gtp_command_find(const char *name) {
    for (size_t f = 0; f < sizeof families / sizeof *families; f++)
        for (const struct gtp_command *c = families[f]; c->name; c++)
            if (!strcmp(c->name, name)) return c;
    return NULL;
}

void gtp_answer(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    gtp_reply_start(reply);
    reply->is_begun = false;
    const struct gtp_command *command = gtp_command_find(line->command);
    if (!command)
        gtp_refuse(reply, GTP_UNKNOWN);
    else if (line->num_arguments < command->min_arguments || line->is_cut)
        gtp_refuse(reply, "syntax error");
    else
        command->answer(engine, line, reply);
}
