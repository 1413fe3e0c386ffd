#include "link/registers.h"
#include <stdlib.h>
#include "link/nominal_apply.h"
#include "link/pairs_sql.h"

enum { TREE_MAX = 40 };

typedef struct Hits { RegisterHit *at; size_t count, cap; } Hits;

static int by_weight(const void *pa, const void *pb)
{
    const RegisterHit *a = pa, *b = pb;
    if (a->weighed.weight != b->weighed.weight)
        return a->weighed.weight > b->weighed.weight ? -1 : 1;
    return a->entry < b->entry ? -1 : a->entry > b->entry;
}

static void hit_add(Arena *mem, Hits *hits, const RegisterHit *hit)
{
    for (size_t i = 0; i < hits->count; i++)
        if (hits->at[i].entry == hit->entry) {
            if (hits->at[i].weighed.weight < hit->weighed.weight)
                hits->at[i] = *hit;
            return;
        }
    *arena_push(mem, hits->at, hits->count, hits->cap) = *hit;
}

static void record_hits(LinkBase *base, Arena *mem, int64_t record, const Thresholds *t, Hits *hits)
{
    LinkFound *found = NULL;
    size_t count = 0;
    link_base_registers(base, record, t->review_bits, mem, &found, &count);
    for (size_t i = 0; i < count; i++) {
        RegisterHit hit = { .entry = found[i].record, .record = record,
                            .model = str_copy(mem, link_base_model(base)) };
        if (link_base_weigh_register(base, record, hit.entry, mem, &hit.weighed) &&
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

static bool entry_read(Db *db, Arena *mem, RegisterHit *hit, Err *err)
{
    CLEANUP(rows_done) Rows r = { 0 };
    bool more = false;
    if (!db_query(db, &pairs_sql[PAIRS_REGISTER_ENTRY], VALUES(sql_int(hit->entry)), &r, err) ||
        !rows_next(&r, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_BUG, "An entry of a register is gone.");
    hit->register_ref = row_copy(&r, 0, mem);
    hit->given = row_copy(&r, 1, mem);
    hit->family = row_copy(&r, 2, mem);
    hit->born = row_date(&r, 3);
    hit->postcode = row_copy(&r, 4, mem);
    hit->force = row_copy(&r, 5, mem);
    return true;
}

bool register_hits(Db *db, Arena *mem, LinkBase *base, const Viewer *viewer, int64_t nominal, Date day,
                   RegisterHit **out, size_t *count, Err *err)
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
        record_hits(base, mem, ids[i], &t, &hits);
    link_base_end(base);
    for (size_t i = 0; good && i < hits.count; i++)
        good = entry_read(db, mem, &hits.at[i], err);
    if (good && hits.count)
        qsort(hits.at, hits.count, sizeof *hits.at, by_weight);
    *out = hits.at;
    *count = hits.count;
    return good || err_while(err, "weighing entries of registers");
}
