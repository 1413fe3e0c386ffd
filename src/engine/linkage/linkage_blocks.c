#include "engine/linkage/linkage_blocks.h"
#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include "base/map.h"

typedef struct Entry { uint64_t number; uint32_t row; } Entry;

/* ---- sorting: by the upper 44 bits in four passes, then the few that tie */

enum { RADIX_BITS = 11, RADIX = 1 << RADIX_BITS, PASSES = 4, RADIX_FROM = 64 - RADIX_BITS * PASSES };

static int by_number(const void *x, const void *y)
{
    const Entry *a = x, *b = y;
    return a->number != b->number ? (a->number > b->number) - (a->number < b->number)
                                  : (a->row > b->row) - (a->row < b->row);
}

static void sort_ties(Entry *e, size_t n)
{
    for (size_t i = 0; i < n;) {
        size_t end = i + 1;
        bool   mixed = false;
        for (; end < n && e[end].number >> RADIX_FROM == e[i].number >> RADIX_FROM; end++)
            mixed |= e[end].number != e[i].number;
        if (mixed)
            qsort(e + i, end - i, sizeof *e, by_number);
        i = end;
    }
}

static void sort_entries(Entry *e, Entry *spare, size_t n)
{
    if (n < 2048) {
        qsort(e, n, sizeof *e, by_number);
        return;
    }
    for (unsigned pass = 0; pass < PASSES; pass++) {
        unsigned shift = RADIX_FROM + pass * RADIX_BITS;
        size_t   at[RADIX] = { 0 };
        for (size_t i = 0; i < n; i++)
            at[e[i].number >> shift & (RADIX - 1)]++;
        for (size_t b = 0, sum = 0; b < RADIX; b++) {
            size_t here = at[b];
            at[b] = sum;
            sum += here;
        }
        for (size_t i = 0; i < n; i++)
            spare[at[e[i].number >> shift & (RADIX - 1)]++] = e[i];
        Entry *was = e;
        e = spare;
        spare = was;
    }
    sort_ties(e, n);      /* an even number of passes: sorted where it began */
}

/* ---- numbers */

static uint64_t number_of(const LinkRule *rule, uint64_t *const *lens_of, const LinkColumns *c, size_t index,
                          const uint32_t *codes)
{
    uint64_t h = link_mix(index, 0x9d);
    for (size_t k = 0; k < rule->key_count; k++) {
        LinkKey  key = rule->keys[k];
        uint64_t seen = lens_of && lens_of[k] && codes[key.field] ? lens_of[k][codes[key.field]]
                                                                  : link_key_see(c, key, codes);
        if (!seen)
            return 0;
        h = link_mix(h, seen);
    }
    return h;
}

static bool was_split(const LinkRuleBlocks *r, uint64_t number)
{
    size_t low = 0, high = r->split_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (r->split[middle] < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < r->split_count && r->split[low] == number;
}

/* Rows blank in the further key stay together: they are compared with each other only. */
static uint64_t split_number(uint64_t number, const LinkColumns *c, LinkKey key, const uint32_t *codes)
{
    return link_mix(number, link_key_see(c, key, codes) + 1);
}

uint64_t link_block_number(const LinkPlan *plan, const LinkBlocks *b, size_t rule, const LinkColumns *c,
                           const uint32_t *codes)
{
    if (plan->rules[rule].refused)
        return 0;
    uint64_t h = number_of(&plan->rules[rule], NULL, c, rule, codes);
    for (size_t i = 0; h && i < b->further_count[rule] && was_split(&b->rules[rule], h); i++)
        h = split_number(h, c, b->further[rule][i], codes);
    return h;
}

/* ---- one rule */

typedef struct Making {
    LinkPlan          *plan;
    const LinkColumns *c;
    LinkBlocks        *b;
    LinkLimits         limits;
    size_t             index;
    Arena             *mem;       /* of the rule: threads do not share one */
    Entry             *entries, *spare;
    size_t             count, starts_cap;
    uint32_t           biggest_row;
} Making;

static uint64_t pairs_in(const Making *m, const Entry *e, size_t n)
{
    uint64_t all = (uint64_t)n * (n - 1) / 2;
    if (!m->plan->across_only)
        return all;
    const uint8_t *sources = link_columns_sources(m->c);
    uint64_t       of[256] = { 0 };
    for (size_t i = 0; i < n; i++)
        of[sources[e[i].row]]++;
    for (size_t s = 0; s < 256; s++)
        all -= of[s] ? of[s] * (of[s] - 1) / 2 : 0;
    return all;
}

static void keep_block(Making *m, const Entry *e, size_t n)
{
    LinkRuleBlocks *r = &m->b->rules[m->index];
    LinkRule       *rule = &m->plan->rules[m->index];
    uint64_t        pairs = pairs_in(m, e, n);
    if (!pairs)
        return;
    uint32_t *start = arena_push(m->mem, r->starts, r->block_count, m->starts_cap);
    *start = (uint32_t)r->row_count;
    for (size_t i = 0; i < n; i++)
        r->rows[r->row_count++] = e[i].row;
    r->pairs += pairs;
    if (n > rule->biggest_block) {
        rule->biggest_block = (uint32_t)n;
        rule->refused_pairs = pairs;
        m->biggest_row = e[0].row;
    }
}

static void keep_or_split(Making *m, Entry *e, size_t n, size_t depth)
{
    LinkRuleBlocks *r = &m->b->rules[m->index];
    if (!m->limits.block_rows || n <= m->limits.block_rows || depth >= m->b->further_count[m->index]) {
        keep_block(m, e, n);
        return;
    }
    uint64_t *split = arena_push(m->mem, r->split, r->split_count, r->split_cap);
    *split = e[0].number;
    m->plan->rules[m->index].blocks_split++;
    for (size_t i = 0; i < n; i++) {
        e[i].number = split_number(e[i].number, m->c, m->b->further[m->index][depth],
                                   link_columns_row(m->c, e[i].row));
        m->b->numbers[(size_t)e[i].row * m->b->stride + m->index] = e[i].number;
    }
    sort_entries(e, m->spare, n);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && e[end].number == e[i].number; end++)
            ;
        if (end - i > 1)
            keep_or_split(m, e + i, end - i, depth + 1);
    }
}

/* The key's view of every value at once: dictionaries are far smaller than columns. */
static void lens_tables(Making *m, uint64_t *lens_of[LINK_RULE_KEYS], Arena *scratch)
{
    const LinkRule *rule = &m->plan->rules[m->index];
    for (size_t k = 0; k < rule->key_count; k++) {
        LinkKey  key = rule->keys[k];
        uint32_t codes[LINK_FIELDS_MAX] = { 0 };
        size_t   n = link_columns_values(m->c, key.field);
        lens_of[k] = NULL;
        if (key.lens == LENS_NAMES || n > m->b->rows)
            continue;
        lens_of[k] = arena_new(scratch, uint64_t, n + 1);
        for (size_t code = 1; code < n; code++) {
            codes[key.field] = (uint32_t)code;
            lens_of[k][code] = link_key_see(m->c, key, codes);
        }
    }
}

static void fill_entries(Making *m, Arena *scratch)
{
    uint64_t *lens_of[LINK_RULE_KEYS];
    lens_tables(m, lens_of, scratch);
    for (size_t row = 0; row < m->b->rows; row++) {
        uint64_t h = number_of(&m->plan->rules[m->index], lens_of, m->c, m->index,
                               link_columns_row(m->c, (uint32_t)row));
        m->b->numbers[row * m->b->stride + m->index] = h;
        if (h)
            m->entries[m->count++] = (Entry){ h, (uint32_t)row };
    }
    sort_entries(m->entries, m->spare, m->count);
}

static int by_value(const void *x, const void *y)
{
    uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
    return (a > b) - (a < b);
}

static void refuse(Making *m)
{
    LinkRule *rule = &m->plan->rules[m->index];
    StrBuf    buf = { .mem = m->mem };
    rule->refused = true;
    for (size_t k = 0; k < rule->key_count; k++) {
        Str text = link_columns_text(m->c, rule->keys[k].field, m->biggest_row);
        buf_add(&buf, k ? " + " : "");
        buf_add_n(&buf, text.at, text.len);
    }
    snprintf(rule->refused_value, sizeof rule->refused_value, "%s", buf_text(&buf));
    m->b->rules[m->index].block_count = m->b->rules[m->index].row_count = 0;
    for (size_t row = 0; row < m->b->rows; row++)
        m->b->numbers[row * m->b->stride + m->index] = 0;
}

static void make_rule(Making *m)
{
    Arena           scratch = { 0 };
    LinkRule       *rule = &m->plan->rules[m->index];
    LinkRuleBlocks *r = &m->b->rules[m->index];
    rule->pairs = rule->biggest_block = rule->blocks_split = 0;
    rule->refused = false;
    fill_entries(m, &scratch);
    r->rows = arena_new(m->mem, uint32_t, m->count + 1);
    for (size_t i = 0, end; i < m->count; i = end) {
        for (end = i + 1; end < m->count && m->entries[end].number == m->entries[i].number; end++)
            ;
        if (end - i > 1)
            keep_or_split(m, m->entries + i, end - i, rule->key_count ? 0 : LINK_FURTHER_KEYS);
    }
    uint32_t *last = arena_push(m->mem, r->starts, r->block_count, m->starts_cap);
    *last = (uint32_t)r->row_count;
    r->block_count--;
    if (r->split_count)
        qsort(r->split, r->split_count, sizeof *r->split, by_value);
    rule->pairs = r->pairs;
    if (m->limits.rule_pairs && r->pairs > m->limits.rule_pairs && rule->key_count)
        refuse(m);
    arena_done(&scratch);
}

/* ---- all rules, a thread taking the next */

typedef struct Team {
    Making       *makings;
    size_t        count;
    atomic_size_t next;
} Team;

static void *team_work(void *ctx)
{
    Team  *t = ctx;
    size_t rows = t->makings[0].b->rows + 1;
    Pages  pages = pages_new(2 * rows * sizeof(Entry));      /* once a thread: fresh pages are dear */
    Entry *entries = (Entry *)(void *)pages.at;
    for (size_t i; (i = atomic_fetch_add(&t->next, 1)) < t->count;) {
        t->makings[i].entries = entries;
        t->makings[i].spare = entries + rows;
        make_rule(&t->makings[i]);
    }
    pages_done(&pages);
    return NULL;
}

void link_blocks_done(LinkBlocks *b)
{
    if (!b)
        return;
    for (size_t i = 0; i < LINK_RULES_MAX; i++)
        arena_done(&b->own[i]);
    Arena mem = b->mem;      /* it holds `b` itself */
    arena_done(&mem);
}

/* Numbers of a row begin with a cache line where they fill one. */
static size_t stride_of(size_t rules)
{
    return rules > 4 ? (rules + 7) / 8 * 8 : rules > 2 ? 4 : rules ? rules : 1;
}

LinkBlocks *link_blocks_make(LinkPlan *plan, const LinkColumns *c, LinkLimits limits)
{
    Arena       mem = { 0 };
    LinkBlocks *b = arena_new(&mem, LinkBlocks, 1);
    b->rows = link_columns_rows(c);
    b->rule_count = plan->rule_count;
    b->stride = stride_of(plan->rule_count);
    b->numbers = arena_alloc(&mem, b->rows * b->stride + 1, sizeof *b->numbers, 64);
    b->mem = mem;
    Making makings[LINK_RULES_MAX];
    for (size_t i = 0; i < plan->rule_count; i++) {
        b->further_count[i] = link_rule_further(&plan->rules[i], c, b->further[i]);
        makings[i] = (Making){ plan, c, b, limits, i, &b->own[i], NULL, NULL, 0, 0, 0 };
    }
    Team      team = { .makings = makings, .count = plan->rule_count };
    pthread_t helpers[16];
    unsigned  started = 0;
    while (started + 1 < limits.threads && started < COUNT_OF(helpers) &&
           pthread_create(&helpers[started], NULL, team_work, &team) == 0)
        started++;
    team_work(&team);
    for (unsigned i = 0; i < started; i++)
        pthread_join(helpers[i], NULL);
    return b;
}

bool link_rule_holds(const LinkPlan *plan, size_t rule, const LinkColumns *c, uint32_t a, uint32_t b)
{
    assert(plan->blocks);
    const uint8_t *sources = link_columns_sources(c);
    if (a == b || (plan->across_only && sources[a] == sources[b]))
        return false;
    uint64_t x = link_blocks_row(plan->blocks, a)[rule];
    return x && x == link_blocks_row(plan->blocks, b)[rule];
}
