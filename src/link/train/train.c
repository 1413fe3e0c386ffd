#include "link/train/train.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/rng.h"
#include "engine/linkage/linkage_pattern.h"
#include "link/train/made.h"

enum { STRANGERS = 2000000, LEVEL_SEEN = 30, CLOSE_BITS_LESS = 2 };
/* The numbers set by hand count as this share of the pairs counted, on both sides: what was never met keeps
 * the weight it had. */
static const double SUPPOSED = 0.005;
static const double STEADY = 20, OVERLAP_BITS_MOST = 6, WORTH_BITS = 0.25, SAME_BITS_MOST = 1.5;

/* Pairs by levels: of one comparison, and of two together. */
typedef double Table[LINK_LEVELS_MAX][LINK_LEVELS_MAX];
typedef struct Counts {
    double all, one[ASPECT__COUNT][LINK_LEVELS_MAX], met[ASPECT__COUNT][LINK_LEVELS_MAX];
    Table  two[ASPECT__COUNT][ASPECT__COUNT];
} Counts;       /* met: pairs looked at; the others: pairs they stand for */

typedef struct Train {
    const TrainOptions *options;
    Arena       *mem;
    ProfileTools *tools;
    MadeRecord  *records;
    size_t       count;
    LinkColumns *columns;
    LinkModel    prior, blind;     /* the numbers set by hand; trained without the truth */
    Counts       same, strangers;
    Json        *not_seen, *capped, *pooled;
} Train;

/* ---- the rows */

static bool rows_make(Train *t, Err *err)
{
    LinkField fields[ASPECT__COUNT];
    for (int a = 0; a < ASPECT__COUNT; a++)
        fields[a] = aspects[a].field;
    if (!profile_tools(t->mem, &t->tools, err) ||
        !made_people(t->mem, t->options->people, t->options->seed, &t->records, &t->count, err))
        return false;
    t->columns = link_columns_new(t->mem, fields, ASPECT__COUNT, profile_nicknames(t->tools),
                                  profile_rules(t->tools));
    for (size_t i = 0; i < t->count; i++) {
        uint32_t codes[LINK_FIELDS_MAX] = { 0 };
        for (int a = 0; a < ASPECT__COUNT; a++) {
            const char *value = t->records[i].value[a];
            const char *normal = value ? profile_normal(t->tools, t->mem, (Aspect)a, value) : NULL;
            if (normal)
                codes[a] = link_columns_code(t->columns, (size_t)a, str_of(normal));
        }
        link_columns_add(t->columns, codes, 0);
    }
    link_columns_count(t->columns);
    return true;
}

/* ---- counting */

static void pattern_add(uint64_t pattern, double stands_for, Counts *c)
{
    c->all += stands_for;
    for (size_t f = 0; f < ASPECT__COUNT; f++) {
        unsigned level = link_pattern_level(pattern, f);
        c->one[f][level] += stands_for;
        c->met[f][level]++;
        for (size_t g = f + 1; g < ASPECT__COUNT; g++)
            c->two[f][g][level][link_pattern_level(pattern, g)] += stands_for;
    }
}

static const uint32_t *row_at(const Train *t, size_t row)
{
    return link_columns_row(t->columns, (uint32_t)row);
}

static void same_count(Train *t, const LinkComparer *x)
{
    for (size_t i = 0; i < t->count; i++)
        for (size_t k = i + 1; k < t->count && t->records[k].person == t->records[i].person; k++)
            pattern_add(link_pattern(x, row_at(t, i), row_at(t, k)), 1, &t->same);
}

/* Strangers who have one of these in common are so few that a draw misses them, and they are the ones that
 * look like one person: a household, mostly. So every such pair is looked at, and of the others a draw. */
static const Aspect rare[] = { ASPECT_POSTCODE, ASPECT_ADDRESS, ASPECT_PHONE, ASPECT_EMAIL, ASPECT_USERNAME,
                               ASPECT_BIRTH };

static bool is_rare(size_t aspect)
{
    for (size_t i = 0; i < COUNT_OF(rare); i++)
        if (rare[i] == (Aspect)aspect)
            return true;
    return false;
}

/* Which of them two rows have in common first; COUNT_OF(rare): none. */
static size_t in_common(const uint32_t *a, const uint32_t *b)
{
    size_t i = 0;
    while (i < COUNT_OF(rare) && (a[rare[i]] == LINK_BLANK || a[rare[i]] != b[rare[i]]))
        i++;
    return i;
}

typedef struct Held { uint32_t code, row; } Held;

static int by_code(const void *x, const void *y)
{
    const Held *a = x, *b = y;
    if (a->code != b->code)
        return a->code < b->code ? -1 : 1;
    return a->row < b->row ? -1 : a->row > b->row;
}

static void rare_count(Train *t, const LinkComparer *x, size_t which)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    Held  *held = arena_new(&mem, Held, t->count);
    size_t n = 0;
    for (size_t i = 0; i < t->count; i++)
        if (row_at(t, i)[rare[which]] != LINK_BLANK)
            held[n++] = (Held){ row_at(t, i)[rare[which]], (uint32_t)i };
    qsort(held, n, sizeof *held, by_code);
    for (size_t i = 0; i < n; i++)
        for (size_t k = i + 1; k < n && held[k].code == held[i].code; k++) {
            const uint32_t *a = row_at(t, held[i].row), *b = row_at(t, held[k].row);
            if (t->records[held[i].row].person != t->records[held[k].row].person && in_common(a, b) == which)
                pattern_add(link_pattern(x, a, b), 1, &t->strangers);
        }
}

static double others_stand_for(const Train *t)
{
    double n = (double)t->count;
    return n * (n - 1) / 2 / STRANGERS;
}

static void strangers_count(Train *t, const LinkComparer *x)
{
    Rng rng = rng_seed(t->options->seed + 1);
    for (size_t i = 0; i < COUNT_OF(rare); i++)
        rare_count(t, x, i);
    for (size_t n = 0; n < STRANGERS; n++) {
        size_t i = (size_t)rng_below(&rng, t->count), k = (size_t)rng_below(&rng, t->count);
        const uint32_t *a = row_at(t, i), *b = row_at(t, k);
        if (t->records[i].person != t->records[k].person && in_common(a, b) == COUNT_OF(rare))
            pattern_add(link_pattern(x, a, b), others_stand_for(t), &t->strangers);
    }
}

static void pairs_count(Train *t)
{
    LinkComparer x = link_comparer(t->columns, link_memo_new(t->mem));
    same_count(t, &x);
    strangers_count(t, &x);
}

/* ---- from counts to weights */

static void note(Json *list, const LinkComparison *k, size_t level)
{
    char words[96];
    snprintf(words, sizeof words, "%s: %s", k->name, link_kind_specs[k->kind].levels[level].key);
    json_push(list, json_new_text(words));
}

static void level_fit(Train *t, LinkComparison *k, size_t f, size_t l, double all_m, double all_u)
{
    const LinkLevelFit *before = &t->prior.comparisons[f].levels[l];
    LinkLevelFit       *fit = &k->levels[l];
    fit->m_pairs = t->same.met[f][l];
    fit->u_pairs = t->strangers.met[f][l];
    fit->m = (t->same.one[f][l] / all_m + SUPPOSED * before->m) / (1 + SUPPOSED);
    fit->u = (t->strangers.one[f][l] / all_u + SUPPOSED * before->u) / (1 + SUPPOSED);
    if (fit->m_pairs < LEVEL_SEEN || fit->u_pairs < LEVEL_SEEN)
        note(t->not_seen, k, l);
}

/* Both names at once: what is said of two aspects stands in no row with what is said of one. */
static bool of_both_names(LinkKind kind, size_t level)
{
    const char *key = link_kind_specs[kind].levels[level].key;
    return str_same(key, "crossed") || str_same(key, "swapped");
}

/* Levels that weigh the same, one block. */
typedef struct Block { size_t levels[LINK_LEVELS_MAX], count; double m, u; } Block;

/* Neighbours of which the closer would weigh less are weighed as one, until weights rise (pool adjacent
 * violators). */
static void levels_rise(Train *t, LinkComparison *k, size_t levels)
{
    Block  blocks[LINK_LEVELS_MAX];
    size_t n = 0;
    for (size_t l = 1; l < levels; l++) {
        if (of_both_names(k->kind, l))
            continue;
        blocks[n++] = (Block){ .levels = { l }, .count = 1, .m = k->levels[l].m, .u = k->levels[l].u };
        for (; n > 1 && blocks[n - 1].m * blocks[n - 2].u < blocks[n - 2].m * blocks[n - 1].u; n--) {
            Block *into = &blocks[n - 2], *from = &blocks[n - 1];
            for (size_t i = 0; i < from->count; i++)
                into->levels[into->count++] = from->levels[i];
            into->m += from->m;
            into->u += from->u;
        }
    }
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < blocks[i].count && blocks[i].count > 1; j++) {
            size_t l = blocks[i].levels[j];
            k->levels[l].m = blocks[i].m / blocks[i].u * k->levels[l].u;
            if (j)
                note(t->pooled, k, l);
        }
}

/* Beyond the most, made-up people tell of themselves only: in the world accounts are shared and forms are
 * filled in by others. A heavy level is met more often by chance than counted, a light one more often by one
 * person. What is only close is never as telling as the same. */
static void level_cap(Train *t, LinkComparison *k, size_t l, bool exact)
{
    LinkLevelFit *fit = &k->levels[l];
    double        most = exp2(exact ? MODEL_BITS_MOST : MODEL_BITS_MOST - CLOSE_BITS_LESS);
    if (fit->m / fit->u > most || fit->u / fit->m > most) {
        note(t->capped, k, l);
        if (fit->m > fit->u)
            fit->u = fit->m / most;
        else
            fit->m = fit->u / most;
    }
}

/* Six digits are more than is known; and so the last bits of a processor's logarithms change no file. */
static double six_digits(double x)
{
    char text[32];
    snprintf(text, sizeof text, "%.6g", x);
    return strtod(text, NULL);
}

static void level_weigh(LinkLevelFit *fit, size_t level)
{
    fit->m = six_digits(fit->m);
    fit->u = six_digits(fit->u);
    double bits = log2(fit->m / fit->u);
    fit->weight_bits = six_digits(level == LINK_LEVEL_DIFFERS ? fmin(bits, 0) : bits);
}

static void comparison_fit(Train *t, size_t f, LinkComparison *k)
{
    size_t levels = link_kind_specs[k->kind].level_count;
    double all_m = 0, all_u = 0;
    for (size_t l = 1; l < levels; l++) {
        all_m += t->same.one[f][l];
        all_u += t->strangers.one[f][l];
    }
    for (size_t l = 1; l < levels; l++)
        level_fit(t, k, f, l, all_m, all_u);
    levels_rise(t, k, levels);
    for (size_t l = 1; l < levels; l++)
        level_cap(t, k, l, l + 1 == levels);
    for (size_t l = 1; l < levels; l++)
        level_weigh(&k->levels[l], l);
}

/* ---- what goes together, and would be weighed twice
 *
 * Strangers who share an address share a postcode, a town and mostly a name. Of each two comparisons it is
 * known what their levels bring together; where that is less than both of their weights the difference is
 * taken, of the comparisons that go together most (a forest, as in linkage_train.c). How one person's records
 * differ together rests on shares that were chosen, so little is made of it. */

typedef struct Edge { double worth; LinkDependence d; } Edge;

static int by_worth(const void *x, const void *y)
{
    const Edge *a = x, *b = y;
    if (a->worth != b->worth)
        return (a->worth < b->worth) - (a->worth > b->worth);
    return (a->d.a * LINK_FIELDS_MAX + a->d.b) - (b->d.a * LINK_FIELDS_MAX + b->d.b);
}

typedef struct Margins { double all, row[LINK_LEVELS_MAX], column[LINK_LEVELS_MAX]; } Margins;

static Margins margins_of(const Table table)
{
    Margins s = { 0 };
    for (size_t x = 1; x < LINK_LEVELS_MAX; x++)
        for (size_t y = 1; y < LINK_LEVELS_MAX; y++) {
            s.all += table[x][y];
            s.row[x] += table[x][y];
            s.column[y] += table[x][y];
        }
    return s;
}

/* log2 of how much more often two levels are met together than apart; cells of few pairs say little. */
static double lift(double together, double apart, double steady)
{
    return log2((together + steady) / (apart + steady));
}

static double within(double bits, double most)
{
    return fmax(-most, fmin(most, bits));
}

/* What a capped level is worth already is not taken off again. */
static double strangers_lift(const Train *t, const LinkModel *model, size_t a, size_t b, size_t x, size_t y,
                             const Margins *s)
{
    const LinkComparison *ka = &model->comparisons[a], *kb = &model->comparisons[b];
    bool looked_at_all = (is_rare(a) && x + 1 == link_kind_specs[ka->kind].level_count) ||
                         (is_rare(b) && y + 1 == link_kind_specs[kb->kind].level_count);
    double steady = STEADY * (looked_at_all ? 1 : others_stand_for(t)), n = t->strangers.two[a][b][x][y];
    double bits = lift(n, s->row[x] * s->column[y] / s->all, steady);
    return bits <= 0 ? bits
                     : fmin(bits, fmax(0, lift(n, ka->levels[x].u * kb->levels[y].u * s->all, steady)));
}

static Edge edge_of(const Train *t, const LinkModel *model, size_t a, size_t b)
{
    Edge    e = { .d = { .a = (uint8_t)a, .b = (uint8_t)b } };
    Margins same = margins_of(t->same.two[a][b]), strangers = margins_of(t->strangers.two[a][b]);
    for (size_t x = 1; x < LINK_LEVELS_MAX; x++)
        for (size_t y = 1; y < LINK_LEVELS_MAX; y++) {
            double n = t->same.two[a][b][x][y];
            if (same.row[x] * same.column[y] <= 0 || strangers.row[x] * strangers.column[y] <= 0)
                continue;
            double bits = within(lift(n, same.row[x] * same.column[y] / same.all, STEADY), SAME_BITS_MOST) -
                          strangers_lift(t, model, a, b, x, y, &strangers);
            bits = within(bits, OVERLAP_BITS_MOST);
            e.worth += n / same.all * fabs(bits);
            e.d.bits[x][y] = (float)(round(bits * 256) / 256);
        }
    return e;
}

static void dependences_find(const Train *t, LinkModel *model)
{
    Edge   edges[ASPECT__COUNT * ASPECT__COUNT];
    size_t count = 0, tree[ASPECT__COUNT];
    for (size_t a = 0; a < ASPECT__COUNT; a++)
        for (size_t b = a + 1; b < ASPECT__COUNT; b++)
            edges[count++] = edge_of(t, model, a, b);
    qsort(edges, count, sizeof *edges, by_worth);
    for (size_t f = 0; f < ASPECT__COUNT; f++)
        tree[f] = f;
    model->dependence_count = 0;
    for (size_t i = 0; i < count && edges[i].worth >= WORTH_BITS; i++) {
        size_t a = tree[edges[i].d.a], b = tree[edges[i].d.b];
        if (a == b)
            continue;
        for (size_t f = 0; f < ASPECT__COUNT; f++)
            tree[f] = tree[f] == b ? a : tree[f];
        model->dependences[model->dependence_count++] = edges[i].d;
    }
}

/* ---- without the truth */

static bool blind_train(Train *t, Err *err)
{
    CLEANUP(link_plan_done) LinkPlan plan = { 0 };
    LinkRunOptions run = { .threads = t->options->threads, .seed = t->options->seed };
    LinkLimits     limits = link_limits_default(t->count);
    limits.threads = t->options->threads;
    plan = link_plan_make(t->columns, &t->prior, false, limits, t->options->seed);
    return link_model_train(t->columns, &plan, &t->prior, &run, &t->blind, err);
}

static Json *blind_json(const Train *t, const LinkModel *model)
{
    Json       *j = json_new_object();
    const Json *report = t->blind.report;
    double      most = 0;
    char        where[96] = "";
    for (size_t f = 0; f < ASPECT__COUNT; f++)
        for (size_t l = 1; l < link_kind_specs[model->comparisons[f].kind].level_count; l++) {
            const LinkLevelFit *a = &model->comparisons[f].levels[l], *b = &t->blind.comparisons[f].levels[l];
            double apart = fabs(log2(a->m / b->m));
            if (a->m_pairs < LEVEL_SEEN || b->m_pairs < LEVEL_SEEN || apart <= most)
                continue;
            most = apart;
            snprintf(where, sizeof where, "%s: %s", model->comparisons[f].name,
                     link_kind_specs[model->comparisons[f].kind].levels[l].key);
        }
    json_set_int(j, "rounds", json_int(report, "rounds", 0));
    json_set_bool(j, "settled", json_bool(report, "settled", false));
    json_set(j, "last_change_bits", json_new_real(six_digits(json_number(report, "last_change_bits", 0))));
    json_set(j, "m_most_bits_from_the_count", json_new_real(six_digits(most)));
    json_set_text(j, "m_most_at", where);
    return j;
}

/* ---- the report */

static Json *report_json(Train *t, const LinkModel *model)
{
    Json *j = json_new_object();
    json_set_text(j, "made_by", "muster link train: made-up people, data/link/spoiling.csv and made.csv");
    json_set_int(j, "people", (int64_t)t->options->people);
    json_set_int(j, "records", (int64_t)t->count);
    json_set_int(j, "pairs_of_one_person", (int64_t)t->same.all);
    json_set_int(j, "pairs_of_strangers", (int64_t)t->strangers.all);
    json_set(j, "set_by_hand_counts_as", json_new_real(SUPPOSED));
    json_set_int(j, "most_bits", MODEL_BITS_MOST);
    json_set(j, "not_estimated", json_keep(t->not_seen));
    json_set(j, "weighed_as_the_level_before", json_keep(t->pooled));
    json_set(j, "capped", json_keep(t->capped));
    json_set(j, "without_the_truth", blind_json(t, model));
    return j;
}

static void model_make(Train *t, LinkModel *model)
{
    *model = t->prior;
    model->report = NULL;
    model->seed = t->options->seed;
    snprintf(model->name, sizeof model->name, "%s", t->options->name);
    for (size_t f = 0; f < ASPECT__COUNT; f++)
        comparison_fit(t, f, &model->comparisons[f]);
    dependences_find(t, model);
    model->report = report_json(t, model);
}

bool train_model(Arena *mem, const TrainOptions *options, LinkModel *model, Err *err)
{
    Train *t = arena_new(mem, Train, 1);
    *t = (Train){ .options = options, .mem = mem, .not_seen = json_new_list(), .capped = json_new_list(),
                  .pooled = json_new_list() };
    bool ok = rows_make(t, err);
    if (ok) {
        link_model_by_hand(t->columns, &t->prior);
        pairs_count(t);
        ok = blind_train(t, err);
    }
    if (ok)
        model_make(t, model);
    json_done(&t->not_seen);
    json_done(&t->capped);
    json_done(&t->pooled);
    link_model_done(&t->blind);
    profile_tools_done(t->tools);
    return ok || err_while(err, "training the model that ships");
}
