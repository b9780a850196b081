// Lanes that clients fill together, under one mutex; encoding, the device and decoding run outside it.
//
// A lane goes round:
//
//   FREE -> OPEN -> FULL -> READY -> LAUNCHING -> FLYING -> LANDED -> FREE
//
//   OPEN       has room and takes rows: at most one lane is
//   FULL       has no room, and clients are still encoding their rows (`writers`)
//   READY      full, or closed because every client waits, and nobody is writing
//   LAUNCHING  a client, any, hands input and work to the device
//   FLYING     the device computes; one member, the pilot, waits for it and fetches the outputs
//   LANDED     the members read their rows; the last one frees the lane
//
// Invariants, whenever the mutex is free:
// 1. A lane's members are the clients that have rows in it, each once; it is FREE exactly when it has none.
// 2. Whoever makes a lane READY launches what is READY before it does anything else.
// 3. A FLYING lane without a pilot has a member that is neither blocked nor outside judge(): the launcher is one or wakes one, and
//    nobody blocks while a lane of its own lacks a pilot.
// 4. `waiting` counts the clients that are blocked or pilots: no row comes from them before something lands or comes free.
//    Who is about to become one and finds everyone else waiting closes the OPEN lane first; so does who stops attending.
// 5. A client blocks only when none of its lanes has LANDED or lacks a pilot and no lane takes its remaining rows. Whoever makes
//    a lane LANDED wakes the members that are blocked; whoever makes one FREE wakes the clients that are blocked for want of one.
//
// No deadlock. Suppose that every client that is present is blocked. By 2 no lane is READY, and LAUNCHING and FULL ones have a
// client at work, so there are none. A FLYING lane has no pilot and so, by 3, a member that is not blocked: there is none. A LANDED
// lane has members, and they were woken. An OPEN lane would have been closed by the last client that blocked or left (4). So every
// lane is FREE and nobody has rows anywhere: each client wants a lane, and was woken when the last one came free (5), or did
// not block at all. A client that attends but is outside judge() holds up OPEN lanes until it comes back or stops attending.
//
// Who computes in which batch depends on timing; what comes out does not, where a backend computes its rows independently.
#include "net/batcher.h"

#include "net/frame.h"
#include "net/heads.h"
#include "net/pass.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum lane_state { LANE_FREE, LANE_OPEN, LANE_FULL, LANE_READY, LANE_LAUNCHING, LANE_FLYING, LANE_LANDED };

struct lane {
    enum lane_state state;
    int rows, writers, num_members;
    struct client **members; // [max_clients]
    bool piloted, masked, wants_ownership;
    struct backend *backend;
    struct pass *pass;
    // Host side of a batch, as pass_input_bits takes and the heads give it. What other batches left beyond `rows` is harmless.
    uint32_t *bits; // [max_batch, h, w, words]
    float *globals, *mask, *logits, *value, *ownership;
};

struct piece { // a client's rows in a lane: the call's positions[first ..] are at row, row + 1, ...
    struct lane *lane;
    int row, first, n;
};

struct client {
    struct evaluator base;
    struct batcher *batcher;
    pthread_cond_t wake;
    bool present; // attends, or is inside judge()
    bool blocked, wants_lane;
    struct piece pieces[BATCHER_MAX_LANES]; // one a lane at most: a call that fills one goes on in the next
    int num_pieces;
    float *scratch; // one row of planes
};

struct batcher {
    struct batcher_params params;
    struct net *net; // for its config
    struct frame frame;
    pthread_mutex_t mutex; // over all below, the lanes' and clients' fields but not the buffers' contents
    struct lane lanes[BATCHER_MAX_LANES];
    struct client **clients; // [max_clients]
    int num_clients, present, waiting;
    int flying; // lanes LAUNCHING or FLYING
    double busy_since;
    struct batcher_stats stats;
};

struct call { // of judge
    struct client *client;
    int n, given; // positions; those that have rows
    const struct position *positions;
    struct judgement *judgements;
};

static double now(const struct batcher *b) { return b->params.clock ? clock_seconds(b->params.clock) : 0; }

static struct lane *lane_in(struct batcher *b, enum lane_state state) {
    for (int i = 0; i < b->params.lanes; i++)
        if (b->lanes[i].state == state) return &b->lanes[i];
    return NULL;
}

static struct piece *piece_in(struct client *c, enum lane_state state) {
    for (int i = 0; i < c->num_pieces; i++)
        if (c->pieces[i].lane->state == state) return &c->pieces[i];
    return NULL;
}

static void unblock(struct client *c) {
    if (!c->blocked) return;
    c->blocked = false;
    c->batcher->waiting--;
    pthread_cond_signal(&c->wake);
}

static void block(struct client *c, bool wants_lane) {
    c->blocked = true;
    c->wants_lane = wants_lane;
    c->batcher->waiting++;
    while (c->blocked) pthread_cond_wait(&c->wake, &c->batcher->mutex);
    c->wants_lane = false;
}

// Closes the open lane if all `others` wait: nobody is left to add to it.
static bool close_if_last(struct batcher *b, int others) {
    struct lane *lane = lane_in(b, LANE_OPEN);
    if (!lane || b->waiting < others) return false;
    CHECK(lane->writers == 0); // a writer does not wait
    lane->state = LANE_READY;
    return true;
}

// Gives the call rows in a lane; false: no lane has room.
static bool take_rows(struct call *call, struct piece *out) {
    struct client *c = call->client;
    struct batcher *b = c->batcher;
    struct lane *lane = lane_in(b, LANE_OPEN);
    if (!lane) lane = lane_in(b, LANE_FREE);
    if (!lane) return false;
    const int room = b->params.max_batch - lane->rows, left = call->n - call->given;
    *out = (struct piece){.lane = lane, .row = lane->rows, .first = call->given, .n = left < room ? left : room};
    lane->state = out->n == room ? LANE_FULL : LANE_OPEN;
    lane->rows += out->n;
    lane->writers++;
    lane->members[lane->num_members++] = c;
    call->given += out->n;
    c->pieces[c->num_pieces++] = *out;
    return true;
}

static void encode(struct call *call, const struct piece *piece) {
    struct batcher *b = call->client->batcher;
    const struct frame f = b->frame;
    struct lane *lane = piece->lane;
    bool masked = false, wants_ownership = false;
    pthread_mutex_unlock(&b->mutex);
    for (int i = 0; i < piece->n; i++) {
        const size_t row = (size_t)(piece->row + i);
        masked |= frame_encode(f, &call->positions[piece->first + i], call->client->scratch, lane->bits + row * frame_words(f),
                               lane->globals + row * (size_t)f.config->num_globals, lane->mask + row * frame_points(f));
        wants_ownership |= call->judgements[piece->first + i].ownership != NULL;
    }
    pthread_mutex_lock(&b->mutex);
    lane->masked |= masked;
    lane->wants_ownership |= wants_ownership && f.config->has_ownership;
    if (--lane->writers == 0 && lane->state == LANE_FULL) lane->state = LANE_READY;
}

// Sends a READY lane off and sees to it that it has a pilot: the caller, where it has rows there and none left to encode.
static void launch(struct batcher *b, struct lane *lane, const struct client *c, bool free_to_pilot) {
    const int rows = frame_rows(lane->rows, b->params.max_batch, lane->backend);
    lane->state = LANE_LAUNCHING;
    if (b->flying++ == 0) b->busy_since = now(b);
    if (b->flying > b->stats.most_flying) b->stats.most_flying = b->flying;
    b->stats.batches++;
    b->stats.evaluations += lane->rows;
    b->stats.rows += rows;
    const bool masked = lane->masked;
    pthread_mutex_unlock(&b->mutex);
    pass_input_bits(lane->pass, (struct image){rows, b->frame.h, b->frame.w}, lane->bits, lane->globals,
                    masked ? lane->mask : NULL);
    pass_forward(lane->pass);
    pthread_mutex_lock(&b->mutex);
    lane->state = LANE_FLYING;
    bool is_member = false;
    for (int i = 0; i < lane->num_members; i++) is_member |= lane->members[i] == c;
    if (is_member && free_to_pilot) return;
    for (int i = 0; i < lane->num_members; i++) {
        if (!lane->members[i]->blocked) continue;
        unblock(lane->members[i]);
        return;
    } // else all of them are at work and come by before they block
}

// Waits for a FLYING lane and wakes its members.
static void pilot(struct batcher *b, struct lane *lane) {
    const struct frame f = b->frame;
    const struct backend_verbs *v = lane->backend->verbs;
    const size_t n = (size_t)lane->rows;
    const bool wants_ownership = lane->wants_ownership;
    lane->piloted = true;
    b->waiting++;
    pthread_mutex_unlock(&b->mutex);
    v->download(lane->backend, lane->logits, lane->pass->logits, n * frame_actions(f)); // the first head: this move
    v->download(lane->backend, lane->value, lane->pass->value, n * (size_t)heads_value_outputs(f.config));
    if (wants_ownership) v->download(lane->backend, lane->ownership, lane->pass->ownership, n * frame_points(f));
    pthread_mutex_lock(&b->mutex);
    b->waiting--;
    lane->state = LANE_LANDED;
    if (--b->flying == 0) b->stats.busy_seconds += now(b) - b->busy_since;
    for (int i = 0; i < lane->num_members; i++) unblock(lane->members[i]);
}

static void leave_lane(struct client *c, struct lane *lane) {
    struct batcher *b = c->batcher;
    int i = 0;
    while (lane->members[i] != c) i++;
    lane->members[i] = lane->members[--lane->num_members];
    if (lane->num_members) return;
    lane->state = LANE_FREE;
    lane->rows = 0;
    lane->piloted = lane->masked = lane->wants_ownership = false;
    for (i = 0; i < b->num_clients; i++)
        if (b->clients[i]->wants_lane) unblock(b->clients[i]);
}

static void decode(struct call *call, struct piece *at) {
    struct client *c = call->client;
    const struct frame f = c->batcher->frame;
    const struct piece piece = *at;
    const struct lane *lane = piece.lane;
    *at = c->pieces[--c->num_pieces];
    pthread_mutex_unlock(&c->batcher->mutex);
    for (int i = 0; i < piece.n; i++) {
        const size_t row = (size_t)(piece.row + i);
        frame_decode(f, &call->positions[piece.first + i], lane->logits + row * frame_actions(f),
                     lane->value + row * (size_t)heads_value_outputs(f.config), lane->ownership + row * frame_points(f),
                     &call->judgements[piece.first + i]);
    }
    pthread_mutex_lock(&c->batcher->mutex);
    leave_lane(c, piece.lane);
}

static bool lacks_pilot(const struct client *c, struct lane **lane) {
    for (int i = 0; i < c->num_pieces; i++) {
        *lane = c->pieces[i].lane;
        if ((*lane)->state == LANE_FLYING && !(*lane)->piloted) return true;
    }
    return false;
}

// Does the most urgent thing. The mutex is held before and after, not all the while. False: the call is answered.
static bool step(struct call *call) {
    struct client *c = call->client;
    struct batcher *b = c->batcher;
    struct lane *lane;
    struct piece piece, *landed;
    const bool all_given = call->given == call->n;
    if ((lane = lane_in(b, LANE_READY))) // 1. the device must not idle
        launch(b, lane, c, all_given);
    else if (!all_given && take_rows(call, &piece)) // 2. nor the lanes
        encode(call, &piece);
    else if ((landed = piece_in(c, LANE_LANDED)))
        decode(call, landed);
    else if (all_given && c->num_pieces == 0)
        return false;
    else if (close_if_last(b, b->present - 1))
        return true;
    else if (lacks_pilot(c, &lane))
        pilot(b, lane);
    else
        block(c, !all_given);
    return true;
}

// With the mutex held. Those that stay may all be waiting for the one that goes.
static void set_present(struct client *c, bool present) {
    struct batcher *b = c->batcher;
    if (c->present == present) return;
    c->present = present;
    b->present += present ? 1 : -1;
    if (present || b->present == 0 || !close_if_last(b, b->present)) return;
    struct lane *lane = lane_in(b, LANE_READY);
    launch(b, lane, c, false);
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
    struct client *c = calloc(1, sizeof *c);
    if (c) c->scratch = malloc(frame_scratch(b->frame) * sizeof *c->scratch);
    if (!c || !c->scratch) {
        free(c);
        return status_fail(STATUS_MEMORY, "batcher: out of memory");
    }
    c->base = (struct evaluator){
        .name = "net", .max_batch = b->params.max_batch, .judge = judge, .attend = attend, .free = client_free};
    c->batcher = b;
    pthread_cond_init(&c->wake, NULL);
    b->clients[b->num_clients++] = c;
    *out = &c->base;
    return STATUS_OK;
}

static enum status lane_init(struct batcher *b, struct lane *lane) {
    const struct frame f = b->frame;
    const size_t n = (size_t)b->params.max_batch;
    lane->members = calloc((size_t)b->params.max_clients, sizeof(struct client *));
    lane->bits = calloc(n * frame_words(f), sizeof *lane->bits);
    lane->globals = calloc(n * (size_t)f.config->num_globals + 1, sizeof *lane->globals);
    lane->mask = calloc(n * frame_points(f), sizeof *lane->mask);
    lane->logits = calloc(n * frame_actions(f), sizeof *lane->logits);
    lane->value = calloc(n * (size_t)heads_value_outputs(f.config), sizeof *lane->value);
    lane->ownership = calloc(n * frame_points(f), sizeof *lane->ownership);
    if (!lane->members || !lane->bits || !lane->globals || !lane->mask || !lane->logits || !lane->value || !lane->ownership)
        return status_fail(STATUS_MEMORY, "batcher: not enough memory for batches of %d on %dx%d", b->params.max_batch, f.h,
                           f.w);
    struct backend_spec spec = b->params.backend;
    if (lane != &b->lanes[0]) spec.trunk = b->lanes[0].pass->fused ? TRUNK_FUSED : TRUNK_LAYERED; // measured once
    TRY(backend_open(&lane->backend, &spec));
    return pass_new(&lane->pass, b->net, lane->backend, false, b->params.max_batch, f.h, f.w);
}

static void lane_done(struct lane *lane) {
    pass_free(lane->pass);
    backend_close(lane->backend);
    free(lane->members);
    free(lane->bits);
    free(lane->globals);
    free(lane->mask);
    free(lane->logits);
    free(lane->value);
    free(lane->ownership);
}

enum status batcher_new(struct batcher **out, const struct net *net, const struct batcher_params *params) {
    *out = NULL;
    CHECK(params->lanes >= 1 && params->lanes <= BATCHER_MAX_LANES && params->max_batch >= 1 && params->max_clients >= 1);
    struct batcher *b = calloc(1, sizeof *b);
    if (!b) return status_fail(STATUS_MEMORY, "batcher: out of memory");
    pthread_mutex_init(&b->mutex, NULL);
    b->params = *params;
    enum status status = net_copy(&b->net, net);
    if (status == STATUS_OK) {
        b->frame = (struct frame){params->height, params->width, &b->net->config};
        b->clients = calloc((size_t)params->max_clients, sizeof(struct client *));
        if (!b->clients) status = status_fail(STATUS_MEMORY, "batcher: out of memory");
    }
    for (int i = 0; i < params->lanes && status == STATUS_OK; i++) status = lane_init(b, &b->lanes[i]);
    if (status != STATUS_OK)
        batcher_free(b);
    else
        *out = b;
    return status;
}

void batcher_free(struct batcher *b) {
    if (!b) return;
    CHECK(b->num_clients == 0);
    for (int i = 0; i < b->params.lanes; i++) lane_done(&b->lanes[i]);
    pthread_mutex_destroy(&b->mutex);
    net_free(b->net);
    free(b->clients);
    free(b);
}

const struct backend *batcher_backend(const struct batcher *b) { return b->lanes[0].backend; }

void batcher_update(struct batcher *b, const struct net *net) {
    CHECK(net->num_weights == b->net->num_weights && net->num_tensors == b->net->num_tensors);
    for (int i = 0; i < b->params.lanes; i++) {
        CHECK(b->lanes[i].state == LANE_FREE);
        pass_weights(b->lanes[i].pass, net->weights);
    }
}

void batcher_stats(const struct batcher *b, struct batcher_stats *out) {
    *out = b->stats;
    out->max_batch = b->params.max_batch;
    out->fused = b->lanes[0].pass->fused;
}
