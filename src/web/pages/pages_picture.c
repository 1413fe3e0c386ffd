/* pages_picture.c: the national picture: children first, what is late, how far reports have come, 45 forces
 * at a glance. */
#include "base/zone.h"
#include "clock/words.h"
#include "figures/figures.h"
#include "figures/picture.h"
#include "web/pages/page_parts.h"

enum { PICTURE_NEXT = 6 }; /* rows under "Next": what fits beside the map */

typedef struct PictureView {
    Picture counts;
    Figures figures;
    WaitingCount *late;
    size_t late_count;
    WaitingRow *next;
    size_t next_count;
    int64_t past, today;
    Instant oldest;
} PictureView;

static bool fetch(Request *r, PictureView *v, Err *err)
{
    Date today = london_date(r->now);
    WaitingFilter next = { .operation = r->operation.id,
                           .now = r->now,
                           .collapsed = true,
                           .limit = PICTURE_NEXT,
                           .agency = viewer_scope(&r->viewer, PERM_WAITING_READ) };
    *v = (PictureView){ .oldest = INSTANT_NONE };
    if (!picture_read(r->db, r->operation.id, &v->counts, err) ||
        !figures_compute(r->db, r->mem, &(FiguresQuery){ r->operation.id, today, 0 }, &v->figures, err) ||
        !waiting_counts(r->db, r->mem, r->operation.id, r->now, &v->late, &v->late_count, err) ||
        (viewer_may(&r->viewer, PERM_WAITING_READ) &&
         !waiting_list(r->db, r->mem, r->app->rules, &next, &v->next, &v->next_count, err)))
        return false;
    for (size_t i = 0; i < v->late_count; i++) {
        v->past += v->late[i].late;
        v->today += v->late[i].running;
        if (v->late[i].late && (v->oldest == INSTANT_NONE || v->late[i].oldest_due < v->oldest))
            v->oldest = v->late[i].oldest_due;
    }
    return true;
}

static int64_t late_at(const PictureView *v, int64_t agency)
{
    for (size_t i = 0; i < v->late_count; i++)
        if (v->late[i].agency == agency)
            return v->late[i].late;
    return 0;
}

static void draw_cards(Html *h, const PictureView *v, Instant now)
{
    const int64_t *n = v->figures.national;
    size_t forces = 0;
    for (size_t i = 0; i < v->figures.force_count; i++)
        forces += v->figures.forces[i].of[MEASURE_ARRESTS] > 0;
    const Card items[] = {
        { CARD_CHILD, v->counts.immediate_no_plan, "children at immediate risk with no safe plan yet.",
          url_query(h->mem, url_lit("/children"), "state", "no-plan"), "Whose move" },
        { CARD_LATE, v->past,
          v->oldest == INSTANT_NONE ? "items past their time."
                                    : str_fmt(h->mem, "items past their time, oldest %s.",
                                              clock_left(h->mem, v->oldest, now)),
          url_query(h->mem, url_lit("/waiting"), "late", "1"), "Waiting" },
        { CARD_PLAIN, n[MEASURE_ARRESTS],
          str_fmt(h->mem, "arrests by %zu forces, %lld registered offenders.", forces,
                  (long long)n[MEASURE_REGISTERED]),
          url_lit("/figures"), "Figures" },
        { CARD_OK, n[MEASURE_CHILDREN],
          str_fmt(h->mem, "children safeguarded, %lld had been at immediate risk.",
                  (long long)n[MEASURE_IMMEDIATE]),
          url_lit("/children"), "Children" },
    };
    cards(h, items, COUNT_OF(items));
}

static const char *note(Arena *mem, int64_t n, const char *what)
{
    return n ? str_fmt(mem, "%lld %s", (long long)n, what) : NULL;
}

static void draw_flow(Html *h, const PictureView *v)
{
    const Picture *c = &v->counts;
    const FlowStep steps[] = {
        { "Reports", c->referrals, note(h->mem, c->rejected, "rows rejected"), url_lit("/intake") },
        { "Nominals", c->nominals, note(h->mem, c->to_review, "bands to decide"), url_lit("/queue") },
        { "At an address", c->at_address, note(h->mem, c->unresolved_time, "unresolved times"),
          url_lit("/queue") },
        { "Packages", c->packages, note(h->mem, c->unread, "unread"), url_lit("/packages") },
        { "Visits", c->visits, NULL, { 0 } },
        { "Arrests", v->figures.national[MEASURE_ARRESTS], NULL, url_lit("/figures") },
        { "Charged", c->charged, NULL, { 0 } },
        { "Closed", c->closed, NULL, { 0 } },
    };
    html_open(h, EL_H2, ATTR_CLASS, "govuk-heading-s");
    html_lit(h, "From report to outcome ");
    html_open(h, EL_SPAN, ATTR_CLASS, "m-why");
    balance_line(h, "rows received",
                 (Balance){ c->received, c->taken, c->merged, c->rejected, c->pending });
    html_close(h, EL_SPAN);
    html_close(h, EL_H2);
    flow_steps(h, steps, COUNT_OF(steps));
}

static void draw_map(Html *h, const PictureView *v)
{
    size_t n = v->figures.force_count;
    Tile *tiles = arena_new(h->mem, Tile, n + 1);
    for (size_t i = 0; i < n; i++) {
        const ForceFigures *f = &v->figures.forces[i];
        int64_t behind = late_at(v, f->force), arrests = f->of[MEASURE_ARRESTS];
        tiles[i] = (Tile){ .row = f->tile_row,
                           .column = f->tile_column,
                           .name = f->tile,
                           .count = arrests,
                           .late = behind,
                           .title = str_fmt(h->mem, "%s: %lld arrests, %lld late", f->name,
                                            (long long)arrests, (long long)behind),
                           .href = url_of(h->mem, "/forces/", f->short_id) };
    }
    html_open(h, EL_H2, ATTR_CLASS, "govuk-heading-s");
    html_lit(h, "Arrests by force ");
    why(h, "red outline: something is late there");
    html_close(h, EL_H2);
    tile_map(h, "forces", tiles, n);
}

static void draw_table(Html *h, const PictureView *v)
{
    static const TableColumn columns[] = { { .text = "Force" },
                                           { .text = "Arrests", .numeric = true },
                                           { .text = "Children safeguarded", .numeric = true },
                                           { .text = "Late", .numeric = true } };
    details_open(h, &(Details){ .summary = "Show as a table" });
    table_open(h, &(Table){ .classes = "m-compact",
                            .columns = columns,
                            .column_count = COUNT_OF(columns),
                            .sortable = true });
    for (size_t i = 0; i < v->figures.force_count; i++) {
        const ForceFigures *f = &v->figures.forces[i];
        table_row(h);
        table_cell_link(h, url_of(h->mem, "/forces/", f->short_id), f->name);
        table_cell_num(h, f->of[MEASURE_ARRESTS]);
        table_cell_num(h, f->of[MEASURE_CHILDREN]);
        table_cell_num(h, late_at(v, f->force));
        table_row_end(h);
    }
    table_close(h);
    details_close(h);
}

static void draw(const Request *r, Response *out, const PictureView *v)
{
    Html h = html_new(r->mem);
    Page page = request_page(r, "The national picture", NAV_PICTURE);
    page_begin(&h, &page);
    if (!r->operation.id)
        empty_note(&h, "No operation is open. A coordinator opens one under its lawful basis; then files can "
                       "be taken in.");
    live_open(&h, "picture", url_lit("/live/picture"));
    draw_cards(&h, v, r->now);
    draw_flow(&h, v);
    two_open(&h);
    draw_map(&h, v);
    draw_table(&h, v);
    two_next(&h);
    heading(&h, EL_H2, "s", "Next, by risk to children");
    waiting_table(&h, v->next, v->next_count, r->now,
                  "Nothing waits. When something does, it appears here with whose move it is.");
    if (v->next_count) {
        html_open(&h, EL_P, ATTR_CLASS, "govuk-body");
        html_link(&h, url_lit("/waiting"), str_fmt(r->mem, "All %lld that are waiting", (long long)v->today));
        html_close(&h, EL_P);
    }
    two_close(&h);
    live_close(&h);
    page_end(&h, &page);
    respond_html(r, out, &h);
}

static Json *picture_json(const Request *r, const PictureView *v)
{
    Json *j = json_new_object(), *flow = json_new_object();
    json_set_int(j, "immediate_risk_no_plan", v->counts.immediate_no_plan);
    json_set_int(j, "late", v->past);
    json_set_int(j, "waiting", v->today);
    json_set_int(flow, "received", v->counts.received);
    json_set_int(flow, "taken", v->counts.taken);
    json_set_int(flow, "merged", v->counts.merged);
    json_set_int(flow, "rejected", v->counts.rejected);
    json_set_int(flow, "pending", v->counts.pending);
    json_set_int(flow, "referrals", v->counts.referrals);
    json_set_int(flow, "nominals", v->counts.nominals);
    json_set_int(flow, "at_address", v->counts.at_address);
    json_set_int(flow, "packages", v->counts.packages);
    json_set_int(flow, "unread", v->counts.unread);
    json_set_int(flow, "visits", v->counts.visits);
    json_set_int(flow, "charged", v->counts.charged);
    json_set_int(flow, "closed", v->counts.closed);
    json_set(j, "flow", flow);
    json_set(j, "figures", figures_json(r->mem, &v->figures));
    json_set(j, "next", waiting_json(r->mem, v->next, v->next_count, r->now));
    return j;
}

bool page_picture(Request *r, Response *out, Err *err)
{
    PictureView v;
    if (!fetch(r, &v, err))
        return err_while(err, "drawing the national picture");
    if (r->wants_json)
        respond_json(r, out, picture_json(r, &v));
    else
        draw(r, out, &v);
    return true;
}
