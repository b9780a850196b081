// The work of a training, without its decisions. Invariant: whatever the ranks have in common
// (weights, window) is the same on all of them between two orders, since they begin with the same
// and obey the same orders in the same order.
#include "selfplay/learner.h"

#include "base/memory.h"
#include "selfplay/sampler.h"

#include <stdlib.h>

enum status learner_try_devices(struct learner *l) {
    TRY(config_devices(l->config, &l->devices));
    for (int training = 0; training < 2; training++) {
        const struct backend_spec spec = devices_spec(&l->devices, 0, training);
        struct backend *backend;
        TRY(backend_open(&backend, &spec));
        backend_close(backend);
    }
    return STATUS_OK;
}

static int num_own_shards(const struct learner *l) { return l->team.end_shard - l->team.first_shard; }

enum status learner_open(struct learner *l) {
    const struct config *config = l->config;
    TRY(team_meet(l->cluster, config, l->devices.cards ? l->devices.num : 0, &l->team));
    TRY(thread_pool_new(&l->pool, config->threads));
    l->play_pool = l->pool;
    const int workers = judges_workers(config, &l->devices);
    if (workers != config->threads) TRY(thread_pool_new(&l->play_pool, workers));
    const int rows = config->batch / l->team.num_shards, num = num_own_shards(l);
    TRY(train_new(&l->train, l->net,
                  &(struct train_spec){.backend = devices_spec(&l->devices, 0, true),
                                       .num_devices = l->devices.num,
                                       .devices = l->devices.at,
                                       .budgets = l->devices.budgets,
                                       .workers_per_device = config->threads,
                                       .max_shard_rows = rows,
                                       .height = l->game->height,
                                       .width = l->game->width,
                                       .cluster = l->cluster}));
    l->shards = memory_new((size_t)num, sizeof *l->shards, "training batches");
    for (int i = 0; i < num; i++) TRY(batch_new(&l->shards[i], &l->net->config, rows, l->game->height, l->game->width));
    return replay_new(&l->replay);
}

enum status learner_share(struct learner *l) {
    TRY(train_share(l->train));
    return team_share_window(l->cluster, l->replay);
}

enum status learner_begin(struct learner *l, int session) {
    struct net *average;
    TRY(train_average(l->train, &average));
    const enum status status =
        judges_init(&l->judges, l->config, &l->devices, l->game, average, judges_workers(l->config, &l->devices), l->clock);
    net_free(average);
    TRY(status);
    const struct actors_place place = {session, l->team.first_slot, l->team.num_slots};
    return actors_new(&l->actors, l->config, l->game, &place);
}

void learner_done(struct learner *l) {
    actors_free(l->actors);
    replay_free(l->replay);
    judges_done(&l->judges);
    for (int i = 0; i < num_own_shards(l) && l->shards; i++) batch_free(l->shards[i]);
    free(l->shards);
    train_free(l->train);
    net_free(l->net);
    if (l->play_pool != l->pool) thread_pool_free(l->play_pool);
    thread_pool_free(l->pool);
}

enum status learner_play(struct learner *l, const struct order *order, struct team_games *games) {
    const struct actors_round round = {.pool = l->play_pool,
                                       .evaluators = l->judges.evaluators,
                                       .progress = order->progress,
                                       .small_board = order->small_board,
                                       .step = order->step,
                                       .games_done = order->games_done,
                                       .clock = l->clock,
                                       .stop = l->stop,
                                       .live = l->live};
    struct record *records = NULL;
    struct actors_stats stats;
    const double begun = clock_seconds(l->clock);
    TRY(actors_play(l->actors, &round, &records, &stats));
    TRY(team_exchange(l->cluster, records, &stats, clock_seconds(l->clock) - begun, games));
    for (int i = 0; i < games->num; i++) games->records[i].index = order->next_game + i;
    return STATUS_OK;
}

void learner_learn(struct learner *l, const struct order *order, struct record *records, int num_records) {
    replay_add(l->replay, records, num_records);
    replay_trim(l->replay, order->window);
}

// The shards of one step are filled side by side.
struct filling {
    struct learner *learner;
    long long step;
};

static void fill_task(void *context, int task, int worker) {
    const struct filling *filling = context;
    struct learner *l = filling->learner;
    const int shard = l->team.first_shard + task;
    struct rng rng;
    // The constant spells "sample".
    rng_init(&rng, (uint64_t)l->config->seed ^ 0x73616d706c65, (uint64_t)filling->step * 65536 + (uint64_t)shard);
    sampler_fill(l->replay, l->config, &rng, l->config->batch / l->team.num_shards, l->shards[task]);
}

enum status learner_step(struct learner *l, const struct order *order, struct losses *losses) {
    struct filling filling = {l, l->net->meta.step};
    const int num = num_own_shards(l);
    thread_pool_run(l->pool, num, fill_task, &filling);
    struct train_params train = config_train(l->config);
    train.learning_rate = order->learning_rate;
    train.starts_trained = l->starts_trained;
    train.total_rows = (long long)(l->config->batch / l->team.num_shards) * l->team.num_shards;
    return train_step(l->train, l->pool, l->shards, num, &train, losses);
}

enum status learner_refresh(struct learner *l, int *num_differed) {
    struct net *average;
    TRY(train_agree(l->train, num_differed));
    TRY(train_average(l->train, &average));
    const enum status status = judges_update(&l->judges, average);
    net_free(average);
    return status;
}
