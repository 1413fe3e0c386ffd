/* Eliminated people are out of the queue and of searches, and never forgotten: two people decide it, and
 * anything new takes it back. */
#include "base/embedded.h"
#include "base/ref.h"
#include "link/eliminate.h"
#include "link/link_sql.h"
#include "link/nominal_apply.h"
#include "link/testing.h"

static const Kind *const tables[] = { FIELD_KINDS, eliminate_kinds, NULL };

#define EVENTS "event_ref,account,service,ip_address,seen_at\n"
static const char events[] = EVENTS "E1,one,chat.example,192.0.2.1,2026-03-01T10:00:00Z\n"
                                    "E2,two,chat.example,192.0.2.2,2026-03-02T10:00:00Z\n"
                                    "E3,three,chat.example,192.0.2.3,2026-03-02T10:00:00Z\n";

typedef struct Place { Ground g; ClockRules *rules; Hand second; } Place;

static void place_open(Place *p)
{
    Err err = {0};
    ground_open(&p->g, tables);
    CHECK_OK(clock_rules_load(&p->g.c.mem, embedded_str(embedded_find("data/clocks.csv")),
                              embedded_str(embedded_find("data/calendars/bank_holidays.csv")), &p->rules,
                              &err),
             &err);
    ground_take(&p->g, "events.csv", events);
    ground_link(&p->g);
    Viewer v = crew_viewer(&p->g.c, p->g.c.officer);
    p->second = viewer_hand(&v, p->g.hand.operation, TEST_NOW);
}

static int64_t number(Place *p, const char *text)
{
    const Sql sql = { "t.number", text };
    Err err = {0};
    int64_t n = -1;
    bool found = false;
    CHECK_OK(db_int(p->g.c.db, &sql, NO_VALUES, &n, &found, &err), &err);
    return n;
}

static size_t found(Place *p, const char *text, bool eliminated)
{
    Err err = {0};
    NominalRow *rows = NULL;
    size_t count = 0;
    Viewer v = crew_viewer(&p->g.c, p->g.c.coordinator);
    QueueFilter f = { .operation = p->g.hand.operation, .text = text, .eliminated = eliminated };
    CHECK_OK(nominal_queue(p->g.c.db, &p->g.c.mem, &v, &f, &rows, &count, &err), &err);
    return count;
}

static void eliminate(Place *p, const char *ref)
{
    Err err = {0};
    int64_t id = ground_who(&p->g, ref);
    CHECK_OK(
        elimination_propose(p->g.c.ledger, p->rules, &p->g.hand, id, "The account was taken over.", &err),
        &err);
    CHECK_OK(elimination_second(p->g.c.ledger, &p->second, id, true, &err), &err);
    CHECK_TEXT(ground_fetch(&p->g, id).row.status, "eliminated");
}

TEST(two_people_eliminate_someone_and_one_takes_it_back)
{
    Place p;
    Err err = {0};
    Elimination now;
    place_open(&p);
    int64_t id = ground_who(&p.g, "E1");
    CHECK_FAILS(elimination_propose(p.g.c.ledger, p.rules, &p.g.hand, id, " ", &err), &err, ERR_INVALID);
    CHECK_FAILS(elimination_second(p.g.c.ledger, &p.second, id, true, &err), &err, ERR_NOT_FOUND);
    CHECK_OK(elimination_propose(p.g.c.ledger, p.rules, &p.g.hand, id, "The account was taken over.", &err),
             &err);
    CHECK_INT(number(&p, "SELECT count(*) FROM clock WHERE kind = 'nominal.elimination' AND stopped IS NULL"),
              1);
    CHECK_TEXT(ground_fetch(&p.g, id).row.status, "reported");
    CHECK_INT(found(&p, NULL, false), 3);
    CHECK_FAILS(elimination_propose(p.g.c.ledger, p.rules, &p.g.hand, id, "Again.", &err), &err,
                ERR_CONFLICT);
    CHECK_FAILS(elimination_second(p.g.c.ledger, &p.g.hand, id, true, &err), &err, ERR_DENIED);
    CHECK_OK(elimination_second(p.g.c.ledger, &p.second, id, true, &err), &err);
    CHECK_OK(elimination_of(p.g.c.db, &p.g.c.mem, id, &now, &err), &err);
    CHECK(now.holds);
    CHECK_TEXT(now.reason, "The account was taken over.");
    CHECK_INT(number(&p, "SELECT count(*) FROM clock WHERE stopped IS NULL AND nominal ="
                         " (SELECT nominal FROM elimination)"), 0);
    CHECK_INT(found(&p, NULL, false), 2);
    CHECK_INT(found(&p, "one", false), 0);
    CHECK_INT(found(&p, "one", true), 1);
    CHECK_INT(found(&p, ref_write(&p.g.c.mem, 'N', id), false), 1); /* by reference: kept, and still theirs */
    CHECK_INT(number(&p, "SELECT nominals FROM operation_tally"), 2);
    CHECK_FAILS(nominal_reinstate(p.g.c.ledger, &p.second, id, "", &err), &err, ERR_INVALID);
    CHECK_OK(nominal_reinstate(p.g.c.ledger, &p.second, id, "It was not.", &err), &err);
    CHECK_TEXT(ground_fetch(&p.g, id).row.status, "reported");
    CHECK_INT(found(&p, NULL, false), 3);
    CHECK_INT(number(&p, "SELECT nominals FROM operation_tally"), 3);
    CHECK_FAILS(nominal_reinstate(p.g.c.ledger, &p.second, id, "Again.", &err), &err, ERR_CONFLICT);
    crew_replay(&p.g.c);
    ground_done(&p.g);
}

TEST(a_second_person_may_disagree)
{
    Place p;
    Err err = {0};
    Elimination now;
    place_open(&p);
    int64_t id = ground_who(&p.g, "E1");
    CHECK_OK(elimination_propose(p.g.c.ledger, p.rules, &p.g.hand, id, "Unconnected.", &err), &err);
    CHECK_OK(elimination_second(p.g.c.ledger, &p.second, id, false, &err), &err);
    CHECK_OK(elimination_of(p.g.c.db, &p.g.c.mem, id, &now, &err), &err);
    CHECK_INT(now.id, 0);
    CHECK_INT(number(&p, "SELECT count(*) FROM clock WHERE kind = 'nominal.elimination' AND stopped IS NULL"),
              0);
    CHECK_INT(found(&p, NULL, false), 3);
    CHECK_OK(elimination_propose(p.g.c.ledger, p.rules, &p.g.hand, id, "Unconnected, see X.", &err), &err);
    crew_replay(&p.g.c);
    ground_done(&p.g);
}

/* Nobody stays out of sight when something new comes in. */
TEST(what_is_learned_since_takes_it_back)
{
    Place p;
    place_open(&p);
    eliminate(&p, "E1");
    ground_take(&p.g, "more.csv", EVENTS "E9,one,chat.example,192.0.2.9,2026-03-09T10:00:00Z\n");
    ground_link(&p.g);
    CHECK_INT(ground_who(&p.g, "E9"), ground_who(&p.g, "E1"));
    CHECK_TEXT(ground_fetch(&p.g, ground_who(&p.g, "E1")).row.status, "reported");
    CHECK_INT(found(&p, NULL, false), 3);
    CHECK_INT(number(&p, "SELECT count(*) FROM elimination WHERE undone_by IS NOT NULL"), 1);
    crew_replay(&p.g.c);
    ground_done(&p.g);
}

TEST(a_merge_takes_it_back_and_undoing_that_gives_it_back)
{
    static const char *const orders[][2] = { { "E1", "E2" }, { "E2", "E1" } };
    FOR_EACH (o, orders) {
        Place p;
        Err err = {0};
        place_open(&p);
        eliminate(&p, "E1");
        int64_t one = ground_who(&p.g, "E1"), kept = ground_who(&p.g, (*o)[0]),
                merged = ground_who(&p.g, (*o)[1]);
        CHECK_OK(nominal_merge(p.g.c.ledger, &p.g.hand, kept, merged, "One person", &err), &err);
        CHECK_TEXT(ground_fetch(&p.g, kept).row.status, "reported");
        CHECK_INT(number(&p, "SELECT count(*) FROM elimination WHERE undone_by IS NULL"), 0);
        CHECK_OK(nominal_unmerge(p.g.c.ledger, &p.g.hand, number(&p, "SELECT max(id) FROM merge"),
                                 "Two people", &err),
                 &err);
        CHECK_TEXT(ground_fetch(&p.g, one).row.status, "eliminated");
        CHECK_INT(number(&p, "SELECT count(*) FROM elimination WHERE undone_by IS NULL"), 1);
        CHECK_OK(nominal_reinstate(p.g.c.ledger, &p.g.hand, one, "After all.", &err), &err);
        CHECK_TEXT(ground_fetch(&p.g, one).row.status, "reported");
        crew_replay(&p.g.c);
        ground_done(&p.g);
    }
}

TEST_MAIN(two_people_eliminate_someone_and_one_takes_it_back, a_second_person_may_disagree,
          what_is_learned_since_takes_it_back, a_merge_takes_it_back_and_undoing_that_gives_it_back)
