// Weights on the host: the table of tensors, initialisation, digest, cost.
#include "net/net.h"

#include "base/files.h"
#include "base/version.h"
#include "net/net_table.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct net_config net_config_for(const struct game *game, int blocks, int channels) {
    const int half = (channels / 2 + 7) / 8 * 8; // chosen, not tuned: heads of half the trunk's width, whole vectors
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

// The table.

struct table_maker {
    struct net *net;
    size_t count;
};

__attribute__((format(printf, 4, 5))) static void tensor_add(struct table_maker *m, int num_dims, const int *dims,
                                                             const char *format, ...) {
    struct net_tensor *t = &m->net->tensors[m->net->num_tensors++];
    *t = (struct net_tensor){.num_dims = num_dims, .offset = m->count, .count = 1, .decays = num_dims > 1};
    va_list list;
    va_start(list, format);
    vsnprintf(t->name, sizeof t->name, format, list);
    va_end(list);
    for (int i = 0; i < num_dims; i++) {
        t->dims[i] = dims[i];
        t->count *= (size_t)dims[i];
    }
    m->count += (t->count + 15) / 16 * 16; // 64-byte steps; the gaps stay zero
}

static void add_conv(struct table_maker *m, const char *name, int in, int out) {
    tensor_add(m, 4, (int[]){3, 3, in, out}, "%s.weight", name);
    tensor_add(m, 1, (int[]){out}, "%s.bias", name);
}
static void add_hidden_conv(struct table_maker *m, const char *name, int channels) {
    add_conv(m, name, channels, channels);
    m->net->tensors[m->net->num_tensors - 2].hidden = true;
}
static void add_dense(struct table_maker *m, const char *name, int in, int out, bool bias) {
    tensor_add(m, 2, (int[]){in, out}, "%s.weight", name);
    if (bias) tensor_add(m, 1, (int[]){out}, "%s.bias", name);
}

bool net_block_pools(const struct net_config *c, int block) {
    return c->pool_every > 0 && block >= 1 && (block - 1) % c->pool_every == 0;
}
int net_value_outputs(const struct net_config *c) { return 6 + c->has_score; }

static void make_table(struct net *net) {
    const struct net_config *c = &net->config;
    struct table_maker m = {.net = net};
    add_conv(&m, "trunk.stem.conv", c->num_planes, c->channels);
    if (c->num_globals) add_dense(&m, "trunk.stem.globals", c->num_globals, c->channels, false);
    for (int i = 0; i < c->blocks; i++) {
        char name[48];
        snprintf(name, sizeof name, "trunk.block%d.conv1", i + 1);
        add_hidden_conv(&m, name, c->channels);
        snprintf(name, sizeof name, "trunk.block%d.pool", i + 1);
        if (net_block_pools(c, i)) add_dense(&m, name, 3 * c->channels, c->channels, false);
        snprintf(name, sizeof name, "trunk.block%d.conv2", i + 1);
        add_hidden_conv(&m, name, c->channels);
    }
    add_dense(&m, "policy.conv", c->channels, c->head_channels, true);
    add_dense(&m, "policy.pool", 3 * c->head_channels, c->head_channels, false);
    add_dense(&m, "policy.points", c->head_channels, 2 * c->policy_planes, true);
    if (c->num_global_actions) add_dense(&m, "policy.globals", 3 * c->head_channels, 2 * c->num_global_actions, true);
    add_dense(&m, "value.conv", c->channels, c->head_channels, true);
    add_dense(&m, "value.hidden", 3 * c->head_channels, c->value_hidden, true);
    add_dense(&m, "value.out", c->value_hidden, net_value_outputs(c), true);
    if (c->has_ownership) add_dense(&m, "value.ownership", c->head_channels, 1, true);
    net->num_weights = m.count;
}

static bool in_range(int value, int low, int high) { return value >= low && value <= high; }

static enum status check_config(const struct net_config *c) {
    if (in_range(c->num_planes, 1, 1024) && in_range(c->num_globals, 0, 1024) && in_range(c->policy_planes, 1, 64) &&
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
    struct net *net = calloc(1, sizeof *net);
    if (!net) goto memory;
    net->config = *config;
    net->tensors = calloc((size_t)(5 * config->blocks + 24), sizeof *net->tensors);
    if (!net->tensors) goto memory;
    make_table(net);
    net->weights = aligned_alloc(64, net->num_weights * sizeof(float));
    if (!net->weights) goto memory;
    memset(net->weights, 0, net->num_weights * sizeof(float));
    *out = net;
    return STATUS_OK;
memory:
    net_free(net);
    return status_fail(STATUS_MEMORY, "net: not enough memory for %d blocks of %d channels", config->blocks, config->channels);
}

// Standard deviation at the start. Layers before a relu keep the variance of their input [He et al. 2015]; what is added to the
// trunk starts at zero or small, so that the depth does not matter [Zhang, Dauphin & Ma 2019]; heads start near even.
static double initial_deviation(const struct net_tensor *t) {
    if (t->num_dims == 1 || strstr(t->name, "conv2")) return 0;
    const double inputs = t->num_dims == 4 ? 9.0 * t->dims[2] : t->dims[0];
    const double he = sqrt(2 / inputs);
    if (strstr(t->name, ".pool.") || strstr(t->name, "stem.globals")) return 0.3 * he; // chosen, not tuned
    if (strstr(t->name, "policy.points") || strstr(t->name, "policy.globals") || strstr(t->name, "value.out") ||
        strstr(t->name, "value.ownership"))
        return 0.2 * he; // chosen, not tuned
    return he;
}

enum status net_new(struct net **out, const struct net_config *config, struct rng *rng) {
    *out = NULL;
    TRY(net_empty(out, config));
    struct net *net = *out;
    snprintf(net->meta.program, sizeof net->meta.program, "%s", version_program());
    if (!rng) return STATUS_OK;
    for (int i = 0; i < net->num_tensors; i++) {
        const struct net_tensor *t = &net->tensors[i];
        const double deviation = initial_deviation(t);
        if (deviation == 0) continue;
        for (size_t k = 0; k < t->count; k++) net->weights[t->offset + k] = (float)(deviation * rng_normal(rng));
    }
    return STATUS_OK;
}

void net_free(struct net *net) {
    if (!net) return;
    free(net->tensors);
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
                    "pool_every=%d head_channels=%d value_hidden=%d",
                    c->num_planes, c->num_globals, c->policy_planes, c->num_global_actions, c->has_score, c->has_ownership,
                    c->blocks, c->channels, c->pool_every, c->head_channels, c->value_hidden);
}

void net_digest(const struct net *net, char out[65]) {
    char text[NET_CONFIG_TEXT_BYTES];
    const size_t head = (size_t)net_config_text(&net->config, text, sizeof text), bytes = net->num_weights * sizeof(float);
    char *all = malloc(head + bytes);
    CHECK(all != NULL);
    memcpy(all, text, head);
    memcpy(all + head, net->weights, bytes);
    sha256_hex(all, head + bytes, out);
    free(all);
}

// Every weight of a matrix is used once a row: a point for 3x3 and 1x1 convolutions, a board for the rest.
double net_flops(const struct net *net, int height, int width) {
    double sum = 0;
    for (int i = 0; i < net->num_tensors; i++) {
        const struct net_tensor *t = &net->tensors[i];
        if (t->num_dims == 1) continue;
        const bool by_point = t->num_dims == 4 || strstr(t->name, "policy.conv") || strstr(t->name, "policy.points") ||
                              strstr(t->name, "value.conv") || strstr(t->name, "value.ownership");
        sum += 2.0 * (double)t->count * (by_point ? (double)height * width : 1);
    }
    return sum;
}
