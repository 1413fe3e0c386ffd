/* One chain of rows a bucket a rule, newest first. A row's block numbers are kept beside, so that walking a
 * chain tells chance neighbours apart, and a pair that two rules give is given once. */
#include "engine/linkage/linkage_index.h"
#include <stdlib.h>
#include <string.h>
#include "base/map.h"
#include "engine/linkage/linkage_blocks.h"
#include "engine/linkage/linkage_weigh.h"

enum { NONE = 0 };        /* rows are kept plus one */

struct LinkIndex {
    const LinkColumns *c;
    const LinkModel   *model;
    LinkPlan           plan;
    size_t             stride, rows, cap;
    Pages              numbers;       /* uint32_t, `stride` a row */
    Pages              next;          /* uint32_t, `stride` a row */
    Pages              heads;         /* uint32_t, bucket_count a rule */
    size_t             bucket_count;
};

static uint32_t *numbers_of(const LinkIndex *x, uint32_t row)
{
    return (uint32_t *)(void *)x->numbers.at + (size_t)row * x->stride;
}

static uint32_t *next_of(const LinkIndex *x, uint32_t row)
{
    return (uint32_t *)(void *)x->next.at + (size_t)row * x->stride;
}

static uint32_t *head_of(const LinkIndex *x, size_t rule, uint32_t number)
{
    return (uint32_t *)(void *)x->heads.at + rule * x->bucket_count + (number & (x->bucket_count - 1));
}

static void pages_widen(Pages *p, size_t used, size_t wanted)
{
    Pages wider = pages_new(wanted);
    if (used)
        memcpy(wider.at, p->at, used);
    pages_done(p);
    *p = wider;
}

static void link_row(LinkIndex *x, uint32_t row)
{
    const uint32_t *numbers = numbers_of(x, row);
    for (size_t r = 0; r < x->stride; r++) {
        if (!numbers[r])
            continue;
        uint32_t *head = head_of(x, r, numbers[r]);
        next_of(x, row)[r] = *head;
        *head = row + 1;
    }
}

/* Buckets grow with the rows, so that chains hold little but their own block. */
static void widen(LinkIndex *x, size_t cap)
{
    pages_widen(&x->numbers, x->rows * x->stride * sizeof(uint32_t), cap * x->stride * sizeof(uint32_t));
    pages_widen(&x->next, 0, cap * x->stride * sizeof(uint32_t));
    pages_done(&x->heads);
    for (x->bucket_count = 1024; x->bucket_count < cap; x->bucket_count *= 2)
        ;
    x->heads = pages_new(x->bucket_count * x->stride * sizeof(uint32_t));
    x->cap = cap;
    for (size_t row = 0; row < x->rows; row++)
        link_row(x, (uint32_t)row);
}

static void numbers_make(const LinkIndex *x, uint32_t row, uint32_t *numbers)
{
    const uint32_t *codes = link_columns_row(x->c, row);
    for (size_t r = 0; r < x->plan.rule_count; r++)
        numbers[r] = link_block_number(&x->plan, x->plan.blocks, r, x->c, codes);
}

LinkIndex *link_index_new(Arena *mem, const LinkColumns *c, const LinkModel *model, const LinkPlan *plan)
{
    LinkIndex *x = arena_new(mem, LinkIndex, 1);
    size_t     rows = link_columns_rows(c);
    *x = (LinkIndex){
        .c = c, .model = model, .plan = *plan, .stride = plan->rule_count ? plan->rule_count : 1
    };
    widen(x, rows + rows / 4 + 1024);
    for (size_t row = 0; row < rows; row++)
        link_index_add(x, (uint32_t)row);
    return x;
}

void link_index_add(LinkIndex *x, uint32_t row)
{
    if (row == x->cap)
        widen(x, x->cap * 2);
    uint32_t *numbers = numbers_of(x, row);
    if (row < x->plan.blocks->rows)
        memcpy(numbers, link_blocks_row(x->plan.blocks, row), x->plan.rule_count * sizeof *numbers);
    else
        numbers_make(x, row, numbers);
    x->rows = (size_t)row + 1;
    link_row(x, row);
}

typedef struct Finding {
    const LinkIndex *x;
    LinkComparer     comparer;
    uint32_t         row;
    uint32_t         numbers[LINK_RULES_MAX];
    double           keep_bits;
    Arena           *mem;
    LinkPair        *pairs;
    size_t           count, cap;
} Finding;

static void weigh(Finding *f, uint32_t other)
{
    const LinkColumns *c = f->x->c;
    const uint32_t    *a = link_columns_row(c, f->row), *b = link_columns_row(c, other);
    uint64_t           pattern = link_pattern(&f->comparer, a, b);
    double             bits = link_weigh(f->x->model, &f->comparer, NULL, pattern, a, b);
    if (bits < f->keep_bits)
        return;
    LinkPair *pair = arena_push(f->mem, f->pairs, f->count, f->cap);
    *pair = (LinkPair){ f->row < other ? f->row : other, f->row < other ? other : f->row, (float)bits };
}

static void walk(Finding *f, size_t rule)
{
    const LinkIndex *x = f->x;
    const uint8_t   *sources = link_columns_sources(x->c);
    uint32_t         number = f->numbers[rule];
    for (uint32_t at = number ? *head_of(x, rule, number) : NONE; at != NONE; at = next_of(x, at - 1)[rule]) {
        uint32_t        other = at - 1;
        const uint32_t *theirs = numbers_of(x, other);
        if (theirs[rule] != number || other == f->row ||
            (x->plan.across_only && sources[other] == sources[f->row]) ||
            link_found_before(f->numbers, theirs, rule))
            continue;
        weigh(f, other);
    }
}

static int best_first(const void *p, const void *q)
{
    const LinkPair *a = p, *b = q;
    if (a->weight_bits != b->weight_bits)
        return (a->weight_bits < b->weight_bits) - (a->weight_bits > b->weight_bits);
    return a->a != b->a ? (a->a > b->a) - (a->a < b->a) : (a->b > b->b) - (a->b < b->b);
}

void link_index_find(const LinkIndex *x, uint32_t row, double keep_bits, Arena *mem, LinkPair **pairs,
                     size_t *count)
{
    Finding f = { .x = x,
                  .comparer = link_comparer(x->c, (LinkMemo){ 0 }),
                  .row = row,
                  .keep_bits = keep_bits,
                  .mem = mem };
    if (row < x->rows)
        memcpy(f.numbers, numbers_of(x, row), x->plan.rule_count * sizeof *f.numbers);
    else
        numbers_make(x, row, f.numbers);
    for (size_t rule = 0; rule < x->plan.rule_count; rule++)
        walk(&f, rule);
    if (f.count)
        qsort(f.pairs, f.count, sizeof *f.pairs, best_first);
    *pairs = f.pairs;
    *count = f.count;
}

void link_index_done(LinkIndex *x)
{
    if (!x)
        return;
    pages_done(&x->numbers);
    pages_done(&x->next);
    pages_done(&x->heads);
}
