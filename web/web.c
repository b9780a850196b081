// Puts the parts together, and has the watcher's thread, which once a second looks at the runs, the
// sessions and the connections.
//
// Order of the end: the watcher, then the streams (nobody may listen any more), then the server's
// threads, and then what they have used.
#include "web/web.h"

#include "base/memory.h"
#include "web/router.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    // Chosen, not tuned.
    MAX_CONNECTIONS = 256,
    HTTP_THREADS = 4,
    TICK_MS = 1000,
    BEAT_TICKS = 10,
    NICE = 5, // the watcher's: pages may wait, a training may not
};

struct web {
    struct router router;
    struct http_server *server;
    struct http_params http;
    char *machine, *address;
    pthread_t watcher;
    bool has_watcher, quit;
    pthread_mutex_t mutex;
    int wake[2]; // a pipe that ends the watcher's sleep
};

bool web_is_built(void) { return true; }

static bool has_quit(struct web *web) {
    pthread_mutex_lock(&web->mutex);
    const bool quit = web->quit;
    pthread_mutex_unlock(&web->mutex);
    return quit;
}

// Sleeps for a tick, or until web_stop closes the pipe.
static void sleep_a_tick(const struct web *web) {
    struct timeval time = {.tv_sec = TICK_MS / 1000, .tv_usec = TICK_MS % 1000 * 1000};
    fd_set set;
    FD_ZERO(&set);
    FD_SET(web->wake[0], &set);
    (void)select(web->wake[0] + 1, &set, NULL, NULL, &time);
}

static void *watch(void *context) {
    struct web *web = context;
    struct router *router = &web->router;
    (void)setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), NICE);
    // Those who ask meanwhile wait for these two.
    runs_tick(router->runs);
    models_read(router->models);
    for (int tick = 1; !has_quit(web); tick++) {
        sleep_a_tick(web);
        if (has_quit(web)) break;
        runs_tick(router->runs);
        play_tick(router->play);
        http_sweep(web->server);
        if (tick % BEAT_TICKS == 0) events_beat(router->events);
    }
    return NULL;
}

static enum status start(struct web *web, const struct web_params *p) {
    struct router *router = &web->router;
    TRY(guard_init(&router->guard, p->address, p->token_file));
    router->events = events_new();
    router->runs = runs_new(p->runs, p->num_runs, router->events, p->clock, p->wall);
    router->models = models_new(router->runs, p->files, p->num_files, p->folders, p->num_folders);
    router->machine = web->machine;
    router->processors = p->processors;
    TRY(play_new(&router->play, &(struct play_params){.models = router->models,
                                                      .events = router->events,
                                                      .clock = p->clock,
                                                      .backend = p->backend,
                                                      .threads = p->threads}));
    if (pipe(web->wake)) return status_fail(STATUS_IO, "the web server gets no pipe");
    // Until the port is known, no Host is right, and requests are refused.
    router->guard.port = p->port;
    TRY(http_start(&web->server, &(struct http_params){.address = web->address,
                                                       .port = p->port,
                                                       .max_connections = MAX_CONNECTIONS,
                                                       .num_threads = HTTP_THREADS,
                                                       .clock = p->clock,
                                                       .handler = router_answer,
                                                       .context = router}));
    router->guard.port = http_port(web->server);
    if (pthread_create(&web->watcher, NULL, watch, web)) return status_fail(STATUS_MEMORY, "no thread to watch the runs");
    web->has_watcher = true;
    return STATUS_OK;
}

enum status web_start(struct web **out, const struct web_params *params) {
    struct web *web = memory_new(1, sizeof *web, "the web server");
    web->machine = memory_text(params->machine, "the web server");
    web->address = memory_text(params->address, "the web server");
    web->wake[0] = web->wake[1] = -1;
    pthread_mutex_init(&web->mutex, NULL);
    const enum status status = start(web, params);
    if (status) {
        web_stop(web);
        web = NULL;
    }
    *out = web;
    return status;
}

void web_stop(struct web *web) {
    if (!web) return;
    struct router *router = &web->router;
    pthread_mutex_lock(&web->mutex);
    web->quit = true;
    pthread_mutex_unlock(&web->mutex);
    if (web->wake[1] >= 0) close(web->wake[1]);
    if (web->has_watcher) pthread_join(web->watcher, NULL);
    if (router->events) events_close(router->events);
    http_stop(web->server);
    play_free(router->play);
    models_free(router->models);
    runs_free(router->runs);
    events_free(router->events);
    if (web->wake[0] >= 0) close(web->wake[0]);
    pthread_mutex_destroy(&web->mutex);
    free(web->machine);
    free(web->address);
    free(web);
}

int web_port(const struct web *web) { return http_port(web->server); }

char *web_link(const struct web *web, char out[WEB_LINK_BYTES]) {
    const struct guard *guard = &web->router.guard;
    const bool is_v6 = strchr(guard->address, ':') != NULL;
    const char *host = guard->is_any && guard->machine[0] ? guard->machine : guard->is_any ? "localhost" : guard->address;
    const bool has_brackets = is_v6 && host == guard->address;
    snprintf(out, WEB_LINK_BYTES, "http://%s%.200s%s:%d/%s%s", has_brackets ? "[" : "", host, has_brackets ? "]" : "",
             guard->port, guard->token[0] ? "?token=" : "", guard->token);
    return out;
}
