/* exhibit_test.c: counts of a triage at an exhibit: priority, replacement, who may see, replay. */
#include "operate/testing.h"
#include "triage/exhibit.h"
#include "triage/priority.h"

static const Kind *const tables[] = { DESK_KINDS, operate_kinds, triage_kinds, NULL };

#define ROOT "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define COUNTS(illegal, clusters)                                                                            \
    "{\"kind\":\"E01\",\"tool\":\"muster test\",\"made\":\"2026-05-20T10:00:00Z\",\"report_sha256\":\"" ROOT \
    "\","                                                                                                    \
    "\"totals\":{\"bytes\":9,\"clusters\":" #clusters ",\"deleted\":1,\"distinct\":2,\"files\":7,"           \
                                                      "\"illegal\":" #illegal ",\"known\":3,\"near\":1,"     \
                                                                              "\"pictures\":4,\"unread\":1," \
                                                                              "\"victims\":1,\"videos\":0}," \
    "\"grades\":[{\"grade\":\"A\",\"scale\":\"UK\",\"files\":3,\"distinct\":2,\"illegal\":" #illegal ",\"ne" \
                                                                                                     "ar\":" \
                                                                                                     "1}],"  \
    "\"series\":[{\"series\":\"blue room\",\"files\":3,\"distinct\":2,\"illegal\":3,\"near\":0}],"           \
    "\"by_set\":[{\"set\":\"national\",\"version\":\"7\",\"files\":3,\"distinct\":2,\"illegal\":3,\"near\":" \
    "1}],"                                                                                                   \
    "\"sets\":[{\"name\":\"national\",\"version\":\"7\",\"root\":\"" ROOT "\"}]}"

static const Sql changed_sql[1] = { { "t.changed", "SELECT changed FROM nominal WHERE id = $1" } };

static int64_t changed(Desk *d, int64_t nominal)
{
    Err err = { 0 };
    int64_t n = 0;
    bool found = false;
    CHECK_OK(db_int(d->g.c.db, &changed_sql[0], VALUES(sql_int(nominal)), &n, &found, &err), &err);
    return n;
}

static Json *counts(const char *text)
{
    Err err = { 0 };
    Json *j = NULL;
    CHECK_OK(json_read(str_of(text), &j, &err), &err);
    return j;
}

static void attach(Desk *d, int64_t exhibit, const char *text)
{
    Err err = { 0 };
    CLEANUP(json_done) Json *j = counts(text);
    CHECK_OK(exhibit_attach(d->g.c.ledger, &d->officer, exhibit, j, NULL, &err), &err);
}

static void seize(Desk *d)
{
    people(d, tables);
    take(d, "r1.csv", "exhibit,cheshire,L1,X1,2026-05-20,,waiting,1,,,,,,\n"
                      "exhibit,cheshire,L1,X2,2026-05-21,,waiting,1,,,,,,\n");
    place(d, 0);
}

static void exhibits(Desk *d, ExhibitRow **rows, size_t *n)
{
    Err err = { 0 };
    CHECK_OK(exhibit_list(d->g.c.db, &d->g.c.mem, ground_who(&d->g, "L1"), rows, n, &err), &err);
}

TEST(counts_give_an_exhibit_its_priority)
{
    Desk d;
    ExhibitRow *rows = NULL;
    size_t n = 0;
    seize(&d);
    exhibits(&d, &rows, &n);
    CHECK_INT(n, 2);
    CHECK_TEXT(rows[0].ref, "X1");
    CHECK_INT(rows[0].triage, 0);
    attach(&d, rows[1].id, COUNTS(3, 30));
    exhibits(&d, &rows, &n);
    CHECK_TEXT(rows[0].ref, "X2");             /* what was found raises it above the other */
    CHECK_INT(rows[0].priority, 15 + 20 + 30);
    CHECK(strstr(rows[0].because, "gravest grade") && strstr(rows[0].because, "no set knows"));
    CHECK_INT(rows[0].known, 3);
    CHECK_INT(changed(&d, rows[0].nominal), rows[0].triage);     /* the person is scored again */
    desk_done(&d);
}

TEST(a_later_triage_replaces_an_earlier_one_and_follows_corrections)
{
    Desk d;
    ExhibitRow *rows = NULL;
    size_t n = 0;
    seize(&d);
    exhibits(&d, &rows, &n);
    int64_t first = rows[0].id;
    attach(&d, first, COUNTS(3, 0));
    take(&d, "r2.csv", "exhibit,cheshire,L1,X1,2026-05-20,,examined,2,,,,,,\n");
    place(&d, 0);                              /* the force corrects the row: another id, the same exhibit */
    attach(&d, first, COUNTS(100, 0));
    exhibits(&d, &rows, &n);
    CHECK_INT(n, 2);
    CHECK(rows[0].id != first);
    CHECK_INT(rows[0].illegal, 100);
    CHECK_INT(rows[0].priority, 20 + 45);
    CHECK_TEXT(rows[0].state, "examined");
    desk_done(&d);
}

TEST(who_may_not_read_packages_of_the_force_finds_no_exhibit)
{
    Desk d;
    Err err = { 0 };
    ExhibitRow *rows = NULL, one;
    size_t n = 0;
    seize(&d);
    exhibits(&d, &rows, &n);
    attach(&d, rows[0].id, COUNTS(3, 30));
    Viewer own = { .person = 1, .agency = d.g.c.cheshire, .role = ROLE_FORCE_OFFICER };
    Viewer other = { .person = 1, .agency = d.g.c.cheshire + 1, .role = ROLE_FORCE_OFFICER };
    CHECK_OK(exhibit_fetch(d.g.c.db, &d.g.c.mem, &own, rows[0].id, &one, &err), &err);
    CHECK_INT(one.count_count, 3);
    CHECK_INT(one.set_count, 1);
    CHECK_TEXT(one.sets[0].root, ROOT);
    CHECK_FAILS(exhibit_fetch(d.g.c.db, &d.g.c.mem, &other, rows[0].id, &one, &err), &err, ERR_NOT_FOUND);
    CHECK_FAILS(exhibit_fetch(d.g.c.db, &d.g.c.mem, &own, 987654, &one, &err), &err, ERR_NOT_FOUND);
    desk_done(&d);
}

TEST(a_replay_gives_the_same_tables)
{
    Desk d;
    ExhibitRow *rows = NULL;
    size_t n = 0;
    seize(&d);
    exhibits(&d, &rows, &n);
    attach(&d, rows[0].id, COUNTS(3, 30));
    attach(&d, rows[0].id, COUNTS(1, 300));
    /* desk_done replays every fact and compares */
    desk_done(&d);
}

TEST(counts_that_are_not_whole_are_refused)
{
    static const char *const bad[] = {
        "{}",
        "{\"report_sha256\":\"00\"}",
        "{\"report_sha256\":\"" ROOT "\",\"made\":\"yesterday\"}",
        "{\"report_sha256\":\"" ROOT "\",\"made\":\"2026-05-20T10:00:00Z\",\"totals\":{\"bytes\":-1}}",
        "{\"report_sha256\":\"" ROOT "\",\"made\":\"2026-05-20T10:00:00Z\",\"totals\":[]}",
    };
    Desk d;
    Err err = { 0 };
    ExhibitRow *rows = NULL;
    size_t n = 0;
    seize(&d);
    exhibits(&d, &rows, &n);
    FOR_EACH (b, bad) {
        CLEANUP(json_done) Json *j = counts(*b);
        CHECK_FAILS(exhibit_attach(d.g.c.ledger, &d.g.hand, rows[0].id, j, NULL, &err), &err, ERR_INVALID);
    }
    CLEANUP(json_done) Json *good = counts(COUNTS(1, 1));
    CHECK_FAILS(exhibit_attach(d.g.c.ledger, &d.g.hand, 987654, good, NULL, &err), &err, ERR_NOT_FOUND);
    CHECK_FAILS(exhibit_attach(d.g.c.ledger, &d.other, rows[0].id, good, NULL, &err), &err, ERR_NOT_FOUND);
    desk_done(&d);
}

TEST(of_one_measure_the_highest_row_reached_counts)
{
    static const struct { const char *counts; int64_t points; } cases[] = {
        { COUNTS(0, 0), 5 }, { COUNTS(1, 0), 15 }, { COUNTS(50, 0), 25 }, { COUNTS(1, 9), 22 },
    };
    static const char table[] = "measure,at_least,points,because\nillegal,1,10,some\nillegal,10,20,many\n"
                                "clusters,5,7,unknown\ngrade:UK:A,3,5,grave\ngrade:UK:B,1,100,never\n";
    CLEANUP(arena_done) Arena mem = { 0 };
    Err err = { 0 };
    FOR_EACH (c, cases) {
        CLEANUP(json_done) Json *j = counts(c->counts);
        Priority p;
        CHECK_OK(priority_by(str_of(table), j, &mem, &p, &err), &err);
        CHECK_INT(p.points, c->points);
    }
}

TEST_MAIN(counts_give_an_exhibit_its_priority, a_later_triage_replaces_an_earlier_one_and_follows_corrections,
          who_may_not_read_packages_of_the_force_finds_no_exhibit, a_replay_gives_the_same_tables,
          counts_that_are_not_whole_are_refused, of_one_measure_the_highest_row_reached_counts)
