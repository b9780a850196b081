// One net on one backend: the weights on the device, the activations of a batch, and the passes
// over them. One thread at a time uses a pass, the thread of its backend. Private to net/.
//
// pass_forward runs the net's layers (net/layers.h). In training, every activation that the
// backward pass needs has a buffer of its own; in playing, layers of one kind share their buffers.
//
//   planes, globals -> layer 0 -> t[0] -> layer 1 ... t[num_trunk - 1] -> heads
//   heads: policy logits, value outputs, ownership
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
    struct layer *layers; // the layers of the trunk in their order, and then the heads
    int num_layers, num_trunk;
    size_t num_weights;
    bool training;
    int max_n, max_h, max_w;
    struct image capacity; // the shape that buffers are being taken for
    struct image shape;    // of the present batch
    bool masked;           // whether some board is smaller than the frame
    int actions;           // how many the frame has

    float *weights, *gradient; // [num_weights]; gradient in training
    // The input: planes [n, h, w, P], globals [n, G], mask [n, h, w] and area [n].
    struct act *planes;
    float *globals, *mask, *area;
    // What layers pass on. Layers also have buffers of their own. C is the trunk's channels, H
    // is head_channels.
    struct act **t; // [num_trunk]: the outputs [n, h, w, C] of the layers of the trunk
    // The outputs of the heads (net/heads.h): [2, n, actions], [n, outputs] and [n, h, w].
    float *logits, *value, *ownership;
    float *bias; // for the layer that runs: [n, max(C, H)]
    // In training. dt is the gradient of the output of one layer of the trunk after another.
    struct act *dt;
    float *dlogits, *dvalue, *downership; // the gradients of the heads' outputs
    struct act *dy, *dx;                  // for the layer of the trunk that runs: [n, h, w, C]
    // For the layer that runs: [n, 3 max(C, H)] and [n, max(C, H)].
    float *dpooled, *dbias;
    float *legal, *on_board;     // [n, actions]
    float *targets[NUM_LOSSES];  // as in struct batch
    float *row_weights, *losses; // [NUM_LOSSES, n]
    float *host;                 // staging of arrays with a number for each row or each action
    uint32_t *bits;              // staging of planes: [n, h, w, words]

    // In playing. The trunk runs in one launch where the backend can do that. Only full batches
    // run layer by layer, since each shape costs plans that take seconds to make, and only if
    // that was asked for or measured to be faster.
    void *fused_trunk;    // made by the architecture's `fuse`, or NULL
    bool can_fuse, fused; // `fused` says that full batches run in one launch, too
    // Of the trunk with max_n boards; 0 where it was not measured.
    double fused_seconds, layered_seconds;
    struct pass_graph *graphs; // the captured forward passes, one for each shape that was seen
    int num_graphs;

    void **owned; // every device buffer, to be released
    int num_owned;
    bool counting; // pass_take takes nothing and only adds up `bytes`
    size_t bytes;
};

enum status pass_new(struct pass **pass, const struct net *net, struct backend *backend, bool training, int max_n, int max_h,
                     int max_w);
void pass_free(struct pass *pass);
void pass_weights(struct pass *pass, const float *weights); // uploads weights [num_weights]

// Packs planes [rows, num_planes] of 0 and 1 to bits [rows, words] (upload_planes in
// backend_verbs.h).
void planes_pack(size_t rows, int num_planes, const float *planes, uint32_t *bits);

// Sets the shape and uploads the input. mask is NULL where every board fills the frame.
void pass_input_bits(struct pass *pass, struct image shape, const uint32_t *bits, const float *globals, const float *mask);
// The same for planes that are not packed yet.
void pass_input(struct pass *pass, struct image shape, const float *planes, const float *globals, const float *mask);
void pass_forward(struct pass *pass);
void pass_backward(struct pass *pass); // to be called after losses_run; overwrites the gradient
void pass_trunk(struct pass *pass);    // pass_forward without the heads and without captured graphs

// --- For layers. The mask, or NULL where every board fills the frame.
static inline const float *pass_mask(const struct pass *pass) { return pass->masked ? pass->mask : NULL; }
// Take buffers that are released with the pass: fp32, or activations of the shape pass->capacity.
enum status pass_take(struct pass *pass, size_t count, float **out);
enum status pass_take_act(struct pass *pass, int c, struct act **out);

#endif
