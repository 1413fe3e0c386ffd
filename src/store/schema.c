/* schema.c: brings a database to the shape this binary knows, by numbered steps that are never edited.
 *
 * Every applied step is recorded with the SHA-256 of its text, so that a file shaped by a newer Muster, or by
 * a step that someone altered, is refused before anything is read from it. */
#include "store/inside.h"
#include <string.h>
#include "base/digest.h"
#include "base/embedded.h"

#define SCHEMA_FOLDER "src/store/schema/"

static const char step_table_sql[] =
    "CREATE TABLE IF NOT EXISTS schema_step ("
    " number     INTEGER PRIMARY KEY," /* as in the file's name */
    " name       TEXT    NOT NULL,"
    " sha256     BLOB    NOT NULL,"    /* of the step's text */
    " applied_at INTEGER NOT NULL"     /* UTC microseconds, to the second */
    ") STRICT";

/* "…/012_links.sql" is step 12. */
static bool step_read(Arena *mem, const Embedded *file, SchemaStep *step)
{
    int64_t number;
    Str name = { file->path + strlen(SCHEMA_FOLDER), strlen(file->path) - strlen(SCHEMA_FOLDER) };
    if (name.len < 9 || name.at[3] != '_' || !str_int((Str){ name.at, 3 }, 1, 999, &number))
        return false;
    *step = (SchemaStep){ (int)number, str_from(mem, name), file->bytes };
    return true;
}

bool schema_steps(Arena *mem, SchemaSteps *out, Err *err)
{
    size_t count = 0;
    const Embedded *files = embedded_under(SCHEMA_FOLDER, &count);
    SchemaStep *steps = arena_new(mem, SchemaStep, count + 1);
    for (size_t i = 0; i < count; i++)
        if (!step_read(mem, &files[i], &steps[i]))
            return err_set(err, ERR_BUG, "Schema file %s is not named NNN_name.sql.", files[i].path);
    *out = (SchemaSteps){ steps, count };
    return true;
}

static bool steps_in_order(SchemaSteps steps, Err *err)
{
    for (size_t i = 1; i < steps.count; i++)
        if (steps.at[i].number <= steps.at[i - 1].number)
            return err_set(err, ERR_BUG, "Schema step %d is there twice.", steps.at[i].number);
    return true;
}

static bool newer(int64_t number, Err *err)
{
    err_set(err, ERR_INVALID, "This database was made by a newer Muster.");
    err_hint(err, "Start the version that made it, or a later one.");
    return err_while(err, "schema step %lld is not known here", (long long)number);
}

static bool altered(const SchemaStep *step, Err *err)
{
    err_set(err, ERR_INVALID, "This database was made by a different build of Muster: step %s differs.",
            step->name);
    return err_hint(err, "Start the build that made it. Applied schema files must never be edited.");
}

/* Walks the recorded steps beside the known ones: those recorded must be the first of those known. */
static bool recorded_check(Db *db, SchemaSteps steps, size_t *done, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    int64_t has_table = 0;
    bool more = false;
    *done = 0;
    if (!db_int(db, &store_sql[STORE_STEP_TABLE], NO_VALUES, &has_table, &more, err))
        return false;
    if (!has_table)
        return true;
    if (!db_query(db, &store_sql[STORE_STEPS], NO_VALUES, &rows, err) || !rows_next(&rows, &more, err))
        return false;
    for (; more; (*done)++) {
        int64_t number = row_int(&rows, 0);
        if (*done == steps.count || steps.at[*done].number != number)
            return newer(number, err);
        Sha256 want = sha256_of(steps.at[*done].text, strlen(steps.at[*done].text));
        Str got = row_blob(&rows, 1);
        if (got.len != sizeof want.bytes || memcmp(got.at, want.bytes, got.len) != 0)
            return altered(&steps.at[*done], err);
        if (!rows_next(&rows, &more, err))
            return false;
    }
    return true;
}

static bool step_apply(Db *db, const SchemaStep *step, Err *err)
{
    Sha256 digest = sha256_of(step->text, strlen(step->text));
    Tx tx = { .db = db, .open = true };
    if (!db_script(db, step->name, step->text, err))
        return false;
    db->in_command = true;                     /* db_run's own proof that a write is expected here */
    bool ok = db_run(&tx, &store_sql[STORE_STEP_ADD],
                     VALUES(sql_int(step->number), sql_text(step->name), sql_blob(digest.bytes, 32)), err);
    db->in_command = false;
    return ok;
}

static bool missing_apply(Db *db, SchemaSteps steps, Err *err)
{
    size_t done = 0;
    if (!db_script(db, "creating schema_step", step_table_sql, err))
        return false;
    if (!recorded_check(db, steps, &done, err))          /* again: another process may have been first */
        return false;
    for (size_t i = done; i < steps.count; i++)
        if (!step_apply(db, &steps.at[i], err))
            return err_while(err, "applying schema step %s", steps.at[i].name);
    return true;
}

/* All missing steps in one transaction: a database is at one version or the other, never between. Foreign
 * keys are off meanwhile so that a step may rebuild a table (SQLite's own advice), and checked as a whole
 * before the end. */
static bool upgrade(Db *db, SchemaSteps steps, Err *err)
{
    Err ignored = {0};
    CLEANUP(rows_done) Rows broken = {0};
    bool any_broken = false;
    if (!db_script(db, "foreign keys off", "PRAGMA foreign_keys = OFF", err)
        || !db_exec(db, &store_sql[STORE_BEGIN_WRITE], err))
        return false;
    bool ok = missing_apply(db, steps, err)
        && db_query(db, &store_sql[STORE_BROKEN_KEYS], NO_VALUES, &broken, err)
        && rows_next(&broken, &any_broken, err);
    if (ok && any_broken)
        ok = err_set(err, ERR_BUG, "A schema step breaks a reference between tables.");
    rows_done(&broken);
    ok = ok && db_exec(db, &store_sql[STORE_COMMIT], err);
    if (!ok && !sqlite3_get_autocommit(db->sqlite) && !db_exec(db, &store_sql[STORE_ROLLBACK], &ignored))
        return err_while(err, "and it could not be rolled back");
    return ok && db_script(db, "foreign keys on", "PRAGMA foreign_keys = ON", err);
}

bool schema_apply(Db *db, SchemaSteps steps, bool may_write, Err *err)
{
    size_t done = 0;
    if (!steps_in_order(steps, err) || !recorded_check(db, steps, &done, err))
        return false;
    if (done == steps.count)
        return true;
    if (may_write)
        return upgrade(db, steps, err);
    err_set(err, ERR_INVALID, "This database was made by an older Muster.");
    return err_hint(err, "Open it once for writing, which brings it up to date.");
}
