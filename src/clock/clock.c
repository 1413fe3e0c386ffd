/* clock.c: starting and stopping clocks inside apply functions. */
#include "clock/clock.h"
#include <assert.h>
#include "access/access.h"
#include "clock/clock_sql.h"
#include "clock/inside.h"

static bool person_works(Db *db, int64_t person, int64_t *agency, bool *active, Err *err)
{
    *active = false;
    return person == 0 ||
           db_int(db, &clock_sql[CLOCK_PERSON_ACTIVE], VALUES(sql_int(person)), agency, active, err);
}

static bool person_active(Db *db, int64_t person, bool *active, Err *err)
{
    int64_t agency = 0;
    return person_works(db, person, &agency, active, err);
}

/* Invariant 1. */
bool owner_settle(Tx *tx, const Entry *entry, int64_t agency, int64_t wanted, int64_t *owner, Err *err)
{
    bool active = false;
    *owner = wanted;
    if (!person_active(tx->db, wanted, &active, err))
        return false;
    if (active)
        return true;
    if (!agency_duty(tx->db, agency, owner, err))
        return false;
    if (*owner)
        return true;
    *owner = entry->actor;
    if (!person_active(tx->db, *owner, &active, err))
        return false;
    if (active)
        return true;
    err_set(err, ERR_CONFLICT, "Nobody could own what has to be done next.");
    return err_hint(err, "Add a coordinator first.");
}

bool clock_start(Tx *tx, const Entry *entry, const ClockStart *s, Err *err)
{
    assert(s->kind && s->subject && s->letter && s->due != INSTANT_NONE);
    int64_t owner = 0, id = 0, agency = s->agency;
    bool running = false, active = false;
    char letter[] = { s->letter, 0 };
    if (!owner_settle(tx, entry, s->agency, s->owner, &owner, err) ||
        (agency == 0 && !person_works(tx->db, owner, &agency, &active, err)) /* nobody's yet: the owner's */
        || !db_int(tx->db, &clock_sql[CLOCK_RUNNING], VALUES(sql_int(s->subject), sql_text(s->kind)), &id,
                   &running, err))
        return err_while(err, "starting the clock %s", s->kind);
    if (running)                               /* invariants 2 and 3 */
        return db_run(tx, &clock_sql[CLOCK_MOVE],
                      VALUES(sql_int(id), sql_int(agency), sql_int(owner), sql_int(s->due),
                             sql_id(s->nominal), sql_int(entry->at)),
                      err);
    return db_run(tx, &clock_sql[CLOCK_START],
                  VALUES(sql_text(s->kind), sql_int(s->subject), sql_text(letter), sql_id(s->nominal),
                         sql_int(entry->operation), sql_int(agency), sql_int(owner), sql_int(entry->at),
                         sql_int(s->due), sql_int(entry->seq)),
                  err);
}

bool clock_stop(Tx *tx, const Entry *entry, int64_t subject, const char *kind, const char *reason, Err *err)
{
    return db_run(
        tx, &clock_sql[CLOCK_STOP],
        VALUES(sql_int(subject), sql_text(kind), sql_int(entry->at), sql_text(reason), sql_int(entry->seq)),
        err);
}

bool clock_stop_all(Tx *tx, const Entry *entry, int64_t subject, const char *family, const char *reason,
                    Err *err)
{
    return db_run(tx, &clock_sql[CLOCK_STOP_ALL],
                  VALUES(sql_int(subject), sql_int(entry->at), sql_text(reason), sql_int(entry->seq),
                         sql_text(family)), err);
}

bool clock_hold(Tx *tx, const Entry *entry, int64_t subject, const char *family, const char *reason, Err *err)
{
    return db_run(tx, &clock_sql[CLOCK_HOLD],
                  VALUES(sql_int(subject), sql_int(entry->at), sql_text(reason), sql_text(family)), err);
}

bool clock_go_on(Tx *tx, const Entry *entry, int64_t subject, const char *family, const char *reason,
                 Err *err)
{
    return db_run(tx, &clock_sql[CLOCK_GO_ON],
                  VALUES(sql_int(subject), sql_int(entry->at), sql_text(reason), sql_text(family)), err);
}

bool clock_hand_over(Tx *tx, const Entry *entry, int64_t subject, const char *kind, int64_t agency,
                     int64_t owner, Err *err)
{
    int64_t settled = 0;
    return owner_settle(tx, entry, agency, owner, &settled, err)
        && db_run(tx, &clock_sql[CLOCK_HAND_OVER],
                  VALUES(sql_int(subject), sql_text(kind), sql_int(agency), sql_int(settled)), err);
}

bool running_read(Db *db, Arena *mem, int64_t id, Running *out, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    if (!db_query(db, &clock_sql[CLOCK_ONE], VALUES(sql_int(id)), &rows, err) ||
        !rows_next(&rows, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "There is no such clock.");
    *out = (Running){
        .id = row_int(&rows, 0), .subject = row_int(&rows, 1), .kind = row_copy(&rows, 2, mem),
        .operation = row_int(&rows, 3), .agency = row_int(&rows, 4), .owner = row_int(&rows, 5),
        .offered = row_int(&rows, 6), .level = (int)row_int(&rows, 7), .due = row_int(&rows, 8),
        .paused_at = row_when(&rows, 9), .stopped = row_when(&rows, 10), .told = row_int(&rows, 11),
    };
    if (out->stopped == INSTANT_NONE)
        return true;
    err_set(err, ERR_CONFLICT, "This clock has stopped already.");
    return err_hint(err, "Load the page again.");
}
