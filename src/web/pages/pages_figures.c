/* pages_figures.c: figures as at a date, each leading to the rows behind it for those allowed; the notice to
 * the public; one force. */
#include "figures/figures.h"
#include <stdlib.h>
#include <string.h>
#include "base/zone.h"
#include "base/ref.h"
#include "dispatch/package.h"
#include "safeguard/safeguard.h"
#include "web/pages/page_parts.h"

enum {
    DRILL_ROWS = 50,
    PLACE_ROWS = 30,
    SMALL_NUMBER = 5,    /* below it a place's count could point to a person */
    BRIDGE_DAYS = 3700,  /* a month's step is a count of everything: ten years are enough */
    FORCE_ROWS = 10,
};

typedef struct FiguresView {
    Figures figures;
    Bridge bridge;
    bool bridged;
    const char *notice;
    NoticeRow *notices;
    size_t notice_count;
} FiguresView;

/* "as_at" and "from" as 2026-05-14; absent or blank: `otherwise`. */
static bool query_date(const Request *r, const char *name, Date otherwise, Date *out, Err *err)
{
    const char *text = request_query(r, name);
    *out = otherwise;
    return str_blank(text) || date_parse(str_trim(str_of(text)), out) ||
           err_set(err, ERR_INVALID, "Give the date as 2026-05-14.");
}

/* ---- what may be told ---- */
static int by_arrests(const void *a, const void *b)
{
    const PlaceFigures *x = a, *y = b;
    if (x->arrests != y->arrests)
        return x->arrests < y->arrests ? 1 : -1;
    int order = strcmp(x->place, y->place);
    return order ? order : strcmp(x->force_short, y->force_short);
}

/* Small places are kept only for those who may see the rows themselves: on the page and in the JSON alike. */
static void places_told(const Viewer *v, Figures *f)
{
    size_t kept = 0;
    for (size_t i = 0; i < f->place_count; i++)
        if (f->places[i].arrests >= SMALL_NUMBER || viewer_may_on(v, PERM_FIGURES_DRILL, f->places[i].force))
            f->places[kept++] = f->places[i];
    f->place_count = kept;
    if (kept)
        qsort(f->places, kept, sizeof *f->places, by_arrests);
}

static bool bridge_fetch(Request *r, FiguresView *v, Err *err)
{
    Date from;
    if (!query_date(r, "from", DATE_NONE, &from, err))
        return false;
    v->bridged = from != DATE_NONE;
    if (!v->bridged)
        return true;
    if (from > v->figures.as_at || v->figures.as_at - from > BRIDGE_DAYS)
        return err_set(err, ERR_INVALID, "Compare with an earlier date, at most ten years before.");
    return figures_bridge(r->db, r->mem, r->operation.id, from, v->figures.as_at, &v->bridge, err);
}

static bool fetch(Request *r, FiguresView *v, Err *err)
{
    FiguresQuery q = { .operation = r->operation.id };
    const char *known = request_query(r, "known_size");
    *v = (FiguresView){ 0 };
    if (!query_date(r, "as_at", london_date(r->now), &q.as_at, err))
        return false;
    if (!str_blank(known) && !str_int(str_of(known), 1, INT64_MAX, &q.known_size))
        return err_set(err, ERR_INVALID, "Give the number of ledger entries as a whole number.");
    if (!figures_compute(r->db, r->mem, &q, &v->figures, err) || !bridge_fetch(r, v, err) ||
        !figures_notices(r->db, r->mem, r->operation.id, &v->notices, &v->notice_count, err))
        return false;
    v->notice = figures_notice(r->mem, &v->figures, r->operation.name ? r->operation.name : "");
    places_told(&r->viewer, &v->figures);
    return true;
}

/* ---- drawing numbers ---- */
static Url drill_url(Arena *mem, int measure, Date as_at, const char *force, const char *place)
{
    return url_query(mem, url_of(mem, "/figures/", figure_measures[measure].key), "as_at",
                     date_iso(mem, as_at), "force", force, "place", place);
}

/* Whether the rows behind a number are this viewer's to see; force 0: the whole country's. */
static bool may_drill(const Viewer *v, int64_t force)
{
    return force ? viewer_may_on(v, PERM_FIGURES_DRILL, force) : viewer_scope(v, PERM_FIGURES_DRILL) == 0;
}

static char *grouped(Arena *mem, int64_t n)
{
    Html number = html_new(mem);
    html_num(&number, n);
    return buf_text(&number.out);
}

static void number_cell(Html *h, Url to, bool linked, int64_t n)
{
    if (!linked || !n) {
        table_cell_num(h, n);
        return;
    }
    html_open(h, EL_TD, ATTR_CLASS, "govuk-table__cell govuk-table__cell--numeric", ATTR_DATA_SORT_VALUE, n);
    html_link(h, to, grouped(h->mem, n));
    html_close(h, EL_TD);
}

/* Their words stand within a sentence of the notice; at the head of a column they begin one. */
static const char *headed(Arena *mem, int measure)
{
    const char *says = figure_measures[measure].says;
    return str_fmt(mem, "%c%s", says[0] >= 'a' && says[0] <= 'z' ? says[0] - 'a' + 'A' : says[0], says + 1);
}

static const TableColumn *measure_columns(Arena *mem, const char *first)
{
    TableColumn *columns = arena_new(mem, TableColumn, MEASURE__COUNT + 1);
    columns[0].text = first;
    for (int m = 0; m < MEASURE__COUNT; m++)
        columns[m + 1] = (TableColumn){ .text = headed(mem, m), .numeric = true };
    return columns;
}

static void measures_table(Html *h, const char *caption, const char *first, bool sortable)
{
    table_open(h, &(Table){ .caption = caption,
                            .classes = "m-compact",
                            .columns = measure_columns(h->mem, first),
                            .column_count = MEASURE__COUNT + 1,
                            .sortable = sortable });
}

static void draw_choose(Html *h, const FiguresView *v)
{
    form_open_with(h, &(Form){ .action = url_lit("/figures"), .get = true, .classes = "m-filter-row" });
    input(h, &(Input){ .id = "as_at",
                       .name = "as_at",
                       .type = "date",
                       .label = "As at",
                       .value = date_iso(h->mem, v->figures.as_at),
                       .classes = "govuk-input--width-10" });
    input(h, &(Input){ .id = "from",
                       .name = "from",
                       .type = "date",
                       .label = "Compare with (optional)",
                       .value = v->bridged ? date_iso(h->mem, v->bridge.from) : NULL,
                       .classes = "govuk-input--width-10" });
    button_secondary(h, "Show");
    form_close(h);
}

static void draw_national(const Request *r, Html *h, const Figures *f)
{
    static const CardTone tones[MEASURE__COUNT] = { [MEASURE_CHILDREN] = CARD_OK,
                                                    [MEASURE_IMMEDIATE] = CARD_CHILD };
    Card items[MEASURE__COUNT];
    bool drill = may_drill(&r->viewer, 0);
    for (int m = 0; m < MEASURE__COUNT; m++)
        items[m] = (Card){ .tone = tones[m],
                           .count = f->national[m],
                           .text = figure_measures[m].says,
                           .href = drill ? drill_url(h->mem, m, f->as_at, NULL, NULL) : (Url){ 0 },
                           .link = drill ? "The rows behind it" : NULL };
    cards(h, items, MEASURE__COUNT / 2);
    cards(h, items + MEASURE__COUNT / 2, MEASURE__COUNT - MEASURE__COUNT / 2);
}

static const char *nation_says(const char *nation)
{
    static const struct {
        const char *key, *says;
    } nations[] = { { "england", "England" },
                    { "wales", "Wales" },
                    { "scotland", "Scotland" },
                    { "northern-ireland", "Northern Ireland" } };
    FOR_EACH (n, nations)
        if (str_same(n->key, nation))
            return n->says;
    return nation;
}

static void draw_nations(Html *h, const Figures *f)
{
    measures_table(h, "By nation", "Nation", false);
    for (size_t i = 0; i < f->nation_count; i++) {
        table_row(h);
        table_head_cell(h, nation_says(f->nations[i].nation));
        for (int m = 0; m < MEASURE__COUNT; m++)
            table_cell_num(h, f->nations[i].of[m]);
        table_row_end(h);
    }
    table_close(h);
}

static void draw_force_line(const Request *r, Html *h, const Figures *f, const ForceFigures *line)
{
    bool drill = may_drill(&r->viewer, line->force);
    table_row(h);
    table_cell_open(h, NULL);
    if (viewer_may(&r->viewer, PERM_PICTURE_READ))
        html_link(h, url_of(h->mem, "/forces/", line->short_id), line->name);
    else
        html_text(h, line->name);
    table_cell_close(h);
    for (int m = 0; m < MEASURE__COUNT; m++)
        number_cell(h, drill_url(h->mem, m, f->as_at, line->short_id, NULL), drill, line->of[m]);
    table_row_end(h);
}

static void draw_places(const Request *r, Html *h, const Figures *f)
{
    static const TableColumn columns[] = { { .text = "Place" },
                                           { .text = "Force" },
                                           { .text = "Arrests", .numeric = true } };
    heading(h, EL_H2, "m", "Places with most arrests");
    if (!f->place_count) {
        empty_note(h, "No place has enough arrests to be named.");
        return;
    }
    table_open(h, &(Table){ .classes = "m-compact",
                            .columns = columns,
                            .column_count = COUNT_OF(columns),
                            .sortable = true });
    for (size_t i = 0; i < f->place_count && i < PLACE_ROWS; i++) {
        const PlaceFigures *p = &f->places[i];
        table_row(h);
        table_cell(h, p->place);
        table_cell(h, p->force_short);
        number_cell(h, drill_url(h->mem, MEASURE_ARRESTS, f->as_at, p->force_short, p->place),
                    may_drill(&r->viewer, p->force), p->arrests);
        table_row_end(h);
    }
    table_close(h);
    if (!may_drill(&r->viewer, 0))
        why(h, str_fmt(h->mem, "Places with fewer than %d arrests are not named.", SMALL_NUMBER));
}

static void bridge_row(Html *h, const char *says, const int64_t of[MEASURE__COUNT])
{
    table_row(h);
    table_head_cell(h, says);
    for (int m = 0; m < MEASURE__COUNT; m++)
        table_cell_num(h, of[m]);
    table_row_end(h);
}

static void draw_bridge(Html *h, const Bridge *b)
{
    measures_table(h, str_fmt(h->mem, "From %s to %s, step by step", date_words(h->mem, b->from),
                              date_words(h->mem, b->to)),
                   "Step", false);
    bridge_row(h, str_fmt(h->mem, "As at %s", date_words(h->mem, b->from)), b->opening);
    for (size_t i = 0; i < b->step_count; i++)
        bridge_row(h, b->steps[i].says, b->steps[i].of);
    bridge_row(h, str_fmt(h->mem, "As at %s", date_words(h->mem, b->to)), b->closing);
    table_close(h);
}

static void draw_definitions(Html *h)
{
    details_open(h, &(Details){ .summary = "How these are counted" });
    summary_open(h, "m-compact");
    for (int m = 0; m < MEASURE__COUNT; m++)
        summary_row(h, headed(h->mem, m), figure_measures[m].definition);
    summary_close(h);
    details_close(h);
}

static void notice_text(Html *h, const char *text)
{
    html_open(h, EL_P, ATTR_CLASS, "govuk-body");
    html_lines(h, text);
    html_close(h, EL_P);
}

static void draw_notices(const Request *r, Html *h, const FiguresView *v)
{
    heading(h, EL_H2, "m", "Notice to the public");
    details_open(h, &(Details){ .summary = "The notice that these figures would make" });
    notice_text(h, v->notice);
    if (viewer_may(&r->viewer, PERM_FIGURES_PUBLISH) && r->operation.id &&
        v->figures.as_at <= london_date(r->now)) {
        form_open(h, url_lit("/figures/publish"));
        form_hidden(h, "as_at", date_iso(h->mem, v->figures.as_at));
        button_submit(h, "Record as published");
        form_close(h);
    }
    details_close(h);
    if (!v->notice_count)
        empty_note(h, "Nothing has been published yet.");
    for (size_t i = 0; i < v->notice_count; i++) {
        const NoticeRow *n = &v->notices[i];
        const char *says = str_fmt(h->mem, "Published %s by %s: figures as at %s",
                                   london_words(h->mem, n->at), n->person_name,
                                   date_words(h->mem, n->as_at));
        details_open(h, &(Details){ .summary = says });
        notice_text(h, n->notice);
        html_link(h, url_query(h->mem, url_lit("/figures"), "as_at", date_iso(h->mem, n->as_at), "known_size",
                               str_fmt(h->mem, "%lld", (long long)n->tree_size)),
                  "Count it again from the same entries");
        details_close(h);
    }
}

static void draw(const Request *r, Response *out, const FiguresView *v)
{
    const Figures *f = &v->figures;
    Html h = html_new(r->mem);
    Page page = request_page(r, str_fmt(r->mem, "Figures as at %s", date_words(r->mem, f->as_at)),
                             NAV_FIGURES);
    page_begin(&h, &page);
    draw_choose(&h, v);
    if (!r->operation.id)
        empty_note(&h, "No operation is open, so there is nothing to count.");
    draw_national(r, &h, f);
    html_open(&h, EL_P, ATTR_CLASS, "govuk-body");
    why(&h, str_fmt(r->mem, "Counted from the ledger at %s entries. They can be recomputed at any time.",
                    grouped(r->mem, f->tree_size)));
    html_close(&h, EL_P);
    draw_definitions(&h);
    if (v->bridged)
        draw_bridge(&h, &v->bridge);
    draw_nations(&h, f);
    measures_table(&h, "By force", "Force", true);
    for (size_t i = 0; i < f->force_count; i++)
        draw_force_line(r, &h, f, &f->forces[i]);
    table_close(&h);
    draw_places(r, &h, f);
    draw_notices(r, &h, v);
    page_end(&h, &page);
    respond_html(r, out, &h);
}

/* ---- for programs ---- */
static Json *measures_json(const int64_t of[MEASURE__COUNT])
{
    Json *j = json_new_object();
    for (int m = 0; m < MEASURE__COUNT; m++)
        json_set_int(j, figure_measures[m].key, of[m]);
    return j;
}

static Json *bridge_json(Arena *mem, const Bridge *b)
{
    Json *j = json_new_object(), *steps = json_new_list();
    json_set_text(j, "from", date_iso(mem, b->from));
    json_set_text(j, "to", date_iso(mem, b->to));
    json_set(j, "opening", measures_json(b->opening));
    for (size_t i = 0; i < b->step_count; i++) {
        Json *one = measures_json(b->steps[i].of);
        json_set_text(one, "step", b->steps[i].says);
        json_push(steps, one);
    }
    json_set(j, "steps", steps);
    json_set(j, "closing", measures_json(b->closing));
    return j;
}

bool page_figures(Request *r, Response *out, Err *err)
{
    FiguresView v;
    if (!fetch(r, &v, err))
        return err_while(err, "drawing the figures");
    if (!r->wants_json) {
        draw(r, out, &v);
        return true;
    }
    Json *j = figures_json(r->mem, &v.figures);
    if (v.bridged)
        json_set(j, "bridge", bridge_json(r->mem, &v.bridge));
    json_set_text(j, "notice", v.notice);
    respond_json(r, out, j);
    return true;
}

bool page_figures_publish(Request *r, Response *out, Err *err)
{
    Date as_at;
    int64_t notice = 0;
    Hand hand = request_hand(r);
    const char *text = request_form(r, "as_at");
    if (!text || !date_parse(str_of(text), &as_at) || as_at > london_date(r->now))
        return err_set(err, ERR_INVALID, "Give the date as 2026-05-14; it cannot be in the future.");
    if (!figures_publish(r->app->ledger, r->db, &hand, as_at, &notice, err))
        return false;
    respond_redirect(r, out, url_query(r->mem, url_lit("/figures"), "as_at", date_iso(r->mem, as_at)),
                     "Recorded as published, with the figures, the text and how much of the ledger was "
                     "counted.");
    return true;
}

/* ---- the rows behind a number ---- */
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
        !query_date(r, "as_at", london_date(r->now), &v->filter.as_at, err))
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
    Url here = drill_url(r->mem, (int)v->filter.measure, v->filter.as_at,
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
    Page page = request_page(r, str_fmt(r->mem, "%s %s", grouped(r->mem, v->total), m->says), NAV_FIGURES);
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

/* ---- one force ---- */
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
    WaitingFilter waiting = {
        .operation = r->operation.id, .agency = force, .now = r->now, .limit = FORCE_ROWS
    };
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
    bool drill = may_drill(&r->viewer, v->force.id);
    summary_open(h, "m-compact");
    for (int m = 0; m < MEASURE__COUNT; m++) {
        summary_row_open(h, headed(h->mem, m));
        if (drill && v->figures.of[m])
            html_link(h, drill_url(h->mem, m, v->as_at, v->force.short_id, NULL),
                      grouped(h->mem, v->figures.of[m]));
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
    json_set(j, "figures", measures_json(v->figures.of));
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
