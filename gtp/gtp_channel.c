// A thread reads what there is, cuts it into lines and hands them over in goes: all that could be
// read without waiting is one go. So a script that is piped in arrives as a whole with its end, and
// the end of the input ends no search of it; what a person or a program sends while the engine
// thinks is a later go.
//
//   reader thread                          the engine's thread
//   poll in, out, wake                     gtp_channel_line: take the first line, or wait
//   read, cut, until nothing is there      gtp_channel_interrupts: one atomic load, and a look at
//   publish the go under the lock          the queue only if something has come since
//
// The thread polls the output too, since a pipe without a reader says so at once, while a write
// that would fail may be a long search away.
#include "gtp/gtp_channel.h"

#include "base/memory.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum {
    READ_BYTES = 1 << 16,
    // A go that is larger is published in parts, and the reader waits while more than this waits to
    // be answered, so that no flood fills the memory.
    MAX_WAITING_BYTES = 4 << 20,
    TICK_MS = 100,
};

enum line_kind {
    LINE_NOTHING,   // an empty line or a comment
    LINE_INTERRUPT, // the comment `# interrupt`
    LINE_STOP,      // a command that stops searches
    LINE_QUIT,
    LINE_COMMAND,
};

struct line {
    struct line *next;
    enum line_kind kind;
    unsigned go;
    size_t num_bytes;
    char text[];
};

struct lines {
    struct line *first, **end; // *end is the NULL behind the last line
    size_t num_bytes;
};

struct gtp_channel {
    FILE *in, *out;
    int in_fd, out_fd; // -1: the stream has none
    int wake[2];       // a pipe that wakes the reader's poll
    pthread_t thread;

    pthread_mutex_t lock;
    pthread_cond_t changed; // lines have come or were taken, or the end
    struct lines waiting;
    bool is_ended, is_closing;
    unsigned end_go;
    // Grows with whatever a search may have to end for.
    atomic_uint arrivals;
    atomic_bool is_gone; // nobody reads the answers
    int gone_errno;      // of the write that found it; 0: the poll did

    // The reader's alone.
    char *partial; // the line that is being read
    size_t partial_bytes, partial_capacity;
    struct lines fresh; // the go that is being read
    unsigned go;
    bool is_begun;

    // The engine's alone.
    struct line *current;
    unsigned current_go;
    unsigned seen[2]; // by patience: arrivals at the last look at the queue
};

static void lines_init(struct lines *lines) { *lines = (struct lines){.end = &lines->first}; }

static void lines_free(struct lines *lines) {
    for (struct line *line = lines->first; line;) {
        struct line *next = line->next;
        free(line);
        line = next;
    }
}

// ---- the reader ----

static enum line_kind kind_of(const char *text) {
    static const char *const stops[] = {"stop", "stop-ponder", "gogui-interrupt", "kata-search_cancel"};
    const char *blank = " \t\r\f\v";
    text += strspn(text, blank);
    if (*text == '#') {
        text++;
        text += strspn(text, blank);
        return strncasecmp(text, "interrupt", 9) ? LINE_NOTHING : LINE_INTERRUPT;
    }
    const size_t digits = strspn(text, "0123456789");
    if (digits && strspn(text + digits, blank)) text += digits + strspn(text + digits, blank);
    const size_t length = strcspn(text, " \t\r\f\v#");
    if (!length) return digits ? LINE_COMMAND : LINE_NOTHING;
    if (length == 4 && !strncmp(text, "quit", 4)) return LINE_QUIT;
    for (size_t i = 0; i < sizeof stops / sizeof *stops; i++)
        if (strlen(stops[i]) == length && !strncmp(text, stops[i], length)) return LINE_STOP;
    return LINE_COMMAND;
}

static void end_line(struct gtp_channel *c) {
    const char *text = c->partial;
    size_t n = c->partial_bytes;
    if (!c->is_begun && n >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) text += 3, n -= 3;
    c->is_begun = true;
    struct line *line = memory_raw(1, sizeof *line + n + 1, "a line of GTP");
    if (n) memcpy(line->text, text, n);
    line->text[n] = 0;
    line->next = NULL;
    line->num_bytes = sizeof *line + n + 1;
    line->kind = kind_of(line->text);
    *c->fresh.end = line;
    c->fresh.end = &line->next;
    c->fresh.num_bytes += line->num_bytes;
    c->partial_bytes = 0;
}

static void add_bytes(struct gtp_channel *c, const char *bytes, size_t n) {
    if (c->partial_bytes + n > c->partial_capacity) {
        c->partial_capacity = 2 * (c->partial_bytes + n);
        c->partial = memory_resize(c->partial, c->partial_capacity, 1, "a line of GTP");
    }
    for (size_t i = 0; i < n; i++)
        if (bytes[i]) c->partial[c->partial_bytes++] = bytes[i];
}

static void take_bytes(struct gtp_channel *c, const char *bytes, size_t n) {
    for (const char *newline; n && (newline = memchr(bytes, '\n', n));) {
        const size_t length = (size_t)(newline - bytes);
        add_bytes(c, bytes, length);
        end_line(c);
        bytes += length + 1;
        n -= length + 1;
    }
    add_bytes(c, bytes, n);
}

// Hands the go over. False: the channel is being closed.
static bool publish(struct gtp_channel *c, bool is_end) {
    if (!c->fresh.first && !is_end) return true;
    c->go++;
    for (struct line *line = c->fresh.first; line; line = line->next) line->go = c->go;
    pthread_mutex_lock(&c->lock);
    if (c->fresh.first) {
        *c->waiting.end = c->fresh.first;
        c->waiting.end = c->fresh.end;
        c->waiting.num_bytes += c->fresh.num_bytes;
    }
    c->is_ended = is_end;
    c->end_go = c->go;
    atomic_fetch_add(&c->arrivals, 1);
    pthread_cond_broadcast(&c->changed);
    while (!c->is_closing && !is_end && c->waiting.num_bytes > MAX_WAITING_BYTES) pthread_cond_wait(&c->changed, &c->lock);
    const bool goes_on = !c->is_closing;
    pthread_mutex_unlock(&c->lock);
    lines_init(&c->fresh);
    return goes_on;
}

static void lose_reader(struct gtp_channel *c, int error) {
    if (atomic_load(&c->is_gone)) return;
    pthread_mutex_lock(&c->lock);
    c->gone_errno = error;
    atomic_store(&c->is_gone, true);
    atomic_fetch_add(&c->arrivals, 1);
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->lock);
}

// Wakes who waits for a line, so that they can look whether they still want one.
static void tick(struct gtp_channel *c) {
    pthread_mutex_lock(&c->lock);
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->lock);
}

// Whether the input can be read. With `wait` this waits for it, and looks at the output meanwhile.
// False: not at once, or the channel is being closed.
static bool is_readable(struct gtp_channel *c, bool has_input, bool wait) {
    for (;;) {
        struct pollfd polled[] = {{.fd = c->wake[0], .events = POLLIN},
                                  {.fd = has_input ? c->in_fd : -1, .events = POLLIN},
                                  {.fd = atomic_load(&c->is_gone) ? -1 : c->out_fd}};
        const int n = poll(polled, 3, wait ? TICK_MS : 0);
        if (n == 0 && wait) tick(c);
        if (n < 0 && errno != EINTR && errno != EAGAIN) return false;
        if (n < 0) continue;
        if (polled[0].revents) return false;
        if (polled[2].revents & (POLLERR | POLLHUP | POLLNVAL)) lose_reader(c, 0);
        if (polled[1].revents) return true;
        if (!wait) return false;
    }
}

static void read_descriptor(struct gtp_channel *c, char *buffer) {
    while (is_readable(c, true, true)) {
        bool is_end = false;
        do {
            const ssize_t n = read(c->in_fd, buffer, READ_BYTES);
            if (n > 0)
                take_bytes(c, buffer, (size_t)n);
            else if (n == 0 || (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK))
                is_end = true;
        } while (!is_end && c->fresh.num_bytes < MAX_WAITING_BYTES && is_readable(c, true, false));
        if (is_end && c->partial_bytes) end_line(c);
        if (!publish(c, is_end)) return;
        if (!is_end) continue;
        is_readable(c, false, true); // the output is still looked at
        return;
    }
}

static void read_stream(struct gtp_channel *c, char *buffer) {
    for (size_t n; (n = fread(buffer, 1, READ_BYTES, c->in)) > 0;) {
        take_bytes(c, buffer, n);
        if (c->fresh.num_bytes >= MAX_WAITING_BYTES && !publish(c, false)) return;
    }
    if (c->partial_bytes) end_line(c);
    publish(c, true);
}

static void *reader(void *context) {
    struct gtp_channel *c = context;
    char *buffer = memory_raw(READ_BYTES, 1, "the input of GTP");
    if (c->in_fd >= 0)
        read_descriptor(c, buffer);
    else
        read_stream(c, buffer);
    free(buffer);
    return NULL;
}

// ---- the engine's side ----

enum status gtp_channel_new(struct gtp_channel **channel, FILE *in, FILE *out) {
    *channel = NULL;
    int wake[2];
    if (pipe(wake)) return status_fail(STATUS_IO, "can't make a pipe: %s", strerror(errno));
    struct gtp_channel *c = memory_new(1, sizeof *c, "GTP");
    c->in = in, c->out = out;
    c->in_fd = fileno(in), c->out_fd = fileno(out);
    memcpy(c->wake, wake, sizeof wake);
    lines_init(&c->waiting);
    lines_init(&c->fresh);
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->changed, NULL);
    const int error = pthread_create(&c->thread, NULL, reader, c);
    if (!error) {
        *channel = c;
        return STATUS_OK;
    }
    pthread_cond_destroy(&c->changed);
    pthread_mutex_destroy(&c->lock);
    close(wake[0]), close(wake[1]);
    free(c);
    return status_fail(STATUS_IO, "can't start the thread that reads: %s", strerror(error));
}

void gtp_channel_free(struct gtp_channel *c) {
    if (!c) return;
    pthread_mutex_lock(&c->lock);
    c->is_closing = true;
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->lock);
    while (write(c->wake[1], "", 1) < 0 && errno == EINTR) {
    }
    pthread_join(c->thread, NULL);
    close(c->wake[0]), close(c->wake[1]);
    pthread_cond_destroy(&c->changed);
    pthread_mutex_destroy(&c->lock);
    lines_free(&c->waiting);
    lines_free(&c->fresh);
    free(c->current);
    free(c->partial);
    free(c);
}

// Takes the first line there is, under the lock.
static char *take_line(struct gtp_channel *c) {
    struct line *line = atomic_load(&c->is_gone) ? NULL : c->waiting.first;
    if (line) {
        c->waiting.first = line->next;
        if (!line->next) c->waiting.end = &c->waiting.first;
        c->waiting.num_bytes -= line->num_bytes;
        pthread_cond_broadcast(&c->changed);
    }
    c->current = line;
    c->current_go = line ? line->go : 0;
    // The queue has to be looked at for this command.
    c->seen[0] = c->seen[1] = atomic_load(&c->arrivals) - 1;
    return line ? line->text : NULL;
}

static bool is_quiet(const struct gtp_channel *c) { return !c->waiting.first && !c->is_ended && !atomic_load(&c->is_gone); }

char *gtp_channel_line(struct gtp_channel *c) {
    free(c->current);
    pthread_mutex_lock(&c->lock);
    while (is_quiet(c)) pthread_cond_wait(&c->changed, &c->lock);
    char *text = take_line(c);
    pthread_mutex_unlock(&c->lock);
    return text;
}

char *gtp_channel_line_if(struct gtp_channel *c, bool wait) {
    free(c->current);
    pthread_mutex_lock(&c->lock);
    if (wait && is_quiet(c)) pthread_cond_wait(&c->changed, &c->lock); // a tick at the latest
    char *text = take_line(c);
    pthread_mutex_unlock(&c->lock);
    return text;
}

bool gtp_channel_has_ended(struct gtp_channel *c) {
    pthread_mutex_lock(&c->lock);
    const bool has_ended = (c->is_ended && !c->waiting.first) || atomic_load(&c->is_gone);
    pthread_mutex_unlock(&c->lock);
    return has_ended;
}

// Whether what waits ends a search that only a stop ends. Only the next command counts: one behind
// it is an answer away.
static bool is_stopped(const struct gtp_channel *c) {
    for (const struct line *line = c->waiting.first; line; line = line->next) {
        if (line->kind == LINE_NOTHING) continue;
        return line->kind == LINE_INTERRUPT || line->kind == LINE_STOP ||
               (line->kind == LINE_QUIT && line->go != c->current_go);
    }
    return c->is_ended && c->end_go != c->current_go;
}

bool gtp_channel_interrupts(struct gtp_channel *c, enum gtp_patience patience) {
    if (atomic_load(&c->is_gone)) return true;
    const unsigned arrivals = atomic_load(&c->arrivals);
    if (arrivals == c->seen[patience]) return false;
    pthread_mutex_lock(&c->lock);
    const bool ends = patience == GTP_UNTIL_ANY ? c->waiting.first || c->is_ended : is_stopped(c);
    pthread_mutex_unlock(&c->lock);
    // Where the search ends, the next question has the same answer until a line is taken.
    if (!ends) c->seen[patience] = arrivals;
    return ends;
}

void gtp_channel_wait(struct gtp_channel *c) {
    pthread_mutex_lock(&c->lock);
    while (is_quiet(c)) pthread_cond_wait(&c->changed, &c->lock);
    pthread_mutex_unlock(&c->lock);
}

void gtp_channel_write(struct gtp_channel *c, const char *bytes, size_t num_bytes) {
    if (atomic_load(&c->is_gone)) return;
    if (c->out_fd < 0) {
        if (fwrite(bytes, 1, num_bytes, c->out) < num_bytes || fflush(c->out)) lose_reader(c, errno ? errno : EIO);
        return;
    }
    while (num_bytes) {
        const ssize_t n = write(c->out_fd, bytes, num_bytes);
        if (n >= 0) {
            bytes += n;
            num_bytes -= (size_t)n;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            struct pollfd polled = {.fd = c->out_fd, .events = POLLOUT};
            poll(&polled, 1, -1);
        } else if (errno != EINTR) {
            lose_reader(c, errno);
            return;
        }
    }
}

enum status gtp_channel_status(const struct gtp_channel *c) {
    if (!atomic_load(&c->is_gone)) return STATUS_OK;
    return status_fail(STATUS_IO, "can't write answers: %s", strerror(c->gone_errno ? c->gone_errno : EPIPE));
}
