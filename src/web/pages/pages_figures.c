/* pages_figures.c: figures as at a date, each leading to the rows behind it for those allowed; the notice to
 * the public. */
#include "web/pages/figure_parts.h"
#include <stdlib.h>
#include <string.h>
#include "base/zone.h"

enum {
    PLACE_ROWS = 30,
    SMALL_NUMBER = 5,    /* below it a place's count could point to a person */
    BRIDGE_DAYS = 3700,  /* a month's step is a count of everything: ten years are enough */
};

typedef struct FiguresView {
    Figures figures;
    Bridge bridge;
    bool bridged;
    const char *notice;
    NoticeRow *notices;
    size_t notice_count;
} FiguresView;

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
    if (!figure_date_read(r, "from", DATE_NONE, &from, err))
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
    if (!figure_date_read(r, "as_at", london_date(r->now), &q.as_at, err))
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
static void number_cell(Html *h, Url to, bool linked, int64_t n)
{
    if (!linked || !n) {
        table_cell_num(h, n);
        return;
    }
    html_open(h, EL_TD, ATTR_CLASS, "govuk-table__cell govuk-table__cell--numeric", ATTR_DATA_SORT_VALUE, n);
    html_link(h, to, figure_grouped(h->mem, n));
    html_close(h, EL_TD);
}

static const TableColumn *measure_columns(Arena *mem, const char *first)
{
    TableColumn *columns = arena_new(mem, TableColumn, MEASURE__COUNT + 1);
    columns[0].text = first;
    for (int m = 0; m < MEASURE__COUNT; m++)
        columns[m + 1] = (TableColumn){ .text = figure_headed(mem, m), .numeric = true };
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
    bool drill = figure_may_drill(&r->viewer, 0);
    for (int m = 0; m < MEASURE__COUNT; m++)
        items[m] = (Card){ .tone = tones[m],
                           .count = f->national[m],
                           .text = figure_measures[m].says,
                           .href = drill ? figure_drill_url(h->mem, m, f->as_at, NULL, NULL) : (Url){ 0 },
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
    bool drill = figure_may_drill(&r->viewer, line->force);
    table_row(h);
    table_cell_open(h, NULL);
    if (viewer_may(&r->viewer, PERM_PICTURE_READ))
        html_link(h, url_of(h->mem, "/forces/", line->short_id), line->name);
    else
        html_text(h, line->name);
    table_cell_close(h);
    for (int m = 0; m < MEASURE__COUNT; m++)
        number_cell(h, figure_drill_url(h->mem, m, f->as_at, line->short_id, NULL), drill, line->of[m]);
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
        number_cell(h, figure_drill_url(h->mem, MEASURE_ARRESTS, f->as_at, p->force_short, p->place),
                    figure_may_drill(&r->viewer, p->force), p->arrests);
        table_row_end(h);
    }
    table_close(h);
    if (!figure_may_drill(&r->viewer, 0))
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
        summary_row(h, figure_headed(h->mem, m), figure_measures[m].definition);
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
                    figure_grouped(r->mem, f->tree_size)));
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
static Json *bridge_json(Arena *mem, const Bridge *b)
{
    Json *j = json_new_object(), *steps = json_new_list();
    json_set_text(j, "from", date_iso(mem, b->from));
    json_set_text(j, "to", date_iso(mem, b->to));
    json_set(j, "opening", figure_measures_json(b->opening));
    for (size_t i = 0; i < b->step_count; i++) {
        Json *one = figure_measures_json(b->steps[i].of);
        json_set_text(one, "step", b->steps[i].says);
        json_push(steps, one);
    }
    json_set(j, "steps", steps);
    json_set(j, "closing", figure_measures_json(b->closing));
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
