// The optimiser's state on disk: the moments and the average as flat tensors, with the digest of
// the net that they belong to. One replica's state is written, since all hold the same bits, which
// is checked first.
#include "net/train_state.h"

#include "base/files.h"
#include "net/safetensors.h"
#include "net/train_parts.h"
#include "net/widen.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATE_FORMAT "tengen optimiser 1"

static const char *const state_names[NUM_STATES] = {"mean", "variance", "average"};

static void download(const struct replica *r, const float *device, float *host, size_t count) {
    struct backend *b = replica_primary(r)->backend;
    b->verbs->download(b, host, device, count);
}

enum status train_check_replicas(const struct train *t) {
    const size_t count = t->net->num_weights;
    if (t->num_replicas == 1) return STATUS_OK;
    float *first = malloc(2 * count * sizeof *first), *other = first + count;
    if (!first) return status_fail(STATUS_MEMORY, "train: not enough memory to compare the replicas");
    enum status status = STATUS_OK;
    for (int part = 0; part <= NUM_STATES && !status; part++)
        for (int i = 0; i < t->num_replicas && !status; i++) {
            const struct replica *r = &t->replicas[i];
            download(r, part < NUM_STATES ? r->states[part] : replica_primary(r)->pass->weights, i ? other : first, count);
            if (i && memcmp(first, other, count * sizeof *first) != 0)
                status = status_fail(STATUS_DEVICE,
                                     "train: after step %lld replica %d holds another %s than replica 0: a device is at fault",
                                     t->step, i, part < NUM_STATES ? state_names[part] : "net");
        }
    free(first);
    return status;
}

enum status train_average(const struct train *t, struct net **out) {
    TRY(net_copy(out, t->net));
    download(&t->replicas[0], t->replicas[0].states[STATE_AVERAGE], (*out)->weights, t->net->num_weights);
    (*out)->meta.digest[0] = 0;
    return STATUS_OK;
}

static void state_digest(float *const parts[NUM_STATES], size_t count, char out[65]) {
    char text[NUM_STATES * 64 + 1];
    for (int i = 0; i < NUM_STATES; i++) sha256_hex(parts[i], count * sizeof(float), text + 64 * i);
    sha256_hex(text, NUM_STATES * 64, out);
}

enum status train_save(struct train *t, const char *path) {
    const size_t count = t->net->num_weights;
    TRY(train_check_replicas(t));
    train_sync(t);
    float *all = malloc(NUM_STATES * count * sizeof *all);
    if (!all) return status_fail(STATUS_MEMORY, "%s: not enough memory for the optimiser's state", path);
    float *parts[NUM_STATES];
    struct safetensor tensors[NUM_STATES] = {0};
    for (int i = 0; i < NUM_STATES; i++) {
        parts[i] = all + (size_t)i * count;
        download(&t->replicas[0], t->replicas[0].states[i], parts[i], count);
        tensors[i] = (struct safetensor){.num_dims = 1, .dims = {(int)count}, .count = count, .data = parts[i]};
        snprintf(tensors[i].name, sizeof tensors[i].name, "%s", state_names[i]);
    }
    struct safetensors_text texts[5] = {
        {"format", STATE_FORMAT}, {"step", ""}, {"architecture", ""}, {"net", ""}, {"digest", ""}};
    char digest[65];
    snprintf(texts[1].value, sizeof texts[1].value, "%lld", t->step);
    net_config_text(&t->net->config, texts[2].value, sizeof texts[2].value);
    net_digest(t->net, digest);
    snprintf(texts[3].value, sizeof texts[3].value, "%s", digest);
    state_digest(parts, count, digest);
    snprintf(texts[4].value, sizeof texts[4].value, "%s", digest);
    const enum status status = safetensors_write(path, tensors, NUM_STATES, texts, 5);
    free(all);
    return status;
}

// Makes the net that the state belongs to from the one that is trained: it is the same, or has
// fewer inputs, as its game had when the state was saved.
static enum status filed_net(const struct train *t, const struct safetensors *file, struct net **out) {
    const char *architecture = safetensors_text(file, "architecture");
    struct net_config c = t->net->config;
    char text[NET_CONFIG_TEXT_BYTES];
    int planes, globals;
    if (!architecture || sscanf(architecture, "planes=%d globals=%d ", &planes, &globals) != 2 || planes < 1 ||
        planes > c.num_planes || globals < 0 || globals > c.num_globals)
        return status_fail(STATUS_FORMAT, "%s: the optimiser state of another architecture", file->path);
    c.num_planes = planes;
    c.num_globals = globals;
    net_config_text(&c, text, sizeof text);
    if (strcmp(architecture, text))
        return status_fail(STATUS_FORMAT, "%s: the optimiser state of another architecture", file->path);
    return net_narrow(out, t->net, planes, globals);
}

static enum status check_state(const struct net *filed, const struct safetensors *file, long long *step) {
    const char *net = safetensors_text(file, "net");
    char digest[65];
    net_digest(filed, digest);
    if (!net || strcmp(net, digest))
        return status_fail(STATUS_FORMAT, "%s: the optimiser state of another net than the one to train on", file->path);
    return safetensors_integer(file, "step", 0, 0x7fffffffffffffff, step);
}

// Copies the parts, [num_weights] of `filed` each, out of the file.
static enum status read_parts(const struct safetensors *file, size_t count, float *parts[NUM_STATES]) {
    for (int i = 0; i < NUM_STATES; i++) {
        const struct safetensor *in = safetensors_find(file, state_names[i]);
        if (!in || in->count != count)
            return status_fail(STATUS_FORMAT, "%s: tensor %s is missing or of another size", file->path, state_names[i]);
        memcpy(parts[i], in->data, count * sizeof *parts[i]);
    }
    char digest[65];
    const char *said = safetensors_text(file, "digest");
    state_digest(parts, count, digest);
    if (!said || strcmp(said, digest))
        return status_fail(STATUS_FORMAT, "%s: the digest does not match: the file was altered", file->path);
    for (int i = 0; i < NUM_STATES; i++)
        for (size_t k = 0; k < count; k++)
            if (!isfinite(parts[i][k]) || (i == STATE_VARIANCE && parts[i][k] < 0))
                return status_fail(STATUS_FORMAT, "%s: tensor %s holds %g, which no training leaves", file->path,
                                   state_names[i], parts[i][k]);
    return STATUS_OK;
}

static void take_state(struct train *t, float *const parts[NUM_STATES], long long step) {
    train_upload(t);
    for (int i = 0; i < t->num_replicas; i++) {
        struct backend *b = replica_primary(&t->replicas[i])->backend;
        for (int k = 0; k < NUM_STATES; k++) b->verbs->upload(b, t->replicas[i].states[k], parts[k], t->net->num_weights);
    }
    t->step = step;
}

enum status train_share(struct train *t) {
    if (cluster_size(t->cluster) == 1) return STATUS_OK;
    const size_t count = t->net->num_weights;
    float *parts[NUM_STATES], *all = malloc(NUM_STATES * count * sizeof *all);
    if (!all) return status_fail(STATUS_MEMORY, "train: not enough memory for the optimiser's state");
    train_sync(t);
    for (int i = 0; i < NUM_STATES; i++) {
        parts[i] = all + (size_t)i * count;
        download(&t->replicas[0], t->replicas[0].states[i], parts[i], count);
    }
    long long step = t->step;
    enum status status = cluster_broadcast(t->cluster, t->net->weights, count * sizeof *t->net->weights);
    if (!status) status = cluster_broadcast(t->cluster, all, NUM_STATES * count * sizeof *all);
    if (!status) status = cluster_broadcast(t->cluster, &step, sizeof step);
    if (!status) status = cluster_broadcast(t->cluster, &t->net->meta, sizeof t->net->meta);
    if (!status && cluster_rank(t->cluster)) take_state(t, parts, step);
    free(all);
    return status;
}

enum status train_agree(struct train *t, int *num_differed) {
    char digest[65];
    int differ = 0;
    struct cluster_strings all;
    if (num_differed) *num_differed = 0;
    if (cluster_size(t->cluster) == 1) return STATUS_OK;
    train_sync(t);
    sha256_hex(t->net->weights, t->net->num_weights * sizeof(float), digest);
    TRY(cluster_gather(t->cluster, digest, sizeof digest, &all));
    for (int i = 1; i < cluster_size(t->cluster); i++)
        differ += memcmp(all.data, all.data + (size_t)i * sizeof digest, sizeof digest) != 0;
    cluster_strings_done(&all);
    if (num_differed) *num_differed = differ;
    return differ ? train_share(t) : STATUS_OK;
}

enum status train_load(struct train *t, const char *path) {
    struct safetensors file;
    TRY(safetensors_read(&file, path));
    const char *format = safetensors_text(&file, "format");
    struct net *filed = NULL;
    float *all = NULL, *parts[NUM_STATES], *wide[NUM_STATES];
    long long step = 0;
    enum status status = STATUS_OK;
    if (!format || strcmp(format, STATE_FORMAT))
        status = status_fail(STATUS_FORMAT, "%s: no optimiser state of this version ('" STATE_FORMAT "')", path);
    if (!status) status = filed_net(t, &file, &filed);
    if (!status) status = check_state(filed, &file, &step);
    if (!status) {
        const size_t narrow = filed->num_weights, count = t->net->num_weights;
        all = malloc(NUM_STATES * (narrow + count) * sizeof *all);
        if (!all) status = status_fail(STATUS_MEMORY, "%s: not enough memory for the optimiser's state", path);
        for (int i = 0; i < NUM_STATES && all; i++) {
            parts[i] = all + (size_t)i * narrow;
            wide[i] = all + NUM_STATES * narrow + (size_t)i * count;
        }
    }
    if (!status) status = read_parts(&file, filed->num_weights, parts);
    for (int i = 0; i < NUM_STATES && !status; i++) net_widen_weights(filed, t->net, parts[i], wide[i]);
    if (!status) take_state(t, wide, step);
    free(all);
    net_free(filed);
    safetensors_done(&file);
    return status;
}
