/* pairs_ledger.c: what weighing found and people decided, written down. */
#include "link/inside.h"
#include "link/nominal_apply.h"
#include "link/pairs.h"
#include "link/pairs_sql.h"

enum { NEWS_MILLIBITS = 1000 };      /* less of a change than this is not news to who could not say */

typedef struct KnownPair { int64_t id, weight; const char *state; } KnownPair;

static bool known_read(Db *db, Arena *mem, int64_t a, int64_t b, KnownPair *out, Err *err)
{
    CLEANUP(rows_done) Rows r = { 0 };
    bool more = false;
    *out = (KnownPair){ 0 };
    if (!db_query(db, &pairs_sql[PAIRS_KNOWN], VALUES(sql_int(a), sql_int(b)), &r, err) ||
        !rows_next(&r, &more, err))
        return false;
    if (more)
        *out = (KnownPair){ row_int(&r, 0), row_int(&r, 2), row_copy(&r, 1, mem) };
    return true;
}

/* Even odds leave most to learn: 1000 at a weight of 0, 0 far from it. */
static int64_t doubt_of(int64_t millibits)
{
    int64_t far = millibits < 0 ? -millibits : millibits;
    return far >= 20000 ? 0 : 1000 - far / 20;
}

static const char *state_again(const KnownPair *k, int64_t weight)
{
    int64_t moved = k->weight > weight ? k->weight - weight : weight - k->weight;
    bool news = str_same(k->state, "cannot-say") && moved >= NEWS_MILLIBITS;
    return news ? "open" : k->state;
}

static bool apply_suggested(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    int64_t a = e->subject, b = json_int(e->body, "other", 0), top_a = 0, top_b = 0;
    int64_t weight = json_int(e->body, "weight", 0);
    KnownPair known;
    if (a >= b)
        return err_set(err, ERR_BUG, "The older of two records comes first.");
    if (!nominal_kept(tx->db, a, &top_a, err) || !nominal_kept(tx->db, b, &top_b, err) ||
        !known_read(tx->db, mem, a, b, &known, err))
        return false;
    Value prior = sql_int(json_int(e->body, "prior", 0)),
          withheld = sql_int(json_int(e->body, "withheld", 0));
    Value overlap = sql_int(json_int(e->body, "overlap", 0));
    Value model = sql_text(json_text(e->body, "model")), outcome = sql_text(json_text(e->body, "outcome"));
    Value aspects = sql_text(json_canonical(mem, json_get(e->body, "aspects")));
    Value reason = sql_text(json_text(e->body, "reason")), doubt = sql_int(doubt_of(weight));
    if (known.id)
        return db_run(tx, &pairs_sql[PAIRS_AGAIN],
                      VALUES(sql_int(known.id), sql_int(weight), prior, withheld, doubt, model, outcome,
                             aspects, reason, sql_text(state_again(&known, weight)), sql_int(e->seq),
                             overlap),
                      err);
    return db_run(tx, &pairs_sql[PAIRS_NEW],
                  VALUES(sql_int(e->seq), sql_int(e->operation), sql_int(a), sql_int(b), sql_int(top_a),
                         sql_int(top_b), sql_int(weight), prior, withheld, doubt, model, outcome, aspects,
                         reason, overlap),
                  err);
}

static bool apply_weighed(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    return db_run(tx, &pairs_sql[PAIRS_WEIGHED],
                  VALUES(sql_int(e->subject), sql_int(json_int(e->body, "upto", 0)),
                         sql_text(json_text(e->body, "model")), sql_int(json_int(e->body, "records", 0)),
                         sql_int(json_int(e->body, "pairs", 0))),
                  err);
}

/* ---- decisions */

static bool pair_tops(Db *db, Arena *mem, int64_t pair, int64_t *one, int64_t *two, Err *err)
{
    const Viewer all = { .role = ROLE_COORDINATOR };
    PairRow p;
    if (!pair_fetch(db, mem, &all, pair, &p, err))
        return false;
    *one = p.one;
    *two = p.two;
    return true;
}

static bool apply_decided(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    int64_t pair = json_int(e->body, "pair", 0), one = 0, two = 0;
    const char *answer = json_text(e->body, "answer");
    if (!pair_tops(tx->db, mem, pair, &one, &two, err))
        return false;
    if (one == two)
        return err_set(err, ERR_CONFLICT, "These two are one nominal by now.");
    return db_run(tx, &pairs_sql[PAIRS_DECISION_NEW],
                  VALUES(sql_int(e->seq), sql_int(pair), sql_text(answer),
                         sql_text(json_text(e->body, "reason")), sql_int(e->actor), sql_int(e->at)),
                  err) &&
           db_run(tx, &pairs_sql[PAIRS_STATE], VALUES(sql_int(pair), sql_text(answer), sql_int(e->seq)),
                  err) &&
           (!str_same(answer, "different") ||
            db_run(tx, &link_sql[LINK_APART_NEW], VALUES(sql_int(one), sql_int(two), sql_int(e->seq)), err));
}

static bool apply_undecided(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    int64_t decision = json_int(e->body, "decision", 0);
    CLEANUP(rows_done) Rows r = { 0 };
    bool more = false;
    if (!db_query(tx->db, &pairs_sql[PAIRS_DECISION_STATE], VALUES(sql_int(decision)), &r, err) ||
        !rows_next(&r, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "There is no such decision.");
    if (row_int(&r, 6))
        return err_set(err, ERR_CONFLICT, "That decision has already been undone.");
    int64_t pair = row_int(&r, 0), before = row_int(&r, 5), in_force = row_int(&r, 7);
    const char *state = row_copy(&r, 4, mem);
    rows_done(&r);
    return db_run(tx, &pairs_sql[PAIRS_DECISION_UNDO], VALUES(sql_int(decision), sql_int(e->seq)), err) &&
           db_run(tx, &pairs_sql[PAIRS_APART_UNDO], VALUES(sql_int(decision)), err) &&
           (in_force != decision ||
            db_run(tx, &pairs_sql[PAIRS_STATE], VALUES(sql_int(pair), sql_text(state), sql_id(before)), err));
}

static const Field suggested_fields[] = {
    { "other", REQUIRED, FIELD_ID },     { "weight", REQUIRED, FIELD_INT },
    { "prior", REQUIRED, FIELD_INT },    { "withheld", REQUIRED, FIELD_INT },
    { "overlap", REQUIRED, FIELD_INT },  { "model", REQUIRED, FIELD_TEXT },
    { "outcome", REQUIRED, FIELD_TEXT }, { "reason", REQUIRED, FIELD_TEXT },
    { "aspects", REQUIRED, FIELD_LIST }, { 0 }
};
static const Field decided_fields[] = { { "pair", REQUIRED, FIELD_ID },
                                        { "answer", REQUIRED, FIELD_TEXT },
                                        { "reason", REQUIRED, FIELD_TEXT },
                                        { 0 } };
static const Field undecided_fields[] = { { "decision", REQUIRED, FIELD_ID },
                                          { "reason", REQUIRED, FIELD_TEXT },
                                          { 0 } };
static const Field weighed_fields[] = { { "upto", REQUIRED, FIELD_INT },
                                        { "model", REQUIRED, FIELD_TEXT },
                                        { "records", REQUIRED, FIELD_INT },
                                        { "pairs", REQUIRED, FIELD_INT },
                                        { 0 } };

const Kind pair_kinds[] = {
    { "link.decided", "Decided whether two records are one person", decided_fields, apply_decided, false, false },
    { "link.suggested", "Two records weighed against each other", suggested_fields, apply_suggested, false,
      false },
    { "link.undecided", "A decision about two records undone", undecided_fields, apply_undecided, false, false },
    { "link.weighed", "Records weighed against the base", weighed_fields, apply_weighed, false, false },
    { 0 },
};
