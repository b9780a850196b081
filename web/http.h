// HTTP as the rest of web/ sees it: requests come in, answers go out, and streams stay open. The
// library that speaks the protocol (libmicrohttpd) is known to http.c alone.
//
// The handler is called on one of the server's few threads, so it must be quick: what takes long is
// done elsewhere and told over a stream.
#ifndef WEB_HTTP_H
#define WEB_HTTP_H

#include "base/clock.h"
#include "base/status.h"

enum {
    HTTP_MAX_BODY = 1 << 20,
    HTTP_MAX_PAIRS = 64,    // of headers, and of arguments in the query
    HTTP_HEAD_BYTES = 1024, // of each header of an answer
};

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_OTHER };

struct http_pair {
    const char *key, *value; // value "": there is none
};
// Everything is borrowed for the call.
struct http_request {
    enum http_method method;
    const char *path; // such as "/api/runs"; escapes are decoded
    const struct http_pair *query, *headers;
    int num_query, num_headers;
    const char *body; // ends with a zero byte that is not counted; "" where there is none
    size_t body_bytes;
};
// The value of a header, whatever the case of its name; NULL: there is none, or there are several.
const char *http_header(const struct http_request *request, const char *name);
// How many headers have this name.
int http_count(const struct http_request *request, const char *name);
// The same as http_header of an argument in the query.
const char *http_argument(const struct http_request *request, const char *name);

struct http_stream;
// What a handler answers. All zeros is an empty answer of status 0, which the handler sets.
struct http_answer {
    int status;
    const char *type; // of the body, a string constant
    // The body: `text` is malloced and freed by the server; otherwise `bytes`, which must live as
    // long as the server; otherwise `stream`, with a reference that the server gives back.
    char *text;
    const void *bytes;
    size_t num_bytes;
    struct http_stream *stream;
    // More headers: "" where there is none.
    char etag[80], location[HTTP_HEAD_BYTES], cookie[HTTP_HEAD_BYTES], disposition[80];
    bool may_cache; // false: the answer is not to be stored anywhere
};
typedef void http_handler(void *context, const struct http_request *request, struct http_answer *answer);

struct http_params {
    const char *address; // in figures, such as "127.0.0.1" or "::1"
    int port;            // 0: any that is free
    int max_connections, num_threads;
    const struct clock *clock;
    http_handler *handler;
    void *context;
};
struct http_server;
// Binds and serves on threads of its own. STATUS_USAGE: the address is none. STATUS_IO: it can't be
// listened on.
enum status http_start(struct http_server **server, const struct http_params *params);
// Ends all connections, streams included. NULL is fine.
void http_stop(struct http_server *server);
int http_port(const struct http_server *server);
// Cuts connections that have taken too long over one request. To be called about once a second.
void http_sweep(struct http_server *server);

// A stream is a body that goes on and on (server-sent events). What is sent waits in memory until
// the client takes it; a client that lets too much wait is cut off. Any thread may send.
struct http_stream *http_stream_new(void);
// One more reference, for an answer. Returns the stream.
struct http_stream *http_stream_share(struct http_stream *stream);
// False: the client is gone, or is now cut off because it reads too slowly.
bool http_stream_send(struct http_stream *stream, const char *text, size_t num_bytes);
bool http_stream_is_gone(struct http_stream *stream);
// Ends the stream after what waits, and gives back the caller's reference.
void http_stream_end(struct http_stream *stream);

#endif
