/* pages_records.c: the records that a nominal is made of, what joins them, and what would be without each
 * link. */
#include "base/ref.h"
#include "link/explain.h"
#include "web/pages/page_parts.h"
#include "web/pages/review_parts.h"

typedef struct RecordsView {
    NominalRow row;
    RecordRow *records;
    Joint     *joints;
    Without   *without;
    PairRow   *pairs;
    size_t     record_count, joint_count, without_count, pair_count;
} RecordsView;

static bool fetch(Request *r, RecordsView *v, Err *err)
{
    int64_t asked = 0, id = 0;
    *v = (RecordsView){ 0 };
    return request_ref(r, "ref", 'N', &asked, err) && nominal_resolve(r->db, asked, &id, err) &&
           nominal_row(r->db, r->mem, &r->viewer, id, &v->row, err) &&
           request_look(r, id, "records of a nominal", err) &&
           pair_records(r->db, r->mem, id, &v->records, &v->record_count, err) &&
           pair_joints(r->db, r->mem, id, &v->joints, &v->joint_count, err) &&
           pair_without(r->db, r->mem, id, &v->without, &v->without_count, err) &&
           pair_within(r->db, r->mem, &r->viewer, id, &v->pairs, &v->pair_count, err);
}

static void records_table(Html *h, const RecordsView *v)
{
    static const TableColumn columns[] = { { .text = "Record" },
                                           { .text = "Name" },
                                           { .text = "Reports", .numeric = true },
                                           { .text = "Newest link" } };
    heading(h, EL_H2, "m", "Records");
    table_open(h, &(Table){ .caption = "The records of this nominal",
                            .caption_classes = "govuk-visually-hidden",
                            .classes = "m-compact",
                            .id = "records",
                            .columns = columns,
                            .column_count = COUNT_OF(columns) });
    for (size_t i = 0; i < v->record_count; i++) {
        const RecordRow *n = &v->records[i];
        table_row(h);
        table_head_cell(h, ref_write(h->mem, 'N', n->id));
        table_cell(h, n->name);
        table_cell_num(h, n->referrals);
        table_cell(h, n->reason ? n->reason : "None left");
        table_row_end(h);
    }
    table_close(h);
}

static void joins_row(Html *h, const char *one, const char *two, const char *kind, const char *reason)
{
    table_row(h);
    table_head_cell(h, one);
    table_cell(h, two);
    table_cell(h, kind);
    table_cell(h, reason);
    table_row_end(h);
}

static void joins_table(Html *h, const RecordsView *v)
{
    static const TableColumn columns[] = { { .text = "Record" }, { .text = "and" }, { .text = "Joined" },
                                           { .text = "Because" } };
    heading(h, EL_H2, "m", "What joins them");
    if (!v->joint_count && !v->pair_count) {
        empty_note(h, "One record only: nothing had to be joined.");
        return;
    }
    table_open(h, &(Table){ .caption = "What joins the records", .caption_classes = "govuk-visually-hidden",
                            .classes = "m-wait", .id = "joins", .columns = columns,
                            .column_count = COUNT_OF(columns) });
    for (size_t i = 0; i < v->joint_count; i++)
        joins_row(h, ref_write(h->mem, 'N', v->joints[i].kept), ref_write(h->mem, 'N', v->joints[i].merged),
                  "Merged", v->joints[i].reason);
    for (size_t i = 0; i < v->pair_count; i++)
        joins_row(h, ref_write(h->mem, 'N', v->pairs[i].a), ref_write(h->mem, 'N', v->pairs[i].b),
                  str_fmt(h->mem, "Weighed, %s bits", pair_bits(h->mem, v->pairs[i].weight)),
                  v->pairs[i].reason);
    table_close(h);
}

static const char *reports(Arena *mem, int64_t n)
{
    return str_fmt(mem, "%lld report%s", (long long)n, n == 1 ? "" : "s");
}

static void without_item(Html *h, const Request *r, const RecordsView *v, const Without *w)
{
    const char *number = str_fmt(h->mem, "%lld", (long long)w->merge),
               *ref = ref_write(h->mem, 'N', w->merged);
    heading(h, EL_H3, "s", str_fmt(h->mem, "Without the merge of %s", ref));
    html_p(h, str_fmt(h->mem, "%s (%s) would stand by itself with %s%s. %s would keep %s. %s", ref, w->name,
                      reports(h->mem, w->merged_referrals),
                      w->merged_children
                          ? str_fmt(h->mem, " and %lld of the children", (long long)w->merged_children)
                          : "",
                      ref_write(h->mem, 'N', v->row.id), reports(h->mem, w->kept_referrals),
                      w->others_join ? "Other pairs of their records would still speak for one person."
                                     : "No other weighed pair would speak for one person."));
    html_open(h, EL_P, ATTR_CLASS, "govuk-body");
    why(h, str_fmt(h->mem, "Joined because: %s", w->reason));
    html_close(h, EL_P);
    if (!viewer_may_on(&r->viewer, PERM_NOMINAL_DECIDE, v->row.force))
        return;
    details_open(h, &(Details){ .summary = str_fmt(h->mem, "Take the merge of %s back", ref) });
    form_open(h, url_of(h->mem, "/merges/*/undo", number));
    input(h, &(Input){ .id = str_fmt(h->mem, "merge-%s", number), .name = "reason", .label = "Why" });
    button_warning(h, "Take this merge back");
    form_close(h);
    details_close(h);
}

static void draw(const Request *r, Response *out, const RecordsView *v)
{
    Html h = html_new(r->mem);
    Page page = request_page(r, str_fmt(r->mem, "Records of %s", v->row.name), NAV_QUEUE);
    page.caption = str_fmt(r->mem, "Nominal %s", ref_write(r->mem, 'N', v->row.id));
    page.back = url_subject(r->mem, 'N', v->row.id);
    page.head_extra_script = "graph.js";
    page_begin(&h, &page);
    html_p(&h, "A nominal is made of the records that sightings opened, and of what joined them. The tables "
               "say "
               "everything; where scripts run, the same is drawn as a graph.");
    records_table(&h, v);
    joins_table(&h, v);
    if (v->without_count)
        heading(&h, EL_H2, "m", "What would happen without a link");
    for (size_t i = 0; i < v->without_count; i++)
        without_item(&h, r, v, &v->without[i]);
    page_end(&h, &page);
    respond_html(r, out, &h);
}

static Json *records_json(Arena *mem, const RecordsView *v)
{
    Json *j = json_new_object(), *records = json_new_list(), *joins = json_new_list();
    for (size_t i = 0; i < v->record_count; i++) {
        Json *one = json_new_object();
        json_set_text(one, "record", ref_write(mem, 'N', v->records[i].id));
        json_set_text(one, "name", v->records[i].name);
        json_set_int(one, "referrals", v->records[i].referrals);
        json_push(records, one);
    }
    for (size_t i = 0; i < v->joint_count; i++) {
        Json *one = json_new_object();
        json_set_int(one, "merge", v->joints[i].id);
        json_set_text(one, "kept", ref_write(mem, 'N', v->joints[i].kept));
        json_set_text(one, "merged", ref_write(mem, 'N', v->joints[i].merged));
        json_set_text(one, "reason", v->joints[i].reason);
        json_push(joins, one);
    }
    json_set_text(j, "nominal", ref_write(mem, 'N', v->row.id));
    json_set(j, "records", records);
    json_set(j, "joins", joins);
    return j;
}

bool page_records(Request *r, Response *out, Err *err)
{
    RecordsView v;
    if (!fetch(r, &v, err))
        return false;
    if (r->wants_json)
        respond_json(r, out, records_json(r->mem, &v));
    else
        draw(r, out, &v);
    return true;
}
