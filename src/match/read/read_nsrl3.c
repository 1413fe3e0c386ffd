/* read_nsrl3.c: NSRL RDS v3, a SQLite file: digests of software that is known to be harmless. */
#include "match/read/nsrl_sql.h"
#include "match/read/reading.h"
#include "store/foreign.h"

typedef struct NsrlRow { uint8_t digest[3][DIGEST_BYTES_MAX]; KnownEntry entry; } NsrlRow;

/* NULL when a digest is good or absent. */
static const char *digest_take(NsrlRow *row, DigestKind kind, const Rows *rows, int col)
{
    Str text = row_blob(rows, col);
    if (!text.len)
        return NULL;
    if (!digest_parse(kind, text, row->digest[kind]))
        return "a digest is not one";
    row->entry.digest[kind] = row->digest[kind];
    return NULL;
}

static bool version_read(Reading *r, Db *db, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    if (r->opt->version || !foreign_fits(db, &nsrl_sql[NSRL_VERSION]))
        return true;
    if (!db_query(db, &nsrl_sql[NSRL_VERSION], NO_VALUES, &rows, err) || !rows_next(&rows, &more, err))
        return false;
    if (more && !row_null(&rows, 0))
        r->report->version = str_clip(r->mem, utf8_clean(r->mem, row_blob(&rows, 0)), 100);
    return true;
}

static bool row_take(Reading *r, const Rows *rows, uint64_t number, Err *err)
{
    static const struct { DigestKind kind; int col; } columns[] = {
        { DIGEST_MD5, 0 }, { DIGEST_SHA1, 1 }, { DIGEST_SHA256, 2 },
    };
    NsrlRow row;
    const char *why = NULL;
    row.entry = KNOWN_ENTRY_BLANK;
    row.entry.benign = true;
    FOR_EACH(c, columns)
        if (!why)
            why = digest_take(&row, c->kind, rows, c->col);
    if (!why)
        return reading_take(r, &row.entry, 0, number, err);
    reading_refuse(r, 0, number, why);
    return true;
}

static bool rows_read(Reading *r, Db *db, const Sql *sql, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    if (!db_query(db, sql, NO_VALUES, &rows, err))
        return false;
    for (uint64_t number = 1;; number++) {
        if (!rows_next(&rows, &more, err))
            return false;
        if (!more)
            return true;
        if (!row_take(r, &rows, number, err))
            return false;
        if (number % 4096 == 0 && r->opt->progress && !r->opt->progress(r->opt->ctx, 0, 0))
            return err_set(err, ERR_CONFLICT, "Stopped.");
    }
}

bool read_nsrl3(Reading *r, Err *err)
{
    Db *db = NULL;
    if (!r->path)
        return err_set(err, ERR_INVALID, "A SQLite file is read from disk only.");
    if (!foreign_open(r->path, &db, err))
        return false;
    const Sql *sql = NULL;
    for (int i = NSRL_FILE; i < NSRL__COUNT && !sql; i++)
        if (foreign_fits(db, &nsrl_sql[i]))
            sql = &nsrl_sql[i];
    bool ok = sql ? version_read(r, db, err) && rows_read(r, db, sql, err)
                  : err_set(err, ERR_INVALID, "The SQLite file is not an NSRL reference set.");
    foreign_close(db);
    return ok;
}
