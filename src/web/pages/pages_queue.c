/* pages_queue.c: nominals in order of risk to children, each with the reason for its place; of a viral
 * bundle one stands for all (link/nominal.h). */
#include <stdlib.h>
#include <string.h>
#include "base/ref.h"
#include "base/zone.h"
#include "clock/words.h"
#include "link/nominal.h"
#include "web/pages/page_parts.h"

enum { QUEUE_ROWS = 50 };

/* Where a page of the queue ends: band rank, points and id, as "3-40-812". */
static char *key_write(Arena *mem, const NominalRow *row)
{
    return str_fmt(mem, "%d-%lld-%lld", row->band_rank, (long long)row->points, (long long)row->id);
}

static bool key_read(const char *text, QueueFilter *f)
{
    const char *a = text ? strchr(text, '-') : NULL, *b = a ? strchr(a + 1, '-') : NULL;
    int64_t rank = 0;
    if (!b || !str_int((Str){ text, (size_t)(a - text) }, 0, 4, &rank) ||
        !str_int((Str){ a + 1, (size_t)(b - a - 1) }, 0, INT32_MAX, &f->points) ||
        !str_int(str_of(b + 1), 1, INT64_MAX, &f->after_id))
        return false;
    f->band_rank = (int)rank;
    return true;
}

static void draw_row(Html *h, const NominalRow *n, const Request *r, bool of_bundle)
{
    Instant now = r->now;
    table_row(h);
    table_cell_open(h, NULL);
    band(h, band_of_rank(n->band_rank)); /* what it stands here by: the decision, or a higher suggestion */
    if (str_blank(n->band))
        why(h, "Suggested ");
    subject_link(h, 'N', n->id);
    table_cell_close(h);
    table_cell_open(h, NULL);
    html_leaf(h, EL_B, n->name);
    html_lit(h, " ");
    if (n->registered)
        tag(h, "Registered offender", "red");
    if (n->position_of_trust)
        tag(h, "Position of trust", "orange");
    if (str_same(n->status, "eliminated"))
        tag(h, "Eliminated", "grey");
    html_open(h, EL_BR);
    html_text(h, n->why);
    if (!str_blank(n->band) && !str_same(n->band, n->suggested)) {
        html_lit(h, " ");
        why(h, str_fmt(h->mem, "Decided: %s; suggested: %s.", band_says(n->band), band_says(n->suggested)));
    }
    if (n->bundled > 1 && !of_bundle)
        bundle_link(h, n->id, n->bundled);
    table_cell_close(h);
    table_cell_open(h, NULL);
    html_text(h, n->force_tile ? n->force_tile : "No force yet");
    if (n->town) {
        html_open(h, EL_BR);
        why(h, n->town);
    }
    table_cell_close(h);
    table_cell_open(h, NULL);
    if (n->clock_due != INSTANT_NONE) {
        html_text(h, clock_says(r->app->rules, n->clock_says));
        html_open(h, EL_BR);
        why(h, str_fmt(h->mem, "%s, %s", n->clock_owner, clock_left(h->mem, n->clock_due, now)));
        if (n->clock_due < now)
            late(h, "late");
    } else {
        why(h, "Nothing running");
    }
    table_cell_close(h);
    table_row_end(h);
}

static void draw_filter(Html *h, const QueueFilter *f)
{
    static const Option bands[] = { { .text = "All bands", .value = "" },
                                    { .text = "Very high", .value = "very-high" },
                                    { .text = "High", .value = "high" },
                                    { .text = "Medium", .value = "medium" },
                                    { .text = "Low", .value = "low" } };
    static const Choice eliminated[] = { { .text = "By name, also who was eliminated", .value = "1" } };
    static const char *const chosen[] = { "1" };
    form_open_with(h, &(Form){ .action = url_lit("/queue"), .get = true, .classes = "m-filter-row" });
    select_field(h, &(Select){ .id = "band",
                               .name = "band",
                               .label = "Band",
                               .items = bands,
                               .count = COUNT_OF(bands),
                               .value = f->band });
    input(h, &(Input){ .id = "text",
                       .name = "text",
                       .label = "Family name or reference",
                       .value = f->text,
                       .classes = "govuk-input--width-20" });
    checkboxes(h, &(Choices){ .name = "eliminated",
                              .id = "eliminated",
                              .items = eliminated,
                              .count = COUNT_OF(eliminated),
                              .values = chosen,
                              .value_count = f->eliminated });
    button_secondary(h, "Show");
    form_close(h);
}

static void draw_rows(Html *h, const Request *r, const QueueFilter *f, const NominalRow *rows, size_t shown)
{
    static const TableColumn columns[] = {
        { .text = "Band" }, { .text = "Who and why" }, { .text = "Force" }, { .text = "Whose move" }
    };
    if (!shown)
        return;
    table_open(h, &(Table){ .classes = "m-wait", .columns = columns, .column_count = COUNT_OF(columns) });
    for (size_t i = 0; i < shown; i++)
        draw_row(h, &rows[i], r, f->bundle_of);
    table_close(h);
}

static void draw_next(Html *h, const QueueFilter *f, const NominalRow *rows, size_t count)
{
    Url next = { 0 };
    if (count > QUEUE_ROWS)
        next = url_query(h->mem, url_lit("/queue"), "band", f->band, "text", f->text, "eliminated",
                         f->eliminated ? "1" : NULL, "bundle",
                         f->bundle_of ? ref_write(h->mem, 'N', f->bundle_of) : NULL, "after",
                         key_write(h->mem, &rows[QUEUE_ROWS - 1]));
    pagination_keyset(h, (Url){ 0 }, next);
}

/* Everyone of a viral bundle, the most serious first, as the queue would have them. */
static void draw_bundle(const Request *r, Response *out, const QueueFilter *f, const NominalRow *rows,
                        size_t count)
{
    Html h = html_new(r->mem);
    Page page = request_page(r, "One viral file, many people", NAV_QUEUE);
    page.back = url_lit("/queue");
    page_begin(&h, &page);
    html_p(&h, "Nothing else is known of these people: every report of them is of this file, and its sender "
               "called it viral. Anyone with a sign of a child at risk, a band above medium or a decision of "
               "their own stands in the queue alone, never here. Each report still counts in the figures.");
    if (!count)
        empty_note(&h, "They stand in the queue alone now.");
    draw_rows(&h, r, f, rows, count > QUEUE_ROWS ? QUEUE_ROWS : count);
    draw_next(&h, f, rows, count);
    page_end(&h, &page);
    respond_html(r, out, &h);
}

static void draw(const Request *r, Response *out, const QueueFilter *f, const NominalRow *rows, size_t count)
{
    Html h = html_new(r->mem);
    Page page = request_page(r, "The queue, by risk to children", NAV_QUEUE);
    size_t shown = count > QUEUE_ROWS ? QUEUE_ROWS : count;
    const SubNavItem tabs[] = { { "Queue by risk", url_lit("/queue"), true },
                                { "Everything waiting", url_lit("/waiting"), false },
                                { "Past its time", url_query(r->mem, url_lit("/waiting"), "late", "1"),
                                  false } };
    page_begin(&h, &page);
    sub_navigation(&h, "Boards", tabs, COUNT_OF(tabs));
    draw_filter(&h, f);
    if (!shown)
        empty_note(&h, f->band || f->text ? "Nobody fits that."
                                          : "Nobody is in the queue yet. Nominals appear as files are taken "
                                            "in.");
    draw_rows(&h, r, f, rows, shown);
    draw_next(&h, f, rows, count);
    page_end(&h, &page);
    respond_html(r, out, &h);
}

static Json *queue_json(const Request *r, const NominalRow *rows, size_t count)
{
    Json *j = json_new_object(), *list = json_new_list();
    size_t shown = count > QUEUE_ROWS ? QUEUE_ROWS : count;
    for (size_t i = 0; i < shown; i++) {
        Json *one = json_new_object();
        json_set_text(one, "nominal", ref_write(r->mem, 'N', rows[i].id));
        json_set_text(one, "name", rows[i].name);
        json_set_text(one, "status", rows[i].status);
        json_set_text(one, "band", rows[i].band);
        json_set_text(one, "suggested", rows[i].suggested);
        json_set_text(one, "why", rows[i].why);
        json_set_text(one, "force", rows[i].force_short);
        json_set_text(one, "stage", rows[i].stage);
        json_set_int(one, "referrals", rows[i].referrals);
        if (rows[i].clock_due != INSTANT_NONE) {
            json_set_text(one, "next", clock_says(r->app->rules, rows[i].clock_says));
            json_set_text(one, "due", instant_iso(r->mem, rows[i].clock_due));
        }
        if (rows[i].bundled > 1)
            json_set(one, "viral_bundle", bundle_json(r->mem, rows[i].id, rows[i].bundled));
        json_push(list, one);
    }
    json_set(j, "nominals", list);
    if (count > shown)
        json_set_text(j, "after", key_write(r->mem, &rows[shown - 1]));
    return j;
}

bool page_queue(Request *r, Response *out, Err *err)
{
    NominalRow *rows = NULL;
    size_t count = 0;
    QueueFilter f = { .operation = r->operation.id,
                      .force = viewer_scope(&r->viewer, PERM_NOMINAL_READ),
                      .band = request_query(r, "band"),
                      .text = request_query(r, "text"),
                      .eliminated = str_same(request_query(r, "eliminated"), "1"),
                      .limit = QUEUE_ROWS + 1 };
    f.band = str_blank(f.band) ? NULL : f.band;
    f.text = str_blank(f.text) ? NULL : f.text;
    NominalRow one;
    const char *bundle = request_query(r, "bundle");
    if (!str_blank(bundle) && (!ref_read(str_of(bundle), 'N', &f.bundle_of, err) ||
                               !nominal_row(r->db, r->mem, &r->viewer, f.bundle_of, &one, err)))
        return err_set(err, ERR_NOT_FOUND, "There is no such page.");
    if (request_query(r, "after") && !key_read(request_query(r, "after"), &f))
        return err_set(err, ERR_NOT_FOUND, "There is no such page.");
    if (!nominal_queue(r->db, r->mem, &r->viewer, &f, &rows, &count, err))
        return err_while(err, "reading the queue");
    if (r->wants_json)
        respond_json(r, out, queue_json(r, rows, count));
    else if (f.bundle_of)
        draw_bundle(r, out, &f, rows, count);
    else
        draw(r, out, &f, rows, count);
    return true;
}
