/* pages_nominal_acts.c: what a person decides about a nominal, and its history. */
#include "base/ref.h"
#include "base/zone.h"
#include "dispatch/package.h"
#include "link/nominal.h"
#include "web/pages/page_parts.h"

/* The nominal in the address, as far as this viewer may act on it with p; else not found. */
static bool target(Request *r, Permission p, NominalRow *row, Err *err)
{
    int64_t asked = 0, id = 0;
    if (!request_ref(r, "ref", 'N', &asked, err) || !nominal_resolve(r->db, asked, &id, err) ||
        !nominal_row(r->db, r->mem, &r->viewer, id, row, err))
        return false;
    return viewer_may_on(&r->viewer, p, row->force) ||
           err_set(err, ERR_NOT_FOUND, "There is no such nominal.");
}

static void back_to(Request *r, Response *out, const NominalRow *row, const char *flash)
{
    respond_redirect(r, out, url_subject(r->mem, 'N', row->id), flash);
}

bool page_nominal_decide(Request *r, Response *out, Err *err)
{
    NominalRow row;
    RiskView view;
    Hand hand = request_hand(r);
    const char *band = request_form(r, "band"), *reason;
    if (!target(r, PERM_NOMINAL_DECIDE, &row, err) || !form_reason(r, &reason, err))
        return false;
    if (!band || !band_rank(band))
        return err_set(err, ERR_INVALID, "Choose a band.");
    if (!band_decide(r->app->ledger, r->db, r->app->rules, &hand, row.id, band, reason, err) ||
        !risk_view(r->db, r->mem, row.id, &view, err))
        return false;
    back_to(r, out, &row,
            view.proposed_band ? "Proposed. A second person must agree before it takes effect."
                               : "The band is recorded.");
    return true;
}

/* The second person's answer to what another proposed about this nominal. */
static bool second_answer(Request *r, NominalRow *row, bool *agrees, Err *err)
{
    const char *agree = request_form(r, "agree");
    if (!target(r, PERM_BAND_SECOND, row, err))
        return false;
    *agrees = str_same(agree, "yes");
    return *agrees || str_same(agree, "no") || err_set(err, ERR_INVALID, "Say whether you agree.");
}

bool page_nominal_second(Request *r, Response *out, Err *err)
{
    NominalRow row;
    Hand hand = request_hand(r);
    bool agrees;
    if (!second_answer(r, &row, &agrees, err) ||
        !band_second(r->app->ledger, r->db, r->app->rules, &hand, row.id, agrees, err))
        return false;
    back_to(r, out, &row, "Your answer is recorded.");
    return true;
}

/* ---- eliminated ---- */

bool package_open(const PackageRow *p)
{
    return !str_same(p->state, "closed") && !str_same(p->state, "returned");
}

static bool at_risk(const ChildRow *c)
{
    return c->immediate_risk && !str_same(c->state, "safeguarded") &&
           !str_same(c->state, "no-further-action");
}

/* "C-1VB2E, C-3Z1RD": those at immediate risk now, or all. */
static const char *children_named(Arena *mem, const Stakes *s, bool all, size_t *count)
{
    const char *names = "";
    *count = 0;
    for (size_t i = 0; i < s->child_count; i++)
        if (all || at_risk(&s->children[i]))
            names = str_fmt(mem, "%s%s%s", names, (*count)++ ? ", " : "",
                            ref_write(mem, 'C', s->children[i].id));
    return names;
}

static void warn_of_children(Html *h, const Stakes *s)
{
    size_t count;
    const char *names = children_named(h->mem, s, false, &count);
    if (count) {
        warning_text(h,
                     str_fmt(h->mem,
                             "%s at immediate risk: %s. %s no less so when this person is eliminated:"
                             " decide about %s first.",
                             count == 1 ? "A child is" : str_fmt(h->mem, "%zu children are", count), names,
                             count == 1 ? "That child is" : "They are", count == 1 ? "the child" : "them"));
        return;
    }
    names = children_named(h->mem, s, true, &count);
    if (count)
        warning_text(h,
                     str_fmt(h->mem, "%s recorded with this person: %s.",
                             count == 1 ? "A child is" : str_fmt(h->mem, "%zu children are", count), names));
}

/* What is lost if this is a mistake. */
static void warn_of_stakes(Html *h, const NominalRow *row, const Stakes *s)
{
    enum { RANK_HIGH = 3 };
    warn_of_children(h, s);
    if (row->band_rank >= RANK_HIGH)
        warning_text(h,
                     str_blank(row->band) || str_same(row->band, row->suggested)
                         ? row->why
                         : str_fmt(h->mem, "In the band %s, as decided. %s", band_says(row->band), row->why));
    for (size_t i = 0; i < s->package_count; i++)
        if (package_open(&s->packages[i]))
            warning_text(h, str_fmt(h->mem,
                                    "%s has an open package about this person, %s. %s is told, and asked"
                                    " to close it.",
                                    s->packages[i].force_tile, ref_write(h->mem, 'P', s->packages[i].id),
                                    s->packages[i].sent == INSTANT_NONE ? "The coordinator"
                                                                        : s->packages[i].force_tile));
}

static void draw_eliminate_form(Html *h, const NominalRow *row, const Stakes *stakes, const char *ref)
{
    details_open(h, &(Details){ .summary = "Eliminate this person" });
    warn_of_stakes(h, row, stakes);
    form_open(h, url_of(h->mem, "/nominals/*/eliminate", ref));
    input(h, &(Input){ .id = "eliminate-reason",
                       .name = "reason",
                       .label = "How that is known",
                       .hint = "For someone who turns out to have nothing to do with it. A second person "
                               "must agree. Then they are out of the queue, of searches and of published "
                               "counts, and nothing waits about them. Every fact is kept, and anything new "
                               "takes it back." });
    button_submit(h, "Propose to eliminate");
    form_close(h);
    details_close(h);
}

static void draw_second_form(Html *h, const Request *r, const NominalRow *row, const Elimination *now,
                             const Stakes *stakes)
{
    inset_text(h, NULL,
               str_fmt(h->mem,
                       "%s proposes to eliminate this person, which waits for a second person: %s",
                       now->person_name, now->reason));
    if (now->person == r->viewer.person || !viewer_may_on(&r->viewer, PERM_BAND_SECOND, row->force))
        return;
    warn_of_stakes(h, row, stakes);
    form_open(h, url_of(h->mem, "/nominals/*/eliminate-second", ref_write(h->mem, 'N', row->id)));
    button_group_open(h);
    button(h, &(Button){ .text = "Agree to eliminate", .name = "agree", .value = "yes" });
    button(h, &(Button){ .text = "Do not eliminate",
                         .name = "agree",
                         .value = "no",
                         .classes = "govuk-button--secondary" });
    button_group_close(h);
    form_close(h);
}

static void draw_reinstate_form(Html *h, const char *ref)
{
    details_open(h, &(Details){ .summary = "Take the elimination back" });
    form_open(h, url_of(h->mem, "/nominals/*/reinstate", ref));
    input(h, &(Input){ .id = "reinstate-reason", .name = "reason", .label = "Your reason",
                       .hint = "It takes effect at once: they are back in the queue." });
    button_submit(h, "Take it back");
    form_close(h);
    details_close(h);
}

void elimination_draw(Html *h, const Request *r, const NominalRow *row, const Elimination *now,
                      const Stakes *stakes)
{
    const char *ref = ref_write(h->mem, 'N', row->id);
    bool may = viewer_may_on(&r->viewer, PERM_NOMINAL_DECIDE, row->force);
    if (now->id && !now->holds)
        draw_second_form(h, r, row, now, stakes);
    else if (may && now->holds)
        draw_reinstate_form(h, ref);
    else if (may && !str_same(row->status, "convicted") && !str_same(row->status, "victim"))
        draw_eliminate_form(h, row, stakes, ref);
}

bool page_eliminate(Request *r, Response *out, Err *err)
{
    NominalRow row;
    Hand hand = request_hand(r);
    const char *reason;
    if (!target(r, PERM_NOMINAL_DECIDE, &row, err) || !form_reason(r, &reason, err) ||
        !elimination_propose(r->app->ledger, r->app->rules, &hand, row.id, reason, err))
        return false;
    back_to(r, out, &row, "Proposed. A second person must agree before it takes effect.");
    return true;
}

bool page_eliminate_second(Request *r, Response *out, Err *err)
{
    NominalRow row;
    Hand hand = request_hand(r);
    bool agrees;
    FlowReport flow;
    if (!second_answer(r, &row, &agrees, err) ||
        !elimination_second(r->app->ledger, &hand, row.id, agrees, err) ||
        !flow_run(r->app, r->db, &hand, NULL, NULL, &flow, err)) /* who holds a package is told */
        return false;
    back_to(r, out, &row, "Your answer is recorded.");
    return true;
}

bool page_reinstate(Request *r, Response *out, Err *err)
{
    NominalRow row;
    Hand hand = request_hand(r);
    const char *reason;
    FlowReport flow;
    if (!target(r, PERM_NOMINAL_DECIDE, &row, err) || !form_reason(r, &reason, err) ||
        !nominal_reinstate(r->app->ledger, &hand, row.id, reason, err) ||
        !flow_run(r->app, r->db, &hand, NULL, NULL, &flow, err)) /* what waited about them waits again */
        return false;
    back_to(r, out, &row, "The elimination is taken back.");
    return true;
}

bool page_nominal_merge(Request *r, Response *out, Err *err)
{
    NominalRow row, other;
    Hand hand = request_hand(r);
    int64_t asked = 0, id = 0;
    const char *reason, *named = request_form(r, "other");
    if (!target(r, PERM_NOMINAL_DECIDE, &row, err) || !form_reason(r, &reason, err))
        return false;
    if (!named || !ref_read(str_of(named), 'N', &asked, err) || !nominal_resolve(r->db, asked, &id, err) ||
        !nominal_row(r->db, r->mem, &r->viewer, id, &other, err))
        return err_set(err, ERR_INVALID, "Name the other nominal by its reference, as N-3Z1RD.");
    if (!nominal_merge(r->app->ledger, &hand, row.id, other.id, reason, err))
        return false;
    back_to(r, out, &row, "They are one nominal now. It can be undone.");
    return true;
}

bool page_package_build(Request *r, Response *out, Err *err)
{
    NominalRow row;
    Hand hand = request_hand(r);
    int64_t package = 0;
    if (!target(r, PERM_PACKAGE_BUILD, &row, err) ||
        !package_build(r->app->ledger, r->db, r->app->rules, &hand, row.id, &package, err))
        return false;
    respond_redirect(r, out, url_subject(r->mem, 'P', package),
                     "The package is built. Read it before sending.");
    return true;
}

bool page_check_answer(Request *r, Response *out, Err *err)
{
    int64_t check = 0, nominal = 0;
    NominalRow row;
    Hand hand = request_hand(r);
    const char *answer = request_form(r, "answer"), *note = request_form(r, "note");
    FlowReport flow;
    if (!request_ref(r, "ref", 'K', &check, err) || !check_nominal(r->db, check, &nominal, err) ||
        !nominal_row(r->db, r->mem, &r->viewer, nominal, &row, err))
        return false;
    if (!viewer_may_on(&r->viewer, PERM_NOMINAL_DECIDE, row.force))
        return err_set(err, ERR_NOT_FOUND, "There is no such check.");
    if (!answer || !note)
        return err_set(err, ERR_INVALID, "Choose an answer and say how it is known.");
    if (!check_answer(r->app->ledger, &hand, check, answer, note, err) ||
        !flow_run(r->app, r->db, &hand, NULL, NULL, &flow, err))
        return false;
    back_to(r, out, &row, "The answer is recorded and the band is suggested anew.");
    return true;
}

bool page_link_undo(Request *r, Response *out, Err *err)
{
    int64_t link = 0, nominal = 0;
    NominalRow row;
    Hand hand = request_hand(r);
    const char *reason;
    FlowReport flow;
    if (!str_int(str_of(request_param(r, "id")), 1, INT64_MAX, &link) ||
        !link_nominal(r->db, link, &nominal, err) ||
        !nominal_row(r->db, r->mem, &r->viewer, nominal, &row, err) ||
        !viewer_may_on(&r->viewer, PERM_NOMINAL_DECIDE, row.force))
        return err_set(err, ERR_NOT_FOUND, "There is no such link.");
    if (!form_reason(r, &reason, err) || !nominal_unlink(r->app->ledger, &hand, link, reason, err) ||
        !flow_run(r->app, r->db, &hand, NULL, NULL, &flow, err))
        return false;
    back_to(r, out, &row, "The link is undone; the earlier state is back.");
    return true;
}

enum { HISTORY_ROWS = 100 };

static void draw_history(const Request *r, Response *out, const NominalRow *row, const EntryRow *rows,
                         size_t count)
{
    static const TableColumn columns[] = {
        { .text = "Entry" }, { .text = "When" }, { .text = "What" }, { .text = "Detail" }
    };
    Html h = html_new(r->mem);
    Page page = request_page(r, str_fmt(r->mem, "History of %s", row->name), NAV_QUEUE);
    page.caption = ref_write(r->mem, 'N', row->id);
    page.back = url_subject(r->mem, 'N', row->id);
    page_begin(&h, &page);
    table_open(&h, &(Table){ .classes = "m-compact", .columns = columns, .column_count = COUNT_OF(columns) });
    for (size_t i = 0; i < count; i++) {
        const Kind *kind = ledger_kind(r->app->ledger, rows[i].kind);
        table_row(&h);
        table_cell_open(&h, NULL);
        subject_link(&h, 'E', rows[i].seq);
        table_cell_close(&h);
        table_cell_open(&h, NULL);
        instant_text(&h, rows[i].at);
        table_cell_close(&h);
        table_cell(&h, kind ? kind->says : rows[i].kind);
        table_cell(&h,
                   rows[i].erased ? "Erased under lawful authority" : str_clip(r->mem, rows[i].body, 200));
        table_row_end(&h);
    }
    table_close(&h);
    Url next = { 0 };
    if (count == HISTORY_ROWS)
        next = url_query(r->mem, url_of(r->mem, "/nominals/*/history", ref_write(r->mem, 'N', row->id)),
                         "before", str_fmt(r->mem, "%lld", (long long)rows[count - 1].seq));
    pagination_keyset(&h, (Url){ 0 }, next);
    page_end(&h, &page);
    respond_html(r, out, &h);
}

bool page_nominal_history(Request *r, Response *out, Err *err)
{
    NominalRow row;
    EntryRow *rows = NULL;
    size_t count = 0;
    EntryFilter f = { .limit = HISTORY_ROWS };
    if (!target(r, PERM_NOMINAL_READ, &row, err) || !request_look(r, row.id, "nominal history", err))
        return false;
    f.subject = row.id;
    if (request_query(r, "before") && !str_int(str_of(request_query(r, "before")), 1, INT64_MAX, &f.before))
        return err_set(err, ERR_NOT_FOUND, "There is no such page.");
    if (!ledger_entries(r->db, r->mem, &f, &rows, &count, err))
        return false;
    if (r->wants_json)
        respond_json(r, out, entries_json(r->mem, rows, count));
    else
        draw_history(r, out, &row, rows, count);
    return true;
}
