// A conversation with the engine as a controller has it: the engine serves two pipes on a thread of
// its own, and the test writes lines and waits for answers.
#ifndef TESTS_GTP_TALK_H
#define TESTS_GTP_TALK_H

#include "gtp/gtp_engine.h"
#include "tests/arena/arena_test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

// Seconds after which a line that does not come never will.
enum { TALK_PATIENCE = 120 };

struct talk {
    struct gtp_params params;
    struct evaluator *evaluator;
    int to, from; // -1: closed
    FILE *in, *out;
    pthread_t thread;
    enum status status;
    char *text; // what was read and not yet taken
    size_t num_bytes, capacity;
    char *line; // the latest line
};

static void *talk_serve(void *context) {
    struct talk *t = context;
    t->status = gtp_loop(&t->params, t->evaluator, t->in, t->out);
    fclose(t->in);
    fclose(t->out);
    return NULL;
}

// Begins with a hash evaluator, or with `evaluator`, which is borrowed.
static inline void talk_start(struct talk *t, const struct gtp_params *params, struct evaluator *evaluator) {
    int to[2], from[2];
    signal(SIGPIPE, SIG_IGN);
    memset(t, 0, sizeof *t);
    t->params = *params;
    t->evaluator = evaluator;
    if (pipe(to) || pipe(from)) exit(1);
    t->to = to[1], t->from = from[0];
    t->in = fdopen(to[0], "r"), t->out = fdopen(from[1], "w");
    if (pthread_create(&t->thread, NULL, talk_serve, t)) exit(1);
}

static inline void talk_send(struct talk *t, const char *text) {
    for (size_t n = strlen(text); n;) {
        const ssize_t written = write(t->to, text, n);
        if (written <= 0) return;
        text += written;
        n -= (size_t)written;
    }
}

static inline void talk_close(int *fd) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

// The next line without its newline; NULL: the engine has closed its output.
static inline const char *talk_line(struct talk *t) {
    for (;;) {
        char *newline = t->num_bytes ? memchr(t->text, '\n', t->num_bytes) : NULL;
        if (newline) {
            const size_t length = (size_t)(newline - t->text);
            free(t->line);
            t->line = malloc(length + 1);
            memcpy(t->line, t->text, length);
            t->line[length] = 0;
            t->num_bytes -= length + 1;
            memmove(t->text, newline + 1, t->num_bytes);
            return t->line;
        }
        if (t->capacity - t->num_bytes < 4096) t->text = realloc(t->text, t->capacity = 2 * t->capacity + 8192);
        struct pollfd polled = {.fd = t->from, .events = POLLIN};
        if (poll(&polled, 1, 1000 * TALK_PATIENCE) == 0) {
            EXPECT_(false, "no answer in %d s", TALK_PATIENCE);
            exit(1);
        }
        const ssize_t n = read(t->from, t->text + t->num_bytes, t->capacity - t->num_bytes);
        if (n <= 0) return NULL;
        t->num_bytes += (size_t)n;
    }
}

// Expects this line next.
static inline void talk_expect(struct talk *t, const char *expected) {
    const char *line = talk_line(t);
    EXPECT_(line && !strcmp(line, expected), "got \"%s\", expected \"%s\"", line ? line : "(the end)", expected);
}

// Reads to the end of an answer and returns the number of lines before it.
static inline int talk_rest(struct talk *t) {
    int lines = 0;
    for (const char *line; (line = talk_line(t)) && *line;) lines++;
    return lines;
}

// Ends the input, if it is open, and waits for the engine. Returns what it ended with.
static inline enum status talk_end(struct talk *t) {
    talk_close(&t->to);
    pthread_join(t->thread, NULL);
    talk_close(&t->from);
    free(t->text);
    free(t->line);
    return t->status;
}

#endif
