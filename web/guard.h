// Who may ask: the checks that every request passes before anything looks at what it wants.
//
// 1. Host names this server. A page of another site whose name was made to lead here (DNS
//    rebinding) is refused, for its requests carry its own name.
// 2. A request that a page of another site makes is refused (Origin, Sec-Fetch-Site).
// 3. Where there is a token, the request has it: in `Authorization: Bearer`, or in the cookie that
//    one visit with ?token= sets.
#ifndef WEB_GUARD_H
#define WEB_GUARD_H

#include "web/http.h"

#include <stdatomic.h>

enum { GUARD_TOKEN_BYTES = 65, GUARD_HOST_BYTES = 256 };

struct guard {
    char address[GUARD_HOST_BYTES]; // that was listened on
    char machine[GUARD_HOST_BYTES]; // this machine's name
    atomic_int port;                // set once it is known, while requests may come already
    bool is_loopback, is_any;       // the address is one of this machine alone, or stands for all
    char token[GUARD_TOKEN_BYTES];  // "": none is needed
};

// Reads the token from a file, or makes one where the address is not loopback. token_file NULL:
// there is no file. STATUS_USAGE: what the file has is no token.
enum status guard_init(struct guard *guard, const char *address, const char *token_file);
// False: the request is refused, or sent on, and *answer says so.
bool guard_admits(const struct guard *guard, const struct http_request *request, struct http_answer *answer);
// Whether two texts are equal, in a time that does not tell where they differ.
bool guard_equal(const char *a, const char *b);
// 128 random bits in hex digits.
enum { GUARD_ID_BYTES = 33 };
enum status guard_make_id(char out[GUARD_ID_BYTES]);
// An answer that is an error.
void guard_refuse(struct http_answer *answer, int status, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
