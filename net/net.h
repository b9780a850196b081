// The policy-value network: its architecture, its weights on the host, and its file.
//
// One set of weights plays every board size. The net is a residual tower of 3x3 convolutions with
// masked global pooling. It has no batch normalisation: weights start with a fixed variance, and
// the last convolution of a block with zeros [Zhang, Dauphin & Ma 2019]. Relu follows each
// convolution and each sum of a block, so that it can be fused into the convolution. Activations
// are [n, h, w, c] everywhere.
//
//   stem     t = relu(conv3x3(planes) + dense(globals))
//   block    y = relu(conv1(t)); t = relu(t + conv2(y));
//            with y = relu(y + dense(pool(y))) in between in every pool_every-th block
//   pool     for each channel the mean over the board, the mean scaled by the board's width,
//            and the maximum [Wu 2019, 3.3]
//   policy   q1 = relu(1x1(t)); q2 = relu(q1 + dense(pool(q1))); logits = 1x1(q2);
//            logits of global actions = dense(pool(q1));
//            logits are there twice, for this move and for the opponent's reply
//   value    v = relu(1x1(t)); h = relu(dense(pool(v)));
//            logits of win, draw and loss, the same for the short term, and score = dense(h);
//            ownership = tanh(1x1(v))
//
// The weights are one flat array of floats on the host, with a table of named tensors into it, so
// that the optimiser, the average, the digest and the sums over devices are loops over one array. A
// net must not change while evaluators share it. Training has rules of its own (train.h).
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
    bool has_score, has_ownership;         // which of these outputs the net has
    // The architecture of the trunk: a row of the table in net/layers.c, of which 0 is the one
    // above.
    int architecture;
    int blocks, channels; // of the trunk
    int pool_every;       // blocks 2, 2 + pool_every, ... pool; none where it is 0
    int head_channels;    // of the 1x1 convolutions that begin the heads
    int value_hidden;     // the width of the value head's hidden layer
};

struct net_tensor {
    char name[64];         // "trunk.block3.conv1.weight"
    int num_dims, dims[4]; // conv weights [3, 3, in, out]; dense weights [in, out]; biases [out]
    size_t offset, count;  // in floats
    double deviation;      // the standard deviation at the start; 0 for zeros
    // Whether each weight is used once for each point of the board, or once for a board.
    bool by_point;
    bool decays; // whether weight decay applies, as it does to weights but not to biases
    // Whether Muon updates it, where that is used: it is then a matrix [rest, last dimension]
    // between hidden layers, with no fewer rows than columns.
    bool hidden;
};

enum { NET_MAX_ANCESTORS = 8, NET_ANCESTOR_BYTES = 320, NET_MAX_LEARNED = 48, NET_MAX_SETTINGS = 24 };

// A board and a rule set that training was on (net/learned.h).
struct net_learned {
    int height, width;
    char rules[GAME_RULES_BYTES]; // "": not recorded
    long long games, positions;   // how many were seen, earlier nets' included; -1: not recorded
};

// A strength that the net can play at (net/net_setting.h).
struct net_setting {
    int visits;            // of a move; 0: the raw net
    double temperature;    // of the choice of the move; 0: always the best
    double elo, low, high; // with its interval of 95 %; NAN: not rated
    int games;             // that count for it
};

// Where a net comes from. It travels in the __metadata__ of its file.
struct net_meta {
    char game[32];
    int min_size, max_size;         // the board sides that it was trained on
    long long step, games, samples; // optimiser steps, games seen, rows trained on
    // The digest of the net that it grew from; its own where it still is that net; or empty.
    char parent[65];
    // The nets of other trainings that it comes from (`train --from`): the most recent comes first,
    // "" follows the last, and the oldest are left out where there are more. net/carry.h writes and
    // reads them.
    char ancestors[NET_MAX_ANCESTORS][NET_ANCESTOR_BYTES];
    char digest[65];      // SHA-256 of config and weights, which save and load set
    long long parameters; // the numbers in the file's tensors, which save and load set
    unsigned long long seed;
    char program[64];  // the version that wrote it
    char command[512]; // a command that trains such a net
    char machine[128]; // what it was trained on
    double seconds;    // of training, over all sessions; 0 where not known
    // Its measured strength, or empty: "Elo 2208 +-54 (uct:1024 = 1000) at komi 9, 100 visits a
    // move, 4021 games"; "not known yet (2 games)" where the interval is too wide for a figure.
    char strength[160];
    // What training was on. net_load derives the list for nets from before there was one.
    int num_learned;
    struct net_learned learned[NET_MAX_LEARNED];
    // The strengths it can play at, by Elo, and on what scale they are, as in "9x9, komi 7, chinese,
    // GNU Go level 10 = 1800".
    int num_settings;
    struct net_setting settings[NET_MAX_SETTINGS];
    char settings_scale[160];
    char note[256]; // any text, for people
};

struct net {
    struct net_config config;
    struct net_meta meta;
    int num_tensors;
    struct net_tensor *tensors;
    int num_layers;
    struct layer *layers; // net/layers.h
    // The floats in `weights`. They are more than the parameters, since tensors begin on 64 bytes,
    // with zeros between them.
    size_t num_weights;
    float *weights; // [num_weights], 64-byte aligned
};

// A sensible config of a net for `game` with a trunk of this size.
struct net_config net_config_for(const struct game *game, int blocks, int channels);
// Makes a net with random weights, or with zeros where rng is NULL. STATUS_FORMAT says that a
// config is not possible, STATUS_MEMORY that it is too large.
enum status net_new(struct net **net, const struct net_config *config, struct rng *rng);
void net_free(struct net *net);
enum status net_copy(struct net **out, const struct net *net);
// NULL where there is none
const struct net_tensor *net_find(const struct net *net, const char *name);

// Whether a tensor belongs to the blocks of the trunk, which do not depend on a game's planes and
// moves. Another game can take them over, and they may be frozen.
static inline bool net_in_trunk(const struct net_tensor *tensor) { return !strncmp(tensor->name, "trunk.block", 11); }
long long net_parameters(const struct net *net); // how many numbers its tensors have
// Writes the architecture as the digest and the optimiser's state have it: "planes=18 globals=4
// ...". Returns its length.
enum { NET_CONFIG_TEXT_BYTES = 512 };
int net_config_text(const struct net_config *config, char *out, size_t out_bytes);
void net_digest(const struct net *net, char out[65]);
// The floating-point operations of one evaluation, where a multiply-add counts as two.
double net_flops(const struct net *net, int height, int width);

#endif
