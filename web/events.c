// A short list under a mutex. Streams that are found gone are dropped from it.
#include "web/events.h"

#include "base/memory.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct events {
    pthread_mutex_t mutex;
    int num;
    bool is_closed;
    struct {
        struct http_stream *stream;
        uint64_t topic;
    } at[EVENTS_MAX];
};

struct events *events_new(void) {
    struct events *events = memory_new(1, sizeof *events, "the listeners");
    pthread_mutex_init(&events->mutex, NULL);
    return events;
}

static void drop(struct events *events, int i) {
    http_stream_end(events->at[i].stream);
    events->at[i] = events->at[--events->num];
}

void events_close(struct events *events) {
    pthread_mutex_lock(&events->mutex);
    events->is_closed = true;
    while (events->num) drop(events, 0);
    pthread_mutex_unlock(&events->mutex);
}

void events_free(struct events *events) {
    if (!events) return;
    events_close(events);
    pthread_mutex_destroy(&events->mutex);
    free(events);
}

static void drop_gone(struct events *events) {
    for (int i = events->num; i-- > 0;)
        if (http_stream_is_gone(events->at[i].stream)) drop(events, i);
}

struct http_stream *events_listen(struct events *events, uint64_t topic) {
    struct http_stream *stream = NULL;
    pthread_mutex_lock(&events->mutex);
    if (events->num == EVENTS_MAX) drop_gone(events);
    if (events->num < EVENTS_MAX && !events->is_closed) {
        stream = http_stream_new();
        events->at[events->num].stream = http_stream_share(stream);
        events->at[events->num++].topic = topic;
        // A browser that is cut off comes back after so many milliseconds.
        static const char retry[] = "retry: 3000\n\n";
        http_stream_send(stream, retry, strlen(retry));
    }
    pthread_mutex_unlock(&events->mutex);
    return stream;
}

static char *message(const char *event, const char *data, size_t *num_bytes) {
    const size_t size = strlen(event) + strlen(data) + 32;
    char *text = memory_raw(size, 1, "an event");
    *num_bytes = (size_t)snprintf(text, size, "event: %s\ndata: %s\n\n", event, data);
    return text;
}

void events_send_to(struct http_stream *stream, const char *event, const char *data) {
    size_t n;
    char *text = message(event, data, &n);
    http_stream_send(stream, text, n);
    free(text);
}

void events_send(struct events *events, uint64_t topic, const char *event, const char *data) {
    size_t n;
    char *text = message(event, data, &n);
    pthread_mutex_lock(&events->mutex);
    for (int i = events->num; i-- > 0;)
        if (events->at[i].topic == topic && !http_stream_send(events->at[i].stream, text, n)) drop(events, i);
    pthread_mutex_unlock(&events->mutex);
    free(text);
}

void events_beat(struct events *events) {
    static const char beat[] = ": still here\n\n";
    pthread_mutex_lock(&events->mutex);
    for (int i = events->num; i-- > 0;)
        if (!http_stream_send(events->at[i].stream, beat, strlen(beat))) drop(events, i);
    pthread_mutex_unlock(&events->mutex);
}

void events_end(struct events *events, uint64_t topic) {
    pthread_mutex_lock(&events->mutex);
    for (int i = events->num; i-- > 0;)
        if (events->at[i].topic == topic) drop(events, i);
    pthread_mutex_unlock(&events->mutex);
}

int events_count(struct events *events, uint64_t topic) {
    int n = 0;
    pthread_mutex_lock(&events->mutex);
    for (int i = 0; i < events->num; i++) n += events->at[i].topic == topic;
    pthread_mutex_unlock(&events->mutex);
    return n;
}

int events_count_all(struct events *events) {
    pthread_mutex_lock(&events->mutex);
    drop_gone(events);
    const int n = events->num;
    pthread_mutex_unlock(&events->mutex);
    return n;
}
