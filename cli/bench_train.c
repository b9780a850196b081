// The speed of training: optimiser steps on rows that are made up. A step is a forward and a
// backward pass, which together are the work of three forward passes.
#include "base/memory.h"
#include "cli/bench.h"
#include "net/train.h"

#include <stdlib.h>
#include <string.h>

// Fills a batch with random planes and uniform targets, since the speed does not depend on what is
// learned.
static void fill_batch(const struct bench *bench, struct batch *batch, struct rng *rng) {
    const struct game *game = &bench->game;
    const size_t points = (size_t)(game->height * game->width);
    batch_clear(batch);
    batch->n = batch->max_n;
    for (int row = 0; row < batch->n; row++) {
        const size_t r = (size_t)row;
        float *planes = batch->planes + r * points * (size_t)game->num_planes;
        for (size_t i = 0; i < points * (size_t)game->num_planes; i++) planes[i] = rng_below(rng, 8) == 0;
        for (size_t i = 0; i < points; i++) batch->mask[r * points + i] = 1;
        for (int i = 0; i < batch->actions; i++) batch->legal[r * (size_t)batch->actions + (size_t)i] = 1;
        for (int kind = 0; kind < NUM_LOSSES; kind++) {
            const size_t count = loss_target_floats(kind, points, (size_t)batch->actions);
            const enum loss_target target = loss_table[kind].target;
            const bool spread = target == LOSS_TARGET_ACTIONS || target == LOSS_TARGET_RESULT;
            float *out = batch_target(batch, kind, row);
            for (size_t i = 0; spread && i < count; i++) out[i] = 1.0f / (float)count;
            batch->weights[kind][row] = 1;
        }
    }
}

struct training {
    const struct bench *bench;
    struct net *net;
    struct thread_pool *pool;
    struct train *train;
    struct batch **shards;
    int num_shards;
};

static enum status open_training(struct training *t, int rows) {
    const struct bench *bench = t->bench;
    const struct game *game = &bench->game;
    const bool card = !strcmp(backend_resolve(bench->settings->backend), "cuda");
    t->num_shards = card ? 1 : bench->threads < rows ? bench->threads : rows;
    const int shard_rows = (rows + t->num_shards - 1) / t->num_shards;
    TRY(bench_net_new(bench, &t->net));
    TRY(thread_pool_new(&t->pool, bench->threads));
    TRY(train_new(&t->train, t->net,
                  &(struct train_spec){.backend = {.name = bench->settings->backend},
                                       .workers_per_device = bench->threads,
                                       .max_shard_rows = shard_rows,
                                       .height = game->height,
                                       .width = game->width}));
    t->shards = memory_new((size_t)t->num_shards, sizeof *t->shards, "the shards of a batch");
    struct rng rng;
    rng_init(&rng, (uint64_t)bench->settings->seed, 1);
    for (int i = 0; i < t->num_shards; i++) {
        TRY(batch_new(&t->shards[i], &t->net->config, shard_rows, game->height, game->width));
        fill_batch(bench, t->shards[i], &rng);
    }
    return STATUS_OK;
}

static void close_training(struct training *t) {
    for (int i = 0; i < t->num_shards && t->shards; i++) batch_free(t->shards[i]);
    free(t->shards);
    train_free(t->train);
    thread_pool_free(t->pool);
    net_free(t->net);
}

static enum status step(struct training *t) {
    struct train_params params = train_params_default;
    struct losses losses;
    return train_step(t->train, t->pool, t->shards, t->num_shards, &params, &losses);
}

static enum status measure(struct training *t, int rows) {
    const struct bench *bench = t->bench;
    TRY(step(t)); // to warm up
    long long samples = 0;
    double seconds;
    const double start = clock_seconds(bench->clock);
    do {
        TRY(step(t));
        for (int i = 0; i < t->num_shards; i++) samples += t->shards[i]->n;
        seconds = clock_seconds(bench->clock) - start;
    } while (seconds < bench->settings->seconds);
    const double rate = (double)samples / seconds;
    const double gflops = 3e-9 * net_flops(t->net, bench->game.height, bench->game.width) * rate;
    const struct figure figures[] = {{"batch", "", rows},
                                     {"samples_per_s", "samples/s", rate},
                                     {"gflops", "GFLOP/s", gflops},
                                     {"blocks", "", bench->settings->blocks},
                                     {"channels", "", bench->settings->channels}};
    bench_print(bench, backend_name(train_backend(t->train)), seconds, figures, 5, NULL, NULL);
    return STATUS_OK;
}

enum status bench_train(const struct bench *bench) {
    int batches[BENCH_MAX_BATCHES];
    const int n = bench_batches(*bench->settings->batch ? bench->settings->batch : "256", batches);
    for (int i = 0; i < n; i++) {
        struct training t = {.bench = bench};
        enum status status = open_training(&t, batches[i]);
        if (status == STATUS_OK) status = measure(&t, batches[i]);
        close_training(&t);
        TRY(status);
    }
    return STATUS_OK;
}
