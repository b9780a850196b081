// The whole trunk for a few boards, and then for the next few. trunk.c says what each layer
// computes; here all layers write to the same array, in place.
#include "net/chunked_trunk.h"

#include "base/memory.h"
#include "net/float_acts.h"

#include <stdlib.h>

struct chunked_trunk {
    struct image s; // the shape that the arrays were taken for
    int c;
    float *y1, *pooled, *bias;
};

// The size of both arrays that a block's layers write, t and y1, together. It was measured with
// second-level caches of 1 MB: 256 KB and 1 MB are 3 % slower on 9x9 boards with 96 channels, and
// not slower on smaller ones.
enum { CHUNK_BYTES = 512 << 10 };

static int chunk_boards(struct image s, int c) {
    const size_t board = 2 * (size_t)(s.h * s.w) * (size_t)c * sizeof(float);
    return board >= CHUNK_BYTES ? 1 : (int)(CHUNK_BYTES / board);
}

struct chunked_trunk *chunked_trunk_new(void) {
    return memory_new(1, sizeof(struct chunked_trunk), "a trunk in chunks");
}

static void clear(struct chunked_trunk *chunks) {
    free(chunks->y1);
    free(chunks->pooled);
    free(chunks->bias);
}
void chunked_trunk_free(struct chunked_trunk *chunks) {
    if (!chunks) return;
    clear(chunks);
    free(chunks);
}

static void make_room(struct chunked_trunk *chunks, struct image s, int c) {
    const struct image old = chunks->s;
    if (s.n <= old.n && image_points(s) <= image_points(old) && c <= chunks->c) return;
    clear(chunks);
    chunks->s = s;
    chunks->c = c;
    const size_t line = 64, row = ((size_t)(s.n * c) * sizeof(float) + line - 1) / line * line;
    chunks->y1 = aligned_alloc(line, row * (size_t)(s.h * s.w));
    chunks->pooled = aligned_alloc(line, 3 * row);
    chunks->bias = aligned_alloc(line, row);
    CHECK(chunks->y1 && chunks->pooled && chunks->bias);
}

struct chunk {
    struct image s;
    const struct act *planes;
    const float *globals, *mask, *area;
    struct act *y;
};

static void forward(struct chunked_trunk *scratch, struct backend *b, const struct trunk *t, const struct chunk *k) {
    const struct backend_verbs *v = b->verbs;
    const int c = t->channels;
    struct act *y1 = (struct act *)scratch->y1;
    const bool globals = t->stem_globals != NULL;
    v->conv_forward(b, k->s, t->planes, c, k->planes, t->stem, t->stem_bias, NULL, !globals, globals ? NULL : k->mask, k->y);
    if (globals) {
        v->dense_forward(b, k->s.n, t->globals, c, k->globals, t->stem_globals, NULL, false, scratch->bias);
        v->channel_bias_relu(b, k->s, c, k->y, scratch->bias, k->mask, k->y);
    }
    for (int i = 0; i < t->blocks; i++) {
        const struct trunk_block *block = &t->block[i];
        v->conv_forward(b, k->s, c, c, k->y, block->conv1, block->bias1, NULL, true, k->mask, y1);
        if (block->pool) {
            v->pool_forward(b, k->s, c, y1, k->area, scratch->pooled);
            v->dense_forward(b, k->s.n, 3 * c, c, scratch->pooled, block->pool, NULL, false, scratch->bias);
            v->channel_bias_relu(b, k->s, c, y1, scratch->bias, k->mask, y1);
        }
        v->conv_forward(b, k->s, c, c, y1, block->conv2, block->bias2, k->y, true, k->mask, k->y);
    }
}

void chunked_trunk_forward(struct chunked_trunk *chunks, struct backend *b, struct image s, const struct trunk *trunk,
                           const struct act *planes, const float *globals, const float *mask, const float *area,
                           struct act *y) {
    const int boards = chunk_boards(s, trunk->channels), most = boards < s.n ? boards : s.n;
    const size_t points = (size_t)(s.h * s.w);
    make_room(chunks, (struct image){most, s.h, s.w}, trunk->channels);
    for (int first = 0; first < s.n; first += most) {
        const size_t n = (size_t)first, at = n * points;
        const struct chunk chunk = {
            .s = {s.n - first < most ? s.n - first : most, s.h, s.w},
            .planes = (const struct act *)(const_floats_of(planes) + at * (size_t)trunk->planes),
            .globals = globals + n * (size_t)trunk->globals,
            .mask = mask ? mask + at : NULL,
            .area = area + n,
            .y = (struct act *)(floats_of(y) + at * (size_t)trunk->channels),
        };
        forward(chunks, b, trunk, &chunk);
    }
}
