// The loops of Winograd convolutions, included once by each file that is compiled for one
// instruction set (winograd_avx2.c, winograd_avx512.c, winograd_neon.c). Before the inclusion, that
// file defines:
//
//   vec, LANES                      a vector of floats, and how many it holds
//   vec_load(p), vec_store(p, v)    at any alignment
//   vec_load_some(p, n)             loads the first n < LANES floats, and zeros for the rest
//   vec_store_some(p, v, n)         stores the first n < LANES floats only
//   vec_all(f)                      f in every lane
//   vec_relu(v)                     the larger of v and 0, which is 0 where v is NaN
//   vec_fma(a, b, c)                a * b + c, rounded once
//   PRODUCTS(P)                     P(rows, vectors) for each shape of sums that fits the registers
//   max_rows[vectors]               the most rows of such a shape
//
// Multiply-adds are written as vec_fma where one rounding is meant. The compiler is told to fuse
// none by itself, so that every variant of a loop gives the same bits.
#include "kernels/winograd_points.h"

#include <string.h>

#define INLINE static inline __attribute__((always_inline))
enum { MAX_POINTS = WINOGRAD_MAX_POINTS };

// The product of (u - a^2) over all pairs but `skip` (-1 to skip none), as the coefficients of u^0,
// u^1, and so on.
INLINE void pair_product(struct winograd_points p, int skip, float c[4]) {
    c[0] = 1, c[1] = c[2] = c[3] = 0;
    for (int i = 0; i < p.pairs; i++) {
        if (i == skip) continue;
        const float square = p.a[i] * p.a[i];
        for (int k = 3; k > 0; k--) c[k] = c[k - 1] - square * c[k];
        c[0] = -square * c[0];
    }
}

// The sum over k <= degree of c[k] d[2 k step], where c[degree] is 1.
INLINE vec alternate(const float c[4], int degree, const vec *d, int step) {
    vec sum = d[2 * degree * step];
#pragma GCC unroll 4
    for (int k = 0; k < degree; k++) sum = vec_fma(vec_all(c[k]), d[2 * k * step], sum);
    return sum;
}

// From inputs d to values v at the points: row p of the matrix B^T holds the coefficients of the
// product of (x - q) over the other points q.
INLINE void input_line(struct winograd_points p, const vec *d, int step, vec *v) {
    float c[4];
    int at = 0;
    pair_product(p, -1, c);
    if (p.zero) v[at++] = alternate(c, p.pairs, d, step);
    if (p.infinity) v[2 * p.pairs + p.zero] = alternate(c, p.pairs, d + p.zero * step, step);
#pragma GCC unroll 3
    for (int i = 0; i < p.pairs; i++) {
        pair_product(p, i, c);
        const vec even = alternate(c, p.pairs - 1, d + p.zero * step, step);
        const vec odd = alternate(c, p.pairs - 1, d + (p.zero + 1) * step, step);
        v[at++] = vec_fma(vec_all(p.a[i]), even, odd);
        v[at++] = vec_fma(vec_all(-p.a[i]), even, odd);
    }
}

// From the values v of the result at the points to `side` outputs: y_k is the sum of p^k v_p.
INLINE void output_line(struct winograd_points p, int side, const vec *v, int step, vec *y) {
    vec sum[3], difference[3];
    float power[3] = {1, 1, 1};
#pragma GCC unroll 3
    for (int i = 0; i < p.pairs; i++) {
        const vec plus = v[(p.zero + 2 * i) * step], minus = v[(p.zero + 2 * i + 1) * step];
        sum[i] = plus + minus;
        difference[i] = plus - minus;
    }
#pragma GCC unroll 6
    for (int k = 0; k < side; k++) {
        const vec *half = k & 1 ? difference : sum;
        vec out = half[0];
        if (k > 0) out = out * vec_all(power[0]);
#pragma GCC unroll 3
        for (int i = 1; i < p.pairs; i++) out = vec_fma(vec_all(power[i]), half[i], out);
        if (k == 0 && p.zero) out = out + v[0];
        if (k == side - 1 && p.infinity) out = out + v[(2 * p.pairs + p.zero) * step];
        y[k] = out;
        for (int i = 0; i < p.pairs; i++) power[i] *= p.a[i];
    }
}

struct tile {
    const struct winograd *w;
    int y, x;     // the tile's first output on the board
    size_t board; // the number of the board's first point in x, y and mask
    int row;      // the tile's row in work memory
};

// The transform along x: from the rows of a patch, for one vector of channels, to values at the
// points of x. Rows off the board are zero.
INLINE void input_rows(int side, const struct tile *t, const float *x, int channels, vec *rows) {
    const int points_x = side + 2, points_y = t->w->side_y + 2, height = t->w->h, width = t->w->w, step = t->w->in;
    const int first_x = t->x - 1;
    for (int i = 0; i < points_y; i++, rows += points_x) {
        const int y = t->y + i - 1;
        vec d[MAX_POINTS];
        if (y < 0 || y >= height) {
            for (int j = 0; j < points_x; j++) rows[j] = vec_all(0);
            continue;
        }
        const float *from = x + (t->board + (size_t)(y * width)) * (size_t)step;
#pragma GCC unroll 8
        for (int j = 0; j < points_x; j++) {
            const int at = first_x + j;
            if (at < 0 || at >= width) {
                d[j] = vec_all(0);
            } else {
                // The hardware does not foresee this pattern of addresses.
                __builtin_prefetch(from + at * step + LANES);
                d[j] = channels == LANES ? vec_load(from + at * step) : vec_load_some(from + at * step, channels);
            }
        }
        input_line(winograd_points(side), d, 1, rows);
    }
}

// The transform along y, which writes to the planes of the products.
INLINE void input_columns(int side, int points_x, const vec *rows, float *to, size_t plane) {
    for (int j = 0; j < points_x; j++) {
        vec v[MAX_POINTS];
        input_line(winograd_points(side), rows + j, points_x, v);
#pragma GCC unroll 8
        for (int i = 0; i < side + 2; i++) vec_store(to + (size_t)(i * points_x + j) * plane, v[i]);
    }
}

static void input_tile(const struct tile *t, const float *x, float *work) {
    const struct winograd *w = t->w;
    vec rows[MAX_POINTS * MAX_POINTS];
    for (int c = 0; c < w->in; c += LANES) {
        const int channels = w->in - c < LANES ? w->in - c : LANES;
        switch (w->side_x) {
        case 3:
            input_rows(3, t, x + c, channels, rows);
            break;
        case 4:
            input_rows(4, t, x + c, channels, rows);
            break;
        case 5:
            input_rows(5, t, x + c, channels, rows);
            break;
        default:
            input_rows(6, t, x + c, channels, rows);
            break;
        }
        float *to = work + (size_t)t->row * w->in_row + c;
        switch (w->side_y) {
        case 3:
            input_columns(3, w->side_x + 2, rows, to, w->in_plane);
            break;
        case 4:
            input_columns(4, w->side_x + 2, rows, to, w->in_plane);
            break;
        case 5:
            input_columns(5, w->side_x + 2, rows, to, w->in_plane);
            break;
        default:
            input_columns(6, w->side_x + 2, rows, to, w->in_plane);
            break;
        }
    }
}

// The inverse transform along y: from the planes of the products to rows of outputs.
INLINE void output_columns(int side, int points_x, const float *from, size_t plane, vec *rows) {
    for (int j = 0; j < points_x; j++) {
        vec v[MAX_POINTS], y[MAX_POINTS];
#pragma GCC unroll 8
        for (int i = 0; i < side + 2; i++) v[i] = vec_load(from + (size_t)(i * points_x + j) * plane);
        output_line(winograd_points(side), side, v, 1, y);
#pragma GCC unroll 6
        for (int i = 0; i < side; i++) rows[i * points_x + j] = y[i];
    }
}

// Where a row of outputs goes. It is passed by value, since the compiler has to assume that a store
// of a vector changes anything in memory.
struct output_row {
    const float *residual, *mask; // NULL where there is none
    float *y;
    bool relu;
};

INLINE void finish(struct output_row row, vec v, vec bias, int at, int step, int channels) {
    const size_t to = (size_t)(at * step);
    v = v + bias;
    if (row.residual) v = v + (channels == LANES ? vec_load(row.residual + to) : vec_load_some(row.residual + to, channels));
    if (row.relu) v = vec_relu(v);
    if (row.mask && row.mask[at] == 0) v = vec_all(0);
    if (channels == LANES)
        vec_store(row.y + to, v);
    else
        vec_store_some(row.y + to, v, channels);
}

// The inverse transform along x, and the epilogue. Outputs beyond the board's edge are dropped.
INLINE void output_rows(int side, const struct tile *t, const struct winograd_epilogue *end, const vec *rows, int c,
                        int channels, float *y) {
    const int width = t->w->w, step = t->w->out, left = width - t->x, num = t->w->h - t->y;
    const vec bias = !end->bias          ? vec_all(0)
                     : channels == LANES ? vec_load(end->bias + c)
                                         : vec_load_some(end->bias + c, channels);
    const size_t point = t->board + (size_t)(t->y * width + t->x), at = point * (size_t)step + (size_t)c;
    struct output_row row = {.residual = end->residual ? end->residual + at : NULL,
                             .mask = end->mask ? end->mask + point : NULL,
                             .y = y + at,
                             .relu = end->relu};
    for (int i = 0; i < t->w->side_y && i < num; i++, rows += side + 2) {
        vec out[MAX_POINTS];
        output_line(winograd_points(side), side, rows, 1, out);
#pragma GCC unroll 6
        for (int j = 0; j < side; j++)
            if (j < left) finish(row, out[j], bias, j, step, channels);
        row.y += width * step;
        if (row.residual) row.residual += width * step;
        if (row.mask) row.mask += width;
    }
}

static void output_tile(const struct tile *t, const struct winograd_epilogue *end, const float *work, float *y) {
    const struct winograd *w = t->w;
    vec rows[MAX_POINTS * MAX_POINTS];
    for (int c = 0; c < w->out; c += LANES) {
        const int channels = w->out - c < LANES ? w->out - c : LANES;
        const float *from = work + (size_t)t->row * w->out_row + c;
        switch (w->side_y) {
        case 3:
            output_columns(3, w->side_x + 2, from, w->out_plane, rows);
            break;
        case 4:
            output_columns(4, w->side_x + 2, from, w->out_plane, rows);
            break;
        case 5:
            output_columns(5, w->side_x + 2, from, w->out_plane, rows);
            break;
        default:
            output_columns(6, w->side_x + 2, from, w->out_plane, rows);
            break;
        }
        switch (w->side_x) {
        case 3:
            output_rows(3, t, end, rows, c, channels, y);
            break;
        case 4:
            output_rows(4, t, end, rows, c, channels, y);
            break;
        case 5:
            output_rows(5, t, end, rows, c, channels, y);
            break;
        default:
            output_rows(6, t, end, rows, c, channels, y);
            break;
        }
    }
}

// The transpose of output_line, for gradients: v_p is the sum of p^k e_k.
INLINE void spread_line(struct winograd_points p, int side, const vec *e, int step, vec *v) {
    if (p.zero) v[0] = e[0];
    if (p.infinity) v[2 * p.pairs + p.zero] = e[(side - 1) * step];
#pragma GCC unroll 3
    for (int i = 0; i < p.pairs; i++) {
        vec even = e[0], odd = e[step] * vec_all(p.a[i]);
        float power = p.a[i];
#pragma GCC unroll 6
        for (int k = 2; k < side; k++) {
            power *= p.a[i];
            if (k & 1)
                odd = vec_fma(vec_all(power), e[k * step], odd);
            else
                even = vec_fma(vec_all(power), e[k * step], even);
        }
        v[p.zero + 2 * i] = even + odd;
        v[p.zero + 2 * i + 1] = even - odd;
    }
}

INLINE void spread_rows(int side, const struct tile *t, const float *dy, int channels, vec *rows) {
    const struct winograd *w = t->w;
    for (int i = 0; i < w->side_y; i++, rows += side + 2) {
        const float *from = dy + (t->board + (size_t)((t->y + i) * w->w)) * (size_t)w->out;
        vec e[MAX_POINTS];
#pragma GCC unroll 6
        for (int j = 0; j < side; j++) {
            const int at = t->x + j;
            e[j] = t->y + i >= w->h || at >= w->w ? vec_all(0)
                   : channels == LANES            ? vec_load(from + at * w->out)
                                                  : vec_load_some(from + at * w->out, channels);
        }
        spread_line(winograd_points(side), side, e, 1, rows);
    }
}

INLINE void spread_columns(int side, int points_x, const vec *rows, float *to, size_t plane) {
    for (int j = 0; j < points_x; j++) {
        vec v[MAX_POINTS];
        spread_line(winograd_points(side), side, rows + j, points_x, v);
#pragma GCC unroll 8
        for (int i = 0; i < side + 2; i++) vec_store(to + (size_t)(i * points_x + j) * plane, v[i]);
    }
}

static void spread_tile(const struct tile *t, const float *dy, float *work) {
    const struct winograd *w = t->w;
    vec rows[MAX_POINTS * MAX_POINTS];
    for (int c = 0; c < w->out; c += LANES) {
        const int channels = w->out - c < LANES ? w->out - c : LANES;
        switch (w->side_x) {
        case 3:
            spread_rows(3, t, dy + c, channels, rows);
            break;
        case 4:
            spread_rows(4, t, dy + c, channels, rows);
            break;
        case 5:
            spread_rows(5, t, dy + c, channels, rows);
            break;
        default:
            spread_rows(6, t, dy + c, channels, rows);
            break;
        }
        float *to = work + (size_t)t->row * w->out_row + c;
        switch (w->side_y) {
        case 3:
            spread_columns(3, w->side_x + 2, rows, to, w->out_plane);
            break;
        case 4:
            spread_columns(4, w->side_x + 2, rows, to, w->out_plane);
            break;
        case 5:
            spread_columns(5, w->side_x + 2, rows, to, w->out_plane);
            break;
        default:
            spread_columns(6, w->side_x + 2, rows, to, w->out_plane);
            break;
        }
    }
}

// c [rows, vectors] = a [rows, in] b [in, vectors], with all of c in registers. Whatever the shape,
// each element is summed in the order of `in`, so that a row's result does not depend on the rows
// beside it.
INLINE void product(int rows, int vectors, int in, const float *a, size_t a_row, const float *b, float *c, size_t c_row) {
    vec sum[12][WINOGRAD_MAX_PANEL];
#pragma GCC unroll 12
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 3
        for (int v = 0; v < vectors; v++) sum[r][v] = vec_all(0);
    for (int k = 0; k < in; k++, b += vectors * LANES) {
        vec weights[WINOGRAD_MAX_PANEL];
#pragma GCC unroll 3
        for (int v = 0; v < vectors; v++) weights[v] = vec_load(b + v * LANES);
#pragma GCC unroll 12
        for (int r = 0; r < rows; r++) {
            const vec input = vec_all(a[(size_t)r * a_row + (size_t)k]);
#pragma GCC unroll 3
            for (int v = 0; v < vectors; v++) sum[r][v] = vec_fma(input, weights[v], sum[r][v]);
        }
    }
#pragma GCC unroll 12
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 3
        for (int v = 0; v < vectors; v++) vec_store(c + (size_t)r * c_row + v * LANES, sum[r][v]);
}

// Adds the transpose of a [tiles, rows] times b [tiles, vectors] to c [rows, vectors].
INLINE void gradient_product(int rows, int vectors, int tiles, const float *a, size_t a_row, const float *b, size_t b_row,
                             float *c, size_t c_row) {
    vec sum[12][WINOGRAD_MAX_PANEL];
#pragma GCC unroll 12
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 3
        for (int v = 0; v < vectors; v++) sum[r][v] = vec_load(c + (size_t)r * c_row + v * LANES);
    for (int t = 0; t < tiles; t++, a += a_row, b += b_row) {
        vec gradients[WINOGRAD_MAX_PANEL];
#pragma GCC unroll 3
        for (int v = 0; v < vectors; v++) gradients[v] = vec_load(b + v * LANES);
#pragma GCC unroll 12
        for (int r = 0; r < rows; r++) {
            const vec input = vec_all(a[r]);
#pragma GCC unroll 3
            for (int v = 0; v < vectors; v++) sum[r][v] = vec_fma(input, gradients[v], sum[r][v]);
        }
    }
#pragma GCC unroll 12
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 3
        for (int v = 0; v < vectors; v++) vec_store(c + (size_t)r * c_row + v * LANES, sum[r][v]);
}

typedef void product_function(int in, const float *a, size_t a_row, const float *b, float *c, size_t c_row);
typedef void gradient_function(int tiles, const float *a, size_t a_row, const float *b, size_t b_row, float *c, size_t c_row);
#define DEFINE_PRODUCT(rows, vectors)                                                                                          \
    static void product_##rows##_##vectors(int in, const float *a, size_t a_row, const float *b, float *c, size_t c_row) {     \
        product(rows, vectors, in, a, a_row, b, c, c_row);                                                                     \
    }
PRODUCTS(DEFINE_PRODUCT)
#define DEFINE_GRADIENT(rows, vectors)                                                                                         \
    static void gradient_##rows##_##vectors(int tiles, const float *a, size_t a_row, const float *b, size_t b_row, float *c,   \
                                            size_t c_row) {                                                                    \
        gradient_product(rows, vectors, tiles, a, a_row, b, b_row, c, c_row);                                                  \
    }
PRODUCTS(DEFINE_GRADIENT)
#define LIST_GRADIENT(rows, vectors) [vectors][rows] = gradient_##rows##_##vectors,
static gradient_function *const gradient_table[WINOGRAD_MAX_PANEL + 1][13] = {PRODUCTS(LIST_GRADIENT)};
#define LIST_PRODUCT(rows, vectors) [vectors][rows] = product_##rows##_##vectors,
static product_function *const product_table[WINOGRAD_MAX_PANEL + 1][13] = {PRODUCTS(LIST_PRODUCT)};

// How the sums of a product are cut: into panels of vectors, and for each width of a panel into
// groups of rows. Divisions are slow compared with the products of small boards, so they are made
// once for all products of a block.
struct shape {
    struct winograd_cut panels, groups[WINOGRAD_MAX_PANEL + 1];
};
static struct shape shape_of(const struct winograd *w, int rows) {
    struct shape shape = {.panels = winograd_panels(w->code, w->out)};
    for (int v = 1; v <= w->code->max_panel; v++) shape.groups[v] = winograd_cut_to(max_rows[v], rows);
    return shape;
}

// Computes all rows of one product of the block.
static void multiply(const struct winograd *w, const struct shape *shape, const float *a, const float *b, float *c) {
    for (int panel = 0; panel < shape->panels.parts; panel++) {
        const int vectors = winograd_part_size(shape->panels, panel);
        const struct winograd_cut groups = shape->groups[vectors];
        const float *from = a;
        float *to = c;
        for (int g = 0; g < groups.parts; g++) {
            const int num = winograd_part_size(groups, g);
            product_table[vectors][num](w->in, from, w->in_row, b, to, w->out_row);
            from += (size_t)num * w->in_row;
            to += (size_t)num * w->out_row;
        }
        b += (size_t)w->in * (size_t)(vectors * LANES);
        c += vectors * LANES;
    }
}

static struct tile tile_of(const struct winograd *w, int row) {
    const int tiles = w->tiles_y * w->tiles_x, at = row % tiles;
    return (struct tile){.w = w,
                         .y = at / w->tiles_x * w->side_y,
                         .x = at % w->tiles_x * w->side_x,
                         .board = (size_t)(row / tiles) * (size_t)(w->h * w->w),
                         .row = row};
}

static void block(const struct winograd *w, int boards, const float *x, const float *packed,
                  const struct winograd_epilogue *end, float *y, float *work) {
    const int rows = boards * w->tiles_y * w->tiles_x;
    const size_t weights = (size_t)w->in * (size_t)(winograd_vectors(w->code, w->out) * LANES);
    float *out = work + (size_t)w->products * w->in_plane;
    for (int row = 0; row < rows; row++) {
        const struct tile t = tile_of(w, row);
        input_tile(&t, x, work);
    }
    const struct shape shape = shape_of(w, rows);
    for (int p = 0; p < w->products; p++)
        multiply(w, &shape, work + (size_t)p * w->in_plane, packed + (size_t)p * weights, out + (size_t)p * w->out_plane);
    for (int row = 0; row < rows; row++) {
        const struct tile t = tile_of(w, row);
        output_tile(&t, end, out, y);
    }
}

// Adds to all sums [in, out] of one product. A panel of gradients stays in the first-level cache
// while groups of inputs pass.
static void multiply_gradient(const struct winograd *w, const struct shape *shape, int tiles, const float *a, const float *b,
                              float *sums) {
    const size_t sums_row = (size_t)(winograd_vectors(w->code, w->out) * LANES);
    for (int panel = 0; panel < shape->panels.parts; panel++) {
        const int vectors = winograd_part_size(shape->panels, panel);
        const struct winograd_cut groups = shape->groups[vectors];
        const float *from = a;
        float *to = sums;
        for (int g = 0; g < groups.parts; g++) {
            const int num = winograd_part_size(groups, g);
            gradient_table[vectors][num](tiles, from, w->in_row, b, w->out_row, to, sums_row);
            from += num;
            to += (size_t)num * sums_row;
        }
        b += vectors * LANES;
        sums += vectors * LANES;
    }
}

static void gradient_block(const struct winograd *w, int boards, const float *x, const float *dy, float *sums, float *work) {
    const int rows = boards * w->tiles_y * w->tiles_x;
    const size_t plane = (size_t)w->in * (size_t)(winograd_vectors(w->code, w->out) * LANES);
    float *spread = work + (size_t)w->products * w->in_plane;
    for (int row = 0; row < rows; row++) {
        const struct tile t = tile_of(w, row);
        input_tile(&t, x, work);
        spread_tile(&t, dy, spread);
    }
    const struct shape shape = shape_of(w, w->in);
    for (int p = 0; p < w->products; p++)
        multiply_gradient(w, &shape, rows, work + (size_t)p * w->in_plane, spread + (size_t)p * w->out_plane,
                          sums + (size_t)p * plane);
}
