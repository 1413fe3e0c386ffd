/* Account holders in operators' answers, weighed as records are: who is told of them, and that no more than
 * that happens. Here, since an answer is told of only once it was compared with its footprint. */
#include "attribute/attribute.h"
#include "attribute/attribute_ledger.h"
#include "base/embedded.h"
#include "link/outside.h"
#include "link/testing.h"
#include "link/weigh.h"

static const Kind *const tables[] = { FIELD_KINDS, attribute_kinds, pair_kinds, NULL };

#define LIST "list_ref,family_name,given_names,date_of_birth,address,town,postcode\n"
#define EVENTS "event_ref,account,service,ip_address,port,seen_at\n"
#define ANSWERS                                                                                              \
    "operator_ref,operator,ip_address,port,asked_at,account_holder,date_of_birth,installation_address,"      \
    "installation_postcode,session_start,session_end,shared_address\n"

typedef struct Street {
    Ground      g;
    LinkBase   *base;
    Operators  *operators;
    Places     *places;
    ClockRules *rules;
} Street;

static void street_open(Street *s)
{
    Err err = { 0 };
    *s = (Street){ 0 };
    ground_open(&s->g, tables);
    s->base = link_base_new();
    CHECK_OK(operators_read(STR(""), STR(""), "2026-05-01", &s->operators, &err), &err);
    CHECK_OK(places_load(&s->g.c.mem, embedded_str(embedded_find("data/postcodes.csv")),
                         embedded_str(embedded_find("data/towns.csv")), &s->places, &err),
             &err);
    CHECK_OK(clock_rules_load(&s->g.c.mem, embedded_str(embedded_find("data/clocks.csv")),
                              embedded_str(embedded_find("data/calendars/bank_holidays.csv")), &s->rules,
                              &err),
             &err);
    ground_take(&s->g, "list.csv",
                LIST "L1,Ashdown,Robert,1984-05-12,12 High Street,Chester,CH1 1AA\n"
                     "L2,Ashdown,Mildred,1951-11-30,12 High Street,Chester,CH1 1AA\n"
                     "L3,Beckwith,John,1950-03-04,3 Church Lane,Otley,LS21 1AA\n");
    ground_take(&s->g, "e.csv", EVENTS "E1,one,chat.example,192.0.2.8,,2026-03-01T10:00:00Z\n");
    ground_link(&s->g);
}

static void street_done(Street *s)
{
    operators_close(s->operators);
    link_base_done(s->base);
    ground_done(&s->g);
}

static void answer_take(Street *s, const char *row)
{
    ground_take(&s->g, "a.csv", str_fmt(&s->g.c.mem, ANSWERS "%s\n", row));
}

static void compare_all(Street *s)
{
    Err    err = { 0 };
    size_t looked = 0, attributed = 0;
    CHECK_OK(attribute_pending(s->g.c.ledger, s->g.c.db, &s->g.hand, s->operators, s->places, &looked,
                               &attributed, &err),
             &err);
}

static size_t told_to(Street *s, LinkBase *base, int64_t person, const char *ref, OutsideHit **hits)
{
    Err    err = { 0 };
    size_t count = 0;
    Viewer v = crew_viewer(&s->g.c, person);
    CHECK_OK(outside_hits(s->g.c.db, &s->g.c.mem, base, &v, OUTSIDE_ANSWER, ground_who(&s->g, ref),
                          date_of(2026, 6, 1), hits, &count, &err),
             &err);
    return count;
}

static size_t told_by(Street *s, LinkBase *base, const char *ref, OutsideHit **hits)
{
    return told_to(s, base, s->g.c.coordinator, ref, hits);
}

#define BOB                                                                                                  \
    "Q1,Example Broadband,192.0.2.8,,2026-03-01T10:00:00Z,Mr Bob Ashdown,1984-05-12,12 High St,CH1 1AA,,,no"

TEST(an_account_holder_under_a_short_name_is_told_of_once_the_answer_holds)
{
    CLEANUP(street_done) Street s;
    OutsideHit *hits = NULL;
    street_open(&s);
    CHECK_INT(told_by(&s, s.base, "L1", &hits), 0);
    answer_take(&s, BOB);
    CHECK_INT(told_by(&s, s.base, "L1", &hits), 0);      /* not yet compared with what was asked */
    compare_all(&s);
    CHECK_INT(told_by(&s, s.base, "L1", &hits), 1);
    CHECK_TEXT(hits[0].ref, "Q1");
    CHECK_TEXT(outside_name(&s.g.c.mem, &hits[0]), "Mr Bob Ashdown");
    CHECK_TEXT(hits[0].operator_name, "Example Broadband");
    CHECK_TEXT(hits[0].weighed.outcome, "review");
    CHECK(strstr(outside_caution(OUTSIDE_ANSWER), "anyone of the house") != NULL);
    CHECK_INT(told_by(&s, s.base, "L3", &hits), 0);
}

/* She lives there too; that somebody of the house pays for the line says nothing of her. */
TEST(another_member_of_the_household_is_not_brought_up)
{
    CLEANUP(street_done) Street s;
    OutsideHit *hits = NULL;
    street_open(&s);
    answer_take(&s, BOB);
    compare_all(&s);
    CHECK_INT(told_by(&s, s.base, "L2", &hits), 0);
}

/* The same by every aspect, and still nothing is joined, paired or asked. */
TEST(an_account_holder_is_never_joined)
{
    CLEANUP(street_done) Street s;
    OutsideHit *hits = NULL;
    Err         err = { 0 };
    size_t      done = 0, count = 0;
    PairRow    *pairs = NULL;
    street_open(&s);
    answer_take(&s, "Q1,Example Broadband,192.0.2.8,,2026-03-01T10:00:00Z,Robert Ashdown,1984-05-12,"
                    "12 High Street,CH1 1AA,,,no");
    compare_all(&s);
    Hand system = { .operation = s.g.hand.operation, .at = s.g.hand.at };
    CHECK_OK(weigh_pending(s.g.c.ledger, s.g.c.db, s.base, &system, &done, &err), &err);
    CHECK_INT(told_by(&s, s.base, "L1", &hits), 1);
    CHECK_TEXT(hits[0].weighed.outcome, "review");
    CHECK_OK(pair_all(s.g.c.db, &s.g.c.mem, s.g.hand.operation, &pairs, &count, &err), &err);
    CHECK_INT(count, 0);
    CHECK(ground_who(&s.g, "L1") != ground_who(&s.g, "E1"));
    crew_replay(&s.g.c);
}

TEST(an_answer_that_was_refused_or_withdrawn_is_told_to_nobody)
{
    CLEANUP(street_done) Street s;
    OutsideHit *hits = NULL;
    Err         err = { 0 };
    street_open(&s);
    answer_take(&s, "Q9,Example Broadband,192.0.2.99,,2026-03-01T10:00:00Z,Robert Ashdown,1984-05-12,"
                    "12 High Street,CH1 1AA,,,no");
    compare_all(&s);
    CHECK_INT(told_by(&s, s.base, "L1", &hits), 0);
    answer_take(&s, BOB);
    compare_all(&s);
    CHECK_INT(told_by(&s, s.base, "L1", &hits), 1);
    int64_t id = ground_fetch(&s.g, ground_who(&s.g, "E1")).attributions[0].id;
    CHECK_OK(
        attribution_withdraw(s.g.c.ledger, s.g.c.db, s.rules, &s.g.hand, id, "The year was misread.", &err),
        &err);
    CHECK_INT(told_by(&s, s.base, "L1", &hits), 0);
}

/* The line is in Gwent, and so is whoever was seen on it: not for Cheshire to know, though the name is that
 * of one of its own. */
TEST(an_answer_about_somebody_elses_person_is_not_told)
{
    CLEANUP(street_done) Street s;
    OutsideHit *hits = NULL;
    street_open(&s);
    answer_take(&s, "Q1,Example Broadband,192.0.2.8,,2026-03-01T10:00:00Z,Robert Ashdown,1984-05-12,"
                    "7 Mill Lane,NP19 4AA,,,no");
    compare_all(&s);
    CHECK(ground_fetch(&s.g, ground_who(&s.g, "L1")).row.force == s.g.c.cheshire);
    CHECK(ground_fetch(&s.g, ground_who(&s.g, "E1")).row.force == s.g.c.gwent);
    CHECK_INT(told_by(&s, s.base, "L1", &hits), 1);
    CHECK_INT(told_to(&s, s.base, s.g.c.officer, "L1", &hits), 0);
}

/* A base that read answers and register entries as they came says what one says that reads all at once. */
TEST(what_is_told_does_not_depend_on_when_it_was_read)
{
    CLEANUP(street_done) Street s;
    OutsideHit *live = NULL, *whole = NULL;
    street_open(&s);
    CHECK_INT(told_by(&s, s.base, "L1", &live), 0);
    ground_take(&s.g, "register.csv",
                "register_ref,family_name,given_names,date_of_birth,address,postcode,force\n"
                "R1,Ashdowne,Bob,1984-05-12,12 High St,CH1 1AA,cheshire\n");
    answer_take(&s, BOB);
    compare_all(&s);
    CHECK_INT(told_by(&s, s.base, "L1", &live), 1);
    LinkBase *fresh = link_base_new();
    CHECK_INT(told_by(&s, fresh, "L1", &whole), 1);
    CHECK_INT(live[0].weighed.weight, whole[0].weighed.weight);
    CHECK_TEXT(live[0].weighed.reason, whole[0].weighed.reason);
    CHECK_INT(link_base_records(fresh), link_base_records(s.base));
    link_base_done(fresh);
}

TEST_MAIN(an_account_holder_under_a_short_name_is_told_of_once_the_answer_holds,
          another_member_of_the_household_is_not_brought_up, an_account_holder_is_never_joined,
          an_answer_that_was_refused_or_withdrawn_is_told_to_nobody,
          an_answer_about_somebody_elses_person_is_not_told,
          what_is_told_does_not_depend_on_when_it_was_read)
