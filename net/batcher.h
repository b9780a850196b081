// One net on one device for many threads: their positions share batches.
//
//   client threads --encode--> lane (a batch being filled) --launch--> device --land--> clients decode their own rows
//
// A batch leaves when it is full or when every client waits; there is no timer and no latency to set. While one lane is on the
// device the others are filled, so device and search overlap as long as there are more threads than fill one lane.
// Each lane has its own backend handle (a stream), its own copy of the weights and its own buffers.
//
// Threads: every client belongs to one thread at a time; all clients of a batcher may judge at once. Opening, updating, counting
// and freeing are for times when nobody judges.
#ifndef NET_BATCHER_H
#define NET_BATCHER_H

#include "base/clock.h"
#include "game/evaluator.h"
#include "net/backend.h"
#include "net/net.h"

struct batcher;

struct batcher_params {
    struct backend_spec backend; // what each lane opens
    int lanes;                   // batches in the making or on the device at once, 1 .. BATCHER_MAX_LANES
    int max_batch;               // positions in a batch
    int max_clients;
    int height, width;         // of the frame; no board may be larger, smaller ones are masked
    const struct clock *clock; // borrowed; NULL: busy_seconds stays 0
};
enum { BATCHER_MAX_LANES = 8 };

// `net` is copied to the device now and not borrowed.
enum status batcher_new(struct batcher **out, const struct net *net, const struct batcher_params *params);
void batcher_free(struct batcher *batcher); // NULL is fine; after its clients
const struct backend *batcher_backend(const struct batcher *batcher);

// A client, to be freed with evaluator_free. Its judge() takes up to max_batch positions and returns when they are judged.
// A client that judges again and again should say so with evaluator_attend: a batch then waits for it. One that did not is
// waited for only while it is inside judge().
enum status batcher_client(struct batcher *batcher, struct evaluator **out);

// Takes new weights of the same config.
void batcher_update(struct batcher *batcher, const struct net *net);

struct batcher_stats {
    long long batches, evaluations;
    long long rows;      // batches as the device computed them, rounded up
    int most_flying;     // batches on the device at once, at most so far
    int max_batch;       // mean fill = evaluations / (batches * max_batch)
    double busy_seconds; // with at least one batch on the device, since batcher_new
    bool fused;          // how the trunk runs (net_evaluator.h)
};
void batcher_stats(const struct batcher *batcher, struct batcher_stats *out);

#endif
