// Rows to learn from. All arrays of a batch are parts of one block of memory, so that clearing it
// is one memset.
#include "net/batch.h"

#include "base/memory.h"
#include "net/net.h"

#include <stdlib.h>
#include <string.h>

struct batch_block { // the batch and what it owns
    struct batch batch;
    int max_height, max_width, policy_planes, num_global_actions;
    size_t count;
    float *data;
};

struct part {
    float **field;
    size_t count;
};

enum status batch_new(struct batch **out, const struct net_config *c, int max_n, int height, int width) {
    *out = NULL;
    CHECK(max_n >= 1 && height >= 1 && width >= 1);
    struct batch_block *block = memory_new(1, sizeof *block, "a batch");
    struct batch *b = &block->batch;
    b->max_n = max_n, b->height = height, b->width = width;
    b->actions = c->policy_planes * height * width + c->num_global_actions;
    block->max_height = height, block->max_width = width;
    block->policy_planes = c->policy_planes, block->num_global_actions = c->num_global_actions;
    const size_t n = (size_t)max_n, points = (size_t)height * (size_t)width, actions = (size_t)b->actions;
    const struct part inputs[] = {{&b->planes, n * points * (size_t)c->num_planes},
                                  {&b->globals, n * (size_t)c->num_globals},
                                  {&b->mask, n * points},
                                  {&b->legal, n * actions}};
    enum { NUM_INPUTS = sizeof inputs / sizeof inputs[0], NUM_PARTS = NUM_INPUTS + 2 * NUM_LOSSES };
    struct part parts[NUM_PARTS];
    memcpy(parts, inputs, sizeof inputs);
    for (int kind = 0; kind < NUM_LOSSES; kind++) {
        parts[NUM_INPUTS + 2 * kind] = (struct part){&b->targets[kind], n * loss_target_floats(kind, points, actions)};
        parts[NUM_INPUTS + 2 * kind + 1] = (struct part){&b->weights[kind], n};
    }
    for (int i = 0; i < NUM_PARTS; i++) block->count += (parts[i].count + 15) / 16 * 16;
    block->data = aligned_alloc(64, block->count * sizeof(float));
    if (!block->data) {
        free(block);
        return status_fail(STATUS_MEMORY, "batch: not enough memory for %d rows of %dx%d", max_n, height, width);
    }
    float *next = block->data;
    for (int i = 0; i < NUM_PARTS; i++) {
        *parts[i].field = next;
        next += (parts[i].count + 15) / 16 * 16;
    }
    batch_clear(b);
    *out = b;
    return STATUS_OK;
}

void batch_free(struct batch *batch) {
    if (!batch) return;
    struct batch_block *block = (struct batch_block *)batch; // batch is its first field
    free(block->data);
    free(block);
}

void batch_clear(struct batch *batch) {
    struct batch_block *block = (struct batch_block *)batch;
    batch->n = 0;
    memset(block->data, 0, block->count * sizeof(float));
}

void batch_reframe(struct batch *batch, int height, int width) {
    struct batch_block *block = (struct batch_block *)batch;
    CHECK(height >= 1 && width >= 1 && height <= block->max_height && width <= block->max_width);
    batch->height = height, batch->width = width;
    batch->actions = block->policy_planes * height * width + block->num_global_actions;
    batch_clear(batch);
}
