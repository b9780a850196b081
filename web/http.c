// libmicrohttpd with a few threads, each with an epoll of its own.
//
// Each connection has a `struct visit` from its first byte to its last, which says since when it
// has been at its present request. http_sweep shuts those that take too long, so that clients that
// send a byte every few seconds hold no place for ever.
//
// A stream has two owners, the sender and the answer. Its connection sleeps (suspended) while
// nothing waits to be sent. Invariant: `sleeper` is set only between suspending and resuming, and
// only under the mutex.
#include "web/http.h"

#include "base/memory.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

enum {
    // All chosen, not tuned.
    CONNECTION_BYTES = 64 << 10, // for the headers of a request
    IDLE_SECONDS = 15,           // without a byte in either direction
    STREAM_BYTES = 512 << 10,    // that may wait for a client
    REQUEST_SECONDS = 30,        // from a connection's last answer to the end of the next one
};

struct http_stream {
    pthread_mutex_t mutex;
    int owners;
    struct MHD_Connection *sleeper; // NULL: it is awake
    char *waiting;
    size_t begin, end, size; // of what waits in `waiting`
    bool is_over, is_gone;
};

struct visit {
    struct visit *next, *previous;
    int socket;
    double since;
    bool is_stream;
};

struct http_server {
    struct http_params params;
    struct MHD_Daemon *daemon;
    int port;
    pthread_mutex_t mutex; // of the visits
    struct visit visits;   // the head of a ring
};

// ---- requests ----

static const char *find(const struct http_pair *pairs, int n, const char *name, int *count) {
    const char *value = NULL;
    *count = 0;
    for (int i = 0; i < n; i++)
        if (!strcasecmp(pairs[i].key, name) && !(*count)++) value = pairs[i].value;
    return value;
}

const char *http_header(const struct http_request *request, const char *name) {
    int count;
    const char *value = find(request->headers, request->num_headers, name, &count);
    return count == 1 ? value : NULL;
}

int http_count(const struct http_request *request, const char *name) {
    int count;
    find(request->headers, request->num_headers, name, &count);
    return count;
}

const char *http_argument(const struct http_request *request, const char *name) {
    int count;
    const char *value = find(request->query, request->num_query, name, &count);
    return count == 1 ? value : NULL;
}

// ---- streams ----

struct http_stream *http_stream_new(void) {
    struct http_stream *stream = memory_new(1, sizeof *stream, "a stream of events");
    pthread_mutex_init(&stream->mutex, NULL);
    stream->owners = 1;
    return stream;
}

struct http_stream *http_stream_share(struct http_stream *stream) {
    pthread_mutex_lock(&stream->mutex);
    stream->owners++;
    pthread_mutex_unlock(&stream->mutex);
    return stream;
}

// Gives one reference back, with the mutex held, which is released.
static void release(struct http_stream *stream) {
    const bool is_last = --stream->owners == 0;
    pthread_mutex_unlock(&stream->mutex);
    if (!is_last) return;
    pthread_mutex_destroy(&stream->mutex);
    free(stream->waiting);
    free(stream);
}

static void wake(struct http_stream *stream) {
    if (stream->sleeper) MHD_resume_connection(stream->sleeper);
    stream->sleeper = NULL;
}

static void append(struct http_stream *stream, const char *text, size_t n) {
    if (stream->begin) memmove(stream->waiting, stream->waiting + stream->begin, stream->end - stream->begin);
    stream->end -= stream->begin;
    stream->begin = 0;
    if (stream->end + n > stream->size) {
        stream->size = 2 * (stream->end + n);
        stream->waiting = memory_resize(stream->waiting, stream->size, 1, "a stream of events");
    }
    memcpy(stream->waiting + stream->end, text, n);
    stream->end += n;
}

bool http_stream_send(struct http_stream *stream, const char *text, size_t n) {
    pthread_mutex_lock(&stream->mutex);
    if (stream->end - stream->begin + n > STREAM_BYTES) stream->is_over = stream->is_gone = true;
    const bool is_there = !stream->is_gone;
    if (is_there) append(stream, text, n);
    wake(stream);
    pthread_mutex_unlock(&stream->mutex);
    return is_there;
}

bool http_stream_is_gone(struct http_stream *stream) {
    pthread_mutex_lock(&stream->mutex);
    const bool is_gone = stream->is_gone;
    pthread_mutex_unlock(&stream->mutex);
    return is_gone;
}

void http_stream_end(struct http_stream *stream) {
    pthread_mutex_lock(&stream->mutex);
    stream->is_over = true;
    wake(stream);
    release(stream);
}

struct reader {
    struct http_stream *stream;
    struct MHD_Connection *connection;
};

static ssize_t read_stream(void *context, uint64_t position, char *out, size_t most) {
    (void)position;
    const struct reader *reader = context;
    struct http_stream *stream = reader->stream;
    ssize_t n = 0;
    pthread_mutex_lock(&stream->mutex);
    if (stream->is_gone) {
        n = MHD_CONTENT_READER_END_WITH_ERROR;
    } else if (stream->end > stream->begin) {
        const size_t waits = stream->end - stream->begin;
        n = (ssize_t)(waits < most ? waits : most);
        memcpy(out, stream->waiting + stream->begin, (size_t)n);
        stream->begin += (size_t)n;
    } else if (stream->is_over) {
        n = MHD_CONTENT_READER_END_OF_STREAM;
    } else {
        stream->sleeper = reader->connection;
        MHD_suspend_connection(reader->connection);
    }
    pthread_mutex_unlock(&stream->mutex);
    return n;
}

static void forget_stream(void *context) {
    struct reader *reader = context;
    pthread_mutex_lock(&reader->stream->mutex);
    reader->stream->is_gone = true;
    reader->stream->sleeper = NULL;
    release(reader->stream);
    free(reader);
}

// ---- answers ----

static void add_header(struct MHD_Response *response, const char *name, const char *value) {
    if (value && *value) (void)MHD_add_response_header(response, name, value);
}

static struct MHD_Response *make_response(struct MHD_Connection *connection, struct http_answer *answer) {
    if (answer->stream) {
        struct reader *reader = memory_new(1, sizeof *reader, "a stream of events");
        *reader = (struct reader){answer->stream, connection};
        return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 16 << 10, read_stream, reader, forget_stream);
    }
    if (answer->text) return MHD_create_response_from_buffer(answer->num_bytes, answer->text, MHD_RESPMEM_MUST_FREE);
    return MHD_create_response_from_buffer(answer->num_bytes, (void *)(uintptr_t)answer->bytes, MHD_RESPMEM_PERSISTENT);
}

// The page's own files and nothing else: no scripts in the text, no frames, no other site.
static const char policy[] = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
                             "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
                             "frame-ancestors 'none'";

static enum MHD_Result send_answer(struct MHD_Connection *connection, struct http_answer *answer) {
    struct MHD_Response *response = make_response(connection, answer);
    if (!response) {
        free(answer->text);
        return MHD_NO;
    }
    add_header(response, "Content-Type", answer->type);
    add_header(response, "Content-Security-Policy", policy);
    add_header(response, "X-Content-Type-Options", "nosniff");
    add_header(response, "X-Frame-Options", "DENY");
    add_header(response, "Referrer-Policy", "no-referrer");
    add_header(response, "Cross-Origin-Resource-Policy", "same-origin");
    add_header(response, "Cross-Origin-Opener-Policy", "same-origin");
    // Stored answers are asked about each time, so that a new version of the page is seen at once.
    add_header(response, "Cache-Control", answer->may_cache ? "no-cache" : "no-store");
    add_header(response, "ETag", answer->etag);
    add_header(response, "Location", answer->location);
    add_header(response, "Set-Cookie", answer->cookie);
    add_header(response, "Content-Disposition", answer->disposition);
    const enum MHD_Result result = MHD_queue_response(connection, (unsigned)answer->status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result refuse(struct MHD_Connection *connection, int status, const char *why) {
    struct http_answer answer = {.status = status, .type = "application/json", .bytes = why, .num_bytes = strlen(why)};
    return send_answer(connection, &answer);
}

// ---- connections ----

static struct visit *visit_of(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

static void note_connection(void *context, struct MHD_Connection *connection, void **socket_context,
                            enum MHD_ConnectionNotificationCode code) {
    struct http_server *server = context;
    struct visit *visit = *socket_context;
    pthread_mutex_lock(&server->mutex);
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        visit = memory_new(1, sizeof *visit, "a connection");
        const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        visit->socket = info ? info->connect_fd : -1;
        visit->since = clock_seconds(server->params.clock);
        visit->next = &server->visits;
        visit->previous = server->visits.previous;
        visit->next->previous = visit->previous->next = visit;
        *socket_context = visit;
    } else if (visit) {
        visit->next->previous = visit->previous;
        visit->previous->next = visit->next;
        free(visit);
        *socket_context = NULL;
    }
    pthread_mutex_unlock(&server->mutex);
}

void http_sweep(struct http_server *server) {
    const double now = clock_seconds(server->params.clock);
    pthread_mutex_lock(&server->mutex);
    for (struct visit *visit = server->visits.next; visit != &server->visits; visit = visit->next)
        if (!visit->is_stream && visit->socket >= 0 && now - visit->since > REQUEST_SECONDS)
            (void)shutdown(visit->socket, SHUT_RDWR);
    pthread_mutex_unlock(&server->mutex);
}

static void mark(struct http_server *server, struct MHD_Connection *connection, bool is_stream) {
    struct visit *visit = visit_of(connection);
    pthread_mutex_lock(&server->mutex);
    if (visit) visit->since = clock_seconds(server->params.clock);
    if (visit) visit->is_stream = is_stream;
    pthread_mutex_unlock(&server->mutex);
}

// ---- the library calls ----

struct upload {
    char *body;
    size_t n, size;
    bool is_too_large;
};

static void note_completed(void *context, struct MHD_Connection *connection, void **request_context,
                           enum MHD_RequestTerminationCode code) {
    (void)code;
    struct upload *upload = *request_context;
    if (upload) free(upload->body);
    free(upload);
    *request_context = NULL;
    mark(context, connection, false);
}

struct pairs {
    struct http_pair at[HTTP_MAX_PAIRS];
    int n;
    bool is_full;
};

static enum MHD_Result take_pair(void *context, enum MHD_ValueKind kind, const char *key, const char *value) {
    (void)kind;
    struct pairs *pairs = context;
    if (pairs->n == HTTP_MAX_PAIRS) {
        pairs->is_full = true;
        return MHD_NO;
    }
    pairs->at[pairs->n++] = (struct http_pair){key, value ? value : ""};
    return MHD_YES;
}

static enum http_method method_of(const char *text) {
    return !strcmp(text, "GET") ? HTTP_GET : !strcmp(text, "HEAD") ? HTTP_HEAD : !strcmp(text, "POST") ? HTTP_POST : HTTP_OTHER;
}

static void take_upload(struct upload *upload, const char *data, size_t n) {
    if (upload->n + n > HTTP_MAX_BODY) upload->is_too_large = true;
    if (upload->is_too_large) return;
    if (upload->n + n + 1 > upload->size) {
        upload->size = 2 * (upload->n + n + 1);
        upload->body = memory_resize(upload->body, upload->size, 1, "the body of a request");
    }
    memcpy(upload->body + upload->n, data, n);
    upload->n += n;
    upload->body[upload->n] = 0;
}

static bool is_announced_too_large(struct MHD_Connection *connection) {
    const char *length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Length");
    return length && strtoull(length, NULL, 10) > HTTP_MAX_BODY;
}

static enum MHD_Result answer_request(struct http_server *server, struct MHD_Connection *connection, const char *path,
                                      enum http_method method, const struct upload *upload) {
    struct pairs query = {0}, headers = {0};
    MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, take_pair, &query);
    MHD_get_connection_values(connection, MHD_HEADER_KIND, take_pair, &headers);
    if (query.is_full || headers.is_full) return refuse(connection, 431, "{\"error\":\"too many headers or arguments\"}");
    const struct http_request request = {.method = method,
                                         .path = path,
                                         .query = query.at,
                                         .headers = headers.at,
                                         .num_query = query.n,
                                         .num_headers = headers.n,
                                         .body = upload->body ? upload->body : "",
                                         .body_bytes = upload->n};
    struct http_answer answer = {0};
    server->params.handler(server->params.context, &request, &answer);
    CHECK(answer.status >= 200);
    if (answer.stream) mark(server, connection, true);
    return send_answer(connection, &answer);
}

// The library calls this once with the headers, then for each piece of the body, then at its end.
static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *data, size_t *data_bytes, void **request_context) {
    (void)version;
    struct upload *upload = *request_context;
    if (!upload) {
        *request_context = memory_new(1, sizeof *upload, "a request");
        if (is_announced_too_large(connection)) return refuse(connection, 413, "{\"error\":\"the body is too large\"}");
        return MHD_YES;
    }
    if (*data_bytes) {
        take_upload(upload, data, *data_bytes);
        *data_bytes = 0;
        return MHD_YES;
    }
    if (upload->is_too_large) return refuse(connection, 413, "{\"error\":\"the body is too large\"}");
    return answer_request(context, connection, url, method_of(method), upload);
}

// ---- life ----

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static enum status read_address(const char *text, int port, union address *out) {
    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET, text, &out->v4.sin_addr) == 1) {
        out->v4.sin_family = AF_INET;
        out->v4.sin_port = htons((uint16_t)port);
        return STATUS_OK;
    }
    if (inet_pton(AF_INET6, text, &out->v6.sin6_addr) == 1) {
        out->v6.sin6_family = AF_INET6;
        out->v6.sin6_port = htons((uint16_t)port);
        return STATUS_OK;
    }
    return status_fail(STATUS_USAGE, "--listen: '%.60s' is no address in figures, such as 127.0.0.1, 0.0.0.0 or ::1", text);
}

enum status http_start(struct http_server **out, const struct http_params *params) {
    union address address;
    *out = NULL;
    TRY(read_address(params->address, params->port, &address));
    struct http_server *server = memory_new(1, sizeof *server, "the web server");
    server->params = *params;
    server->visits.next = server->visits.previous = &server->visits;
    pthread_mutex_init(&server->mutex, NULL);
    const unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC |
                           (address.any.sa_family == AF_INET6 ? MHD_USE_IPv6 : 0u);
    errno = 0;
    server->daemon =
        MHD_start_daemon(flags, (uint16_t)params->port, NULL, NULL, handle, server, MHD_OPTION_SOCK_ADDR, &address.any,
                         MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES, MHD_OPTION_CONNECTION_LIMIT,
                         (unsigned)params->max_connections, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
                         MHD_OPTION_THREAD_POOL_SIZE, (unsigned)params->num_threads, MHD_OPTION_NOTIFY_COMPLETED,
                         note_completed, server, MHD_OPTION_NOTIFY_CONNECTION, note_connection, server, MHD_OPTION_END);
    if (!server->daemon) {
        const char *why = errno == EADDRINUSE ? "another program has that port; choose one with --port"
                          : errno             ? strerror(errno)
                                              : "the operating system refuses";
        const enum status status = status_fail(STATUS_IO, "%s port %d: can't listen: %s", params->address, params->port, why);
        pthread_mutex_destroy(&server->mutex);
        free(server);
        return status;
    }
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);
    server->port = info ? info->port : params->port;
    *out = server;
    return STATUS_OK;
}

void http_stop(struct http_server *server) {
    if (!server) return;
    MHD_stop_daemon(server->daemon);
    pthread_mutex_destroy(&server->mutex);
    free(server);
}

int http_port(const struct http_server *server) { return server->port; }
