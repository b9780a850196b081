#include "net/pass.h"

#include "net/net_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Offsets by name; a tensor that the config does not have stays at 0 and is never asked for.
static size_t offset_of(const struct net *net, const char *prefix, const char *name) {
    char full[64];
    snprintf(full, sizeof full, "%s.%s", prefix, name);
    const struct net_tensor *t = net_find(net, full);
    return t ? t->offset : 0;
}
static struct dense_map dense_of(const struct net *net, const char *name) {
    return (struct dense_map){offset_of(net, name, "weight"), offset_of(net, name, "bias")};
}

static enum status map_init(struct net_map *map, const struct net *net) {
    const int blocks = net->config.blocks;
    map->blocks = calloc((size_t)blocks + 1, sizeof *map->blocks);
    if (!map->blocks) return status_fail(STATUS_MEMORY, "net: out of memory");
    map->stem = offset_of(net, "trunk.stem.conv", "weight");
    map->stem_bias = offset_of(net, "trunk.stem.conv", "bias");
    map->stem_globals = offset_of(net, "trunk.stem.globals", "weight");
    for (int i = 0; i < blocks; i++) {
        char name[48];
        snprintf(name, sizeof name, "trunk.block%d", i + 1);
        map->blocks[i] = (struct block_map){
            .conv1 = offset_of(net, name, "conv1.weight"),
            .bias1 = offset_of(net, name, "conv1.bias"),
            .pool = offset_of(net, name, "pool.weight"),
            .conv2 = offset_of(net, name, "conv2.weight"),
            .bias2 = offset_of(net, name, "conv2.bias"),
            .pools = net_block_pools(&net->config, i),
        };
    }
    map->policy_conv = dense_of(net, "policy.conv");
    map->policy_pool = dense_of(net, "policy.pool");
    map->policy_points = dense_of(net, "policy.points");
    map->policy_globals = dense_of(net, "policy.globals");
    map->value_conv = dense_of(net, "value.conv");
    map->value_hidden = dense_of(net, "value.hidden");
    map->value_out = dense_of(net, "value.out");
    map->ownership = dense_of(net, "value.ownership");
    return STATUS_OK;
}

static enum status take(struct pass *p, size_t count, float **out) {
    TRY(p->backend->verbs->alloc(p->backend, count ? count : 1, out));
    p->owned[p->num_owned++] = *out;
    return STATUS_OK;
}

static enum status take_trunk(struct pass *p, size_t n, size_t points) {
    const int blocks = p->config.blocks;
    const size_t c = (size_t)p->config.channels, map = n * points * c;
    float **lists = calloc((size_t)blocks * 4 + 1, sizeof *lists);
    if (!lists) return status_fail(STATUS_MEMORY, "net: out of memory");
    p->t = lists;
    p->y1 = lists + blocks + 1;
    p->y2 = p->y1 + blocks;
    p->pooled = p->y2 + blocks;
    for (int i = 0; i <= blocks; i++) {
        if (i && !p->training) // in place
            p->t[i] = p->t[0];
        else
            TRY(take(p, map, &p->t[i]));
        if (i == blocks) break;
        if (i && !p->training) {
            p->y1[i] = p->y1[0], p->y2[i] = p->y2[0], p->pooled[i] = p->pooled[0];
            continue;
        }
        TRY(take(p, map, &p->y1[i]));
        p->y2[i] = p->y1[i];
        if (p->training && p->map.blocks[i].pools) TRY(take(p, map, &p->y2[i]));
        if (!p->training || p->map.blocks[i].pools) TRY(take(p, n * 3 * c, &p->pooled[i]));
    }
    const int widest = p->config.channels > p->config.head_channels ? p->config.channels : p->config.head_channels;
    return take(p, n * (size_t)widest, &p->bias);
}

static enum status take_heads(struct pass *p, size_t n, size_t points, size_t actions) {
    const struct net_config *c = &p->config;
    const size_t head = (size_t)c->head_channels;
    TRY(take(p, n * points * head, &p->q1));
    p->q2 = p->q1;
    if (p->training) TRY(take(p, n * points * head, &p->q2));
    TRY(take(p, n * 3 * head, &p->q_pooled));
    TRY(take(p, n * points * 2 * (size_t)c->policy_planes, &p->maps));
    TRY(take(p, n * 2 * (size_t)c->num_global_actions, &p->tail));
    TRY(take(p, 2 * n * actions, &p->logits));
    TRY(take(p, n * points * head, &p->v));
    TRY(take(p, n * 3 * head, &p->v_pooled));
    TRY(take(p, n * (size_t)c->value_hidden, &p->hidden));
    TRY(take(p, n * (size_t)net_value_outputs(c), &p->value));
    return take(p, n * points, &p->ownership);
}

static enum status take_training(struct pass *p, size_t n, size_t points, size_t actions) {
    const struct net_config *c = &p->config;
    const size_t channels = (size_t)c->channels, head = (size_t)c->head_channels;
    const size_t widest = channels > head ? channels : head;
    TRY(take(p, p->num_weights, &p->gradient));
    TRY(take(p, n * points * channels, &p->dt));
    TRY(take(p, n * points * channels, &p->dy));
    TRY(take(p, n * points * channels, &p->dx));
    TRY(take(p, n * 3 * widest, &p->dpooled));
    TRY(take(p, n * widest, &p->dbias));
    TRY(take(p, n * points * head, &p->dq2));
    TRY(take(p, n * points * head, &p->dv));
    TRY(take(p, n * points * 2 * (size_t)c->policy_planes, &p->dmaps));
    TRY(take(p, n * 2 * (size_t)c->num_global_actions, &p->dtail));
    TRY(take(p, 2 * n * actions, &p->dlogits));
    TRY(take(p, n * 3 * head, &p->dv_pooled));
    TRY(take(p, n * (size_t)c->value_hidden, &p->dhidden));
    TRY(take(p, n * (size_t)net_value_outputs(c), &p->dvalue));
    TRY(take(p, n * points, &p->downership));
    TRY(take(p, n * actions, &p->legal));
    TRY(take(p, n * actions, &p->on_board));
    TRY(take(p, n * actions, &p->policy));
    TRY(take(p, n * actions, &p->reply));
    TRY(take(p, n * 3, &p->value_target));
    TRY(take(p, n * 3, &p->short_target));
    TRY(take(p, n, &p->score_target));
    TRY(take(p, n * points, &p->ownership_target));
    TRY(take(p, NUM_LOSSES * n, &p->row_weights));
    return take(p, NUM_LOSSES * n, &p->losses);
}

enum status pass_new(struct pass **out, const struct net *net, struct backend *backend, bool training, int max_n, int max_h,
                     int max_w) {
    *out = NULL;
    struct pass *p = calloc(1, sizeof *p);
    if (!p) return status_fail(STATUS_MEMORY, "net: out of memory");
    enum status status = STATUS_MEMORY;
    const struct net_config *c = &net->config;
    const size_t n = (size_t)max_n, points = (size_t)max_h * (size_t)max_w;
    const size_t actions = points * (size_t)c->policy_planes + (size_t)c->num_global_actions;
    p->backend = backend;
    p->config = *c;
    p->num_weights = net->num_weights;
    p->training = training;
    p->max_n = max_n, p->max_h = max_h, p->max_w = max_w;
    p->owned = calloc((size_t)c->blocks * 4 + 64, sizeof *p->owned);
    p->host = calloc(n * (actions > NUM_LOSSES ? actions : NUM_LOSSES), sizeof *p->host);
    if (!p->owned || !p->host) {
        status_fail(STATUS_MEMORY, "net: out of memory");
        goto out;
    }
    if ((status = map_init(&p->map, net))) goto out;
    if ((status = take(p, p->num_weights, &p->weights))) goto out;
    if ((status = take(p, n * points * (size_t)c->num_planes, &p->planes))) goto out;
    if ((status = take(p, n * (size_t)c->num_globals, &p->globals))) goto out;
    if ((status = take(p, n * points, &p->mask))) goto out;
    if ((status = take(p, n, &p->area))) goto out;
    if ((status = take_trunk(p, n, points))) goto out;
    if ((status = take_heads(p, n, points, actions))) goto out;
    if (training && (status = take_training(p, n, points, actions))) goto out;
    pass_weights(p, net->weights);
out:
    if (status)
        pass_free(p);
    else
        *out = p;
    return status;
}

void pass_free(struct pass *p) {
    if (!p) return;
    for (int i = 0; i < p->num_owned; i++) p->backend->verbs->release(p->backend, p->owned[i]);
    free(p->owned);
    free(p->t);
    free(p->map.blocks);
    free(p->host);
    free(p);
}

void pass_weights(struct pass *p, const float *weights) {
    p->backend->verbs->upload(p->backend, p->weights, weights, p->num_weights);
    p->backend->verbs->weights_changed(p->backend);
}

void pass_input(struct pass *p, struct image s, const float *planes, const float *globals, const float *mask) {
    CHECK(s.n >= 1 && s.n <= p->max_n && s.h <= p->max_h && s.w <= p->max_w);
    const struct backend_verbs *v = p->backend->verbs;
    const size_t points = (size_t)s.h * (size_t)s.w;
    p->shape = s;
    p->masked = mask != NULL;
    p->actions = (int)points * p->config.policy_planes + p->config.num_global_actions;
    v->upload(p->backend, p->planes, planes, image_points(s) * (size_t)p->config.num_planes);
    v->upload(p->backend, p->globals, globals, (size_t)s.n * (size_t)p->config.num_globals);
    if (mask) v->upload(p->backend, p->mask, mask, image_points(s));
    for (int n = 0; n < s.n; n++) {
        double area = mask ? 0 : (double)points;
        for (size_t i = 0; mask && i < points; i++) area += mask[(size_t)n * points + i];
        p->host[n] = area > 0 ? (float)area : 1; // an empty row of a padded batch must not divide by zero
    }
    v->upload(p->backend, p->area, p->host, (size_t)s.n);
}

void pass_forward(struct pass *p) {
    trunk_forward(p);
    heads_forward(p);
}

void pass_backward(struct pass *p) {
    CHECK(p->training);
    heads_backward(p);
    trunk_backward(p);
}
