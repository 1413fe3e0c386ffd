/* pages_exhibit.c: a seized device and what triage found on it, by counts: nothing here shows a file. */
#include "base/ref.h"
#include "clock/words.h"
#include "triage/exhibit.h"
#include "web/exhibits.h"
#include "web/pages/page_parts.h"

enum { BARS = 12 };

static Url url_exhibit(Arena *mem, int64_t id) { return url_of(mem, "/exhibits/*", ref_write(mem, 'X', id)); }

static const char *number(Arena *mem, int64_t n) { return str_fmt(mem, "%lld", (long long)n); }

/* ---- on other pages ---- */

void exhibit_table(Html *h, const ExhibitRow *rows, size_t count)
{
    static const TableColumn columns[] = { { .text = "Exhibit" }, { .text = "State" },
                                           { .text = "Known files", .numeric = true },
                                           { .text = "Unmatched pictures", .numeric = true },
                                           { .text = "Priority and why" } };
    if (!count)
        return;
    heading(h, EL_H2, "m", "Exhibits");
    table_open(h, &(Table){ .classes = "m-compact", .columns = columns, .column_count = COUNT_OF(columns) });
    for (size_t i = 0; i < count; i++) {
        const ExhibitRow *e = &rows[i];
        table_row(h);
        table_cell_link(h, url_exhibit(h->mem, e->id), e->ref);
        table_cell(h, e->state);
        if (e->triage) {
            table_cell_num(h, e->known);
            table_cell_num(h, e->pictures);
        } else {
            table_cell(h, "not triaged");
            table_cell(h, "");
        }
        table_cell_open(h, NULL);
        if (e->triage) {
            html_text(h, number(h->mem, e->priority));
            html_open(h, EL_BR);
            why(h, e->because);
        }
        table_cell_close(h);
        table_row_end(h);
    }
    table_close(h);
}

/* ---- one exhibit ---- */

static const struct { const char *part, *title, *name, *of; } parts[] = {
    { "grade", "Known files by grade", "Grade", "Scale" },
    { "series", "Known files by series", "Series", NULL },
    { "set", "Known files by set", "Set", "Version" },
};

static const char *label_of(Arena *mem, const ExhibitCount *c)
{
    const char *name = str_blank(c->name) ? "not graded" : c->name;
    return str_blank(c->of) ? name : str_fmt(mem, "%s %s", c->of, name);
}

static void draw_bars(Html *h, const ExhibitRow *e, const char *part, const char *title)
{
    Bar items[BARS];
    size_t n = 0;
    for (size_t i = 0; i < e->count_count && n < BARS; i++)
        if (str_same(e->counts[i].part, part))
            items[n++] = (Bar){ .name = label_of(h->mem, &e->counts[i]), .value = (double)e->counts[i].files,
                                .shown = number(h->mem, e->counts[i].files) };
    if (n)
        bars(h, title, items, n);
}

static void draw_counts(Html *h, const ExhibitRow *e, size_t p)
{
    const TableColumn columns[] = { { .text = parts[p].name }, { .text = parts[p].of ? parts[p].of : "" },
                                    { .text = "Files", .numeric = true },
                                    { .text = "Different", .numeric = true },
                                    { .text = "Illegal", .numeric = true },
                                    { .text = "Only near", .numeric = true } };
    bool any = false;
    for (size_t i = 0; i < e->count_count; i++) {
        const ExhibitCount *c = &e->counts[i];
        if (!str_same(c->part, parts[p].part))
            continue;
        if (!any) {
            heading(h, EL_H2, "m", parts[p].title);
            draw_bars(h, e, parts[p].part, parts[p].title);
            table_open(
                h, &(Table){ .classes = "m-compact", .columns = columns, .column_count = COUNT_OF(columns) });
        }
        any = true;
        table_row(h);
        table_cell(h, str_blank(c->name) ? "not graded" : c->name);
        table_cell(h, c->of);
        table_cell_num(h, c->files);
        table_cell_num(h, c->different);
        table_cell_num(h, c->illegal);
        table_cell_num(h, c->near);
        table_row_end(h);
    }
    if (any)
        table_close(h);
}

static void draw_seizure(Html *h, const ExhibitRow *e, Instant now)
{
    summary_open(h, "m-compact");
    summary_row(h, "The force's reference", e->ref);
    summary_row_open(h, "Seized from");
    html_text(h, str_fmt(h->mem, "%s ", e->nominal_name));
    subject_link(h, 'N', e->nominal);
    summary_row_close(h);
    if (e->package) {
        summary_row_open(h, "Package");
        subject_link(h, 'P', e->package);
        summary_row_close(h);
    }
    summary_row(h, "Force", e->force_tile);
    summary_row_open(h, "Seized on");
    date_or_none(h, e->on);
    summary_row_close(h);
    summary_row(h, "State", e->state);
    if (e->due != INSTANT_NONE && str_same(e->state, "waiting"))
        summary_row(h, "Examination", clock_left(h->mem, e->due, now));
    summary_close(h);
}

static void draw_triage(Html *h, const ExhibitRow *e)
{
    const struct { const char *key; int64_t n; } counts[] = {
        { "Known files", e->known }, { "Different among them", e->different }, { "Of an illegal grade", e->illegal },
        { "Only near to a known picture", e->near }, { "With an identified victim", e->victims },
        { "Pictures that no set knows", e->pictures }, { "In clusters of near-duplicates", e->clusters },
        { "Videos that no set knows", e->videos }, { "Files seen", e->files }, { "Of these deleted", e->deleted },
        { "Not read, or only in part", e->unread },
    };
    summary_open(h, "m-compact");
    summary_row(h, "Priority", str_fmt(h->mem, "%lld: %s", (long long)e->priority, e->because));
    FOR_EACH (c, counts)
        summary_row(h, c->key, number(h->mem, c->n));
    summary_row_open(h, "Triaged");
    instant_text(h, e->made);
    html_text(h, str_fmt(h->mem, " from %s by %s", e->kind, e->tool));
    summary_row_close(h);
    summary_row_open(h, "Recorded");
    instant_text(h, e->at);
    if (e->person_name)
        html_text(h, str_fmt(h->mem, " by %s ", e->person_name));
    subject_link(h, 'E', e->triage);
    summary_row_close(h);
    summary_row_open(h, "Report");
    html_leaf(h, EL_CODE, e->report);
    summary_row_close(h);
    for (size_t i = 0; i < e->set_count; i++)
        summary_row(h, "Set asked", str_fmt(h->mem, "%s %s", e->sets[i].name, e->sets[i].version));
    summary_close(h);
}

static void draw(const Request *r, Response *out, const ExhibitRow *e)
{
    Html h = html_new(r->mem);
    Page page = request_page(r, str_fmt(r->mem, "Exhibit %s", e->ref), NAV_PACKAGES);
    page.caption = ref_write(r->mem, 'X', e->id);
    page.back =
        e->package ? url_of(r->mem, "/packages/*", ref_write(r->mem, 'P', e->package)) : url_lit("/packages");
    page_begin(&h, &page);
    two_open(&h);
    heading(&h, EL_H2, "m", "The exhibit");
    draw_seizure(&h, e, r->now);
    two_next(&h);
    heading(&h, EL_H2, "m", "What triage found");
    if (e->triage)
        draw_triage(&h, e);
    else
        empty_note(&h, "Not triaged yet. muster triage reads a device without anyone looking at it.");
    two_close(&h);
    for (size_t p = 0; p < COUNT_OF(parts); p++)
        draw_counts(&h, e, p);
    page_end(&h, &page);
    respond_html(r, out, &h);
}

/* ---- as JSON ---- */

static Json *counts_json(const ExhibitRow *e)
{
    Json *list = json_new_list();
    for (size_t i = 0; i < e->count_count; i++) {
        const ExhibitCount *c = &e->counts[i];
        Json *j = json_new_object();
        json_set_text(j, "part", c->part);
        json_set_text(j, "name", c->name);
        json_set_text(j, "of", c->of);
        json_set_int(j, "files", c->files);
        json_set_int(j, "different", c->different);
        json_set_int(j, "illegal", c->illegal);
        json_set_int(j, "near", c->near);
        json_push(list, j);
    }
    return list;
}

Json *exhibit_json(Arena *mem, const ExhibitRow *e)
{
    const struct { const char *key; int64_t n; } counts[] = {
        { "priority", e->priority }, { "files", e->files }, { "unread", e->unread }, { "known", e->known },
        { "different", e->different }, { "illegal", e->illegal }, { "near", e->near }, { "victims", e->victims },
        { "pictures", e->pictures }, { "videos", e->videos }, { "clusters", e->clusters },
    };
    Json *j = json_new_object();
    json_set_text(j, "exhibit", ref_write(mem, 'X', e->id));
    json_set_text(j, "ref", e->ref);
    json_set_text(j, "nominal", ref_write(mem, 'N', e->nominal));
    json_set_text(j, "force", e->force_tile);
    json_set_text(j, "state", e->state);
    if (!e->triage)
        return j;
    Json *t = json_new_object();
    FOR_EACH (c, counts)
        json_set_int(t, c->key, c->n);
    json_set_text(t, "because", e->because);
    json_set_text(t, "report_sha256", e->report);
    json_set_text(t, "made", instant_iso(mem, e->made));
    json_set_text(t, "tool", e->tool);
    json_set(t, "counts", counts_json(e));
    json_set(j, "triage", t);
    return j;
}

bool page_exhibit(Request *r, Response *out, Err *err)
{
    ExhibitRow e;
    int64_t id = 0;
    if (!request_ref(r, "ref", 'X', &id, err) || !exhibit_fetch(r->db, r->mem, &r->viewer, id, &e, err) ||
        !request_look(r, e.nominal, "exhibit page", err))
        return false;
    if (r->wants_json)
        respond_json(r, out, exhibit_json(r->mem, &e));
    else
        draw(r, out, &e);
    return true;
}
