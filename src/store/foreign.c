/* foreign.c */
#include "store/foreign.h"
#include <sys/stat.h>
#include "store/inside.h"

enum {
    FOREIGN_TICK       = 100000,             /* virtual machine steps between looks at the budget */
    FOREIGN_TEXT_MAX   = 1000000,
    FOREIGN_CACHE_KB   = 8 * 1024,
    FOREIGN_LEAST      = 10000,              /* ticks: a thousand million steps, seconds of work */
    FOREIGN_STEPS_BYTE = 20,                 /* reading a row of a hundred bytes takes a few dozen */
};

static int tick(void *ctx)
{
    Db *db = ctx;
    return db->ticks_left-- <= 0;
}

static void guard(Db *db, uint64_t bytes)
{
    static const struct { int limit, most; } limits[] = {
        { SQLITE_LIMIT_LENGTH, FOREIGN_TEXT_MAX }, { SQLITE_LIMIT_SQL_LENGTH, 100000 },
        { SQLITE_LIMIT_EXPR_DEPTH, 50 },           { SQLITE_LIMIT_COMPOUND_SELECT, 10 },
        { SQLITE_LIMIT_ATTACHED, 0 },              { SQLITE_LIMIT_TRIGGER_DEPTH, 1 },
        { SQLITE_LIMIT_VDBE_OP, 25000 },           { SQLITE_LIMIT_WORKER_THREADS, 0 },
    };
    FOR_EACH(l, limits)
        sqlite3_limit(db->sqlite, l->limit, l->most);
    sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    db->ticks_left = FOREIGN_LEAST + (int64_t)(bytes / (FOREIGN_TICK / FOREIGN_STEPS_BYTE));
    sqlite3_progress_handler(db->sqlite, FOREIGN_TICK, tick, db);
}

bool foreign_open(const char *path, Db **out, Err *err)
{
    struct stat about;
    Db *db = NULL;
    if (stat(path, &about) != 0)
        return err_set(err, ERR_NOT_FOUND, "The SQLite file is not there.");
    if (!db_open(path, (DbOptions){ .read_only = true, .cache_kb = FOREIGN_CACHE_KB }, &db, err))
        return false;
    guard(db, (uint64_t)about.st_size);
    bool ok = db_script(db, "guarding a foreign file",
                        "PRAGMA mmap_size = 0; PRAGMA cell_size_check = ON; PRAGMA query_only = ON;", err) &&
              db_exec(db, &store_sql[STORE_TOUCH], err);
    if (ok) {
        *out = db;
        return true;
    }
    foreign_close(db);
    return err_set(err, ERR_INVALID, "The file is not a sound SQLite file.");
}

void foreign_close(Db *db) { db_close(db); }

bool foreign_fits(Db *db, const Sql *sql)
{
    Err ignored = {0};
    return store_check_statements(db, sql, 1, &ignored);
}
