#include "web/pages/page_parts.h"
#include "base/ref.h"
#include "base/zone.h"
#include "clock/words.h"

static const struct {
    char letter;
    const char *folder;
} subject_pages[] = {
    { 'C', "/children/" }, { 'F', "/intake/" },    { 'M', "/matches/" },  { 'N', "/nominals/" },
    { 'P', "/packages/" }, { 'R', "/referrals/" }, { 'X', "/exhibits/" },
};

Url url_subject(Arena *mem, char letter, int64_t id)
{
    FOR_EACH (page, subject_pages)
        if (page->letter == letter && id > 0)
            return url_of_(mem, page->folder, ref_write(mem, letter, id), (const char *)NULL);
    return letter == 'E' && id > 0 ? url_of(mem, "/ledger/", str_fmt(mem, "%lld", (long long)id))
                                   : (Url){ 0 };
}

void subject_link(Html *h, char letter, int64_t id)
{
    if (id <= 0)
        return;
    html_open(h, EL_SPAN, ATTR_CLASS, "m-reference");
    html_link(h, url_subject(h->mem, letter, id), ref_write(h->mem, letter, id));
    html_close(h, EL_SPAN);
}

Url bundle_url(Arena *mem, int64_t nominal)
{
    return url_query(mem, url_lit("/queue"), "bundle", ref_write(mem, 'N', nominal));
}

void bundle_link(Html *h, int64_t nominal, int64_t people)
{
    html_open(h, EL_BR);
    tag(h, "Viral file", "grey");
    html_lit(h, " ");
    html_link(h, bundle_url(h->mem, nominal),
              str_fmt(h->mem, "Stands for %lld people who passed on the same viral file: show all",
                      (long long)people));
}

Json *bundle_json(Arena *mem, int64_t nominal, int64_t people)
{
    Json *bundle = json_new_object();
    json_set_int(bundle, "people", people);
    json_set_text(bundle, "all", bundle_url(mem, nominal).text);
    return bundle;
}

static void waiting_row(Html *h, const WaitingRow *w, Instant now)
{
    table_row(h);
    table_cell_open(h, NULL);
    if (w->nominal || !str_blank(w->band))
        band(h, w->band);
    subject_link(h, w->letter, w->subject);
    table_cell_close(h);
    table_cell_open(h, NULL);
    html_text(h, str_blank(w->why) ? w->says : w->why);
    if (w->bundled > 1)
        bundle_link(h, w->nominal, w->bundled);
    table_cell_close(h);
    table_cell_open(h, NULL);
    html_text(h, w->agency_tile);
    html_open(h, EL_BR);
    why(h, str_fmt(h->mem, "%s, %s", w->says, w->paused ? "paused" : clock_left(h->mem, w->due, now)));
    html_lit(h, " ");
    if (w->late)
        late(h, "late");
    html_open(h, EL_BR);
    why(h, str_fmt(h->mem, w->level ? "%s; raised to %s" : "%s", w->owner_name,
                   w->told_name ? w->told_name : "a supervisor"));
    table_cell_close(h);
    table_row_end(h);
}

void waiting_table(Html *h, const WaitingRow *rows, size_t count, Instant now, const char *empty)
{
    static const TableColumn columns[] = { { .text = "What" },
                                           { .text = "Why it is here" },
                                           { .text = "Whose move" } };
    if (!count) {
        empty_note(h, empty);
        return;
    }
    table_open(h, &(Table){ .classes = "m-wait", .columns = columns, .column_count = COUNT_OF(columns) });
    for (size_t i = 0; i < count; i++)
        waiting_row(h, &rows[i], now);
    table_close(h);
}

Json *waiting_json(Arena *mem, const WaitingRow *rows, size_t count, Instant now)
{
    Json *list = json_new_list();
    for (size_t i = 0; i < count; i++) {
        Json *one = json_new_object();
        json_set_int(one, "clock", rows[i].id);
        json_set_text(one, "subject", ref_write(mem, rows[i].letter, rows[i].subject));
        json_set_text(one, "kind", rows[i].kind);
        json_set_text(one, "says", rows[i].says);
        json_set_text(one, "agency", rows[i].agency_name);
        json_set_text(one, "owner", rows[i].owner_name);
        json_set_text(one, "since", instant_iso(mem, rows[i].started));
        json_set_text(one, "due", instant_iso(mem, rows[i].due));
        json_set_text(one, "left", clock_left(mem, rows[i].due, now));
        json_set_bool(one, "late", rows[i].late);
        json_set_bool(one, "paused", rows[i].paused);
        json_set_int(one, "level", rows[i].level);
        json_set_text(one, "band", rows[i].band);
        json_set_text(one, "why", rows[i].why);
        if (rows[i].bundled > 1)
            json_set(one, "viral_bundle", bundle_json(mem, rows[i].nominal, rows[i].bundled));
        json_push(list, one);
    }
    return list;
}

const char *date_text(Arena *mem, Date d) { return d == DATE_NONE ? "Not recorded" : date_words(mem, d); }

void date_or_none(Html *h, Date d) { html_text(h, date_text(h->mem, d)); }

void instant_text(Html *h, Instant t)
{
    if (t == INSTANT_NONE)
        return;
    html_leaf(h, EL_TIME, london_words(h->mem, t), ATTR_DATETIME, instant_iso(h->mem, t));
}

void sensitive_text(Html *h, Arena *mem, const char *json, const char *summary)
{
    CLEANUP(json_done) Json *list = NULL;
    Err err = { 0 };
    (void)mem;
    if (str_blank(json) || !json_read(str_of(json), &list, &err) || !json_count(list))
        return;
    details_open(h, &(Details){ .summary = summary });
    for (size_t i = 0; i < json_count(list); i++) {
        const char *label = json_text(json_at(list, i), "label");
        html_open(h, EL_P, ATTR_CLASS, "govuk-body");
        html_leaf(h, EL_B, label ? label : "Text");
        html_lit(h, ": ");
        html_lines(h, json_text(json_at(list, i), "text"));
        html_close(h, EL_P);
    }
    details_close(h);
}

Json *entries_json(Arena *mem, const EntryRow *rows, size_t count)
{
    Json *list = json_new_list();
    for (size_t i = 0; i < count; i++) {
        CLEANUP(json_done) Json *body = NULL;
        Err err = { 0 };
        Json *one = json_new_object();
        json_set_int(one, "seq", rows[i].seq);
        json_set_text(one, "at", instant_iso(mem, rows[i].at));
        json_set_text(one, "kind", rows[i].kind);
        json_set_int(one, "actor", rows[i].actor);
        json_set_int(one, "subject", rows[i].subject ? rows[i].subject : rows[i].seq);
        json_set_bool(one, "erased", rows[i].erased);
        if (rows[i].body && json_read(str_of(rows[i].body), &body, &err))
            json_set(one, "body", json_keep(body));
        json_push(list, one);
    }
    return list;
}

void balance_line(Html *h, const char *what, Balance b)
{
    const struct { const char *before; int64_t n; const char *after; } parts[] = {
        { " = ", b.taken, " taken" },
        { " + ", b.merged, " merged" },
        { " + ", b.rejected, " rejected" },
        { " + ", b.pending, " pending" },
    };
    html_num(h, b.received);
    html_lit(h, " ");
    html_text(h, what);
    FOR_EACH (p, parts) {
        html_text(h, p->before);
        html_num(h, p->n);
        html_text(h, p->after);
    }
}

bool form_reason(const Request *r, const char **reason, Err *err)
{
    *reason = request_form(r, "reason");
    return *reason || err_set(err, ERR_INVALID, "Give your reason: it is kept with the decision.");
}
