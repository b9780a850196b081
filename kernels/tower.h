// The small-board tower: the stem and all residual blocks of a net in one launch. A block of
// threads owns a few positions, whose activations stay in shared memory from the first layer to the
// last; tensor cores compute the products, and the weights stream from L2.
//
// Computed layer by layer, every convolution is a launch of its own that reads and writes the
// activations of the whole batch. Here a position's activations never leave the multiprocessor:
// only weights move, from L2, which all blocks share, and the last activation is written once.
// tower.cu explains how it is done.
#ifndef KERNELS_TOWER_H
#define KERNELS_TOWER_H

#include "kernels/device.h"
#include "kernels/element.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { TOWER_MAX_BLOCKS = 64 };

// The shape of a net. Its weights are packed once, by tower_pack, into device memory of the caller.
struct tower_shape {
    int h, w, planes, globals, channels, blocks;
    bool pools[TOWER_MAX_BLOCKS]; // whether block i pools
    enum element element;         // F16 or BF16
};
struct tower_master { // fp32 weights on the device, laid out as in net/backend_verbs.h
    // [3, 3, planes, channels], [channels], and [globals, channels] or NULL
    const float *stem, *stem_bias, *stem_globals;
    struct {
        const float *conv1, *bias1, *pool, *conv2, *bias2; // pool: [3 channels, channels] or NULL
    } blocks[TOWER_MAX_BLOCKS];
};

// How many positions a block of threads holds. Where it is 0, the shape does not fit the device,
// and `why` says the reason: shared memory, channels or compute capability. This is pure arithmetic
// on the facts, so that it can be tested without a card.
int tower_positions(const struct device_facts *facts, const struct tower_shape *shape, char why[DEVICE_TEXT]);
size_t tower_weights_bytes(const struct tower_shape *shape);
void tower_pack(struct device *d, const struct tower_shape *shape, const struct tower_master *master, void *weights);
// From planes [n, h, w, padded(planes)], globals [n, globals], mask [n, h, w] or NULL, and area [n]
// to y [n, h, w, padded(channels)].
void tower_run(struct device *d, const struct tower_shape *shape, int n, const void *planes, const float *globals,
               const float *mask, const float *area, const void *weights, void *y);

#ifdef __cplusplus
}
#endif
#endif
