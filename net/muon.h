// Muon, an optimiser for the matrices between hidden layers: momentum whose step is made orthogonal
// [Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks"]. Private to net/.
//
// A few large directions make up most of a gradient matrix. The nearest (semi-)orthogonal matrix
// moves all directions alike, so that the others are learned as fast. The step is U V^T of the
// momentum U S V^T. Five steps of a Newton-Schulz iteration, which consist of matrix products, find
// it without a decomposition. It is scaled so that its root mean square is that of AdamW's usual
// step [Liu et al. 2025, "Muon is scalable for LLM training", 2.2], so that one learning rate
// serves both.
//
// It is written over backend verbs, so it runs wherever the net does. One thread at a time uses it.
#ifndef NET_MUON_H
#define NET_MUON_H

#include "net/backend_verbs.h"
#include "net/net.h"

struct muon { // scratch on the backend for the largest matrix
    struct backend *backend;
    float *step, *next, *gram, *polynomial; // [rows, cols] twice, [cols, cols] twice
};

struct muon_step {
    float rate, momentum, decay;
    float gradient_scale; // what the gradient is multiplied by first, to clip it
};

// Takes scratch for all matrices of `net` that Muon is for (`hidden` in struct net_tensor).
// muon_done is allowed after a failed muon_init.
enum status muon_init(struct muon *muon, struct backend *backend, const struct net *net);
void muon_done(struct muon *muon);
// Updates one matrix [rows, cols] with rows >= cols, and its momentum `mean`, which is an average
// of gradients. After the last matrix the caller has to call weights_changed of the backend.
void muon_update(struct muon *muon, int rows, int cols, struct muon_step step, const float *gradient, float *weights,
                 float *mean);

#endif
