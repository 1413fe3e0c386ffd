/* attribute.c: looks up what is new and records what was found. */
#include "attribute/attribute.h"
#include "access/access.h"
#include "attribute/attribute_ledger.h"
#include "attribute/attribute_sql.h"
#include "attribute/compare.h"
#include "base/limits.h"

enum { FOOTPRINTS_PER_FACT = 500, ANSWERS_PER_COMMAND = 100, SIGHTINGS_PER_COMMAND = 200 };

typedef struct Work {
    const Hand      *hand;
    const Operators *operators;
    const Places    *places;
    int64_t          after;              /* keyset */
    size_t           seen, done;
} Work;

static Hand hand_for(const Hand *hand, int64_t operation)
{
    Hand h = *hand;
    h.operation = operation;
    return h;
}

static bool hit_add(const Work *w, const Rows *rows, Arena *mem, Json *hits, const char **as_of, Err *err)
{
    OperatorHit hit;
    if (!operators_find(w->operators, mem, row_text(rows, 1), &hit, err)) {
        err_clear(err); /* an address that is none, or a damaged corner of a database: not found */
        return true;
    }
    if (!hit.found)
        return true;
    Json *h = json_new_object();
    json_set_int(h, "footprint", row_int(rows, 0));
    json_set_int(h, "asn", hit.asn);
    json_set_text(h, "operator", hit.name);
    json_push(hits, h);
    *as_of = hit.as_of;
    return true;
}

static bool footprints_batch(Tx *tx, void *ctx, Err *err)
{
    Work *w = ctx;
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(rows_done) Rows rows = {0};
    CLEANUP(json_done) Json *hits = json_new_list();
    const char *as_of = "";
    int64_t from = 0, upto = 0;
    bool more = false;
    w->seen = 0;
    if (!db_query(tx->db, &attribute_sql[ATTR_FOOTPRINTS_TODO], VALUES(sql_int(FOOTPRINTS_PER_FACT)), &rows,
                  err))
        return false;
    while (rows_next(&rows, &more, err) && more) {
        upto = row_int(&rows, 0);
        from = w->seen++ ? from : upto;
        if (!hit_add(w, &rows, &mem, hits, &as_of, err))
            return false;
    }
    rows_done(&rows);
    if (err->kind || w->seen == 0)
        return err->kind == ERR_NONE;
    Json *body = json_new_object();
    json_set_int(body, "from", from);
    json_set_int(body, "upto", upto);
    json_set_text(body, "as_of", as_of);
    json_set(body, "hits", json_keep(hits));
    return ledger_append(tx, w->hand, "footprints.looked-up", 0, body, NULL, err);
}

/* Where a household lies: the postcode's force, as an agency here. */
static bool household_place(Db *db, Arena *mem, const Places *places, const char *postcode, Json *body,
                            Err *err)
{
    PlaceHit hit;
    Agency agency = {0};
    if (!places_find(places, mem, postcode, &hit, err))
        return false;
    if (hit.force_short && !agency_by_short(db, mem, hit.force_short, &agency, err)) {
        if (err->kind != ERR_NOT_FOUND)
            return false;
        err_clear(err);
        hit.basis = str_fmt(mem, "%s; that force is not set up here.", hit.basis);
    }
    json_set_text(body, "area", hit.lad_name ? hit.lad_name : hit.lad);
    json_set_text(body, "force_basis", hit.basis);
    if (agency.id)
        json_set_int(body, "force", agency.id);
    if (!json_text(body, "town"))
        json_set_text(body, "town", hit.town);
    return true;
}

typedef struct Answer {
    int64_t     id, file, line, operation;
    Asked       asked;
    const char *household, *postcode;
} Answer;

static bool answer_read(Db *db, Arena *mem, int64_t id, Answer *a, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    bool more = false;
    if (!db_query(db, &attribute_sql[ATTR_ANSWER], VALUES(sql_int(id)), &r, err) ||
        !rows_next(&r, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "There is no such answer.");
    *a = (Answer){
        .id = id,
        .file = row_int(&r, 0),
        .line = row_int(&r, 1),
        .operation = row_int(&r, 2),
        .asked = { .address = row_copy(&r, 3, mem),
                   .port = row_null(&r, 4) ? -1 : row_int(&r, 4),
                   .at = row_when(&r, 5),
                   .session_start = row_when(&r, 10),
                   .session_end = row_when(&r, 11),
                   .shared = row_bool(&r, 12) },
        .household = row_copy(&r, 8, mem),
        .postcode = row_copy(&r, 9, mem),
    };
    return true;
}

/* A footprint the answer may speak of. */
typedef struct Candidate { int64_t footprint, sighting, nominal; Comparison comparison; } Candidate;
typedef struct Candidates { Candidate *at; size_t count, cap, agreeing, unlinked; } Candidates;

static bool candidates_read(Db *db, Arena *mem, const Answer *a, Candidates *out, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    bool more = false;
    if (!db_query(db, &attribute_sql[ATTR_CANDIDATES],
                  VALUES(sql_text(a->asked.address), sql_int(a->operation)), &r, err))
        return false;
    while (rows_next(&r, &more, err) && more) {
        Seen seen = { a->asked.address, row_null(&r, 1) ? -1 : row_int(&r, 1), row_when(&r, 2) };
        Candidate c = { row_int(&r, 0), row_int(&r, 3), row_int(&r, 4),
                        compare_answer(mem, &a->asked, &seen) };
        bool agrees = c.comparison.outcome == COMPARE_AGREES;
        out->agreeing += agrees && c.nominal;
        out->unlinked += agrees && !c.nominal;
        *arena_push(mem, out->at, out->count, out->cap) = c;
    }
    return err->kind == ERR_NONE;
}

/* The reason nearest to the event asked about. */
static const char *why_refused(const Candidates *c)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->at[i].comparison.same_instant)
            return c->at[i].comparison.says;
    return c->count ? c->at[0].comparison.says : "No footprint of a reported person has this address.";
}

static bool record_refused(Tx *tx, const Work *w, const Answer *a, const Candidates *c, Err *err)
{
    int64_t newest = 0;
    bool found = false;
    if (!db_int(tx->db, &attribute_sql[ATTR_NEWEST_FOOTPRINT], NO_VALUES, &newest, &found, err))
        return false;
    Hand hand = hand_for(w->hand, a->operation);
    Json *body = json_new_object();
    json_set_int(body, "answer", a->id);
    json_set_int(body, "line", a->line);
    json_set_text(body, "why", why_refused(c));
    json_set_int(body, "upto", newest);
    return ledger_append(tx, &hand, "answer.refused", a->file, body, NULL, err);
}

static bool record_attributed(Tx *tx, Arena *mem, const Work *w, const Answer *a, const Candidate *c,
                              Err *err)
{
    CLEANUP(json_done) Json *body = json_new_object();
    json_set_int(body, "answer", a->id);
    json_set_int(body, "footprint", c->footprint);
    json_set_int(body, "sighting", c->sighting);
    json_set_text(body, "agrees", c->comparison.says);
    json_set_text(body, "household", a->household);      /* where the line is, never where the bill goes */
    json_set_text(body, "postcode", a->postcode);
    if (!household_place(tx->db, mem, w->places, a->postcode, body, err))
        return false;
    Hand hand = hand_for(w->hand, a->operation);
    return ledger_append(tx, &hand, "answer.attributed", c->nominal, json_keep(body), NULL, err);
}

static bool answer_one(Tx *tx, Arena *mem, Work *w, int64_t id, Err *err)
{
    Answer a = {0};
    Candidates c = {0};
    if (!answer_read(tx->db, mem, id, &a, err) || !candidates_read(tx->db, mem, &a, &c, err))
        return false;
    if (c.agreeing == 0)
        return c.unlinked || record_refused(tx, w, &a, &c, err);     /* not linked yet: it waits for that */
    for (size_t i = 0; i < c.count; i++)
        if (c.at[i].comparison.outcome == COMPARE_AGREES && c.at[i].nominal) {
            if (!record_attributed(tx, mem, w, &a, &c.at[i], err))
                return false;
            w->done++;
        }
    return true;
}

static bool ids_read(Db *db, const Sql *sql, int64_t after, size_t limit, int64_t *ids, size_t *count,
                     Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    *count = 0;
    if (!db_query(db, sql, VALUES(sql_int(after), sql_int((int64_t)limit)), &rows, err))
        return false;
    while (rows_next(&rows, &more, err) && more && *count < limit)
        ids[(*count)++] = row_int(&rows, 0);
    return err->kind == ERR_NONE;
}

typedef struct AnswerBatch { Work *work; const Sql *sql; } AnswerBatch;

static bool answers_batch(Tx *tx, void *ctx, Err *err)
{
    AnswerBatch *b = ctx;
    int64_t ids[ANSWERS_PER_COMMAND], after = b->work->after;
    size_t count = 0, done = b->work->done;
    if (!ids_read(tx->db, b->sql, after, ANSWERS_PER_COMMAND, ids, &count, err))
        return false;
    b->work->seen = count;
    for (size_t i = 0; i < count; i++) {
        CLEANUP(arena_done) Arena mem = {0};
        if (!answer_one(tx, &mem, b->work, ids[i], err)) {
            b->work->done = done;
            return err_while(err, "comparing answer %lld", (long long)ids[i]);
        }
    }
    if (count)
        b->work->after = ids[count - 1];
    return true;
}

typedef struct Stated {
    int64_t     sighting, nominal, operation;
    const char *address, *postcode, *town;
} Stated;

static bool stated_record(Tx *tx, const Work *w, Arena *mem, const Stated *s, Err *err)
{
    CLEANUP(json_done) Json *body = json_new_object();
    json_set_int(body, "sighting", s->sighting);
    json_set_text(body, "household", str_blank(s->address) ? s->postcode : s->address);
    json_set_text(body, "postcode", s->postcode);
    if (!str_blank(s->town))
        json_set_text(body, "town", s->town);
    if (!household_place(tx->db, mem, w->places, s->postcode, body, err))
        return false;
    json_set_text(body, "force_basis", str_fmt(mem, "%s. Address as the source states it, not confirmed.",
                                               json_text(body, "force_basis")));
    Hand hand = hand_for(w->hand, s->operation);
    return ledger_append(tx, &hand, "nominal.placed", s->nominal, json_keep(body), NULL, err);
}

/* An address a list row states gives a force to begin with; an operator's answer comes before it. */
static bool stated_batch(Tx *tx, void *ctx, Err *err)
{
    Work *w = ctx;
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(rows_done) Rows r = {0};
    bool more = false;
    Stated *stated = NULL;
    size_t cap = 0;
    w->seen = 0;
    if (!db_query(tx->db, &attribute_sql[ATTR_PLACES_TODO],
                  VALUES(sql_int(w->after), sql_int(SIGHTINGS_PER_COMMAND)), &r, err))
        return false;
    while (rows_next(&r, &more, err) && more)
        *arena_push(&mem, stated, w->seen, cap) = (Stated){ row_int(&r, 0), row_int(&r, 1), row_int(&r, 8),
            row_copy(&r, 2, &mem), row_copy(&r, 3, &mem), row_copy(&r, 4, &mem) };
    rows_done(&r);
    for (size_t i = 0; i < w->seen && err->kind == ERR_NONE; i++)
        if (!stated_record(tx, w, &mem, &stated[i], err))
            return err_while(err, "placing sighting %lld", (long long)stated[i].sighting);
    if (w->seen)
        w->after = stated[w->seen - 1].sighting;
    return err->kind == ERR_NONE;
}

static bool answers_all(Ledger *ledger, Work *w, int statement, Err *err)
{
    AnswerBatch b = { w, &attribute_sql[statement] };
    w->after = 0;
    do
        if (!writer_run(ledger_store(ledger), answers_batch, &b, err))
            return false;
    while (w->seen == ANSWERS_PER_COMMAND);
    return true;
}

static bool footprints_all(Ledger *ledger, Work *w, size_t *looked, Err *err)
{
    do {
        if (!writer_run(ledger_store(ledger), footprints_batch, w, err))
            return false;
        *looked += w->seen;
    } while (w->seen == FOOTPRINTS_PER_FACT);
    return true;
}

static bool stated_all(Ledger *ledger, Work *w, Err *err)
{
    w->after = 0;
    do
        if (!writer_run(ledger_store(ledger), stated_batch, w, err))
            return false;
    while (w->seen == SIGHTINGS_PER_COMMAND);
    return true;
}

bool attribute_pending(Ledger *ledger, Db *db, const Hand *hand, const Operators *o, const Places *p,
                       size_t *looked, size_t *attributed, Err *err)
{
    (void)db;
    Work w = { .hand = hand, .operators = o, .places = p };
    *looked = *attributed = 0;
    bool table = o && !operators_empty(o);          /* without one, footprints wait for it */
    if ((table && !footprints_all(ledger, &w, looked, err)) || !stated_all(ledger, &w, err) ||
        !answers_all(ledger, &w, ATTR_ANSWERS_TODO, err) ||
        !answers_all(ledger, &w, ATTR_ANSWERS_REOPEN, err))
        return err_while(err, "attributing footprints");
    *attributed = w.done;
    return true;
}

bool attribution_nominal(Db *db, int64_t attribution, int64_t *nominal, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    if (!db_query(db, &attribute_sql[ATTR_ONE], VALUES(sql_int(attribution)), &rows, err) ||
        !rows_next(&rows, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "There is no such attribution.");
    *nominal = row_int(&rows, 0);
    return true;
}

bool attribution_error(Db *db, Arena *mem, int64_t attribution, AttributionError *out, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    if (!db_query(db, &attribute_sql[ATTR_ERROR], VALUES(sql_int(attribution)), &rows, err) ||
        !rows_next(&rows, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "There is no such attribution.");
    *out = (AttributionError){ .withdrawn = row_bool(&rows, 0), .at = row_when(&rows, 1),
                               .why = row_copy(&rows, 2, mem), .to_review = row_bool(&rows, 3) };
    return true;
}

bool attribution_withdraw(Ledger *ledger, Db *db, const ClockRules *rules, const Hand *hand,
                          int64_t attribution, const char *reason, Err *err)
{
    int64_t nominal = 0;
    Instant due = 0;
    if (str_blank(reason))
        return err_set(err, ERR_INVALID, "Say what the error was.");
    if (!attribution_nominal(db, attribution, &nominal, err) ||
        !clock_due(rules, ERROR_REVIEW, "", "", hand->at, &due, err))
        return false;
    Json *body = json_new_object();
    json_set_int(body, "attribution", attribution);
    json_set_text(body, "reason", reason);
    json_set_int(body, "due", due);
    return ledger_record(ledger, hand, "answer.withdrawn", nominal, body, NULL, err);
}

bool attribution_reviewed(Ledger *ledger, Db *db, const Hand *hand, int64_t nominal, const char *reason,
                          Err *err)
{
    int64_t runs = 0;
    bool waits = false;
    if (str_blank(reason))
        return err_set(err, ERR_INVALID, "Say what was decided, and who was told.");
    if (!db_int(db, &attribute_sql[ATTR_REVIEW_RUNS], VALUES(sql_int(nominal)), &runs, &waits, err))
        return false;
    if (!waits)
        return err_set(err, ERR_CONFLICT, "No withdrawn answer of this nominal waits for a decision.");
    Json *body = json_new_object();
    json_set_text(body, "reason", reason);
    return ledger_record(ledger, hand, "answer.reviewed", nominal, body, NULL, err);
}

bool attribute_refused(Db *db, Arena *mem, int64_t operation, int64_t after, size_t limit, RefusedRow **out,
                       size_t *count, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    bool more = false;
    size_t cap = 0, most = limit && limit < LIMIT_PAGE_ROWS ? limit : LIMIT_PAGE_ROWS;
    *out = NULL;
    *count = 0;
    if (!db_query(db, &attribute_sql[ATTR_REFUSED_LIST],
                  VALUES(sql_int(operation), sql_int(after), sql_int((int64_t)most)), &r, err))
        return false;
    while (rows_next(&r, &more, err) && more)
        *arena_push(mem, *out, *count, cap) =
            (RefusedRow){ row_int(&r, 0),       row_int(&r, 1),       row_int(&r, 2),      row_int(&r, 6),
                          row_copy(&r, 3, mem), row_copy(&r, 4, mem), row_copy(&r, 5, mem) };
    return err->kind == ERR_NONE;
}
