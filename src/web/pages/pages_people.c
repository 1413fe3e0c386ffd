/* pages_people.c: who uses Muster and in which role; agencies; the lawful basis of the operation. */
#include "base/ref.h"
#include "base/zone.h"
#include "web/pages/page_parts.h"

typedef struct PeopleView {
    PersonRow *people;
    Agency *agencies;
    size_t person_count, agency_count;
    Agency chosen;                           /* id 0: every agency */
} PeopleView;

static bool fetch(Request *r, PeopleView *v, Err *err)
{
    const char *agency = request_query(r, "agency");
    *v = (PeopleView){ 0 };
    if (!str_blank(agency) && !agency_by_short(r->db, r->mem, agency, &v->chosen, err))
        return false;
    return agency_list(r->db, r->mem, &v->agencies, &v->agency_count, err) &&
           person_list(r->db, r->mem, v->chosen.id, &v->people, &v->person_count, err);
}

/* ---- people ---- */
static const Option *role_options(Arena *mem, size_t *count)
{
    Option *options = arena_new(mem, Option, ROLE__COUNT);
    *count = 0;
    for (Role role = ROLE_NONE + 1; role < ROLE__COUNT; role++)
        options[(*count)++] = (Option){ .text = role_name(role), .value = role_key(role) };
    return options;
}

static const Option *agency_options(Arena *mem, const PeopleView *v, const char *none, size_t *count)
{
    Option *options = arena_new(mem, Option, v->agency_count + 1);
    *count = 0;
    if (none)
        options[(*count)++] = (Option){ .text = none, .value = "" };
    for (size_t i = 0; i < v->agency_count; i++)
        options[(*count)++] = (Option){ .text = v->agencies[i].name, .value = v->agencies[i].short_id };
    return options;
}

static void draw_add(Html *h, const PeopleView *v)
{
    size_t roles = 0, agencies = 0;
    const Option *role_items = role_options(h->mem, &roles);
    const Option *agency_items = agency_options(h->mem, v, NULL, &agencies);
    details_open(h, &(Details){ .summary = "Add a person" });
    form_open(h, url_lit("/people"));
    input(h, &(Input){ .id = "name", .name = "name", .label = "Name", .classes = "govuk-input--width-20" });
    input(h, &(Input){ .id = "login",
                       .name = "login",
                       .label = "Login",
                       .hint = "Small letters, digits and . - _ as a.shaw. It names one person for good.",
                       .autocomplete = "off",
                       .classes = "govuk-input--width-20" });
    select_field(h, &(Select){ .id = "add-agency",
                               .name = "agency",
                               .label = "Agency",
                               .items = agency_items,
                               .count = agencies,
                               .value = v->chosen.id ? v->chosen.short_id : NULL });
    select_field(h, &(Select){ .id = "role",
                               .name = "role",
                               .label = "Role",
                               .hint = "A role decides what a person may see and do.",
                               .items = role_items,
                               .count = roles });
    button_submit(h, "Add them");
    form_close(h);
    details_close(h);
}

static void draw_stand_down(Html *h, const PersonRow *p)
{
    const char *ref = ref_write(h->mem, 'U', p->id);
    details_open(h, &(Details){ .summary = "Stand down" });
    html_p(h, "Access ends at once. What waits on them passes to their agency's duty person.");
    form_open(h, url_of(h->mem, "/people/*/stand-down", ref));
    input(h, &(Input){ .id = str_fmt(h->mem, "reason-%s", ref),
                       .name = "reason",
                       .label = "Reason",
                       .classes = "govuk-input--width-20" });
    button_warning(h, "End their access");
    form_close(h);
    details_close(h);
}

static void draw_person(const Request *r, Html *h, const PersonRow *p)
{
    table_row(h);
    table_cell_open(h, NULL);
    html_leaf(h, EL_B, p->name);
    html_open(h, EL_BR);
    why(h, p->login);
    table_cell_close(h);
    table_cell(h, role_name(p->role));
    table_cell(h, p->agency_name);
    table_cell_open(h, NULL);
    tag(h, p->active ? "Active" : "Stood down", p->active ? "green" : "grey");
    table_cell_close(h);
    table_cell_open(h, NULL);
    if (p->active && p->id != r->viewer.person)
        draw_stand_down(h, p);
    table_cell_close(h);
    table_row_end(h);
}

static void draw_choose(Html *h, const PeopleView *v)
{
    size_t count = 0;
    const Option *items = agency_options(h->mem, v, "Every agency", &count);
    form_open_with(h, &(Form){ .action = url_lit("/people"), .get = true, .classes = "m-filter-row" });
    select_field(h, &(Select){ .id = "agency",
                               .name = "agency",
                               .label = "Agency",
                               .items = items,
                               .count = count,
                               .value = v->chosen.id ? v->chosen.short_id : "" });
    button_secondary(h, "Show");
    form_close(h);
}

static void draw_people(const Request *r, Response *out, const PeopleView *v)
{
    static const TableColumn columns[] = {
        { .text = "Person" }, { .text = "Role" }, { .text = "Agency" }, { .text = "Access" }, { .text = "" }
    };
    Html h = html_new(r->mem);
    Page page = request_page(r, v->chosen.id ? str_fmt(r->mem, "People of %s", v->chosen.name) : "People",
                             NAV_NONE);
    page_begin(&h, &page);
    draw_add(&h, v);
    draw_choose(&h, v);
    if (!v->person_count)
        empty_note(&h, "Nobody from there uses Muster yet.");
    else
        table_open(&h,
                   &(Table){ .classes = "m-compact", .columns = columns, .column_count = COUNT_OF(columns) });
    for (size_t i = 0; i < v->person_count; i++)
        draw_person(r, &h, &v->people[i]);
    if (v->person_count)
        table_close(&h);
    page_end(&h, &page);
    respond_html(r, out, &h);
}

bool page_people(Request *r, Response *out, Err *err)
{
    PeopleView v;
    if (!fetch(r, &v, err))
        return false;
    if (!r->wants_json) {
        draw_people(r, out, &v);
        return true;
    }
    Json *j = json_new_object(), *list = json_new_list();
    for (size_t i = 0; i < v.person_count; i++) {
        Json *one = json_new_object();
        json_set_text(one, "person", ref_write(r->mem, 'U', v.people[i].id));
        json_set_text(one, "login", v.people[i].login);
        json_set_text(one, "name", v.people[i].name);
        json_set_text(one, "role", role_key(v.people[i].role));
        json_set_text(one, "agency", v.people[i].agency_name);
        json_set_bool(one, "active", v.people[i].active);
        json_push(list, one);
    }
    json_set(j, "people", list);
    respond_json(r, out, j);
    return true;
}

/* The password is told once, to the one who added them, and must be changed at the first sign-in. */
bool page_person_add(Request *r, Response *out, Err *err)
{
    NewPerson p = { .login = request_form(r, "login"),
                    .name = request_form(r, "name"),
                    .agency_short = request_form(r, "agency"),
                    .role = role_read(request_form(r, "role")) };
    Hand hand = request_hand(r);
    int64_t id = 0;
    if (!p.login || !p.name || !p.agency_short || p.role == ROLE_NONE)
        return err_set(err, ERR_INVALID, "Give the name and login, and choose the agency and role.");
    char *password = password_suggest(r->mem);
    if (!person_add(r->app->ledger, &hand, &p, &id, err) ||
        !person_set_password(r->app->ledger, &hand, id, password, true, err))
        return false;
    respond_redirect(r, out, url_query(r->mem, url_lit("/people"), "agency", p.agency_short),
                     str_fmt(r->mem, "First password for %s, shown only now: %s", p.login, password));
    return true;
}

bool page_person_stand_down(Request *r, Response *out, Err *err)
{
    int64_t id = 0;
    Hand hand = request_hand(r);
    const char *reason = request_form(r, "reason");
    if (!request_ref(r, "ref", 'U', &id, err))
        return false;
    if (id == r->viewer.person)
        return err_set(err, ERR_INVALID, "Ask someone else to end your own access.");
    if (!reason)
        return err_set(err, ERR_INVALID, "Give the reason: it is kept.");
    if (!person_stand_down(r->app->ledger, &hand, id, reason, err))
        return false;
    respond_redirect(r, out, url_lit("/people"), "Their access has ended.");
    return true;
}

/* ---- agencies ---- */
static int64_t people_of(const PeopleView *v, int64_t agency)
{
    int64_t n = 0;
    for (size_t i = 0; i < v->person_count; i++)
        n += v->people[i].agency == agency && v->people[i].active;
    return n;
}

static bool agencies_fetch(Request *r, PeopleView *v, Err *err)
{
    int64_t scope = viewer_scope(&r->viewer, PERM_AGENCY_READ);
    size_t kept = 0;
    *v = (PeopleView){ 0 };
    if (!agency_list(r->db, r->mem, &v->agencies, &v->agency_count, err) ||
        !person_list(r->db, r->mem, 0, &v->people, &v->person_count, err))
        return false;
    for (size_t i = 0; i < v->agency_count; i++)
        if (scope == 0 || scope == v->agencies[i].id)
            v->agencies[kept++] = v->agencies[i];
    v->agency_count = kept;
    return true;
}

static void draw_agency(const Request *r, Html *h, const PeopleView *v, const Agency *a)
{
    bool force = str_same(a->kind, "force") && viewer_may(&r->viewer, PERM_PICTURE_READ);
    int64_t people = people_of(v, a->id);
    table_row(h);
    table_cell_link(h, force ? url_of(h->mem, "/forces/", a->short_id) : (Url){ 0 }, a->name);
    table_cell(h, a->kind);
    table_cell(h, a->nation);
    table_cell_open(h, NULL);
    html_link(h,
              viewer_may(&r->viewer, PERM_PEOPLE_MANAGE)
                  ? url_query(h->mem, url_lit("/people"), "agency", a->short_id)
                  : (Url){ 0 },
              str_fmt(h->mem, "%lld", (long long)people));
    if (!people) {
        html_lit(h, " ");
        why(h, "nobody there can answer yet");
    }
    table_cell_close(h);
    table_row_end(h);
}

static void draw_agencies(const Request *r, Response *out, const PeopleView *v)
{
    static const TableColumn columns[] = {
        { .text = "Agency" }, { .text = "Kind" }, { .text = "Nation" }, { .text = "Active people" }
    };
    Html h = html_new(r->mem);
    Page page = request_page(r, "Agencies", NAV_NONE);
    page_begin(&h, &page);
    if (!v->agency_count)
        empty_note(&h, "No agencies have been added yet.");
    else
        table_open(&h, &(Table){ .classes = "m-compact",
                                 .columns = columns,
                                 .column_count = COUNT_OF(columns),
                                 .sortable = true });
    for (size_t i = 0; i < v->agency_count; i++)
        draw_agency(r, &h, v, &v->agencies[i]);
    if (v->agency_count)
        table_close(&h);
    page_end(&h, &page);
    respond_html(r, out, &h);
}

bool page_agencies(Request *r, Response *out, Err *err)
{
    PeopleView v;
    if (!agencies_fetch(r, &v, err))
        return false;
    if (!r->wants_json) {
        draw_agencies(r, out, &v);
        return true;
    }
    Json *j = json_new_object(), *list = json_new_list();
    for (size_t i = 0; i < v.agency_count; i++) {
        Json *one = json_new_object();
        json_set_text(one, "agency", v.agencies[i].short_id);
        json_set_text(one, "name", v.agencies[i].name);
        json_set_text(one, "kind", v.agencies[i].kind);
        json_set_text(one, "nation", v.agencies[i].nation);
        json_set_text(one, "ons_code", v.agencies[i].ons_code);
        json_set_int(one, "people", people_of(&v, v.agencies[i].id));
        json_push(list, one);
    }
    json_set(j, "agencies", list);
    respond_json(r, out, j);
    return true;
}

/* ---- the operation ---- */
static int64_t days_left(const Request *r)
{
    return (int64_t)london_date(r->operation.until) - (int64_t)london_date(r->now);
}

static const char *left_says(const Request *r)
{
    int64_t days = days_left(r);
    if (r->operation.until <= r->now)
        return "The authority has ended: nothing more can be taken in.";
    if (days <= 0)
        return "It ends today.";
    return str_fmt(r->mem, "%lld day%s left", (long long)days, days == 1 ? "" : "s");
}

static void draw_operation(const Request *r, Response *out, const Agency *lead)
{
    const Operation *o = &r->operation;
    Html h = html_new(r->mem);
    Page page = request_page(r, str_starts(o->name, "Operation") ? o->name
                                                                 : str_fmt(r->mem, "Operation %s", o->name),
                             NAV_NONE);
    page.caption = o->exercise ? "Exercise: nobody in it is real" : "The lawful basis for this work";
    page_begin(&h, &page);
    if (o->until <= r->now)
        warning_text(&h, left_says(r));
    summary_open(&h, NULL);
    summary_row(&h, "Lawful basis", o->basis);
    summary_row(&h, "Document", o->document);
    summary_row(&h, "Why it is necessary", o->necessity);
    summary_row(&h, "Why it is proportionate", o->proportionality);
    summary_row(&h, "Authorised by", o->authorised_by);
    summary_row(&h, "Led by", lead->name);
    summary_row_open(&h, "Opened");
    instant_text(&h, o->opened);
    summary_row_close(&h);
    summary_row_open(&h, "Until");
    instant_text(&h, o->until);
    html_lit(&h, " ");
    why(&h, left_says(r));
    summary_row_close(&h);
    summary_row(&h, "Classification", o->classification);
    summary_row(&h, "Handling", o->handling);
    summary_row(&h, "Handling conditions", o->handling_conditions);
    summary_close(&h);
    page_end(&h, &page);
    respond_html(r, out, &h);
}

static Json *operation_json(const Request *r, const Agency *lead)
{
    const Operation *o = &r->operation;
    Json *j = json_new_object();
    json_set_text(j, "operation", o->id ? ref_write(r->mem, 'O', o->id) : NULL);
    if (!o->id)
        return j;
    json_set_text(j, "name", o->name);
    json_set_bool(j, "exercise", o->exercise);
    json_set_text(j, "basis", o->basis);
    json_set_text(j, "document", o->document);
    json_set_text(j, "necessity", o->necessity);
    json_set_text(j, "proportionality", o->proportionality);
    json_set_text(j, "authorised_by", o->authorised_by);
    json_set_text(j, "lead", lead->short_id);
    json_set_text(j, "opened", instant_iso(r->mem, o->opened));
    json_set_text(j, "until", instant_iso(r->mem, o->until));
    json_set_int(j, "days_left", days_left(r) > 0 ? days_left(r) : 0);
    json_set_text(j, "classification", o->classification);
    json_set_text(j, "handling", o->handling);
    json_set_text(j, "handling_conditions", o->handling_conditions);
    return j;
}

static void draw_no_operation(const Request *r, Response *out)
{
    Html h = html_new(r->mem);
    Page page = request_page(r, "The operation", NAV_NONE);
    page_begin(&h, &page);
    empty_note(&h, "No operation is open. A coordinator opens one under its lawful basis, with the day it "
                   "ends.");
    page_end(&h, &page);
    respond_html(r, out, &h);
}

bool page_operation(Request *r, Response *out, Err *err)
{
    Agency lead = { 0 };
    if (r->operation.lead_agency && !agency_by_id(r->db, r->mem, r->operation.lead_agency, &lead, err))
        return false;
    if (r->wants_json)
        respond_json(r, out, operation_json(r, &lead));
    else if (r->operation.id)
        draw_operation(r, out, &lead);
    else
        draw_no_operation(r, out);
    return true;
}
