// Memory-bound passes. Each reads its inputs once and writes its output once, 16 bytes at a time
// where rows are padded.
//
// 1. A thread owns a vector of 8 channels and walks over rows (vector.cuh); flat passes are
//    grid-stride loops.
// 2. A kernel that knows c writes zeros into the padding, whatever its input held there. Flat
//    passes turn zeros into zeros.
// 3. Arithmetic is fp32; an element is rounded once, when it is stored.
#include "kernels/pointwise.h"
#include "kernels/vector.cuh"

// --- Images.

template <class T>
static __global__ void expand_bits_kernel(size_t rows, int planes, struct tile tile, const uint32_t *bits, T *x) {
    const struct place at = place_of(tile);
    if (at.group >= tile.groups) return;
    const int left = planes - at.group * VECTOR, words = (planes + 31) / 32;
    const unsigned there = left >= VECTOR ? 0xffu : (1u << left) - 1;
    const size_t step = (size_t)gridDim.x * (size_t)tile.height;
    for (size_t r = (size_t)blockIdx.x * (size_t)tile.height + (size_t)at.row; r < rows; r += step) {
        const unsigned byte = bits[r * (size_t)words + (size_t)(at.group / 4)] >> at.group % 4 * VECTOR & there;
        float v[VECTOR];
        for (int k = 0; k < VECTOR; k++) v[k] = (float)(byte >> k & 1);
        store_vector(x + (r * (size_t)tile.groups + (size_t)at.group) * VECTOR, v);
    }
}

void expand_bits(struct device *d, enum element e, size_t rows, int planes, const uint32_t *bits, void *x) {
    if (rows == 0) return;
    const struct tile tile = tile_of(padded(planes) / VECTOR);
    FOR_ELEMENT(
        e, LAUNCH(expand_bits_kernel<T>, tile_grid(d, tile, rows), tile_threads(tile), 0, d, rows, planes, tile, bits, (T *)x));
}

// Rows of y from `there` on become zero.
template <class T>
static __global__ void rows_to_image_kernel(size_t rows, size_t there, int c, struct tile tile, const float *x, T *y) {
    const struct place at = place_of(tile);
    if (at.group >= tile.groups) return;
    const int first = at.group * VECTOR;
    const size_t step = (size_t)gridDim.x * (size_t)tile.height;
    for (size_t r = (size_t)blockIdx.x * (size_t)tile.height + (size_t)at.row; r < rows; r += step) {
        float v[VECTOR];
        load_some(x + r * (size_t)c + first, r < there ? c - first : 0, v);
        store_vector(y + r * (size_t)tile.groups * VECTOR + first, v);
    }
}

static void pad_rows(struct device *d, enum element e, size_t rows, size_t there, int c, const float *x, void *y) {
    if (rows == 0 || c == 0) return;
    const struct tile tile = tile_of(padded(c) / VECTOR);
    FOR_ELEMENT(e, LAUNCH(rows_to_image_kernel<T>, tile_grid(d, tile, rows), tile_threads(tile), 0, d, rows, there, c, tile, x,
                          (T *)y));
}

template <class T> static __global__ void image_to_rows_kernel(size_t rows, int c, struct tile tile, const T *x, float *y) {
    const struct place at = place_of(tile);
    if (at.group >= tile.groups) return;
    const int first = at.group * VECTOR;
    const size_t step = (size_t)gridDim.x * (size_t)tile.height;
    for (size_t r = (size_t)blockIdx.x * (size_t)tile.height + (size_t)at.row; r < rows; r += step) {
        float v[VECTOR];
        load_vector(x + r * (size_t)tile.groups * VECTOR + first, v);
        store_some(y + r * (size_t)c + first, c - first, v);
    }
}

void rows_to_image(struct device *d, enum element e, size_t rows, int c, const float *x, void *y) {
    pad_rows(d, e, rows, rows, c, x, y);
}
void image_to_rows(struct device *d, enum element e, size_t rows, int c, const void *x, float *y) {
    if (rows == 0 || c == 0) return;
    const struct tile tile = tile_of(padded(c) / VECTOR);
    FOR_ELEMENT(
        e, LAUNCH(image_to_rows_kernel<T>, tile_grid(d, tile, rows), tile_threads(tile), 0, d, rows, c, tile, (const T *)x, y));
}
void pack_matrix(struct device *d, enum element e, int in, int out, const float *weight, void *matrix) {
    pad_rows(d, e, (size_t)padded(in), (size_t)in, out, weight, matrix);
}
void unpack_matrix_gradient(struct device *d, int in, int out, const float *dmatrix, float *dweight) {
    image_to_rows(d, ELEMENT_F32, (size_t)in, out, dmatrix, dweight);
}
void pad_floats(struct device *d, int count, const float *x, float *y) { pad_rows(d, ELEMENT_F32, 1, 1, count, x, y); }

// --- Filters: a transpose between [in, out] and [out, in] for each of 9 taps, through a square of
// shared memory.

enum { TAPS = 9, SQUARE = 32, SQUARE_ROWS = 8 };

// to[b][a] = from[a][b] for a < rows and b < columns, with zeros up to all_rows and all_columns.
// Strides are in elements, and blockIdx.z is the tap.
struct transpose {
    int rows, columns, all_rows, all_columns;
    size_t from_stride, from_tap, to_stride, to_tap;
};

template <class T> static __global__ void transpose_kernel(struct transpose s, const float *from, T *to) {
    DYNAMIC_SHARED(float, square); // [SQUARE][SQUARE + 1], so that a column uses every bank once
    const int first_row = (int)blockIdx.y * SQUARE, first_column = (int)blockIdx.x * SQUARE, x = (int)threadIdx.x;
    from += blockIdx.z * s.from_tap;
    to += blockIdx.z * s.to_tap;
    for (int y = (int)threadIdx.y; y < SQUARE; y += SQUARE_ROWS) {
        const int a = first_row + y, b = first_column + x;
        square[y * (SQUARE + 1) + x] = a < s.rows && b < s.columns ? from[(size_t)a * s.from_stride + (size_t)b] : 0;
    }
    __syncthreads();
    for (int y = (int)threadIdx.y; y < SQUARE; y += SQUARE_ROWS) {
        const int a = first_row + x, b = first_column + y;
        if (a < s.all_rows && b < s.all_columns)
            to[(size_t)b * s.to_stride + (size_t)a] = from_float<T>(square[x * (SQUARE + 1) + y]);
    }
}

template <class T> static void transpose_taps(struct device *d, struct transpose s, const float *from, T *to) {
    const dim3 grid((unsigned)(s.all_columns + SQUARE - 1) / SQUARE, (unsigned)(s.all_rows + SQUARE - 1) / SQUARE, TAPS);
    LAUNCH(transpose_kernel<T>, grid, dim3(SQUARE, SQUARE_ROWS), SQUARE * (SQUARE + 1) * sizeof(float), d, s, from, to);
}

void pack_filter(struct device *d, enum element e, int in, int out, const float *weight, void *filter) {
    const size_t row = (size_t)padded(in);
    const struct transpose s = {in, out, padded(in), padded(out), (size_t)out, (size_t)in * (size_t)out, TAPS * row, row};
    FOR_ELEMENT(e, transpose_taps<T>(d, s, weight, (T *)filter));
}
void unpack_filter_gradient(struct device *d, int in, int out, const float *dfilter, float *dweight) {
    const size_t row = (size_t)padded(in);
    const struct transpose s = {out, in, out, in, TAPS * row, row, (size_t)out, (size_t)in * (size_t)out};
    transpose_taps<float>(d, s, dfilter, dweight);
}

// --- Bias, relu, mask.

// blockIdx.x is a position of `points` rows with a bias row of its own, and blockIdx.z is a part of
// its rows.
template <class T>
static __global__ void bias_kernel(size_t points, int c, struct tile tile, const T *x, const float *bias, bool relu,
                                   const float *mask, T *y) {
    const struct place at = place_of(tile);
    if (at.group >= tile.groups) return;
    const int first = at.group * VECTOR, num = c - first;
    float add[VECTOR] = {0};
    if (bias) load_some(bias + (size_t)blockIdx.x * (size_t)c + first, num, add);
    const size_t begin = (size_t)blockIdx.x * points, end = begin + points, step = (size_t)gridDim.z * (size_t)tile.height;
    for (size_t r = begin + (size_t)blockIdx.z * (size_t)tile.height + (size_t)at.row; r < end; r += step) {
        const size_t where = r * (size_t)tile.groups * VECTOR + (size_t)first;
        const float on = mask ? mask[r] : 1;
        float v[VECTOR];
        load_vector(x + where, v);
        for (int k = 0; k < VECTOR; k++) {
            const float value = v[k] + add[k];
            v[k] = k >= num || on == 0 || (relu && !(value > 0)) ? 0 : value * on;
        }
        store_vector(y + where, v);
    }
}

// Rows of a position for which a thread loads the bias once; chosen, not tuned.
enum { ROWS_A_THREAD = 4 };

void channel_bias_relu(struct device *d, enum element e, int n, int points, int c, const void *x, const float *bias,
                       const float *mask, void *y) {
    if (n == 0 || points == 0) return;
    const struct tile tile = tile_of(padded(c) / VECTOR);
    const int piece = tile.height * ROWS_A_THREAD;
    const dim3 grid((unsigned)n, (unsigned)tile_chunks(tile.groups), (unsigned)((points + piece - 1) / piece));
    FOR_ELEMENT(e, LAUNCH(bias_kernel<T>, grid, tile_threads(tile), 0, d, (size_t)points, c, tile, (const T *)x, bias, true,
                          mask, (T *)y));
}

void bias_relu_mask(struct device *d, enum element e, size_t rows, int c, const float *bias, bool relu, const float *mask,
                    void *y) {
    if (rows == 0) return;
    const struct tile tile = tile_of(padded(c) / VECTOR);
    const dim3 grid(1, (unsigned)tile_chunks(tile.groups), blocks_for(d, rows, (size_t)tile.height));
    FOR_ELEMENT(e,
                LAUNCH(bias_kernel<T>, grid, tile_threads(tile), 0, d, rows, c, tile, (const T *)y, bias, relu, mask, (T *)y));
}

// The rows that a thread loads before it adds them, so that loads overlap. Chosen, not tuned.
enum { IN_FLIGHT = 4 };

// Sums over rows: blockIdx.x is a segment of `segment` rows, which becomes one row of sums
// [columns]. Rows hold groups * W elements.
template <class T, int W>
static __global__ void sum_rows_kernel(size_t rows, size_t segment, int columns, struct tile tile, const T *x, float *sums) {
    DYNAMIC_SHARED(float, shared);
    const struct place at = place_of(tile);
    const size_t begin = (size_t)blockIdx.x * segment, end = begin + segment < rows ? begin + segment : rows;
    float sum[W] = {0};
    const size_t step = (size_t)tile.height;
    for (size_t r = begin + (size_t)at.row; at.group < tile.groups && r < end; r += IN_FLIGHT * step) {
        float v[IN_FLIGHT][W] = {{0}};
        for (int i = 0; i < IN_FLIGHT; i++)
            if (r + i * step < end) load_vector(x + ((r + i * step) * (size_t)tile.groups + (size_t)at.group) * W, v[i]);
        for (int i = 0; i < IN_FLIGHT; i++)
            for (int k = 0; k < W; k++) sum[k] += v[i][k];
    }
    reduce_tile<take_sum>(tile, shared, sum);
    if (at.row > 0 || at.group >= tile.groups) return;
    float *out = sums + (size_t)blockIdx.x * (size_t)columns;
    for (int k = 0; k < W; k++)
        if (at.group * W + k < columns) out[at.group * W + k] = sum[k];
}

template <class T, int W>
static void sum_segments(struct device *d, size_t num, size_t rows, size_t segment, int groups, int columns, const T *x,
                         float *sums) {
    const struct tile tile = tile_of(groups);
    const dim3 grid((unsigned)num, (unsigned)tile_chunks(groups));
    LAUNCH((sum_rows_kernel<T, W>), grid, tile_threads(tile), (size_t)tile_threads(tile) * W * sizeof(float), d, rows, segment,
           columns, tile, x, sums);
}

void channel_sums(struct device *d, enum element e, int n, int points, int c, const void *dy, float *sums) {
    if (n == 0) return;
    const size_t segment = (size_t)points;
    FOR_ELEMENT(
        e, (sum_segments<T, VECTOR>(d, (size_t)n, (size_t)n * segment, segment, padded(c) / VECTOR, c, (const T *)dy, sums)));
}

// Many rows are added in two stages: parts of whole tiles go to scratch, and then the parts are
// added. The number of parts depends on the shape alone. 4 blocks for every multiprocessor are few
// enough to add quickly; chosen, not tuned.
enum { MAX_PARTS = 512, TILES_A_PART = 8 };

template <class T, int W>
static void sum_columns(struct device *d, size_t rows, int groups, int columns, const T *x, float *sums) {
    const size_t least = (size_t)tile_of(groups).height * TILES_A_PART, wanted = (rows + least - 1) / least;
    if (wanted <= 1) {
        sum_segments<T, W>(d, 1, rows, rows, groups, columns, x, sums);
        return;
    }
    const size_t most = wanted < MAX_PARTS ? wanted : (size_t)MAX_PARTS, segment = (rows + most - 1) / most;
    const size_t parts = (rows + segment - 1) / segment;
    float *scratch = (float *)scratch_of(d, "column sums", parts * (size_t)groups * W * sizeof(float));
    sum_segments<T, W>(d, parts, rows, segment, groups, groups * W, x, scratch);
    sum_segments<float, W>(d, 1, parts, parts, groups, columns, scratch, sums);
}

void column_sums(struct device *d, enum element e, size_t rows, int c, const void *dy, float *sums) {
    FOR_ELEMENT(e, (sum_columns<T, VECTOR>(d, rows, padded(c) / VECTOR, c, (const T *)dy, sums)));
}
void column_sums_f32(struct device *d, size_t rows, int c, const float *dy, float *sums) {
    sum_columns<float, 1>(d, rows, c, c, dy, sums);
}

// --- Flat passes over images, which have a multiple of 8 elements.

struct relu_backward {
    static __device__ __forceinline__ float of(float x, float y) { return x > 0 ? y : 0; }
};
struct sum_of {
    static __device__ __forceinline__ float of(float x, float y) { return y + x; }
};

template <class OP, class T> static __global__ void combine_kernel(size_t vectors, const T *x, T *y) {
    const size_t step = (size_t)gridDim.x * blockDim.x;
    for (size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x; i < vectors; i += step) {
        float a[VECTOR], b[VECTOR];
        load_vector(x + i * VECTOR, a);
        load_vector(y + i * VECTOR, b);
        for (int k = 0; k < VECTOR; k++) b[k] = OP::of(a[k], b[k]);
        store_vector(y + i * VECTOR, b);
    }
}

template <class OP> static void combine_images(struct device *d, enum element e, size_t count, const void *x, void *y) {
    const size_t vectors = count / VECTOR;
    if (vectors == 0) return;
    const unsigned blocks = blocks_for(d, vectors, BLOCK_THREADS);
    FOR_ELEMENT(e, LAUNCH((combine_kernel<OP, T>), blocks, BLOCK_THREADS, 0, d, vectors, (const T *)x, (T *)y));
}

void relu_backward_image(struct device *d, enum element e, size_t count, const void *y, void *dy) {
    combine_images<relu_backward>(d, e, count, y, dy);
}
void add_image(struct device *d, enum element e, size_t count, const void *x, void *y) {
    combine_images<sum_of>(d, e, count, x, y);
}

// --- Flat passes over fp32 of any length and alignment: neighbouring threads take neighbouring
// floats.

static __global__ void relu_backward_f32_kernel(size_t count, const float *y, float *dy) {
    const size_t step = (size_t)gridDim.x * blockDim.x;
    for (size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += step) dy[i] = y[i] > 0 ? dy[i] : 0;
}
static __global__ void add_f32_kernel(size_t count, float scale, const float *x, float *y) {
    const size_t step = (size_t)gridDim.x * blockDim.x;
    for (size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += step) y[i] += scale * x[i];
}
// Vectors of 4 come first.
static __global__ void fill_kernel(size_t vectors, size_t count, float value, float *x) {
    const size_t step = (size_t)gridDim.x * blockDim.x, first = (size_t)blockIdx.x * blockDim.x + threadIdx.x;
    for (size_t i = first; i < vectors; i += step) ((float4 *)x)[i] = make_float4(value, value, value, value);
    for (size_t i = 4 * vectors + first; i < count; i += step) x[i] = value;
}

void relu_backward_f32(struct device *d, size_t count, const float *y, float *dy) {
    if (count) LAUNCH(relu_backward_f32_kernel, blocks_for(d, count, BLOCK_THREADS), BLOCK_THREADS, 0, d, count, y, dy);
}
void add_f32(struct device *d, size_t count, float scale, const float *x, float *y) {
    if (count) LAUNCH(add_f32_kernel, blocks_for(d, count, BLOCK_THREADS), BLOCK_THREADS, 0, d, count, scale, x, y);
}
void fill_f32(struct device *d, size_t count, float value, float *x) {
    if (count == 0) return;
    const size_t vectors = (uintptr_t)x % sizeof(float4) == 0 ? count / 4 : 0;
    LAUNCH(fill_kernel, blocks_for(d, vectors ? vectors : count, BLOCK_THREADS), BLOCK_THREADS, 0, d, vectors, count, value, x);
}

// --- Actions: between logits[head, n, planes points + globals] and maps[n, points, heads planes]
// with tail[n, heads globals].

struct actions {
    int n, points, heads, planes, globals;
};

// A block writes one position's logits of one head (blockIdx.y).
static __global__ void gather_kernel(struct actions s, const float *maps, const float *tail, float *logits) {
    const size_t n = blockIdx.x, head = blockIdx.y;
    const int on_board = s.planes * s.points, all = on_board + s.globals, channels = s.heads * s.planes;
    float *out = logits + (head * (size_t)s.n + n) * (size_t)all;
    maps += n * (size_t)s.points * (size_t)channels + head * (size_t)s.planes;
    // The tail is NULL where there are no globals, and then it is not read.
    tail += n * (size_t)s.heads * (size_t)s.globals + head * (size_t)s.globals;
    for (int a = (int)threadIdx.x; a < all; a += (int)blockDim.x)
        out[a] = a < on_board ? maps[a % s.points * channels + a / s.points] : tail[a - on_board];
}

// A block writes the maps and the tail of one position.
static __global__ void scatter_kernel(struct actions s, const float *dlogits, float *dmaps, float *dtail) {
    const size_t n = blockIdx.x;
    const int channels = s.heads * s.planes, on_board = s.planes * s.points, all = on_board + s.globals;
    const size_t head_stride = (size_t)s.n * (size_t)all;
    dlogits += n * (size_t)all;
    dmaps += n * (size_t)s.points * (size_t)channels;
    for (int i = (int)threadIdx.x; i < s.points * channels; i += (int)blockDim.x) {
        const int point = i / channels, channel = i % channels, head = channel / s.planes, plane = channel % s.planes;
        dmaps[i] = dlogits[(size_t)head * head_stride + (size_t)(plane * s.points + point)];
    }
    for (int i = (int)threadIdx.x; i < s.heads * s.globals; i += (int)blockDim.x) {
        const int head = i / s.globals, global = i % s.globals;
        dtail[n * (size_t)(s.heads * s.globals) + (size_t)i] =
            dlogits[(size_t)head * head_stride + (size_t)(on_board + global)];
    }
}

void gather_actions(struct device *d, int n, int points, int heads, int planes, int globals, const float *maps,
                    const float *tail, float *logits) {
    const struct actions s = {n, points, heads, planes, globals};
    if (n == 0 || heads == 0) return;
    LAUNCH(gather_kernel, dim3((unsigned)n, (unsigned)heads), BLOCK_THREADS, 0, d, s, maps, tail, logits);
}
void scatter_actions(struct device *d, int n, int points, int heads, int planes, int globals, const float *dlogits,
                     float *dmaps, float *dtail) {
    const struct actions s = {n, points, heads, planes, globals};
    if (n == 0 || heads == 0) return;
    LAUNCH(scatter_kernel, (unsigned)n, BLOCK_THREADS, 0, d, s, dlogits, dmaps, dtail);
}

bool pointwise_has_code(void) { return HAS_CODE(scatter_kernel); }
