// Where Winograd's polynomials are evaluated, and what winograd.c shares with the files that are
// each compiled for one instruction set. Private to these files.
//
// m outputs need m + 2 points: pairs of +a and -a, and perhaps 0 and infinity. They come in pairs
// because the even and the odd half of a polynomial serve both signs. Their values are exact in
// binary and were found by a search for the smallest error: the root mean square error in fp32
// relative to the result's, over 60 tiles with 96 channels of half-normal inputs and normal
// weights. It stands behind each set below. With the points of Lavin and Gray, which are 0, +-1,
// +-2 (and +-1/2), 4 outputs have 1.7e-6, 5 have 2.6e-6 and 6 have 3.1e-6; a direct sum has 2e-7.
#ifndef KERNELS_WINOGRAD_POINTS_H
#define KERNELS_WINOGRAD_POINTS_H

#include "kernels/winograd.h"

enum { WINOGRAD_MIN_SIDE = 3, WINOGRAD_MAX_SIDE = 6, WINOGRAD_MAX_POINTS = WINOGRAD_MAX_SIDE + 2, WINOGRAD_MAX_PANEL = 3 };

// The order in the transforms is zero, then +a and -a of each pair, then infinity.
struct winograd_points {
    int pairs, zero, infinity;
    float a[3];
};

static inline __attribute__((always_inline)) struct winograd_points winograd_points(int side) {
    switch (side) {
    case 3:
        return (struct winograd_points){2, 0, 1, {0.375f, 1.25f}}; // 4.2e-7
    case 4:
        return (struct winograd_points){2, 1, 1, {0.625f, 1.5f}}; // 7.2e-7
    case 5:
        return (struct winograd_points){3, 1, 0, {0.5f, 1.25f, 3}}; // 1.6e-6
    default:
        return (struct winograd_points){3, 1, 1, {0.5f, 1, 1.75f}}; // 3.1e-6
    }
}

struct winograd_code {
    const char *name;
    int lanes;            // the floats of a vector: 4, 8 or 16
    int max_panel;        // how many vectors of outputs a product holds in registers
    bool (*usable)(void); // whether this processor has the instructions
    void (*block)(const struct winograd *w, int boards, const float *x, const float *packed,
                  const struct winograd_epilogue *end, float *y, float *work);
    // Adds to sums [products][in][out], where `out` is rounded up to whole vectors.
    void (*gradient_block)(const struct winograd *w, int boards, const float *x, const float *dy, float *sums, float *work);
};

// A whole is cut into parts of nearly equal size, so that no small rest wastes the registers. The
// first `larger` parts have one more than `size`.
struct winograd_cut {
    int parts, size, larger;
};
static inline struct winograd_cut winograd_cut_to(int most, int whole) {
    const int parts = (whole + most - 1) / most;
    return (struct winograd_cut){parts, whole / parts, whole % parts};
}
static inline int winograd_part_size(struct winograd_cut cut, int part) { return cut.size + (part < cut.larger); }

// Outputs are padded to whole vectors, and the vectors are cut into panels.
static inline int winograd_vectors(const struct winograd_code *code, int out) { return (out + code->lanes - 1) / code->lanes; }
static inline struct winograd_cut winograd_panels(const struct winograd_code *code, int out) {
    return winograd_cut_to(code->max_panel, winograd_vectors(code, out));
}

#endif
