/* linkage_blocks.h: rows sorted into the blocks of a plan's rules.
 *
 * Every row has one number a rule, its block's; 0 where a key is blank. Two rows are a candidate pair of a
 * rule when their numbers are equal and not 0, so "was this pair given by an earlier rule" is a compare. A
 * number is 32 bits of a hash: the numbers of sixteen rules are one cache line, and two blocks that chance to
 * share one are one block, here as in the live index: a few strangers more are compared. */
#pragma once
#include "engine/linkage/linkage_blocking.h"

typedef struct LinkRuleBlocks {
    uint32_t *rows;               /* block after block, ascending in each */
    uint32_t *starts;             /* block_count + 1 places in `rows`; blocks of one row are left out */
    uint32_t *numbers;            /* one a block */
    size_t    row_count, block_count;
    uint64_t  pairs;
    uint32_t *split;              /* numbers of the blocks that were split, sorted */
    size_t    split_count, split_cap;
} LinkRuleBlocks;

struct LinkBlocks {
    Arena           mem, own[LINK_RULES_MAX];     /* one a rule: threads share none */
    size_t          rows, rule_count, stride;
    uint32_t       *numbers;      /* `stride` a row */
    LinkRuleBlocks  rules[LINK_RULES_MAX];
    LinkKey         further[LINK_RULES_MAX][LINK_FURTHER_KEYS];
    size_t          further_count[LINK_RULES_MAX];
    uint32_t       *drawn;        /* what link_draw gave to planning, so that training need not draw again */
    size_t          drawn_count;
    uint64_t        drawn_seed;
};

static inline const uint32_t *link_blocks_row(const LinkBlocks *b, uint32_t row)
{
    return b->numbers + (size_t)row * b->stride;
}

/* Whether one of the rules before `rule` gives the pair with these numbers. */
static inline bool link_found_before(const uint32_t *x, const uint32_t *y, size_t rule)
{
    uint32_t hit = 0;
    for (size_t r = 0; r < rule; r++)
        hit |= (uint32_t)(x[r] == y[r]) & (uint32_t)(x[r] != 0);
    return hit;
}

/* What a key sees of a row's codes; 0 is blank. */
uint64_t link_key_see(const LinkColumns *c, LinkKey key, const uint32_t *codes);
/* The number of the block that a rule puts these codes into, splits included. */
uint32_t link_block_number(const LinkPlan *plan, const LinkBlocks *b, size_t rule, const LinkColumns *c,
                           const uint32_t *codes);
/* The keys by which big blocks of a rule are split: fields that it does not use. */
size_t   link_rule_further(const LinkRule *rule, const LinkColumns *c, LinkKey further[LINK_FURTHER_KEYS]);
LinkBlocks *link_blocks_make(LinkPlan *plan, const LinkColumns *c, LinkLimits limits);
void     link_blocks_done(LinkBlocks *b);         /* accepts NULL */

static inline uint64_t link_mix(uint64_t a, uint64_t b)
{
    uint64_t h = (a ^ (b + 0x9e3779b97f4a7c15u + (a << 6) + (a >> 2))) * 0xff51afd7ed558ccdu;
    h ^= h >> 32;
    h *= 0xc4ceb9fe1a85ec53u;
    h ^= h >> 29;
    return h ? h : 1;
}
