// The checks of guard.h as functions of the request alone.
#include "web/guard.h"

#include "base/files.h"
#include "base/memory.h"
#include "web/put.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <unistd.h>

// A token of fewer characters could be guessed; chosen.
enum { MIN_TOKEN = 16, MAX_COOKIE_AGE = 30 * 86400 };
#define COOKIE "tengen_token"

void guard_refuse(struct http_answer *answer, int status, const char *format, ...) {
    char text[600];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    cJSON *object = cJSON_CreateObject();
    put_text(object, "error", text);
    *answer = (struct http_answer){.status = status, .type = "application/json"};
    answer->text = put_print(object, &answer->num_bytes);
}

bool guard_equal(const char *a, const char *b) {
    const size_t n = strlen(a), m = strlen(b);
    unsigned char difference = n != m;
    for (size_t i = 0; i < n; i++) difference |= (unsigned char)(a[i] ^ b[m ? i % m : 0]);
    return difference == 0 && n > 0;
}

enum status guard_make_id(char out[GUARD_ID_BYTES]) {
    unsigned char bytes[16];
    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
        return status_fail(STATUS_IO, "no random numbers: %s", strerror(errno));
    for (size_t i = 0; i < sizeof bytes; i++) snprintf(out + 2 * i, 3, "%02x", bytes[i]);
    return STATUS_OK;
}

// ---- the token ----

static enum status read_token(struct guard *guard, const char *path) {
    char *text;
    size_t n;
    TRY(file_expect_most(path, 4096));
    TRY(file_read_input(path, &text, &n));
    while (n && isspace((unsigned char)text[n - 1])) text[--n] = 0;
    bool is_fine = n >= MIN_TOKEN && n < GUARD_TOKEN_BYTES;
    // Characters that need no escape in a link, a header or a cookie.
    for (size_t i = 0; i < n && is_fine; i++) is_fine = isalnum((unsigned char)text[i]) || strchr("-_.~", text[i]);
    if (is_fine) snprintf(guard->token, sizeof guard->token, "%s", text);
    free(text);
    return is_fine ? STATUS_OK
                   : status_fail(STATUS_USAGE, "%s: a token is one line of %d to %d letters, digits and any of -_.~", path,
                                 MIN_TOKEN, GUARD_TOKEN_BYTES - 1);
}

static bool is_loopback(const char *address) {
    return !strncmp(address, "127.", 4) || !strcmp(address, "::1") || !strcmp(address, "localhost");
}

enum status guard_init(struct guard *guard, const char *address, const char *token_file) {
    *guard =
        (struct guard){.is_loopback = is_loopback(address), .is_any = !strcmp(address, "0.0.0.0") || !strcmp(address, "::")};
    snprintf(guard->address, sizeof guard->address, "%s", address);
    if (gethostname(guard->machine, sizeof guard->machine - 1)) guard->machine[0] = 0;
    if (token_file) return read_token(guard, token_file);
    return guard->is_loopback ? STATUS_OK : guard_make_id(guard->token);
}

// The value of our cookie, into `out`; false: there is none.
static bool find_cookie(const char *header, char out[GUARD_TOKEN_BYTES]) {
    const size_t name = strlen(COOKIE);
    for (const char *at = header; at && *at; at = strchr(at, ';')) {
        at += strspn(at, "; ");
        if (strncmp(at, COOKIE "=", name + 1)) continue;
        const size_t n = strcspn(at + name + 1, "; ");
        if (n >= GUARD_TOKEN_BYTES) return false;
        snprintf(out, GUARD_TOKEN_BYTES, "%.*s", (int)n, at + name + 1);
        return true;
    }
    return false;
}

static bool has_token(const struct guard *guard, const struct http_request *request) {
    char cookie[GUARD_TOKEN_BYTES];
    const char *header = http_header(request, "Authorization");
    if (header && !strncasecmp(header, "Bearer ", 7)) return guard_equal(guard->token, header + 7);
    header = http_header(request, "Cookie");
    return header && find_cookie(header, cookie) && guard_equal(guard->token, cookie);
}

// A visit with the right ?token= gets the cookie, and is sent on to the same place without it.
static bool trades_token(const struct guard *guard, const struct http_request *request, struct http_answer *answer) {
    const char *token = http_argument(request, "token");
    if (!token || request->method != HTTP_GET || strcmp(request->path, "/") || !guard_equal(guard->token, token)) return false;
    *answer = (struct http_answer){.status = 303, .type = "text/plain", .bytes = ""};
    snprintf(answer->location, sizeof answer->location, "/");
    snprintf(answer->cookie, sizeof answer->cookie, COOKIE "=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Strict", guard->token,
             MAX_COOKIE_AGE);
    return true;
}

// ---- the host ----

// Cuts "host:port", "[v6]:port" or either without a port into a host without brackets and the
// number. False: it is none of these.
static bool cut_host(const char *text, char host[GUARD_HOST_BYTES], int *port) {
    const char *end = *text == '[' ? strchr(text, ']') : text + strcspn(text, ":");
    if (!end) return false;
    const char *begin = text + (*text == '['), *rest = end + (*text == '[');
    if (end == begin || end - begin >= GUARD_HOST_BYTES) return false;
    snprintf(host, GUARD_HOST_BYTES, "%.*s", (int)(end - begin), begin);
    *port = 80;
    if (!*rest) return true;
    if (*rest != ':' || !isdigit((unsigned char)rest[1]) || strlen(rest) > 6) return false;
    *port = atoi(rest + 1);
    return rest[1 + strspn(rest + 1, "0123456789")] == 0;
}

static bool is_in_figures(const char *host) {
    unsigned char bytes[16];
    return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

static bool is_our_host(const struct guard *guard, const char *text) {
    char host[GUARD_HOST_BYTES];
    int port;
    if (!cut_host(text, host, &port) || port != guard->port) return false;
    if (!strcasecmp(host, "localhost") || !strcmp(host, "127.0.0.1") || !strcmp(host, "::1")) return true;
    if (!strcasecmp(host, guard->address)) return true;
    // Of a name one can't know where it leads, but figures are the address itself.
    return guard->is_any && (is_in_figures(host) || (guard->machine[0] && !strcasecmp(host, guard->machine)));
}

// Whether a page of another site has sent this. Programs send neither header.
static bool is_of_other_site(const struct http_request *request, const char *host) {
    const char *site = http_header(request, "Sec-Fetch-Site"), *origin = http_header(request, "Origin");
    const bool has_mode = !strcmp(request->path, "/") && request->method == HTTP_GET; // a link may lead to the page
    if (http_count(request, "Sec-Fetch-Site") && !has_mode && (!site || (strcmp(site, "same-origin") && strcmp(site, "none"))))
        return true;
    if (!http_count(request, "Origin")) return false;
    return !origin || strncmp(origin, "http://", 7) || strcasecmp(origin + 7, host);
}

bool guard_admits(const struct guard *guard, const struct http_request *request, struct http_answer *answer) {
    const char *host = http_header(request, "Host");
    if (!host || !is_our_host(guard, host)) {
        guard_refuse(answer, 403, "this server does not go by that Host (use the link that it printed)");
        return false;
    }
    if (is_of_other_site(request, host)) {
        guard_refuse(answer, 403, "a page of another site may not ask here");
        return false;
    }
    if (!guard->token[0] || has_token(guard, request)) return true;
    if (trades_token(guard, request, answer)) return false;
    guard_refuse(answer, 401, "the token is missing or wrong (use the link that the server printed)");
    return false;
}
