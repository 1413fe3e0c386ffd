/* Figures over what forces returned: people once, devices by number, corrections from the day they were
 * known. */
#include "figures/figures.h"
#include "link/eliminate.h"
#include "operate/testing.h"
#include "safeguard/safeguard.h"

static const Kind *const tables[] = { DESK_KINDS, operate_kinds, safeguard_kinds, figures_kinds, NULL };

static int64_t counted(Desk *d, Measure m, Date as_at, int64_t known)
{
    Err err = {0};
    Figures f = {0};
    FiguresQuery q = { d->g.hand.operation, as_at, known };
    CHECK_OK(figures_compute(d->g.c.db, &d->g.c.mem, &q, &f, &err), &err);
    return f.national[m];
}

TEST(a_person_arrested_twice_is_counted_once_and_corrections_count_from_then_on)
{
    Desk d;
    Err err = {0};
    LedgerHead before = {0};
    Date may = date_of(2026, 5, 31), june = date_of(2026, 6, 30);
    people(&d, tables);
    take(&d, "r1.csv",
         "arrest,cheshire,L1,A1,2026-05-20,Chester,,,,,yes,no,,\narrest,cheshire,L1,A2,2026-06-03,Chester,,,,"
         ",no,yes,,\n"
         "arrest,gwent,L2,A1,2026-05-21,Newport,,,,,no,no,,\n"
         "exhibit,cheshire,L1,X1,2026-05-20,,waiting,21,,,,,,\nexhibit,cheshire,L1,X2,2026-05-20,,waiting,,,,"
         ",,,\n"
         "premises,cheshire,L1,P1,2026-05-20,Chester,,,,,,,,\n");
    place(&d, 0);
    CHECK_INT(counted(&d, MEASURE_ARRESTS, june, 0), 2);
    CHECK_INT(counted(&d, MEASURE_DEVICES, june, 0), 22);
    CHECK_INT(counted(&d, MEASURE_REGISTERED, june, 0), 1);
    CHECK_INT(counted(&d, MEASURE_PREMISES, june, 0), 1);
    CHECK_OK(ledger_head(d.g.c.db, &d.g.c.mem, &before, &err), &err);

    take(&d, "r2.csv",
         "exhibit,cheshire,L1,X1,2026-05-20,,waiting,10,,,,,,\narrest,gwent,L2,A1,2026-06-02,Newport,,,,,no,"
         "no,,\n"
         "premises,cheshire,L1,P1,2026-05-20,Chester,,,,,,,,\n");
    place(&d, 0);
    CHECK_INT(counted(&d, MEASURE_DEVICES, june, 0), 11);
    CHECK_INT(counted(&d, MEASURE_ARRESTS, may, 0), 1);
    CHECK_INT(counted(&d, MEASURE_ARRESTS, june, 0), 2);
    CHECK_INT(counted(&d, MEASURE_PREMISES, june, 0), 1);
    CHECK_INT(counted(&d, MEASURE_DEVICES, june, before.size), 22);  /* as it was known then */
    CHECK_INT(counted(&d, MEASURE_ARRESTS, may, before.size), 2);
    desk_done(&d);
}

/* Published counts leave out who was eliminated, from when that was decided and no earlier; what was searched
 * and taken stays counted. */
TEST(who_is_eliminated_leaves_the_counts_of_people)
{
    static const Kind *const with[] = { DESK_KINDS,    operate_kinds,   safeguard_kinds,
                                        figures_kinds, eliminate_kinds, NULL };
    Desk d;
    Err err = {0};
    LedgerHead before = {0}, during = {0};
    Date june = date_of(2026, 6, 30);
    people(&d, with);
    take(&d, "r1.csv",
         "arrest,cheshire,L1,A1,2026-05-20,Chester,,,,,yes,no,,\narrest,gwent,L2,A1,2026-05-21,Newport,,,,,"
         "no,no,,\n"
         "exhibit,gwent,L2,X1,2026-05-20,,waiting,21,,,,,,\n");
    place(&d, 0);
    CHECK_INT(counted(&d, MEASURE_ARRESTS, june, 0), 2);
    CHECK_OK(ledger_head(d.g.c.db, &d.g.c.mem, &before, &err), &err);
    int64_t who = ground_who(&d.g, "L2");
    Viewer v = crew_viewer(&d.g.c, d.g.c.officer);
    Hand second = viewer_hand(&v, d.g.hand.operation, TEST_NOW);
    CHECK_OK(elimination_propose(d.g.c.ledger, d.rules, &d.g.hand, who, "Another man of that name", &err),
             &err);
    CHECK_INT(counted(&d, MEASURE_ARRESTS, june, 0), 2);
    CHECK_OK(elimination_second(d.g.c.ledger, &second, who, true, &err), &err);
    CHECK_INT(counted(&d, MEASURE_ARRESTS, june, 0), 1);
    CHECK_INT(counted(&d, MEASURE_DEVICES, june, 0), 21);
    CHECK_INT(counted(&d, MEASURE_ARRESTS, june, before.size), 2);
    CHECK_OK(ledger_head(d.g.c.db, &d.g.c.mem, &during, &err), &err);
    CHECK_OK(nominal_reinstate(d.g.c.ledger, &d.g.hand, who, "It is him", &err), &err);
    CHECK_TEXT(ground_fetch(&d.g, who).row.status, "suspect");
    CHECK_INT(counted(&d, MEASURE_ARRESTS, june, 0), 2);
    CHECK_INT(counted(&d, MEASURE_ARRESTS, june, during.size), 1);

    CHECK_OK(elimination_propose(d.g.c.ledger, d.rules, &d.g.hand, who, "Not him after all", &err), &err);
    CHECK_OK(elimination_second(d.g.c.ledger, &second, who, true, &err), &err);
    take(&d, "r2.csv", "exhibit,gwent,L2,X2,2026-06-20,,waiting,1,,,,,,\n");
    place(&d, 0);
    CHECK_TEXT(ground_fetch(&d.g, who).row.status, "eliminated");
    take(&d, "r3.csv", "charge,gwent,L2,C1,2026-06-21,,,,,Possession,,,,\n");
    place(&d, 0);
    CHECK_TEXT(ground_fetch(&d.g, who).row.status, "charged");       /* that says more than was known */
    CHECK_INT(counted(&d, MEASURE_ARRESTS, june, 0), 2);
    desk_done(&d);
}

#define CHILDREN "event,force,subject_ref,ref,date,child_ref,immediate_risk,state,mechanism,agency\n"

TEST(a_child_is_counted_once_when_safe_however_often_it_is_reported)
{
    Desk d;
    Err err = {0};
    LedgerHead before = {0};
    size_t placed = 0, pending = 0;
    Date june = date_of(2026, 6, 30);
    people(&d, tables);
    Hand system = { .operation = d.g.hand.operation, .at = TEST_NOW };
    ground_take(&d.g, "c1.csv",
                CHILDREN "child,cheshire,L1,K1,2026-05-20,CH-1,yes,concern,,\n"
                         "child,cheshire,L1,K2,2026-05-21,CH-1,yes,safeguarded,bail conditions,Chester\n"
                         "child,cheshire,L1,K3,2026-05-22,CH-1,yes,safeguarded,moved,Chester\n"
                         "child,cheshire,L1,K4,2026-05-22,CH-2,no,referred,,\n"
                         "child,gwent,L2,K1,2026-06-02,CH-1,no,safeguarded,moved,Newport\n");
    CHECK_OK(returns_place_children(LEDGER(d), d.rules, &system, &placed, &pending, &err), &err);
    CHECK_INT(placed, 5);
    CHECK_INT(counted(&d, MEASURE_CHILDREN, june, 0), 2);
    CHECK_INT(counted(&d, MEASURE_CHILDREN, date_of(2026, 5, 31), 0), 1);
    CHECK_INT(counted(&d, MEASURE_IMMEDIATE, june, 0), 1);
    CHECK_OK(ledger_head(d.g.c.db, &d.g.c.mem, &before, &err), &err);
    ground_take(&d.g, "c2.csv", CHILDREN "child,gwent,L2,K1,2026-06-02,CH-1,no,no-further-action,,\n");
    CHECK_OK(returns_place_children(LEDGER(d), d.rules, &system, &placed, &pending, &err), &err);
    CHECK_INT(counted(&d, MEASURE_CHILDREN, june, 0), 1);
    CHECK_INT(counted(&d, MEASURE_CHILDREN, june, before.size), 2);
    desk_done(&d);
}

TEST_MAIN(who_is_eliminated_leaves_the_counts_of_people,
          a_person_arrested_twice_is_counted_once_and_corrections_count_from_then_on,
          a_child_is_counted_once_when_safe_however_often_it_is_reported)
