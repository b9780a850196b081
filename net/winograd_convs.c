// Convolutions for whoever calls with an address: plans and packed weights are found by a linear
// search, as they are few (the layers of a net, in two directions).
//
// The packed weights of a net of 6 blocks and 96 channels are some 20 MB, which every batch reads
// once. They lie together in large pages, without which a tenth of the time would go to address
// translation.
#include "net/winograd_convs.h"

#include "base/memory.h"
#include "kernels/winograd.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct winograd_plan {
    int h, w, in, out;
    bool gradient; // whether it is for the gradient of the kernel
    struct winograd how;
};

struct winograd_pack {
    const float *plain;
    int plan; // its index
    bool backward;
    long long version;
    float *packed;
};

struct chunk {
    struct chunk *next;
    size_t used, bytes; // both with this header
};

struct winograd_convs {
    long long version;
    struct winograd_plan *plans;
    int num_plans, max_plans;
    struct winograd_pack *packs;
    int num_packs, max_packs;
    struct chunk *chunks; // where the packed weights are
    float *work;
    size_t work_floats;
};

enum { LARGE_PAGE = 2 << 20, LINE_BYTES = 64 };

static void *large_pages(size_t bytes) {
    void *memory = aligned_alloc(LARGE_PAGE, bytes);
    CHECK(memory != NULL);
#ifdef MADV_HUGEPAGE
    // Only advice: where the system does not take it, pages are small.
    madvise(memory, bytes, MADV_HUGEPAGE);
#endif
    return memory;
}
static size_t whole(size_t bytes, size_t unit) { return (bytes + unit - 1) / unit * unit; }

// Takes memory that lives as long as the convolutions.
static float *packed_new(struct winograd_convs *convs, size_t floats) {
    const size_t bytes = whole(floats * sizeof(float), LINE_BYTES);
    struct chunk *chunk = convs->chunks;
    if (!chunk || chunk->bytes - chunk->used < bytes) {
        const size_t all = whole(bytes + LINE_BYTES, LARGE_PAGE);
        chunk = large_pages(all);
        *chunk = (struct chunk){.next = convs->chunks, .used = LINE_BYTES, .bytes = all};
        convs->chunks = chunk;
    }
    float *out = (float *)((char *)chunk + chunk->used);
    chunk->used += bytes;
    return out;
}

static void *grown(void *array, int num, int *max, size_t size) {
    if (num < *max) return array;
    *max = *max ? 2 * *max : 16;
    return memory_resize(array, (size_t)*max, size, "packed convolutions");
}

struct winograd_convs *winograd_convs_new(void) {
    if (!winograd_code(0)) return NULL;
    return memory_new(1, sizeof(struct winograd_convs), "packed convolutions");
}

void winograd_convs_free(struct winograd_convs *convs) {
    if (!convs) return;
    while (convs->chunks) {
        struct chunk *next = convs->chunks->next;
        free(convs->chunks);
        convs->chunks = next;
    }
    free(convs->plans);
    free(convs->packs);
    free(convs->work);
    free(convs);
}

void winograd_convs_stale(struct winograd_convs *convs) {
    if (convs) convs->version++;
}

static int plan_for(struct winograd_convs *convs, struct image s, int in, int out, bool gradient) {
    for (int i = 0; i < convs->num_plans; i++) {
        const struct winograd_plan *p = &convs->plans[i];
        if (p->h == s.h && p->w == s.w && p->in == in && p->out == out && p->gradient == gradient) return i;
    }
    convs->plans = grown(convs->plans, convs->num_plans, &convs->max_plans, sizeof *convs->plans);
    struct winograd_plan *plan = &convs->plans[convs->num_plans];
    *plan = (struct winograd_plan){.h = s.h, .w = s.w, .in = in, .out = out, .gradient = gradient};
    (gradient ? winograd_init_gradient : winograd_init)(&plan->how, winograd_code(0), s.h, s.w, in, out);
    const size_t floats = (gradient ? winograd_gradient_work_floats : winograd_work_floats)(&plan->how);
    if (floats > convs->work_floats) {
        free(convs->work);
        convs->work = large_pages(whole(floats * sizeof(float), LARGE_PAGE));
        convs->work_floats = floats;
    }
    return convs->num_plans++;
}

// The weights as a plan needs them. Plans whose tiles have the same sides share them.
static const float *packed_for(struct winograd_convs *convs, int plan, const float *plain, bool backward) {
    const struct winograd *how = &convs->plans[plan].how;
    struct winograd_pack *pack = NULL;
    for (int i = 0; i < convs->num_packs && !pack; i++) {
        struct winograd_pack *p = &convs->packs[i];
        const struct winograd *other = &convs->plans[p->plan].how;
        if (p->plain == plain && p->backward == backward && other->side_y == how->side_y && other->side_x == how->side_x &&
            other->in == how->in && other->out == how->out)
            pack = p;
    }
    if (!pack) {
        convs->packs = grown(convs->packs, convs->num_packs, &convs->max_packs, sizeof *convs->packs);
        pack = &convs->packs[convs->num_packs++];
        *pack = (struct winograd_pack){.plain = plain, .plan = plan, .backward = backward, .version = -1};
        pack->packed = packed_new(convs, winograd_packed_floats(how));
    }
    if (pack->version != convs->version) {
        (backward ? winograd_pack_backward : winograd_pack)(how, plain, pack->packed);
        pack->version = convs->version;
    }
    return pack->packed;
}

bool winograd_conv_forward(struct winograd_convs *convs, struct image s, int in, int out, const float *x, const float *weight,
                           const float *bias, const float *residual, bool relu, const float *mask, float *y) {
    if (!convs) return false;
    const int plan = plan_for(convs, s, in, out, false);
    const struct winograd_epilogue end = {.bias = bias, .residual = residual, .mask = mask, .relu = relu};
    winograd_convolve(&convs->plans[plan].how, s.n, x, packed_for(convs, plan, weight, false), &end, y, convs->work);
    return true;
}

bool winograd_conv_backward_data(struct winograd_convs *convs, struct image s, int in, int out, const float *dy,
                                 const float *weight, float *dx) {
    if (!convs) return false;
    const int plan = plan_for(convs, s, out, in, false);
    const struct winograd_epilogue end = {0};
    winograd_convolve(&convs->plans[plan].how, s.n, dy, packed_for(convs, plan, weight, true), &end, dx, convs->work);
    return true;
}

bool winograd_conv_backward_weights(struct winograd_convs *convs, struct image s, int in, int out, const float *x,
                                    const float *dy, float *dweight) {
    if (!convs) return false;
    const int plan = plan_for(convs, s, in, out, true);
    winograd_gradient(&convs->plans[plan].how, s.n, x, dy, dweight, convs->work);
    return true;
}
