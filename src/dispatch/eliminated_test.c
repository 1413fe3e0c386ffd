/* A package of someone eliminated neither vanishes nor goes on asking for action: its holder is told, what it
 * waits for stands still, and it is closed, or goes on when the elimination is taken back. */
#include "dispatch/inside.h"
#include "dispatch/package_apply.h"
#include "dispatch/testing.h"
#include "link/eliminate.h"

static const Kind *const tables[] = { DESK_KINDS, eliminate_kinds, NULL };
#define LEDGER(d) (d).g.c.ledger, (d).g.c.db

static int64_t adam(Desk *d)
{
    ground_take(&d->g, "one.csv", DESK_LISTED "L1,Adam,Example,1970-05-01,,adam@example.org,,\n");
    ground_link(&d->g);
    int64_t nominal = ground_who(&d->g, "L1");
    desk_settle(d, nominal, d->g.c.cheshire, "high", false);
    return nominal;
}

static size_t told(Desk *d, Instant at)
{
    Err err = {0};
    size_t count = 0;
    Hand system = { .operation = d->g.hand.operation, .at = at };
    CHECK_OK(package_eliminations(LEDGER(*d), d->rules, &system, &count, &err), &err);
    return count;
}

static void eliminate(Desk *d, int64_t nominal)
{
    Err err = {0};
    CHECK_OK(elimination_propose(d->g.c.ledger, d->rules, &d->g.hand, nominal, "Another man.", &err), &err);
    CHECK_INT(told(d, TEST_NOW), 0);                     /* not before the second person agrees */
    CHECK_OK(elimination_second(d->g.c.ledger, &d->officer, nominal, true, &err), &err);
}

static void reinstate(Desk *d, int64_t nominal)
{
    Err err = {0};
    CHECK_OK(nominal_reinstate(d->g.c.ledger, &d->supervisor, nominal, "It is him.", &err), &err);
}

static const Sql standing = { "t.standing", "SELECT count(*) FROM clock WHERE subject = $1 AND kind = $2 AND"
                                            " stopped IS NULL AND paused_at IS NOT NULL" };
static bool stands_still(Desk *d, int64_t package, const char *kind)
{
    Err err = {0};
    int64_t n = 0;
    bool found = false;
    CHECK_OK(
        db_int(d->g.c.db, &standing, VALUES(sql_int(package), sql_text(kind)), &n, &found, &err), &err);
    return n == 1;
}

TEST(the_force_is_told_and_its_clocks_stand_still)
{
    Desk d;
    Err err = {0};
    desk_open(&d, tables);
    int64_t n = adam(&d), p = desk_send(&d, n);
    eliminate(&d, n);
    CHECK_INT(told(&d, TEST_NOW), 1);
    CHECK_INT(told(&d, TEST_NOW), 0);                    /* once */
    CHECK(stands_still(&d, p, "package.receipt") && stands_still(&d, p, "package.first-action"));
    CHECK_INT(desk_clock(&d, p, "package.eliminated").owner, d.g.c.supervisor);
    CHECK_INT(desk_clock(&d, p, "package.eliminated").agency, d.g.c.cheshire);
    Package seen = desk_fetch(&d, p, d.g.c.officer);
    CHECK(seen.row.eliminated);
    CHECK_TEXT(seen.row.next_says, "Close it: the person is eliminated");
    size_t late = 0;
    CHECK_OK(clock_escalate(LEDGER(d), d.rules, TEST_NOW + 3 * US_PER_DAY, &late, &err), &err);
    CHECK_INT(late, 0);                                  /* receipt was due within a day */

    /* Whatever starts now stands still as well, and who accepts it is asked to close it. */
    CHECK_OK(package_receive(LEDGER(d), d.rules, &d.officer, p, &err), &err);
    CHECK(stands_still(&d, p, "package.accept"));
    CHECK_OK(package_accept(LEDGER(d), d.rules, &d.supervisor, p, d.g.c.officer, &err), &err);
    CHECK_INT(desk_clock(&d, p, "package.eliminated").owner, d.g.c.officer);

    CHECK_FAILS(package_close(LEDGER(d), &d.officer, p, "no-further-action", NULL, &err), &err, ERR_INVALID);
    CHECK_OK(package_close(LEDGER(d), &d.officer, p, "person-eliminated", NULL, &err), &err);
    CHECK(!desk_runs(&d, p, "package.eliminated") && !desk_runs(&d, p, "package.first-action"));
    CHECK_TEXT(desk_text(&d, D_STATE, p), "closed");
    CHECK_INT(told(&d, TEST_NOW), 0);
    desk_done(&d);
}

TEST(taken_back_it_goes_on_where_it_stood)
{
    Desk d;
    Err err = {0};
    desk_open(&d, tables);
    int64_t n = adam(&d), p = desk_send(&d, n);
    Instant receipt = desk_clock(&d, p, "package.receipt").due;
    eliminate(&d, n);
    CHECK_INT(told(&d, TEST_NOW), 1);
    reinstate(&d, n);
    CHECK_INT(told(&d, TEST_NOW + US_PER_DAY), 1);
    CHECK(!desk_runs(&d, p, "package.eliminated"));
    CHECK(!stands_still(&d, p, "package.receipt"));
    CHECK_INT(desk_clock(&d, p, "package.receipt").due, receipt + US_PER_DAY);
    CHECK(!desk_fetch(&d, p, d.g.c.officer).row.eliminated);
    CHECK_FAILS(package_close(LEDGER(d), &d.officer, p, "person-eliminated", NULL, &err), &err, ERR_INVALID);
    eliminate(&d, n);                                    /* and again */
    CHECK_INT(told(&d, TEST_NOW + US_PER_DAY), 1);
    CHECK_INT(desk_entries(&d, "package.eliminated"), 2);
    desk_done(&d);
}

TEST(what_a_supervisor_paused_stays_paused)
{
    Desk d;
    Err err = {0};
    desk_open(&d, tables);
    int64_t n = adam(&d), p = desk_send(&d, n), clock = 0;
    static const Sql of = { "t.of", "SELECT id FROM clock WHERE subject = $1 AND kind = 'package.receipt'" };
    CHECK_OK(db_int(d.g.c.db, &of, VALUES(sql_int(p)), &clock, &(bool){ false }, &err), &err);
    CHECK_OK(clock_pause(d.g.c.ledger, &d.supervisor, clock, "Their duty office is flooded.", &err), &err);
    eliminate(&d, n);
    CHECK_INT(told(&d, TEST_NOW), 1);
    reinstate(&d, n);
    CHECK_INT(told(&d, TEST_NOW), 1);
    CHECK(stands_still(&d, p, "package.receipt"));
    CHECK(!stands_still(&d, p, "package.first-action"));
    desk_done(&d);
}

TEST(before_it_is_sent_it_is_the_coordinators_to_end)
{
    Desk d;
    Err err = {0};
    int64_t again = 0, *ids = NULL;
    size_t count = 0;
    desk_open(&d, tables);
    int64_t n = adam(&d), p = desk_build(&d, n);
    CHECK_FAILS(package_close(LEDGER(d), &d.g.hand, p, "no-further-action", NULL, &err), &err, ERR_CONFLICT);
    eliminate(&d, n);
    CHECK_INT(told(&d, TEST_NOW), 1);
    CHECK_INT(desk_clock(&d, p, "package.eliminated").owner, d.g.c.coordinator);
    CHECK_FAILS(package_send(LEDGER(d), d.rules, &d.g.hand, p, &err), &err, ERR_CONFLICT);
    CHECK_FAILS(package_close(LEDGER(d), &d.officer, p, "person-eliminated", NULL, &err), &err, ERR_DENIED);
    CHECK_OK(package_close(LEDGER(d), &d.g.hand, p, "person-eliminated", NULL, &err), &err);
    CHECK_FAILS(package_build(LEDGER(d), d.rules, &d.g.hand, n, &again, &err), &err, ERR_CONFLICT);
    reinstate(&d, n);
    CHECK_TEXT(desk_text(&d, D_STAGE, n), "at-address");
    CHECK_OK(package_candidates(d.g.c.db, &d.g.c.mem, d.g.hand.operation, &ids, &count, &err), &err);
    CHECK_INT(count, 1);                                 /* they need one again */
    CHECK(desk_build(&d, n) != p);
    desk_done(&d);
}

TEST(a_package_given_back_waits_on_the_coordinator)
{
    Desk d;
    Err err = {0};
    desk_open(&d, tables);
    int64_t n = adam(&d), p = desk_send(&d, n);
    eliminate(&d, n);
    CHECK_INT(told(&d, TEST_NOW), 1);
    CHECK_OK(package_return(LEDGER(d), d.rules, &d.supervisor, p, "Not ours, and not him.", &err), &err);
    CHECK_INT(desk_clock(&d, p, "package.eliminated").owner, d.g.c.coordinator);
    CHECK(stands_still(&d, p, "package.returned"));
    reinstate(&d, n);
    CHECK_INT(told(&d, TEST_NOW), 1);
    CHECK(desk_runs(&d, p, "package.returned") && !stands_still(&d, p, "package.returned"));
    desk_done(&d);
}

TEST_MAIN(the_force_is_told_and_its_clocks_stand_still, taken_back_it_goes_on_where_it_stood,
          what_a_supervisor_paused_stays_paused, before_it_is_sent_it_is_the_coordinators_to_end,
          a_package_given_back_waits_on_the_coordinator)
