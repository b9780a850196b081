// The tower's kernel. tower.cu explains the idea, the memory map and the arithmetic.
//
// 1. A warp's tile of a convolution's output is MW x NW fragments of 16 rows x 8 channels in
//    registers. Fragment i of the warp wm is row tile (pass MW + i) WM + wm of the block, so that
//    every warp has about the same work where few rows are left.
// 2. Every thread walks the same stages of weights in the same order over all layers: stage s is
//    read between the barrier of s and that of s + 1, and its place in the ring is filled again
//    only after the latter. Fragments are loaded one product ahead, so that the last product of s
//    runs after the barrier of s + 1 from registers, and loads hide behind products even there.
// 3. A layer's output is written while slower warps may still read the layer's input, so the two
//    are never the same buffer. (A residual is read and replaced by the thread that owns the
//    element.) The barrier of the next stage makes the output visible.
// 4. There is memory for the biases of two layers. A layer's biases are fetched during the layer
//    before it, into the half that the layer before that one used. Every layer has three stages or
//    more and at most three are being fetched, so the biases have arrived at the layer's last
//    stage, before they are added.
// 5. Rows of zeros stand for every neighbour beyond the board's frame and every row beyond the last
//    position.
#ifndef KERNELS_TOWER_KERNEL_CUH
#define KERNELS_TOWER_KERNEL_CUH

#include "kernels/mma.cuh"

enum {
    TOWER_THREADS = 256, // 8 warps: two on each of the four tensor cores, 255 registers a thread
    TOWER_WARPS = 8,
    TOWER_ZERO_ROWS = 8, // one for each row number modulo 8: see ZERO ROWS in tower.cu
    // The products of depth 16 in a stage. Because of the 9 taps every layer has a multiple of 3.
    TOWER_STEPS = 3,
    TOWER_GROUP = 4, // positions that share the load of a pooling weight; chosen, not tuned
    // Bit 9 of a row's bits says that the point is on its board. Bits 0 to 8 say whether the
    // neighbour at tap 3 ky + kx is inside the frame.
    TOWER_ON_BOARD = 512,
};

// Shapes and offsets, which are the same for all blocks. Names that end in _at are offsets in bytes
// into shared memory, or into the packed weights for the last three.
struct tower_plan {
    int n, h, w, points, positions, rows, passes, stages;
    // The planes are those of the image, with padding; stem_k rounds them up to a multiple of 16.
    int planes, stem_k, channels, globals, blocks;
    int row_bytes, columns;   // a row of activations; how many warps share its channels (WN)
    int stage_bytes, slices;  // how many slices the sums of a pooled product are cut into
    unsigned long long pools; // bit i says that block i pools
    int t_at, y_at, ring_at, bits_at, bias_at, added_at, pooled_at, partial_at, shared_bytes;
    // Offsets in the weights: the biases of layer after layer, the weights of the globals, and
    // those of the pooled products.
    size_t floats_at, globals_at, pool_at;
};

struct tower_arrays {
    const unsigned char *planes, *weights;
    const float *globals, *mask, *area;
    unsigned char *y;
};

// Where the next stage of weights comes from, and what is left. `fill` and `take` are places in the
// ring: the next to be filled and the next to be read.
struct tower_stream {
    const unsigned char *layer, *next;
    int stages_left, passes_left, layers_left, fill, take;
};

static __device__ __forceinline__ void fetch_stage(const tower_plan &p, unsigned char *shared, tower_stream *s) {
    if (s->layers_left > 0) {
        unsigned char *stage = shared + p.ring_at + s->fill * p.stage_bytes;
        for (int at = (int)threadIdx.x * 16; at < p.stage_bytes; at += TOWER_THREADS * 16) copy_async(stage + at, s->next + at);
        s->fill = s->fill + 1 == p.stages ? 0 : s->fill + 1;
        s->next += p.stage_bytes;
        if (--s->stages_left == 0) {
            if (--s->passes_left == 0) {
                s->layer = s->next;
                s->passes_left = p.passes;
                s->layers_left--;
            }
            s->next = s->layer;
            s->stages_left = (s->layers_left == 2 * p.blocks + 1 ? p.stem_k : p.channels) * 9 / 16 / TOWER_STEPS;
        }
    }
    copy_commit(); // where nothing is left, an empty group keeps the count right
}

// Waits until the oldest stage has arrived for all threads. By then nobody reads the one before it,
// whose place in the ring takes the next fetch.
static __device__ __forceinline__ const unsigned char *next_stage(const tower_plan &p, unsigned char *shared, tower_stream *s) {
    if (p.stages >= 4)
        copy_wait<2>();
    else if (p.stages == 3)
        copy_wait<1>();
    else
        copy_wait<0>();
    __syncthreads();
    const unsigned char *stage = shared + p.ring_at + s->take * p.stage_bytes;
    s->take = s->take + 1 == p.stages ? 0 : s->take + 1;
    fetch_stage(p, shared, s);
    return stage;
}

enum tower_layer { TOWER_STEM, TOWER_FIRST, TOWER_SECOND };

// Fetches the biases of layer `index` as a part of the group of copies that is committed next.
static __device__ __forceinline__ void fetch_bias(const tower_plan &p, const tower_arrays &arrays, unsigned char *shared,
                                                  int index) {
    const int at = (int)threadIdx.x * 16, bytes = p.channels * 4;
    if (index <= 2 * p.blocks && at < bytes)
        copy_async(shared + p.bias_at + (index & 1) * bytes + at, arrays.weights + p.floats_at + (size_t)index * bytes + at);
}

// Turns two neighbouring sums of a finished layer into activations.
template <class T>
static __device__ __forceinline__ void finish(const tower_plan &p, const unsigned char *shared, unsigned char *to,
                                              tower_layer layer, int row, int channel, bool on_board, float x, float y) {
    uint32_t *at = reinterpret_cast<uint32_t *>(to + row * p.row_bytes + channel * 2);
    if (layer == TOWER_SECOND) {
        const float2 residual = unpack_pair<T>(*at);
        x += residual.x;
        y += residual.y;
    } else if (layer == TOWER_STEM && p.globals > 0) {
        const float *added = reinterpret_cast<const float *>(shared + p.added_at) + row / p.points * p.channels + channel;
        x += added[0];
        y += added[1];
    }
    *at = on_board ? pack_pair<T>(fmaxf(x, 0), fmaxf(y, 0)) : 0;
}

// What a lane knows about its place in a layer's products.
template <int MW> struct tower_walk {
    // The fragments' first rows, and the bits of the row whose address this lane gives to ldmatrix.
    int first[MW], taps[MW];
    int tap, channel, shift; // of the next product; the shift is in rows
};
template <int MW, int NW> struct tower_fragments { // what one product of depth 16 reads
    uint32_t a[MW][4];
    uint4 b[NW / 2];
};

// Loads the fragments of product `step` of a stage and walks on to the next.
template <int MW, int NW>
static __device__ __forceinline__ void load_fragments(const tower_plan &p, const unsigned char *shared,
                                                      const unsigned char *weights, int first_row, int depth, int step,
                                                      tower_walk<MW> *walk, tower_fragments<MW, NW> *out) {
    const int lane = threadIdx.x % 32, wn = threadIdx.x / 32 % p.columns;
    UNROLL
    for (int i = 0; i < MW; i++) {
        // The row is a number over all rows in shared memory.
        const int row = first_row + walk->first[i] + lane % 16 + walk->shift;
        const int source = walk->taps[i] >> walk->tap & 1 ? row : row & (TOWER_ZERO_ROWS - 1);
        load_matrices(out->a[i], shared + source * p.row_bytes + walk->channel * 2 + lane / 16 * 16);
    }
    const uint4 *b = reinterpret_cast<const uint4 *>(weights) + (step * p.columns + wn) * (NW / 2) * 32 + lane;
    UNROLL
    for (int j = 0; j < NW / 2; j++) out->b[j] = b[j * 32];
    walk->channel += 16;
    if (walk->channel == depth) {
        walk->channel = 0;
        walk->tap++;
        walk->shift += walk->tap % 3 ? 1 : p.w - 2;
    }
}

template <class T, int MW, int NW>
static __device__ __forceinline__ void multiply_fragments(const tower_fragments<MW, NW> &f, float sums[MW][NW][4]) {
    UNROLL
    for (int j = 0; j < NW / 2; j++) {
        const uint32_t even[2] = {f.b[j].x, f.b[j].y}, odd[2] = {f.b[j].z, f.b[j].w};
        UNROLL
        for (int i = 0; i < MW; i++) multiply_add<T>(sums[i][2 * j], f.a[i], even);
        UNROLL
        for (int i = 0; i < MW; i++) multiply_add<T>(sums[i][2 * j + 1], f.a[i], odd);
    }
}

// Turns all sums of a warp into activations.
template <class T, int MW, int NW>
static __device__ __forceinline__ void finish_layer(const tower_plan &p, unsigned char *shared, tower_layer layer, int index,
                                                    const tower_walk<MW> &walk, const float sums[MW][NW][4]) {
    const int lane = threadIdx.x % 32, wn = threadIdx.x / 32 % p.columns, to_at = layer == TOWER_FIRST ? p.y_at : p.t_at;
    const float *bias = reinterpret_cast<const float *>(shared + p.bias_at) + (index & 1) * p.channels;
    const unsigned short *bits = reinterpret_cast<const unsigned short *>(shared + p.bits_at);
    UNROLL
    for (int k = 0; k < 2 * MW; k++) {
        const int i = k / 2, side = k % 2;
        const int row = walk.first[i] + lane / 4 + 8 * side;
        if (row >= p.rows) continue;
        const bool on_board = bits[row] & TOWER_ON_BOARD;
        UNROLL
        for (int j = 0; j < NW; j++) {
            const int at = (wn * NW + j) * 8 + lane % 4 * 2;
            if (at < p.channels)
                finish<T>(p, shared, shared + to_at, layer, row, at, on_board, sums[i][j][2 * side] + bias[at],
                          sums[i][j][2 * side + 1] + bias[at + 1]);
        }
    }
}

// Layer 0 is the stem; the first and second convolutions of the blocks follow.
template <class T, int MW, int NW>
static __device__ __forceinline__ void convolve(const tower_plan &p, const tower_arrays &arrays, unsigned char *shared,
                                                tower_stream *stream, int index) {
    const tower_layer layer = index == 0 ? TOWER_STEM : index & 1 ? TOWER_FIRST : TOWER_SECOND;
    const int depth = layer == TOWER_STEM ? p.stem_k : p.channels; // channels of a tap
    const int stages = depth * 9 / 16 / TOWER_STEPS, first_row = (layer == TOWER_FIRST ? p.t_at : p.y_at) / p.row_bytes;
    const int lane = threadIdx.x % 32, wm = threadIdx.x / 32 / p.columns;
    const unsigned short *bits = reinterpret_cast<const unsigned short *>(shared + p.bits_at);
    for (int pass = 0; pass < p.passes; pass++) {
        float sums[MW][NW][4];
        tower_walk<MW> walk = {{}, {}, 0, 0, -p.w - 1};
        tower_fragments<MW, NW> now, next;
        UNROLL
        for (int i = 0; i < MW * NW * 4; i++) sums[i / 4 / NW][i / 4 % NW][i % 4] = 0;
        const unsigned char *weights = next_stage(p, shared, stream);
        if (pass == 0) fetch_bias(p, arrays, shared, index + 1);
        UNROLL
        for (int i = 0; i < MW; i++) {
            walk.first[i] = ((pass * MW + i) * (TOWER_WARPS / p.columns) + wm) * 16;
            walk.taps[i] = bits[walk.first[i] + lane % 16];
        }
        load_fragments(p, shared, weights, first_row, depth, 0, &walk, &now);
        for (int stage = 0; stage < stages; stage++) {
            UNROLL
            // Loads run one product ahead, also across the barrier.
            for (int step = 1; step <= TOWER_STEPS; step++) {
                if (step < TOWER_STEPS) {
                    load_fragments(p, shared, weights, first_row, depth, step, &walk, &next);
                } else if (stage + 1 < stages) {
                    weights = next_stage(p, shared, stream);
                    load_fragments(p, shared, weights, first_row, depth, 0, &walk, &next);
                }
                multiply_fragments<T, MW, NW>(now, sums);
                now = next;
            }
        }
        finish_layer<T, MW, NW>(p, shared, layer, index, walk, sums);
    }
}

// y = relu(y + dense(pool(y))) on the board.
template <class T>
static __device__ void pool_and_add(const tower_plan &p, unsigned char *shared, int count, const float *area,
                                    const T *weights) {
    const int pairs = p.channels / 2, wide = 3 * p.channels;
    unsigned char *y = shared + p.y_at;
    float *pooled = reinterpret_cast<float *>(shared + p.pooled_at),
          *partial = reinterpret_cast<float *>(shared + p.partial_at);
    __syncthreads(); // y is complete
    for (int item = threadIdx.x; item < p.positions * pairs; item += TOWER_THREADS) {
        const int position = item / pairs, channel = item % pairs * 2;
        const unsigned char *at = y + position * p.points * p.row_bytes + channel * 2;
        float2 sum = {0, 0}, most = {0, 0};
        UNROLL_BY_8
        for (int point = 0; point < p.points; point++) {
            const float2 x = unpack_pair<T>(*reinterpret_cast<const uint32_t *>(at + point * p.row_bytes));
            sum.x += x.x;
            sum.y += x.y;
            most.x = fmaxf(most.x, x.x);
            most.y = fmaxf(most.y, x.y);
        }
        // [Wu 2019, 3.3]
        const float size = position < count ? area[position] : 1, factor = (sqrtf(size) - 9) / 5;
        float *out = pooled + position * wide + channel;
        out[0] = sum.x / size;
        out[1] = sum.y / size;
        out[p.channels] = out[0] * factor;
        out[p.channels + 1] = out[1] * factor;
        out[2 * p.channels] = most.x;
        out[2 * p.channels + 1] = most.y;
    }
    __syncthreads();
    const int groups = (p.positions + TOWER_GROUP - 1) / TOWER_GROUP;
    for (int item = threadIdx.x; item < p.slices * groups * pairs; item += TOWER_THREADS) {
        const int channel = item % pairs * 2, group = item / pairs % groups, slice = item / pairs / groups;
        const int begin = slice * wide / p.slices, end = (slice + 1) * wide / p.slices;
        float2 sums[TOWER_GROUP] = {};
        UNROLL_BY_8
        for (int k = begin; k < end; k++) {
            const float2 weight = unpack_pair<T>(*reinterpret_cast<const uint32_t *>(weights + k * p.channels + channel));
            UNROLL
            for (int i = 0; i < TOWER_GROUP; i++) {
                const int position = min(group * TOWER_GROUP + i, p.positions - 1);
                sums[i].x += pooled[position * wide + k] * weight.x;
                sums[i].y += pooled[position * wide + k] * weight.y;
            }
        }
        UNROLL
        for (int i = 0; i < TOWER_GROUP; i++) {
            const int position = group * TOWER_GROUP + i;
            if (position >= p.positions) continue;
            partial[(slice * p.positions + position) * p.channels + channel] = sums[i].x;
            partial[(slice * p.positions + position) * p.channels + channel + 1] = sums[i].y;
        }
    }
    __syncthreads();
    float *added = reinterpret_cast<float *>(shared + p.added_at);
    for (int i = threadIdx.x; i < p.positions * p.channels; i += TOWER_THREADS) {
        float sum = 0;
        for (int slice = 0; slice < p.slices; slice++) sum += partial[slice * p.positions * p.channels + i];
        added[i] = sum;
    }
    __syncthreads();
    const unsigned short *bits = reinterpret_cast<const unsigned short *>(shared + p.bits_at);
    for (int item = threadIdx.x; item < p.rows * pairs; item += TOWER_THREADS) {
        const int row = item / pairs, channel = item % pairs * 2;
        uint32_t *at = reinterpret_cast<uint32_t *>(y + row * p.row_bytes + channel * 2);
        const float *more = added + row / p.points * p.channels + channel;
        const float2 x = unpack_pair<T>(*at);
        *at = bits[row] & TOWER_ON_BOARD ? pack_pair<T>(fmaxf(x.x + more[0], 0), fmaxf(x.y + more[1], 0)) : 0;
    }
}

// Prepares `count` positions: writes the rows of zeros and each row's bits, copies the planes into
// y, and puts dense(globals) into `added`.
template <int MW>
static __device__ void begin_positions(const tower_plan &p, const tower_arrays &arrays, unsigned char *shared, int count) {
    const size_t position = (size_t)blockIdx.x * p.positions;
    const uint4 zeros = {0, 0, 0, 0};
    for (int at = (int)threadIdx.x * 16; at < TOWER_ZERO_ROWS * p.row_bytes; at += TOWER_THREADS * 16)
        *reinterpret_cast<uint4 *>(shared + at) = zeros;
    unsigned short *bits = reinterpret_cast<unsigned short *>(shared + p.bits_at);
    for (int row = threadIdx.x; row < p.passes * MW * (TOWER_WARPS / p.columns) * 16; row += TOWER_THREADS) {
        const int point = row % p.points, y = point / p.w, x = point % p.w;
        int b = 0;
        for (int tap = 0; tap < 9; tap++) {
            const int sy = y + tap / 3 - 1, sx = x + tap % 3 - 1;
            if (sy >= 0 && sy < p.h && sx >= 0 && sx < p.w) b |= 1 << tap;
        }
        if (row >= p.rows)
            b = 0; // A row beyond the last position sees only zeros and is not written.
        else if (row < count * p.points && (!arrays.mask || arrays.mask[position * p.points + row] != 0))
            b |= TOWER_ON_BOARD;
        bits[row] = (unsigned short)b;
    }
    const int vectors = p.stem_k / 8, held = p.planes / 8; // vectors of 16 bytes
    const uint4 *planes = reinterpret_cast<const uint4 *>(arrays.planes) + position * p.points * held;
    for (int item = threadIdx.x; item < p.rows * vectors; item += TOWER_THREADS) {
        const int row = item / vectors, vector = item % vectors;
        const bool there = row < count * p.points && vector < held;
        *reinterpret_cast<uint4 *>(shared + p.y_at + row * p.row_bytes + vector * 16) =
            there ? planes[row * held + vector] : zeros;
    }
    if (p.globals == 0) return;
    const float *weights = reinterpret_cast<const float *>(arrays.weights + p.globals_at);
    float *added = reinterpret_cast<float *>(shared + p.added_at);
    for (int item = threadIdx.x; item < p.positions * p.channels; item += TOWER_THREADS) {
        const int i = item / p.channels, channel = item % p.channels;
        float sum = 0;
        for (int g = 0; g < p.globals && i < count; g++)
            sum += arrays.globals[(position + i) * p.globals + g] * weights[g * p.channels + channel];
        added[item] = sum;
    }
}

template <class T, int MW, int NW>
static __global__ void __launch_bounds__(TOWER_THREADS, 1) tower_kernel(const tower_plan p, const tower_arrays arrays) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800
    __trap(); // tower_positions refuses such a card
#else
    DYNAMIC_SHARED(unsigned char, shared);
    const int before = (int)blockIdx.x * p.positions, count = min(p.positions, p.n - before);
    const T *pool_weights = reinterpret_cast<const T *>(arrays.weights + p.pool_at);
    tower_stream stream = {arrays.weights, arrays.weights, p.stem_k * 9 / 16 / TOWER_STEPS, p.passes, 2 * p.blocks + 1, 0, 0};
    fetch_bias(p, arrays, shared, 0);
    for (int i = 1; i < p.stages; i++) fetch_stage(p, shared, &stream);
    begin_positions<MW>(p, arrays, shared, count); // visible to all after the first stage's barrier
    for (int layer = 0; layer <= 2 * p.blocks; layer++) {
        convolve<T, MW, NW>(p, arrays, shared, &stream, layer);
        if (!(layer & 1) || !(p.pools >> layer / 2 & 1)) continue;
        pool_and_add<T>(p, shared, count, arrays.area + before, pool_weights);
        pool_weights += 3 * p.channels * p.channels;
    }
    __syncthreads();
    const int vectors = p.channels / 8;
    uint4 *y = reinterpret_cast<uint4 *>(arrays.y) + (size_t)before * p.points * vectors;
    for (int item = threadIdx.x; item < count * p.points * vectors; item += TOWER_THREADS)
        y[item] = *reinterpret_cast<const uint4 *>(shared + p.t_at + item / vectors * p.row_bytes + item % vectors * 16);
#endif
}

#endif
