// The tensor verbs that the network is written over. A backend is a table of them.
//
// There are two kinds of device arrays. `float *` is fp32 on every backend and holds weights, their
// gradients, values of rows, logits and losses; `alloc` makes such arrays, and a part of one is one
// too. `struct act *` is an activation image or its gradient, [n, h, w, c] with c fastest, in the
// backend's own precision and padding; `alloc_act` makes it, and only verbs look inside. Host
// arrays are floats without padding, and only the upload and download verbs take them. A weight
// matrix is [in, out], a 3x3 kernel [3, 3, in, out] (y, x). Board masks are [n, h, w] of 0 and 1; a
// NULL mask means that every point of the frame is on the board. Activations that a masked verb
// wrote are zero off the board, so that neighbours see the same zeros as beyond the edge.
// Outputs are overwritten unless a verb says that it adds. Inputs and outputs may overlap only
// where a verb says so. Everything runs in the order of the calls, and downloads wait for what was
// called before. Verbs can't fail: their memory was taken in advance.
#ifndef NET_BACKEND_VERBS_H
#define NET_BACKEND_VERBS_H

#include "net/backend.h"

#include <stddef.h>
#include <stdint.h>

struct image { // n pictures of h x w points
    int n, h, w;
};
static inline size_t image_points(struct image s) { return (size_t)s.n * (size_t)s.h * (size_t)s.w; }

struct act; // activations on a device; only the backend knows what it is

struct adamw_step {
    float rate, beta1, beta2, epsilon, decay;
    float correction1, correction2; // 1 - beta^step of the two moments
    float gradient_scale;           // what the gradient is multiplied by first, to clip it
};

struct trunk { // the weights of a whole trunk, for backends that run it in one launch
    int planes, globals, channels, blocks;
    const float *stem, *stem_bias, *stem_globals; // stem_globals may be NULL
    const struct trunk_block {
        // pool is NULL where the block does not pool
        const float *conv1, *bias1, *pool, *conv2, *bias2;
    } * block; // [blocks]
};

struct device_graph; // captured verbs that are launched together: a CUDA graph

struct backend_verbs {
    const char *name;
    void (*close)(struct backend *);

    // Memory. alloc and alloc_act give zeros, or say what did not fit.
    enum status (*alloc)(struct backend *, size_t count, float **out);
    enum status (*alloc_act)(struct backend *, struct image, int c, struct act **out);
    size_t (*act_bytes)(struct backend *, struct image, int c); // that alloc_act would take
    // The bytes that the card and the budget have left.
    size_t (*memory_left)(struct backend *);
    void (*release)(struct backend *, void *data); // NULL is allowed
    void (*upload)(struct backend *, float *device, const float *host, size_t count);
    void (*download)(struct backend *, float *host, const float *device, size_t count);
    void (*fill)(struct backend *, float *x, float value, size_t count);
    void (*upload_act)(struct backend *, struct image, int c, struct act *device, const float *host);
    void (*download_act)(struct backend *, struct image, int c, float *host, const struct act *device);
    // Uploads planes of 0 and 1 that are packed to bits [n, h, w, (planes + 31) / 32] on the host:
    // plane k is bit k % 32 of word k / 32.
    void (*upload_planes)(struct backend *, struct image, int planes, struct act *device, const uint32_t *bits);
    void (*clear_act)(struct backend *, struct image, int c, struct act *x); // sets x to zeros
    // Tells the backend that weights in memory were changed by something else than adamw, as by add
    // or upload: the layouts that it derived from them are stale.
    void (*weights_changed)(struct backend *);

    // y = mask * relu(conv3x3(x, weight) + bias + residual), with a border of zeros around each
    // image. relu, residual and mask are optional (false or NULL). residual may be y, which adds in
    // place.
    void (*conv_forward)(struct backend *, struct image, int in, int out, const struct act *x, const float *weight,
                         const float *bias, const struct act *residual, bool relu, const float *mask, struct act *y);
    void (*conv_backward_data)(struct backend *, struct image, int in, int out, const struct act *dy, const float *weight,
                               struct act *dx);
    void (*conv_backward_weights)(struct backend *, struct image, int in, int out, const struct act *x, const struct act *dy,
                                  float *dweight, float *dbias);

    // 1x1 convolutions: y = mask * relu(x weight + bias).
    void (*point_forward)(struct backend *, struct image, int in, int out, const struct act *x, const float *weight,
                          const float *bias, bool relu, const float *mask, struct act *y);
    void (*point_backward_data)(struct backend *, struct image, int in, int out, const struct act *dy, const float *weight,
                                bool add, struct act *dx); // adds to dx where `add` is set
    void (*point_backward_weights)(struct backend *, struct image, int in, int out, const struct act *x, const struct act *dy,
                                   float *dweight, float *dbias);
    // 1x1 convolutions that end in a head, so that y [n, h, w, out] is fp32.
    void (*head_forward)(struct backend *, struct image, int in, int out, const struct act *x, const float *weight,
                         const float *bias, float *y);
    void (*head_backward_data)(struct backend *, struct image, int in, int out, const float *dy, const float *weight,
                               struct act *dx);
    void (*head_backward_weights)(struct backend *, struct image, int in, int out, const struct act *x, const float *dy,
                                  float *dweight, float *dbias);

    // Dense layers on fp32 rows: y[rows, out] = relu(x[rows, in] weight + bias). bias may be NULL.
    void (*dense_forward)(struct backend *, int rows, int in, int out, const float *x, const float *weight, const float *bias,
                          bool relu, float *y);
    // dx = dy weight^T, added to dx where `add` is set.
    void (*dense_backward_data)(struct backend *, int rows, int in, int out, const float *dy, const float *weight, bool add,
                                float *dx);
    // dbias may be NULL.
    void (*dense_backward_weights)(struct backend *, int rows, int in, int out, const float *x, const float *dy, float *dweight,
                                   float *dbias);

    // Global pooling of an x that is nowhere negative and zero off the board. area[n] has the
    // numbers of points on the boards. y[n, 3c] has the means, the means times (sqrt(area) - 9) /
    // 5, and the maxima [Wu 2019, 3.3; the constants suit boards of 5 to 19].
    void (*pool_forward)(struct backend *, struct image, int c, const struct act *x, const float *area, float *y);
    // Adds to dx. The gradient of a maximum goes to the first point that has it.
    void (*pool_backward)(struct backend *, struct image, int c, const struct act *x, const float *area, const float *y,
                          const float *dy, struct act *dx);

    // y = mask * relu(x + bias[n, c]). y may be x.
    void (*channel_bias_relu)(struct backend *, struct image, int c, const struct act *x, const float *bias, const float *mask,
                              struct act *y);
    // dbias[n, c] has the sums over the points.
    void (*channel_bias_backward)(struct backend *, struct image, int c, const struct act *dy, float *dbias);
    // dy = y > 0 ? dy : 0
    void (*relu_backward)(struct backend *, struct image, int c, const struct act *y, struct act *dy);
    // y += x
    void (*add_act)(struct backend *, struct image, int c, const struct act *x, struct act *y);
    void (*dense_relu_backward)(struct backend *, size_t count, const float *y, float *dy);
    // y += scale x. y may be x.
    void (*add)(struct backend *, size_t count, float scale, const float *x, float *y);

    // Between maps and actions: from maps[n, h, w, heads planes] and tail[n, heads globals] to
    // logits[head, n, planes h w + globals], and back for gradients.
    void (*actions_gather)(struct backend *, struct image, int heads, int planes, int globals, const float *maps,
                           const float *tail, float *logits);
    void (*actions_scatter)(struct backend *, struct image, int heads, int planes, int globals, const float *dlogits,
                            float *dmaps, float *dtail);

    // Losses with gradients. loss[i] is weight[i] times the loss of row i, and dx is the gradient
    // of scale times the sum of loss. Rows of weight 0 have loss and gradient 0 whatever else they
    // hold. The cross-entropy of a softmax over `classes` columns. Rows are `stride` floats apart
    // in x and dx, whose other columns are left alone. legal [rows, classes] may be NULL; a class
    // where it is 0 is excluded and has gradient 0. target [rows, classes] sums to 1 in each row.
    // Added to the cross-entropy is z_weight * (log of the sum of exponentials)^2 [Chowdhery et al.
    // 2022, 5]: a softmax does not change when a number is added to all of x, and rounding errors,
    // which Adam makes as large as any gradient, would otherwise move all logits away together.
    void (*softmax_loss)(struct backend *, int rows, int classes, int stride, const float *x, const float *legal,
                         const float *target, const float *weight, float z_weight, float scale, float *dx, float *loss);
    // The Huber loss, with delta 1, of x[row * stride] - target[row] / 10, as the head's unit is
    // ten points.
    void (*score_loss)(struct backend *, int rows, int stride, const float *x, const float *target, const float *weight,
                       float scale, float *dx, float *loss);
    // The mean over the board's points of the cross-entropy between (1 + target) / 2 and (1 + tanh
    // x) / 2.
    void (*ownership_loss)(struct backend *, struct image, const float *x, const float *mask, const float *area,
                           const float *target, const float *weight, float scale, float *dx, float *loss);

    // The optimiser, over flat arrays.
    double (*square_norm)(struct backend *, size_t count, const float *x); // waits for the result
    void (*adamw)(struct backend *, size_t count, struct adamw_step, const float *gradient, float *weights, float *mean,
                  float *variance); // [Loshchilov & Hutter 2019]
    // Divides x by the square root of its sum of squares, without waiting. Zeros stay zeros.
    void (*normalise)(struct backend *, size_t count, float *x);
    void (*average)(struct backend *, size_t count, float decay, const float *weights,
                    float *average); // average = decay average + (1 - decay) weights

    // The rest is optional: verbs are NULL, or return false, where the backend has no such thing.
    // Runs the whole trunk in one launch, and y is the last block's output. Where it returns false,
    // this shape can't be run so and nothing was done.
    bool (*trunk_forward)(struct backend *, struct image, const struct trunk *, const struct act *planes, const float *globals,
                          const float *mask, const float *area, struct act *y);
    // Verbs between begin and end are captured and do not run; graph_launch runs all of them, with
    // the weights as they are then. There may be no uploads and downloads among them, and each has
    // to have run once before with the same arguments. Where begin returns false, nothing can be
    // captured now and nothing changed.
    bool (*capture_begin)(struct backend *);
    struct device_graph *(*capture_end)(struct backend *);
    void (*graph_launch)(struct backend *, const struct device_graph *);
    void (*graph_free)(struct backend *, struct device_graph *);
    // The time on the device between two marks, in seconds; the call that stops waits. Where these
    // are NULL, nothing is measured, and a trunk that can run in one launch always does, except
    // with TRUNK_LAYERED.
    void (*timer_start)(struct backend *);
    double (*timer_stop)(struct backend *);
};

struct backend {
    const struct backend_verbs *verbs;
    enum precision precision; // F32, F16 or BF16, and never AUTO
    enum trunk_choice trunk;  // what backend_open was asked for
    // Whether a batch of a size that was not seen before costs nothing extra: no plan and no
    // capture.
    bool any_rows;
    // Whether the 3x3 convolutions are ours, and CONVS_LIBRARY has others to compare them with.
    bool own_convs;
};

// A row of the table of backends. `open` is NULL where the backend was not built.
struct backend_type {
    const char *name;
    enum status (*open)(struct backend **, const struct backend_spec *);
    bool (*usable)(char reason[160], char device[160], int *num_devices);
};

#endif
