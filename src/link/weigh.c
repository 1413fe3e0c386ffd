/* weigh.c: the stage that weighs, and joins what is certain enough. */
#include "link/weigh.h"
#include <stdlib.h>
#include <string.h>
#include "engine/cluster/cluster.h"
#include "link/inside.h"
#include "link/nominal_apply.h"
#include "link/pairs_sql.h"

enum {
    LINKS_PER_COMMAND = 200,
    NEWS_MILLIBITS = 500,
    FOUND_MAX = 50 /* more than that for one record: the heaviest */
};

typedef struct Suggestion { int64_t a, b; LinkWeighed w; } Suggestion;

typedef struct Batch {
    const Hand *hand;
    const Thresholds *thresholds;
    const char *model;
    int64_t from, upto;              /* the place in the ledger of links, before and after */
    size_t records;
    Suggestion *suggestions;
    size_t count, cap;
    bool joins;                      /* some pair is above the linking threshold */
} Batch;

/* ---- facts */

static Json *aspects_json(const LinkWeighed *w)
{
    Json *list = json_new_list();
    for (int a = 0; a < ASPECT__COUNT; a++) {
        const PairAspect *p = &w->aspects[a];
        Json *one = json_new_object();
        json_set_text(one, "aspect", p->aspect);
        json_set_text(one, "level", p->level);
        json_set_text(one, "says", p->says);
        json_set_text(one, "grade", pair_grade_key(p->grade));
        json_set_int(one, "bits", p->bits);
        json_set_int(one, "term", p->term);
        json_push(list, one);
    }
    return list;
}

static bool append_suggested(Tx *tx, const Batch *b, const Suggestion *s, Err *err)
{
    Json *body = json_new_object();
    json_set_int(body, "other", s->b);
    json_set_int(body, "weight", s->w.weight);
    json_set_int(body, "prior", s->w.prior);
    json_set_int(body, "withheld", s->w.withheld);
    json_set_int(body, "overlap", s->w.overlap);
    json_set_text(body, "model", b->model);
    json_set_text(body, "outcome", s->w.outcome);
    json_set_text(body, "reason", s->w.reason);
    json_set(body, "aspects", aspects_json(&s->w));
    return ledger_append(tx, b->hand, "link.suggested", s->a, body, NULL, err);
}

static bool append_weighed(Tx *tx, const Batch *b, Err *err)
{
    Json *body = json_new_object();
    json_set_int(body, "upto", b->upto);
    json_set_text(body, "model", b->model);
    json_set_int(body, "records", (int64_t)b->records);
    json_set_int(body, "pairs", (int64_t)b->count);
    return ledger_append(tx, b->hand, "link.weighed", b->hand->operation, body, NULL, err);
}

/* ---- joining: clusters over the pairs there are */

typedef struct Top { int64_t top; uint32_t place; } Top;
typedef struct Join {
    const PairRow *pairs;
    size_t       pair_count;
    int64_t     *ids;                /* records that pairs are made of, rising */
    Top         *tops;               /* of each record; sorted by top once clusters are told */
    size_t       count;
    ClusterEdge *edges;
    ClusterPair *same, *apart;
    size_t       same_count, apart_count, apart_cap;
} Join;

static int by_id(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static int by_top(const void *pa, const void *pb)
{
    const Top *a = pa, *b = pb;
    if (a->top != b->top)
        return a->top < b->top ? -1 : 1;
    return a->place < b->place ? -1 : a->place > b->place;
}

static uint32_t place_of(const Join *j, int64_t id)
{
    const int64_t *at = bsearch(&id, j->ids, j->count, sizeof id, by_id);
    return at ? (uint32_t)(at - j->ids) : CLUSTER_NONE;
}

static uint32_t agreeing(const PairRow *p)
{
    uint32_t mask = 0;
    for (size_t i = 0; i < p->aspect_count; i++)
        for (int a = 0; a < ASPECT__COUNT; a++)
            if (p->aspects[i].grade >= PAIR_CLOSE && str_same(p->aspects[i].aspect, aspects[a].field.name))
                mask |= 1u << a;
    return mask;
}

static void records_take(Join *j, Arena *mem)
{
    size_t kept = 0;
    j->ids = arena_new(mem, int64_t, 2 * j->pair_count);
    for (size_t i = 0; i < j->pair_count; i++) {
        j->ids[2 * i] = j->pairs[i].a;
        j->ids[2 * i + 1] = j->pairs[i].b;
    }
    qsort(j->ids, 2 * j->pair_count, sizeof *j->ids, by_id);
    for (size_t i = 0; i < 2 * j->pair_count; i++)
        if (!kept || j->ids[kept - 1] != j->ids[i])
            j->ids[kept++] = j->ids[i];
    j->count = kept;
    j->tops = arena_new(mem, Top, kept);
    for (size_t i = 0; i < j->pair_count; i++) {
        uint32_t a = place_of(j, j->pairs[i].a), b = place_of(j, j->pairs[i].b);
        j->tops[a] = (Top){ j->pairs[i].one, a };
        j->tops[b] = (Top){ j->pairs[i].two, b };
    }
}

/* A pair that is heavy while something speaks against it supports a join and makes none. */
static void edges_take(Join *j, const Thresholds *t, Arena *mem)
{
    j->edges = arena_new(mem, ClusterEdge, j->pair_count);
    for (size_t i = 0; i < j->pair_count; i++) {
        const PairRow *p = &j->pairs[i];
        double bits = (double)p->weight / 1000, most = t->link_bits - 0.5;
        bool joins = str_same(p->outcome, "link");
        j->edges[i] = (ClusterEdge){ place_of(j, p->a), place_of(j, p->b),
                                     (float)(joins || bits < most ? bits : most), agreeing(p) };
    }
}

/* What is one nominal already stays one; what a person kept apart stays apart. */
static bool ties_take(Join *j, Db *db, int64_t operation, Arena *mem, Err *err)
{
    CLEANUP(rows_done) Rows r = { 0 };
    bool more = false;
    Top *sorted = arena_new(mem, Top, j->count);
    memcpy(sorted, j->tops, j->count * sizeof *sorted);
    qsort(sorted, j->count, sizeof *sorted, by_top);
    j->same = arena_new(mem, ClusterPair, j->count);
    for (size_t i = 1; i < j->count; i++)
        if (sorted[i].top == sorted[i - 1].top)
            j->same[j->same_count++] = (ClusterPair){ sorted[i - 1].place, sorted[i].place };
    if (!db_query(db, &pairs_sql[PAIRS_APARTS], VALUES(sql_int(operation)), &r, err))
        return false;
    while (rows_next(&r, &more, err) && more) {
        uint32_t a = place_of(j, row_int(&r, 0)), b = place_of(j, row_int(&r, 1));
        if (a != CLUSTER_NONE && b != CLUSTER_NONE)
            *arena_push(mem, j->apart, j->apart_count, j->apart_cap) = (ClusterPair){ a, b };
    }
    return err->kind == ERR_NONE;
}

/* The heaviest pair that speaks for joining this record to others of its cluster: what the merge's fact
 * names.
 */
static const PairRow *pair_for(const Join *j, const uint32_t *cluster, uint32_t place)
{
    const PairRow *best = NULL;
    for (size_t i = 0; i < j->pair_count; i++) {
        const PairRow *p = &j->pairs[i];
        uint32_t a = place_of(j, p->a), b = place_of(j, p->b);
        bool mine = (a == place || b == place || j->tops[a].top == j->tops[place].top ||
                     j->tops[b].top == j->tops[place].top) && cluster[a] == cluster[b];
        if (mine && p->one != p->two && str_same(p->outcome, "link") && (!best || p->weight > best->weight))
            best = p;
    }
    return best;
}

static bool append_merged(Tx *tx, const Batch *b, Arena *mem, int64_t keep, int64_t merge, const PairRow *p,
                          Err *err)
{
    Json *body = json_new_object();
    json_set_int(body, "merged", merge);
    json_set_text(body, "reason", str_fmt(mem, "Weighed as one person: %s", p->reason));
    json_set_int(body, "pair", p->id);
    json_set_int(body, "weight", p->weight);
    json_set_text(body, "model", p->model);
    return ledger_append(tx, b->hand, "nominal.merged", keep, body, NULL, err);
}

/* Of one cluster the oldest nominal is kept, as in linking. */
static bool cluster_join(Tx *tx, const Batch *b, const Join *j, const uint32_t *cluster, uint32_t first,
                         uint32_t at, Arena *mem, Err *err)
{
    int64_t keep = 0, other = 0;
    bool apart = false;
    const PairRow *p = pair_for(j, cluster, at);
    if (!p)
        return true;
    if (!nominal_kept(tx->db, j->ids[first], &keep, err) || !nominal_kept(tx->db, j->ids[at], &other, err))
        return false;
    if (keep == other)
        return true;
    if (!nominal_are_apart(tx->db, keep, other, &apart, err))
        return false;
    return apart ||
           append_merged(tx, b, mem, keep < other ? keep : other, keep < other ? other : keep, p, err);
}

static bool join_certain(Tx *tx, const Batch *b, Err *err)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    Join j = { 0 };
    PairRow *pairs = NULL;
    ClusterRules rules =
        cluster_rules(b->thresholds->link_bits, b->thresholds->review_bits, aspects_shareable());
    ClusterResult made;
    if (!pair_all(tx->db, &mem, b->hand->operation, &pairs, &j.pair_count, err))
        return false;
    j.pairs = pairs;
    records_take(&j, &mem);
    edges_take(&j, b->thresholds, &mem);
    if (!ties_take(&j, tx->db, b->hand->operation, &mem, err))
        return false;
    ClusterInput in = { .nodes = (uint32_t)j.count,
                        .edges = j.edges,
                        .edge_count = j.pair_count,
                        .same = j.same,
                        .same_count = j.same_count,
                        .apart = j.apart,
                        .apart_count = j.apart_count };
    cluster_all(&in, &rules, &mem, &made);
    for (uint32_t i = 0; i < j.count; i++)
        if (made.cluster[i] != i && j.tops[made.cluster[i]].top != j.tops[i].top &&
            !cluster_join(tx, b, &j, made.cluster, made.cluster[i], i, &mem, err))
            return false;
    return true;
}

/* ---- the stage */

static bool upto_read(Db *db, int64_t operation, int64_t *upto, Err *err)
{
    bool found = false;
    *upto = 0;
    return db_int(db, &pairs_sql[PAIRS_UPTO], VALUES(sql_int(operation)), upto, &found, err);
}

/* All of a batch or nothing: another process may have weighed the same meanwhile. */
static bool batch_write(Tx *tx, void *ctx, Err *err)
{
    Batch *b = ctx;
    int64_t upto = 0;
    if (!upto_read(tx->db, b->hand->operation, &upto, err))
        return false;
    if (upto != b->from)
        return true;
    for (size_t i = 0; i < b->count; i++)
        if (!append_suggested(tx, b, &b->suggestions[i], err))
            return false;
    return (!b->joins || join_certain(tx, b, err)) && append_weighed(tx, b, err);
}

/* News only: what comes to the same and weighs about the same is not said again. */
static bool is_news(Db *db, int64_t a, int64_t b, const LinkWeighed *w, bool *news,
                    Err *err)
{
    CLEANUP(rows_done) Rows r = { 0 };
    bool more = false;
    if (!db_query(db, &pairs_sql[PAIRS_KNOWN], VALUES(sql_int(a), sql_int(b)), &r, err) ||
        !rows_next(&r, &more, err))
        return false;
    int64_t moved = more ? row_int(&r, 2) - w->weight : 0;
    bool heavy_news = moved >= NEWS_MILLIBITS || moved <= -NEWS_MILLIBITS;
    *news = more ? heavy_news || !str_same(row_text(&r, 3), w->outcome) : !str_same(w->outcome, "none");
    return true;
}

static bool batch_has(const Batch *b, int64_t a, int64_t c)
{
    for (size_t i = 0; i < b->count; i++)
        if (b->suggestions[i].a == a && b->suggestions[i].b == c)
            return true;
    return false;
}

static bool pair_weigh(Db *db, LinkBase *base, int64_t one, int64_t two, Arena *mem, Batch *b, Err *err)
{
    int64_t a = one < two ? one : two, c = one < two ? two : one;
    Suggestion s = { a, c, { 0 } };
    bool news = false;
    if (batch_has(b, a, c) || !link_base_weigh(base, a, c, mem, &s.w))
        return true;
    if (!is_news(db, a, c, &s.w, &news, err))
        return false;
    if (news) {
        *arena_push(mem, b->suggestions, b->count, b->cap) = s;
        b->joins = b->joins || str_same(s.w.outcome, "link");
    }
    return true;
}

static bool record_weigh(Db *db, LinkBase *base, int64_t record, Arena *mem, Batch *b, Err *err)
{
    LinkFound *found = NULL;
    size_t count = 0;
    CLEANUP(rows_done) Rows r = { 0 };
    bool more = false;
    link_base_find(base, record, b->thresholds->review_bits, mem, &found, &count);
    for (size_t i = 0; i < count && i < FOUND_MAX; i++)
        if (!pair_weigh(db, base, record, found[i].record, mem, b, err))
            return false;
    /* What it was paired with before may have become too light. */
    if (!db_query(db, &pairs_sql[PAIRS_OTHERS], VALUES(sql_int(record)), &r, err))
        return false;
    while (rows_next(&r, &more, err) && more)
        if (!pair_weigh(db, base, record, row_int(&r, 0), mem, b, err))
            return false;
    return err->kind == ERR_NONE;
}

static bool todo_read(Db *db, int64_t operation, Arena *mem, Batch *b, int64_t **records, size_t *count,
                      Err *err)
{
    CLEANUP(rows_done) Rows r = { 0 };
    bool more = false;
    *records = arena_new(mem, int64_t, LINKS_PER_COMMAND);
    *count = 0;
    if (!upto_read(db, operation, &b->from, err) ||
        !db_query(db, &pairs_sql[PAIRS_TODO],
                  VALUES(sql_int(operation), sql_int(b->from), sql_int(LINKS_PER_COMMAND)), &r, err))
        return false;
    b->upto = b->from;
    while (rows_next(&r, &more, err) && more) {
        size_t k = 0;
        b->upto = row_int(&r, 0);
        while (k < *count && (*records)[k] != row_int(&r, 1))
            k++;
        if (k == *count)
            (*records)[(*count)++] = row_int(&r, 1);
    }
    b->records = *count;
    return err->kind == ERR_NONE;
}

static bool batch_run(Ledger *ledger, Db *db, LinkBase *base, const Thresholds *t, const Hand *hand,
                      size_t *done, Err *err)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    Batch b = { .hand = hand, .thresholds = t };
    int64_t *records = NULL;
    size_t count = 0;
    *done = 0;
    if (!todo_read(db, hand->operation, &mem, &b, &records, &count, err))
        return false;
    if (!count)
        return true;
    if (!link_base_begin(base, db, t, err)) {
        link_base_end(base);
        return false;
    }
    b.model = str_copy(&mem, link_base_model(base));
    bool good = true;
    for (size_t i = 0; good && i < count; i++)
        good = record_weigh(db, base, records[i], &mem, &b, err);
    link_base_end(base);
    *done = count;
    return good && writer_run(ledger_store(ledger), batch_write, &b, err);
}

bool weigh_pending(Ledger *ledger, Db *db, LinkBase *base, const Hand *hand, size_t *done, Err *err)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    Thresholds t;
    size_t step = 1;
    *done = 0;
    if (!hand->operation)
        return true;
    if (!thresholds_on(&mem, instant_date_utc(hand->at), &t, err))
        return false;
    while (step) {
        if (!batch_run(ledger, db, base, &t, hand, &step, err))
            return err_while(err, "weighing records");
        *done += step;
    }
    return true;
}
