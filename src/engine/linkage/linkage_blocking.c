/* Planning by trial: a thousand imagined pairs of one person are drawn (which fields both have, how alike the
 * values are), and rules are taken greedily, each the one that finds most pairs not yet found for what it
 * costs. Costs are measured on a sample of rows. So a plan fits whatever fields there are. */
#include "engine/linkage/linkage_blocking.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/rng.h"
#include "engine/linkage/linkage_blocks.h"
#include "engine/linkage/linkage_draw.h"
#include "engine/linkage/linkage_model.h"
#include "engine/linkage/linkage_values.h"

enum { IMAGINED = 4096, SAMPLE_ROWS = 4096, KEYS_MAX = 48, CHOICES_MAX = 4096, TALLIES = 1 << 13 };

/* Of a big table, a rule must find one in a hundred of the true pairs for each pair a row that it costs.
 */
static const double LEAST_FOUND = 0.01, FIXED_MOST = 0.25;

LinkLimits link_limits_default(size_t rows)
{
    double   n = (double)rows;
    uint64_t rule = (uint64_t)(n * 100);
    return (LinkLimits){ .rule_pairs = rule > 20000000 ? rule : 20000000,
                         .block_rows = rows > 100000 ? 600 : 2000,
                         .all_pairs = 13000000,
                         .pairs_per_row = rows > 100000 ? 20 : 400,
                         .least_found = rows > 100000 ? LEAST_FOUND : 0,
                         .threads = 1 };
}

/* ---- lenses worth trying, by kind, with the chance that they agree where the values are not equal */

typedef struct LensRow {
    LinkKind kind;
    LinkLens lens;
    double   at_level[LINK_LEVELS_MAX];      /* from "differs" (at 1) up; exact always agrees */
    int      part;                           /* 0: may stand alone or with any; 1: only beside others */
} LensRow;

static const LensRow lenses[] = {
    { LINK_GIVEN, LENS_EXACT, { 0 }, 0 },
    { LINK_GIVEN, LENS_NICK, { 0, 0, 0, 0, 0, .8, .1 }, 0 },
    { LINK_GIVEN, LENS_SOUND, { 0, .01, .1, .05, .6, .3, .5 }, 0 },
    { LINK_GIVEN, LENS_START, { 0, .01, .2, .1, .3, .5, .75 }, 1 },
    { LINK_GIVEN, LENS_NAMES, { 0, 0, 0, 0, 0, 0, 0, 0, 1 }, 0 },
    { LINK_FAMILY, LENS_EXACT, { 0 }, 0 },
    { LINK_FAMILY, LENS_SOUND, { 0, .01, .1, .05, .6, .3, .5 }, 0 },
    { LINK_FAMILY, LENS_START, { 0, .01, .2, .1, .3, .5, .75 }, 1 },
    { LINK_NAME, LENS_EXACT, { 0 }, 0 },
    { LINK_NAME, LENS_WORD, { 0, 0, .3, .3, .6, .3 }, 0 },
    { LINK_NAME, LENS_WORD2, { 0, 0, .3, .3, .5, .3 }, 0 },
    { LINK_NAME, LENS_START, { 0, .01, .3, .4, .6, .7 }, 1 },
    { LINK_DATE, LENS_EXACT, { 0 }, 0 },
    { LINK_DATE, LENS_PART0, { 0, 0, .8, .6, .6, .75, 1 }, 1 },
    { LINK_DATE, LENS_MONTH_DAY, { 0, 0, 0, .05, .4, .4, 0 }, 1 },
    { LINK_PLACE, LENS_EXACT, { 0 }, 1 },
    { LINK_PLACE, LENS_START, { 0, .01, .4, .3, .75 }, 1 },
    { LINK_POSTCODE, LENS_EXACT, { 0 }, 0 },
    { LINK_POSTCODE, LENS_PART0, { 0, 0, 0, 0, 0, 1, 1, .6 }, 1 },
    { LINK_ADDRESS, LENS_EXACT, { 0 }, 0 },
    { LINK_ADDRESS, LENS_WORD, { 0, 0, .3, .7, .7 }, 0 },
    { LINK_ADDRESS, LENS_WORD2, { 0, 0, .2, .5, .6 }, 0 },
    { LINK_ADDRESS, LENS_SOUND, { 0, .01, .3, .6, 1 }, 1 },
    { LINK_EMAIL, LENS_EXACT, { 0 }, 0 },
    { LINK_EMAIL, LENS_PART0, { 0, 0, 0, 0, 1, .5 }, 0 },
    { LINK_EMAIL, LENS_START, { 0, 0, .7, 1, 1, .8 }, 1 },
    { LINK_PHONE, LENS_EXACT, { 0 }, 0 },
    { LINK_PHONE, LENS_PART0, { 0, 0, .1, 1 }, 0 },
    { LINK_NUMBER, LENS_EXACT, { 0 }, 0 },
    { LINK_NUMBER, LENS_START, { 0, 0, .4, .6 }, 1 },
    { LINK_WORDS, LENS_EXACT, { 0 }, 1 },
    { LINK_CODE, LENS_EXACT, { 0 }, 1 },
    { LINK_TOKEN, LENS_EXACT, { 0 }, 0 },
    { LINK_HANDLE, LENS_EXACT, { 0 }, 0 },
    { LINK_HANDLE, LENS_PART2, { 0, 0, .2, .7 }, 0 },
    { LINK_YEAR, LENS_EXACT, { 0 }, 1 },
};

typedef struct Try {
    LinkKey        key;
    const LensRow *row;
    uint64_t       finds[IMAGINED / 64];     /* bit a pair: do the two agree? */
    uint64_t      *seen;                     /* one a sample row */
} Try;

typedef struct Choice {
    uint8_t  tries[LINK_RULE_KEYS];
    uint8_t  count;
    double   cost;                           /* pairs, for all rows */
} Choice;

typedef struct Planning {
    const LinkColumns *c;
    const LinkModel   *prior;
    LinkLimits         limits;
    Arena              mem;
    Rng                rng;
    uint32_t           sample[SAMPLE_ROWS];
    size_t             sample_count;
    uint16_t           halves[IMAGINED][2];  /* the sample rows that an imagined pair takes its gaps from */
    Try                tries[KEYS_MAX];
    size_t             try_count;
    Choice             choices[CHOICES_MAX];
    size_t             choice_count;
    uint32_t           counts;
} Planning;

/* ---- imagined pairs */

/* Which fields a record lacks goes together, so both halves are copies of real rows' gaps. */
static void imagine(Planning *p, uint8_t levels[IMAGINED][LINK_FIELDS_MAX])
{
    const LinkField *fields;
    size_t           n = link_columns_fields(p->c, &fields);
    for (size_t i = 0; i < IMAGINED; i++) {
        for (size_t half = 0; half < 2; half++)
            p->halves[i][half] = (uint16_t)rng_below(&p->rng, p->sample_count);
        const uint32_t *a = link_columns_row(p->c, p->sample[p->halves[i][0]]);
        const uint32_t *b = link_columns_row(p->c, p->sample[p->halves[i][1]]);
        double          care = exp2(rng_unit(&p->rng) * 4 - 1);      /* errors come together, too */
        for (size_t f = 0; f < n; f++) {
            const LinkKindSpec *spec = &link_kind_specs[fields[f].kind];
            const LinkLevelFit *fit = p->prior ? p->prior->comparisons[f].levels : NULL;
            double              left = pow(rng_unit(&p->rng), 1 / care);
            size_t              l = spec->level_count - 1;
            for (; l > 1; l--) {
                left -= fit ? fit[l].m : spec->levels[l].m;
                if (left < 0)
                    break;
            }
            levels[i][f] = a[f] && b[f] ? (uint8_t)l : LINK_LEVEL_BLANK;
        }
    }
}

/* A value that both have may still show a lens nothing: few addresses have a second word. */
static bool both_seen(const Planning *p, const Try *t, size_t pair)
{
    return t->seen[p->halves[pair][0]] && t->seen[p->halves[pair][1]];
}

static void try_add(Planning *p, size_t field, const LensRow *row, uint8_t levels[IMAGINED][LINK_FIELDS_MAX])
{
    Try   *t = &p->tries[p->try_count++];
    size_t exact = link_kind_specs[row->kind].level_count - 1;
    *t = (Try){ .key = { (uint8_t)field, (uint8_t)row->lens }, .row = row };
    t->seen = arena_new(&p->mem, uint64_t, p->sample_count + 1);
    for (size_t i = 0; i < p->sample_count; i++)
        t->seen[i] = link_key_see(p->c, t->key, link_columns_row(p->c, p->sample[i]));
    for (size_t i = 0; i < IMAGINED; i++) {
        uint8_t l = levels[i][field];
        double  chance = l == exact && row->lens != LENS_NAMES ? 1 : row->at_level[l];
        if (l && rng_unit(&p->rng) < chance && both_seen(p, t, i))
            t->finds[i / 64] |= (uint64_t)1 << (i % 64);
    }
}

static void tries_make(Planning *p)
{
    const LinkField *fields;
    size_t           n = link_columns_fields(p->c, &fields);
    uint8_t(*levels)[LINK_FIELDS_MAX] = arena_alloc(&p->mem, IMAGINED, LINK_FIELDS_MAX, 1);
    imagine(p, levels);
    for (size_t f = 0; f < n; f++)
        FOR_EACH(row, lenses)
            if (row->kind == fields[f].kind && p->try_count < KEYS_MAX)
                try_add(p, f, row, levels);
}

/* ---- what a rule costs */

typedef struct Tally { uint64_t number; uint32_t rows, of; } Tally;

/* Pairs in the sample, blown up to all rows. `of` tells this count from the last, so nothing is cleared. */
static double cost_of(Planning *p, const Choice *choice, Tally *table)
{
    double   pairs = 0, scale = (double)link_columns_rows(p->c) / (double)p->sample_count;
    uint32_t of = ++p->counts;
    for (size_t i = 0; i < p->sample_count; i++) {
        uint64_t h = 1;
        for (size_t k = 0; h && k < choice->count; k++) {
            uint64_t seen = p->tries[choice->tries[k]].seen[i];
            h = seen ? link_mix(h, seen) : 0;
        }
        size_t at = (size_t)h & (TALLIES - 1);
        while (h && table[at].of == of && table[at].number != h)
            at = (at + 1) & (TALLIES - 1);
        if (!h)
            continue;
        if (table[at].of != of)
            table[at] = (Tally){ h, 0, of };
        pairs += table[at].rows++;
    }
    return pairs * scale * scale;
}

static void choices_make(Planning *p)
{
    Tally *table = arena_new(&p->mem, Tally, TALLIES);
    double most = p->limits.rule_pairs ? (double)p->limits.rule_pairs : INFINITY;
    for (size_t i = 0; i < p->try_count; i++) {
        Choice one = { .tries = { (uint8_t)i }, .count = 1 };
        if (p->tries[i].row->part)
            continue;
        one.cost = cost_of(p, &one, table);
        if (one.cost <= most)
            p->choices[p->choice_count++] = one;
    }
    Choice dear[KEYS_MAX * KEYS_MAX];
    size_t dear_count = 0;
    for (size_t i = 0; i < p->try_count; i++)
        for (size_t j = i + 1; j < p->try_count && p->choice_count < CHOICES_MAX; j++) {
            if (p->tries[i].key.field == p->tries[j].key.field)
                continue;
            Choice two = { .tries = { (uint8_t)i, (uint8_t)j }, .count = 2 };
            two.cost = cost_of(p, &two, table);
            if (two.cost <= most / 4)
                p->choices[p->choice_count++] = two;
            if (two.cost > most / 40)
                dear[dear_count++] = two;
        }
    /* A third key only where two are too dear. */
    for (size_t d = 0; d < dear_count; d++)
        for (size_t j = dear[d].tries[1] + 1u; j < p->try_count && p->choice_count < CHOICES_MAX; j++) {
            size_t f = p->tries[j].key.field;
            if (f == p->tries[dear[d].tries[0]].key.field || f == p->tries[dear[d].tries[1]].key.field)
                continue;
            Choice three = { .tries = { dear[d].tries[0], dear[d].tries[1], (uint8_t)j }, .count = 3 };
            three.cost = cost_of(p, &three, table);
            if (three.cost <= most / 4)
                p->choices[p->choice_count++] = three;
        }
}

/* ---- choosing */

static unsigned newly_found(const Planning *p, const Choice *choice, const uint64_t *found)
{
    unsigned n = 0;
    for (size_t w = 0; w < IMAGINED / 64; w++) {
        uint64_t finds = ~found[w];
        for (size_t k = 0; k < choice->count; k++)
            finds &= p->tries[choice->tries[k]].finds[w];
        n += (unsigned)__builtin_popcountll(finds);
    }
    return n;
}

static void rule_take(Planning *p, LinkPlan *plan, const Choice *choice, uint64_t *found)
{
    LinkRule *rule = &plan->rules[plan->rule_count++];
    *rule = (LinkRule){ .key_count = choice->count };
    for (size_t k = 0; k < choice->count; k++)
        rule->keys[k] = p->tries[choice->tries[k]].key;
    for (size_t w = 0; w < IMAGINED / 64; w++) {
        uint64_t finds = UINT64_MAX;
        for (size_t k = 0; k < choice->count; k++)
            finds &= p->tries[choice->tries[k]].finds[w];
        found[w] |= finds;
    }
}

/* The fixed part of a rule's price is its fair part of the budget: a rule is not better for being cheap when
 * the budget is there to be spent. Where it need not be (least_found), it is what handling a rule costs. */
static void choose(Planning *p, LinkPlan *plan, size_t rules_max)
{
    uint64_t found[IMAGINED / 64] = { 0 };
    double   rows = (double)link_columns_rows(p->c), budget = p->limits.pairs_per_row * rows;
    double   least = p->limits.least_found * IMAGINED / rows;
    double fixed =
        least > 0 ? fmin(budget / (double)rules_max, FIXED_MOST * rows) : budget / (double)rules_max;
    while (plan->rule_count < rules_max) {
        const Choice *best = NULL;
        double        best_worth = 0;
        for (size_t i = 0; i < p->choice_count; i++) {
            const Choice *choice = &p->choices[i];
            unsigned      n = newly_found(p, choice, found);
            double        worth = n / (choice->cost + fixed);
            if (n > 1 && choice->cost <= budget && worth > best_worth) {
                best_worth = worth;
                best = choice;
            }
        }
        if (!best || best_worth < least)
            return;
        budget -= best->cost;
        rule_take(p, plan, best, found);
    }
}

static uint64_t pairs_in_all(const LinkColumns *c, bool across_only)
{
    uint64_t       n = link_columns_rows(c), all = n ? n * (n - 1) / 2 : 0, of[256] = { 0 };
    const uint8_t *sources = link_columns_sources(c);
    if (!across_only)
        return all;
    for (size_t row = 0; row < n; row++)
        of[sources[row]]++;
    for (size_t s = 0; s < 256; s++)
        all -= of[s] ? of[s] * (of[s] - 1) / 2 : 0;
    return all;
}

static void plan_by_trial(Planning *p, LinkPlan *plan, uint64_t seed)
{
    p->rng = rng_seed(seed);
    p->sample_count = link_draw(p->c, seed, SAMPLE_ROWS, p->sample);
    tries_make(p);
    choices_make(p);
    choose(p, plan, 16);
}

static void keep_drawn(LinkBlocks *b, const Planning *p, uint64_t seed)
{
    b->drawn = arena_new(&b->mem, uint32_t, p->sample_count + 1);
    memcpy(b->drawn, p->sample, p->sample_count * sizeof *b->drawn);
    b->drawn_count = p->sample_count;
    b->drawn_seed = seed;
}

LinkPlan link_plan_make(const LinkColumns *c, const LinkModel *prior, bool across_only, LinkLimits limits,
                        uint64_t seed)
{
    LinkPlan plan = { .across_only = across_only };
    if (pairs_in_all(c, across_only) <= limits.all_pairs) {
        plan.rule_count = 1;      /* a rule without keys */
        link_plan_count(&plan, c, limits);
        return plan;
    }
    Arena     mem = { 0 };
    Planning *p = arena_new(&mem, Planning, 1);
    p->c = c;
    p->prior = prior;
    p->limits = limits;
    plan_by_trial(p, &plan, seed);
    link_plan_count(&plan, c, limits);
    keep_drawn(plan.blocks, p, seed);
    arena_done(&p->mem);
    arena_done(&mem);
    return plan;
}

void link_plan_count(LinkPlan *plan, const LinkColumns *c, LinkLimits limits)
{
    link_blocks_done(plan->blocks);
    plan->limits = limits;
    plan->blocks = link_blocks_make(plan, c, limits);
}

void link_plan_done(LinkPlan *plan)
{
    link_blocks_done(plan->blocks);
    plan->blocks = NULL;
}
