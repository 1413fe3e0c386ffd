#include "link/evaluate/evaluate.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/csv.h"
#include "engine/cluster/cluster.h"
#include "engine/linkage/linkage_draw.h"
#include "engine/linkage/linkage_pattern.h"
#include "engine/linkage/linkage_rivals.h"
#include "engine/linkage/linkage_where.h"
#include "link/evaluate/measure.h"
#include "link/evaluate/one_to_one.h"
#include "link/evaluate/table.h"

typedef struct Evaluation {
    const EvaluateOptions *o;
    Arena                 *mem;
    PersonTools            tools;
    Table                  table;
    Truth                  truth;
    LinkPlan               plan;
    LinkModel              prior, model;
    LinkPairs             *pairs;
    const LinkPair        *scored, *weighed;     /* as they are by themselves; against their rivals */
    size_t                 scored_count;
    OnceInput              files;
    OnceEvidence           once;
    LinkRunCounts          counts;
    ClusterResult          clusters;
    LinkPair              *settled;
    size_t                 settled_count;
    Instant                began;
    double                 read_s, plan_s, train_s, score_s, cluster_s;
} Evaluation;

static double seconds_since(Evaluation *e, Instant then)
{
    return (double)(e->o->now(e->o->ctx) - then) / 1e6;
}

static const double SETTLE_BITS = 2.5, SUPPORT_BITS = -0.5;    /* 85 in a hundred; two in five */

/* ---- reading */

static const char *const id_columns[] = { "id", "unique_id", "rec_id", "record_id", "uid" };

static bool id_column(Evaluation *e, const char *path, const char **id, Err *err)
{
    const char **names = NULL;
    size_t       count = 0;
    *id = e->o->id;
    if (*id || !e->o->pairs_path)
        return true;
    if (!table_header(e->mem, path, &names, &count, err))
        return false;
    FOR_EACH(known, id_columns)
        for (size_t i = 0; i < count && !*id; i++)
            if (str_same(names[i], *known))
                *id = names[i];
    if (!*id && count)
        *id = names[0];
    return true;
}

static bool file_add(Evaluation *e, const char *path, const char *map_text, uint8_t source, Err *err)
{
    TableMap     map;
    TableColumns extra = { .truth = e->o->truth };
    if (!table_map_read(e->mem, map_text, &map, err) || !id_column(e, path, &extra.id, err))
        return false;
    if (source == 0) {
        table_begin(e->mem, &e->tools, &map, &e->table);
        e->table.threads = e->o->threads;
    }
    return table_add(&e->table, &e->tools, &map, &extra, path, source, e->mem, err);
}

static bool read_tables(Evaluation *e, Err *err)
{
    const EvaluateOptions *o = e->o;
    if (!file_add(e, o->path, o->map, 0, err))
        return false;
    if (o->second && !file_add(e, o->second, o->second_map ? o->second_map : o->map, 1, err))
        return false;
    if (e->table.rows < 2)
        return err_set(err, ERR_INVALID, "There are fewer than two rows to link.");
    link_columns_count(e->table.columns);
    return true;
}

/* ---- labelled pairs */

typedef struct Ids { const char **ids; const uint8_t *sources; size_t rows; uint32_t *order; } Ids;

static int by_id(const void *x, const void *y, void *ctx)
{
    const Ids *ids = ctx;
    uint32_t   a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    int        order = strcmp(ids->ids[a], ids->ids[b]);
    return order ? order : ids->sources[a] - ids->sources[b];
}

/* The row of this id, of a given source; SIZE_MAX if there is none. */
static size_t row_of(const Ids *ids, Str id, int source)
{
    size_t low = 0, high = ids->rows;
    while (low < high) {
        size_t   middle = (low + high) / 2;
        uint32_t row = ids->order[middle];
        Str      have = str_of(ids->ids[row]);
        size_t   n = have.len < id.len ? have.len : id.len;
        int      order = n ? memcmp(have.at, id.at, n) : 0;
        order = order ? order : (have.len > id.len) - (have.len < id.len);
        order = order ? order : ids->sources[row] - source;
        if (!order)
            return row;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return SIZE_MAX;
}

typedef struct Labels { LabelledPair *at; size_t count, cap; int left, right, label; } Labels;

/* Which columns hold ids is told from the first row: those whose values are rows of this table. */
static void columns_tell(const CsvRow *header, const CsvRow *row, const Ids *ids, int second, Labels *l)
{
    static const char *const words[] = { "score", "match", "label", "same", "truth" };
    for (int i = 0; i < (int)row->count; i++) {
        Str name = str_trim(header->fields[i]);
        for (size_t w = 0; w < COUNT_OF(words); w++)
            if (l->label < 0 && memmem(name.at, name.len, words[w], strlen(words[w])))
                l->label = i;
    }
    for (int i = 0; i < (int)row->count; i++) {
        Str value = str_trim(row->fields[i]);
        if (i == l->label)
            continue;
        if (l->left < 0 && row_of(ids, value, 0) != SIZE_MAX)
            l->left = i;
        else if (l->left >= 0 && l->right < 0 && row_of(ids, value, second) != SIZE_MAX)
            l->right = i;
    }
}

static bool label_says_same(Str s)
{
    static const char *const no[] = { "", "0", "n", "no", "false", "f", "non-match", "different" };
    char                    *end, text[32];
    snprintf(text, sizeof text, STR_FMT, STR_ARG(s));
    double d = strtod(text, &end);
    if (end != text && !*end)
        return d >= 0.5;
    for (size_t i = 0; i < COUNT_OF(no); i++)
        if (strcasecmp(text, no[i]) == 0)
            return false;
    return true;
}

static bool labels_read(Evaluation *e, const Ids *ids, Labels *l, Err *err)
{
    Arena   scratch = { 0 };
    Source *src = NULL;
    CsvRow  row, header = { 0 };
    int     second = e->o->second ? 1 : 0;
    if (!source_open(&scratch, e->o->pairs_path, 0, &src, err))
        return false;
    Csv *csv = csv_new(&scratch, src, ',');
    bool ok = true;
    for (bool end = false, first = true; ok; first = false) {
        ok = csv_next(csv, &row, &end, err);
        if (!ok || end)
            break;
        if (first) {
            header = (CsvRow){ .count = row.count, .fields = arena_new(&scratch, Str, row.count) };
            for (size_t i = 0; i < row.count; i++)
                header.fields[i] = str_of(str_from(&scratch, row.fields[i]));
            continue;
        }
        if (l->right < 0)
            columns_tell(&header, &row, ids, second, l);
        if (l->right < 0 || (size_t)l->right >= row.count || (size_t)l->left >= row.count)
            continue;
        size_t a = row_of(ids, str_trim(row.fields[l->left]), 0);
        size_t b = row_of(ids, str_trim(row.fields[l->right]), second);
        bool same =
            l->label < 0 || ((size_t)l->label < row.count && label_says_same(str_trim(row.fields[l->label])));
        if (a != SIZE_MAX && b != SIZE_MAX && a != b)
            *arena_push(e->mem, l->at, l->count, l->cap) = (LabelledPair){ (uint32_t)a, (uint32_t)b, same };
    }
    source_close(src);
    arena_done(&scratch);
    if (ok && !l->count)
        ok = err_set(err, ERR_INVALID, "No line of the labelled pairs names two rows of the table.") ||
             err_hint(err, "Say with --id which column the pairs name rows by.");
    return ok;
}

static bool truth_from_pairs(Evaluation *e, Err *err)
{
    Ids ids = { e->table.ids, link_columns_sources(e->table.columns), e->table.rows,
                arena_new(e->mem, uint32_t, e->table.rows + 1) };
    for (size_t i = 0; i < ids.rows; i++)
        ids.order[i] = (uint32_t)i;
    qsort_r(ids.order, ids.rows, sizeof *ids.order, by_id, &ids);
    Labels l = { .left = -1, .right = -1, .label = -1 };
    if (!labels_read(e, &ids, &l, err))
        return err_while(err, "reading labelled pairs");
    truth_of_pairs(e->mem, l.at, l.count, e->table.rows, ids.sources, e->o->second != NULL, &e->truth);
    return true;
}

static bool read_truth(Evaluation *e, Err *err)
{
    if (e->o->pairs_path)
        return truth_from_pairs(e, err);
    e->truth.column = e->o->truth;
    bool ok = truth_of_labels(e->mem, e->table.truths, e->table.rows, e->o->truth_part,
                              link_columns_sources(e->table.columns), e->o->second != NULL, &e->truth, err);
    e->truth.column = e->o->truth;
    return ok;
}

/* ---- linking */

static bool model_make(Evaluation *e, const LinkRunOptions *run, Err *err)
{
    Str text;
    if (!e->o->model_path)
        return link_model_train(e->table.columns, &e->plan, &e->prior, run, &e->model, err);
    if (!file_read(e->mem, e->o->model_path, 16 << 20, &text, err) || !link_model_read(text, &e->model, err))
        return err_while(err, "reading the model");
    link_model_fit(&e->model, e->table.columns);
    if (!link_model_knows_places(&e->model))
        link_columns_locate(e->table.columns, NULL);
    return true;
}

static bool link_all(Evaluation *e, Err *err)
{
    LinkRunOptions run = { .threads = e->o->threads, .seed = e->o->seed, .keep_bits = -10,
                           .memory_bytes = e->o->memory_bytes, .resume_path = e->o->resume_path,
                           .progress = e->o->progress, .ctx = e->o->ctx };
    LinkLimits     limits = link_limits_default(e->table.rows);
    Instant        then = e->o->now(e->o->ctx);
    limits.threads = e->o->threads;
    link_model_by_hand(e->table.columns, &e->prior);
    e->plan = link_plan_make(e->table.columns, &e->prior, e->o->second != NULL, limits, e->o->seed);
    e->plan_s = seconds_since(e, then);
    then = e->o->now(e->o->ctx);
    if (!model_make(e, &run, err))
        return false;
    e->train_s = seconds_since(e, then);
    then = e->o->now(e->o->ctx);
    if (!link_pairs(e->table.columns, &e->model, &e->plan, &run, &e->pairs, &e->counts, err))
        return false;
    e->scored = link_pairs_all(e->pairs, &e->scored_count);
    e->score_s = seconds_since(e, then);
    return true;
}

/* ---- two files that each hold a person once */

static bool weigh_rivals(Evaluation *e, Err *err)
{
    const EvaluateOptions *o = e->o;
    e->weighed = e->scored;
    e->files = (OnceInput){ .asked = o->one_to_one, .columns = e->table.columns, .prior = &e->prior,
                            .model = &e->model, .limits = e->plan.limits, .pairs = e->scored,
                            .pair_count = e->scored_count, .join_bits = SETTLE_BITS,
                            .run = { .threads = o->threads, .seed = o->seed,
                                     .memory_bytes = o->memory_bytes } };
    if (!o->second)
        return true;
    bool ok = once_tell(&e->files, &e->once, err);
    if (ok && e->once.once)
        e->weighed = link_rivals_weigh(e->mem, e->scored, e->scored_count, e->table.rows);
    return ok;
}

/* ---- what blocking loses */

typedef struct Losses { Evaluation *e; uint64_t first[LINK_RULES_MAX], any[LINK_RULES_MAX], lost; } Losses;

static void lose(void *ctx, uint32_t a, uint32_t b)
{
    Losses *l = ctx;
    bool    found = false;
    for (size_t r = 0; r < l->e->plan.rule_count; r++) {
        if (!link_rule_holds(&l->e->plan, r, l->e->table.columns, a, b))
            continue;
        l->any[r]++;
        l->first[r] += !found;
        found = true;
    }
    l->lost += !found;
}

static Json *blocking_json(Evaluation *e)
{
    Losses l = { .e = e };
    Json  *j = json_new_object(), *rules = json_new_list();
    truth_each(&e->truth, lose, &l);
    for (size_t r = 0; r < e->plan.rule_count; r++) {
        const LinkRule *rule = &e->plan.rules[r];
        Json           *one = json_new_object();
        json_set_text(one, "rule", link_rule_words(e->mem, rule, e->table.columns));
        json_set_int(one, "predicted_pairs", (int64_t)rule->pairs);
        json_set_int(one, "first_found_pairs", (int64_t)e->counts.rule_pairs[r]);
        json_set_int(one, "biggest_block", rule->biggest_block);
        json_set_int(one, "blocks_split", rule->blocks_split);
        json_set_int(one, "true_pairs", (int64_t)l.any[r]);
        json_set_int(one, "true_pairs_first", (int64_t)l.first[r]);
        if (rule->refused)
            json_set_text(one, "refused_for", rule->refused_value);
        json_push(rules, one);
    }
    json_set_int(j, "true_pairs", (int64_t)e->truth.true_pairs);
    json_set_int(j, "lost", (int64_t)l.lost);
    json_set(j, "recall",
             json_new_real(1 - (double)l.lost / (double)(e->truth.true_pairs ? e->truth.true_pairs : 1)));
    json_set(j, "rules", rules);
    return j;
}

/* ---- clusters
 *
 * Records are joined at a threshold that no label chose. A pair's settled weight then says what its records'
 * other pairs say too: within a cluster at least the threshold, across clusters less. */

static uint32_t aspects_of(const Evaluation *e, const LinkComparer *x, const LinkPair *p)
{
    const LinkColumns *c = e->table.columns;
    uint64_t           pattern = link_pattern(x, link_columns_row(c, p->a), link_columns_row(c, p->b));
    uint32_t           mask = 0;
    for (size_t f = 0; f < x->field_count; f++) {
        unsigned level = link_pattern_level(pattern, f);
        if (level > LINK_LEVEL_DIFFERS && e->model.comparisons[f].levels[level].weight_bits > 0)
            mask |= 1u << f;
    }
    return mask;
}

static void cluster_rows(Evaluation *e)
{
    Arena         scratch = { 0 };
    LinkComparer  x = link_comparer(e->table.columns, (LinkMemo){ 0 });
    ClusterEdge  *edges = arena_new(&scratch, ClusterEdge, e->scored_count + 1);
    uint64_t     *keys = arena_new(&scratch, uint64_t, e->table.rows + 1);
    ClusterInput  in = { .nodes = (uint32_t)e->table.rows, .keys = keys, .edges = edges };
    uint32_t      shareable = 0;
    for (size_t f = 0; f < x.field_count; f++)
        shareable |= link_kind_specs[x.kinds[f]].shared_token ? 1u << f : 0;
    for (size_t i = 0; i < e->table.rows; i++)
        keys[i] = link_row_hash(e->table.columns, (uint32_t)i, 0);
    for (size_t i = 0; i < e->scored_count; i++) {
        const LinkPair *p = &e->weighed[i];
        if ((double)p->weight_bits >= SUPPORT_BITS)
            edges[in.edge_count++] =
                (ClusterEdge){ p->a, p->b, p->weight_bits, shareable ? aspects_of(e, &x, p) : 0 };
    }
    ClusterRules rules = cluster_rules(SETTLE_BITS, SUPPORT_BITS, shareable);
    cluster_all(&in, &rules, e->mem, &e->clusters);
    arena_done(&scratch);
}

static uint64_t pairs_within(const uint64_t *order, size_t rows)
{
    uint64_t pairs = 0;
    for (size_t i = 0, n; i < rows; i += n) {
        for (n = 1; i + n < rows && order[i + n] >> 32 == order[i] >> 32; n++)
            ;
        pairs += n * (n - 1) / 2;
    }
    return pairs;
}

static int by_number(const void *x, const void *y)
{
    uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
    return (a > b) - (a < b);
}

/* Pairs of one cluster that blocking or their own weight left out: they stand at the threshold. */
static LinkPair *settle_within(Evaluation *e)
{
    Arena     scratch = { 0 };
    uint64_t *order = arena_new(&scratch, uint64_t, e->table.rows + 1);
    for (size_t i = 0; i < e->table.rows; i++)
        order[i] = (uint64_t)e->clusters.cluster[i] << 32 | i;
    qsort(order, e->table.rows, sizeof *order, by_number);
    e->settled = arena_new(e->mem, LinkPair, e->scored_count + pairs_within(order, e->table.rows) + 1);
    LinkPair *out = e->settled;
    for (size_t i = 0; i < e->table.rows; i++)
        for (size_t j = i + 1; j < e->table.rows && order[j] >> 32 == order[i] >> 32; j++)
            *out++ = (LinkPair){ (uint32_t)order[i], (uint32_t)order[j], (float)SETTLE_BITS };
    arena_done(&scratch);
    return out;
}

static int by_rows(const void *x, const void *y)
{
    const LinkPair *a = x, *b = y;
    return a->a != b->a ? (a->a > b->a) - (a->a < b->a) : (a->b > b->b) - (a->b < b->b);
}

static void settle_pairs(Evaluation *e)
{
    LinkPair       *end = settle_within(e);
    size_t          within = (size_t)(end - e->settled);
    const uint32_t *cluster = e->clusters.cluster;
    qsort(e->settled, within, sizeof *e->settled, by_rows);
    for (size_t i = 0; i < e->scored_count; i++) {
        LinkPair p = e->weighed[i];
        if (cluster[p.a] != cluster[p.b]) {
            p.weight_bits = fminf(p.weight_bits, (float)SETTLE_BITS - 0.01f);
            *end++ = p;
            continue;
        }
        LinkPair *own = bsearch(&p, e->settled, within, sizeof *own, by_rows);
        if (own)
            own->weight_bits = fmaxf(p.weight_bits, (float)SETTLE_BITS);
    }
    e->settled_count = (size_t)(end - e->settled);
}

static Json *clusters_json(Evaluation *e)
{
    Measure pairs = measure_clusters(&e->truth, e->clusters.cluster, SETTLE_BITS);
    Measure whole = measure_whole_clusters(&e->truth, e->clusters.cluster, SETTLE_BITS);
    Json   *j = measure_json(&pairs);
    json_set_text(j, "threshold_chosen", "without labels");
    json_set_int(j, "clusters", (int64_t)e->clusters.counts.clusters);
    json_set_int(j, "households", (int64_t)e->clusters.counts.households);
    json_set_int(j, "joins_refused",
                 (int64_t)(e->clusters.counts.refused_thin + e->clusters.counts.refused_apart));
    json_set(j, "whole_persons", measure_json(&whole));
    return j;
}

/* ---- the report */

static Json *report_of(Evaluation *e)
{
    Curve   curve = curve_of(e->mem, &e->truth, e->settled, e->settled_count, e->o->curve_points);
    Curve   alone = curve_of(e->mem, &e->truth, e->scored, e->scored_count, e->o->curve_points);
    Measure chosen = measure_at(&e->truth, e->settled, e->settled_count, SETTLE_BITS);
    Json   *j = json_new_object(), *times = json_new_object(), *pairs = measure_json(&curve.best);
    json_set_text(pairs, "measured", "pairs settled by clustering");
    json_set_text(pairs, "threshold_chosen", "best F1 on the curve, with labels");
    json_set(j, "pairs", pairs);
    json_set(j, "pairs_at_own_threshold", measure_json(&chosen));
    json_set(j, "pairs_alone", measure_json(&alone.best));
    json_set(j, "clusters", clusters_json(e));
    if (e->o->second)
        json_set(j, "one_to_one", once_json(&e->files, &e->once));
    json_set(j, "curve", curve_json(&curve));
    json_set(j, "curve_alone", curve_json(&alone));
    json_set_int(j, "candidate_pairs", (int64_t)e->counts.candidate_pairs);
    json_set_int(j, "kept_pairs", (int64_t)e->counts.kept);
    json_set_bool(j, "spilled", e->counts.spilled);
    json_set_int(j, "rows", (int64_t)e->table.rows);
    json_set_int(j, "true_pairs", (int64_t)e->truth.true_pairs);
    json_set(j, "blocking", blocking_json(e));
    json_set(j, "model", link_model_json(&e->model));
    json_set(times, "read", json_new_real(e->read_s));
    json_set(times, "plan", json_new_real(e->plan_s));
    json_set(times, "train", json_new_real(e->train_s));
    json_set(times, "score", json_new_real(e->score_s));
    json_set(times, "cluster", json_new_real(e->cluster_s));
    json_set(j, "stages_seconds", times);
    json_set(j, "seconds", json_new_real(seconds_since(e, e->began)));
    return j;
}

bool evaluate(Arena *mem, const EvaluateOptions *options, Json **report, Err *err)
{
    Evaluation  *e = arena_new(mem, Evaluation, 1);
    PersonRules *rules = NULL;
    *e = (Evaluation){ .o = options, .mem = mem, .began = options->now(options->ctx) };
    if (!person_rules_load(mem, &rules, err))
        return false;
    e->tools = (PersonTools){ rules, fold_new(mem) };
    bool ok = read_tables(e, err);
    e->read_s = seconds_since(e, e->began);
    ok = ok && read_truth(e, err) && link_all(e, err);
    Instant then = options->now(options->ctx);
    ok = ok && weigh_rivals(e, err);
    if (ok) {
        cluster_rows(e);
        settle_pairs(e);
        e->cluster_s = seconds_since(e, then);
        *report = report_of(e);
    }
    link_pairs_done(e->pairs);
    link_plan_done(&e->plan);
    link_model_done(&e->model);
    link_model_done(&e->prior);
    fold_done(&e->tools.fold);
    return ok;
}
