/* foreign.c */
#include "store/foreign.h"
#include <sys/stat.h>
#include <time.h>
#include "base/limits.h"
#include "store/inside.h"

/* What a file can have set aside before anyone looks is the steps of a tick times one text: 64 MiB. */
enum {
    FOREIGN_TICK       = 1000,               /* virtual machine steps between looks at the budgets */
    FOREIGN_TEXT_MAX   = LIMIT_TEXT_BYTES,
    FOREIGN_CACHE_KB   = 8 * 1024,
    FOREIGN_MEMORY     = 256 << 20,          /* more than before it was opened */
    FOREIGN_LEAST      = 1000000,            /* ticks: a thousand million steps, seconds of work */
    FOREIGN_STEPS_BYTE = 20,                 /* reading a row of a hundred bytes takes a few dozen */
    FOREIGN_SECONDS    = 120,                /* of the reading thread, and one more for each */
    FOREIGN_BYTES_SECOND = 2 << 20,          /* so many bytes */
};

static int64_t thread_time(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Steps differ: one may fill a text. So the time is bounded as well, far above what an honest file takes.
 * SQLite counts memory for the whole program; the hard limit that it offers would stop the writer as well. */
static int tick(void *ctx)
{
    Db *db = ctx;
    return db->ticks_left-- <= 0 || thread_time() > db->until ||
           sqlite3_memory_used() - db->memory_before > FOREIGN_MEMORY;
}

/* Before the first statement: even the schema is read under guard. */
static void guard(Db *db, uint64_t bytes)
{
    static const struct { int limit, most; } limits[] = {
        { SQLITE_LIMIT_LENGTH, FOREIGN_TEXT_MAX }, { SQLITE_LIMIT_SQL_LENGTH, FOREIGN_TEXT_MAX },
        { SQLITE_LIMIT_EXPR_DEPTH, 50 },           { SQLITE_LIMIT_COMPOUND_SELECT, 10 },
        { SQLITE_LIMIT_ATTACHED, 0 },              { SQLITE_LIMIT_TRIGGER_DEPTH, 1 },
        { SQLITE_LIMIT_VDBE_OP, 25000 },           { SQLITE_LIMIT_WORKER_THREADS, 0 },
        { SQLITE_LIMIT_COLUMN, 200 },
    };
    FOR_EACH(l, limits)
        sqlite3_limit(db->sqlite, l->limit, l->most);
    sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    db->memory_before = sqlite3_memory_used();
    db->ticks_left = FOREIGN_LEAST + (int64_t)(bytes / (FOREIGN_TICK / FOREIGN_STEPS_BYTE));
    db->until = thread_time() +
                (int64_t)(FOREIGN_SECONDS + bytes / FOREIGN_BYTES_SECOND) * 1000000;
    sqlite3_progress_handler(db->sqlite, FOREIGN_TICK, tick, db);
}

bool foreign_open(const char *path, Db **out, Err *err)
{
    struct stat about;
    Db *db = NULL;
    if (stat(path, &about) != 0)
        return err_set(err, ERR_NOT_FOUND, "The SQLite file is not there.");
    DbOptions options = { .read_only = true, .cache_kb = FOREIGN_CACHE_KB, .guard = guard,
                          .bytes = (uint64_t)about.st_size };
    bool ok = db_open(path, options, &db, err) &&
              db_script(db, "guarding a foreign file",
                        "PRAGMA mmap_size = 0; PRAGMA cell_size_check = ON; PRAGMA query_only = ON;", err) &&
              db_exec(db, &store_sql[STORE_TOUCH], err);
    if (ok) {
        *out = db;
        return true;
    }
    foreign_close(db);
    return err->kind == ERR_LIMIT ? false : err_set(err, ERR_INVALID, "The file is not a sound SQLite file.");
}

void foreign_close(Db *db) { db_close(db); }

bool foreign_fits(Db *db, const Sql *sql)
{
    Err ignored = {0};
    return store_check_statements(db, sql, 1, &ignored);
}
