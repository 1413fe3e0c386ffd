/* weigh_report.c: how linking stands, counted over what the viewer may see. */
#include <stdlib.h>
#include <string.h>
#include "engine/cluster/cluster.h"
#include "link/inside.h"
#include "link/pairs_sql.h"
#include "link/weigh.h"

enum { HOUSEHOLD_MAX = 12, TRUE_PAIRS_MAX = 500, COMMON_MAX = 50 };

#define SEEN(v)                                                                                              \
    sql_int((v)->person), sql_bool((v)->role == ROLE_COORDINATOR),                                           \
        sql_int((v)->role == ROLE_FORCE_SUPERVISOR ? (v)->agency : -1), scope_of(v)

static Value scope_of(const Viewer *v)
{
    int64_t scope = viewer_scope(v, PERM_NOMINAL_READ);
    return scope ? sql_int(scope) : sql_null();
}

/* ---- counts */

static const char *outcome_says(const char *outcome, const char *state, bool joined)
{
    static const struct { const char *outcome, *state; int joined; const char *says; } rows[] = {
        { "link", "open", 1, "above the linking threshold, one nominal" },
        { "link", "open", 0, "above the linking threshold, not joined: too little else speaks for it" },
        { "review", "open", 1, "to review, but one nominal by other evidence" },
        { "review", "open", 0, "waiting for a person" },
        { "none", "open", -1, "below the review threshold since" },
        { NULL, "same", -1, "decided: one person" },
        { NULL, "different", -1, "decided: two people" },
        { NULL, "cannot-say", -1, "decided: cannot say" },
    };
    FOR_EACH(row, rows)
        if ((!row->outcome || str_same(row->outcome, outcome)) && str_same(row->state, state) &&
            (row->joined < 0 || row->joined == joined))
            return row->says;
    return "other";
}

static void count_add(Arena *mem, WeighCount **out, size_t *count, size_t *cap, const char *what, int64_t n)
{
    for (size_t i = 0; i < *count; i++)
        if (str_same((*out)[i].what, what)) {
            (*out)[i].count += n;
            return;
        }
    *arena_push(mem, *out, *count, *cap) = (WeighCount){ what, n };
}

static bool outcomes_read(Db *db, Arena *mem, const Viewer *v, int64_t operation, WeighReport *out, Err *err)
{
    CLEANUP(rows_done) Rows r = { 0 };
    size_t cap = 0;
    bool more = false;
    if (!db_query(db, &pairs_sql[PAIRS_OUTCOMES], VALUES(SEEN(v), sql_int(operation)), &r, err))
        return false;
    while (rows_next(&r, &more, err) && more)
        count_add(mem, &out->outcomes, &out->outcome_count, &cap,
                  outcome_says(row_text(&r, 0), row_text(&r, 1), row_bool(&r, 2)), row_int(&r, 3));
    return err->kind == ERR_NONE;
}

static bool answers_read(Db *db, Arena *mem, const Viewer *v, int64_t operation, WeighReport *out, Err *err)
{
    CLEANUP(rows_done) Rows r = { 0 };
    size_t cap = 0;
    bool more = false;
    if (!db_query(db, &pairs_sql[PAIRS_ANSWERS], VALUES(SEEN(v), sql_int(operation)), &r, err))
        return false;
    while (rows_next(&r, &more, err) && more)
        count_add(mem, &out->answers, &out->answer_count, &cap,
                  row_bool(&r, 1) ? str_fmt(mem, "%s, undone since", row_text(&r, 0)) : row_copy(&r, 0, mem),
                  row_int(&r, 2));
    return err->kind == ERR_NONE;
}

/* ---- households: what is shared joins nominals into homes, never into one person */

typedef struct Sharing {
    int64_t     *ids;
    ClusterEdge *edges;
    const char **kinds;          /* of each edge: what is shared */
    size_t       count, cap, edge_count, edge_cap, kind_cap, from, to;
    int64_t     *pairs;          /* two nominals an edge */
    size_t       pair_count, pair_cap;
} Sharing;

static int by_id(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* One value and the nominals that hold it, rising, each once. */
static void value_close(Arena *mem, Sharing *s, const int64_t *holders, size_t count, const char *kind,
                        const char *value, WeighReport *out, size_t *common_cap)
{
    if (count > HOUSEHOLD_MAX && out->common_count < COMMON_MAX)
        *arena_push(mem, out->common, out->common_count, *common_cap) =
            (WeighCommon){ kind, value, (int64_t)count };
    for (size_t i = 1; i < count && count <= HOUSEHOLD_MAX; i++) {
        *arena_push(mem, s->pairs, s->pair_count, s->pair_cap) = holders[i - 1];
        *arena_push(mem, s->pairs, s->pair_count, s->pair_cap) = holders[i];
        size_t n = s->edge_count;
        *arena_push(mem, s->kinds, n, s->kind_cap) = kind;
        s->edge_count = n;
    }
}

static bool shared_read(Db *db, Arena *mem, int statement, const Viewer *v, int64_t operation, Sharing *s,
                        WeighReport *out, size_t *common_cap, Err *err)
{
    CLEANUP(rows_done) Rows r = { 0 };
    bool more = false;
    int64_t *holders = NULL;
    size_t count = 0, cap = 0;
    const char *kind = "", *value = "";
    if (!db_query(db, &pairs_sql[statement], VALUES(SEEN(v), sql_int(operation)), &r, err))
        return false;
    while (rows_next(&r, &more, err) && more) {
        if (!str_same(row_text(&r, 0), kind) || !str_same(row_text(&r, 1), value)) {
            value_close(mem, s, holders, count, kind, value, out, common_cap);
            kind = row_copy(&r, 0, mem);
            value = row_copy(&r, 1, mem);
            count = 0;
        }
        if (!count || holders[count - 1] != row_int(&r, 2))
            *arena_push(mem, holders, count, cap) = row_int(&r, 2);
    }
    value_close(mem, s, holders, count, kind, value, out, common_cap);
    return err->kind == ERR_NONE;
}

static uint32_t place(const Sharing *s, int64_t id)
{
    const int64_t *at = bsearch(&id, s->ids, s->count, sizeof id, by_id);
    return (uint32_t)(at - s->ids);
}

static void homes_tell(const Sharing *s, const ClusterResult *made, Arena *mem, WeighReport *out)
{
    size_t cap = 0;
    for (uint32_t first = 0; first < s->count; first++) {
        WeighHousehold home = { 0 };
        StrBuf shares = { .mem = mem };
        size_t ids = 0;
        if (made->household[first] != first)
            continue;
        for (uint32_t i = first; i < s->count; i++)
            if (made->household[i] == first)
                *arena_push(mem, home.nominals, home.count, ids) = s->ids[i];
        for (size_t e = 0; e < s->edge_count; e++)
            if (made->household[s->edges[e].a] == first && !strstr(buf_text(&shares), s->kinds[e]))
                buf_fmt(&shares, "%s%s", shares.len ? ", " : "", s->kinds[e]);
        home.shares = buf_text(&shares);
        *arena_push(mem, out->households, out->household_count, cap) = home;
    }
}

static void homes_find(Sharing *s, Arena *mem, WeighReport *out)
{
    ClusterRules rules = cluster_rules(1000, 1000, 1);
    ClusterResult made;
    s->ids = arena_new(mem, int64_t, s->pair_count);
    memcpy(s->ids, s->pairs, s->pair_count * sizeof *s->ids);
    qsort(s->ids, s->pair_count, sizeof *s->ids, by_id);
    for (size_t i = 0; i < s->pair_count; i++)
        if (!s->count || s->ids[s->count - 1] != s->ids[i])
            s->ids[s->count++] = s->ids[i];
    s->edges = arena_new(mem, ClusterEdge, s->edge_count);
    for (size_t e = 0; e < s->edge_count; e++)
        s->edges[e] = (ClusterEdge){ place(s, s->pairs[2 * e]), place(s, s->pairs[2 * e + 1]), 0, 1 };
    ClusterInput in = { .nodes = (uint32_t)s->count, .edges = s->edges, .edge_count = s->edge_count };
    cluster_all(&in, &rules, mem, &made);
    homes_tell(s, &made, mem, out);
}

static bool households_read(Db *db, Arena *mem, const Viewer *v, int64_t operation, WeighReport *out,
                            Err *err)
{
    Sharing s = { 0 };
    size_t common_cap = 0;
    if (!shared_read(db, mem, PAIRS_TOKENS, v, operation, &s, out, &common_cap, err) ||
        !shared_read(db, mem, PAIRS_HOMES, v, operation, &s, out, &common_cap, err))
        return false;
    if (s.edge_count)
        homes_find(&s, mem, out);
    return true;
}

/* ---- what blocking loses, of pairs that other evidence made one */

static bool true_pairs_read(Db *db, Arena *mem, const Viewer *v, int64_t operation, int64_t **pairs,
                            size_t *count, Err *err)
{
    CLEANUP(rows_done) Rows r = { 0 };
    bool more = false;
    size_t cap = 0;
    if (!db_query(db, &pairs_sql[PAIRS_TRUE], VALUES(SEEN(v), sql_int(operation), sql_int(TRUE_PAIRS_MAX)),
                  &r, err))
        return false;
    while (rows_next(&r, &more, err) && more) {
        *arena_push(mem, *pairs, *count, cap) = row_int(&r, 0);
        *arena_push(mem, *pairs, *count, cap) = row_int(&r, 1);
    }
    return err->kind == ERR_NONE;
}

static void losses_count(LinkBase *base, Arena *mem, const int64_t *pairs, size_t count, WeighReport *out)
{
    for (size_t i = 0; i + 1 < count; i += 2) {
        LinkWeighed w;
        LinkFound *found = NULL;
        size_t n = 0;
        bool met = false;
        if (!link_base_weigh(base, pairs[i], pairs[i + 1], mem, &w))
            continue; /* one of them holds nothing that can be compared */
        link_base_find(base, pairs[i], -1e9, mem, &found, &n);
        for (size_t k = 0; k < n; k++)
            met = met || found[k].record == pairs[i + 1];
        out->true_pairs++;
        out->lost_pairs += !met;
    }
}

static bool base_read(Db *db, Arena *mem, LinkBase *base, const int64_t *pairs, size_t count,
                      WeighReport *out, Err *err)
{
    bool good = link_base_begin(base, db, &out->thresholds, err);
    if (good) {
        out->model = str_copy(mem, link_base_model(base));
        out->records = link_base_records(base);
        losses_count(base, mem, pairs, count, out);
    }
    link_base_end(base);
    return good;
}

bool weigh_report(Db *db, Arena *mem, LinkBase *base, const Viewer *viewer, int64_t operation, Date day,
                  WeighReport *out, Err *err)
{
    int64_t *pairs = NULL;
    size_t count = 0;
    *out = (WeighReport){ 0 };
    return (thresholds_on(mem, day, &out->thresholds, err) &&
            outcomes_read(db, mem, viewer, operation, out, err) &&
            answers_read(db, mem, viewer, operation, out, err) &&
            households_read(db, mem, viewer, operation, out, err) &&
            true_pairs_read(db, mem, viewer, operation, &pairs, &count, err) &&
            base_read(db, mem, base, pairs, count, out, err)) ||
           err_while(err, "reporting on linking");
}
