/* children.c: the children found around those arrested: what is known, who was told, what came of it. */
#include "simulate/world.h"

typedef struct Case {
    size_t person, nth;                 /* nth child of its force in this phase */
    bool   immediate, open;             /* open: not safeguarded yet */
} Case;
typedef struct Cases { Case *items; size_t count, cap; } Cases;

static const struct { const char *relation, *access; } ties[] = {
    { "daughter",     "lives with"      }, { "son",        "lives with"      }, { "stepchild", "lives with"      },
    { "grandchild",   "regular contact" }, { "niece",      "regular contact" }, { "nephew",    "regular contact" },
    { "foster child", "lives with"      }, { "neighbour",  "regular contact" }, { "unknown",   "online"          },
};

static void case_add(World *w, Cases *c, size_t person, size_t nth, bool immediate, bool open)
{
    *arena_push(w->mem, c->items, c->count, c->cap) = (Case){ person, nth, immediate, open };
}

/* Children of one force go to its arrested people: those in a position of trust first, then families of one
 * to four; the first person of the largest force has seventeen grandchildren. */
static void force_cases(World *w, Cases *c, size_t force, size_t phase, int count, Rng *r)
{
    size_t *people = NULL, n = 0, cap = 0;
    for (int trust = 1; trust >= 0; trust--)
        for (size_t i = 0; i < w->person_count; i++) {
            const Person *p = &w->people[i];
            if (p->arrested != DATE_NONE && p->phase == phase && w->towns[p->town].force == force &&
                p->trust == trust)
                *arena_push(w->mem, people, n, cap) = i;
        }
    size_t nth = 0;
    for (size_t i = 0; n && nth < (size_t)count; i = (i + 1) % n) {
        size_t here = phase == 0 && nth == 0 && count > 30 ? 17 : 1 + below(r, 4);
        for (size_t k = 0; k < here && nth < (size_t)count; k++)
            case_add(w, c, people[i], nth++, false, false);
    }
}

static void mark_immediate(Cases *c, int count, Rng *r)
{
    for (int tries = 0; count > 0 && c->count && tries < 1000000; tries++) {
        Case *k = &c->items[below(r, c->count)];
        if (k->immediate)
            continue;
        k->immediate = true;
        count--;
    }
}

/* Some children are not safe yet: the board must show them. */
static void open_cases(World *w, Cases *c, int immediate, int others)
{
    for (size_t i = w->person_count; i-- > 0 && immediate + others > 0;) {
        const Person *p = &w->people[i];
        if (p->arrested == DATE_NONE || p->phase + 1 != w->phase_count || p->arrested < w->to - 25)
            continue;
        case_add(w, c, i, 1000 + i, immediate > 0, true);
        if (immediate > 0)
            immediate--;
        else
            others--;
    }
}

static Outcome *child_row(World *w, const Case *c, const char *child_ref, size_t tie, int age, Date date,
                          const char *state)
{
    Outcome *o = outcome_add(w, "child", c->person, date);
    bool     pupil = w->people[c->person].trust;
    outcome_sign(w, o, "K");
    o->state = state;
    o->child_ref = child_ref;
    o->age = age;
    o->relation = pupil ? "pupil" : ties[tie].relation;
    o->access = pupil ? "teaches" : ties[tie].access;
    o->immediate = c->immediate;
    return o;
}

static const char *route_result(const World *w, const Case *c, bool *tell, Rng *r)
{
    const char *force = w->forces[w->towns[w->people[c->person].town].force].short_id;
    size_t      sussex = (size_t)scaled(w, 13), beds = (size_t)scaled(w, 6);
    bool        first = w->people[c->person].phase == 0;
    if (str_same(force, "sussex") && first) {
        *tell = c->nth < sussex;
        return "child in need plan";
    }
    if (str_same(force, "bedfordshire") && first) {
        *tell = c->nth < beds;
        return "joint investigation";
    }
    *tell = c->immediate || one_in(r, 0.55);
    return one_in(r, 0.4) ? "strategy meeting held" : "child in need plan";
}

static void referral_row(World *w, const Case *c, const char *child_ref, const char *route,
                         const char *agency, Date date, const char *result)
{
    Outcome *o = outcome_add(w, "referral", c->person, date);
    outcome_sign(w, o, "R");
    o->child_ref = child_ref;
    o->route = route;
    o->agency = agency;
    o->state = result ? "decided" : "sent";
    o->result = result;
}

static void referral_rows(World *w, const Case *c, const char *child_ref, Date date, Rng *r)
{
    const Person *p = &w->people[c->person];
    bool          tell = false;
    const char   *result = route_result(w, c, &tell, r);
    if (tell)
        referral_row(w, c, child_ref, "childrens-social-care",
                     str_fmt(w->mem, "%s children's services", w->towns[p->town].authority), date,
                     c->open ? NULL : result);
    if (!p->trust)
        return;
    referral_row(w, c, child_ref, "lado",
                 str_fmt(w->mem, "%s designated officer", w->towns[p->town].authority), date,
                 one_in(r, 0.5) ? "suspended from work" : NULL);
    if (one_in(r, 0.4))
        referral_row(w, c, child_ref, "dbs", "Disclosure and Barring Liaison Office", date, NULL);
}

static void case_rows(World *w, const Case *c, const Phase *ph, size_t n, Rng *r)
{
    static const char *const how[] = {
        "bail conditions",       "suspect left the household", "parents informed",
        "child protection plan", "moved to another placement", "suspended from work"
    };
    const Person *p = &w->people[c->person];
    const char   *child_ref = str_fmt(w->mem, "CH-%zu-%05zu", p->phase + 1, n + 1);
    size_t        tie = below(r, COUNT_OF(ties));
    if (p->phase == 0 && c->nth < 17 && ph->by_force[w->towns[p->town].force][T_CHILDREN] > 30)
        tie = 3;                                     /* the seventeen */
    int age = c->immediate ? 1 + (int)below(r, 12) : 2 + (int)below(r, 15);
    if (c->open) {
        (void)child_row(w, c, child_ref, tie, age, p->arrested, c->immediate ? "concern" : "referred");
        if (!c->immediate)
            referral_rows(w, c, child_ref, p->arrested, r);
        return;
    }
    Date known = p->arrested;
    Date safe = date_between(
        r, known, known + (c->immediate ? 1 : 20) < ph->to ? known + (c->immediate ? 1 : 20) : ph->to);
    if (safe > known)
        (void)child_row(w, c, child_ref, tie, age, known, one_in(r, 0.5) ? "concern" : "referred");
    referral_rows(w, c, child_ref, known, r);
    Outcome *o = child_row(w, c, child_ref, tie, age, safe, "safeguarded");
    o->mechanism = p->trust ? how[5] : how[below(r, 5)];
    o->agency = str_fmt(w->mem, "%s children's services", w->towns[p->town].authority);
}

void children_make(World *w, size_t phase, Rng *r)
{
    Cases        c = { 0 };
    const Phase *ph = &w->phases[phase];
    for (size_t f = 0; f < w->force_count; f++)
        force_cases(w, &c, f, phase, ph->by_force[f][T_CHILDREN], r);
    mark_immediate(&c, ph->totals.immediate, r);
    if (phase + 1 == w->phase_count) {
        int four = scaled(w, 4);
        open_cases(w, &c, four > 0 ? four : 1, scaled(w, 9));
    }
    for (size_t i = 0; i < c.count; i++)
        case_rows(w, &c.items[i], ph, i, r);
}
