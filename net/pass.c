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
    p->bytes += count * sizeof(float);
    if (p->counting) return STATUS_OK;
    TRY(p->backend->verbs->alloc(p->backend, count ? count : 1, out));
    p->owned[p->num_owned++] = *out;
    return STATUS_OK;
}

static enum status take_act(struct pass *p, struct image max, int c, struct act **out) {
    p->bytes += p->backend->verbs->act_bytes(p->backend, max, c);
    if (p->counting) return STATUS_OK;
    TRY(p->backend->verbs->alloc_act(p->backend, max, c, out));
    p->owned[p->num_owned++] = *out;
    return STATUS_OK;
}

static enum status trunk_lists(struct pass *p) {
    const size_t blocks = (size_t)p->config.blocks;
    if (p->t) return STATUS_OK;
    p->t = calloc(3 * blocks + 1, sizeof(struct act *));
    p->pooled = calloc(blocks + 1, sizeof *p->pooled);
    if (!p->t || !p->pooled) return status_fail(STATUS_MEMORY, "net: out of memory");
    p->y1 = p->t + blocks + 1;
    p->y2 = p->y1 + blocks;
    return STATUS_OK;
}

// Playing, all blocks share one block's buffers.
static enum status take_trunk(struct pass *p, struct image max) {
    const int blocks = p->config.blocks, c = p->config.channels;
    const size_t n = (size_t)max.n;
    TRY(trunk_lists(p));
    for (int i = 0; i <= blocks; i++) {
        if (i && !p->training) // in place
            p->t[i] = p->t[0];
        else
            TRY(take_act(p, max, c, &p->t[i]));
        if (i == blocks) break;
        if (i && !p->training) {
            p->y1[i] = p->y1[0], p->y2[i] = p->y2[0], p->pooled[i] = p->pooled[0];
            continue;
        }
        TRY(take_act(p, max, c, &p->y1[i]));
        p->y2[i] = p->y1[i];
        if (p->training && p->map.blocks[i].pools) TRY(take_act(p, max, c, &p->y2[i]));
        if (!p->training || p->map.blocks[i].pools) TRY(take(p, n * 3 * (size_t)c, &p->pooled[i]));
    }
    return take(p, n * (size_t)(c > p->config.head_channels ? c : p->config.head_channels), &p->bias);
}

static enum status take_heads(struct pass *p, struct image max, size_t actions) {
    const struct net_config *c = &p->config;
    const size_t n = (size_t)max.n, points = image_points(max), head = (size_t)c->head_channels;
    TRY(take_act(p, max, c->head_channels, &p->q1));
    p->q2 = p->q1;
    if (p->training) TRY(take_act(p, max, c->head_channels, &p->q2));
    TRY(take(p, n * 3 * head, &p->q_pooled));
    TRY(take(p, points * 2 * (size_t)c->policy_planes, &p->maps));
    TRY(take(p, n * 2 * (size_t)c->num_global_actions, &p->tail));
    TRY(take(p, 2 * n * actions, &p->logits));
    TRY(take_act(p, max, c->head_channels, &p->v));
    TRY(take(p, n * 3 * head, &p->v_pooled));
    TRY(take(p, n * (size_t)c->value_hidden, &p->hidden));
    TRY(take(p, n * (size_t)net_value_outputs(c), &p->value));
    return take(p, points, &p->ownership);
}

static enum status take_training(struct pass *p, struct image max, size_t actions) {
    const struct net_config *c = &p->config;
    const size_t n = (size_t)max.n, points = image_points(max), channels = (size_t)c->channels, head = (size_t)c->head_channels;
    const size_t widest = channels > head ? channels : head;
    TRY(take(p, p->num_weights, &p->gradient));
    TRY(take_act(p, max, c->channels, &p->dt));
    TRY(take_act(p, max, c->channels, &p->dy));
    TRY(take_act(p, max, c->channels, &p->dx));
    TRY(take_act(p, max, c->head_channels, &p->dq2));
    TRY(take_act(p, max, c->head_channels, &p->dv));
    TRY(take(p, n * 3 * widest, &p->dpooled));
    TRY(take(p, n * widest, &p->dbias));
    TRY(take(p, points * 2 * (size_t)c->policy_planes, &p->dmaps));
    TRY(take(p, n * 2 * (size_t)c->num_global_actions, &p->dtail));
    TRY(take(p, 2 * n * actions, &p->dlogits));
    TRY(take(p, n * 3 * head, &p->dv_pooled));
    TRY(take(p, n * (size_t)c->value_hidden, &p->dhidden));
    TRY(take(p, n * (size_t)net_value_outputs(c), &p->dvalue));
    TRY(take(p, points, &p->downership));
    TRY(take(p, n * actions, &p->legal));
    TRY(take(p, n * actions, &p->on_board));
    TRY(take(p, n * actions, &p->policy));
    TRY(take(p, n * actions, &p->reply));
    TRY(take(p, n * 3, &p->value_target));
    TRY(take(p, n * 3, &p->short_target));
    TRY(take(p, n, &p->score_target));
    TRY(take(p, points, &p->ownership_target));
    TRY(take(p, NUM_LOSSES * n, &p->row_weights));
    return take(p, NUM_LOSSES * n, &p->losses);
}

static enum status take_all(struct pass *p, struct image max, size_t actions) {
    p->bytes = 0;
    TRY(take(p, p->num_weights, &p->weights));
    TRY(take_act(p, max, p->config.num_planes, &p->planes));
    TRY(take(p, (size_t)max.n * (size_t)p->config.num_globals, &p->globals));
    TRY(take(p, image_points(max), &p->mask));
    TRY(take(p, (size_t)max.n, &p->area));
    TRY(take_trunk(p, max));
    TRY(take_heads(p, max, actions));
    return p->training ? take_training(p, max, actions) : STATUS_OK;
}

// What a backend takes besides: packed weights, work memory, the libraries' scratch; chosen, not tuned.
static size_t with_reserve(size_t bytes) { return bytes + bytes / 4 + (32u << 20); }

// Refuses what does not fit before taking any of it, and says how many boards would fit.
static enum status check_room(struct pass *p, struct image max, size_t actions) {
    const size_t left = p->backend->verbs->memory_left(p->backend);
    if (left == SIZE_MAX) return STATUS_OK;
    struct image one = max;
    one.n = 1;
    p->counting = true;
    TRY(take_all(p, one, actions));
    const size_t single = p->bytes;
    one.n = 2;
    TRY(take_all(p, one, actions));
    const size_t each = p->bytes - single, fixed = single - each;
    TRY(take_all(p, max, actions));
    p->counting = false;
    if (with_reserve(p->bytes) <= left) return STATUS_OK;
    const double mega = 1e6;
    const long fits = left > with_reserve(fixed) ? (long)((left - with_reserve(fixed)) / (each + each / 4 + 1)) : 0;
    if (fits == 0)
        return status_fail(
            STATUS_MEMORY, "net: %s needs %.0f MB of device memory even for one %dx%d board, and %.0f MB are left",
            p->training ? "training" : "playing", (double)with_reserve(single) / mega, max.h, max.w, (double)left / mega);
    return status_fail(
        STATUS_MEMORY,
        "net: %s a batch of %d boards of %dx%d needs %.0f MB of device memory and %.0f MB are left: %ld would fit",
        p->training ? "training on" : "judging", max.n, max.h, max.w, (double)with_reserve(p->bytes) / mega,
        (double)left / mega, fits);
}

static enum status trunk_describe(struct pass *p) {
    const struct net_config *c = &p->config;
    p->trunk_blocks = calloc((size_t)c->blocks + 1, sizeof *p->trunk_blocks);
    if (!p->trunk_blocks) return status_fail(STATUS_MEMORY, "net: out of memory");
    const float *w = p->weights;
    for (int i = 0; i < c->blocks; i++) {
        const struct block_map *m = &p->map.blocks[i];
        p->trunk_blocks[i] =
            (struct trunk_block){w + m->conv1, w + m->bias1, m->pools ? w + m->pool : NULL, w + m->conv2, w + m->bias2};
    }
    p->trunk = (struct trunk){
        .planes = c->num_planes,
        .globals = c->num_globals,
        .channels = c->channels,
        .blocks = c->blocks,
        .stem = w + p->map.stem,
        .stem_bias = w + p->map.stem_bias,
        .stem_globals = c->num_globals ? w + p->map.stem_globals : NULL,
        .block = p->trunk_blocks,
    };
    return STATUS_OK;
}

enum { TUNE_RUNS = 5 }; // chosen: the median of five

static double median_seconds(struct pass *p, bool fused) {
    const struct backend_verbs *v = p->backend->verbs;
    double runs[TUNE_RUNS];
    p->fused = fused;
    trunk_forward(p); // plans, packed weights
    for (int i = 0; i < TUNE_RUNS; i++) {
        v->timer_start(p->backend);
        trunk_forward(p);
        const double seconds = v->timer_stop(p->backend);
        int at = i;
        for (; at > 0 && runs[at - 1] > seconds; at--) runs[at] = runs[at - 1];
        runs[at] = seconds;
    }
    return runs[TUNE_RUNS / 2];
}

// One launch or layer by layer, as the backend was opened to choose; measured on a full batch of scattered planes where the backend has
// a clock (the cpu backend has none: its chunks are never slower by more than noise).
static void choose_trunk(struct pass *p) {
    const struct backend_verbs *v = p->backend->verbs;
    if (p->training || !v->trunk_forward) return;
    const struct image s = p->shape = (struct image){p->max_n, p->max_h, p->max_w};
    const size_t words = image_points(s) * (size_t)((p->config.num_planes + 31) / 32);
    for (size_t i = 0; i < words; i++)
        p->bits[i] = (uint32_t)(i * 2654435761u) & (uint32_t)(i * 40503u >> 3); // chosen: mixed bits
    for (int i = 0; i < s.n; i++) p->host[i] = (float)(s.h * s.w);
    v->upload_planes(p->backend, s, p->config.num_planes, p->planes, p->bits);
    v->upload(p->backend, p->area, p->host, (size_t)s.n);
    p->can_fuse = v->trunk_forward(p->backend, s, &p->trunk, p->planes, p->globals, NULL, p->area, p->t[p->config.blocks]);
    p->fused = p->can_fuse && p->backend->trunk != TRUNK_LAYERED;
    if (!p->can_fuse || p->backend->trunk != TRUNK_MEASURED || !v->timer_start) return;
    p->layered_seconds = median_seconds(p, false);
    p->fused_seconds = median_seconds(p, true);
    p->fused = p->fused_seconds < p->layered_seconds;
}

enum status pass_new(struct pass **out, const struct net *net, struct backend *backend, bool training, int max_n, int max_h,
                     int max_w) {
    *out = NULL;
    struct pass *p = calloc(1, sizeof *p);
    if (!p) return status_fail(STATUS_MEMORY, "net: out of memory");
    enum status status = STATUS_MEMORY;
    const struct net_config *c = &net->config;
    const struct image max = {max_n, max_h, max_w};
    const size_t points = (size_t)max_h * (size_t)max_w;
    const size_t actions = points * (size_t)c->policy_planes + (size_t)c->num_global_actions;
    p->backend = backend;
    p->config = *c;
    p->num_weights = net->num_weights;
    p->training = training;
    p->max_n = max_n, p->max_h = max_h, p->max_w = max_w;
    p->owned = calloc((size_t)c->blocks * 4 + 64, sizeof *p->owned);
    p->host = calloc((size_t)max_n * (actions > NUM_LOSSES ? actions : NUM_LOSSES), sizeof *p->host);
    p->bits = calloc(image_points(max) * (size_t)((c->num_planes + 31) / 32), sizeof *p->bits);
    if (!p->owned || !p->host || !p->bits) {
        status_fail(STATUS_MEMORY, "net: out of memory");
        goto out;
    }
    if ((status = map_init(&p->map, net))) goto out;
    if ((status = check_room(p, max, actions))) goto out;
    if ((status = take_all(p, max, actions))) goto out;
    if ((status = trunk_describe(p))) goto out;
    pass_weights(p, net->weights);
    choose_trunk(p);
out:
    if (status)
        pass_free(p);
    else
        *out = p;
    return status;
}

struct pass_recording {
    struct image shape;
    bool masked;
    struct recording *recording; // NULL: run as it is
    bool is_refused;             // ... for ever: it was tried
};

static void recordings_free(struct pass *p) {
    for (int i = 0; i < p->num_recordings; i++)
        if (p->recordings[i].recording) p->backend->verbs->recording_free(p->backend, p->recordings[i].recording);
    free(p->recordings);
}

void pass_free(struct pass *p) {
    if (!p) return;
    recordings_free(p);
    for (int i = 0; i < p->num_owned; i++) p->backend->verbs->release(p->backend, p->owned[i]);
    free(p->owned);
    free(p->t);
    free(p->pooled);
    free(p->map.blocks);
    free(p->trunk_blocks);
    free(p->host);
    free(p->bits);
    free(p);
}

void pass_weights(struct pass *p, const float *weights) {
    p->backend->verbs->upload(p->backend, p->weights, weights, p->num_weights);
    p->backend->verbs->weights_changed(p->backend);
}

void planes_pack(size_t rows, int num_planes, const float *planes, uint32_t *bits) {
    const int words = (num_planes + 31) / 32;
    for (size_t r = 0; r < rows; r++)
        for (int w = 0; w < words; w++) {
            const int first = 32 * w, num = num_planes - first < 32 ? num_planes - first : 32;
            const float *x = planes + r * (size_t)num_planes + first;
            uint32_t word = 0;
            for (int k = 0; k < num; k++) word |= (uint32_t)(x[k] != 0) << k;
            bits[r * (size_t)words + (size_t)w] = word;
        }
}

void pass_input(struct pass *p, struct image s, const float *planes, const float *globals, const float *mask) {
    CHECK(s.n >= 1 && s.n <= p->max_n && s.h <= p->max_h && s.w <= p->max_w);
    planes_pack(image_points(s), p->config.num_planes, planes, p->bits);
    pass_input_bits(p, s, p->bits, globals, mask);
}

void pass_input_bits(struct pass *p, struct image s, const uint32_t *bits, const float *globals, const float *mask) {
    CHECK(s.n >= 1 && s.n <= p->max_n && s.h <= p->max_h && s.w <= p->max_w);
    const struct backend_verbs *v = p->backend->verbs;
    const size_t points = (size_t)s.h * (size_t)s.w;
    p->shape = s;
    p->masked = mask != NULL;
    p->actions = (int)points * p->config.policy_planes + p->config.num_global_actions;
    v->upload_planes(p->backend, s, p->config.num_planes, p->planes, bits);
    v->upload(p->backend, p->globals, globals, (size_t)s.n * (size_t)p->config.num_globals);
    if (mask) v->upload(p->backend, p->mask, mask, image_points(s));
    for (int n = 0; n < s.n; n++) {
        double area = mask ? 0 : (double)points;
        for (size_t i = 0; mask && i < points; i++) area += mask[(size_t)n * points + i];
        p->host[n] = area > 0 ? (float)area : 1; // an empty row of a padded batch must not divide by zero
    }
    v->upload(p->backend, p->area, p->host, (size_t)s.n);
}

static void forward(struct pass *p) {
    trunk_forward(p);
    heads_forward(p);
}

static struct pass_recording *recording_of(struct pass *p) {
    for (int i = 0; i < p->num_recordings; i++) {
        struct pass_recording *r = &p->recordings[i];
        if (r->shape.n == p->shape.n && r->shape.h == p->shape.h && r->shape.w == p->shape.w && r->masked == p->masked)
            return r;
    }
    return NULL;
}

// The first pass of a shape runs as it is (plans, packed weights, scratch), the second is recorded, later ones are replayed.
void pass_forward(struct pass *p) {
    const struct backend_verbs *v = p->backend->verbs;
    if (p->training || !v->record_begin) {
        forward(p);
        return;
    }
    struct pass_recording *r = recording_of(p);
    if (!r) {
        struct pass_recording *more = realloc(p->recordings, (size_t)(p->num_recordings + 1) * sizeof *more);
        CHECK(more != NULL);
        p->recordings = more;
        p->recordings[p->num_recordings++] = (struct pass_recording){.shape = p->shape, .masked = p->masked};
        forward(p);
        return;
    }
    if (!r->recording && !r->is_refused && v->record_begin(p->backend)) {
        forward(p);
        r->recording = v->record_end(p->backend);
        r->is_refused = !r->recording;
    }
    if (r->recording)
        v->replay(p->backend, r->recording);
    else
        forward(p);
}

void pass_backward(struct pass *p) {
    CHECK(p->training);
    heads_backward(p);
    trunk_backward(p);
}
