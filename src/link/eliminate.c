#include "link/eliminate.h"
#include "link/inside.h"
#include "link/nominal.h"
#include "link/nominal_apply.h"

static const char clock_kind[] = "nominal.elimination";

/* ---- reading ---- */

bool elimination_of(Db *db, Arena *mem, int64_t nominal, Elimination *out, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    *out = (Elimination){0};
    if (!db_query(db, &link_sql[LINK_ELIMINATION], VALUES(sql_int(nominal)), &rows, err) ||
        !rows_next(&rows, &more, err))
        return err_while(err, "reading an elimination");
    if (more)
        *out = (Elimination){ .id = row_int(&rows, 0),
                              .person = row_int(&rows, 1),
                              .holds = !row_null(&rows, 2),
                              .reason = row_copy(&rows, 3, mem),
                              .at = row_when(&rows, 4),
                              .person_name = row_copy(&rows, 5, mem),
                              .second_name = row_copy(&rows, 6, mem),
                              .status_before = row_copy(&rows, 7, mem) };
    return true;
}

/* ---- deciding ---- */

typedef struct Act {
    const ClockRules *rules;
    const Hand *hand;
    int64_t     nominal;
    const char *reason;
    bool        agree;
} Act;

typedef struct Standing { int64_t id; NominalState state; Elimination now; } Standing;

static bool standing_read(Db *db, Arena *mem, int64_t nominal, Standing *s, Err *err)
{
    return nominal_state(db, mem, nominal, &s->state, err) && nominal_kept(db, nominal, &s->id, err) &&
           nominal_state(db, mem, s->id, &s->state, err) && elimination_of(db, mem, s->id, &s->now, err);
}

/* Who is acted on, and the hand in their operation. */
static bool act_begin(Tx *tx, const Act *a, Arena *mem, Standing *s, Hand *hand, Err *err)
{
    *hand = *a->hand;
    if (!standing_read(tx->db, mem, a->nominal, s, err))
        return false;
    hand->operation = s->state.operation;
    return true;
}

static bool may_be(const Standing *s, Err *err)
{
    static const char *const may[] = { "reported", "suspect", "charged" };
    if (s->now.id)
        return err_set(err, ERR_CONFLICT,
                       s->now.holds ? "They have been eliminated already."
                                    : "That is proposed already and waits for a second person.");
    FOR_EACH (status, may)
        if (str_same(*status, s->state.status))
            return true;
    return err_set(err, ERR_INVALID, "Who was convicted, or is a victim, cannot be eliminated.");
}

static bool propose_run(Tx *tx, void *ctx, Err *err)
{
    const Act *a = ctx;
    CLEANUP(arena_done) Arena mem = {0};
    Standing s = {0};
    Hand hand;
    Instant due = 0;
    if (!act_begin(tx, a, &mem, &s, &hand, err) || !may_be(&s, err) ||
        !clock_due(a->rules, clock_kind, "", "", hand.at, &due, err))
        return false;
    Json *body = json_new_object();
    json_set_text(body, "reason", a->reason);
    json_set_int(body, "due", due);
    return ledger_append(tx, &hand, "elimination.proposed", s.id, body, NULL, err);
}

bool elimination_propose(Ledger *ledger, const ClockRules *rules, const Hand *hand, int64_t nominal,
                         const char *reason, Err *err)
{
    Act a = { .rules = rules, .hand = hand, .nominal = nominal, .reason = reason };
    if (str_blank(reason))
        return err_set(err, ERR_INVALID, "Say why, in a sentence.");
    if (hand->actor == 0)
        return err_set(err, ERR_DENIED, "Only a person eliminates someone.");
    return writer_run(ledger_store(ledger), propose_run, &a, err) || err_while(err, "proposing an "
                                                                                    "elimination");
}

static bool second_run(Tx *tx, void *ctx, Err *err)
{
    const Act *a = ctx;
    CLEANUP(arena_done) Arena mem = {0};
    Standing s = {0};
    Hand hand;
    if (!act_begin(tx, a, &mem, &s, &hand, err))
        return false;
    if (!s.now.id || s.now.holds)
        return err_set(err, ERR_NOT_FOUND, "No elimination waits for a second person here.");
    if (s.now.person == hand.actor)
        return err_set(err, ERR_DENIED, "The second person must be someone else.");
    Json *body = json_new_object();
    json_set_int(body, "proposal", s.now.id);
    return ledger_append(tx, &hand, a->agree ? "elimination.agreed" : "elimination.refused", s.id, body, NULL,
                         err);
}

bool elimination_second(Ledger *ledger, const Hand *hand, int64_t nominal, bool agree, Err *err)
{
    Act a = { .hand = hand, .nominal = nominal, .agree = agree };
    if (hand->actor == 0)
        return err_set(err, ERR_DENIED, "Only a person can be the second person.");
    return writer_run(ledger_store(ledger), second_run, &a, err) || err_while(err, "seconding an "
                                                                                   "elimination");
}

static bool reinstate_run(Tx *tx, void *ctx, Err *err)
{
    const Act *a = ctx;
    CLEANUP(arena_done) Arena mem = {0};
    Standing s = {0};
    Hand hand;
    if (!act_begin(tx, a, &mem, &s, &hand, err))
        return false;
    if (!s.now.holds)
        return err_set(err, ERR_CONFLICT, "They are not eliminated.");
    Json *body = json_new_object();
    json_set_text(body, "reason", a->reason);
    return ledger_append(tx, &hand, "nominal.reinstated", s.id, body, NULL, err);
}

bool nominal_reinstate(Ledger *ledger, const Hand *hand, int64_t nominal, const char *reason, Err *err)
{
    Act a = { .hand = hand, .nominal = nominal, .reason = reason };
    if (str_blank(reason))
        return err_set(err, ERR_INVALID, "Say why, in a sentence.");
    return writer_run(ledger_store(ledger), reinstate_run, &a, err) || err_while(err, "taking an elimination "
                                                                                      "back");
}

/* ---- the facts ---- */

static bool apply_proposed(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    NominalState now = {0};
    int64_t id = 0, agency = 0;
    bool found = false;
    if (!nominal_kept(tx->db, e->subject, &id, err) || !nominal_state(tx->db, mem, id, &now, err) ||
        !db_int(tx->db, &link_sql[LINK_AGENCY_OF], VALUES(sql_int(id)), &agency, &found, err))
        return false;
    ClockStart s = { .kind = clock_kind, .subject = id, .letter = 'N', .nominal = id, .agency = agency,
                     .due = json_int(e->body, "due", 0) };
    return db_run(tx, &link_sql[LINK_ELIMINATION_NEW],
                  VALUES(sql_int(e->seq), sql_int(id), sql_int(e->at), sql_int(e->actor),
                         sql_text(json_text(e->body, "reason")), sql_text(now.status)), err) &&
           clock_start(tx, e, &s, err);
}

/* Nobody waits for anything about them any more. What the law runs (bail, warrants) goes on, and so does the
 * review of what relied on an error: those people are owed it whoever they are. */
static bool clocks_end(Tx *tx, const Entry *e, int64_t id, Err *err)
{
    static const char *const families[] = {
        "band.",
        "nominal.access-check",
        "nominal.action",
        "nominal.elimination",
        "nominal.household-check",
        "nominal.occupation-check",
        "nominal.register-check",
    };
    FOR_EACH (f, families)
        if (!clock_stop_all(tx, e, id, *f, "Eliminated", err))
            return false;
    return true;
}

static bool apply_agreed(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    int64_t id = 0;
    return nominal_kept(tx->db, e->subject, &id, err) &&
           db_run(tx, &link_sql[LINK_ELIMINATION_AGREED],
                  VALUES(sql_int(json_int(e->body, "proposal", 0)), sql_int(id), sql_int(e->actor),
                         sql_int(e->seq)),
                  err) &&
           nominal_set_status(tx, e, id, "eliminated", err) && clocks_end(tx, e, id, err);
}

static bool apply_refused(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    int64_t id = 0;
    return nominal_kept(tx->db, e->subject, &id, err) &&
           db_run(tx, &link_sql[LINK_ELIMINATION_REFUSED],
                  VALUES(sql_int(json_int(e->body, "proposal", 0)), sql_int(id), sql_int(e->actor),
                         sql_int(e->seq)),
                  err) &&
           clock_stop(tx, e, id, clock_kind, "The second person did not agree", err);
}

bool elimination_end(Tx *tx, const Entry *e, int64_t nominal, Err *err)
{
    return db_run(tx, &link_sql[LINK_ELIMINATION_STATUS], VALUES(sql_int(nominal), sql_int(e->seq)), err) &&
           db_run(tx, &link_sql[LINK_ELIMINATION_END], VALUES(sql_int(nominal), sql_int(e->seq)), err);
}

static bool apply_reinstated(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    int64_t id = 0;
    return nominal_kept(tx->db, e->subject, &id, err) && elimination_end(tx, e, id, err);
}

static const Field proposed_fields[] = { { "reason", REQUIRED, FIELD_TEXT },
                                         { "due", REQUIRED, FIELD_INSTANT },
                                         { 0 } };
static const Field answered_fields[] = { { "proposal", REQUIRED, FIELD_ID }, { 0 } };
static const Field reason_fields[] = { { "reason", REQUIRED, FIELD_TEXT }, { 0 } };

const Kind eliminate_kinds[] = {
    { "elimination.agreed", "Eliminated: the second person agreed", answered_fields, apply_agreed, false,
      false },
    { "elimination.proposed", "Elimination proposed, waits for a second person", proposed_fields,
      apply_proposed, false, false },
    { "elimination.refused", "Elimination not agreed by the second person", answered_fields, apply_refused,
      false, false },
    { "nominal.reinstated", "Elimination taken back", reason_fields, apply_reinstated, false, false },
    { 0 },
};
