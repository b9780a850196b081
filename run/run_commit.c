// What changes a run. Every function here has the same three steps:
//
//   1. Files are written whole and fsynced, by the caller or here.
//   2. One transaction makes them part of the run, together with the counters.
//   3. Then comes what follows from it: files that are no longer part of the run are removed, and
//      derived files are brought up to date.
//
// A kill before the commit of step 2 leaves files that nothing lists. A kill after it leaves step 3
// undone, and run_open does it. When a transaction fails, run->state is what it was before.
#include "base/memory.h"
#include "run/run_parts.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// A run that is renamed goes on where it is now; we say so once.
static void say_move(struct run *run) {
    char name[PATH_BYTES];
    struct stat held, named;
    if (run->is_move_said || fstat(run->home.fd, &held)) return;
    if (stat(run->path, &named) == 0 && held.st_dev == named.st_dev && held.st_ino == named.st_ino) return;
    const ssize_t length = readlink(run->home.at, name, sizeof name - 1);
    name[length > 0 ? length : 0] = 0;
    run->is_move_said = true;
    log_line(&run->log, "the folder %s was renamed: the run goes on in it, as %s", run->path, name);
}

enum status run_begin(struct run *run) {
    // Where there is no /proc, paths lead by name. Then the files of this step went to wherever the
    // name leads now, but nothing of them counts.
    if (folder_is_moved(&run->home))
        return status_fail(STATUS_IO, "%s: the folder was moved while the run was open; what was committed is in it",
                           run->path);
    say_move(run);
    return db_run(run->db, "BEGIN IMMEDIATE", "");
}

// Commits with the counters where `status` is fine, and undoes otherwise.
enum status run_finish(struct run *run, enum status status, const struct run_state *before) {
    if (!status) status = run_save_state(run->db, &run->state);
    if (!status) status = db_run(run->db, "COMMIT", "");
    if (!status) return STATUS_OK;
    run->state = *before;
    (void)db_rollback(run->db);
    return status;
}

static enum status store_games(struct run *run, const struct record *games, double seconds, const struct replay_chunk *chunk) {
    TRY(db_run(run->db, "INSERT INTO chunks VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, 0)", "iiiiiiiii", chunk->number,
               chunk->first_game, chunk->last_game, (long long)chunk->num_games, chunk->full_rows, chunk->fast_rows,
               chunk->plies, chunk->bytes, (long long)chunk->checksum));
    for (int i = 0; i < chunk->num_games; i++) {
        const struct record *game = &games[i];
        TRY(db_run(run->db, "INSERT INTO games VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", "iiiiidsdiid", game->index,
                   chunk->number, game->net_step, (long long)game->height, (long long)game->width, game->komi,
                   run_outcome_name(game->outcome), (double)game->score, (long long)game->num_plies,
                   (long long)game->opening_plies, seconds));
    }
    struct run_state *state = &run->state;
    state->games += chunk->num_games;
    state->full_rows += chunk->full_rows;
    state->fast_rows += chunk->fast_rows;
    state->plies += chunk->plies;
    state->num_chunks = chunk->number + 1;
    return STATUS_OK;
}

// Writes the games as files: one chunk, or several where there are more games than one chunk takes.
// The caller frees *chunks.
static enum status write_chunks(struct run *run, const struct run_iteration *iteration, struct replay_chunk **chunks,
                                int *num_chunks) {
    char folder[PATH_BYTES];
    run_replay_folder(run, folder);
    *chunks = NULL;
    *num_chunks = 0;
    for (int at = 0; at < iteration->num_games; at += (*chunks)[*num_chunks - 1].num_games) {
        const struct record *games = iteration->games + at;
        const int num_games = chunk_fit(games, iteration->num_games - at);
        *chunks = memory_resize(*chunks, (size_t)*num_chunks + 1, sizeof **chunks, "chunks of an iteration");
        TRY(chunk_write(folder, run->state.num_chunks + *num_chunks, games, num_games, &(*chunks)[*num_chunks]));
        ++*num_chunks;
    }
    return STATUS_OK;
}

static enum status store_iteration(struct run *run, const struct run_iteration *iteration, const struct replay_chunk *chunks,
                                   int num_chunks) {
    run->state.iterations++;
    run->state.step = iteration->step;
    run->state.samples = iteration->samples;
    run->state.seconds = fmax(run->state.seconds, iteration->seconds);
    if (iteration->next_game > run->state.next_game) run->state.next_game = iteration->next_game;
    const struct record *games = iteration->games;
    for (int i = 0; i < num_chunks; games += chunks[i++].num_games)
        TRY(store_games(run, games, iteration->seconds, &chunks[i]));
    return metrics_store(run, iteration);
}

enum status run_commit_iteration(struct run *run, const struct run_iteration *iteration) {
    const struct run_state before = run->state;
    const int had_names = run->num_names;
    struct replay_chunk *chunks;
    int num_chunks;
    enum status status = write_chunks(run, iteration, &chunks, &num_chunks);
    if (!status) status = run_begin(run);
    if (!status) status = run_finish(run, store_iteration(run, iteration, chunks, num_chunks), &before);
    free(chunks);
    TRY(status);
    return metrics_publish(run, iteration, had_names);
}

enum status run_chunks(struct run *run, long long full_rows, struct replay_chunk **chunks, int *num_chunks) {
    return run_load_chunks(run->db, full_rows, chunks, num_chunks);
}

// Makes the run go on from the trainer's files of this step, which must be there.
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
    // A file that can't be removed here is removed at the next run_open.
    unlink(run_trainer_path(run, step, path));
    unlink(run_trainer_net_path(run, step, path));
}

enum status run_add_trainer(struct run *run, long long step, long long samples, double seconds) {
    const struct run_state before = run->state;
    TRY(run_begin(run));
    run->state.seconds = fmax(before.seconds, seconds);
    TRY(run_finish(run, adopt_trainer(run, step, samples), &before));
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
    TRY(run_begin(run));
    enum status status = db_run(run->db, "INSERT INTO checkpoints VALUES(?, ?, ?, ?, ?, ?, ?, ?)", "issiiidd", checkpoint->step,
                                file, checkpoint->digest, (long long)info.st_size, checkpoint->games, checkpoint->samples,
                                checkpoint->seconds, checkpoint->wall);
    if (!status && checkpoint->has_trainer) status = adopt_trainer(run, checkpoint->step, checkpoint->samples);
    run->state.num_checkpoints++;
    run->state.seconds = fmax(before.seconds, checkpoint->seconds);
    if (checkpoint->step > before.last_step) run->state.last_step = checkpoint->step;
    if (checkpoint->is_best) run->state.best_step = checkpoint->step;
    TRY(run_finish(run, status, &before));
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
    TRY(run_begin(run));
    run->state.best_step = step;
    TRY(run_finish(run, STATUS_OK, &before));
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
    TRY(run_begin(run));
    run->state.num_matches++;
    run->state.seconds = fmax(before.seconds, match->seconds);
    if (match->best_step >= 0) run->state.best_step = match->best_step;
    TRY(run_finish(run, store_match(run, match, (long long)last + 1), &before));
    if (id) *id = (long long)last + 1;
    return match->best_step >= 0 ? run_write_best(run) : STATUS_OK;
}
