/* One error lists everything that relied on it, to those who may read it, and stops what has not gone out. */
#include "operate/relied.h"
#include "attribute/attribute.h"
#include "operate/operate_sql.h"
#include "base/ref.h"
#include "operate/testing.h"

static const Kind *const tables[] = { DESK_KINDS, operate_kinds, attribute_kinds, NULL };
static const Sql sighting_of = { "t.sighting", "SELECT min(id) FROM sighting WHERE nominal = $1" };

/* The address a source states, tied to the nominal. Gives the attribution's id. */
static int64_t placed(Desk *d, int64_t nominal)
{
    Err err = {0};
    int64_t id = 0, sighting = 0;
    bool found = false;
    CHECK_OK(db_int(d->g.c.db, &sighting_of, VALUES(sql_int(nominal)), &sighting, &found, &err), &err);
    Json *body = json_new_object();
    json_set_text(body, "household", "1 Mill Lane");
    json_set_text(body, "postcode", "CH1 1AA");
    json_set_int(body, "force", d->g.c.cheshire);
    json_set_text(body, "force_basis", "full postcode");
    json_set_int(body, "sighting", sighting);
    CHECK_OK(ledger_record(d->g.c.ledger, &d->g.hand, "nominal.placed", nominal, body, &id, &err), &err);
    return id;
}

static size_t relying(Desk *d, int64_t attribution, int64_t person, Relied **out)
{
    Err err = {0};
    size_t count = 0;
    Viewer v = crew_viewer(&d->g.c, person);
    CHECK_OK(relied_on(d->g.c.db, &d->g.c.mem, &v, attribution, out, &count, &err), &err);
    return count;
}

TEST(an_error_lists_the_packages_and_acts_that_relied_on_it)
{
    Desk d;
    Err err = {0};
    Relied *rows = NULL;
    WithdrawnAnswer wrong;
    bool found = true;
    people(&d, tables);
    int64_t n = ground_who(&d.g, "L1"), answer = placed(&d, n), p = desk_send(&d, n);
    const char *ref = ref_write(&d.g.c.mem, 'P', p);
    take(&d, "r1.csv",
         str_fmt(&d.g.c.mem, "warrant,cheshire,%s,W1,2026-05-14,Chester,granted,,,,,,,\n", ref));
    CHECK_INT(place(&d, 0), 1);
    CHECK_INT(relying(&d, answer, d.g.c.coordinator, &rows), 2);
    CHECK_OK(package_rests_on_error(d.g.c.db, &d.g.c.mem, p, &wrong, &found, &err), &err);
    CHECK(!found);
    CHECK_OK(attribution_withdraw(LEDGER(d), d.rules, &d.g.hand, answer, "Two digits were swapped.", &err),
             &err);
    take(&d, "r2.csv", str_fmt(&d.g.c.mem, "arrest,cheshire,%s,A1,2026-05-15,Chester,,,,,,,,\n", ref));
    CHECK_INT(place(&d, 0), 1);              /* it came after the error was known, so it did not rely on it */
    CHECK_INT(relying(&d, answer, d.g.c.coordinator, &rows), 2);
    CHECK_TEXT(rows[0].kind, "package");
    CHECK_TEXT(rows[1].kind, "warrant");
    CHECK_INT(rows[1].package, p);
    CHECK_INT(relying(&d, answer, d.g.c.officer, &rows), 2);
    CHECK_INT(relying(&d, answer, d.g.c.other_officer, &rows), 0);
    CHECK_OK(package_rests_on_error(d.g.c.db, &d.g.c.mem, p, &wrong, &found, &err), &err);
    CHECK(found);
    CHECK_TEXT(wrong.why, "Two digits were swapped.");
    desk_done(&d);
}

TEST(a_package_that_rests_on_an_error_does_not_go_out_and_may_be_built_anew)
{
    Desk d;
    Err err = {0};
    people(&d, tables);
    int64_t n = ground_who(&d.g, "L1"), answer = placed(&d, n), p = desk_build(&d, n), again = 0;
    CHECK_OK(attribution_withdraw(LEDGER(d), d.rules, &d.g.hand, answer, "It was the neighbour's.", &err),
             &err);
    CHECK_FAILS(package_send(LEDGER(d), d.rules, &d.g.hand, p, &err), &err, ERR_CONFLICT);
    CHECK_FAILS(package_return(LEDGER(d), d.rules, &d.officer, p, "Not ours to take back.", &err), &err,
                ERR_DENIED);
    CHECK_OK(package_return(LEDGER(d), d.rules, &d.g.hand, p, "Its address was wrong.", &err), &err);
    desk_settle(&d, n, d.g.c.cheshire, "high", false);   /* the right household is known now */
    CHECK_OK(package_build(LEDGER(d), d.rules, &d.g.hand, n, &again, &err), &err);
    CHECK_OK(package_send(LEDGER(d), d.rules, &d.g.hand, again, &err), &err);
    desk_done(&d);
}

TEST_MAIN(an_error_lists_the_packages_and_acts_that_relied_on_it,
          a_package_that_rests_on_an_error_does_not_go_out_and_may_be_built_anew)
