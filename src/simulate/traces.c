/* traces.c: the reports about each person, the appearances at a network address that they carry, and what the
 * operators answered about them. */
#include "simulate/world.h"

enum { V4_NETS = 3 };
static const char *const v4_nets[V4_NETS] = { "192.0.2", "198.51.100", "203.0.113" };   /* RFC 5737 */

static Instant moment_in(const World *w, size_t batch, Rng *r)
{
    Date arrives = w->batches[batch].arrives;
    Date after = batch ? w->batches[batch - 1].arrives : w->from - 3;
    if (w->batches[batch].live && after < arrives - 2)
        after = arrives - 2;
    if (after >= arrives)
        after = arrives - 1;
    Date day = date_between(r, after, arrives - 1);
    return date_start_utc(day) + (Instant)rng_below(r, 86400) * US_PER_SECOND;
}

static const char *address_of(World *w, Person *p, Rng *r)
{
    if (one_in(r, 0.25))     /* RFC 3849; the prefix is the household's own */
        return str_fmt(w->mem, "2001:db8:%x:%x::%x", (unsigned)(p->salt & 0xffff),
                       (unsigned)(p->salt >> 16 & 0xffff), (unsigned)(1 + rng_below(r, 0xfff)));
    return str_fmt(w->mem, "%s.%u", v4_nets[below(r, V4_NETS)], (unsigned)(1 + rng_below(r, 254)));
}

static Trace *trace_add(World *w, size_t person, TraceSource source, size_t batch, Rng *r)
{
    Trace *t = arena_push(w->mem, w->traces, w->trace_count, w->trace_cap);
    *t = (Trace){ .source = source, .person = person, .batch = batch, .report = SIZE_MAX };
    t->at = moment_in(w, batch, r);
    t->address = address_of(w, &w->people[person], r);
    t->style = one_in(r, 0.75) ? STYLE_Z : STYLE_OFFSET;
    t->port = one_in(r, 0.8) ? 1024 + (int)rng_below(r, 64000) : 0;
    t->proxy =
        one_in(r, 0.04) && w->people[person].sources > 0; /* never the only one: truth must be reachable */
    w->people[person].sources++;
    return t;
}

static void report_traces(World *w, size_t index, Rng *r)
{
    Report *rep = &w->reports[index];
    if (rep->bundled)
        return;
    size_t n = 1 + below(r, 2);
    for (size_t i = 0; i < n; i++) {
        Trace *t = trace_add(w, rep->person, TRACE_REPORT, rep->batch, r);
        t->report = index;
        if (t->at > rep->at)
            t->at = rep->at - (Instant)rng_below(r, 7200) * US_PER_SECOND;
        if (rep->no_zone)
            t->style = STYLE_NONE;
        if (rep->no_port)
            t->port = 0;
    }
}

void report_add(World *w, size_t person, size_t batch)
{
    size_t  n = w->report_count;
    Rng     r = stream(w, "report", n);
    Person *p = &w->people[person];
    Report *rep = arena_push(w->mem, w->reports, w->report_count, w->report_cap);
    bool    first = p->report_count == 0;
    *rep = (Report){ .person = person, .batch = batch, .at = moment_in(w, batch, &r), .salt = rng_next(&r) };
    rep->number = 190000007 + n * 13;
    /* The first report of a person who will be attributed stays whole: the known truth must be reachable. */
    bool whole = first && p->kind != PERSON_OTHER;
    bool viral = p->kind == PERSON_VIRAL;
    rep->bundled = viral || (p->kind == PERSON_OTHER && one_in(&r, 0.25));
    rep->no_zone = !whole && one_in(&r, 0.10);
    rep->no_port = !whole && one_in(&r, 0.15);
    rep->urgent = p->kind == PERSON_LIVE || (!viral && one_in(&r, 0.04));
    rep->victim = !rep->bundled && one_in(&r, 0.12);
    rep->single = p->kind == PERSON_LIVE ? one_in(&r, 0.3) : !viral && one_in(&r, 0.004);
    rep->blob = n == 11 || n == 302;
    rep->repeats = one_in(&r, 0.012);
    if (first)
        p->first_ref = str_fmt(w->mem, "%llu", (unsigned long long)rep->number);
    p->report_count++;
    report_traces(w, n, &r);
}

static size_t weight_of(PersonKind kind)
{
    static const size_t weights[] = {
        [PERSON_ARRESTED] = 4, [PERSON_PACKAGED] = 3, [PERSON_OTHER] = 2, [PERSON_LIVE] = 1,
        [PERSON_VIRAL] = 0,
    };
    return weights[kind];
}

static void further_reports(World *w, int total, Rng *r)
{
    size_t settled = w->batch_count;
    for (int tries = 0; w->report_count < (size_t)total && tries < total * 50; tries++) {
        size_t  i = below(r, w->person_count);
        Person *p = &w->people[i];
        if (!p->hotline || below(r, 4) >= weight_of(p->kind))
            continue;
        report_add(w, i, p->first_batch + below(r, settled - p->first_batch));
    }
}

static void table_rows(World *w, size_t person, Rng *r)
{
    Person *p = &w->people[person];
    size_t  n = 1 + below(r, 3);
    for (size_t i = 0; i < n; i++) {
        size_t batch = i == 0 ? p->first_batch : p->first_batch + below(r, w->batch_count - p->first_batch);
        Trace *t = trace_add(w, person, TRACE_TABLE, batch, r);
        t->ref = str_fmt(w->mem, "EV-%06zu", ++w->footprint_rows);
        if (!p->first_ref)
            p->first_ref = t->ref;
        if (i > 0 && one_in(r, 0.08))
            t->style = STYLE_NONE;
    }
}

static void list_row(World *w, size_t person, Rng *r)
{
    Person *p = &w->people[person];
    Trace  *t = trace_add(w, person, TRACE_LIST, 0, r);     /* one list, at the start, as it was in 2012 */
    p->list_ref = t->ref = str_fmt(w->mem, "LST-%05zu", person + 1);
    if (!p->first_ref)
        p->first_ref = t->ref;
}

static void answer_add(World *w, size_t trace, bool wrong, Rng *r)
{
    Trace  *t = &w->traces[trace];
    Person *p = &w->people[t->person];
    Answer *a = arena_push(w->mem, w->answers, w->answer_count, w->answer_cap);
    *a = (Answer){ .trace = trace, .wrong = wrong };
    a->batch = t->batch;
    if (t->batch + 1 < w->batch_count && one_in(r, 0.4) && (p->arrested == DATE_NONE
        || w->batches[t->batch + 1].arrives < p->arrested - 3))
        a->batch++;
    a->ref = str_fmt(w->mem, "OP-%06zu", w->answer_count);
    a->shared = t->port != 0 && !strchr(t->address, ':') && one_in(r, 0.2);
    a->elsewhere = one_in(r, 0.12);
    t->answered = true;
    if (!wrong)
        p->answer_count++;
}

/* At least one good answer for each person to be packaged, up to three; some with a second answer that does
 * not hold. */
static void answers_make(World *w, Rng *r)
{
    for (size_t i = 0; i < w->trace_count; i++) {
        const Trace *t = &w->traces[i];
        Person      *p = &w->people[t->person];
        bool wanted = p->kind <= PERSON_PACKAGED || (p->kind == PERSON_LIVE && t->person % 2 == 0);
        if (!wanted || t->style == STYLE_NONE || t->proxy || p->answer_count >= 3)
            continue;
        if (p->answer_count == 0 || one_in(r, 0.45))
            answer_add(w, i, false, r);
        if (one_in(r, 0.03))
            answer_add(w, i, true, r);
    }
}

void traces_make(World *w)
{
    Rng r = stream(w, "traces", 0);
    for (size_t i = 0; i < w->person_count; i++) {
        Person *p = &w->people[i];
        if (p->hotline)
            report_add(w, i, p->first_batch);
        if (p->listed)
            list_row(w, i, &r);
        if (p->table)
            table_rows(w, i, &r);
    }
    further_reports(w, scaled(w, 4000), &r);
    answers_make(w, &r);
}
