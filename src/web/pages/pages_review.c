/* pages_review.c: pairs that wait for a decision, one pair side by side, and why two records are one person.
 */
#include <string.h>
#include "base/ref.h"
#include "base/zone.h"
#include "link/explain.h"
#include "link/pairs.h"
#include "web/pages/page_parts.h"
#include "web/pages/review_parts.h"

enum { QUEUE_ROWS = 25, NEIGHBOURS = 200, CANDIDATES = 10, DECISIONS = 20 };

static Url url_pair(Arena *mem, int64_t pair)
{
    return url_of(mem, "/links/review/", ref_write(mem, 'T', pair));
}

/* ---- the queue ---- */

typedef struct QueueView {
    PairRow    *rows;
    NominalRow *one, *two;
    size_t      count, shown;
    int64_t     waiting;
} QueueView;

static PairFilter filter_of(const Request *r, size_t limit)
{
    return (PairFilter){ .operation = r->operation.id,
                         .force = viewer_scope(&r->viewer, PERM_NOMINAL_DECIDE),
                         .limit = limit };
}

/* "17-420-1902": where the page before ended. */
static bool place_read(const char *text, PairPlace *out, Err *err)
{
    const char *dash = text ? strchr(text, '-') : NULL, *second = dash ? strchr(dash + 1, '-') : NULL;
    if (!text)
        return true;
    if (second && str_int((Str){ text, (size_t)(dash - text) }, 0, INT32_MAX, &out->stake) &&
        str_int((Str){ dash + 1, (size_t)(second - dash - 1) }, 0, 1000, &out->doubt) &&
        str_int(str_of(second + 1), 1, INT64_MAX, &out->id))
        return true;
    return err_set(err, ERR_NOT_FOUND, "There is no such page.");
}

static bool queue_fetch(Request *r, QueueView *v, Err *err)
{
    PairFilter f = filter_of(r, QUEUE_ROWS + 1);
    *v = (QueueView){ 0 };
    if (!place_read(request_query(r, "after"), &f.after, err) ||
        !pair_queue(r->db, r->mem, &r->viewer, &f, &v->rows, &v->count, err) ||
        !pair_waiting(r->db, &r->viewer, f.operation, f.force, &v->waiting, err))
        return false;
    v->shown = v->count > QUEUE_ROWS ? QUEUE_ROWS : v->count;
    v->one = arena_new(r->mem, NominalRow, v->shown);
    v->two = arena_new(r->mem, NominalRow, v->shown);
    for (size_t i = 0; i < v->shown; i++)
        if (!nominal_row(r->db, r->mem, &r->viewer, v->rows[i].one, &v->one[i], err) ||
            !nominal_row(r->db, r->mem, &r->viewer, v->rows[i].two, &v->two[i], err))
            return false;
    return true;
}

static void who_cell(Html *h, const NominalRow *n)
{
    table_cell_open(h, NULL);
    band(h, band_of_rank(n->band_rank));
    html_lit(h, " ");
    subject_link(h, 'N', n->id);
    html_open(h, EL_BR);
    html_leaf(h, EL_B, n->name);
    table_cell_close(h);
}

static void queue_row(Html *h, const QueueView *v, size_t i)
{
    const PairRow *p = &v->rows[i];
    table_row(h);
    who_cell(h, &v->one[i]);
    who_cell(h, &v->two[i]);
    table_cell_open(h, NULL);
    html_text(h, p->reason);
    html_open(h, EL_BR);
    why(h, pair_odds(h->mem, p->weight));
    table_cell_close(h);
    table_cell_open(h, NULL);
    html_open(h, EL_A, ATTR_CLASS, "govuk-link", ATTR_HREF, url_pair(h->mem, p->id));
    html_text(h, "Compare");
    visually_hidden(
        h, str_fmt(h->mem, " %s and %s", ref_write(h->mem, 'N', p->one), ref_write(h->mem, 'N', p->two)));
    html_close(h, EL_A);
    table_cell_close(h);
    table_row_end(h);
}

static Url queue_next(const QueueView *v, Arena *mem)
{
    if (v->count <= v->shown)
        return (Url){ 0 };
    const PairRow *last = &v->rows[v->shown - 1];
    return url_query(mem, url_lit("/links/review"), "after",
                     str_fmt(mem, "%lld-%lld-%lld", (long long)last->stake, (long long)last->doubt,
                             (long long)last->id));
}

static void queue_draw(const Request *r, Response *out, const QueueView *v)
{
    static const TableColumn columns[] = {
        { .text = "One record" }, { .text = "Another" }, { .text = "What speaks for and against" }, { .text = "Decide" }
    };
    Html h = html_new(r->mem);
    Page page = request_page(r, "Are these one person?", NAV_LINKS);
    page.back = url_lit("/links");
    page_begin(&h, &page);
    html_p(&h, str_fmt(r->mem,
                       "%lld pair%s for a person to decide. Those that touch the greatest risk to children "
                       "come first, then those where an answer would tell most.",
                       (long long)v->waiting, v->waiting == 1 ? " waits" : "s wait"));
    if (!v->shown)
        empty_note(&h, "Nothing waits. Pairs appear here as records are weighed against each other.");
    else {
        table_open(&h, &(Table){ .caption = "Pairs to decide",
                                 .caption_classes = "govuk-visually-hidden",
                                 .classes = "m-wait",
                                 .columns = columns,
                                 .column_count = COUNT_OF(columns) });
        for (size_t i = 0; i < v->shown; i++)
            queue_row(&h, v, i);
        table_close(&h);
    }
    pagination_keyset(&h, (Url){ 0 }, queue_next(v, r->mem));
    page_end(&h, &page);
    respond_html(r, out, &h);
}

bool page_review(Request *r, Response *out, Err *err)
{
    QueueView v;
    if (!queue_fetch(r, &v, err))
        return false;
    if (!r->wants_json) {
        queue_draw(r, out, &v);
        return true;
    }
    Json *j = json_new_object(), *list = json_new_list();
    for (size_t i = 0; i < v.shown; i++)
        json_push(list, pair_json(r->mem, &v.rows[i]));
    json_set_int(j, "waiting", v.waiting);
    json_set(j, "pairs", list);
    respond_json(r, out, j);
    return true;
}

/* ---- one pair ---- */

typedef struct PairView {
    PairRow       p;
    Nominal       one, two;
    Profile       left, right;
    PairRow      *others;
    size_t        other_count;
    PairDecision *decisions;
    size_t        decision_count;
    int64_t       before, after;             /* neighbours in the queue; 0: none */
    bool          may;
} PairView;

static bool neighbours(Request *r, PairView *v, Err *err)
{
    PairFilter f = filter_of(r, NEIGHBOURS);
    PairRow *rows = NULL;
    size_t count = 0;
    if (!pair_queue(r->db, r->mem, &r->viewer, &f, &rows, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (rows[i].id == v->p.id) {
            v->before = i ? rows[i - 1].id : 0;
            v->after = i + 1 < count ? rows[i + 1].id : 0;
            return true;
        }
    v->after = count ? rows[0].id : 0; /* it no longer waits: the first that does */
    return true;
}

static bool may_decide(const Request *r, const NominalRow *one, const NominalRow *two)
{
    return viewer_may_on(&r->viewer, PERM_NOMINAL_DECIDE, one->force) &&
           viewer_may_on(&r->viewer, PERM_NOMINAL_DECIDE, two->force);
}

static bool pair_of(Request *r, PairRow *p, Err *err)
{
    int64_t id = 0;
    NominalRow one, two;
    if (!request_ref(r, "ref", 'T', &id, err) || !pair_fetch(r->db, r->mem, &r->viewer, id, p, err) ||
        !nominal_row(r->db, r->mem, &r->viewer, p->one, &one, err) ||
        !nominal_row(r->db, r->mem, &r->viewer, p->two, &two, err))
        return false;
    return may_decide(r, &one, &two) || err_set(err, ERR_NOT_FOUND, "There is no such pair.");
}

static bool pair_view_fetch(Request *r, PairView *v, Err *err)
{
    *v = (PairView){ 0 };
    if (!pair_of(r, &v->p, err) || !nominal_fetch(r->db, r->mem, &r->viewer, v->p.one, &v->one, err) ||
        !nominal_fetch(r->db, r->mem, &r->viewer, v->p.two, &v->two, err))
        return false;
    v->may = may_decide(r, &v->one.row, &v->two.row);
    return request_look(r, v->p.one, "compare two records", err) &&
           (v->p.one == v->p.two || request_look(r, v->p.two, "compare two records", err)) &&
           profile_nominal(r->db, r->mem, NULL, v->p.one, &v->left, err) &&
           profile_nominal(r->db, r->mem, NULL, v->p.two, &v->right, err) &&
           pair_candidates(r->db, r->mem, &r->viewer, &v->p, CANDIDATES, &v->others, &v->other_count, err) &&
           pair_decisions(r->db, r->mem, &r->viewer, v->p.operation, v->p.id, DECISIONS, &v->decisions,
                          &v->decision_count, err) &&
           neighbours(r, v, err);
}

/* y, n and h choose an answer and lead to the reason; j and k go on and back: scripts/_review.ts. */
static void decide_form(Html *h, const PairView *v)
{
    static const Choice answers[] = {
        { .text = "They are one person", .value = "same", .hint = "The older record takes in the other. It can be undone." },
        { .text = "They are two people", .value = "different", .hint = "They are kept apart, whatever they share." },
        { .text = "I cannot say", .value = "cannot-say", .hint = "The pair comes back when more is known." },
    };
    if (!str_same(v->p.state, "open") || v->p.one == v->p.two || !v->may)
        return;
    form_open_with(
        h, &(Form){ .action = url_of(h->mem, "/links/review/*/decide", ref_write(h->mem, 'T', v->p.id)),
                    .classes = "m-decide" });
    radios(h, &(Choices){ .name = "answer", .id = "answer", .label = "Your decision", .items = answers,
                          .count = COUNT_OF(answers), .classes = "govuk-radios--small" });
    input(h, &(Input){ .id = "reason", .name = "reason", .label = "Your reason",
                       .hint = "It is kept with the decision, and never used to change the model." });
    button_submit(h, "Record the decision");
    form_close(h);
}

static void step_links(Html *h, const PairView *v)
{
    const struct { int64_t id; const char *rel, *text; } steps[] = {
        { v->before, "prev", "Previous pair" }, { v->after, "next", "Next pair" }
    };
    html_open(h, EL_P, ATTR_CLASS, "govuk-body");
    FOR_EACH(s, steps)
        if (s->id) {
            html_open(h, EL_A, ATTR_CLASS, "govuk-link", ATTR_REL, s->rel, ATTR_HREF,
                      url_pair(h->mem, s->id));
            html_text(h, s->text);
            html_close(h, EL_A);
            html_lit(h, " ");
        }
    html_close(h, EL_P);
}

static void decision_item(Html *h, const PairView *v, const PairDecision *d)
{
    const char *number = str_fmt(h->mem, "%lld", (long long)d->id);
    timeline_item(h, &(TimelineItem){ .title = str_fmt(h->mem, "%s%s", pair_answer_says(d->answer),
                                                       d->undone_by ? " (undone since)" : ""),
                                      .by = d->name,
                                      .text = d->reason,
                                      .when = london_words(h->mem, d->at),
                                      .datetime = instant_iso(h->mem, d->at) });
    if (d->undone_by || !v->may)
        return;
    details_open(h, &(Details){ .summary = "Undo this decision" });
    form_open(h, url_of(h->mem, "/links/decisions/*/undo", number));
    input(h, &(Input){ .id = str_fmt(h->mem, "undo-%s", number), .name = "reason", .label = "Why" });
    button_warning(h, "Undo the decision");
    form_close(h);
    details_close(h);
}

static void decisions_draw(Html *h, const PairView *v)
{
    if (!v->decision_count)
        return;
    heading(h, EL_H2, "m", "What was decided");
    timeline_open(h);
    for (size_t i = 0; i < v->decision_count; i++)
        decision_item(h, v, &v->decisions[i]);
    timeline_close(h);
}

static void evidence_side(Html *h, const Nominal *n)
{
    heading(h, EL_H3, "s", n->row.name);
    html_open(h, EL_P, ATTR_CLASS, "govuk-body");
    subject_link(h, 'N', n->row.id);
    html_text(h, str_fmt(h->mem, " %s", n->row.why));
    html_close(h, EL_P);
    html_open(h, EL_UL, ATTR_CLASS, "govuk-list govuk-list--bullet");
    for (size_t i = 0; i < n->referral_count && i < CANDIDATES; i++) {
        const ReferralRow *f = &n->referrals[i];
        html_open(h, EL_LI);
        subject_link(h, 'R', f->id);
        html_text(h, str_fmt(h->mem, " %s %s", f->provider ? f->provider : f->source, f->source_ref));
        html_close(h, EL_LI);
    }
    html_close(h, EL_UL);
    if (n->referral_count > CANDIDATES)
        why(h, str_fmt(h->mem, "and %zu more", n->referral_count - CANDIDATES));
}

static void others_draw(Html *h, const PairView *v)
{
    static const TableColumn columns[] = { { .text = "Records" }, { .text = "What speaks for and against" },
                                           { .text = "Odds" }, { .text = "State" } };
    heading(h, EL_H2, "m", "Similar records");
    if (!v->other_count) {
        empty_note(h, "No other record is like either of these.");
        return;
    }
    table_open(h, &(Table){ .caption = "Other pairs of either record",
                            .caption_classes = "govuk-visually-hidden",
                            .classes = "m-wait",
                            .columns = columns,
                            .column_count = COUNT_OF(columns) });
    for (size_t i = 0; i < v->other_count; i++) {
        const PairRow *p = &v->others[i];
        table_row(h);
        table_cell_open(h, NULL);
        html_link(h, url_pair(h->mem, p->id), str_fmt(h->mem, "%s and %s", ref_write(h->mem, 'N', p->one),
                                                      ref_write(h->mem, 'N', p->two)));
        table_cell_close(h);
        table_cell(h, p->reason);
        table_cell(h, pair_odds(h->mem, p->weight));
        table_cell(h, str_same(p->state, "open") ? "Waits" : pair_answer_says(p->state));
        table_row_end(h);
    }
    table_close(h);
}

static void pair_draw(const Request *r, Response *out, const PairView *v)
{
    Html h = html_new(r->mem);
    Page page = request_page(r, "Are these one person?", NAV_LINKS);
    page.caption = str_fmt(r->mem, "Pair %s", ref_write(r->mem, 'T', v->p.id));
    page.back = url_lit("/links/review");
    page.head_extra_script = "review.js";
    page_begin(&h, &page);
    if (v->p.one == v->p.two)
        inset_text(&h, NULL, "These two are one nominal now.");
    html_open(&h, EL_P, ATTR_CLASS, "govuk-body-l");
    html_text(&h, pair_sentence(r->mem, &v->p));
    html_close(&h, EL_P);
    review_sides(&h, &v->p, &v->one.row, &v->two.row, &v->left, &v->right);
    two_open(&h);
    decide_form(&h, v);
    step_links(&h, v);
    decisions_draw(&h, v);
    two_next(&h);
    review_numbers(&h, &v->p);
    two_close(&h);
    heading(&h, EL_H2, "m", "The evidence behind it");
    two_open(&h);
    evidence_side(&h, &v->one);
    two_next(&h);
    evidence_side(&h, &v->two);
    two_close(&h);
    others_draw(&h, v);
    page_end(&h, &page);
    respond_html(r, out, &h);
}

bool page_pair(Request *r, Response *out, Err *err)
{
    PairView v;
    if (!pair_view_fetch(r, &v, err))
        return false;
    if (r->wants_json)
        respond_json(r, out, pair_json(r->mem, &v.p));
    else
        pair_draw(r, out, &v);
    return true;
}

/* ---- deciding ---- */

bool page_pair_decide(Request *r, Response *out, Err *err)
{
    PairRow p;
    FlowReport flow;
    Hand hand = request_hand(r);
    PairView next = { 0 };
    const char *answer = request_form(r, "answer"), *reason;
    if (!pair_of(r, &p, err) || !form_reason(r, &reason, err))
        return false;
    if (!answer)
        return err_set(err, ERR_INVALID, "Choose an answer.");
    next.p = p;
    if (!neighbours(r, &next, err) ||
        !pair_decide(r->app->ledger, &hand, p.id, answer, reason, NULL, err) ||
        !flow_run(r->app, r->db, &hand, NULL, NULL, &flow, err))
        return false;
    respond_redirect(r, out, next.after ? url_pair(r->mem, next.after) : url_lit("/links/review"),
                     str_fmt(r->mem, "Recorded: %s. It can be undone.", pair_answer_says(answer)));
    return true;
}

bool page_decision_undo(Request *r, Response *out, Err *err)
{
    int64_t id = 0;
    PairDecision d;
    NominalRow one, two;
    PairRow p;
    FlowReport flow;
    Hand hand = request_hand(r);
    const char *reason;
    if (!str_int(str_of(request_param(r, "id")), 1, INT64_MAX, &id) ||
        !pair_decision_one(r->db, r->mem, &r->viewer, id, &d, err) ||
        !pair_fetch(r->db, r->mem, &r->viewer, d.pair, &p, err) ||
        !nominal_row(r->db, r->mem, &r->viewer, p.one, &one, err) ||
        !nominal_row(r->db, r->mem, &r->viewer, p.two, &two, err) || !may_decide(r, &one, &two))
        return err_set(err, ERR_NOT_FOUND, "There is no such decision.");
    if (!form_reason(r, &reason, err) || !pair_undecide(r->app->ledger, &hand, id, reason, err) ||
        !flow_run(r->app, r->db, &hand, NULL, NULL, &flow, err))
        return false;
    respond_redirect(r, out, url_pair(r->mem, d.pair), "The decision is undone: what was before is back.");
    return true;
}

/* ---- explaining two nominals ---- */

static bool explain_fetch(Request *r, Explained *e, Err *err)
{
    int64_t a = 0, b = 0;
    if (!request_ref(r, "one", 'N', &a, err) || !request_ref(r, "two", 'N', &b, err))
        return false;
    if (a == b)
        return err_set(err, ERR_NOT_FOUND, "These are one record.");
    return pair_explain(r->db, r->mem, r->app->base, &r->viewer, a, b, instant_date_utc(r->now), e, err) &&
           request_look(r, e->one.id, "explain a link", err) &&
           (e->joined || request_look(r, e->two.id, "explain a link", err));
}

bool page_explain(Request *r, Response *out, Err *err)
{
    Explained e;
    if (!explain_fetch(r, &e, err))
        return false;
    if (r->wants_json) {
        Json *j = e.weighed ? pair_json(r->mem, &e.pair) : json_new_object();
        json_set_bool(j, "one_person", e.joined);
        respond_json(r, out, j);
        return true;
    }
    Html h = html_new(r->mem);
    Page page = request_page(r, e.joined ? "Why these records are one person" : "What speaks for one person",
                             NAV_LINKS);
    page.caption = str_fmt(r->mem, "%s and %s", request_param(r, "one"), request_param(r, "two"));
    page.back = url_lit("/links");
    page_begin(&h, &page);
    review_joints(&h, e.joints, e.joint_count);
    if (!e.weighed)
        empty_note(&h, "Nothing that can be compared is known of one of them.");
    else {
        html_open(&h, EL_P, ATTR_CLASS, "govuk-body-l");
        html_text(&h, pair_sentence(r->mem, &e.pair));
        html_close(&h, EL_P);
        review_numbers(&h, &e.pair);
    }
    page_end(&h, &page);
    respond_html(r, out, &h);
    return true;
}
