// A trunk for backends that hold activations as plain fp32. A few boards at a time go through all
// layers, so that what one layer writes is still in the second-level cache when the next layer
// reads it. Layer by layer, a batch of 128 boards of 7x7 would come from the last level each time.
#ifndef NET_CHUNKED_TRUNK_H
#define NET_CHUNKED_TRUNK_H

#include "net/backend_verbs.h"

struct chunked_trunk; // the scratch memory for it, used by one thread at a time

struct chunked_trunk *chunked_trunk_new(void);
void chunked_trunk_free(struct chunked_trunk *chunks);

// Computes what the verb trunk_forward does, by calling the backend's other verbs.
void chunked_trunk_forward(struct chunked_trunk *chunks, struct backend *b, struct image s, const struct trunk *trunk,
                           const struct act *planes, const float *globals, const float *mask, const float *area, struct act *y);

#endif
