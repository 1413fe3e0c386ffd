#include "engine/linkage/linkage_blocks.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/map.h"
#include "engine/linkage/linkage_sort.h"
#include "engine/linkage/linkage_team.h"

/* A row and its block's number above it, so that entries sort as numbers do and rows of a block ascend. */
typedef uint64_t Entry;

static inline Entry entry_of(uint32_t number, size_t row)
{
    return (uint64_t)number << 32 | row;
}

static inline uint32_t entry_number(Entry e)
{
    return (uint32_t)(e >> 32);
}

static inline uint32_t entry_row(Entry e)
{
    return (uint32_t)e;
}

/* By number; rows of one number stay as they were. */
static void sort_entries(Entry *e, Entry *spare, size_t n)
{
    link_sort_bits(e, spare, n, 32, 32);
}

/* ---- numbers */

static inline uint32_t number_from(uint64_t hash)
{
    uint32_t number = (uint32_t)(hash >> 32);
    return number ? number : 1;
}

/* What keys see is mixed already: one round each is enough. */
static inline uint64_t hash_add(uint64_t hash, uint64_t seen)
{
    hash = (hash ^ seen) * 0xff51afd7ed558ccdu;
    return hash ^ hash >> 32;
}

static uint64_t hash_begin(size_t rule)
{
    return link_mix(rule, 0x9d);
}

static uint32_t number_of(const LinkRule *rule, const LinkColumns *c, size_t index, const uint32_t *codes)
{
    uint64_t h = hash_begin(index);
    for (size_t k = 0; k < rule->key_count; k++) {
        uint64_t seen = link_key_see(c, rule->keys[k], codes);
        if (!seen)
            return 0;
        h = hash_add(h, seen);
    }
    return number_from(h);
}

static bool was_split(const LinkRuleBlocks *r, uint32_t number)
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
static uint32_t split_number(uint32_t number, const LinkColumns *c, LinkKey key, const uint32_t *codes)
{
    return number_from(link_mix(number, link_key_see(c, key, codes) + 1));
}

uint32_t link_block_number(const LinkPlan *plan, const LinkBlocks *b, size_t rule, const LinkColumns *c,
                           const uint32_t *codes)
{
    if (plan->rules[rule].refused)
        return 0;
    uint32_t number = number_of(&plan->rules[rule], c, rule, codes);
    for (size_t i = 0; number && i < b->further_count[rule] && was_split(&b->rules[rule], number); i++)
        number = split_number(number, c, b->further[rule][i], codes);
    return number;
}

/* ---- the numbers of all rows
 *
 * Rules share keys, and dictionaries are far smaller than columns: what each key sees of every value is found
 * once, then rows are gone through once, some at a time, all rules together. */

enum { TILE_ROWS = 256, PART_ROWS = 64 * TILE_ROWS, KEYS_MAX = LINK_RULES_MAX * LINK_RULE_KEYS };

typedef struct KeyView {
    LinkKey   key;
    uint64_t *of_code;        /* NULL: seen row by row */
} KeyView;

typedef struct Numbering {
    const LinkPlan    *plan;
    const LinkColumns *c;
    LinkBlocks        *b;
    KeyView            views[KEYS_MAX];
    size_t             view_count;
    uint8_t            view_of[LINK_RULES_MAX][LINK_RULE_KEYS];
    uint64_t         (*seen)[KEYS_MAX][TILE_ROWS];        /* one a worker */
} Numbering;

static uint8_t view_for(Numbering *n, LinkKey key)
{
    for (size_t i = 0; i < n->view_count; i++)
        if (n->views[i].key.field == key.field && n->views[i].key.lens == key.lens)
            return (uint8_t)i;
    n->views[n->view_count] = (KeyView){ .key = key };
    return (uint8_t)n->view_count++;
}

static void views_find(Numbering *n, Arena *mem)
{
    for (size_t r = 0; r < n->plan->rule_count; r++)
        for (size_t k = 0; k < n->plan->rules[r].key_count; k++)
            n->view_of[r][k] = view_for(n, n->plan->rules[r].keys[k]);
    for (size_t i = 0; i < n->view_count; i++) {
        size_t values = link_columns_values(n->c, n->views[i].key.field);
        if (n->views[i].key.lens != LENS_NAMES && values <= n->b->rows)
            n->views[i].of_code = arena_new(mem, uint64_t, values + 1);
    }
}

static bool view_fill(void *ctx, unsigned worker, size_t index)
{
    const Numbering *n = ctx;
    const KeyView   *v = &n->views[index];
    uint32_t         codes[LINK_FIELDS_MAX] = { 0 };
    size_t           values = v->of_code ? link_columns_values(n->c, v->key.field) : 0;
    (void)worker;
    for (size_t code = 1; code < values; code++) {
        codes[v->key.field] = (uint32_t)code;
        v->of_code[code] = link_key_see(n->c, v->key, codes);
    }
    return true;
}

static void tile_see(const Numbering *n, const KeyView *v, size_t from, size_t rows, uint64_t *seen)
{
    for (size_t i = 0; i < rows; i++) {
        const uint32_t *codes = link_columns_row(n->c, (uint32_t)(from + i));
        uint32_t        code = codes[v->key.field];
        seen[i] = v->of_code && code ? v->of_code[code] : link_key_see(n->c, v->key, codes);
    }
}

static void tile_number(const Numbering *n, size_t rule, size_t from, size_t rows,
                        uint64_t (*seen)[TILE_ROWS])
{
    const LinkRule *r = &n->plan->rules[rule];
    uint64_t        begin = hash_begin(rule);
    for (size_t i = 0; i < rows; i++) {
        uint64_t h = begin;
        bool     blank = false;
        for (size_t k = 0; k < r->key_count; k++) {
            uint64_t one = seen[n->view_of[rule][k]][i];
            blank |= !one;
            h = hash_add(h, one);
        }
        n->b->numbers[(from + i) * n->b->stride + rule] = blank ? 0 : number_from(h);
    }
}

static bool part_number(void *ctx, unsigned worker, size_t index)
{
    Numbering *n = ctx;
    size_t     end = n->b->rows - index * PART_ROWS < PART_ROWS ? n->b->rows : (index + 1) * PART_ROWS;
    for (size_t from = index * PART_ROWS; from < end; from += TILE_ROWS) {
        size_t rows = end - from < TILE_ROWS ? end - from : TILE_ROWS;
        for (size_t i = 0; i < n->view_count; i++)
            tile_see(n, &n->views[i], from, rows, n->seen[worker][i]);
        for (size_t rule = 0; rule < n->plan->rule_count; rule++)
            tile_number(n, rule, from, rows, n->seen[worker]);
    }
    return true;
}

static void numbers_make(const LinkPlan *plan, const LinkColumns *c, LinkBlocks *b, unsigned threads)
{
    Arena      mem = { 0 };
    Numbering *n = arena_new(&mem, Numbering, 1);
    n->plan = plan;
    n->c = c;
    n->b = b;
    n->seen = arena_alloc(&mem, link_team_size(threads), sizeof *n->seen, 64);
    views_find(n, &mem);
    link_team(threads, n->view_count, view_fill, n);
    link_team(threads, (b->rows + PART_ROWS - 1) / PART_ROWS, part_number, n);
    arena_done(&mem);
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
    size_t             count;
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
        of[sources[entry_row(e[i])]]++;
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
    r->numbers[r->block_count] = entry_number(e[0]);
    r->starts[r->block_count++] = (uint32_t)r->row_count;
    for (size_t i = 0; i < n; i++)
        r->rows[r->row_count++] = entry_row(e[i]);
    r->pairs += pairs;
    if (n > rule->biggest_block) {
        rule->biggest_block = (uint32_t)n;
        rule->refused_pairs = pairs;
        m->biggest_row = entry_row(e[0]);
    }
}

static void keep_or_split(Making *m, Entry *e, size_t n, size_t depth)
{
    LinkRuleBlocks *r = &m->b->rules[m->index];
    if (!m->limits.block_rows || n <= m->limits.block_rows || depth >= m->b->further_count[m->index]) {
        keep_block(m, e, n);
        return;
    }
    uint32_t *split = arena_push(m->mem, r->split, r->split_count, r->split_cap);
    *split = entry_number(e[0]);
    m->plan->rules[m->index].blocks_split++;
    for (size_t i = 0; i < n; i++) {
        uint32_t row = entry_row(e[i]), number = split_number(entry_number(e[i]), m->c,
                                                              m->b->further[m->index][depth],
                                                              link_columns_row(m->c, row));
        e[i] = entry_of(number, row);
        m->b->numbers[(size_t)row * m->b->stride + m->index] = number;
    }
    sort_entries(e, m->spare, n);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && entry_number(e[end]) == entry_number(e[i]); end++)
            ;
        if (end - i > 1)
            keep_or_split(m, e + i, end - i, depth + 1);
    }
}

static void fill_entries(Making *m)
{
    for (size_t row = 0; row < m->b->rows; row++) {
        uint32_t number = link_blocks_row(m->b, (uint32_t)row)[m->index];
        if (number)
            m->entries[m->count++] = entry_of(number, row);
    }
    sort_entries(m->entries, m->spare, m->count);
}

static int by_value(const void *x, const void *y)
{
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
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
    LinkRule       *rule = &m->plan->rules[m->index];
    LinkRuleBlocks *r = &m->b->rules[m->index];
    rule->pairs = rule->biggest_block = rule->blocks_split = 0;
    rule->refused = false;
    fill_entries(m);
    r->rows = arena_new(m->mem, uint32_t, m->count + 1);
    r->starts = arena_new(m->mem, uint32_t, m->count / 2 + 2);
    r->numbers = arena_new(m->mem, uint32_t, m->count / 2 + 2);
    for (size_t i = 0, end; i < m->count; i = end) {
        for (end = i + 1; end < m->count && entry_number(m->entries[end]) == entry_number(m->entries[i]);
             end++)
            ;
        if (end - i > 1)
            keep_or_split(m, m->entries + i, end - i, rule->key_count ? 0 : LINK_FURTHER_KEYS);
    }
    r->starts[r->block_count] = (uint32_t)r->row_count;
    if (r->split_count)
        qsort(r->split, r->split_count, sizeof *r->split, by_value);
    rule->pairs = r->pairs;
    if (m->limits.rule_pairs && r->pairs > m->limits.rule_pairs && rule->key_count)
        refuse(m);
}

/* ---- all rules */

typedef struct AllRules {
    Making  makings[LINK_RULES_MAX];
    Pages   pages[LINK_THREADS_MAX];      /* one a worker: fresh pages are dear */
} AllRules;

static bool rule_work(void *ctx, unsigned worker, size_t index)
{
    AllRules *all = ctx;
    Making   *m = &all->makings[index];
    size_t    rows = m->b->rows + 1;
    if (!all->pages[worker].at)
        all->pages[worker] = pages_new(2 * rows * sizeof(Entry));
    m->entries = (Entry *)(void *)all->pages[worker].at;
    m->spare = m->entries + rows;
    make_rule(m);
    return true;
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
    size_t stride = 1;
    while (stride < rules)
        stride *= 2;
    return stride;
}

LinkBlocks *link_blocks_make(LinkPlan *plan, const LinkColumns *c, LinkLimits limits)
{
    Arena       mem = { 0 }, scratch = { 0 };
    LinkBlocks *b = arena_new(&mem, LinkBlocks, 1);
    b->rows = link_columns_rows(c);
    b->rule_count = plan->rule_count;
    b->stride = stride_of(plan->rule_count);
    b->numbers = arena_alloc(&mem, b->rows * b->stride + 1, sizeof *b->numbers, 64);
    b->mem = mem;
    numbers_make(plan, c, b, limits.threads);
    AllRules *all = arena_new(&scratch, AllRules, 1);
    for (size_t i = 0; i < plan->rule_count; i++) {
        b->further_count[i] = link_rule_further(&plan->rules[i], c, b->further[i]);
        all->makings[i] = (Making){ plan, c, b, limits, i, &b->own[i], NULL, NULL, 0, 0 };
    }
    link_team(limits.threads, plan->rule_count, rule_work, all);
    for (size_t i = 0; i < LINK_THREADS_MAX; i++)
        pages_done(&all->pages[i]);
    arena_done(&scratch);
    return b;
}

bool link_rule_holds(const LinkPlan *plan, size_t rule, const LinkColumns *c, uint32_t a, uint32_t b)
{
    assert(plan->blocks);
    const uint8_t *sources = link_columns_sources(c);
    if (a == b || (plan->across_only && sources[a] == sources[b]))
        return false;
    uint32_t x = link_blocks_row(plan->blocks, a)[rule];
    return x && x == link_blocks_row(plan->blocks, b)[rule];
}
