/* pages_ledger.c: the facts, newest first; one with its proof; the signed checkpoint that others can hold us
 * to. */
#include "base/ref.h"
#include "web/pages/page_parts.h"

enum { LEDGER_ROWS = 50, KINDS_SHOWN = 200 };

/* What the subject of a kind is. Kinds not listed show the bare number. */
static const struct {
    const char *starts;
    char letter;
} subjects[] = {
    { "agency.", 'A' },  { "band.", 'N' },      { "child.", 'C' },   { "file.", 'F' },
    { "nominal.", 'N' }, { "operation.", 'O' }, { "package.", 'P' }, { "person.", 'U' },
};

static char letter_of(const char *kind)
{
    FOR_EACH (s, subjects)
        if (str_starts(kind, s->starts))
            return s->letter;
    return 0;
}

static const char *number_text(Arena *mem, int64_t n) { return str_fmt(mem, "%lld", (long long)n); }

/* "N-3Z1RD", "E-12", or a bare number. */
static bool subject_read(const char *text, int64_t *id)
{
    Err ignored = { 0 };
    char letter = text[0] >= 'a' && text[0] <= 'z' ? (char)(text[0] - 'a' + 'A') : text[0];
    return str_int(str_of(text), 1, INT64_MAX, id) ||
           (letter >= 'A' && letter <= 'Z' && ref_read(str_of(text), letter, id, &ignored));
}

static bool seq_named(const Request *r, int64_t *seq, Err *err)
{
    const char *text = request_param(r, "seq");
    Err ignored = { 0 };
    return str_int(str_of(text), 1, INT64_MAX, seq) || ref_read(str_of(text), 'E', seq, &ignored) ||
           err_set(err, ERR_NOT_FOUND, "There is no such entry.");
}

/* ---- the list ---- */
typedef struct LedgerView {
    LedgerHead head;
    const char *checkpoint;                  /* NULL: none could be signed */
    EntryFilter filter;
    const char *subject_text;
    EntryRow *rows;
    size_t count;
    PersonRow *people;
    size_t person_count;
} LedgerView;

static const char *actor_name(const LedgerView *v, int64_t person)
{
    if (!person)
        return "Muster itself";
    for (size_t i = 0; i < v->person_count; i++)
        if (v->people[i].id == person)
            return v->people[i].name;
    return "Someone no longer listed";
}

static bool filter_read(Request *r, LedgerView *v, Err *err)
{
    const char *kind = request_query(r, "kind"), *before = request_query(r, "before");
    v->subject_text = request_query(r, "subject");
    v->filter = (EntryFilter){ .kind = str_blank(kind) ? NULL : kind, .limit = LEDGER_ROWS + 1 };
    if (str_blank(v->subject_text))
        v->subject_text = NULL;
    if (v->subject_text && !subject_read(v->subject_text, &v->filter.subject))
        return err_set(err, ERR_INVALID, "Give a reference as N-3Z1RD, or an entry's number.");
    return !before || str_int(str_of(before), 1, INT64_MAX, &v->filter.before) ||
           err_set(err, ERR_NOT_FOUND, "There is no such page.");
}

static bool fetch(Request *r, LedgerView *v, Err *err)
{
    Err ignored = { 0 };
    *v = (LedgerView){ 0 };
    if (!filter_read(r, v, err) || !ledger_head(r->db, r->mem, &v->head, err) ||
        !person_list(r->db, r->mem, 0, &v->people, &v->person_count, err) ||
        !ledger_entries(r->db, r->mem, &v->filter, &v->rows, &v->count, err))
        return false;
    /* A copy opened for reading cannot sign; the entries can still be read. */
    if (!ledger_checkpoint(r->app->ledger, r->mem, r->now, &v->checkpoint, &ignored))
        v->checkpoint = NULL;
    return true;
}

static void draw_head(Html *h, const LedgerView *v)
{
    summary_open(h, "m-compact");
    summary_row_open(h, "Entries");
    html_num(h, v->head.size);
    summary_row_close(h);
    summary_row_open(h, "Root of the tree");
    html_leaf(h, EL_CODE, sha256_hex(h->mem, &v->head.root));
    summary_row_close(h);
    summary_row_open(h, "Verifier key");
    html_leaf(h, EL_CODE, v->head.verifier);
    summary_row_close(h);
    summary_close(h);
    if (!v->checkpoint)
        return;
    details_open(h, &(Details){ .summary = "The newest signed checkpoint" });
    html_p(h, "Whoever keeps a copy can prove later that nothing before it was changed or removed.");
    html_leaf(h, EL_PRE, v->checkpoint);
    button_link(h, url_lit("/ledger/checkpoint"), "Download it");
    details_close(h);
}

static const Option *kind_options(Arena *mem, size_t *count)
{
    Option *options = NULL;
    size_t cap = 0;
    *count = 0;
    *arena_push(mem, options, *count, cap) = (Option){ .text = "Every kind", .value = "" };
    for (const Kind *const *table = app_kinds()->tables; *table; table++)
        for (const Kind *k = *table; k->name && *count < KINDS_SHOWN; k++)
            *arena_push(mem, options, *count, cap) = (Option){ .text = k->says, .value = k->name };
    return options;
}

static void draw_filter(Html *h, const LedgerView *v)
{
    size_t count = 0;
    const Option *kinds = kind_options(h->mem, &count);
    form_open_with(h, &(Form){ .action = url_lit("/ledger"), .get = true, .classes = "m-filter-row" });
    select_field(h, &(Select){ .id = "kind",
                               .name = "kind",
                               .label = "Kind",
                               .items = kinds,
                               .count = count,
                               .value = v->filter.kind ? v->filter.kind : "" });
    input(h, &(Input){ .id = "subject",
                       .name = "subject",
                       .label = "About (reference)",
                       .value = v->subject_text,
                       .classes = "govuk-input--width-10" });
    button_secondary(h, "Show");
    form_close(h);
}

static void subject_shown(Html *h, const EntryRow *e)
{
    int64_t id = e->subject ? e->subject : e->seq;
    char letter = letter_of(e->kind);
    if (letter)
        subject_link(h, letter, id);
    else
        html_text(h, number_text(h->mem, id));
}

static const char *kind_says(const Request *r, const char *kind)
{
    const Kind *k = ledger_kind(r->app->ledger, kind);
    return k ? k->says : kind;
}

static void draw_row(const Request *r, Html *h, const LedgerView *v, const EntryRow *e)
{
    table_row(h);
    table_cell_link(h, url_subject(h->mem, 'E', e->seq), number_text(h->mem, e->seq));
    table_cell_open(h, NULL);
    instant_text(h, e->at);
    table_cell_close(h);
    table_cell_open(h, NULL);
    html_text(h, kind_says(r, e->kind));
    html_open(h, EL_BR);
    why(h, e->kind);
    if (e->erased)
        tag(h, "Erased", "grey");
    table_cell_close(h);
    table_cell_open(h, NULL);
    subject_shown(h, e);
    table_cell_close(h);
    table_cell(h, actor_name(v, e->actor));
    table_row_end(h);
}

static void draw_rows(const Request *r, Html *h, const LedgerView *v, size_t shown)
{
    static const TableColumn columns[] = {
        { .text = "Entry" }, { .text = "When" }, { .text = "What" }, { .text = "About" }, { .text = "Who" }
    };
    if (!shown) {
        empty_note(h,
                   v->filter.kind || v->subject_text ? "No entry fits that." : "Nothing has happened yet.");
        return;
    }
    table_open(h, &(Table){ .classes = "m-compact", .columns = columns, .column_count = COUNT_OF(columns) });
    for (size_t i = 0; i < shown; i++)
        draw_row(r, h, v, &v->rows[i]);
    table_close(h);
}

static void draw(const Request *r, Response *out, const LedgerView *v)
{
    Html h = html_new(r->mem);
    Page page = request_page(r, "The ledger", NAV_LEDGER);
    size_t shown = v->count > LEDGER_ROWS ? LEDGER_ROWS : v->count;
    page_begin(&h, &page);
    html_p(&h, "Every change and every look is one entry. Entries are never altered or removed; anyone can "
               "check that with the checkpoint.");
    draw_head(&h, v);
    draw_filter(&h, v);
    draw_rows(r, &h, v, shown);
    Url next = { 0 };
    if (v->count > shown)
        next = url_query(r->mem, url_lit("/ledger"), "kind", v->filter.kind, "subject", v->subject_text,
                         "before", number_text(r->mem, v->rows[shown - 1].seq));
    pagination_keyset(&h, (Url){ 0 }, next);
    page_end(&h, &page);
    respond_html(r, out, &h);
}

static Json *head_json(Arena *mem, const LedgerHead *head)
{
    Json *j = json_new_object();
    json_set_int(j, "size", head->size);
    json_set_text(j, "root", sha256_hex(mem, &head->root));
    json_set_text(j, "origin", head->origin);
    json_set_text(j, "verifier", head->verifier);
    return j;
}

/* The list is a board: it names what happened, and leaves what was said to the entry's own page, which is a
 * look. */
static Json *list_json(const Request *r, const LedgerView *v, size_t shown)
{
    Json *list = json_new_list();
    for (size_t i = 0; i < shown; i++) {
        const EntryRow *e = &v->rows[i];
        Json *one = json_new_object();
        json_set_int(one, "seq", e->seq);
        json_set_text(one, "at", instant_iso(r->mem, e->at));
        json_set_text(one, "kind", e->kind);
        json_set_int(one, "actor", e->actor);
        json_set_int(one, "subject", e->subject ? e->subject : e->seq);
        json_set_bool(one, "erased", e->erased);
        json_push(list, one);
    }
    return list;
}

bool page_ledger(Request *r, Response *out, Err *err)
{
    LedgerView v;
    if (!fetch(r, &v, err))
        return err_while(err, "reading the ledger");
    if (!r->wants_json) {
        draw(r, out, &v);
        return true;
    }
    size_t shown = v.count > LEDGER_ROWS ? LEDGER_ROWS : v.count;
    Json *j = json_new_object();
    json_set(j, "head", head_json(r->mem, &v.head));
    json_set_text(j, "checkpoint", v.checkpoint);
    json_set(j, "entries", list_json(r, &v, shown));
    if (v.count > shown)
        json_set_int(j, "before", v.rows[shown - 1].seq);
    respond_json(r, out, j);
    return true;
}

/* ---- one entry ---- */
typedef struct EntryView {
    EntryRow row;
    LedgerHead head;
    Json *proof;                             /* released by the page */
    LedgerView names;                        /* people only */
} EntryView;

static bool entry_fetch(Request *r, int64_t seq, EntryRow *out, Err *err)
{
    EntryRow *rows = NULL;
    size_t count = 0;
    EntryFilter one = { .before = seq < INT64_MAX ? seq + 1 : seq, .limit = 1 };
    if (!ledger_entries(r->db, r->mem, &one, &rows, &count, err))
        return false;
    if (!count || rows[0].seq != seq)
        return err_set(err, ERR_NOT_FOUND, "There is no such entry.");
    *out = rows[0];
    return true;
}

static void draw_proof(Html *h, const EntryView *v)
{
    const Json *steps = json_get(v->proof, "proof");
    heading(h, EL_H2, "m", "Proof that it is in the ledger");
    summary_open(h, "m-compact");
    summary_row_open(h, "Leaf");
    html_leaf(h, EL_CODE, json_text(v->proof, "leaf"));
    summary_row_close(h);
    summary_row_open(h, "Root");
    html_leaf(h, EL_CODE, json_text(v->proof, "root"));
    html_text(h, str_fmt(h->mem, " at %lld entries", (long long)v->head.size));
    summary_row_close(h);
    summary_close(h);
    details_open(h, &(Details){ .summary = "The hashes between them" });
    if (!json_count(steps))
        html_p(h, "None: the ledger has one entry.");
    for (size_t i = 0; i < json_count(steps); i++) {
        html_leaf(h, EL_CODE, json_text_of(json_at(steps, i)));
        html_open(h, EL_BR);
    }
    html_link(h, url_of(h->mem, "/ledger/*/proof", number_text(h->mem, v->row.seq)), "As JSON");
    details_close(h);
    heading(h, EL_H3, "s", "Check it without this server");
    html_p(h, "On a copy of the database, with a checkpoint kept from before:");
    html_leaf(h, EL_PRE,
              str_fmt(h->mem, "muster --db copy.db ledger verify --checkpoint muster.checkpoint --key '%s'",
                      v->head.verifier));
}

static void draw_entry(const Request *r, Response *out, const EntryView *v)
{
    CLEANUP(json_done) Json *body = NULL;
    Err ignored = { 0 };
    Html h = html_new(r->mem);
    Page page = request_page(r, kind_says(r, v->row.kind), NAV_LEDGER);
    page.caption = str_fmt(r->mem, "Entry %lld", (long long)v->row.seq);
    page.back = url_lit("/ledger");
    page_begin(&h, &page);
    summary_open(&h, "m-compact");
    summary_row(&h, "Reference", ref_write(r->mem, 'E', v->row.seq));
    summary_row(&h, "Kind", v->row.kind);
    summary_row_open(&h, "Recorded");
    instant_text(&h, v->row.at);
    summary_row_close(&h);
    summary_row(&h, "By", actor_name(&v->names, v->row.actor));
    summary_row_open(&h, "About");
    subject_shown(&h, &v->row);
    summary_row_close(&h);
    summary_close(&h);
    heading(&h, EL_H2, "m", "What was recorded");
    if (v->row.erased || !v->row.body)
        empty_note(&h, "What it said was erased under law. That it was here, and its proof, remain.");
    else if (json_read(str_of(v->row.body), &body, &ignored))
        html_leaf(&h, EL_PRE, json_pretty(r->mem, body));
    else
        html_leaf(&h, EL_PRE, v->row.body);
    draw_proof(&h, v);
    page_end(&h, &page);
    respond_html(r, out, &h);
}

/* Takes over v->proof. */
static Json *entry_json(const Request *r, const EntryView *v)
{
    CLEANUP(json_done) Json *list = entries_json(r->mem, &v->row, 1);
    Json *j = json_keep((Json *)json_at(list, 0));
    json_set(j, "proof", v->proof);
    return j;
}

bool page_entry(Request *r, Response *out, Err *err)
{
    EntryView v = { 0 };
    int64_t seq = 0;
    if (!seq_named(r, &seq, err) || !entry_fetch(r, seq, &v.row, err) ||
        !request_look(r, v.row.subject ? v.row.subject : v.row.seq, "ledger entry", err) ||
        !ledger_head(r->db, r->mem, &v.head, err) ||
        !person_list(r->db, r->mem, 0, &v.names.people, &v.names.person_count, err) ||
        !ledger_prove_inclusion(r->db, r->mem, seq, v.head.size, &v.proof, err))
        return err_while(err, "reading an entry");
    if (r->wants_json) {
        respond_json(r, out, entry_json(r, &v));
        return true;
    }
    draw_entry(r, out, &v);
    json_done(&v.proof);
    return true;
}

bool page_ledger_proof(Request *r, Response *out, Err *err)
{
    Json *proof = NULL;
    LedgerHead head;
    int64_t seq = 0, size = 0;
    const char *asked = request_query(r, "size");
    if (!seq_named(r, &seq, err) || !ledger_head(r->db, r->mem, &head, err))
        return false;
    size = head.size;
    if (!str_blank(asked) && !str_int(str_of(asked), 1, head.size, &size))
        return err_set(err, ERR_INVALID, "Give a size from 1 to %lld.", (long long)head.size);
    if (!ledger_prove_inclusion(r->db, r->mem, seq, size, &proof, err))
        return false;
    respond_json(r, out, proof);
    return true;
}

/* The look comes first, so that the checkpoint covers the fact that it was taken away. */
bool page_ledger_checkpoint(Request *r, Response *out, Err *err)
{
    LedgerHead head;
    const char *note = NULL;
    if (!ledger_head(r->db, r->mem, &head, err) ||
        !request_look(r, head.size, "export of the signed checkpoint", err) ||
        !ledger_checkpoint(r->app->ledger, r->mem, r->now, &note, err))
        return false;
    out->type = "text/plain; charset=utf-8";
    out->body = str_of(note);
    out->download = "muster.checkpoint";
    return true;
}
