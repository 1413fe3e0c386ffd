/* proof.c: the head, signed checkpoints, inclusion and consistency proofs, and reading entries for people. */
#include <string.h>
#include "ledger/inside.h"
#include "ledger/note.h"

static bool hash_of(Db *db, const Sql *sql, Values values, Hash32 *out)
{
    CLEANUP(rows_done) Rows rows = { 0 };
    Err err = { 0 };
    bool more = false;
    if (!db_query(db, sql, values, &rows, &err) || !rows_next(&rows, &more, &err) || !more)
        return false;
    Str bytes = row_blob(&rows, 0);
    if (bytes.len != sizeof out->bytes)
        return false;
    memcpy(out->bytes, bytes.at, sizeof out->bytes);
    return true;
}

bool node_read(void *db, int level, uint64_t index, Hash32 *out)
{
    if (level == 0)
        return hash_of(db, &ledger_sql[LEDGER_LEAF], VALUES(sql_int((int64_t)index + 1)), out);
    return hash_of(db, &ledger_sql[LEDGER_NODE], VALUES(sql_int(level), sql_int((int64_t)index)), out);
}

bool ledger_key(Db *db, Arena *mem, uint8_t seed[32], const char **origin, Err *err)
{
    CLEANUP(rows_done) Rows rows = { 0 };
    CLEANUP(rows_done) Rows head = { 0 };
    bool more = false;
    if (!db_query(db, &ledger_sql[LEDGER_HEAD], NO_VALUES, &head, err) || !rows_next(&head, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_INVALID, "This database has no ledger yet.");
    *origin = row_copy(&head, 2, mem);
    if (!db_query(db, &ledger_sql[LEDGER_KEY], VALUES(sql_text("checkpoint")), &rows, err) ||
        !rows_next(&rows, &more, err))
        return false;
    Str bytes = more ? row_blob(&rows, 0) : (Str){ 0 };
    if (bytes.len != 32)
        return err_set(err, ERR_STORE, "The checkpoint key of this database is missing.");
    memcpy(seed, bytes.at, 32);
    return true;
}

static bool head_size(Db *db, int64_t *size, Err *err)
{
    bool found = false;
    if (!db_int(db, &ledger_sql[LEDGER_HEAD], NO_VALUES, size, &found, err))
        return false;
    return found || err_set(err, ERR_INVALID, "This database has no ledger yet.");
}

static bool root_at(Db *db, int64_t size, Hash32 *root, Err *err)
{
    return merkle_root_at(node_read, db, (uint64_t)size, root) ||
           err_set(err, ERR_STORE, "The ledger's tree is damaged at size %lld.", (long long)size);
}

bool ledger_head(Db *db, Arena *mem, LedgerHead *out, Err *err)
{
    CLEANUP(note_key_done) NoteKey key = { 0 };
    uint8_t seed[32];
    Hash32 root;
    if (!head_size(db, &out->size, err) || !root_at(db, out->size, &root, err) ||
        !ledger_key(db, mem, seed, &out->origin, err) || !note_key_new(out->origin, seed, &key, err))
        return err_while(err, "reading the head of the ledger");
    memcpy(out->root.bytes, root.bytes, 32);
    out->verifier = note_verifier_text(&key.verifier, mem);
    return true;
}

typedef struct Signing {
    Arena *mem;
    Instant now;
    const char **note;
} Signing;

static bool sign_head(Tx *tx, void *ctx, Err *err)
{
    Signing *s = ctx;
    CLEANUP(note_key_done) NoteKey key = { 0 };
    uint8_t seed[32];
    Checkpoint point = { 0 };
    int64_t size = 0;
    char *note = NULL;
    if (!head_size(tx->db, &size, err) || !root_at(tx->db, size, &point.root, err) ||
        !ledger_key(tx->db, s->mem, seed, &point.origin, err) || !note_key_new(point.origin, seed, &key, err))
        return false;
    point.size = (uint64_t)size;
    if (!checkpoint_sign(&key, &point, s->mem, &note, err))
        return false;
    *s->note = note;
    return db_run(tx, &ledger_sql[LEDGER_CHECKPOINT_NEW],
                  VALUES(sql_int(size), sql_int(s->now), sql_text(note)), err);
}

bool ledger_checkpoint(Ledger *ledger, Arena *mem, Instant now, const char **note, Err *err)
{
    Signing s = { mem, now, note };
    return writer_run(ledger->store, sign_head, &s, err) || err_while(err, "signing a checkpoint");
}

static Json *proof_list(Arena *mem, const Hash32 *proof, size_t n)
{
    Json *list = json_new_list();
    for (size_t i = 0; i < n; i++)
        json_push(list, json_new_text(hex_write(mem, proof[i].bytes, 32)));
    return list;
}

bool ledger_prove_inclusion(Db *db, Arena *mem, int64_t seq, int64_t size, Json **out, Err *err)
{
    Hash32 leaf, root, proof[MERKLE_INCLUSION_MAX];
    size_t n = 0;
    int64_t have = 0;
    if (!head_size(db, &have, err))
        return false;
    if (seq < 1 || seq > size || size > have)
        return err_set(err, ERR_NOT_FOUND, "There is no entry %lld in a ledger of %lld.", (long long)seq,
                       (long long)size);
    if (!node_read(db, 0, (uint64_t)seq - 1, &leaf) || !root_at(db, size, &root, err) ||
        !merkle_inclusion(node_read, db, (uint64_t)seq - 1, (uint64_t)size, proof, &n))
        return err_set(err, ERR_STORE, "The ledger's tree is damaged.");
    *out = json_new_object();
    json_set_text(*out, "leaf", hex_write(mem, leaf.bytes, 32));
    json_set_int(*out, "index", seq - 1);
    json_set_int(*out, "size", size);
    json_set_text(*out, "root", hex_write(mem, root.bytes, 32));
    json_set(*out, "proof", proof_list(mem, proof, n));
    return true;
}

bool ledger_prove_consistency(Db *db, Arena *mem, int64_t old_size, int64_t new_size, Json **out, Err *err)
{
    Hash32 old_root, new_root, proof[MERKLE_CONSISTENCY_MAX];
    size_t n = 0;
    int64_t have = 0;
    if (!head_size(db, &have, err))
        return false;
    if (old_size < 0 || old_size > new_size || new_size > have)
        return err_set(err, ERR_NOT_FOUND,
                       "The ledger has %lld entries; give two sizes within that, the older first.",
                       (long long)have);
    if (!root_at(db, old_size, &old_root, err) || !root_at(db, new_size, &new_root, err) ||
        !merkle_consistency(node_read, db, (uint64_t)old_size, (uint64_t)new_size, proof, &n))
        return err_set(err, ERR_STORE, "The ledger's tree is damaged.");
    *out = json_new_object();
    json_set_int(*out, "old_size", old_size);
    json_set_text(*out, "old_root", hex_write(mem, old_root.bytes, 32));
    json_set_int(*out, "size", new_size);
    json_set_text(*out, "root", hex_write(mem, new_root.bytes, 32));
    json_set(*out, "proof", proof_list(mem, proof, n));
    return true;
}

static bool entries_query(Db *db, const EntryFilter *f, Rows *rows, Err *err)
{
    Value before = sql_int(f->before ? f->before : INT64_MAX), kind = sql_text(f->kind),
          actor = sql_id(f->actor);
    Value limit = sql_int((int64_t)(f->limit ? f->limit : 50));
    if (f->subject)
        return db_query(db, &ledger_sql[LEDGER_BY_SUBJECT],
                        VALUES(sql_int(f->subject), before, kind, actor, limit), rows, err);
    if (f->kind)
        return db_query(db, &ledger_sql[LEDGER_BY_KIND], VALUES(kind, before, actor, limit), rows, err);
    if (f->actor)
        return db_query(db, &ledger_sql[LEDGER_BY_ACTOR], VALUES(actor, before, limit), rows, err);
    return db_query(db, &ledger_sql[LEDGER_NEWEST], VALUES(before, limit), rows, err);
}

bool ledger_entries(Db *db, Arena *mem, const EntryFilter *f, EntryRow **out, size_t *count, Err *err)
{
    CLEANUP(rows_done) Rows rows = { 0 };
    size_t cap = 0;
    bool more = false;
    *out = NULL;
    *count = 0;
    if (!entries_query(db, f, &rows, err))
        return false;
    while (rows_next(&rows, &more, err) && more)
        *arena_push(mem, *out, *count, cap) = (EntryRow){ .seq = row_int(&rows, 0),
                                                          .at = row_int(&rows, 1),
                                                          .kind = row_copy(&rows, 2, mem),
                                                          .actor = row_int(&rows, 3),
                                                          .agency = row_int(&rows, 4),
                                                          .operation = row_int(&rows, 5),
                                                          .subject = row_int(&rows, 6),
                                                          .body = row_copy(&rows, 7, mem),
                                                          .erased = row_null(&rows, 7) };
    return err->kind == ERR_NONE;
}

Entry entry_of_row(const Rows *rows, Arena *mem)
{
    return (Entry){ .seq = row_int(rows, 0),
                    .at = row_int(rows, 1),
                    .kind = row_copy(rows, 2, mem),
                    .actor = row_int(rows, 3),
                    .agency = row_int(rows, 4),
                    .operation = row_int(rows, 5),
                    .subject = row_int(rows, 6),
                    .erased = row_null(rows, 8) };
}
