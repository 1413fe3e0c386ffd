/* store.h: the one door to the database. Nothing above it knows the engine (SQLite today).
 *
 * A `Store` is an opened database: one writer thread with group commit, and any number of read connections.
 * Every statement is a named `const Sql` in some folder's <folder>_sql.c; values are bound, never pasted.
 * Invariants: (1) a command whose writer_run returned true is on disk; (2) a failed command leaves nothing;
 * (3) a reader sees a snapshot for the life of its Rows/read transaction. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

typedef struct Sql { const char *name, *text; } Sql;     /* $1, $2 ... */
typedef enum ValueType { VALUE_NULL, VALUE_INT, VALUE_REAL, VALUE_TEXT, VALUE_BLOB } ValueType;
typedef struct Value {
    ValueType type;
    int64_t   number;
    double    real;
    Str       bytes;
} Value;
typedef struct Values { const Value *at; size_t count; } Values;
Value sql_null(void);
Value sql_int(int64_t n);                /* ids, counts, Instants, Dates; see sql_when for "none" values */
Value sql_id(int64_t id);                /* 0 binds NULL */
Value sql_when(int64_t instant);         /* INSTANT_NONE binds NULL */
Value sql_date(int32_t date);            /* DATE_NONE binds NULL */
Value sql_bool(bool b);
Value sql_real(double d);
Value sql_text(const char *text);        /* NULL binds NULL */
Value sql_str(Str s);
Value sql_blob(const void *at, size_t len);
#define VALUES(...)                                                                                          \
    ((Values){ (const Value[]){ __VA_ARGS__ }, sizeof((const Value[]){ __VA_ARGS__ }) / sizeof(Value) })
#define NO_VALUES   ((Values){ 0, 0 })

typedef struct Db Db; /* one connection, one thread; caches prepared statements by Sql address */
typedef struct Tx {
    Db *db;
    bool open;
    void *ledger;
} Tx; /* a write in progress; `ledger` is used by src/ledger only */
typedef struct Rows { void *stmt; Db *db; int columns; bool live; } Rows;   /* {0} is valid */

/* Reading. Column getters return zero values for NULL; text and blobs are valid until the next row: copy to
 * keep. */
MUST_USE bool db_query(Db *db, const Sql *sql, Values values, Rows *rows, Err *err);
MUST_USE bool rows_next(Rows *rows, bool *more, Err *err);
bool        row_null(const Rows *rows, int col);
int64_t     row_int(const Rows *rows, int col);
int64_t     row_when(const Rows *rows, int col);     /* NULL gives INSTANT_NONE */
int32_t     row_date(const Rows *rows, int col);     /* NULL gives DATE_NONE */
double      row_real(const Rows *rows, int col);
bool        row_bool(const Rows *rows, int col);
const char *row_text(const Rows *rows, int col);     /* NULL for NULL */
char       *row_copy(const Rows *rows, int col, Arena *mem);   /* NULL for NULL */
Str         row_blob(const Rows *rows, int col);
void        rows_done(Rows *rows);                   /* for CLEANUP */
/* First row's first column; *found false when no row. */
MUST_USE bool db_int(Db *db, const Sql *sql, Values values, int64_t *out, bool *found, Err *err);

/* Writing. Only apply functions, the ledger and the live_* owners call db_run. */
MUST_USE bool db_run(Tx *tx, const Sql *sql, Values values, Err *err);
MUST_USE bool db_run_count(Tx *tx, const Sql *sql, Values values, int64_t *changed, Err *err);
int64_t       tx_last_id(Tx *tx);                    /* rowid of the last INSERT */

typedef struct StoreOptions {
    bool create;             /* make a new database; ERR_CONFLICT if one is there */
    bool read_only;
    bool unsafe_fast;        /* no fsync: bench and throw-away rebuilds only */
} StoreOptions;
typedef struct Store Store;
/* Opens, checks the application id, applies missing schema steps. ERR_NOT_FOUND, ERR_INVALID (not a Muster
 * database). */
MUST_USE bool store_open(const char *path, StoreOptions opt, Store **out, Err *err);
void store_close(Store *store);                      /* accepts NULL; waits for queued commands */
/* A read connection of the calling thread's own; close with store_reader_close. */
MUST_USE bool store_reader(Store *store, Db **out, Err *err);
void store_reader_close(Db *db);
/* Start and end a read snapshot over several queries. */
MUST_USE bool db_snapshot(Db *db, Err *err);
void db_release(Db *db);

/* A command runs on the writer thread inside a savepoint; returning false rolls back only itself. writer_run
 * returns when the group it was committed with is durable. Re-entry from inside a command is a bug (assert).
 */
typedef bool Command(Tx *tx, void *ctx, Err *err);
MUST_USE bool writer_run(Store *store, Command *command, void *ctx, Err *err);

/* Live copy to one file while others read and write (SQLite backup API), fsynced, then reopened and checked.
 * `beside` is given the checked copy just before it gets its name: a higher folder's files that belong to the
 * database are copied then. If it fails, so does the backup, and no file of that name is left. */
typedef void StoreProgress(void *ctx, int64_t done, int64_t total);
typedef bool StoreBeside(void *ctx, Db *copy, Err *err);
typedef struct StoreBackup {
    StoreProgress *progress;                         /* may be NULL */
    void          *progress_ctx;
    StoreBeside   *beside;                           /* may be NULL */
    void          *beside_ctx;
} StoreBackup;
MUST_USE bool store_backup(Store *store, const char *to, const StoreBackup *with, Err *err);
const char *store_path(const Store *store);

/* One thing of a higher folder's own that every Tx of this store carries as `ledger`; call before the first
 * writer_run. `undone` (or NULL) runs on the writer thread after any command or group was rolled back, so
 * that what is held in memory can be read again from the tables: it never runs while a command does. */
typedef void StoreUndone(void *attached);
void  store_attach(Store *store, void *ledger);
void  store_on_undone(Store *store, StoreUndone *undone);
void *db_attached(const Db *db);                     /* what store_attach gave; NULL before */

/* For rebuild and tests: every table whose name lacks the prefixes ledger_, live_, sqlite_, schema_ is a
 * projection (virtual tables and their shadows are not: they are indexes, and differ harmlessly between
 * builds). Writes a SHA-256 over all its rows in primary-key order, and the row count. */
typedef struct TableDigest { const char *table; int64_t rows; uint8_t sha256[32]; } TableDigest;
MUST_USE bool store_projection_digests(Db *db, Arena *mem, TableDigest **out, size_t *count, Err *err);
/* Prepares every statement given, to prove that it fits the schema. */
MUST_USE bool store_check_statements(Db *db, const Sql *sqls, size_t count, Err *err);
/* Makes the n-th store call from now fail with ERR_STORE (tests only; 0 switches off). */
void store_fail_after(Store *store, int64_t calls);
