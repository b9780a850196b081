// The small-board tower (tower.h): the stem and the residual blocks of a net in one launch.
//
// PICTURE. A block of 256 threads owns P positions; all their points are the rows of one matrix [P
// h w, channels] that stays in shared memory from the stem to the last block. There are two such
// matrices: t is the trunk, and y is inside a block. A 3x3 convolution is nine products of that
// matrix, its rows shifted by a tap, with a [channels, channels] matrix. Tensor cores (mma.sync
// m16n8k16, sums in fp32) read their left fragments with ldmatrix, to which each lane gives a row's
// address. So a shift costs nothing but another address: nothing is copied.
//
//   shared memory:  8 zero rows | t: P h w rows | y: P h w rows | ring of weights |
//                   bits | biases | added | pooled | partial sums
//
// ZERO ROWS. A row has 2 (C + 8) bytes, an odd multiple of 16 as C is a multiple of 16. The 8 rows
// that one phase of ldmatrix reads (16 bytes of each) have consecutive numbers r, so their
// addresses modulo 128 are 16 (odd r + const) mod 128: all 8 different, no bank conflict. A tap
// beyond the frame reads zero row r mod 8 instead: the same residue, still no conflict. The
// epilogue's 4-byte stores go to banks 4 (odd g) + q + const, g = 0..7 and q = 0..3: all 32
// different.
//
// WEIGHTS stream from L2 through a ring of 2 to 4 stages with cp.async, packed by tower_pack in the
// order of use, all layers in one line, so that the next layer's first stages arrive during the
// last layer's epilogue. A stage is 3 products of depth 16 over all channels: 96 C bytes. Inside a
// stage, the 16 bytes of a lane are its B fragments of two neighbouring 8-channel tiles. A warp
// reads them with one ld.shared.v4: 512 bytes in a row, without a bank conflict.
//
// TILES. The 8 warps form a grid of WM x WN. A warp sums MW x NW fragments of 16 x 8, at most 4 x 8
// of them, which are 128 fp32 registers of a thread. A block that needs more rows goes over the
// layer in passes and streams its weights again. P is chosen for the least `cost`, which is a
// position's share of the tensor cores' time with the padding; small batches get a P of their own,
// so that all multiprocessors have work.
//
// ARITHMETIC, 9x9. On an H100/H200 SXM (132 processors, 1.75 GHz, mma.sync at about 62% of the 989
// TFLOP/s of wgmma [Luo et al. 2024]: 2.5e3 FLOP a cycle and processor; 128 bytes a cycle of shared
// memory):
//                                       6 blocks x 96       10 blocks x 128
//   P, rows used of those computed      3, 243 / 256        3, 243 / 256
//   FLOP a position (with 16 planes)    1.64e8              4.8e8
//   tensor cycles a product of depth 16 310 (192 mma)       413 (256 mma)
//   shared memory cycles of the same    224 (28 KiB)        256 (32 KiB)
//   products of depth 16 a block        657                 1449
//   weights from L2 a block             2.0 MB              5.9 MB
//   bound by mma.sync alone, evals/s    3.4e6 (556 TFLOP/s) 1.16e6 (557 TFLOP/s)
//   L2 traffic at that rate             2.3 TB/s            2.3 TB/s
// One block a processor (231 to 244 of 255 registers, no spills; 147 to 192 KiB of shared memory),
// two warps on each tensor core, 24 to 32 independent products a warp in flight while the next
// fragments load. A stage is 930 to 1240 tensor cycles, its barrier and its copies are hidden; a
// layer's epilogue (some 600 cycles of 17 to 30 thousand) and pooling (some 3 thousand) are not.
// The prediction is half of the bound or better: 1.7e6 evals/s for 6 x 96 and 0.6e6 for 10 x 128.
// It has not been measured.
#include "kernels/tower.h"
#include "kernels/tower_kernel.cuh"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_TILE_ROWS = 4, MAX_TILE_COLUMNS = 8, MAX_STAGES = 4, MAX_CHANNELS = 256, MAX_SIDE = 64 };

// The fixed work of a layer (epilogue, barriers), in units of one fragment row of all warps.
// Chosen, not tuned.
static const double LAYER_COST = 0.5;

static int round_up(int x, int unit) { return (x + unit - 1) / unit * unit; }

struct tiling { // how the channels are shared among the warps
    int columns, per_warp;
};

static tiling tile_channels(int channels) {
    const int tiles = channels / 8;
    int columns = 1;
    while ((tiles + columns - 1) / columns > MAX_TILE_COLUMNS) columns *= 2;
    const int each = round_up((tiles + columns - 1) / columns, 2);
    // There is no kernel of 2, as nets of 16 channels are for tests.
    return {columns, each < 4 ? 4 : each};
}

static int step_bytes(const tower_shape *s) { // the weights of one product of depth 16
    const tiling t = tile_channels(s->channels);
    return t.columns * t.per_warp * 8 * 16 * 2;
}
static int stem_depth(const tower_shape *s) { return round_up(padded(s->planes), 16); }

static size_t weights_plan(const tower_shape *s, tower_plan *p) {
    const size_t steps = (size_t)9 * (stem_depth(s) / 16) + (size_t)2 * s->blocks * 9 * (s->channels / 16);
    size_t at = steps * step_bytes(s);
    p->floats_at = at;
    at += (size_t)(1 + 2 * s->blocks) * s->channels * sizeof(float);
    p->globals_at = at;
    at += (size_t)s->globals * s->channels * sizeof(float);
    p->pool_at = at;
    for (int i = 0; i < s->blocks; i++)
        if (s->pools[i]) at += (size_t)3 * s->channels * s->channels * 2;
    return at;
}

// Fills in everything that follows from the shape, the positions of a block and the stages. Returns
// whether it fits into shared memory.
static bool plan_fits(const tower_shape *s, int positions, int stages, size_t shared_bytes, tower_plan *p, int *tile_rows) {
    const tiling t = tile_channels(s->channels);
    const int stem_k = stem_depth(s), row_bytes = 2 * ((stem_k > s->channels ? stem_k : s->channels) + 8);
    const long rows_wanted = (long)positions * s->h * s->w;
    if ((rows_wanted + TOWER_ZERO_ROWS) * row_bytes > (long)shared_bytes) return false;
    const int rows = (int)rows_wanted, warps = TOWER_WARPS / t.columns, tiles = (rows + 15) / 16;
    const int passes = (tiles + warps * MAX_TILE_ROWS - 1) / (warps * MAX_TILE_ROWS);
    *tile_rows = (tiles + warps * passes - 1) / (warps * passes);
    const int pairs = s->channels / 2, items = (positions + TOWER_GROUP - 1) / TOWER_GROUP * pairs;
    bool any = false;
    *p = {};
    for (int i = 0; i < s->blocks; i++)
        if (s->pools[i]) p->pools |= 1ull << i, any = true;
    p->h = s->h, p->w = s->w, p->points = s->h * s->w, p->positions = positions, p->rows = rows, p->passes = passes;
    p->stages = stages, p->planes = padded(s->planes), p->stem_k = stem_k, p->channels = s->channels, p->globals = s->globals;
    p->blocks = s->blocks, p->row_bytes = row_bytes, p->columns = t.columns, p->stage_bytes = TOWER_STEPS * step_bytes(s);
    // So that every thread has a part of the pooled product.
    p->slices = items < TOWER_THREADS ? TOWER_THREADS / items : 1;
    const int floats = positions * s->channels * (int)sizeof(float);
    int at = TOWER_ZERO_ROWS * row_bytes;
    p->t_at = at, at += rows * row_bytes;
    p->y_at = at, at += rows * row_bytes;
    p->ring_at = at, at += stages * p->stage_bytes;
    p->bits_at = at, at += passes * *tile_rows * warps * 16 * 2;
    p->bias_at = at, at += 2 * s->channels * (int)sizeof(float);
    p->added_at = at, at += any || s->globals ? floats : 0;
    p->pooled_at = at, at += any ? 3 * floats : 0;
    p->partial_at = at, at += any ? p->slices * floats : 0;
    p->shared_bytes = at;
    weights_plan(s, p);
    return (size_t)at <= shared_bytes;
}

// What a block of threads costs.
static double cost(const tower_plan *p, int tile_rows) { return p->passes * (tile_rows + LAYER_COST); }

// Makes the plan for batches of n: the fewest rounds of blocks over the multiprocessors, each as
// short as possible.
static bool plan_make(const struct device_facts *facts, const tower_shape *s, int n, tower_plan *best, int *best_rows) {
    double least = 0;
    // Fewer stages are taken only where nothing else fits.
    for (int stages = MAX_STAGES; stages >= 2; stages--) {
        for (int positions = 1;; positions++) {
            tower_plan p;
            int tile_rows;
            if (!plan_fits(s, positions, stages, facts->shared_bytes, &p, &tile_rows)) break;
            // More positions would not read the weights more seldom.
            if (positions > 1 && p.passes > 1) break;
            const double processors = facts->processors > 0 ? facts->processors : 1;
            const double blocks = (double)((n + positions - 1) / positions);
            // n = 0 stands for a batch of any size.
            const double rounds = n > 0 ? ceil(blocks / processors) : 1.0 / positions;
            const double time = rounds * cost(&p, tile_rows);
            if (least > 0 && time > least * (1 + 1e-9)) continue;
            least = time, *best = p, *best_rows = tile_rows;
        }
        if (least > 0) break;
    }
    best->n = n;
    return least > 0;
}

int tower_positions(const struct device_facts *facts, const struct tower_shape *s, char why[DEVICE_TEXT]) {
    tower_plan p = {};
    int tile_rows;
    why[0] = 0;
    if (facts->compute < 80) {
        snprintf(why, DEVICE_TEXT, "the tower needs compute capability 8.0, this is %d.%d", facts->compute / 10,
                 facts->compute % 10);
    } else if (s->element != ELEMENT_F16 && s->element != ELEMENT_BF16) {
        snprintf(why, DEVICE_TEXT, "the tower computes in f16 or bf16, not %s", element_name(s->element));
    } else if (s->channels < 16 || s->channels > MAX_CHANNELS || s->channels % 16) {
        snprintf(why, DEVICE_TEXT, "the tower needs a multiple of 16 channels up to %d, not %d", MAX_CHANNELS, s->channels);
    } else if (s->blocks < 0 || s->blocks > TOWER_MAX_BLOCKS || s->planes < 1 || s->globals < 0 || s->h < 1 || s->w < 1 ||
               s->h > MAX_SIDE || s->w > MAX_SIDE) {
        snprintf(why, DEVICE_TEXT, "the tower has no kernel for %d blocks, %d planes, %dx%d points", s->blocks, s->planes, s->h,
                 s->w);
    } else if (!plan_make(facts, s, 0, &p, &tile_rows)) {
        snprintf(why, DEVICE_TEXT, "a %dx%d board of %d channels does not fit %zu bytes of shared memory", s->h, s->w,
                 s->channels, facts->shared_bytes);
    }
    return p.positions;
}

size_t tower_weights_bytes(const struct tower_shape *s) {
    tower_plan p;
    return weights_plan(s, &p);
}

// --- Packing

// From master weights [3, 3, in, out] to fragments in the order of use. Of the 8 elements in a
// lane's 16 bytes, element e belongs to tile e / 4 of the pair, and there to half e % 2 of register
// e / 2 % 2 (mma.cuh).
template <class T>
static __global__ void pack_fragments(int in, int out, int depth, int tiles, int count, const float *weight, T *packed) {
    const int i = (int)(blockIdx.x * blockDim.x + threadIdx.x);
    if (i >= count) return;
    const int e = i % 8, lane = i / 8 % 32, pair = i / 256 % (tiles / 2), step = i / 256 / (tiles / 2);
    // Tap by tap, with `depth` rows each.
    const int row = step * 16 + lane % 4 * 2 + e % 2 + e / 2 % 2 * 8;
    const int tap = row / depth, from = row % depth, to = (pair * 2 + e / 4) * 8 + lane / 4;
    packed[i] = T(from < in && to < out ? weight[(tap * in + from) * out + to] : 0.f);
}

template <class T> static __global__ void pack_elements(int count, const float *weight, T *packed) {
    const int i = (int)(blockIdx.x * blockDim.x + threadIdx.x);
    if (i < count) packed[i] = T(weight[i]);
}

enum { PACK_THREADS = 256 };

template <class T>
static unsigned char *pack_layer(struct device *d, const tower_shape *s, int in, int depth, const float *weight,
                                 unsigned char *to) {
    const int bytes = 9 * depth / 16 * step_bytes(s), count = bytes / 2;
    LAUNCH(pack_fragments<T>, (count + PACK_THREADS - 1) / PACK_THREADS, PACK_THREADS, 0, d, in, s->channels, depth,
           step_bytes(s) / (8 * 16 * 2), count, weight, (T *)to);
    return to + bytes;
}

template <class T> static void pack(struct device *d, const tower_shape *s, const tower_master *m, unsigned char *weights) {
    tower_plan p;
    weights_plan(s, &p);
    const size_t row = s->channels * sizeof(float);
    unsigned char *at = pack_layer<T>(d, s, s->planes, stem_depth(s), m->stem, weights);
    unsigned char *bias = weights + p.floats_at, *pool = weights + p.pool_at;
    device_copy(d, bias, m->stem_bias, row);
    if (s->globals) device_copy(d, weights + p.globals_at, m->stem_globals, s->globals * row);
    for (int i = 0; i < s->blocks; i++) {
        at = pack_layer<T>(d, s, s->channels, s->channels, m->blocks[i].conv1, at);
        at = pack_layer<T>(d, s, s->channels, s->channels, m->blocks[i].conv2, at);
        device_copy(d, bias + (2 * i + 1) * row, m->blocks[i].bias1, row);
        device_copy(d, bias + (2 * i + 2) * row, m->blocks[i].bias2, row);
        if (!s->pools[i]) continue;
        const int count = 3 * s->channels * s->channels;
        LAUNCH(pack_elements<T>, (count + PACK_THREADS - 1) / PACK_THREADS, PACK_THREADS, 0, d, count, m->blocks[i].pool,
               (T *)pool);
        pool += (size_t)count * 2;
    }
}

void tower_pack(struct device *d, const struct tower_shape *s, const struct tower_master *master, void *weights) {
    if (s->element == ELEMENT_F16)
        pack<__half>(d, s, master, (unsigned char *)weights);
    else
        pack<__nv_bfloat16>(d, s, master, (unsigned char *)weights);
}

// --- Launch

template <class T, int MW, int NW> static void launch(struct device *d, const tower_plan &p, const tower_arrays &arrays) {
    // The limit is set to the most that the card has, whatever this shape needs: it belongs to the
    // kernel, and threads with nets of other widths set it at the same time.
    SHARED_LIMIT((tower_kernel<T, MW, NW>), d);
    LAUNCH((tower_kernel<T, MW, NW>), (p.n + p.positions - 1) / p.positions, TOWER_THREADS, p.shared_bytes, d, p, arrays);
}
template <class T, int NW>
static void launch_rows(struct device *d, int rows, const tower_plan &p, const tower_arrays &arrays) {
    if (rows == 1)
        launch<T, 1, NW>(d, p, arrays);
    else if (rows == 2)
        launch<T, 2, NW>(d, p, arrays);
    else if (rows == 3)
        launch<T, 3, NW>(d, p, arrays);
    else
        launch<T, 4, NW>(d, p, arrays);
}
template <class T>
static void launch_tile(struct device *d, int rows, int columns, const tower_plan &p, const tower_arrays &arrays) {
    if (columns == 4)
        launch_rows<T, 4>(d, rows, p, arrays);
    else if (columns == 6)
        launch_rows<T, 6>(d, rows, p, arrays);
    else
        launch_rows<T, 8>(d, rows, p, arrays);
}

void tower_run(struct device *d, const struct tower_shape *s, int n, const void *planes, const float *globals,
               const float *mask, const float *area, const void *weights, void *y) {
    tower_plan p;
    int rows;
    if (n <= 0) return;
    if (!plan_make(device_facts_of(d), s, n, &p, &rows)) {
        fprintf(stderr, "tower_run: a shape that tower_positions refuses\n");
        abort();
    }
    const tower_arrays arrays = {
        (const unsigned char *)planes, (const unsigned char *)weights, globals, mask, area, (unsigned char *)y};
    const int columns = tile_channels(s->channels).per_warp;
    if (s->element == ELEMENT_F16)
        launch_tile<__half>(d, rows, columns, p, arrays);
    else
        launch_tile<__nv_bfloat16>(d, rows, columns, p, arrays);
}
