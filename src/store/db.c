/* db.c: one connection, its prepared statements, reading and writing through them.
 *
 * Invariants:
 *  1. A statement is bound with exactly the values it names ($1 to $n, no gaps) or refused as ERR_BUG.
 *  2. A statement held by a live Rows is never reset or bound by another call.
 *  3. Only db_run changes anything, and only inside a command of the writer. */
#include "store/inside.h"
#include <assert.h>
#include <limits.h>
#include <string.h>
#include "base/when.h"

/* ---- errors ---- */

static const struct { int code; ErrKind kind; const char *told, *hint; } results[] = {
    { SQLITE_BUSY,                  ERR_STORE,    "The database is busy.",                     "Try again in a moment." },
    { SQLITE_CANTOPEN,              ERR_STORE,    "The database file could not be opened.",    "Check the path and its permissions." },
    { SQLITE_CONSTRAINT_PRIMARYKEY, ERR_CONFLICT, "That has been recorded already.",           "Reload and look again." },
    { SQLITE_CONSTRAINT_ROWID,      ERR_CONFLICT, "That has been recorded already.",           "Reload and look again." },
    { SQLITE_CONSTRAINT_TRIGGER,    ERR_CONFLICT, "The database refused the change.",          "Reload and look again." },
    { SQLITE_CONSTRAINT_UNIQUE,     ERR_CONFLICT, "That has been recorded already.",           "Reload and look again." },
    { SQLITE_CONSTRAINT,            ERR_BUG,      "The change does not fit the tables.",       "" },
    { SQLITE_CORRUPT,               ERR_STORE,    "The database file is damaged.",             "Restore the last backup." },
    { SQLITE_ERROR,                 ERR_BUG,      "A statement does not fit the tables.",      "" },
    { SQLITE_FULL,                  ERR_STORE,    "The disk is full.",                         "Free some space, then try again." },
    { SQLITE_INTERRUPT,             ERR_LIMIT,    "The file asks for more work than it should.", "" },
    { SQLITE_IOERR,                 ERR_STORE,    "The disk could not be read or written.",    "Check the disk, then try again." },
    { SQLITE_LOCKED,                ERR_STORE,    "The database is busy.",                     "Try again in a moment." },
    { SQLITE_MISUSE,                ERR_BUG,      "The database was used wrongly.",            "" },
    { SQLITE_NOTADB,                ERR_INVALID,  "The file is not a Muster database.",        "" },
    { SQLITE_RANGE,                 ERR_BUG,      "A statement got the wrong values.",         "" },
    { SQLITE_READONLY,              ERR_STORE,    "The database can only be read.",            "Check the file's permissions." },
    { SQLITE_TOOBIG,                ERR_LIMIT,    "A value is too big to store.",              "" },
};

/* The extended code first, then the family it belongs to. */
bool db_fail(Db *db, const char *doing, int rc, Err *err)
{
    const char *detail = db && db->sqlite ? sqlite3_errmsg(db->sqlite) : sqlite3_errstr(rc);
    int tries[] = { rc, rc & 0xff };
    FOR_EACH(code, tries)
        FOR_EACH(r, results) {
            if (r->code != *code)
                continue;
            err_set(err, r->kind, "%s", r->told);
            err_hint(err, "%s", r->hint);
            return err_while(err, "%s (%d: %s)", doing, rc, detail);
        }
    err_set(err, ERR_STORE, "The database failed.");
    err_hint(err, "Try again in a moment.");
    return err_while(err, "%s (%d: %s)", doing, rc, detail);
}

bool db_fault(Db *db, const char *doing, Err *err)
{
    if (!db->is_writer || atomic_load(&db->store->fail_in) <= 0 ||
        atomic_fetch_sub(&db->store->fail_in, 1) != 1)
        return false;
    err_set(err, ERR_STORE, "The database failed, as a test asked.");
    err_while(err, "%s", doing);
    return true;
}

/* ---- opening ---- */

static bool settle(Db *db, const char *text, Err *err)
{
    int rc = sqlite3_exec(db->sqlite, text, NULL, NULL, NULL);
    return rc == SQLITE_OK || db_fail(db, "preparing the connection", rc, err);
}

/* foreign_keys is per connection and off by default in SQLite, so every one sets it.
 * trusted_schema is off so that a doctored file cannot run functions with side effects.
 * The file is not mapped: a connection unmaps it whenever another has written, and every look is written
 * down, so that each page of ours would map it and fault it in again (four times the cost of a logged page).
 */
static bool settings(Db *db, DbOptions opt, Err *err)
{
    char text[512];
    sqlite3_snprintf(sizeof text, text,
                     "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY;"
                     "PRAGMA cache_size = -%d; PRAGMA mmap_size = 0; PRAGMA journal_size_limit = %d; PRAGMA "
                     "synchronous = %s;",
                     opt.cache_kb, STORE_WAL_KEEP_BYTES, opt.unsafe_fast ? "OFF" : "FULL");
    return settle(db, text, err);
}

bool db_open(const char *path, DbOptions opt, Db **out, Err *err)
{
    Arena mem = {0};
    Db *db = arena_new(&mem, Db, 1);
    db->mem = mem;
    int flags = SQLITE_OPEN_NOMUTEX | (opt.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
    int rc = sqlite3_open_v2(path, &db->sqlite, flags, NULL);
    bool ok = rc == SQLITE_OK || db_fail(db, "opening the database", rc, err);
    if (ok) {
        sqlite3_extended_result_codes(db->sqlite, 1);
        sqlite3_busy_timeout(db->sqlite, STORE_BUSY_MS);
        if (opt.guard)
            opt.guard(db, opt.bytes);
        ok = settings(db, opt, err);
    }
    if (!ok) {
        db_close(db);
        return false;
    }
    *out = db;
    return true;
}

void db_close(Db *db)
{
    if (!db)
        return;
    assert(db->live_rows == 0);
    for (size_t i = 0; i < db->slot_count; i++)
        for (Statement *s = db->slots[i]; s; s = s->twin)
            sqlite3_finalize(s->stmt);
    int rc = sqlite3_close(db->sqlite);
    assert(rc == SQLITE_OK);
    (void)rc;
    Arena mem = db->mem;
    arena_done(&mem);
}

/* ---- prepared statements ---- */

static size_t slot_of(Statement **slots, size_t count, const Sql *sql)
{
    size_t at = (size_t)(((uintptr_t)sql >> 3) * UINT64_C(0x9E3779B97F4A7C15) >> 32) & (count - 1);
    while (slots[at] && slots[at]->sql != sql)
        at = (at + 1) & (count - 1);
    return at;
}

static void slots_grow(Db *db)
{
    size_t count = db->slot_count ? db->slot_count * 2 : 64;
    Statement **slots = arena_new(&db->mem, Statement *, count);
    for (size_t i = 0; i < db->slot_count; i++)
        if (db->slots[i])
            slots[slot_of(slots, count, db->slots[i]->sql)] = db->slots[i];
    db->slots = slots;
    db->slot_count = count;
}

/* "$12" gives 12; anything else 0: positional and other named parameters would bind by accident of order. */
static int param_number(const char *name)
{
    if (!name || name[0] != '$')
        return 0;
    int n = 0;
    for (const char *p = name + 1; *p; p++) {
        if (*p < '0' || *p > '9' || n > SHRT_MAX / 10)
            return 0;
        n = n * 10 + (*p - '0');
    }
    return n;
}

/* Names are distinct, so n parameters all within 1..n leave no gap (invariant 1). */
static bool params_map(Db *db, Statement *s, Err *err)
{
    s->params = sqlite3_bind_parameter_count(s->stmt);
    s->order = arena_new(&db->mem, uint16_t, s->params + 1);
    for (int i = 1; i <= s->params; i++) {
        int n = param_number(sqlite3_bind_parameter_name(s->stmt, i));
        if (n < 1 || n > s->params)
            return err_set(err, ERR_BUG, "Statement %s must number its values $1 to $%d.", s->sql->name,
                           s->params);
        s->order[i] = (uint16_t)(n - 1);
    }
    return true;
}

static bool statement_prepare(Db *db, const Sql *sql, Statement *s, Err *err)
{
    const char *rest = NULL;
    *s = (Statement){ .sql = sql, .text = sql->text };
    if (!sql->text)
        return err_set(err, ERR_BUG, "Statement %s has no text.", sql->name ? sql->name : "without a name");
    int rc = sqlite3_prepare_v3(db->sqlite, sql->text, -1, SQLITE_PREPARE_PERSISTENT, &s->stmt, &rest);
    if (rc != SQLITE_OK)
        return db_fail(db, sql->name, rc, err);
    bool one = s->stmt && !rest[strspn(rest, " \t\r\n;")];
    if (one && params_map(db, s, err))
        return true;
    sqlite3_finalize(s->stmt);
    return one ? false : err_set(err, ERR_BUG, "%s must be one statement.", sql->name);
}

/* Finds an idle statement for `sql`, preparing one when there is none (invariant 2). */
static bool statement_take(Db *db, const Sql *sql, Statement **out, Err *err)
{
    if (db->slots_used * 2 >= db->slot_count)
        slots_grow(db);
    Statement **at = &db->slots[slot_of(db->slots, db->slot_count, sql)];
    for (Statement *s = *at; s; s = s->twin)
        if (!s->busy && s->text == sql->text) {
            *out = s;
            return true;
        }
    Statement made;
    if (!statement_prepare(db, sql, &made, err))
        return false;
    Statement *s = arena_new(&db->mem, Statement, 1);
    *s = made;
    db->slots_used += !*at;
    s->twin = *at;
    *at = s;
    *out = s;
    return true;
}

static int bind_one(sqlite3_stmt *stmt, int i, const Value *v, void (*keep)(void *))
{
    const char *at = v->bytes.at ? v->bytes.at : "";
    switch (v->type) {
    case VALUE_NULL: return sqlite3_bind_null(stmt, i);
    case VALUE_INT:  return sqlite3_bind_int64(stmt, i, v->number);
    case VALUE_REAL: return sqlite3_bind_double(stmt, i, v->real);
    case VALUE_TEXT: return sqlite3_bind_text64(stmt, i, at, v->bytes.len, keep, SQLITE_UTF8);
    case VALUE_BLOB: return sqlite3_bind_blob64(stmt, i, at, v->bytes.len, keep);
    }
    return SQLITE_MISUSE;
}

static void statement_give_back(Statement *s)
{
    sqlite3_reset(s->stmt);
    sqlite3_clear_bindings(s->stmt);
    s->busy = false;
}

static bool statement_bind(Db *db, Statement *s, Values values, void (*keep)(void *), Err *err)
{
    if (values.count != (size_t)s->params)
        return err_set(err, ERR_BUG, "Statement %s takes %d values, not %zu.", s->sql->name, s->params,
                       values.count);
    for (int i = 1; i <= s->params; i++) {
        int rc = bind_one(s->stmt, i, &values.at[s->order[i]], keep);
        if (rc != SQLITE_OK) {
            statement_give_back(s);
            return db_fail(db, s->sql->name, rc, err);
        }
    }
    return true;
}

bool store_check_statements(Db *db, const Sql *sqls, size_t count, Err *err)
{
    for (size_t i = 0; i < count; i++) {
        Statement s;
        if (!statement_prepare(db, &sqls[i], &s, err))
            return err_while(err, "checking statement %s", sqls[i].name);
        sqlite3_finalize(s.stmt);
    }
    return true;
}

/* ---- reading ---- */

/* Bound texts are copied: the caller's may be gone by the time rows_next steps. */
static bool query_start(Db *db, const Sql *sql, Values values, Rows *rows, Err *err)
{
    Statement *s = NULL;
    rows_done(rows);
    if (!statement_take(db, sql, &s, err))
        return false;
    if (!sqlite3_stmt_readonly(s->stmt))
        return err_set(err, ERR_BUG, "Statement %s writes: it belongs to db_run.", sql->name);
    if (!statement_bind(db, s, values, SQLITE_TRANSIENT, err))
        return false;
    s->busy = true;
    db->live_rows++;
    *rows = (Rows){ .stmt = s, .db = db, .columns = sqlite3_column_count(s->stmt) };
    return true;
}

bool db_query(Db *db, const Sql *sql, Values values, Rows *rows, Err *err)
{
    assert(db && sql && rows);
    return !db_fault(db, sql->name, err) && query_start(db, sql, values, rows, err);
}

/* The statement goes back as soon as the last row is passed, so a snapshot is never held by a forgotten Rows.
 */
bool rows_next(Rows *rows, bool *more, Err *err)
{
    *more = false;
    rows->live = false;
    if (!rows->stmt)
        return true;
    Statement *s = rows->stmt;
    Db *db = rows->db;
    int rc = sqlite3_step(s->stmt);
    if (rc == SQLITE_ROW)
        return *more = rows->live = true;
    bool ok = rc == SQLITE_DONE || db_fail(db, s->sql->name, rc, err);
    rows_done(rows);
    return ok;
}

void rows_done(Rows *rows)
{
    if (rows->stmt) {
        statement_give_back(rows->stmt);
        rows->db->live_rows--;
    }
    *rows = (Rows){0};
}

static sqlite3_stmt *row_at(const Rows *rows, int col)
{
    assert(rows->live && col >= 0 && col < rows->columns);
    return ((Statement *)rows->stmt)->stmt;
}

bool row_null(const Rows *rows, int col)
{
    return sqlite3_column_type(row_at(rows, col), col) == SQLITE_NULL;
}
int64_t row_int(const Rows *rows, int col)  { return sqlite3_column_int64(row_at(rows, col), col); }
int64_t row_when(const Rows *rows, int col)
{
    return row_null(rows, col) ? INSTANT_NONE : row_int(rows, col);
}
int32_t row_date(const Rows *rows, int col)
{
    return row_null(rows, col) ? DATE_NONE : (int32_t)row_int(rows, col);
}
double  row_real(const Rows *rows, int col) { return sqlite3_column_double(row_at(rows, col), col); }
bool    row_bool(const Rows *rows, int col) { return row_int(rows, col) != 0; }

const char *row_text(const Rows *rows, int col)
{
    return (const char *)sqlite3_column_text(row_at(rows, col), col);
}

char *row_copy(const Rows *rows, int col, Arena *mem)
{
    const char *text = row_text(rows, col);
    return text ? str_copy_n(mem, text, (size_t)sqlite3_column_bytes(row_at(rows, col), col)) : NULL;
}

Str row_blob(const Rows *rows, int col)
{
    sqlite3_stmt *stmt = row_at(rows, col);
    const char *at = sqlite3_column_blob(stmt, col);
    return at ? (Str){ at, (size_t)sqlite3_column_bytes(stmt, col) } : (Str){ "", 0 };
}

bool db_int(Db *db, const Sql *sql, Values values, int64_t *out, bool *found, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    *found = false;
    if (!db_query(db, sql, values, &rows, err) || !rows_next(&rows, found, err))
        return false;
    if (*found)
        *out = row_int(&rows, 0);
    return true;
}

bool db_snapshot(Db *db, Err *err)
{
    assert(!db->is_writer);
    if (db->in_snapshot)
        return err_set(err, ERR_BUG, "A read snapshot is open already.");
    if (!db_exec(db, &store_sql[STORE_BEGIN_READ], err))
        return false;
    db->in_snapshot = true;
    if (db_exec(db, &store_sql[STORE_TOUCH], err))
        return true;
    db_release(db);
    return false;
}

/* Ending a transaction that only read cannot fail in a way anyone could act on. */
void db_release(Db *db)
{
    if (!db->in_snapshot)
        return;
    Err ignored = {0};
    db->in_snapshot = false;
    if (!db_exec(db, &store_sql[STORE_COMMIT], &ignored))
        assert(!"a read snapshot did not end");
}

/* ---- writing ---- */

/* Runs to the end at once, so the caller's texts can be bound without copying. */
static bool run_all(Db *db, const Sql *sql, Values values, Err *err)
{
    Statement *s = NULL;
    int rc = SQLITE_ROW;
    if (!statement_take(db, sql, &s, err) || !statement_bind(db, s, values, SQLITE_STATIC, err))
        return false;
    while (rc == SQLITE_ROW)
        rc = sqlite3_step(s->stmt);
    bool ok = rc == SQLITE_DONE || db_fail(db, sql->name, rc, err);
    statement_give_back(s);
    return ok;
}

bool db_exec(Db *db, const Sql *sql, Err *err)
{
    return run_all(db, sql, NO_VALUES, err);
}

bool db_script(Db *db, const char *name, const char *text, Err *err)
{
    int rc = sqlite3_exec(db->sqlite, text, NULL, NULL, NULL);
    return rc == SQLITE_OK || db_fail(db, name, rc, err);
}

bool db_run(Tx *tx, const Sql *sql, Values values, Err *err)
{
    assert(tx && tx->open && tx->db->in_command && sql);     /* invariant 3 */
    return !db_fault(tx->db, sql->name, err) && run_all(tx->db, sql, values, err);
}

bool db_run_count(Tx *tx, const Sql *sql, Values values, int64_t *changed, Err *err)
{
    if (!db_run(tx, sql, values, err))
        return false;
    *changed = sqlite3_changes64(tx->db->sqlite);
    return true;
}

int64_t tx_last_id(Tx *tx)
{
    assert(tx && tx->open && tx->db->in_command);
    return sqlite3_last_insert_rowid(tx->db->sqlite);
}
