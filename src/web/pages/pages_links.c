/* pages_links.c: what joined sightings to people lately, each with its reason, and its undoing. */
#include "base/ref.h"
#include "link/pairs.h"
#include "link/referral.h"
#include "web/pages/page_parts.h"

enum { LINK_ROWS = 50, MERGE_ROWS = 20 };

typedef struct LinksView {
    RecentLink *links, *merges;
    size_t link_count, merge_count;
    int64_t waiting;                         /* pairs that wait for a decision */
    bool first;                              /* merges stand on the first page only */
} LinksView;

static bool fetch(Request *r, LinksView *v, Err *err)
{
    const char *after = request_query(r, "after");
    RecentFilter f = { .operation = r->operation.id,
                       .force = viewer_scope(&r->viewer, PERM_NOMINAL_DECIDE),
                       .limit = LINK_ROWS + 1 };
    *v = (LinksView){ .first = !after };
    if (after && !str_int(str_of(after), 1, INT64_MAX, &f.before))
        return err_set(err, ERR_NOT_FOUND, "There is no such page.");
    if (!recent_links(r->db, r->mem, &r->viewer, &f, &v->links, &v->link_count, err))
        return false;
    f.limit = MERGE_ROWS;
    if (!pair_waiting(r->db, &r->viewer, f.operation, f.force, &v->waiting, err))
        return false;
    return !v->first || recent_merges(r->db, r->mem, &r->viewer, &f, &v->merges, &v->merge_count, err);
}

/* ---- drawing ---- */
static void undo_form(Html *h, Url action, const char *id, const char *what)
{
    details_open(h, &(Details){ .summary = what });
    form_open(h, action);
    input(h, &(Input){ .id = id, .name = "reason", .label = "Why", .classes = "govuk-input--width-20" });
    button_warning(h, what);
    form_close(h);
    details_close(h);
}

static void row_who(Html *h, const RecentLink *l)
{
    table_cell_open(h, NULL);
    subject_link(h, 'N', l->nominal);
    html_open(h, EL_BR);
    html_leaf(h, EL_B, l->name);
    html_open(h, EL_BR);
    why(h, l->force_tile ? l->force_tile : "No force yet");
    table_cell_close(h);
}

static void row_why(Html *h, const RecentLink *l)
{
    table_cell_open(h, NULL);
    html_text(h, l->reason);
    html_open(h, EL_BR);
    if (l->referral) {
        why(h, str_fmt(h->mem, "by %s; %s %s", l->kind, l->source, l->source_ref));
        html_lit(h, " ");
        subject_link(h, 'R', l->referral);
    } else {
        html_lit(h, "Took in ");
        subject_link(h, 'N', l->merged);
    }
    table_cell_close(h);
}

static void draw_row(Html *h, const RecentLink *l)
{
    const char *number = str_fmt(h->mem, "%lld", (long long)l->id);
    table_row(h);
    row_who(h, l);
    row_why(h, l);
    table_cell_open(h, NULL);
    instant_text(h, l->at);
    table_cell_close(h);
    table_cell_open(h, NULL);
    if (l->undone)
        tag(h, "Undone", "grey");
    else if (l->referral)
        undo_form(h, url_of(h->mem, "/links/*/undo", number), str_fmt(h->mem, "link-%s", number),
                  "Undo this link");
    else
        undo_form(h, url_of(h->mem, "/merges/*/undo", number), str_fmt(h->mem, "merge-%s", number),
                  "Take this merge back");
    table_cell_close(h);
    table_row_end(h);
}

static void draw_table(Html *h, const char *title, const RecentLink *rows, size_t count, const char *empty)
{
    static const TableColumn columns[] = {
        { .text = "Person" }, { .text = "Why they are one" }, { .text = "When" }, { .text = "Undo" }
    };
    heading(h, EL_H2, "m", title);
    if (!count) {
        empty_note(h, empty);
        return;
    }
    table_open(h, &(Table){ .caption = title, .caption_classes = "govuk-visually-hidden", .classes = "m-wait",
                            .columns = columns, .column_count = COUNT_OF(columns) });
    for (size_t i = 0; i < count; i++)
        draw_row(h, &rows[i]);
    table_close(h);
}

static void draw(const Request *r, Response *out, const LinksView *v)
{
    Html h = html_new(r->mem);
    Page page = request_page(r, "Links", NAV_LINKS);
    size_t shown = v->link_count > LINK_ROWS ? LINK_ROWS : v->link_count;
    page_begin(&h, &page);
    html_p(&h, "Each says why two records are held to be one person. A wrong one can be undone: what was "
               "before comes back, and everything that relied on it is worked out again.");
    html_open(&h, EL_P, ATTR_CLASS, "govuk-body");
    html_link(&h, url_lit("/links/review"),
              str_fmt(r->mem, "%lld pair%s of records for a person to decide", (long long)v->waiting,
                      v->waiting == 1 ? "" : "s"));
    html_close(&h, EL_P);
    if (v->first && v->merge_count)
        draw_table(&h, "Merges", v->merges, v->merge_count, "");
    draw_table(&h, "Linked sightings", v->links, shown,
               "Nothing has been linked yet. Links appear as files are taken in.");
    Url next = { 0 };
    if (v->link_count > shown)
        next = url_query(r->mem, url_lit("/links"), "after",
                         str_fmt(r->mem, "%lld", (long long)v->links[shown - 1].id));
    pagination_keyset(&h, (Url){ 0 }, next);
    page_end(&h, &page);
    respond_html(r, out, &h);
}

static Json *rows_json(Arena *mem, const RecentLink *rows, size_t count)
{
    Json *list = json_new_list();
    for (size_t i = 0; i < count; i++) {
        Json *one = json_new_object();
        json_set_int(one, rows[i].referral ? "link" : "merge", rows[i].id);
        json_set_text(one, "nominal", ref_write(mem, 'N', rows[i].nominal));
        if (rows[i].referral)
            json_set_text(one, "referral", ref_write(mem, 'R', rows[i].referral));
        if (rows[i].merged)
            json_set_text(one, "merged", ref_write(mem, 'N', rows[i].merged));
        json_set_text(one, "kind", rows[i].kind);
        json_set_text(one, "reason", rows[i].reason);
        json_set_int(one, "entry", rows[i].entry);
        json_set_bool(one, "undone", rows[i].undone);
        json_push(list, one);
    }
    return list;
}

bool page_links(Request *r, Response *out, Err *err)
{
    LinksView v;
    if (!fetch(r, &v, err))
        return false;
    if (!r->wants_json) {
        draw(r, out, &v);
        return true;
    }
    Json *j = json_new_object();
    size_t shown = v.link_count > LINK_ROWS ? LINK_ROWS : v.link_count;
    json_set(j, "links", rows_json(r->mem, v.links, shown));
    json_set(j, "merges", rows_json(r->mem, v.merges, v.merge_count));
    if (v.link_count > shown)
        json_set_int(j, "after", v.links[shown - 1].id);
    respond_json(r, out, j);
    return true;
}

bool page_merge_undo(Request *r, Response *out, Err *err)
{
    int64_t merge = 0, kept = 0, now = 0;
    NominalRow row;
    FlowReport flow;
    Hand hand = request_hand(r);
    const char *reason = request_form(r, "reason");
    if (!str_int(str_of(request_param(r, "id")), 1, INT64_MAX, &merge) ||
        !merge_nominal(r->db, merge, &kept, err) || !nominal_resolve(r->db, kept, &now, err) ||
        !nominal_row(r->db, r->mem, &r->viewer, now, &row, err) ||
        !viewer_may_on(&r->viewer, PERM_NOMINAL_DECIDE, row.force))
        return err_set(err, ERR_NOT_FOUND, "There is no such merge.");
    if (!reason)
        return err_set(err, ERR_INVALID, "Give your reason: it is kept with the decision.");
    if (!nominal_unmerge(r->app->ledger, &hand, merge, reason, err) ||
        !flow_run(r->app, r->db, &hand, NULL, NULL, &flow, err))
        return false;
    respond_redirect(r, out, url_subject(r->mem, 'N', kept), "The merge is taken back: they are two again.");
    return true;
}
