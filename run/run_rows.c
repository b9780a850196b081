// The rows of run.sqlite as structs, for the writer and for readers. Only here are numbers of a
// database believed: each has bounds, so that whoever gets a struct from here may count, index and
// allocate by it.
#include "run/run_parts.h"
#include "run/run_read.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

// --- Counters ------------------------------------------------------------------------------------

enum state_kind { STATE_COUNT, STATE_STEP /* -1: none */, STATE_SECONDS };

static const struct {
    const char *key;
    enum state_kind kind;
    size_t offset;
} state_rows[] = {
#define ROW(field, kind)                                                                                                       \
    { #field, kind, offsetof(struct run_state, field) }
    ROW(iterations, STATE_COUNT), ROW(games, STATE_COUNT),       ROW(next_game, STATE_COUNT),      ROW(full_rows, STATE_COUNT),
    ROW(fast_rows, STATE_COUNT),  ROW(plies, STATE_COUNT),       ROW(step, STATE_COUNT),           ROW(samples, STATE_COUNT),
    ROW(num_chunks, STATE_COUNT), ROW(trainer_step, STATE_STEP), ROW(trainer_samples, STATE_STEP), ROW(best_step, STATE_STEP),
    ROW(seconds, STATE_SECONDS),
#undef ROW
};
enum { NUM_STATE_ROWS = sizeof state_rows / sizeof *state_rows };

static enum status load_counter(struct query *query, struct run_state *state) {
    char label[64];
    const char *key = query_text(query, 0);
    for (int i = 0; i < NUM_STATE_ROWS; i++) {
        if (strcmp(key, state_rows[i].key)) continue;
        void *field = (char *)state + state_rows[i].offset;
        snprintf(label, sizeof label, "state.%s", key);
        if (state_rows[i].kind == STATE_SECONDS) return query_real(query, 1, label, 0, DB_MAX_SECONDS, field);
        return query_integer(query, 1, label, state_rows[i].kind == STATE_STEP ? -1 : 0, DB_MAX_COUNT, field);
    }
    return STATUS_OK; // A newer program has written this counter.
}

// These are counted from their own tables and kept nowhere.
static enum status load_totals(struct db *db, struct run_state *state) {
    struct query *query;
    enum status status = STATUS_OK;
    long long matches = 0, checkpoints = 0;
    TRY(db_query(db, &query, "SELECT (SELECT count(*) FROM matches), count(*), coalesce(max(step), -1) FROM checkpoints", ""));
    if (query_next(query, &status)) {
        status = query_integer(query, 0, "rows of matches", 0, INT_MAX, &matches);
        if (!status) status = query_integer(query, 1, "rows of checkpoints", 0, INT_MAX, &checkpoints);
        if (!status) status = query_integer(query, 2, "the last of checkpoints.step", -1, DB_MAX_COUNT, &state->last_step);
    }
    query_free(query);
    state->num_matches = (int)matches;
    state->num_checkpoints = (int)checkpoints;
    return status;
}

enum status run_load_state(struct db *db, struct run_state *state) {
    *state = (struct run_state){.trainer_step = -1, .best_step = -1, .last_step = -1};
    struct query *query;
    TRY(db_query(db, &query, "SELECT key, value FROM state", ""));
    enum status status = STATUS_OK;
    while (!status && query_next(query, &status)) status = load_counter(query, state);
    query_free(query);
    return status ? status : load_totals(db, state);
}

enum status run_save_state(struct db *db, const struct run_state *state) {
    static const char *const sql = "INSERT OR REPLACE INTO state VALUES(?, ?)";
    for (int i = 0; i < NUM_STATE_ROWS; i++) {
        const void *field = (const char *)state + state_rows[i].offset;
        if (state_rows[i].kind == STATE_SECONDS)
            TRY(db_run(db, sql, "sd", state_rows[i].key, *(const double *)field));
        else
            TRY(db_run(db, sql, "si", state_rows[i].key, *(const long long *)field));
    }
    return STATUS_OK;
}

// --- Texts ---------------------------------------------------------------------------------------

enum status run_load_text(struct db *db, const char *key, char **out) {
    struct query *query;
    enum status status = STATUS_OK;
    *out = NULL;
    TRY(db_query(db, &query, "SELECT value FROM texts WHERE key = ?", "s", key));
    if (query_next(query, &status)) {
        *out = memory_text(query_text(query, 0), "a text of the run");
    }
    query_free(query);
    return status;
}

static enum status refuse_text(const char *db_name, const char *key, const char *value, const char *wanted) {
    return status_fail(STATUS_FORMAT, "%s: texts.%s is '%.60s', not %s", db_name, key, value, wanted);
}

enum status run_load_number(struct db *db, const char *key, double low, double high, double *number) {
    char *text, *end, wanted[96];
    TRY(run_load_text(db, key, &text));
    if (!text) return STATUS_OK;
    const double value = strtod(text, &end);
    enum status status = STATUS_OK;
    snprintf(wanted, sizeof wanted, "a number from %g to %g", low, high);
    if (*text && !*end && value >= low && value <= high) // The comparisons also exclude NaN.
        *number = value;
    else
        status = refuse_text(db_path(db), key, text, wanted);
    free(text);
    return status;
}

static enum status take_text(const char *db_name, const char *key, const char *value, char *out, size_t out_bytes) {
    if (strlen(value) >= out_bytes) return refuse_text(db_name, key, value, "as short as it must be");
    snprintf(out, out_bytes, "%s", value);
    return STATUS_OK;
}

static enum status take_side(const char *db_name, const char *key, const char *value, int *out) {
    char *end;
    const long side = strtol(value, &end, 10);
    if (!isdigit((unsigned char)*value) || *end || side < 1 || side > GAME_MAX_SIDE)
        return refuse_text(db_name, key, value, "the side of a board");
    *out = (int)side;
    return STATUS_OK;
}

static enum status take_bytes(const char *db_name, const char *key, const char *value, long long *out) {
    char *end;
    errno = 0;
    const long long bytes = strtoll(value, &end, 10);
    if (!isdigit((unsigned char)*value) || *end || errno) return refuse_text(db_name, key, value, "a number of bytes");
    *out = bytes;
    return STATUS_OK;
}

static enum status take_identity(const char *db_name, const char *key, const char *value, struct run_summary *out) {
    char *end = NULL;
    if (!strcmp(key, "game")) return take_text(db_name, key, value, out->game, sizeof out->game);
    if (!strcmp(key, "rules")) return take_text(db_name, key, value, out->rules, sizeof out->rules);
    if (!strcmp(key, "program")) return take_text(db_name, key, value, out->program, sizeof out->program);
    if (!strcmp(key, "height")) return take_side(db_name, key, value, &out->height);
    if (!strcmp(key, "width")) return take_side(db_name, key, value, &out->width);
    if (!strcmp(key, "disk_budget")) return take_bytes(db_name, key, value, &out->disk_budget);
    if (!strcmp(key, "memory_budget")) return take_bytes(db_name, key, value, &out->memory_budget);
    if (!strcmp(key, "from")) return take_text(db_name, key, value, out->from, sizeof out->from);
    if (!strcmp(key, "parent")) return take_text(db_name, key, value, out->parent, sizeof out->parent);
    if (!strcmp(key, "carried")) {
        out->from_whole = !strcmp(value, "all");
        return STATUS_OK;
    }
    if (!strcmp(key, "komi")) {
        out->komi = strtod(value, &end);
        return *value && !*end && fabs(out->komi) <= RUN_MAX_KOMI ? STATUS_OK : refuse_text(db_name, key, value, "a komi");
    }
    errno = 0;
    out->seed = strtoull(value, &end, 10);
    return isdigit((unsigned char)*value) && !*end && !errno ? STATUS_OK : refuse_text(db_name, key, value, "a seed");
}

enum status run_load_identity(struct db *db, struct run_summary *out) {
    // The first five must be there.
    static const char *const keys[] = {"game",    "height",      "width",         "komi", "seed",   "rules",
                                       "program", "disk_budget", "memory_budget", "from", "parent", "carried"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        char *text;
        TRY(run_load_text(db, keys[i], &text));
        if (i == 0 && (!text || !*text)) { // A kill came before the run had a name.
            free(text);
            return STATUS_OK;
        }
        const enum status status = !text && i >= 5 ? STATUS_OK : take_identity(db_path(db), keys[i], text ? text : "", out);
        free(text);
        TRY(status);
    }
    return STATUS_OK;
}

// --- Checkpoints ---------------------------------------------------------------------------------

static enum status load_checkpoint(struct query *query, const struct run_state *state, struct run_checkpoint *out) {
    *out = (struct run_checkpoint){0};
    TRY(query_count(query, 0, &out->step));
    TRY(query_count(query, 1, &out->games));
    TRY(query_count(query, 2, &out->samples));
    TRY(query_seconds(query, 3, &out->seconds));
    TRY(query_seconds(query, 4, &out->wall));
    snprintf(out->digest, sizeof out->digest, "%s", query_text(query, 5));
    out->is_best = out->step == state->best_step;
    out->has_trainer = out->step == state->trainer_step;
    return STATUS_OK;
}

enum status run_load_checkpoints(struct db *db, const struct run_state *state, struct run_checkpoint **out, int *out_num) {
    struct query *query;
    struct run_checkpoint *list = NULL;
    int num = 0;
    *out = NULL;
    *out_num = 0;
    enum status status =
        db_query(db, &query, "SELECT step, games, samples, seconds, wall, digest FROM checkpoints ORDER BY step", "");
    while (!status && query_next(query, &status)) {
        RUN_GROW(list, num, "the list of checkpoints");
        status = load_checkpoint(query, state, &list[num++]);
    }
    query_free(query);
    if (status) {
        free(list);
        return status;
    }
    *out = list;
    *out_num = num;
    return STATUS_OK;
}

// --- Chunks --------------------------------------------------------------------------------------

#define CHUNK_COLUMNS "number, first_game, last_game, games, full_rows, fast_rows, plies, bytes, checksum, is_pruned"

static enum status load_chunk(struct query *query, struct replay_chunk *out, bool *is_pruned) {
    long long checksum;
    *out = (struct replay_chunk){0};
    TRY(query_count(query, 0, &out->number));
    TRY(query_count(query, 1, &out->first_game));
    TRY(query_integer(query, 2, NULL, out->first_game, DB_MAX_COUNT, &out->last_game));
    TRY(query_int(query, 3, &out->num_games));
    TRY(query_count(query, 4, &out->full_rows));
    TRY(query_count(query, 5, &out->fast_rows));
    TRY(query_count(query, 6, &out->plies));
    TRY(query_count(query, 7, &out->bytes));
    TRY(query_integer(query, 8, NULL, 0, UINT32_MAX, &checksum));
    out->checksum = (uint32_t)checksum;
    return query_flag(query, 9, is_pruned);
}

enum status run_load_chunk(struct db *db, long long number, struct replay_chunk *out, bool *is_pruned, bool *found) {
    struct query *query;
    enum status status = STATUS_OK;
    *found = false;
    TRY(db_query(db, &query, "SELECT " CHUNK_COLUMNS " FROM chunks WHERE number = ?", "i", number));
    if (query_next(query, &status)) {
        *found = true;
        status = load_chunk(query, out, is_pruned);
    }
    query_free(query);
    return status;
}

enum status run_load_chunks(struct db *db, long long full_rows, struct replay_chunk **out, int *out_num) {
    struct query *query;
    struct replay_chunk *list = NULL;
    bool is_pruned;
    int num = 0;
    *out = NULL;
    *out_num = 0;
    enum status status =
        db_query(db, &query, "SELECT " CHUNK_COLUMNS " FROM chunks WHERE NOT is_pruned ORDER BY number DESC", "");
    for (long long rows = 0; !status && rows < full_rows && query_next(query, &status);) {
        RUN_GROW(list, num, "the list of chunks");
        status = load_chunk(query, &list[num], &is_pruned);
        if (!status) rows += list[num++].full_rows;
    }
    query_free(query);
    if (status) {
        free(list);
        return status;
    }
    for (int i = 0; i < num / 2; i++) { // The newest came first, so we turn the list round.
        const struct replay_chunk swap = list[i];
        list[i] = list[num - 1 - i];
        list[num - 1 - i] = swap;
    }
    *out = list;
    *out_num = num;
    return STATUS_OK;
}

// --- Outcomes ------------------------------------------------------------------------------------

static const char *const outcome_names[] = {"none", "first", "second", "draw"};

const char *run_outcome_name(enum outcome outcome) { return outcome_names[outcome]; }

enum status run_load_outcome(struct query *query, int column, enum outcome *out) {
    const char *name = query_text(query, column);
    for (int i = 1; i < 4; i++)
        if (!strcmp(name, outcome_names[i])) {
            *out = (enum outcome)i;
            return STATUS_OK;
        }
    return query_refuse(query, column, NULL, "first, second or draw");
}
