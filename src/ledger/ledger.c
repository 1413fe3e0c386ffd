/* ledger.c: appending facts.
 *
 * The tree's right edge is kept in memory by the writer thread and written to ledger_head with every entry,
 * so a rollback is answered by reading it again. Each entry is: check the body, hash, apply, store, extend
 * the tree. */
#include "ledger/ledger.h"
#include <assert.h>
#include <string.h>
#include "ledger/inside.h"

static void on_undone(void *attached) { ((Ledger *)attached)->stale = true; }

bool ledger_open(Store *store, const Kinds *kinds, Ledger **out, Err *err)
{
    Arena mem = { 0 };
    Ledger *ledger = arena_new(&mem, Ledger, 1);
    ledger->mem = mem;
    ledger->store = store;
    ledger->stale = true;
    if (!kinds_gather(ledger, kinds, err)) {
        ledger_close(ledger);
        return false;
    }
    store_attach(store, ledger);
    store_on_undone(store, on_undone);
    *out = ledger;
    return true;
}

void ledger_close(Ledger *ledger)
{
    if (!ledger)
        return;
    Arena mem = ledger->mem; /* the ledger itself lives in it */
    arena_done(&mem);
}

Store *ledger_store(const Ledger *ledger) { return ledger->store; }

static bool frontier_load(Tx *tx, Ledger *ledger, Err *err)
{
    int64_t size = 0;
    bool found = false;
    /* Another process may have appended meanwhile: what is held counts only while the head agrees. */
    if (!ledger->stale && !db_int(tx->db, &ledger_sql[LEDGER_HEAD], NO_VALUES, &size, &found, err))
        return false;
    if (!ledger->stale && found && size == (int64_t)ledger->frontier.size)
        return true;
    CLEANUP(rows_done) Rows rows = { 0 };
    bool more = false;
    if (!db_query(tx->db, &ledger_sql[LEDGER_HEAD], NO_VALUES, &rows, err) || !rows_next(&rows, &more, err))
        return err_while(err, "reading the head of the ledger");
    if (!more)
        return err_set(err, ERR_INVALID, "This database has no ledger yet.") ||
               err_hint(err, "Run muster init first.");
    Str edge = row_blob(&rows, 1);
    if (!merkle_frontier_read(&ledger->frontier, (const uint8_t *)edge.at, edge.len) ||
        ledger->frontier.size != (uint64_t)row_int(&rows, 0))
        return err_set(err, ERR_STORE, "The head of the ledger is damaged.");
    ledger->stale = false;
    return true;
}

static void put_int(uint8_t **at, int64_t n)
{
    for (int shift = 56; shift >= 0; shift -= 8)
        *(*at)++ = (uint8_t)((uint64_t)n >> shift);
}

/* Header: a version, six numbers big-endian, the kind with its length, then the digest of salt and body. */
void entry_seal(const Entry *e, Str salt, Str body, Sealed *out)
{
    if (body.at) {
        Sha256Stream *s;
        Arena mem = { 0 };
        if (salt.len + body.len <= 1024) { /* the usual case: one call */
            uint8_t whole[1024];
            memcpy(whole, salt.at, salt.len);
            memcpy(whole + salt.len, body.at, body.len);
            out->digest = sha256_of(whole, salt.len + body.len);
        } else {
            s = sha256_begin(&mem);
            sha256_add(s, salt.at, salt.len);
            sha256_add(s, body.at, body.len);
            out->digest = sha256_end(s);
        }
        arena_done(&mem);
    }
    uint8_t header[256], *at = header;
    size_t kind_len = strlen(e->kind);
    assert(kind_len < 100);
    memcpy(at, "muster entry v1\n", 16);
    at += 16;
    const int64_t numbers[] = { e->seq,       e->at,      e->actor,         e->agency,
                                e->operation, e->subject, (int64_t)kind_len };
    FOR_EACH (n, numbers)
        put_int(&at, *n);
    memcpy(at, e->kind, kind_len);
    at += kind_len;
    memcpy(at, out->digest.bytes, 32);
    at += 32;
    out->leaf = merkle_leaf(header, (size_t)(at - header));
}

typedef struct NodeSink {
    Tx *tx;
    Err *err;
} NodeSink;

static bool node_write(void *ctx, int level, uint64_t first, const Hash32 *nodes, size_t n)
{
    const NodeSink *sink = ctx;
    if (level == 0)
        return true; /* leaves are kept with their entries */
    for (size_t i = 0; i < n; i++)
        if (!db_run(sink->tx, &ledger_sql[LEDGER_NODE_NEW],
                    VALUES(sql_int(level), sql_int((int64_t)(first + i)), sql_blob(nodes[i].bytes, 32)),
                    sink->err))
            return false;
    return true;
}

static bool tree_extend(Tx *tx, Ledger *ledger, const Hash32 *leaf, Err *err)
{
    NodeSink sink = { tx, err };
    if (!merkle_append(&ledger->frontier, leaf, node_write, &sink))
        return err->kind ? false : err_set(err, ERR_LIMIT, "The ledger is full.");
    uint8_t edge[MERKLE_FRONTIER_BYTES];
    size_t len = merkle_frontier_write(&ledger->frontier, edge);
    return db_run(tx, &ledger_sql[LEDGER_HEAD_SET],
                  VALUES(sql_int((int64_t)ledger->frontier.size), sql_blob(edge, len)), err);
}

bool entry_admit(Tx *tx, Ledger *ledger, const Kind *kind, Entry *e, Str salt, Str body, const Sealed *sealed,
                 Arena *mem, Err *err)
{
    if (!db_run(tx, &ledger_sql[LEDGER_ENTRY_NEW],
                VALUES(sql_int(e->seq), sql_int(e->at), sql_text(e->kind), sql_int(e->actor),
                       sql_int(e->agency), sql_int(e->operation), sql_int(e->subject),
                       body.at ? sql_blob(salt.at, salt.len) : sql_null(),
                       body.at ? sql_str(body) : sql_null(), sql_blob(sealed->digest.bytes, 32),
                       sql_blob(sealed->leaf.bytes, 32)),
                err))
        return false;
    if (kind->apply) {
        ledger->applying = true;
        bool applied = kind->apply(tx, e, mem, err);
        ledger->applying = false;
        if (!applied)
            return false;
    }
    return tree_extend(tx, ledger, &sealed->leaf, err);
}

static bool append_checked(Tx *tx, Ledger *ledger, const Hand *hand, const Kind *kind, int64_t subject,
                           Json *body, int64_t *seq, Err *err)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    if (!body_check(kind, body, err) || !frontier_load(tx, ledger, err))
        return false;
    if (kind->creates != (subject == 0))
        return err_set(err, ERR_BUG, "%s %s", kind->name,
                       kind->creates ? "creates its object and takes no subject." : "needs a subject.");
    Entry e = { .seq = (int64_t)ledger->frontier.size + 1,
                .actor = hand->actor,
                .agency = hand->agency,
                .operation = hand->operation,
                .subject = subject,
                .at = hand->at,
                .kind = kind->name,
                .body = body };
    uint8_t salt[16];
    random_fill(salt, sizeof salt);
    Sealed sealed;
    Str text = str_of(json_canonical(&mem, body)), salted = { (const char *)salt, sizeof salt };
    entry_seal(&e, salted, text, &sealed);
    if (!entry_admit(tx, ledger, kind, &e, salted, text, &sealed, &mem, err))
        return false;
    if (seq)
        *seq = e.seq;
    return true;
}

bool ledger_append(Tx *tx, const Hand *hand, const char *kind_name, int64_t subject, Json *body, int64_t *seq,
                   Err *err)
{
    CLEANUP(json_done) Json *owned = body;
    Ledger *ledger = tx->ledger;
    assert(ledger && !ledger->applying); /* a fact never follows from applying another */
    const Kind *kind = ledger_kind(ledger, kind_name);
    if (!kind)
        return err_set(err, ERR_BUG, "No kind of fact is called %s.", kind_name);
    if (!append_checked(tx, ledger, hand, kind, subject, owned, seq, err))
        return err_while(err, "recording %s", kind_name);
    return true;
}

typedef struct Single {
    const Hand *hand;
    const char *kind;
    int64_t subject;
    Json *body;
    int64_t *seq;
} Single;

static bool append_single(Tx *tx, void *ctx, Err *err)
{
    Single *s = ctx;
    return ledger_append(tx, s->hand, s->kind, s->subject, s->body, s->seq, err);
}

bool ledger_record(Ledger *ledger, const Hand *hand, const char *kind, int64_t subject, Json *body,
                   int64_t *seq, Err *err)
{
    Single single = { hand, kind, subject, body, seq };
    return writer_run(ledger->store, append_single, &single, err);
}

typedef struct Founding {
    const char *origin;
    Instant now;
} Founding;

static bool found(Tx *tx, void *ctx, Err *err)
{
    const Founding *f = ctx;
    uint8_t seed[32], edge[MERKLE_FRONTIER_BYTES];
    MerkleFrontier empty = { 0 };
    random_fill(seed, sizeof seed);
    return db_run(tx, &ledger_sql[LEDGER_HEAD_NEW],
                  VALUES(sql_blob(edge, merkle_frontier_write(&empty, edge)), sql_text(f->origin),
                         sql_int(f->now)),
                  err) &&
           db_run(tx, &ledger_sql[LEDGER_KEY_NEW],
                  VALUES(sql_text("checkpoint"), sql_blob(seed, sizeof seed)), err);
}

bool ledger_found(Ledger *ledger, const char *origin, Instant now, Err *err)
{
    Founding f = { origin, now };
    return writer_run(ledger->store, found, &f, err) || err_while(err, "founding the ledger");
}

typedef struct Erasure {
    const Hand *hand;
    int64_t seq;
    const char *reason;
} Erasure;

/* The body goes, the digest stays: the leaf and every proof hold. The kind's apply runs once more with the
 * entry marked erased and must leave what a replay of the erased entry would leave. */
static bool erase(Tx *tx, void *ctx, Err *err)
{
    const Erasure *x = ctx;
    Ledger *ledger = tx->ledger;
    CLEANUP(arena_done) Arena mem = { 0 };
    CLEANUP(rows_done) Rows rows = { 0 };
    CLEANUP(json_done) Json *none = json_new_object();
    bool more = false;
    if (!db_query(tx->db, &ledger_sql[LEDGER_ONE], VALUES(sql_int(x->seq)), &rows, err) ||
        !rows_next(&rows, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "There is no entry %lld.", (long long)x->seq);
    Entry e = entry_of_row(&rows, &mem);
    rows_done(&rows);
    const Kind *kind = ledger_kind(ledger, e.kind);
    if (!kind || !kind->erasable)
        return err_set(err, ERR_INVALID, "An entry of the kind %s cannot be erased.", e.kind);
    e.body = none;
    e.erased = true;
    if (!db_run(tx, &ledger_sql[LEDGER_ERASE], VALUES(sql_int(x->seq)), err) ||
        (kind->apply && !kind->apply(tx, &e, &mem, err)))
        return false;
    Json *body = json_new_object();
    json_set_text(body, "reason", x->reason);
    return ledger_append(tx, x->hand, "entry.erased", x->seq, body, NULL, err);
}

bool ledger_erase(Ledger *ledger, const Hand *hand, int64_t seq, const char *reason, Err *err)
{
    if (str_blank(reason))
        return err_set(err, ERR_INVALID, "An erasure needs its reason.");
    Erasure x = { hand, seq, reason };
    return writer_run(ledger->store, erase, &x, err) || err_while(err, "erasing entry %lld", (long long)seq);
}

static const Field erased_fields[] = { { "reason", REQUIRED, FIELD_TEXT }, { 0 } };
const Kind ledger_kinds[] = {
    { "entry.erased", "Body of an entry erased", erased_fields, NULL, false, false },
    { 0 },
};
