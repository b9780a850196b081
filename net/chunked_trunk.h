// A trunk for backends that hold activations as plain fp32: a few boards at a time through all layers, so that what one layer writes
// is still in the cache when the next reads it. Layer by layer, a batch of 128 boards of 7x7 comes back from the last level each time.
#ifndef NET_CHUNKED_TRUNK_H
#define NET_CHUNKED_TRUNK_H

#include "net/backend_verbs.h"

struct chunked_trunk; // its scratch

struct chunked_trunk *chunked_trunk_new(void);
void chunked_trunk_free(struct chunked_trunk *chunks);

// As the verb trunk_forward, over the backend's other verbs.
void chunked_trunk_forward(struct chunked_trunk *chunks, struct backend *b, struct image s, const struct trunk *trunk,
                           const struct act *planes, const float *globals, const float *mask, const float *area, struct act *y);

#endif
