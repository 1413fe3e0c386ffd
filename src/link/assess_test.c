/* What reports nobody still has an owner and a clock, until a person says what becomes of it. */
#include "link/assess.h"
#include "base/embedded.h"
#include "link/referral_sql.h"
#include "link/testing.h"

static const Kind *const tables[] = { FIELD_KINDS, assess_kinds, NULL };

#define REPORT(id, person)                                                                                   \
    "<report><incidentSummary><incidentType>Misleading Words or Digital Images on the "                      \
    "Internet</incidentType>"                                                                                \
    "<incidentDateTime>2026-05-01T10:00:00Z</incidentDateTime></incidentSummary>"                            \
    "<internetDetails><webPageIncident><url>https://example.org/" id "</url></webPageIncident>"              \
    "</internetDetails><reporter><reportingPerson><firstName>A</firstName></reportingPerson></"              \
    "reporter>" person "<reportId>" id "</reportId></report>"
#define SOMEONE                                                                                     \
    "<personOrUserReported><espService>example.org</espService><screenName>kestrel</screenName>" \
    "<espIdentifier>u-77</espIdentifier></personOrUserReported>"

enum { A_RUNS, A_OWNER, A_REFERRAL, A__COUNT };
static const Sql assess_sql[A__COUNT] = {
    [A_RUNS] = { "a.runs", "SELECT count(*) FROM clock WHERE kind = 'referral.assess' AND stopped IS NULL" },
    [A_OWNER] = { "a.owner", "SELECT owner FROM clock WHERE kind = 'referral.assess' ORDER BY id LIMIT 1" },
    [A_REFERRAL] = { "a.referral", "SELECT id FROM referral WHERE merged_into IS NULL ORDER BY id LIMIT 1" },
};

typedef struct Bureau {
    Ground g;
    ClockRules *rules;
} Bureau;

static int64_t ask(Bureau *b, int which)
{
    Err err = { 0 };
    int64_t n = -1;
    bool found = false;
    CHECK_OK(db_int(b->g.c.db, &assess_sql[which], NO_VALUES, &n, &found, &err), &err);
    return n;
}

static size_t stage(Bureau *b)
{
    Err err = { 0 };
    size_t done = 0;
    Hand system = { .operation = b->g.hand.operation, .at = b->g.hand.at };
    ground_link(&b->g);
    CHECK_OK(assess_pending(b->g.c.ledger, b->g.c.db, b->rules, &system, &done, &err), &err);
    return done;
}

static void bureau_open(Bureau *b)
{
    Err err = { 0 };
    *b = (Bureau){ 0 };
    ground_open(&b->g, tables);
    CHECK_OK(clock_rules_load(&b->g.c.mem, embedded_str(embedded_find("data/clocks.csv")),
                              embedded_str(embedded_find("data/calendars/bank_holidays.csv")), &b->rules,
                              &err),
             &err);
}

static void bureau_done(Bureau *b)
{
    crew_replay(&b->g.c);
    ground_done(&b->g);
}

TEST(statements_fit_the_schema)
{
    Bureau b;
    Err err = { 0 };
    bureau_open(&b);
    CHECK_OK(store_check_statements(b.g.c.db, referral_sql, REFERRAL__COUNT, &err), &err);
    bureau_done(&b);
}

TEST(a_report_of_a_web_page_waits_on_the_lead_agency_until_it_is_assessed)
{
    Bureau b;
    Err err = { 0 };
    bureau_open(&b);
    ground_take(&b.g, "page.xml", REPORT("901", ""));
    CHECK_INT(stage(&b), 1);
    CHECK_INT(stage(&b), 0);
    CHECK_INT(ask(&b, A_RUNS), 1);
    CHECK_INT(ask(&b, A_OWNER), b.g.c.coordinator);
    int64_t id = ask(&b, A_REFERRAL);
    Ledger *ledger = b.g.c.ledger;
    CHECK_FAILS(referral_assess(ledger, &b.g.hand, id, "informational", " ", &err), &err, ERR_INVALID);
    CHECK_FAILS(referral_assess(ledger, &b.g.hand, id, "linked", "r", &err), &err, ERR_INVALID);
    CHECK_FAILS(referral_assess(ledger, &b.g.hand, id + 999, "informational", "r", &err), &err,
                ERR_NOT_FOUND);
    CHECK_OK(referral_assess(ledger, &b.g.hand, id, "passed-on", "Its host was told.", &err), &err);
    CHECK_INT(ask(&b, A_RUNS), 0);
    CHECK_FAILS(referral_assess(ledger, &b.g.hand, id, "passed-on", "Again.", &err), &err, ERR_CONFLICT);
    CHECK_INT(stage(&b), 0);
    bureau_done(&b);
}

TEST(a_later_report_that_names_someone_ends_the_wait)
{
    Bureau b;
    Err err = { 0 };
    bureau_open(&b);
    ground_take(&b.g, "page.xml", REPORT("902", ""));
    CHECK_INT(stage(&b), 1);
    ground_take(&b.g, "again.xml", REPORT("902", SOMEONE));
    CHECK_INT(stage(&b), 1);
    CHECK_INT(ask(&b, A_RUNS), 0);
    CHECK_FAILS(referral_assess(b.g.c.ledger, &b.g.hand, ask(&b, A_REFERRAL), "passed-on", "r", &err), &err,
                ERR_CONFLICT);
    bureau_done(&b);
}

TEST(a_report_of_a_person_needs_no_clock_of_its_own)
{
    Bureau b;
    bureau_open(&b);
    ground_take(&b.g, "person.xml", REPORT("903", SOMEONE));
    CHECK_INT(stage(&b), 0);
    CHECK_INT(ask(&b, A_RUNS), 0);
    bureau_done(&b);
}

TEST_MAIN(statements_fit_the_schema, a_report_of_a_web_page_waits_on_the_lead_agency_until_it_is_assessed,
          a_later_report_that_names_someone_ends_the_wait, a_report_of_a_person_needs_no_clock_of_its_own)
