#include "link/explain.h"
#include <math.h>
#include <stdlib.h>
#include "link/inside.h"
#include "link/nominal_apply.h"
#include "link/pairs_sql.h"

enum { TREE_MAX = 40 };              /* records of one nominal that are weighed against another's */

char *pair_bits(Arena *mem, int64_t millibits)
{
    int64_t far = millibits < 0 ? -millibits : millibits;
    return str_fmt(mem, "%s%lld.%lld", millibits <= -50 ? "\xe2\x88\x92" : "", (long long)((far + 50) / 1000),
                   (long long)((far + 50) / 100 % 10));
}

/* Two digits are all that such a number deserves: 1,234,567 is "1.2 million". */
static char *rounded(Arena *mem, double n)
{
    static const struct { double from; const char *word; } sizes[] = {
        { 1e12, "million million" }, { 1e9, "thousand million" }, { 1e6, "million" },
    };
    if (n >= 1e15)
        return str_fmt(mem, "more than a thousand million million");
    FOR_EACH(size, sizes)
        if (n >= size->from)
            return n / size->from < 9.95 ? str_fmt(mem, "about %.1f %s", n / size->from, size->word)
                                         : str_fmt(mem, "about %.0f %s", n / size->from, size->word);
    double step = n >= 10 ? pow(10, floor(log10(n)) - 1) : 1;
    long long whole = (long long)(round(n / step) * step);
    return whole >= 1000 ? str_fmt(mem, "about %lld,%03lld", whole / 1000, whole % 1000)
                         : str_fmt(mem, "about %lld", whole);
}

static double power(int64_t millibits)
{
    return exp2((double)(millibits < 0 ? -millibits : millibits) / 1000);
}

char *pair_odds(Arena *mem, int64_t millibits)
{
    if (millibits > -500 && millibits < 500)
        return str_copy(mem, "about even: as likely one person as two");
    return str_fmt(mem, "%s to 1 that they are %s", rounded(mem, power(millibits)),
                   millibits > 0 ? "one person" : "two people");
}

char *pair_times(Arena *mem, int64_t millibits)
{
    if (millibits > -500 && millibits < 500)
        return str_copy(mem, "about as often when two records are one person's as when they are two "
                             "people's");
    return str_fmt(mem, "%s times more often when two records are %s than when they are %s",
                   rounded(mem, power(millibits)), millibits > 0 ? "one person's" : "two people's",
                   millibits > 0 ? "two people's" : "one person's");
}

static char *listed(Arena *mem, const PairRow *p, PairGrade grade, bool with_level)
{
    StrBuf buf = { .mem = mem };
    size_t all = 0, n = 0;
    for (size_t i = 0; i < p->aspect_count; i++)
        all += p->aspects[i].grade == grade;
    for (size_t i = 0; i < p->aspect_count; i++) {
        if (p->aspects[i].grade != grade)
            continue;
        buf_add(&buf, n == 0 ? "" : n + 1 == all ? " and " : ", ");
        buf_fmt(&buf, with_level ? "%s (%s)" : "%s", p->aspects[i].words, p->aspects[i].says);
        n++;
    }
    return n ? buf_text(&buf) : NULL;
}

char *pair_sentence(Arena *mem, const PairRow *p)
{
    StrBuf buf = { .mem = mem };
    const char *same = listed(mem, p, PAIR_MATCH, false), *close = listed(mem, p, PAIR_CLOSE, true);
    const char *differs = listed(mem, p, PAIR_DIFFERS, false), *blank = listed(mem, p, PAIR_BLANK, false);
    buf_fmt(&buf, same ? "The two records give the same %s." : "No aspect of the two records is the same.",
            same ? same : "");
    if (close)
        buf_fmt(&buf, " Close, but not the same: %s.", close);
    if (differs)
        buf_fmt(&buf, " They differ in %s.", differs);
    if (blank)
        buf_fmt(&buf, " Not known on one side or both, and so no evidence either way: %s.", blank);
    buf_fmt(&buf, " Records that agree and differ in this way are met %s.",
            pair_times(mem, p->weight - p->prior));
    buf_fmt(&buf, " Since any two records are rarely one person's (%s), the odds are %s.",
            pair_odds(mem, p->prior), pair_odds(mem, p->weight));
    return buf_text(&buf);
}

void pair_steps(Arena *mem, const PairRow *p, PairStep **out, size_t *count)
{
    int64_t sum = p->prior;
    *out = arena_new(mem, PairStep, p->aspect_count + 3);
    *count = 0;
    (*out)[(*count)++] = (PairStep){ "Before comparing", "any two records", p->prior, sum };
    for (size_t i = 0; i < p->aspect_count; i++) {
        const PairAspect *a = &p->aspects[i];
        if (a->grade == PAIR_BLANK)
            continue;
        sum += a->bits + a->term;
        (*out)[(*count)++] = (PairStep){ a->words,
                                         a->term ? str_fmt(mem, "%s; the value is %s than usual", a->says,
                                                           a->term > 0 ? "rarer" : "more common")
                                                 : a->says,
                                         a->bits + a->term, sum };
    }
    const struct { const char *name, *says; int64_t bits; } rest[] = {
        { "Counted once", "aspects that go together also among strangers", p->overlap },
        { "Withheld", "what can be shared is never enough by itself", -p->withheld },
    };
    FOR_EACH(r, rest)
        if (r->bits) {
            sum += r->bits;
            (*out)[(*count)++] = (PairStep){ r->name, r->says, r->bits, sum };
        }
}

/* ---- two nominals */

typedef struct Tree { int64_t *ids; size_t count, cap; } Tree;

static bool tree_read(Db *db, Arena *mem, int64_t nominal, Tree *t, Err *err)
{
    CLEANUP(rows_done) Rows r = { 0 };
    bool more = false;
    if (!db_query(db, &pairs_sql[PAIRS_TREE], VALUES(sql_int(nominal), sql_int(TREE_MAX)), &r, err))
        return false;
    while (rows_next(&r, &more, err) && more)
        *arena_push(mem, t->ids, t->count, t->cap) = row_int(&r, 0);
    return err->kind == ERR_NONE;
}

static void row_of(Arena *mem, const LinkWeighed *w, const char *model, int64_t a, int64_t b, PairRow *p)
{
    *p = (PairRow){ .a = a < b ? a : b,
                    .b = a < b ? b : a,
                    .weight = w->weight,
                    .prior = w->prior,
                    .withheld = w->withheld,
                    .overlap = w->overlap,
                    .model = str_copy(mem, model),
                    .outcome = w->outcome,
                    .reason = w->reason,
                    .state = "open",
                    .aspect_count = ASPECT__COUNT };
    p->aspects = arena_new(mem, PairAspect, ASPECT__COUNT);
    for (int i = 0; i < ASPECT__COUNT; i++)
        p->aspects[i] = w->aspects[i];
}

/* The heaviest pair of records, one of each. */
static void weigh_trees(LinkBase *base, Arena *mem, const Tree *x, const Tree *y, Explained *out)
{
    for (size_t i = 0; i < x->count; i++)
        for (size_t k = 0; k < y->count; k++) {
            LinkWeighed w;
            if (x->ids[i] == y->ids[k] || !link_base_weigh(base, x->ids[i], y->ids[k], mem, &w))
                continue;
            if (!out->weighed || w.weight > out->pair.weight)
                row_of(mem, &w, link_base_model(base), x->ids[i], y->ids[k], &out->pair);
            out->weighed = true;
        }
}

bool pair_joints(Db *db, Arena *mem, int64_t nominal, Joint **out, size_t *count, Err *err)
{
    CLEANUP(rows_done) Rows r = { 0 };
    bool more = false;
    size_t cap = 0;
    *out = NULL;
    *count = 0;
    if (!db_query(db, &pairs_sql[PAIRS_JOINTS], VALUES(sql_int(nominal)), &r, err))
        return false;
    while (rows_next(&r, &more, err) && more)
        *arena_push(mem, *out, *count, cap) =
            (Joint){ row_int(&r, 0), row_int(&r, 1),       row_int(&r, 2), row_int(&r, 3),
                     row_int(&r, 4), row_copy(&r, 5, mem), row_when(&r, 6) };
    return err->kind == ERR_NONE;
}

static bool weigh_now(Db *db, Arena *mem, LinkBase *base, const Tree *x, const Tree *y, Date day,
                      Explained *out, Err *err)
{
    Thresholds t;
    if (!thresholds_on(mem, day, &t, err))
        return false;
    bool good = link_base_begin(base, db, &t, err);
    if (good)
        weigh_trees(base, mem, x, y, out);
    link_base_end(base);
    return good;
}

bool pair_explain(Db *db, Arena *mem, LinkBase *base, const Viewer *viewer, int64_t a, int64_t b, Date day,
                  Explained *out, Err *err)
{
    int64_t one = 0, two = 0;
    Tree x = { 0 }, y = { 0 };
    *out = (Explained){ 0 };
    if (!nominal_resolve(db, a, &one, err) || !nominal_resolve(db, b, &two, err) ||
        !nominal_row(db, mem, viewer, one, &out->one, err) ||
        !nominal_row(db, mem, viewer, two, &out->two, err))
        return err_set(err, ERR_NOT_FOUND, "There are no such two nominals.");
    if (a == b)
        return err_set(err, ERR_INVALID, "These are one record: name two.");
    out->joined = one == two;
    /* Of one nominal, the two records that were named; of two, everything they hold. */
    *arena_push(mem, x.ids, x.count, x.cap) = a;
    *arena_push(mem, y.ids, y.count, y.cap) = b;
    if (!out->joined && (!tree_read(db, mem, one, &x, err) || !tree_read(db, mem, two, &y, err)))
        return false;
    if (out->joined && !pair_joints(db, mem, one, &out->joints, &out->joint_count, err))
        return false;
    return weigh_now(db, mem, base, &x, &y, day, out, err);
}

bool pair_records(Db *db, Arena *mem, int64_t nominal, RecordRow **out, size_t *count, Err *err)
{
    CLEANUP(rows_done) Rows r = { 0 };
    bool more = false;
    size_t cap = 0;
    *out = NULL;
    *count = 0;
    if (!db_query(db, &pairs_sql[PAIRS_RECORD_LIST], VALUES(sql_int(nominal)), &r, err))
        return false;
    while (rows_next(&r, &more, err) && more)
        *arena_push(mem, *out, *count, cap) = (RecordRow){ row_int(&r, 0), row_int(&r, 2), row_int(&r, 3),
                                                           row_copy(&r, 1, mem), row_copy(&r, 4, mem) };
    return err->kind == ERR_NONE || err_while(err, "reading the records of a nominal");
}

bool pair_without(Db *db, Arena *mem, int64_t nominal, Without **out, size_t *count, Err *err)
{
    CLEANUP(rows_done) Rows r = { 0 };
    bool more = false;
    size_t cap = 0;
    *out = NULL;
    *count = 0;
    if (!db_query(db, &pairs_sql[PAIRS_WITHOUT], VALUES(sql_int(nominal)), &r, err))
        return false;
    while (rows_next(&r, &more, err) && more)
        *arena_push(mem, *out, *count, cap) =
            (Without){ .merge = row_int(&r, 0),
                       .kept = row_int(&r, 1),
                       .merged = row_int(&r, 2),
                       .reason = row_copy(&r, 3, mem),
                       .name = row_copy(&r, 4, mem),
                       .band = row_copy(&r, 5, mem),
                       .merged_sightings = row_int(&r, 6),
                       .merged_referrals = row_int(&r, 7),
                       .merged_children = row_int(&r, 8),
                       .kept_sightings = row_int(&r, 9),
                       .kept_referrals = row_int(&r, 10),
                       .others_join = row_bool(&r, 11) };
    return err->kind == ERR_NONE || err_while(err, "telling what would be without a merge");
}

Json *pair_aspects_json(const PairRow *p)
{
    Json *list = json_new_list();
    for (size_t i = 0; i < p->aspect_count; i++) {
        Json *one = json_new_object();
        json_set_text(one, "aspect", p->aspects[i].aspect);
        json_set_text(one, "grade", pair_grade_key(p->aspects[i].grade));
        json_set_text(one, "level", p->aspects[i].level);
        json_set_int(one, "millibits", p->aspects[i].bits + p->aspects[i].term);
        json_push(list, one);
    }
    return list;
}
