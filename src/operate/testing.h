/* testing.h: three listed people in one force, and what forces return about them, for the tests of this
 * folder and those below it. */
#pragma once
#include "dispatch/testing.h"
#include "operate/operate.h"

#define LEDGER(d) (d).g.c.ledger, (d).g.c.db
#define RETURNS                                                                                              \
    "event,force,subject_ref,ref,date,place,state,quantity,until,offence,registered_offender,position_of_"   \
    "trust,occupation,result\n"

static const Sql returned_sql[1] = {
    { "t.balance", "SELECT count(*) FROM received_file WHERE received <> taken + merged + rejected + "
                   "pending" },
};

static inline void returned_balance(Desk *d)
{
    Err err = {0};
    int64_t wrong = 0;
    bool found = false;
    CHECK_OK(db_int(d->g.c.db, &returned_sql[0], NO_VALUES, &wrong, &found, &err), &err);
    CHECK_INT(wrong, 0);
}

static inline size_t place(Desk *d, size_t want_pending)
{
    Err err = {0};
    size_t placed = 0, pending = 0;
    Hand system = { .operation = d->g.hand.operation, .at = d->g.hand.at };
    CHECK_OK(returns_place(LEDGER(*d), d->rules, &system, &placed, &pending, &err), &err);
    CHECK_INT(pending, want_pending);
    returned_balance(d);
    return placed;
}

static inline void people(Desk *d, const Kind *const *tables)
{
    desk_open(d, tables);
    ground_take(&d->g, "list.csv",
                DESK_LISTED "L1,Adam,Example,1970-05-01,,,,\nL2,Bert,Example,1971-05-01,,,,\n"
                            "L3,Carl,Example,1972-05-01,,,,\n");
    ground_link(&d->g);
    for (int i = 1; i <= 3; i++)
        desk_settle(d, ground_who(&d->g, str_fmt(&d->g.c.mem, "L%d", i)), d->g.c.cheshire, "high", false);
}

static inline void take(Desk *d, const char *name, const char *rows)
{
    ground_take(&d->g, name, str_fmt(&d->g.c.mem, "%s%s", RETURNS, rows));
}
