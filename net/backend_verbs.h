// The tensor verbs that the network is written over: what a backend implements.
//
// Memory: every float pointer below is device memory made by `alloc` (or inside such a block), except in upload and
// download. Images are [n, h, w, c] with c fastest. A weight matrix is [in, out], a 3x3 kernel [3, 3, in, out] (y, x).
// Board masks are [n, h, w] of 0 and 1; a NULL mask means that every point of the frame is on the board.
// Activations that a masked verb wrote are zero off the board, so that neighbours see the same zeros as beyond the edge.
// Outputs are overwritten unless a verb says "adds"; inputs and outputs overlap only where a verb says so.
// Everything runs in the order of the calls; download waits. Verbs can't fail: their memory was taken in advance.
#ifndef NET_BACKEND_VERBS_H
#define NET_BACKEND_VERBS_H

#include "net/backend.h"

#include <stddef.h>

struct image { // n pictures of h x w points
    int n, h, w;
};
static inline size_t image_points(struct image s) { return (size_t)s.n * (size_t)s.h * (size_t)s.w; }

struct adamw_step {
    float rate, beta1, beta2, epsilon, decay;
    float correction1, correction2; // 1 - beta^step of the two moments
    float gradient_scale;           // the gradient is multiplied by it first (clipping)
};

struct backend_verbs {
    const char *name;
    void (*close)(struct backend *);

    // Memory. alloc gives zeros, or says what did not fit.
    enum status (*alloc)(struct backend *, size_t count, float **out);
    void (*release)(struct backend *, float *data); // NULL is fine
    void (*upload)(struct backend *, float *device, const float *host, size_t count);
    void (*download)(struct backend *, float *host, const float *device, size_t count);
    void (*fill)(struct backend *, float *x, float value, size_t count);
    // Weights in memory changed other than by adamw: layouts derived from them are stale.
    void (*weights_changed)(struct backend *);

    // y = mask * relu(conv3x3(x, weight) + bias + residual), zero padding 1; relu, residual (NULL), mask are optional.
    // residual == y adds in place.
    void (*conv_forward)(struct backend *, struct image, int in, int out, const float *x, const float *weight,
                         const float *bias, const float *residual, bool relu, const float *mask, float *y);
    void (*conv_backward_data)(struct backend *, struct image, int in, int out, const float *dy, const float *weight,
                               float *dx);
    void (*conv_backward_weights)(struct backend *, struct image, int in, int out, const float *x, const float *dy,
                                  float *dweight, float *dbias);

    // y[rows, out] = relu(x[rows, in] weight + bias); bias may be NULL. Also the 1x1 convolutions, rows = n h w.
    void (*dense_forward)(struct backend *, int rows, int in, int out, const float *x, const float *weight, const float *bias,
                          bool relu, float *y);
    // dx = dy weight^T; `add`: adds to dx.
    void (*dense_backward_data)(struct backend *, int rows, int in, int out, const float *dy, const float *weight, bool add,
                                float *dx);
    // dbias may be NULL.
    void (*dense_backward_weights)(struct backend *, int rows, int in, int out, const float *x, const float *dy, float *dweight,
                                   float *dbias);

    // Global pooling of x >= 0 that is zero off the board; area[n]: points on the board.
    // y[n, 3c] = mean, mean * (sqrt(area) - 9) / 5, maximum   [Wu 2019, 3.3; the constants suit boards of 5 to 19]
    void (*pool_forward)(struct backend *, struct image, int c, const float *x, const float *area, float *y);
    // Adds to dx. The gradient of a maximum goes to the first point that has it.
    void (*pool_backward)(struct backend *, struct image, int c, const float *x, const float *area, const float *y,
                          const float *dy, float *dx);

    // y = mask * relu(x + bias[n, c]); y == x is fine.
    void (*channel_bias_relu)(struct backend *, struct image, int c, const float *x, const float *bias, const float *mask,
                              float *y);
    void (*channel_bias_backward)(struct backend *, struct image, int c, const float *dy, float *dbias); // dbias[n, c]: sums
    void (*mask_multiply)(struct backend *, struct image, int c, const float *mask, float *x);           // mask not NULL
    void (*relu_backward)(struct backend *, size_t count, const float *y, float *dy);                    // dy = y > 0 ? dy : 0
    void (*add)(struct backend *, size_t count, float scale, const float *x, float *y);                  // y += scale x

    // Between maps and actions: logits[head, n, planes h w + globals] from maps[n, h, w, heads planes], tail[n, heads globals].
    void (*actions_gather)(struct backend *, struct image, int heads, int planes, int globals, const float *maps,
                           const float *tail, float *logits);
    void (*actions_scatter)(struct backend *, struct image, int heads, int planes, int globals, const float *dlogits,
                            float *dmaps, float *dtail);

    // Losses with gradients. loss[i] = weight[i] * loss of row i; the gradient is that of scale * sum of loss.
    // Rows of weight 0 have loss and gradient 0 whatever else they hold.
    // Cross-entropy of softmax over `classes` columns, rows `stride` floats apart in x and dx (other columns are left alone);
    // legal [rows, classes] (0: excluded, gradient 0) may be NULL; target [rows, classes] sums to 1.
    void (*softmax_loss)(struct backend *, int rows, int classes, int stride, const float *x, const float *legal,
                         const float *target, const float *weight, float scale, float *dx, float *loss);
    // Huber of x[row stride] - target[row] / 10, delta 1: the head speaks in tens of points.
    void (*score_loss)(struct backend *, int rows, int stride, const float *x, const float *target, const float *weight,
                       float scale, float *dx, float *loss);
    // Mean over the board's points of the cross-entropy between (1 + target) / 2 and (1 + tanh x) / 2.
    void (*ownership_loss)(struct backend *, struct image, const float *x, const float *mask, const float *area,
                           const float *target, const float *weight, float scale, float *dx, float *loss);

    // Optimiser, over flat arrays.
    double (*square_norm)(struct backend *, size_t count, const float *x); // waits
    void (*adamw)(struct backend *, size_t count, struct adamw_step, const float *gradient, float *weights, float *mean,
                  float *variance); // [Loshchilov & Hutter 2019]
    void (*average)(struct backend *, size_t count, float decay, const float *weights,
                    float *average); // a = decay a + (1 - decay) w
};

struct backend {
    const struct backend_verbs *verbs;
};

// The backends of this build; NULL `open` where it was not built.
struct backend_type {
    const char *name;
    enum status (*open)(struct backend **);
    bool (*usable)(char reason[160], char device[160]);
};
enum status backend_ref_open(struct backend **);
enum status backend_cpu_open(struct backend **);
bool backend_cpu_usable(char reason[160], char device[160]);
extern const struct backend_verbs backend_ref_verbs; // the cpu backend takes the verbs whose speed does not matter from here

#endif
