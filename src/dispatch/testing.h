/* testing.h: nominals at an address with a band and a force, for the tests of this folder and those below it.
 */
#pragma once
#include "base/embedded.h"
#include "dispatch/package.h"
#include "link/nominal_apply.h"
#include "link/testing.h"

/* Stands for attribute and risk: a person's household, force, band and whether the record is restricted. */
static inline bool desk_apply_settled(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    const Json *b = e->body;
    NominalPlace place = { "1 Mill Lane",           "CH1 1AA", "Chester", "E06000050", "full postcode",
                           json_int(b, "force", 0), 2 };
    (void)mem;
    return nominal_set_place(tx, e, e->subject, &place, err)
        && nominal_advance_stage(tx, e, e->subject, "at-address", err)
        && nominal_set_band(tx, e, e->subject, json_text(b, "band"), (int)json_int(b, "rank", 0), err)
        && nominal_set_restricted(tx, e, e->subject, json_bool(b, "restricted", false), err);
}
static const Field desk_fields[] = { { "force", REQUIRED, FIELD_ID },
                                     { "band", REQUIRED, FIELD_TEXT },
                                     { "rank", REQUIRED, FIELD_INT },
                                     { "restricted", OPTIONAL, FIELD_BOOL },
                                     { 0 } };
static const Kind desk_kinds[] = {
    { "test.settled", "Settled", desk_fields, desk_apply_settled, false, false }, { 0 }
};
#define DESK_KINDS FIELD_KINDS, dispatch_kinds, desk_kinds

typedef struct Desk { Ground g; ClockRules *rules; Hand officer, supervisor, other, researcher; } Desk;
#define DESK_LISTED "list_ref,given_names,family_name,date_of_birth,postcode,email,account,service\n"

enum { D_CLOCK, D_RUNNING, D_STATE, D_STAGE, D_ENTRIES, D_CLOCK_ROWS, D_TALLY_WRONG, D_CLOCKS_WRONG,
       D_PLACES_WRONG, D__COUNT };
#define D_PEOPLE \
    " FROM nominal n WHERE n.operation = t.operation AND n.merged_into IS NULL AND n.status <> 'eliminated'"
static const Sql desk_sql[D__COUNT] = {
    [D_CLOCK] = { "d.clock", "SELECT due, agency, owner FROM clock WHERE subject = $1 AND kind = $2 AND "
                             "stopped IS NULL" },
    [D_RUNNING] = { "d.running", "SELECT count(*) FROM clock WHERE subject = $1 AND kind = $2 AND stopped IS "
                                 "NULL" },
    [D_STATE] = { "d.state", "SELECT state FROM package WHERE id = $1" },
    [D_STAGE] = { "d.stage", "SELECT stage FROM nominal WHERE id = $1" },
    [D_ENTRIES] = { "d.entries", "SELECT count(*) FROM ledger_entry WHERE kind = $1" },
    /* What triggers keep (schema 008, 013), counted afresh: each gives the rows that differ. */
    [D_TALLY_WRONG] = { "d.tally_wrong", "SELECT count(*) FROM operation_tally t WHERE"
                                         " t.referrals <> (SELECT count(*) FROM referral r WHERE r.operation "
                                         "= t.operation)"
                                         " OR t.nominals <> (SELECT count(*)" D_PEOPLE ")"
                                         " OR t.to_review <> (SELECT count(*)" D_PEOPLE " AND n.band = '')"
                                         " OR t.at_address <> (SELECT count(*)" D_PEOPLE " AND n.force IS "
                                                                                         "NOT NULL)"
                                         " OR t.closed <> (SELECT count(*)" D_PEOPLE " AND n.stage = "
                                                                                     "'closed')"
                                         " OR t.packages <> (SELECT count(*) FROM package p WHERE "
                                         "p.operation = t.operation)"
                                         " OR t.unread <> (SELECT count(*) FROM package p WHERE p.operation "
                                         "= t.operation AND p.state = 'sent')"
                                         " OR t.held <> (SELECT count(*) FROM package p WHERE p.operation = "
                                         "t.operation AND p.state ="
                                         " 'held')" },
    [D_CLOCKS_WRONG] = { "d.clocks_wrong", "SELECT count(*) FROM (SELECT operation, agency, (due + 59999999) "
                                           "/ 60000000 AS minute, count(*) AS"
                                           " running, count(paused_at) AS paused FROM clock WHERE stopped IS "
                                           "NULL GROUP BY 1, 2, 3 EXCEPT"
                                           " SELECT operation, agency, minute, running, paused FROM "
                                           "clock_tally)" },
    [D_PLACES_WRONG] = { "d.places_wrong", "SELECT count(*) FROM package p JOIN sighting s ON s.id = (SELECT "
                                           "l.sighting FROM link l WHERE"
                                           " l.nominal = p.nominal AND l.undone_by IS NULL ORDER BY l.id "
                                           "LIMIT 1) JOIN nominal n ON n.id = s.nominal"
                                           " WHERE p.lead <> n.id OR p.place <> -(n.band_rank * 4294967296 + "
                                           "n.risk_points)"
                                           " OR p.turn <> CASE WHEN p.state IN ('sent', 'transferred') THEN "
                                           "2 WHEN p.state = 'closed' THEN 0 ELSE 1 END" },
    [D_CLOCK_ROWS] = { "d.clock_rows", "SELECT count(*) FROM clock WHERE subject = $1 AND kind = $2" },
};

static inline Hand desk_hand(Desk *d, int64_t person)
{
    Viewer v = crew_viewer(&d->g.c, person);
    return viewer_hand(&v, d->g.hand.operation, TEST_NOW);
}

static inline void desk_open(Desk *d, const Kind *const *tables)
{
    Err err = {0};
    *d = (Desk){0};
    ground_open(&d->g, tables);
    CHECK_OK(clock_rules_load(&d->g.c.mem, embedded_str(embedded_find("data/clocks.csv")),
                              embedded_str(embedded_find("data/calendars/bank_holidays.csv")), &d->rules,
                              &err),
             &err);
    d->officer = desk_hand(d, d->g.c.officer);
    d->supervisor = desk_hand(d, d->g.c.supervisor);
    d->other = desk_hand(d, d->g.c.other_officer);
    d->researcher = desk_hand(d, d->g.c.researcher);
}

/* Every test ends so: what triggers count is what there is, and nothing was written behind the ledger's back.
 */
static inline void desk_done(Desk *d)
{
    for (int which = D_TALLY_WRONG; which <= D_PLACES_WRONG; which++) {
        Err err = {0};
        int64_t wrong = -1;
        bool found = false;
        CHECK_OK(db_int(d->g.c.db, &desk_sql[which], NO_VALUES, &wrong, &found, &err), &err);
        CHECK_INT(wrong, 0);
    }
    crew_replay(&d->g.c);
    ground_done(&d->g);
}

static inline void desk_settle(Desk *d, int64_t nominal, int64_t force, const char *band, bool restricted)
{
    static const char *const bands[] = { "", "low", "medium", "high", "very-high" };
    Err err = {0};
    Json *body = json_new_object();
    json_set_int(body, "force", force);
    json_set_text(body, "band", band);
    for (int i = 0; i < (int)COUNT_OF(bands); i++)
        if (str_same(bands[i], band))
            json_set_int(body, "rank", i);
    json_set_bool(body, "restricted", restricted);
    CHECK_OK(ledger_record(d->g.c.ledger, &d->g.hand, "test.settled", nominal, body, NULL, &err), &err);
}

static inline int64_t desk_build(Desk *d, int64_t nominal)
{
    Err err = {0};
    int64_t package = 0;
    CHECK_OK(package_build(d->g.c.ledger, d->g.c.db, d->rules, &d->g.hand, nominal, &package, &err), &err);
    return package;
}

static inline int64_t desk_send(Desk *d, int64_t nominal)
{
    Err err = {0};
    int64_t package = desk_build(d, nominal);
    CHECK_OK(package_send(d->g.c.ledger, d->g.c.db, d->rules, &d->g.hand, package, &err), &err);
    return package;
}

static inline const char *desk_text(Desk *d, int sql, int64_t id)
{
    Err err = {0};
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    CHECK_OK(db_query(d->g.c.db, &desk_sql[sql], VALUES(sql_int(id)), &rows, &err), &err);
    CHECK_OK(rows_next(&rows, &more, &err), &err);
    return more ? row_copy(&rows, 0, &d->g.c.mem) : "";
}

static inline bool desk_runs(Desk *d, int64_t subject, const char *kind)
{
    Err err = {0};
    int64_t n = 0;
    bool found = false;
    CHECK_OK(
        db_int(d->g.c.db, &desk_sql[D_RUNNING], VALUES(sql_int(subject), sql_text(kind)), &n, &found, &err),
        &err);
    return n > 0;
}

typedef struct Ticking { Instant due; int64_t agency, owner; } Ticking;
static inline Ticking desk_clock(Desk *d, int64_t subject, const char *kind)
{
    Err err = {0};
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    CHECK_OK(db_query(d->g.c.db, &desk_sql[D_CLOCK], VALUES(sql_int(subject), sql_text(kind)), &rows, &err),
             &err);
    CHECK_OK(rows_next(&rows, &more, &err), &err);
    if (!more)
        print_error("no clock %s runs\n", kind);
    CHECK(more);
    return (Ticking){ row_int(&rows, 0), row_int(&rows, 1), row_int(&rows, 2) };
}

static inline int64_t desk_entries(Desk *d, const char *kind)
{
    Err err = {0};
    int64_t n = 0;
    bool found = false;
    CHECK_OK(db_int(d->g.c.db, &desk_sql[D_ENTRIES], VALUES(sql_text(kind)), &n, &found, &err), &err);
    return n;
}

static inline Package desk_fetch(Desk *d, int64_t package, int64_t person)
{
    Err err = {0};
    Package p;
    Viewer v = crew_viewer(&d->g.c, person);
    CHECK_OK(package_fetch(d->g.c.db, &d->g.c.mem, &v, package, &p, &err), &err);
    return p;
}
