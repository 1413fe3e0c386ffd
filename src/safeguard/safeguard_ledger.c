/* safeguard_ledger.c: facts about children, one at a time or many from a file. */
#include "safeguard/safeguard_ledger.h"
#include "operate/returns.h"
#include "safeguard/inside.h"

static Date date_at(const Json *body, const char *key)
{
    Date d = DATE_NONE;
    return json_text(body, key) && date_parse(str_of(json_text(body, key)), &d) ? d : DATE_NONE;
}

/* ---- one at a time ---- */

static bool apply_recorded(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    const Json *b = e->body;
    ChildFact f = {
        .child_ref = json_text(b, "ref"),
        .label = json_text(b, "label"),
        .relation = json_text(b, "relation"),
        .access = json_text(b, "access"),
        .state = json_text(b, "state"),
        .mechanism = json_text(b, "mechanism"),
        .agency = json_text(b, "agency"),
        .plan = json_text(b, "plan"),
        .operation = e->operation,
        .nominal = json_int(b, "nominal", 0),
        .force = json_int(b, "force", 0),
        .age = json_int(b, "age", -1),
        .immediate_risk = json_bool(b, "immediate_risk", false),
        .on = date_at(b, "on"),
        .plan_due = json_int(b, "due_plan", INSTANT_NONE),
    };
    int64_t child = 0, was = 0;
    bool same = false;
    return child_put(tx, e, &f, &child, &was, &same, err) && child_settle(tx, e, mem, child, err);
}

static bool apply_safeguarded(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    ChildNow c = {0};
    const Json *b = e->body;
    if (!child_now(tx->db, mem, e->subject, &c, err))
        return false;
    return db_run(tx, SQL(PLAN),
                  VALUES(sql_int(c.id), sql_text(json_text(b, "mechanism")), sql_text(json_text(b, "agency")),
                         sql_text(json_text(b, "plan"))),
                  err) &&
           db_run(tx, SQL(STATE_NEW),
                  VALUES(sql_int(c.id), sql_text(""), sql_int(c.force), sql_date(date_at(b, "on")),
                         sql_text("safeguarded"), sql_bool(c.immediate_risk), sql_int(e->seq)),
                  err) &&
           child_settle(tx, e, mem, c.id, err);
}

/* A referral sent is the child's record moved on, unless it is further on already. */
static bool concern_referred(Tx *tx, const Entry *e, Arena *mem, int64_t child, Date on, Err *err)
{
    ChildNow c = {0};
    if (!child_now(tx->db, mem, child, &c, err))
        return false;
    return !str_same(c.state, "concern") ||
           db_run(tx, SQL(STATE_NEW),
                  VALUES(sql_int(c.id), sql_text(""), sql_int(c.force), sql_date(on), sql_text("referred"),
                         sql_bool(c.immediate_risk), sql_int(e->seq)),
                  err);
}

static bool apply_referred(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    const Json *b = e->body;
    ReferralFact f = {
        .ref = json_text(b, "ref"),
        .route = json_text(b, "route"),
        .agency = json_text(b, "agency"),
        .state = json_text(b, "state"),
        .outcome = json_text(b, "outcome"),
        .child = e->subject,
        .on = date_at(b, "on"),
        .acknowledge_due = json_int(b, "due_acknowledge", INSTANT_NONE),
        .decide_due = json_int(b, "due_decide", INSTANT_NONE),
    };
    bool same = false;
    return referral_put(tx, e, &f, &same, err) && concern_referred(tx, e, mem, e->subject, f.on, err)
        && child_settle(tx, e, mem, e->subject, err);
}

/* ---- rows of a file ---- */

typedef struct Placed { Arena *mem; int64_t *children; size_t count, cap; bool referrals; } Placed;

static void touched(Placed *p, int64_t child)
{
    for (size_t i = 0; i < p->count; i++)
        if (p->children[i] == child)
            return;
    *arena_push(p->mem, p->children, p->count, p->cap) = child;
}

static bool put_child(Placed *p, Tx *tx, const Entry *e, const ReturnRow *row, const Json *item, bool *same,
                      Err *err)
{
    const Json *r = row->row;
    ChildFact f = {
        .ref = row->ref,
        .child_ref = json_text(r, "child_ref"),
        .relation = json_text(r, "relation"),
        .access = json_text(r, "access"),
        .state = json_text(r, "state"),
        .mechanism = json_text(r, "mechanism"),
        .agency = json_text(r, "agency"),
        .operation = row->operation,
        .nominal = json_int(item, "nominal", 0),
        .force = json_int(item, "force", 0),
        .file = row->file,
        .line = row->line,
        .age = -1,
        .on = row->on,
        .immediate_risk = str_same(json_text(r, "immediate_risk"), "yes"),
        .plan_due = json_int(item, "due_plan", INSTANT_NONE),
    };
    int64_t child = 0, was = 0;
    if (json_text(r, "age"))
        (void)str_int(str_of(json_text(r, "age")), 0, 150, &f.age);
    if (!child_put(tx, e, &f, &child, &was, same, err))
        return false;
    touched(p, child);
    if (was)
        touched(p, was);
    return true;
}

static bool put_referral(Placed *p, Tx *tx, const Entry *e, const ReturnRow *row, const Json *item,
                         Settled *settled, const char **reason, Err *err)
{
    const Json *r = row->row;
    bool same = false;
    ReferralFact f = {
        .ref = row->ref,
        .route = json_text(r, "route"),
        .agency = json_text(r, "agency"),
        .state = json_text(r, "state"),
        .outcome = json_text(r, "result"),
        .on = row->on,
        .acknowledge_due = json_int(item, "due_acknowledge", INSTANT_NONE),
        .decide_due = json_int(item, "due_decide", INSTANT_NONE),
    };
    if (!child_by_ref(tx->db, json_int(item, "force", 0), json_text(r, "child_ref"), &f.child, err))
        return false;
    if (f.child == 0) { /* its child's row in this fact was corrected to name another */
        *settled = SETTLED_PENDING;
        *reason = "The child it names is not here yet.";
        return true;
    }
    if (!referral_put(tx, e, &f, &same, err))
        return false;
    touched(p, f.child);
    *settled = same ? SETTLED_MERGED : SETTLED_TAKEN;
    return true;
}

static bool put(void *ctx, Tx *tx, const Entry *e, const ReturnRow *row, const Json *item, Settled *settled,
                const char **reason, Err *err)
{
    Placed *p = ctx;
    bool same = false;
    if (str_same(row->event, "referral"))
        return put_referral(p, tx, e, row, item, settled, reason, err);
    if (!put_child(p, tx, e, row, item, &same, err))
        return false;
    *settled = same ? SETTLED_MERGED : SETTLED_TAKEN;
    return true;
}

static bool apply_placed(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    Placed p = { .mem = mem };
    if (!returns_apply(tx, e, mem, put, &p, err))
        return false;
    for (size_t i = 0; i < p.count; i++)
        if (!child_settle(tx, e, mem, p.children[i], err))
            return false;
    return true;
}

/* ---- the registry ---- */

static const Field recorded_fields[] = {
    { "nominal",        OPTIONAL, FIELD_ID   }, { "force",     REQUIRED, FIELD_ID   },
    { "ref",            REQUIRED, FIELD_TEXT }, { "label",     OPTIONAL, FIELD_TEXT },
    { "relation",       OPTIONAL, FIELD_TEXT }, { "access",    OPTIONAL, FIELD_TEXT },
    { "state",          REQUIRED, FIELD_TEXT }, { "mechanism", OPTIONAL, FIELD_TEXT },
    { "agency",         OPTIONAL, FIELD_TEXT }, { "plan",      OPTIONAL, FIELD_TEXT },
    { "age",            OPTIONAL, FIELD_INT  }, { "on",        REQUIRED, FIELD_DATE },
    { "immediate_risk", REQUIRED, FIELD_BOOL }, { "due_plan",  OPTIONAL, FIELD_INSTANT }, {0}
};
static const Field safeguarded_fields[] = { { "mechanism", REQUIRED, FIELD_TEXT },
                                            { "agency", REQUIRED, FIELD_TEXT },
                                            { "plan", REQUIRED, FIELD_TEXT },
                                            { "on", REQUIRED, FIELD_DATE },
                                            { 0 } };
static const Field referred_fields[] = {
    { "route",   REQUIRED, FIELD_TEXT }, { "agency", REQUIRED, FIELD_TEXT }, { "ref", OPTIONAL, FIELD_TEXT },
    { "outcome", OPTIONAL, FIELD_TEXT }, { "state",  REQUIRED, FIELD_TEXT }, { "on",  REQUIRED, FIELD_DATE },
    { "due_acknowledge", OPTIONAL, FIELD_INSTANT }, { "due_decide", OPTIONAL, FIELD_INSTANT }, {0}
};

const Kind safeguard_kinds[] = {
    /* name                  says                                           body                apply creates
     */
    { "child.recorded", "Concern for a child recorded", recorded_fields, apply_recorded, true, false },
    { "child.referred", "Child referred, or the referral answered", referred_fields, apply_referred, false,
      false },
    { "child.safeguarded", "Child safeguarded", safeguarded_fields, apply_safeguarded, false, false },
    { "return.child-placed", "Rows a force returned about children, placed", returns_fields, apply_placed,
      true, false },
    { 0 }
};
