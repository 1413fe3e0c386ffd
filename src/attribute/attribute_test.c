/* Which household a footprint points to: field by field, and never to the wrong door. */
#include "base/embedded.h"
#include "attribute/attribute.h"
#include "attribute/attribute_ledger.h"
#include "link/testing.h"

static const Kind *const tables[] = { FIELD_KINDS, attribute_kinds, NULL };

static const char postcodes[] = "sector,lad_code,force,as_of\n"
                                "CH1 1,E06000050,cheshire,2025-10-20\n"
                                "NP10 8,W06000022,gwent,2025-10-20\n"
                                "SY14 7,E06000049,cheshire,2025-10-20\n"
                                "SY14 7,W06000006,north-wales,2025-10-20\n"
                                "CH2 2,E06000050,cheshire,2025-10-20\n"
                                "CH2 2,E06000049,cheshire,2025-10-20\n"
                                "ZZ1 1,E09999999,nowhere,2025-10-20\n";
static const char towns[] = "town,local_authority,lad_code,force,sectors\n"
                            "Chester,Cheshire West and Chester,E06000050,cheshire,CH1 1;CH1 2\n"
                            "Newport,Newport,W06000022,gwent,NP10 8\n";
static const char ranges[] = "3221225984,3221226239,64500,Example Broadband\n"          /* 192.0.2.0/24 */
                             "198.51.100.0,198.51.100.127,64501,\"Example, Mobile\"\n";
static const char ranges6[] = "2001:db8::,2001:db8:0:ffff:ffff:ffff:ffff:ffff,64502,Example Six\n";

#define EVENTS "event_ref,account,service,ip_address,port,seen_at\n"
#define ANSWERS                                                                                              \
    "operator_ref,operator,ip_address,port,asked_at,account_holder,billing_address,billing_postcode,"        \
    "installation_address,installation_postcode,session_start,session_end,shared_address\n"

typedef struct Site { Ground g; Operators *operators; Places *places; ClockRules *rules; } Site;

static void site_open(Site *s)
{
    Err err = {0};
    ground_open(&s->g, tables);
    CHECK_OK(operators_read(str_of(ranges), str_of(ranges6), "2026-05-01", &s->operators, &err), &err);
    CHECK_OK(places_load(&s->g.c.mem, str_of(postcodes), str_of(towns), &s->places, &err), &err);
    CHECK_OK(clock_rules_load(&s->g.c.mem, embedded_str(embedded_find("data/clocks.csv")),
                              embedded_str(embedded_find("data/calendars/bank_holidays.csv")), &s->rules,
                              &err),
             &err);
}

static void site_done(Site *s)
{
    operators_close(s->operators);
    ground_done(&s->g);
}

static size_t attribute_all(Site *s)
{
    Err err = {0};
    size_t looked = 0, attributed = 0;
    CHECK_OK(attribute_pending(s->g.c.ledger, s->g.c.db, &s->g.hand, s->operators, s->places, &looked,
                               &attributed, &err),
             &err);
    return attributed;
}

static RefusedRow *refused(Site *s, size_t *count)
{
    Err err = {0};
    RefusedRow *rows = NULL;
    CHECK_OK(attribute_refused(s->g.c.db, &s->g.c.mem, s->g.hand.operation, 0, 0, &rows, count, &err), &err);
    return rows;
}

TEST(an_answer_that_agrees_in_every_field_names_the_household_and_the_force)
{
    Site s;
    site_open(&s);
    ground_take(&s.g, "e.csv", EVENTS "E1,one,chat.example,192.0.2.7,4431,2026-03-01T10:00:00Z\n"
                                      "E2,one,chat.example,192.0.2.7,4431,2026-03-01T11:00:00Z\n"
                                      "E3,one,chat.example,192.0.2.7,4431,2026-03-09T11:00:00Z\n");
    ground_take(&s.g, "a.csv",
                ANSWERS
                "Q1,Example Broadband,192.0.2.7,4431,2026-03-01T10:00:00Z,P Payer,9 Far Road,NP10 8AA,"
                "1 High Street,CH1 1AA,2026-03-01T09:00:00Z,2026-03-01T12:00:00Z,no\n");
    CHECK_INT(attribute_all(&s), 0);             /* not linked yet: waits */
    ground_link(&s.g);
    CHECK_INT(attribute_all(&s), 2);             /* both events of the session */
    Nominal n = ground_fetch(&s.g, ground_who(&s.g, "E1"));
    CHECK_INT(n.attribution_count, 2);
    CHECK_TEXT(n.attributions[0].agrees, "address equal; port 4431 equal; instant within the session");
    CHECK_TEXT(n.attributions[0].billing, "9 Far Road");
    CHECK_TEXT(n.address, "1 High Street");
    CHECK_TEXT(n.row.force_short, "cheshire");
    CHECK_TEXT(n.row.town, "Chester");
    CHECK_TEXT(n.force_basis, "Full postcode, sector CH1 1, table of 2025-10-20");
    CHECK_TEXT(n.row.stage, "at-address");
    CHECK_TEXT(n.row.name, "one");               /* who pays the bill is not who did it */
    CHECK_INT(n.answers, 2);
    CHECK_TEXT(n.footprints[0].operator_name, "Example Broadband");
    CHECK_TEXT(n.footprints[0].operator_as_of, "2026-05-01");
    CHECK_TEXT(n.footprints[0].answer_ref, "Q1");
    CHECK(!n.footprints[2].attributed);
    CHECK_INT(attribute_all(&s), 0);
    crew_replay(&s.g.c);
    site_done(&s);
}

static const struct { const char *name, *event, *answer, *why;
} disagreements[] = {
    { "port", "192.0.2.8,1000,2026-03-01T10:00:00Z",
      "192.0.2.8,1001,2026-03-01T10:00:00Z,H,,,1 High Street,CH1 1AA,,,no", "The port differs." },
    { "shared without port", "192.0.2.8,,2026-03-01T10:00:00Z",
      "192.0.2.8,,2026-03-01T10:00:00Z,H,,,1 High Street,CH1 1AA,,,yes",
      "Many customers share this address and the port is missing: no one household can be named." },
    { "outside the session", "192.0.2.8,,2026-03-01T10:00:00Z",
      "192.0.2.8,,2026-03-01T10:00:00Z,H,,,1 High Street,CH1 1AA,2026-03-01T11:00:00Z,"
      "2026-03-01T12:00:00Z,no",
      "The instant asked about is outside the session answered with." },
    { "an hour off", "192.0.2.8,,2026-03-01T10:00:00Z",
      "192.0.2.8,,2026-03-01T11:00:00Z,H,,,1 High Street,CH1 1AA,,,no",
      "The instant differs by exactly 1 h: a time zone may have been misread." },
    { "another address", "192.0.2.8,,2026-03-01T10:00:00Z",
      "192.0.2.9,,2026-03-01T10:00:00Z,H,,,1 High Street,CH1 1AA,,,no",
      "No footprint of a reported person has this address." },
    { "no offset", "192.0.2.8,,2026-03-01T10:00:00",
      "192.0.2.8,,2026-03-01T10:00:00Z,H,,,1 High Street,CH1 1AA,,,no",
      "The footprint's time states no offset: it is unresolved." },
};

TEST(an_answer_that_differs_in_one_field_is_refused_and_stays_visible)
{
    FOR_EACH(d, disagreements) {
        Site s;
        size_t count = 0;
        site_open(&s);
        ground_take(&s.g, "e.csv", str_fmt(&s.g.c.mem, EVENTS "E1,one,chat.example,%s\n", d->event));
        ground_take(&s.g, "a.csv", str_fmt(&s.g.c.mem, ANSWERS "Q1,Example Broadband,%s\n", d->answer));
        ground_link(&s.g);
        CHECK_INT(attribute_all(&s), 0);
        RefusedRow *rows = refused(&s, &count);
        CHECK_INT(count, 1);
        CHECK_TEXT(rows[0].why, d->why);
        CHECK_TEXT(rows[0].operator_ref, "Q1");
        CHECK(ground_fetch(&s.g, ground_who(&s.g, "E1")).address == NULL);
        crew_replay(&s.g.c);
        site_done(&s);
    }
}

TEST(an_answer_that_came_before_its_footprint_is_looked_at_again)
{
    Site s;
    size_t count = 0;
    site_open(&s);
    ground_take(&s.g, "a.csv",
                ANSWERS
                "Q1,Example Broadband,192.0.2.8,,2026-03-01T10:00:00Z,H,,,1 High Street,CH1 1AA,,,no\n");
    CHECK_INT(attribute_all(&s), 0);
    refused(&s, &count);
    CHECK_INT(count, 1);
    ground_take(&s.g, "e.csv", EVENTS "E1,one,chat.example,192.0.2.8,,2026-03-01T10:00:00Z\n");
    ground_link(&s.g);
    CHECK_INT(attribute_all(&s), 1);
    refused(&s, &count);
    CHECK_INT(count, 0);
    site_done(&s);
}

TEST(a_withdrawn_answer_takes_its_household_along)
{
    Site s;
    Err err = {0};
    site_open(&s);
    ground_take(&s.g, "e.csv", EVENTS "E1,one,chat.example,192.0.2.8,,2026-03-01T10:00:00Z\n");
    ground_take(&s.g, "a.csv",
                ANSWERS
                "Q1,Example Broadband,192.0.2.8,,2026-03-01T10:00:00Z,H,,,1 High Street,CH1 1AA,,,no\n");
    ground_link(&s.g);
    CHECK_INT(attribute_all(&s), 1);
    int64_t who = ground_who(&s.g, "E1");
    int64_t id = ground_fetch(&s.g, who).attributions[0].id;
    CHECK_FAILS(attribution_withdraw(s.g.c.ledger, s.g.c.db, s.rules, &s.g.hand, id, "", &err), &err,
                ERR_INVALID);
    CHECK_OK(
        attribution_withdraw(s.g.c.ledger, s.g.c.db, s.rules, &s.g.hand, id, "The year was misread.", &err),
        &err);
    CHECK(ground_fetch(&s.g, who).address == NULL);
    CHECK_INT(ground_fetch(&s.g, who).row.force, 0);
    CHECK(ground_fetch(&s.g, who).attributions[0].withdrawn);
    CHECK_FAILS(attribution_withdraw(s.g.c.ledger, s.g.c.db, s.rules, &s.g.hand, id, "Twice.", &err), &err,
                ERR_CONFLICT);
    AttributionError error;
    CHECK_OK(attribution_error(s.g.c.db, &s.g.c.mem, id, &error, &err), &err);
    CHECK(error.withdrawn && error.to_review);
    CHECK_TEXT(error.why, "The year was misread.");
    CHECK_FAILS(attribution_reviewed(s.g.c.ledger, s.g.c.db, &s.g.hand, who, " ", &err), &err, ERR_INVALID);
    CHECK_OK(attribution_reviewed(s.g.c.ledger, s.g.c.db, &s.g.hand, who, "Nothing was sent.", &err), &err);
    CHECK_OK(attribution_error(s.g.c.db, &s.g.c.mem, id, &error, &err), &err);
    CHECK(!error.to_review);
    CHECK_FAILS(attribution_reviewed(s.g.c.ledger, s.g.c.db, &s.g.hand, who, "Again.", &err), &err,
                ERR_CONFLICT);
    crew_replay(&s.g.c);
    site_done(&s);
}

TEST(an_address_a_list_states_gives_a_force_until_an_operator_answers)
{
    Site s;
    site_open(&s);
    ground_take(&s.g, "l.csv", "list_ref,given_names,family_name,address,postcode,email\n"
                               "L1,Adam,Example,2 Low Street,NP10 8AA,a@example.org\n"
                               "L2,Bea,Example,3 Border Lane,SY14 7AA,b@example.org\n");
    ground_link(&s.g);
    attribute_all(&s);
    Nominal n = ground_fetch(&s.g, ground_who(&s.g, "L1"));
    CHECK_TEXT(n.row.force_short, "gwent");
    CHECK_INT(n.answers, 0);
    CHECK_INT(n.attribution_count, 0);
    n = ground_fetch(&s.g, ground_who(&s.g, "L2"));
    CHECK_INT(n.row.force, 0);
    CHECK(strstr(n.force_basis, "more than one force"));
    ground_take(&s.g, "e.csv",
                "event_ref,email,ip_address,seen_at\nE1,a@example.org,192.0.2.8,2026-03-01T10:00:00Z\n");
    ground_take(&s.g, "a.csv",
                ANSWERS
                "Q1,Example Broadband,192.0.2.8,,2026-03-01T10:00:00Z,H,,,1 High Street,CH1 1AA,,,no\n");
    ground_link(&s.g);
    CHECK_INT(attribute_all(&s), 1);
    CHECK_TEXT(ground_fetch(&s.g, ground_who(&s.g, "L1")).row.force_short, "cheshire");
    crew_replay(&s.g.c);
    site_done(&s);
}

TEST(an_undone_link_takes_its_household_along)
{
    Site s;
    Err err = {0};
    site_open(&s);
    ground_take(&s.g, "e.csv",
                "event_ref,email,ip_address,seen_at\nE1,a@example.org,192.0.2.1,2026-03-01T10:00:00Z\n"
                "E2,a@example.org,192.0.2.8,2026-03-01T10:00:00Z\n");
    ground_take(&s.g, "a.csv",
                ANSWERS
                "Q1,Example Broadband,192.0.2.8,,2026-03-01T10:00:00Z,H,,,1 High Street,CH1 1AA,,,no\n");
    ground_link(&s.g);
    CHECK_INT(attribute_all(&s), 1);
    int64_t one = ground_who(&s.g, "E1");
    Nominal n = ground_fetch(&s.g, one);
    CHECK_TEXT(n.row.force_short, "cheshire");
    CHECK_OK(nominal_unlink(s.g.c.ledger, &s.g.hand, n.links[1].id, "Not them.", &err), &err);
    CHECK(ground_fetch(&s.g, one).address == NULL);
    CHECK_TEXT(ground_fetch(&s.g, ground_who(&s.g, "E2")).address, "1 High Street");
    crew_replay(&s.g.c);
    site_done(&s);
}

TEST_MAIN(an_answer_that_agrees_in_every_field_names_the_household_and_the_force,
          an_answer_that_differs_in_one_field_is_refused_and_stays_visible,
          an_answer_that_came_before_its_footprint_is_looked_at_again,
          a_withdrawn_answer_takes_its_household_along,
          an_address_a_list_states_gives_a_force_until_an_operator_answers,
          an_undone_link_takes_its_household_along)
