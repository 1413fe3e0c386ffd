/* pages_nominal.c: one nominal: who, the door, footprints, why these reports are one person, whose move,
 * children, history. */
#include "base/ref.h"
#include "base/zone.h"
#include "clock/words.h"
#include "dispatch/package.h"
#include "link/nominal.h"
#include "match/match.h"
#include "operate/operate.h"
#include "safeguard/safeguard.h"
#include "web/pages/page_parts.h"

typedef struct NominalView {
    Nominal n;
    RiskView risk;
    Elimination elimination;
    PackageRow *packages;
    size_t package_count;
    ActionRow *actions;
    size_t action_count;
    ChildRow *children;
    size_t child_count;
    MatchRow *matches;
    size_t match_count;
} NominalView;

static bool fetch(Request *r, NominalView *v, Err *err)
{
    int64_t asked = 0, id = 0;
    *v = (NominalView){ 0 };
    if (!request_ref(r, "ref", 'N', &asked, err) || !nominal_resolve(r->db, asked, &id, err) ||
        !nominal_fetch(r->db, r->mem, &r->viewer, id, &v->n, err))
        return false;
    if (!request_look(r, id, "nominal page", err) || !risk_view(r->db, r->mem, id, &v->risk, err) ||
        !elimination_of(r->db, r->mem, id, &v->elimination, err) ||
        !action_list(r->db, r->mem, id, &v->actions, &v->action_count, err) ||
        !match_of_nominal(r->db, r->mem, id, &v->matches, &v->match_count, err))
        return err_while(err, "reading nominal %lld", (long long)id);
    PackageFilter packages = { .operation = v->n.row.operation, .nominal = id, .limit = 20 };
    ChildFilter children = { .operation = v->n.row.operation, .nominal = id, .limit = 50 };
    return (!viewer_may(&r->viewer, PERM_PACKAGE_READ) ||
            package_list(r->db, r->mem, &r->viewer, &packages, &v->packages, &v->package_count, err)) &&
           (!viewer_may(&r->viewer, PERM_CHILD_READ) ||
            child_list(r->db, r->mem, &r->viewer, &children, &v->children, &v->child_count, err));
}

static const char *standing(Arena *mem, const NominalRow *row)
{
    const char *status = str_same(row->status, "suspect") ? "suspect, not convicted" : row->status;
    return str_fmt(mem, "Nominal %s  \xc2\xb7  %s", ref_write(mem, 'N', row->id), status);
}

/* ---- the door: source text, read as, answer, corroboration, force ---- */
static void draw_attribution(Html *h, const AttributionRow *a)
{
    summary_row_open(h, "Source text");
    html_leaf(h, EL_CODE, a->verbatim);
    html_text(h, str_fmt(h->mem, ", %s%s", a->address,
                         a->port > 0 ? str_fmt(h->mem, ", port %lld", (long long)a->port) : ", no port"));
    summary_row_close(h);
    summary_row_open(h, "Read as");
    html_text(h, str_fmt(h->mem, "%s UTC (%s)", instant_iso(h->mem, a->at), london_words(h->mem, a->at)));
    summary_row_close(h);
    summary_row_open(h, "Answer");
    html_text(h, str_fmt(h->mem, "%s, their reference %s. ", a->operator_name, a->operator_ref));
    html_link(h, url_of(h->mem, "/attributions/", str_fmt(h->mem, "%lld", (long long)a->id)),
              "What relies on it");
    summary_row_close(h);
    summary_row(h, "Compared", a->agrees);
    summary_row_open(h, "Installation");
    html_leaf(h, EL_B, a->household);
    if (!str_blank(a->billing) && !str_same(a->billing, a->household))
        why(h, " (the bill goes elsewhere: the billing address is never used as the place)");
    summary_row_close(h);
    if (a->shared)
        summary_row(h, "Shared address", "Yes: many customers share it, so port and second decide");
}

static void draw_door(Html *h, const Nominal *n)
{
    const AttributionRow *best = NULL;
    size_t unresolved = 0, open = 0;
    for (size_t i = 0; i < n->attribution_count; i++)
        if (!n->attributions[i].withdrawn)
            best = &n->attributions[i];
    for (size_t i = 0; i < n->footprint_count; i++) {
        unresolved += !n->footprints[i].resolved;
        open += n->footprints[i].resolved && !n->footprints[i].attributed;
    }
    heading(h, EL_H2, "m", "The door");
    if (!best && !n->footprint_count) {
        empty_note(h, "No address, port and time is known yet, so there is no door.");
        return;
    }
    summary_open(h, "m-compact");
    for (size_t i = 0; i < n->attribution_count; i++)
        if (n->attributions[i].withdrawn) {
            summary_row_open(h, "Withdrawn");
            html_link(h, url_of(h->mem, "/attributions/",
                                str_fmt(h->mem, "%lld", (long long)n->attributions[i].id)),
                      str_fmt(h->mem, "An answer of %s was wrong", n->attributions[i].operator_name));
            summary_row_close(h);
        }
    if (best)
        draw_attribution(h, best);
    else
        summary_row(h, "Answer",
                    "None yet: no provider answer fits a footprint, so nobody is named at a door");
    summary_row_open(h, "Corroborated");
    html_leaf(h, EL_B, str_fmt(h->mem, "%lld event%s", (long long)n->answers, n->answers == 1 ? "" : "s"));
    html_text(h, n->answers == 1 ? " only: a single event is weak ground for a door" : " on the same line");
    if (unresolved)
        html_text(h, str_fmt(h->mem, "; %zu unresolved (no time zone stated)", unresolved));
    if (open)
        html_text(h, str_fmt(h->mem, "; %zu waiting for an answer", open));
    summary_row_close(h);
    summary_row(h, "Force",
                n->row.force ? str_fmt(h->mem, "%s. %s", n->row.force_tile, n->force_basis)
                             : (n->force_basis ? n->force_basis : "Not settled yet"));
    summary_close(h);
}

/* ---- footprints on one line of time ---- */
static int event_tone(const FootprintRow *f)
{
    static const struct {
        const char *event;
        int tone;
    } tones[] = { { "Upload", 1 }, { "Purchase", 2 } };
    FOR_EACH (t, tones)
        if (str_same(t->event, f->event))
            return t->tone;
    return 0;
}

static double along(Instant at, Instant from, Instant to)
{
    return to > from ? (double)(at - from) / (double)(to - from) : 0.5;
}

static void draw_footprints(Html *h, const Nominal *n)
{
    Instant from = INT64_MAX, to = INT64_MIN;
    size_t marks = 0, spans = 0;
    Mark *mark = arena_new(h->mem, Mark, n->footprint_count + 1);
    Span *span = arena_new(h->mem, Span, n->attribution_count + 1);
    for (size_t i = 0; i < n->footprint_count; i++)
        if (n->footprints[i].at != INSTANT_NONE) {
            from = n->footprints[i].at < from ? n->footprints[i].at : from;
            to = n->footprints[i].at > to ? n->footprints[i].at : to;
        }
    if (from > to)
        return;
    from -= US_PER_DAY;
    to += US_PER_DAY;
    for (size_t i = 0; i < n->footprint_count; i++)
        if (n->footprints[i].at != INSTANT_NONE)
            mark[marks++] = (Mark){ along(n->footprints[i].at, from, to), event_tone(&n->footprints[i]),
                                    str_fmt(h->mem, "%s, %s", n->footprints[i].event,
                                            london_words(h->mem, n->footprints[i].at)) };
    for (size_t i = 0; i < n->attribution_count; i++) {
        const AttributionRow *a = &n->attributions[i];
        if (a->session_start == INSTANT_NONE || a->session_end == INSTANT_NONE || a->withdrawn)
            continue;
        double b = along(a->session_start, from, to), e = along(a->session_end, from, to);
        span[spans++] =
            (Span){ b < 0 ? 0 : b, e > 1 ? 1 : e, 3, "session of the line, from the provider's answer" };
    }
    const Lane items[] = { { "Events", mark, marks, NULL, 0 },
                           { "Line sessions (provider answer)", NULL, 0, span, spans } };
    heading(h, EL_H2, "m", "Footprints");
    lanes(h,
          str_fmt(h->mem, "%zu events from %s to %s", marks,
                  date_words(h->mem, london_date(from + US_PER_DAY)),
                  date_words(h->mem, london_date(to - US_PER_DAY))),
          items, spans ? 2 : 1);
}

static void draw_footprint_table(Html *h, const Nominal *n)
{
    static const TableColumn columns[] = { { .text = "Source text" },
                                           { .text = "Read as" },
                                           { .text = "Address" },
                                           { .text = "Event" },
                                           { .text = "Network operator" } };
    if (!n->footprint_count)
        return;
    details_open(
        h, &(Details){ .summary = str_fmt(h->mem, "All %zu footprints as a table", n->footprint_count) });
    table_open(h, &(Table){ .classes = "m-compact", .columns = columns, .column_count = COUNT_OF(columns) });
    for (size_t i = 0; i < n->footprint_count; i++) {
        const FootprintRow *f = &n->footprints[i];
        table_row(h);
        table_cell_open(h, NULL);
        html_leaf(h, EL_CODE, str_blank(f->verbatim) ? "no time given" : f->verbatim);
        table_cell_close(h);
        table_cell(h, f->resolved ? str_fmt(h->mem, "%s UTC", instant_iso(h->mem, f->at))
                                  : "Unresolved: no offset stated");
        table_cell(h, str_fmt(h->mem, "%s%s%s", f->address,
                              f->port > 0 ? str_fmt(h->mem, ":%lld", (long long)f->port) : "",
                              f->proxy ? " (possible proxy)" : ""));
        table_cell(h, f->event);
        table_cell(h, f->operator_name
                          ? str_fmt(h->mem, "%s (table of %s)", f->operator_name, f->operator_as_of)
                          : "Not known");
        table_row_end(h);
    }
    table_close(h);
    details_close(h);
}

/* ---- why these reports are one person ---- */
static void draw_links(Html *h, const Request *r, const Nominal *n)
{
    static const TableColumn columns[] = { { .text = "Report" },
                                           { .text = "Why it is here" },
                                           { .text = "" } };
    heading(h, EL_H2, "m", "Why these reports are one person");
    if (!n->link_count) {
        empty_note(h, "Nothing is linked.");
        return;
    }
    table_open(h, &(Table){ .classes = "m-compact", .columns = columns, .column_count = COUNT_OF(columns) });
    for (size_t i = 0; i < n->link_count; i++) {
        const LinkRow *l = &n->links[i];
        table_row(h);
        table_cell_open(h, NULL);
        subject_link(h, 'R', l->referral);
        html_open(h, EL_BR);
        why(h, l->source);
        table_cell_close(h);
        table_cell(h, l->undone ? str_fmt(h->mem, "Undone: %s", l->reason) : l->reason);
        table_cell_open(h, NULL);
        if (!l->undone && !str_same(l->kind, "first") &&
            viewer_may_on(&r->viewer, PERM_NOMINAL_DECIDE, n->row.force)) {
            details_open(h, &(Details){ .summary = "Not the same person" });
            form_open(h, url_of(h->mem, "/links/*/undo", str_fmt(h->mem, "%lld", (long long)l->id)));
            input(h, &(Input){ .id = str_fmt(h->mem, "reason-%lld", (long long)l->id),
                               .name = "reason",
                               .label = "Why" });
            button_secondary(h, "Undo this link");
            form_close(h);
            details_close(h);
        }
        table_cell_close(h);
        table_row_end(h);
    }
    table_close(h);
}

/* ---- whose move ---- */
static void draw_checks(Html *h, const Request *r, const NominalView *v)
{
    static const Choice answers[] = { { .text = "Yes", .value = "yes" },
                                      { .text = "No", .value = "no" },
                                      { .text = "Unknown after enquiry", .value = "unknown-after-enquiry" } };
    bool may = viewer_may_on(&r->viewer, PERM_NOMINAL_DECIDE, v->n.row.force);
    for (size_t i = 0; i < v->risk.check_count; i++) {
        const CheckRow *c = &v->risk.checks[i];
        bool open = str_same(c->state, "open");
        summary_row_open(h, c->says);
        if (open) {
            html_leaf(h, EL_B, "Not answered: unknown is a risk.");
            if (c->due != INSTANT_NONE)
                html_text(h, str_fmt(h->mem, " %s.", clock_left(h->mem, c->due, r->now)));
        } else {
            html_text(h, str_fmt(h->mem, "%s%s%s", c->answer, str_blank(c->note) ? "" : ": ",
                                 c->note ? c->note : ""));
        }
        if (open && may) {
            details_open(h, &(Details){ .summary = "Answer it" });
            form_open(h, url_of(h->mem, "/checks/*/answer", ref_write(h->mem, 'K', c->id)));
            radios(h, &(Choices){ .name = "answer",
                                  .id = str_fmt(h->mem, "answer-%lld", (long long)c->id),
                                  .label = "What was found",
                                  .items = answers,
                                  .count = COUNT_OF(answers),
                                  .classes = "govuk-radios--small" });
            input(h, &(Input){ .id = str_fmt(h->mem, "note-%lld", (long long)c->id),
                               .name = "note",
                               .label = "How it is known" });
            button_submit(h, "Record the answer");
            form_close(h);
            details_close(h);
        }
        summary_row_close(h);
    }
}

static void draw_move(Html *h, const Request *r, const NominalView *v)
{
    const NominalRow *row = &v->n.row;
    heading(h, EL_H2, "m", "Whose move");
    summary_open(h, "m-compact");
    summary_row_open(h, "Package");
    bool open = false;
    for (size_t i = 0; i < v->package_count; i++) {
        const PackageRow *p = &v->packages[i];
        open = open || package_open(p);
        if (i)
            html_open(h, EL_BR);
        subject_link(h, 'P', p->id);
        html_text(h, str_fmt(h->mem, " %s, %s", p->force_tile, p->state));
        if (p->next_says && p->next_due != INSTANT_NONE)
            html_text(h, str_fmt(h->mem, ": %s, %s", p->next_says, clock_left(h->mem, p->next_due, r->now)));
    }
    if (!v->package_count)
        html_text(h, row->force ? "None yet" : "None: no force is settled yet");
    /* Anew, too: when it was returned, or closed for an elimination that was taken back since. */
    if (!open && row->force && !v->elimination.holds && viewer_may(&r->viewer, PERM_PACKAGE_BUILD) &&
        (!v->package_count || str_same(row->stage, "at-address"))) {
        form_open(h, url_of(h->mem, "/nominals/*/package", ref_write(h->mem, 'N', row->id)));
        button_secondary(h, v->package_count ? "Build a package anew" : "Build the package");
        form_close(h);
    }
    summary_row_close(h);
    summary_row_open(h, "Children");
    for (size_t i = 0; i < v->child_count; i++) {
        if (i)
            html_open(h, EL_BR);
        subject_link(h, 'C', v->children[i].id);
        html_text(h, str_fmt(h->mem, " %s, %s%s", v->children[i].relation, v->children[i].state,
                             v->children[i].immediate_risk ? ", immediate risk" : ""));
    }
    if (!v->child_count)
        html_text(h, str_same(row->access, "no") ? "None recorded; access to children answered: no"
                                                 : "None recorded. Unknown is a risk.");
    summary_row_close(h);
    draw_checks(h, r, v);
    summary_row(h, "Known files",
                v->match_count ? str_fmt(h->mem, "%zu known file%s; nothing was viewed", v->match_count,
                                         v->match_count == 1 ? "" : "s")
                               : "None matched; nothing was viewed");
    if (row->clock_due != INSTANT_NONE)
        summary_row(h, "Next",
                    str_fmt(h->mem, "%s: %s, %s", clock_says(r->app->rules, row->clock_says),
                            row->clock_owner, clock_left(h->mem, row->clock_due, r->now)));
    summary_close(h);
}

/* ---- the band and its reasons ---- */
static void draw_band_form(Html *h, const Request *r, const NominalView *v)
{
    static const Option bands[] = { { .text = "Very high", .value = "very-high" },
                                    { .text = "High", .value = "high" },
                                    { .text = "Medium", .value = "medium" },
                                    { .text = "Low", .value = "low" } };
    const NominalRow *row = &v->n.row;
    const char *ref = ref_write(h->mem, 'N', row->id);
    if (!viewer_may_on(&r->viewer, PERM_NOMINAL_DECIDE, row->force))
        return;
    if (v->risk.proposed_band) {
        inset_text(h, NULL,
                   str_fmt(h->mem, "%s is proposed and waits for a second person: %s",
                           band_says(v->risk.proposed_band), v->risk.proposed_reason));
        if (v->risk.proposed_by != r->viewer.person &&
            viewer_may_on(&r->viewer, PERM_BAND_SECOND, row->force)) {
            form_open(h, url_of(h->mem, "/nominals/*/second", ref));
            button_group_open(h);
            button(h, &(Button){ .text = "Agree", .name = "agree", .value = "yes" });
            button(h, &(Button){ .text = "Do not agree",
                                 .name = "agree",
                                 .value = "no",
                                 .classes = "govuk-button--secondary" });
            button_group_close(h);
            form_close(h);
        }
    }
    details_open(h, &(Details){ .summary = str_blank(row->band) ? "Decide the band" : "Change the band" });
    form_open(h, url_of(h->mem, "/nominals/*/band", ref));
    select_field(h, &(Select){ .id = "band",
                               .name = "band",
                               .label = "Band",
                               .items = bands,
                               .count = COUNT_OF(bands),
                               .value = str_blank(row->band) ? row->suggested : row->band,
                               .hint = "Going below the suggestion needs a second person." });
    input(h, &(Input){ .id = "band-reason", .name = "reason", .label = "Your reason" });
    button_submit(h, "Record the decision");
    form_close(h);
    details_close(h);
}

static void draw_factors(Html *h, const NominalView *v)
{
    static const TableColumn columns[] = { { .text = "Because" },
                                           { .text = "Family" },
                                           { .text = "Points", .numeric = true } };
    CLEANUP(json_done) Json *factors = NULL;
    Err err = { 0 };
    if (!v->risk.score_count || !json_read(str_of(v->risk.scores[0].factors_json), &factors, &err))
        return;
    details_open(h,
                 &(Details){ .summary = str_fmt(h->mem, "Every reason, and why this moved %zu time%s",
                                                v->risk.score_count, v->risk.score_count == 1 ? "" : "s") });
    table_open(h, &(Table){ .classes = "m-compact", .columns = columns, .column_count = COUNT_OF(columns) });
    for (size_t i = 0; i < json_count(factors); i++) {
        const Json *f = json_at(factors, i);
        table_row(h);
        table_cell(h, json_text(f, "because"));
        table_cell(h, json_text(f, "family"));
        table_cell_num(h, json_int(f, "points", 0));
        table_row_end(h);
    }
    table_close(h);
    timeline_open(h);
    for (size_t i = 0; i < v->risk.decision_count; i++) {
        const DecisionRow *d = &v->risk.decisions[i];
        timeline_item(h, &(TimelineItem){ .title = str_fmt(h->mem, "%s decided", band_says(d->band)),
                                          .by = d->person_name,
                                          .text = d->reason,
                                          .when = london_words(h->mem, d->at),
                                          .datetime = instant_iso(h->mem, d->at) });
    }
    for (size_t i = 0; i < v->risk.score_count; i++) {
        const ScoreRow *s = &v->risk.scores[i];
        timeline_item(h, &(TimelineItem){ .title = str_fmt(h->mem, "%s suggested", band_says(s->band)),
                                          .by = s->model,
                                          .text = s->why,
                                          .when = london_words(h->mem, s->at),
                                          .datetime = instant_iso(h->mem, s->at) });
    }
    timeline_close(h);
    details_close(h);
}

static void draw_actions(Html *h, const NominalView *v)
{
    heading(h, EL_H2, "m", "What has been done");
    if (!v->action_count) {
        empty_note(h, "No force has recorded an action yet.");
        return;
    }
    timeline_open(h);
    for (size_t i = 0; i < v->action_count; i++) {
        const ActionRow *a = &v->actions[i];
        timeline_item(
            h, &(TimelineItem){
                   .title = str_fmt(h->mem, "%s%s%s", a->says, str_blank(a->state) ? "" : ": ", a->state),
                   .by = a->force_tile,
                   .text = str_fmt(h->mem, "%s%s%s%s", str_blank(a->place) ? "" : a->place,
                                   a->quantity > 1 ? str_fmt(h->mem, ", %lld devices", (long long)a->quantity)
                                                   : "",
                                   a->corrected ? " (corrected later)" : "", ""),
                   .when = date_words(h->mem, a->on),
                   .datetime = date_iso(h->mem, a->on) });
    }
    timeline_close(h);
}

static void draw_referrals(Html *h, const Nominal *n)
{
    static const TableColumn columns[] = { { .text = "Referral" },
                                           { .text = "From" },
                                           { .text = "About" },
                                           { .text = "Complete", .numeric = true } };
    heading(h, EL_H2, "m", "Reports");
    if (!n->referral_count) {
        empty_note(h, "No reports.");
        return;
    }
    table_open(h, &(Table){ .classes = "m-compact", .columns = columns, .column_count = COUNT_OF(columns) });
    for (size_t i = 0; i < n->referral_count; i++) {
        const ReferralRow *f = &n->referrals[i];
        table_row(h);
        table_cell_open(h, NULL);
        subject_link(h, 'R', f->id);
        html_open(h, EL_BR);
        why(h, f->source_ref);
        table_cell_close(h);
        table_cell(h, f->provider ? f->provider : f->source);
        table_cell(h, str_blank(f->incident_type) ? f->summary : f->incident_type);
        table_cell(h, str_fmt(h->mem, "%d%%", f->completeness));
        table_row_end(h);
    }
    table_close(h);
}

static void draw_who(Html *h, const Nominal *n)
{
    details_open(h, &(Details){ .summary = "Names, accounts and devices" });
    summary_open(h, "m-compact");
    summary_row(h, "Given names", n->given);
    summary_row(h, "Family name", n->family);
    summary_row(h, "Date of birth", date_text(h->mem, n->born));
    summary_row(h, "Occupation", n->occupation);
    for (size_t i = 0; i < n->identifier_count; i++)
        summary_row(h, n->identifiers[i].kind,
                    str_fmt(h->mem, "%s%s%s", n->identifiers[i].verbatim,
                            str_blank(n->identifiers[i].service) ? "" : " at ", n->identifiers[i].service));
    summary_close(h);
    details_close(h);
}

static void draw(const Request *r, Response *out, const NominalView *v)
{
    Html h = html_new(r->mem);
    const NominalRow *row = &v->n.row;
    Page page = request_page(r, row->name, NAV_QUEUE);
    page.caption = standing(r->mem, row);
    page.band = band_of_rank(row->band_rank);
    page.back = url_lit("/queue");
    page_begin(&h, &page);
    if (v->elimination.holds)
        inset_text(&h, NULL, str_fmt(r->mem, "Eliminated on %s by %s and %s: %s",
                                     london_words(r->mem, v->elimination.at), v->elimination.person_name,
                                     v->elimination.second_name, v->elimination.reason));
    html_open(&h, EL_P, ATTR_CLASS, "govuk-body-l");
    html_text(&h, row->why);
    if (str_blank(row->band))
        why(&h, " Suggested: no person has decided yet.");
    else if (!str_same(row->band, row->suggested))
        why(&h, str_fmt(r->mem, " Decided: %s. The suggestion is now %s.", band_says(row->band),
                        band_says(row->suggested)));
    html_close(&h, EL_P);
    draw_factors(&h, v);
    draw_band_form(&h, r, v);
    elimination_draw(&h, r, row, &v->elimination,
                     &(Stakes){ v->children, v->child_count, v->packages, v->package_count });
    two_open(&h);
    draw_door(&h, &v->n);
    draw_footprints(&h, &v->n);
    draw_footprint_table(&h, &v->n);
    draw_actions(&h, v);
    two_next(&h);
    draw_move(&h, r, v);
    draw_links(&h, r, &v->n);
    draw_who(&h, &v->n);
    two_close(&h);
    draw_referrals(&h, &v->n);
    html_open(&h, EL_P, ATTR_CLASS, "govuk-body");
    html_link(&h, url_of(r->mem, "/nominals/*/history", ref_write(r->mem, 'N', row->id)),
              "Every fact and every look at this nominal");
    html_lit(&h, " \xc2\xb7 ");
    html_link(&h, url_of(r->mem, "/nominals/*/records", ref_write(r->mem, 'N', row->id)),
              "Its records, and what joins them");
    html_lit(&h, " \xc2\xb7 ");
    html_link(&h, url_of(r->mem, "/nominals/*/elsewhere", ref_write(r->mem, 'N', row->id)),
              "Registers and answers that may name this person");
    html_close(&h, EL_P);
    page_end(&h, &page);
    respond_html(r, out, &h);
}

static Json *answers_json(const Request *r, const Nominal *n)
{
    Json *list = json_new_list();
    for (size_t i = 0; i < n->attribution_count; i++) {
        const AttributionRow *a = &n->attributions[i];
        Json *one = json_new_object();
        json_set_int(one, "attribution", a->id);
        json_set_text(one, "operator", a->operator_name);
        json_set_text(one, "operator_ref", a->operator_ref);
        json_set_text(one, "at", instant_iso(r->mem, a->at));
        json_set_text(one, "agrees", a->agrees);
        json_set_bool(one, "withdrawn", a->withdrawn);
        json_push(list, one);
    }
    return list;
}

static Json *checks_json(const Request *r, const RiskView *risk)
{
    Json *list = json_new_list();
    for (size_t i = 0; i < risk->check_count; i++) {
        const CheckRow *c = &risk->checks[i];
        Json *one = json_new_object();
        json_set_text(one, "check", ref_write(r->mem, 'K', c->id));
        json_set_text(one, "kind", c->kind);
        json_set_text(one, "answer", c->answer);
        json_set_text(one, "due", c->due == INSTANT_NONE ? NULL : instant_iso(r->mem, c->due));
        json_push(list, one);
    }
    return list;
}

static Json *nominal_json(const Request *r, const NominalView *v)
{
    const NominalRow *row = &v->n.row;
    Json *j = json_new_object(), *footprints = json_new_list(), *links = json_new_list(),
         *packages = json_new_list();
    json_set_text(j, "nominal", ref_write(r->mem, 'N', row->id));
    json_set_text(j, "name", row->name);
    json_set_text(j, "status", row->status);
    if (v->elimination.id) {
        json_set_text(j, "elimination", v->elimination.holds ? "holds" : "waits for a second person");
        json_set_text(j, "elimination_reason", v->elimination.reason);
    }
    json_set_text(j, "band", row->band);
    json_set_text(j, "suggested", row->suggested);
    json_set_text(j, "why", row->why);
    json_set_text(j, "force", row->force_short);
    json_set_text(j, "force_basis", v->n.force_basis);
    json_set_text(j, "stage", row->stage);
    json_set_int(j, "corroborating_events", v->n.answers);
    for (size_t i = 0; i < v->n.footprint_count; i++) {
        const FootprintRow *f = &v->n.footprints[i];
        Json *one = json_new_object();
        json_set_text(one, "verbatim", f->verbatim);
        json_set_text(one, "address", f->address);
        if (f->port > 0)
            json_set_int(one, "port", f->port);
        if (f->resolved)
            json_set_text(one, "at", instant_iso(r->mem, f->at));
        json_set_bool(one, "resolved", f->resolved);
        json_set_text(one, "event", f->event);
        json_set_text(one, "operator", f->operator_name);
        json_push(footprints, one);
    }
    for (size_t i = 0; i < v->n.link_count; i++) {
        Json *one = json_new_object();
        json_set_int(one, "link", v->n.links[i].id);
        json_set_text(one, "referral", ref_write(r->mem, 'R', v->n.links[i].referral));
        json_set_text(one, "reason", v->n.links[i].reason);
        json_set_bool(one, "undone", v->n.links[i].undone);
        json_push(links, one);
    }
    for (size_t i = 0; i < v->package_count; i++)
        json_push(packages, json_new_text(ref_write(r->mem, 'P', v->packages[i].id)));
    json_set(j, "answers", answers_json(r, &v->n));
    json_set(j, "checks", checks_json(r, &v->risk));
    json_set(j, "footprints", footprints);
    json_set(j, "links", links);
    json_set(j, "packages", packages);
    json_set_int(j, "children", (int64_t)v->child_count);
    json_set_int(j, "known_files", (int64_t)v->match_count);
    return j;
}

bool page_nominal(Request *r, Response *out, Err *err)
{
    NominalView v;
    if (!fetch(r, &v, err))
        return false;
    if (r->wants_json)
        respond_json(r, out, nominal_json(r, &v));
    else
        draw(r, out, &v);
    return true;
}
