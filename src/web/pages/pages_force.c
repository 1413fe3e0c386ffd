/* pages_force.c: one force: its figures, its packages, its children. */
#include "base/ref.h"
#include "base/zone.h"
#include "dispatch/package.h"
#include "safeguard/safeguard.h"
#include "web/pages/figure_parts.h"

enum { FORCE_ROWS = 10 };

typedef struct ForceView {
    Agency force;
    ForceFigures figures;
    Date as_at;
    WaitingCount load;
    WaitingRow *waiting;
    PackageRow *packages;
    ChildRow *children;
    size_t waiting_count, package_count, child_count;
    bool waits, reads_packages, reads_children;  /* what of it is this viewer's */
} ForceView;

static bool force_counts(Request *r, ForceView *v, Err *err)
{
    Figures f;
    WaitingCount *counts = NULL;
    size_t count = 0;
    if (!figures_compute(r->db, r->mem, &(FiguresQuery){ r->operation.id, v->as_at, 0 }, &f, err) ||
        (v->waits && !waiting_counts(r->db, r->mem, r->operation.id, r->now, &counts, &count, err)))
        return false;
    for (size_t i = 0; i < f.force_count; i++)
        if (f.forces[i].force == v->force.id)
            v->figures = f.forces[i];
    for (size_t i = 0; i < count; i++)
        if (counts[i].agency == v->force.id)
            v->load = counts[i];
    return true;
}

static bool force_lists(Request *r, ForceView *v, Err *err)
{
    int64_t force = v->force.id;
    WaitingFilter waiting = { .operation = r->operation.id,
                              .agency = force,
                              .now = r->now,
                              .collapsed = true,
                              .limit = FORCE_ROWS };
    PackageFilter packages = {
        .operation = r->operation.id, .force = force, .limit = FORCE_ROWS
    };
    ChildFilter children = { .operation = r->operation.id, .force = force, .limit = FORCE_ROWS };
    return (!v->waits || waiting_list(r->db, r->mem, r->app->rules, &waiting, &v->waiting,
                                      &v->waiting_count, err)) &&
           (!v->reads_packages || package_list(r->db, r->mem, &r->viewer, &packages, &v->packages,
                                               &v->package_count, err)) &&
           (!v->reads_children || child_list(r->db, r->mem, &r->viewer, &children, &v->children,
                                             &v->child_count, err));
}

static bool force_fetch(Request *r, ForceView *v, Err *err)
{
    *v = (ForceView){ .as_at = london_date(r->now) };
    if (!agency_by_short(r->db, r->mem, request_param(r, "id"), &v->force, err))
        return false;
    if (!str_same(v->force.kind, "force"))
        return err_set(err, ERR_NOT_FOUND, "There is no such force.");
    v->waits = viewer_may_on(&r->viewer, PERM_WAITING_READ, v->force.id);
    v->reads_packages = viewer_may_on(&r->viewer, PERM_PACKAGE_READ, v->force.id);
    v->reads_children = viewer_may_on(&r->viewer, PERM_CHILD_READ, v->force.id);
    return force_counts(r, v, err) && force_lists(r, v, err);
}

static void draw_force_figures(const Request *r, Html *h, const ForceView *v)
{
    bool drill = figure_may_drill(&r->viewer, v->force.id);
    summary_open(h, "m-compact");
    for (int m = 0; m < MEASURE__COUNT; m++) {
        summary_row_open(h, figure_headed(h->mem, m));
        if (drill && v->figures.of[m])
            html_link(h, figure_drill_url(h->mem, m, v->as_at, v->force.short_id, NULL),
                      figure_grouped(h->mem, v->figures.of[m]));
        else
            html_num(h, v->figures.of[m]);
        summary_row_close(h);
    }
    summary_close(h);
}

static void draw_force_packages(Html *h, const ForceView *v)
{
    static const TableColumn columns[] = { { .text = "Package" }, { .text = "Why" }, { .text = "State" } };
    heading(h, EL_H2, "m", "Packages");
    if (!v->package_count) {
        empty_note(h, "No package has been sent there.");
        return;
    }
    table_open(h, &(Table){ .classes = "m-compact", .columns = columns, .column_count = COUNT_OF(columns) });
    for (size_t i = 0; i < v->package_count; i++) {
        table_row(h);
        table_cell_open(h, NULL);
        band(h, v->packages[i].band);
        subject_link(h, 'P', v->packages[i].id);
        table_cell_close(h);
        table_cell(h, v->packages[i].why);
        table_cell(h, v->packages[i].state);
        table_row_end(h);
    }
    table_close(h);
    html_link(h, url_query(h->mem, url_lit("/packages"), "force", v->force.short_id), "All its packages");
}

static void draw_force_children(Html *h, const ForceView *v)
{
    static const TableColumn columns[] = { { .text = "Child" }, { .text = "State" }, { .text = "Next" } };
    heading(h, EL_H2, "m", "Children");
    if (!v->child_count) {
        empty_note(h, "No children are recorded there.");
        return;
    }
    table_open(h, &(Table){ .classes = "m-compact", .columns = columns, .column_count = COUNT_OF(columns) });
    for (size_t i = 0; i < v->child_count; i++) {
        table_row(h);
        table_cell_open(h, NULL);
        if (v->children[i].immediate_risk)
            tag(h, "Immediate risk", "red");
        html_lit(h, " ");
        subject_link(h, 'C', v->children[i].id);
        table_cell_close(h);
        table_cell(h, v->children[i].state);
        table_cell(h, v->children[i].next_says);
        table_row_end(h);
    }
    table_close(h);
}

static void draw_force(const Request *r, Response *out, const ForceView *v)
{
    Html h = html_new(r->mem);
    Page page = request_page(r, v->force.name, NAV_PICTURE);
    page.caption = str_fmt(r->mem, "Figures as at %s", date_words(r->mem, v->as_at));
    page.back = url_lit("/");
    page_begin(&h, &page);
    draw_force_figures(r, &h, v);
    if (v->waits) {
        heading(&h, EL_H2, "m", str_fmt(r->mem, "Waiting on it: %lld, of them late: %lld",
                                        (long long)v->load.running, (long long)v->load.late));
        waiting_table(&h, v->waiting, v->waiting_count, r->now, "Nothing waits on this force.");
        html_link(&h, url_query(r->mem, url_lit("/waiting"), "agency", v->force.short_id),
                  "Everything that waits on it");
    }
    if (v->reads_packages)
        draw_force_packages(&h, v);
    if (v->reads_children)
        draw_force_children(&h, v);
    page_end(&h, &page);
    respond_html(r, out, &h);
}

static Json *force_json(const Request *r, const ForceView *v)
{
    Json *j = json_new_object(), *packages = json_new_list(), *children = json_new_list();
    json_set_text(j, "force", v->force.short_id);
    json_set_text(j, "name", v->force.name);
    json_set_text(j, "as_at", date_iso(r->mem, v->as_at));
    json_set(j, "figures", figure_measures_json(v->figures.of));
    if (v->waits) {
        json_set_int(j, "running", v->load.running);
        json_set_int(j, "late", v->load.late);
        json_set(j, "waiting", waiting_json(r->mem, v->waiting, v->waiting_count, r->now));
    }
    for (size_t i = 0; i < v->package_count; i++)
        json_push(packages, json_new_text(ref_write(r->mem, 'P', v->packages[i].id)));
    for (size_t i = 0; i < v->child_count; i++)
        json_push(children, json_new_text(ref_write(r->mem, 'C', v->children[i].id)));
    json_set(j, "packages", packages);
    json_set(j, "children", children);
    return j;
}

bool page_force(Request *r, Response *out, Err *err)
{
    ForceView v;
    if (!force_fetch(r, &v, err))
        return false;
    if (r->wants_json)
        respond_json(r, out, force_json(r, &v));
    else
        draw_force(r, out, &v);
    return true;
}
