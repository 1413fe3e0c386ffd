/* pages_referral.c: one referral as it was received: how complete it is, who is in it, what it leaves to
 * find. Completeness says how much can be done with it; it is never a measure of risk. */
#include "link/assess.h"
#include "link/referral.h"
#include "base/ref.h"
#include "web/pages/page_parts.h"

/* Whose details are shown at once, and whose only when asked for. */
static const struct {
    const char *role, *says;
    bool collapsed;
} roles[] = {
    { "reported", "Reported person", false },     { "account_holder", "Account holder", false },
    { "register", "Register", false },            { "recipient", "Recipient", true },
    { "reporter", "Who reported it", true },      { "victim", "Child or victim", true },
};

static const char *role_says(const char *role)
{
    FOR_EACH (x, roles)
        if (str_same(x->role, role))
            return x->says;
    return role;
}

/* Sources and kinds of identifier as people say them. */
static const struct {
    const char *key, *says;
} words[] = {
    { "account", "Account" },         { "account_holder", "Account holder" },
    { "device", "Device" },           { "email", "E-mail" },
    { "footprint", "Footprint" },     { "hotline", "Hotline report" },
    { "list", "Row of a list" },      { "phone", "Telephone" },
    { "prior_report", "Earlier report" }, { "provider", "Provider's notice" },
    { "screen_name", "Screen name" },
};

static const char *word(const char *key)
{
    FOR_EACH (w, words)
        if (str_same(w->key, key))
            return w->says;
    return key;
}

static const char *or_not(const char *text) { return str_blank(text) ? NULL : text; }

/* ---- people ---- */
static const char *age_or_born(Arena *mem, const ReferralPerson *p)
{
    if (p->born != DATE_NONE)
        return date_words(mem, p->born);
    return p->age > 0 ? str_fmt(mem, "Age %lld", (long long)p->age) : NULL;
}

static const char *joined(Arena *mem, const char *const *parts, size_t count)
{
    StrBuf buf = { .mem = mem };
    for (size_t i = 0; i < count; i++)
        if (!str_blank(parts[i]))
            buf_fmt(&buf, "%s%s", buf.len ? ", " : "", parts[i]);
    return or_not(buf_text(&buf));
}

static void draw_identifiers(Html *h, const Referral *f, int64_t sighting)
{
    for (size_t i = 0; i < f->identifier_count; i++) {
        const ReferralIdentifier *x = &f->identifiers[i];
        if (x->sighting != sighting)
            continue;
        summary_row_open(h, str_fmt(h->mem, "%s%s%s", word(x->kind), str_blank(x->service) ? "" : ", ",
                                    str_blank(x->service) ? "" : x->service));
        html_text(h, x->verbatim);
        html_lit(h, " ");
        if (x->verified)
            tag(h, "Verified by the sender", "green");
        if (!x->strong)
            why(h, "Shared by many: links nobody");
        summary_row_close(h);
    }
}

static void draw_person(const Request *r, Html *h, const Referral *f, const ReferralPerson *p)
{
    const char *const place[] = { p->address, p->town, p->postcode, p->country };
    const char *const account[] = { p->service, p->account };
    summary_open(h, "m-compact");
    summary_row(h, "Name as given", or_not(p->name));
    summary_row(h, "Born", age_or_born(h->mem, p));
    summary_row(h, "Address as given", joined(h->mem, place, COUNT_OF(place)));
    if (!str_blank(p->occupation))
        summary_row(h, "Occupation", p->occupation);
    if (!str_blank(p->account))
        summary_row(h, "Account", joined(h->mem, account, COUNT_OF(account)));
    draw_identifiers(h, f, p->id);
    if (p->nominal && viewer_may_on(&r->viewer, PERM_NOMINAL_READ, p->force)) {
        summary_row_open(h, "Nominal");
        subject_link(h, 'N', p->nominal);
        summary_row_close(h);
    }
    summary_close(h);
}

static void draw_people(const Request *r, Html *h, const Referral *f)
{
    heading(h, EL_H2, "m", "People");
    if (!f->person_count)
        empty_note(h, "Nobody is named in it.");
    FOR_EACH (role, roles)
        for (size_t i = 0; i < f->person_count; i++) {
            if (!str_same(f->people[i].role, role->role))
                continue;
            if (role->collapsed) {
                details_open(h, &(Details){ .summary = role->says });
                draw_person(r, h, f, &f->people[i]);
                details_close(h);
            } else {
                heading(h, EL_H3, "s", role->says);
                draw_person(r, h, f, &f->people[i]);
            }
        }
}

/* ---- traces ---- */
static void draw_footprint(Html *h, const FootprintRow *p, const char *role)
{
    table_row(h);
    table_cell_open(h, NULL);
    html_text(h, p->port >= 0 ? str_fmt(h->mem, "%s port %lld", p->address, (long long)p->port) : p->address);
    html_open(h, EL_BR);
    why(h, str_fmt(h->mem, "%s%s%s", role_says(role), str_blank(p->event) ? "" : ", ", p->event));
    table_cell_close(h);
    table_cell(h, str_blank(p->verbatim) ? "Not stated" : p->verbatim);
    table_cell_open(h, NULL);
    if (p->resolved)
        instant_text(h, p->at);
    else
        tag(h, "Unresolved: no offset was stated", "orange");
    table_cell_close(h);
    table_cell_open(h, NULL);
    html_text(h, str_blank(p->operator_name) ? "Not looked up" : p->operator_name);
    if (!str_blank(p->operator_as_of)) {
        html_open(h, EL_BR);
        why(h, str_fmt(h->mem, "table of %s", p->operator_as_of));
    }
    if (p->proxy)
        tag(h, "Proxy", "orange");
    if (p->attributed)
        tag(h, "Tied to a household", "green");
    table_cell_close(h);
    table_row_end(h);
}

static void draw_footprints(Html *h, const Referral *f)
{
    static const TableColumn columns[] = { { .text = "Address" },
                                           { .text = "Time, verbatim" },
                                           { .text = "Read as" },
                                           { .text = "Network" } };
    heading(h, EL_H2, "m", "Internet addresses");
    if (!f->footprint_count) {
        empty_note(h, "It holds none.");
        return;
    }
    table_open(h, &(Table){ .classes = "m-compact", .columns = columns, .column_count = COUNT_OF(columns) });
    for (size_t i = 0; i < f->footprint_count; i++)
        draw_footprint(h, &f->footprints[i], f->footprint_roles[i]);
    table_close(h);
}

static const char *yes_no(int64_t said) { return said < 0 ? "Not stated" : said ? "Yes" : "No"; }

static void draw_files(Html *h, const Referral *f)
{
    static const TableColumn columns[] = { { .text = "Digest" },
                                           { .text = "Graded by the sender" },
                                           { .text = "Viewed by the sender" },
                                           { .text = "In known-file sets" } };
    heading(h, EL_H2, "m", "Files, by digest only");
    if (!f->file_count) {
        empty_note(h, "It names no files.");
        return;
    }
    table_open(h, &(Table){ .classes = "m-compact", .columns = columns, .column_count = COUNT_OF(columns) });
    for (size_t i = 0; i < f->file_count; i++) {
        const ReferralFile *x = &f->files[i];
        table_row(h);
        table_cell_open(h, NULL);
        html_leaf(h, EL_CODE, x->value);
        html_lit(h, " ");
        why(h, x->kind);
        table_cell_close(h);
        table_cell(h, str_blank(x->classification) ? "Not graded" : x->classification);
        table_cell(h, yes_no(x->viewed));
        if (str_blank(x->matched))
            table_cell(h, "No");
        else
            table_cell_link(h, url_subject(h->mem, 'M', x->id), x->matched);
        table_row_end(h);
    }
    table_close(h);
    why(h, "Grades are in the sender's own scale and are never converted.");
    details_open(h, &(Details){ .summary = "File names, as outside text" });
    for (size_t i = 0; i < f->file_count; i++)
        if (!str_blank(f->files[i].name))
            html_p(h, f->files[i].name);
    details_close(h);
}

/* ---- the whole ---- */
static void draw_missing(Html *h, const Referral *f)
{
    CLEANUP(json_done) Json *list = NULL;
    Err err = { 0 };
    StrBuf buf = { .mem = h->mem };
    if (json_read(str_of(f->row.missing), &list, &err))
        for (size_t i = 0; i < json_count(list); i++)
            buf_fmt(&buf, "%s%s", i ? ", " : "", json_text_of(json_at(list, i)));
    summary_row_open(h, "Complete");
    html_text(h, str_fmt(h->mem, "%d%% of what makes a referral workable ", f->row.completeness));
    why(h, "This is not a measure of risk.");
    if (buf.len) {
        html_open(h, EL_BR);
        html_text(h, str_fmt(h->mem, "Missing: %s", buf_text(&buf)));
    }
    summary_row_close(h);
}

static void draw_facts(const Request *r, Html *h, const Referral *f)
{
    summary_open(h, "m-compact");
    summary_row(h, "Source", word(f->row.source));
    summary_row(h, "Sender", or_not(f->row.provider));
    summary_row(h, "Sender's own number", f->row.source_ref);
    summary_row(h, "Incident", or_not(f->row.incident_type));
    summary_row(h, "Time, verbatim", or_not(f->incident_verbatim));
    summary_row_open(h, "Read as");
    if (f->row.incident_at != INSTANT_NONE)
        instant_text(h, f->row.incident_at);
    else
        html_lit(h, "Unresolved: no offset was stated");
    summary_row_close(h);
    summary_row_open(h, "Received");
    instant_text(h, f->row.received_at);
    summary_row_close(h);
    if (!str_blank(f->row.priority_reason))
        summary_row(h, "Urgent, says the sender", f->row.priority_reason);
    if (!str_blank(f->grading))
        summary_row(h, "Grading", f->grading);
    draw_missing(h, f);
    if (f->outcome) {
        summary_row(h, "Assessed", assessment_says(f->outcome));
        summary_row(h, "Reason", f->outcome_reason);
    }
    if (f->merged_into) {
        summary_row_open(h, "Also received as");
        subject_link(h, 'R', f->merged_into);
        summary_row_close(h);
    }
    if (viewer_may(&r->viewer, PERM_INTAKE_READ)) {
        summary_row_open(h, "From file");
        subject_link(h, 'F', f->row.file);
        html_text(h, str_fmt(h->mem, ", line %lld", (long long)f->row.line));
        summary_row_close(h);
    }
    summary_close(h);
}

/* It leads to nobody: a person says what becomes of it, and its clock stops. */
static void draw_assess(const Request *r, Html *h, const Referral *f)
{
    Choice options[8];
    size_t count = 0;
    if (!f->to_assess || viewer_scope(&r->viewer, PERM_NOMINAL_DECIDE) != 0)
        return;
    for (const Assessment *a = assessments; a[1].outcome && count < COUNT_OF(options); a++)
        options[count++] = (Choice){ .text = a->says, .value = a->outcome };
    heading(h, EL_H2, "m", "What becomes of it");
    html_p(h, "This referral reports nobody, so no nominal will come of it. It waits until someone decides.");
    form_open(h, url_of(h->mem, "/referrals/*/assess", ref_write(h->mem, 'R', f->row.id)));
    radios(h, &(Choices){ .name = "outcome",
                          .label = "Outcome",
                          .items = options,
                          .count = count,
                          .classes = "govuk-radios--small" });
    input(h, &(Input){ .id = "assess-reason", .name = "reason", .label = "Your reason" });
    button_submit(h, "Record the outcome");
    form_close(h);
}

static void draw(const Request *r, Response *out, const Referral *f)
{
    Html h = html_new(r->mem);
    Page page = request_page(r, str_fmt(r->mem, "Referral %s", ref_write(r->mem, 'R', f->row.id)), NAV_QUEUE);
    page.caption = word(f->row.source);
    page_begin(&h, &page);
    if (!str_blank(f->row.priority_reason))
        tag(&h, "Urgent, says the sender", "red");
    if (f->row.bundled)
        tag(&h, "One of many alike", "grey");
    if (!str_blank(f->row.summary))
        html_p(&h, f->row.summary);
    draw_facts(r, &h, f);
    sensitive_text(&h, r->mem, f->row.sensitive_text, "Text from outside: it may be distressing");
    draw_people(r, &h, f);
    draw_footprints(&h, f);
    draw_files(&h, f);
    draw_assess(r, &h, f);
    page_end(&h, &page);
    respond_html(r, out, &h);
}

/* ---- for programs ---- */
static void set_kept(Json *j, const char *key, const char *json)
{
    CLEANUP(json_done) Json *value = NULL;
    Err err = { 0 };
    if (!str_blank(json) && json_read(str_of(json), &value, &err))
        json_set(j, key, json_keep(value));
}

static Json *people_json(const Request *r, const Referral *f)
{
    Json *list = json_new_list();
    for (size_t i = 0; i < f->person_count; i++) {
        const ReferralPerson *p = &f->people[i];
        Json *one = json_new_object();
        json_set_text(one, "role", p->role);
        json_set_text(one, "name", p->name);
        json_set_text(one, "born", p->born == DATE_NONE ? NULL : date_iso(r->mem, p->born));
        json_set_text(one, "address", p->address);
        json_set_text(one, "postcode", p->postcode);
        json_set_text(one, "service", p->service);
        json_set_text(one, "account", p->account);
        if (p->nominal && viewer_may_on(&r->viewer, PERM_NOMINAL_READ, p->force))
            json_set_text(one, "nominal", ref_write(r->mem, 'N', p->nominal));
        json_push(list, one);
    }
    return list;
}

static Json *footprints_json(Arena *mem, const Referral *f)
{
    Json *list = json_new_list();
    for (size_t i = 0; i < f->footprint_count; i++) {
        const FootprintRow *p = &f->footprints[i];
        Json *one = json_new_object();
        json_set_text(one, "role", f->footprint_roles[i]);
        json_set_text(one, "address", p->address);
        if (p->port >= 0)
            json_set_int(one, "port", p->port);
        json_set_text(one, "verbatim", p->verbatim);
        json_set_text(one, "at", p->resolved ? instant_iso(mem, p->at) : NULL);
        json_set_bool(one, "resolved", p->resolved);
        json_set_text(one, "operator", p->operator_name);
        json_set_text(one, "operator_as_of", p->operator_as_of);
        json_push(list, one);
    }
    return list;
}

static Json *files_json(Arena *mem, const Referral *f)
{
    Json *list = json_new_list();
    for (size_t i = 0; i < f->file_count; i++) {
        Json *one = json_new_object();
        json_set_text(one, "kind", f->files[i].kind);
        json_set_text(one, "value", f->files[i].value);
        json_set_text(one, "classification", f->files[i].classification);
        json_set_text(one, "known_in", f->files[i].matched);
        json_set_text(one, "match", ref_write(mem, 'M', f->files[i].id));
        json_push(list, one);
    }
    return list;
}

static Json *referral_json(const Request *r, const Referral *f)
{
    Json *j = json_new_object();
    json_set_text(j, "referral", ref_write(r->mem, 'R', f->row.id));
    json_set_text(j, "source", f->row.source);
    json_set_text(j, "source_ref", f->row.source_ref);
    json_set_text(j, "provider", f->row.provider);
    json_set_text(j, "incident_type", f->row.incident_type);
    json_set_text(j, "incident_verbatim", f->incident_verbatim);
    if (f->row.incident_at != INSTANT_NONE)
        json_set_text(j, "incident_at", instant_iso(r->mem, f->row.incident_at));
    json_set_text(j, "received_at", instant_iso(r->mem, f->row.received_at));
    json_set_text(j, "priority_reason", f->row.priority_reason);
    json_set_text(j, "summary", f->row.summary);
    json_set_bool(j, "bundled", f->row.bundled);
    json_set_int(j, "completeness", f->row.completeness);
    json_set_text(j, "outcome", f->outcome);
    json_set_text(j, "outcome_reason", f->outcome_reason);
    json_set_bool(j, "to_assess", f->to_assess);
    set_kept(j, "missing", f->row.missing);
    set_kept(j, "sensitive_text", f->row.sensitive_text);
    json_set(j, "people", people_json(r, f));
    json_set(j, "footprints", footprints_json(r->mem, f));
    json_set(j, "files", files_json(r->mem, f));
    return j;
}

bool page_referral(Request *r, Response *out, Err *err)
{
    int64_t id = 0;
    Referral f;
    if (!request_ref(r, "ref", 'R', &id, err) || !referral_fetch(r->db, r->mem, &r->viewer, id, &f, err) ||
        !request_look(r, id, "referral page", err))
        return false;
    if (r->wants_json)
        respond_json(r, out, referral_json(r, &f));
    else
        draw(r, out, &f);
    return true;
}

bool page_referral_assess(Request *r, Response *out, Err *err)
{
    int64_t id = 0;
    Referral f;
    Hand hand = request_hand(r);
    const char *outcome = request_form(r, "outcome"), *reason = request_form(r, "reason");
    if (!request_ref(r, "ref", 'R', &id, err) || !referral_fetch(r->db, r->mem, &r->viewer, id, &f, err))
        return false;
    if (viewer_scope(&r->viewer, PERM_NOMINAL_DECIDE) != 0)      /* it belongs to no force */
        return err_set(err, ERR_NOT_FOUND, "There is no such referral.");
    if (!referral_assess(r->app->ledger, &hand, id, outcome ? outcome : "", reason, err))
        return false;
    respond_redirect(r, out, url_subject(r->mem, 'R', id), "The outcome is recorded.");
    return true;
}
