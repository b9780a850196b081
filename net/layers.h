// What a net is made of: a row for each kind of layer (its tensors with their initialisation and
// cost, its buffers, its forward and its backward), and a row for each architecture (which layers
// make its trunk). Private to net/.
//
//   planes -> trunk layer 0 -> trunk layer 1 ... -> last trunk layer -> every head -> losses
//
// A list of layers belongs to a net, and a pass (net/pass.h) has a copy of its own, with buffers.
// Everything that is known about a tensor is said where its kind adds it, so that the passes, the
// optimiser and files need not look at its name.
#ifndef NET_LAYERS_H
#define NET_LAYERS_H

#include "net/net.h"

struct act;
struct pass;
struct layer_maker; // a net whose list of layers is being made

enum { LAYER_TENSORS = 8 };
#define LAYER_ABSENT SIZE_MAX

struct layer {
    const struct layer_kind *kind;
    int index; // its number among those of its kind, from 0
    // Where its tensors begin in the weights, or LAYER_ABSENT. Each kind numbers its tensors
    // itself.
    size_t at[LAYER_TENSORS];
    // The rest is set in a pass. x is what it reads: the planes, the output of the layer
    // before, or, for heads, that of the last layer of the trunk.
    const struct act *x;
    // What a layer of the trunk writes. In playing all of them write to the same array, so that x
    // may be y.
    struct act *y;
    bool adds;     // for heads: an earlier one has set the gradient of the trunk's output
    void *buffers; // a struct that the kind defines
};

struct layer_kind {
    const char *name;
    // The size of a layer's `buffers`, which begin as zeros. In playing all layers of a kind share
    // the first one's.
    size_t buffers_bytes;
    // Adds the tensors, with layer_tensor. Their order is that of files and of the random numbers
    // at the start, and must not change.
    void (*tensors)(struct layer_maker *, const struct net_config *, int index);
    // Takes the buffers, with pass_take and pass_take_act. It may be called several times, to count
    // their size.
    enum status (*take)(struct pass *, const struct layer *);
    void (*forward)(struct pass *, const struct layer *);
    // Overwrites the gradients of its tensors. For a layer of the trunk, pass->dt is the gradient
    // of y before the call and that of x afterwards; the first layer leaves it undefined. A head
    // starts from the gradients of its outputs and sets pass->dt, or adds to it where `adds` is
    // set.
    void (*backward)(struct pass *, const struct layer *);
};

struct architecture {
    const char *name; // the first word of "architecture" in files
    // Lists the layers of the trunk, with layer_begin.
    void (*list_trunk)(struct layer_maker *, const struct net_config *);
    // Both or neither: the whole trunk in one launch, where a backend has a verb for it. fuse makes
    // the description that the verb needs, as one block for free(), or NULL where this backend has
    // no such verb. run_fused computes the y of the last layer of the trunk. Where it returns
    // false, this shape can't be run so and nothing was done.
    enum status (*fuse)(const struct pass *, void **fused);
    bool (*run_fused)(struct pass *, const void *fused);
};

// The row of a config's architecture; and the index of the row with a name, or -1.
const struct architecture *layers_architecture(const struct net_config *config);
int layers_find_architecture(const char *name, size_t length);
bool layers_is_head(const struct layer *layer);

// Fills net->tensors, net->layers and net->num_weights, for net->config. layers_free frees the two
// arrays.
void layers_make(struct net *net);
void layers_free(struct net *net);

// --- For kinds and architectures.

void layer_begin(struct layer_maker *maker, const struct layer_kind *kind, int index);

// The standard deviation of weights at the start, as a multiple of the one that keeps the variance
// of activations through a relu [He et al. 2015].
#define LAYER_HE 1.0    // in front of a relu
#define LAYER_ZERO 0.0  // for what is added to the trunk [Zhang, Dauphin & Ma 2019]
#define LAYER_SMALL 0.3 // for what is added to activations of variance 1; chosen, not tuned
#define LAYER_EVEN 0.2  // for outputs, so that a new net judges nearly even; chosen, not tuned

struct layer_matrix {
    int in, out;
    bool is_3x3; // [3, 3, in, out], otherwise [in, out]
    // also adds a bias [out], as the next tensor of the layer, which starts as zeros
    bool has_bias;
    // Every weight is used once for each point of the board, otherwise once for a board.
    bool by_point;
    bool hidden;  // for Muon (struct net_tensor)
    double start; // LAYER_HE, LAYER_ZERO, ...
};
// Adds NAME.weight as the tensor `which` of the layer that was begun last, and NAME.bias as the
// next.
__attribute__((format(printf, 4, 5))) void layer_tensor(struct layer_maker *maker, int which, struct layer_matrix matrix,
                                                        const char *name, ...);
static inline bool layer_has(const struct layer *layer, int which) { return layer->at[which] != LAYER_ABSENT; }

#endif
