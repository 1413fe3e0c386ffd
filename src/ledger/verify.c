/* verify.c: recomputing everything from the stored bytes, offline, on a copy that may have been tampered
 * with.
 *
 * Reads entries in order and stops at the first that cannot be right:
 * (1) seq is dense: a gap is a deleted entry;
 * (2) salt and body give the stored digest; header and digest give the stored leaf (the header holds seq, so
 * two swapped entries both fail); a body that is gone must be explained by an entry.erased; (3) the stored
 * tree and head are what these leaves give: a rewritten leaf disagrees with its parents, a cut tail with the
 * head; (4) every signed checkpoint kept here, and the one brought from outside, has this ledger as its
 * extension. */
#include <string.h>
#include "base/source.h"
#include "ledger/inside.h"
#include "ledger/note.h"

typedef struct Check {
    Db *db;
    Arena *mem;
    Verdict *v;
    MerkleFrontier frontier;
    bool nodes_good;
    Err *err;
} Check;

static bool bad(Check *c, int64_t seq, const char *why)
{
    c->v->good = false;
    c->v->first_bad = seq;
    c->v->why = str_copy(c->mem, why);
    return false;
}

static bool entry_explained(Check *c, int64_t seq, bool *explained)
{
    int64_t n = 0;
    bool found = false;
    if (!db_int(c->db, &ledger_sql[LEDGER_ERASURES], VALUES(sql_int(seq)), &n, &found, c->err))
        return false;
    *explained = n > 0;
    return true;
}

static bool same_hash(Str stored, const uint8_t bytes[32])
{
    return stored.len == 32 && memcmp(stored.at, bytes, 32) == 0;
}

/* True when this entry is as it was written. False with the verdict, or with an error. */
static bool entry_sound(Check *c, const Rows *rows, int64_t want, Hash32 *leaf)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    Entry e = entry_of_row(rows, &mem);
    Sealed sealed = { 0 };
    bool explained = true;
    if (e.seq != want)
        return bad(c, want, str_fmt(&mem, "Entry %lld is missing.", (long long)want));
    if (!e.kind || strlen(e.kind) > 99)
        return bad(c, want, str_fmt(&mem, "Entry %lld has no readable kind.", (long long)want));
    Str digest = row_blob(rows, 9);
    if (digest.len == 32)
        memcpy(sealed.digest.bytes, digest.at, 32);
    Str body = row_null(rows, 8) ? (Str){ 0 } : str_of(row_text(rows, 8));
    entry_seal(&e, row_blob(rows, 7), body, &sealed);
    if (!same_hash(digest, sealed.digest.bytes))
        return bad(c, want, str_fmt(&mem, "The body of entry %lld was altered.", (long long)want));
    if (!same_hash(row_blob(rows, 10), sealed.leaf.bytes))
        return bad(c, want, str_fmt(&mem, "Entry %lld was altered or moved.", (long long)want));
    if (!body.at && !entry_explained(c, want, &explained))
        return false;
    if (!explained)
        return bad(c, want,
                   str_fmt(&mem, "The body of entry %lld is gone and no erasure says why.", (long long)want));
    *leaf = sealed.leaf;
    return true;
}

/* Compares the nodes this entry completes with the stored ones, as they are made. */
static bool node_compare(void *ctx, int level, uint64_t first, const Hash32 *nodes, size_t n)
{
    Check *c = ctx;
    for (size_t i = 0; level > 0 && i < n; i++) {
        Hash32 stored;
        if (!node_read(c->db, level, first + i, &stored) || !merkle_same(&stored, &nodes[i])) {
            c->nodes_good = false;
            return true;
        }
    }
    return true;
}

static bool entries_sound(Check *c, LedgerProgress *progress, void *ctx, int64_t head_size)
{
    CLEANUP(rows_done) Rows rows = { 0 };
    bool more = false;
    Hash32 leaf;
    if (!db_query(c->db, &ledger_sql[LEDGER_ALL], VALUES(sql_int(0)), &rows, c->err))
        return false;
    while (rows_next(&rows, &more, c->err) && more) {
        int64_t want = (int64_t)c->frontier.size + 1;
        c->nodes_good = true;
        if (!entry_sound(c, &rows, want, &leaf))
            return false;
        if (!merkle_append(&c->frontier, &leaf, node_compare, c))
            return bad(c, want, "The ledger is longer than a tree can be.");
        if (!c->nodes_good)
            return bad(c, want,
                       "The stored tree disagrees: an entry at or before this one was rewritten with its "
                       "hashes.");
        c->v->entries = want;
        if (progress && want % 4096 == 0)
            progress(ctx, want, head_size);
    }
    return c->err->kind == ERR_NONE;
}

static bool head_sound(Check *c)
{
    CLEANUP(rows_done) Rows rows = { 0 };
    uint8_t edge[MERKLE_FRONTIER_BYTES];
    bool more = false;
    if (!db_query(c->db, &ledger_sql[LEDGER_HEAD], NO_VALUES, &rows, c->err) ||
        !rows_next(&rows, &more, c->err))
        return false;
    int64_t have = (int64_t)c->frontier.size, head = more ? row_int(&rows, 0) : 0;
    if (head > have)
        return bad(c, have + 1,
                   str_fmt(c->mem, "Entry %lld is missing: the tail was cut.", (long long)(have + 1)));
    Str stored = more ? row_blob(&rows, 1) : (Str){ 0 };
    size_t len = merkle_frontier_write(&c->frontier, edge);
    if (head != have || stored.len != len || memcmp(stored.at, edge, len) != 0)
        return bad(c, head + 1, "The head of the ledger does not fit its entries.");
    return true;
}

/* One signed note: this ledger must have been exactly that at that size. */
static bool note_holds(Check *c, Str note, const NoteVerifier *known, int64_t good_upto)
{
    Checkpoint point;
    Hash32 root;
    int64_t have = (int64_t)c->frontier.size;
    if (!checkpoint_open(note, known, 1, c->mem, &point, c->err))
        return err_while(c->err, "reading a checkpoint");
    if ((int64_t)point.size > have)
        return bad(c, have + 1,
                   str_fmt(c->mem,
                           "Entry %lld is missing: a checkpoint was signed at %lld entries, so the tail was"
                           " cut or an older copy was put back.",
                           (long long)(have + 1), (long long)point.size));
    if (!merkle_root_at(node_read, c->db, point.size, &root))
        return bad(c, good_upto + 1, "The stored tree is incomplete.");
    if (!merkle_same(&root, &point.root))
        return bad(c, good_upto + 1,
                   str_fmt(c->mem,
                           "History was rewritten: the checkpoint signed at %lld entries had another root."
                           " The change lies after entry %lld.",
                           (long long)point.size, (long long)good_upto));
    return true;
}

static bool kept_notes_hold(Check *c, const NoteVerifier *known, int64_t *good_upto)
{
    CLEANUP(rows_done) Rows rows = { 0 };
    bool more = false;
    if (!db_query(c->db, &ledger_sql[LEDGER_CHECKPOINTS], NO_VALUES, &rows, c->err))
        return false;
    while (rows_next(&rows, &more, c->err) && more) {
        if (!note_holds(c, str_of(row_text(&rows, 1)), known, *good_upto))
            return false;
        *good_upto = row_int(&rows, 0);
    }
    return c->err->kind == ERR_NONE;
}

/* Received files are facts too: their bytes must still give their digest. */
static bool files_sound(Check *c)
{
    CLEANUP(rows_done) Rows rows = { 0 };
    bool more = false;
    if (!db_query(c->db, &ledger_sql[LEDGER_FILES], NO_VALUES, &rows, c->err))
        return false;
    while (rows_next(&rows, &more, c->err) && more) {
        CLEANUP(arena_done) Arena mem = { 0 };
        Err err = { 0 };
        Sha256 want, got;
        Str digest = row_blob(&rows, 0), chunk;
        memcpy(want.bytes, digest.at, digest.len == 32 ? 32 : 0);
        Sha256Stream *s = sha256_begin(&mem);
        bool whole = digest.len == 32;
        for (int64_t i = 0; whole && i < row_int(&rows, 2); i++) {
            CLEANUP(arena_done) Arena piece = { 0 };
            whole = ledger_file_chunk(c->db, &piece, &want, i, &chunk, &err);
            if (whole)
                sha256_add(s, chunk.at, chunk.len);
        }
        got = sha256_end(s);
        if (!whole || !sha256_same(&got, &want)) {
            int64_t seq = 0;
            bool found = false;
            if (!db_int(c->db, &ledger_sql[LEDGER_FILE_NAMED], VALUES(sql_text(sha256_hex(&mem, &want))),
                        &seq, &found, c->err))
                return false;
            return bad(c, seq, "The bytes of a received file no longer give its digest.");
        }
    }
    return c->err->kind == ERR_NONE;
}

static bool check_all(Check *c, const char *checkpoint, const char *vkey, LedgerProgress *progress, void *ctx)
{
    NoteVerifier own, given;
    LedgerHead head;
    CLEANUP(rows_done) Rows rows = { 0 };
    int64_t size = 0, good_upto = 0;
    bool found = false;
    if (!db_int(c->db, &ledger_sql[LEDGER_HEAD], NO_VALUES, &size, &found, c->err))
        return false;
    if (!found)
        return err_set(c->err, ERR_INVALID, "This database has no ledger yet.");
    if (!entries_sound(c, progress, ctx, size) || !head_sound(c))
        return false;
    Hash32 root = merkle_frontier_root(&c->frontier);
    memcpy(c->v->root.bytes, root.bytes, 32);
    if (!ledger_head(c->db, c->mem, &head, c->err) ||
        !note_verifier_read(str_of(head.verifier), &own, c->err) || !kept_notes_hold(c, &own, &good_upto))
        return false;
    if (vkey && !note_verifier_read(str_of(vkey), &given, c->err))
        return err_while(c->err, "reading the verifier key");
    if (checkpoint && !note_holds(c, str_of(checkpoint), vkey ? &given : &own, good_upto))
        return false;
    return files_sound(c);
}

bool ledger_verify(Db *db, Arena *mem, const char *checkpoint, const char *vkey, LedgerProgress *p, void *ctx,
                   Verdict *out, Err *err)
{
    *out = (Verdict){ .good = true, .why = "" };
    Check c = { .db = db, .mem = mem, .v = out, .err = err };
    if (check_all(&c, checkpoint, vkey, p, ctx))
        return true;
    return err->kind == ERR_NONE; /* a verdict of "bad" is an answer, not an error */
}
