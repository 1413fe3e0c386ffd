#include "link/assess.h"
#include "access/access.h"
#include "link/referral_sql.h"

enum { REFERRALS_PER_COMMAND = 200 };
#define CLOCK "referral.assess"
#define LINKED "linked"                  /* the one outcome no person chooses */

const Assessment assessments[] = {
    { "informational", "Kept for reference: it points to nobody" },
    { "passed-on", "Passed to another body" },
    { "repeated", "Belongs with another report" },
    { "withdrawn", "Withdrawn by the sender" },
    { LINKED, "Someone is named after all" },
    { 0 },
};

const char *assessment_says(const char *outcome)
{
    for (const Assessment *a = assessments; a->outcome; a++)
        if (str_same(a->outcome, outcome))
            return a->says;
    return NULL;
}

/* ---- the stage ---- */

typedef struct Found { int64_t id, operation; } Found;
typedef struct Assess {
    const ClockRules *rules;
    const Hand *hand;
    size_t done;
} Assess;

static bool found_read(Db *db, const Sql *sql, Found *out, size_t *count, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    *count = 0;
    if (!db_query(db, sql, VALUES(sql_int(REFERRALS_PER_COMMAND)), &rows, err))
        return false;
    while (rows_next(&rows, &more, err) && more)
        out[(*count)++] = (Found){ row_int(&rows, 0), row_int(&rows, 1) };
    return err->kind == ERR_NONE;
}

static bool unowned_append(Tx *tx, const Assess *a, const Found *f, Err *err)
{
    Hand hand = *a->hand;
    Instant due = 0;
    hand.operation = f->operation;
    if (!clock_due(a->rules, CLOCK, "", "", hand.at, &due, err))
        return false;
    Json *body = json_new_object();
    json_set_int(body, "due", due);
    return ledger_append(tx, &hand, "referral.unowned", f->id, body, NULL, err);
}

static bool assessed_append(Tx *tx, const Hand *by, const Found *f, const char *outcome, const char *reason,
                            Err *err)
{
    Hand hand = *by;
    hand.operation = f->operation;
    Json *body = json_new_object();
    json_set_text(body, "outcome", outcome);
    json_set_text(body, "reason", reason);
    return ledger_append(tx, &hand, "referral.assessed", f->id, body, NULL, err);
}

static bool assess_batch(Tx *tx, void *ctx, Err *err)
{
    Assess *a = ctx;
    Found found[REFERRALS_PER_COMMAND];
    size_t started = 0, ended = 0;
    a->done = 0;
    if (!found_read(tx->db, &referral_sql[REFERRAL_UNOWNED], found, &started, err))
        return false;
    for (size_t i = 0; i < started; i++)
        if (!unowned_append(tx, a, &found[i], err))
            return err_while(err, "giving referral %lld an owner", (long long)found[i].id);
    if (!found_read(tx->db, &referral_sql[REFERRAL_NAMED_NOW], found, &ended, err))
        return false;
    for (size_t i = 0; i < ended; i++)
        if (!assessed_append(tx, a->hand, &found[i], LINKED, assessment_says(LINKED), err))
            return false;
    a->done = started + ended;
    return true;
}

bool assess_pending(Ledger *ledger, Db *db, const ClockRules *rules, const Hand *hand, size_t *done, Err *err)
{
    Assess a = { .rules = rules, .hand = hand };
    int64_t any = 0;
    bool found = false;
    *done = 0;
    if (!db_int(db, &referral_sql[REFERRAL_ASSESS_ANY], NO_VALUES, &any, &found, err))
        return false;
    if (!found)                              /* the usual case costs no turn of the writer */
        return true;
    do {
        if (!writer_run(ledger_store(ledger), assess_batch, &a, err))
            return err_while(err, "giving referrals an owner");
        *done += a.done;
    } while (a.done);
    return true;
}

/* ---- a person's decision ---- */

typedef struct Decision {
    const Hand *hand;
    int64_t     referral;
    const char *outcome, *reason;
} Decision;

static bool decide(Tx *tx, void *ctx, Err *err)
{
    const Decision *d = ctx;
    CLEANUP(rows_done) Rows rows = {0};
    Found f = { .id = d->referral };
    bool more = false;
    if (!db_query(tx->db, &referral_sql[REFERRAL_ASSESS_STATE], VALUES(sql_int(d->referral)), &rows, err) ||
        !rows_next(&rows, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "There is no such referral.");
    f.operation = row_int(&rows, 0);
    if (!row_null(&rows, 1))
        return err_set(err, ERR_CONFLICT, "That referral stands under another, which is the one to assess.");
    if (!row_null(&rows, 2))
        return err_set(err, ERR_CONFLICT, "That referral is assessed already.");
    if (row_bool(&rows, 3))
        return err_set(err, ERR_CONFLICT,
                       "That referral leads to someone: decide about that nominal instead.");
    rows_done(&rows);
    return assessed_append(tx, d->hand, &f, d->outcome, d->reason, err);
}

bool referral_assess(Ledger *ledger, const Hand *hand, int64_t referral, const char *outcome,
                     const char *reason, Err *err)
{
    Decision d = { hand, referral, outcome, reason };
    if (!assessment_says(outcome) || str_same(outcome, LINKED))
        return err_set(err, ERR_INVALID,
                       "An outcome is one of: informational, passed-on, repeated or withdrawn.");
    if (str_blank(reason))
        return err_set(err, ERR_INVALID, "Say why, in a sentence.");
    return writer_run(ledger_store(ledger), decide, &d, err) || err_while(err, "assessing a referral");
}

/* ---- the facts ---- */

static bool apply_unowned(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    ClockStart start = { .kind = CLOCK, .subject = e->subject, .letter = 'R',
                         .due = json_int(e->body, "due", 0) };
    return operation_lead(tx->db, e->operation, &start.agency, err) && clock_start(tx, e, &start, err);
}

static bool apply_assessed(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    return db_run(tx, &referral_sql[REFERRAL_ASSESSED],
                  VALUES(sql_int(e->subject), sql_text(json_text(e->body, "outcome")),
                         sql_text(json_text(e->body, "reason"))), err)
        && clock_stop(tx, e, e->subject, CLOCK, "Assessed", err);
}

static const Field unowned_fields[] = { { "due", REQUIRED, FIELD_INT }, { 0 } };
static const Field assessed_fields[] = { { "outcome", REQUIRED, FIELD_TEXT },
                                         { "reason", REQUIRED, FIELD_TEXT },
                                         { 0 } };

const Kind assess_kinds[] = {
    { "referral.assessed", "Referral that reports nobody assessed", assessed_fields, apply_assessed, false,
      false },
    { "referral.unowned", "Referral that reports nobody given an owner", unowned_fields, apply_unowned, false,
      false },
    { 0 },
};
