// Which request goes where. No library of HTTP is known here, so that tests and fuzzers can send
// requests without a network.
#ifndef WEB_ROUTER_H
#define WEB_ROUTER_H

#include "web/guard.h"
#include "web/models.h"
#include "web/play.h"
#include "web/runs.h"

struct router {
    struct guard guard;
    struct runs *runs;
    struct models *models;
    struct play *play;
    struct events *events;
    const char *machine; // a name, for people
    int processors;
};
// Always fills the answer. Any thread. It is an http_handler of a struct router.
void router_answer(void *router, const struct http_request *request, struct http_answer *answer);

#endif
