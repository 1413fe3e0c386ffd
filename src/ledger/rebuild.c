/* rebuild.c: replaying every fact into an empty database, to prove that nobody wrote behind the ledger's
 * back. */
#include <string.h>
#include "ledger/inside.h"

enum { REPLAY_GROUP = 2000 };

typedef struct Replay {
    Db *from;
    Ledger *to;
    int64_t next; /* seq after which to go on */
    int64_t done_to;
    bool end;
} Replay;

static bool copy_files(Tx *tx, void *ctx, Err *err)
{
    Replay *r = ctx;
    CLEANUP(rows_done) Rows files = { 0 };
    bool more = false;
    if (!db_query(r->from, &ledger_sql[LEDGER_FILES], NO_VALUES, &files, err))
        return false;
    while (rows_next(&files, &more, err) && more) {
        CLEANUP(arena_done) Arena mem = { 0 };
        Str digest = row_blob(&files, 0);
        for (int64_t i = 0; i < row_int(&files, 2); i++) {
            CLEANUP(rows_done) Rows chunk = { 0 };
            bool there = false;
            if (!db_query(r->from, &ledger_sql[LEDGER_CHUNK],
                          VALUES(sql_blob(digest.at, digest.len), sql_int(i)), &chunk, err) ||
                !rows_next(&chunk, &there, err))
                return false;
            Str bytes = there ? row_blob(&chunk, 0) : (Str){ 0 };
            if (there &&
                !db_run(tx, &ledger_sql[LEDGER_CHUNK_NEW],
                        VALUES(sql_blob(digest.at, digest.len), sql_int(i), sql_blob(bytes.at, bytes.len)),
                        err))
                return false;
        }
        if (!db_run(tx, &ledger_sql[LEDGER_FILE_NEW],
                    VALUES(sql_blob(digest.at, digest.len), sql_int(row_int(&files, 1)),
                           sql_int(row_int(&files, 2))),
                    err))
            return false;
    }
    return err->kind == ERR_NONE;
}

static bool replay_entry(Tx *tx, Replay *r, const Rows *rows, Err *err)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    CLEANUP(json_done) Json *body = NULL;
    Entry e = entry_of_row(rows, &mem);
    Sealed sealed = { 0 };
    Str digest = row_blob(rows, 9), leaf = row_blob(rows, 10);
    memcpy(sealed.digest.bytes, digest.at, digest.len < 32 ? digest.len : 32);
    memcpy(sealed.leaf.bytes, leaf.at, leaf.len < 32 ? leaf.len : 32);
    Str text = row_null(rows, 8) ? (Str){ 0 } : str_of(row_text(rows, 8));
    const Kind *kind = ledger_kind(r->to, e.kind);
    if (!kind)
        return err_set(err, ERR_INVALID, "Entry %lld is of the kind %s, which this Muster does not know.",
                       (long long)e.seq, e.kind);
    if (text.at ? !json_read(text, &body, err) : !(body = json_new_object()))
        return err_while(err, "reading entry %lld", (long long)e.seq);
    e.body = body;
    return entry_admit(tx, r->to, kind, &e, row_blob(rows, 7), text, &sealed, &mem, err) ||
           err_while(err, "replaying entry %lld, %s", (long long)e.seq, e.kind);
}

static bool replay_group(Tx *tx, void *ctx, Err *err)
{
    Replay *r = ctx;
    CLEANUP(rows_done) Rows rows = { 0 };
    bool more = false;
    int n = 0;
    if (r->to->stale) { /* the head of the new database is empty or as replayed so far */
        CLEANUP(rows_done) Rows head = { 0 };
        if (!db_query(tx->db, &ledger_sql[LEDGER_HEAD], NO_VALUES, &head, err) ||
            !rows_next(&head, &more, err) || !more)
            return false;
        Str edge = row_blob(&head, 1);
        if (!merkle_frontier_read(&r->to->frontier, (const uint8_t *)edge.at, edge.len))
            return err_set(err, ERR_STORE, "The head of the new ledger is damaged.");
        r->to->stale = false;
    }
    if (!db_query(r->from, &ledger_sql[LEDGER_ALL], VALUES(sql_int(r->next)), &rows, err))
        return false;
    r->end = true;
    while (n++ < REPLAY_GROUP && rows_next(&rows, &more, err) && more) {
        r->done_to = row_int(&rows, 0);
        r->end = false;
        if (!replay_entry(tx, r, &rows, err))
            return false;
    }
    return err->kind == ERR_NONE;
}

static bool compare(Db *kept, Db *replayed, Arena *mem, Difference **out, size_t *count, Err *err)
{
    TableDigest *a = NULL, *b = NULL;
    size_t n = 0, m = 0, cap = 0;
    if (!store_projection_digests(kept, mem, &a, &n, err) ||
        !store_projection_digests(replayed, mem, &b, &m, err))
        return false;
    if (n != m)
        return err_set(err, ERR_INVALID, "The two databases do not have the same tables.");
    for (size_t i = 0; i < n; i++)
        if (memcmp(a[i].sha256, b[i].sha256, 32) != 0)
            *arena_push(mem, *out, *count, cap) = (Difference){ a[i].table, a[i].rows, b[i].rows };
    return true;
}

static bool replay_all(Store *from, Db *reader, Ledger *to, Store *to_store, Arena *mem, LedgerProgress *p,
                       void *ctx, Err *err)
{
    (void)from;
    Replay r = { .from = reader, .to = to };
    LedgerHead head;
    if (!ledger_head(reader, mem, &head, err) || !ledger_found(to, head.origin, 0, err) ||
        !writer_run(to_store, copy_files, &r, err))
        return false;
    while (!r.end) {
        if (!writer_run(to_store, replay_group, &r, err))
            return false;
        r.next = r.done_to;
        if (p)
            p(ctx, r.done_to, head.size);
    }
    return true;
}

bool ledger_rebuild(Store *from, const Kinds *kinds, const char *to_path, Arena *mem, LedgerProgress *p,
                    void *ctx, Difference **differences, size_t *count, Err *err)
{
    Store *to_store = NULL;
    Ledger *to = NULL;
    Db *reader = NULL, *checker = NULL;
    *differences = NULL;
    *count = 0;
    bool ok = store_open(to_path, (StoreOptions){ .create = true, .unsafe_fast = true }, &to_store, err) &&
              ledger_open(to_store, kinds, &to, err) && store_reader(from, &reader, err) &&
              db_snapshot(reader, err) && replay_all(from, reader, to, to_store, mem, p, ctx, err) &&
              store_reader(to_store, &checker, err) && compare(reader, checker, mem, differences, count, err);
    if (reader)
        store_reader_close(reader);
    if (checker)
        store_reader_close(checker);
    store_close(to_store);
    ledger_close(to);
    return ok || err_while(err, "rebuilding the projections");
}
