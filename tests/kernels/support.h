// What the kernel tests share: a device, guarded arrays on it, random numbers.
#ifndef TESTS_KERNELS_SUPPORT_H
#define TESTS_KERNELS_SUPPORT_H

#include "kernels/device.h"
#include "kernels/element.h"
#include "tests/test.h"

#include <stdint.h>

static inline struct device *open_device(int index) {
    char why[DEVICE_TEXT] = "";
    struct device *d = NULL;
    EXPECT_(device_open(&d, index, why), "device %d: %s", index, why);
    return d;
}

// SplitMix64 [Steele, Lea, Flood 2014]; any seed will do.
static inline uint64_t random_bits(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}
// [-1, 1)
static inline float random_float(uint64_t *state) { return (float)(random_bits(state) >> 40) * 0x1p-23f - 1; }
static inline int random_below(uint64_t *state, int n) { return (int)(random_bits(state) >> 33) % n; }

enum { GUARD_WORDS = 16 }; // behind each array, all ones, which is NaN in every element type

// Takes device memory that is copied from the host or all ones, with a guard behind it that must
// stay as it is.
static inline void *guarded_array(struct device *d, const void *host, size_t bytes) {
    const size_t all = bytes + GUARD_WORDS * 4;
    unsigned char *copy = (unsigned char *)malloc(all);
    memset(copy, 0xff, all);
    if (host && bytes) memcpy(copy, host, bytes);
    void *memory = device_alloc(d, all);
    EXPECT_(memory, "%zu bytes refused", all);
    device_upload(d, memory, copy, all);
    free(copy);
    return memory;
}
// Returns the array in memory from malloc, and checks the guard.
static inline void *guarded_back(struct device *d, const char *what, const void *memory, size_t bytes) {
    const size_t all = bytes + GUARD_WORDS * 4;
    unsigned char *host = (unsigned char *)malloc(all);
    device_download(d, host, memory, all);
    for (size_t i = bytes; i < all; i++) EXPECT_(host[i] == 0xff, "%s wrote byte %zu beyond its end", what, i - bytes);
    return host;
}

#endif
