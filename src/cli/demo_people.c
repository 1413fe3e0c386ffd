/* demo_people.c: one row for each kind of clock says how its owner deals with it. Answers are picked by the
 * number of the record, so that the same operation is lived through in the same way. */
#include "cli/demo_people.h"
#include "base/zone.h"
#include "dispatch/package.h"
#include "link/nominal.h"
#include "operate/operate.h"
#include "safeguard/safeguard.h"

typedef struct Turn {
    Cli *cli;
    const WaitingRow *w;
    Hand hand;        /* the owner's */
    const char *with; /* the row's own word */
    Arena *mem;
} Turn;
typedef bool Deal(const Turn *t, Err *err);

static Ledger *ledger(const Turn *t) { return t->cli->app.ledger; }
static Db *db(const Turn *t) { return t->cli->app.db; }

/* ---- questions about a person ---- */
static bool answer_check(const Turn *t, Err *err)
{
    static const char *const answers[] = { "no", "no", "no", "yes", "no", "unknown-after-enquiry", "no" };
    RiskView view;
    if (!risk_view(db(t), t->mem, t->w->subject, &view, err))
        return false;
    for (size_t i = 0; i < view.check_count; i++) {
        const CheckRow *c = &view.checks[i];
        if (str_same(c->state, "open") && str_same(c->kind, t->with))
            return check_answer(ledger(t), &t->hand, c->id,
                                answers[(size_t)(t->w->subject * 5 + c->id) % COUNT_OF(answers)],
                                "Asked of the force and of the record", err);
    }
    return true;
}

static bool review_band(const Turn *t, Err *err)
{
    NominalRow row;
    return nominal_row(db(t), t->mem, &t->cli->viewer, t->w->subject, &row, err) &&
           band_decide(ledger(t), db(t), t->cli->app.rules, &t->hand, t->w->subject, row.suggested,
                       "The new fact was read; the suggestion stands", err);
}

/* With no door there is nobody to send it to: the supervisor says why the time stands still. */
static bool act_or_pause(const Turn *t, Err *err)
{
    NominalRow row;
    if (!nominal_row(db(t), t->mem, &t->cli->viewer, t->w->subject, &row, err))
        return false;
    if (row.force)
        return true; /* the package's own clock is acted on */
    return clock_pause(ledger(t), &t->hand, t->w->id,
                       "No operator holds records for these addresses; asked again monthly", err);
}

/* ---- packages ---- */
static bool with_package(const Turn *t, const char *act, Err *err)
{
    const ClockRules *rules = t->cli->app.rules;
    int64_t id = t->w->subject;
    if (str_same(act, "send"))
        return package_send(ledger(t), db(t), rules, &t->hand, id, err);
    if (str_same(act, "receive"))
        return package_receive(ledger(t), db(t), rules, &t->hand, id, err);
    return package_accept(ledger(t), db(t), rules, &t->hand, id, t->hand.actor, err);
}

static bool package_step(const Turn *t, Err *err) { return with_package(t, t->with, err); }

static bool release_hold(const Turn *t, Err *err)
{
    return package_release(ledger(t), db(t), &t->hand, t->w->subject,
                           "Both forces spoke; they are different people", err) &&
           with_package(t, "send", err);
}

static bool rebuild_returned(const Turn *t, Err *err)
{
    return package_close(ledger(t), db(t), &t->hand, t->w->subject, "no-further-action",
                         "Agreed with the force's reason", err);
}

static bool interview(const Turn *t, Err *err)
{
    CLEANUP(json_done) Json *detail = json_new_object();
    Package p;
    int64_t id = 0;
    if (!package_fetch(db(t), t->mem, &t->cli->viewer, t->w->subject, &p, err))
        return false;
    ActionInput in = { .nominal = p.row.nominal,
                       .package = p.row.id,
                       .force = p.row.force,
                       .kind = "interview",
                       .ref = str_fmt(t->mem, "I-%lld-%lld", (long long)p.row.id,
                                      (long long)(t->hand.at / US_PER_DAY)),
                       .place = "",
                       .state = "",
                       .on = london_date(t->hand.at),
                       .quantity = 1,
                       .detail = detail };
    return action_record(ledger(t), db(t), t->cli->app.rules, &t->hand, &in, &id, err);
}

/* One in three has nothing more in it and is closed; the others get their update. */
static bool update_package(const Turn *t, Err *err)
{
    if (t->w->subject % 3)
        return interview(t, err);
    return package_close(ledger(t), db(t), &t->hand, t->w->subject, "no-further-action",
                         "Enquiries are complete", err);
}

/* ---- actions: the force's own row of that reference is sent again with its new state ---- */
static const ActionRow *action_newest(const ActionRow *rows, size_t n, const char *kind, int64_t id)
{
    const ActionRow *found = NULL;
    for (size_t i = 0; i < n; i++)
        if (str_same(rows[i].kind, kind) && !rows[i].corrected && (!id || rows[i].id == id))
            found = !found || rows[i].on >= found->on ? &rows[i] : found;
    return found;
}

static bool record_again(const Turn *t, const ActionRow *a, const char *ref, const char *state, Date on,
                         Json *detail, Err *err)
{
    ActionInput in = { .nominal = a->nominal,
                       .package = a->package,
                       .force = a->force,
                       .kind = a->kind,
                       .ref = ref,
                       .place = a->place,
                       .state = state,
                       .on = on,
                       .quantity = a->quantity,
                       .detail = detail };
    int64_t id = 0;
    return action_record(ledger(t), db(t), t->cli->app.rules, &t->hand, &in, &id, err);
}

static bool actions_of(const Turn *t, ActionRow **rows, size_t *n, Err *err)
{
    return action_list(db(t), t->mem, t->w->nominal ? t->w->nominal : t->w->subject, rows, n, err);
}

static bool examined(const Turn *t, Err *err)
{
    CLEANUP(json_done) Json *detail = json_new_object();
    ActionRow *rows = NULL;
    size_t n = 0;
    if (!actions_of(t, &rows, &n, err))
        return false;
    const ActionRow *a = action_newest(rows, n, "exhibit", t->w->subject);
    return !a || record_again(t, a, a->ref, "examined", a->on, detail, err);
}

static bool bail_on(const Turn *t, Err *err)
{
    CLEANUP(json_done) Json *detail = json_new_object();
    ActionRow *rows = NULL;
    size_t n = 0;
    Date today = london_date(t->hand.at);
    if (!actions_of(t, &rows, &n, err))
        return false;
    const ActionRow *a = action_newest(rows, n, "bail", 0);
    if (!a)
        return true;
    json_set_text(detail, "until", date_iso(t->mem, date_add_months(today, 3)));
    return record_again(t, a, str_fmt(t->mem, "%s/%lld", a->ref, (long long)today), "extended", today, detail,
                        err);
}

static bool warrant_over(const Turn *t, Err *err)
{
    CLEANUP(json_done) Json *detail = json_new_object();
    ActionRow *rows = NULL;
    size_t n = 0;
    if (!actions_of(t, &rows, &n, err))
        return false;
    const ActionRow *a = action_newest(rows, n, "warrant", t->w->subject);
    Date today = london_date(t->hand.at);
    if (!a)
        return true;
    ActionRow other = *a;
    if (str_same(t->with, "plan")) { /* a refused warrant: an interview by appointment instead */
        other.kind = "interview";
        return record_again(t, &other, str_fmt(t->mem, "%s/plan", a->ref), "", today, detail, err);
    }
    return record_again(t, a, str_fmt(t->mem, "%s/end", a->ref), "expired", today, detail, err);
}

static bool welfare(const Turn *t, Err *err)
{
    CLEANUP(json_done) Json *detail = json_new_object();
    ActionRow *rows = NULL;
    size_t n = 0;
    if (!actions_of(t, &rows, &n, err))
        return false;
    const ActionRow *a = action_newest(rows, n, "arrest", 0);
    if (!a)
        return true;
    ActionRow other = *a;
    other.kind = "welfare";
    return record_again(t, &other, str_fmt(t->mem, "%s/welfare", a->ref), "assessed", london_date(t->hand.at),
                        detail, err);
}

/* ---- children ---- */
static bool partner_answers(const Turn *t, Err *err)
{
    ChildRow child;
    if (!child_fetch(db(t), t->mem, &t->cli->viewer, t->w->subject, &child, err))
        return false;
    for (size_t i = 0; i < child.referral_count; i++) {
        const ChildReferralRow *c = &child.referrals[i];
        bool acknowledge = c->acknowledged == DATE_NONE;
        if (c->decided != DATE_NONE)
            continue;
        ChildReferralInput in = { .child = child.id,
                                  .route = c->route,
                                  .agency = c->agency,
                                  .on = london_date(t->hand.at),
                                  .state = acknowledge && str_same(t->with, "acknowledged") ? "acknowledged"
                                                                                            : "decided",
                                  .outcome = "Assessment begun",
                                  .ref = str_fmt(t->mem, "A-%lld", (long long)c->id) };
        if (!child_refer(ledger(t), db(t), t->cli->app.rules, &t->hand, &in, err))
            return false;
    }
    return true;
}

static const struct {
    const char *clock, *with;
    Deal *deal;
} deals[] = {
    { "band.review", "", review_band },
    { "bail.end", "", bail_on },
    { "child-referral.acknowledge", "acknowledged", partner_answers },
    { "child-referral.decide", "decided", partner_answers },
    { "child-referral.decide-lado", "decided", partner_answers },
    { "exhibit.examine", "", examined },
    { "nominal.access-check", "access", answer_check },
    { "nominal.action", "", act_or_pause },
    { "nominal.household-check", "household", answer_check },
    { "nominal.occupation-check", "occupation", answer_check },
    { "nominal.register-check", "register", answer_check },
    { "package.accept", "accept", package_step },
    { "package.first-action", "", interview },
    { "package.hold-decision", "", release_hold },
    { "package.receipt", "receive", package_step },
    { "package.returned", "", rebuild_returned },
    { "package.update", "", update_package },
    { "warrant.alternative-plan", "plan", warrant_over },
    { "warrant.expiry", "expiry", warrant_over },
    { "welfare.assessment", "", welfare },
};

/* Two people short, one away: about one in thirty is not come to. */
static bool left_alone(const WaitingRow *w) { return (w->subject * 7 + w->id) % 31 == 0; }

static bool deal_with(Cli *cli, const Hand *hand, const WaitingRow *w, bool *acted, Err *err)
{
    FOR_EACH (d, deals) {
        if (!str_same(d->clock, w->kind))
            continue;
        CLEANUP(arena_done) Arena mem = { 0 };
        Turn turn = { cli, w, { w->owner, w->agency, hand->operation, hand->at }, d->with, &mem };
        Err refused = { 0 };
        *acted = d->deal(&turn, &refused);
        /* Another person's step may have settled it a moment before; anything else is a fault to see. */
        if (*acted || refused.kind == ERR_CONFLICT || refused.kind == ERR_INVALID ||
            refused.kind == ERR_NOT_FOUND)
            return true;
        *err = refused;
        return err_while(err, "dealing with %s of %c %lld", w->kind, w->letter, (long long)w->subject);
    }
    return true;
}

bool demo_people_act(Cli *cli, const Hand *hand, Instant until, bool leave_some, size_t *acted, Err *err)
{
    WaitingFilter f = { .operation = hand->operation, .now = hand->at, .due_before = until, .limit = 100000 };
    CLEANUP(arena_done) Arena mem = { 0 };
    WaitingRow *rows = NULL;
    size_t n = 0;
    *acted = 0;
    if (!waiting_list(cli->app.db, &mem, cli->app.rules, &f, &rows, &n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        bool done = false;
        if (rows[i].paused || (leave_some && left_alone(&rows[i])))
            continue;
        if (!deal_with(cli, hand, &rows[i], &done, err))
            return false;
        *acted += done;
    }
    return true;
}
