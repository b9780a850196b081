// The reader has one connection that can't write, and one transaction for each question.
//
//   question -> BEGIN (its first SELECT fixes the moment) -> rows, checked by run_rows.c
//            -> COMMIT, also after a failure
//
// Lists are built whole before the transaction ends, so that no caller can keep it open.
#include "run/run_read.h"

#include "run/run_parts.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct run_reader {
    char path[PATH_BYTES];
    struct db *db;
};

static enum status begin(struct run_reader *reader) { return db_run(reader->db, "BEGIN", ""); }

// Ends the question and passes its status on. There is nothing to undo, so it doesn't matter
// whether the COMMIT itself succeeds.
static enum status end(struct run_reader *reader, enum status status) {
    const enum status ended = db_rollback(reader->db);
    return status ? status : ended;
}

// --- Open ----------------------------------------------------------------------------------------

static char *database_path(const char *path, char out[PATH_BYTES]) { return path_format(out, "%s/run.sqlite", path); }

// Copies the path without the slashes at its end.
static enum status take_path(const char *path, char out[PATH_BYTES]) {
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/') length--;
    if (length > PATH_BYTES - 256) return status_fail(STATUS_USAGE, "%.100s...: the path is too long", path);
    path_format(out, "%.*s", (int)length, path);
    return STATUS_OK;
}

static enum status open_database(struct run_reader *reader) {
    char file[PATH_BYTES];
    TRY(run_expect(reader->path));
    TRY(file_expect_regular(database_path(reader->path, file)));
    // It must not be opened, for SQLite would clear the log that a kill has left beside it.
    if (file_is_empty(file)) return status_fail(STATUS_FORMAT, "%s: holds no run yet: it is empty", file);
    return db_open(&reader->db, file, DB_READ);
}

enum status run_read_open(struct run_reader **out, const char *path) {
    struct run_reader *reader = memory_new(1, sizeof *reader, "a reader of a run");
    *out = NULL;
    enum status status = take_path(path, reader->path);
    if (!status) status = open_database(reader);
    if (status) {
        run_read_close(reader);
        return status;
    }
    *out = reader;
    return STATUS_OK;
}

void run_read_close(struct run_reader *reader) {
    if (!reader) return;
    db_close(reader->db);
    free(reader);
}

const char *run_read_path(const struct run_reader *reader) { return reader->path; }

struct db *run_reader_database(const struct run_reader *reader) {
    return reader->db;
}

// --- Summary -------------------------------------------------------------------------------------

static enum status load_best(struct db *db, struct run_summary *out) {
    struct query *query;
    enum status status = STATUS_OK;
    char file[64];
    if (out->state.best_step < 0) return STATUS_OK;
    TRY(db_query(db, &query, "SELECT file, digest FROM checkpoints WHERE step = ?", "i", out->state.best_step));
    if (query_next(query, &status)) {
        snprintf(file, sizeof file, "nets/%06lld.safetensors", out->state.best_step);
        if (strcmp(query_text(query, 0), file)) status = query_refuse(query, 0, NULL, file);
        snprintf(out->best, sizeof out->best, "%s", file);
        snprintf(out->best_digest, sizeof out->best_digest, "%s", query_text(query, 1));
    } else if (!status) {
        status = status_fail(STATUS_FORMAT, "%s: state.best_step is %lld, but there is no such checkpoint", db_path(db),
                             out->state.best_step);
    }
    query_free(query);
    return status;
}

// Asks a database that has tables. `game` is "" where it names no run yet.
static enum status load_summary(struct run_reader *reader, struct run_summary *out) {
    *out = (struct run_summary){0};
    TRY(begin(reader));
    enum status status = run_load_identity(reader->db, out);
    if (!status) status = run_load_state(reader->db, &out->state);
    if (!status) status = load_best(reader->db, out);
    return end(reader, status);
}

enum status run_read_summary(struct run_reader *reader, struct run_summary *out) {
    TRY(load_summary(reader, out));
    return out->game[0] ? STATUS_OK : status_fail(STATUS_FORMAT, "%s: holds no run yet: it is empty", db_path(reader->db));
}

enum status run_peek(const char *path, struct run_summary *out) {
    struct run_reader reader = {0};
    char file[PATH_BYTES];
    bool has_begun;
    *out = (struct run_summary){0};
    TRY(take_path(path, reader.path));
    TRY(db_has_begun(database_path(reader.path, file), &has_begun));
    if (!has_begun) return STATUS_OK;
    TRY(db_open(&reader.db, file, DB_READ));
    const enum status status = load_summary(&reader, out);
    db_close(reader.db);
    return status;
}

enum status run_summarise(const char *path, struct run_summary *out) {
    struct run_reader *reader;
    TRY(run_read_open(&reader, path));
    const enum status status = run_read_summary(reader, out);
    run_read_close(reader);
    return status;
}

enum status run_read_checkpoints(struct run_reader *reader, struct run_checkpoint **out, int *num) {
    struct run_state state;
    *out = NULL;
    *num = 0;
    TRY(begin(reader));
    enum status status = run_load_state(reader->db, &state);
    if (!status) status = run_load_checkpoints(reader->db, &state, out, num);
    return end(reader, status);
}

enum status run_read_text(struct run_reader *reader, const char *key, char **text) {
    // One statement sees one moment, so it needs no transaction.
    return run_load_text(reader->db, key, text);
}

enum status run_read_number(struct run_reader *reader, const char *key, double low, double high, double *number) {
    return run_load_number(reader->db, key, low, high, number);
}

// --- Metrics -------------------------------------------------------------------------------------

static enum status load_metric_names(struct db *db, struct run_metrics *out) {
    struct query *query;
    enum status status = db_query(db, &query, "SELECT id, name, unit FROM metric_names ORDER BY id", "");
    while (!status && query_next(query, &status)) {
        long long id;
        // The ids have no gaps.
        status = query_integer(query, 0, NULL, out->num_names + 1, out->num_names + 1, &id);
        if (status) break;
        int num = out->num_names;
        RUN_GROW(out->names, num, "names of metrics");
        RUN_GROW(out->units, num, "names of metrics");
        out->names[num] = memory_text(query_text(query, 1), "names of metrics");
        out->units[num] = memory_text(query_text(query, 2), "names of metrics");
        out->num_names++;
    }
    query_free(query);
    return status;
}

static enum status load_metrics_row(struct query *query, struct run_metrics_row *out) {
    TRY(query_count(query, 0, &out->iteration));
    TRY(query_seconds(query, 1, &out->seconds));
    TRY(query_seconds(query, 2, &out->wall));
    TRY(query_count(query, 3, &out->games));
    TRY(query_count(query, 4, &out->step));
    return query_count(query, 5, &out->samples);
}

// Which iterations: every `step`th of those after `after` and up to `last`, and the last one.
struct iterations {
    long long after, last, step;
};

static enum status load_metrics_rows(struct db *db, const struct iterations *which, struct run_metrics *out) {
    struct query *query;
    enum status status = db_query(db, &query,
                                  "SELECT iteration, seconds, wall, games, step, samples FROM iterations WHERE iteration > ?1"
                                  " AND iteration <= ?2 AND (iteration % ?3 = 0 OR iteration = ?2) ORDER BY iteration",
                                  "iii", which->after, which->last, which->step);
    while (!status && query_next(query, &status)) {
        RUN_GROW(out->rows, out->num_rows, "metrics");
        status = load_metrics_row(query, &out->rows[out->num_rows]);
        out->num_rows += !status;
    }
    query_free(query);
    return status;
}

// Values follow their iterations in order. A value of an iteration that is not listed is left out.
static enum status load_metric_values(struct db *db, const struct iterations *which, struct run_metrics *out) {
    const size_t num = (size_t)out->num_rows * (size_t)out->num_names;
    struct query *query;
    int row = 0;
    out->values = memory_raw(num, sizeof *out->values, "metrics");
    for (size_t i = 0; i < num; i++) out->values[i] = NAN;
    enum status status = db_query(db, &query,
                                  "SELECT iteration, metric, value FROM metrics WHERE iteration > ?1"
                                  " AND iteration <= ?2 AND (iteration % ?3 = 0 OR iteration = ?2) ORDER BY iteration, metric",
                                  "iii", which->after, which->last, which->step);
    while (!status && query_next(query, &status)) {
        long long iteration, metric;
        double value;
        status = query_count(query, 0, &iteration);
        if (!status) status = query_integer(query, 1, NULL, 1, out->num_names, &metric);
        if (!status) status = query_real(query, 2, NULL, -INFINITY, INFINITY, &value);
        if (status) break;
        while (row < out->num_rows && out->rows[row].iteration < iteration) row++;
        if (row < out->num_rows && out->rows[row].iteration == iteration)
            out->values[(size_t)row * (size_t)out->num_names + (size_t)(metric - 1)] = value;
    }
    query_free(query);
    return status;
}

static enum status choose_iterations(struct db *db, const struct run_metrics_wish *wish, struct iterations *out) {
    double last = 0;
    *out = (struct iterations){.after = wish->after, .step = 1};
    TRY(db_number(db, "SELECT coalesce(max(iteration), 0) FROM iterations", 0, &last));
    out->last = (long long)last;
    if (wish->until > 0 && wish->until < out->last) out->last = wish->until;
    const long long num = out->last - out->after;
    if (wish->most > 0 && num > wish->most) out->step = (num + wish->most - 1) / wish->most;
    return STATUS_OK;
}

enum status run_read_metrics_some(struct run_reader *reader, const struct run_metrics_wish *wish, struct run_metrics *out) {
    struct iterations which;
    *out = (struct run_metrics){0};
    TRY(begin(reader));
    enum status status = choose_iterations(reader->db, wish, &which);
    if (!status) status = load_metric_names(reader->db, out);
    if (!status) status = load_metrics_rows(reader->db, &which, out);
    if (!status) status = load_metric_values(reader->db, &which, out);
    status = end(reader, status);
    if (status) run_metrics_done(out);
    return status;
}

enum status run_read_metrics(struct run_reader *reader, long long after, struct run_metrics *out) {
    return run_read_metrics_some(reader, &(struct run_metrics_wish){.after = after}, out);
}

void run_metrics_done(struct run_metrics *metrics) {
    for (int i = 0; i < metrics->num_names; i++) {
        free(metrics->names[i]);
        free(metrics->units[i]);
    }
    free(metrics->names);
    free(metrics->units);
    free(metrics->rows);
    free(metrics->values);
    *metrics = (struct run_metrics){0};
}

// --- Games ---------------------------------------------------------------------------------------

static enum status load_game(struct query *query, struct run_game_row *out) {
    long long sides[2];
    *out = (struct run_game_row){0};
    TRY(query_count(query, 0, &out->index));
    TRY(query_count(query, 1, &out->chunk));
    // -1: there was no net yet.
    TRY(query_integer(query, 2, NULL, -1, DB_MAX_COUNT, &out->net_step));
    TRY(query_integer(query, 3, NULL, 1, GAME_MAX_SIDE, &sides[0]));
    TRY(query_integer(query, 4, NULL, 1, GAME_MAX_SIDE, &sides[1]));
    TRY(query_real(query, 5, NULL, -RUN_MAX_KOMI, RUN_MAX_KOMI, &out->komi));
    TRY(run_load_outcome(query, 6, &out->outcome));
    TRY(query_real(query, 7, NULL, -2 * RUN_MAX_KOMI, 2 * RUN_MAX_KOMI, &out->score));
    TRY(query_int(query, 8, &out->plies));
    TRY(query_int(query, 9, &out->opening_plies));
    TRY(query_seconds(query, 10, &out->seconds));
    TRY(query_flag(query, 11, &out->is_pruned));
    out->height = (int)sides[0];
    out->width = (int)sides[1];
    return STATUS_OK;
}

enum status run_read_games(struct run_reader *reader, const struct run_games_wish *wish, struct run_game_row **out,
                           int *out_num) {
    static const char *const statements[] = {
#define GAMES(order)                                                                                                           \
    "SELECT game, chunk, net_step, height, width, komi, outcome, score, games.plies, opening_plies, seconds,"                  \
    " coalesce(is_pruned, 1) AS is_pruned FROM games LEFT JOIN chunks ON number = chunk"                                       \
    " WHERE game >= ?1 AND (?2 < 0 OR net_step = ?2)"                                                                          \
    " AND (?4 = 0 OR game < ?4) AND (?5 = 'none' OR outcome = ?5) ORDER BY game " order " LIMIT ?3"
        GAMES("ASC"), GAMES("DESC")
#undef GAMES
    };
    struct query *query;
    struct run_game_row *list = NULL;
    int num = 0;
    *out = NULL;
    *out_num = 0;
    enum status status = db_query(reader->db, &query, statements[wish->newest], "iiiis", wish->first, wish->net_step,
                                  wish->most > 0 ? (long long)wish->most : -1LL, wish->before, run_outcome_name(wish->outcome));
    while (!status && query_next(query, &status)) {
        RUN_GROW(list, num, "the list of games");
        status = load_game(query, &list[num++]);
    }
    query_free(query);
    if (status) {
        free(list);
        return status;
    }
    for (int i = 0; wish->newest && i < num / 2; i++) {
        const struct run_game_row swap = list[i];
        list[i] = list[num - 1 - i];
        list[num - 1 - i] = swap;
    }
    *out = list;
    *out_num = num;
    return STATUS_OK;
}

enum status run_read_chunks(struct run_reader *reader, struct replay_chunk **out, int *num) {
    return run_load_chunks(reader->db, LLONG_MAX, out, num);
}

// Reads the gates; whether they were passed is not known yet.
static enum status load_gates(struct db *db, struct run_gate **out, int *out_num) {
    struct query *query;
    struct run_gate *list = NULL;
    int num = 0;
    enum status status =
        db_query(db, &query, "SELECT a_step, b_step FROM matches WHERE kind = 'gate' AND a_step >= 0 ORDER BY id", "");
    while (!status && query_next(query, &status)) {
        RUN_GROW(list, num, "the list of gates");
        list[num] = (struct run_gate){0};
        status = query_count(query, 0, &list[num].step);
        if (!status) status = query_integer(query, 1, NULL, -1, DB_MAX_COUNT, &list[num].best_step);
        num += !status;
    }
    query_free(query);
    *out = list;
    *out_num = num;
    return status;
}

// A match does not say what followed from it. Who passed its gate is the best one that the next gate
// is played against; after the last gate, it is the best one of now.
enum status run_read_gates(struct run_reader *reader, struct run_gate **out, int *num) {
    struct run_state state;
    *out = NULL;
    *num = 0;
    TRY(begin(reader));
    enum status status = run_load_state(reader->db, &state);
    if (!status) status = load_gates(reader->db, out, num);
    status = end(reader, status);
    if (status) {
        free(*out);
        *out = NULL;
        *num = 0;
    }
    for (int i = 0; i < *num; i++) {
        struct run_gate *gate = &(*out)[i];
        gate->is_passed = gate->step == (i + 1 < *num ? gate[1].best_step : state.best_step);
    }
    return status;
}

// Finds the chunk that holds a game, and whether its file should be there.
static enum status find_chunk(struct run_reader *reader, long long index, struct replay_chunk *chunk, bool *is_there) {
    struct query *query;
    long long number = -1;
    bool is_pruned = true, found = false;
    *is_there = false;
    TRY(begin(reader));
    enum status status = db_query(reader->db, &query, "SELECT chunk FROM games WHERE game = ?", "i", index);
    if (!status && query_next(query, &status)) status = query_count(query, 0, &number);
    query_free(query);
    if (!status && number >= 0) status = run_load_chunk(reader->db, number, chunk, &is_pruned, &found);
    *is_there = !status && found && !is_pruned;
    return end(reader, status);
}

// Moves the record of this index out of those of a chunk, and frees the others.
static bool take_record(struct record *records, int num, long long index, struct record *out) {
    bool found = false;
    for (int i = 0; i < num; i++) {
        if (!found && records[i].index == index) {
            record_move(out, &records[i]);
            found = true;
        }
        record_done(&records[i]);
    }
    free(records);
    return found;
}

// The writer first says that a chunk is pruned, and then removes it. So a file that is gone is only
// an error while it is still listed.
static enum status say_missing(struct run_reader *reader, long long index, const char *path) {
    struct replay_chunk chunk;
    bool is_there;
    TRY(find_chunk(reader, index, &chunk, &is_there));
    return is_there ? status_fail(STATUS_FORMAT, "%s: is missing, but run.sqlite lists it", path) : STATUS_OK;
}

enum status run_read_record(struct run_reader *reader, long long index, struct record *out, bool *found) {
    struct replay_chunk chunk, read;
    struct record *records;
    int num;
    char path[PATH_BYTES];
    bool is_there;
    *found = false;
    TRY(find_chunk(reader, index, &chunk, &is_there));
    if (!is_there) return STATUS_OK;
    path_format(path, "%s/replay/%06lld.chunk", reader->path, chunk.number);
    if (!file_exists(path)) return say_missing(reader, index, path);
    const enum status status = chunk_read(path, NULL, NULL, &records, &num, &read);
    // It may have gone after we asked.
    if (status) return file_exists(path) ? status : say_missing(reader, index, path);
    const bool is_same = read.checksum == chunk.checksum && read.bytes == chunk.bytes && read.num_games == chunk.num_games;
    *found = take_record(records, num, index, out);
    if (is_same && *found) return STATUS_OK;
    if (*found) record_done(out);
    *found = false;
    return status_fail(STATUS_FORMAT, "%s: %s", path,
                       is_same ? "lacks a game that run.sqlite says is in it" : "is not the chunk that run.sqlite lists");
}

// --- The ladder ----------------------------------------------------------------------------------

static enum status load_players(struct db *db, struct run_ladder *out) {
    struct query *query;
    enum status status = db_query(db, &query, "SELECT id, key, spec, name, is_anchor FROM ladder_players ORDER BY id", "");
    while (!status && query_next(query, &status)) {
        RUN_GROW(out->players, out->num_players, "players of the ladder");
        struct run_ladder_player *player = &out->players[out->num_players];
        status = query_integer(query, 0, NULL, INT64_MIN, INT64_MAX, &player->id);
        if (!status) status = query_flag(query, 4, &player->is_anchor);
        if (status) break;
        player->key = memory_text(query_text(query, 1), "players of the ladder");
        player->spec = memory_text(query_text(query, 2), "players of the ladder");
        player->name = memory_text(query_text(query, 3), "players of the ladder");
        out->num_players++;
    }
    query_free(query);
    return status;
}

static int compare_ids(const void *a, const void *b) {
    const long long id = *(const long long *)a, other = ((const struct run_ladder_player *)b)->id;
    return id < other ? -1 : id > other;
}

// Reads the player of a row as an index.
static enum status load_player(struct query *query, int column, const struct run_ladder *ladder, int *out) {
    const long long id = query_bits(query, column);
    const struct run_ladder_player *found =
        ladder->num_players ? bsearch(&id, ladder->players, (size_t)ladder->num_players, sizeof *ladder->players, compare_ids)
                            : NULL;
    if (!found) return query_refuse(query, column, NULL, "a player that there is");
    *out = (int)(found - ladder->players);
    return STATUS_OK;
}

static enum status load_ladder_game(struct query *query, const struct run_ladder *ladder, struct run_ladder_game *out) {
    *out = (struct run_ladder_game){.score = NAN, .forfeit = -1};
    TRY(load_player(query, 0, ladder, &out->first));
    TRY(load_player(query, 1, ladder, &out->second));
    if (out->first == out->second) return query_refuse(query, 1, NULL, "another player than the first");
    TRY(query_count(query, 2, &out->pair));
    TRY(run_load_outcome(query, 3, &out->outcome));
    if (!query_is_null(query, 4)) TRY(query_real(query, 4, NULL, -2 * RUN_MAX_KOMI, 2 * RUN_MAX_KOMI, &out->score));
    TRY(query_int(query, 5, &out->plies));
    out->moves_hash = (uint64_t)query_bits(query, 6);
    TRY(query_flag(query, 7, &out->is_duplicate));
    if (!query_is_null(query, 8)) {
        bool is_second;
        TRY(query_flag(query, 8, &is_second));
        out->forfeit = is_second;
    }
    TRY(query_flag(query, 9, &out->is_disputed));
    TRY(query_seconds(query, 10, &out->seconds));
    if (query_is_null(query, 11)) return STATUS_OK;
    out->reason = memory_text(query_text(query, 11), "games of the ladder");
    return STATUS_OK;
}

static enum status load_ladder_games(struct db *db, struct run_ladder *out) {
    struct query *query;
    enum status status = db_query(db, &query,
                                  "SELECT first, second, pair, outcome, score, plies, moves_hash, is_duplicate, forfeit,"
                                  " is_disputed, seconds, reason FROM ladder_games ORDER BY id",
                                  "");
    while (!status && query_next(query, &status)) {
        RUN_GROW(out->games, out->num_games, "games of the ladder");
        status = load_ladder_game(query, out, &out->games[out->num_games]);
        out->num_games += !status;
    }
    query_free(query);
    return status;
}

enum status run_read_ladder_size(struct run_reader *reader, long long *num_games) {
    double num = 0;
    TRY(begin(reader));
    enum status status = db_number(reader->db, "SELECT count(*) FROM sqlite_master WHERE name = 'ladder_games'", 0, &num);
    if (!status && num > 0) status = db_number(reader->db, "SELECT count(*) FROM ladder_games", 0, &num);
    *num_games = (long long)num;
    return end(reader, status);
}

enum status run_read_ladder(struct run_reader *reader, struct run_ladder *out) {
    double num_tables = 0;
    *out = (struct run_ladder){0};
    TRY(begin(reader));
    enum status status =
        db_number(reader->db, "SELECT count(*) FROM sqlite_master WHERE name = 'ladder_games'", 0, &num_tables);
    if (!status && num_tables > 0) status = load_players(reader->db, out);
    if (!status && num_tables > 0) status = load_ladder_games(reader->db, out);
    status = end(reader, status);
    if (status) run_ladder_done(out);
    return status;
}

void run_ladder_done(struct run_ladder *ladder) {
    for (int i = 0; i < ladder->num_players; i++) {
        free(ladder->players[i].key);
        free(ladder->players[i].spec);
        free(ladder->players[i].name);
    }
    for (int i = 0; i < ladder->num_games; i++) free(ladder->games[i].reason);
    free(ladder->players);
    free(ladder->games);
    *ladder = (struct run_ladder){0};
}
