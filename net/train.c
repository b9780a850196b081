// Data-parallel training:
//
//   shards 0 1 2 | 3 4 5 | ...  --runners-->  gradients
//
//   gradients  --added in the order of the shards-->  total of replica 0 | 1 | ...
//
//   totals  --collective_sum-->  the same total everywhere
//
//   norm of replica 0  -->  clip, step and average in every replica
//
// A replica with one runner, as on a card, adds the gradients of its shards on its device. Where it
// has several (on host backends), the threads of the pool compute shards side by side, and their
// gradients are kept apart and added afterwards. Over several ranks (cluster/cluster.h) each has
// some of the shards, and the sums go on from rank to rank.
//
// Invariants
// 1. A shard's gradient depends on the shard and the weights alone, whichever runner computes it.
// 2. Each element of the gradients is added in the order of the shards within a replica, and in the
//    order of the ranks between replicas. So the result does not depend on the number of threads;
//    nor, with one replica on a host backend in each rank of a job, on the number of these.
// 3. The primaries have the weights that count. A runner that is not fresh takes them from
//    net->weights, which train_sync fills.
// 4. Replicas start with the same bits and make the same step from the same total and the same
//    norm, so they never differ.
// 5. Tasks that may wait for other replicas run on `ranks`, which has a thread for each of them: a
//    task that waits occupies its thread, and the other tasks still have theirs.
#include "net/train_parts.h"

#include "base/memory.h"
#include "net/widen.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// AdamW has its usual rates. Chosen, not tuned.
#define LOSS_WEIGHT(id, function, metric, unit, target, exists, weight, ...) weight,
const struct train_params train_params_default = {
    .learning_rate = 1e-3,
    .beta1 = 0.9,
    .beta2 = 0.999,
    .epsilon = 1e-8,
    .weight_decay = 0.01,
    .muon_momentum = 0.95, // [Jordan et al. 2024]
    .muon_scale = 1,
    .clip_norm = 1,
    .average_decay = 0.999,
    .loss_weights = {LOSSES(LOSS_WEIGHT, LOSS_WEIGHT)},
};

void train_free(struct train *t) {
    if (!t) return;
    thread_pool_free(t->ranks);
    collective_free(t->collective);
    for (int i = 0; t->replicas && i < t->num_replicas; i++) replica_close(&t->replicas[i]);
    for (int i = 0; i < t->max_shards && t->gradients; i++) free(t->gradients[i]);
    for (int i = 0; i < t->num_replicas && t->totals; i++) free(t->totals[i]);
    free(t->replicas);
    free(t->gradients);
    free(t->totals);
    free(t->sums);
    free(t);
}

static enum status open_replicas(struct train *t, const struct train_spec *spec) {
    const int num = t->num_replicas;
    t->replicas = memory_new((size_t)num, sizeof *t->replicas, "a training");
    t->totals = memory_new((size_t)num, sizeof *t->totals, "a training");
    struct backend **primaries = memory_new((size_t)num, sizeof *primaries, "a training");
    bool taken = true;
    for (int i = 0; taken && i < num && t->apart; i++)
        taken = (t->totals[i] = malloc(t->net->num_weights * sizeof(float))) != NULL;
    enum status status = taken ? STATUS_OK : status_fail(STATUS_MEMORY, "train: not enough memory for %d devices", num);
    for (int i = 0; i < num && !status; i++) {
        struct backend_spec one = spec->backend;
        one.training = true;
        if (spec->devices) one.device = spec->devices[i];
        if (spec->budgets) one.budget = &spec->budgets[i];
        status = replica_open(&t->replicas[i], t, &one);
        if (!status) primaries[i] = replica_primary(&t->replicas[i])->backend;
    }
    if (!status) status = collective_new(&t->collective, primaries, num, t->net->num_weights, t->cluster);
    free(primaries);
    return status;
}

enum status train_new(struct train **out, struct net *net, const struct train_spec *spec) {
    *out = NULL;
    CHECK(spec->workers_per_device >= 1 && spec->max_shard_rows >= 1 && spec->num_devices >= 0);
    if (spec->backend.precision == PRECISION_F16)
        return status_fail(STATUS_USAGE, "training in f16 needs loss scaling, which Tengen does not do: use bf16 or f32");
    struct train *t = memory_new(1, sizeof *t, "a training");
    t->net = net;
    t->synced = true;
    t->num_replicas = spec->num_devices ? spec->num_devices : 1;
    const bool on_cards = !strcmp(backend_resolve(spec->backend.name), "cuda");
    t->runners_each = on_cards ? 1 : spec->workers_per_device;
    t->cluster = spec->cluster;
    t->apart = t->runners_each > 1 || (cluster_size(t->cluster) > 1 && !on_cards);
    t->max_rows = spec->max_shard_rows, t->height = spec->height, t->width = spec->width;
    enum status status = open_replicas(t, spec);
    if (!status && t->num_replicas > 1) status = thread_pool_new(&t->ranks, t->num_replicas);
    if (status)
        train_free(t);
    else
        *out = t;
    return status;
}

const struct backend *train_backend(const struct train *t) { return replica_primary(&t->replicas[0])->backend; }

void train_sync(struct train *t) {
    if (t->synced) return;
    const struct runner *runner = replica_primary(&t->replicas[0]);
    runner->backend->verbs->download(runner->backend, t->net->weights, runner->pass->weights, t->net->num_weights);
    t->synced = true;
}

void train_upload(struct train *t) {
    for (int i = 0; i < t->num_replicas; i++) replica_upload(&t->replicas[i], t->net);
    t->synced = true;
}

static enum status reserve_shards(struct train *t, int num_shards) {
    if (num_shards <= t->max_shards) return STATUS_OK;
    t->gradients = memory_resize(t->gradients, (size_t)num_shards, sizeof *t->gradients, "a training's shards");
    t->sums = memory_resize(t->sums, (size_t)num_shards, sizeof *t->sums, "a training's shards");
    for (; t->max_shards < num_shards; t->max_shards++) {
        float *gradient = NULL;
        if (t->apart && !(gradient = malloc(t->net->num_weights * sizeof *gradient)))
            return status_fail(STATUS_MEMORY, "train: not enough memory for %d shards", num_shards);
        t->gradients[t->max_shards] = gradient;
    }
    return STATUS_OK;
}

// What all tasks of one call share.
struct job {
    struct train *train;
    struct batch *const *shards;
    int num_shards;
    double scales[NUM_LOSSES];
    bool wants_gradient;
    struct optimiser_step step;
};

// Replica r has the shards from first_shard(r) up to, but not including, first_shard(r + 1). Shard
// i belongs to replica i * replicas / shards.
static int first_shard(const struct job *job, int r) {
    const int num = job->train->num_replicas;
    return (int)(((long long)r * job->num_shards + num - 1) / num);
}

static void run_ranks(struct job *job, thread_pool_task *task) {
    if (job->train->ranks)
        thread_pool_run(job->train->ranks, job->train->num_replicas, task, job);
    else
        task(job, 0, 0);
}

// Where gradients are not kept apart: computes the shards of a replica one after another, and adds
// the gradients on its device.
static void shards_of_rank(struct job *job, int rank) {
    struct train *t = job->train;
    struct replica *r = &t->replicas[rank];
    struct runner *runner = replica_primary(r);
    const struct backend_verbs *v = runner->backend->verbs;
    const int first = first_shard(job, rank), end = first_shard(job, rank + 1);
    if (job->wants_gradient) v->fill(runner->backend, r->total, 0, t->net->num_weights);
    for (int i = first; i < end; i++) {
        runner_run(runner, t->net, job->shards[i], job->scales, job->wants_gradient, &t->sums[i]);
        if (job->wants_gradient) v->add(runner->backend, t->net->num_weights, 1, runner->pass->gradient, r->total);
    }
}

// Where gradients are kept apart: task k is runner k / replicas of replica k % replicas, and
// takes shards while there are any.
static void runner_task(void *context, int task, int worker) {
    struct job *job = context;
    struct train *t = job->train;
    const int rank = task % t->num_replicas, end = first_shard(job, rank + 1);
    struct replica *r = &t->replicas[rank];
    struct runner *runner = &r->runners[task / t->num_replicas];
    for (int i; (i = atomic_fetch_add(&r->next, 1)) < end;) {
        runner_run(runner, t->net, job->shards[i], job->scales, job->wants_gradient, &t->sums[i]);
        if (!job->wants_gradient) continue;
        runner->backend->verbs->download(runner->backend, t->gradients[i], runner->pass->gradient, t->net->num_weights);
    }
}

enum { SUM_CHUNKS = 16 }; // more than most processors have cores; chosen, not tuned

static void sum_chunk(void *context, int task, int worker) {
    const struct job *job = context;
    const struct train *t = job->train;
    const int rank = task / SUM_CHUNKS, chunk = task % SUM_CHUNKS;
    const size_t all = t->net->num_weights, from = all * (size_t)chunk / SUM_CHUNKS,
                 to = all * ((size_t)chunk + 1) / SUM_CHUNKS;
    float *total = t->totals[rank];
    // The sum begins with zeros, as that of a replica with one runner does.
    memset(total + from, 0, (to - from) * sizeof *total);
    for (int s = first_shard(job, rank); s < first_shard(job, rank + 1); s++)
        for (size_t i = from; i < to; i++) total[i] += t->gradients[s][i];
}

static void gradient_task(void *context, int rank, int worker) {
    struct job *job = context;
    struct train *t = job->train;
    struct replica *r = &t->replicas[rank];
    struct backend *b = replica_primary(r)->backend;
    if (!t->apart)
        shards_of_rank(job, rank);
    else if (job->wants_gradient)
        b->verbs->upload(b, r->total, t->totals[rank], t->net->num_weights);
    if (job->wants_gradient) collective_sum(t->collective, rank, r->total, t->net->num_weights);
}

// Whether the shards' own gradients go into the sum over the ranks of the job. Where this rank has
// several replicas, or one on a card, their sum does.
static bool joins_shards(const struct train *t) { return cluster_size(t->cluster) > 1 && t->apart && t->num_replicas == 1; }

// Turns the totals of this rank's replicas into those of all ranks.
static enum status sum_over_ranks(struct train *t) {
    const size_t count = t->net->num_weights;
    struct backend *b = replica_primary(&t->replicas[0])->backend;
    float *mine = malloc(2 * count * sizeof *mine), *all = mine + count;
    if (!mine) return status_fail(STATUS_MEMORY, "train: not enough memory for the sum over the ranks");
    b->verbs->download(b, mine, t->replicas[0].total, count);
    const float *const parts[] = {mine};
    const enum status status = cluster_sum(t->cluster, parts, 1, all, count);
    for (int i = 0; i < t->num_replicas && status == STATUS_OK; i++) {
        b = replica_primary(&t->replicas[i])->backend;
        b->verbs->upload(b, t->replicas[i].total, all, count);
    }
    free(mine);
    return status;
}

static void step_task(void *context, int rank, int worker) {
    const struct job *job = context;
    replica_step(&job->train->replicas[rank], job->train->net, &job->step);
}

static void report(const struct shard_sums *sums, int num_sums, const struct job *job, long long rows, struct losses *out) {
    double losses[NUM_LOSSES] = {0}, weights[NUM_LOSSES] = {0}, entropy = 0;
    for (int s = 0; s < num_sums; s++) {
        for (int kind = 0; kind < NUM_LOSSES; kind++) {
            losses[kind] += sums[s].losses[kind];
            weights[kind] += sums[s].weights[kind];
        }
        entropy += sums[s].entropy;
    }
    *out = (struct losses){.rows = rows};
    for (int kind = 0; kind < NUM_LOSSES; kind++) {
        out->total += job->scales[kind] * losses[kind];
        out->of[kind] = weights[kind] > 0 ? losses[kind] / weights[kind] : losses[kind];
    }
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

// Where gradients are kept apart: the pool computes the shards, and their sums go to t->totals.
static void run_side_by_side(struct job *job, struct thread_pool *pool) {
    struct train *t = job->train;
    int most = 0; // the most shards that a replica has
    train_sync(t);
    for (int i = 0; i < t->num_replicas; i++) {
        const int first = first_shard(job, i), num = first_shard(job, i + 1) - first;
        atomic_store(&t->replicas[i].next, first);
        if (num > most) most = num;
    }
    thread_pool_run(pool, t->num_replicas * (most < t->runners_each ? most : t->runners_each), runner_task, job);
    if (job->wants_gradient && !joins_shards(t)) thread_pool_run(pool, t->num_replicas * SUM_CHUNKS, sum_chunk, job);
}

// One replica computes the norm for all, so that all of them make the same step.
static double gradient_norm(struct train *t) {
    struct backend *b = replica_primary(&t->replicas[0])->backend;
    return sqrt(b->verbs->square_norm(b, t->net->num_weights, t->replicas[0].total));
}

// Gradients that nothing learns from must not count in the norm. Only the first replica's total
// needs this, since only the norm reads them: replica_step leaves them out.
static void drop_trunk_gradient(struct train *t) {
    struct backend *b = replica_primary(&t->replicas[0])->backend;
    for (int i = 0; i < t->net->num_tensors; i++) {
        const struct net_tensor *w = &t->net->tensors[i];
        if (net_in_trunk(w)) b->verbs->fill(b, t->replicas[0].total + w->offset, 0, w->count);
    }
}

// What every rank tells the others of a step: its norm, and the sums of its shards behind it.
static enum status report_all(struct train *t, const struct job *job, long long rows, double norm, struct losses *out) {
    const size_t num_bytes = sizeof norm + (size_t)job->num_shards * sizeof *t->sums;
    unsigned char *mine = malloc(num_bytes);
    if (!mine) return status_fail(STATUS_MEMORY, "train: not enough memory for %d shards", job->num_shards);
    memcpy(mine, &norm, sizeof norm);
    memcpy(mine + sizeof norm, t->sums, num_bytes - sizeof norm);
    struct cluster_strings all;
    const enum status status = cluster_gather(t->cluster, mine, num_bytes, &all);
    free(mine);
    TRY(status);
    const int size = cluster_size(t->cluster);
    const size_t sums_bytes = all.ends[size - 1] - (size_t)size * sizeof norm;
    struct shard_sums *sums = malloc(sums_bytes + 1);
    if (!sums) {
        cluster_strings_done(&all);
        return status_fail(STATUS_MEMORY, "train: not enough memory for the ranks' shards");
    }
    // The norm of rank 0 counts everywhere: hosts whose processors round differently must not clip
    // differently.
    double agreed;
    memcpy(&agreed, all.data, sizeof agreed);
    for (size_t rank = 0, at = 0; rank < (size_t)size; rank++) {
        const size_t from = (rank ? all.ends[rank - 1] : 0) + sizeof norm, length = all.ends[rank] - from;
        memcpy((unsigned char *)sums + at, all.data + from, length);
        at += length;
    }
    report(sums, (int)(sums_bytes / sizeof *sums), job, rows, out);
    out->gradient_norm = agreed;
    free(sums);
    cluster_strings_done(&all);
    return STATUS_OK;
}

// Fills in the gradients' sum of all ranks, its norm, and the losses of all shards.
static enum status finish_shards(struct train *t, const struct job *job, const struct train_params *params, long long rows,
                                 struct losses *losses) {
    const bool is_partial = cluster_size(t->cluster) > 1 && !joins_shards(t) && !collective_spans_cluster(t->collective);
    if (job->wants_gradient && is_partial) TRY(sum_over_ranks(t));
    if (job->wants_gradient && params->freeze_trunk) drop_trunk_gradient(t);
    const double norm = job->wants_gradient ? gradient_norm(t) : 0;
    if (cluster_size(t->cluster) > 1) return report_all(t, job, rows, norm, losses);
    report(t->sums, job->num_shards, job, rows, losses);
    losses->gradient_norm = norm;
    return STATUS_OK;
}

// Computes the losses and, where asked for, the summed gradient in every replica's `total`.
static enum status run_shards(struct train *t, struct thread_pool *pool, struct batch *const *shards, int num_shards,
                              const struct train_params *params, bool wants_gradient, struct losses *losses) {
    TRY(check_shards(t, shards, num_shards));
    TRY(reserve_shards(t, num_shards));
    struct job job = {.train = t, .shards = shards, .num_shards = num_shards, .wants_gradient = wants_gradient};
    long long rows = 0;
    for (int i = 0; i < num_shards; i++) rows += shards[i]->n;
    if (params->total_rows) rows = params->total_rows;
    for (int kind = 0; kind < NUM_LOSSES; kind++) job.scales[kind] = params->loss_weights[kind] / (double)rows;
    if (t->apart) run_side_by_side(&job, pool);
    if (wants_gradient && joins_shards(t))
        TRY(cluster_sum(t->cluster, (const float *const *)t->gradients, num_shards, t->totals[0], t->net->num_weights));
    run_ranks(&job, gradient_task);
    return finish_shards(t, &job, params, rows, losses);
}

enum status train_step(struct train *t, struct thread_pool *pool, struct batch *const *shards, int num_shards,
                       const struct train_params *params, struct losses *losses) {
    TRY(run_shards(t, pool, shards, num_shards, params, true, losses));
    if (!isfinite(losses->gradient_norm) && cluster_rank(t->cluster)) return STATUS_FORMAT; // Rank 0 says it.
    if (!isfinite(losses->gradient_norm))
        return status_fail(STATUS_FORMAT, "train: the gradient of step %lld is not finite: the rows or the weights are broken",
                           t->step + 1);
    t->step++;
    // At first the average follows the weights closely. Otherwise the random first weights would
    // stay in it for long.
    const double warm = (1 + (double)t->step) / (10 + (double)t->step);
    const float scale = params->clip_norm > 0 && losses->gradient_norm > params->clip_norm
                            ? (float)(params->clip_norm / losses->gradient_norm)
                            : 1;
    struct job job = {.train = t};
    job.step.adamw = (struct adamw_step){.rate = (float)params->learning_rate,
                                         .beta1 = (float)params->beta1,
                                         .beta2 = (float)params->beta2,
                                         .epsilon = (float)params->epsilon,
                                         .decay = (float)params->weight_decay,
                                         .correction1 = (float)(1 - pow(params->beta1, (double)t->step)),
                                         .correction2 = (float)(1 - pow(params->beta2, (double)t->step)),
                                         .gradient_scale = scale};
    job.step.muon = (struct muon_step){.rate = (float)(params->learning_rate * params->muon_scale),
                                       .momentum = (float)params->muon_momentum,
                                       .decay = (float)params->weight_decay,
                                       .gradient_scale = scale};
    job.step.average_decay = (float)(warm < params->average_decay && !params->starts_trained ? warm : params->average_decay);
    job.step.freeze_trunk = params->freeze_trunk;
    run_ranks(&job, step_task);
    t->synced = false;
    t->net->meta.step++;
    t->net->meta.samples += losses->rows;
    return STATUS_OK;
}

enum status train_evaluate(struct train *t, struct thread_pool *pool, struct batch *const *shards, int num_shards,
                           const struct train_params *params, struct losses *losses) {
    return run_shards(t, pool, shards, num_shards, params, false, losses);
}

enum status train_gradient(struct train *t, struct thread_pool *pool, struct batch *const *shards, int num_shards,
                           const struct train_params *params, float *gradient, struct losses *losses) {
    TRY(run_shards(t, pool, shards, num_shards, params, true, losses));
    struct backend *b = replica_primary(&t->replicas[0])->backend;
    b->verbs->download(b, gradient, t->replicas[0].total, t->net->num_weights);
    return STATUS_OK;
}
