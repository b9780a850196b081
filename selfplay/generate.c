// Self-play without learning keeps the actors at work until enough games have ended, and writes
// each iteration's games as they come. Over ranks, rank 0 decides when it is enough, and writes.
#include "selfplay/generate.h"

#include "base/files.h"
#include "game/sgf.h"
#include "run/chunk.h"
#include "run/record_sgf.h"
#include "selfplay/judges.h"
#include "selfplay/team.h"

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

enum next { NEXT_ITERATION, NEXT_END, NEXT_STOP };

static enum next decide(const struct generate_params *params, const struct generate_result *result) {
    if (params->games && result->games_kept >= params->games) return NEXT_END;
    if (params->seconds > 0 && result->seconds >= params->seconds) return NEXT_END;
    return params->stop && *params->stop ? NEXT_STOP : NEXT_ITERATION;
}

static enum status iterate(const struct generate_params *params, struct thread_pool *pool, struct evaluator **evaluators,
                           struct actors *actors, struct generate_result *result, long long *chunk) {
    const struct actors_round round = {.pool = pool,
                                       .evaluators = evaluators,
                                       .progress = 1,
                                       .step = params->net->meta.step,
                                       .games_done = params->net->meta.games,
                                       .clock = params->clock,
                                       .stop = params->stop};
    struct record *records = NULL;
    struct actors_stats stats;
    struct team_games games;
    const double begun = clock_seconds(params->clock);
    TRY(actors_play(actors, &round, &records, &stats));
    TRY(team_exchange(params->cluster, records, &stats, clock_seconds(params->clock) - begun, &games));
    actors_add_stats(&result->stats, &games.stats);
    const int n = count_wanted(params, games.records, games.num);
    const enum status status = cluster_rank(params->cluster) ? STATUS_OK : keep(params, games.records, n, chunk);
    result->games_kept += n;
    team_games_done(&games);
    return status;
}

static enum status play(const struct generate_params *params, struct thread_pool *pool, struct evaluator **evaluators,
                        struct actors *actors, struct generate_result *result) {
    const double begin = clock_seconds(params->clock);
    double logged = begin;
    long long chunk = 0;
    for (;;) {
        const double now = clock_seconds(params->clock);
        result->seconds = now - begin;
        enum next next = decide(params, result);
        TRY(cluster_broadcast(params->cluster, &next, sizeof next));
        if (next != NEXT_ITERATION) return next == NEXT_STOP ? STATUS_CANCELLED : STATUS_OK;
        if (now - logged > 5) {
            logged = now;
            log_line(params->log, "%lld games, %.1f a second", result->games_kept,
                     (double)result->games_kept / result->seconds);
        }
        TRY(iterate(params, pool, evaluators, actors, result, &chunk));
    }
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
    enum status status = cluster_rank(params->cluster) ? STATUS_OK : open_out(params->out);
    struct team team;
    if (status == STATUS_OK) status = team_meet(params->cluster, params->config, 0, &team);
    if (status == STATUS_OK) status = thread_pool_new(&pool, result->workers);
    if (status == STATUS_OK)
        status = judges_init(&judges, params->config, &devices, params->game, params->net, result->workers, params->clock);
    if (status == STATUS_OK) {
        const struct actors_place place = {.first_slot = team.first_slot, .num_slots = team.num_slots};
        status = actors_new(&actors, params->config, params->game, &place);
    }
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
