// Self-play without learning keeps the actors at work until enough games have ended, and writes
// each iteration's games as they come.
#include "selfplay/generate.h"

#include "base/files.h"
#include "game/sgf.h"
#include "run/chunk.h"
#include "run/record_sgf.h"
#include "selfplay/judges.h"

#include <stdio.h>
#include <stdlib.h>

// Moves the games that count to the front: the first `games` that began. The first to end would be
// the short ones.
static int count_wanted(const struct generate_params *params, struct record *records, int n) {
    int wanted = 0;
    for (int i = 0; i < n; i++) {
        if (params->games && records[i].index >= params->games) continue;
        struct record record = records[i];
        records[i] = records[wanted];
        records[wanted++] = record;
    }
    return wanted;
}

static enum status keep(const struct generate_params *params, const struct record *records, int n, long long *chunk) {
    if (!n || !params->out) return STATUS_OK;
    char path[PATH_BYTES];
    for (int i = 0; i < n; i++)
        if (sgf_has_game(records[i].game))
            TRY(record_save_sgf(&records[i], path_format(path, "%s/%08lld.sgf", params->out, records[i].index)));
    struct replay_chunk info;
    return chunk_write(params->out, (*chunk)++, records, n, &info);
}

static void add_stats(struct actors_stats *all, const struct actors_stats *one) {
    all->evaluations += one->evaluations;
    all->simulations += one->simulations;
    all->moves += one->moves;
    all->full_rows += one->full_rows;
    all->games += one->games;
    all->plies += one->plies;
    all->net_seconds += one->net_seconds;
    all->seconds += one->seconds;
}

static enum status play(const struct generate_params *params, struct thread_pool *pool, struct evaluator **evaluators,
                        struct actors *actors, struct generate_result *result) {
    const double begin = clock_seconds(params->clock);
    double logged = begin;
    long long chunk = 0;
    for (;;) {
        const double now = clock_seconds(params->clock);
        result->seconds = now - begin;
        if ((params->games && result->games_kept >= params->games) ||
            (params->seconds > 0 && result->seconds >= params->seconds))
            break;
        if (params->stop && *params->stop) return STATUS_CANCELLED;
        if (now - logged > 5) {
            logged = now;
            log_line(params->log, "%lld games, %.1f a second", result->games_kept,
                     (double)result->games_kept / result->seconds);
        }
        const struct actors_round round = {.pool = pool,
                                           .evaluators = evaluators,
                                           .progress = 1,
                                           .step = params->net->meta.step,
                                           .games_done = params->net->meta.games,
                                           .clock = params->clock,
                                           .stop = params->stop};
        struct record *records = NULL;
        struct actors_stats stats;
        TRY(actors_play(actors, &round, &records, &stats));
        add_stats(&result->stats, &stats);
        const int n = count_wanted(params, records, stats.games);
        const enum status status = keep(params, records, n, &chunk);
        result->games_kept += n;
        for (int i = 0; i < stats.games; i++) record_done(&records[i]);
        free(records);
        TRY(status);
    }
    return STATUS_OK;
}

static enum status open_out(const char *out) {
    if (!out) return STATUS_OK;
    TRY(dir_make(out));
    char **names;
    int n;
    TRY(dir_list(out, ".chunk", &names, &n));
    free(names);
    return n ? status_fail(STATUS_USAGE, "%s: holds games already; give another folder", out) : STATUS_OK;
}

enum status generate_run(const struct generate_params *params, struct generate_result *result) {
    struct thread_pool *pool = NULL;
    struct actors *actors = NULL;
    struct judges judges = {0};
    struct devices devices;
    *result = (struct generate_result){0};
    TRY(config_devices(params->config, &devices));
    result->workers = judges_workers(params->config, &devices);
    enum status status = open_out(params->out);
    if (status == STATUS_OK) status = thread_pool_new(&pool, result->workers);
    if (status == STATUS_OK)
        status = judges_init(&judges, params->config, &devices, params->game, params->net, result->workers, params->clock);
    if (status == STATUS_OK) status = actors_new(&actors, params->config, params->game, &(struct actors_place){0});
    if (status == STATUS_OK) {
        status = play(params, pool, judges.evaluators, actors, result);
        result->shared = judges_stats(&judges, &result->batches);
        snprintf(result->backend, sizeof result->backend, "%s", backend_name(judges_backend(&judges)));
        snprintf(result->precision, sizeof result->precision, "%s", backend_precision(judges_backend(&judges)));
    }
    actors_free(actors);
    judges_done(&judges);
    thread_pool_free(pool);
    return status;
}
