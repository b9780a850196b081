// 3x3 convolutions of small boards by Winograd's method, on one processor core. Arrays are fp32 [n,
// h, w, c], and a border of zeros, one point wide, is assumed around each board.
//
// A board is cut into tiles; a tile of m x m outputs needs an (m + 2) x (m + 2) patch of inputs.
// Patch, kernel and result are treated as polynomials that are evaluated at m + 2 points along each
// side, so that a tile costs (m + 2)^2 products instead of 9 m^2: the 81 points of a 9x9 board cost
// 196 instead of 729. Each of these products is a matrix product over the channels of all tiles of
// a block of boards. [Winograd 1980; Lavin & Gray 2016, Fast Algorithms for Convolutional Neural
// Networks]
//
// The loops are compiled for AVX2 and AVX-512 on x86-64 and for NEON on ARM64, and the processor is
// asked when the program runs. Nothing here keeps state or allocates: any thread may call it with
// work memory of its own. Every bit of an image's result depends on that image and the weights
// alone, and not on the number of images, its place among them, or the thread.
#ifndef KERNELS_WINOGRAD_H
#define KERNELS_WINOGRAD_H

#include <stdbool.h>
#include <stddef.h>

struct winograd_code; // the loops compiled for one instruction set
// Each is defined in the file of its name. winograd_code says which this processor can run.
extern const struct winograd_code winograd_avx512, winograd_avx2, winograd_neon;

// The loops that this processor can run, the fastest first, and NULL beyond the last. Only x86-64
// and ARM64 have any.
const struct winograd_code *winograd_code(int index);
const char *winograd_code_name(const struct winograd_code *code); // "AVX-512", "AVX2", "NEON"

struct winograd { // how a shape is computed: a plain value that winograd_init fills in
    const struct winograd_code *code;
    int h, w, in, out;
    int side_y, side_x;   // the outputs of a tile
    int tiles_y, tiles_x; // the tiles of a board
    int products;         // (side_y + 2) (side_x + 2)
    int boards;           // in a block, as many as the second-level cache holds
    // Strides in work memory, in floats: from one tile's channels to the next, and from one product
    // to the next.
    size_t in_row, in_plane, out_row, out_plane;
};

void winograd_init(struct winograd *w, const struct winograd_code *code, int height, int width, int in, int out);
// The same with tiles of the given sides, which are 3 to 6.
void winograd_init_sides(struct winograd *w, const struct winograd_code *code, int height, int width, int side_y, int side_x,
                         int in, int out);
// The sizes of `packed` and `work`. Both arrays have to be aligned to 64 bytes.
size_t winograd_packed_floats(const struct winograd *w);
size_t winograd_work_floats(const struct winograd *w);

// Transforms a kernel [3, 3, in, out], which is done once for many convolutions.
void winograd_pack(const struct winograd *w, const float *weight, float *packed);
// Packs for the gradient of the inputs of a convolution whose kernel is [3, 3, w->out, w->in].
// winograd_convolve then turns its dy [n, h, w, w->in] into dx.
void winograd_pack_backward(const struct winograd *w, const float *weight, float *packed);

struct winograd_epilogue {
    const float *bias;     // [out], or NULL for none
    const float *residual; // [n, h, w, out], or NULL for none; it may be y itself
    const float *mask;     // [n, h, w], or NULL where all points are on the board
    bool relu;
};
// y [n, h, w, out] = mask * relu(conv3x3(x [n, h, w, in]) + bias + residual). y must not be x.
void winograd_convolve(const struct winograd *w, int n, const float *x, const float *packed,
                       const struct winograd_epilogue *end, float *y, float *work);

// The gradient of the kernel: dweight [3, 3, in, out] from x [n, h, w, in] and dy [n, h, w, out].
// It has a plan of its own because its blocks are larger; the sides of its tiles are those of
// winograd_init.
void winograd_init_gradient(struct winograd *w, const struct winograd_code *code, int height, int width, int in, int out);
// Work has to be aligned to 64 bytes.
size_t winograd_gradient_work_floats(const struct winograd *w);
void winograd_gradient(const struct winograd *w, int n, const float *x, const float *dy, float *dweight, float *work);

#endif
