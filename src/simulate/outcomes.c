/* outcomes.c: what the forces did, so that the sums of the plan come out exactly. Counted rows (arrest,
 * premises, exhibit, charge, child) are dated within their phase; the rest may run on to the end of the
 * scenario. */
#include "simulate/world.h"

typedef struct Group { size_t *people; size_t count, cap, force; int phase; } Group;

Outcome *outcome_add(World *w, const char *event, size_t person, Date date)
{
    size_t        n = w->outcome_count;
    const Person *p = &w->people[person];
    Outcome      *o = arena_push(w->mem, w->outcomes, w->outcome_count, w->outcome_cap);
    if (date > w->to)
        date = w->to;
    *o = (Outcome){ .event = event,
                    .person = person,
                    .date = date,
                    .until = DATE_NONE,
                    .order = n,
                    .force = w->towns[p->town].force,
                    .subject = p->first_ref,
                    .batch = plan_batch(w, date, true),
                    .quantity = -1,
                    .age = -1,
                    .registered = -1,
                    .trust = -1,
                    .immediate = -1 };
    return o;
}

void outcome_sign(World *w, Outcome *o, const char *letter)
{
    o->ref = str_fmt(w->mem, "%s-%s%06zu", w->forces[o->force].ons_code + 6, letter, o->order + 1);
}

static Outcome *done(World *w, const char *event, const char *letter, size_t person, Date date,
                     const char *state)
{
    Outcome *o = outcome_add(w, event, person, date);
    o->state = state;
    outcome_sign(w, o, letter);
    return o;
}

static bool force_is(const World *w, size_t force, const char *id)
{
    return str_same(w->forces[force].short_id, id);
}

/* Everyone in the force arrested in phases up to `phase` (exact: in that phase only). */
static Group group_of(World *w, size_t force, size_t phase, bool exact)
{
    Group g = { .force = force, .phase = (int)phase };
    for (size_t i = 0; i < w->person_count; i++) {
        const Person *p = &w->people[i];
        if (p->arrested == DATE_NONE || w->towns[p->town].force != force || p->phase > phase ||
            (exact && p->phase != phase))
            continue;
        *arena_push(w->mem, g.people, g.count, g.cap) = i;
    }
    return g;
}

/* Shares `total` among n, at least one each while it lasts, the rest at random with a long tail. */
static int *shares(World *w, size_t n, int total, bool one_each, Rng *r)
{
    int *out = arena_new(w->mem, int, n ? n : 1);
    for (size_t i = 0; i < n && one_each && total > 0; i++, total--)
        out[i] = 1;
    size_t at = 0;
    for (; n && total > 0; total--) {
        if (one_in(r, 0.25))
            at = below(r, n);
        out[at]++;
        if (one_in(r, 0.5))
            at = below(r, n);
    }
    return out;
}

/* ---- charges: who and when, decided before any row is made ---- */
static void charge_person(World *w, Person *p, const Phase *ph, Rng *r)
{
    Date first = p->arrested > ph->from ? p->arrested : ph->from;
    bool soon = p->arrested >= ph->from && one_in(r, 0.6);
    Date last = soon && first + 2 < ph->to ? first + 2 : ph->to;
    if (force_is(w, w->towns[p->town].force, "bedfordshire") && ph == &w->phases[0])
        last = first;
    p->charged = date_between(r, first, last);
}

static int charge_some(World *w, size_t force, size_t phase, int count, Rng *r)
{
    Group g = group_of(w, force, phase, false);
    int   left = count;
    for (size_t tries = 0, i = below(r, g.count); tries < g.count && left > 0;
         tries++, i = (i + 1) % g.count) {
        Person *p = &w->people[g.people[i]];
        if (p->charged != DATE_NONE)
            continue;
        charge_person(w, p, &w->phases[phase], r);
        left--;
    }
    return left;
}

static void charges_decide(World *w, size_t phase, Rng *r)
{
    const Phase *ph = &w->phases[phase];
    int          left = 0;
    for (size_t f = 0; f < w->force_count; f++)
        left += charge_some(w, f, phase, ph->by_force[f][T_CHARGED], r);
    for (size_t f = 0; f < w->force_count && left > 0;
         f++) /* a force with too few arrests passes its share on */
        if (phase > 0 || ph->by_force[f][T_CHARGED] > 0)
            left = charge_some(w, f, phase, left, r);
}

/* ---- one arrest and what goes with it ---- */
static const char *elsewhere_in(World *w, const Person *p, Rng *r)
{
    const Force *f = &w->forces[w->towns[p->town].force];
    if (str_same(f->short_id, "cheshire"))
        return w->towns[p->town].name;
    return w->towns[f->first_town + below(r, f->town_count)].name;
}

static const char *warrant_rows(World *w, size_t person, size_t nth, Rng *r)
{
    const Person *p = &w->people[person];
    bool          surrey = force_is(w, w->towns[p->town].force, "surrey");
    if (surrey ? p->phase == 0 && nth >= 6 : one_in(r, 0.12))
        return NULL;
    const char *place = w->towns[p->town].name;
    Date        granted = p->arrested - (Date)(1 + below(r, 5));
    if (!surrey && one_in(r, 0.04))
        done(w, "warrant", "W", person, granted - 2, "refused")->place = place;
    if (!surrey && one_in(r, 0.3))
        done(w, "warrant", "W", person, granted, "granted")->place = place;
    Outcome *o = done(w, "warrant", "W", person, p->arrested, "executed");
    o->place = place;
    return o->ref;
}

static void premises_rows(World *w, size_t person, int count, const char *warrant, Rng *r)
{
    const Person *p = &w->people[person];
    for (int i = 0; i < count; i++) {
        Outcome *o = done(w, "premises", "P", person, p->arrested, NULL);
        o->place = i ? elsewhere_in(w, p, r) : w->towns[p->town].name;
        o->warrant_ref = warrant;
    }
}

static void exhibit_rows(World *w, size_t person, int count, const char *arrest, Rng *r)
{
    static const char *const kinds[] = { "mobile phone",  "laptop",           "external drive",
                                         "tablet",        "desktop computer", "memory card",
                                         "games console", "optical discs",    "USB stick" };
    const Person *p = &w->people[person];
    while (count > 0) {
        int      n = count < 4 ? count : 1 + (int)below(r, (size_t)count / 2 + 1);
        Outcome *o = done(w, "exhibit", "X", person, p->arrested, one_in(r, 0.4) ? "examined" : "waiting");
        o->quantity = n;
        o->item = kinds[below(r, COUNT_OF(kinds))];
        o->arrest_ref = arrest;
        count -= n;
    }
}

static void bail_rows(World *w, size_t person, const char *arrest, Rng *r)
{
    const Person *p = &w->people[person];
    size_t        force = w->towns[p->town].force;
    bool all_bailed = force_is(w, force, "cheshire") || force_is(w, force, "west-yorkshire") ||
                      force_is(w, force, "bedfordshire");
    if (p->charged != DATE_NONE && p->charged <= p->arrested + 2)
        return;
    bool     bailed = all_bailed || one_in(r, 0.85);
    Outcome *o = done(w, "bail", "B", person, p->arrested, bailed ? "bailed" : "under-investigation");
    o->arrest_ref = arrest;
    if (!bailed)
        return;
    Date until = date_add_months(p->arrested, 3) - 1;
    o->until = until;
    o->conditions = one_in(r, 0.8) ? "No unsupervised contact with anyone under 18; devices to be declared"
                                   : "Reside at home address";
    if (p->charged != DATE_NONE && p->charged <= until)
        return;
    if (until - 4 < w->to && one_in(r, 0.75)) {       /* the others have run out and show as late */
        o = done(w, "bail", "B", person, until - 4, "extended");
        o->until = date_add_months(p->arrested, 6) - 1;
        o->arrest_ref = arrest;
    }
}

static void charge_rows(World *w, size_t person, const char *arrest, Rng *r)
{
    static const char *const offences[] = { "Making indecent photographs of a child",
                                            "Distributing indecent photographs of a child",
                                            "Possession of indecent photographs of a child",
                                            "Possession of prohibited images of a child",
                                            "Arranging or facilitating a child sex offence" };
    const Person *p = &w->people[person];
    if (p->charged == DATE_NONE)
        return;
    size_t n = 1 + below(r, 3);
    for (size_t i = 0; i < n; i++) {
        Outcome *o = done(w, "charge", "C", person, p->charged, NULL);
        o->offence = offences[(below(r, 3) + i) % COUNT_OF(offences)];
        o->arrest_ref = arrest;
    }
    done(w, "disposition", "D", person, p->charged, "charged");
    if (p->charged + 60 < w->to && one_in(r, 0.25)) {
        Outcome *o = done(w, "sentence", "S", person, p->charged + 45 + (Date)below(r, 15), NULL);
        o->offence = offences[0];
        o->result = one_in(r, 0.5) ? "18 months' imprisonment, suspended" : "26 months' imprisonment";
    }
}

static void welfare_rows(World *w, size_t person, Rng *r)
{
    const Person *p = &w->people[person];
    if (!one_in(r, 0.88))                              /* missing: the clock must show it */
        return;
    Outcome *o = done(w, "welfare", "L", person, p->arrested, one_in(r, 0.06) ? "declined" : "assessed");
    o->result = "Leaflet and helpline given";
    if (one_in(r, 0.2))
        done(w, "welfare", "L", person, p->arrested + 1, "referred")->result = "Referred to local support";
}

static void arrest_rows(World *w, size_t person, size_t nth, int premises, int devices, Rng *r)
{
    Person     *p = &w->people[person];
    const char *warrant = warrant_rows(w, person, nth, r);
    premises_rows(w, person, premises, warrant, r);
    Outcome *o = done(w, "arrest", "A", person, p->arrested, NULL);
    const char *arrest = o->ref;
    o->place = w->towns[p->town].name;
    o->registered = p->registered;
    o->trust = p->trust;
    o->occupation = p->occupation;
    o->warrant_ref = warrant;
    exhibit_rows(w, person, devices, arrest, r);
    if (one_in(r, 0.8))
        done(w, "interview", "I", person, p->arrested, NULL)->place = w->towns[p->town].name;
    welfare_rows(w, person, r);
    bail_rows(w, person, arrest, r);
    charge_rows(w, person, arrest, r);
    if (p->rearrested) {
        o = done(w, "arrest", "A", person, p->arrested + 14, NULL);
        o->again = true;
        o->place = w->towns[p->town].name;
        o->registered = p->registered;
        o->trust = p->trust;
    }
}

static void force_rows(World *w, size_t force, size_t phase, Rng *r)
{
    Group        g = group_of(w, force, phase, true);
    const Phase *ph = &w->phases[phase];
    int *premises = shares(w, g.count, ph->by_force[force][T_PREMISES], true, r);
    int *devices = shares(w, g.count, ph->by_force[force][T_DEVICES], true, r);
    for (size_t i = 0; i < g.count; i++)
        arrest_rows(w, g.people[i], i, premises[i], devices[i], r);
}

/* ---- those not arrested, and the loose ends ---- */
static void unarrested_rows(World *w, size_t person, Rng *r)
{
    static const struct { double upto; const char *event, *letter, *state, *result; } table[] = {
        { 0.07, "disposition", "D", "no-further-action", "Device shared with many lodgers; no evidence found" },
        { 0.11, "disposition", "D", "transferred",       "Moved to another force area"                       },
        { 0.14, "disposition", "D", "already-known",     "Arrested earlier in another inquiry"               },
        { 0.16, "disposition", "D", "deceased",          NULL                                                },
        { 0.21, "warrant",     "W", "refused",           NULL                                                },
        { 0.30, "warrant",     "W", "applied",           NULL                                                },
        { 0.38, "warrant",     "W", "granted",           NULL                                                },
        { 0.44, "interview",   "I", NULL,                NULL                                                },
    };
    const Person *p = &w->people[person];
    double        how = rng_unit(r);
    Date          first = w->batches[p->first_batch].arrives + 8;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        if (how >= table[i].upto)
            continue;
        if (first >= w->to)
            return;
        Outcome *o = done(w, table[i].event, table[i].letter, person, date_between(r, first, w->to - 1),
                          table[i].state);
        o->result = table[i].result;
        if (str_same(o->event, "warrant"))
            o->place = w->towns[p->town].name;
        return;
    }
}

static void deaths(World *w, int count, Rng *r)
{
    for (int tries = 0; count > 0 && tries < 100000; tries++) {
        size_t  i = below(r, w->person_count);
        Person *p = &w->people[i];
        if (p->arrested == DATE_NONE || p->charged != DATE_NONE || p->deceased ||
            p->arrested + 10 > w->to - 1)
            continue;
        p->deceased = true;
        done(w, "disposition", "D", i, date_between(r, p->arrested + 3, w->to - 1), "deceased");
        count--;
    }
}

/* ---- corrections: the first version of a row, wrong, and the same reference sent again ---- */
static size_t next_returns(const World *w, size_t batch)
{
    for (size_t i = batch + 1; i < w->batch_count; i++)
        if (w->batches[i].returns)
            return i;
    return SIZE_MAX;
}

/* The row at `index` stays the right one; an earlier version is added. The right one comes `after` the wrong
 * one. */
static bool correct_row(World *w, size_t index, Date wrong_date, size_t wrong_batch, Outcome **wrong)
{
    size_t later = next_returns(w, wrong_batch);
    if (later == SIZE_MAX)
        return false;
    Outcome *bad = arena_push(w->mem, w->outcomes, w->outcome_count, w->outcome_cap);
    Outcome *good = &w->outcomes[index];
    if (good->batch < later)
        good->batch = later;
    *bad = *good;
    good->corrected = true;
    bad->date = wrong_date;
    bad->batch = wrong_batch;
    bad->order = w->outcome_count;
    bad->replaced = true;
    *wrong = bad;
    return true;
}

static bool untouched(const World *w, size_t index, const char *event)
{
    const Outcome *o = &w->outcomes[index];
    return str_same(o->event, event) && !o->again && !o->replaced && !o->corrected;
}

/* `count` rows of an event had a wrong quantity or place at first. */
static void correct_content(World *w, const char *event, int count, Rng *r)
{
    for (int tries = 0; count > 0 && tries < 20000; tries++) {
        size_t   i = below(r, w->outcome_count);
        Outcome *wrong = NULL;
        if (!untouched(w, i, event) || next_returns(w, w->outcomes[i].batch) == SIZE_MAX
            || !correct_row(w, i, w->outcomes[i].date, w->outcomes[i].batch, &wrong))
            continue;
        if (wrong->quantity > 0)
            wrong->quantity = wrong->quantity * 2 + 1;
        else
            wrong->place = elsewhere_in(w, &w->people[wrong->person], r);
        count--;
    }
}

/* Rows whose first date fell on the other side of the first phase's end, so that the two as-at totals need a
 * bridge. */
static void correct_dates(World *w, const char *event, size_t phase, int count, Rng *r)
{
    Date   edge = w->phases[0].to;
    size_t edge_batch = plan_batch(w, edge, true);
    for (int tries = 0; count > 0 && tries < 20000; tries++) {
        size_t   i = below(r, w->outcome_count);
        Outcome *wrong = NULL;
        if (!untouched(w, i, event) || (w->outcomes[i].date > edge) != (phase > 0))
            continue;
        const Person *p = &w->people[w->outcomes[i].person];
        Date date = phase > 0 ? edge - 1 - (Date)below(r, 6) : edge + 2 + (Date)below(r, 6);
        if (w->batches[p->first_batch].arrives > edge - 8 || (phase == 0 && w->outcomes[i].date < edge - 20))
            continue;
        if (!correct_row(w, i, date, phase > 0 ? edge_batch : next_returns(w, edge_batch), &wrong))
            return;
        count--;
    }
}

static void corrections(World *w, Rng *r)
{
    int n = scaled(w, 6);
    correct_content(w, "exhibit", n, r);
    correct_content(w, "premises", scaled(w, 4), r);
    if (w->modern)
        return;
    correct_dates(w, "arrest", 1, scaled(w, 4), r);
    correct_dates(w, "arrest", 0, scaled(w, 3), r);
    correct_dates(w, "premises", 1, scaled(w, 5), r);
    correct_dates(w, "exhibit", 1, scaled(w, 8), r);
}

static void unplaced_rows(World *w, Rng *r)
{
    static const char *const events[] = { "interview", "welfare", "interview", "welfare" };
    for (size_t i = 0; i < COUNT_OF(events); i++) {
        size_t   person = below(r, w->person_count);
        Outcome *o = done(w, events[i], "N", person, w->to - 20, i % 2 ? "assessed" : NULL);
        o->subject = str_fmt(w->mem, "8800%05zu", 11 + i * 17);
        o->pending = true;
    }
}

void outcomes_make(World *w)
{
    Rng r = stream(w, "outcomes", 0);
    for (size_t i = 0; i < w->phase_count; i++)
        charges_decide(w, i, &r);
    for (size_t i = 0; i < w->phase_count; i++) {
        for (size_t f = 0; f < w->force_count; f++)
            force_rows(w, f, i, &r);
        children_make(w, i, &r);
    }
    for (size_t i = 0; i < w->person_count; i++)
        if (w->people[i].kind == PERSON_PACKAGED && !w->people[i].straddles)
            unarrested_rows(w, i, &r);
    deaths(w, scaled(w, w->modern ? 6 : 24), &r);
    corrections(w, &r);
    unplaced_rows(w, &r);
}
