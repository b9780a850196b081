// Listeners: server-sent events [WHATWG HTML, 9.2] about a topic, to whoever listens to it. Any
// thread may call.
#ifndef WEB_EVENTS_H
#define WEB_EVENTS_H

#include "web/http.h"

#include <stdint.h>

// A run's topic is its index, a session's its number from EVENTS_SESSIONS on.
enum { EVENTS_MAX = 64 };
#define EVENTS_SESSIONS (1ull << 32)

struct events;
struct events *events_new(void);
// Ends all streams; from now on nobody can listen.
void events_close(struct events *events);
void events_free(struct events *events); // NULL is fine
// A stream for a new listener, with a reference for the answer; NULL: there are EVENTS_MAX already,
// or no more are taken.
struct http_stream *events_listen(struct events *events, uint64_t topic);
// Sends a JSON text of one line to one stream, or to all listeners of a topic.
void events_send_to(struct http_stream *stream, const char *event, const char *data);
void events_send(struct events *events, uint64_t topic, const char *event, const char *data);
// A comment to all, which finds out who is gone. To be called every ten seconds or so.
void events_beat(struct events *events);
// Ends the streams of a topic.
void events_end(struct events *events, uint64_t topic);
int events_count(struct events *events, uint64_t topic);
int events_count_all(struct events *events);

#endif
