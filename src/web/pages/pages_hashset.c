/* pages_hashset.c: known files: sets in use, why one file is known, what is held for a person, jobs. Digests
 * and counts only. */
#include "base/ref.h"
#include "link/referral.h"
#include "match/exchange.h"
#include "match/view.h"
#include "web/components/components_form.h"
#include "web/components/components_moj.h"
#include "web/inside.h"
#include "web/pages/page_parts.h"

static const char *number(Arena *mem, int64_t n) { return str_fmt(mem, "%lld", (long long)n); }

static void tabs_draw(Html *h, const char *active)
{
    const SubNavItem tabs[] = { { "Received files", url_lit("/intake"), false },
                                { "Known-file sets", url_lit("/hashsets"), str_same(active, "sets") },
                                { "Held hashes", url_lit("/held"), str_same(active, "held") },
                                { "Jobs", url_lit("/jobs"), str_same(active, "jobs") } };
    sub_navigation(h, "Intake", tabs, COUNT_OF(tabs));
}

static void kind_tag(Html *h, const char *kind)
{
    static const struct { const char *kind, *says, *colour; } kinds[] = {
        { "benign", "Benign", "green" }, { "known", "Known", "red" }, { "negative", "Never queued", "grey" },
    };
    FOR_EACH(k, kinds)
        if (str_same(k->kind, kind))
            tag(h, k->says, k->colour);
}

static void decision_form(Html *h, Url action, const char *id, const char *summary,
                          const char *const answers[][2], size_t count)
{
    details_open(h, &(Details){ .summary = summary });
    form_open(h, action);
    input(h, &(Input){ .id = id, .name = "reason", .label = "Why", .classes = "govuk-input--width-20" });
    for (size_t i = 0; i < count; i++)
        button(h, &(Button){ .text = answers[i][1], .name = "answer", .value = answers[i][0],
                             .classes = i ? "govuk-button--secondary" : NULL });
    form_close(h);
    details_close(h);
}

/* ---- sets ---- */

typedef struct SetsView {
    SetFileRow *files;
    HashSetRow *sets;
    SeriesRow *series;
    ExchangeRow *exchanges;
    size_t file_count, set_count, series_count, exchange_count;
    MatchCoverage coverage;
    int64_t unsent;
} SetsView;

static bool sets_fetch(const Request *r, SetsView *v, Err *err)
{
    *v = (SetsView){0};
    return set_file_list(r->db, r->mem, &v->files, &v->file_count, err) &&
           hashset_list(r->db, r->mem, &v->sets, &v->set_count, err) &&
           series_list(r->db, r->mem, &v->series, &v->series_count, err) &&
           exchange_list(r->db, r->mem, &v->exchanges, &v->exchange_count, err) &&
           exchange_unsent(r->db, &v->unsent, err) && match_coverage(r->db, &v->coverage, err);
}

static const char *digests_text(Arena *mem, const char *json)
{
    static const char *const kinds[] = { "MD5", "SHA-1", "SHA-256", "PDQ", "PhotoDNA" };
    CLEANUP(json_done) Json *j = NULL;
    StrBuf buf = { .mem = mem };
    Err err = {0};
    if (!json_read(str_of(json), &j, &err))
        return "";
    FOR_EACH(kind, kinds)
        if (json_int(j, *kind, 0))
            buf_fmt(&buf, "%s%lld %s", buf.len ? ", " : "", (long long)json_int(j, *kind, 0), *kind);
    return buf_text(&buf);
}

static void draw_files(Html *h, const SetsView *v)
{
    static const TableColumn columns[] = { { .text = "Set" },
                                           { .text = "Entries", .numeric = true },
                                           { .text = "Digests" },
                                           { .text = "Graded differently", .numeric = true },
                                           { .text = "Files here it knows", .numeric = true },
                                           { .text = "Signed by" },
                                           { .text = "In use since" } };
    heading(h, EL_H2, "m", "Set files");
    if (!v->file_count) {
        empty_note(h, "No set file is in use. muster hashset add SET registers one.");
        return;
    }
    table_open(h, &(Table){ .classes = "m-compact", .columns = columns, .column_count = COUNT_OF(columns) });
    for (size_t i = 0; i < v->file_count; i++) {
        const SetFileRow *f = &v->files[i];
        table_row(h);
        table_cell_open(h, NULL);
        html_text(h, str_fmt(h->mem, "%s %s ", f->name, f->version));
        if (f->retired)
            tag(h, "Retired", "grey");
        html_open(h, EL_BR);
        why(h, str_fmt(h->mem, "%s, root %.16s", ref_write(h->mem, 'G', f->id), f->root));
        table_cell_close(h);
        table_cell_num(h, f->entries);
        table_cell(h, digests_text(h->mem, f->digests));
        table_cell_num(h, f->conflicts);
        table_cell_num(h, f->matched);
        table_cell(h, f->signed_by ? f->signed_by : "Not signed");
        table_cell_open(h, NULL);
        instant_text(h, f->at);
        table_cell_close(h);
        table_row_end(h);
    }
    table_close(h);
}

static void draw_sources(Html *h, const SetsView *v)
{
    static const TableColumn columns[] = { { .text = "Source" },
                                           { .text = "Kind" },
                                           { .text = "Files", .numeric = true },
                                           { .text = "Matches", .numeric = true },
                                           { .text = "Received" } };
    heading(h, EL_H2, "m", "Sources");
    if (!v->set_count) {
        empty_note(h, "No set has been taken in yet.");
        return;
    }
    table_open(h, &(Table){ .classes = "m-compact", .columns = columns, .column_count = COUNT_OF(columns) });
    for (size_t i = 0; i < v->set_count; i++) {
        const HashSetRow *s = &v->sets[i];
        table_row(h);
        table_cell(h,
                   str_blank(s->version) ? s->name : str_fmt(h->mem, "%s, version %s", s->name, s->version));
        table_cell_open(h, NULL);
        kind_tag(h, s->kind);
        table_cell_close(h);
        table_cell_num(h, s->entries);
        table_cell_num(h, s->matches);
        table_cell_open(h, NULL);
        instant_text(h, s->at);
        table_cell_close(h);
        table_row_end(h);
    }
    table_close(h);
}

static void draw_series(Html *h, const SetsView *v)
{
    static const TableColumn columns[] = { { .text = "Series" },
                                           { .text = "Victim" },
                                           { .text = "Met in referrals", .numeric = true },
                                           { .text = "Nominals", .numeric = true },
                                           { .text = "Arrested", .numeric = true } };
    if (!v->series_count)
        return;
    heading(h, EL_H2, "m", "Victim series");
    table_open(h, &(Table){ .classes = "m-compact", .columns = columns, .column_count = COUNT_OF(columns) });
    for (size_t i = 0; i < v->series_count; i++) {
        const SeriesRow *s = &v->series[i];
        table_row(h);
        table_cell(h, s->series);
        table_cell(h, s->victim_identified ? "Identified" : "Not known to be identified");
        table_cell_num(h, s->referrals);
        table_cell_num(h, s->nominals);
        table_cell_num(h, s->stopped);
        table_row_end(h);
    }
    table_close(h);
}

static void draw_exchanges(Html *h, const SetsView *v)
{
    heading(h, EL_H2, "m", "Grades of our own");
    html_p(h, str_fmt(h->mem, "%lld wait for the next export.", (long long)v->unsent));
    for (size_t i = 0; i < v->exchange_count; i++) {
        const ExchangeRow *x = &v->exchanges[i];
        html_open(h, EL_P, ATTR_CLASS, "govuk-body");
        instant_text(h, x->at);
        html_text(h, str_fmt(h->mem, ", %s: %lld sent = %lld accepted + %lld refused + %lld pending",
                             x->format, (long long)x->sent, (long long)x->accepted, (long long)x->refused,
                             (long long)x->pending));
        html_close(h, EL_P);
    }
}

static void draw_sets(const Request *r, Response *out, const SetsView *v)
{
    Html h = html_new(r->mem);
    Page page = request_page(r, "Known-file sets", NAV_INTAKE);
    page_begin(&h, &page);
    tabs_draw(&h, "sets");
    html_p(&h, "Files are compared by digest only. Benign files are set aside first; nobody has to look.");
    html_p(&h, str_fmt(r->mem, "%lld file hashes held: %lld compared, %lld known, %lld set aside.",
                       (long long)v->coverage.files, (long long)v->coverage.looked,
                       (long long)v->coverage.known, (long long)v->coverage.suppressed));
    draw_files(&h, v);
    draw_sources(&h, v);
    draw_series(&h, v);
    draw_exchanges(&h, v);
    page_end(&h, &page);
    respond_html(r, out, &h);
}

static Json *files_json(Arena *mem, const SetsView *v)
{
    Json *list = json_new_list();
    for (size_t i = 0; i < v->file_count; i++) {
        const SetFileRow *f = &v->files[i];
        Json *one = json_new_object();
        json_set_text(one, "set", ref_write(mem, 'G', f->id));
        json_set_text(one, "name", f->name);
        json_set_text(one, "version", f->version);
        json_set_text(one, "root", f->root);
        json_set_text(one, "signed_by", f->signed_by);
        json_set_int(one, "entries", f->entries);
        json_set_int(one, "conflicts", f->conflicts);
        json_set_int(one, "known", f->matched);
        json_set_bool(one, "retired", f->retired);
        json_set_text(one, "at", instant_iso(mem, f->at));
        json_push(list, one);
    }
    return list;
}

static Json *sources_json(Arena *mem, const SetsView *v)
{
    Json *list = json_new_list();
    for (size_t i = 0; i < v->set_count; i++) {
        const HashSetRow *s = &v->sets[i];
        Json *one = json_new_object();
        json_set_text(one, "name", s->name);
        json_set_text(one, "version", s->version);
        json_set_text(one, "kind", s->kind);
        json_set_int(one, "entries", s->entries);
        json_set_int(one, "matches", s->matches);
        json_set_text(one, "at", instant_iso(mem, s->at));
        json_push(list, one);
    }
    return list;
}

static Json *sets_json(Arena *mem, const SetsView *v)
{
    Json *j = json_new_object(), *series = json_new_list(), *exchanges = json_new_list();
    for (size_t i = 0; i < v->series_count; i++) {
        Json *one = json_new_object();
        json_set_text(one, "series", v->series[i].series);
        json_set_int(one, "referrals", v->series[i].referrals);
        json_set_int(one, "nominals", v->series[i].nominals);
        json_set_int(one, "arrested", v->series[i].stopped);
        json_push(series, one);
    }
    for (size_t i = 0; i < v->exchange_count; i++) {
        Json *one = json_new_object();
        json_set_text(one, "format", v->exchanges[i].format);
        json_set_int(one, "sent", v->exchanges[i].sent);
        json_set_int(one, "accepted", v->exchanges[i].accepted);
        json_set_int(one, "refused", v->exchanges[i].refused);
        json_set_int(one, "pending", v->exchanges[i].pending);
        json_push(exchanges, one);
    }
    json_set(j, "files", files_json(mem, v));
    json_set(j, "sets", sources_json(mem, v));
    json_set(j, "series", series);
    json_set(j, "exchanges", exchanges);
    json_set_int(j, "not_sent", v->unsent);
    json_set_int(j, "file_hashes", v->coverage.files);
    json_set_int(j, "compared", v->coverage.looked);
    json_set_int(j, "known", v->coverage.known);
    json_set_int(j, "set_aside", v->coverage.suppressed);
    return j;
}

bool page_hashsets(Request *r, Response *out, Err *err)
{
    SetsView v;
    if (!sets_fetch(r, &v, err))
        return false;
    if (r->wants_json)
        respond_json(r, out, sets_json(r->mem, &v));
    else
        draw_sets(r, out, &v);
    return true;
}

/* ---- one match ---- */

static const char *how(Arena *mem, const ReasonRow *x)
{
    if (!x->distance)
        return str_fmt(mem, "The same %s", x->digest);
    if (x->quality < 0)
        return str_fmt(mem, "A near picture: %lld of 256 bits differ", (long long)x->distance);
    return str_fmt(mem, "A near picture: %lld of 256 bits differ; quality %lld", (long long)x->distance,
                   (long long)x->quality);
}

static void draw_reason(Html *h, const ReasonRow *x)
{
    table_row(h);
    table_cell_open(h, NULL);
    html_text(h, str_blank(x->version) ? x->set : str_fmt(h->mem, "%s, version %s", x->set, x->version));
    html_lit(h, " ");
    kind_tag(h, x->kind);
    table_cell_close(h);
    table_cell(h, how(h->mem, x));
    table_cell_open(h, NULL);
    html_text(h,
              str_blank(x->grade) ? "None" : str_fmt(h->mem, "%s (%s)", x->grade, x->scale ? x->scale : ""));
    if (x->provisional)
        tag(h, "Provisional", "yellow");
    if (x->votes >= 0)
        why(h, str_fmt(h->mem, "%lld votes%s", (long long)x->votes, x->trusted ? ", trusted" : ""));
    table_cell_close(h);
    table_cell(h, str_blank(x->series) ? "" : x->series);
    table_cell(h, x->counts ? "Yes" : "No");
    table_cell_open(h, NULL);
    subject_link(h, 'E', x->entry);
    table_cell_close(h);
    table_row_end(h);
}

static void draw_match(const Request *r, Response *out, const MatchExplained *m)
{
    static const TableColumn columns[] = { { .text = "Set" },    { .text = "How" },    { .text = "Grade" },
                                           { .text = "Series" }, { .text = "Counts" }, { .text = "Entry" } };
    Html h = html_new(r->mem);
    Page page = request_page(r, "Why this file is known", NAV_INTAKE);
    page_begin(&h, &page);
    summary_open(&h, NULL);
    summary_row(&h, m->kind, m->value);
    summary_row_open(&h, "Referral");
    subject_link(&h, 'R', m->referral);
    summary_row_close(&h);
    summary_row(&h, "Graded by the sender", m->classification);
    summary_row(&h, "Compared with the sets in use", m->looked ? "Yes" : "Not yet");
    if (m->held_state)
        summary_row(&h, "Held as over-common", m->held_state);
    summary_close(&h);
    if (!m->count)
        empty_note(&h, "No set in use knows it.");
    else
        table_open(&h,
                   &(Table){ .classes = "m-compact", .columns = columns, .column_count = COUNT_OF(columns) });
    for (size_t i = 0; i < m->count; i++)
        draw_reason(&h, &m->reasons[i]);
    if (m->count)
        table_close(&h);
    why(&h, "Grades are in each set's own scale and are never converted. A grade from fewer than three votes "
            "is "
            "provisional.");
    page_end(&h, &page);
    respond_html(r, out, &h);
}

static Json *match_json(Arena *mem, const MatchExplained *m)
{
    Json *j = json_new_object(), *list = json_new_list();
    for (size_t i = 0; i < m->count; i++) {
        const ReasonRow *x = &m->reasons[i];
        Json *one = json_new_object();
        json_set_text(one, "set", x->set);
        json_set_text(one, "version", x->version);
        json_set_text(one, "kind", x->kind);
        json_set_text(one, "digest", x->digest);
        json_set_int(one, "distance", x->distance);
        if (x->quality >= 0)
            json_set_int(one, "quality", x->quality);
        json_set_text(one, "found", x->found);
        json_set_text(one, "grade", x->grade);
        json_set_text(one, "scale", x->scale);
        json_set_text(one, "series", x->series);
        json_set_bool(one, "provisional", x->provisional);
        json_set_bool(one, "counts", x->counts);
        json_set_int(one, "entry", x->entry);
        json_push(list, one);
    }
    json_set_text(j, "match", ref_write(mem, 'M', m->file_hash));
    json_set_text(j, "referral", ref_write(mem, 'R', m->referral));
    json_set_text(j, "kind", m->kind);
    json_set_text(j, "value", m->value);
    json_set_bool(j, "compared", m->looked);
    json_set_text(j, "held", m->held_state);
    json_set(j, "reasons", list);
    return j;
}

/* Who may see the referral may see why its file is known. */
bool page_match(Request *r, Response *out, Err *err)
{
    int64_t id = 0;
    MatchExplained m;
    Referral referral;
    if (!request_ref(r, "ref", 'M', &id, err) || !match_explain(r->db, r->mem, id, &m, err) ||
        !referral_fetch(r->db, r->mem, &r->viewer, m.referral, &referral, err) ||
        !request_look(r, m.referral, "match page", err))
        return false;
    if (r->wants_json)
        respond_json(r, out, match_json(r->mem, &m));
    else
        draw_match(r, out, &m);
    return true;
}

/* ---- what is held ---- */

static void draw_held_row(const Request *r, Html *h, const HeldRow *x)
{
    static const char *const answers[][2] = { { "release", "Release: its matches count" },
                                              { "dismiss", "Dismiss: they never do" } };
    const char *ref = ref_write(h->mem, 'H', x->id);
    bool open = str_same(x->state, "held");
    table_row(h);
    table_cell_open(h, NULL);
    html_leaf(h, EL_CODE, x->value);
    html_lit(h, " ");
    why(h, str_fmt(h->mem, "%s, %s", ref, x->kind));
    table_cell_close(h);
    table_cell(h, str_fmt(h->mem, "%s %s, graded %s", x->set, x->version,
                          str_blank(x->grade) ? "nothing" : x->grade));
    table_cell_num(h, x->now);
    table_cell_num(h, x->nominals);
    table_cell_open(h, NULL);
    tag(h,
        open                             ? "Held"
        : str_same(x->state, "released") ? "Released"
                                         : "Dismissed",
        open ? "orange" : "grey");
    if (!open)
        why(h, str_fmt(h->mem, "%s: %s", x->person ? x->person : "", x->reason ? x->reason : ""));
    else if (viewer_may(&r->viewer, PERM_HASHSET_MANAGE))
        decision_form(h, url_of(h->mem, "/held/*/decide", ref), str_fmt(h->mem, "held-%s", ref), "Decide",
                      answers, COUNT_OF(answers));
    table_cell_close(h);
    table_row_end(h);
}

static void draw_held(const Request *r, Response *out, const HeldRow *rows, size_t count)
{
    static const TableColumn columns[] = { { .text = "Hash" },
                                           { .text = "Known by" },
                                           { .text = "Referrals", .numeric = true },
                                           { .text = "Nominals", .numeric = true },
                                           { .text = "Decision" } };
    Html h = html_new(r->mem);
    Page page = request_page(r, "Held hashes", NAV_INTAKE);
    page_begin(&h, &page);
    tabs_draw(&h, "held");
    html_p(&h, "A hash that very many referrals have is held until a person decides, so that one common file "
               "does "
               "not hide the others. Until then its matches count nowhere.");
    if (!count)
        empty_note(&h, "Nothing is held.");
    else
        table_open(&h,
                   &(Table){ .classes = "m-compact", .columns = columns, .column_count = COUNT_OF(columns) });
    for (size_t i = 0; i < count; i++)
        draw_held_row(r, &h, &rows[i]);
    if (count)
        table_close(&h);
    page_end(&h, &page);
    respond_html(r, out, &h);
}

bool page_held(Request *r, Response *out, Err *err)
{
    HeldRow *rows = NULL;
    size_t count = 0;
    if (!held_list(r->db, r->mem, &rows, &count, err))
        return false;
    if (!r->wants_json) {
        draw_held(r, out, rows, count);
        return true;
    }
    Json *j = json_new_object(), *list = json_new_list();
    for (size_t i = 0; i < count; i++) {
        Json *one = json_new_object();
        json_set_text(one, "held", ref_write(r->mem, 'H', rows[i].id));
        json_set_text(one, "kind", rows[i].kind);
        json_set_text(one, "value", rows[i].value);
        json_set_text(one, "state", rows[i].state);
        json_set_int(one, "referrals", rows[i].now);
        json_set_int(one, "nominals", rows[i].nominals);
        json_push(list, one);
    }
    json_set(j, "held", list);
    respond_json(r, out, j);
    return true;
}

bool page_held_decide(Request *r, Response *out, Err *err)
{
    int64_t id = 0;
    FlowReport flow;
    Hand hand = request_hand(r);
    const char *answer = request_form(r, "answer"), *reason = NULL;
    bool release = str_same(answer, "release");
    if (!request_ref(r, "ref", 'H', &id, err))
        return false;
    if (!release && !str_same(answer, "dismiss"))
        return err_set(err, ERR_INVALID, "Say whether the hash is released or dismissed.");
    if (!form_reason(r, &reason, err) || !held_decide(r->app->ledger, &hand, id, release, reason, err) ||
        !flow_run(r->app, r->db, &hand, NULL, NULL, &flow, err))
        return false;
    respond_redirect(r, out, url_lit("/held"),
                     release ? "Released: its matches count now." : "Dismissed: its matches never count.");
    return true;
}

/* ---- jobs ---- */

static const char *left_text(Arena *mem, const JobRow *job, Instant now)
{
    double rate = job_rate(job, now);
    if (!str_same(job->state, "running") || rate <= 0 || job->total <= job->done)
        return "";
    return str_fmt(mem, "%.0f files a second, %.0f s left", rate, (double)(job->total - job->done) / rate);
}

static void draw_job(const Request *r, Html *h, const JobRow *job)
{
    static const char *const answers[][2] = { { "stop", "Stop it" } };
    const char *ref = ref_write(h->mem, 'J', job->id);
    table_row(h);
    table_cell_open(h, NULL);
    html_text(h, job->says);
    html_lit(h, " ");
    why(h, str_fmt(h->mem, "%s, started by %s", ref, job->person ? job->person : "the service"));
    table_cell_close(h);
    table_cell_open(h, NULL);
    tag(h, job->state,
        str_same(job->state, "done")      ? "green"
        : str_same(job->state, "running") ? "blue"
                                          : "grey");
    table_cell_close(h);
    table_cell_open(h, NULL);
    if (job->total)
        progress_bar(h, str_fmt(h->mem, "%lld of %lld files", (long long)job->done, (long long)job->total),
                     job->done, job->total);
    why(h, left_text(h->mem, job, r->now));
    table_cell_close(h);
    table_cell_num(h, job->found);
    table_cell_open(h, NULL);
    if (str_same(job->state, "running") && viewer_may(&r->viewer, PERM_HASHSET_MANAGE))
        decision_form(h, url_of(h->mem, "/jobs/*/cancel", ref), str_fmt(h->mem, "job-%s", ref), "Stop",
                      answers, 1);
    table_cell_close(h);
    table_row_end(h);
}

static void draw_jobs(const Request *r, Response *out, const JobRow *rows, size_t count)
{
    static const TableColumn columns[] = { { .text = "What" },
                                           { .text = "State" },
                                           { .text = "How far" },
                                           { .text = "Found", .numeric = true },
                                           { .text = "" } };
    Html h = html_new(r->mem);
    Page page = request_page(r, "Jobs", NAV_INTAKE);
    page_begin(&h, &page);
    tabs_draw(&h, "jobs");
    html_p(&h, "Long work goes on in steps, and after a stop from where it was.");
    if (!count)
        empty_note(&h, "No job has run yet.");
    else
        table_open(&h,
                   &(Table){ .classes = "m-compact", .columns = columns, .column_count = COUNT_OF(columns) });
    for (size_t i = 0; i < count; i++)
        draw_job(r, &h, &rows[i]);
    if (count)
        table_close(&h);
    page_end(&h, &page);
    respond_html(r, out, &h);
}

bool page_jobs(Request *r, Response *out, Err *err)
{
    JobRow *rows = NULL;
    size_t count = 0;
    if (!job_list(r->db, r->mem, &rows, &count, err))
        return false;
    if (!r->wants_json) {
        draw_jobs(r, out, rows, count);
        return true;
    }
    Json *j = json_new_object(), *list = json_new_list();
    for (size_t i = 0; i < count; i++) {
        Json *one = json_new_object();
        json_set_text(one, "job", ref_write(r->mem, 'J', rows[i].id));
        json_set_text(one, "kind", rows[i].kind);
        json_set_text(one, "says", rows[i].says);
        json_set_text(one, "state", rows[i].state);
        json_set_int(one, "done", rows[i].done);
        json_set_int(one, "total", rows[i].total);
        json_set_int(one, "found", rows[i].found);
        json_set_text(one, "a_second", number(r->mem, (int64_t)job_rate(&rows[i], r->now)));
        json_push(list, one);
    }
    json_set(j, "jobs", list);
    respond_json(r, out, j);
    return true;
}

bool page_job_cancel(Request *r, Response *out, Err *err)
{
    int64_t id = 0;
    Hand hand = request_hand(r);
    const char *reason = NULL;
    if (!request_ref(r, "ref", 'J', &id, err) || !form_reason(r, &reason, err) ||
        !job_cancel(r->app->ledger, &hand, id, reason, err))
        return false;
    respond_redirect(r, out, url_lit("/jobs"), "The job stops at its next step; what it found stays.");
    return true;
}
