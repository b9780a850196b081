// The small-board tower: stem and all residual blocks in one launch, a few positions a block of threads, their activations in
// shared memory from the first layer to the last, tensor-core products, weights streamed from L2. tower.cu.
//
// What it saves: layer by layer, every convolution reads and writes the whole batch's activations and is a launch of its own.
// Here a position's activations never leave the multiprocessor; only weights move (from L2, shared by all blocks) and
// the last activation is written once.
#ifndef KERNELS_TOWER_H
#define KERNELS_TOWER_H

#include "kernels/device.h"
#include "kernels/element.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { TOWER_MAX_BLOCKS = 64 };

// Weights as the tower reads them: packed once by tower_pack, device memory of the caller.
struct tower_shape {
    int h, w, planes, globals, channels, blocks;
    bool pools[TOWER_MAX_BLOCKS]; // block i pools
    enum element element;         // F16 or BF16
};
struct tower_master {                             // fp32 master weights on the device, in net/backend_verbs.h's layouts
    const float *stem, *stem_bias, *stem_globals; // [3, 3, planes, channels], [channels], [globals, channels] or NULL
    struct {
        const float *conv1, *bias1, *pool, *conv2, *bias2; // pool [3 channels, channels] or NULL
    } blocks[TOWER_MAX_BLOCKS];
};

// Positions that a block of threads holds; 0: this shape does not fit this device, `why` says (shared memory, channels, compute
// capability). Pure arithmetic on the facts: testable without a card.
int tower_positions(const struct device_facts *facts, const struct tower_shape *shape, char why[DEVICE_TEXT]);
size_t tower_weights_bytes(const struct tower_shape *shape);
void tower_pack(struct device *d, const struct tower_shape *shape, const struct tower_master *master, void *weights);
// planes [n, h, w, padded(planes)], globals [n, globals], mask [n, h, w] or NULL, area [n] -> y [n, h, w, padded(channels)].
void tower_run(struct device *d, const struct tower_shape *shape, int n, const void *planes, const float *globals,
               const float *mask, const float *area, const void *weights, void *y);

#ifdef __cplusplus
}
#endif
#endif
