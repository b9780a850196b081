// A net on the host: how it is made and copied, its digest, and what an evaluation costs.
#include "net/net.h"

#include "base/files.h"
#include "base/memory.h"
#include "base/version.h"
#include "net/layers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct net_config net_config_for(const struct game *game, int blocks, int channels) {
    // Heads have half of the trunk's width, in whole vectors. Chosen, not tuned.
    const int half = (channels / 2 + 7) / 8 * 8;
    return (struct net_config){
        .num_planes = game->num_planes,
        .num_globals = game->num_globals,
        .policy_planes = game->policy_planes,
        .num_global_actions = game->num_global_actions,
        .has_score = game->has_score,
        .has_ownership = game->has_ownership,
        .blocks = blocks,
        .channels = channels,
        .pool_every = 2,
        .head_channels = half < 16 ? 16 : half,
        .value_hidden = channels < 32 ? 32 : channels,
    };
}

static bool in_range(int value, int low, int high) { return value >= low && value <= high; }

static enum status check_config(const struct net_config *c) {
    if (in_range(c->num_planes, 1, 1024) && in_range(c->num_globals, 0, 1024) && in_range(c->policy_planes, 1, 256) &&
        in_range(c->num_global_actions, 0, 64) && in_range(c->blocks, 0, 256) && in_range(c->channels, 1, 2048) &&
        in_range(c->pool_every, 0, 256) && in_range(c->head_channels, 1, 1024) && in_range(c->value_hidden, 1, 4096))
        return STATUS_OK;
    return status_fail(
        STATUS_USAGE,
        "net: %d blocks of %d channels (head %d, hidden %d, pooling every %d) on %d planes and %d globals is outside "
        "what a net can be",
        c->blocks, c->channels, c->head_channels, c->value_hidden, c->pool_every, c->num_planes, c->num_globals);
}

static enum status net_empty(struct net **out, const struct net_config *config) {
    TRY(check_config(config));
    struct net *net = memory_new(1, sizeof *net, "a net");
    net->config = *config;
    layers_make(net);
    net->weights = aligned_alloc(64, net->num_weights * sizeof(float));
    if (!net->weights) {
        net_free(net);
        return status_fail(STATUS_MEMORY, "net: not enough memory for %d blocks of %d channels", config->blocks,
                           config->channels);
    }
    memset(net->weights, 0, net->num_weights * sizeof(float));
    *out = net;
    return STATUS_OK;
}

enum status net_new(struct net **out, const struct net_config *config, struct rng *rng) {
    *out = NULL;
    TRY(net_empty(out, config));
    struct net *net = *out;
    snprintf(net->meta.program, sizeof net->meta.program, "%s", version_program());
    if (!rng) return STATUS_OK;
    for (int i = 0; i < net->num_tensors; i++) {
        const struct net_tensor *t = &net->tensors[i];
        if (t->deviation == 0) continue;
        for (size_t k = 0; k < t->count; k++) net->weights[t->offset + k] = (float)(t->deviation * rng_normal(rng));
    }
    return STATUS_OK;
}

void net_free(struct net *net) {
    if (!net) return;
    layers_free(net);
    free(net->weights);
    free(net);
}

enum status net_copy(struct net **out, const struct net *net) {
    *out = NULL;
    TRY(net_empty(out, &net->config));
    memcpy((*out)->weights, net->weights, net->num_weights * sizeof(float));
    (*out)->meta = net->meta;
    return STATUS_OK;
}

const struct net_tensor *net_find(const struct net *net, const char *name) {
    for (int i = 0; i < net->num_tensors; i++)
        if (!strcmp(net->tensors[i].name, name)) return &net->tensors[i];
    return NULL;
}

int net_config_text(const struct net_config *c, char *out, size_t out_bytes) {
    return snprintf(out, out_bytes,
                    "planes=%d globals=%d policy_planes=%d global_actions=%d score=%d ownership=%d blocks=%d channels=%d "
                    "pool_every=%d head_channels=%d value_hidden=%d%s%s",
                    c->num_planes, c->num_globals, c->policy_planes, c->num_global_actions, c->has_score, c->has_ownership,
                    c->blocks, c->channels, c->pool_every, c->head_channels, c->value_hidden,
                    c->architecture ? " architecture=" : "", c->architecture ? layers_architecture(c)->name : "");
}

void net_digest(const struct net *net, char out[65]) {
    char text[NET_CONFIG_TEXT_BYTES];
    const size_t head = (size_t)net_config_text(&net->config, text, sizeof text), bytes = net->num_weights * sizeof(float);
    char *all = memory_raw(head + bytes, 1, "the digest of a net");
    memcpy(all, text, head);
    memcpy(all + head, net->weights, bytes);
    sha256_hex(all, head + bytes, out);
    free(all);
}

long long net_parameters(const struct net *net) {
    long long sum = 0;
    for (int i = 0; i < net->num_tensors; i++) sum += (long long)net->tensors[i].count;
    return sum;
}

double net_flops(const struct net *net, int height, int width) {
    double sum = 0;
    for (int i = 0; i < net->num_tensors; i++) {
        const struct net_tensor *t = &net->tensors[i];
        if (t->num_dims > 1) sum += 2.0 * (double)t->count * (t->by_point ? (double)height * width : 1);
    }
    return sum;
}
