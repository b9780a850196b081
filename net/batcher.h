// One net on one device for many threads: their positions share batches.
//
//   client threads --encode--> a batch --launch--> device --land--> each client decodes its rows
//
// A batch leaves when it is full or when every client waits: there is no timer and no latency to
// set. Several batches are in flight: while the device computes one, others are filled, so that
// device and search overlap as long as there are more threads than fill one batch. A flight is what
// a batch in flight needs: a backend handle (a stream), a copy of the weights, and buffers.
//
// A client belongs to one thread at a time, and all clients of a batcher may judge at once. All
// other functions here are to be called when nobody judges.
#ifndef NET_BATCHER_H
#define NET_BATCHER_H

#include "base/clock.h"
#include "game/evaluator.h"
#include "net/backend.h"
#include "net/net.h"

struct batcher;

struct batcher_params {
    struct backend_spec backend; // each flight opens one of its own
    // How many batches are filled or computed at once, from 1 to BATCHER_MAX_FLIGHTS.
    int flights;
    int max_batch; // positions in a batch
    int max_clients;
    // Of the frame: no board may be larger, and smaller ones are masked.
    int height, width;
    const struct clock *clock; // borrowed; where it is NULL, busy_seconds stays 0
};
enum { BATCHER_MAX_FLIGHTS = 8 };

// Copies `net` to the device. STATUS_DEVICE and STATUS_MEMORY say why that is not possible.
enum status batcher_new(struct batcher **out, const struct net *net, const struct batcher_params *params);
// To be called after its clients are freed; NULL is allowed.
void batcher_free(struct batcher *batcher);
const struct backend *batcher_backend(const struct batcher *batcher);

// Makes a client, which is to be freed with evaluator_free. Its judge() takes up to max_batch
// positions and returns when they are judged. A client that judges again and again should say so
// with evaluator_attend, and a batch then waits for it. A client that did not is waited for only
// while it is inside judge().
enum status batcher_client(struct batcher *batcher, struct evaluator **out);

// Takes new weights of the same config.
void batcher_update(struct batcher *batcher, const struct net *net);

struct batcher_stats {
    long long batches, evaluations;
    long long rows;      // the rows that the device computed, with those that round a batch up
    int most_flying;     // the most batches that were on the device at once
    int max_batch;       // the mean fill is evaluations / (batches * max_batch)
    double busy_seconds; // since batcher_new, with at least one batch on the device
    bool fused;          // whether the trunk runs in one launch (net_evaluator.h)
};
void batcher_stats(const struct batcher *batcher, struct batcher_stats *out);

#endif
