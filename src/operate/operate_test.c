/* What forces return is placed once, in any order, corrected, counted, and leaves on the board only what is
 * open. */
#include "operate/testing.h"
#include "base/ref.h"
#include "operate/operate_sql.h"

static const Kind *const tables[] = { DESK_KINDS, operate_kinds, NULL };

enum { T_ID, T_LIVE, T_ROWS, T_REASON, T_NOMINAL, T_FIRST, T__COUNT };
static const Sql t_sql[T__COUNT] = {
    [T_ID] = { "t.id", "SELECT id FROM action WHERE ref = $1 AND corrected_by IS NULL" },
    [T_LIVE] = { "t.live", "SELECT count(*) FROM action WHERE kind = $1 AND corrected_by IS NULL" },
    [T_ROWS] = { "t.rows", "SELECT count(*) FROM return_row WHERE state = $1" },
    [T_REASON] = { "t.reason", "SELECT reason FROM return_row WHERE ref = $1" },
    [T_NOMINAL] = { "t.nominal", "SELECT status || ' ' || stage || ' ' || registered || position_of_trust || "
                                 "' ' || coalesce(occupation, '')"
                                 " FROM nominal WHERE id = $1" },
    [T_FIRST] = { "t.first", "SELECT group_concat(ref, ' ') FROM (SELECT ref FROM action WHERE first_arrest "
                             "= 1 ORDER BY id)" },
};

static Rows query(Desk *d, int sql, Value value)
{
    Err err = {0};
    Rows rows = {0};
    bool more = false;
    CHECK_OK(db_query(d->g.c.db, &t_sql[sql], (Values){ &value, sql == T_FIRST ? 0 : 1 }, &rows, &err), &err);
    CHECK_OK(rows_next(&rows, &more, &err), &err);
    return rows;
}

static int64_t number(Desk *d, int sql, const char *text)
{
    CLEANUP(rows_done) Rows rows = query(d, sql, sql_text(text));
    return row_int(&rows, 0);
}

static const char *said(Desk *d, int sql, Value value)
{
    CLEANUP(rows_done) Rows rows = query(d, sql, value);
    const char *text = row_copy(&rows, 0, &d->g.c.mem);
    return text ? text : "";
}

TEST(statements_fit_the_schema)
{
    Desk d;
    Err err = {0};
    desk_open(&d, tables);
    CHECK_OK(store_check_statements(d.g.c.db, operate_sql, OPERATE__COUNT, &err), &err);
    desk_done(&d);
}

TEST(a_journey_from_building_to_the_answer)
{
    Desk d;
    Err err = {0};
    people(&d, tables);
    int64_t n = ground_who(&d.g, "L1"), p = desk_send(&d, n);
    CHECK_OK(package_receive(LEDGER(d), d.rules, &d.officer, p, &err), &err);
    CHECK_OK(package_accept(LEDGER(d), d.rules, &d.officer, p, d.g.c.officer, &err), &err);
    const char *ref = ref_write(&d.g.c.mem, 'P', p);
    take(&d, "r1.csv",
         str_fmt(&d.g.c.mem, "warrant,cheshire,%s,W1,2026-05-14,Chester,granted,,,,,,,\n", ref));
    CHECK_INT(place(&d, 0), 1);
    int64_t warrant = number(&d, T_ID, "W1");
    CHECK(desk_runs(&d, warrant, "warrant.expiry"));
    CHECK(!desk_runs(&d, p, "package.first-action"));
    CHECK_INT(desk_clock(&d, p, "package.update").owner, d.g.c.officer);
    CHECK_TEXT(desk_text(&d, D_STATE, p), "actioned");
    CHECK_INT(desk_fetch(&d, p, d.g.c.officer).row.first_action, date_start_utc(date_of(2026, 5, 14)));

    take(&d, "r2.csv", "warrant,E23000006,L1,W2,2026-05-20,Chester,executed,,,,,,,\n"
                       "arrest,E23000006,L1,A1,2026-05-20,Chester,,,,,yes,yes,teacher,\n"
                       "exhibit,cheshire,L1,X1,2026-05-20,,waiting,3,,,,,,\n"
                       "bail,cheshire,L1,B1,2026-05-20,,bailed,,2026-08-19,,,,,\n");
    CHECK_INT(place(&d, 0), 4);
    CHECK(!desk_runs(&d, warrant, "warrant.expiry"));
    CHECK(desk_runs(&d, n, "welfare.assessment") && desk_runs(&d, n, "bail.end"));
    CHECK(desk_runs(&d, number(&d, T_ID, "X1"), "exhibit.examine"));
    CHECK_TEXT(said(&d, T_NOMINAL, sql_int(n)), "suspect actioned 11 teacher");
    CHECK_TEXT(said(&d, T_FIRST, sql_null()), "A1");

    int64_t exhibit = number(&d, T_ID, "X1");
    take(&d, "r3.csv", "welfare,cheshire,L1,S1,2026-05-20,,assessed,,,,,,,\n"
                       "exhibit,cheshire,L1,X1,2026-05-20,,examined,3,,,,,,\n"
                       "charge,cheshire,L1,C1,2026-06-01,,,,,Possession,,,,\n"
                       "disposition,cheshire,L1,D1,2026-06-01,,charged,,,,,,,Two counts\n");
    CHECK_INT(place(&d, 0), 4);
    CHECK(!desk_runs(&d, n, "welfare.assessment") && !desk_runs(&d, n, "bail.end"));
    CHECK(!desk_runs(&d, exhibit, "exhibit.examine") &&
          !desk_runs(&d, number(&d, T_ID, "X1"), "exhibit.examine"));
    CHECK(!desk_runs(&d, p, "package.update"));
    CHECK_TEXT(said(&d, T_NOMINAL, sql_int(n)), "charged closed 11 teacher");
    Package seen = desk_fetch(&d, p, d.g.c.officer);
    CHECK_TEXT(seen.disposition, "charged");
    CHECK_TEXT(seen.disposition_note, "Two counts");
    desk_done(&d);
}

/* The same rows in one file, one by one, and backwards leave the same on the board. */
static const char *const rows_of_one[] = {
    "warrant,cheshire,L1,W1,2026-05-10,Chester,refused,,,,,,,\n",
    "warrant,cheshire,L1,W2,2026-05-12,Chester,granted,,,,,,,\n",
    "warrant,cheshire,L1,W3,2026-05-14,Chester,executed,,,,,,,\n",
    "arrest,cheshire,L1,A1,2026-05-14,Chester,,,,,no,no,,\n",
    "bail,cheshire,L1,B1,2026-05-14,,bailed,,2026-08-13,,,,,\n",
    "bail,cheshire,L1,B2,2026-08-10,,extended,,2026-11-13,,,,,\n",
    "welfare,cheshire,L1,S1,2026-05-14,,assessed,,,,,,,\n",
};

TEST(the_order_of_arrival_changes_nothing)
{
    for (int way = 0; way < 3; way++) {
        Desk d;
        people(&d, tables);
        int64_t n = ground_who(&d.g, "L1");
        StrBuf all = { .mem = &d.g.c.mem };
        size_t count = COUNT_OF(rows_of_one);
        for (size_t i = 0; i < count; i++) {
            const char *row = rows_of_one[way == 2 ? count - 1 - i : i];
            buf_add(&all, row);
            if (way == 1) {
                take(&d, str_fmt(&d.g.c.mem, "r%zu.csv", i), row);
                CHECK_INT(place(&d, 0), 1);
            }
        }
        if (way != 1) {
            take(&d, "r.csv", buf_text(&all));
            CHECK_INT(place(&d, 0), count);
        }
        CHECK(!desk_runs(&d, number(&d, T_ID, "W1"), "warrant.alternative-plan"));
        CHECK(!desk_runs(&d, number(&d, T_ID, "W2"), "warrant.expiry"));
        CHECK(!desk_runs(&d, n, "welfare.assessment"));
        CHECK_INT(desk_clock(&d, n, "bail.end").due,
                  date_start_utc(date_of(2026, 11, 14))); /* winter: London is UTC */
        desk_done(&d);
    }
}

TEST(what_is_over_by_the_end_of_a_file_starts_nothing)
{
    Desk d;
    Err err = {0};
    int64_t started = 0;
    bool found = false;
    people(&d, tables);
    int64_t n = ground_who(&d.g, "L1");
    take(&d, "r.csv",
         "warrant,cheshire,L1,W1,2014-03-01,Chester,granted,,,,,,,\nwarrant,cheshire,L1,W2,2014-03-03,"
         "Chester,executed,,,,,,,\n"
         "arrest,cheshire,L1,A1,2014-03-03,Chester,,,,,no,no,,\nbail,cheshire,L1,B1,2014-03-03,,bailed,,2014-"
         "06-02,,,,,\n"
         "welfare,cheshire,L1,S1,2014-03-03,,assessed,,,,,,,\ncharge,cheshire,L1,C1,2014-05-01,,,,,"
         "Possession,,,,\n"
         "arrest,cheshire,L2,A2,2014-03-03,Chester,,,,,no,no,,\nbail,cheshire,L2,B2,2014-03-03,,bailed,,2014-"
         "06-02,,,,,\n"
         "welfare,cheshire,L2,S2,2014-03-04,,declined,,,,,,,\n");
    CHECK_INT(place(&d, 0), 9);
    CHECK_OK(db_int(d.g.c.db, &desk_sql[D_CLOCK_ROWS], VALUES(sql_int(n), sql_text("bail.end")), &started,
                    &found, &err),
             &err);
    CHECK_INT(started, 0);
    CHECK_INT(desk_clock(&d, ground_who(&d.g, "L2"), "bail.end").due,
              date_start_utc(date_of(2014, 6, 3)) - US_PER_HOUR); /* real lateness */
    desk_done(&d);
}

TEST(a_refused_warrant_asks_for_another_plan_and_is_no_action)
{
    Desk d;
    people(&d, tables);
    int64_t n = ground_who(&d.g, "L1"), p = desk_send(&d, n);
    take(&d, "r.csv", "warrant,cheshire,L1,W1,2026-05-14,Chester,refused,,,,,,,\n");
    place(&d, 0);
    CHECK(desk_runs(&d, number(&d, T_ID, "W1"), "warrant.alternative-plan"));
    CHECK(desk_runs(&d, p, "package.first-action"));
    take(&d, "s.csv", "interview,cheshire,L1,I1,2026-05-14,Chester,,,,,,,,\n");
    place(&d, 0);
    CHECK(!desk_runs(&d, number(&d, T_ID, "W1"), "warrant.alternative-plan"));
    desk_done(&d);
}

TEST(rows_that_cannot_be_placed_wait_with_an_owner_or_say_why)
{
    Desk d;
    people(&d, tables);
    int64_t p = desk_send(&d, ground_who(&d.g, "L1"));
    ImportReport r = ground_take(&d.g, "r.csv", str_fmt(&d.g.c.mem, RETURNS
        "interview,cheshire,L9,I1,2026-05-14,,,,,,,,,\n"
        "interview,cheshire,L8,I2,2026-05-14,,,,,,,,,\n"
        "interview,atlantis,L1,I3,2026-05-14,,,,,,,,,\n"
        "interview,coordinator,L1,I4,2026-05-14,,,,,,,,,\n"
        "interview,gwent,%s,I5,2026-05-14,,,,,,,,,\n"
        "interview,cheshire,L2,I6,2026-05-14,,,,,,,,,\n", ref_write(&d.g.c.mem, 'P', p)));
    CHECK_INT(place(&d, 2), 1);
    CHECK_INT(number(&d, T_ROWS, "pending"), 2);
    CHECK_INT(number(&d, T_ROWS, "rejected"), 3);
    CHECK_TEXT(said(&d, T_REASON, sql_text("I3")), "The force is not one that is known here.");
    CHECK_TEXT(said(&d, T_REASON, sql_text("I4")), "The agency named as the force is not a force.");
    CHECK_TEXT(said(&d, T_REASON, sql_text("I5")), "The package is not with this force.");
    Ticking waits = desk_clock(&d, r.file, "pending-row.place");
    CHECK_INT(waits.owner, d.g.c.coordinator);
    int64_t entries = desk_entries(&d, "return.placed");
    CHECK_INT(place(&d, 2), 0);                                     /* nothing new to say: no new fact */
    CHECK_INT(desk_entries(&d, "return.placed"), entries);

    ground_take(&d.g, "later.csv", DESK_LISTED "L9,Dan,Example,1973-05-01,,,,\n");
    ground_link(&d.g);
    CHECK_INT(place(&d, 1), 1);
    CHECK(desk_runs(&d, r.file, "pending-row.place"));
    ground_take(&d.g, "latest.csv", DESK_LISTED "L8,Ed,Example,1974-05-01,,,,\n");
    ground_link(&d.g);
    CHECK_INT(place(&d, 0), 1);
    CHECK(!desk_runs(&d, r.file, "pending-row.place"));
    CHECK_INT(number(&d, T_ROWS, "placed"), 3);
    desk_done(&d);
}

TEST(someone_who_moved_comes_back_to_the_coordinator)
{
    Desk d;
    people(&d, tables);
    int64_t p = desk_send(&d, ground_who(&d.g, "L1"));
    take(&d, "r.csv", "disposition,cheshire,L1,D1,2026-05-14,,transferred,,,,,,,\n");
    place(&d, 0);
    CHECK_TEXT(desk_text(&d, D_STATE, p), "returned");
    CHECK_INT(desk_clock(&d, p, "package.returned").owner, d.g.c.coordinator);
    desk_done(&d);
}

/* ---- corrections ---- */

TEST(the_first_arrest_is_the_earliest_that_stands)
{
    Desk d;
    people(&d, tables);
    take(&d, "r1.csv", "arrest,cheshire,L1,A2,2026-06-03,Chester,,,,,no,yes,,\n");
    place(&d, 0);
    CHECK_TEXT(said(&d, T_FIRST, sql_null()), "A2");
    take(&d, "r2.csv", "arrest,cheshire,L1,A1,2026-05-20,Chester,,,,,no,yes,,\n");
    place(&d, 0);
    CHECK_TEXT(said(&d, T_FIRST, sql_null()), "A1");
    take(&d, "r3.csv", "arrest,cheshire,L1,A1,2026-06-20,Chester,,,,,no,yes,,\n");
    place(&d, 0);
    CHECK_TEXT(said(&d, T_FIRST, sql_null()), "A2");
    desk_done(&d);
}

TEST(a_correction_may_name_another_person)
{
    Desk d;
    people(&d, tables);
    int64_t a = ground_who(&d.g, "L1"), b = ground_who(&d.g, "L2");
    take(&d, "r1.csv", "arrest,cheshire,L1,A1,2026-05-20,Chester,,,,,no,no,,\n");
    place(&d, 0);
    CHECK(desk_runs(&d, a, "welfare.assessment"));
    take(&d, "r2.csv", "arrest,cheshire,L2,A1,2026-05-20,Chester,,,,,no,no,,\n");
    place(&d, 0);
    CHECK(!desk_runs(&d, a, "welfare.assessment") && desk_runs(&d, b, "welfare.assessment"));
    CHECK_INT(number(&d, T_LIVE, "arrest"), 1);
    desk_done(&d);
}

TEST(the_same_row_again_is_merged_and_changes_nothing)
{
    Desk d;
    people(&d, tables);
    take(&d, "r1.csv", "arrest,cheshire,L1,A1,2026-05-20,Chester,,,,,no,no,,\n");
    place(&d, 0);
    ImportReport r = ground_take(&d.g, "r2.csv",
                                 RETURNS "arrest,cheshire,L1,A1,2026-05-20,Chester,,,,,no,no,,\n"
                                         "interview,cheshire,L1,I1,2026-05-20,Chester,,,,,,,,\n");
    Err err = {0};
    place(&d, 0);
    CHECK_OK(intake_report(d.g.c.db, &d.g.c.mem, r.file, &r, &err), &err);
    CHECK_INT(r.merged, 1);
    CHECK_INT(r.taken, 1);
    desk_done(&d);
}

/* ---- one at a time ---- */

TEST(an_officer_records_an_action_and_sees_it_in_the_history)
{
    Desk d;
    Err err = {0};
    int64_t id = 0, again = 0;
    ActionRow *rows = NULL;
    size_t count = 0;
    people(&d, tables);
    int64_t n = ground_who(&d.g, "L1"), p = desk_send(&d, n);
    ActionInput in = { .nominal = n,
                       .package = p,
                       .force = d.g.c.cheshire,
                       .kind = "arrest",
                       .ref = "A1",
                       .place = "Chester",
                       .on = date_of(2026, 5, 14),
                       .registered = true };
    CHECK_FAILS(action_record(LEDGER(d), d.rules, &d.researcher, &in, &id, &err), &err, ERR_DENIED);
    CHECK_FAILS(action_record(LEDGER(d), d.rules, &d.other, &in, &id, &err), &err, ERR_NOT_FOUND);
    CHECK_OK(action_record(LEDGER(d), d.rules, &d.officer, &in, &id, &err), &err);
    CHECK(id > 0);
    CHECK(desk_runs(&d, n, "welfare.assessment"));
    CHECK_TEXT(desk_text(&d, D_STATE, p), "actioned");
    in.place = "Crewe";
    CHECK_OK(action_record(LEDGER(d), d.rules, &d.officer, &in, &again, &err), &err);
    CHECK_OK(action_list(d.g.c.db, &d.g.c.mem, n, &rows, &count, &err), &err);
    CHECK_INT(count, 2);
    CHECK_TEXT(rows[0].says, "Arrest");
    CHECK_TEXT(rows[0].place, "Crewe");
    CHECK_INT(rows[0].id, again);
    CHECK(rows[0].first_arrest && !rows[0].corrected && rows[1].corrected && !rows[1].first_arrest);
    desk_done(&d);
}

TEST(a_form_with_something_missing_is_refused)
{
    Desk d;
    Err err = {0};
    people(&d, tables);
    int64_t n = ground_who(&d.g, "L1");
    const ActionInput good = { .nominal = n,
                               .force = d.g.c.cheshire,
                               .kind = "warrant",
                               .ref = "W1",
                               .place = "Chester",
                               .state = "granted",
                               .on = date_of(2026, 5, 14) };
    for (int i = 0; i < 6; i++) {
        ActionInput in = good;
        if (i == 0) in.kind = "visit";
        if (i == 1) in.ref = " ";
        if (i == 2) in.state = "lost";
        if (i == 3) in.state = NULL;
        if (i == 4) in.on = DATE_NONE;
        if (i == 5) in.quantity = -1;
        CHECK_FAILS(action_record(LEDGER(d), d.rules, &d.officer, &in, NULL, &err), &err, ERR_INVALID);
    }
    ActionInput unknown = good;
    unknown.nominal = n + 5000;
    CHECK_FAILS(action_record(LEDGER(d), d.rules, &d.officer, &unknown, NULL, &err), &err, ERR_NOT_FOUND);
    CHECK_OK(action_record(LEDGER(d), d.rules, &d.officer, &good, NULL, &err), &err);
    desk_done(&d);
}

TEST(many_rows_go_in_several_facts)
{
    Desk d;
    people(&d, tables);
    StrBuf b = { .mem = &d.g.c.mem };
    for (int i = 0; i < 700; i++)
        buf_fmt(&b, "interview,cheshire,L%d,I%d,2026-05-%02d,Chester,,,,,,,,\n", i % 3 + 1, i, i % 28 + 1);
    take(&d, "r.csv", buf_text(&b));
    CHECK_INT(place(&d, 0), 700);
    CHECK_INT(desk_entries(&d, "return.placed"), 3);
    CHECK_INT(number(&d, T_LIVE, "interview"), 700);
    desk_done(&d);
}

TEST_MAIN(statements_fit_the_schema, a_journey_from_building_to_the_answer,
          the_order_of_arrival_changes_nothing, what_is_over_by_the_end_of_a_file_starts_nothing,
          a_refused_warrant_asks_for_another_plan_and_is_no_action,
          rows_that_cannot_be_placed_wait_with_an_owner_or_say_why,
          someone_who_moved_comes_back_to_the_coordinator, the_first_arrest_is_the_earliest_that_stands,
          a_correction_may_name_another_person, the_same_row_again_is_merged_and_changes_nothing,
          an_officer_records_an_action_and_sees_it_in_the_history, a_form_with_something_missing_is_refused,
          many_rows_go_in_several_facts)
