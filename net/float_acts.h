// Activations of the backends that hold them as plain fp32 [n, h, w, c], which are ref and cpu.
// Private to net/.
#ifndef NET_FLOAT_ACTS_H
#define NET_FLOAT_ACTS_H

#include "net/backend_verbs.h"

static inline float *floats_of(struct act *x) { return (float *)x; }
static inline const float *const_floats_of(const struct act *x) { return (const float *)x; }

#endif
