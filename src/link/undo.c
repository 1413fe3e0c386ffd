/* undo.c: a person takes a link or a merge back, or decides one. */
#include "base/ref.h"
#include "link/inside.h"
#include "link/nominal.h"
#include "link/nominal_apply.h"

static bool reason_given(const char *reason, Err *err)
{
    return !str_blank(reason) || err_set(err, ERR_INVALID, "Say why, in a sentence.");
}

typedef struct Unlink {
    const Hand *hand;
    int64_t     link;
    const char *reason;
} Unlink;

typedef struct Undone { int64_t holder, sighting, undone, operation, kept; bool first, last, merged; } Undone;

static bool undone_read(Db *db, int64_t link, Undone *u, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    CLEANUP(arena_done) Arena mem = {0};
    NominalState state = {0};
    int64_t alive = 0;
    bool more = false, found = false;
    if (!db_query(db, &link_sql[LINK_ONE], VALUES(sql_int(link)), &rows, err) ||
        !rows_next(&rows, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "There is no such link.");
    *u = (Undone){ .holder = row_int(&rows, 0), .sighting = row_int(&rows, 1), .undone = row_int(&rows, 3),
                   .first = str_same(row_text(&rows, 2), "first") };
    rows_done(&rows);
    if (!nominal_kept(db, u->holder, &u->kept, err) || !nominal_state(db, &mem, u->kept, &state, err)
        || !db_int(db, &link_sql[LINK_ALIVE], VALUES(sql_int(u->holder)), &alive, &found, err))
        return false;
    u->operation = state.operation;
    u->last = alive == 1;
    u->merged = u->kept != u->holder;
    return true;
}

static bool append_unmerged(Tx *tx, const Hand *hand, int64_t merge, int64_t subject, const char *reason,
                            Err *err)
{
    Json *body = json_new_object();
    json_set_int(body, "merge", merge);
    json_set_text(body, "reason", reason);
    return ledger_append(tx, hand, "nominal.unmerged", subject, body, NULL, err);
}

bool merge_holding(Db *db, int64_t merged, int64_t *merge_id, Err *err)
{
    bool found = false;
    *merge_id = 0;
    return db_int(db, &link_sql[LINK_MERGE_LAST], VALUES(sql_int(merged)), merge_id, &found, err);
}

/* The sighting leaves, and has a nominal of its own again at once: nobody's record is ever without one. */
static bool part(Tx *tx, const Unlink *x, const Undone *u, Err *err)
{
    Hand hand = *x->hand;
    hand.operation = u->operation;
    Json *body = json_new_object(), *again = json_new_object();
    json_set_int(body, "link", x->link);
    json_set_text(body, "reason", x->reason);
    json_set_int(again, "sighting", u->sighting);
    json_set_text(again, "kind", "first");
    json_set_text(again, "reason", "Its link to another nominal was undone");
    json_set_int(again, "apart_from", u->holder);
    CLEANUP(json_done) Json *held = again;
    return ledger_append(tx, &hand, "nominal.unlinked", u->kept, body, NULL, err)
        && ledger_append(tx, &hand, "nominal.opened", 0, json_keep(held), NULL, err);
}

static bool unlink_run(Tx *tx, void *ctx, Err *err)
{
    const Unlink *x = ctx;
    Undone u = {0};
    int64_t merge = 0;
    if (!undone_read(tx->db, x->link, &u, err))
        return false;
    if (u.undone)
        return err_set(err, ERR_CONFLICT, "That link has already been undone.");
    if (!u.last)
        return part(tx, x, &u, err);
    if (!u.merged)
        return err_set(err, ERR_CONFLICT,
                       "It is the only sighting of this nominal: there is nothing to part.");
    /* The last sighting of a nominal that was merged away: it goes back to the nominal it had. */
    return merge_holding(tx->db, u.holder, &merge, err)
        && append_unmerged(tx, x->hand, merge, u.kept, x->reason, err);
}

bool nominal_unlink(Ledger *ledger, const Hand *hand, int64_t link, const char *reason, Err *err)
{
    Unlink x = { hand, link, reason };
    return (reason_given(reason, err) && writer_run(ledger_store(ledger), unlink_run, &x, err)) ||
           err_while(err, "undoing a link");
}

bool nominal_merge(Ledger *ledger, const Hand *hand, int64_t keep, int64_t merge, const char *reason,
                   Err *err)
{
    if (!reason_given(reason, err))
        return false;
    if (keep == merge)
        return err_set(err, ERR_INVALID, "These are one nominal already.");
    Json *body = json_new_object();
    json_set_int(body, "merged", merge);
    json_set_text(body, "reason", reason);
    return ledger_record(ledger, hand, "nominal.merged", keep, body, NULL, err) ||
           err_while(err, "merging nominals");
}

typedef struct Unmerge {
    const Hand *hand;
    int64_t     merge;
    const char *reason;
} Unmerge;

static bool unmerge_run(Tx *tx, void *ctx, Err *err)
{
    const Unmerge *x = ctx;
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    if (!db_query(tx->db, &link_sql[LINK_MERGE_ONE], VALUES(sql_int(x->merge)), &rows, err)
        || !rows_next(&rows, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "There is no such merge.");
    int64_t kept = row_int(&rows, 0);
    rows_done(&rows);
    return nominal_kept(tx->db, kept, &kept, err) &&
           append_unmerged(tx, x->hand, x->merge, kept, x->reason, err);
}

bool nominal_unmerge(Ledger *ledger, const Hand *hand, int64_t merge_id, const char *reason, Err *err)
{
    Unmerge x = { hand, merge_id, reason };
    return (reason_given(reason, err) && writer_run(ledger_store(ledger), unmerge_run, &x, err))
        || err_while(err, "taking a merge back");
}

bool nominal_keep_apart(Ledger *ledger, const Hand *hand, int64_t a, int64_t b, const char *reason, Err *err)
{
    if (!reason_given(reason, err))
        return false;
    if (a == b)
        return err_set(err, ERR_INVALID, "These are one nominal already.");
    Json *body = json_new_object();
    json_set_int(body, "other", b);
    json_set_text(body, "reason", reason);
    return ledger_record(ledger, hand, "nominal.apart", a, body, NULL, err) ||
           err_while(err, "keeping nominals apart");
}

bool nominal_name(Ledger *ledger, const Hand *hand, int64_t nominal, const NominalNaming *n, Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    if (!reason_given(n->reason, err))
        return false;
    if (str_blank(n->name))
        return err_set(err, ERR_INVALID, "Enter a name.");
    Json *body = json_new_object();
    json_set_text(body, "name", n->name);
    json_set_text(body, "given", n->given);
    json_set_text(body, "family", n->family);
    json_set_text(body, "reason", n->reason);
    if (n->born != DATE_NONE)
        json_set_text(body, "born", date_iso(&mem, n->born));
    return ledger_record(ledger, hand, "nominal.named", nominal, body, NULL, err) ||
           err_while(err, "naming a nominal");
}

bool nominal_restrict(Ledger *ledger, const Hand *hand, int64_t nominal, bool restricted, const char *reason,
                      Err *err)
{
    if (!reason_given(reason, err))
        return false;
    Json *body = json_new_object();
    json_set_bool(body, "restricted", restricted);
    json_set_text(body, "reason", reason);
    return ledger_record(ledger, hand, "nominal.restricted", nominal, body, NULL, err)
        || err_while(err, "restricting a nominal");
}
