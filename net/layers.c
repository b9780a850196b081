// The tables of architectures and heads, and how a config becomes a list of layers and tensors.
#include "net/layers.h"

#include "base/memory.h"
#include "net/heads.h"
#include "net/trunk.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct architecture *const architectures[] = {&trunk_residual};
enum { NUM_ARCHITECTURES = sizeof architectures / sizeof architectures[0] };

// Every net has all heads. Each head decides which of its outputs the game has.
static const struct layer_kind *const heads[] = {&heads_policy, &heads_value};
enum { NUM_HEADS = sizeof heads / sizeof heads[0] };

const struct architecture *layers_architecture(const struct net_config *c) {
    CHECK(c->architecture >= 0 && c->architecture < NUM_ARCHITECTURES);
    return architectures[c->architecture];
}

int layers_find_architecture(const char *name, size_t length) {
    for (int i = 0; i < NUM_ARCHITECTURES; i++)
        if (strlen(architectures[i]->name) == length && !strncmp(architectures[i]->name, name, length)) return i;
    return -1;
}

bool layers_is_head(const struct layer *layer) {
    for (int i = 0; i < NUM_HEADS; i++)
        if (layer->kind == heads[i]) return true;
    return false;
}

struct layer_maker {
    struct net *net;
};

// The array with space for one more than `num`. Its size doubles where `num` is a power of two.
static void *grown(void *array, int num, size_t bytes) {
    if (num & (num - 1)) return array;
    return memory_resize(array, num ? 2 * (size_t)num : 1, bytes, "the layers of a net");
}

void layer_begin(struct layer_maker *m, const struct layer_kind *kind, int index) {
    struct net *net = m->net;
    net->layers = grown(net->layers, net->num_layers, sizeof *net->layers);
    struct layer *layer = &net->layers[net->num_layers++];
    *layer = (struct layer){.kind = kind, .index = index};
    for (int i = 0; i < LAYER_TENSORS; i++) layer->at[i] = LAYER_ABSENT;
    kind->tensors(m, &net->config, index);
}

static void add(struct layer_maker *m, int which, const char *name, const char *part, struct net_tensor tensor) {
    struct net *net = m->net;
    net->tensors = grown(net->tensors, net->num_tensors, sizeof *net->tensors);
    snprintf(tensor.name, sizeof tensor.name, "%s.%s", name, part);
    tensor.offset = net->num_weights;
    tensor.count = 1;
    for (int i = 0; i < tensor.num_dims; i++) tensor.count *= (size_t)tensor.dims[i];
    CHECK(which < LAYER_TENSORS);
    net->layers[net->num_layers - 1].at[which] = tensor.offset;
    // tensors begin on 64 bytes, and the gaps stay zero
    net->num_weights += (tensor.count + 15) / 16 * 16;
    net->tensors[net->num_tensors++] = tensor;
}

void layer_tensor(struct layer_maker *m, int which, struct layer_matrix x, const char *format, ...) {
    char name[48];
    va_list list;
    va_start(list, format);
    vsnprintf(name, sizeof name, format, list);
    va_end(list);
    struct net_tensor weight = {
        .num_dims = 2, .dims = {x.in, x.out}, .decays = true, .hidden = x.hidden, .by_point = x.by_point};
    if (x.is_3x3) {
        weight.num_dims = 4;
        memcpy(weight.dims, (int[]){3, 3, x.in, x.out}, sizeof weight.dims);
    }
    weight.deviation = x.start * sqrt(2 / (x.is_3x3 ? 9.0 * x.in : x.in));
    add(m, which, name, "weight", weight);
    if (x.has_bias) add(m, which + 1, name, "bias", (struct net_tensor){.num_dims = 1, .dims = {x.out}});
}

void layers_make(struct net *net) {
    struct layer_maker m = {.net = net};
    layers_architecture(&net->config)->list_trunk(&m, &net->config);
    for (int i = 0; i < NUM_HEADS; i++) layer_begin(&m, heads[i], 0);
}

void layers_free(struct net *net) {
    free(net->tensors);
    free(net->layers);
}
