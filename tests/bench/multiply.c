#include "multiply.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "bench.h"

/* How far apart the ids of two copies are: more than a ledger of ten thousand nominals has entries. */
#define STRIDE "1000000"

static const struct {
    const char *table, *ids, *texts; /* columns that hold ids of copied rows; columns that must differ */
} copied[] = {
    { "attribution",        "id nominal sighting footprint", ""           },
    { "band_decision",      "id nominal",                    ""           },
    { "check_open",         "id nominal",                    ""           },
    { "clock",              "id subject nominal",            ""           },
    { "deconfliction",      "id package nominal other",      ""           },
    { "footprint",          "id referral sighting",          ""           },
    { "identifier",         "id sighting",                   "normal"     },
    { "link",               "id nominal sighting",           ""           },
    { "nominal",            "id merged_into",                ""           },
    { "nominal_identifier", "nominal",                       "normal"     },
    { "package",            "id nominal",                    ""           },
    { "referral",           "id merged_into",                "source_ref" },
    { "risk_score",         "id nominal",                    ""           },
    { "sighting",           "id referral nominal",           ""           },
};

static void run(sqlite3 *db, const char *sql)
{
    char *why = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &why) == SQLITE_OK)
        return;
    fprintf(stderr, "bench: %s: %s\n", sql, why);
    exit(1);
}

static bool holds(const char *words, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = words; (at = strstr(at, word)); at++)
        if ((at == words || at[-1] == ' ') && (at[n] == ' ' || at[n] == 0))
            return true;
    return false;
}

/* One text column of every row a statement gives. */
static const char **texts(sqlite3 *db, Arena *mem, const char *sql, size_t *count)
{
    const char **out = NULL;
    size_t cap = 0;
    sqlite3_stmt *stmt = NULL;
    *count = 0;
    must_be(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK, sql);
    while (sqlite3_step(stmt) == SQLITE_ROW)
        *arena_push(mem, out, *count, cap) = str_copy(mem, (const char *)sqlite3_column_text(stmt, 0));
    sqlite3_finalize(stmt);
    return out;
}

static void table_copy(sqlite3 *db, Arena *mem, const char *table, const char *ids, const char *differ)
{
    size_t columns = 0;
    const char **names =
        texts(db, mem, str_fmt(mem, "SELECT name FROM pragma_table_info('%s')", table), &columns);
    StrBuf sql = { .mem = mem };
    buf_fmt(&sql, "CREATE TEMP TABLE base AS SELECT * FROM main.%s; INSERT INTO main.%s SELECT ", table,
            table);
    for (size_t i = 0; i < columns; i++) {
        buf_add(&sql, i ? ", " : "");
        if (holds(ids, names[i]))
            buf_fmt(&sql, "CASE b.%s WHEN 0 THEN 0 ELSE b.%s + k.n * " STRIDE " END", names[i], names[i]);
        else
            buf_fmt(&sql, holds(differ, names[i]) ? "b.%s || '.' || k.n" : "b.%s", names[i]);
    }
    buf_add(&sql, " FROM copy k CROSS JOIN base b; DROP TABLE base");
    run(db, buf_text(&sql));
}

void database_multiply(const char *path, int times)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    sqlite3 *db = NULL;
    size_t indexes = 0, names = 0;
    const char *which = "FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY rowid";
    must_be(sqlite3_open(path, &db) == SQLITE_OK, "opening the database");
    run(db, "PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF; PRAGMA temp_store = MEMORY;"
            " PRAGMA cache_size = -400000; BEGIN; CREATE TEMP TABLE copy (n INTEGER PRIMARY KEY)");
    run(db, str_fmt(&mem, "WITH RECURSIVE k (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE n < %d)"
                          " INSERT INTO copy SELECT n FROM k", times - 1));
    const char **made = texts(db, &mem, str_fmt(&mem, "SELECT sql %s", which), &indexes);
    const char **named = texts(db, &mem, str_fmt(&mem, "SELECT name %s", which), &names);
    for (size_t i = 0; i < names; i++) /* each made once at the end costs far less than kept up row by row */
        run(db, str_fmt(&mem, "DROP INDEX %s", named[i]));
    FOR_EACH(c, copied)
        table_copy(db, &mem, c->table, c->ids, c->texts);
    for (size_t i = 0; i < indexes; i++)
        run(db, made[i]);
    run(db, "COMMIT; PRAGMA journal_mode = WAL");
    sqlite3_close(db);
}
