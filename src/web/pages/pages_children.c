/* pages_children.c: children, those at immediate risk without a plan first; one child; the steps that
 * protect. */
#include "base/ref.h"
#include "base/zone.h"
#include "clock/words.h"
#include "safeguard/safeguard.h"
#include "web/pages/page_parts.h"

enum { CHILD_ROWS = 50 };

static void draw_row(Html *h, const ChildRow *c, Instant now)
{
    table_row(h);
    table_cell_open(h, NULL);
    if (c->immediate_risk)
        tag(h, "Immediate risk", "red");
    html_lit(h, " ");
    subject_link(h, 'C', c->id);
    table_cell_close(h);
    table_cell_open(h, NULL);
    html_text(h, str_fmt(h->mem, "%s%s", c->relation,
                         c->age > 0 ? str_fmt(h->mem, ", age %lld", (long long)c->age) : ""));
    html_open(h, EL_BR);
    why(h, str_blank(c->mechanism) ? (str_blank(c->plan) ? "No safe plan yet" : c->plan) : c->mechanism);
    table_cell_close(h);
    table_cell_open(h, NULL);
    html_text(h, c->force_tile);
    html_open(h, EL_BR);
    tag(h, c->state,
        str_same(c->state, "safeguarded") ? "green"
        : str_same(c->state, "concern")   ? "red"
                                          : "blue");
    table_cell_close(h);
    table_cell_open(h, NULL);
    if (c->next_says && c->next_due != INSTANT_NONE) {
        html_text(h, c->next_says);
        html_open(h, EL_BR);
        why(h, str_fmt(h->mem, "%s, %s", c->owner_name, clock_left(h->mem, c->next_due, now)));
        if (c->next_due < now)
            late(h, "late");
    } else {
        why(h, "Nothing running");
    }
    table_cell_close(h);
    table_row_end(h);
}

static Json *child_json(Arena *mem, const ChildRow *c)
{
    Json *j = json_new_object(), *referrals = json_new_list();
    json_set_text(j, "child", ref_write(mem, 'C', c->id));
    json_set_text(j, "relation", c->relation);
    json_set_text(j, "access", c->access);
    json_set_text(j, "state", c->state);
    json_set_bool(j, "immediate_risk", c->immediate_risk);
    json_set_text(j, "mechanism", c->mechanism);
    json_set_text(j, "agency", c->agency);
    json_set_text(j, "force", c->force_tile);
    if (c->safeguarded_on != DATE_NONE)
        json_set_text(j, "safeguarded_on", date_iso(mem, c->safeguarded_on));
    for (size_t i = 0; i < c->referral_count; i++) {
        Json *one = json_new_object();
        json_set_text(one, "route", c->referrals[i].route);
        json_set_text(one, "agency", c->referrals[i].agency);
        json_set_text(one, "sent", date_iso(mem, c->referrals[i].sent));
        json_set_text(one, "outcome", c->referrals[i].outcome);
        json_push(referrals, one);
    }
    json_set(j, "referrals", referrals);
    return j;
}

static const struct {
    const char *key, *says;
} views[] = {
    { NULL, "All" },
    { "no-plan", "Immediate risk, no plan" },
    { "concern", "Concern" },
    { "referred", "Referred" },
    { "safeguarded", "Safeguarded" },
};

static void draw_list(const Request *r, Response *out, const char *view, const ChildRow *rows, size_t count)
{
    static const TableColumn columns[] = {
        { .text = "Child" }, { .text = "What is at stake" }, { .text = "Force" }, { .text = "Whose move" }
    };
    Html h = html_new(r->mem);
    Page page = request_page(r, "Children", NAV_CHILDREN);
    SubNavItem tabs[COUNT_OF(views)];
    size_t shown = count > CHILD_ROWS ? CHILD_ROWS : count;
    for (size_t i = 0; i < COUNT_OF(views); i++)
        tabs[i] = (SubNavItem){ views[i].says, url_query(r->mem, url_lit("/children"), "state", views[i].key),
                                str_same(views[i].key, view) };
    page_begin(&h, &page);
    sub_navigation(&h, "Children", tabs, COUNT_OF(views));
    if (!shown)
        empty_note(&h, str_same(view, "no-plan") ? "Every child at immediate risk has a safe plan."
                                                 : "No children are recorded here.");
    else
        table_open(&h,
                   &(Table){ .classes = "m-wait", .columns = columns, .column_count = COUNT_OF(columns) });
    for (size_t i = 0; i < shown; i++)
        draw_row(&h, &rows[i], r->now);
    if (shown)
        table_close(&h);
    Url next = { 0 };
    if (count > shown)
        next = url_query(r->mem, url_lit("/children"), "state", view, "after",
                         ref_write(r->mem, 'C', rows[shown - 1].id));
    pagination_keyset(&h, (Url){ 0 }, next);
    page_end(&h, &page);
    respond_html(r, out, &h);
}

bool page_children(Request *r, Response *out, Err *err)
{
    ChildRow *rows = NULL;
    size_t count = 0;
    const char *view = request_query(r, "state"), *after = request_query(r, "after");
    ChildFilter f = { .operation = r->operation.id,
                      .force = viewer_scope(&r->viewer, PERM_CHILD_READ),
                      .limit = CHILD_ROWS + 1 };
    view = str_blank(view) ? NULL : view;
    f.no_plan_only = f.immediate_only = str_same(view, "no-plan");
    f.state = f.no_plan_only ? NULL : view;
    if (after && !ref_read(str_of(after), 'C', &f.after_id, err))
        return err_set(err, ERR_NOT_FOUND, "There is no such page.");
    if (!child_list(r->db, r->mem, &r->viewer, &f, &rows, &count, err))
        return err_while(err, "listing children");
    if (!r->wants_json) {
        draw_list(r, out, view, rows, count);
        return true;
    }
    Json *j = json_new_object(), *list = json_new_list();
    for (size_t i = 0; i < count && i < CHILD_ROWS; i++)
        json_push(list, child_json(r->mem, &rows[i]));
    json_set(j, "children", list);
    if (count > CHILD_ROWS)
        json_set_text(j, "after", ref_write(r->mem, 'C', rows[CHILD_ROWS - 1].id));
    respond_json(r, out, j);
    return true;
}

/* ---- one child ---- */
static void draw_forms(Html *h, const ChildRow *c)
{
    static const Option routes[] = {
        { .text = "Children's social care", .value = "childrens-social-care" },
        { .text = "LADO", .value = "lado" },
        { .text = "Disclosure and Barring Service", .value = "dbs" },
        { .text = "Employer or regulator", .value = "employer-regulator" },
        { .text = "School", .value = "school" },
        { .text = "Another local authority", .value = "other-authority" },
    };
    static const Option states[] = { { .text = "Sent", .value = "sent" },
                                     { .text = "Acknowledged", .value = "acknowledged" },
                                     { .text = "Decided", .value = "decided" } };
    const char *ref = ref_write(h->mem, 'C', c->id);
    details_open(h, &(Details){ .summary = "Refer to an agency, or record its answer" });
    form_open(h, url_of(h->mem, "/children/*/refer", ref));
    select_field(
        h,
        &(Select){
            .id = "route", .name = "route", .label = "Route", .items = routes, .count = COUNT_OF(routes) });
    select_field(h, &(Select){ .id = "refer-state",
                               .name = "state",
                               .label = "State",
                               .items = states,
                               .count = COUNT_OF(states) });
    input(h, &(Input){ .id = "refer-agency", .name = "agency", .label = "Agency" });
    input(h, &(Input){ .id = "refer-ref", .name = "ref", .label = "Reference" });
    input(h, &(Input){ .id = "refer-on",
                       .name = "on",
                       .label = "Date",
                       .hint = "As 2026-05-14",
                       .classes = "govuk-input--width-10" });
    input(h, &(Input){ .id = "outcome", .name = "outcome", .label = "Outcome, if decided" });
    button_submit(h, "Record the referral");
    form_close(h);
    details_close(h);
    details_open(h, &(Details){ .summary = "Record a protective step" });
    form_open(h, url_of(h->mem, "/children/*/safeguard", ref));
    input(h, &(Input){ .id = "mechanism",
                       .name = "mechanism",
                       .label = "What protects the child",
                       .hint = "As: bail condition, no unsupervised contact" });
    input(h, &(Input){ .id = "safe-agency", .name = "agency", .label = "Agency" });
    input(h, &(Input){ .id = "plan", .name = "plan", .label = "Safe plan" });
    input(h, &(Input){ .id = "safe-on",
                       .name = "on",
                       .label = "Date",
                       .hint = "As 2026-05-14",
                       .classes = "govuk-input--width-10" });
    button_submit(h, "Record it");
    form_close(h);
    details_close(h);
}

static void draw_child(const Request *r, Response *out, const ChildRow *c)
{
    static const TableColumn columns[] = { { .text = "Route" },   { .text = "Agency" },
                                           { .text = "Sent" },    { .text = "Acknowledged" },
                                           { .text = "Decided" }, { .text = "Outcome" } };
    Html h = html_new(r->mem);
    Page page = request_page(r, str_fmt(r->mem, "Child %s", ref_write(r->mem, 'C', c->id)), NAV_CHILDREN);
    page.caption = c->immediate_risk ? "Immediate risk of harm" : "Child";
    page.back = url_lit("/children");
    page_begin(&h, &page);
    summary_open(&h, "m-compact");
    summary_row(&h, "Known as", c->label);
    summary_row(&h, "State", c->state);
    summary_row(&h, "Relation to the nominal", c->relation);
    summary_row(&h, "Contact", c->access);
    if (c->nominal && viewer_may(&r->viewer, PERM_NOMINAL_READ)) {
        summary_row_open(&h, "Nominal");
        subject_link(&h, 'N', c->nominal);
        summary_row_close(&h);
    }
    summary_row(&h, "Force", c->force_tile);
    summary_row(&h, "Owner", c->owner_name);
    summary_row(&h, "Known since", date_text(r->mem, c->known_on));
    summary_row(&h, "Safe plan", c->plan);
    summary_row(&h, "Protected by", c->mechanism);
    summary_row(&h, "Safeguarded on", date_text(r->mem, c->safeguarded_on));
    if (c->next_says && c->next_due != INSTANT_NONE)
        summary_row(&h, "Next",
                    str_fmt(r->mem, "%s, %s", c->next_says, clock_left(r->mem, c->next_due, r->now)));
    summary_close(&h);
    heading(&h, EL_H2, "m", "Referrals to agencies");
    if (!c->referral_count)
        empty_note(&h, "Nobody has been told yet.");
    else
        table_open(&h,
                   &(Table){ .classes = "m-compact", .columns = columns, .column_count = COUNT_OF(columns) });
    for (size_t i = 0; i < c->referral_count; i++) {
        const ChildReferralRow *x = &c->referrals[i];
        table_row(&h);
        table_cell(&h, x->route);
        table_cell(&h, x->agency);
        table_cell(&h, date_text(r->mem, x->sent));
        table_cell(&h, date_text(r->mem, x->acknowledged));
        table_cell(&h, date_text(r->mem, x->decided));
        table_cell(&h, x->outcome);
        table_row_end(&h);
    }
    if (c->referral_count)
        table_close(&h);
    if (viewer_may_on(&r->viewer, PERM_CHILD_DECIDE, c->force))
        draw_forms(&h, c);
    page_end(&h, &page);
    respond_html(r, out, &h);
}

static bool child_named(Request *r, ChildRow *c, Err *err)
{
    int64_t id = 0;
    return request_ref(r, "ref", 'C', &id, err) && child_fetch(r->db, r->mem, &r->viewer, id, c, err);
}

bool page_child(Request *r, Response *out, Err *err)
{
    ChildRow c;
    if (!child_named(r, &c, err) || !request_look(r, c.id, "child page", err))
        return false;
    if (r->wants_json)
        respond_json(r, out, child_json(r->mem, &c));
    else
        draw_child(r, out, &c);
    return true;
}

static bool form_date(Request *r, Date *on, Err *err)
{
    const char *text = request_form(r, "on");
    *on = london_date(r->now);
    return !text || (date_parse(str_of(text), on) && *on <= london_date(r->now)) ||
           err_set(err, ERR_INVALID, "Give the date as 2026-05-14; it cannot be in the future.");
}

static bool child_mine(Request *r, ChildRow *c, Err *err)
{
    return child_named(r, c, err) && (viewer_may_on(&r->viewer, PERM_CHILD_DECIDE, c->force) ||
                                      err_set(err, ERR_NOT_FOUND, "There is no such child."));
}

bool page_child_safeguard(Request *r, Response *out, Err *err)
{
    ChildRow c;
    Date on;
    Hand hand = request_hand(r);
    const char *mechanism = request_form(r, "mechanism"), *agency = request_form(r, "agency"),
               *plan = request_form(r, "plan");
    if (!child_mine(r, &c, err) || !form_date(r, &on, err))
        return false;
    if (!mechanism || !agency)
        return err_set(err, ERR_INVALID, "Say what protects the child, and which agency.");
    if (!child_safeguarded(r->app->ledger, r->db, &hand, c.id, mechanism, agency, plan ? plan : mechanism, on,
                           err))
        return false;
    respond_redirect(r, out, url_subject(r->mem, 'C', c.id), "The protective step is recorded.");
    return true;
}

bool page_child_refer(Request *r, Response *out, Err *err)
{
    ChildRow c;
    Hand hand = request_hand(r);
    ChildReferralInput in = { .route = request_form(r, "route"),
                              .agency = request_form(r, "agency"),
                              .ref = request_form(r, "ref"),
                              .outcome = request_form(r, "outcome"),
                              .state = request_form(r, "state") };
    if (!child_mine(r, &c, err) || !form_date(r, &in.on, err))
        return false;
    if (!in.route || !in.agency || !in.state)
        return err_set(err, ERR_INVALID, "Choose the route and state, and name the agency.");
    in.child = c.id;
    if (!child_refer(r->app->ledger, r->db, r->app->rules, &hand, &in, err))
        return false;
    respond_redirect(r, out, url_subject(r->mem, 'C', c.id),
                     "The referral is recorded; its clock is running.");
    return true;
}
