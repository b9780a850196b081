// What the net tests share: a small net in which every layer has an effect, and rows of random
// targets.
#ifndef TESTS_NET_SUPPORT_H
#define TESTS_NET_SUPPORT_H

#include "net/train.h"
#include "tests/test.h"

static inline struct net_config small_config(void) {
    return (struct net_config){.num_planes = 5,
                               .num_globals = 3,
                               .policy_planes = 1,
                               .num_global_actions = 1,
                               .has_score = true,
                               .has_ownership = true,
                               .blocks = 3,
                               .channels = 8,
                               .pool_every = 2,
                               .head_channels = 6,
                               .value_hidden = 7};
}

// A net in which all weights are random, also biases and layers that usually start at zero, so that
// no layer is without effect.
static inline struct net *lively_net(const struct net_config *config, uint64_t seed) {
    struct rng rng;
    struct net *net;
    rng_init(&rng, seed, 0);
    if (net_new(&net, config, &rng)) exit(1);
    for (int i = 0; i < net->num_tensors; i++) {
        const struct net_tensor *t = &net->tensors[i];
        for (size_t k = 0; k < t->count; k++) net->weights[t->offset + k] += (float)(0.15 * rng_normal(&rng));
    }
    return net;
}

// A training on one device with shards of `rows` rows of h x w.
static inline struct train_spec train_spec_of(const char *backend, int workers, int rows, int h, int w) {
    return (struct train_spec){
        .backend = {.name = backend}, .workers_per_device = workers, .max_shard_rows = rows, .height = h, .width = w};
}

// The same with weights of the usual size, so that half precisions can hold the activations: noise
// of half the deviation that keeps a layer's variance, and small biases.
static inline struct net *tame_net(const struct net_config *config, uint64_t seed) {
    struct rng rng;
    struct net *net;
    rng_init(&rng, seed, 0);
    if (net_new(&net, config, &rng)) exit(1);
    for (int i = 0; i < net->num_tensors; i++) {
        const struct net_tensor *t = &net->tensors[i];
        // 100: of a bias
        const double inputs = t->num_dims == 4 ? 9.0 * t->dims[2] : t->num_dims == 2 ? t->dims[0] : 100;
        for (size_t k = 0; k < t->count; k++) net->weights[t->offset + k] += (float)(0.5 * rng_normal(&rng) / sqrt(inputs));
    }
    return net;
}

static inline float uniform(struct rng *rng) { return (float)(2 * rng_double(rng) - 1); }

static inline void random_distribution(struct rng *rng, int count, const float *allowed, float *out) {
    float sum = 0;
    for (int i = 0; i < count; i++) sum += out[i] = allowed && allowed[i] == 0 ? 0 : (float)rng_double(rng) + 0.01f;
    for (int i = 0; i < count; i++) out[i] /= sum;
}

// One row of a board of h x w in the frame of the batch.
static inline void random_row(struct batch *b, const struct net_config *c, struct rng *rng, int h, int w) {
    const int i = b->n++, points = b->height * b->width, a = b->actions;
    float *on = b->mask + (size_t)i * points, *legal = b->legal + (size_t)i * a;
    float board[GAME_MAX_ACTIONS];
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            const int p = y * b->width + x;
            on[p] = 1;
            batch_target(b, LOSS_OWNERSHIP, i)[p] = (float)(int)rng_below(rng, 3) - 1;
            for (int k = 0; k < c->num_planes; k++)
                b->planes[((size_t)i * points + p) * c->num_planes + k] = (float)rng_below(rng, 2);
        }
    for (int k = 0; k < a; k++) {
        board[k] = k >= c->policy_planes * points || on[k % points] > 0;
        legal[k] = board[k] > 0 && (k >= c->policy_planes * points || rng_below(rng, 4) > 0);
    }
    for (int k = 0; k < c->num_globals; k++) b->globals[(size_t)i * c->num_globals + k] = uniform(rng);
    random_distribution(rng, a, legal, batch_target(b, LOSS_POLICY, i));
    random_distribution(rng, a, board, batch_target(b, LOSS_REPLY, i));
    random_distribution(rng, 3, NULL, batch_target(b, LOSS_VALUE, i));
    random_distribution(rng, 3, NULL, batch_target(b, LOSS_SHORT_VALUE, i));
    *batch_target(b, LOSS_SCORE, i) = 20 * uniform(rng);
    const float weight = 0.5f + (float)rng_double(rng);
    for (int kind = 0; kind < NUM_LOSSES; kind++) b->weights[kind][i] = weight;
}

#endif
