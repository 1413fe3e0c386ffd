/* A SQLite file of someone else's takes neither more work nor more memory than it should. */
#include "store/foreign.h"
#include "base/test.h"
#include "store/inside.h"
#include "store/store_testing.h"

enum { MEMORY_MOST = 400 << 20 };

static bool statements_run(Tx *tx, void *ctx, Err *err)
{
    for (const char *const *text = ctx; *text; text++) {
        const Sql sql = { "t.make", *text };
        if (!db_run(tx, &sql, NO_VALUES, err))
            return false;
    }
    return true;
}

/* What reading everything of FILE ends in, and the most memory that SQLite had meanwhile. */
static Err read_all(const char *const *statements, size_t *rows_read, int64_t *most)
{
    static const Sql sql = { "t.file", "SELECT md5 FROM FILE" };
    CLEANUP(testing_done) TestStore t = {0};
    CLEANUP(rows_done) Rows rows = {0};
    Err err = {0};
    Db *db = NULL;
    bool more = true;
    *rows_read = 0;
    testing_open(&t);
    CHECK_OK(writer_run(t.store, statements_run, (void *)(uintptr_t)statements, &err), &err);
    store_close(t.store);
    t.store = NULL;
    (void)sqlite3_memory_highwater(1);
    if (foreign_open(t.path, &db, &err) && db_query(db, &sql, NO_VALUES, &rows, &err))
        while (rows_next(&rows, &more, &err) && more)
            ++*rows_read;
    rows_done(&rows);
    foreign_close(db);
    *most = sqlite3_memory_highwater(0);
    return err;
}

#define WITHOUT_END "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "

TEST(what_gathers_without_end_is_stopped)
{
    static const struct { const char *name, *make[2]; ErrKind ends; } cases[] = {
        { "sound", { "CREATE VIEW FILE AS SELECT 'x' AS md5" }, ERR_NONE },
        { "sorts without end",
          { "CREATE VIEW FILE AS " WITHOUT_END "SELECT hex(randomblob(30000)) AS md5 FROM n ORDER BY md5" },
          ERR_LIMIT },
        { "tells apart without end",
          { "CREATE VIEW FILE AS " WITHOUT_END "SELECT DISTINCT hex(randomblob(30000)) AS md5 FROM n" },
          ERR_LIMIT },
        { "remembers without end",
          { "CREATE VIEW FILE AS WITH RECURSIVE n(t) AS (SELECT 'x' UNION SELECT hex(randomblob(30000)) FROM"
            " n) SELECT t AS md5 FROM n" },
          ERR_LIMIT },
        { "one text too long", { "CREATE VIEW FILE AS SELECT hex(zeroblob(40000000)) AS md5" }, ERR_LIMIT },
    };
    FOR_EACH (c, cases) {
        size_t rows = 0;
        int64_t most = 0;
        Err err = read_all(c->make, &rows, &most);
        if (err.kind != c->ends)
            print_error("%s: %s\n", c->name, err.told);
        CHECK_INT(err.kind, c->ends);
        CHECK(rows < 20000);
        if (most > MEMORY_MOST)
            print_error("%s: %lld bytes\n", c->name, (long long)most);
        CHECK(most <= MEMORY_MOST);
    }
}

TEST_MAIN(what_gathers_without_end_is_stopped)
