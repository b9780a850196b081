// The cpu backend's own 3x3 convolutions: plans by shape, packed weights by address, work memory, over kernels/winograd.h. Whether they
// are used is decided by the shape of the boards and the channels, never by the number of boards: an evaluation's bits must
// not depend on who shares its batch. Used by one thread at a time.
#ifndef NET_WINOGRAD_CONVS_H
#define NET_WINOGRAD_CONVS_H

#include "net/backend_verbs.h"

struct winograd_convs;

struct winograd_convs *winograd_convs_new(void); // NULL: this processor has none
void winograd_convs_free(struct winograd_convs *convs);
void winograd_convs_stale(struct winograd_convs *convs); // weights in memory changed

// As the verbs of these names, but fp32 arrays; convs may be NULL. false: not for this shape, nothing was done.
bool winograd_conv_forward(struct winograd_convs *convs, struct image s, int in, int out, const float *x, const float *weight,
                           const float *bias, const float *residual, bool relu, const float *mask, float *y);
bool winograd_conv_backward_data(struct winograd_convs *convs, struct image s, int in, int out, const float *dy,
                                 const float *weight, float *dx);
// Without the bias's gradient.
bool winograd_conv_backward_weights(struct winograd_convs *convs, struct image s, int in, int out, const float *x,
                                    const float *dy, float *dweight);

#endif
