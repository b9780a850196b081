// Winograd convolutions: plans, and the transforms of weights. The loops over boards are in
// winograd_loops.h.
//
// Packed weights are [products][panels][in][panel width], so that a matrix product reads them in
// one ascending sweep. Work memory holds the transformed inputs, [products][tiles of a block][in],
// and then the results, [products][tiles of a block][out]. A row is padded to whole cache lines,
// and the plane of a product to an odd number of them: a tile writes to all planes at once, and
// these addresses must not fall into one set of the cache.
#include "kernels/winograd.h"

#include "kernels/winograd_points.h"

#include <string.h>
#include <unistd.h>

enum { LINE = 16 }; // the floats of a cache line

static const struct winograd_code *const codes[] = {
#ifdef __x86_64__
    &winograd_avx512, &winograd_avx2,
#elif defined(__aarch64__)
    &winograd_neon,
#endif
    NULL};

const struct winograd_code *winograd_code(int index) {
    for (int i = 0; codes[i]; i++)
        if (codes[i]->usable() && index-- == 0) return codes[i];
    return NULL;
}
const char *winograd_code_name(const struct winograd_code *code) { return code->name; }

// The side of tiles with the fewest products. Where two are equal it is the smaller, which has
// fewer weights to read and smaller errors.
static int best_side(int length) {
    int best = WINOGRAD_MIN_SIDE, least = 1 << 30;
    for (int side = WINOGRAD_MIN_SIDE; side <= WINOGRAD_MAX_SIDE; side++) {
        const int products = (length + side - 1) / side * (side + 2);
        if (products < least) least = products, best = side;
    }
    return best;
}

static size_t whole_lines(size_t floats) { return (floats + LINE - 1) / LINE * LINE; }
static size_t odd_lines(size_t floats) { return (whole_lines(floats) / LINE | 1) * LINE; }

// Three eighths of the second-level cache, as boards and weights pass through the rest. With a
// cache of 1 MB, anything from 1/4 to 1/2 is equally fast, and 3/4 costs 5 to 10 %.
static size_t cache_floats(void) {
    const long bytes = sysconf(_SC_LEVEL2_CACHE_SIZE);
    return (size_t)(bytes > 0 ? bytes : 512 << 10) / 8 * 3 / sizeof(float);
}
// A matrix product of fewer rows would use the weights too little for what fetching them costs.
// Chosen, not tuned.
enum { MIN_ROWS = 8 };

static void init(struct winograd *w, const struct winograd_code *code, int height, int width, int side_y, int side_x, int in,
                 int out, size_t block_floats) {
    *w = (struct winograd){.code = code, .h = height, .w = width, .in = in, .out = out, .side_y = side_y, .side_x = side_x};
    w->tiles_y = (height + side_y - 1) / side_y;
    w->tiles_x = (width + side_x - 1) / side_x;
    w->products = (side_y + 2) * (side_x + 2);
    w->in_row = whole_lines((size_t)in);
    w->out_row = whole_lines((size_t)out);
    const size_t tiles = (size_t)(w->tiles_y * w->tiles_x), board = (size_t)w->products * tiles * (w->in_row + w->out_row);
    const size_t boards = block_floats / board, least = (MIN_ROWS + tiles - 1) / tiles;
    w->boards = (int)(boards < least ? least : boards);
    w->in_plane = odd_lines((size_t)w->boards * tiles * w->in_row);
    w->out_plane = odd_lines((size_t)w->boards * tiles * w->out_row);
}

void winograd_init(struct winograd *w, const struct winograd_code *code, int height, int width, int in, int out) {
    winograd_init_sides(w, code, height, width, best_side(height), best_side(width), in, out);
}

void winograd_init_sides(struct winograd *w, const struct winograd_code *code, int height, int width, int side_y, int side_x,
                         int in, int out) {
    init(w, code, height, width, side_y, side_x, in, out, cache_floats());
}

// The sums of a gradient are as large as the weights, and each block reads and writes them once. So
// a block takes three quarters of the cache. Half and all of it are within 5 %; blocks of several
// megabytes, which read the sums more seldom, are 20 % slower.
void winograd_init_gradient(struct winograd *w, const struct winograd_code *code, int height, int width, int in, int out) {
    init(w, code, height, width, best_side(height), best_side(width), in, out, 2 * cache_floats());
}

size_t winograd_packed_floats(const struct winograd *w) {
    return (size_t)w->products * (size_t)w->in * (size_t)(winograd_vectors(w->code, w->out) * w->code->lanes);
}
size_t winograd_work_floats(const struct winograd *w) { return (size_t)w->products * (w->in_plane + w->out_plane); }
size_t winograd_gradient_work_floats(const struct winograd *w) { return winograd_work_floats(w) + winograd_packed_floats(w); }

// The matrix G that evaluates one side of a 3x3 kernel at the points of `side`. Its row j is (1, p,
// p^2) divided by the product of (p - q) over the other points q; the row of infinity is (0, 0, 1).
struct kernel_transform {
    int points;
    double row[WINOGRAD_MAX_POINTS][3];
};

static struct kernel_transform kernel_transform(int side) {
    const struct winograd_points points = winograd_points(side);
    struct kernel_transform t = {.points = side + 2};
    double p[WINOGRAD_MAX_POINTS];
    int finite = 0;
    if (points.zero) p[finite++] = 0;
    for (int i = 0; i < points.pairs; i++) {
        p[finite++] = (double)points.a[i];
        p[finite++] = -(double)points.a[i];
    }
    for (int j = 0; j < finite; j++) {
        double scale = 1;
        for (int q = 0; q < finite; q++)
            if (q != j) scale *= p[j] - p[q];
        for (int k = 0; k < 3; k++) t.row[j][k] = (k == 0 ? 1 : k == 1 ? p[j] : p[j] * p[j]) / scale;
    }
    if (points.infinity) t.row[finite][2] = 1;
    return t;
}

enum { MIN_LANES = 4, MAX_LANES = 16 };

// Transforms the kernels of MAX_LANES outputs of one input, from g [3][3] to u [products].
static void transform_kernel(const struct kernel_transform *ty, const struct kernel_transform *tx, const double g[9][MAX_LANES],
                             float u[WINOGRAD_MAX_POINTS * WINOGRAD_MAX_POINTS][MAX_LANES]) {
    for (int i = 0; i < ty->points; i++) {
        double rows[3][MAX_LANES];
        for (int x = 0; x < 3; x++)
            for (int l = 0; l < MAX_LANES; l++)
                rows[x][l] = ty->row[i][0] * g[x][l] + ty->row[i][1] * g[3 + x][l] + ty->row[i][2] * g[6 + x][l];
        for (int j = 0; j < tx->points; j++)
            for (int l = 0; l < MAX_LANES; l++)
                u[i * tx->points + j][l] =
                    (float)(tx->row[j][0] * rows[0][l] + tx->row[j][1] * rows[1][l] + tx->row[j][2] * rows[2][l]);
    }
}

// Where a vector of outputs has its weights among those of a product: the ones of input k are at
// first + k * step.
struct place {
    size_t first, step;
};

static struct place place_of(const struct winograd *w, int vector) {
    const struct winograd_cut panels = winograd_panels(w->code, w->out);
    int panel = 0, start = 0;
    while (start + winograd_part_size(panels, panel) <= vector) start += winograd_part_size(panels, panel++);
    const size_t lanes = (size_t)w->code->lanes;
    return (struct place){((size_t)start * (size_t)w->in + (size_t)(vector - start)) * lanes,
                          (size_t)winograd_part_size(panels, panel) * lanes};
}

// Element (tap, k, c) of the kernel is weight[tap * in * out + k * in_stride + c * out_stride].
// `flip` reverses the order of the taps.
static void pack(const struct winograd *w, const float *weight, size_t in_stride, size_t out_stride, bool flip, float *packed) {
    const struct kernel_transform ty = kernel_transform(w->side_y), tx = kernel_transform(w->side_x);
    const int lanes = w->code->lanes;
    const size_t plane = winograd_packed_floats(w) / (size_t)w->products, taps = (size_t)w->in * (size_t)w->out;
    float u[WINOGRAD_MAX_POINTS * WINOGRAD_MAX_POINTS][MAX_LANES];
    for (int c = 0; c < w->out; c += MAX_LANES) {
        const int num = w->out - c < MAX_LANES ? w->out - c : MAX_LANES;
        struct place places[MAX_LANES / MIN_LANES];
        for (int l = 0; l < num; l += lanes) places[l / lanes] = place_of(w, (c + l) / lanes);
        for (int k = 0; k < w->in; k++) {
            double g[9][MAX_LANES] = {0};
            for (int tap = 0; tap < 9; tap++) {
                const float *from = weight + (size_t)(flip ? 8 - tap : tap) * taps + (size_t)k * in_stride;
                for (int l = 0; l < num; l++) g[tap][l] = from[(size_t)(c + l) * out_stride];
            }
            transform_kernel(&ty, &tx, g, u);
            for (int l = 0; l < num; l += lanes) {
                float *to = packed + places[l / lanes].first + (size_t)k * places[l / lanes].step;
                for (int p = 0; p < w->products; p++, to += plane)
                    for (int i = 0; i < lanes; i += MIN_LANES) memcpy(to + i, u[p] + l + i, MIN_LANES * sizeof(float));
            }
        }
    }
}

void winograd_pack(const struct winograd *w, const float *weight, float *packed) {
    pack(w, weight, (size_t)w->out, 1, false, packed);
}
void winograd_pack_backward(const struct winograd *w, const float *weight, float *packed) {
    pack(w, weight, 1, (size_t)w->in, true, packed);
}

void winograd_convolve(const struct winograd *w, int n, const float *x, const float *packed,
                       const struct winograd_epilogue *end, float *y, float *work) {
    const size_t points = (size_t)w->h * (size_t)w->w;
    for (int first = 0; first < n; first += w->boards) {
        const int boards = n - first < w->boards ? n - first : w->boards;
        const size_t at = (size_t)first * points;
        struct winograd_epilogue here = *end;
        if (here.residual) here.residual += at * (size_t)w->out;
        if (here.mask) here.mask += at;
        w->code->block(w, boards, x + at * (size_t)w->in, packed, &here, y + at * (size_t)w->out, work);
    }
}

// dweight = G^T sums G, computed for one vector of outputs of one input at a time.
static void transform_gradient(const struct winograd *w, const struct kernel_transform *ty, const struct kernel_transform *tx,
                               const float *sums, size_t plane, int num, float *dweight) {
    const size_t taps = (size_t)w->in * (size_t)w->out;
    double g[9][MAX_LANES] = {0};
    for (int i = 0; i < ty->points; i++) {
        double rows[3][MAX_LANES] = {0};
        for (int j = 0; j < tx->points; j++) {
            const float *u = sums + (size_t)(i * tx->points + j) * plane;
            for (int x = 0; x < 3; x++)
                for (int l = 0; l < num; l++) rows[x][l] += tx->row[j][x] * (double)u[l];
        }
        for (int tap = 0; tap < 9; tap++)
            for (int l = 0; l < MAX_LANES; l++) g[tap][l] += ty->row[i][tap / 3] * rows[tap % 3][l];
    }
    for (int tap = 0; tap < 9; tap++)
        for (int l = 0; l < num; l++) dweight[(size_t)tap * taps + (size_t)l] = (float)g[tap][l];
}

void winograd_gradient(const struct winograd *w, int n, const float *x, const float *dy, float *dweight, float *work) {
    const struct kernel_transform ty = kernel_transform(w->side_y), tx = kernel_transform(w->side_x);
    const size_t points = (size_t)w->h * (size_t)w->w, row = (size_t)(winograd_vectors(w->code, w->out) * w->code->lanes),
                 plane = (size_t)w->in * row;
    float *sums = work + winograd_work_floats(w);
    memset(sums, 0, winograd_packed_floats(w) * sizeof *sums);
    for (int first = 0; first < n; first += w->boards) {
        const int boards = n - first < w->boards ? n - first : w->boards;
        const size_t at = (size_t)first * points;
        w->code->gradient_block(w, boards, x + at * (size_t)w->in, dy + at * (size_t)w->out, sums, work);
    }
    for (int k = 0; k < w->in; k++)
        for (int c = 0; c < w->out; c += MAX_LANES)
            transform_gradient(w, &ty, &tx, sums + (size_t)k * row + c, plane, w->out - c < MAX_LANES ? w->out - c : MAX_LANES,
                               dweight + (size_t)(k * w->out + c));
}
