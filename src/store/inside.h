/* inside.h: what the files of src/store share. No other folder includes it.
 *
 * One `Db` is one SQLite connection, used by one thread at a time. Its prepared statements are kept for its
 * whole life, found by the address of their `Sql`; two Rows over the same Sql at once get a statement each
 * (twins). */
#pragma once
#include <pthread.h>
#include <semaphore.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include "store/store.h"

enum {
    STORE_APPLICATION_ID = 0x4D555354, /* "MUST", in the file's header */
    STORE_BUSY_MS = 10 * 1000,         /* another process may hold the write lock this long */
    STORE_WRITER_CACHE_KB = 16 * 1024,
    STORE_READER_CACHE_KB = 2 * 1024, /* per worker thread: the system's own cache serves most reads */
    STORE_WAL_KEEP_BYTES =
        64 * 1024 * 1024,          /* kept between checkpoints: overwriting flushes faster than growing */
    STORE_CHECKPOINT_PAGES = 1000, /* 4 MiB: a short log is soon overwritten rather than grown */
    WRITER_GROUP_MAX = 256,        /* commands made durable by one flush */
};

typedef struct Statement Statement;
struct Statement {
    const Sql    *sql;
    const char   *text;                        /* told apart from another Sql that reuses the address */
    sqlite3_stmt *stmt;
    uint16_t     *order;                       /* parameter i of SQLite is value order[i] of the caller */
    int           params;
    bool          busy;                        /* held by a Rows */
    Statement    *twin;
};

struct Db {
    Arena       mem;
    sqlite3    *sqlite;
    Store      *store;                         /* NULL for a connection of the store's own making */
    Statement **slots;                         /* open addressing; a power of two */
    size_t      slot_count, slots_used;
    int         live_rows;
    bool        is_writer;
    bool        in_command;
    bool        in_snapshot;
    int64_t     ticks_left, memory_before;     /* foreign.c: work it may still do, and what it began with */
    int64_t     until;                         /* the same: microseconds of the thread's own time */
};

typedef struct Job Job;
struct Store {
    Arena           mem;
    const char     *path;
    StoreOptions    opt;
    void           *attached;
    StoreUndone    *undone;
    Db             *writer;                    /* NULL when read only */
    _Atomic int64_t fail_in;                   /* 0: off */
    atomic_int      readers;
    pthread_t       thread;
    pthread_mutex_t lock;                      /* guards the queue and `closing` */
    pthread_cond_t  work;
    Job            *first, *last;
    size_t          waiting;                   /* length of the queue */
    bool            closing;
    size_t          crowd;                     /* callers seen in recent groups; writer thread only */
    int             wal_pages;                 /* in the log now; writer thread only */
    int             checkpoint_at;             /* pages at which to empty it; writer thread only */
};

/* db.c */
typedef struct DbOptions {
    bool     read_only, unsafe_fast;
    int      cache_kb;
    void   (*guard)(Db *db, uint64_t bytes);   /* before the first statement; may be NULL */
    uint64_t bytes;                            /* given to it */
} DbOptions;
bool db_open(const char *path, DbOptions opt, Db **out, Err *err);
void db_close(Db *db);                         /* accepts NULL */
bool db_fail(Db *db, const char *doing, int rc, Err *err);   /* tells SQLite's result code; returns false */
bool db_exec(Db *db, const Sql *sql, Err *err); /* the store's own statements: never made to fail */
bool db_script(Db *db, const char *name, const char *text, Err *err);
bool db_fault(Db *db, const char *doing, Err *err);          /* true when store_fail_after says so */

/* schema.c: the numbered steps; tests bring their own through store_open_with. */
typedef struct SchemaStep { int number; const char *name, *text; } SchemaStep;
typedef struct SchemaSteps { const SchemaStep *at; size_t count; } SchemaSteps;   /* in number order */
bool schema_steps(Arena *mem, SchemaSteps *out, Err *err);
bool schema_apply(Db *db, SchemaSteps steps, bool may_write, Err *err);
bool store_open_with(const char *path, StoreOptions opt, SchemaSteps steps, Store **out, Err *err);

/* writer.c */
bool writer_start(Store *store, Err *err);
void writer_stop(Store *store);                /* runs what is queued first */

/* store_sql.c */
enum {
    STORE_BEGIN_READ, STORE_BEGIN_WRITE, STORE_COMMIT, STORE_ROLLBACK,
    STORE_SAVE, STORE_UNSAVE, STORE_RELEASE,
    STORE_TOUCH, STORE_APPLICATION, STORE_INTEGRITY,
    STORE_STEP_TABLE, STORE_STEPS, STORE_STEP_ADD, STORE_BROKEN_KEYS,
    STORE_TABLES, STORE_COLUMNS,
    STORE__COUNT,
};
extern const Sql store_sql[STORE__COUNT];
