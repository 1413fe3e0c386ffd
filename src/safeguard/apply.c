/* apply.c: a child's record, made of the rows about it.
 *
 * The record is summed from its live states, so that a correction or a late row needs no special case. Clocks
 * run while what the rows say leaves the child without a plan, or a referral without its answer; several
 * referrals of one child share a clock, which shows the earliest that is due. */
#include "access/access.h"
#include "link/nominal_apply.h"
#include "safeguard/inside.h"

bool child_now(Db *db, Arena *mem, int64_t id, ChildNow *out, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    bool more = false;
    if (!db_query(db, SQL(ONE), VALUES(sql_int(id)), &r, err) || !rows_next(&r, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "There is no such child's record.");
    *out = (ChildNow){
        .id = row_int(&r, 0), .operation = row_int(&r, 1), .nominal = row_int(&r, 2), .force = row_int(&r, 3),
        .state = row_copy(&r, 4, mem), .planned = row_bool(&r, 5), .immediate_risk = row_bool(&r, 6),
        .known_on = row_date(&r, 7), .plan_due = row_when(&r, 8), .owner = row_int(&r, 9),
    };
    return true;
}

bool child_by_ref(Db *db, int64_t force, const char *ref, int64_t *id, Err *err)
{
    bool found = false;
    *id = 0;
    return db_int(db, SQL(BY_REF), VALUES(sql_int(force), sql_text(ref)), id, &found, err);
}

/* ---- states ---- */

typedef struct StateRow { int64_t id, child; bool same; } StateRow;

static bool state_live(Db *db, const ChildFact *f, StateRow *out, bool *found, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    *found = false;
    if (str_blank(f->ref))                          /* from a form: nothing to correct */
        return true;
    if (!db_query(db, SQL(STATE_LIVE), VALUES(sql_int(f->force), sql_text(f->ref)), &r, err) ||
        !rows_next(&r, found, err))
        return false;
    if (*found)
        *out = (StateRow){ row_int(&r, 0), row_int(&r, 1),
                           row_date(&r, 2) == f->on && str_same(row_text(&r, 3), f->state)
                               && row_bool(&r, 4) == f->immediate_risk };
    return true;
}

static bool child_open(Tx *tx, const Entry *e, const ChildFact *f, int64_t *child, Err *err)
{
    int64_t owner = 0;
    if (!agency_duty(tx->db, f->force, &owner, err) ||
        !db_run(tx, SQL(NEW),
                VALUES(sql_int(f->operation), sql_id(f->nominal), sql_int(f->force), sql_text(f->child_ref),
                       sql_text(f->label ? f->label : f->child_ref), sql_date(f->on), sql_int(owner),
                       sql_id(f->file), sql_id(f->line), sql_int(e->seq)),
                err))
        return false;
    *child = tx_last_id(tx);
    return true;
}

bool child_put(Tx *tx, const Entry *e, const ChildFact *f, int64_t *child, int64_t *was_child, bool *same,
               Err *err)
{
    StateRow live = {0};
    bool found = false;
    *same = false;
    *was_child = 0;
    if (!state_live(tx->db, f, &live, &found, err) ||
        !child_by_ref(tx->db, f->force, f->child_ref, child, err))
        return false;
    *same = found && live.same && live.child == *child;
    if (found && !*same && !db_run(tx, SQL(STATE_CORRECT), VALUES(sql_int(live.id), sql_int(e->seq)), err))
        return false;
    if (*child == 0 && !child_open(tx, e, f, child, err))
        return false;
    if (found && live.child != *child)
        *was_child = live.child;
    return db_run(tx, SQL(DETAILS),
                  VALUES(sql_int(*child), sql_id(f->nominal), sql_text(f->label),
                         f->age < 0 ? sql_null() : sql_int(f->age), sql_text(f->relation),
                         sql_text(f->access), sql_text(f->mechanism), sql_text(f->agency), sql_text(f->plan),
                         sql_when(f->plan_due)),
                  err) &&
           (*same ||
            db_run(tx, SQL(STATE_NEW),
                   VALUES(sql_int(*child), sql_text(f->ref ? f->ref : ""), sql_int(f->force), sql_date(f->on),
                          sql_text(f->state), sql_bool(f->immediate_risk), sql_int(e->seq)),
                   err));
}

/* ---- referrals: one a route (R-26) ---- */

static bool referral_find(Tx *tx, const Entry *e, const ReferralFact *f, int64_t *id, bool *same, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    bool found = false;
    if (!db_query(tx->db, SQL(REFERRAL), VALUES(sql_int(f->child), sql_text(f->route)), &r, err) ||
        !rows_next(&r, &found, err))
        return false;
    if (found) {
        int told = str_same(f->state, "decided") ? 4 : str_same(f->state, "acknowledged") ? 3 : 2;
        *id = row_int(&r, 0);
        *same = str_same(row_text(&r, 1), f->agency) && row_date(&r, told) == f->on
             && (!f->outcome || str_same(row_text(&r, 5), f->outcome));
        return true;
    }
    if (!db_run(tx, SQL(REFERRAL_NEW),
                VALUES(sql_int(f->child), sql_text(f->route), sql_text(f->agency), sql_date(f->on),
                       sql_int(e->seq), sql_text(f->ref ? f->ref : "")),
                err))
        return false;
    *id = tx_last_id(tx);
    return true;
}

bool referral_put(Tx *tx, const Entry *e, const ReferralFact *f, bool *same, Err *err)
{
    bool acknowledged = str_same(f->state, "acknowledged"), decided = str_same(f->state, "decided");
    int64_t id = 0;
    *same = false;
    if (!referral_find(tx, e, f, &id, same, err))
        return false;
    return *same ||
           db_run(tx, SQL(REFERRAL_MOVE),
                  VALUES(sql_int(id), sql_text(f->agency), sql_date(f->on),
                         sql_date(acknowledged ? f->on : DATE_NONE), sql_date(decided ? f->on : DATE_NONE),
                         sql_text(f->outcome), sql_when(f->acknowledge_due), sql_when(f->decide_due)),
                  err);
}

/* ---- settling ---- */

static bool sum(Tx *tx, const Entry *e, int64_t child, bool *gone, Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(rows_done) Rows r = {0};
    bool more = false;
    if (!db_query(tx->db, SQL(STATE_SUM), VALUES(sql_int(child)), &r, err) || !rows_next(&r, &more, err))
        return false;
    *gone = !more || row_null(&r, 0);
    if (*gone) /* every row about it was corrected to be about another child */
        return db_run(tx, SQL(GONE), VALUES(sql_int(child), sql_int(e->seq)), err);
    const char *state = row_copy(&r, 0, &mem);
    int64_t immediate = row_int(&r, 1);
    Date known = row_date(&r, 2), safe = row_date(&r, 3);
    rows_done(&r);
    return db_run(
        tx, SQL(SETTLE),
        VALUES(sql_int(child), sql_text(state), sql_int(immediate), sql_date(known), sql_date(safe)), err);
}

static bool clock_settle(Tx *tx, const Entry *e, const ChildNow *c, const char *kind, Instant due,
                         const char *over, Err *err)
{
    int64_t now = 0;
    bool running = false;
    if (due == INSTANT_NONE)
        return clock_stop(tx, e, c->id, kind, over, err);
    if (!db_int(tx->db, SQL(RUNNING), VALUES(sql_int(c->id), sql_text(kind)), &now, &running, err))
        return false;
    ClockStart s = { kind, c->id, 'C', c->nominal, c->force, c->owner, due };
    return (running && now == due) || clock_start(tx, e, &s, err);
}

static Instant earlier(Instant a, Instant b)
{
    return a == INSTANT_NONE ? b : b == INSTANT_NONE ? a : a < b ? a : b;
}

static bool referrals_settle(Tx *tx, const Entry *e, const ChildNow *c, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    Instant acknowledge = INSTANT_NONE, decide = INSTANT_NONE, lado = INSTANT_NONE;
    bool more = false;
    if (!db_query(tx->db, SQL(REFERRALS_OPEN), VALUES(sql_int(c->id)), &r, err))
        return false;
    for (;;) {
        if (!rows_next(&r, &more, err))
            return false;
        if (!more)
            break;
        Instant *decision = str_same(row_text(&r, 0), "lado") ? &lado : &decide;
        acknowledge = earlier(acknowledge, row_when(&r, 1));
        *decision = earlier(*decision, row_when(&r, 2));
    }
    rows_done(&r);
    return clock_settle(tx, e, c, "child-referral.acknowledge", acknowledge, "Acknowledged", err)
        && clock_settle(tx, e, c, decide_clock("childrens-social-care"), decide, "Decided", err)
        && clock_settle(tx, e, c, decide_clock("lado"), lado, "Decided", err);
}

static bool clocks_over(Tx *tx, const Entry *e, int64_t child, Err *err)
{
    static const char *const kinds[] = { "child.plan", "child-referral.acknowledge", "child-referral.decide",
                                         "child-referral.decide-lado" };
    FOR_EACH(kind, kinds)
        if (!clock_stop(tx, e, child, *kind, "The record was corrected", err))
            return false;
    return true;
}

bool child_settle(Tx *tx, const Entry *e, Arena *mem, int64_t child, Err *err)
{
    ChildNow before = {0}, c = {0};
    bool gone = false;
    if (!child_now(tx->db, mem, child, &before, err) || !sum(tx, e, child, &gone, err))
        return false;
    if (gone)
        return clocks_over(tx, e, child, err) &&
               (!before.nominal || nominal_set_child_count(tx, e, before.nominal, err));
    if (!child_now(tx->db, mem, child, &c, err))
        return false;
    bool waits = str_same(c.state, "concern") && !c.planned;
    return clock_settle(tx, e, &c, "child.plan", waits ? c.plan_due : INSTANT_NONE, "There is a plan", err)
        && referrals_settle(tx, e, &c, err)
        && (!c.nominal || nominal_set_child_count(tx, e, c.nominal, err));
}
