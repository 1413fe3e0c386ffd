/* store_test.c: opening, reading, statements, schema steps, backups and digests. */
#include "store/store.h"
#include "base/test.h"
#include <pthread.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include "base/digest.h"
#include "base/source.h"
#include "base/when.h"
#include "store/inside.h"
#include "store/store_testing.h"

static const SchemaStep steps[] = {
    { 1, "001_item.sql",
      "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT UNIQUE, weight REAL, body BLOB) STRICT;"
      "CREATE TABLE part (item INTEGER NOT NULL REFERENCES item (id), place INTEGER NOT NULL,"
      " PRIMARY KEY (item, place)) WITHOUT ROWID;" },
    { 2, "002_more.sql",
      "CREATE TABLE live_seat (id INTEGER PRIMARY KEY); CREATE TABLE ledger_leaf (id INTEGER);"
      "CREATE TABLE pair (a, \"b\"\"c\");" },
    { 3, "003_late.sql", "ALTER TABLE item ADD COLUMN late INTEGER;" },
};
#define STEPS(n) ((SchemaSteps){ steps, (n) })

enum { ADD, ADD_FULL, ADD_PART, COUNT, ALL, BY_NAME, SWAPPED, RENAME, WIPE, PAIR, SUM, GAP, SQL__COUNT };
static const Sql sqls[SQL__COUNT] = {
    [ADD]        = { "t.add",        "INSERT INTO item (name) VALUES ($1)" },
    [ADD_FULL]   = { "t.add_full",   "INSERT INTO item (id, name, weight, body) VALUES ($1, $2, $3, $4)" },
    [ADD_PART]   = { "t.add_part",   "INSERT INTO part (item, place) VALUES ($1, $2)" },
    [COUNT]      = { "t.count",      "SELECT count(*) FROM item" },
    [ALL]        = { "t.all",        "SELECT id, name, weight, body FROM item ORDER BY id" },
    [BY_NAME]    = { "t.by_name",    "SELECT id FROM item WHERE name = $1" },
    [SWAPPED]    = { "t.swapped",    "SELECT $2 || $1 || $2" },
    [GAP]        = { "t.gap",        "SELECT $1, $3" },
    [RENAME]     = { "t.rename",     "UPDATE item SET name = $2 WHERE id = $1" },
    [WIPE]       = { "t.wipe",       "DELETE FROM item" },
    [PAIR]       = { "t.pair",       "INSERT INTO pair (a, \"b\"\"c\") VALUES ($1, $2)" },
    [SUM]        = { "t.sum",        "SELECT coalesce(sum(id), 0) FROM item" },
};

/* One bound statement as a command. */
typedef struct One { int sql; Values values; int64_t id, changed; } One;
static bool one_command(Tx *tx, void *ctx, Err *err)
{
    One *one = ctx;
    if (!db_run_count(tx, &sqls[one->sql], one->values, &one->changed, err))
        return false;
    one->id = tx_last_id(tx);
    return true;
}

static bool run(Store *store, int sql, Values values, Err *err)
{
    One one = { .sql = sql, .values = values };
    return writer_run(store, one_command, &one, err);
}

static void open_with(TestStore *t, size_t step_count, StoreOptions opt)
{
    Err err = {0};
    if (!t->folder[0])
        testing_folder(t);
    store_close(t->store);
    t->store = NULL;
    CHECK_OK(store_open_with(t->path, opt, STEPS(step_count), &t->store, &err), &err);
}

static void open_new(TestStore *t)
{
    open_with(t, 2, (StoreOptions){ .create = true });
}

static int64_t count_at(const char *path, size_t step_count)
{
    Err err = {0};
    Store *store = NULL;
    Db *db = NULL;
    int64_t n = -1;
    bool found;
    CHECK_OK(store_open_with(path, (StoreOptions){ .read_only = true }, STEPS(step_count), &store, &err),
             &err);
    CHECK_OK(store_reader(store, &db, &err), &err);
    CHECK_OK(db_int(db, &sqls[COUNT], NO_VALUES, &n, &found, &err), &err);
    store_reader_close(db);
    store_close(store);
    return n;
}

static int64_t count_of(Db *db)
{
    Err err = {0};
    int64_t n = -1;
    bool found;
    CHECK_OK(db_int(db, &sqls[COUNT], NO_VALUES, &n, &found, &err), &err);
    return n;
}

/* ---- opening ---- */

TEST(what_is_written_is_there_after_reopening)
{
    CLEANUP(testing_done) TestStore t = {0};
    Err err = {0};
    open_new(&t);
    CHECK_OK(run(t.store, ADD, VALUES(sql_text("one")), &err), &err);
    CHECK_OK(run(t.store, ADD, VALUES(sql_text("two")), &err), &err);
    CHECK_TEXT(store_path(t.store), t.path);
    open_with(&t, 2, (StoreOptions){0});
    store_close(t.store);
    t.store = NULL;
    CHECK_INT(count_at(t.path, 2), 2);
}

TEST(creating_over_a_file_is_a_conflict_and_leaves_it)
{
    CLEANUP(testing_done) TestStore t = {0};
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    Store *store = NULL;
    Str got;
    testing_folder(&t);
    CHECK_OK(file_write(t.path, STR("a letter"), &err), &err);
    CHECK_FAILS(store_open_with(t.path, (StoreOptions){ .create = true }, STEPS(2), &store, &err), &err,
                ERR_CONFLICT);
    CHECK_OK(file_read(&mem, t.path, 100, &got, &err), &err);
    CHECK(str_eq(got, STR("a letter")));
}

TEST(only_a_muster_database_opens)
{
    CLEANUP(testing_done) TestStore t = {0};
    Err err = {0};
    Store *store = NULL;
    sqlite3 *other = NULL;
    testing_folder(&t);
    CHECK_FAILS(store_open_with(t.path, (StoreOptions){0}, STEPS(2), &store, &err), &err, ERR_NOT_FOUND);
    CHECK_FAILS(store_open_with(t.folder, (StoreOptions){0}, STEPS(2), &store, &err), &err, ERR_INVALID);
    CHECK_OK(file_write(t.path, STR(""), &err), &err);
    CHECK_FAILS(store_open_with(t.path, (StoreOptions){0}, STEPS(2), &store, &err), &err, ERR_INVALID);
    CHECK_OK(file_write(t.path, STR("Dear sir, this is a text of some length and no database at all."), &err),
             &err);
    CHECK_FAILS(store_open_with(t.path, (StoreOptions){0}, STEPS(2), &store, &err), &err, ERR_INVALID);
    unlink(t.path);
    CHECK_INT(sqlite3_open(t.path, &other), SQLITE_OK);
    CHECK_INT(sqlite3_exec(other, "CREATE TABLE theirs (x)", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
    CHECK_FAILS(store_open_with(t.path, (StoreOptions){0}, STEPS(2), &store, &err), &err, ERR_INVALID);
    CHECK(store == NULL);
}

TEST(nobody_else_may_read_the_file)
{
    CLEANUP(testing_done) TestStore t = {0};
    struct stat st;
    open_new(&t);
    CHECK_INT(stat(t.path, &st), 0);
    CHECK_INT(st.st_mode & 0777, 0600);
}

TEST(a_failed_creation_leaves_no_file)
{
    static const SchemaStep broken[] = { { 1, "001_broken.sql", "CREATE TABLE a (x); CREATE TABLE a (x);" } };
    CLEANUP(testing_done) TestStore t = {0};
    Err err = {0};
    Store *store = NULL;
    testing_folder(&t);
    CHECK_FAILS(
        store_open_with(t.path, (StoreOptions){ .create = true }, (SchemaSteps){ broken, 1 }, &store, &err),
        &err, ERR_BUG);
    CHECK(access(t.path, F_OK) != 0);
}

TEST(read_only_refuses_commands)
{
    CLEANUP(testing_done) TestStore t = {0};
    Err err = {0};
    open_new(&t);
    open_with(&t, 2, (StoreOptions){ .read_only = true });
    CHECK_FAILS(run(t.store, ADD, VALUES(sql_text("x")), &err), &err, ERR_DENIED);
}

/* ---- schema steps ---- */

TEST(missing_steps_are_applied_once)
{
    CLEANUP(testing_done) TestStore t = {0};
    Err err = {0};
    Db *db = NULL;
    static const Sql late = { "t.late", "SELECT count(late) FROM item" };
    open_new(&t);
    CHECK_OK(run(t.store, ADD, VALUES(sql_text("kept")), &err), &err);
    open_with(&t, 3, (StoreOptions){0});
    open_with(&t, 3, (StoreOptions){0});
    CHECK_OK(store_reader(t.store, &db, &err), &err);
    CHECK_OK(store_check_statements(db, &late, 1, &err), &err);
    CHECK_INT(count_of(db), 1);
    store_reader_close(db);
}

TEST(a_newer_schema_is_refused_and_named)
{
    CLEANUP(testing_done) TestStore t = {0};
    Err err = {0};
    Store *store = NULL;
    open_with(&t, 3, (StoreOptions){ .create = true });
    store_close(t.store);
    t.store = NULL;
    CHECK(!store_open_with(t.path, (StoreOptions){0}, STEPS(2), &store, &err));
    CHECK_INT(err.kind, ERR_INVALID);
    CHECK_TEXT(err.told, "This database was made by a newer Muster.");
}

TEST(an_older_schema_is_not_touched_when_reading_only)
{
    CLEANUP(testing_done) TestStore t = {0};
    Err err = {0};
    Store *store = NULL;
    open_new(&t);
    store_close(t.store);
    t.store = NULL;
    CHECK_FAILS(store_open_with(t.path, (StoreOptions){ .read_only = true }, STEPS(3), &store, &err), &err,
                ERR_INVALID);
    CHECK_INT(count_at(t.path, 2), 0);
}

TEST(an_altered_step_is_refused)
{
    SchemaStep other[] = { steps[0], steps[1] };
    CLEANUP(testing_done) TestStore t = {0};
    Err err = {0};
    Store *store = NULL;
    open_new(&t);
    store_close(t.store);
    t.store = NULL;
    other[0].text = "CREATE TABLE item (id INTEGER PRIMARY KEY)";
    CHECK_FAILS(store_open_with(t.path, (StoreOptions){ 0 }, (SchemaSteps){ other, 2 }, &store, &err), &err,
                ERR_INVALID);
}

TEST(a_broken_step_leaves_the_database_at_the_old_version)
{
    SchemaStep more[] = { steps[0],
                          steps[1],
                          steps[2],
                          { 4, "004_bad.sql",
                            "PRAGMA defer_foreign_keys = ON; INSERT INTO part VALUES (999, 1);" } };
    CLEANUP(testing_done) TestStore t = {0};
    Err err = {0};
    Store *store = NULL;
    open_new(&t);
    CHECK_OK(run(t.store, ADD, VALUES(sql_text("kept")), &err), &err);
    store_close(t.store);
    t.store = NULL;
    CHECK_FAILS(store_open_with(t.path, (StoreOptions){ 0 }, (SchemaSteps){ more, 4 }, &store, &err), &err,
                ERR_BUG);
    CHECK_INT(count_at(t.path, 2), 1);
}

TEST(the_embedded_steps_open_a_database)
{
    CLEANUP(testing_done) TestStore t = {0};
    CLEANUP(arena_done) Arena mem = {0};
    SchemaSteps own = {0};
    Err err = {0};
    CHECK_OK(schema_steps(&mem, &own, &err), &err);
    testing_open(&t);
    testing_reopen(&t, (StoreOptions){0});
    for (size_t i = 0; i < own.count; i++)
        CHECK_INT(own.at[i].number, i + 1);
}

/* Killed between marking the file and its first step: the next start finishes the work. */
TEST(a_half_made_database_is_finished)
{
    CLEANUP(testing_done) TestStore t = {0};
    open_with(&t, 0, (StoreOptions){ .create = true });
    open_with(&t, 2, (StoreOptions){0});
    store_close(t.store);
    t.store = NULL;
    CHECK_INT(count_at(t.path, 2), 0);
}

/* ---- values, statements and rows ---- */

TEST(values_are_read_back_as_they_were)
{
    CLEANUP(testing_done) TestStore t = {0};
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(rows_done) Rows rows = {0};
    Err err = {0};
    Db *db = NULL;
    bool more;
    open_new(&t);
    CHECK_OK(run(t.store, ADD_FULL,
                 VALUES(sql_id(7), sql_str((Str){ "caféX", 5 }), sql_real(0.1), sql_blob("a\0b", 3)), &err),
             &err);
    CHECK_OK(run(t.store, ADD_FULL, VALUES(sql_id(0), sql_text(NULL), sql_null(), sql_blob("", 0)), &err),
             &err);
    CHECK_OK(store_reader(t.store, &db, &err), &err);
    CHECK_OK(db_query(db, &sqls[ALL], NO_VALUES, &rows, &err), &err);
    CHECK_OK(rows_next(&rows, &more, &err), &err);
    CHECK(more);
    CHECK_INT(row_int(&rows, 0), 7);
    CHECK_TEXT(row_copy(&rows, 1, &mem), "café");
    CHECK(row_real(&rows, 2) == 0.1);
    CHECK(str_eq(row_blob(&rows, 3), (Str){ "a\0b", 3 }));
    CHECK_OK(rows_next(&rows, &more, &err), &err);
    CHECK(more);
    CHECK_INT(row_int(&rows, 0), 8);                  /* 0 bound NULL, so the table gave the next id */
    CHECK(row_text(&rows, 1) == NULL && row_copy(&rows, 1, &mem) == NULL);
    CHECK(row_null(&rows, 2) && !row_null(&rows, 3));
    CHECK(row_real(&rows, 2) == 0 && !row_bool(&rows, 2));
    CHECK(row_when(&rows, 2) == INSTANT_NONE && row_date(&rows, 2) == DATE_NONE);
    CHECK_INT(row_blob(&rows, 3).len, 0);
    CHECK_OK(rows_next(&rows, &more, &err), &err);
    CHECK(!more);
    CHECK_OK(rows_next(&rows, &more, &err), &err);    /* past the end stays the end */
    CHECK(!more);
    store_reader_close(db);
}

TEST(none_values_bind_null)
{
    CHECK_INT(sql_id(0).type, VALUE_NULL);
    CHECK_INT(sql_when(INSTANT_NONE).type, VALUE_NULL);
    CHECK_INT(sql_date(DATE_NONE).type, VALUE_NULL);
    CHECK_INT(sql_text(NULL).type, VALUE_NULL);
    CHECK_INT(sql_when(0).type, VALUE_INT);
    CHECK_INT(sql_date(0).type, VALUE_INT);
    CHECK_INT(sql_int(0).type, VALUE_INT);
    CHECK_INT(sql_bool(true).number, 1);
    CHECK_INT(sql_text("").type, VALUE_TEXT);
}

TEST(values_go_by_number_not_by_place)
{
    CLEANUP(testing_done) TestStore t = {0};
    CLEANUP(rows_done) Rows rows = {0};
    Err err = {0};
    Db *db = NULL;
    bool more;
    open_new(&t);
    CHECK_OK(store_reader(t.store, &db, &err), &err);
    CHECK_OK(db_query(db, &sqls[SWAPPED], VALUES(sql_text("a"), sql_text("b")), &rows, &err), &err);
    CHECK_OK(rows_next(&rows, &more, &err), &err);
    CHECK_TEXT(row_text(&rows, 0), "bab");
    rows_done(&rows);
    store_reader_close(db);
}

TEST(a_statement_that_does_not_fit_is_a_bug)
{
    static const struct { const char *name; Sql sql; size_t values; } cases[] = {
        { "too few values",       { "t.few",   "SELECT $1, $2" },                      1 },
        { "too many values",      { "t.many",  "SELECT $1" },                          2 },
        { "values for none",      { "t.none",  "SELECT 1" },                           1 },
        { "a gap in the numbers", { "t.gap",   "SELECT $1, $3" },                      2 },
        { "zero",                 { "t.zero",  "SELECT $0" },                          1 },
        { "positional",           { "t.pos",   "SELECT ?" },                           1 },
        { "named",                { "t.named", "SELECT $name" },                       1 },
        { "two statements",       { "t.two",   "SELECT 1; SELECT 2" },                 0 },
        { "empty",                { "t.empty", "  " },                                 0 },
        { "missing",              { "t.null",  NULL },                                 0 },
        { "no such table",        { "t.table", "SELECT x FROM nowhere" },              0 },
        { "not SQL",              { "t.not",   "SELEC 1" },                            0 },
        { "a write",              { "t.write", "DELETE FROM item" },                   0 },
    };
    CLEANUP(testing_done) TestStore t = {0};
    Err err = {0};
    Db *db = NULL;
    Value values[2] = { sql_int(1), sql_int(2) };
    open_new(&t);
    CHECK_OK(store_reader(t.store, &db, &err), &err);
    FOR_EACH(c, cases) {
        CLEANUP(rows_done) Rows rows = {0};
        bool ok = db_query(db, &c->sql, (Values){ values, c->values }, &rows, &err);
        if (ok || err.kind != ERR_BUG)
            print_error("%s: %s\n", c->name, err.told);
        CHECK_FAILS(ok, &err, ERR_BUG);
    }
    store_reader_close(db);
}

TEST(checking_statements_names_the_bad_one)
{
    CLEANUP(testing_done) TestStore t = {0};
    Err err = {0};
    Db *db = NULL;
    open_new(&t);
    CHECK_OK(store_reader(t.store, &db, &err), &err);
    CHECK_OK(store_check_statements(db, sqls, GAP, &err), &err);
    CHECK(!store_check_statements(db, sqls, SQL__COUNT, &err));
    CHECK(strstr(err.trail, "t.gap") != NULL);
    store_reader_close(db);
}

TEST(one_statement_may_be_walked_twice_at_once)
{
    CLEANUP(testing_done) TestStore t = {0};
    Err err = {0};
    Db *db = NULL;
    int seen = 0;
    open_new(&t);
    for (int i = 0; i < 5; i++)
        CHECK_OK(run(t.store, ADD, VALUES(sql_null()), &err), &err);
    CHECK_OK(store_reader(t.store, &db, &err), &err);
    for (int again = 0; again < 2; again++) {
        CLEANUP(rows_done) Rows outer = {0};
        bool more, more_inside;
        CHECK_OK(db_query(db, &sqls[ALL], NO_VALUES, &outer, &err), &err);
        CHECK_OK(rows_next(&outer, &more, &err), &err);
        for (int64_t id = 1; more; id++) {
            CLEANUP(rows_done) Rows inner = {0};
            CHECK_OK(db_query(db, &sqls[ALL], NO_VALUES, &inner, &err), &err);
            CHECK_OK(rows_next(&inner, &more_inside, &err), &err);
            CHECK(more_inside && row_int(&inner, 0) == 1 && row_int(&outer, 0) == id);
            CHECK_OK(rows_next(&outer, &more, &err), &err);
            seen++;
        }
    }
    CHECK_INT(seen, 10);
    store_reader_close(db);
}

/* More statements than the cache starts with, each found again. */
TEST(the_statement_cache_grows)
{
    enum { MANY = 500 };
    CLEANUP(testing_done) TestStore t = {0};
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    Db *db = NULL;
    Sql *many = arena_new(&mem, Sql, MANY);
    open_new(&t);
    CHECK_OK(store_reader(t.store, &db, &err), &err);
    for (int i = 0; i < MANY; i++)
        many[i] = (Sql){ "t.many", str_fmt(&mem, "SELECT %d", i) };
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < MANY; i++) {
            int64_t got = -1;
            bool found;
            CHECK_OK(db_int(db, &many[i], NO_VALUES, &got, &found, &err), &err);
            CHECK_INT(got, i);
        }
    CHECK_INT(db->slots_used, MANY);
    store_reader_close(db);
}

TEST(bound_text_is_kept_until_the_rows_are_read)
{
    CLEANUP(testing_done) TestStore t = {0};
    CLEANUP(rows_done) Rows rows = {0};
    Err err = {0};
    Db *db = NULL;
    char name[] = "wanted";
    bool more;
    open_new(&t);
    CHECK_OK(run(t.store, ADD, VALUES(sql_text("wanted")), &err), &err);
    CHECK_OK(store_reader(t.store, &db, &err), &err);
    CHECK_OK(db_query(db, &sqls[BY_NAME], VALUES(sql_text(name)), &rows, &err), &err);
    memset(name, '#', sizeof name - 1);
    CHECK_OK(rows_next(&rows, &more, &err), &err);
    CHECK(more);
    rows_done(&rows);
    store_reader_close(db);
}

TEST(db_int_says_when_there_is_no_row)
{
    CLEANUP(testing_done) TestStore t = {0};
    Err err = {0};
    Db *db = NULL;
    int64_t id = 42;
    bool found = true;
    open_new(&t);
    CHECK_OK(store_reader(t.store, &db, &err), &err);
    CHECK_OK(db_int(db, &sqls[BY_NAME], VALUES(sql_text("absent")), &id, &found, &err), &err);
    CHECK(!found && id == 42);
    store_reader_close(db);
}

/* ---- snapshots ---- */

TEST(a_snapshot_does_not_move)
{
    CLEANUP(testing_done) TestStore t = {0};
    Err err = {0};
    Db *db = NULL;
    open_new(&t);
    CHECK_OK(run(t.store, ADD, VALUES(sql_text("before")), &err), &err);
    CHECK_OK(store_reader(t.store, &db, &err), &err);
    CHECK_OK(db_snapshot(db, &err), &err);
    CHECK_OK(run(t.store, ADD, VALUES(sql_text("after")), &err), &err);
    CHECK_INT(count_of(db), 1);                       /* fixed by db_snapshot, not by this first query */
    CHECK_FAILS(db_snapshot(db, &err), &err, ERR_BUG);
    db_release(db);
    CHECK_INT(count_of(db), 2);
    db_release(db);                                   /* harmless */
    store_reader_close(db);
}

TEST(rows_do_not_move_while_they_are_walked)
{
    CLEANUP(testing_done) TestStore t = {0};
    CLEANUP(rows_done) Rows rows = {0};
    Err err = {0};
    Db *db = NULL;
    bool more;
    open_new(&t);
    for (int i = 0; i < 3; i++)
        CHECK_OK(run(t.store, ADD, VALUES(sql_null()), &err), &err);
    CHECK_OK(store_reader(t.store, &db, &err), &err);
    CHECK_OK(db_query(db, &sqls[ALL], NO_VALUES, &rows, &err), &err);
    CHECK_OK(rows_next(&rows, &more, &err), &err);
    CHECK_OK(run(t.store, WIPE, NO_VALUES, &err), &err);
    for (int i = 0; i < 2; i++) {
        CHECK_OK(rows_next(&rows, &more, &err), &err);
        CHECK(more);
    }
    CHECK_OK(rows_next(&rows, &more, &err), &err);
    CHECK(!more);
    CHECK_INT(count_of(db), 0);
    store_reader_close(db);
}

/* ---- errors by kind ---- */

TEST(refused_writes_say_what_to_do)
{
    CLEANUP(testing_done) TestStore t = {0};
    Err err = {0};
    open_new(&t);
    CHECK_OK(run(t.store, ADD, VALUES(sql_text("same")), &err), &err);
    CHECK_FAILS(run(t.store, ADD, VALUES(sql_text("same")), &err), &err, ERR_CONFLICT);
    CHECK_FAILS(run(t.store, ADD_PART, VALUES(sql_id(999), sql_int(1)), &err), &err, ERR_BUG);
    CHECK_FAILS(run(t.store, ADD_PART, VALUES(sql_id(1), sql_null()), &err), &err, ERR_BUG);
}

TEST(changes_are_counted)
{
    CLEANUP(testing_done) TestStore t = {0};
    Err err = {0};
    open_new(&t);
    One add = { .sql = ADD, .values = VALUES(sql_text("a")) };
    CHECK_OK(writer_run(t.store, one_command, &add, &err), &err);
    CHECK_INT(add.id, 1);
    One rename = { .sql = RENAME, .values = VALUES(sql_int(1), sql_text("b")) };
    CHECK_OK(writer_run(t.store, one_command, &rename, &err), &err);
    CHECK_INT(rename.changed, 1);
    One miss = { .sql = RENAME, .values = VALUES(sql_int(2), sql_text("c")) };
    CHECK_OK(writer_run(t.store, one_command, &miss, &err), &err);
    CHECK_INT(miss.changed, 0);
}

/* ---- backups ---- */

typedef struct Load { Store *store; atomic_bool stop; atomic_int written; bool failed; } Load;

/* Writes ids 1, 2, 3 … in order: any consistent copy holds an unbroken run from 1. */
static void *load_main(void *arg)
{
    Load *load = arg;
    Err err = {0};
    static const char filling[2000] = {0};
    while (!atomic_load(&load->stop)) {
        if (!run(load->store, ADD_FULL,
                 VALUES(sql_null(), sql_null(), sql_null(), sql_blob(filling, sizeof filling)), &err)) {
            load->failed = true;
            break;
        }
        atomic_fetch_add(&load->written, 1);
    }
    return NULL;
}

/* Ids from 1 without a gap: the count and the sum agree. */
static void unbroken_check(const char *path, int64_t count)
{
    Err err = {0};
    Store *store = NULL;
    Db *db = NULL;
    int64_t sum = -1;
    bool found;
    CHECK_OK(store_open_with(path, (StoreOptions){ .read_only = true }, STEPS(2), &store, &err), &err);
    CHECK_OK(store_reader(store, &db, &err), &err);
    CHECK_OK(db_int(db, &sqls[SUM], NO_VALUES, &sum, &found, &err), &err);
    CHECK_INT(sum, count * (count + 1) / 2);
    store_reader_close(db);
    store_close(store);
}

typedef struct Seen { Load *load; int calls; int64_t done, total; int written; } Seen;

/* Each step waits until the writer has written more, so writes certainly fall between steps. */
static void seen_progress(void *ctx, int64_t done, int64_t total)
{
    Seen *seen = ctx;
    int before = atomic_load(&seen->load->written);
    while (atomic_load(&seen->load->written) == before && !seen->load->failed)
        sched_yield();
    seen->calls++;
    CHECK(done >= seen->done && done <= total);
    seen->done = done;
    seen->total = total;
}

TEST(a_backup_under_writing_is_the_database_as_it_was)
{
    CLEANUP(testing_done) TestStore t = {0};
    Err err = {0};
    char to[400], wal[400];
    pthread_t thread;
    open_with(&t, 2, (StoreOptions){ .create = true, .unsafe_fast = true });
    Load load = { .store = t.store };
    Seen seen = { .load = &load };
    snprintf(to, sizeof to, "%s/copy.db", t.folder);
    snprintf(wal, sizeof wal, "%s/copy.db-wal", t.folder);
    CHECK_INT(pthread_create(&thread, NULL, load_main, &load), 0);
    while (atomic_load(&load.written) < 8000 && !load.failed)
        sched_yield();
    int before = atomic_load(&load.written);
    CHECK_OK(store_backup(t.store, to, &(StoreBackup){ seen_progress, &seen, NULL, NULL }, &err), &err);
    int after = atomic_load(&load.written);
    atomic_store(&load.stop, true);
    pthread_join(thread, NULL);
    CHECK(!load.failed);
    CHECK(seen.calls >= 4 && seen.done == seen.total);
    CHECK(access(wal, F_OK) != 0);
    CHECK_INT(chmod(to, 0400), 0);
    int64_t copied = count_at(to, 2);
    CHECK(copied >= before && copied < after);
    unbroken_check(to, copied);
}

/* A restored copy is an ordinary database again: it opens for writing and takes commands. */
TEST(a_backup_can_be_opened_and_written)
{
    CLEANUP(testing_done) TestStore t = {0};
    Err err = {0};
    char to[400];
    open_new(&t);
    CHECK_OK(run(t.store, ADD, VALUES(sql_text("one")), &err), &err);
    snprintf(to, sizeof to, "%s/copy.db", t.folder);
    CHECK_OK(store_backup(t.store, to, &(StoreBackup){ 0 }, &err), &err);
    CHECK_FAILS(store_backup(t.store, to, &(StoreBackup){ 0 }, &err), &err, ERR_CONFLICT);
    Store *copy = NULL;
    CHECK_OK(store_open_with(to, (StoreOptions){0}, STEPS(2), &copy, &err), &err);
    CHECK_OK(run(copy, ADD, VALUES(sql_text("two")), &err), &err);
    store_close(copy);
    CHECK_INT(count_at(to, 2), 2);
    snprintf(to, sizeof to, "%s/no/such/folder.db", t.folder);
    CHECK_FAILS(store_backup(t.store, to, &(StoreBackup){ 0 }, &err), &err, ERR_STORE);
}

/* What belongs beside the copy is told of a checked copy without its name; if it fails, there is no copy. */
typedef struct Beside { const char *to; bool fine, named; int64_t rows; } Beside;
static bool beside_look(void *ctx, Db *copy, Err *err)
{
    Beside *b = ctx;
    bool found = false;
    b->named = access(b->to, F_OK) == 0;
    return db_int(copy, &sqls[COUNT], NO_VALUES, &b->rows, &found, err) &&
           (b->fine || err_set(err, ERR_STORE, "A file is missing."));
}

TEST(a_backup_without_what_belongs_beside_it_is_none)
{
    CLEANUP(testing_done) TestStore t = {0};
    Err err = {0};
    char to[400];
    open_new(&t);
    CHECK_OK(run(t.store, ADD, VALUES(sql_text("one")), &err), &err);
    snprintf(to, sizeof to, "%s/copy.db", t.folder);
    Beside b = { .to = to };
    StoreBackup with = { .beside = beside_look, .beside_ctx = &b };
    CHECK_FAILS(store_backup(t.store, to, &with, &err), &err, ERR_STORE);
    CHECK(access(to, F_OK) != 0);
    b.fine = true;
    err = (Err){0};
    CHECK_OK(store_backup(t.store, to, &with, &err), &err);
    CHECK(!b.named);
    CHECK_INT(b.rows, 1);
    CHECK_INT(count_at(to, 2), 1);
}

/* ---- digests ---- */

static Sha256 digest_of(Store *store, const char *table, int64_t *rows)
{
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    Db *db = NULL;
    TableDigest *all = NULL;
    Sha256 out = {0};
    size_t count = 0;
    CHECK_OK(store_reader(store, &db, &err), &err);
    CHECK_OK(store_projection_digests(db, &mem, &all, &count, &err), &err);
    CHECK_INT(count, 3);                              /* item, pair, part: not ledger_, live_ or schema_ */
    for (size_t i = 0; i < count; i++)
        if (str_same(all[i].table, table)) {
            memcpy(out.bytes, all[i].sha256, 32);
            *rows = all[i].rows;
        }
    store_reader_close(db);
    return out;
}

TEST(digests_do_not_depend_on_the_order_of_writing)
{
    static const int64_t orders[][3] = { { 1, 2, 3 }, { 3, 1, 2 } };
    Sha256 item[2], part[2];
    int64_t rows = 0;
    Err err = {0};
    for (int o = 0; o < 2; o++) {
        CLEANUP(testing_done) TestStore t = {0};
        open_new(&t);
        for (int i = 0; i < 3; i++) {
            int64_t id = orders[o][i];
            CHECK_OK(run(t.store, ADD_FULL, VALUES(sql_id(id), sql_null(), sql_real((double)id), sql_null()),
                         &err),
                     &err);
            CHECK_OK(run(t.store, ADD_PART, VALUES(sql_id(id), sql_int(-id)), &err), &err);
        }
        item[o] = digest_of(t.store, "item", &rows);
        CHECK_INT(rows, 3);
        part[o] = digest_of(t.store, "part", &rows);
    }
    CHECK(sha256_same(&item[0], &item[1]) && sha256_same(&part[0], &part[1]));
}

TEST(digests_tell_types_and_places_apart)
{
    const Value pairs[][2] = {
        { sql_int(1), sql_null() },      { sql_real(1), sql_null() },     { sql_text("1"), sql_null() },
        { sql_blob("1", 1), sql_null() },{ sql_null(), sql_int(1) },      { sql_text("ab"), sql_text("c") },
        { sql_text("a"), sql_text("bc") },{ sql_text(""), sql_null() },   { sql_null(), sql_null() },
        { sql_text("a"), sql_null() }, { sql_str((Str){ "a\0b", 3 }), sql_null() },
    };
    Sha256 got[COUNT_OF(pairs)];
    int64_t rows = 0;
    Err err = {0};
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        CLEANUP(testing_done) TestStore t = {0};
        open_new(&t);
        CHECK_OK(run(t.store, PAIR, (Values){ pairs[i], 2 }, &err), &err);
        got[i] = digest_of(t.store, "pair", &rows);
        CHECK_INT(rows, 1);
        for (size_t j = 0; j < i; j++)
            CHECK(!sha256_same(&got[i], &got[j]));
    }
}

TEST_MAIN(what_is_written_is_there_after_reopening, creating_over_a_file_is_a_conflict_and_leaves_it,
          only_a_muster_database_opens, nobody_else_may_read_the_file, a_failed_creation_leaves_no_file,
          read_only_refuses_commands, missing_steps_are_applied_once, a_newer_schema_is_refused_and_named,
          an_older_schema_is_not_touched_when_reading_only, an_altered_step_is_refused,
          a_broken_step_leaves_the_database_at_the_old_version, the_embedded_steps_open_a_database,
          a_half_made_database_is_finished, values_are_read_back_as_they_were, none_values_bind_null,
          values_go_by_number_not_by_place, a_statement_that_does_not_fit_is_a_bug,
          checking_statements_names_the_bad_one, one_statement_may_be_walked_twice_at_once,
          the_statement_cache_grows, bound_text_is_kept_until_the_rows_are_read,
          db_int_says_when_there_is_no_row, a_snapshot_does_not_move, rows_do_not_move_while_they_are_walked,
          refused_writes_say_what_to_do, changes_are_counted,
          a_backup_under_writing_is_the_database_as_it_was, a_backup_can_be_opened_and_written,
          a_backup_without_what_belongs_beside_it_is_none,
          digests_do_not_depend_on_the_order_of_writing, digests_tell_types_and_places_apart)
