/* build.c: building a package, and who needs one. */
#include "dispatch/hand.h"
#include "dispatch/inside.h"
#include "link/nominal_apply.h"

typedef struct Build {
    const ClockRules *rules;
    const Hand *hand;
    int64_t nominal, *package;
    Arena mem;
    int64_t operation, force, version;
    const char *band;
} Build;

static bool nominal_ready(Db *db, Build *b, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    if (!db_query(db, SQL(NOMINAL), VALUES(sql_int(b->nominal)), &rows, err) || !rows_next(&rows, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "There is no such nominal.");
    if (str_same(row_text(&rows, 7), "eliminated"))
        return err_set(err, ERR_CONFLICT, "They are eliminated.") ||
               err_hint(err, "Take the elimination back first.");
    b->operation = row_int(&rows, 0);
    b->force = row_int(&rows, 1);
    b->band = row_copy(&rows, 2, &b->mem);
    if (b->force == 0)
        return err_set(err, ERR_INVALID, "No force is settled for this nominal yet.")
            || err_hint(err, "Tie a footprint to a household first.");
    return true;
}

static bool none_open(Db *db, Build *b, Err *err)
{
    int64_t open = 0;
    bool found = false;
    if (!db_int(db, SQL(OPEN_OF), VALUES(sql_int(b->nominal)), &open, &found, err)
        || !db_int(db, SQL(VERSIONS), VALUES(sql_int(b->nominal)), &b->version, &(bool){ false }, err))
        return false;
    b->version++;
    return !found || err_set(err, ERR_CONFLICT, "A package for this nominal is open already.");
}

static bool body_handling(Db *db, Build *b, Json *body, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    if (!db_query(db, SQL(HANDLING), VALUES(sql_int(b->operation)), &rows, err) ||
        !rows_next(&rows, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_INVALID, "The nominal belongs to no operation.");
    json_set_text(body, "handling", row_text(&rows, 0));
    json_set_text(body, "conditions", row_text(&rows, 1));
    json_set_text(body, "classification", row_text(&rows, 2));
    return true;
}

static bool body_clocks(Build *b, Json *body, Err *err)
{
    Instant send = 0, hold = 0;
    if (!clock_due(b->rules, "package.send", b->band, "", b->hand->at, &send, err))
        return false;
    json_set_int(body, "due_send", send);
    if (json_count(json_get(body, "hits")) == 0)
        return true;
    if (!clock_due(b->rules, "package.hold-decision", b->band, "", b->hand->at, &hold, err))
        return false;
    json_set_int(body, "due_hold", hold);
    return true;
}

static bool body_make(Db *db, Build *b, Json *body, Err *err)
{
    Json *hits = NULL, *manifest = NULL;
    json_set_int(body, "nominal", b->nominal);
    json_set_int(body, "force", b->force);
    json_set_int(body, "version", b->version);
    json_set_text(body, "band", b->band);
    if (!deconflict(db, &b->mem, b->nominal, NULL, &hits, err))
        return false;
    json_set(body, "hits", hits);
    if (!manifest_make(db, &b->mem, b->nominal, &manifest, err))
        return false;
    json_set(body, "manifest", manifest);
    return body_handling(db, b, body, err) && body_clocks(b, body, err);
}

static bool build_run(Tx *tx, void *ctx, Err *err)
{
    Build *b = ctx;
    CLEANUP(json_done) Json *body = json_new_object();
    if (!nominal_kept(tx->db, b->nominal, &b->nominal, err)) {
        if (err->kind != ERR_BUG)
            return false;
        err_clear(err);
        return err_set(err, ERR_NOT_FOUND, "There is no such nominal.");
    }
    if (!nominal_ready(tx->db, b, err) || !hand_may(tx->db, b->hand, PERM_PACKAGE_BUILD, b->force, err)
        || !none_open(tx->db, b, err) || !body_make(tx->db, b, body, err))
        return false;
    Hand hand = *b->hand;
    hand.operation = b->operation;
    return ledger_append(tx, &hand, "package.built", 0, json_keep(body), b->package, err);
}

bool package_build(Ledger *ledger, Db *db, const ClockRules *rules, const Hand *hand, int64_t nominal,
                   int64_t *package, Err *err)
{
    Build b = { .rules = rules, .hand = hand, .nominal = nominal, .package = package };
    (void)db; /* what is read must be what is written on: inside the command */
    bool ok = writer_run(ledger_store(ledger), build_run, &b, err);
    arena_done(&b.mem);
    return ok || err_while(err, "building a package");
}

typedef struct Ids { Arena *mem; int64_t *at; size_t count, cap; } Ids;

static bool id_add(void *ctx, const Rows *rows, Err *err)
{
    Ids *ids = ctx;
    (void)err;
    *arena_push(ids->mem, ids->at, ids->count, ids->cap) = row_int(rows, 0);
    return true;
}

bool package_candidates(Db *db, Arena *mem, int64_t operation, int64_t **ids, size_t *count, Err *err)
{
    Ids found = { .mem = mem };
    if (!each_row(db, SQL(CANDIDATES), VALUES(sql_int(operation)), id_add, &found, err))
        return err_while(err, "listing who needs a package");
    *ids = found.at;
    *count = found.count;
    return true;
}
