/* pages_elsewhere.c: registers and operators' answers that may name a nominal, weighed as records are. A page
 * of its own: weighing reads every record of the operation the first time, and opening a nominal must not
 * wait. */
#include "base/ref.h"
#include "base/zone.h"
#include "link/explain.h"
#include "link/outside.h"
#include "web/pages/page_parts.h"

typedef struct ElsewhereView {
    NominalRow  row;
    OutsideHit *hits[OUTSIDE__COUNT];
    size_t      counts[OUTSIDE__COUNT];
} ElsewhereView;

static const struct { const char *title, *empty, *key;
} parts[OUTSIDE__COUNT] = {
    [OUTSIDE_REGISTER] = { "Entries of registers", "No entry of a register is like this nominal.",
                           "registers" },
    [OUTSIDE_ANSWER] = { "Account holders in operators' answers",
                         "No account holder in an answer that held is like this nominal.", "answers" },
};

static bool fetch(Request *r, ElsewhereView *v, Err *err)
{
    int64_t asked = 0, id = 0;
    *v = (ElsewhereView){ 0 };
    if (!request_ref(r, "ref", 'N', &asked, err) || !nominal_resolve(r->db, asked, &id, err) ||
        !nominal_row(r->db, r->mem, &r->viewer, id, &v->row, err) ||
        !request_look(r, id, "registers and answers that may name a nominal", err))
        return false;
    for (int k = 0; k < OUTSIDE__COUNT; k++)
        if (!outside_hits(r->db, r->mem, r->app->base, &r->viewer, (LinkOutside)k, id,
                          instant_date_utc(r->now), &v->hits[k], &v->counts[k], err))
            return false;
    return true;
}

/* ---- drawing ---- */

static void who_cell(Html *h, const OutsideHit *hit)
{
    table_cell_open(h, NULL);
    html_leaf(h, EL_B, outside_name(h->mem, hit));
    html_open(h, EL_BR);
    if (hit->born == DATE_NONE)
        why(h, "Date of birth not said");
    else
        why(h, str_fmt(h->mem, "born %s", date_words(h->mem, hit->born)));
    if (!str_blank(hit->postcode)) {
        html_open(h, EL_BR);
        why(h, hit->postcode);
    }
    table_cell_close(h);
}

static void source_cell(Html *h, const Request *r, const OutsideHit *hit)
{
    table_cell_open(h, NULL);
    html_text(h, hit->kind == OUTSIDE_ANSWER ? str_fmt(h->mem, "%s, %s", hit->operator_name, hit->ref)
                                             : hit->ref);
    html_open(h, EL_BR);
    if (hit->kind == OUTSIDE_ANSWER)
        why(h, str_fmt(h->mem, "asked about %s", hit->address));
    else if (!str_blank(hit->force))
        why(h, hit->force);
    if (viewer_may(&r->viewer, PERM_INTAKE_READ)) {
        html_open(h, EL_BR);
        subject_link(h, 'F', hit->file);
        why(h, str_fmt(h->mem, " line %lld", (long long)hit->line));
    }
    table_cell_close(h);
}

static void why_cell(Html *h, const OutsideHit *hit)
{
    StrBuf details = { .mem = h->mem };
    table_cell_open(h, NULL);
    html_text(h, hit->weighed.reason);
    for (int a = 0; a < ASPECT__COUNT; a++) {
        const PairAspect *p = &hit->weighed.aspects[a];
        if (p->grade == PAIR_CLOSE || (p->grade == PAIR_DIFFERS && !str_same(p->says, "differs")))
            buf_fmt(&details, "%s%s: %s", details.len ? "; " : "", p->words, p->says);
    }
    if (details.len) {
        html_open(h, EL_BR);
        why(h, buf_text(&details));
    }
    html_open(h, EL_BR);
    why(h, str_fmt(h->mem, "%s (%s bits, %s)", pair_odds(h->mem, hit->weighed.weight),
                   pair_bits(h->mem, hit->weighed.weight), hit->model));
    table_cell_close(h);
}

static void part_draw(Html *h, const Request *r, const ElsewhereView *v, LinkOutside kind)
{
    static const TableColumn columns[] = { { .text = "Named there" },
                                           { .text = "Where" },
                                           { .text = "What speaks for and against" },
                                           { .text = "Most like" } };
    heading(h, EL_H2, "m", parts[kind].title);
    if (!v->counts[kind]) {
        empty_note(h, parts[kind].empty);
        return;
    }
    inset_text(h, NULL, outside_caution(kind));
    table_open(h, &(Table){ .caption = parts[kind].title, .caption_classes = "govuk-visually-hidden",
                            .classes = "m-wait", .id = parts[kind].key, .columns = columns,
                            .column_count = COUNT_OF(columns) });
    for (size_t i = 0; i < v->counts[kind]; i++) {
        const OutsideHit *hit = &v->hits[kind][i];
        table_row(h);
        who_cell(h, hit);
        source_cell(h, r, hit);
        why_cell(h, hit);
        table_cell(h, str_fmt(h->mem, "record %s", ref_write(h->mem, 'N', hit->record)));
        table_row_end(h);
    }
    table_close(h);
}

static void draw(const Request *r, Response *out, const ElsewhereView *v)
{
    Html h = html_new(r->mem);
    Page page = request_page(r, str_fmt(r->mem, "Who else may be %s", v->row.name), NAV_QUEUE);
    page.caption = str_fmt(r->mem, "Nominal %s", ref_write(r->mem, 'N', v->row.id));
    page.back = url_subject(r->mem, 'N', v->row.id);
    page_begin(&h, &page);
    html_p(&h, "Registers and operators' answers are weighed against this nominal's records as records are "
               "weighed against each other: a short name, a slip or a former name is seen through. Those "
               "above "
               "even odds stand here.");
    for (int k = 0; k < OUTSIDE__COUNT; k++)
        part_draw(&h, r, v, (LinkOutside)k);
    page_end(&h, &page);
    respond_html(r, out, &h);
}

static Json *hit_json(Arena *mem, const OutsideHit *h)
{
    Json *j = json_new_object();
    json_set_text(j, "ref", h->ref);
    json_set_text(j, "name", outside_name(mem, h));
    json_set_text(j, "born", h->born == DATE_NONE ? NULL : date_iso(mem, h->born));
    json_set_text(j, "operator", str_blank(h->operator_name) ? NULL : h->operator_name);
    json_set_text(j, "file", ref_write(mem, 'F', h->file));
    json_set_int(j, "line", h->line);
    json_set_text(j, "record", ref_write(mem, 'N', h->record));
    json_set_text(j, "bits", pair_bits(mem, h->weighed.weight));
    json_set_text(j, "reason", h->weighed.reason);
    json_set_text(j, "caution", outside_caution(h->kind));
    return j;
}

bool page_elsewhere(Request *r, Response *out, Err *err)
{
    ElsewhereView v;
    if (!fetch(r, &v, err))
        return false;
    if (!r->wants_json) {
        draw(r, out, &v);
        return true;
    }
    Json *j = json_new_object();
    json_set_text(j, "nominal", ref_write(r->mem, 'N', v.row.id));
    for (int k = 0; k < OUTSIDE__COUNT; k++) {
        Json *list = json_new_list();
        for (size_t i = 0; i < v.counts[k]; i++)
            json_push(list, hit_json(r->mem, &v.hits[k][i]));
        json_set(j, parts[k].key, list);
    }
    respond_json(r, out, j);
    return true;
}
