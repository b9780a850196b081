// What changes a run. Every function here has the same three steps:
//
//   1. files are written whole and fsynced (by the caller or here)
//   2. one transaction makes them part of the run, together with the counters
//   3. what follows from it: files that are no longer part go, derived files are brought up to date
//
// A kill before the commit in 2 leaves files that nothing lists; a kill after it leaves step 3 undone: run_open does it.
// When a transaction fails, run->state is what it was.
#include "run/run_parts.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum status begin(struct run *run) { return db_run(run->db, "BEGIN IMMEDIATE", ""); }

// Commits with the counters when `status` is fine, else undoes.
static enum status finish(struct run *run, enum status status, const struct run_state *before) {
    if (!status) status = run_save_state(run->db, &run->state);
    if (!status) status = db_run(run->db, "COMMIT", "");
    if (!status) return STATUS_OK;
    run->state = *before;
    (void)db_run(run->db, "ROLLBACK", "");
    return status;
}

static enum status store_games(struct run *run, const struct run_iteration *iteration, const struct replay_chunk *chunk) {
    TRY(db_run(run->db, "INSERT INTO chunks VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, 0)", "iiiiiiiii", chunk->number,
               chunk->first_game, chunk->last_game, (long long)chunk->num_games, chunk->full_rows, chunk->fast_rows,
               chunk->plies, chunk->bytes, (long long)chunk->checksum));
    for (int i = 0; i < iteration->num_games; i++) {
        const struct record *game = &iteration->games[i];
        TRY(db_run(run->db, "INSERT INTO games VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", "iiiiidsdiid", game->index,
                   chunk->number, game->net_step, (long long)game->height, (long long)game->width, game->komi,
                   run_outcome_name(game->outcome), (double)game->score, (long long)game->num_plies,
                   (long long)game->opening_plies, iteration->seconds));
    }
    struct run_state *state = &run->state;
    state->games += chunk->num_games;
    state->full_rows += chunk->full_rows;
    state->fast_rows += chunk->fast_rows;
    state->plies += chunk->plies;
    state->num_chunks = chunk->number + 1;
    return STATUS_OK;
}

enum status run_commit_iteration(struct run *run, const struct run_iteration *iteration) {
    const struct run_state before = run->state;
    const int had_names = run->num_names;
    struct replay_chunk chunk;
    char folder[PATH_BYTES];
    if (iteration->num_games > 0)
        TRY(chunk_write(run_replay_folder(run, folder), before.num_chunks, iteration->games, iteration->num_games, &chunk));
    TRY(begin(run));
    run->state.iterations++;
    run->state.step = iteration->step;
    run->state.samples = iteration->samples;
    run->state.seconds = fmax(before.seconds, iteration->seconds);
    if (iteration->next_game > before.next_game) run->state.next_game = iteration->next_game;
    enum status status = iteration->num_games > 0 ? store_games(run, iteration, &chunk) : STATUS_OK;
    if (!status) status = metrics_store(run, iteration);
    TRY(finish(run, status, &before));
    return metrics_publish(run, iteration, had_names);
}

enum status run_chunks(struct run *run, long long full_rows, struct replay_chunk **chunks, int *num_chunks) {
    return run_load_chunks(run->db, full_rows, chunks, num_chunks);
}

enum status run_prune(struct run *run, long long keep_rows) {
    const struct run_state before = run->state;
    struct replay_chunk *kept = NULL, *all = NULL;
    int num_kept = 0, num_all = 0;
    char path[PATH_BYTES];
    enum status status = run_chunks(run, keep_rows, &kept, &num_kept);
    if (!status) status = run_chunks(run, LLONG_MAX, &all, &num_all);
    const int num_gone = num_all - num_kept;
    if (status || num_gone <= 0) goto out;
    status = begin(run);
    if (status) goto out;
    status = db_run(run->db, "UPDATE chunks SET is_pruned = 1 WHERE number <= ?", "i", all[num_gone - 1].number);
    status = finish(run, status, &before);
    for (int i = 0; !status && i < num_gone; i++)
        if (unlink(path_format(path, "%s/replay/%06lld.chunk", run->path, all[i].number)) && errno != ENOENT)
            status = status_fail(STATUS_IO, "%s: can't remove: %s", path, strerror(errno));
out:
    free(kept);
    free(all);
    return status;
}

// The trainer's files of this step must be there; from now on the run goes on from them.
static enum status adopt_trainer(struct run *run, long long step, long long samples) {
    char path[PATH_BYTES];
    if (!file_exists(run_trainer_path(run, step, path)) || !file_exists(run_trainer_net_path(run, step, path)))
        return status_fail(STATUS_IO, "%s: is not there to be registered", path);
    run->state.trainer_step = step;
    run->state.trainer_samples = samples;
    run->state.step = step;
    run->state.samples = samples;
    return STATUS_OK;
}

static void remove_trainer(struct run *run, long long step) {
    char path[PATH_BYTES];
    if (step < 0 || step == run->state.trainer_step) return;
    unlink(run_trainer_path(run, step, path)); // what stays goes at the next run_open
    unlink(run_trainer_net_path(run, step, path));
}

enum status run_add_trainer(struct run *run, long long step, long long samples, double seconds) {
    const struct run_state before = run->state;
    TRY(begin(run));
    run->state.seconds = fmax(before.seconds, seconds);
    TRY(finish(run, adopt_trainer(run, step, samples), &before));
    remove_trainer(run, before.trainer_step);
    return STATUS_OK;
}

enum status run_add_checkpoint(struct run *run, const struct run_checkpoint *checkpoint) {
    const struct run_state before = run->state;
    char path[PATH_BYTES], file[64];
    struct stat info;
    if (stat(run_net_path(run, checkpoint->step, path), &info))
        return status_fail(STATUS_IO, "%s: is not there to be registered: %s", path, strerror(errno));
    snprintf(file, sizeof file, "nets/%06lld.safetensors", checkpoint->step);
    TRY(begin(run));
    enum status status = db_run(run->db, "INSERT INTO checkpoints VALUES(?, ?, ?, ?, ?, ?, ?, ?)", "issiiidd", checkpoint->step,
                                file, checkpoint->digest, (long long)info.st_size, checkpoint->games, checkpoint->samples,
                                checkpoint->seconds, checkpoint->wall);
    if (!status && checkpoint->has_trainer) status = adopt_trainer(run, checkpoint->step, checkpoint->samples);
    run->state.num_checkpoints++;
    run->state.seconds = fmax(before.seconds, checkpoint->seconds);
    if (checkpoint->step > before.last_step) run->state.last_step = checkpoint->step;
    if (checkpoint->is_best) run->state.best_step = checkpoint->step;
    TRY(finish(run, status, &before));
    if (checkpoint->has_trainer) remove_trainer(run, before.trainer_step);
    return checkpoint->is_best ? run_write_best(run) : STATUS_OK;
}

// Ends a query that asks whether there is a row.
static enum status has_row(struct query *query, bool *found) {
    enum status status = STATUS_OK;
    *found = query_next(query, &status);
    query_free(query);
    return status;
}

enum status run_has_checkpoint(struct run *run, long long step, bool *found) {
    struct query *query;
    *found = false;
    TRY(db_query(run->db, &query, "SELECT 1 FROM checkpoints WHERE step = ?", "i", step));
    return has_row(query, found);
}

enum status run_has_match(struct run *run, const char *kind, long long a_step, bool *found) {
    struct query *query;
    *found = false;
    TRY(db_query(run->db, &query, "SELECT 1 FROM matches WHERE kind = ? AND a_step = ?", "si", kind, a_step));
    return has_row(query, found);
}

enum status run_checkpoints(struct run *run, struct run_checkpoint **checkpoints, int *num_checkpoints) {
    return run_load_checkpoints(run->db, &run->state, checkpoints, num_checkpoints);
}

static enum status expect_checkpoint(struct run *run, long long step) {
    bool found;
    TRY(run_has_checkpoint(run, step, &found));
    return found ? STATUS_OK : status_fail(STATUS_USAGE, "%s: has no checkpoint %lld", run->path, step);
}

enum status run_set_best(struct run *run, long long step) {
    const struct run_state before = run->state;
    TRY(expect_checkpoint(run, step));
    TRY(begin(run));
    run->state.best_step = step;
    TRY(finish(run, STATUS_OK, &before));
    return run_write_best(run);
}

static enum status store_match(struct run *run, const struct run_match *match, long long id) {
    TRY(db_run(run->db, "INSERT INTO matches VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", "isssiiiiiidddidd", id,
               match->kind, match->a, match->b, match->a_step, match->b_step, (long long)match->visits, (long long)match->wins,
               (long long)match->draws, (long long)match->losses, match->elo, match->elo_low, match->elo_high,
               (long long)match->sprt, match->seconds, match->wall));
    for (int i = 0; i < match->num_games; i++) {
        const struct run_match_game *game = &match->games[i];
        TRY(db_run(run->db, "INSERT INTO match_games VALUES(?, ?, ?, ?, ?, ?, ?)", "iiisdis", id, (long long)game->index,
                   (long long)game->a_is_first, run_outcome_name(game->outcome), game->score, (long long)game->plies,
                   game->reason));
    }
    return STATUS_OK;
}

enum status run_add_match(struct run *run, const struct run_match *match, long long *id) {
    const struct run_state before = run->state;
    double last;
    if (match->best_step >= 0) TRY(expect_checkpoint(run, match->best_step));
    TRY(db_number(run->db, "SELECT max(id) FROM matches", 0, &last));
    TRY(begin(run));
    run->state.num_matches++;
    run->state.seconds = fmax(before.seconds, match->seconds);
    if (match->best_step >= 0) run->state.best_step = match->best_step;
    TRY(finish(run, store_match(run, match, (long long)last + 1), &before));
    if (id) *id = (long long)last + 1;
    return match->best_step >= 0 ? run_write_best(run) : STATUS_OK;
}
