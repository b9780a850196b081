// SQLite in a few calls: the only file that knows its header is run_db.c. For run/, and for ladder/ that writes its own tables.
//
// Durability: a commit is on the disk when it returns, also after a power cut; an iteration takes seconds and its commit
// milliseconds. On a disk of this machine the journal is a write-ahead log (WAL), and a reader (tengen info) never waits for the
// writer nor stops it. On a network file system WAL is not safe: its readers and writers meet in shared memory, which such a file
// system does not share [sqlite.org/wal.html]. There the database has a rollback journal, and a commit waits for readers, each of
// which is short.
//
// A database is not trusted. It must have our tables as tables: no view (it may never end) and no trigger (it would write what nobody
// asked for). Every number that a reader takes from it is asked for with its bounds (query_integer and the like).
#ifndef RUN_RUN_DB_H
#define RUN_RUN_DB_H

#include "base/status.h"

struct db;
struct query; // rows of a SELECT

enum db_mode { DB_WRITE, DB_READ };
// DB_WRITE: made, with its tables, when it isn't there. Refuses, naming `path`, a file that is cut or altered, isn't a run's
// database, or is of a newer program. DB_WRITE upgrades an older one's tables, in one transaction; DB_READ takes it as it is.
enum status db_open(struct db **db, const char *path, enum db_mode mode);
// Whether there are tables in it: false without a file too, or with what a kill leaves of one that is being made. For one who is about to
// write: it changes nothing, but that a write that a kill cut short is undone (a reader can't, and refuses such a database).
enum status db_has_begun(const char *path, bool *has_begun);
// As db_open, on a file system of this type (statfs's f_type). For tests: no test can mount one.
enum status db_open_on(struct db **db, const char *path, enum db_mode mode, long fs_type);
// The name of the network file system of this type, for which WAL is not safe; NULL: a disk, or not known to be anything else.
const char *db_network_fs(long fs_type);
// That of the one the database lies on; NULL: it has a write-ahead log.
const char *db_has_rollback_journal(const struct db *db);
const char *db_path(const struct db *db); // the file
void db_close(struct db *db);             // NULL is fine; an open transaction is undone

// Runs statements. types: one letter an argument for '?': i long long, d double, s const char * (NULL: null). "" for none.
// Several statements may stand in `sql` only when there are no arguments.
enum status db_run(struct db *db, const char *sql, const char *types, ...);
// *query is NULL on failure, so that query_free is always fine.
enum status db_query(struct db *db, struct query **query, const char *sql, const char *types, ...);
bool query_next(struct query *query, enum status *status); // false: no more rows, or an error in *status (left alone when fine)
const char *query_text(struct query *query, int column);   // "" for null; valid until query_next
bool query_is_null(struct query *query, int column);
// A number of the present row. STATUS_FORMAT, naming file, table and column (or `label` in their place, where it is not NULL), when it
// is no number or out of bounds; *out is then left alone.
enum status query_integer(struct query *query, int column, const char *label, long long low, long long high, long long *out);
enum status query_real(struct query *query, int column, const char *label, double low, double high, double *out);
// Of the kinds that there are: how many (0 to DB_MAX_COUNT, the same as an int), a flag, seconds.
#define DB_MAX_COUNT (1LL << 53) // every double up to it is exact; nothing here is counted so far
#define DB_MAX_SECONDS 1e12      // of running or since 1970: 30 000 years
enum status query_count(struct query *query, int column, long long *out);
enum status query_int(struct query *query, int column, int *out);
enum status query_flag(struct query *query, int column, bool *out);
enum status query_seconds(struct query *query, int column, double *out);
// Says that a value is not what is `wanted`, in the same words.
enum status query_refuse(struct query *query, int column, const char *label, const char *wanted);
// For bits that use the whole range (a hash): no bounds, 0 for what is no number.
long long query_bits(struct query *query, int column);
void query_free(struct query *query); // NULL is fine
// The first column of the first row, or `fallback`.
enum status db_number(struct db *db, const char *sql, double fallback, double *out);

#endif
