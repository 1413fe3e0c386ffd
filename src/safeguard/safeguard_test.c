/* A child known to be in danger waits on someone by a time, until there is a plan; referrals until they are
 * answered. */
#include "safeguard/safeguard.h"
#include "operate/testing.h"
#include "safeguard/safeguard_sql.h"

static const Kind *const tables[] = { DESK_KINDS, operate_kinds, safeguard_kinds, NULL };
#define CHILDREN                                                                                             \
    "event,force,subject_ref,ref,date,child_ref,age,relation,access,immediate_risk,state,mechanism,agency,"  \
    "route,result\n"

enum { T_ID, T_ROWS, T_CHILDREN, T_CHANGED, T__COUNT };
static const Sql t_sql[T__COUNT] = {
    [T_ID]       = { "t.id", "SELECT id FROM child WHERE ref = $1 AND corrected_by IS NULL" },
    [T_ROWS]     = { "t.rows", "SELECT count(*) FROM return_row WHERE state = $1" },
    [T_CHILDREN] = { "t.children", "SELECT children FROM nominal WHERE id = $1" },
    [T_CHANGED]  = { "t.changed", "SELECT changed FROM nominal WHERE id = $1" },
};

static int64_t number(Desk *d, int sql, Value value)
{
    Err err = {0};
    int64_t n = 0;
    bool found = false;
    CHECK_OK(db_int(d->g.c.db, &t_sql[sql], (Values){ &value, 1 }, &n, &found, &err), &err);
    return n;
}

static int64_t child_of(Desk *d, const char *ref) { return number(d, T_ID, sql_text(ref)); }

static size_t place_children(Desk *d, size_t want_pending)
{
    Err err = {0};
    size_t placed = 0, pending = 0;
    Hand system = { .operation = d->g.hand.operation, .at = d->g.hand.at };
    CHECK_OK(returns_place_children(LEDGER(*d), d->rules, &system, &placed, &pending, &err), &err);
    CHECK_INT(pending, want_pending);
    returned_balance(d);
    return placed;
}

static void take_children(Desk *d, const char *name, const char *rows)
{
    ground_take(&d->g, name, str_fmt(&d->g.c.mem, "%s%s", CHILDREN, rows));
}

static ChildRow fetch(Desk *d, int64_t child, int64_t person)
{
    Err err = {0};
    ChildRow row;
    Viewer v = crew_viewer(&d->g.c, person);
    CHECK_OK(child_fetch(d->g.c.db, &d->g.c.mem, &v, child, &row, &err), &err);
    return row;
}

TEST(statements_fit_the_schema)
{
    Desk d;
    Err err = {0};
    desk_open(&d, tables);
    CHECK_OK(store_check_statements(d.g.c.db, safeguard_sql, SAFEGUARD__COUNT, &err), &err);
    desk_done(&d);
}

static ChildInput concern(Desk *d, const char *ref, bool immediate)
{
    return (ChildInput){ .nominal = ground_who(&d->g, "L1"),
                         .force = d->g.c.cheshire,
                         .ref = ref,
                         .label = "AB",
                         .relation = "son",
                         .access = "lives with",
                         .state = "concern",
                         .age = 7,
                         .immediate_risk = immediate,
                         .known_on = date_of(2026, 5, 14) };
}

TEST(a_child_at_immediate_risk_needs_a_plan_within_four_hours)
{
    Desk d;
    Err err = {0};
    int64_t soon = 0, later = 0;
    people(&d, tables);
    int64_t n = ground_who(&d.g, "L1"), changed = number(&d, T_CHANGED, sql_int(n));
    ChildInput a = concern(&d, "CH-1", true), b = concern(&d, "CH-2", false);
    CHECK_OK(child_record(LEDGER(d), d.rules, &d.officer, &a, &soon, &err), &err);
    CHECK_OK(child_record(LEDGER(d), d.rules, &d.officer, &b, &later, &err), &err);
    CHECK_INT(desk_clock(&d, soon, "child.plan").due, TEST_NOW + 4 * US_PER_HOUR);
    CHECK_INT(desk_clock(&d, later, "child.plan").due,
              date_start_utc(date_of(2026, 5, 15)) + 16 * US_PER_HOUR); /* 17:00 in London */
    CHECK_INT(desk_clock(&d, soon, "child.plan").owner, d.g.c.supervisor);
    CHECK_INT(number(&d, T_CHILDREN, sql_int(n)), 2);
    CHECK(number(&d, T_CHANGED, sql_int(n)) > changed);             /* the score follows */

    CHECK_FAILS(child_safeguarded(LEDGER(d), &d.officer, soon, "bail conditions", "", "plan",
                                  date_of(2026, 5, 14), &err),
                &err, ERR_INVALID);
    CHECK_OK(child_safeguarded(LEDGER(d), &d.officer, soon, "bail conditions", "Chester",
                               "No contact; visits by social care.", date_of(2026, 5, 14), &err),
             &err);
    CHECK(!desk_runs(&d, soon, "child.plan"));
    ChildRow row = fetch(&d, soon, d.g.c.officer);
    CHECK_TEXT(row.state, "safeguarded");
    CHECK_INT(row.safeguarded_on, date_of(2026, 5, 14));
    CHECK_TEXT(row.plan, "No contact; visits by social care.");
    desk_done(&d);
}

TEST(a_known_child_moves_on_and_is_not_counted_twice)
{
    Desk d;
    Err err = {0};
    int64_t first = 0, same = 0;
    people(&d, tables);
    ChildInput in = concern(&d, "CH-1", false);
    CHECK_OK(child_record(LEDGER(d), d.rules, &d.officer, &in, &first, &err), &err);
    Instant due = desk_clock(&d, first, "child.plan").due;
    in.immediate_risk = true;
    CHECK_OK(child_record(LEDGER(d), d.rules, &d.officer, &in, &same, &err), &err);
    CHECK_INT(first, same);
    CHECK(desk_clock(&d, first, "child.plan").due < due);
    in.immediate_risk = false;
    CHECK_OK(child_record(LEDGER(d), d.rules, &d.officer, &in, &same, &err), &err);
    CHECK_INT(desk_clock(&d, first, "child.plan").due,
              TEST_NOW + 4 * US_PER_HOUR); /* once near, never put off */
    in.plan = "Moved to grandparents.";
    CHECK_OK(child_record(LEDGER(d), d.rules, &d.officer, &in, &same, &err), &err);
    CHECK(!desk_runs(&d, first, "child.plan"));
    CHECK_INT(number(&d, T_CHILDREN, sql_int(ground_who(&d.g, "L1"))), 1);
    desk_done(&d);
}

TEST(each_route_waits_for_its_own_answers)
{
    Desk d;
    Err err = {0};
    int64_t id = 0;
    people(&d, tables);
    ChildInput in = concern(&d, "CH-1", false);
    CHECK_OK(child_record(LEDGER(d), d.rules, &d.officer, &in, &id, &err), &err);
    ChildReferralInput social = { .child = id,
                                  .route = "childrens-social-care",
                                  .agency = "Chester",
                                  .state = "sent",
                                  .on = date_of(2026, 5, 14) };
    ChildReferralInput lado = { .child = id,
                                .route = "lado",
                                .agency = "Designated officer",
                                .state = "sent",
                                .on = date_of(2026, 5, 14) };
    CHECK_OK(child_refer(LEDGER(d), d.rules, &d.officer, &social, &err), &err);
    CHECK_OK(child_refer(LEDGER(d), d.rules, &d.officer, &lado, &err), &err);
    CHECK(!desk_runs(&d, id, "child.plan"));
    CHECK_TEXT(fetch(&d, id, d.g.c.officer).state, "referred");
    social.state = "acknowledged";
    CHECK_OK(child_refer(LEDGER(d), d.rules, &d.officer, &social, &err), &err);
    CHECK(desk_runs(&d, id, "child-referral.acknowledge"));         /* the other route has not answered */
    lado.state = "decided";
    lado.outcome = "suspended";
    CHECK_OK(child_refer(LEDGER(d), d.rules, &d.officer, &lado, &err), &err);
    CHECK(!desk_runs(&d, id, "child-referral.acknowledge") &&
          !desk_runs(&d, id, "child-referral.decide-lado"));
    CHECK(desk_runs(&d, id, "child-referral.decide"));
    social.state = "decided";
    CHECK_OK(child_refer(LEDGER(d), d.rules, &d.officer, &social, &err), &err);
    CHECK(!desk_runs(&d, id, "child-referral.decide"));
    ChildRow row = fetch(&d, id, d.g.c.officer);
    CHECK_INT(row.referral_count, 2);
    CHECK_TEXT(row.referrals[1].outcome, "suspended");
    CHECK_INT(row.referrals[0].acknowledged, date_of(2026, 5, 14));
    lado.route = "neighbour";
    CHECK_FAILS(child_refer(LEDGER(d), d.rules, &d.officer, &lado, &err), &err, ERR_INVALID);
    desk_done(&d);
}

/* ---- rows of files ---- */

TEST(returned_rows_make_a_record_and_leave_only_what_is_open)
{
    Desk d;
    people(&d, tables);
    take_children(&d, "c.csv",
                  "child,cheshire,L1,K1,2014-05-20,CH-1,5,daughter,lives with,yes,concern,,,,\n"
                  "referral,cheshire,L1,R1,2014-05-20,CH-1,,,,,sent,,Chester,childrens-social-care,\n"
                  "referral,cheshire,L1,R2,2014-05-21,CH-1,,,,,decided,,Chester,childrens-social-care,child "
                  "in need plan\n"
                  "child,cheshire,L1,K2,2014-05-21,CH-1,,,,yes,safeguarded,bail conditions,Chester,,\n"
                  "child,cheshire,L2,K3,2014-05-21,CH-2,9,son,lives with,no,concern,,,,\n");
    CHECK_INT(place_children(&d, 0), 5);
    int64_t safe = child_of(&d, "CH-1"), open = child_of(&d, "CH-2");
    ChildRow row = fetch(&d, safe, d.g.c.officer);
    CHECK_TEXT(row.state, "safeguarded");
    CHECK_TEXT(row.label, "CH-1");
    CHECK_INT(row.age, 5);
    CHECK_INT(row.known_on, date_of(2014, 5, 20));
    CHECK_INT(row.safeguarded_on, date_of(2014, 5, 21));
    CHECK_INT(row.referral_count, 1);
    CHECK_TEXT(row.referrals[0].outcome, "child in need plan");
    CHECK(row.next_says == NULL);
    CHECK(desk_runs(&d, open, "child.plan"));
    CHECK_TEXT(fetch(&d, open, d.g.c.officer).next_says, "Plan to protect the child");
    desk_done(&d);
}

TEST(a_referral_before_its_child_waits_and_is_placed_in_the_end)
{
    Desk d;
    people(&d, tables);
    take_children(&d, "a.csv", "referral,cheshire,L1,R1,2026-05-14,CH-1,,,,,sent,,Chester,lado,\n");
    CHECK_INT(place_children(&d, 1), 0);
    CHECK_INT(place_children(&d, 1), 0);
    CHECK_INT(desk_entries(&d, "return.child-placed"), 1);
    take_children(&d, "b.csv", "child,cheshire,L1,K1,2026-05-14,CH-1,5,pupil,teaches,no,concern,,,,\n");
    CHECK_INT(place_children(&d, 0), 2);
    CHECK_INT(number(&d, T_ROWS, sql_text("placed")), 2);
    CHECK(desk_runs(&d, child_of(&d, "CH-1"), "child-referral.decide-lado"));
    desk_done(&d);
}

TEST(a_correction_may_take_a_record_away)
{
    Desk d;
    Err err = {0};
    ChildRow row;
    people(&d, tables);
    int64_t n = ground_who(&d.g, "L1");
    take_children(&d, "a.csv", "child,cheshire,L1,K1,2026-05-14,CH-1,5,son,lives with,yes,concern,,,,\n");
    place_children(&d, 0);
    int64_t wrong = child_of(&d, "CH-1");
    take_children(&d, "b.csv", "child,cheshire,L1,K1,2026-05-14,CH-7,5,son,lives with,no,concern,,,,\n");
    place_children(&d, 0);
    Viewer v = crew_viewer(&d.g.c, d.g.c.officer);
    CHECK_FAILS(child_fetch(d.g.c.db, &d.g.c.mem, &v, wrong, &row, &err), &err, ERR_NOT_FOUND);
    CHECK(!desk_runs(&d, wrong, "child.plan"));
    CHECK(!fetch(&d, child_of(&d, "CH-7"), d.g.c.officer).immediate_risk);
    CHECK_INT(number(&d, T_CHILDREN, sql_int(n)), 1);
    desk_done(&d);
}

TEST(actions_and_children_of_one_file_go_their_own_ways)
{
    Desk d;
    people(&d, tables);
    ground_take(&d.g, "m.csv",
                "event,force,subject_ref,ref,date,place,child_ref,state,immediate_risk\n"
                "arrest,cheshire,L1,A1,2026-05-14,Chester,,,\nchild,cheshire,L1,K1,2026-05-14,,CH-1,concern,"
                "yes\n");
    CHECK_INT(place(&d, 0), 1);
    CHECK_INT(place_children(&d, 0), 1);
    CHECK_INT(number(&d, T_ROWS, sql_text("placed")), 2);
    desk_done(&d);
}

/* ---- who may ---- */

TEST(children_of_another_force_are_not_found)
{
    Desk d;
    Err err = {0};
    int64_t id = 0;
    ChildRow row, *rows = NULL;
    size_t count = 0;
    people(&d, tables);
    ChildInput in = concern(&d, "CH-1", true);
    CHECK_FAILS(child_record(LEDGER(d), d.rules, &d.other, &in, &id, &err), &err, ERR_NOT_FOUND);
    CHECK_FAILS(child_record(LEDGER(d), d.rules, &d.researcher, &in, &id, &err), &err, ERR_DENIED);
    CHECK_OK(child_record(LEDGER(d), d.rules, &d.officer, &in, &id, &err), &err);
    Viewer other = crew_viewer(&d.g.c, d.g.c.other_officer);
    CHECK_FAILS(child_fetch(d.g.c.db, &d.g.c.mem, &other, id, &row, &err), &err, ERR_NOT_FOUND);
    CHECK_OK(child_list(d.g.c.db, &d.g.c.mem, &other, &(ChildFilter){0}, &rows, &count, &err), &err);
    CHECK_INT(count, 0);
    CHECK_FAILS(child_safeguarded(LEDGER(d), &d.other, id, "m", "a", "p", date_of(2026, 5, 14), &err), &err,
                ERR_NOT_FOUND);
    CHECK_FAILS(child_safeguarded(LEDGER(d), &d.officer, id + 99, "m", "a", "p", date_of(2026, 5, 14), &err),
                &err, ERR_NOT_FOUND);
    desk_done(&d);
}

TEST(those_in_danger_without_a_plan_come_first_page_by_page)
{
    Desk d;
    Err err = {0};
    static const struct { const char *ref; bool immediate; int day;
    } made[] = {
        { "CH-1", false, 1 }, { "CH-2", true, 9 }, { "CH-3", true, 3 },
        { "CH-4", false, 2 }, { "CH-5", true, 5 },
    };
    static const char *const order[] = { "CH-3", "CH-5", "CH-1", "CH-4", "CH-2" };       /* CH-2 has a plan */
    int64_t after = 0;
    ChildRow *rows = NULL;
    size_t count = 0;
    people(&d, tables);
    FOR_EACH(m, made) {
        ChildInput in = concern(&d, m->ref, m->immediate);
        in.known_on = date_of(2026, 5, m->day);
        in.plan = str_same(m->ref, "CH-2") ? "With an aunt." : NULL;
        CHECK_OK(child_record(LEDGER(d), d.rules, &d.officer, &in, NULL, &err), &err);
    }
    Viewer v = crew_viewer(&d.g.c, d.g.c.officer);
    FOR_EACH(ref, order) {
        CHECK_OK(child_list(d.g.c.db, &d.g.c.mem, &v, &(ChildFilter){ .after_id = after, .limit = 1 }, &rows,
                            &count, &err),
                 &err);
        CHECK_INT(count, 1);
        CHECK_TEXT(rows[0].ref, *ref);
        after = rows[0].id;
    }
    CHECK_OK(child_list(d.g.c.db, &d.g.c.mem, &v,
                        &(ChildFilter){ .immediate_only = true, .no_plan_only = true }, &rows, &count, &err),
             &err);
    CHECK_INT(count, 2);
    desk_done(&d);
}

TEST_MAIN(statements_fit_the_schema, a_child_at_immediate_risk_needs_a_plan_within_four_hours,
          a_known_child_moves_on_and_is_not_counted_twice, each_route_waits_for_its_own_answers,
          returned_rows_make_a_record_and_leave_only_what_is_open,
          a_referral_before_its_child_waits_and_is_placed_in_the_end, a_correction_may_take_a_record_away,
          actions_and_children_of_one_file_go_their_own_ways, children_of_another_force_are_not_found,
          those_in_danger_without_a_plan_come_first_page_by_page)
