// SQLite in a few calls: the only file that knows its header is run_db.c. Internal to run*.c and ladder_db.c.
//
// Durability: WAL with synchronous=FULL, so that a commit is on the disk when it returns, also after a power cut; an
// iteration takes seconds and its commit milliseconds. A reader (tengen info) never waits for the writer nor stops it.
#ifndef RUN_RUN_DB_H
#define RUN_RUN_DB_H

#include "base/status.h"

struct db;
struct query; // rows of a SELECT

enum db_mode { DB_WRITE, DB_READ };
// DB_WRITE: made, with its tables, when it isn't there. Refuses, naming `path`, a file that is cut or altered, isn't a run's
// database, or is of a newer program. DB_WRITE upgrades an older one's tables, in one transaction; DB_READ takes it as it is.
enum status db_open(struct db **db, const char *path, enum db_mode mode);
// Whether there are tables in it: false without a file too, or with what a kill leaves of one that is being made. Reads only.
enum status db_has_begun(const char *path, bool *has_begun);
void db_close(struct db *db); // NULL is fine; an open transaction is undone

// Runs statements. types: one letter an argument for '?': i long long, d double, s const char * (NULL: null). "" for none.
// Several statements may stand in `sql` only when there are no arguments.
enum status db_run(struct db *db, const char *sql, const char *types, ...);
enum status db_query(struct db *db, struct query **query, const char *sql, const char *types, ...);
bool query_next(struct query *query, enum status *status); // false: no more rows, or an error in *status (left alone when fine)
long long query_long(struct query *query, int column);
double query_double(struct query *query, int column);
const char *query_text(struct query *query, int column); // "" for null; valid until query_next
bool query_is_null(struct query *query, int column);
void query_free(struct query *query); // NULL is fine
// The first column of the first row, or `fallback`.
enum status db_number(struct db *db, const char *sql, double fallback, double *out);

#endif
