// Guard, then the path: the API's, or a file of the page. A path is compared with what there is,
// and cut into numbers and ids that are looked up; it never becomes the name of a file.
#include "web/router.h"

#include "base/version.h"
#include "web/assets.h"
#include "web/machine.h"
#include "web/put.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void answer_json(struct http_answer *answer, cJSON *object) {
    *answer = (struct http_answer){.status = 200, .type = "application/json"};
    answer->text = put_print(object, &answer->num_bytes);
}

static void nothing(struct http_answer *answer) { guard_refuse(answer, 404, "there is nothing at this path"); }

// ---- the page ----

static void answer_asset(const struct http_request *request, struct http_answer *answer) {
    const char *path = strcmp(request->path, "/") ? request->path : "/index.html";
    for (int i = 0; i < assets_count; i++) {
        const struct asset *asset = &assets[i];
        if (strcmp(path, asset->path)) continue;
        const char *known = http_header(request, "If-None-Match");
        const bool is_known = known && strstr(known, asset->etag);
        *answer = (struct http_answer){.status = is_known ? 304 : 200,
                                       .type = asset->type,
                                       .bytes = asset->bytes,
                                       .num_bytes = is_known ? 0 : asset->num_bytes,
                                       .may_cache = true};
        snprintf(answer->etag, sizeof answer->etag, "%s", asset->etag);
        return;
    }
    nothing(answer);
}

// ---- the API ----

// Cuts digits off the front of *at, and the '/' after them. False: there is no number up to `most`.
static bool take_number(const char **at, long long most, long long *out) {
    const size_t n = strspn(*at, "0123456789");
    if (n == 0 || n > 15 || (n > 1 && **at == '0')) return false;
    *out = strtoll(*at, NULL, 10);
    *at += n;
    if (**at == '/') ++*at;
    return *out <= most;
}

static void answer_run(struct router *router, const char *rest, const struct http_request *request,
                       struct http_answer *answer) {
    static const struct {
        const char *name;
        void (*plain)(struct runs *, int, struct http_answer *);
        void (*with_query)(struct runs *, int, const struct http_request *, struct http_answer *);
    } parts[] = {{"", runs_answer_overview, NULL},       {"elo", runs_answer_elo, NULL},
                 {"live", runs_answer_live, NULL},       {"events", runs_answer_events, NULL},
                 {"metrics", NULL, runs_answer_metrics}, {"games", NULL, runs_answer_games}};
    long long id, index;
    if (!take_number(&rest, runs_count(router->runs) - 1, &id)) {
        guard_refuse(answer, 404, "there is no such run (GET /api/runs lists them)");
        return;
    }
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (strcmp(rest, parts[i].name)) continue;
        if (parts[i].plain)
            parts[i].plain(router->runs, (int)id, answer);
        else
            parts[i].with_query(router->runs, (int)id, request, answer);
        return;
    }
    if (strncmp(rest, "games/", 6)) {
        nothing(answer);
        return;
    }
    rest += 6;
    if (!take_number(&rest, 1ll << 53, &index) || (*rest && strcmp(rest, ".sgf")))
        nothing(answer);
    else
        runs_answer_game(router->runs, (int)id, index, *rest != 0, answer);
}

static void answer_version(struct router *router, struct http_answer *answer) {
    cJSON *object = cJSON_CreateObject();
    put_text(object, "program", version_program());
    put_integer(object, "api", 1);
    put_integer(object, "runs", runs_count(router->runs));
    put_flag(object, "can_play", router->play != NULL);
    answer_json(answer, object);
}

static void answer_models(struct router *router, struct http_answer *answer) {
    cJSON *object = cJSON_CreateObject();
    put_object(object, "models", models_list(router->models));
    put_integer(object, "max_visits", PLAY_MAX_VISITS);
    put_number(object, "max_seconds", PLAY_MAX_SECONDS);
    answer_json(answer, object);
}

static void answer_machine(struct router *router, struct http_answer *answer) {
    cJSON *object = machine_json(router->machine, router->processors);
    put_object(object, "runs", runs_machine(router->runs));
    put_object(object, "play", play_machine(router->play));
    put_integer(object, "listeners", events_count_all(router->events));
    put_integer(object, "max_listeners", EVENTS_MAX);
    answer_json(answer, object);
}

static void answer_api(struct router *router, const char *path, const struct http_request *request,
                       struct http_answer *answer) {
    if (!strcmp(path, "play") && request->method == HTTP_POST)
        play_create(router->play, request, answer);
    else if (!strncmp(path, "play/", 5))
        play_answer(router->play, path + 5, request, answer);
    else if (request->method == HTTP_POST)
        guard_refuse(answer, 405, "only /api/play takes a POST");
    else if (!strcmp(path, "version"))
        answer_version(router, answer);
    else if (!strcmp(path, "runs"))
        runs_answer_list(router->runs, answer);
    else if (!strncmp(path, "runs/", 5))
        answer_run(router, path + 5, request, answer);
    else if (!strcmp(path, "machine"))
        answer_machine(router, answer);
    else if (!strcmp(path, "models"))
        answer_models(router, answer);
    else
        nothing(answer);
}

// A HEAD of a stream would have no end.
static bool is_allowed(const struct http_request *request) {
    const size_t n = strlen(request->path);
    const bool is_stream = n >= 7 && !strcmp(request->path + n - 7, "/events");
    return request->method == HTTP_GET || request->method == HTTP_POST || (request->method == HTTP_HEAD && !is_stream);
}

void router_answer(void *context, const struct http_request *request, struct http_answer *answer) {
    struct router *router = context;
    *answer = (struct http_answer){0};
    if (!guard_admits(&router->guard, request, answer)) return;
    if (!is_allowed(request))
        guard_refuse(answer, 405, "that method is not served");
    else if (!strncmp(request->path, "/api/", 5))
        answer_api(router, request->path + 5, request, answer);
    else if (request->method == HTTP_POST)
        guard_refuse(answer, 405, "only /api/play takes a POST");
    else
        answer_asset(request, answer);
}
