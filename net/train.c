// Data-parallel training.
//
//   shard 0, 1, 2, ...  --slots (one backend and one pass each)-->  gradients[shard]  --sum in shard order-->  clip, AdamW, average
//
// Invariants: 1. a shard's gradient depends on the shard and the weights alone, whichever slot computes it; 2. gradients are
// added in shard order, element by element; so the result does not depend on the number of threads. 3. net->weights is the
// truth: every step uploads it to the slots and downloads the new ones.
#include "net/train.h"

#include "base/files.h"
#include "net/backend_verbs.h"
#include "net/net_table.h"
#include "net/pass.h"
#include "net/safetensors.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Policy, reply, value and ownership in KataGo's proportions [Wu 2019, Methods.md: 1, 0.15, 1.2 to 1.5, 1.5 a board mean];
// score so that its gradient, bounded by the weight, stays far below the value's. Rates: AdamW as usual; chosen, not tuned.
const struct train_params train_params_default = {
    .learning_rate = 1e-3,
    .beta1 = 0.9,
    .beta2 = 0.999,
    .epsilon = 1e-8,
    .weight_decay = 0.01,
    .clip_norm = 1,
    .average_decay = 0.999,
    .policy_weight = 1,
    .reply_weight = 0.15,
    .value_weight = 1.2,
    .short_value_weight = 0.5,
    .score_weight = 0.05,
    .ownership_weight = 1.5,
};

struct slot {
    struct backend *backend;
    struct pass *pass;
    bool fresh; // has this step's weights
};

struct shard_sums {
    double losses[NUM_LOSSES], weights[NUM_LOSSES], entropy;
};

struct train {
    struct net *net; // borrowed
    int num_slots, max_rows, height, width;
    struct slot *slots;
    float **gradients; // [max_shards][num_weights], host
    struct shard_sums *sums;
    int max_shards;
    float *total;                     // [num_weights], host: the summed gradient
    float *mean, *variance, *average; // [num_weights], on slot 0's device
    long long step;
};

static struct backend *primary(const struct train *t) { return t->slots[0].backend; }

void train_free(struct train *t) {
    if (!t) return;
    if (t->slots && t->slots[0].backend) {
        struct backend *b = primary(t);
        b->verbs->release(b, t->mean);
        b->verbs->release(b, t->variance);
        b->verbs->release(b, t->average);
    }
    for (int i = 0; t->slots && i < t->num_slots; i++) {
        pass_free(t->slots[i].pass);
        backend_close(t->slots[i].backend);
    }
    for (int i = 0; i < t->max_shards; i++) free(t->gradients[i]);
    free(t->slots);
    free(t->gradients);
    free(t->sums);
    free(t->total);
    free(t);
}

enum status train_new(struct train **out, struct net *net, const char *backend, int num_workers, int max_shard_rows, int height,
                      int width) {
    *out = NULL;
    CHECK(num_workers >= 1 && max_shard_rows >= 1);
    struct train *t = calloc(1, sizeof *t);
    if (!t) return status_fail(STATUS_MEMORY, "train: out of memory");
    enum status status = STATUS_OK;
    t->net = net;
    t->num_slots = num_workers, t->max_rows = max_shard_rows, t->height = height, t->width = width;
    t->slots = calloc((size_t)num_workers, sizeof *t->slots);
    t->total = calloc(net->num_weights, sizeof *t->total);
    if (!t->slots || !t->total) {
        status = status_fail(STATUS_MEMORY, "train: out of memory");
        goto out;
    }
    for (int i = 0; i < num_workers; i++) {
        if ((status = backend_open(&t->slots[i].backend, &(struct backend_spec){.name = backend}))) goto out;
        if ((status = pass_new(&t->slots[i].pass, net, t->slots[i].backend, true, max_shard_rows, height, width))) goto out;
    }
    struct backend *b = primary(t);
    if ((status = b->verbs->alloc(b, net->num_weights, &t->mean))) goto out;
    if ((status = b->verbs->alloc(b, net->num_weights, &t->variance))) goto out;
    if ((status = b->verbs->alloc(b, net->num_weights, &t->average))) goto out;
    b->verbs->upload(b, t->average, net->weights, net->num_weights);
out:
    if (status)
        train_free(t);
    else
        *out = t;
    return status;
}

static enum status shards_room(struct train *t, int num_shards) {
    if (num_shards <= t->max_shards) return STATUS_OK;
    float **gradients = realloc(t->gradients, (size_t)num_shards * sizeof *gradients);
    if (gradients) t->gradients = gradients;
    struct shard_sums *sums = realloc(t->sums, (size_t)num_shards * sizeof *sums);
    if (sums) t->sums = sums;
    if (!gradients || !sums) return status_fail(STATUS_MEMORY, "train: out of memory");
    while (t->max_shards < num_shards) {
        float *gradient = aligned_alloc(64, t->net->num_weights * sizeof(float));
        if (!gradient) return status_fail(STATUS_MEMORY, "train: not enough memory for %d shards", num_shards);
        t->gradients[t->max_shards++] = gradient;
    }
    return STATUS_OK;
}

// What all slots of one call share.
struct job {
    struct train *train;
    struct batch *const *shards;
    int num_shards;
    atomic_int next;
    double scales[NUM_LOSSES];
    bool wants_gradient;
};

static bool fills_frame(const struct batch *b) {
    const size_t count = (size_t)b->n * (size_t)b->height * (size_t)b->width;
    for (size_t i = 0; i < count; i++)
        if (b->mask[i] == 0) return false;
    return true;
}

static void sum_rows(const struct batch *b, struct shard_sums *sums) {
    const float *weights[NUM_LOSSES] = {b->policy_weight, b->reply_weight, b->value_weight,
                                        b->value_weight,  b->score_weight, b->ownership_weight};
    for (int kind = 0; kind < NUM_LOSSES; kind++) {
        sums->weights[kind] = 0;
        for (int i = 0; i < b->n; i++) sums->weights[kind] += weights[kind][i];
    }
    sums->entropy = 0;
    for (int i = 0; i < b->n; i++) {
        if (b->policy_weight[i] == 0) continue;
        double entropy = 0;
        for (int k = 0; k < b->actions; k++) {
            const float p = b->policy[(size_t)i * (size_t)b->actions + (size_t)k];
            if (p > 0) entropy -= p * logf(p);
        }
        sums->entropy += b->policy_weight[i] * entropy;
    }
}

static void run_slot(void *context, int task, int worker) {
    struct job *job = context;
    struct train *t = job->train;
    struct slot *slot = &t->slots[task];
    for (int i; (i = atomic_fetch_add(&job->next, 1)) < job->num_shards;) {
        const struct batch *b = job->shards[i];
        if (!slot->fresh) pass_weights(slot->pass, t->net->weights);
        slot->fresh = true;
        pass_input(slot->pass, (struct image){b->n, b->height, b->width}, b->planes, b->globals,
                   fills_frame(b) ? NULL : b->mask);
        pass_forward(slot->pass);
        pass_losses(slot->pass, b, job->scales, t->sums[i].losses);
        sum_rows(b, &t->sums[i]);
        if (!job->wants_gradient) continue;
        pass_backward(slot->pass);
        slot->backend->verbs->download(slot->backend, t->gradients[i], slot->pass->gradient, t->net->num_weights);
    }
}

enum { SUM_CHUNKS = 16 };

static void sum_chunk(void *context, int task, int worker) {
    const struct job *job = context;
    struct train *t = job->train;
    const size_t all = t->net->num_weights, from = all * (size_t)task / SUM_CHUNKS, to = all * ((size_t)task + 1) / SUM_CHUNKS;
    memcpy(t->total + from, t->gradients[0] + from, (to - from) * sizeof(float));
    for (int s = 1; s < job->num_shards; s++)
        for (size_t i = from; i < to; i++) t->total[i] += t->gradients[s][i];
}

static void report(const struct train *t, const struct job *job, const struct train_params *params, long long rows,
                   struct losses *out) {
    double losses[NUM_LOSSES] = {0}, weights[NUM_LOSSES] = {0}, entropy = 0;
    for (int s = 0; s < job->num_shards; s++) {
        for (int kind = 0; kind < NUM_LOSSES; kind++) {
            losses[kind] += t->sums[s].losses[kind];
            weights[kind] += t->sums[s].weights[kind];
        }
        entropy += t->sums[s].entropy;
    }
    *out = (struct losses){.rows = rows};
    for (int kind = 0; kind < NUM_LOSSES; kind++) {
        out->total += job->scales[kind] * losses[kind];
        if (weights[kind] > 0) losses[kind] /= weights[kind];
    }
    out->policy = losses[LOSS_POLICY], out->reply = losses[LOSS_REPLY], out->value = losses[LOSS_VALUE];
    out->short_value = losses[LOSS_SHORT], out->score = losses[LOSS_SCORE], out->ownership = losses[LOSS_OWNERSHIP];
    out->policy_entropy = weights[LOSS_POLICY] > 0 ? entropy / weights[LOSS_POLICY] : 0;
}

static enum status check_shards(const struct train *t, struct batch *const *shards, int num_shards) {
    const struct net_config *c = &t->net->config;
    for (int i = 0; i < num_shards; i++) {
        const struct batch *b = shards[i];
        if (b->n < 1 || b->n > t->max_rows || b->height > t->height || b->width > t->width ||
            b->actions != c->policy_planes * b->height * b->width + c->num_global_actions)
            return status_fail(STATUS_USAGE, "train: shard %d has %d rows of %dx%d; the trainer was made for 1 to %d of %dx%d",
                               i, b->n, b->height, b->width, t->max_rows, t->height, t->width);
    }
    return num_shards >= 1 ? STATUS_OK : status_fail(STATUS_USAGE, "train: a step needs a shard");
}

// Losses, and the summed gradient in t->total.
static enum status run_shards(struct train *t, struct pool *pool, struct batch *const *shards, int num_shards,
                              const struct train_params *params, bool wants_gradient, struct losses *losses) {
    TRY(check_shards(t, shards, num_shards));
    TRY(shards_room(t, num_shards));
    struct job job = {.train = t, .shards = shards, .num_shards = num_shards, .wants_gradient = wants_gradient};
    atomic_init(&job.next, 0);
    long long rows = 0;
    for (int i = 0; i < num_shards; i++) rows += shards[i]->n;
    const double weights[NUM_LOSSES] = {params->policy_weight,      params->reply_weight, params->value_weight,
                                        params->short_value_weight, params->score_weight, params->ownership_weight};
    for (int kind = 0; kind < NUM_LOSSES; kind++) job.scales[kind] = weights[kind] / (double)rows;
    for (int i = 0; i < t->num_slots; i++) t->slots[i].fresh = false;
    pool_run(pool, t->num_slots < num_shards ? t->num_slots : num_shards, run_slot, &job);
    if (wants_gradient) pool_run(pool, SUM_CHUNKS, sum_chunk, &job);
    report(t, &job, params, rows, losses);
    return STATUS_OK;
}

enum status train_step(struct train *t, struct pool *pool, struct batch *const *shards, int num_shards,
                       const struct train_params *params, struct losses *losses) {
    TRY(run_shards(t, pool, shards, num_shards, params, true, losses));
    struct backend *b = primary(t);
    const struct backend_verbs *v = b->verbs;
    struct pass *p = t->slots[0].pass;
    if (!t->slots[0].fresh) pass_weights(p, t->net->weights);
    v->upload(b, p->gradient, t->total, t->net->num_weights);
    losses->gradient_norm = sqrt(v->square_norm(b, t->net->num_weights, p->gradient));
    if (!isfinite(losses->gradient_norm))
        return status_fail(STATUS_FORMAT, "train: the gradient of step %lld is not finite: the rows or the weights are broken",
                           t->step + 1);
    t->step++;
    struct adamw_step step = {
        .rate = (float)params->learning_rate,
        .beta1 = (float)params->beta1,
        .beta2 = (float)params->beta2,
        .epsilon = (float)params->epsilon,
        .correction1 = (float)(1 - pow(params->beta1, (double)t->step)),
        .correction2 = (float)(1 - pow(params->beta2, (double)t->step)),
        .gradient_scale = 1,
    };
    if (params->clip_norm > 0 && losses->gradient_norm > params->clip_norm)
        step.gradient_scale = (float)(params->clip_norm / losses->gradient_norm);
    for (int i = 0; i < t->net->num_tensors; i++) {
        const struct net_tensor *w = &t->net->tensors[i];
        step.decay = w->decays ? (float)params->weight_decay : 0;
        v->adamw(b, w->count, step, p->gradient + w->offset, p->weights + w->offset, t->mean + w->offset,
                 t->variance + w->offset);
    }
    // Early on the average follows closely, or the random first weights would stay in it for long.
    const double warm = (1 + (double)t->step) / (10 + (double)t->step);
    v->average(b, t->net->num_weights, (float)(warm < params->average_decay ? warm : params->average_decay), p->weights,
               t->average);
    v->download(b, t->net->weights, p->weights, t->net->num_weights);
    t->net->meta.step++;
    t->net->meta.samples += losses->rows;
    return STATUS_OK;
}

enum status train_evaluate(struct train *t, struct pool *pool, struct batch *const *shards, int num_shards,
                           const struct train_params *params, struct losses *losses) {
    return run_shards(t, pool, shards, num_shards, params, false, losses);
}

enum status train_gradient(struct train *t, struct pool *pool, struct batch *const *shards, int num_shards,
                           const struct train_params *params, float *gradient, struct losses *losses) {
    TRY(run_shards(t, pool, shards, num_shards, params, true, losses));
    memcpy(gradient, t->total, t->net->num_weights * sizeof(float));
    double sum = 0;
    for (size_t i = 0; i < t->net->num_weights; i++) sum += (double)gradient[i] * gradient[i];
    losses->gradient_norm = sqrt(sum);
    return STATUS_OK;
}

enum status train_average(const struct train *t, struct net **out) {
    TRY(net_copy(out, t->net));
    primary(t)->verbs->download(primary(t), (*out)->weights, t->average, t->net->num_weights);
    (*out)->meta.digest[0] = 0;
    return STATUS_OK;
}

// State on disk: the moments and the average as flat tensors, with the digest of the net they belong to.

#define STATE_FORMAT "tengen optimiser 1"

static void state_digest(const struct train *t, float *const parts[3], char out[65]) {
    char text[3 * 64 + 1];
    for (int i = 0; i < 3; i++) sha256_hex(parts[i], t->net->num_weights * sizeof(float), text + 64 * i);
    sha256_hex(text, 3 * 64, out);
}

enum status train_save(const struct train *t, const char *path) {
    const size_t count = t->net->num_weights;
    float *all = malloc(3 * count * sizeof *all);
    if (!all) return status_fail(STATUS_MEMORY, "%s: out of memory", path);
    const char *const names[3] = {"mean", "variance", "average"};
    const float *const sources[3] = {t->mean, t->variance, t->average};
    float *parts[3];
    struct safetensor tensors[3] = {0};
    for (int i = 0; i < 3; i++) {
        parts[i] = all + (size_t)i * count;
        primary(t)->verbs->download(primary(t), parts[i], sources[i], count);
        tensors[i] = (struct safetensor){.num_dims = 1, .dims = {(int)count}, .count = count, .data = parts[i]};
        snprintf(tensors[i].name, sizeof tensors[i].name, "%s", names[i]);
    }
    struct safetensors_text texts[5] = {
        {"format", STATE_FORMAT}, {"step", ""}, {"architecture", ""}, {"net", ""}, {"digest", ""}};
    char digest[65];
    snprintf(texts[1].value, sizeof texts[1].value, "%lld", t->step);
    net_config_text(&t->net->config, texts[2].value, sizeof texts[2].value);
    net_digest(t->net, digest);
    snprintf(texts[3].value, sizeof texts[3].value, "%s", digest);
    state_digest(t, parts, digest);
    snprintf(texts[4].value, sizeof texts[4].value, "%s", digest);
    const enum status status = safetensors_write(path, tensors, 3, texts, 5);
    free(all);
    return status;
}

static enum status check_state(const struct train *t, const struct safetensors *file, long long *step) {
    const char *format = safetensors_text(file, "format"), *architecture = safetensors_text(file, "architecture");
    const char *net = safetensors_text(file, "net");
    char text[NET_CONFIG_TEXT_BYTES], digest[65];
    net_config_text(&t->net->config, text, sizeof text);
    net_digest(t->net, digest);
    if (!format || strcmp(format, STATE_FORMAT))
        return status_fail(STATUS_FORMAT, "%s: no optimiser state of this version ('" STATE_FORMAT "')", file->path);
    if (!architecture || strcmp(architecture, text))
        return status_fail(STATUS_FORMAT, "%s: the optimiser state of another architecture", file->path);
    if (!net || strcmp(net, digest))
        return status_fail(STATUS_FORMAT, "%s: the optimiser state of another net than the one to train on", file->path);
    return safetensors_integer(file, "step", 0, 0x7fffffffffffffff, step);
}

enum status train_load(struct train *t, const char *path) {
    struct safetensors file;
    TRY(safetensors_read(&file, path));
    const size_t count = t->net->num_weights;
    const char *const names[3] = {"mean", "variance", "average"};
    float *const targets[3] = {t->mean, t->variance, t->average};
    float *parts[3] = {NULL}, *all = malloc(3 * count * sizeof *all);
    long long step = 0;
    enum status status = all ? check_state(t, &file, &step) : status_fail(STATUS_MEMORY, "%s: out of memory", path);
    for (int i = 0; i < 3 && !status; i++) {
        const struct safetensor *in = safetensors_find(&file, names[i]);
        parts[i] = all + (size_t)i * count;
        if (!in || in->count != count)
            status = status_fail(STATUS_FORMAT, "%s: tensor %s is missing or of another size", path, names[i]);
        else
            memcpy(parts[i], in->data, count * sizeof *all);
    }
    if (!status) {
        char digest[65];
        const char *said = safetensors_text(&file, "digest");
        state_digest(t, parts, digest);
        if (!said || strcmp(said, digest))
            status = status_fail(STATUS_FORMAT, "%s: the digest does not match: the file was altered", path);
    }
    if (!status) {
        for (int i = 0; i < 3; i++) primary(t)->verbs->upload(primary(t), targets[i], parts[i], count);
        t->step = step;
    }
    free(all);
    safetensors_done(&file);
    return status;
}
