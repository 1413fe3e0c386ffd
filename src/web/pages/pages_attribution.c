/* pages_attribution.c: one answer that ties a footprint to a household: what relies on it, and what happens
 * when it was wrong. */
#include "attribute/attribute.h"
#include "base/ref.h"
#include "base/zone.h"
#include "link/nominal.h"
#include "operate/relied.h"
#include "web/pages/page_parts.h"

typedef struct AttributionView {
    int64_t id;
    Nominal n;
    const AttributionRow *row;               /* NULL: the address a source itself states */
    AttributionError error;
    Relied *relied;
    size_t relied_count;
} AttributionView;

/* The attribution in the address, as far as the viewer may see its nominal and do p; else not found. */
static bool target(Request *r, Permission p, int64_t *id, int64_t *nominal, Err *err)
{
    NominalRow row;
    if (!str_int(str_of(request_param(r, "id")), 1, INT64_MAX, id))
        return err_set(err, ERR_NOT_FOUND, "There is no such attribution.");
    if (!attribution_nominal(r->db, *id, nominal, err) ||
        !nominal_row(r->db, r->mem, &r->viewer, *nominal, &row, err))
        return false;
    return viewer_may_on(&r->viewer, p, row.force) ||
           err_set(err, ERR_NOT_FOUND, "There is no such attribution.");
}

static bool fetch(Request *r, AttributionView *v, Err *err)
{
    int64_t nominal = 0;
    *v = (AttributionView){ 0 };
    if (!target(r, PERM_NOMINAL_READ, &v->id, &nominal, err) ||
        !nominal_fetch(r->db, r->mem, &r->viewer, nominal, &v->n, err) ||
        !request_look(r, nominal, "answer page", err) ||
        !attribution_error(r->db, r->mem, v->id, &v->error, err) ||
        !relied_on(r->db, r->mem, &r->viewer, v->id, &v->relied, &v->relied_count, err))
        return false;
    for (size_t i = 0; i < v->n.attribution_count; i++)
        if (v->n.attributions[i].id == v->id)
            v->row = &v->n.attributions[i];
    return true;
}

static void draw_answer(Html *h, const AttributionView *v)
{
    const AttributionRow *a = v->row;
    summary_open(h, "m-compact");
    summary_row_open(h, "About");
    html_text(h, str_fmt(h->mem, "%s ", v->n.row.name));
    subject_link(h, 'N', v->n.row.id);
    summary_row_close(h);
    if (a) {
        summary_row_open(h, "Source text");
        html_leaf(h, EL_CODE, a->verbatim);
        html_text(h, str_fmt(h->mem, ", %s%s", a->address,
                             a->port > 0 ? str_fmt(h->mem, ", port %lld", (long long)a->port) : ", no port"));
        summary_row_close(h);
        summary_row(h, "Answer",
                    str_fmt(h->mem, "%s, their reference %s", a->operator_name, a->operator_ref));
        summary_row(h, "Compared", a->agrees);
        summary_row(h, "Installation", a->household);
    } else {
        summary_row(h, "Answer", "The address that the source itself states");
    }
    summary_close(h);
}

static void draw_relied(Html *h, const AttributionView *v)
{
    static const TableColumn columns[] = { { .text = "What" },
                                           { .text = "When" },
                                           { .text = "Force" },
                                           { .text = "Package" } };
    heading(h, EL_H2, "m", v->error.withdrawn ? "What relied on it" : "What relies on it");
    if (!v->relied_count) {
        empty_note(h, "Nothing: no package was built and no force has acted on it.");
        return;
    }
    table_open(h, &(Table){ .classes = "m-wait", .columns = columns, .column_count = COUNT_OF(columns) });
    for (size_t i = 0; i < v->relied_count; i++) {
        const Relied *d = &v->relied[i];
        table_row(h);
        table_cell(h,
                   str_fmt(h->mem, "%s %s%s%s", d->says, d->ref, str_blank(d->state) ? "" : ": ", d->state));
        table_cell(h, date_text(h->mem, d->on));
        table_cell(h, d->force_tile);
        table_cell_open(h, NULL);
        if (d->package)
            subject_link(h, 'P', d->package);
        table_cell_close(h);
        table_row_end(h);
    }
    table_close(h);
}

/* What the law asks for when an error was serious, begun from the record; a person completes and sends it. */
static void draw_report(Html *h, const AttributionView *v)
{
    size_t packages = 0, acts = 0;
    for (size_t i = 0; i < v->relied_count; i++)
        *(str_same(v->relied[i].kind, "package") ? &packages : &acts) += 1;
    details_open(h, &(Details){ .summary = "Draft of an error report" });
    html_p(h, str_fmt(h->mem,
                      "On %s it was found that an answer tying nominal %s to a household was wrong. What was"
                      " wrong: %s",
                      london_words(h->mem, v->error.at), ref_write(h->mem, 'N', v->n.row.id), v->error.why));
    html_p(h, str_fmt(h->mem,
                      "It had been relied on in %zu package%s and in %zu act%s of forces, listed above. No "
                      "force"
                      " acts on the address from now on. Whom it affected, what harm may have come of it, "
                      "and who"
                      " has been told:",
                      packages, packages == 1 ? "" : "s", acts, acts == 1 ? "" : "s"));
    details_close(h);
}

static void draw_error(const Request *r, Html *h, const AttributionView *v)
{
    bool may = viewer_may_on(&r->viewer, PERM_NOMINAL_DECIDE, v->n.row.force);
    const char *id = str_fmt(h->mem, "%lld", (long long)v->id);
    if (!v->error.withdrawn) {
        if (!may)
            return;
        details_open(h, &(Details){ .summary = "This answer is wrong" });
        html_p(h, "The household goes, the nominal is scored again, no package that rests on it goes out, "
                  "and a "
                  "clock runs until someone has decided what follows.");
        form_open(h, url_of(h->mem, "/attributions/*/withdraw", id));
        input(h, &(Input){ .id = "withdraw-reason", .name = "reason", .label = "What was wrong" });
        button_submit(h, "Withdraw the answer");
        form_close(h);
        details_close(h);
        return;
    }
    draw_report(h, v);
    if (!v->error.to_review || !may)
        return;
    heading(h, EL_H2, "m", "What follows");
    form_open(h, url_of(h->mem, "/attributions/*/review", id));
    input(h, &(Input){ .id = "review-reason", .name = "reason",
                       .label = "What was decided, and who was told" });
    button_submit(h, "Record the decision");
    form_close(h);
}

static void draw(const Request *r, Response *out, const AttributionView *v)
{
    Html h = html_new(r->mem);
    Page page = request_page(r, v->row ? "An operator's answer" : "A stated address", NAV_QUEUE);
    page.caption = str_fmt(r->mem, "Nominal %s", ref_write(r->mem, 'N', v->n.row.id));
    page.back = url_subject(r->mem, 'N', v->n.row.id);
    page_begin(&h, &page);
    if (v->error.withdrawn)
        alert(&h,
              &(Alert){ .kind = "error",
                        .title = "Withdrawn",
                        .show_title = true,
                        .text = str_fmt(r->mem, "%s: %s", london_words(r->mem, v->error.at), v->error.why) });
    draw_answer(&h, v);
    draw_relied(&h, v);
    draw_error(r, &h, v);
    page_end(&h, &page);
    respond_html(r, out, &h);
}

static Json *attribution_json(const Request *r, const AttributionView *v)
{
    Json *j = json_new_object(), *relied = json_new_list();
    json_set_int(j, "attribution", v->id);
    json_set_text(j, "nominal", ref_write(r->mem, 'N', v->n.row.id));
    json_set_bool(j, "withdrawn", v->error.withdrawn);
    json_set_text(j, "why", v->error.why);
    json_set_bool(j, "to_review", v->error.to_review);
    for (size_t i = 0; i < v->relied_count; i++) {
        const Relied *d = &v->relied[i];
        Json *one = json_new_object();
        json_set_text(one, "kind", d->kind);
        json_set_text(one, "ref", str_blank(d->ref) ? NULL : d->ref);
        json_set_text(one, "state", d->state);
        json_set_text(one, "force", d->force_tile);
        json_set_text(one, "on", date_iso(r->mem, d->on));
        json_set_text(one, "package", d->package ? ref_write(r->mem, 'P', d->package) : NULL);
        json_push(relied, one);
    }
    json_set(j, "relied", relied);
    return j;
}

bool page_attribution(Request *r, Response *out, Err *err)
{
    AttributionView v;
    if (!fetch(r, &v, err))
        return false;
    if (r->wants_json)
        respond_json(r, out, attribution_json(r, &v));
    else
        draw(r, out, &v);
    return true;
}

static void back_to(Request *r, Response *out, int64_t id, const char *flash)
{
    respond_redirect(r, out, url_of(r->mem, "/attributions/", str_fmt(r->mem, "%lld", (long long)id)), flash);
}

bool page_attribution_withdraw(Request *r, Response *out, Err *err)
{
    int64_t id = 0, nominal = 0;
    const char *reason;
    Hand hand = request_hand(r);
    if (!target(r, PERM_NOMINAL_DECIDE, &id, &nominal, err) || !form_reason(r, &reason, err) ||
        !attribution_withdraw(r->app->ledger, r->db, r->app->rules, &hand, id, reason, err))
        return false;
    back_to(r, out, id, "Withdrawn. What relied on it is listed here.");
    return true;
}

bool page_attribution_review(Request *r, Response *out, Err *err)
{
    int64_t id = 0, nominal = 0;
    const char *reason;
    Hand hand = request_hand(r);
    if (!target(r, PERM_NOMINAL_DECIDE, &id, &nominal, err) || !form_reason(r, &reason, err) ||
        !attribution_reviewed(r->app->ledger, r->db, &hand, nominal, reason, err))
        return false;
    back_to(r, out, id, "The decision is recorded.");
    return true;
}
