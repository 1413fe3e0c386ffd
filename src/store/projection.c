/* projection.c: one digest per projection table, to prove that a rebuild gives identical tables.
 *
 * Each value goes in as its type, its length and its bytes, so that 1, 1.0, '1' and x'31' all differ, and so
 * that moving a byte from one column to the next shows. Column names go in first. The statements are made
 * here from the tables' own names: the only SQL in Muster that is not a constant, and nothing typed by anyone
 * reaches it. */
#include "store/inside.h"
#include <string.h>
#include "base/digest.h"

typedef struct TableText { StrBuf columns, keys; } TableText;

static void quoted(StrBuf *buf, const char *name)
{
    buf_char(buf, '"');
    for (const char *p = name; *p; p++) {
        if (*p == '"')
            buf_char(buf, '"');
        buf_char(buf, *p);
    }
    buf_char(buf, '"');
}

static void listed(StrBuf *buf, const char *name)
{
    if (buf->len)
        buf_add(buf, ", ");
    quoted(buf, name);
}

/* Key columns are few: found by asking for the first, then the second, and so on. */
static void keys_in_order(StrBuf *keys, char **names, const int64_t *places, size_t count)
{
    for (int64_t place = 1; place <= (int64_t)count; place++)
        for (size_t i = 0; i < count; i++)
            if (places[i] == place)
                listed(keys, names[i]);
}

static bool table_text(Db *db, Arena *mem, const char *table, TableText *text, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    char **names = NULL;
    int64_t *places = NULL;
    size_t count = 0, name_cap = 0, place_count = 0, place_cap = 0;
    bool more = false;
    if (!db_query(db, &store_sql[STORE_COLUMNS], VALUES(sql_text(table)), &rows, err) ||
        !rows_next(&rows, &more, err))
        return false;
    while (more) {
        *arena_push(mem, names, count, name_cap) = row_copy(&rows, 0, mem);
        *arena_push(mem, places, place_count, place_cap) = row_int(&rows, 1);
        listed(&text->columns, names[count - 1]);
        if (!rows_next(&rows, &more, err))
            return false;
    }
    keys_in_order(&text->keys, names, places, count);
    if (!text->keys.len)
        buf_add(&text->keys, "rowid");         /* a table without a key is told by insertion order */
    return true;
}

static char *rows_text(Arena *mem, const char *table, TableText *text)
{
    StrBuf sql = { .mem = mem };
    buf_fmt(&sql, "SELECT %s FROM ", buf_text(&text->columns));
    quoted(&sql, table);
    buf_fmt(&sql, " ORDER BY %s", buf_text(&text->keys));
    return buf_text(&sql);
}

static void number_add(Sha256Stream *s, uint64_t n)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(n >> (8 * i));
    sha256_add(s, bytes, sizeof bytes);
}

static void bytes_add(Sha256Stream *s, const void *at, size_t len)
{
    number_add(s, len);
    sha256_add(s, len ? at : "", len);
}

static void value_add(Sha256Stream *s, sqlite3_stmt *stmt, int col)
{
    int type = sqlite3_column_type(stmt, col);
    uint8_t mark = (uint8_t)type;
    uint64_t bits;
    double real = sqlite3_column_double(stmt, col);
    memcpy(&bits, &real, sizeof bits);
    sha256_add(s, &mark, 1);
    if (type == SQLITE_INTEGER)
        number_add(s, (uint64_t)sqlite3_column_int64(stmt, col));
    else if (type == SQLITE_FLOAT)
        number_add(s, bits);
    else if (type != SQLITE_NULL)
        bytes_add(s, sqlite3_column_blob(stmt, col), (size_t)sqlite3_column_bytes(stmt, col));
}

static int rows_add(Sha256Stream *s, sqlite3_stmt *stmt, int64_t *rows)
{
    int columns = sqlite3_column_count(stmt), rc;
    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        for (int i = 0; i < columns; i++)
            value_add(s, stmt, i);
        (*rows)++;
    }
    return rc;
}

static bool table_digest(Db *db, TableDigest *out, Err *err)
{
    CLEANUP(arena_done) Arena work = {0};
    sqlite3_stmt *stmt = NULL;
    TableText text = { { .mem = &work }, { .mem = &work } };
    if (!table_text(db, &work, out->table, &text, err))
        return false;
    int rc = sqlite3_prepare_v2(db->sqlite, rows_text(&work, out->table, &text), -1, &stmt, NULL);
    if (rc != SQLITE_OK)
        return db_fail(db, "reading a table to digest it", rc, err);
    Sha256Stream *s = sha256_begin(&work);
    bytes_add(s, text.columns.at, text.columns.len);
    rc = rows_add(s, stmt, &out->rows);
    Sha256 digest = sha256_end(s);
    memcpy(out->sha256, digest.bytes, sizeof out->sha256);
    sqlite3_finalize(stmt);
    return rc == SQLITE_DONE || db_fail(db, "digesting a table", rc, err);
}

static bool tables_list(Db *db, Arena *mem, TableDigest **out, size_t *count, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    size_t cap = 0;
    bool more = false;
    if (!db_query(db, &store_sql[STORE_TABLES], NO_VALUES, &rows, err) || !rows_next(&rows, &more, err))
        return false;
    while (more) {
        *arena_push(mem, *out, *count, cap) = (TableDigest){ .table = row_copy(&rows, 0, mem) };
        if (!rows_next(&rows, &more, err))
            return false;
    }
    return true;
}

static bool all_digests(Db *db, Arena *mem, TableDigest **out, size_t *count, Err *err)
{
    if (!tables_list(db, mem, out, count, err))
        return false;
    for (size_t i = 0; i < *count; i++)
        if (!table_digest(db, &(*out)[i], err))
            return err_while(err, "digesting table %s", (*out)[i].table);
    return true;
}

/* One snapshot over all tables, unless the caller holds one (or is a command, whose transaction is one). */
bool store_projection_digests(Db *db, Arena *mem, TableDigest **out, size_t *count, Err *err)
{
    bool own = !db->in_snapshot && !db->is_writer;
    *out = NULL;
    *count = 0;
    if (own && !db_snapshot(db, err))
        return false;
    bool ok = all_digests(db, mem, out, count, err);
    if (own)
        db_release(db);
    return ok;
}
