// One net on one backend: device weights, the activations of a batch, and the passes over them. Private to net/.
//
// pass_forward runs the trunk and the heads; in training, every activation that the backward pass needs has its own buffer,
// else blocks share buffers. trunk.c and heads.c hold each layer's forward and backward side by side.
//
//   planes, globals -> t[0] -> block 0 -> t[1] ... t[blocks] -> policy logits, value outputs, ownership
#ifndef NET_PASS_H
#define NET_PASS_H

#include "net/backend_verbs.h"
#include "net/net.h"
#include "net/train.h"

struct block_map { // offsets into weights and gradient
    size_t conv1, bias1, pool, conv2, bias2;
    bool pools;
};
struct dense_map {
    size_t weight, bias;
};
struct net_map {
    size_t stem, stem_bias, stem_globals;
    struct block_map *blocks; // [config.blocks]
    struct dense_map policy_conv, policy_pool, policy_points, policy_globals, value_conv, value_hidden, value_out, ownership;
};

enum { LOSS_POLICY, LOSS_REPLY, LOSS_VALUE, LOSS_SHORT, LOSS_SCORE, LOSS_OWNERSHIP, NUM_LOSSES };

struct pass {
    struct backend *backend; // borrowed
    struct net_config config;
    struct net_map map;
    size_t num_weights;
    bool training;
    int max_n, max_h, max_w;
    struct image shape; // of the batch at hand
    bool masked;        // some board is smaller than the frame
    int actions;        // of the frame

    float *weights, *gradient; // [num_weights]; gradient in training
    // Input.
    struct act *planes;           // [n,h,w,P]
    float *globals, *mask, *area; // [n,G] [n,h,w] [n]
    // Trunk.
    struct act **t, **y1, **y2; // [blocks + 1], [blocks] twice: [n,h,w,C]
    float **pooled;             // [blocks]: [n,3C]
    float *bias;                // [n, max(C, head)]
    // Heads. H = head_channels
    struct act *q1, *q2, *v;                      // [n,h,w,H]
    float *q_pooled, *maps, *tail, *logits;       // [n,3H], [n,h,w,2p], [n,2g], [2,n,actions]
    float *v_pooled, *hidden, *value, *ownership; // [n,3H], [n,VH], [n,6 or 7], [n,h,w]
    // Training: gradients of the same shapes as what they belong to, and targets.
    struct act *dt, *dy, *dx, *dq2, *dv;
    float *dpooled, *dbias, *dmaps, *dtail, *dlogits, *dv_pooled, *dhidden, *dvalue, *downership;
    float *legal, *on_board, *policy, *reply, *value_target, *short_target, *score_target,
        *ownership_target;       // as in struct batch
    float *row_weights, *losses; // [NUM_LOSSES, n]
    float *host;                 // staging of row-sized and action-sized arrays
    uint32_t *bits;              // staging of planes, [n, h, w, words]

    // Playing: the trunk in one launch where the backend can; layer by layer only full batches (a shape costs plans, seconds to
    // make), and only if that was asked for or measured to be faster. Recorded forward passes.
    struct trunk trunk;
    struct trunk_block *trunk_blocks;
    bool can_fuse, fused;                  // fused: full batches too
    double fused_seconds, layered_seconds; // of one forward pass of max_n boards; 0: not measured
    struct pass_recording *recordings;     // one a shape that was seen
    int num_recordings;

    void **owned; // every device buffer, to release
    int num_owned;
    bool counting; // takes nothing: adds up `bytes`
    size_t bytes;
};

enum status pass_new(struct pass **pass, const struct net *net, struct backend *backend, bool training, int max_n, int max_h,
                     int max_w);
void pass_free(struct pass *pass);
void pass_weights(struct pass *pass, const float *weights); // host, [num_weights]

// Planes of 0 and 1 to bits (backend_verbs.h upload_planes): planes [rows, num_planes] -> bits [rows, words].
void planes_pack(size_t rows, int num_planes, const float *planes, uint32_t *bits);

// Sets the shape and uploads the input. mask NULL: every board fills the frame.
void pass_input_bits(struct pass *pass, struct image shape, const uint32_t *bits, const float *globals, const float *mask);
void pass_input(struct pass *pass, struct image shape, const float *planes, const float *globals, const float *mask); // packs
void pass_forward(struct pass *pass);
void pass_backward(struct pass *pass); // after pass_losses; overwrites the gradient

// Uploads the targets of the batch and computes losses[NUM_LOSSES] (sums over rows of weight * loss) and, for the backward
// pass, gradients of sum over kinds of scales[kind] * losses[kind]. Reading them waits for the device: losses NULL leaves that for
// pass_read_losses, which may come after pass_backward.
void pass_losses(struct pass *pass, const struct batch *batch, const double scales[NUM_LOSSES], double losses[NUM_LOSSES]);
void pass_read_losses(struct pass *pass, double losses[NUM_LOSSES]);

void trunk_forward(struct pass *pass);
void trunk_backward(struct pass *pass); // from dt, the gradient of t[blocks]
void heads_forward(struct pass *pass);
void heads_backward(struct pass *pass); // sets dt

#endif
