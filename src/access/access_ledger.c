/* access_ledger.c: facts about agencies, people, sign-ins, looks and need-to-know.
 *
 * Passwords, sessions and throttles are live_ tables beside the ledger: a replay does not bring anyone back
 * in. */
#include "access/access_ledger.h"
#include "access/access.h"
#include "access/access_sql.h"

static Value number_or_null(const Json *body, const char *key)
{
    return json_get(body, key) ? sql_int(json_int(body, key, 0)) : sql_null();
}

static bool apply_agency(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    const Json *b = e->body;
    return db_run(tx, &access_sql[ACCESS_AGENCY_NEW],
                  VALUES(sql_int(e->seq), sql_text(json_text(b, "short_id")), sql_text(json_text(b, "kind")),
                         sql_text(json_text(b, "ons_code")), sql_text(json_text(b, "name")),
                         sql_text(json_text(b, "tile")), sql_text(json_text(b, "nation")),
                         number_or_null(b, "tile_row"), number_or_null(b, "tile_column")),
                  err);
}

static bool apply_person(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    const Json *b = e->body;
    return db_run(tx, &access_sql[ACCESS_PERSON_NEW],
                  VALUES(sql_int(e->seq), sql_int(json_int(b, "agency", 0)), sql_text(json_text(b, "login")),
                         sql_text(json_text(b, "name")), sql_text(json_text(b, "role"))), err);
}

static bool apply_change(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    const Json *b = e->body;
    return db_run(tx, &access_sql[ACCESS_PERSON_CHANGE],
                  VALUES(sql_int(e->subject), sql_int(json_int(b, "agency", 0)),
                         sql_text(json_text(b, "name")), sql_text(json_text(b, "role"))),
                  err);
}

typedef struct Agencies { int64_t *at; size_t count, cap; } Agencies;

static bool agencies_waiting_on(Tx *tx, Arena *mem, int64_t person, Agencies *out, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    if (!db_query(tx->db, &access_sql[ACCESS_CLOCK_AGENCIES], VALUES(sql_int(person)), &rows, err))
        return false;
    for (;;) {
        if (!rows_next(&rows, &more, err))
            return false;
        if (!more)
            return true;
        *arena_push(mem, out->at, out->count, out->cap) = row_int(&rows, 0);
    }
}

/* Nothing is ever ownerless: whoever leaves last cannot leave. */
static bool apply_stood_down(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    Agencies waiting = {0};
    if (!db_run(tx, &access_sql[ACCESS_PERSON_STAND_DOWN], VALUES(sql_int(e->subject)), err)
        || !agencies_waiting_on(tx, mem, e->subject, &waiting, err))
        return false;
    for (size_t i = 0; i < waiting.count; i++) {
        int64_t duty = 0;
        if (!agency_duty(tx->db, waiting.at[i], &duty, err))
            return false;
        if (duty == 0) {
            err_set(err, ERR_CONFLICT, "Work is waiting on this person and nobody else could take it over.");
            return err_hint(err, "Add someone else first.");
        }
        if (!db_run(tx, &access_sql[ACCESS_CLOCKS_PASS_ON],
                    VALUES(sql_int(e->subject), sql_int(waiting.at[i]), sql_int(duty)), err))
            return false;
    }
    return db_run(tx, &access_sql[ACCESS_CLOCKS_FORGET], VALUES(sql_int(e->subject)), err);
}

static bool apply_consulted(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    return db_run(
        tx, &access_sql[ACCESS_LOOK_NEW],
        VALUES(sql_int(e->seq), sql_int(e->actor), sql_int(e->subject), sql_int(e->at),
               sql_text(e->erased ? "Erased under lawful authority" : json_text(e->body, "purpose"))),
        err);
}

static bool apply_restricted(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    return db_run(tx, &access_sql[ACCESS_RESTRICT],
                  VALUES(sql_int(e->subject), sql_int(json_int(e->body, "person", 0)), sql_int(e->actor)),
                  err);
}

static bool apply_unrestricted(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    return db_run(tx, &access_sql[ACCESS_UNRESTRICT],
                  VALUES(sql_int(e->subject), sql_int(json_int(e->body, "person", 0))), err);
}

static const Field agency_fields[] = {
    { "short_id", REQUIRED, FIELD_TEXT }, { "kind", REQUIRED, FIELD_TEXT },
    { "ons_code", OPTIONAL, FIELD_TEXT }, { "name", REQUIRED, FIELD_TEXT },
    { "tile", REQUIRED, FIELD_TEXT },     { "nation", REQUIRED, FIELD_TEXT },
    { "tile_row", OPTIONAL, FIELD_INT },  { "tile_column", OPTIONAL, FIELD_INT }, {0},
};
static const Field person_fields[] = {
    { "agency", REQUIRED, FIELD_ID }, { "login", REQUIRED, FIELD_TEXT }, { "name", REQUIRED, FIELD_TEXT },
    { "role", REQUIRED, FIELD_TEXT }, {0},
};
static const Field change_fields[] = {
    { "agency", REQUIRED, FIELD_ID }, { "name", REQUIRED, FIELD_TEXT }, { "role", REQUIRED, FIELD_TEXT }, {0},
};
static const Field reason_fields[]   = { { "reason", REQUIRED, FIELD_TEXT }, {0} };
static const Field password_fields[] = { { "must_change", REQUIRED, FIELD_BOOL }, {0} };
static const Field nothing[]         = { {0} };
static const Field end_fields[]      = { { "everywhere", REQUIRED, FIELD_BOOL }, {0} };
static const Field look_fields[]     = { { "purpose", REQUIRED, FIELD_TEXT }, {0} };
static const Field restrict_fields[] = { { "person", REQUIRED, FIELD_ID }, {0} };
/* What was typed as a login may be a password typed in the wrong box, so an unknown one is never recorded. */
static const Field refused_fields[]  = {
    { "known", REQUIRED, FIELD_BOOL }, { "person", OPTIONAL, FIELD_ID }, { "key", REQUIRED, FIELD_TEXT },
    { "failures", REQUIRED, FIELD_INT }, {0},
};

const Kind access_kinds[] = {
    /* name                  says                         body             apply        creates erasable */
    { "agency.added",        "Agency added",              agency_fields,   apply_agency,       true,  false },
    { "password.changed",    "Password changed",          password_fields, NULL,               false, false },
    { "person.added",        "Person given an account",   person_fields,   apply_person,       true,  false },
    { "person.changed",      "Person's entry changed",    change_fields,   apply_change,       false, false },
    { "person.stood-down",   "Person stood down",         reason_fields,   apply_stood_down,   false, false },
    { "record.consulted",    "Restricted record seen",    look_fields,     apply_consulted,    false, true },
    { "record.restricted",   "Person let into a record",  restrict_fields, apply_restricted,   false, false },
    { "record.unrestricted", "Person kept from a record", restrict_fields, apply_unrestricted, false, false },
    { "session.ended",       "Signed out",                end_fields,      NULL,               false, false },
    { "session.refused",     "Sign-in refused",           refused_fields,  NULL,               true,  false },
    { "session.started",     "Signed in",                 nothing,         NULL,               false, false },
    {0},
};
