// Inside gtp/: the table of commands. A command is one function and one row of its family's table.
// Error texts are the standard's, word for word [GTP 2, section 4].
#ifndef GTP_GTP_COMMANDS_H
#define GTP_GTP_COMMANDS_H

#include "gtp/gtp_engine.h"

typedef void gtp_command_function(struct gtp_engine *, const struct gtp_line *, struct gtp_reply *);
struct gtp_command {
    const char *name;  // NULL: the end of a family
    int min_arguments; // fewer are a syntax error
    gtp_command_function *answer;
    const char *arguments, *what; // what `help` says
};
// The families, each in gtp_commands_NAME.c.
extern const struct gtp_command gtp_commands_admin[], gtp_commands_setup[], gtp_commands_play[], gtp_commands_think[],
    gtp_commands_time[], gtp_commands_board[], gtp_commands_sgf[], gtp_commands_rules[], gtp_commands_gogui[],
    gtp_commands_kata[], gtp_commands_servers[];

// The command with this name; NULL: there is none.
const struct gtp_command *gtp_command_find(const char *name);
// The commands in the order of the families; NULL: there are no more.
const struct gtp_command *gtp_command_at(int index);

// Whether this colour can move now; otherwise it refuses. In Go it always can. A colour below 0 is
// a syntax error.
bool gtp_can_move(struct gtp_engine *engine, int color, struct gtp_reply *reply);
// Says a text of several lines, but not its empty lines, since an empty line would end the answer.
void gtp_say_lines(struct gtp_reply *reply, const char *text);

#endif
