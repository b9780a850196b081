// Convolutions as cuDNN operation graphs, and the plans that run them. Private to conv_cudnn.c and
// its tests. No type of cuDNN shows here, so that tests need no header of it. A card need not
// exist: cuDNN 9.8 and later make plans for a card that is only described.
#ifndef KERNELS_CONV_GRAPH_H
#define KERNELS_CONV_GRAPH_H

#include "kernels/conv.h"

#include <stdint.h>

enum conv_direction { CONV_FORWARD, CONV_BACKWARD_DATA, CONV_BACKWARD_FILTER };

// What a plan is made for. Only the forward direction has an epilogue.
struct conv_key {
    enum conv_direction direction;
    struct conv_shape shape;
    // What is fused into a forward convolution: it adds the bias and the residual, applies relu and
    // multiplies by the mask.
    bool bias, residual, relu, mask;
    // The gradient of the filter is fp32; otherwise it has the images' element.
    bool filter_f32;
};

// The tensors of a graph. Forward reads X and FILTER and writes Y. Backward data reads Y (dy) and
// FILTER and writes X (dx). Backward filter reads X and Y (dy) and writes FILTER (dfilter).
enum { CONV_X = 1, CONV_FILTER, CONV_Y, CONV_BIAS, CONV_RESIDUAL, CONV_MASK };
// Every array's address has to be a multiple of this many bytes.
enum { CONV_ALIGNMENT = 16, CONV_MASK_ALIGNMENT = 4 };

// What plans are made for: the current card by a handle of cuDNN, or a card that is only described.
struct conv_site {
    void *handle; // cudnnHandle_t or NULL
    void *card;   // from conv_card_new, or NULL
};

struct conv_plan {
    void *plan; // a finalized execution plan of cuDNN's
    size_t workspace_bytes;
    int64_t engine; // cuDNN's number of the engine, for messages
    bool compiled;  // whether cuDNN compiled it on the spot
};

int conv_library_version(void); // as cuDNN numbers it: 91900 for 9.19.0

// A card by cuDNN's own JSON description of its properties. NULL: `why` says that cuDNN is older
// than 9.8, or what is wrong with the description.
void *conv_card_new(const char *json, char why[DEVICE_TEXT]);
void conv_card_free(void *card);

// Finds up to `max` plans that keep conv.h's promises on precision and need no more than
// `workspace_limit` bytes, in the order of cuDNN's heuristics. At most `max_compiled` of them are
// of the kind that cuDNN compiles on the spot, which takes a second or two each. Returns how many
// there are; where there are none, `why` says the reason. The caller frees each with
// conv_plan_free.
int conv_find_plans(const struct conv_site *site, const struct conv_key *key, size_t workspace_limit, int max, int max_compiled,
                    struct conv_plan *plans, char why[DEVICE_TEXT]);
void conv_plan_free(struct conv_plan *plan);
// Runs a plan on the handle's stream. `num` tensors are given by their CONV_ numbers and addresses.
// Returns 0 or cuDNN's status.
int conv_plan_run(void *handle, const struct conv_plan *plan, int num, const int64_t *tensors, void *const *addresses,
                  void *workspace);
const char *conv_status_text(int status);

#endif
