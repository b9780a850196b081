// The types of the elements of activations on a device, and how rows of them are padded. This is
// plain C, shared by host code and kernels.
#ifndef KERNELS_ELEMENT_H
#define KERNELS_ELEMENT_H

#include <stddef.h>

enum element { ELEMENT_F32, ELEMENT_F16, ELEMENT_BF16, NUM_ELEMENTS };

static inline size_t element_bytes(enum element e) { return e == ELEMENT_F32 ? 4 : 2; }
static inline const char *element_name(enum element e) { return e == ELEMENT_F32 ? "f32" : e == ELEMENT_F16 ? "f16" : "bf16"; }

// An activation image [n, points, c] is stored as [n, points, padded(c)]: the channels of a point
// are rounded up to a multiple of 8, so that 16-byte accesses and tensor cores work for any c. The
// padding is always zero: every kernel that writes an activation writes zeros there.
static inline int padded(int channels) { return (channels + 7) / 8 * 8; }

#endif
