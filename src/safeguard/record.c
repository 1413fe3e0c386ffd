/* record.c: recording concerns for children, and placing the rows forces return about them. */
#include "base/zone.h"
#include "dispatch/hand.h"
#include "operate/returns.h"
#include "link/nominal_apply.h"
#include "safeguard/inside.h"

static bool word_known(const char *const *words, const char *word)
{
    for (; *words; words++)
        if (str_same(*words, word))
            return true;
    return false;
}

static const char *const child_states[] = { "concern", "no-further-action", "referred", "safeguarded", NULL };
static const char *const referral_states[] = { "acknowledged", "decided", "sent", NULL };

/* ---- a concern ---- */

typedef struct Recording {
    const ClockRules *rules;
    const Hand *hand;
    const ChildInput *in;
    int64_t *id;
} Recording;

static bool input_check(const ChildInput *in, Err *err)
{
    if (str_blank(in->ref))
        return err_set(err, ERR_INVALID, "The force's own reference of the child is missing.");
    if (!word_known(child_states, in->state))
        return err_set(err, ERR_INVALID, "That is not a state a child's record can have.");
    if (in->known_on == DATE_NONE && in->safeguarded_on == DATE_NONE)
        return err_set(err, ERR_INVALID, "The date is missing.");
    if (str_same(in->state, "safeguarded") && (str_blank(in->mechanism) || str_blank(in->agency)))
        return err_set(err, ERR_INVALID, "How the child was made safe, and by whom, is missing.");
    return true;
}

static void set_said(Json *body, const char *key, const char *text)
{
    json_set_text(body, key, str_blank(text) ? NULL : text);
}

static Json *recorded_body(const ChildInput *in, Arena *mem, Date on)
{
    Json *body = json_new_object();
    if (in->nominal)
        json_set_int(body, "nominal", in->nominal);
    json_set_int(body, "force", in->force);
    json_set_text(body, "ref", in->ref);
    set_said(body, "label", in->label);
    set_said(body, "relation", in->relation);
    set_said(body, "access", in->access);
    json_set_text(body, "state", in->state);
    set_said(body, "mechanism", in->mechanism);
    set_said(body, "agency", in->agency);
    set_said(body, "plan", in->plan);
    if (in->age > 0)
        json_set_int(body, "age", in->age);
    json_set_bool(body, "immediate_risk", in->immediate_risk);
    json_set_text(body, "on", date_iso(mem, on));
    return body;
}

static bool nominal_check(Db *db, int64_t nominal, Err *err)
{
    int64_t kept = 0;
    if (nominal == 0 || nominal_kept(db, nominal, &kept, err))
        return true;
    if (err->kind != ERR_BUG)
        return false;
    err_clear(err);
    return err_set(err, ERR_NOT_FOUND, "There is no such nominal.");
}

static bool record_run(Tx *tx, void *ctx, Err *err)
{
    const Recording *r = ctx;
    const ChildInput *in = r->in;
    CLEANUP(arena_done) Arena mem = {0};
    const char *nation = NULL;
    int64_t id = 0;
    if (!input_check(in, err) || !hand_may(tx->db, r->hand, PERM_CHILD_DECIDE, in->force, err)
        || !nominal_check(tx->db, in->nominal, err) || !nation_of(tx->db, &mem, in->force, &nation, err))
        return false;
    Date on = str_same(in->state, "safeguarded") && in->safeguarded_on != DATE_NONE ? in->safeguarded_on
            : in->known_on != DATE_NONE ? in->known_on : in->safeguarded_on;
    CLEANUP(json_done) Json *body = recorded_body(in, &mem, on);
    if (!plan_due_set(r->rules, nation, in->immediate_risk, on, r->hand->at, body, err)
        || !ledger_append(tx, r->hand, "child.recorded", 0, json_keep(body), NULL, err)
        || !child_by_ref(tx->db, in->force, in->ref, &id, err))
        return false;
    if (r->id)
        *r->id = id;
    return true;
}

bool child_record(Ledger *ledger, Db *db, const ClockRules *rules, const Hand *hand, const ChildInput *in,
                  int64_t *id, Err *err)
{
    Recording r = { rules, hand, in, id };
    (void)db;
    return writer_run(ledger_store(ledger), record_run, &r, err) || err_while(err, "recording a concern for "
                                                                                   "a child");
}

/* ---- safeguarded, referred ---- */

typedef struct Step {
    const ClockRules *rules;
    const Hand *hand;
    const char *kind;
    int64_t child;
    Json *body;
    const ChildReferralInput *referral;
} Step;

static bool step_run(Tx *tx, void *ctx, Err *err)
{
    const Step *s = ctx;
    CLEANUP(arena_done) Arena mem = {0};
    ChildNow c = {0};
    const char *nation = NULL;
    if (!child_now(tx->db, &mem, s->child, &c, err) ||
        !hand_may(tx->db, s->hand, PERM_CHILD_DECIDE, c.force, err) ||
        !nation_of(tx->db, &mem, c.force, &nation, err))
        return false;
    if (s->referral &&
        !referral_dues_set(s->rules, nation, s->referral->route, s->referral->on, s->hand->at, s->body, err))
        return false;
    Hand hand = *s->hand;
    hand.operation = c.operation;
    return ledger_append(tx, &hand, s->kind, s->child, json_keep(s->body), NULL, err);
}

bool child_safeguarded(Ledger *ledger, Db *db, const Hand *hand, int64_t child, const char *mechanism,
                       const char *agency, const char *plan, Date on, Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(json_done) Json *body = json_new_object();
    (void)db;
    if (str_blank(mechanism) || str_blank(agency) || str_blank(plan))
        return err_set(err, ERR_INVALID,
                       "How the child was made safe, by whom and with what plan must all be said.");
    if (on == DATE_NONE)
        return err_set(err, ERR_INVALID, "The date is missing.");
    json_set_text(body, "mechanism", mechanism);
    json_set_text(body, "agency", agency);
    json_set_text(body, "plan", plan);
    json_set_text(body, "on", date_iso(&mem, on));
    Step s = { .hand = hand, .kind = "child.safeguarded", .child = child, .body = body };
    return writer_run(ledger_store(ledger), step_run, &s, err) || err_while(err, "recording that a child is "
                                                                                 "safe");
}

bool child_refer(Ledger *ledger, Db *db, const ClockRules *rules, const Hand *hand,
                 const ChildReferralInput *in, Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(json_done) Json *body = json_new_object();
    (void)db;
    if (!route_known(in->route) || !word_known(referral_states, in->state))
        return err_set(err, ERR_INVALID, "That is not a route or a state a referral can have.");
    if (str_blank(in->agency) || in->on == DATE_NONE)
        return err_set(err, ERR_INVALID, "The agency and the date must both be said.");
    json_set_text(body, "route", in->route);
    json_set_text(body, "agency", in->agency);
    json_set_text(body, "state", in->state);
    set_said(body, "ref", in->ref);
    set_said(body, "outcome", in->outcome);
    json_set_text(body, "on", date_iso(&mem, in->on));
    Step s = { rules, hand, "child.referred", in->child, body, in };
    return writer_run(ledger_store(ledger), step_run, &s, err) || err_while(err, "recording a referral of a "
                                                                                 "child");
}

/* ---- rows of a file ---- */

/* Its child is in the table, or among the rows placed by the same fact before it. */
static bool child_known(Db *db, Arena *mem, const ReturnsRun *run, const ReturnPlace *place,
                        const char *child_ref, bool *known, Err *err)
{
    int64_t id = 0;
    (void)mem;
    if (!child_by_ref(db, place->force, child_ref, &id, err))
        return false;
    *known = id != 0;
    for (size_t i = 0; i < json_count(run->items) && !*known; i++) {
        const Json *item = json_at(run->items, i);
        *known = json_int(item, "force", 0) == place->force && str_same(json_text(item, "child"), child_ref);
    }
    return true;
}

static bool fill(Db *db, Arena *mem, const ReturnsRun *run, const ReturnRow *row, ReturnPlace *place,
                 Json *item, Err *err)
{
    const char *child_ref = json_text(row->row, "child_ref");
    bool known = false;
    if (str_same(row->event, "child")) {
        json_set_text(item, "child", child_ref);
        return plan_due_set(run->rules, place->nation, str_same(json_text(row->row, "immediate_risk"), "yes"),
                            row->on, run->hand->at, item, err);
    }
    if (!child_known(db, mem, run, place, child_ref, &known, err))
        return false;
    if (!known) {
        place->waits = "The child it names is not here yet.";
        return true;
    }
    return referral_dues_set(run->rules, place->nation, json_text(row->row, "route"), row->on, run->hand->at,
                             item, err);
}

bool returns_place_children(Ledger *ledger, Db *db, const ClockRules *rules, const Hand *hand, size_t *placed,
                            size_t *pending, Err *err)
{
    static const ReturnsJob job = { "return.child-placed", true, fill };
    (void)db;
    return returns_run(ledger, rules, hand, &job, placed, pending, err);
}
