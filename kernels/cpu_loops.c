// The inner loops run over neighbouring channels, without dependencies, so that the compiler turns
// them into vector instructions for whatever processor the build is for.
// Where sums cross rows, a block of channels is kept in registers while the rows pass by. The order
// of each sum is fixed, so that results do not depend on the number of rows beside it.
#include "kernels/cpu_loops.h"

#include <math.h>
#include <string.h>

enum { BLOCK = 32 }; // channels that stay in registers or L1 while the rows pass

static inline int least(int a, int b) { return a < b ? a : b; }

void cpu_bias_relu(size_t rows, int c, const float *bias, bool relu, float *y) {
    for (size_t r = 0; r < rows; r++) {
        float *row = y + r * (size_t)c;
        if (bias && relu)
            for (int k = 0; k < c; k++) {
                const float v = row[k] + bias[k];
                row[k] = v > 0 ? v : 0;
            }
        else if (bias)
            for (int k = 0; k < c; k++) row[k] += bias[k];
        else if (relu)
            for (int k = 0; k < c; k++) row[k] = row[k] > 0 ? row[k] : 0;
    }
}

void cpu_mask(size_t rows, int c, const float *mask, float *y) {
    for (size_t r = 0; r < rows; r++)
        if (mask[r] == 0) memset(y + r * (size_t)c, 0, (size_t)c * sizeof(float));
}

void cpu_channel_bias_relu(int n, int points, int c, const float *x, const float *bias, const float *mask, float *y) {
    for (int i = 0; i < n; i++)
        for (int p = 0; p < points; p++) {
            const size_t at = (size_t)i * points + p;
            const float *in = x + at * c, *b = bias + (size_t)i * c;
            float *out = y + at * c;
            const float on = mask ? mask[at] : 1;
#pragma GCC ivdep // in place, an element depends on itself alone
            for (int k = 0; k < c; k++) {
                const float v = in[k] + b[k];
                out[k] = v > 0 ? v * on : 0;
            }
        }
}

void cpu_column_sums(size_t rows, int c, const float *x, float *sums) {
    for (int first = 0; first < c; first += BLOCK) {
        const int num = least(BLOCK, c - first);
        double total[BLOCK] = {0};
        // Short sums in float are added to a double: that is exact enough, and fast.
        for (size_t r0 = 0; r0 < rows; r0 += 64) {
            float part[BLOCK] = {0};
            const size_t end = rows - r0 < 64 ? rows : r0 + 64;
            for (size_t r = r0; r < end; r++)
                for (int k = 0; k < num; k++) part[k] += x[r * (size_t)c + first + k];
            for (int k = 0; k < num; k++) total[k] += part[k];
        }
        for (int k = 0; k < num; k++) sums[first + k] = (float)total[k];
    }
}

void cpu_relu_backward(size_t count, const float *y, float *dy) {
    for (size_t i = 0; i < count; i++) dy[i] = y[i] > 0 ? dy[i] : 0;
}

// A part of y stays in registers. Vectors are copied one by one, since the compiler would keep a
// larger copy in memory. Four floats are a register of every x86-64. Eight would be a tenth faster
// with AVX2 (for a single row twice as fast), but without AVX2 they would go through memory.
enum { DENSE_ROWS = 4, DENSE_VECTORS = 2, DENSE_LANES = 4, DENSE_COLUMNS = DENSE_VECTORS * DENSE_LANES };
typedef float dense_vector __attribute__((vector_size(DENSE_LANES * sizeof(float))));

// Here and in dense_rest each element is summed in the order of `in`.
static inline __attribute__((always_inline)) void dense_block(int rows, int in, int out, const float *x, const float *weight,
                                                              float *y) {
    dense_vector sum[DENSE_ROWS][DENSE_VECTORS] = {0};
    for (int k = 0; k < in; k++, weight += out) {
        dense_vector w[DENSE_VECTORS];
#pragma GCC unroll 2
        for (int v = 0; v < DENSE_VECTORS; v++) memcpy(&w[v], weight + v * DENSE_LANES, sizeof w[v]);
#pragma GCC unroll 4
        for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
            for (int v = 0; v < DENSE_VECTORS; v++) sum[r][v] += x[(size_t)r * (size_t)in + (size_t)k] * w[v];
    }
#pragma GCC unroll 4
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
        for (int v = 0; v < DENSE_VECTORS; v++)
            memcpy(y + (size_t)r * (size_t)out + v * DENSE_LANES, &sum[r][v], sizeof sum[r][v]);
}

static void dense_rest(int rows, int columns, int in, int out, const float *x, const float *weight, float *y) {
    for (int r = 0; r < rows; r++, x += in, y += out) {
        for (int c = 0; c < columns; c++) y[c] = 0;
        for (int k = 0; k < in; k++)
            for (int c = 0; c < columns; c++) y[c] += x[k] * weight[(size_t)k * (size_t)out + (size_t)c];
    }
}

void cpu_dense(int rows, int in, int out, const float *x, const float *weight, float *y) {
    const int whole = out / DENSE_COLUMNS * DENSE_COLUMNS;
    for (int c = 0; c < whole; c += DENSE_COLUMNS) {
        int r = 0;
        for (; r + DENSE_ROWS <= rows; r += DENSE_ROWS)
            dense_block(DENSE_ROWS, in, out, x + (size_t)r * (size_t)in, weight + c, y + (size_t)r * (size_t)out + c);
        for (; r < rows; r++) dense_block(1, in, out, x + (size_t)r * (size_t)in, weight + c, y + (size_t)r * (size_t)out + c);
    }
    if (whole < out) dense_rest(rows, out - whole, in, out, x, weight + whole, y + whole);
}

void cpu_add(size_t count, float scale, const float *x, float *y) {
    for (size_t i = 0; i < count; i++) y[i] += scale * x[i];
}

static float width_factor(float area) { return (sqrtf(area) - 9) / 5; }

void cpu_pool_forward(int n, int points, int c, const float *x, const float *area, float *y) {
    for (int i = 0; i < n; i++)
        for (int first = 0; first < c; first += BLOCK) {
            const int num = least(BLOCK, c - first);
            float sum[BLOCK] = {0}, most[BLOCK] = {0};
            for (int p = 0; p < points; p++) {
                const float *row = x + ((size_t)i * points + p) * c + first;
                for (int k = 0; k < num; k++) {
                    sum[k] += row[k];
                    most[k] = row[k] > most[k] ? row[k] : most[k];
                }
            }
            float *out = y + (size_t)i * 3 * c + first;
            for (int k = 0; k < num; k++) {
                out[k] = sum[k] / area[i];
                out[c + k] = out[k] * width_factor(area[i]);
                out[2 * c + k] = most[k];
            }
        }
}

void cpu_pool_backward(int n, int points, int c, const float *x, const float *area, const float *y, const float *dy,
                       float *dx) {
    for (int i = 0; i < n; i++)
        for (int first = 0; first < c; first += BLOCK) {
            const int num = least(BLOCK, c - first);
            const float *d = dy + (size_t)i * 3 * c + first, *most = y + (size_t)i * 3 * c + 2 * c + first;
            float flat[BLOCK], peak[BLOCK]; // peak is what the first maximum still has to get
            for (int k = 0; k < num; k++) {
                flat[k] = (d[k] + d[c + k] * width_factor(area[i])) / area[i];
                peak[k] = d[2 * c + k];
            }
            for (int p = 0; p < points; p++) {
                const size_t at = ((size_t)i * points + p) * c + first;
                for (int k = 0; k < num; k++) {
                    const float hit = x[at + k] == most[k] ? peak[k] : 0;
                    dx[at + k] += flat[k] + hit;
                    peak[k] -= hit;
                }
            }
        }
}
