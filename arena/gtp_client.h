// The other end of a GTP program: a child process, commands to it, answers from it, and protection
// from everything that it could do to us.
//
// Commands are sent without waiting. Answers arrive in order, and gtp_client_poll fetches them. A
// program that exits, hangs, floods or answers something that is not GTP counts as broken, and
// gtp_client_reason says why. gtp_client_free kills it with everything that it has started,
// whatever session or process group that is in and whether or not its parent still lives.
//
// A client belongs to one thread at a time.
#ifndef ARENA_GTP_CLIENT_H
#define ARENA_GTP_CLIENT_H

#include "base/clock.h"
#include "base/status.h"

#include <stddef.h>

struct gtp_client;

enum gtp_answer {
    GTP_NOTHING_SENT, // every command has been answered
    GTP_PENDING,      // the answer is not there yet
    GTP_GOOD,         // "= text"
    GTP_BAD,          // "? text"
    GTP_BROKEN,       // no answer will ever come: gtp_client_reason says why
};

// Starts `command` through /bin/sh and throws its stderr away. Programs are looked for in PATH and
// then in /usr/games, where Debian puts GNU Go. Each answer may take `answer_seconds`, counted from
// its command or from the answer before it, whichever is later. STATUS_IO: the system gives no pipe
// or process.
enum status gtp_client_new(struct gtp_client **client, const char *command, double answer_seconds, const struct clock *clock);
// Sends quit, gives the program a moment to leave, and kills what is left.
void gtp_client_free(struct gtp_client *client);
// Sends a command, without id or newline. A program that does not read its input becomes broken.
void gtp_client_send(struct gtp_client *client, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Fetches the next answer if it is there, and never waits. *command is what was asked. *text is the
// answer without its '=' or '?' and its id, with inner newlines kept. Both live until the next
// call.
enum gtp_answer gtp_client_poll(struct gtp_client *client, const char **command, const char **text);
// The same, but waits for the answer. It returns GTP_PENDING only when *stop has become true, which
// is seen within a tenth of a second. stop may be NULL.
enum gtp_answer gtp_client_wait(struct gtp_client *client, const volatile bool *stop, const char **command, const char **text);
// The number of commands whose answers have not been fetched.
int gtp_client_unanswered(const struct gtp_client *client);
// Looks whether the program still takes commands.
bool gtp_client_is_alive(struct gtp_client *client);
// Why the program is broken, in ASCII; "" while it is not.
const char *gtp_client_reason(const struct gtp_client *client);
// A descriptor that becomes readable when there may be an answer. Any poll may change it.
int gtp_client_descriptor(const struct gtp_client *client);

#endif
