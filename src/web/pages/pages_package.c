/* pages_package.c: a force's inbox and one package; what the force answers and does. */
#include "base/ref.h"
#include "base/zone.h"
#include "clock/words.h"
#include "dispatch/package.h"
#include "operate/operate.h"
#include "operate/relied.h"
#include "web/exhibits.h"
#include "web/pages/page_parts.h"

enum { INBOX_ROWS = 50 };

/* ---- the list ---- */
static const struct {
    const char *state, *says;
} package_states[] = {
    { "sent", "Unread" }, { "received", "Received" }, { "accepted", "Accepted" }, { "actioned", "In hand" },
    { "held", "Held" },   { "returned", "Returned" }, { "closed", "Closed" },
};

static const char *state_says(const char *state)
{
    FOR_EACH (s, package_states)
        if (str_same(s->state, state))
            return s->says;
    return state;
}

/* The person is eliminated, and its holder has not closed it yet. */
static bool to_close(const PackageRow *p) { return p->eliminated && !str_same(p->state, "closed"); }

static void draw_package_row(Html *h, const PackageRow *p, Instant now)
{
    table_row(h);
    table_cell_open(h, NULL);
    band(h, p->band);
    subject_link(h, 'P', p->id);
    table_cell_close(h);
    table_cell_open(h, NULL);
    html_leaf(h, EL_B, p->nominal_name);
    html_open(h, EL_BR);
    html_text(h, p->why);
    table_cell_close(h);
    table_cell_open(h, NULL);
    html_text(h, p->force_tile);
    html_open(h, EL_BR);
    tag(h, state_says(p->state),
        str_same(p->state, "sent")     ? "red"
        : str_same(p->state, "closed") ? "grey"
                                       : "blue");
    if (to_close(p))
        tag(h, "Person eliminated", "orange");
    table_cell_close(h);
    table_cell_open(h, NULL);
    if (p->next_says && p->next_due != INSTANT_NONE) {
        html_text(h, p->next_says);
        html_open(h, EL_BR);
        why(h, str_fmt(h->mem, "%s, %s", p->owner_name, clock_left(h->mem, p->next_due, now)));
        if (p->next_due < now)
            late(h, "late");
    } else {
        why(h, p->owner_name);
    }
    table_cell_close(h);
    table_row_end(h);
}

static void draw_list(const Request *r, Response *out, const PackageFilter *f, const PackageRow *rows,
                      size_t count)
{
    static const TableColumn columns[] = {
        { .text = "Package" }, { .text = "Who and why" }, { .text = "Force" }, { .text = "Next" }
    };
    Html h = html_new(r->mem);
    Page page = request_page(r, "Packages", NAV_PACKAGES);
    size_t shown = count > INBOX_ROWS ? INBOX_ROWS : count, n = 0;
    SubNavItem tabs[COUNT_OF(package_states) + 1];
    tabs[n++] = (SubNavItem){ "All", url_lit("/packages"), !f->state };
    FOR_EACH (s, package_states)
        tabs[n++] = (SubNavItem){ s->says, url_query(r->mem, url_lit("/packages"), "state", s->state),
                                  str_same(s->state, f->state) };
    page_begin(&h, &page);
    sub_navigation(&h, "States", tabs, n);
    if (!shown)
        empty_note(&h, f->state ? "None are in that state."
                                : "No packages yet. They arrive here when the coordinator sends them.");
    else
        table_open(&h,
                   &(Table){ .classes = "m-wait", .columns = columns, .column_count = COUNT_OF(columns) });
    for (size_t i = 0; i < shown; i++)
        draw_package_row(&h, &rows[i], r->now);
    if (shown)
        table_close(&h);
    Url next = { 0 };
    if (count > shown)
        next = url_query(r->mem, url_lit("/packages"), "state", f->state, "force", request_query(r, "force"),
                         "after", ref_write(r->mem, 'P', rows[shown - 1].id));
    pagination_keyset(&h, (Url){ 0 }, next);
    page_end(&h, &page);
    respond_html(r, out, &h);
}

static Json *row_json(Arena *mem, const PackageRow *p)
{
    Json *j = json_new_object();
    json_set_text(j, "package", ref_write(mem, 'P', p->id));
    json_set_text(j, "nominal", ref_write(mem, 'N', p->nominal));
    json_set_text(j, "force", p->force_short);
    json_set_text(j, "band", p->band);
    json_set_text(j, "state", p->state);
    if (to_close(p))
        json_set_bool(j, "person_eliminated", true);
    json_set_text(j, "why", p->why);
    json_set_text(j, "owner", p->owner_name);
    if (p->next_says && p->next_due != INSTANT_NONE) {
        json_set_text(j, "next", p->next_says);
        json_set_text(j, "due", instant_iso(mem, p->next_due));
    }
    return j;
}

bool page_packages(Request *r, Response *out, Err *err)
{
    PackageRow *rows = NULL;
    size_t count = 0;
    Agency force;
    PackageFilter f = { .operation = r->operation.id,
                        .force = viewer_scope(&r->viewer, PERM_PACKAGE_READ),
                        .state = request_query(r, "state"),
                        .limit = INBOX_ROWS + 1 };
    const char *named = request_query(r, "force"), *after = request_query(r, "after");
    if (!str_blank(named)) {
        if (!agency_by_short(r->db, r->mem, named, &force, err))
            return false;
        if (f.force && f.force != force.id)
            return err_set(err, ERR_NOT_FOUND, "There is no such page.");
        f.force = force.id;
    }
    f.state = str_blank(f.state) ? NULL : f.state;
    if (after && !ref_read(str_of(after), 'P', &f.after_id, err))
        return err_set(err, ERR_NOT_FOUND, "There is no such page.");
    if (!package_list(r->db, r->mem, &r->viewer, &f, &rows, &count, err))
        return err_while(err, "listing packages");
    if (!r->wants_json) {
        draw_list(r, out, &f, rows, count);
        return true;
    }
    Json *j = json_new_object(), *list = json_new_list();
    for (size_t i = 0; i < count && i < INBOX_ROWS; i++)
        json_push(list, row_json(r->mem, &rows[i]));
    json_set(j, "packages", list);
    if (count > INBOX_ROWS)
        json_set_text(j, "after", ref_write(r->mem, 'P', rows[INBOX_ROWS - 1].id));
    respond_json(r, out, j);
    return true;
}

/* ---- one package ---- */
static bool answers_for(const Request *r, const Package *p)
{
    return viewer_may_on(&r->viewer, PERM_PACKAGE_ANSWER, p->row.force);
}

static void one_button(Html *h, const char *path, const char *ref, const char *text)
{
    form_open(h, url_of_(h->mem, path, ref, (const char *)NULL));
    button_submit(h, text);
    form_close(h);
}

static void reason_form(Html *h, const char *path, const char *ref, const char *summary, const char *label,
                        const char *text)
{
    details_open(h, &(Details){ .summary = summary });
    form_open(h, url_of_(h->mem, path, ref, (const char *)NULL));
    input(h, &(Input){ .id = str_fmt(h->mem, "reason-%zu", h->out.len), .name = "reason", .label = label });
    button_secondary(h, text);
    form_close(h);
    details_close(h);
}

static const Option dispositions[] = {
    { .text = "Arrested", .value = "arrested" },
    { .text = "Charged", .value = "charged" },
    { .text = "No further action", .value = "no-further-action" },
    { .text = "Deceased", .value = "deceased" },
    { .text = "Already known", .value = "already-known" },
};

static const char *disposition_says(const char *value)
{
    FOR_EACH (d, dispositions)
        if (str_same(d->value, value))
            return d->text;
    return str_same(value, "person-eliminated") ? "Person eliminated" : value;
}

static void draw_close_form(Html *h, const char *ref)
{
    details_open(h, &(Details){ .summary = "Close with a disposition" });
    form_open(h, url_of(h->mem, "/packages/*/close", ref));
    select_field(h, &(Select){ .id = "disposition",
                               .name = "disposition",
                               .label = "What came of it",
                               .items = dispositions,
                               .count = COUNT_OF(dispositions) });
    input(h, &(Input){ .id = "note", .name = "note", .label = "Note" });
    button_secondary(h, "Close the package");
    form_close(h);
    details_close(h);
}

static void draw_action_form(Html *h, const char *ref)
{
    static const Option kinds[] = {
        { .text = "Warrant", .value = "warrant" },
        { .text = "Premises searched", .value = "premises" },
        { .text = "Interview", .value = "interview" },
        { .text = "Arrest", .value = "arrest" },
        { .text = "Exhibit", .value = "exhibit" },
        { .text = "Bail", .value = "bail" },
        { .text = "Charge", .value = "charge" },
        { .text = "Welfare of the suspect", .value = "welfare" },
    };
    details_open(h, &(Details){ .summary = "Record what was done" });
    form_open(h, url_of(h->mem, "/packages/*/action", ref));
    select_field(
        h,
        &(Select){ .id = "kind", .name = "kind", .label = "What", .items = kinds, .count = COUNT_OF(kinds) });
    input(h, &(Input){ .id = "ref", .name = "ref", .label = "Your own reference of it" });
    input(h, &(Input){ .id = "on",
                       .name = "on",
                       .label = "Date",
                       .hint = "As 2026-05-14",
                       .classes = "govuk-input--width-10" });
    input(h, &(Input){ .id = "place", .name = "place", .label = "Town" });
    input(h, &(Input){ .id = "state",
                       .name = "state",
                       .label = "State",
                       .hint = "Warrant: applied, granted, refused, executed. Bail: bailed, extended, "
                               "under-investigation, ended. Welfare: assessed, referred, declined." });
    input(h, &(Input){ .id = "quantity",
                       .name = "quantity",
                       .label = "Number of devices (exhibits)",
                       .classes = "govuk-input--width-4",
                       .inputmode = "numeric" });
    button_submit(h, "Record it");
    form_close(h);
    details_close(h);
}

/* The one thing left to do. */
static void draw_eliminated_move(Html *h, const Request *r, const Package *p, const char *ref)
{
    Permission needs = p->row.sent == INSTANT_NONE ? PERM_PACKAGE_SEND : PERM_PACKAGE_ANSWER;
    if (!viewer_may_on(&r->viewer, needs, p->row.force))
        return;
    form_open(h, url_of(h->mem, "/packages/*/close", ref));
    form_hidden(h, "disposition", "person-eliminated");
    input(h, &(Input){ .id = "note",
                       .name = "note",
                       .label = "Note",
                       .hint = "What the force had done until then, if anything. It may be left blank." });
    button_submit(h, "Close the package");
    form_close(h);
    if (viewer_may_on(&r->viewer, PERM_ACTION_RECORD, p->row.force))
        draw_action_form(h, ref);
}

static void draw_move(Html *h, const Request *r, const Package *p)
{
    const char *ref = ref_write(h->mem, 'P', p->row.id), *state = p->row.state;
    if (to_close(&p->row)) {
        draw_eliminated_move(h, r, p, ref);
        return;
    }
    if (viewer_may_on(&r->viewer, PERM_PACKAGE_SEND, p->row.force)) {
        if (str_same(state, "built"))
            one_button(h, "/packages/*/send", ref, str_fmt(h->mem, "Send to %s", p->row.force_tile));
        if (str_same(state, "held"))
            reason_form(h, "/packages/*/release", ref, "Decide the hold", "Why it may go ahead",
                        "Release the package");
    }
    if (!answers_for(r, p))
        return;
    if (str_same(state, "sent"))
        one_button(h, "/packages/*/receive", ref, "Acknowledge receipt");
    if (str_same(state, "received"))
        one_button(h, "/packages/*/accept", ref, "Accept the package");
    if (str_same(state, "sent") || str_same(state, "received"))
        reason_form(h, "/packages/*/return", ref, "Return it to the coordinator", "Why it is returned",
                    "Return the package");
    if (str_same(state, "accepted") || str_same(state, "actioned")) {
        if (viewer_may_on(&r->viewer, PERM_ACTION_RECORD, p->row.force))
            draw_action_form(h, ref);
        details_open(h, &(Details){ .summary = "Transfer to another force" });
        form_open(h, url_of(h->mem, "/packages/*/transfer", ref));
        input(h, &(Input){ .id = "force",
                           .name = "force",
                           .label = "Force (short name)",
                           .hint = "The clock goes on: it never restarts." });
        input(h, &(Input){ .id = "transfer-reason", .name = "reason", .label = "Why" });
        button_secondary(h, "Transfer");
        form_close(h);
        details_close(h);
        draw_close_form(h, ref);
    }
}

static void when_row(Html *h, const char *key, Instant t)
{
    if (t == INSTANT_NONE)
        return;
    summary_row_open(h, key);
    instant_text(h, t);
    summary_row_close(h);
}

static void draw_manifest(Html *h, const Package *p)
{
    static const TableColumn columns[] = { { .text = "Item" },
                                           { .text = "Reference" },
                                           { .text = "SHA-256" } };
    CLEANUP(json_done) Json *manifest = NULL;
    Err err = { 0 };
    const Json *items;
    if (str_blank(p->manifest) || !json_read(str_of(p->manifest), &manifest, &err) ||
        !json_count(items = json_get(manifest, "items")))
        return;
    details_open(h, &(Details){ .summary = str_fmt(h->mem, "What the package holds: %zu items, digests only",
                                                   json_count(items)) });
    table_open(h, &(Table){ .classes = "m-compact", .columns = columns, .column_count = COUNT_OF(columns) });
    for (size_t i = 0; i < json_count(items); i++) {
        const Json *item = json_at(items, i);
        table_row(h);
        table_cell(h, json_text(item, "type"));
        table_cell(h, json_text(item, "ref"));
        table_cell_open(h, NULL);
        html_leaf(h, EL_CODE, json_text(item, "sha256"));
        table_cell_close(h);
        table_row_end(h);
    }
    table_close(h);
    details_close(h);
}

static void draw_actions(Html *h, const ActionRow *actions, size_t count)
{
    heading(h, EL_H2, "m", "What has been done");
    if (!count) {
        empty_note(h, "Nothing is recorded yet.");
        return;
    }
    timeline_open(h);
    for (size_t i = 0; i < count; i++)
        timeline_item(
            h, &(TimelineItem){ .title = str_fmt(h->mem, "%s%s%s", actions[i].says,
                                                 str_blank(actions[i].state) ? "" : ": ", actions[i].state),
                                .by = actions[i].ref,
                                .text = str_fmt(h->mem, "%s%s", actions[i].place,
                                                actions[i].corrected ? " (corrected later)" : ""),
                                .when = date_words(h->mem, actions[i].on),
                                .datetime = date_iso(h->mem, actions[i].on) });
    timeline_close(h);
}

/* Before anything else is read: the door may be the wrong one. */
static void draw_wrong(Html *h, const WithdrawnAnswer *wrong)
{
    alert(h, &(Alert){ .kind = "error",
                       .title = "Do not act on the address in this package",
                       .show_title = true,
                       .text = str_fmt(h->mem, "An answer it rests on was withdrawn on %s: %s",
                                       london_words(h->mem, wrong->at), wrong->why) });
}

/* What its holder is asked for now, and what to do if that is a mistake. */
static void draw_eliminated(Html *h, const Elimination *e)
{
    alert(h, &(Alert){ .kind = "warning",
                       .title = "The person of this package is eliminated",
                       .show_title = true,
                       .text =
                           str_fmt(h->mem,
                                   "Decided on %s by %s and %s: %s What was asked for stands still;"
                                   " close the package. If that is wrong, a supervisor or the"
                                   " coordinator takes it back at once on the person's page; an"
                                   " arrest or a charge takes it back by itself.",
                                   london_words(h->mem, e->at), e->person_name, e->second_name, e->reason) });
}

typedef struct Exhibits { ExhibitRow *rows; size_t count; } Exhibits;

static void draw_package(const Request *r, Response *out, const Package *p, const ActionRow *actions,
                         size_t count, const WithdrawnAnswer *wrong, const Elimination *eliminated,
                         const Exhibits *exhibits)
{
    Html h = html_new(r->mem);
    const PackageRow *row = &p->row;
    Page page = request_page(r, str_fmt(r->mem, "Package %s", ref_write(r->mem, 'P', row->id)), NAV_PACKAGES);
    page.caption = str_fmt(r->mem, "%s, handling %s%s%s", p->classification, p->handling,
                           str_blank(p->conditions) ? "" : ": ", p->conditions);
    page.band = row->band;
    page.back = url_lit("/packages");
    page_begin(&h, &page);
    if (wrong)
        draw_wrong(&h, wrong);
    if (eliminated)
        draw_eliminated(&h, eliminated);
    html_leaf(&h, EL_P, row->why, ATTR_CLASS, "govuk-body-l");
    two_open(&h);
    heading(&h, EL_H2, "m", "Whose move");
    summary_open(&h, "m-compact");
    summary_row_open(&h, "About");
    html_text(&h, str_fmt(r->mem, "%s ", row->nominal_name));
    subject_link(&h, 'N', row->nominal);
    summary_row_close(&h);
    summary_row(&h, "Force", row->force_tile);
    summary_row(&h, "State", state_says(row->state));
    summary_row(&h, "Owner", row->owner_name);
    if (row->next_says && row->next_due != INSTANT_NONE)
        summary_row(&h, "Next",
                    str_fmt(r->mem, "%s, %s", row->next_says, clock_left(r->mem, row->next_due, r->now)));
    when_row(&h, "Built", row->built);
    when_row(&h, "Sent", row->sent);
    when_row(&h, "Received", row->received);
    when_row(&h, "Accepted", row->accepted);
    when_row(&h, "First action", row->first_action);
    when_row(&h, "Closed", row->closed);
    if (!str_blank(p->return_reason))
        summary_row(&h, "Returned because", p->return_reason);
    if (!str_blank(p->hold_reason))
        summary_row(&h, "Held because", p->hold_reason);
    for (size_t i = 0; i < p->hit_count; i++)
        summary_row(&h, "Deconfliction",
                    str_fmt(r->mem, "%s: %s%s", p->hits[i].kind, p->hits[i].detail,
                            p->hits[i].decided ? " (decided)" : ""));
    if (!str_blank(p->disposition))
        summary_row(&h, "Disposition",
                    str_fmt(r->mem, "%s%s%s", disposition_says(p->disposition),
                            str_blank(p->disposition_note) ? "" : ": ",
                            p->disposition_note ? p->disposition_note : ""));
    summary_close(&h);
    draw_move(&h, r, p);
    two_next(&h);
    draw_actions(&h, actions, count);
    exhibit_table(&h, exhibits->rows, exhibits->count);
    draw_manifest(&h, p);
    html_open(&h, EL_P, ATTR_CLASS, "govuk-body");
    html_link(&h, url_of(r->mem, "/packages/*/export", ref_write(r->mem, 'P', row->id)),
              "The package as one signed file");
    html_close(&h, EL_P);
    two_close(&h);
    page_end(&h, &page);
    respond_html(r, out, &h);
}

static bool package_named(Request *r, Package *p, Err *err)
{
    int64_t id = 0;
    return request_ref(r, "ref", 'P', &id, err) && package_fetch(r->db, r->mem, &r->viewer, id, p, err);
}

bool page_package(Request *r, Response *out, Err *err)
{
    Package p;
    ActionRow *actions = NULL;
    WithdrawnAnswer wrong;
    Elimination eliminated;
    Exhibits exhibits = { 0 };
    size_t count = 0;
    bool is_wrong = false;
    if (!package_named(r, &p, err) || !request_look(r, p.row.id, "package page", err) ||
        !action_list(r->db, r->mem, p.row.nominal, &actions, &count, err) ||
        !exhibit_list(r->db, r->mem, p.row.nominal, &exhibits.rows, &exhibits.count, err) ||
        !elimination_of(r->db, r->mem, p.row.nominal, &eliminated, err) ||
        !package_rests_on_error(r->db, r->mem, p.row.id, &wrong, &is_wrong, err))
        return false;
    if (!r->wants_json) {
        draw_package(r, out, &p, actions, count, is_wrong ? &wrong : NULL,
                     to_close(&p.row) && eliminated.holds ? &eliminated : NULL, &exhibits);
        return true;
    }
    CLEANUP(json_done) Json *manifest = NULL;
    Json *j = row_json(r->mem, &p.row), *list = json_new_list();
    json_set_text(j, "rests_on_error", is_wrong ? wrong.why : NULL);
    json_set_text(j, "handling", p.handling);
    json_set_text(j, "conditions", p.conditions);
    json_set_text(j, "classification", p.classification);
    if (!str_blank(p.manifest) && json_read(str_of(p.manifest), &manifest, err))
        json_set(j, "manifest", json_keep(manifest));
    for (size_t i = 0; i < exhibits.count; i++)
        json_push(list, exhibit_json(r->mem, &exhibits.rows[i]));
    json_set(j, "exhibits", list);
    respond_json(r, out, j);
    return true;
}

bool page_package_export(Request *r, Response *out, Err *err)
{
    Package p;
    if (!package_named(r, &p, err) || !request_look(r, p.row.id, "export of the package", err) ||
        !package_export(r->db, r->mem, &r->viewer, p.row.id, &out->body, err))
        return false;
    out->type = "application/json";
    out->download = str_fmt(r->mem, "%s.json", ref_write(r->mem, 'P', p.row.id));
    return true;
}
