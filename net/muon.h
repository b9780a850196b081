// Muon: momentum whose step is made orthogonal, for the matrices between hidden layers [Jordan et al. 2024, "Muon: an optimizer for
// hidden layers in neural networks"]. Private to net/.
//
// A gradient matrix is mostly a few large directions. Its nearest (semi-)orthogonal matrix moves all directions alike, so that
// the rare ones are learned as fast: the step is U V^T of the momentum U S V^T, found without a decomposition by five steps of a
// Newton-Schulz iteration, all products. Scaled so that its root mean square is that of AdamW's usual step [Liu et al. 2025,
// "Muon is scalable for LLM training", 2.2], one learning rate serves both.
//
// Written over backend verbs: it runs wherever the net does. Used by one thread at a time.
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
    float gradient_scale; // the gradient is multiplied by it first (clipping)
};

// For all matrices of `net` that are Muon's (struct net_tensor, `hidden`). muon_done is fine after a failed init.
enum status muon_init(struct muon *muon, struct backend *backend, const struct net *net);
void muon_done(struct muon *muon);
// One matrix [rows, cols], rows >= cols. mean: the momentum, an average of gradients; it and the weights advance. The caller tells the
// backend (weights_changed) after the last matrix.
void muon_update(struct muon *muon, int rows, int cols, struct muon_step step, const float *gradient, float *weights,
                 float *mean);

#endif
