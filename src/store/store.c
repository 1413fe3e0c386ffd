/* store.c: opening and closing a database, and handing out read connections. */
#include "store/inside.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The file is made here, not by SQLite, so that "is one there already?" and making it are one step, and so
 * that nobody else on the machine may read it. */
static bool file_create(const char *path, Err *err)
{
    int fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0)
        return close(fd) == 0 || err_set(err, ERR_STORE, "The database file could not be made.");
    if (errno == EEXIST)
        return err_set(err, ERR_CONFLICT, "There is a file of that name already.");
    err_set(err, ERR_STORE, "The database file could not be made.");
    return err_hint(err, "Check that the folder exists and can be written to (%s).", strerror(errno));
}

static bool file_present(const char *path, Err *err)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        err_set(err, ERR_NOT_FOUND, "There is no database at that path.");
        return err_hint(err, "Check the path, or make one with: muster init");
    }
    return S_ISREG(st.st_mode) || err_set(err, ERR_INVALID, "That is not a file, so not a Muster database.");
}

static void files_remove(Arena *mem, const char *path)
{
    static const char *const endings[] = { "", "-wal", "-shm", "-journal" };
    FOR_EACH(ending, endings)
        unlink(str_fmt(mem, "%s%s", path, *ending));
}

static bool application_check(Db *db, Err *err)
{
    int64_t id = 0;
    bool found = false;
    if (!db_int(db, &store_sql[STORE_APPLICATION], NO_VALUES, &id, &found, err))
        return false;
    return id == STORE_APPLICATION_ID || err_set(err, ERR_INVALID, "The file is not a Muster database.");
}

/* WAL lets readers go on while the writer writes. The mode is kept in the file; setting it again costs
 * nothing. */
static bool mark(Db *db, bool is_new, Err *err)
{
    char text[64];
    sqlite3_snprintf(sizeof text, text, "PRAGMA application_id = %d", STORE_APPLICATION_ID);
    return (!is_new || db_script(db, "marking the new database", text, err))
        && db_script(db, "switching to a write-ahead log", "PRAGMA journal_mode = WAL", err);
}

static bool store_settle(Store *store, SchemaSteps steps, Err *err)
{
    Db *db = NULL;
    bool is_new = store->opt.create, may_write = !store->opt.read_only;
    DbOptions opt = { .read_only = store->opt.read_only, .unsafe_fast = store->opt.unsafe_fast,
                      .cache_kb = STORE_WRITER_CACHE_KB };
    if (!db_open(store->path, opt, &db, err))
        return false;
    bool ok = (is_new || application_check(db, err))
        && (!may_write || mark(db, is_new, err))
        && schema_apply(db, steps, may_write, err);
    if (!ok || !may_write) {
        db_close(db);
        return ok;
    }
    db->store = store;
    db->is_writer = true;
    store->writer = db;
    return writer_start(store, err);
}

static void store_free(Store *store)
{
    Arena mem = store->mem;
    db_close(store->writer);
    arena_done(&mem);
}

bool store_open_with(const char *path, StoreOptions opt, SchemaSteps steps, Store **out, Err *err)
{
    assert(!(opt.create && opt.read_only));
    if (!(opt.create ? file_create(path, err) : file_present(path, err)))
        return false;
    Arena mem = {0};
    Store *store = arena_new(&mem, Store, 1);
    store->mem = mem;
    store->path = str_copy(&store->mem, path);
    store->opt = opt;
    if (!store_settle(store, steps, err)) {
        if (opt.create)
            files_remove(&store->mem, path);
        store_free(store);
        return err_while(err, "opening the database");
    }
    *out = store;
    return true;
}

bool store_open(const char *path, StoreOptions opt, Store **out, Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    SchemaSteps steps = {0};
    return schema_steps(&mem, &steps, err) && store_open_with(path, opt, steps, out, err);
}

void store_close(Store *store)
{
    if (!store)
        return;
    if (store->writer)
        writer_stop(store);
    assert(atomic_load(&store->readers) == 0);
    store_free(store);
}

bool store_reader(Store *store, Db **out, Err *err)
{
    DbOptions opt = { .read_only = true, .cache_kb = STORE_READER_CACHE_KB };
    if (!db_open(store->path, opt, out, err))
        return err_while(err, "opening a read connection");
    (*out)->store = store;
    atomic_fetch_add(&store->readers, 1);
    return true;
}

void store_reader_close(Db *db)
{
    if (!db)
        return;
    assert(!db->is_writer);
    db_release(db);
    atomic_fetch_sub(&db->store->readers, 1);
    db_close(db);
}

const char *store_path(const Store *store)                       { return store->path; }
void        store_attach(Store *store, void *ledger)             { store->attached = ledger; }
void        store_on_undone(Store *store, StoreUndone *undone)   { store->undone = undone; }
void *db_attached(const Db *db) { return db->store ? db->store->attached : NULL; }
void        store_fail_after(Store *store, int64_t calls)        { atomic_store(&store->fail_in, calls); }
