/* risk.c: scores whoever changed, opens the checks that must be answered, and starts the clocks. */
#include "risk/risk.h"
#include "risk/measure.h"
#include "risk/risk_ledger.h"
#include "risk/risk_sql.h"

enum { NOMINALS_PER_COMMAND = 200 };

typedef struct Scoring {
    const RiskModel  *model;
    const ClockRules *rules;
    const Hand       *hand;
    int64_t           after;
    size_t            seen, scored;
} Scoring;

/* Clocks that run about a nominal: {kind, started, due}. */
typedef struct Running { const char *kind; Instant started, due; } Running;
typedef struct Runnings { Running *at; size_t count, cap; } Runnings;

static bool runnings_read(Db *db, Arena *mem, int64_t nominal, Runnings *out, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    if (!db_query(db, &risk_sql[RISK_CLOCKS], VALUES(sql_int(nominal)), &rows, err))
        return false;
    while (rows_next(&rows, &more, err) && more)
        *arena_push(mem, out->at, out->count, out->cap) =
            (Running){ row_copy(&rows, 0, mem), row_when(&rows, 1), row_when(&rows, 2) };
    return err->kind == ERR_NONE;
}

static const Running *running_find(const Runnings *all, const char *kind)
{
    for (size_t i = 0; i < all->count; i++)
        if (str_same(all->at[i].kind, kind))
            return &all->at[i];
    return NULL;
}

static void clock_push(Json *clocks, const char *kind, Instant due)
{
    Json *c = json_new_object();
    json_set_text(c, "kind", kind);
    json_set_int(c, "due", due);
    json_push(clocks, c);
}

/* One person being scored. */
typedef struct Case {
    const Scoring *s;
    Tx            *tx;
    Arena         *mem;
    int64_t        nominal;
    Hand           hand;
    Person         person;
    Suggestion     suggestion;
    Runnings       running;
    int            rank;
    bool           review;
} Case;

/* Started now, or measured again from where it started if the band moved: sooner takes effect, later never.
 */
static bool clock_want(Case *c, const char *kind, const char *band, Json *clocks, Err *err)
{
    const Running *run = running_find(&c->running, kind);
    Instant due = 0;
    if (!clock_due(c->s->rules, kind, band, c->person.nation, run ? run->started : c->hand.at, &due, err))
        return false;
    if (!run || due < run->due)
        clock_push(clocks, kind, due);
    return true;
}

/* Nothing waits about them: no clock starts and nothing is asked until that is taken back. */
static bool eliminated(const Case *c) { return str_same(c->person.status, "eliminated"); }

static bool stage_is(const Case *c, const char *stage) { return str_same(c->person.stage, stage); }

/* The first action against the risk is awaited until a force acts; a raised band needs a person's review. */
static bool clocks_plan(Case *c, Json *clocks, Err *err)
{
    const char *band = band_of_rank(c->rank);
    if (stage_is(c, "closed") || eliminated(c))
        return true;
    return (stage_is(c, "actioned") || clock_want(c, "nominal.action", band, clocks, err))
        && (!c->review || clock_want(c, "band.review", band, clocks, err));
}

static bool check_wanted(const Case *c, const CheckRule *r)
{
    bool asked = r->when == FACT_POSSIBLE_REGISTER && c->person.m.entry[FACT_POSSIBLE_REGISTER];
    return c->person.m.count[r->when] > 0 && !asked;
}

static bool check_open(Case *c, const CheckRule *r, Err *err)
{
    Instant due = 0;
    if (!clock_due(c->s->rules, check_clock(c->mem, r->kind), band_of_rank(c->rank), c->person.nation,
                   c->hand.at, &due, err))
        return false;
    Json *body = json_new_object();
    json_set_int(body, "nominal", c->nominal);
    json_set_text(body, "kind", r->kind);
    json_set_int(body, "due", due);
    return ledger_append(c->tx, &c->hand, "check.opened", 0, body, NULL, err);
}

/* A question still open whose clock stopped with a merge, or is now due sooner. */
static bool checks_resume(Case *c, Json *clocks, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    const char **kinds = NULL;
    size_t count = 0, cap = 0;
    if (!db_query(c->tx->db, &risk_sql[RISK_CHECKS], VALUES(sql_int(c->nominal)), &rows, err))
        return false;
    while (rows_next(&rows, &more, err) && more)
        if (str_same(row_text(&rows, 2), "open"))
            *arena_push(c->mem, kinds, count, cap) = row_copy(&rows, 1, c->mem);
    rows_done(&rows);
    for (size_t i = 0; i < count && err->kind == ERR_NONE; i++)
        if (!clock_want(c, check_clock(c->mem, kinds[i]), band_of_rank(c->rank), clocks, err))
            return false;
    return err->kind == ERR_NONE;
}

static Json *factors_json(const Suggestion *s)
{
    Json *list = json_new_list();
    for (size_t i = 0; i < s->factor_count; i++) {
        const Factor *f = &s->factors[i];
        Json *j = json_new_object();
        json_set_text(j, "factor", f->factor);
        json_set_text(j, "family", f->family);
        json_set_int(j, "points", f->points);
        json_set_text(j, "because", f->because);
        if (f->entry)
            json_set_int(j, "entry", f->entry);
        json_push(list, j);
    }
    return list;
}

static bool score_record(Case *c, Json *clocks, Err *err)
{
    Json *body = json_new_object();
    json_set_text(body, "model", risk_model_version(c->s->model));
    json_set_text(body, "band", c->suggestion.band);
    json_set_int(body, "points", c->suggestion.points);
    json_set_text(body, "why", c->suggestion.why);
    json_set(body, "factors", factors_json(&c->suggestion));
    json_set_text(body, "access", c->person.access);
    json_set_bool(body, "registered", c->person.registered);
    json_set_bool(body, "position_of_trust", c->person.position_of_trust);
    json_set_int(body, "seen", c->person.changed);
    if (json_count(clocks))
        json_set(body, "clocks", json_keep(clocks));
    return ledger_append(c->tx, &c->hand, "nominal.scored", c->nominal, body, NULL, err);
}

static bool case_measure(Case *c, Err *err)
{
    if (!person_measure(c->tx->db, c->mem, c->s->model, c->nominal, c->s->hand->at, &c->person, err))
        return false;
    c->hand.operation = c->person.operation;
    model_evaluate(c->s->model, &c->person.m, c->mem, &c->suggestion);
    return rank_in_force(c->tx->db, c->nominal, c->suggestion.band, &c->rank, &c->review, err)
        && runnings_read(c->tx->db, c->mem, c->nominal, &c->running, err);
}

static bool score_one(Tx *tx, Arena *mem, const Scoring *s, int64_t nominal, Err *err)
{
    Case c = { .s = s, .tx = tx, .mem = mem, .nominal = nominal, .hand = *s->hand };
    CLEANUP(json_done) Json *clocks = json_new_list();
    if (!case_measure(&c, err) || (!eliminated(&c) && !checks_resume(&c, clocks, err)) ||
        !clocks_plan(&c, clocks, err) || !score_record(&c, clocks, err))
        return false;
    for (size_t i = 0; i < s->model->check_count && !eliminated(&c); i++)
        if (check_wanted(&c, &s->model->checks[i]) && !check_open(&c, &s->model->checks[i], err))
            return false;
    return true;
}

static bool ids_read(Db *db, int64_t after, int64_t *ids, size_t *count, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    *count = 0;
    if (!db_query(db, &risk_sql[RISK_TODO], VALUES(sql_int(after), sql_int(NOMINALS_PER_COMMAND)), &rows,
                  err))
        return false;
    while (rows_next(&rows, &more, err) && more && *count < NOMINALS_PER_COMMAND)
        ids[(*count)++] = row_int(&rows, 0);
    return err->kind == ERR_NONE;
}

static bool score_batch(Tx *tx, void *ctx, Err *err)
{
    Scoring *s = ctx;
    CLEANUP(arena_done) Arena mem = {0};
    int64_t ids[NOMINALS_PER_COMMAND];
    s->seen = 0;
    if (!ids_read(tx->db, s->after, ids, &s->seen, err))
        return false;
    for (size_t i = 0; i < s->seen; i++) {
        arena_reset(&mem);
        if (!score_one(tx, &mem, s, ids[i], err))
            return err_while(err, "scoring nominal %lld", (long long)ids[i]);
    }
    if (s->seen)
        s->after = ids[s->seen - 1];
    return true;
}

bool risk_pending(Ledger *ledger, Db *db, const RiskModel *m, const ClockRules *rules, const Hand *hand,
                  size_t *scored, Err *err)
{
    (void)db;
    Scoring s = { .model = m, .rules = rules, .hand = hand };
    *scored = 0;
    do {
        if (!writer_run(ledger_store(ledger), score_batch, &s, err))
            return err_while(err, "scoring");
        *scored += s.seen;
    } while (s.seen == NOMINALS_PER_COMMAND);
    return true;
}

bool risk_score_one(Db *db, Arena *mem, const RiskModel *m, int64_t nominal, Instant now, Suggestion *out,
                    Err *err)
{
    Person p = {0};
    if (!person_measure(db, mem, m, nominal, now, &p, err))
        return false;
    model_evaluate(m, &p.m, mem, out);
    return true;
}
