#include "link/outside.h"
#include <stdlib.h>
#include "link/nominal_apply.h"
#include "link/pairs_sql.h"

enum { TREE_MAX = 40 };

typedef struct Hits { OutsideHit *at; size_t count, cap; } Hits;

static int by_weight(const void *pa, const void *pb)
{
    const OutsideHit *a = pa, *b = pb;
    if (a->weighed.weight != b->weighed.weight)
        return a->weighed.weight > b->weighed.weight ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

static void hit_add(Arena *mem, Hits *hits, const OutsideHit *hit)
{
    for (size_t i = 0; i < hits->count; i++)
        if (hits->at[i].id == hit->id) {
            if (hits->at[i].weighed.weight < hit->weighed.weight)
                hits->at[i] = *hit;
            return;
        }
    *arena_push(mem, hits->at, hits->count, hits->cap) = *hit;
}

static void record_hits(LinkBase *base, Arena *mem, LinkOutside kind, int64_t record, const Thresholds *t,
                        Hits *hits)
{
    LinkFound *found = NULL;
    size_t count = 0;
    link_base_outside(base, kind, record, t->review_bits, mem, &found, &count);
    for (size_t i = 0; i < count; i++) {
        OutsideHit hit = { .kind = kind, .id = found[i].record, .record = record,
                           .model = str_copy(mem, link_base_model(base)) };
        if (link_base_weigh_outside(base, kind, record, hit.id, mem, &hit.weighed) &&
            str_same(hit.weighed.outcome, "review"))
            hit_add(mem, hits, &hit);
    }
}

static bool records_of(Db *db, Arena *mem, int64_t nominal, int64_t **ids, size_t *count, Err *err)
{
    CLEANUP(rows_done) Rows r = { 0 };
    size_t cap = 0;
    bool more = false;
    if (!db_query(db, &pairs_sql[PAIRS_TREE], VALUES(sql_int(nominal), sql_int(TREE_MAX)), &r, err))
        return false;
    while (rows_next(&r, &more, err) && more)
        *arena_push(mem, *ids, *count, cap) = row_int(&r, 0);
    return err->kind == ERR_NONE;
}

static const struct { int statement; const char *caution;
} kinds[OUTSIDE__COUNT] = {
    [OUTSIDE_REGISTER] = { PAIRS_REGISTER_ENTRY, "Nothing follows by itself: a person decides whether an "
                                                 "entry"
                                                 " is this nominal." },
    [OUTSIDE_ANSWER] = { PAIRS_HOLDER, "Nothing follows by itself: whoever pays for a line may be anyone of "
                                       "the"
                                       " house, or none of it. An answer speaks of an account, not of who "
                                       "used"
                                       " it." },
};

const char *outside_caution(LinkOutside kind)
{
    return kinds[kind].caution;
}

char *outside_name(Arena *mem, const OutsideHit *hit)
{
    return str_fmt(mem, "%s%s%s", hit->given, str_blank(hit->given) ? "" : " ", hit->family);
}

/* False also where it is not to be told, without an error. */
static bool hit_read(Db *db, Arena *mem, OutsideHit *hit, Err *err)
{
    CLEANUP(rows_done) Rows r = { 0 };
    bool more = false;
    if (!db_query(db, &pairs_sql[kinds[hit->kind].statement], VALUES(sql_int(hit->id)), &r, err) ||
        !rows_next(&r, &more, err) || !more)
        return false;
    hit->ref = row_copy(&r, 0, mem);
    hit->given = row_copy(&r, 1, mem);
    hit->family = row_copy(&r, 2, mem);
    hit->born = row_date(&r, 3);
    hit->postcode = row_copy(&r, 4, mem);
    hit->force = row_copy(&r, 5, mem);
    hit->operator_name = row_copy(&r, 6, mem);
    hit->address = row_copy(&r, 7, mem);
    hit->file = row_int(&r, 8);
    hit->line = row_int(&r, 9);
    hit->whose = row_int(&r, 10);
    return true;
}

/* An answer is about somebody's footprint: whoever may not see that person may not see the answer. */
static bool may_tell(Db *db, Arena *mem, const Viewer *viewer, const OutsideHit *hit)
{
    NominalRow row;
    Err        err = { 0 };
    int64_t    top = 0;
    if (hit->kind != OUTSIDE_ANSWER || viewer_scope(viewer, PERM_NOMINAL_READ) == 0)
        return true;
    return hit->whose && nominal_resolve(db, hit->whose, &top, &err) &&
           nominal_row(db, mem, viewer, top, &row, &err);
}

static bool hits_read(Db *db, Arena *mem, const Viewer *viewer, Hits *hits, Err *err)
{
    size_t kept = 0;
    for (size_t i = 0; i < hits->count && err->kind == ERR_NONE; i++)
        if (hit_read(db, mem, &hits->at[i], err) && may_tell(db, mem, viewer, &hits->at[i]))
            hits->at[kept++] = hits->at[i];
    hits->count = kept;
    return err->kind == ERR_NONE;
}

bool outside_hits(Db *db, Arena *mem, LinkBase *base, const Viewer *viewer, LinkOutside kind, int64_t nominal,
                  Date day, OutsideHit **out, size_t *count, Err *err)
{
    NominalRow row;
    Thresholds t;
    Hits hits = { 0 };
    int64_t top = 0, *ids = NULL;
    size_t records = 0;
    if (!nominal_resolve(db, nominal, &top, err) || !nominal_row(db, mem, viewer, top, &row, err))
        return err_set(err, ERR_NOT_FOUND, "There is no such nominal.");
    if (!records_of(db, mem, top, &ids, &records, err) || !thresholds_on(mem, day, &t, err))
        return false;
    bool good = link_base_begin(base, db, &t, err);
    for (size_t i = 0; good && i < records; i++)
        record_hits(base, mem, kind, ids[i], &t, &hits);
    link_base_end(base);
    good = good && hits_read(db, mem, viewer, &hits, err);
    if (good && hits.count)
        qsort(hits.at, hits.count, sizeof *hits.at, by_weight);
    *out = hits.at;
    *count = hits.count;
    return good || err_while(err, "weighing what registers and operators say");
}
