// 3x3 convolutions of small boards by Winograd's method, for one processor core: fp32, [n, h, w, c], zero padding 1.
//
// A board is cut into tiles; a tile of m x m outputs needs an (m + 2) x (m + 2) patch of inputs. Patch, kernel and result are
// polynomials that are evaluated at m + 2 points a side, so a tile costs (m + 2)^2 products instead of 9 m^2: 81 points of a 9x9
// board cost 196 instead of 729. Each of the (m + 2)^2 products is a matrix product over channels, of all tiles of a block of
// boards. [Winograd 1980; Lavin & Gray 2016, Fast Algorithms for Convolutional Neural Networks]
//
// Compiled for AVX2 and AVX-512 on x86-64 and for NEON on ARM64; the processor is asked when the program runs, whatever it was built
// for. Nothing here keeps state or allocates: any thread, with work memory of its own. An image's result depends on that image
// and the weights alone, to the last bit: not on the number of images, its place among them, or the thread.
#ifndef KERNELS_WINOGRAD_H
#define KERNELS_WINOGRAD_H

#include <stdbool.h>
#include <stddef.h>

struct winograd_code; // the loops compiled for one instruction set
extern const struct winograd_code winograd_avx512, winograd_avx2, winograd_neon; // winograd_avx512.c ...

// What this processor can run, fastest first; NULL beyond the last. Only x86-64 and ARM64 have any.
const struct winograd_code *winograd_code(int index);
const char *winograd_code_name(const struct winograd_code *code); // "AVX-512", "AVX2", "NEON"

struct winograd { // how a shape is computed; a plain value, filled in by winograd_init
    const struct winograd_code *code;
    int h, w, in, out;
    int side_y, side_x;                          // outputs of a tile
    int tiles_y, tiles_x;                        // tiles of a board
    int products;                                // (side_y + 2) (side_x + 2)
    int boards;                                  // of a block: what the second-level cache holds
    size_t in_row, in_plane, out_row, out_plane; // strides in work memory, floats: of a tile's channels, of a product
};

void winograd_init(struct winograd *w, const struct winograd_code *code, int height, int width, int in, int out);
// The same with tiles of given sides, 3 to 6.
void winograd_init_sides(struct winograd *w, const struct winograd_code *code, int height, int width, int side_y, int side_x,
                         int in, int out);
size_t winograd_packed_floats(const struct winograd *w);
size_t winograd_work_floats(const struct winograd *w); // both arrays aligned to 64 bytes

// Transforms a kernel [3, 3, in, out], once for many convolutions.
void winograd_pack(const struct winograd *w, const float *weight, float *packed);
// For the gradient of the inputs of a convolution whose kernel is [3, 3, w->out, w->in]: its convolve turns dy [.., w->in] into dx.
void winograd_pack_backward(const struct winograd *w, const float *weight, float *packed);

struct winograd_epilogue {
    const float *bias;     // [out], NULL: none
    const float *residual; // [n, h, w, out], NULL: none; y itself: adds in place
    const float *mask;     // [n, h, w], NULL: all on the board
    bool relu;
};
// y [n, h, w, out] = mask * relu(conv3x3(x [n, h, w, in]) + bias + residual). y is not x.
void winograd_convolve(const struct winograd *w, int n, const float *x, const float *packed,
                       const struct winograd_epilogue *end, float *y, float *work);

// The gradient of the kernel: dweight [3, 3, in, out] of x [n, h, w, in] and dy [n, h, w, out]. Its blocks are larger, so it has
// a plan of its own; the sides of its tiles are those of winograd_init.
void winograd_init_gradient(struct winograd *w, const struct winograd_code *code, int height, int width, int in, int out);
size_t winograd_gradient_work_floats(const struct winograd *w); // aligned to 64 bytes
void winograd_gradient(const struct winograd *w, int n, const float *x, const float *dy, float *dweight, float *work);

#endif
