#include "run/run_db.h"

#include "base/files.h"
#include "base/memory.h"

#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { APPLICATION_ID = 0x54454e47 /* "TENG" */, SCHEMA_VERSION = 2, BUSY_MS = 10000 };

struct db {
    sqlite3 *handle;
    char path[PATH_BYTES];
};

struct query {
    struct db *db;
    sqlite3_stmt *statement;
};

// Version 2: the ladder (ladder/ladder_db.h). A game is one of (first, second, pair), so none counts twice.
#define LADDER_TABLES                                                                                                          \
    "CREATE TABLE IF NOT EXISTS ladder_players(id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, spec TEXT NOT NULL,"          \
    " name TEXT NOT NULL, is_anchor INTEGER NOT NULL);"                                                                        \
    "CREATE TABLE IF NOT EXISTS ladder_games(id INTEGER PRIMARY KEY, first INTEGER NOT NULL REFERENCES ladder_players,"        \
    " second INTEGER NOT NULL REFERENCES ladder_players, pair INTEGER NOT NULL, outcome TEXT NOT NULL, score REAL,"            \
    " plies INTEGER NOT NULL, moves_hash INTEGER NOT NULL, is_duplicate INTEGER NOT NULL, forfeit INTEGER,"                    \
    " is_disputed INTEGER NOT NULL, reason TEXT, seconds REAL NOT NULL, wall REAL NOT NULL, UNIQUE(first, second, pair));"

// Times are seconds of running (`seconds`) and since 1970 (`wall`). Scores are the first player's, with komi.
static const char *const schema =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE state(key TEXT PRIMARY KEY, value NUMERIC NOT NULL) WITHOUT ROWID;" // counters: struct run_state
    "CREATE TABLE texts(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"    // game, rules, program, ...
    "CREATE TABLE chunks(number INTEGER PRIMARY KEY, first_game INTEGER NOT NULL, last_game INTEGER NOT NULL,"
    " games INTEGER NOT NULL, full_rows INTEGER NOT NULL, fast_rows INTEGER NOT NULL, plies INTEGER NOT NULL,"
    " bytes INTEGER NOT NULL, checksum INTEGER NOT NULL, is_pruned INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE games(game INTEGER PRIMARY KEY, chunk INTEGER NOT NULL REFERENCES chunks, net_step INTEGER NOT NULL,"
    " height INTEGER NOT NULL, width INTEGER NOT NULL, komi REAL NOT NULL, outcome TEXT NOT NULL, score REAL NOT NULL,"
    " plies INTEGER NOT NULL, opening_plies INTEGER NOT NULL, seconds REAL NOT NULL);"
    "CREATE TABLE iterations(iteration INTEGER PRIMARY KEY, seconds REAL NOT NULL, wall REAL NOT NULL, games INTEGER NOT NULL,"
    " step INTEGER NOT NULL, samples INTEGER NOT NULL);"
    "CREATE TABLE metric_names(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, unit TEXT NOT NULL);"
    "CREATE TABLE metrics(iteration INTEGER NOT NULL, metric INTEGER NOT NULL, value REAL NOT NULL,"
    " PRIMARY KEY(iteration, metric)) WITHOUT ROWID;"
    "CREATE TABLE checkpoints(step INTEGER PRIMARY KEY, file TEXT NOT NULL, digest TEXT NOT NULL, bytes INTEGER NOT NULL,"
    " games INTEGER NOT NULL, samples INTEGER NOT NULL, seconds REAL NOT NULL, wall REAL NOT NULL);"
    "CREATE TABLE matches(id INTEGER PRIMARY KEY, kind TEXT NOT NULL, a TEXT NOT NULL, b TEXT NOT NULL, a_step INTEGER,"
    " b_step INTEGER, visits INTEGER NOT NULL, wins INTEGER NOT NULL, draws INTEGER NOT NULL, losses INTEGER NOT NULL,"
    " elo REAL, elo_low REAL, elo_high REAL, sprt INTEGER NOT NULL, seconds REAL NOT NULL, wall REAL NOT NULL);"
    "CREATE TABLE match_games(match INTEGER NOT NULL REFERENCES matches, game INTEGER NOT NULL, a_is_first INTEGER NOT NULL,"
    " outcome TEXT NOT NULL, score REAL, plies INTEGER NOT NULL, reason TEXT, PRIMARY KEY(match, game)) WITHOUT "
    "ROWID;" LADDER_TABLES "PRAGMA application_id=1413828167;" // APPLICATION_ID
    "PRAGMA user_version=2;"                                   // SCHEMA_VERSION
    "COMMIT;";

// From version i + 1 to i + 2, whole or not at all. Two programs may do it at once: the second finds it done.
static const char *const upgrades[SCHEMA_VERSION - 1] = {
    "BEGIN IMMEDIATE;" LADDER_TABLES "PRAGMA user_version=2;"
    "COMMIT;",
};

static enum status failed(struct db *db) {
    const int code = sqlite3_errcode(db->handle);
    const bool is_damaged = code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
    return status_fail(is_damaged ? STATUS_FORMAT : STATUS_IO, "%s: %s", db->path, sqlite3_errmsg(db->handle));
}

static enum status prepare(struct db *db, sqlite3_stmt **statement, const char *sql, const char *types, va_list args) {
    if (sqlite3_prepare_v2(db->handle, sql, -1, statement, NULL)) return failed(db);
    for (int i = 0; types[i]; i++) {
        int code = SQLITE_OK;
        if (types[i] == 'i') {
            code = sqlite3_bind_int64(*statement, i + 1, va_arg(args, long long));
        } else if (types[i] == 'd') {
            code = sqlite3_bind_double(*statement, i + 1, va_arg(args, double));
        } else {
            CHECK(types[i] == 's');
            code = sqlite3_bind_text(*statement, i + 1, va_arg(args, const char *), -1, SQLITE_TRANSIENT);
        }
        if (code) {
            const enum status status = failed(db);
            sqlite3_finalize(*statement);
            return status;
        }
    }
    return STATUS_OK;
}

enum status db_run(struct db *db, const char *sql, const char *types, ...) {
    if (!types[0]) return sqlite3_exec(db->handle, sql, NULL, NULL, NULL) ? failed(db) : STATUS_OK;
    sqlite3_stmt *statement;
    va_list args;
    va_start(args, types);
    enum status status = prepare(db, &statement, sql, types, args);
    va_end(args);
    if (status) return status;
    if (sqlite3_step(statement) != SQLITE_DONE) status = failed(db);
    sqlite3_finalize(statement);
    return status;
}

enum status db_query(struct db *db, struct query **out, const char *sql, const char *types, ...) {
    struct query *query = memory_new(1, sizeof *query, "a query");
    query->db = db;
    va_list args;
    va_start(args, types);
    const enum status status = prepare(db, &query->statement, sql, types, args);
    va_end(args);
    if (status) {
        free(query);
        return status;
    }
    *out = query;
    return STATUS_OK;
}

bool query_next(struct query *query, enum status *status) {
    const int code = sqlite3_step(query->statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE) *status = failed(query->db);
    return code == SQLITE_ROW;
}

long long query_long(struct query *query, int column) { return sqlite3_column_int64(query->statement, column); }
double query_double(struct query *query, int column) { return sqlite3_column_double(query->statement, column); }
bool query_is_null(struct query *query, int column) { return sqlite3_column_type(query->statement, column) == SQLITE_NULL; }
const char *query_text(struct query *query, int column) {
    const char *text = (const char *)sqlite3_column_text(query->statement, column);
    return text ? text : "";
}
void query_free(struct query *query) {
    if (!query) return;
    sqlite3_finalize(query->statement);
    free(query);
}

enum status db_number(struct db *db, const char *sql, double fallback, double *out) {
    struct query *query;
    *out = fallback;
    TRY(db_query(db, &query, sql, ""));
    enum status status = STATUS_OK;
    if (query_next(query, &status) && !query_is_null(query, 0)) *out = query_double(query, 0);
    query_free(query);
    return status;
}

// Is it ours, of our version, and whole? A file without tables is what a kill leaves between creating it and its schema.
static enum status check_file(struct db *db, enum db_mode mode) {
    double application, version, tables;
    TRY(db_number(db, "PRAGMA application_id", 0, &application));
    TRY(db_number(db, "PRAGMA user_version", 0, &version));
    TRY(db_number(db, "SELECT count(*) FROM sqlite_master", 0, &tables));
    if (application == 0 && version == 0 && tables == 0) {
        if (mode == DB_READ) return status_fail(STATUS_FORMAT, "%s: is empty", db->path);
        return db_run(db, schema, "");
    }
    if ((int)application != APPLICATION_ID)
        return status_fail(STATUS_FORMAT, "%s: is not the database of a training run", db->path);
    if (version < 1 || version > SCHEMA_VERSION)
        return status_fail(STATUS_FORMAT, "%s: is of version %d, this program reads up to %d", db->path, (int)version,
                           SCHEMA_VERSION);
    if (mode == DB_READ) return STATUS_OK; // as it is: a reader of newer tables asks whether they are there
    struct query *query;
    enum status status = db_query(db, &query, "PRAGMA quick_check(1)", "");
    if (status) return status;
    if (query_next(query, &status) && strcmp(query_text(query, 0), "ok"))
        status = status_fail(STATUS_FORMAT, "%s: is damaged: %s", db->path, query_text(query, 0));
    query_free(query);
    for (int i = (int)version; i < SCHEMA_VERSION && !status; i++) status = db_run(db, upgrades[i - 1], "");
    return status;
}

static enum status open_handle(struct db *db, const char *name, int flags) {
    if (sqlite3_open_v2(name, &db->handle, flags | SQLITE_OPEN_NOMUTEX, NULL)) {
        if (db->handle) return failed(db);
        return status_fail(STATUS_MEMORY, "%s: no memory to open it", db->path);
    }
    sqlite3_busy_timeout(db->handle, BUSY_MS);
    return STATUS_OK;
}

// A reader of a WAL database wants to make its -shm file. Where the folder can't be written nobody trains it: read it as it lies.
static enum status open_to_read(struct db *db) {
    TRY(open_handle(db, db->path, SQLITE_OPEN_READONLY));
    const int code = sqlite3_exec(db->handle, "SELECT count(*) FROM sqlite_master", NULL, NULL, NULL);
    if (code != SQLITE_CANTOPEN && code != SQLITE_READONLY) return STATUS_OK;
    char uri[3 * PATH_BYTES + 32] = "file:";
    size_t length = strlen(uri);
    for (const char *at = db->path; *at; at++)
        length += (size_t)snprintf(uri + length, 4, strchr("%?#", *at) ? "%%%02x" : "%c", *at);
    snprintf(uri + length, sizeof uri - length, "?immutable=1");
    sqlite3_close(db->handle);
    db->handle = NULL;
    return open_handle(db, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
}

enum status db_open(struct db **out, const char *path, enum db_mode mode) {
    struct db *db = memory_new(1, sizeof *db, "a database");
    path_format(db->path, "%s", path);
    enum status status = mode == DB_READ ? open_to_read(db) : open_handle(db, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    if (!status && mode == DB_WRITE) // auto_vacuum holds for a new file: a run can give back what it deletes
        status = db_run(
            db, "PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON", "");
    if (!status) status = check_file(db, mode);
    if (status) {
        db_close(db);
        return status;
    }
    *out = db;
    return STATUS_OK;
}

enum status db_has_begun(const char *path, bool *has_begun) {
    double tables = 0;
    *has_begun = false;
    if (file_is_empty(path)) return STATUS_OK; // not to be opened: SQLite would clear the log that a kill left beside it
    struct db *db = memory_new(1, sizeof *db, "a database");
    path_format(db->path, "%s", path);
    enum status status = open_to_read(db);
    if (!status) status = db_number(db, "SELECT count(*) FROM sqlite_master", 0, &tables);
    db_close(db);
    *has_begun = tables > 0;
    return status;
}

void db_close(struct db *db) {
    if (!db) return;
    sqlite3_close(db->handle);
    free(db);
}
