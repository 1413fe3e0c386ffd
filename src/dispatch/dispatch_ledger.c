/* dispatch_ledger.c: facts about packages, and the clocks they start and stop.
 *
 * Invariants: (1) a package always has one owner, the coordinator's duty person before it is sent, the
 * force's after; (2) package.first-action runs from sending to the first action, whoever holds the package
 * meanwhile; (3) of someone eliminated, what a package waits for stands still, whatever starts then
 * too, and its holder has a clock to close it. Clocks are stopped by kind, never all of a number: other
 * objects have numbers of their own that may be the same. */
#include "dispatch/dispatch_ledger.h"
#include "dispatch/inside.h"
#include "dispatch/package_apply.h"
#include "link/nominal_apply.h"

bool each_row(Db *db, const Sql *sql, Values values, EachRow *row, void *ctx, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    if (!db_query(db, sql, values, &rows, err))
        return false;
    for (;;) {
        if (!rows_next(&rows, &more, err))
            return false;
        if (!more)
            return true;
        if (!row(ctx, &rows, err))
            return false;
    }
}

bool package_state(Db *db, Arena *mem, int64_t id, PackageState *out, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    if (!db_query(db, SQL(STATE), VALUES(sql_int(id)), &rows, err) || !rows_next(&rows, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "There is no such package.");
    *out = (PackageState){ row_int(&rows, 0),       row_int(&rows, 1),      row_int(&rows, 2),
                           row_int(&rows, 3),       row_int(&rows, 4),      row_copy(&rows, 5, mem),
                           row_copy(&rows, 6, mem), row_copy(&rows, 7, mem),
                           !row_null(&rows, 8) };
    return true;
}

bool coordinator_of(Db *db, int64_t operation, int64_t *agency, int64_t *person, Err *err)
{
    return operation_lead(db, operation, agency, err) && agency_duty(db, *agency, person, err);
}

/* ---- clocks of a package ---- */

typedef struct Wait { int64_t agency, owner; } Wait;

/* Of someone eliminated (invariant 3). */
static const char to_close[] = "package.eliminated";
static const char held_why[] = "The person is eliminated";

static bool start(Tx *tx, const Entry *e, const PackageState *p, const char *kind, Wait whose, Instant due,
                  Err *err)
{
    if (due == INSTANT_NONE)
        return true;
    ClockStart s = { kind, p->id, 'P', p->nominal, whose.agency, whose.owner, due };
    return clock_start(tx, e, &s, err) &&
           (!p->eliminated || str_same(kind, to_close) || clock_hold(tx, e, p->id, kind, held_why, err));
}

static bool stop(Tx *tx, const Entry *e, int64_t package, const char *const *kinds, const char *reason,
                 Err *err)
{
    for (; *kinds; kinds++)
        if (!clock_stop(tx, e, package, *kinds, reason, err))
            return false;
    return true;
}

static const char *const all_clocks[] = { "package.accept",       "package.eliminated",
                                          "package.first-action", "package.hold-decision",
                                          "package.receipt",      "package.returned",
                                          "package.send",         "package.update",
                                          NULL };

static Instant due_of(const Entry *e, const char *key) { return json_int(e->body, key, INSTANT_NONE); }

/* ---- built, held, released ---- */

static bool hits_add(Tx *tx, const PackageState *p, const Json *hits, Err *err)
{
    for (size_t i = 0; i < json_count(hits); i++) {
        const Json *h = json_at(hits, i);
        if (!db_run(tx, SQL(HIT_NEW),
                    VALUES(sql_int(p->id), sql_int(p->nominal), sql_int(json_int(h, "other", 0)),
                           sql_text(json_text(h, "kind")), sql_text(json_text(h, "detail"))),
                    err))
            return false;
    }
    return true;
}

static bool hold(Tx *tx, const Entry *e, const PackageState *p, Wait whose, Err *err)
{
    const Json *hits = json_get(e->body, "hits");
    if (json_count(hits) == 0)
        return true;
    return hits_add(tx, p, hits, err) &&
           db_run(tx, SQL(HELD),
                  VALUES(sql_int(p->id),
                         sql_text("Others may be at work on the same person, account or file."),
                         sql_int(whose.owner)),
                  err) &&
           start(tx, e, p, "package.hold-decision", whose, due_of(e, "due_hold"), err);
}

typedef struct Ids { Arena *mem; int64_t *at; size_t count, cap; } Ids;

static bool id_add(void *ctx, const Rows *rows, Err *err)
{
    Ids *ids = ctx;
    (void)err;
    *arena_push(ids->mem, ids->at, ids->count, ids->cap) = row_int(rows, 0);
    return true;
}

/* Building anew is the decision that a returned package waited for. */
static bool returned_over(Tx *tx, const Entry *e, Arena *mem, int64_t nominal, Err *err)
{
    Ids ids = { .mem = mem };
    if (!each_row(tx->db, SQL(RETURNED_OF), VALUES(sql_int(nominal)), id_add, &ids, err))
        return false;
    for (size_t i = 0; i < ids.count; i++)
        if (!clock_stop(tx, e, ids.at[i], "package.returned", "Built anew", err))
            return false;
    return true;
}

static bool apply_built(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    const Json *b = e->body;
    PackageState p = { .id = e->seq, .operation = e->operation, .nominal = json_int(b, "nominal", 0),
                       .force = json_int(b, "force", 0) };
    Wait lead = {0};
    if (!coordinator_of(tx->db, e->operation, &lead.agency, &lead.owner, err))
        return false;
    return db_run(tx, SQL(NEW),
                  VALUES(sql_int(p.id), sql_int(e->operation), sql_int(p.nominal), sql_int(p.force),
                         sql_int(json_int(b, "version", 1)), sql_text(json_text(b, "band")),
                         sql_text("built"), sql_text(json_text(b, "handling")),
                         sql_text(json_text(b, "conditions")), sql_text(json_text(b, "classification")),
                         sql_text(json_canonical(mem, json_get(b, "manifest"))), sql_int(e->at),
                         sql_int(lead.owner)),
                  err) &&
           returned_over(tx, e, mem, p.nominal, err) &&
           start(tx, e, &p, "package.send", lead, due_of(e, "due_send"), err) && hold(tx, e, &p, lead, err);
}

static bool apply_held(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    PackageState p;
    Wait lead = {0};
    return package_state(tx->db, mem, e->subject, &p, err)
        && coordinator_of(tx->db, p.operation, &lead.agency, &lead.owner, err) && hold(tx, e, &p, lead, err);
}

static bool apply_released(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    return db_run(tx, SQL(RELEASED), VALUES(sql_int(e->subject), sql_text(json_text(e->body, "reason"))), err)
        && db_run(tx, SQL(HITS_DECIDE), VALUES(sql_int(e->subject), sql_int(e->seq)), err)
        && clock_stop(tx, e, e->subject, "package.hold-decision", "Released", err);
}

/* ---- with a force ---- */

static bool apply_sent(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    PackageState p;
    Wait force = {0};
    if (!package_state(tx->db, mem, e->subject, &p, err) || !agency_duty(tx->db, p.force, &force.owner, err))
        return false;
    force.agency = p.force;
    return db_run(tx, SQL(SENT), VALUES(sql_int(p.id), sql_int(e->at), sql_text(json_text(e->body, "band")),
                                        sql_int(force.owner)), err)
        && clock_stop(tx, e, p.id, "package.send", "Sent", err)
        && start(tx, e, &p, "package.receipt", force, due_of(e, "due_receipt"), err)
        && start(tx, e, &p, "package.first-action", force, due_of(e, "due_first_action"), err)
        && clock_hand_over(tx, e, p.nominal, "nominal.action", force.agency, force.owner, err)
        && nominal_advance_stage(tx, e, p.nominal, "packaged", err);
}

static bool apply_received(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    PackageState p;
    if (!package_state(tx->db, mem, e->subject, &p, err))
        return false;
    Wait force = { p.force, p.owner };
    return db_run(tx, SQL(RECEIVED), VALUES(sql_int(p.id), sql_int(e->at)), err)
        && clock_stop(tx, e, p.id, "package.receipt", "Received", err)
        && start(tx, e, &p, "package.accept", force, due_of(e, "due_accept"), err);
}

static bool hand_over(Tx *tx, const Entry *e, const PackageState *p, Wait to, Err *err)
{
    static const char *const kept[] = { "package.eliminated", "package.first-action", "package.update" };
    FOR_EACH(kind, kept)
        if (!clock_hand_over(tx, e, p->id, *kind, to.agency, to.owner, err))
            return false;
    return clock_hand_over(tx, e, p->nominal, "nominal.action", to.agency, to.owner, err);
}

static bool apply_accepted(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    static const char *const done[] = { "package.receipt", "package.accept", NULL };
    PackageState p;
    int64_t officer = json_int(e->body, "officer", 0);
    return package_state(tx->db, mem, e->subject, &p, err)
        && db_run(tx, SQL(ACCEPTED), VALUES(sql_int(p.id), sql_int(e->at), sql_int(officer)), err)
        && stop(tx, e, p.id, done, "Accepted", err)
        && hand_over(tx, e, &p, (Wait){ p.force, officer }, err);
}

static bool give_back(Tx *tx, const Entry *e, const PackageState *p, const char *reason, Instant due,
                      Err *err)
{
    Wait lead = {0};
    return coordinator_of(tx->db, p->operation, &lead.agency, &lead.owner, err)
        && db_run(tx, SQL(RETURNED), VALUES(sql_int(p->id), sql_text(reason), sql_int(lead.owner)), err)
        && stop(tx, e, p->id, all_clocks, "Returned to the coordinator", err)
        && start(tx, e, p, "package.returned", lead, due, err)
        && (!p->eliminated || start(tx, e, p, to_close, lead, due, err))
        && clock_hand_over(tx, e, p->nominal, "nominal.action", lead.agency, lead.owner, err);
}

static bool apply_returned(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    PackageState p;
    return package_state(tx->db, mem, e->subject, &p, err)
        && give_back(tx, e, &p, json_text(e->body, "reason"), due_of(e, "due_returned"), err)
        && nominal_set_stage(tx, e, p.nominal, "at-address", err);
}

static bool apply_moved(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    PackageState p;
    Wait to = { json_int(e->body, "to_force", 0), 0 };
    if (!package_state(tx->db, mem, e->subject, &p, err) || !agency_duty(tx->db, to.agency, &to.owner, err))
        return false;
    return db_run(tx, SQL(TRANSFERRED), VALUES(sql_int(p.id), sql_int(to.agency), sql_int(to.owner)), err)
        && clock_stop(tx, e, p.id, "package.accept", "Transferred", err)
        && start(tx, e, &p, "package.receipt", to, due_of(e, "due_receipt"), err)
        && hand_over(tx, e, &p, to, err)
        && nominal_set_force(tx, e, p.nominal, to.agency, "transferred between forces", err);
}

/* ---- acted on, closed ---- */

bool package_note_action(Tx *tx, const Entry *e, int64_t package, Date on, Instant update_due, Err *err)
{
    static const char *const done[] = { "package.accept", "package.first-action", "package.receipt", NULL };
    CLEANUP(arena_done) Arena mem = {0};
    PackageState p;
    if (package == 0)
        return true;
    if (!package_state(tx->db, &mem, package, &p, err))
        return false;
    if (str_same(p.state, "closed") || str_same(p.state, "returned"))
        return true;
    return db_run(tx, SQL(ACTED), VALUES(sql_int(p.id), sql_int(date_start_utc(on)), sql_int(e->at)), err)
        && stop(tx, e, p.id, done, "The force acted", err)
        && start(tx, e, &p, "package.update", (Wait){ p.force, p.owner }, update_due, err);
}

/* Only these end the journey; an arrest is where the work begins. */
static bool ends_it(const char *disposition)
{
    static const char *const ends[] = { "already-known", "charged", "deceased", "no-further-action" };
    FOR_EACH(end, ends)
        if (str_same(*end, disposition))
            return true;
    return false;
}

/* Who is eliminated may be taken back, and then needs a package again unless a force had acted already. */
static bool journey_after(Tx *tx, const Entry *e, const PackageState *p, const char *disposition, Err *err)
{
    if (str_same(disposition, PERSON_ELIMINATED))
        return str_same(p->state, "actioned") || nominal_set_stage(tx, e, p->nominal, "at-address", err);
    return nominal_advance_stage(tx, e, p->nominal, ends_it(disposition) ? "closed" : "actioned", err);
}

bool package_note_closed(Tx *tx, const Entry *e, int64_t package, const char *disposition, const char *note,
                         Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    PackageState p;
    if (package == 0)
        return true;
    if (!package_state(tx->db, &mem, package, &p, err))
        return false;
    return db_run(tx, SQL(CLOSED),
                  VALUES(sql_int(p.id), sql_int(e->at), sql_text(disposition), sql_text(note)), err) &&
           stop(tx, e, p.id, all_clocks, "Closed", err) &&
           clock_stop(tx, e, p.nominal, "nominal.action", "The force answered", err) &&
           journey_after(tx, e, &p, disposition, err);
}

bool package_note_returned(Tx *tx, const Entry *e, int64_t package, const char *reason, Instant due, Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    PackageState p;
    if (package == 0)
        return true;
    if (!package_state(tx->db, &mem, package, &p, err))
        return false;
    return str_same(p.state, "closed") || str_same(p.state, "returned") ||
           give_back(tx, e, &p, reason, due, err);
}

static bool apply_closed(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    return package_note_closed(tx, e, e->subject, json_text(e->body, "disposition"),
                               json_text(e->body, "note"), err);
}

/* ---- the person is eliminated, and taken back ---- */

static bool apply_eliminated(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    PackageState p;
    Wait whose = {0};
    if (!package_state(tx->db, mem, e->subject, &p, err) ||
        (with_coordinator(&p) && !coordinator_of(tx->db, p.operation, &whose.agency, &whose.owner, err)))
        return false;
    if (!whose.agency)
        whose = (Wait){ p.force, p.owner };
    return db_run(tx, SQL(ELIMINATED), VALUES(sql_int(p.id), sql_int(e->seq)), err) &&
           clock_hold(tx, e, p.id, "package.", held_why, err) &&
           start(tx, e, &p, to_close, whose, due_of(e, "due"), err);
}

static bool apply_reinstated(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    return db_run(tx, SQL(ELIMINATED), VALUES(sql_int(e->subject), sql_null()), err) &&
           clock_stop(tx, e, e->subject, to_close, "The elimination was taken back", err) &&
           clock_go_on(tx, e, e->subject, "package.", held_why, err);
}

bool package_of_force(Db *db, int64_t nominal, int64_t force, int64_t *package, Err *err)
{
    bool found = false;
    *package = 0;
    return db_int(db, SQL(OF_FORCE), VALUES(sql_int(nominal), sql_int(force)), package, &found, err);
}

bool package_holder(Db *db, Arena *mem, int64_t package, PackageHolder *out, bool *found, Err *err)
{
    PackageState p;
    *found = package_state(db, mem, package, &p, err);
    if (!*found) {
        if (err->kind != ERR_NOT_FOUND)
            return false;
        err_clear(err);
        return true;
    }
    *out = (PackageHolder){ p.nominal, p.force, p.operation, p.state, p.band };
    return true;
}

/* ---- the registry ---- */

static const Field built_fields[] = {
    { "nominal",    REQUIRED, FIELD_ID   }, { "force",          REQUIRED, FIELD_ID   },
    { "version",    REQUIRED, FIELD_INT  }, { "band",           REQUIRED, FIELD_TEXT },
    { "handling",   REQUIRED, FIELD_TEXT }, { "conditions",     REQUIRED, FIELD_TEXT },
    { "manifest",   REQUIRED, FIELD_OBJECT }, { "classification", REQUIRED, FIELD_TEXT },
    { "hits",       REQUIRED, FIELD_LIST }, { "due_send",       REQUIRED, FIELD_INSTANT },
    { "due_hold",   OPTIONAL, FIELD_INSTANT }, {0}
};
static const Field eliminated_fields[] = { { "elimination", REQUIRED, FIELD_ID },
                                           { "due", REQUIRED, FIELD_INSTANT },
                                           { 0 } };
static const Field no_fields[] = { { 0 } };
static const Field held_fields[] = { { "hits", REQUIRED, FIELD_LIST },
                                     { "due_hold", REQUIRED, FIELD_INSTANT },
                                     { 0 } };
static const Field reason_fields[] = { { "reason", REQUIRED, FIELD_TEXT }, {0} };
static const Field sent_fields[] = {
    { "band", REQUIRED, FIELD_TEXT }, { "due_receipt", REQUIRED, FIELD_INSTANT },
    { "due_first_action", REQUIRED, FIELD_INSTANT }, {0}
};
static const Field received_fields[] = { { "due_accept", REQUIRED, FIELD_INSTANT }, {0} };
static const Field accepted_fields[] = { { "officer", REQUIRED, FIELD_ID }, {0} };
static const Field returned_fields[] = { { "reason", REQUIRED, FIELD_TEXT },
                                         { "due_returned", REQUIRED, FIELD_INSTANT },
                                         { 0 } };
static const Field moved_fields[] = { { "from_force", REQUIRED, FIELD_ID },
                                            { "to_force", REQUIRED, FIELD_ID },
                                            { "reason", REQUIRED, FIELD_TEXT },
                                            { "due_receipt", REQUIRED, FIELD_INSTANT },
                                            { 0 } };
static const Field closed_fields[] = { { "disposition", REQUIRED, FIELD_TEXT },
                                       { "note", OPTIONAL, FIELD_TEXT },
                                       { 0 } };

const Kind dispatch_kinds[] = {
    { "package.accepted", "Package accepted by an officer", accepted_fields, apply_accepted, false, false },
    { "package.built", "Package built", built_fields, apply_built, true, false },
    { "package.closed", "Package closed", closed_fields, apply_closed, false, false },
    { "package.eliminated", "Person eliminated: the package waits to be closed", eliminated_fields,
      apply_eliminated, false, false },
    { "package.held", "Package held: others may be at work", held_fields, apply_held, false, false },
    { "package.received", "Package received by the force", received_fields, apply_received, false, false },
    { "package.reinstated", "Elimination taken back: the package goes on", no_fields, apply_reinstated, false,
      false },
    { "package.released", "Held package released", reason_fields, apply_released, false, false },
    { "package.returned", "Package returned by the force", returned_fields, apply_returned, false, false },
    { "package.sent", "Package sent to the force", sent_fields, apply_sent, false, false },
    { "package.transferred", "Package given to another force", moved_fields, apply_moved, false, false },
    { 0 }
};
