#include "link/evaluate.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/csv.h"
#include "link/measure.h"
#include "link/table.h"

typedef struct Evaluation {
    const EvaluateOptions *o;
    Arena                 *mem;
    PersonTools            tools;
    Table                  table;
    Truth                  truth;
    LinkPlan               plan;
    LinkModel              prior, model;
    LinkPairs             *pairs;
    const LinkPair        *scored;
    size_t                 scored_count;
    LinkRunCounts          counts;
    Instant                began;
    double                 read_s, plan_s, train_s, score_s;
} Evaluation;

static double seconds_since(Evaluation *e, Instant then)
{
    return (double)(e->o->now(e->o->ctx) - then) / 1e6;
}

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
    if (source == 0)
        table_begin(e->mem, &e->tools, &map, &e->table);
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
        bool   same = l->label < 0 || ((size_t)l->label < row.count && label_says_same(str_trim(row.fields[l->label])));
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
    return true;
}

static bool link_all(Evaluation *e, Err *err)
{
    LinkRunOptions run = { .threads = e->o->threads, .seed = e->o->seed, .keep_bits = -10,
                           .memory_bytes = e->o->memory_bytes, .progress = e->o->progress, .ctx = e->o->ctx };
    LinkLimits     limits = link_limits_default(e->table.rows);
    Instant        then = e->o->now(e->o->ctx);
    limits.threads = e->o->threads;
    if (!link_model_default(e->table.columns, &e->prior, err))
        return false;
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
    json_set(j, "recall", json_new_real(1 - (double)l.lost / (double)(e->truth.true_pairs ? e->truth.true_pairs : 1)));
    json_set(j, "rules", rules);
    return j;
}

/* ---- clusters */

static uint32_t root_of(uint32_t *parent, uint32_t i)
{
    while (parent[i] != i)
        i = parent[i] = parent[parent[i]];
    return i;
}

static uint32_t *components(Arena *mem, size_t rows, const LinkPair *pairs, size_t count, double bits)
{
    uint32_t *parent = arena_new(mem, uint32_t, rows + 1);
    for (size_t i = 0; i < rows; i++)
        parent[i] = (uint32_t)i;
    for (size_t i = 0; i < count; i++) {
        if ((double)pairs[i].weight_bits < bits)
            continue;
        uint32_t a = root_of(parent, pairs[i].a), b = root_of(parent, pairs[i].b);
        parent[a > b ? a : b] = a > b ? b : a;
    }
    for (size_t i = 0; i < rows; i++)
        parent[i] = root_of(parent, (uint32_t)i);
    return parent;
}

static Json *clusters_json(Evaluation *e, double bits)
{
    uint32_t *cluster_of = components(e->mem, e->table.rows, e->scored, e->scored_count, bits);
    Measure   pairs = measure_clusters(&e->truth, cluster_of, bits);
    Measure   whole = measure_whole_clusters(&e->truth, cluster_of, bits);
    Json     *j = measure_json(&pairs);
    json_set(j, "whole", measure_json(&whole));
    return j;
}

/* ---- the report */

static Json *curve_json(const Curve *curve)
{
    Json *list = json_new_list();
    for (size_t i = 0; i < curve->count; i++)
        json_push(list, measure_json(&curve->points[i]));
    return list;
}

static Json *report_of(Evaluation *e)
{
    Curve curve = curve_of(e->mem, &e->truth, e->scored, e->scored_count, e->o->curve_points);
    Measure chosen = measure_at(&e->truth, e->scored, e->scored_count, e->model.link_bits);
    Json   *j = json_new_object(), *times = json_new_object();
    json_set(j, "pairs", measure_json(&curve.best));
    json_set(j, "pairs_at_chosen_threshold", measure_json(&chosen));
    json_set(j, "clusters", clusters_json(e, curve.best.threshold_bits));
    json_set(j, "curve", curve_json(&curve));
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
    if (ok)
        *report = report_of(e);
    link_pairs_done(e->pairs);
    link_plan_done(&e->plan);
    link_model_done(&e->model);
    link_model_done(&e->prior);
    fold_done(&e->tools.fold);
    return ok;
}
