// SQLite in a few calls, for run/ and for ladder/, which writes tables of its own. Only run_db.c
// knows SQLite's header.
//
// Durability: a commit is on the disk when it returns, even after a power cut. An iteration takes
// seconds, and its commit milliseconds. On a disk of this machine the journal is a write-ahead log
// (WAL); a reader (tengen info) then never waits for the writer and never stops it. On a network
// file system WAL is not safe: its readers and writers meet in shared memory, which machines do not
// share [sqlite.org/wal.html]. There the database has a rollback journal, and a commit waits for
// readers, each of which is short.
//
// A database is not trusted. Our tables must be tables: a view may never end, and a trigger would
// write what nobody asked for. Whoever takes a number from it says its bounds (query_integer and
// the like). A struct db belongs to one thread at a time.
#ifndef RUN_RUN_DB_H
#define RUN_RUN_DB_H

#include "base/status.h"

struct db;
struct query; // The rows of a SELECT.

enum db_mode { DB_WRITE, DB_READ };
// DB_WRITE makes the database, with its tables, where there is none. Both modes refuse, naming
// `path`, a file that is cut or altered, that isn't a run's database, or that a newer program made.
// DB_WRITE upgrades the tables of an older one in one transaction; DB_READ takes it as it is.
enum status db_open(struct db **db, const char *path, enum db_mode mode);
// Whether the database has tables: false also where there is no file, or only what a kill has left
// of one that was being made. This is for callers who are about to write: it changes nothing,
// except that a write which a kill cut short is undone (a reader can't undo it, and refuses such a
// database).
enum status db_has_begun(const char *path, bool *has_begun);
// As db_open, on a file system of this type (statfs's f_type). It is for tests, which can't mount
// one.
enum status db_open_on(struct db **db, const char *path, enum db_mode mode, long fs_type);
// The name of the network file system of this type, on which WAL is not safe. NULL: it is a disk,
// or not known to be anything else.
const char *db_network_fs(long fs_type);
// The name of the network file system that the database lies on. NULL: it has a write-ahead log.
const char *db_has_rollback_journal(const struct db *db);
const char *db_path(const struct db *db); // The path of the file.
void db_close(struct db *db);             // NULL is fine; an open transaction is undone.

// Runs statements. `types` has a letter for each argument, which takes the place of a '?': i for
// long long, d for double, s for const char * (NULL: null); "" for no arguments. Several statements
// may stand in `sql` only where there are none.
enum status db_run(struct db *db, const char *sql, const char *types, ...);
// Undoes the open transaction, where SQLite has not done so itself (it does when a disk is full or
// memory ends).
enum status db_rollback(struct db *db);
// *query is NULL on failure, so that query_free is always fine.
enum status db_query(struct db *db, struct query **query, const char *sql, const char *types, ...);
// False: there are no more rows, or there was an error, which is then in *status (left alone
// otherwise).
bool query_next(struct query *query, enum status *status);
const char *query_text(struct query *query, int column); // "" for null. Valid until query_next.
bool query_is_null(struct query *query, int column);
// A number of the present row. Where it is no number or out of bounds, *out is left alone, and
// STATUS_FORMAT names file, table and column (or `label` in their place, where it is not NULL).
enum status query_integer(struct query *query, int column, const char *label, long long low, long long high, long long *out);
enum status query_real(struct query *query, int column, const char *label, double low, double high, double *out);
// Numbers of the usual kinds: counts (0 to DB_MAX_COUNT), counts that fit an int, flags, and
// seconds. Every double up to DB_MAX_COUNT is exact, and nothing here is counted so far.
#define DB_MAX_COUNT (1LL << 53)
#define DB_MAX_SECONDS 1e12 // Of running or since 1970; it is 30,000 years.
enum status query_count(struct query *query, int column, long long *out);
enum status query_int(struct query *query, int column, int *out);
enum status query_flag(struct query *query, int column, bool *out);
enum status query_seconds(struct query *query, int column, double *out);
// Says, in the same words, that a value is not what is `wanted`.
enum status query_refuse(struct query *query, int column, const char *label, const char *wanted);
// For bits that use the whole range, such as a hash: without bounds, and 0 for what is no number.
long long query_bits(struct query *query, int column);
void query_free(struct query *query); // NULL is fine.
// The first column of the first row, or `fallback` where there is no row or it is null.
enum status db_number(struct db *db, const char *sql, double fallback, double *out);

#endif
