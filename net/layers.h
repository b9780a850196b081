// What a net is made of. One row a kind of layer (its tensors with their initialisation and cost, its buffers, its forward and backward),
// one row an architecture (which layers make its trunk). Private to net/.
//
//   planes -> trunk layer 0 -> trunk layer 1 ... -> last trunk layer -> every head, side by side -> losses (net/losses.h)
//
// A list of layers belongs to a net; a pass (net/pass.h) has a copy of its own, with buffers. Everything that is said of a tensor is said where
// its kind adds it: nobody looks at its name.
#ifndef NET_LAYERS_H
#define NET_LAYERS_H

#include "net/net.h"

struct act;
struct pass;
struct layer_maker; // a net whose list is being made

enum { LAYER_TENSORS = 8 };
#define LAYER_ABSENT SIZE_MAX

struct layer {
    const struct layer_kind *kind;
    int index;                // among those of its kind, from 0
    size_t at[LAYER_TENSORS]; // where its tensors begin in the weights, by numbers of its kind's own; or LAYER_ABSENT
    // In a pass.
    const struct act *x; // what it reads: the planes, the layer before, or, heads, the last of the trunk
    struct act *y;       // trunk: what it writes; playing, all write to the same, so that x may be y
    bool adds;           // heads: an earlier head has set the gradient of the trunk's output
    void *buffers;       // the kind's own
};

struct layer_kind {
    const char *name;
    size_t buffers_bytes; // of struct layer's `buffers`, zeroed. Playing, all layers of a kind share the first one's.
    // Adds the tensors, with layer_tensor. Their order is the file's and that of initialisation: a promise.
    void (*tensors)(struct layer_maker *, const struct net_config *, int index);
    // Takes the buffers with pass_take and pass_take_act. May be called several times, to count.
    enum status (*take)(struct pass *, const struct layer *);
    void (*forward)(struct pass *, const struct layer *);
    // Overwrites the gradients of its tensors. Trunk: pass->dt is the gradient of y before and of x after (of the first layer: of nothing).
    // Heads: from their outputs' gradients, sets pass->dt or `adds` to it.
    void (*backward)(struct pass *, const struct layer *);
};

struct architecture {
    const char *name; // first word of "architecture" in files
    // Lists the trunk, with layer_begin.
    void (*list_trunk)(struct layer_maker *, const struct net_config *);
    // Optional, both or neither: the whole trunk in one launch, where a backend has a verb for it. fuse describes the trunk to the verb once, as
    // one block for free(); NULL: this backend has none. run_fused gives the last trunk layer's y; false: not for this shape, nothing
    // was done.
    enum status (*fuse)(const struct pass *, void **fused);
    bool (*run_fused)(struct pass *, const void *fused);
};

// The row of a config; of a name, or -1.
const struct architecture *layers_architecture(const struct net_config *config);
int layers_find_architecture(const char *name, size_t length);
bool layers_is_head(const struct layer *layer);

// Fills net->tensors, ->layers and ->num_weights, for net->config. layers_free is fine after a failed layers_make.
enum status layers_make(struct net *net);
void layers_free(struct net *net);

// For kinds and architectures.

void layer_begin(struct layer_maker *maker, const struct layer_kind *kind, int index);

// Standard deviation at the start, as a multiple of the one that keeps the variance of a relu's input [He et al. 2015].
#define LAYER_HE 1.0    // before a relu
#define LAYER_ZERO 0.0  // what is added to the trunk: depth does not matter at first [Zhang, Dauphin & Ma 2019]
#define LAYER_SMALL 0.3 // what is added to activations of variance 1; chosen, not tuned
#define LAYER_EVEN 0.2  // outputs, so that a fresh net is near even; chosen, not tuned

struct layer_matrix {
    int in, out;
    bool is_3x3;   // [3, 3, in, out]; else [in, out]
    bool has_bias; // [out] too, at the next slot, zero at the start
    bool by_point; // every weight is used once a point of the board; else once a board
    bool hidden;   // between hidden layers, no fewer rows than columns: Muon's
    double start;  // LAYER_HE ...
};
// Adds NAME.weight at `slot` of the layer that was begun last, and NAME.bias.
__attribute__((format(printf, 4, 5))) void layer_tensor(struct layer_maker *maker, int slot, struct layer_matrix matrix,
                                                        const char *name, ...);
static inline bool layer_has(const struct layer *layer, int slot) { return layer->at[slot] != LAYER_ABSENT; }

#endif
