// The other end of a GTP program: a child process, commands to it, answers from it, and nothing that it can do to us.
//
// Commands are sent without waiting; answers arrive in order and are fetched by gtp_client_poll. A program that exits, hangs,
// floods or answers what is no GTP is `broken`, with a reason. Freed, it is killed with everything that it has started, whatever session or
// process group that is in and whether its parent still lives.
#ifndef ARENA_GTP_CLIENT_H
#define ARENA_GTP_CLIENT_H

#include "base/clock.h"
#include "base/status.h"

#include <stddef.h>

struct gtp_client;

enum gtp_answer {
    GTP_NOTHING_SENT, // no command is unanswered
    GTP_PENDING,      // not answered yet
    GTP_GOOD,         // "= text"
    GTP_BAD,          // "? text"
    GTP_BROKEN,       // no answer will come any more: see gtp_client_reason
};

// Starts `command` through /bin/sh; its stderr is thrown away. /usr/games is searched after PATH (Debian's GNU Go lives there).
// Every answer may take `answer_seconds`, counted from the command or the answer before it.
enum status gtp_client_new(struct gtp_client **client, const char *command, double answer_seconds, const struct clock *clock);
void gtp_client_free(struct gtp_client *client); // says quit, waits a moment, kills
void gtp_client_send(struct gtp_client *client, const char *format, ...) __attribute__((format(printf, 2, 3)));
// The next answer, if it is there: never waits. *command is what was asked, *text the answer (without '=' and id, inner newlines
// kept); both live until the next call.
enum gtp_answer gtp_client_poll(struct gtp_client *client, const char **command, const char **text);
// The same, but waits for it; GTP_PENDING: *stop has become true meanwhile (may be NULL; seen within a tenth of a second).
enum gtp_answer gtp_client_wait(struct gtp_client *client, const volatile bool *stop, const char **command, const char **text);
int gtp_client_unanswered(const struct gtp_client *client); // commands whose answers were not yet fetched
bool gtp_client_is_alive(struct gtp_client *client);        // looks whether it is there to take commands
const char *gtp_client_reason(const struct gtp_client *client);
int gtp_client_descriptor(const struct gtp_client *client); // readable when there may be an answer; may change with each poll

#endif
