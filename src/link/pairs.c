/* pairs.c: reading weighed pairs for people, and recording what they decide. */
#include "link/pairs.h"
#include "base/ref.h"
#include "link/inside.h"
#include "link/pairs_sql.h"

const PairAnswer pair_answers[] = {
    { "same", "One person" },
    { "different", "Two people" },
    { "cannot-say", "Cannot say" },
    { 0 },
};

static const char *const grades[PAIR_GRADE__COUNT] = { "blank", "differs", "close", "match" };

const char *pair_grade_key(PairGrade grade)
{
    return grades[grade];
}

const char *aspect_words(const char *aspect)
{
    static const struct { const char *aspect, *words; } rows[] = {
        { "account", "account" },         { "address", "address" },   { "birth_date", "date of birth" },
        { "city", "town" },               { "device", "device" },     { "email", "e-mail address" },
        { "family", "family name" },      { "given", "given name" },  { "occupation", "occupation" },
        { "phone", "phone number" },      { "postcode", "postcode" }, { "username", "user name" },
    };
    FOR_EACH(row, rows)
        if (str_same(row->aspect, aspect))
            return row->words;
    return aspect;
}

/* ---- reading */

static PairGrade grade_read(const char *key)
{
    for (int g = 0; g < PAIR_GRADE__COUNT; g++)
        if (str_same(grades[g], key))
            return (PairGrade)g;
    return PAIR_BLANK;
}

static bool aspects_read(Arena *mem, const char *text, PairRow *p, Err *err)
{
    CLEANUP(json_done) Json *list = NULL;
    if (!json_read(str_of(text), &list, err))
        return err_while(err, "reading the aspects of a pair");
    p->aspect_count = json_count(list);
    p->aspects = arena_new(mem, PairAspect, p->aspect_count);
    for (size_t i = 0; i < p->aspect_count; i++) {
        const Json *a = json_at(list, i);
        const char *aspect = str_copy(mem, json_text(a, "aspect"));
        p->aspects[i] = (PairAspect){ .aspect = aspect,
                                      .words = aspect_words(aspect),
                                      .level = str_copy(mem, json_text(a, "level")),
                                      .says = str_copy(mem, json_text(a, "says")),
                                      .grade = grade_read(json_text(a, "grade")),
                                      .bits = json_int(a, "bits", 0),
                                      .term = json_int(a, "term", 0) };
    }
    return true;
}

static bool pair_read(const Rows *r, Arena *mem, PairRow *p, Err *err)
{
    *p = (PairRow){ .id = row_int(r, 0),
                    .operation = row_int(r, 1),
                    .a = row_int(r, 2),
                    .b = row_int(r, 3),
                    .one = row_int(r, 4),
                    .two = row_int(r, 5),
                    .weight = row_int(r, 6),
                    .prior = row_int(r, 7),
                    .withheld = row_int(r, 8),
                    .doubt = row_int(r, 9),
                    .model = row_copy(r, 10, mem),
                    .outcome = row_copy(r, 11, mem),
                    .reason = row_copy(r, 12, mem),
                    .state = row_copy(r, 13, mem),
                    .decided = row_int(r, 14),
                    .entry = row_int(r, 15),
                    .rank = row_int(r, 17),
                    .children = row_int(r, 18),
                    .stake = row_int(r, 19),
                    .overlap = row_int(r, 20) };
    return aspects_read(mem, row_text(r, 16), p, err);
}

/* How a viewer's rights enter a statement: $1 to $4 of FOR_VIEWER. No agency has the id -1. */
typedef struct Eyes { Value person, all, supervises, force; } Eyes;

static Eyes eyes_of(const Viewer *v, int64_t force)
{
    int64_t scope = viewer_scope(v, PERM_NOMINAL_READ);
    return (Eyes){ .person = sql_int(v->person),
                   .all = sql_bool(v->role == ROLE_COORDINATOR),
                   .supervises = sql_int(v->role == ROLE_FORCE_SUPERVISOR ? v->agency : -1),
                   .force = scope ? sql_int(scope) : sql_id(force) };
}
#define EYES(e) (e).person, (e).all, (e).supervises, (e).force

static bool pairs_read(Db *db, Arena *mem, int statement, Values values, PairRow **out, size_t *count,
                       Err *err)
{
    CLEANUP(rows_done) Rows r = { 0 };
    bool more = false;
    size_t cap = 0;
    *out = NULL;
    *count = 0;
    if (!db_query(db, &pairs_sql[statement], values, &r, err))
        return false;
    while (rows_next(&r, &more, err) && more) {
        PairRow p;
        if (!pair_read(&r, mem, &p, err))
            return false;
        *arena_push(mem, *out, *count, cap) = p;
    }
    return err->kind == ERR_NONE;
}

bool pair_queue(Db *db, Arena *mem, const Viewer *viewer, const PairFilter *f, PairRow **out, size_t *count,
                Err *err)
{
    Eyes eyes = eyes_of(viewer, f->force);
    bool first = f->after.id == 0;
    return pairs_read(db, mem, PAIRS_QUEUE,
                      VALUES(EYES(eyes), sql_int(f->operation), sql_int(first ? INT32_MAX : f->after.stake),
                             sql_int(f->after.doubt), sql_int(f->after.id), sql_int((int64_t)f->limit)),
                      out, count, err) ||
           err_while(err, "reading what waits for a decision");
}

bool pair_waiting(Db *db, const Viewer *viewer, int64_t operation, int64_t force, int64_t *count, Err *err)
{
    Eyes eyes = eyes_of(viewer, force);
    bool found = false;
    return db_int(db, &pairs_sql[PAIRS_WAITING], VALUES(EYES(eyes), sql_int(operation)), count, &found, err);
}

static bool only_one(PairRow *rows, size_t count, PairRow *out, Err *err)
{
    if (!count)
        return err_set(err, ERR_NOT_FOUND, "There is no such pair.");
    *out = rows[0];
    return true;
}

bool pair_fetch(Db *db, Arena *mem, const Viewer *viewer, int64_t id, PairRow *out, Err *err)
{
    Eyes eyes = eyes_of(viewer, 0);
    PairRow *rows = NULL;
    size_t count = 0;
    return pairs_read(db, mem, PAIRS_ONE, VALUES(EYES(eyes), sql_int(id)), &rows, &count, err) &&
           only_one(rows, count, out, err);
}

bool pair_candidates(Db *db, Arena *mem, const Viewer *viewer, const PairRow *of, size_t limit, PairRow **out,
                     size_t *count, Err *err)
{
    Eyes eyes = eyes_of(viewer, 0);
    return pairs_read(db, mem, PAIRS_CANDIDATES,
                      VALUES(EYES(eyes), sql_int(of->one), sql_int(of->two), sql_int(of->id),
                             sql_int((int64_t)limit)),
                      out, count, err);
}

bool pair_between(Db *db, Arena *mem, const Viewer *viewer, int64_t one, int64_t two, PairRow *out,
                  bool *found, Err *err)
{
    Eyes eyes = eyes_of(viewer, 0);
    PairRow *rows = NULL;
    size_t count = 0;
    if (!pairs_read(db, mem, PAIRS_BETWEEN, VALUES(EYES(eyes), sql_int(one), sql_int(two)), &rows, &count,
                    err))
        return false;
    *found = count > 0;
    if (*found)
        *out = rows[0];
    return true;
}

bool pair_within(Db *db, Arena *mem, const Viewer *viewer, int64_t nominal, PairRow **out, size_t *count,
                 Err *err)
{
    Eyes eyes = eyes_of(viewer, 0);
    return pairs_read(db, mem, PAIRS_WITHIN, VALUES(EYES(eyes), sql_int(nominal)), out, count, err);
}

bool pair_all(Db *db, Arena *mem, int64_t operation, PairRow **out, size_t *count, Err *err)
{
    return pairs_read(db, mem, PAIRS_EDGES, VALUES(sql_int(operation)), out, count, err);
}

static PairDecision decision_read(const Rows *r, Arena *mem)
{
    return (PairDecision){ .id = row_int(r, 0),
                           .pair = row_int(r, 1),
                           .one = row_int(r, 2),
                           .two = row_int(r, 3),
                           .person = row_int(r, 4),
                           .weight = row_int(r, 5),
                           .undone_by = row_int(r, 6),
                           .answer = row_copy(r, 7, mem),
                           .reason = row_copy(r, 8, mem),
                           .name = row_copy(r, 9, mem),
                           .model = row_copy(r, 10, mem),
                           .at = row_when(r, 11) };
}

static bool decisions_read(Db *db, Arena *mem, int statement, Values values, PairDecision **out,
                           size_t *count, Err *err)
{
    CLEANUP(rows_done) Rows r = { 0 };
    bool more = false;
    size_t cap = 0;
    *out = NULL;
    *count = 0;
    if (!db_query(db, &pairs_sql[statement], values, &r, err))
        return false;
    while (rows_next(&r, &more, err) && more)
        *arena_push(mem, *out, *count, cap) = decision_read(&r, mem);
    return err->kind == ERR_NONE;
}

bool pair_decisions(Db *db, Arena *mem, const Viewer *viewer, int64_t operation, int64_t pair, size_t limit,
                    PairDecision **out, size_t *count, Err *err)
{
    Eyes eyes = eyes_of(viewer, 0);
    return decisions_read(db, mem, PAIRS_DECISIONS,
                          VALUES(EYES(eyes), sql_int(operation), sql_int(pair), sql_int((int64_t)limit)), out,
                          count, err);
}

bool pair_decision_one(Db *db, Arena *mem, const Viewer *viewer, int64_t id, PairDecision *out, Err *err)
{
    Eyes eyes = eyes_of(viewer, 0);
    PairDecision *rows = NULL;
    size_t count = 0;
    if (!decisions_read(db, mem, PAIRS_DECISION_ONE, VALUES(EYES(eyes), sql_int(id)), &rows, &count, err))
        return false;
    if (!count)
        return err_set(err, ERR_NOT_FOUND, "There is no such decision.");
    *out = rows[0];
    return true;
}

/* ---- deciding */

typedef struct Decide {
    const Hand *hand;
    int64_t     pair;
    const char *answer, *reason;
    int64_t     decision;
} Decide;

static bool append_decided(Tx *tx, const Hand *hand, Decide *d, int64_t subject, Err *err)
{
    Json *body = json_new_object();
    json_set_int(body, "pair", d->pair);
    json_set_text(body, "answer", d->answer);
    json_set_text(body, "reason", d->reason);
    return ledger_append(tx, hand, "link.decided", subject, body, &d->decision, err);
}

static bool append_merged(Tx *tx, const Hand *hand, const Decide *d, int64_t kept, int64_t merged, Err *err)
{
    Json *body = json_new_object();
    json_set_int(body, "merged", merged);
    json_set_text(body, "reason", d->reason);
    json_set_int(body, "decision", d->decision);
    return ledger_append(tx, hand, "nominal.merged", kept, body, NULL, err);
}

/* The older nominal is kept, as in linking. */
static bool decide_run(Tx *tx, void *ctx, Err *err)
{
    Decide *d = ctx;
    CLEANUP(arena_done) Arena mem = { 0 };
    const Viewer all = { .role = ROLE_COORDINATOR };
    PairRow p;
    if (!pair_fetch(tx->db, &mem, &all, d->pair, &p, err))
        return false;
    if (!str_same(p.state, "open"))
        return err_set(err, ERR_CONFLICT, "Someone has already decided this pair.") ||
               err_hint(err, "Undo that decision first if it was wrong.");
    if (p.one == p.two)
        return err_set(err, ERR_CONFLICT, "These two are one nominal by now.");
    Hand hand = *d->hand;
    hand.operation = p.operation;
    int64_t kept = p.one < p.two ? p.one : p.two, merged = p.one < p.two ? p.two : p.one;
    return append_decided(tx, &hand, d, kept, err) &&
           (!str_same(d->answer, "same") || append_merged(tx, &hand, d, kept, merged, err));
}

bool pair_decide(Ledger *ledger, const Hand *hand, int64_t pair, const char *answer, const char *reason,
                 int64_t *decision, Err *err)
{
    Decide d = { hand, pair, answer, reason, 0 };
    const PairAnswer *a = pair_answers;
    while (a->answer && !str_same(a->answer, answer))
        a++;
    if (!a->answer)
        return err_set(err, ERR_INVALID, "Answer same, different or cannot-say.");
    if (str_blank(reason))
        return err_set(err, ERR_INVALID, "Say why, in a sentence.");
    if (!writer_run(ledger_store(ledger), decide_run, &d, err))
        return err_while(err, "deciding a pair");
    if (decision)
        *decision = d.decision;
    return true;
}

typedef struct Undecide {
    const Hand *hand;
    int64_t     decision;
    const char *reason;
} Undecide;

/* The merge that the decision made is taken back first, without keeping the two apart: an undone decision
 * says nothing. */
static bool undo_merge(Tx *tx, const Hand *hand, const Undecide *u, int64_t one, Err *err)
{
    int64_t merge = 0, kept = 0;
    bool found = false;
    if (!db_int(tx->db, &pairs_sql[PAIRS_MERGE_OF], VALUES(sql_int(u->decision)), &merge, &found, err))
        return false;
    if (!found)
        return true; /* taken back by itself already */
    Json *body = json_new_object();
    json_set_int(body, "merge", merge);
    json_set_text(body, "reason", u->reason);
    json_set_bool(body, "apart", false);
    CLEANUP(json_done) Json *held = body;
    return nominal_resolve(tx->db, one, &kept, err) &&
           ledger_append(tx, hand, "nominal.unmerged", kept, json_keep(held), NULL, err);
}

static bool undecide_run(Tx *tx, void *ctx, Err *err)
{
    const Undecide *u = ctx;
    CLEANUP(rows_done) Rows r = { 0 };
    bool more = false;
    if (!db_query(tx->db, &pairs_sql[PAIRS_DECISION_STATE], VALUES(sql_int(u->decision)), &r, err) ||
        !rows_next(&r, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "There is no such decision.");
    int64_t one = row_int(&r, 1);
    Hand hand = *u->hand;
    hand.operation = row_int(&r, 8);
    rows_done(&r);
    Json *body = json_new_object();
    json_set_int(body, "decision", u->decision);
    json_set_text(body, "reason", u->reason);
    CLEANUP(json_done) Json *held = body;
    return undo_merge(tx, &hand, u, one, err) &&
           ledger_append(tx, &hand, "link.undecided", one, json_keep(held), NULL, err);
}

bool pair_undecide(Ledger *ledger, const Hand *hand, int64_t decision, const char *reason, Err *err)
{
    Undecide u = { hand, decision, reason };
    if (str_blank(reason))
        return err_set(err, ERR_INVALID, "Say why, in a sentence.");
    return writer_run(ledger_store(ledger), undecide_run, &u, err) || err_while(err, "undoing a decision");
}
