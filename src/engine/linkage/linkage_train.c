/* Training in three steps.
 *   1. u from all pairs of rows drawn at random (of a small file: of all rows). A few of them are one person:
 * they are taken out again, since step 2 treats the draw as a mixture too.
 *   2. m by expectation and maximisation over several passes at once, one a blocking rule. Within a pass, the
 *      fields the rule fixes say nothing and are left out; m is shared by all passes, the share of true pairs
 *      is each pass's own. The prior counts as a few pairs, so that a level no pair shows stays sensible.
 *   3. The share of true pairs among all pairs, from the patterns of the united rules.
 * Everything runs over pattern counts, sorted, so that sums are the same whatever the threads. */
#include "engine/linkage/linkage_run.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "engine/linkage/linkage_draw.h"
#include "engine/linkage/linkage_sweep.h"

enum { ROUNDS_MAX = 25, DRAWN_ROWS = 1200, PASS_PAIRS_ALL = 400000, PASSES_MAX = LINK_RULES_MAX + 1 };
static const double PRIOR_M_PAIRS = 12, PRIOR_U_PAIRS = 3, SETTLED = 2e-3,
                    RECORDS_MOST = 30, STEADY_M = 40, STEADY_U = 20, TIED = 1e-3;

typedef struct Pass {
    char              words[120];
    uint32_t          fixed;              /* bit a field that the rule fixes */
    LinkPatternCount *patterns;           /* every pair of the rule */
    size_t            count;
    LinkPatternCount *firsts;             /* those no earlier rule finds */
    size_t            first_count;
    double            scale;              /* pairs each counted pair stands for */
    double            true_share;
    double            pairs;
    double           *same;               /* one a pattern: how likely it is one person, last time */
} Pass;

typedef struct Training {
    const LinkColumns    *c;
    const LinkPlan       *plan;
    const LinkModel      *prior;
    const LinkRunOptions *options;
    LinkModel            *model;
    Arena                 mem;
    Pass                  passes[PASSES_MAX];   /* [0] is the random draw */
    size_t                pass_count;
    double                all_pairs;
    size_t                rounds;
    double                moved;
} Training;

/* ---- the random draw */

static void pass_ready(Training *t, Pass *p)
{
    p->same = arena_new(&t->mem, double, p->count + 1);
    for (size_t i = 0; i < p->count; i++)
        p->pairs += (double)p->patterns[i].pairs;
}

static size_t rows_drawn(const Training *t, uint32_t rows[DRAWN_ROWS])
{
    const LinkBlocks *b = t->plan->blocks;
    if (b->drawn_count < DRAWN_ROWS || b->drawn_seed != t->options->seed)
        return link_draw(t->c, t->options->seed, DRAWN_ROWS, rows);
    memcpy(rows, b->drawn, DRAWN_ROWS * sizeof *rows);      /* the lowest come first */
    return DRAWN_ROWS;
}

static int by_row(const void *x, const void *y)
{
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    return (a > b) - (a < b);
}

/* The rows drawn are one block of one rule, so that they are compared as blocks are. */
static LinkPlan drawn_plan(const Training *t, Arena *mem)
{
    LinkPlan        plan = { .across_only = t->plan->across_only, .rule_count = 1 };
    LinkRuleBlocks *r;
    plan.blocks = arena_new(mem, LinkBlocks, 1);
    plan.blocks->rows = link_columns_rows(t->c);
    plan.blocks->rule_count = 1;
    plan.blocks->numbers = arena_new(mem, uint32_t, LINK_RULES_MAX);      /* no rule was before: all rows' */
    r = &plan.blocks->rules[0];
    r->rows = arena_new(mem, uint32_t, DRAWN_ROWS);
    r->starts = arena_new(mem, uint32_t, 2);
    r->row_count = rows_drawn(t, r->rows);
    if (r->row_count)
        qsort(r->rows, r->row_count, sizeof *r->rows, by_row);
    r->starts[1] = (uint32_t)r->row_count;
    r->block_count = r->row_count > 1;
    r->pairs = r->row_count * (r->row_count - r->block_count) / 2;
    return plan;
}

static bool draw(Training *t, Err *err)
{
    Arena     scratch = { 0 };
    LinkSwept swept;
    LinkPlan  plan = drawn_plan(t, &scratch);
    LinkSweep s = { .c = t->c, .plan = &plan, .rule_to = 1, .threads = t->options->threads };
    Pass     *p = &t->passes[t->pass_count++];
    bool      ok = link_sweep(&s, &scratch, &swept, err);
    if (ok) {
        snprintf(p->words, sizeof p->words, "drawn at random");
        p->patterns = link_pattern_list(&swept.first, &t->mem, &p->count);
        pass_ready(t, p);
        p->scale = p->pairs > 0 ? t->all_pairs / p->pairs : 1;
    }
    arena_done(&scratch);
    return ok;
}

/* ---- the passes */

/* A key fixes its field; one on both names fixes both. */
static uint32_t fixed_by(const Training *t, const LinkKey *key)
{
    uint32_t fixed = 1u << key->field;
    for (size_t f = 0; f < t->model->comparison_count; f++)
        if (key->lens == LENS_NAMES && t->model->comparisons[f].kind == LINK_FAMILY)
            fixed |= 1u << f;
    return fixed;
}

static bool pass_sweep(Training *t, const LinkPlan *plan, size_t rule, size_t passes, Err *err)
{
    Arena      scratch = { 0 };
    LinkSwept  swept;
    LinkSweep  s = { .c = t->c, .plan = plan, .rule_from = rule, .rule_to = rule + 1, .by_rule = true,
                     .sample_pairs = PASS_PAIRS_ALL / passes, .seed = t->options->seed,
                     .threads = t->options->threads };
    const LinkRule *r = &plan->rules[rule];
    Pass           *p = &t->passes[t->pass_count];
    bool ok = link_sweep(&s, &scratch, &swept, err);
    if (ok && swept.seen_pairs) {
        p->firsts = link_pattern_list(&swept.first, &t->mem, &p->first_count);
        link_pattern_merge(&swept.repeats, &swept.first);
        p->patterns = link_pattern_list(&swept.repeats, &t->mem, &p->count);
        for (size_t k = 0; k < r->key_count; k++)
            p->fixed |= fixed_by(t, &r->keys[k]);
        p->scale = (double)r->pairs / (double)swept.seen_pairs;
        snprintf(p->words, sizeof p->words, "%s", link_rule_words(&scratch, r, t->c));
        pass_ready(t, p);
        t->pass_count++;
    }
    arena_done(&scratch);
    return ok;
}

static bool passes_make(Training *t, Err *err)
{
    CLEANUP(link_plan_done) LinkPlan own = { 0 };
    const LinkPlan *plan = t->plan;
    if (plan->rule_count == 1 && !plan->rules[0].key_count) {      /* every pair: training needs blocks */
        LinkLimits limits = plan->limits;
        limits.all_pairs = 0;
        own = link_plan_make(t->c, t->prior, plan->across_only, limits, t->options->seed);
        plan = &own;
    }
    for (size_t rule = 0; rule < plan->rule_count; rule++)
        if (!plan->rules[rule].refused && !pass_sweep(t, plan, rule, plan->rule_count, err))
            return false;
    return true;
}

/* ---- expectation and maximisation */

typedef struct Sums { double m[LINK_FIELDS_MAX][LINK_LEVELS_MAX], u[LINK_FIELDS_MAX][LINK_LEVELS_MAX]; } Sums;

static double pattern_bits(const LinkModel *model, uint64_t pattern, uint32_t fixed)
{
    double bits = 0;
    for (size_t f = 0; f < model->comparison_count; f++) {
        unsigned l = link_pattern_level(pattern, f);
        if (l && !(fixed >> f & 1))
            bits += model->comparisons[f].levels[l].weight_bits;
    }
    for (size_t i = 0; i < model->dependence_count; i++)
        if (!((fixed >> model->dependences[i].a | fixed >> model->dependences[i].b) & 1))
            bits += link_overlap_bits(&model->dependences[i], pattern);
    return bits;
}

static double odds_bits(double share)
{
    return log2(share / (1 - share));
}

/* No more pairs of a pass are one person's than if every person had RECORDS_MOST records: else a class of
 * people who are merely alike (one name, one town) can take the place of the class of one person. */
static double most_share(const Pass *p, double rows)
{
    double pairs = p->pairs * p->scale, most = pairs > 0 ? rows * RECORDS_MOST / 2 / pairs : 0.5;
    return fmin(0.9999, most);
}

/* One pass: adds what its pairs say about m and, for the draw, u. */
static void expect(const LinkModel *model, Pass *p, double most, Sums *sums)
{
    double matches = 0, prior = odds_bits(p->true_share);
    for (size_t i = 0; i < p->count; i++) {
        const LinkPatternCount *c = &p->patterns[i];
        p->same[i] = link_bits_to_probability(prior + pattern_bits(model, c->pattern, p->fixed));
        matches += p->same[i] * (double)c->pairs;
    }
    double share = matches / p->pairs, less = share > most ? most / share : 1;
    for (size_t i = 0; i < p->count; i++) {
        double n = (double)p->patterns[i].pairs, same = p->same[i] * less;
        for (size_t f = 0; f < model->comparison_count; f++) {
            unsigned l = link_pattern_level(p->patterns[i].pattern, f);
            if (!l || (p->fixed >> f & 1))
                continue;
            sums->u[f][l] += (1 - same) * n;
            sums->m[f][l] += same * n * p->scale;
        }
    }
    p->true_share = fmax(1e-9, fmin(share, most));
}

static void refit(LinkComparison *k, const LinkComparison *prior, const double *counts, double prior_pairs,
                  bool of_m)
{
    size_t n = link_kind_specs[k->kind].level_count;
    double all = 0, prior_all = 0;
    for (size_t l = 1; l < n; l++) {
        all += counts[l];
        prior_all += of_m ? prior->levels[l].m : prior->levels[l].u;
    }
    for (size_t l = 1; l < n; l++) {
        double before = (of_m ? prior->levels[l].m : prior->levels[l].u) / prior_all;
        double now = (counts[l] + prior_pairs * before) / (all + prior_pairs);
        *(of_m ? &k->levels[l].m : &k->levels[l].u) = now;
        *(of_m ? &k->levels[l].m_pairs : &k->levels[l].u_pairs) = counts[l];
    }
}

/* A level that neither side showed keeps the prior's weight, whatever is left over for it; and what differs
 * never speaks for one person. */
static double weight_of(const LinkLevelFit *fit, const LinkLevelFit *prior, size_t level)
{
    bool   unseen = fit->m_pairs < 1 && fit->u_pairs < 1;
    double bits = unseen ? log2(prior->m / prior->u) : log2(fit->m / fit->u);
    return level == LINK_LEVEL_DIFFERS ? fmin(bits, 0) : bits;
}

static double reweigh(LinkModel *model, const LinkModel *prior)
{
    double moved = 0;
    for (size_t f = 0; f < model->comparison_count; f++)
        for (size_t l = 1; l < link_kind_specs[model->comparisons[f].kind].level_count; l++) {
            LinkLevelFit *fit = &model->comparisons[f].levels[l];
            double        was = fit->weight_bits;
            fit->weight_bits = weight_of(fit, &prior->comparisons[f].levels[l], l);
            moved = fmax(moved, fabs(was - fit->weight_bits));
        }
    return moved;
}

/* Passes that find many times the pairs of others would drown them: a field's m is the mean over the passes
 * that leave it free, each weighed by the root of what it found. */
static void round_once(Training *t)
{
    static const Sums none;
    Sums u = none, m = none;
    for (size_t i = 0; i < t->pass_count; i++) {
        Sums one = none;
        expect(t->model, &t->passes[i], most_share(&t->passes[i], (double)link_columns_rows(t->c)), &one);
        for (size_t f = 0; f < t->model->comparison_count; f++) {
            double found = 0;
            for (size_t l = 1; l < LINK_LEVELS_MAX; l++)
                found += one.m[f][l];
            for (size_t l = 1; l < LINK_LEVELS_MAX; l++) {
                u.u[f][l] += i == 0 ? one.u[f][l] : 0;
                m.m[f][l] += i > 0 && found > 0 ? one.m[f][l] / sqrt(found) : 0;
            }
        }
    }
    for (size_t f = 0; f < t->model->comparison_count; f++) {
        refit(&t->model->comparisons[f], &t->prior->comparisons[f], m.m[f], PRIOR_M_PAIRS, true);
        refit(&t->model->comparisons[f], &t->prior->comparisons[f], u.u[f], PRIOR_U_PAIRS, false);
    }
    t->moved = reweigh(t->model, t->prior);
}

/* ---- comparisons that go together */

typedef struct Joint {
    double m[LINK_LEVELS_MAX][LINK_LEVELS_MAX], u[LINK_LEVELS_MAX][LINK_LEVELS_MAX];
} Joint;

static void joint_add(const Pass *p, bool drawn, size_t a, size_t b, Joint *joint)
{
    Joint  one = { 0 };
    double found = 0;
    if ((p->fixed >> a | p->fixed >> b) & 1)
        return;
    for (size_t i = 0; i < p->count; i++) {
        uint64_t pattern = p->patterns[i].pattern;
        unsigned x = link_pattern_level(pattern, a), y = link_pattern_level(pattern, b);
        double   n = (double)p->patterns[i].pairs;
        if (!x || !y)
            continue;
        double same = p->same[i];
        one.m[x][y] += same * n * p->scale;
        found += same * n * p->scale;
        if (drawn)
            joint->u[x][y] += (1 - same) * n;
    }
    for (size_t x = 0; !drawn && found > 0 && x < LINK_LEVELS_MAX; x++)
        for (size_t y = 0; y < LINK_LEVELS_MAX; y++)
            joint->m[x][y] += one.m[x][y] / sqrt(found);
}

/* How far a table is from independence, in bits a pair; `bits` gets each cell's log2 of joint / product. The
 * product counts as `steady` pairs, so that cells that no pair shows say nothing. */
static double lift_of(double counts[LINK_LEVELS_MAX][LINK_LEVELS_MAX], double steady,
                      double bits[LINK_LEVELS_MAX][LINK_LEVELS_MAX])
{
    double all = 0, row[LINK_LEVELS_MAX] = { 0 }, column[LINK_LEVELS_MAX] = { 0 }, information = 0;
    for (size_t x = 1; x < LINK_LEVELS_MAX; x++)
        for (size_t y = 1; y < LINK_LEVELS_MAX; y++) {
            row[x] += counts[x][y];
            column[y] += counts[x][y];
            all += counts[x][y];
        }
    for (size_t x = 1; x < LINK_LEVELS_MAX; x++)
        for (size_t y = 1; y < LINK_LEVELS_MAX; y++) {
            double expected = all > 0 ? row[x] * column[y] / all : 0;
            bits[x][y] = log2((counts[x][y] + steady) / (expected + steady));
            if (counts[x][y] > 0 && expected > 0)
                information += counts[x][y] / all * log2(counts[x][y] / expected);
        }
    return information;
}

typedef struct Edge { double information; LinkDependence d; } Edge;

static int by_information(const void *x, const void *y)
{
    const Edge *a = x, *b = y;
    if (a->information != b->information)
        return (a->information < b->information) - (a->information > b->information);
    return (a->d.a * LINK_FIELDS_MAX + a->d.b) - (b->d.a * LINK_FIELDS_MAX + b->d.b);
}

static Edge edge_of(Training *t, size_t a, size_t b, bool fitted)
{
    Joint  joint = { 0 };
    double m[LINK_LEVELS_MAX][LINK_LEVELS_MAX], u[LINK_LEVELS_MAX][LINK_LEVELS_MAX];
    Edge   e = { .d = { .a = (uint8_t)a, .b = (uint8_t)b } };
    for (size_t i = 0; i < (fitted ? t->pass_count : 1); i++)
        joint_add(&t->passes[i], i == 0, a, b, &joint);
    (void)lift_of(joint.m, STEADY_M, m);
    e.information = lift_of(joint.u, STEADY_U, u);
    for (size_t x = 1; x < LINK_LEVELS_MAX; x++)
        for (size_t y = 1; y < LINK_LEVELS_MAX; y++)
            e.d.bits[x][y] = (float)fmax(-12, fmin(12, (fitted ? m[x][y] : 0) - u[x][y]));
    return e;
}

/* A forest of the strongest ties among strangers (Chow and Liu 1968): what each pair of levels shares is
 * then told once. */
static void find_dependences(Training *t, bool fitted)
{
    size_t n = t->model->comparison_count, count = 0, tree[LINK_FIELDS_MAX];
    Edge  *edges = arena_new(&t->mem, Edge, n * n + 1);
    for (size_t a = 0; a < n; a++)
        for (size_t b = a + 1; b < n; b++)
            edges[count++] = edge_of(t, a, b, fitted);
    qsort(edges, count, sizeof *edges, by_information);
    for (size_t f = 0; f < n; f++)
        tree[f] = f;
    t->model->dependence_count = 0;
    for (size_t i = 0; i < count && edges[i].information >= TIED; i++) {
        size_t a = tree[edges[i].d.a], b = tree[edges[i].d.b];
        if (a == b)
            continue;
        for (size_t f = 0; f < n; f++)
            tree[f] = tree[f] == b ? a : tree[f];
        t->model->dependences[t->model->dependence_count++] = edges[i].d;
    }
}

static void settle(Training *t)
{
    for (size_t round = 0; round == 0 || (round < ROUNDS_MAX && t->moved >= SETTLED); round++, t->rounds++)
        round_once(t);
}

/* ---- the share of true pairs among all */

static void find_match_share(Training *t)
{
    double share = 1 / (double)(link_columns_rows(t->c) + 2);
    for (size_t round = 0; round < 30; round++) {
        double matches = 0;
        for (size_t i = 1; i < t->pass_count; i++) {
            const Pass *p = &t->passes[i];
            for (size_t j = 0; j < p->first_count; j++)
                matches += p->scale * (double)p->firsts[j].pairs *
                           link_bits_to_probability(odds_bits(share) +
                                                    pattern_bits(t->model, p->firsts[j].pattern, 0));
        }
        double next = (matches + 1) / (t->all_pairs + 2);
        if (fabs(next - share) < share * 1e-3)
            break;
        share = next;
    }
    t->model->match_share = share > 0.3 ? 0.3 : share;
}

/* ---- the report */

static Json *passes_json(const Training *t)
{
    Json *list = json_new_list();
    for (size_t i = 0; i < t->pass_count; i++) {
        const Pass *p = &t->passes[i];
        Json       *one = json_new_object();
        json_set_text(one, "pass", p->words);
        json_set(one, "pairs", json_new_real(p->pairs));
        json_set(one, "stands_for", json_new_real(p->pairs * p->scale));
        json_set(one, "true_share", json_new_real(p->true_share));
        json_push(list, one);
    }
    return list;
}

static Json *report_json(const Training *t)
{
    Json *j = json_new_object(), *not_estimated = json_new_list();
    for (size_t f = 0; f < t->model->comparison_count; f++) {
        const LinkComparison *k = &t->model->comparisons[f];
        for (size_t l = 1; l < link_kind_specs[k->kind].level_count; l++) {
            char words[96];
            snprintf(words, sizeof words, "%s: %s", k->name, link_kind_specs[k->kind].levels[l].key);
            if (k->levels[l].m_pairs < 1 || k->levels[l].u_pairs < 1)
                json_push(not_estimated, json_new_text(words));
        }
    }
    json_set_int(j, "rounds", (int64_t)t->rounds);
    json_set(j, "last_change_bits", json_new_real(t->moved));
    json_set_bool(j, "settled", t->moved < SETTLED);
    json_set(j, "passes", passes_json(t));
    json_set(j, "not_estimated", not_estimated);
    json_set_int(j, "rows", (int64_t)link_columns_rows(t->c));
    return j;
}

static double all_pairs(const LinkColumns *c, bool across_only)
{
    double         n = (double)link_columns_rows(c), of[256] = { 0 }, all = n * (n - 1) / 2;
    const uint8_t *sources = link_columns_sources(c);
    for (size_t row = 0; across_only && row < link_columns_rows(c); row++)
        of[sources[row]]++;
    for (size_t s = 0; s < 256; s++)
        all -= of[s] * (of[s] - 1) / 2 * (of[s] > 0);
    return all > 1 ? all : 1;
}

static void begin(Training *t)
{
    *t->model = *t->prior;
    t->model->report = NULL;
    t->model->dependence_count = 0;
    t->model->seed = t->options->seed;
    t->all_pairs = all_pairs(t->c, t->plan->across_only);
    for (size_t i = 0; i < PASSES_MAX; i++)
        t->passes[i].true_share = 0.2;
    t->passes[0].true_share = fmin(0.1, 1 / ((double)link_columns_rows(t->c) + 2));
    reweigh(t->model, t->prior);
}

bool link_model_train(const LinkColumns *c, const LinkPlan *plan, const LinkModel *prior,
                      const LinkRunOptions *options, LinkModel *model, Err *err)
{
    Training t = { .c = c, .plan = plan, .prior = prior, .options = options, .model = model };
    begin(&t);
    bool ok = draw(&t, err) && passes_make(&t, err);
    /* Ties are told first from strangers alone, lest what is said twice carry the fit away; then, twice, from
     * what is settled. */
    for (size_t i = 0; ok && i < 3; i++) {
        find_dependences(&t, i > 0);
        settle(&t);
    }
    if (ok) {
        find_match_share(&t);
        model->report = report_json(&t);
    }
    arena_done(&t.mem);
    return ok || err_while(err, "training the linkage model");
}
