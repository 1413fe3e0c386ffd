/* clock_ledger.c: clock.escalated, .handed, .paused, .resumed. The subject is the object that waits, so that
 * its history shows them; the body says which clock. */
#include "clock/clock_ledger.h"
#include "clock/clock_sql.h"

static Value clock_of(const Entry *e)
{
    return sql_int(json_int(e->body, "clock", 0));
}

static bool apply_escalated(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    return db_run(tx, &clock_sql[CLOCK_ESCALATE],
                  VALUES(clock_of(e), sql_int(json_int(e->body, "level", 0)),
                         sql_int(json_int(e->body, "to_person", 0))),
                  err);
}

static bool apply_handed(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    return db_run(tx, &clock_sql[json_bool(e->body, "accepted", false) ? CLOCK_ACCEPT : CLOCK_OFFER],
                  VALUES(clock_of(e), sql_int(json_int(e->body, "to", 0))), err);
}

static bool apply_paused(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    return db_run(tx, &clock_sql[CLOCK_PAUSE],
                  VALUES(clock_of(e), sql_int(e->at), sql_text(json_text(e->body, "reason"))), err);
}

static bool apply_resumed(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    return db_run(tx, &clock_sql[CLOCK_RESUME], VALUES(clock_of(e), sql_int(e->at)), err);
}

static const Field escalated_fields[] = {
    { "clock", REQUIRED, FIELD_ID }, { "to_person", REQUIRED, FIELD_ID }, { "level", REQUIRED, FIELD_INT },
    {0},
};
static const Field handed_fields[] = {
    { "clock", REQUIRED, FIELD_ID }, { "to", REQUIRED, FIELD_ID }, { "accepted", REQUIRED, FIELD_BOOL }, {0},
};
static const Field paused_fields[] = {
    { "clock", REQUIRED, FIELD_ID }, { "reason", REQUIRED, FIELD_TEXT }, {0},
};
static const Field resumed_fields[] = { { "clock", REQUIRED, FIELD_ID }, {0} };

const Kind clock_kinds[] = {
    /* name              says                           body              apply           creates erasable */
    { "clock.escalated", "Overdue: someone else told",  escalated_fields, apply_escalated, false, false },
    { "clock.handed",    "Handed over to someone else", handed_fields,    apply_handed,    false, false },
    { "clock.paused",    "Clock paused",                paused_fields,    apply_paused,    false, false },
    { "clock.resumed",   "Clock resumed",               resumed_fields,   apply_resumed,   false, false },
    {0},
};
