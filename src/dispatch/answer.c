/* answer.c: sending a package and what its holders answer. One row of steps[] per step: from which states,
 * with which permission, and what its fact carries. */
#include "dispatch/hand.h"
#include "dispatch/inside.h"

typedef struct Ask {
    const ClockRules *rules;
    const Hand *hand;
    int64_t package, number;               /* number: officer or force */
    const char *text, *note;               /* reason or disposition; its note */
} Ask;
typedef bool Fill(Db *db, Arena *mem, const Ask *ask, const PackageState *p, Json *body, Err *err);
typedef struct Step {
    const char *kind;
    Permission  needs;
    const char *from[8];                   /* the states it may follow */
    const char *refused;                   /* told when it may not */
    Fill       *fill;
} Step;

static bool due_set(const Ask *ask, const char *clock, const char *band, const char *key, Json *body,
                    Err *err)
{
    Instant due = 0;
    if (!clock_due(ask->rules, clock, band, "", ask->hand->at, &due, err))
        return false;
    json_set_int(body, key, due);
    return true;
}

static bool needs_reason(const Ask *ask, Json *body, Err *err)
{
    if (str_blank(ask->text))
        return err_set(err, ERR_INVALID, "A reason is needed.");
    json_set_text(body, "reason", ask->text);
    return true;
}

static bool fill_sent(Db *db, Arena *mem, const Ask *ask, const PackageState *p, Json *body, Err *err)
{
    const char *band = p->nominal_band[0] ? p->nominal_band : p->band;
    WithdrawnAnswer error;
    int64_t open = 0;
    bool found = false, wrong = false;
    if (!db_int(db, SQL(HITS_OPEN), VALUES(sql_int(p->id)), &open, &found, err) ||
        !package_rests_on_error(db, mem, p->id, &error, &wrong, err))
        return false;
    if (wrong) {
        err_set(err, ERR_CONFLICT, "An answer this package rests on was withdrawn after it was built.");
        return err_hint(err, "Return it, and build it anew once the address is known.");
    }
    if (p->eliminated) {
        err_set(err, ERR_CONFLICT, "The person of this package is eliminated.");
        return err_hint(err, "Close the package, or take the elimination back.");
    }
    if (open)
        return err_set(err, ERR_CONFLICT, "The package is held until a supervisor decides.");
    if (!band[0]) {
        err_set(err, ERR_INVALID, "No band has been decided for this person.");
        return err_hint(err, "Decide the band first.");
    }
    json_set_text(body, "band", band);
    return due_set(ask, "package.receipt", band, "due_receipt", body, err)
        && due_set(ask, "package.first-action", band, "due_first_action", body, err);
}

static bool fill_received(Db *db, Arena *mem, const Ask *ask, const PackageState *p, Json *body, Err *err)
{
    (void)db; (void)mem;
    return due_set(ask, "package.accept", p->band, "due_accept", body, err);
}

static bool fill_accepted(Db *db, Arena *mem, const Ask *ask, const PackageState *p, Json *body, Err *err)
{
    Viewer officer = {0};
    if (!viewer_by_id(db, mem, ask->number, &officer, err)) {
        if (err->kind != ERR_NOT_FOUND)
            return false;
        err_clear(err);
        return err_set(err, ERR_INVALID, "The officer is not an active person.");
    }
    if (officer.agency != p->force)
        return err_set(err, ERR_INVALID, "The officer does not belong to the force that holds the package.");
    json_set_int(body, "officer", ask->number);
    return true;
}

static bool sent(const PackageState *p)
{
    return !str_same(p->state, "built") && !str_same(p->state, "held");
}

static bool fill_returned(Db *db, Arena *mem, const Ask *ask, const PackageState *p, Json *body, Err *err)
{
    (void)mem;
    /* Before it is sent it is the sender's to take back, to be built anew. */
    return (sent(p) || hand_may(db, ask->hand, PERM_PACKAGE_SEND, p->force, err)) &&
           needs_reason(ask, body, err) &&
           due_set(ask, "package.returned", p->band, "due_returned", body, err);
}

static bool fill_released(Db *db, Arena *mem, const Ask *ask, const PackageState *p, Json *body, Err *err)
{
    (void)db; (void)mem; (void)p;
    return needs_reason(ask, body, err);
}

static bool fill_transferred(Db *db, Arena *mem, const Ask *ask, const PackageState *p, Json *body, Err *err)
{
    Agency to = {0};
    if (!agency_by_id(db, mem, ask->number, &to, err))
        return false;
    if (!str_same(to.kind, "force") || to.id == p->force)
        return err_set(err, ERR_INVALID, "A package is transferred to another force.");
    json_set_int(body, "from_force", p->force);
    json_set_int(body, "to_force", to.id);
    return needs_reason(ask, body, err) && due_set(ask, "package.receipt", p->band, "due_receipt", body, err);
}

static bool fill_closed(Db *db, Arena *mem, const Ask *ask, const PackageState *p, Json *body, Err *err)
{
    static const char *const answers[] = { "already-known", "arrested", "charged", "deceased",
                                           "no-further-action", PERSON_ELIMINATED };
    (void)mem;
    if (p->eliminated != str_same(ask->text, PERSON_ELIMINATED))
        return err_set(err, ERR_INVALID, p->eliminated ? "The person is eliminated: it is closed as that."
                                                       : "The person is not eliminated.");
    if (!p->eliminated && !sent(p))
        return err_set(err, ERR_CONFLICT, "Only a package that is with a force can be closed.");
    /* Before it is sent it is the sender's to end. */
    if (!sent(p) && !hand_may(db, ask->hand, PERM_PACKAGE_SEND, p->force, err))
        return false;
    FOR_EACH(answer, answers)
        if (str_same(*answer, ask->text)) {
            json_set_text(body, "disposition", ask->text);
            json_set_text(body, "note", ask->note);
            return true;
        }
    return err_set(err, ERR_INVALID, "That is not a disposition a package can have.");
}

enum { STEP_SEND, STEP_RECEIVE, STEP_ACCEPT, STEP_RETURN, STEP_RELEASE, STEP_TRANSFER, STEP_CLOSE };
static const Step steps[] = {
    [STEP_SEND] = { "package.sent", PERM_PACKAGE_SEND, { "built", "held" },
                    "Only a package not yet sent can be sent.", fill_sent },
    [STEP_RECEIVE] = { "package.received", PERM_PACKAGE_ANSWER, { "sent", "transferred" },
                       "Receipt was acknowledged already, or the package is not sent.", fill_received },
    [STEP_ACCEPT] = { "package.accepted", PERM_PACKAGE_ANSWER,
                      { "sent", "transferred", "received", "accepted", "actioned" },
                      "Only a package that is with a force can be accepted.", fill_accepted },
    [STEP_RETURN] = { "package.returned", PERM_PACKAGE_ANSWER,
                      { "built", "held", "sent", "transferred", "received", "accepted" },
                      "Only a package not yet acted on can be returned.", fill_returned },
    [STEP_RELEASE] = { "package.released", PERM_PACKAGE_SEND, { "held" },
                       "The package is not held.", fill_released },
    [STEP_TRANSFER] = { "package.transferred", PERM_PACKAGE_ANSWER,
                        { "sent", "received", "accepted", "actioned", "transferred" },
                        "Only a package that is with a force can be transferred.", fill_transferred },
    [STEP_CLOSE] = { "package.closed", PERM_PACKAGE_ANSWER,
                     { "built", "held", "sent", "transferred", "received", "accepted", "actioned",
                       "returned" },
                     "Only a package that is with a force can be closed.", fill_closed },
};

typedef struct Run { const Step *step; const Ask *ask; } Run;

static bool follows(const Step *step, const char *state, Err *err)
{
    FOR_EACH(from, step->from)
        if (*from && str_same(*from, state))
            return true;
    err_set(err, ERR_CONFLICT, "%s", step->refused);
    return err_hint(err, "Load the page again.");
}

static bool step_run(Tx *tx, void *ctx, Err *err)
{
    const Run *run = ctx;
    const Ask *ask = run->ask;
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(json_done) Json *body = json_new_object();
    PackageState p;
    if (!package_state(tx->db, &mem, ask->package, &p, err)
        || !hand_may(tx->db, ask->hand, run->step->needs, p.force, err)
        || !follows(run->step, p.state, err)
        || !run->step->fill(tx->db, &mem, ask, &p, body, err))
        return false;
    Hand hand = *ask->hand;
    hand.operation = p.operation;
    return ledger_append(tx, &hand, run->step->kind, p.id, json_keep(body), NULL, err);
}

static bool take(Ledger *ledger, int step, const Ask *ask, Err *err)
{
    Run run = { &steps[step], ask };
    return writer_run(ledger_store(ledger), step_run, &run, err) ||
           err_while(err, "recording %s", steps[step].kind);
}

/* ---- sending: others may have begun since the package was built ---- */

typedef struct Recheck { const Ask *ask; size_t found; } Recheck;

static bool hit_known(void *ctx, const Rows *rows, Err *err)
{
    Json *hit = json_new_object();
    (void)err;
    json_set_int(hit, "other", row_int(rows, 1));
    json_set_text(hit, "kind", row_text(rows, 2));
    json_push(ctx, hit);
    return true;
}

static bool recheck(Tx *tx, void *ctx, Err *err)
{
    Recheck *r = ctx;
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(json_done) Json *known = json_new_list();
    CLEANUP(json_done) Json *hits = NULL;
    CLEANUP(json_done) Json *body = json_new_object();
    PackageState p;
    if (!package_state(tx->db, &mem, r->ask->package, &p, err))
        return false;
    if (!str_same(p.state, "built"))
        return true;                                /* the step itself says what is wrong */
    if (!hand_may(tx->db, r->ask->hand, PERM_PACKAGE_SEND, p.force, err)
        || !each_row(tx->db, SQL(HITS), VALUES(sql_int(p.id)), hit_known, known, err)
        || !deconflict(tx->db, &mem, p.nominal, known, &hits, err))
        return false;
    r->found = json_count(hits);
    if (r->found == 0)
        return true;
    json_set(body, "hits", json_keep(hits));
    Hand hand = *r->ask->hand;
    hand.operation = p.operation;
    return due_set(r->ask, "package.hold-decision", p.band, "due_hold", body, err)
        && ledger_append(tx, &hand, "package.held", p.id, json_keep(body), NULL, err);
}

bool package_send(Ledger *ledger, Db *db, const ClockRules *rules, const Hand *hand, int64_t package,
                  Err *err)
{
    Ask ask = { .rules = rules, .hand = hand, .package = package };
    Recheck r = { &ask, 0 };
    (void)db;
    if (!writer_run(ledger_store(ledger), recheck, &r, err))
        return err_while(err, "looking for others at work");
    if (r.found) {
        err_set(err, ERR_CONFLICT, "Others have begun work since this was built, so it is now held.");
        return err_hint(err, "A supervisor decides whether it goes.");
    }
    return take(ledger, STEP_SEND, &ask, err);
}

bool package_receive(Ledger *ledger, Db *db, const ClockRules *rules, const Hand *hand, int64_t package,
                     Err *err)
{
    (void)db;
    return take(ledger, STEP_RECEIVE, &(Ask){ .rules = rules, .hand = hand, .package = package }, err);
}

bool package_accept(Ledger *ledger, Db *db, const ClockRules *rules, const Hand *hand, int64_t package,
                    int64_t officer, Err *err)
{
    (void)db;
    return take(ledger, STEP_ACCEPT,
                &(Ask){ .rules = rules, .hand = hand, .package = package, .number = officer }, err);
}

bool package_return(Ledger *ledger, Db *db, const ClockRules *rules, const Hand *hand, int64_t package,
                    const char *reason, Err *err)
{
    (void)db;
    return take(ledger, STEP_RETURN,
                &(Ask){ .rules = rules, .hand = hand, .package = package, .text = reason }, err);
}

bool package_release(Ledger *ledger, Db *db, const Hand *hand, int64_t package, const char *reason, Err *err)
{
    (void)db;
    return take(ledger, STEP_RELEASE, &(Ask){ .hand = hand, .package = package, .text = reason }, err);
}

bool package_transfer(Ledger *ledger, Db *db, const ClockRules *rules, const Hand *hand, int64_t package,
                      int64_t to_force, const char *reason, Err *err)
{
    (void)db;
    return take(
        ledger, STEP_TRANSFER,
        &(Ask){ .rules = rules, .hand = hand, .package = package, .number = to_force, .text = reason }, err);
}

bool package_close(Ledger *ledger, Db *db, const Hand *hand, int64_t package, const char *disposition,
                   const char *note, Err *err)
{
    (void)db;
    return take(ledger, STEP_CLOSE,
                &(Ask){ .hand = hand, .package = package, .text = disposition, .note = note }, err);
}
