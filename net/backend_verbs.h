// The tensor verbs that the network is written over: what a backend implements.
//
// Two kinds of device arrays. `float *` is fp32 on every backend: weights, their gradients, row-sized values, logits, losses;
// made by `alloc` (or inside such a block). `struct act *` is an activation image or its gradient, [n, h, w, c] with c fastest,
// in the backend's own precision and padding; made by `alloc_act` and only verbs look inside. Host arrays are floats, unpadded,
// and only upload and download verbs take them.
// A weight matrix is [in, out], a 3x3 kernel [3, 3, in, out] (y, x). Board masks are [n, h, w] of 0 and 1; a NULL mask means
// that every point of the frame is on the board. Activations that a masked verb wrote are zero off the board, so that
// neighbours see the same zeros as beyond the edge.
// Outputs are overwritten unless a verb says "adds"; inputs and outputs overlap only where a verb says so.
// Everything runs in the order of the calls; download waits. Verbs can't fail: their memory was taken in advance.
#ifndef NET_BACKEND_VERBS_H
#define NET_BACKEND_VERBS_H

#include "net/backend.h"

#include <stddef.h>
#include <stdint.h>

struct image { // n pictures of h x w points
    int n, h, w;
};
static inline size_t image_points(struct image s) { return (size_t)s.n * (size_t)s.h * (size_t)s.w; }

struct act; // device activations, opaque

struct adamw_step {
    float rate, beta1, beta2, epsilon, decay;
    float correction1, correction2; // 1 - beta^step of the two moments
    float gradient_scale;           // the gradient is multiplied by it first (clipping)
};

struct trunk { // a whole trunk's weights, for backends that run it in one launch
    int planes, globals, channels, blocks;
    const float *stem, *stem_bias, *stem_globals; // stem_globals NULL: none
    const struct trunk_block {
        const float *conv1, *bias1, *pool, *conv2, *bias2; // pool NULL: the block does not pool
    } * block;                                             // [blocks]
};

struct recording; // verbs recorded to be replayed: a CUDA graph

struct backend_verbs {
    const char *name;
    void (*close)(struct backend *);

    // Memory. alloc gives zeros, or says what did not fit.
    enum status (*alloc)(struct backend *, size_t count, float **out);
    enum status (*alloc_act)(struct backend *, struct image, int c, struct act **out);
    size_t (*act_bytes)(struct backend *, struct image, int c); // what alloc_act would take
    size_t (*memory_left)(struct backend *);                    // bytes that the card and the budget still have
    void (*release)(struct backend *, void *data);              // NULL is fine
    void (*upload)(struct backend *, float *device, const float *host, size_t count);
    void (*download)(struct backend *, float *host, const float *device, size_t count);
    void (*fill)(struct backend *, float *x, float value, size_t count);
    void (*upload_act)(struct backend *, struct image, int c, struct act *device, const float *host);
    void (*download_act)(struct backend *, struct image, int c, float *host, const struct act *device);
    // Planes of 0 and 1 packed to bits: bit k % 32 of word k / 32 is plane k; host bits [n, h, w, (planes + 31) / 32].
    void (*upload_planes)(struct backend *, struct image, int planes, struct act *device, const uint32_t *bits);
    void (*clear_act)(struct backend *, struct image, int c, struct act *x); // zeros
    // Weights in memory changed other than by adamw (by add, by upload): layouts derived from them are stale.
    void (*weights_changed)(struct backend *);

    // y = mask * relu(conv3x3(x, weight) + bias + residual), zero padding 1; relu, residual (NULL), mask are optional.
    // residual == y adds in place.
    void (*conv_forward)(struct backend *, struct image, int in, int out, const struct act *x, const float *weight,
                         const float *bias, const struct act *residual, bool relu, const float *mask, struct act *y);
    void (*conv_backward_data)(struct backend *, struct image, int in, int out, const struct act *dy, const float *weight,
                               struct act *dx);
    void (*conv_backward_weights)(struct backend *, struct image, int in, int out, const struct act *x, const struct act *dy,
                                  float *dweight, float *dbias);

    // 1x1 convolutions. y = mask * relu(x weight + bias).
    void (*point_forward)(struct backend *, struct image, int in, int out, const struct act *x, const float *weight,
                          const float *bias, bool relu, const float *mask, struct act *y);
    void (*point_backward_data)(struct backend *, struct image, int in, int out, const struct act *dy, const float *weight,
                                bool add, struct act *dx); // `add`: adds to dx
    void (*point_backward_weights)(struct backend *, struct image, int in, int out, const struct act *x, const struct act *dy,
                                   float *dweight, float *dbias);
    // 1x1 convolutions that end in a head: y [n, h, w, out] is fp32.
    void (*head_forward)(struct backend *, struct image, int in, int out, const struct act *x, const float *weight,
                         const float *bias, float *y);
    void (*head_backward_data)(struct backend *, struct image, int in, int out, const float *dy, const float *weight,
                               struct act *dx);
    void (*head_backward_weights)(struct backend *, struct image, int in, int out, const struct act *x, const float *dy,
                                  float *dweight, float *dbias);

    // Dense layers on fp32 rows. y[rows, out] = relu(x[rows, in] weight + bias); bias may be NULL.
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
    void (*pool_forward)(struct backend *, struct image, int c, const struct act *x, const float *area, float *y);
    // Adds to dx. The gradient of a maximum goes to the first point that has it.
    void (*pool_backward)(struct backend *, struct image, int c, const struct act *x, const float *area, const float *y,
                          const float *dy, struct act *dx);

    // y = mask * relu(x + bias[n, c]); y == x is fine.
    void (*channel_bias_relu)(struct backend *, struct image, int c, const struct act *x, const float *bias, const float *mask,
                              struct act *y);
    // dbias[n, c]: sums over the points
    void (*channel_bias_backward)(struct backend *, struct image, int c, const struct act *dy, float *dbias);
    void (*relu_backward)(struct backend *, struct image, int c, const struct act *y, struct act *dy); // dy = y > 0 ? dy : 0
    void (*add_act)(struct backend *, struct image, int c, const struct act *x, struct act *y);        // y += x
    void (*dense_relu_backward)(struct backend *, size_t count, const float *y, float *dy);
    void (*add)(struct backend *, size_t count, float scale, const float *x, float *y); // y += scale x; y == x is fine

    // Between maps and actions: logits[head, n, planes h w + globals] from maps[n, h, w, heads planes], tail[n, heads globals].
    void (*actions_gather)(struct backend *, struct image, int heads, int planes, int globals, const float *maps,
                           const float *tail, float *logits);
    void (*actions_scatter)(struct backend *, struct image, int heads, int planes, int globals, const float *dlogits,
                            float *dmaps, float *dtail);

    // Losses with gradients. loss[i] = weight[i] * loss of row i; the gradient is that of scale * sum of loss.
    // Rows of weight 0 have loss and gradient 0 whatever else they hold.
    // Cross-entropy of softmax over `classes` columns, rows `stride` floats apart in x and dx (other columns are left alone);
    // legal [rows, classes] (0: excluded, gradient 0) may be NULL; target [rows, classes] sums to 1. To the cross-entropy comes
    // z_weight * (log of the sum of exponentials)^2 [Chowdhery et al. 2022, 5]: a softmax does not see a number added to all of x, so that
    // without it rounding errors, which Adam makes as large as any gradient, move all logits away together.
    void (*softmax_loss)(struct backend *, int rows, int classes, int stride, const float *x, const float *legal,
                         const float *target, const float *weight, float z_weight, float scale, float *dx, float *loss);
    // Huber of x[row stride] - target[row] / 10, delta 1: the head speaks in tens of points.
    void (*score_loss)(struct backend *, int rows, int stride, const float *x, const float *target, const float *weight,
                       float scale, float *dx, float *loss);
    // Mean over the board's points of the cross-entropy between (1 + target) / 2 and (1 + tanh x) / 2.
    void (*ownership_loss)(struct backend *, struct image, const float *x, const float *mask, const float *area,
                           const float *target, const float *weight, float scale, float *dx, float *loss);

    // Optimiser, over flat arrays.
    double (*square_norm)(struct backend *, size_t count, const float *x); // waits
    void (*adamw)(struct backend *, size_t count, struct adamw_step, const float *gradient, float *weights, float *mean,
                  float *variance);                              // [Loshchilov & Hutter 2019]
    void (*normalise)(struct backend *, size_t count, float *x); // x /= sqrt(sum of squares); zeros stay; does not wait
    void (*average)(struct backend *, size_t count, float decay, const float *weights,
                    float *average); // a = decay a + (1 - decay) w

    // Optional, NULL or false where the backend has no such thing.
    // The whole trunk at once: y = the last block's output. false: not for this shape; nothing was done.
    bool (*trunk_forward)(struct backend *, struct image, const struct trunk *, const struct act *planes, const float *globals,
                          const float *mask, const float *area, struct act *y);
    // Verbs between begin and end (no upload, no download, each run at least once before on the same arguments) are recorded and
    // not run; replay runs them, with the weights as they are then. false: can't record now; nothing changed.
    bool (*record_begin)(struct backend *);
    struct recording *(*record_end)(struct backend *);
    void (*replay)(struct backend *, const struct recording *);
    void (*recording_free)(struct backend *, struct recording *);
    // Device time between two marks, seconds; stop waits. NULL: a trunk that can run at once always does, but for TRUNK_LAYERED.
    void (*timer_start)(struct backend *);
    double (*timer_stop)(struct backend *);
};

struct backend {
    const struct backend_verbs *verbs;
    enum precision precision; // resolved: F32, F16 or BF16
    enum trunk_choice trunk;  // of the spec
    bool any_rows;            // a number of boards that was not seen before costs nothing: no plan, no recording
    bool own_convs;           // the 3x3 convolutions are ours, and CONVS_LIBRARY has others to compare them with
};

// The backends of this build; NULL `open` where it was not built.
struct backend_type {
    const char *name;
    enum status (*open)(struct backend **, const struct backend_spec *);
    bool (*usable)(char reason[160], char device[160], int *num_devices);
};

#endif
