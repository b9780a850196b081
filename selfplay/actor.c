// An iteration runs in rounds, each of which takes one judgement to every slot. A worker owns every
// slots[worker + k * workers] for the length of an iteration and has its own evaluator. What a slot
// plays does not depend on the worker that it falls to.

#include "selfplay/actor.h"
#include "selfplay/slot.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

struct actors {
    const struct config *config;
    struct boards boards;
    int num_slots;
    struct slot **slots;
};

enum status actors_new(struct actors **out, const struct config *config, const struct game *game,
                       const struct actors_place *place) {
    const int num_slots = place->num_slots ? place->num_slots : config->slots;
    struct actors *actors = memory_new(1, sizeof *actors, "self-play");
    actors->config = config;
    CHECK(boards_init(&actors->boards, config, game) == STATUS_OK); // config_resolve has tried it.
    actors->num_slots = config->slots;
    actors->slots = memory_new((size_t)config->slots, sizeof *actors->slots, "games in play");
    for (int i = 0; i < config->slots; i++) {
        const enum status status =
            slot_new(&actors->slots[i], config, &actors->boards, (uint64_t)place->session, place->first_slot + i, num_slots);
        if (status != STATUS_OK) {
            actors_free(actors);
            return status;
        }
    }
    *out = actors;
    return STATUS_OK;
}

void actors_free(struct actors *actors) {
    if (!actors) return;
    for (int i = 0; i < actors->num_slots; i++) slot_free(actors->slots[i]);
    free(actors->slots);
    free(actors);
}

void actors_add_stats(struct actors_stats *all, const struct actors_stats *one) {
    all->evaluations += one->evaluations;
    all->simulations += one->simulations;
    all->moves += one->moves;
    all->full_rows += one->full_rows;
    all->games += one->games;
    all->plies += one->plies;
    all->net_seconds += one->net_seconds;
    all->seconds += one->seconds;
}

// One worker's share of an iteration.
struct work {
    struct actors *actors;
    const struct actors_round *round;
    int workers;
    double *net_seconds, *seconds; // [workers] each.
};

static void judge_in_batches(struct slot **slots, int n, const struct actors_round *round, struct evaluator *evaluator,
                             struct position *positions, struct judgement *judgements, double *net_seconds) {
    for (int begin = 0; begin < n; begin += evaluator->max_batch) {
        const int m = n - begin < evaluator->max_batch ? n - begin : evaluator->max_batch;
        for (int i = 0; i < m; i++) positions[i] = slot_gather(slots[begin + i], round);
        const double before = clock_seconds(round->clock);
        evaluator_judge(evaluator, m, positions, judgements);
        *net_seconds += clock_seconds(round->clock) - before;
        for (int i = 0; i < m; i++) slot_absorb(slots[begin + i], round, &judgements[i]);
    }
}

// Shows the first games of this worker, whose thread alone touches them.
static void show_games(struct slot **slots, int n, const struct actors_round *round) {
    const double now = clock_seconds(round->clock);
    if (!live_is_due(round->live, now)) return;
    const struct record *records[LIVE_MAX_GAMES];
    int num = 0;
    for (int i = 0; i < n && num < LIVE_MAX_GAMES; i++)
        if ((records[num] = slot_record(slots[i]))) num++;
    live_write(round->live, now, round->step, records, num);
}

static void play_task(void *context, int task, int worker) {
    const struct work *work = context;
    const struct actors_round *round = work->round;
    struct actors *actors = work->actors;
    struct evaluator *evaluator = round->evaluators[worker];
    struct slot **slots = memory_raw((size_t)actors->num_slots / (size_t)work->workers + 1, sizeof *slots, "a worker's games");
    int n = 0;
    for (int i = task; i < actors->num_slots; i += work->workers) slots[n++] = actors->slots[i];
    const int batch = evaluator->max_batch < n ? evaluator->max_batch : n;
    if (n == 0) {
        free(slots);
        return;
    }
    const size_t actions = (size_t)actors->boards.own.num_actions;
    struct position *positions = memory_raw((size_t)batch, sizeof *positions, "a batch of positions");
    struct judgement *judgements = memory_new((size_t)batch, sizeof *judgements, "a batch of judgements");
    float *logits = memory_raw((size_t)batch * actions, sizeof *logits, "a batch of judgements");
    for (int i = 0; i < batch; i++) judgements[i].logits = logits + (size_t)i * actions;
    const double begin = clock_seconds(round->clock);
    evaluator_attend(evaluator, true);
    for (int e = 0; e < actors->config->evaluations && !(round->stop && *round->stop); e++) {
        judge_in_batches(slots, n, round, evaluator, positions, judgements, &work->net_seconds[task]);
        if (task == 0 && round->live) show_games(slots, n, round);
    }
    evaluator_attend(evaluator, false);
    work->seconds[task] = clock_seconds(round->clock) - begin;
    free(slots);
    free(positions);
    free(judgements);
    free(logits);
}

enum status actors_play(struct actors *actors, const struct actors_round *round, struct record **out,
                        struct actors_stats *stats) {
    const int workers = thread_pool_num_workers(round->pool);
    struct work work = {.actors = actors, .round = round, .workers = workers};
    work.net_seconds = memory_new((size_t)workers, sizeof(double), "times of workers");
    work.seconds = memory_new((size_t)workers, sizeof(double), "times of workers");
    thread_pool_run(round->pool, workers, play_task, &work);
    *stats = (struct actors_stats){0};
    for (int i = 0; i < workers; i++) {
        stats->net_seconds += work.net_seconds[i];
        stats->seconds += work.seconds[i];
    }
    free(work.net_seconds);
    free(work.seconds);
    struct record *all = NULL;
    int num_all = 0;
    for (int i = 0; i < actors->num_slots; i++) {
        int n;
        struct record *records = slot_take(actors->slots[i], &n, stats);
        if (n) {
            all = memory_resize(all, (size_t)(num_all + n), sizeof *all, "finished games");
            memcpy(all + num_all, records, (size_t)n * sizeof *all);
            num_all += n;
        }
        free(records);
    }
    CHECK(num_all == stats->games);
    *out = all;
    return STATUS_OK;
}
