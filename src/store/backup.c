/* backup.c: a copy of a live database into one file that stands alone.
 *
 * SQLite's backup starts over whenever its source connection sees someone else's change, so under steady
 * writing it would never end. Holding a read snapshot on the source connection for the whole copy prevents
 * that: in WAL mode the writer is not blocked, and the copy is exactly the database as it was when the backup
 * began. The price is that the log cannot be reused meanwhile, so it grows by what is written during the
 * copy. (VACUUM INTO would also hold a snapshot, but rewrites every page, reports no progress and can
 * renumber hidden row ids.)
 *
 * The copy is made under a temporary name, checked as a whole, flushed, and only then given its own name: a
 * file of the final name is always a good backup, and what belongs beside it is there. It leaves WAL mode so
 * that it is one file that opens on read-only media. */
#include "store/inside.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BACKUP_STEP_PAGES = 1024 };

typedef struct Backup {
    Arena         mem;
    const char   *temp;
    Db           *from, *to;
    const StoreBackup *with;
} Backup;

static void backup_done(Backup *b)
{
    store_reader_close(b->from);
    db_close(b->to);
    if (b->temp) {
        unlink(b->temp);                       /* gone already after a good end */
        unlink(str_fmt(&b->mem, "%s-journal", b->temp));
    }
    arena_done(&b->mem);
}

static bool disk_err(const char *doing, Err *err)
{
    int code = errno;
    err_set(err, ERR_STORE, "The backup could not be written.");
    err_hint(err, "Check that the folder exists, can be written to and has room.");
    return err_while(err, "%s: %s", doing, strerror(code));
}

static bool temp_make(Backup *b, const char *to, Err *err)
{
    struct stat st;
    if (lstat(to, &st) == 0)
        return err_set(err, ERR_CONFLICT, "There is a file of that name already.");
    const char *temp = str_fmt(&b->mem, "%s.part-%ld", to, (long)getpid());
    int fd = open(temp, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 || close(fd) != 0)
        return disk_err("making the temporary file", err);
    b->temp = temp;
    return true;
}

static int backup_steps(Backup *b, sqlite3_backup *copy)
{
    int rc = SQLITE_OK;
    while (rc == SQLITE_OK) {
        rc = sqlite3_backup_step(copy, BACKUP_STEP_PAGES);
        int64_t total = sqlite3_backup_pagecount(copy);
        if (b->with->progress)
            b->with->progress(b->with->progress_ctx, total - sqlite3_backup_remaining(copy), total);
    }
    return rc;
}

static bool backup_copy(Backup *b, Err *err)
{
    if (!db_snapshot(b->from, err))
        return false;
    sqlite3_backup *copy = sqlite3_backup_init(b->to->sqlite, "main", b->from->sqlite, "main");
    if (!copy)
        return db_fail(b->to, "starting the copy", sqlite3_errcode(b->to->sqlite), err);
    int rc = backup_steps(b, copy);
    int end = sqlite3_backup_finish(copy);
    db_release(b->from);
    return rc == SQLITE_DONE || db_fail(b->to, "copying", end != SQLITE_OK ? end : rc, err);
}

static bool copy_check(Db *copy, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    if (!db_query(copy, &store_sql[STORE_INTEGRITY], NO_VALUES, &rows, err) || !rows_next(&rows, &more, err))
        return false;
    if (more && str_same(row_text(&rows, 0), "ok"))
        return true;
    err_set(err, ERR_STORE, "The copy did not pass its check, so it was thrown away.");
    return err_hint(err, "Check the disks, then run: muster ledger verify");
}

static bool flush(const char *path, int flags, Err *err)
{
    int fd = open(path, flags | O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return disk_err("opening to flush", err);
    bool ok = fsync(fd) == 0 || disk_err("flushing", err);
    close(fd);
    return ok;
}

static const char *folder_of(Arena *mem, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return ".";
    return slash == path ? "/" : str_copy_n(mem, path, (size_t)(slash - path));
}

/* The check opens the file afresh: what it reads is what a restore would read. */
static bool copy_finish(Backup *b, const char *to, Err *err)
{
    DbOptions opt = { .cache_kb = STORE_READER_CACHE_KB };
    if (!db_script(b->to, "leaving the write-ahead log", "PRAGMA journal_mode = DELETE", err))
        return false;
    db_close(b->to);
    b->to = NULL;
    if (!flush(b->temp, 0, err) || !db_open(b->temp, opt, &b->to, err) || !copy_check(b->to, err) ||
        (b->with->beside && !b->with->beside(b->with->beside_ctx, b->to, err)))
        return false;
    db_close(b->to);
    b->to = NULL;
    if (rename(b->temp, to) != 0)
        return disk_err("naming the backup", err);
    return flush(folder_of(&b->mem, to), O_DIRECTORY, err);
}

bool store_backup(Store *store, const char *to, const StoreBackup *with, Err *err)
{
    CLEANUP(backup_done) Backup b = { .with = with };
    DbOptions opt = { .unsafe_fast = true, .cache_kb = STORE_READER_CACHE_KB }; /* flushed once, at the end */
    if (temp_make(&b, to, err)
        && store_reader(store, &b.from, err)
        && db_open(b.temp, opt, &b.to, err)
        && backup_copy(&b, err)
        && copy_finish(&b, to, err))
        return true;
    return err_while(err, "making a backup");
}
