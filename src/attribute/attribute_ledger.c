#include "attribute/attribute_ledger.h"
#include "access/access.h"
#include "attribute/attribute_sql.h"
#include "clock/clock.h"
#include "link/nominal_apply.h"

static bool apply_looked_up(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    const Json *hits = json_get(e->body, "hits");
    if (!db_run(tx, &attribute_sql[ATTR_FOOTPRINT_MARK],
                VALUES(sql_int(json_int(e->body, "from", 0)), sql_int(json_int(e->body, "upto", 0)),
                       sql_int(e->seq)),
                err))
        return false;
    for (size_t i = 0; i < json_count(hits); i++) {
        const Json *h = json_at(hits, i);
        if (!db_run(tx, &attribute_sql[ATTR_FOOTPRINT_SET],
                    VALUES(sql_int(json_int(h, "footprint", 0)), sql_int(json_int(h, "asn", 0)),
                           sql_text(json_text(h, "operator")), sql_text(json_text(e->body, "as_of"))), err))
            return false;
    }
    return true;
}

/* The household in a body: of an answer, or of the address a sighting states. */
static bool household_write(Tx *tx, const Entry *e, int64_t nominal, int64_t footprint, int64_t answer,
                            Err *err)
{
    const Json *b = e->body;
    return db_run(tx, &attribute_sql[ATTR_NEW],
                  VALUES(sql_int(e->seq), sql_int(nominal), sql_int(json_int(b, "sighting", 0)),
                         sql_int(footprint), sql_int(answer), sql_text(answer ? json_text(b, "agrees") : ""),
                         sql_text(json_text(b, "household")), sql_text(json_text(b, "postcode")),
                         sql_text(json_text(b, "town")), sql_text(json_text(b, "area")),
                         sql_id(json_int(b, "force", 0)), sql_text(json_text(b, "force_basis"))),
                  err) &&
           nominal_place_again(tx, e, nominal, false, err);
}

static bool apply_attributed(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    int64_t answer = json_int(e->body, "answer", 0), kept = 0;
    return nominal_kept(tx->db, e->subject, &kept, err)
        && db_run(tx, &attribute_sql[ATTR_ANSWER_DONE], VALUES(sql_int(answer), sql_int(e->seq)), err)
        && household_write(tx, e, kept, json_int(e->body, "footprint", 0), answer, err);
}

static bool apply_refused(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    return db_run(tx, &attribute_sql[ATTR_ANSWER_REFUSED],
                  VALUES(sql_int(json_int(e->body, "answer", 0)), sql_int(e->seq),
                         sql_text(json_text(e->body, "why")), sql_int(json_int(e->body, "upto", 0))),
                  err);
}

static bool review_start(Tx *tx, const Entry *e, int64_t nominal, Err *err)
{
    ClockStart start = { .kind = ERROR_REVIEW, .subject = nominal, .letter = 'N', .nominal = nominal,
                         .due = json_int(e->body, "due", 0) };
    return operation_lead(tx->db, e->operation, &start.agency, err) && clock_start(tx, e, &start, err);
}

static bool apply_withdrawn(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    int64_t id = json_int(e->body, "attribution", 0);
    if (!db_query(tx->db, &attribute_sql[ATTR_ONE], VALUES(sql_int(id)), &rows, err) ||
        !rows_next(&rows, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "There is no such attribution.");
    if (row_int(&rows, 2))
        return err_set(err, ERR_CONFLICT, "It has already been withdrawn.");
    int64_t nominal = row_int(&rows, 0);
    rows_done(&rows);
    return db_run(
               tx, &attribute_sql[ATTR_WITHDRAW],
               VALUES(sql_int(id), sql_int(e->seq), sql_text(json_text(e->body, "reason")), sql_int(e->at)),
               err) &&
           nominal_place_again(tx, e, nominal, true, err) && nominal_touch(tx, e, nominal, err) &&
           review_start(tx, e, nominal, err);
}

static bool apply_reviewed(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    return clock_stop(tx, e, e->subject, ERROR_REVIEW, "Decided", err);
}

static bool apply_placed(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    int64_t kept = 0;
    return nominal_kept(tx->db, e->subject, &kept, err)
        && db_run(tx, &attribute_sql[ATTR_SIGHTING_PLACED],
                  VALUES(sql_int(json_int(e->body, "sighting", 0)), sql_int(e->seq)), err)
        && household_write(tx, e, kept, 0, 0, err);
}

static const Field looked_up_fields[] = {
    { "from", REQUIRED, FIELD_ID }, { "upto", REQUIRED, FIELD_ID }, { "as_of", REQUIRED, FIELD_TEXT },
    { "hits", REQUIRED, FIELD_LIST }, {0} };
#define HOUSEHOLD_FIELDS                                                                                     \
    { "household", REQUIRED, FIELD_TEXT }, { "postcode", OPTIONAL, FIELD_TEXT },                             \
        { "town", OPTIONAL, FIELD_TEXT }, { "area", OPTIONAL, FIELD_TEXT }, { "force", OPTIONAL, FIELD_ID }, \
        { "force_basis", REQUIRED, FIELD_TEXT },                                                             \
    {                                                                                                        \
        "sighting", REQUIRED, FIELD_ID                                                                       \
    }
static const Field attributed_fields[] = {
    { "answer", REQUIRED, FIELD_ID }, { "footprint", REQUIRED, FIELD_ID }, { "agrees", REQUIRED, FIELD_TEXT },
    HOUSEHOLD_FIELDS, {0} };
static const Field placed_fields[] = { HOUSEHOLD_FIELDS, {0} };
static const Field refused_fields[] = {
    { "answer", REQUIRED, FIELD_ID }, { "line", REQUIRED, FIELD_INT }, { "why", REQUIRED, FIELD_TEXT },
    { "upto", REQUIRED, FIELD_ID }, {0} };
static const Field withdrawn_fields[] = { { "attribution", REQUIRED, FIELD_ID },
                                          { "reason", REQUIRED, FIELD_TEXT },
                                          { "due", REQUIRED, FIELD_INT },
                                          { 0 } };
static const Field reviewed_fields[] = { { "reason", REQUIRED, FIELD_TEXT }, { 0 } };

const Kind attribute_kinds[] = {
    { "answer.attributed", "Footprint tied to a household by an operator's answer", attributed_fields,
      apply_attributed, false, false },
    { "answer.refused", "Operator's answer does not agree with a footprint", refused_fields, apply_refused,
      false, false },
    { "answer.reviewed", "Decided what follows from a withdrawn answer", reviewed_fields, apply_reviewed,
      false, false },
    { "answer.withdrawn", "Household withdrawn: an error was found", withdrawn_fields, apply_withdrawn, false,
      false },
    { "footprints.looked-up", "Network operators of footprints looked up", looked_up_fields, apply_looked_up,
      true, false },
    { "nominal.placed", "Address stated by a source placed in a force area", placed_fields, apply_placed,
      false, false },
    { 0 },
};
