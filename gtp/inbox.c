// The reader waits in poll(2) for the input and for a pipe by which inbox_free wakes it. It stops
// reading while many bytes wait, so that a flood of lines stays where it comes from.
#include "gtp/inbox.h"

#include "base/memory.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { READ_BYTES = 1 << 16, MAX_WAITING_BYTES = 16 << 20, TICK_MS = 100 };

struct line {
    struct line *next;
    char *text;
    size_t num_bytes;
};

struct inbox {
    int fd, wake[2];
    pthread_t thread;
    // The line that is being read; of the reader alone.
    char *partial;
    size_t partial_bytes, partial_capacity;

    pthread_mutex_t mutex;
    pthread_cond_t has_changed;
    struct line *first, **end;
    size_t waiting_bytes;
    bool has_ended, quit;
    unsigned tick; // grows while nothing comes in
};

static void publish(struct inbox *box) {
    size_t n = box->partial_bytes;
    if (n && box->partial[n - 1] == '\r') n--;
    struct line *line = memory_new(1, sizeof *line, "a line");
    line->text = memory_raw(n + 1, 1, "a line");
    if (n) memcpy(line->text, box->partial, n);
    line->text[n] = 0;
    line->num_bytes = n;
    box->partial_bytes = 0;
    pthread_mutex_lock(&box->mutex);
    *box->end = line;
    box->end = &line->next;
    box->waiting_bytes += n;
    pthread_cond_broadcast(&box->has_changed);
    while (box->waiting_bytes > MAX_WAITING_BYTES && !box->quit) pthread_cond_wait(&box->has_changed, &box->mutex);
    pthread_mutex_unlock(&box->mutex);
}

static void take(struct inbox *box, const char *bytes, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] == '\n') {
            publish(box);
        } else if (box->partial_bytes < INBOX_LINE_BYTES) {
            if (box->partial_bytes == box->partial_capacity) {
                box->partial_capacity = box->partial_capacity ? 2 * box->partial_capacity : 1024;
                box->partial = memory_resize(box->partial, box->partial_capacity, 1, "a line");
            }
            // A zero would hide what follows.
            box->partial[box->partial_bytes++] = bytes[i] ? bytes[i] : ' ';
        }
    }
}

// Lets those who wait look whether they still want to.
static void tick(struct inbox *box) {
    pthread_mutex_lock(&box->mutex);
    box->tick++;
    pthread_cond_broadcast(&box->has_changed);
    pthread_mutex_unlock(&box->mutex);
}

static void *read_lines(void *context) {
    struct inbox *box = context;
    char *bytes = memory_raw(READ_BYTES, 1, "a line");
    for (;;) {
        struct pollfd polled[2] = {{.fd = box->fd, .events = POLLIN}, {.fd = box->wake[0], .events = POLLIN}};
        const int ready = poll(polled, 2, TICK_MS);
        if (ready < 0 && errno != EINTR) break;
        if (ready <= 0) {
            tick(box);
            continue;
        }
        if (polled[1].revents) break;
        if (!polled[0].revents) continue;
        const ssize_t n = read(box->fd, bytes, READ_BYTES);
        if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (n <= 0) break;
        take(box, bytes, (size_t)n);
    }
    if (box->partial_bytes) publish(box); // a last line without an end
    free(bytes);
    pthread_mutex_lock(&box->mutex);
    box->has_ended = true;
    pthread_cond_broadcast(&box->has_changed);
    pthread_mutex_unlock(&box->mutex);
    return NULL;
}

enum status inbox_new(struct inbox **out, int fd) {
    *out = NULL;
    struct inbox *box = memory_new(1, sizeof *box, "an inbox");
    box->fd = fd;
    box->end = &box->first;
    if (pipe(box->wake)) {
        free(box);
        return status_fail(STATUS_IO, "can't make a pipe: %s", strerror(errno));
    }
    pthread_mutex_init(&box->mutex, NULL);
    pthread_cond_init(&box->has_changed, NULL);
    if (pthread_create(&box->thread, NULL, read_lines, box)) {
        close(box->wake[0]);
        close(box->wake[1]);
        pthread_cond_destroy(&box->has_changed);
        pthread_mutex_destroy(&box->mutex);
        free(box);
        return status_fail(STATUS_IO, "can't start a thread that reads the input");
    }
    *out = box;
    return STATUS_OK;
}

void inbox_free(struct inbox *box) {
    if (!box) return;
    pthread_mutex_lock(&box->mutex);
    box->quit = true;
    pthread_cond_broadcast(&box->has_changed);
    pthread_mutex_unlock(&box->mutex);
    CHECK(write(box->wake[1], "", 1) == 1);
    pthread_join(box->thread, NULL);
    for (struct line *line = box->first, *next; line; line = next) {
        next = line->next;
        free(line->text);
        free(line);
    }
    close(box->wake[0]);
    close(box->wake[1]);
    pthread_cond_destroy(&box->has_changed);
    pthread_mutex_destroy(&box->mutex);
    free(box->partial);
    free(box);
}

char *inbox_line(struct inbox *box, bool wait) {
    pthread_mutex_lock(&box->mutex);
    const unsigned tick = box->tick;
    while (wait && !box->first && !box->has_ended && tick == box->tick) pthread_cond_wait(&box->has_changed, &box->mutex);
    struct line *line = box->first;
    char *text = NULL;
    if (line) {
        text = line->text;
        box->first = line->next;
        if (!box->first) box->end = &box->first;
        box->waiting_bytes -= line->num_bytes;
        pthread_cond_broadcast(&box->has_changed);
        free(line);
    }
    pthread_mutex_unlock(&box->mutex);
    return text;
}

bool inbox_has_ended(struct inbox *box) {
    pthread_mutex_lock(&box->mutex);
    const bool has_ended = box->has_ended && !box->first;
    pthread_mutex_unlock(&box->mutex);
    return has_ended;
}
