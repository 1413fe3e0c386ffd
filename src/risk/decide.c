/* decide.c: what people decide: bands, and answers to checks. The score only suggests. */
#include "risk/model.h"
#include "risk/risk.h"
#include "risk/risk_ledger.h"
#include "risk/risk_sql.h"
#include "link/nominal_apply.h"

typedef struct Decide {
    const ClockRules *rules;
    const Hand       *hand;
    int64_t           nominal;
    const char       *band, *reason;
    bool              agree;
} Decide;

typedef struct Standing {                /* where a nominal stands when someone decides */
    int64_t     id, operation;
    const char *suggested, *band, *nation;
} Standing;

static bool standing_read(Db *db, Arena *mem, int64_t nominal, Standing *out, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    if (!db_query(db, &risk_sql[RISK_NOMINAL], VALUES(sql_int(nominal)), &rows, err) ||
        !rows_next(&rows, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "There is no such nominal.");
    rows_done(&rows);
    if (!nominal_kept(db, nominal, &out->id, err) ||
        !db_query(db, &risk_sql[RISK_NOMINAL], VALUES(sql_int(out->id)), &rows, err) ||
        !rows_next(&rows, &more, err))
        return false;
    out->operation = row_int(&rows, 0);
    out->band = row_copy(&rows, 11, mem);
    out->suggested = row_copy(&rows, 12, mem);
    out->nation = row_copy(&rows, 16, mem);
    return true;
}

static Json *decision_body(const char *band, const char *suggested, const char *reason)
{
    Json *body = json_new_object();
    json_set_text(body, "band", band);
    json_set_text(body, "suggested", suggested);
    json_set_text(body, "reason", reason);
    return body;
}

static bool clock_put(Json *body, const char *kind, Instant due)
{
    Json *clocks = json_new_list(), *c = json_new_object();
    json_set_text(c, "kind", kind);
    json_set_int(c, "due", due);
    json_push(clocks, c);
    json_set(body, "clocks", clocks);
    return true;
}

/* The action clock follows the decided band, counted from when it started; one that does not run stays so. */
static bool action_clock(Tx *tx, const Decide *d, const Standing *s, const char *band, Json *body, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    Instant due = 0;
    if (!db_query(tx->db, &risk_sql[RISK_CLOCKS], VALUES(sql_int(s->id)), &rows, err))
        return false;
    while (rows_next(&rows, &more, err) && more)
        if (str_same(row_text(&rows, 0), "nominal.action"))
            return clock_due(d->rules, "nominal.action", band, s->nation, row_when(&rows, 1), &due, err)
                && clock_put(body, "nominal.action", due);
    return err->kind == ERR_NONE;
}

static bool record_decided(Tx *tx, const Decide *d, const Standing *s, Json *body, Err *err)
{
    CLEANUP(json_done) Json *owned = body;
    Hand hand = *d->hand;
    hand.operation = s->operation;
    return action_clock(tx, d, s, json_text(owned, "band"), owned, err)
        && ledger_append(tx, &hand, "band.decided", s->id, json_keep(owned), NULL, err);
}

static bool record_proposed(Tx *tx, const Decide *d, const Standing *s, Err *err)
{
    Instant due = 0;
    Hand hand = *d->hand;
    hand.operation = s->operation;
    if (!clock_due(d->rules, "band.review", s->suggested, s->nation, hand.at, &due, err))
        return false;
    Json *body = decision_body(d->band, s->suggested, d->reason);
    clock_put(body, "band.review", due);                 /* a proposal nobody seconds must not lie unseen */
    return ledger_append(tx, &hand, "band.proposed", s->id, body, NULL, err);
}

static bool decide_run(Tx *tx, void *ctx, Err *err)
{
    const Decide *d = ctx;
    CLEANUP(arena_done) Arena mem = {0};
    Standing s = {0};
    if (!standing_read(tx->db, &mem, d->nominal, &s, err))
        return false;
    int rank = band_rank(d->band), suggested = band_rank(s.suggested), now = band_rank(s.band);
    if (rank != suggested && str_blank(d->reason))
        return err_set(err, ERR_INVALID, "Say why this band and not the suggested one.");
    if (rank < suggested || rank < now)
        return str_blank(d->reason) ? err_set(err, ERR_INVALID, "Say why the band should be lower.")
                                    : record_proposed(tx, d, &s, err);
    const char *reason = str_blank(d->reason) ? "Agrees with the suggestion" : d->reason;
    return record_decided(tx, d, &s, decision_body(d->band, s.suggested, reason), err);
}

bool band_decide(Ledger *ledger, Db *db, const ClockRules *rules, const Hand *hand, int64_t nominal,
                 const char *band, const char *reason, Err *err)
{
    (void)db;
    if (!band_rank(band))
        return err_set(err, ERR_INVALID, "Choose one of the four bands.");
    if (hand->actor == 0)
        return err_set(err, ERR_DENIED, "Only a person decides a band.");
    Decide d = { rules, hand, nominal, band, reason, false };
    return writer_run(ledger_store(ledger), decide_run, &d, err) || err_while(err, "deciding a band");
}

typedef struct Proposal { int64_t id, person; const char *band, *reason, *suggested; } Proposal;

static bool proposal_read(Db *db, Arena *mem, int64_t nominal, Proposal *out, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    if (!db_query(db, &risk_sql[RISK_PROPOSED], VALUES(sql_int(nominal)), &rows, err) ||
        !rows_next(&rows, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "No lower band waits for a second person here.");
    *out = (Proposal){ row_int(&rows, 0), row_int(&rows, 3), row_copy(&rows, 1, mem), row_copy(&rows, 2, mem),
                       row_copy(&rows, 4, mem) };
    return true;
}

static bool record_refused(Tx *tx, const Decide *d, const Standing *s, const Proposal *p, Err *err)
{
    Hand hand = *d->hand;
    hand.operation = s->operation;
    Json *body = json_new_object();
    json_set_int(body, "proposal", p->id);
    return ledger_append(tx, &hand, "band.refused", s->id, body, NULL, err);
}

static bool second_run(Tx *tx, void *ctx, Err *err)
{
    const Decide *d = ctx;
    CLEANUP(arena_done) Arena mem = {0};
    Standing s = {0};
    Proposal p = {0};
    if (!standing_read(tx->db, &mem, d->nominal, &s, err) || !proposal_read(tx->db, &mem, s.id, &p, err))
        return false;
    if (p.person == d->hand->actor)
        return err_set(err, ERR_DENIED, "You proposed this band yourself.")
            || err_hint(err, "Someone else must agree before it is lowered.");
    if (!d->agree)
        return record_refused(tx, d, &s, &p, err);
    if (band_rank(s.suggested) > band_rank(p.suggested))
        return err_set(err, ERR_CONFLICT, "The suggestion has risen since this band was proposed.")
            || err_hint(err, "Look at the new reasons, then propose again or leave it.");
    Json *body = decision_body(p.band, s.suggested, p.reason);
    json_set_int(body, "person", p.person);
    json_set_int(body, "proposal", p.id);
    return record_decided(tx, d, &s, body, err);
}

bool band_second(Ledger *ledger, Db *db, const ClockRules *rules, const Hand *hand, int64_t nominal,
                 bool agree, Err *err)
{
    (void)db;
    if (hand->actor == 0)
        return err_set(err, ERR_DENIED, "Only a person can be the second person.");
    Decide d = { rules, hand, nominal, NULL, NULL, agree };
    return writer_run(ledger_store(ledger), second_run, &d, err) || err_while(err, "seconding a band");
}

bool check_answer(Ledger *ledger, const Hand *hand, int64_t check, const char *answer, const char *note,
                  Err *err)
{
    static const char *const answers[] = { "no", "unknown-after-enquiry", "yes" };
    bool known = false;
    FOR_EACH(a, answers)
        known = known || str_same(*a, answer);
    if (!known)
        return err_set(err, ERR_INVALID, "Answer yes, no, or unknown after enquiry.");
    if (!str_same(answer, "yes") && str_blank(note))
        return err_set(err, ERR_INVALID, "Say what was looked at and what was found.");
    Json *body = json_new_object();
    json_set_text(body, "answer", answer);
    json_set_text(body, "note", str_blank(note) ? NULL : note);
    return ledger_record(ledger, hand, "check.answered", check, body, NULL, err) ||
           err_while(err, "answering a check");
}
