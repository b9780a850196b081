// The policy-value network: what it is, its weights on the host, its file.
//
// One set of weights plays every board size. A residual tower of 3x3 convolutions with masked global pooling, without
// batch normalisation: fixed-variance initialisation [Zhang, Dauphin & Ma 2019], the last convolution of a block starts
// at zero, activations are fused into the convolutions (post-activation). [n, h, w, c] everywhere.
//
//   stem     t = relu(conv3x3(planes) + dense(globals))
//   block    y = relu(conv1(t));  every pool_every-th block: y = relu(y + dense(pool(y)));  t = relu(t + conv2(y))
//   pool     per channel: mean over the board, mean scaled by board width, maximum                 [Wu 2019, 3.3]
//   policy   q = relu(1x1(t)); q = relu(q + dense(pool(q))); logits = 1x1(q), global actions = dense(pool(q));
//            two of each: for this move and for the opponent's reply
//   value    v = relu(1x1(t)); h = relu(dense(pool(v))); win/draw/loss logits, short-term value logits, score = dense(h);
//            ownership logit = 1x1(v), tanh
//
// Weights are one flat array of floats on the host with a table of named tensors into it, so that optimiser, average,
// digest and all-reduce are loops over it. A net is read-only while evaluators share it; training has its own rules (train.h).
#ifndef NET_NET_H
#define NET_NET_H

#include "base/rng.h"
#include "game/game.h"
#include "net/net_file.h" // the rest of a net's manual

#include <stddef.h>
#include <string.h>

struct layer;

struct net_config {
    int num_planes, num_globals;           // of the game
    int policy_planes, num_global_actions; // of the game
    bool has_score, has_ownership;         // heads that exist
    int architecture;                      // of the trunk, a row of the table in net/layers.c; 0: the residual one above
    int blocks, channels;                  // trunk
    int pool_every;                        // blocks 2, 2 + pool_every, ... pool; 0: none
    int head_channels;                     // policy and value 1x1 channels
    int value_hidden;                      // width of the dense value layer
};

struct net_tensor {
    char name[64];         // "trunk.block3.conv1.weight"
    int num_dims, dims[4]; // conv weights [3, 3, in, out]; dense weights [in, out]; biases [out]
    size_t offset, count;  // in floats
    double deviation;      // standard deviation at the start; 0: zeros
    bool by_point;         // a matrix whose weights are used once a point of the board; else once a board
    bool decays;           // weight decay applies (weights, not biases)
    bool hidden;           // a matrix [rest, last dim] between hidden layers, rows >= columns: Muon's where that is used
};

enum { NET_MAX_ANCESTORS = 8, NET_ANCESTOR_BYTES = 320 };

// Provenance that travels in the file's __metadata__. Text fields are zero-terminated.
struct net_meta {
    char game[32];
    int min_size, max_size;         // board sides it was trained on
    long long step, games, samples; // optimiser steps, self-play games seen, rows trained on
    char parent[65];                // digest of the net it grew from, its own where it is that net still, or empty
    // Nets of other trainings that it comes from (`train --from`), the last one first, "" behind the first of them; of a longer line
    // the oldest are left out. net/carry.h writes and reads them.
    char ancestors[NET_MAX_ANCESTORS][NET_ANCESTOR_BYTES];
    char digest[65];      // SHA-256 of config and weights; set by save and load
    long long parameters; // numbers in the file's tensors; set by save and load, not written
    unsigned long long seed;
    char program[64];  // version that wrote it
    char command[512]; // that trains such a net
    char machine[128]; // that it was trained on
    double seconds;    // of training, all sessions; 0: not known
    char
        strength[160]; // measured: "Elo 2208 +-54 (uct:1024 = 1000) at komi 9, 100 visits a move, 4021 games"; empty: not known
    char note[256];    // free text for people
};

struct net {
    struct net_config config;
    struct net_meta meta;
    int num_tensors;
    struct net_tensor *tensors;
    int num_layers;
    struct layer *layers; // net/layers.h
    size_t num_weights;   // floats in `weights`: more than parameters, since tensors begin on 64 bytes, with zeros between them
    float *weights;       // [num_weights], 64-byte aligned
};

// Sizes of a net for a game: a sensible config for `game` with this trunk.
struct net_config net_config_for(const struct game *game, int blocks, int channels);
enum status net_new(struct net **net, const struct net_config *config, struct rng *rng); // rng NULL: zero weights
void net_free(struct net *net);
enum status net_copy(struct net **out, const struct net *net);
const struct net_tensor *net_find(const struct net *net, const char *name); // NULL if absent

// The blocks, which know nothing of a game's planes and moves: what another game can take over, and what may be frozen.
static inline bool net_in_trunk(const struct net_tensor *tensor) { return !strncmp(tensor->name, "trunk.block", 11); }
long long net_parameters(const struct net *net); // numbers in its tensors
// "planes=18 globals=4 ...": the architecture as the digest and the optimiser's state have it. Returns its length.
enum { NET_CONFIG_TEXT_BYTES = 512 };
int net_config_text(const struct net_config *config, char *out, size_t out_bytes);
void net_digest(const struct net *net, char out[65]);
double net_flops(const struct net *net, int height, int width); // multiply-adds count 2, one evaluation, all layers

#endif
