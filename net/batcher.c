// A flight is a batch that clients fill together. One mutex guards all flights; encoding, the work
// of the device and decoding happen outside it.
//
// A flight goes through these states, again and again:
//
//   FREE -> OPEN -> FULL -> READY -> LAUNCHING -> FLYING -> LANDED -> FREE
//
//   OPEN       has space and takes rows; at most one flight is open
//   FULL       has no space, but clients are still encoding their rows (`writers`)
//   READY      is full, or closed because every client waits, and nobody is writing
//   LAUNCHING  some client hands input and work to the device
//   FLYING     the device computes; one member, the pilot, waits for it and fetches the outputs
//   LANDED     the members read their rows, and the last one frees the flight
//
// Invariants that hold whenever the mutex is free:
// 1. A flight's members are the clients that have rows in it, each once; it is FREE exactly when it
//    has none.
// 2. Whoever makes a flight READY launches what is READY before it does anything else.
// 3. A FLYING flight without a pilot has a member that is inside judge() and not blocked: the
//    launcher is such a member or wakes one, and nobody blocks while a flight of its own lacks a
//    pilot.
// 4. `waiting` counts the clients that are blocked or pilots. No row comes from them before some
//    flight lands or becomes free. A client that is about to become one of them, or that stops
//    attending, first closes the OPEN flight if everyone else is waiting.
// 5. A client blocks only when none of its flights has LANDED or lacks a pilot and no flight takes
//    its remaining rows. Whoever makes a flight LANDED wakes the members that are blocked; whoever
//    makes one FREE wakes the clients that are blocked because they need one.
//
// There is no deadlock. Suppose that every client that is present is blocked. By 2 no flight is
// READY, and a LAUNCHING or FULL one would have a client at work. A FLYING flight would have no
// pilot and so, by 3, a member that is not blocked. A LANDED flight would have members, which were
// woken. An OPEN flight would have been closed by the last client that blocked or left (4). So
// every flight is FREE and nobody has rows anywhere: each client needs a flight, and was woken when
// the last one became free (5), or did not block at all. (A client that attends but is outside
// judge() holds up OPEN flights until it comes back or stops attending.)
//
// Which positions share a batch depends on timing. The judgements do not, where a backend computes
// its rows independently.
#include "net/batcher.h"

#include "base/memory.h"
#include "net/frame.h"
#include "net/heads.h"
#include "net/pass.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum flight_state { FLIGHT_FREE, FLIGHT_OPEN, FLIGHT_FULL, FLIGHT_READY, FLIGHT_LAUNCHING, FLIGHT_FLYING, FLIGHT_LANDED };

struct flight {
    enum flight_state state;
    int rows, writers, num_members;
    struct client **members; // [max_clients]
    bool piloted, masked, wants_ownership;
    struct backend *backend;
    struct pass *pass;
    // The batch on the host, as pass_input_bits takes it and the heads give it. Whatever earlier
    // batches left beyond `rows` is harmless.
    uint32_t *bits; // [max_batch, h, w, words]
    float *globals, *mask, *logits, *value, *ownership;
};

// A client's rows in a flight: n positions of its call, from positions[first] on, are in the
// flight's rows from `row` on.
struct piece {
    struct flight *flight;
    int row, first, n;
};

struct client {
    struct evaluator base;
    struct batcher *batcher;
    pthread_cond_t wake;
    bool present; // whether it attends or is inside judge()
    bool blocked, wants_flight;
    // At most one for each flight, since a call that fills a flight goes on in the next.
    struct piece pieces[BATCHER_MAX_FLIGHTS];
    int num_pieces;
    float *scratch; // one row of planes
};

struct batcher {
    struct batcher_params params;
    struct net *net; // for its config
    struct frame frame;
    // It guards everything below and the fields of flights and clients, but not the contents of
    // buffers.
    pthread_mutex_t mutex;
    struct flight flights[BATCHER_MAX_FLIGHTS];
    struct client **clients; // [max_clients]
    int num_clients, present, waiting;
    int flying; // how many flights are LAUNCHING or FLYING
    double busy_since;
    struct batcher_stats stats;
};

struct call { // one call of judge()
    struct client *client;
    int n, given; // how many positions it has, and how many of them have rows in flights
    const struct position *positions;
    struct judgement *judgements;
};

static double now(const struct batcher *b) { return b->params.clock ? clock_seconds(b->params.clock) : 0; }

static struct flight *flight_in(struct batcher *b, enum flight_state state) {
    for (int i = 0; i < b->params.flights; i++)
        if (b->flights[i].state == state) return &b->flights[i];
    return NULL;
}

static struct piece *piece_in(struct client *c, enum flight_state state) {
    for (int i = 0; i < c->num_pieces; i++)
        if (c->pieces[i].flight->state == state) return &c->pieces[i];
    return NULL;
}

static void unblock(struct client *c) {
    if (!c->blocked) return;
    c->blocked = false;
    c->batcher->waiting--;
    pthread_cond_signal(&c->wake);
}

static void block(struct client *c, bool wants_flight) {
    c->blocked = true;
    c->wants_flight = wants_flight;
    c->batcher->waiting++;
    while (c->blocked) pthread_cond_wait(&c->wake, &c->batcher->mutex);
    c->wants_flight = false;
}

// Closes the open flight if all `others` wait, as nobody is left to add to it.
static bool close_if_last(struct batcher *b, int others) {
    struct flight *flight = flight_in(b, FLIGHT_OPEN);
    if (!flight || b->waiting < others) return false;
    CHECK(flight->writers == 0); // as a writer does not wait
    flight->state = FLIGHT_READY;
    return true;
}

// Gives the call rows in a flight. Returns false where no flight has space.
static bool take_rows(struct call *call, struct piece *out) {
    struct client *c = call->client;
    struct batcher *b = c->batcher;
    struct flight *flight = flight_in(b, FLIGHT_OPEN);
    if (!flight) flight = flight_in(b, FLIGHT_FREE);
    if (!flight) return false;
    const int space = b->params.max_batch - flight->rows, left = call->n - call->given;
    *out = (struct piece){.flight = flight, .row = flight->rows, .first = call->given, .n = left < space ? left : space};
    flight->state = out->n == space ? FLIGHT_FULL : FLIGHT_OPEN;
    flight->rows += out->n;
    flight->writers++;
    flight->members[flight->num_members++] = c;
    call->given += out->n;
    c->pieces[c->num_pieces++] = *out;
    return true;
}

static void encode(struct call *call, const struct piece *piece) {
    struct batcher *b = call->client->batcher;
    const struct frame f = b->frame;
    struct flight *flight = piece->flight;
    bool masked = false, wants_ownership = false;
    pthread_mutex_unlock(&b->mutex);
    for (int i = 0; i < piece->n; i++) {
        const size_t row = (size_t)(piece->row + i);
        masked |=
            frame_encode(f, &call->positions[piece->first + i], call->client->scratch, flight->bits + row * frame_words(f),
                         flight->globals + row * (size_t)f.config->num_globals, flight->mask + row * frame_points(f));
        wants_ownership |= call->judgements[piece->first + i].ownership != NULL;
    }
    pthread_mutex_lock(&b->mutex);
    flight->masked |= masked;
    flight->wants_ownership |= wants_ownership && f.config->has_ownership;
    if (--flight->writers == 0 && flight->state == FLIGHT_FULL) flight->state = FLIGHT_READY;
}

// Launches a READY flight and makes sure that it gets a pilot: the caller itself, where it has rows
// in it and none left to encode, or else a member that is woken.
static void launch(struct batcher *b, struct flight *flight, const struct client *c, bool free_to_pilot) {
    const int rows = frame_rows(flight->rows, b->params.max_batch, flight->backend);
    flight->state = FLIGHT_LAUNCHING;
    if (b->flying++ == 0) b->busy_since = now(b);
    if (b->flying > b->stats.most_flying) b->stats.most_flying = b->flying;
    b->stats.batches++;
    b->stats.evaluations += flight->rows;
    b->stats.rows += rows;
    const bool masked = flight->masked;
    pthread_mutex_unlock(&b->mutex);
    pass_input_bits(flight->pass, (struct image){rows, b->frame.h, b->frame.w}, flight->bits, flight->globals,
                    masked ? flight->mask : NULL);
    pass_forward(flight->pass);
    pthread_mutex_lock(&b->mutex);
    flight->state = FLIGHT_FLYING;
    bool is_member = false;
    for (int i = 0; i < flight->num_members; i++) is_member |= flight->members[i] == c;
    if (is_member && free_to_pilot) return;
    for (int i = 0; i < flight->num_members; i++) {
        if (!flight->members[i]->blocked) continue;
        unblock(flight->members[i]);
        return;
        // Otherwise all members are at work, and they look for flights without a pilot before they
        // block.
    }
}

// Waits for a FLYING flight and wakes its members.
static void pilot(struct batcher *b, struct flight *flight) {
    const struct frame f = b->frame;
    const struct backend_verbs *v = flight->backend->verbs;
    const size_t n = (size_t)flight->rows;
    const bool wants_ownership = flight->wants_ownership;
    flight->piloted = true;
    b->waiting++;
    pthread_mutex_unlock(&b->mutex);
    // Only the first of the two policies, that of this move, is fetched.
    v->download(flight->backend, flight->logits, flight->pass->logits, n * frame_actions(f));
    v->download(flight->backend, flight->value, flight->pass->value, n * (size_t)heads_value_outputs(f.config));
    if (wants_ownership) v->download(flight->backend, flight->ownership, flight->pass->ownership, n * frame_points(f));
    pthread_mutex_lock(&b->mutex);
    b->waiting--;
    flight->state = FLIGHT_LANDED;
    if (--b->flying == 0) b->stats.busy_seconds += now(b) - b->busy_since;
    for (int i = 0; i < flight->num_members; i++) unblock(flight->members[i]);
}

static void leave_flight(struct client *c, struct flight *flight) {
    struct batcher *b = c->batcher;
    int i = 0;
    while (flight->members[i] != c) i++;
    flight->members[i] = flight->members[--flight->num_members];
    if (flight->num_members) return;
    flight->state = FLIGHT_FREE;
    flight->rows = 0;
    flight->piloted = flight->masked = flight->wants_ownership = false;
    for (i = 0; i < b->num_clients; i++)
        if (b->clients[i]->wants_flight) unblock(b->clients[i]);
}

static void decode(struct call *call, struct piece *at) {
    struct client *c = call->client;
    const struct frame f = c->batcher->frame;
    const struct piece piece = *at;
    const struct flight *flight = piece.flight;
    *at = c->pieces[--c->num_pieces];
    pthread_mutex_unlock(&c->batcher->mutex);
    for (int i = 0; i < piece.n; i++) {
        const size_t row = (size_t)(piece.row + i);
        frame_decode(f, &call->positions[piece.first + i], flight->logits + row * frame_actions(f),
                     flight->value + row * (size_t)heads_value_outputs(f.config), flight->ownership + row * frame_points(f),
                     &call->judgements[piece.first + i]);
    }
    pthread_mutex_lock(&c->batcher->mutex);
    leave_flight(c, piece.flight);
}

static bool lacks_pilot(const struct client *c, struct flight **flight) {
    for (int i = 0; i < c->num_pieces; i++) {
        *flight = c->pieces[i].flight;
        if ((*flight)->state == FLIGHT_FLYING && !(*flight)->piloted) return true;
    }
    return false;
}

// Does the most urgent thing for a call. The mutex is held before and after, but not all the time.
// Returns false when the call is answered.
static bool step(struct call *call) {
    struct client *c = call->client;
    struct batcher *b = c->batcher;
    struct flight *flight;
    struct piece piece, *landed;
    const bool all_given = call->given == call->n;
    if ((flight = flight_in(b, FLIGHT_READY))) // The device must not idle,
        launch(b, flight, c, all_given);
    else if (!all_given && take_rows(call, &piece)) // and flights should be filled early.
        encode(call, &piece);
    else if ((landed = piece_in(c, FLIGHT_LANDED)))
        decode(call, landed);
    else if (all_given && c->num_pieces == 0)
        return false;
    else if (close_if_last(b, b->present - 1))
        return true;
    else if (lacks_pilot(c, &flight))
        pilot(b, flight);
    else
        block(c, !all_given);
    return true;
}

// Is called with the mutex held. When a client goes, those that stay may all be waiting for it.
static void set_present(struct client *c, bool present) {
    struct batcher *b = c->batcher;
    if (c->present == present) return;
    c->present = present;
    b->present += present ? 1 : -1;
    if (present || b->present == 0 || !close_if_last(b, b->present)) return;
    struct flight *flight = flight_in(b, FLIGHT_READY);
    launch(b, flight, c, false);
}

static void attend(struct evaluator *base, bool here) {
    struct client *c = (struct client *)base;
    pthread_mutex_lock(&c->batcher->mutex);
    set_present(c, here);
    pthread_mutex_unlock(&c->batcher->mutex);
}

static void judge(struct evaluator *base, int n, const struct position *positions, struct judgement *judgements) {
    struct client *c = (struct client *)base;
    struct call call = {.client = c, .n = n, .positions = positions, .judgements = judgements};
    CHECK(n >= 0 && n <= base->max_batch);
    if (n == 0) return;
    pthread_mutex_lock(&c->batcher->mutex);
    const bool attends = c->present;
    set_present(c, true);
    while (step(&call)) {
    }
    set_present(c, attends);
    pthread_mutex_unlock(&c->batcher->mutex);
}

static void client_free(struct evaluator *base) {
    struct client *c = (struct client *)base;
    struct batcher *b = c->batcher;
    CHECK(!c->present);
    pthread_mutex_lock(&b->mutex);
    int i = 0;
    while (b->clients[i] != c) i++;
    b->clients[i] = b->clients[--b->num_clients];
    pthread_mutex_unlock(&b->mutex);
    pthread_cond_destroy(&c->wake);
    free(c->scratch);
    free(c);
}

enum status batcher_client(struct batcher *b, struct evaluator **out) {
    *out = NULL;
    CHECK(b->num_clients < b->params.max_clients);
    struct client *c = memory_new(1, sizeof *c, "a client of a batcher");
    c->scratch = memory_raw(frame_scratch(b->frame), sizeof *c->scratch, "a client of a batcher");
    c->base = (struct evaluator){
        .name = "net", .max_batch = b->params.max_batch, .judge = judge, .attend = attend, .free = client_free};
    c->batcher = b;
    pthread_cond_init(&c->wake, NULL);
    b->clients[b->num_clients++] = c;
    *out = &c->base;
    return STATUS_OK;
}

static enum status flight_init(struct batcher *b, struct flight *flight) {
    const struct frame f = b->frame;
    const size_t n = (size_t)b->params.max_batch;
    flight->members = calloc((size_t)b->params.max_clients, sizeof(struct client *));
    flight->bits = calloc(n * frame_words(f), sizeof *flight->bits);
    flight->globals = calloc(n * (size_t)f.config->num_globals + 1, sizeof *flight->globals);
    flight->mask = calloc(n * frame_points(f), sizeof *flight->mask);
    flight->logits = calloc(n * frame_actions(f), sizeof *flight->logits);
    flight->value = calloc(n * (size_t)heads_value_outputs(f.config), sizeof *flight->value);
    flight->ownership = calloc(n * frame_points(f), sizeof *flight->ownership);
    if (!flight->members || !flight->bits || !flight->globals || !flight->mask || !flight->logits || !flight->value ||
        !flight->ownership)
        return status_fail(STATUS_MEMORY, "batcher: not enough memory for batches of %d on %dx%d", b->params.max_batch, f.h,
                           f.w);
    struct backend_spec spec = b->params.backend;
    // Only the first flight measures how to run the trunk.
    if (flight != &b->flights[0]) spec.trunk = b->flights[0].pass->fused ? TRUNK_FUSED : TRUNK_LAYERED;
    TRY(backend_open(&flight->backend, &spec));
    return pass_new(&flight->pass, b->net, flight->backend, false, b->params.max_batch, f.h, f.w);
}

static void flight_done(struct flight *flight) {
    pass_free(flight->pass);
    backend_close(flight->backend);
    free(flight->members);
    free(flight->bits);
    free(flight->globals);
    free(flight->mask);
    free(flight->logits);
    free(flight->value);
    free(flight->ownership);
}

enum status batcher_new(struct batcher **out, const struct net *net, const struct batcher_params *params) {
    *out = NULL;
    CHECK(params->flights >= 1 && params->flights <= BATCHER_MAX_FLIGHTS && params->max_batch >= 1 && params->max_clients >= 1);
    struct batcher *b = memory_new(1, sizeof *b, "a batcher");
    pthread_mutex_init(&b->mutex, NULL);
    b->params = *params;
    enum status status = net_copy(&b->net, net);
    if (status == STATUS_OK) {
        b->frame = (struct frame){params->height, params->width, &b->net->config};
        b->clients = memory_new((size_t)params->max_clients, sizeof(struct client *), "a batcher");
    }
    for (int i = 0; i < params->flights && status == STATUS_OK; i++) status = flight_init(b, &b->flights[i]);
    if (status != STATUS_OK)
        batcher_free(b);
    else
        *out = b;
    return status;
}

void batcher_free(struct batcher *b) {
    if (!b) return;
    CHECK(b->num_clients == 0);
    for (int i = 0; i < b->params.flights; i++) flight_done(&b->flights[i]);
    pthread_mutex_destroy(&b->mutex);
    net_free(b->net);
    free(b->clients);
    free(b);
}

const struct backend *batcher_backend(const struct batcher *b) { return b->flights[0].backend; }

void batcher_update(struct batcher *b, const struct net *net) {
    CHECK(net->num_weights == b->net->num_weights && net->num_tensors == b->net->num_tensors);
    for (int i = 0; i < b->params.flights; i++) {
        CHECK(b->flights[i].state == FLIGHT_FREE);
        pass_weights(b->flights[i].pass, net->weights);
    }
}

void batcher_stats(const struct batcher *b, struct batcher_stats *out) {
    *out = b->stats;
    out->max_batch = b->params.max_batch;
    out->fused = b->flights[0].pass->fused;
}
