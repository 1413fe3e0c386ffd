/* pages_package_acts.c: sending, answering, acting on and closing a package. */
#include "base/ref.h"
#include "base/zone.h"
#include "dispatch/package.h"
#include "operate/operate.h"
#include "web/pages/page_parts.h"

/* The package in the address, as far as this viewer may do p with it; else not found. */
static bool target(Request *r, Permission p, Package *out, Err *err)
{
    int64_t id = 0;
    if (!request_ref(r, "ref", 'P', &id, err) || !package_fetch(r->db, r->mem, &r->viewer, id, out, err))
        return false;
    return viewer_may_on(&r->viewer, p, out->row.force) ||
           err_set(err, ERR_NOT_FOUND, "There is no such package.");
}

static bool done(Request *r, Response *out, const Package *p, const char *flash)
{
    respond_redirect(r, out, url_subject(r->mem, 'P', p->row.id), flash);
    return true;
}

bool page_package_send(Request *r, Response *out, Err *err)
{
    Package p;
    Hand hand = request_hand(r);
    return target(r, PERM_PACKAGE_SEND, &p, err) &&
           package_send(r->app->ledger, r->db, r->app->rules, &hand, p.row.id, err) &&
           done(r, out, &p, "Sent. The force's clock for receipt is running.");
}

bool page_package_receive(Request *r, Response *out, Err *err)
{
    Package p;
    Hand hand = request_hand(r);
    return target(r, PERM_PACKAGE_ANSWER, &p, err) &&
           package_receive(r->app->ledger, r->db, r->app->rules, &hand, p.row.id, err) &&
           done(r, out, &p, "Receipt is recorded.");
}

bool page_package_accept(Request *r, Response *out, Err *err)
{
    Package p;
    Hand hand = request_hand(r);
    return target(r, PERM_PACKAGE_ANSWER, &p, err) &&
           package_accept(r->app->ledger, r->db, r->app->rules, &hand, p.row.id, r->viewer.person, err) &&
           done(r, out, &p, "Accepted. It is yours now.");
}

bool page_package_return(Request *r, Response *out, Err *err)
{
    Package p;
    Hand hand = request_hand(r);
    const char *reason;
    return target(r, PERM_PACKAGE_ANSWER, &p, err) && form_reason(r, &reason, err) &&
           package_return(r->app->ledger, r->db, r->app->rules, &hand, p.row.id, reason, err) &&
           done(r, out, &p, "Returned. The coordinator's clock is running.");
}

bool page_package_release(Request *r, Response *out, Err *err)
{
    Package p;
    Hand hand = request_hand(r);
    const char *reason;
    return target(r, PERM_PACKAGE_SEND, &p, err) && form_reason(r, &reason, err) &&
           package_release(r->app->ledger, r->db, &hand, p.row.id, reason, err) &&
           done(r, out, &p, "The hold is decided.");
}

bool page_package_transfer(Request *r, Response *out, Err *err)
{
    Package p;
    Agency force;
    Hand hand = request_hand(r);
    const char *reason, *to = request_form(r, "force");
    if (!target(r, PERM_PACKAGE_ANSWER, &p, err) || !form_reason(r, &reason, err))
        return false;
    if (!to || !agency_by_short(r->db, r->mem, to, &force, err) || !str_same(force.kind, "force"))
        return err_set(err, ERR_INVALID, "Name the other force by its short name, as north-yorkshire.");
    return package_transfer(r->app->ledger, r->db, r->app->rules, &hand, p.row.id, force.id, reason, err) &&
           (respond_redirect(r, out, url_lit("/packages"),
                             "Transferred. The clock goes on with the other force."),
            true);
}

bool page_package_close(Request *r, Response *out, Err *err)
{
    Package p;
    Hand hand = request_hand(r);
    const char *disposition = request_form(r, "disposition");
    if (!target(r, PERM_PACKAGE_ANSWER, &p, err))
        return false;
    if (!disposition)
        return err_set(err, ERR_INVALID, "Say what came of it.");
    return package_close(r->app->ledger, r->db, &hand, p.row.id, disposition, request_form(r, "note"), err) &&
           done(r, out, &p, "The package is closed.");
}

bool page_action_add(Request *r, Response *out, Err *err)
{
    CLEANUP(json_done) Json *detail = json_new_object();
    Package p;
    Hand hand = request_hand(r);
    FlowReport flow;
    int64_t id = 0;
    const char *quantity = request_form(r, "quantity"), *on = request_form(r, "on");
    ActionInput in = { .kind = request_form(r, "kind"),
                       .ref = request_form(r, "ref"),
                       .place = request_form(r, "place"),
                       .state = request_form(r, "state"),
                       .quantity = 1,
                       .detail = detail };
    if (!target(r, PERM_ACTION_RECORD, &p, err))
        return false;
    if (!in.kind || !in.ref)
        return err_set(err, ERR_INVALID, "Say what was done and give your own reference of it.");
    if (!on || !date_parse(str_of(on), &in.on) || in.on > london_date(r->now))
        return err_set(err, ERR_INVALID,
                       "Give the date it happened, as 2026-05-14; it cannot be in the future.");
    if (quantity && !str_int(str_of(quantity), 1, 100000, &in.quantity))
        return err_set(err, ERR_INVALID, "The number of devices is a whole number from 1.");
    in.nominal = p.row.nominal;
    in.package = p.row.id;
    in.force = p.row.force;
    return action_record(r->app->ledger, r->db, r->app->rules, &hand, &in, &id, err) &&
           flow_run(r->app, r->db, &hand, NULL, NULL, &flow, err) && done(r, out, &p, "Recorded.");
}
