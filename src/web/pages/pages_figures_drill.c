/* pages_figures_drill.c: the rows behind a number, for those allowed. */
#include "base/ref.h"
#include "base/zone.h"
#include "web/pages/figure_parts.h"

enum { DRILL_ROWS = 50 };

typedef struct DrillView {
    DrillFilter filter;
    Agency force;                            /* id 0: all */
    DrillRow *rows;
    size_t count;
    int64_t total;
} DrillView;

static bool measure_named(const Request *r, Measure *out, Err *err)
{
    for (Measure m = 0; m < MEASURE__COUNT; m++)
        if (str_same(figure_measures[m].key, request_param(r, "measure"))) {
            *out = m;
            return true;
        }
    return err_set(err, ERR_NOT_FOUND, "There is no such figure.");
}

/* A force's viewer sees the rows of that force, whatever was asked for; another's are not found. */
static bool drill_force(Request *r, DrillView *v, Err *err)
{
    int64_t scope = viewer_scope(&r->viewer, PERM_FIGURES_DRILL);
    const char *force = request_query(r, "force");
    if (!str_blank(force) && !agency_by_short(r->db, r->mem, force, &v->force, err))
        return false;
    if (str_blank(force) && scope > 0 && !agency_by_id(r->db, r->mem, scope, &v->force, err))
        return false;
    v->filter.force = v->force.id;
    return scope == 0 || scope == v->force.id || err_set(err, ERR_NOT_FOUND, "There is no such page.");
}

/* The number that led here: one place counts arrests only. */
static bool drill_total(Request *r, DrillView *v, Err *err)
{
    Figures f;
    FiguresQuery q = { r->operation.id, v->filter.as_at, 0 };
    if (!figures_compute(r->db, r->mem, &q, &f, err))
        return false;
    v->total = v->force.id ? 0 : f.national[v->filter.measure];
    for (size_t i = 0; i < f.force_count; i++)
        if (v->force.id == f.forces[i].force)
            v->total = f.forces[i].of[v->filter.measure];
    if (!v->filter.place)
        return true;
    v->total = 0;
    for (size_t i = 0; i < f.place_count; i++)
        if (str_same(v->filter.place, f.places[i].place) &&
            (!v->force.id || v->force.id == f.places[i].force))
            v->total += f.places[i].arrests;
    return true;
}

static bool drill_fetch(Request *r, DrillView *v, Err *err)
{
    const char *place = request_query(r, "place"), *after = request_query(r, "after");
    *v = (DrillView){ .filter = { .operation = r->operation.id,
                                  .place = str_blank(place) ? NULL : place,
                                  .limit = DRILL_ROWS + 1 } };
    if (!measure_named(r, &v->filter.measure, err) || !drill_force(r, v, err) ||
        !figure_date_read(r, "as_at", london_date(r->now), &v->filter.as_at, err))
        return false;
    bool countable = !v->filter.place || v->filter.measure == MEASURE_ARRESTS;
    if (!countable || (after && !str_int(str_of(after), 1, INT64_MAX, &v->filter.after_id)))
        return err_set(err, ERR_NOT_FOUND, "There is no such page.");
    return figures_drill(r->db, r->mem, &v->filter, &v->rows, &v->count, err) && drill_total(r, v, err);
}

/* The reference as a link only where the page behind it is this viewer's. */
static void reference(const Request *r, Html *h, Permission p, int64_t force, char letter, int64_t id)
{
    if (!id)
        return;
    if (viewer_may_on(&r->viewer, p, force))
        subject_link(h, letter, id);
    else
        html_text(h, ref_write(h->mem, letter, id));
}

static void draw_drill_row(const Request *r, Html *h, const DrillRow *d)
{
    table_row(h);
    table_cell(h, date_words(h->mem, d->on));
    table_cell(h, d->force_tile);
    table_cell(h, str_blank(d->place) ? "" : d->place);
    table_cell(h, str_fmt(h->mem, "%s %s", d->kind, d->ref));
    table_cell_open(h, NULL);
    reference(r, h, PERM_NOMINAL_READ, d->force, 'N', d->nominal);
    html_lit(h, " ");
    reference(r, h, PERM_CHILD_READ, d->force, 'C', d->child);
    table_cell_close(h);
    table_cell_open(h, NULL);
    reference(r, h, PERM_LEDGER_READ, d->force, 'E', d->entry);
    table_cell_close(h);
    table_cell_num(h, d->quantity);
    table_row_end(h);
}

static Url drill_next(const Request *r, const DrillView *v)
{
    if (v->count <= DRILL_ROWS)
        return (Url){ 0 };
    Url here = figure_drill_url(r->mem, (int)v->filter.measure, v->filter.as_at,
                         v->force.id ? v->force.short_id : NULL, v->filter.place);
    return url_query(r->mem, here, "after",
                     str_fmt(r->mem, "%lld", (long long)v->rows[DRILL_ROWS - 1].id));
}

static void draw_drill(const Request *r, Response *out, const DrillView *v)
{
    static const TableColumn columns[] = {
        { .text = "On" },         { .text = "Force" }, { .text = "Place" },
        { .text = "What" },       { .text = "Who" },   { .text = "Entry" },
        { .text = "Counts", .numeric = true },
    };
    const MeasureDef *m = &figure_measures[v->filter.measure];
    size_t shown = v->count > DRILL_ROWS ? DRILL_ROWS : v->count;
    Html h = html_new(r->mem);
    Page page =
        request_page(r, str_fmt(r->mem, "%s %s", figure_grouped(r->mem, v->total), m->says), NAV_FIGURES);
    page.caption = str_fmt(r->mem, "%s%s%s, as at %s", v->force.id ? v->force.name : "All forces",
                           v->filter.place ? ", " : "", v->filter.place ? v->filter.place : "",
                           date_words(r->mem, v->filter.as_at));
    page.back = url_query(r->mem, url_lit("/figures"), "as_at", date_iso(r->mem, v->filter.as_at));
    page_begin(&h, &page);
    inset_text(&h, NULL, m->definition);
    if (!shown)
        empty_note(&h, "Nothing is counted here.");
    else
        table_open(&h,
                   &(Table){ .classes = "m-compact", .columns = columns, .column_count = COUNT_OF(columns) });
    for (size_t i = 0; i < shown; i++)
        draw_drill_row(r, &h, &v->rows[i]);
    if (shown)
        table_close(&h);
    pagination_keyset(&h, (Url){ 0 }, drill_next(r, v));
    page_end(&h, &page);
    respond_html(r, out, &h);
}

static Json *drill_json(const Request *r, const DrillView *v)
{
    Json *j = json_new_object(), *list = json_new_list();
    json_set_text(j, "measure", figure_measures[v->filter.measure].key);
    json_set_text(j, "definition", figure_measures[v->filter.measure].definition);
    json_set_text(j, "as_at", date_iso(r->mem, v->filter.as_at));
    json_set_int(j, "total", v->total);
    for (size_t i = 0; i < v->count && i < DRILL_ROWS; i++) {
        const DrillRow *d = &v->rows[i];
        Json *one = json_new_object();
        json_set_text(one, "on", date_iso(r->mem, d->on));
        json_set_text(one, "kind", d->kind);
        json_set_text(one, "ref", d->ref);
        json_set_text(one, "force", d->force_tile);
        json_set_text(one, "place", d->place);
        json_set_int(one, "entry", d->entry);
        json_set_text(one, "nominal", d->nominal ? ref_write(r->mem, 'N', d->nominal) : NULL);
        json_set_text(one, "child", d->child ? ref_write(r->mem, 'C', d->child) : NULL);
        json_set_int(one, "quantity", d->quantity);
        json_push(list, one);
    }
    json_set(j, "rows", list);
    if (v->count > DRILL_ROWS)
        json_set_int(j, "after", v->rows[DRILL_ROWS - 1].id);
    return j;
}

bool page_figures_drill(Request *r, Response *out, Err *err)
{
    DrillView v;
    if (!drill_fetch(r, &v, err))
        return false;
    if (r->wants_json)
        respond_json(r, out, drill_json(r, &v));
    else
        draw_drill(r, out, &v);
    return true;
}
