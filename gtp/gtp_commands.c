// Finds the function for a command and lets it answer. The commands are in families, a file each.
#include "gtp/gtp_commands.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct gtp_command *const families[] = {gtp_commands_admin, gtp_commands_setup, gtp_commands_play,
                                                     gtp_commands_think, gtp_commands_time,  gtp_commands_board,
                                                     gtp_commands_sgf};

void gtp_say(struct gtp_reply *reply, const char *format, ...) {
    va_list args;
    va_start(args, format);
    const int free_bytes = GTP_TEXT_BYTES - reply->num_bytes;
    const int n = vsnprintf(reply->text + reply->num_bytes, free_bytes, format, args);
    va_end(args);
    reply->num_bytes += n < free_bytes ? n : free_bytes - 1;
}

void gtp_refuse(struct gtp_reply *reply, const char *error) {
    reply->failed = true;
    reply->num_bytes = 0;
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
    reply->failed = reply->is_begun = false;
    reply->num_bytes = 0;
    reply->text[0] = 0;
    const struct gtp_command *command = gtp_command_find(line->command);
    if (!command)
        gtp_refuse(reply, GTP_UNKNOWN);
    else if (line->num_arguments < command->min_arguments)
        gtp_refuse(reply, "syntax error");
    else
        command->answer(engine, line, reply);
}
