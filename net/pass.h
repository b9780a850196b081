// One net on one backend: device weights, the activations of a batch, and the passes over them. Private to net/.
//
// pass_forward runs the net's layers (net/layers.h); in training, every activation that the backward pass needs has its own buffer,
// else layers of a kind share buffers.
//
//   planes, globals -> layer 0 -> t[0] -> layer 1 ... t[num_trunk - 1] -> policy logits, value outputs, ownership
#ifndef NET_PASS_H
#define NET_PASS_H

#include "net/backend_verbs.h"
#include "net/layers.h"
#include "net/losses.h"
#include "net/net.h"

struct pass {
    struct backend *backend; // borrowed
    struct net_config config;
    const struct architecture *architecture;
    struct layer *layers; // [num_trunk] of the trunk in their order, then the heads
    int num_layers, num_trunk;
    size_t num_weights;
    bool training;
    int max_n, max_h, max_w;
    struct image room;  // what buffers are being taken for
    struct image shape; // of the batch at hand
    bool masked;        // some board is smaller than the frame
    int actions;        // of the frame

    float *weights, *gradient; // [num_weights]; gradient in training
    // Input.
    struct act *planes;           // [n,h,w,P]
    float *globals, *mask, *area; // [n,G] [n,h,w] [n]
    // What layers hand on; their own buffers are theirs.
    struct act **t;                    // [num_trunk]: the trunk's layers' outputs [n,h,w,C]
    float *logits, *value, *ownership; // the heads' (net/heads.h): [2,n,actions], [n,outputs], [n,h,w]
    float *bias;                       // any layer's while it runs: [n, max(C, H)], H = head_channels
    // Training.
    struct act *dt;                       // the gradient of the trunk's layers' outputs, one after another
    float *dlogits, *dvalue, *downership; // of the heads' outputs
    struct act *dy, *dx;                  // any trunk layer's while it runs: [n,h,w,C]
    float *dpooled, *dbias;               // any layer's while it runs: [n, 3 max(C, H)], [n, max(C, H)]
    float *legal, *on_board;              // [n, actions]
    float *targets[NUM_LOSSES];           // as in struct batch
    float *row_weights, *losses;          // [NUM_LOSSES, n]
    float *host;                          // staging of row-sized and action-sized arrays
    uint32_t *bits;                       // staging of planes, [n, h, w, words]

    // Playing: the trunk in one launch where the backend can; layer by layer only full batches (a shape costs plans, seconds to
    // make), and only if that was asked for or measured to be faster. Recorded forward passes.
    void *fused_trunk;                     // of the architecture; NULL: none
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
void pass_backward(struct pass *pass); // after losses_run; overwrites the gradient
void pass_trunk(struct pass *pass);    // pass_forward without the heads, and never recorded

// For layers. NULL: every board fills the frame.
static inline const float *pass_mask(const struct pass *pass) { return pass->masked ? pass->mask : NULL; }
// Buffers of the pass, released with it: fp32, or activations of pass->room.
enum status pass_take(struct pass *pass, size_t count, float **out);
enum status pass_take_act(struct pass *pass, int c, struct act **out);

#endif
