// The cpu backend's own 3x3 convolutions, over kernels/winograd.h. It keeps plans by shape, packed
// weights by address, and work memory. Whether these convolutions are used depends on the shape of
// the boards and the channels, and never on the number of boards: the bits of an evaluation must
// not depend on what shares its batch. One thread at a time may use them. Private to net/.
#ifndef NET_WINOGRAD_CONVS_H
#define NET_WINOGRAD_CONVS_H

#include "net/backend_verbs.h"

struct winograd_convs;

struct winograd_convs *winograd_convs_new(void); // NULL where this processor can't run them
void winograd_convs_free(struct winograd_convs *convs);
// tells that weights in memory have changed
void winograd_convs_stale(struct winograd_convs *convs);

// The verbs of these names on fp32 arrays. convs may be NULL. They return false, and have done
// nothing, where the shape is not for them.
bool winograd_conv_forward(struct winograd_convs *convs, struct image s, int in, int out, const float *x, const float *weight,
                           const float *bias, const float *residual, bool relu, const float *mask, float *y);
bool winograd_conv_backward_data(struct winograd_convs *convs, struct image s, int in, int out, const float *dy,
                                 const float *weight, float *dx);
// Computes the gradient of the weights alone, and not that of the bias.
bool winograd_conv_backward_weights(struct winograd_convs *convs, struct image s, int in, int out, const float *x,
                                    const float *dy, float *dweight);

#endif
