// What is asked of SQLite, and what is not believed of a database.
//
//   1. Opening: the file and its neighbours are regular files; the application id, the version and
//      the list of tables are ours; and there is no view, trigger or virtual table. So none of the
//      statements below can run anything but what it says.
//   2. Asking: an error of any call is said once, with the file's name, be it a damaged page, a
//      missing column or a lock that another process does not give back.
//   3. Reading: every number has bounds.
#include "run/run_db.h"

#include "base/files.h"
#include "base/memory.h"

#include <limits.h>
#include <math.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

enum {
    APPLICATION_ID = 0x54454e47 /* "TENG" */,
    SCHEMA_VERSION = 2,
    BUSY_MS = 10000,
    MAX_VALUE_BYTES = 64 << 20 /* of one text; chosen, far above any of ours */
};

struct db {
    sqlite3 *handle;
    char path[PATH_BYTES];
    const char *network_fs; // What db_has_rollback_journal returns.
};

struct query {
    struct db *db;
    sqlite3_stmt *statement;
};

// Version 2 added the ladder (ladder/ladder_db.h). A game is one triple (first, second, pair), so
// that none can count twice.
#define LADDER_TABLES                                                                                                          \
    "CREATE TABLE IF NOT EXISTS ladder_players(id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, spec TEXT NOT NULL,"          \
    " name TEXT NOT NULL, is_anchor INTEGER NOT NULL);"                                                                        \
    "CREATE TABLE IF NOT EXISTS ladder_games(id INTEGER PRIMARY KEY, first INTEGER NOT NULL REFERENCES ladder_players,"        \
    " second INTEGER NOT NULL REFERENCES ladder_players, pair INTEGER NOT NULL, outcome TEXT NOT NULL, score REAL,"            \
    " plies INTEGER NOT NULL, moves_hash INTEGER NOT NULL, is_duplicate INTEGER NOT NULL, forfeit INTEGER,"                    \
    " is_disputed INTEGER NOT NULL, reason TEXT, seconds REAL NOT NULL, wall REAL NOT NULL, UNIQUE(first, second, pair));"

// Times are seconds of running (`seconds`) and since 1970 (`wall`). Scores are the first player's,
// with komi.
static const char *const schema =
    "BEGIN IMMEDIATE;"
    // The counters of struct run_state.
    "CREATE TABLE state(key TEXT PRIMARY KEY, value NUMERIC NOT NULL) WITHOUT ROWID;"
    // Such as game, rules and program.
    "CREATE TABLE texts(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
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

// All tables that the versions have, in order: version v has the first num_tables[v - 1].
static const char *const tables[] = {"state",   "texts",       "chunks",  "games",       "iterations",     "metric_names",
                                     "metrics", "checkpoints", "matches", "match_games", "ladder_players", "ladder_games"};
static const int num_tables[SCHEMA_VERSION] = {10, 12};

// upgrades[i] leads from version i + 1 to i + 2, whole or not at all. Two programs may try it at
// once: the second finds it done.
static const char *const upgrades[SCHEMA_VERSION - 1] = {
    "BEGIN IMMEDIATE;" LADDER_TABLES "PRAGMA user_version=2;"
    "COMMIT;",
};

static enum status failed(struct db *db) {
    const int code = sqlite3_errcode(db->handle), extended = sqlite3_extended_errcode(db->handle);
    const bool is_damaged = code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
    if (extended == SQLITE_READONLY_ROLLBACK || extended == SQLITE_READONLY_RECOVERY)
        return status_fail(STATUS_IO, "%s: a kill cut a write short; whoever writes next (tengen train, tengen elo) mends it",
                           db->path);
    // SQLITE_ERROR means that the tables are not ours.
    const enum status status = is_damaged || code == SQLITE_ERROR ? STATUS_FORMAT
                               : code == SQLITE_NOMEM             ? STATUS_MEMORY
                                                                  : STATUS_IO;
    return status_fail(status, "%s: %s%s", db->path, code == SQLITE_CORRUPT ? "is damaged: " : "", sqlite3_errmsg(db->handle));
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

enum status db_rollback(struct db *db) { return sqlite3_get_autocommit(db->handle) ? STATUS_OK : db_run(db, "ROLLBACK", ""); }

enum status db_query(struct db *db, struct query **out, const char *sql, const char *types, ...) {
    *out = NULL;
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

bool query_is_null(struct query *query, int column) { return sqlite3_column_type(query->statement, column) == SQLITE_NULL; }
long long query_bits(struct query *query, int column) { return sqlite3_column_int64(query->statement, column); }

const char *query_text(struct query *query, int column) {
    if (query_is_null(query, column)) return "";
    const char *text = (const char *)sqlite3_column_text(query->statement, column);
    if (!text) memory_failed(0, "a text of run.sqlite");
    return text;
}

// Names a result's column as "TABLE.COLUMN", by what follows FROM in the statement.
static const char *column_label(struct query *query, int column, char out[128]) {
    const char *from = strstr(sqlite3_sql(query->statement), " FROM ");
    const char *table = from ? from + strlen(" FROM ") : "";
    snprintf(out, 128, "%.*s.%.60s", (int)strspn(table, "abcdefghijklmnopqrstuvwxyz_"), table,
             sqlite3_column_name(query->statement, column));
    return out;
}

enum status query_refuse(struct query *query, int column, const char *label, const char *wanted) {
    char own[128];
    if (!label) label = column_label(query, column, own);
    return status_fail(STATUS_FORMAT, "%s: %s is %s%.40s%s, not %s", query->db->path, label,
                       query_is_null(query, column) ? "missing" : "'", query_text(query, column),
                       query_is_null(query, column) ? "" : "'", wanted);
}

enum status query_integer(struct query *query, int column, const char *label, long long low, long long high, long long *out) {
    char wanted[96];
    const long long value = sqlite3_column_int64(query->statement, column);
    if (sqlite3_column_type(query->statement, column) == SQLITE_INTEGER && value >= low && value <= high) {
        *out = value;
        return STATUS_OK;
    }
    snprintf(wanted, sizeof wanted, "a whole number from %lld to %lld", low, high);
    return query_refuse(query, column, label, wanted);
}

enum status query_real(struct query *query, int column, const char *label, double low, double high, double *out) {
    char wanted[96];
    const int type = sqlite3_column_type(query->statement, column);
    const double value = sqlite3_column_double(query->statement, column);
    // The comparisons also exclude NaN.
    if ((type == SQLITE_INTEGER || type == SQLITE_FLOAT) && value >= low && value <= high) {
        *out = value;
        return STATUS_OK;
    }
    snprintf(wanted, sizeof wanted, "a number from %g to %g", low, high);
    return query_refuse(query, column, label, wanted);
}

enum status query_count(struct query *query, int column, long long *out) {
    return query_integer(query, column, NULL, 0, DB_MAX_COUNT, out);
}

enum status query_int(struct query *query, int column, int *out) {
    long long value = 0;
    TRY(query_integer(query, column, NULL, 0, INT_MAX, &value));
    *out = (int)value;
    return STATUS_OK;
}

enum status query_flag(struct query *query, int column, bool *out) {
    long long value = 0;
    TRY(query_integer(query, column, NULL, 0, 1, &value));
    *out = value != 0;
    return STATUS_OK;
}

enum status query_seconds(struct query *query, int column, double *out) {
    return query_real(query, column, NULL, 0, DB_MAX_SECONDS, out);
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
    if (query_next(query, &status) && !query_is_null(query, 0)) *out = sqlite3_column_double(query->statement, 0);
    query_free(query);
    return status;
}

// Allows nothing but our tables and their indices. Anything else that a database may hold could run
// when a table is read or written.
static enum status check_tables(struct db *db, int version) {
    struct query *query;
    enum status status = STATUS_OK;
    bool is_there[sizeof tables / sizeof *tables] = {false};
    TRY(db_query(db, &query, "SELECT type, name, sql FROM sqlite_master", ""));
    while (!status && query_next(query, &status)) {
        const char *type = query_text(query, 0), *name = query_text(query, 1);
        const bool is_table = !strcmp(type, "table");
        if (!is_table && strcmp(type, "index"))
            status =
                status_fail(STATUS_FORMAT, "%s: %.60s is a %.20s, which a training run doesn't have", db->path, name, type);
        else if (is_table && !sqlite3_strnicmp(query_text(query, 2), "CREATE VIRTUAL", 14))
            status =
                status_fail(STATUS_FORMAT, "%s: %.60s is a virtual table, which a training run doesn't have", db->path, name);
        for (int i = 0; is_table && i < num_tables[version - 1]; i++) is_there[i] |= !strcmp(name, tables[i]);
    }
    query_free(query);
    for (int i = 0; !status && i < num_tables[version - 1]; i++)
        if (!is_there[i]) status = status_fail(STATUS_FORMAT, "%s: has no table %s", db->path, tables[i]);
    return status;
}

// Is it our database, of a version that we know, and whole? A file without tables is what a kill
// leaves between the creation of the file and that of its tables.
static enum status check_file(struct db *db, enum db_mode mode) {
    double application, version, entries;
    TRY(db_number(db, "PRAGMA application_id", 0, &application));
    TRY(db_number(db, "PRAGMA user_version", 0, &version));
    TRY(db_number(db, "SELECT count(*) FROM sqlite_master", 0, &entries));
    if (application == 0 && version == 0 && entries == 0) {
        if (mode == DB_READ) return status_fail(STATUS_FORMAT, "%s: holds no run yet: it is empty", db->path);
        return db_run(db, schema, "");
    }
    if ((int)application != APPLICATION_ID)
        return status_fail(STATUS_FORMAT, "%s: is not the database of a training run", db->path);
    if (version < 1 || version > SCHEMA_VERSION)
        return status_fail(STATUS_FORMAT, "%s: is of version %d, this program reads up to %d", db->path, (int)version,
                           SCHEMA_VERSION);
    TRY(check_tables(db, (int)version));
    // A reader takes it as it is, and asks whether newer tables are there.
    if (mode == DB_READ) return STATUS_OK;
    struct query *query;
    enum status status = db_query(db, &query, "PRAGMA quick_check(1)", "");
    if (status) return status;
    if (query_next(query, &status) && strcmp(query_text(query, 0), "ok"))
        status = status_fail(STATUS_FORMAT, "%s: is damaged: %s", db->path, query_text(query, 0));
    query_free(query);
    for (int i = (int)version; i < SCHEMA_VERSION && !status; i++) status = db_run(db, upgrades[i - 1], "");
    return status;
}

// SQLite opens files by name, so a pipe in the place of one of them would keep it waiting.
static enum status open_handle(struct db *db, const char *name, int flags) {
    static const char *const beside[] = {"", "-wal", "-shm", "-journal"};
    char path[PATH_BYTES];
    if (strlen(db->path) + 16 > PATH_BYTES) return status_fail(STATUS_IO, "%.200s...: the path is too long", db->path);
    for (int i = 0; i < 4; i++) TRY(file_expect_regular(path_format(path, "%s%s", db->path, beside[i])));
    if (sqlite3_open_v2(name, &db->handle, flags | SQLITE_OPEN_NOMUTEX, NULL)) {
        if (db->handle) return failed(db);
        return status_fail(STATUS_MEMORY, "%s: no memory to open it", db->path);
    }
    sqlite3_busy_timeout(db->handle, BUSY_MS);
    sqlite3_limit(db->handle, SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES);
    // What check_tables refuses may appear after it has looked. Older libraries don't know all of
    // these settings and leave them as they are.
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    return STATUS_OK;
}

// A reader of a WAL database wants to make its -shm file. Where the folder can't be written nobody
// trains the run, and we read it as it lies, unless there is a log or journal beside it that only a
// writer could take in.
static enum status open_to_read(struct db *db) {
    TRY(open_handle(db, db->path, SQLITE_OPEN_READONLY));
    const int code = sqlite3_exec(db->handle, "SELECT count(*) FROM sqlite_master", NULL, NULL, NULL);
    char beside[PATH_BYTES], uri[3 * PATH_BYTES + 32] = "file:";
    if ((code != SQLITE_CANTOPEN && code != SQLITE_READONLY) || !file_is_empty(path_format(beside, "%s-wal", db->path)) ||
        !file_is_empty(path_format(beside, "%s-journal", db->path)))
        return code ? failed(db) : STATUS_OK;
    size_t length = strlen(uri);
    for (const char *at = db->path; *at; at++)
        length += (size_t)snprintf(uri + length, 4, strchr("%?#", *at) ? "%%%02x" : "%c", *at);
    snprintf(uri + length, sizeof uri - length, "?immutable=1");
    sqlite3_close(db->handle);
    db->handle = NULL;
    return open_handle(db, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
}

const char *db_network_fs(long fs_type) {
    static const struct {
        // The numbers are those of linux/magic.h and of the file systems' own sources.
        uint32_t type;
        const char *name;
    } known[] = {
        {0x6969, "NFS"},       {0xff534d42, "CIFS"},   {0xfe534d42, "SMB"},    {0x517b, "SMB"},       {0x65735546, "FUSE"},
        {0x01021997, "9p"},    {0x0bd00bd0, "Lustre"}, {0x47504653, "GPFS"},   {0x00c36400, "Ceph"},  {0x19830326, "BeeGFS"},
        {0x5346414f, "AFS"},   {0x6b414653, "AFS"},    {0x01161970, "GFS2"},   {0x7461636f, "OCFS2"}, {0x73757245, "Coda"},
        {0xaad7aaea, "PanFS"}, {0x786f4256, "vboxsf"}, {0xbacbacbc, "vmhgfs"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        // f_type is signed on some machines.
        if (known[i].type == (uint32_t)fs_type) return known[i].name;
    return NULL;
}

const char *db_has_rollback_journal(const struct db *db) { return db->network_fs; }
const char *db_path(const struct db *db) { return db->path; }

// Asks for a journal mode; `got` is the mode that it has now. Where SQLite can't have the wanted
// mode it keeps another and says nothing.
static enum status set_journal(struct db *db, const char *sql, char got[16]) {
    struct query *query;
    enum status status = STATUS_OK;
    got[0] = 0;
    TRY(db_query(db, &query, sql, ""));
    if (query_next(query, &status)) snprintf(got, 16, "%.15s", query_text(query, 0));
    query_free(query);
    return status;
}

static enum status prepare_to_write(struct db *db) {
    // auto_vacuum must be set when the file is new. With it a run can give back what it deletes.
    TRY(db_run(db, "PRAGMA auto_vacuum=INCREMENTAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON", ""));
    char journal[16];
    if (!db->network_fs) {
        TRY(set_journal(db, "PRAGMA journal_mode=WAL", journal));
        if (strcmp(journal, "wal")) db->network_fs = "other file system without shared memory";
        return STATUS_OK;
    }
    // A run that was copied from a disk may still have a log. With exclusive locking SQLite takes
    // it in without shared memory; the first read after that lets go of the lock
    // [sqlite.org/wal.html, section 8].
    TRY(db_run(db, "PRAGMA locking_mode=EXCLUSIVE", ""));
    TRY(set_journal(db, "PRAGMA journal_mode=DELETE", journal));
    if (!strcmp(journal, "wal")) return status_fail(STATUS_IO, "%s: its write-ahead log can't be taken in", db->path);
    return db_run(db, "PRAGMA locking_mode=NORMAL; SELECT count(*) FROM sqlite_master", "");
}

enum status db_open_on(struct db **out, const char *path, enum db_mode mode, long fs_type) {
    *out = NULL;
    if (strlen(path) + 16 > PATH_BYTES) return status_fail(STATUS_IO, "%.200s...: the path is too long", path);
    struct db *db = memory_new(1, sizeof *db, "a database");
    path_format(db->path, "%s", path);
    db->network_fs = db_network_fs(fs_type);
    enum status status = mode == DB_READ ? open_to_read(db) : open_handle(db, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    if (!status && mode == DB_WRITE) status = prepare_to_write(db);
    if (!status) status = check_file(db, mode);
    if (status) {
        db_close(db);
        return status;
    }
    *out = db;
    return STATUS_OK;
}

// We ask about the folder, since the file may not be there yet. What we can't find out counts as a
// disk: opening the file will say what is wrong.
enum status db_open(struct db **db, const char *path, enum db_mode mode) {
    char folder[PATH_BYTES];
    struct statfs info = {0};
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder] = 0;
    else
        strcpy(folder, ".");
    return db_open_on(db, path, mode, statfs(folder, &info) ? 0 : (long)info.f_type);
}

enum status db_has_begun(const char *path, bool *has_begun) {
    double entries = 0;
    char journal[PATH_BYTES];
    *has_begun = false;
    if (strlen(path) + 16 > PATH_BYTES) return status_fail(STATUS_IO, "%.200s...: the path is too long", path);
    if (file_is_empty(path))
        // It must not be opened, for SQLite would clear the log that a kill has left beside it.
        return file_expect_regular(path);
    struct db *db = memory_new(1, sizeof *db, "a database");
    path_format(db->path, "%s", path);
    // The first read that may write undoes it.
    const bool is_cut = !file_is_empty(path_format(journal, "%s-journal", path));
    enum status status = is_cut ? open_handle(db, path, SQLITE_OPEN_READWRITE) : open_to_read(db);
    if (!status) status = db_number(db, "SELECT count(*) FROM sqlite_master", 0, &entries);
    db_close(db);
    *has_begun = entries > 0;
    return status;
}

void db_close(struct db *db) {
    if (!db) return;
    sqlite3_close(db->handle);
    free(db);
}
