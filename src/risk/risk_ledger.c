#include "risk/risk_ledger.h"
#include "clock/clock.h"
#include "link/nominal_apply.h"
#include "risk/risk.h"
#include "risk/risk_sql.h"

bool rank_in_force(Db *db, int64_t nominal, const char *suggested, int *rank, bool *review, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    int now = band_rank(suggested), decided = 0, seen = 0;
    if (!db_query(db, &risk_sql[RISK_DECIDED], VALUES(sql_int(nominal)), &rows, err) ||
        !rows_next(&rows, &more, err))
        return false;
    if (more) {
        decided = band_rank(row_text(&rows, 0));
        seen = band_rank(row_text(&rows, 1));
    }
    *review = decided && now > seen && now > decided;
    *rank = !decided || *review ? now : decided;
    return true;
}

char *check_clock(Arena *mem, const char *kind) { return str_fmt(mem, "nominal.%s-check", kind); }

/* A clock that runs keeps whose move it is; a new one is the lead agency's. */
static bool start_clock(Tx *tx, const Entry *e, int64_t nominal, const char *kind, Instant due, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool running = false;
    ClockStart start = { .kind = kind, .subject = nominal, .letter = 'N', .nominal = nominal, .due = due };
    if (!db_query(tx->db, &risk_sql[RISK_CLOCK_RUNNING], VALUES(sql_int(nominal), sql_text(kind)), &rows, err)
        || !rows_next(&rows, &running, err))
        return false;
    if (running) {
        start.agency = row_int(&rows, 0);
        start.owner = row_int(&rows, 1);
    }
    rows_done(&rows);
    return (running || operation_lead(tx->db, e->operation, &start.agency, err)) &&
           clock_start(tx, e, &start, err);
}

static bool clocks_write(Tx *tx, const Entry *e, int64_t nominal, Err *err)
{
    const Json *clocks = json_get(e->body, "clocks");
    for (size_t i = 0; i < json_count(clocks); i++) {
        const Json *c = json_at(clocks, i);
        if (!start_clock(tx, e, nominal, json_text(c, "kind"), json_int(c, "due", 0), err))
            return false;
    }
    const Json *stops = json_get(e->body, "stops");
    for (size_t i = 0; i < json_count(stops); i++)
        if (!clock_stop(tx, e, nominal, json_text_of(json_at(stops, i)), "Settled by what is known now", err))
            return false;
    return true;
}

static bool apply_scored(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    const Json *b = e->body;
    int64_t id = 0;
    int rank = 0;
    bool review = false;
    NominalScore score = { .suggested = json_text(b, "band"),
                           .why = json_text(b, "why"),
                           .access = json_text(b, "access"),
                           .points = json_int(b, "points", 0),
                           .seen = json_int(b, "seen", 0),
                           .registered = json_bool(b, "registered", false),
                           .position_of_trust = json_bool(b, "position_of_trust", false) };
    return nominal_kept(tx->db, e->subject, &id, err)
        && db_run(tx, &risk_sql[RISK_SCORE_NEW],
                  VALUES(sql_int(e->seq), sql_int(id), sql_int(e->at), sql_text(json_text(b, "model")),
                         sql_text(score.suggested), sql_int(score.points), sql_text(score.why),
                         sql_text(json_canonical(mem, json_get(b, "factors")))), err)
        && rank_in_force(tx->db, id, score.suggested, &rank, &review, err)
        && nominal_set_score(tx, e, id, &score, rank, err)
        && clocks_write(tx, e, id, err);
}

static bool apply_check_opened(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    int64_t nominal = json_int(e->body, "nominal", 0);
    const char *kind = json_text(e->body, "kind");
    return nominal_kept(tx->db, nominal, &nominal, err)
        && db_run(tx, &risk_sql[RISK_CHECK_NEW],
                  VALUES(sql_int(e->seq), sql_int(nominal), sql_text(kind), sql_int(e->at)), err)
        && start_clock(tx, e, nominal, check_clock(mem, kind), json_int(e->body, "due", 0), err);
}

/* What an answer changes at once; the score follows. */
static bool answer_effect(Tx *tx, const Entry *e, int64_t nominal, const char *kind, const char *answer,
                          Err *err)
{
    int flag = str_same(answer, "yes") ? 1 : str_same(answer, "no") ? 0 : -1;
    if (str_same(kind, "access"))
        return nominal_set_access(tx, e, nominal, flag < 0 ? "unknown" : answer, err);
    if (str_same(kind, "register"))
        return nominal_set_flags(tx, e, nominal, flag, -1, err);
    if (str_same(kind, "occupation"))
        return nominal_set_flags(tx, e, nominal, -1, flag, err);
    return nominal_touch(tx, e, nominal, err);
}

static bool apply_check_answered(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    int64_t kept = 0;
    if (!db_query(tx->db, &risk_sql[RISK_CHECK_ONE], VALUES(sql_int(e->subject)), &rows, err) ||
        !rows_next(&rows, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "There is no such check.");
    if (!str_same(row_text(&rows, 2), "open"))
        return err_set(err, ERR_CONFLICT, "This check has already been answered.");
    int64_t nominal = row_int(&rows, 0);
    const char *kind = row_copy(&rows, 1, mem), *answer = json_text(e->body, "answer"),
               *clock = check_clock(mem, kind);
    rows_done(&rows);
    return nominal_kept(tx->db, nominal, &kept, err) &&
           db_run(tx, &risk_sql[RISK_CHECK_ANSWER],
                  VALUES(sql_int(e->subject), sql_text(answer), sql_text(json_text(e->body, "note")),
                         sql_int(e->seq)),
                  err) &&
           clock_stop(tx, e, nominal, clock, "Answered", err) &&
           clock_stop(tx, e, kept, clock, "Answered", err) && answer_effect(tx, e, kept, kind, answer, err);
}

static bool decision_write(Tx *tx, const Entry *e, int64_t id, int64_t person, int64_t second,
                           const char *state, Err *err)
{
    const Json *b = e->body;
    return db_run(tx, &risk_sql[RISK_DECISION_NEW],
                  VALUES(sql_int(e->seq), sql_int(id), sql_int(e->at), sql_int(person),
                         sql_text(json_text(b, "suggested")), sql_text(json_text(b, "band")),
                         sql_text(json_text(b, "reason")), sql_id(second), sql_text(state)),
                  err);
}

static bool apply_decided(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    int64_t id = 0, proposal = json_int(e->body, "proposal", 0);
    const char *band = json_text(e->body, "band");
    if (!nominal_kept(tx->db, e->subject, &id, err))
        return false;
    if (proposal && !db_run(tx, &risk_sql[RISK_DECISION_STATE],
                            VALUES(sql_int(proposal), sql_text("agreed"), sql_int(e->actor)), err))
        return false;
    return db_run(tx, &risk_sql[RISK_PROPOSALS_END], VALUES(sql_int(id)), err) &&
           decision_write(tx, e, id, json_int(e->body, "person", e->actor), proposal ? e->actor : 0,
                          "decided", err) &&
           nominal_set_band(tx, e, id, band, band_rank(band), err) &&
           clock_stop(tx, e, id, "band.review", "Decided", err) && clocks_write(tx, e, id, err);
}

static bool apply_proposed(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    int64_t id = 0;
    return nominal_kept(tx->db, e->subject, &id, err)
        && db_run(tx, &risk_sql[RISK_PROPOSALS_END], VALUES(sql_int(id)), err)
        && decision_write(tx, e, id, e->actor, 0, "proposed", err)
        && clocks_write(tx, e, id, err);
}

static bool apply_band_refused(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    int64_t id = 0;
    return nominal_kept(tx->db, e->subject, &id, err) &&
           db_run(tx, &risk_sql[RISK_DECISION_STATE],
                  VALUES(sql_int(json_int(e->body, "proposal", 0)), sql_text("refused"), sql_int(e->actor)),
                  err) &&
           clock_stop(tx, e, id, "band.review", "The second person did not agree", err);
}

static const Field scored_fields[] = {
    { "model", REQUIRED, FIELD_TEXT },      { "band", REQUIRED, FIELD_TEXT },
    { "points", REQUIRED, FIELD_INT },      { "why", REQUIRED, FIELD_TEXT },
    { "factors", REQUIRED, FIELD_LIST },    { "access", REQUIRED, FIELD_TEXT },
    { "registered", REQUIRED, FIELD_BOOL }, { "position_of_trust", REQUIRED, FIELD_BOOL },
    { "seen", REQUIRED, FIELD_ID },         { "clocks", OPTIONAL, FIELD_LIST },
    { "stops", OPTIONAL, FIELD_LIST },      { 0 }
};
static const Field opened_fields[] = { { "nominal", REQUIRED, FIELD_ID },
                                       { "kind", REQUIRED, FIELD_TEXT },
                                       { "due", REQUIRED, FIELD_INSTANT },
                                       { 0 } };
static const Field answered_fields[] = {
    { "answer", REQUIRED, FIELD_TEXT }, { "note", OPTIONAL, FIELD_TEXT }, {0} };
static const Field proposed_fields[] = { { "band", REQUIRED, FIELD_TEXT },
                                         { "suggested", REQUIRED, FIELD_TEXT },
                                         { "reason", REQUIRED, FIELD_TEXT },
                                         { "clocks", OPTIONAL, FIELD_LIST },
                                         { 0 } };
static const Field decided_fields[] = { { "band", REQUIRED, FIELD_TEXT },
                                        { "suggested", REQUIRED, FIELD_TEXT },
                                        { "reason", REQUIRED, FIELD_TEXT },
                                        { "person", OPTIONAL, FIELD_ID },
                                        { "proposal", OPTIONAL, FIELD_ID },
                                        { "clocks", OPTIONAL, FIELD_LIST },
                                        { 0 } };
static const Field refused_fields[] = { { "proposal", REQUIRED, FIELD_ID }, {0} };

const Kind risk_kinds[] = {
    { "band.decided", "Band decided", decided_fields, apply_decided, false, false },
    { "band.proposed", "Lower band proposed, waits for a second person", proposed_fields, apply_proposed,
      false, false },
    { "band.refused", "Lower band not agreed by the second person", refused_fields, apply_band_refused, false,
      false },
    { "check.answered", "Check answered", answered_fields, apply_check_answered, false, false },
    { "check.opened", "Check opened", opened_fields, apply_check_opened, true, false },
    { "nominal.scored", "Risk to children scored", scored_fields, apply_scored, false, false },
    { 0 },
};
