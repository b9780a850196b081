// Convolutions as cuDNN operation graphs, and the plans that run them. Private to conv_cudnn.c and its tests: no type of cuDNN
// shows, and a card need not exist: cuDNN 9.8 and later plan for a card that is only described.
#ifndef KERNELS_CONV_GRAPH_H
#define KERNELS_CONV_GRAPH_H

#include "kernels/conv.h"

#include <stdint.h>

enum conv_direction { CONV_FORWARD, CONV_BACKWARD_DATA, CONV_BACKWARD_FILTER };

// What a plan is made for. Directions other than forward have no epilogue.
struct conv_key {
    enum conv_direction direction;
    struct conv_shape shape;
    bool bias, residual, relu, mask; // forward: fused in this order: conv, + residual, + bias, relu, * mask
    bool filter_f32;                 // backward filter: dfilter is fp32, else of the images' element
};

// Tensors of a graph. Forward reads X, FILTER and writes Y. Backward data reads Y (dy), FILTER and writes X (dx). Backward filter
// reads X, Y (dy) and writes FILTER (dfilter).
enum { CONV_X = 1, CONV_FILTER, CONV_Y, CONV_BIAS, CONV_RESIDUAL, CONV_MASK };
enum { CONV_ALIGNMENT = 16, CONV_MASK_ALIGNMENT = 4 }; // bytes: what every array's address must be a multiple of

// Who plans: a handle of cuDNN on the current card, or a described card.
struct conv_site {
    void *handle; // cudnnHandle_t or NULL
    void *card;   // from conv_card_new, or NULL
};

struct conv_plan {
    void *plan; // finalized execution plan
    size_t workspace_bytes;
    int64_t engine; // cuDNN's number of it, to be named in messages
    bool compiled;  // on the spot, not in the library
};

int conv_library_version(void); // cuDNN's: 91900 for 9.19.0

// A card by cuDNN's own JSON description of its properties. NULL: `why` (cuDNN older than 9.8, or what is wrong with it).
void *conv_card_new(const char *json, char why[DEVICE_TEXT]);
void conv_card_free(void *card);

// Up to `max` plans, best first by cuDNN's heuristics, that keep conv.h's promises on precision and need no more than
// `workspace_limit` bytes; at most `max_compiled` of them of the kind that cuDNN compiles on the spot, which takes a second or
// two each. Returns how many; 0: `why`. The caller frees each with conv_plan_free.
int conv_find_plans(const struct conv_site *site, const struct conv_key *key, size_t workspace_limit, int max, int max_compiled,
                    struct conv_plan *plans, char why[DEVICE_TEXT]);
void conv_plan_free(struct conv_plan *plan);
// Runs it on the handle's stream: num tensors by CONV_ numbers. 0, or cuDNN's status.
int conv_plan_run(void *handle, const struct conv_plan *plan, int num, const int64_t *tensors, void *const *addresses,
                  void *workspace);
const char *conv_status_text(int status);

#endif
