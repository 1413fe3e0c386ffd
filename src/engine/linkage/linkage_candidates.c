#include "engine/linkage/linkage_candidates.h"
#include <string.h>
#include "base/map.h"
#include "engine/linkage/linkage_sort.h"
#include "engine/linkage/linkage_team.h"

/* A pair as one number: the lower row less its bucket's first, the higher row, the rule. */
typedef uint64_t Packed;
enum {
    RULE_BITS = 5,
    BUCKET_ROWS_BITS = 11,
    BUCKET_PAIRS = 1 << 14,
    DEALT_A_RULE = 4 << 20,
    DEALT_MOST = 32 << 20
};
_Static_assert(32 + BUCKET_ROWS_BITS <= LINK_SORT_BITS_MAX, "a pair can be sorted");
_Static_assert(LINK_RULES_MAX <= 1 << RULE_BITS, "a rule fits its bits");

struct LinkCandidates {
    Arena           mem;
    const LinkPlan *plan;
    const uint8_t  *sources;          /* NULL: pairs within a source, too */
    size_t          rule_from, rule_to, rules;
    unsigned        threads, shift, row_bits;         /* a bucket has 1 << shift rows */
    size_t          bucket_count, next;
    uint64_t       *counts;           /* bucket after bucket: one a rule */
    uint64_t       *places;           /* of the buckets dealt: where each rule's pairs go in `dealt` */
    size_t          first, dealt_count;
    Pages           dealt;            /* Packed */
    uint64_t        all, at_once;
    size_t          room;             /* pairs of the fullest bucket */
};

static const LinkRuleBlocks *blocks_of(const LinkCandidates *x, size_t i)
{
    return &x->plan->blocks->rules[x->rule_from + i];
}

static bool apart(const LinkCandidates *x, uint32_t a, uint32_t b)
{
    return !x->sources || x->sources[a] != x->sources[b];
}

/* ---- counting */

static uint64_t pairs_after(const LinkCandidates *x, const uint32_t *rows, size_t i, size_t n)
{
    uint64_t pairs = 0;
    if (!x->sources)
        return n - 1 - i;
    for (size_t j = i + 1; j < n; j++)
        pairs += apart(x, rows[i], rows[j]);
    return pairs;
}

static bool rule_count(void *ctx, unsigned worker, size_t index)
{
    LinkCandidates       *x = ctx;
    const LinkRuleBlocks *r = blocks_of(x, index);
    (void)worker;
    for (size_t block = 0; block < r->block_count; block++) {
        const uint32_t *rows = r->rows + r->starts[block];
        size_t          n = r->starts[block + 1] - r->starts[block];
        for (size_t i = 0; i + 1 < n; i++)
            x->counts[(rows[i] >> x->shift) * x->rules + index] += pairs_after(x, rows, i, n);
    }
    return true;
}

static unsigned bits_of(uint64_t n)
{
    return n ? 64 - (unsigned)__builtin_clzll(n) : 0;
}

/* Few enough pairs that sorting them stays in the processor's cache, and not too many buckets. */
static unsigned shift_for(size_t rows, uint64_t pairs, uint64_t at_once)
{
    uint64_t most = at_once && at_once < BUCKET_PAIRS ? at_once : BUCKET_PAIRS;
    unsigned shift = BUCKET_ROWS_BITS;
    while (shift > 2 && (pairs >> (bits_of(rows) > shift ? bits_of(rows) - shift : 0)) > most &&
           rows >> shift < 1 << 15)
        shift--;
    return shift;
}

static uint64_t bucket_pairs(const LinkCandidates *x, size_t bucket)
{
    uint64_t pairs = 0;
    for (size_t i = 0; i < x->rules; i++)
        pairs += x->counts[bucket * x->rules + i];
    return pairs;
}

LinkCandidates *link_candidates_new(const LinkColumns *c, const LinkPlan *plan, size_t rule_from,
                                    size_t rule_to, uint64_t at_once, unsigned threads)
{
    Arena           mem = { 0 };
    LinkCandidates *x = arena_new(&mem, LinkCandidates, 1);
    size_t          rows = link_columns_rows(c);
    uint64_t        predicted = 0;
    for (size_t rule = rule_from; rule < rule_to; rule++)
        predicted += plan->blocks->rules[rule].pairs;
    *x = (LinkCandidates){ .plan = plan,
                           .sources = plan->across_only ? link_columns_sources(c) : NULL,
                           .rule_from = rule_from,
                           .rule_to = rule_to,
                           .rules = rule_to - rule_from,
                           .threads = threads,
                           .shift = shift_for(rows, predicted, at_once),
                           .row_bits = bits_of(rows) };
    x->at_once = at_once                                ? at_once
                 : x->rules * DEALT_A_RULE < DEALT_MOST ? x->rules * DEALT_A_RULE
                                                        : DEALT_MOST;
    x->bucket_count = (rows >> x->shift) + 1;
    x->counts = arena_new(&mem, uint64_t, x->bucket_count * x->rules + 1);
    x->places = arena_new(&mem, uint64_t, x->bucket_count * x->rules + 1);
    link_team(threads, x->rules, rule_count, x);
    for (size_t bucket = 0; bucket < x->bucket_count; bucket++) {
        uint64_t pairs = bucket_pairs(x, bucket);
        x->all += pairs;
        x->room = pairs > x->room ? (size_t)pairs : x->room;
    }
    x->mem = mem;
    return x;
}

void link_candidates_done(LinkCandidates *x)
{
    if (!x)
        return;
    pages_done(&x->dealt);
    Arena mem = x->mem;
    arena_done(&mem);
}

size_t link_candidates_room(const LinkCandidates *x)
{
    return x->room * sizeof(Packed);
}

uint64_t link_candidates_all(const LinkCandidates *x)
{
    return x->all;
}

/* ---- dealing */

void link_candidates_skip(LinkCandidates *x, uint64_t buckets)
{
    x->next = buckets < x->bucket_count ? (size_t)buckets : x->bucket_count;
}

uint64_t link_candidates_done_with(const LinkCandidates *x)
{
    return x->next;
}

static void row_deal(LinkCandidates *x, size_t index, const uint32_t *rows, size_t i, size_t n)
{
    size_t    bucket = (rows[i] >> x->shift) - x->first;
    uint64_t *place = &x->places[bucket * x->rules + index];
    Packed   *out = (Packed *)(void *)x->dealt.at + *place;
    uint64_t  low = (uint64_t)(rows[i] & ((1u << x->shift) - 1)) << x->row_bits;
    for (size_t j = i + 1; j < n; j++)
        if (apart(x, rows[i], rows[j]))
            *out++ = (low | rows[j]) << RULE_BITS | (x->rule_from + index);
    *place = (uint64_t)(out - (Packed *)(void *)x->dealt.at);
}

static bool rule_deal(void *ctx, unsigned worker, size_t index)
{
    LinkCandidates       *x = ctx;
    const LinkRuleBlocks *r = blocks_of(x, index);
    uint64_t from = (uint64_t)x->first << x->shift, to = (uint64_t)(x->first + x->dealt_count) << x->shift;
    (void)worker;
    for (size_t block = 0; block < r->block_count; block++) {
        const uint32_t *rows = r->rows + r->starts[block];
        size_t          n = r->starts[block + 1] - r->starts[block];
        for (size_t i = 0; i + 1 < n && rows[i] < to; i++)
            if (rows[i] >= from)
                row_deal(x, index, rows, i, n);
    }
    return true;
}

size_t link_candidates_deal(LinkCandidates *x)
{
    uint64_t pairs = 0;
    x->first = x->next;
    for (; x->next < x->bucket_count; x->next++) {
        uint64_t here = bucket_pairs(x, x->next), at = pairs;
        if (pairs && pairs + here > x->at_once)
            break;
        for (size_t i = 0; i < x->rules; i++) {
            x->places[(x->next - x->first) * x->rules + i] = at;
            at += x->counts[x->next * x->rules + i];
        }
        pairs += here;
    }
    x->dealt_count = x->next - x->first;
    if (pairs * sizeof(Packed) > x->dealt.len) {
        pages_done(&x->dealt);
        x->dealt = pages_new(pairs * sizeof(Packed));
    }
    if (x->dealt_count)
        link_team(x->threads, x->rules, rule_deal, x);
    return x->dealt_count;
}

/* ---- a bucket in order */

static LinkBucket unpack(const LinkCandidates *x, uint8_t *at, size_t n, uint32_t first, uint64_t *rule_pairs)
{
    LinkBucket bucket = { .pairs = (const LinkCandidate *)(const void *)at, .given = n };
    Packed     last = UINT64_MAX;
    for (size_t i = 0; i < n; i++) {
        Packed p;
        memcpy(&p, at + i * sizeof p, sizeof p);
        if (p >> RULE_BITS == last)
            continue;
        last = p >> RULE_BITS;
        rule_pairs[p & ((1u << RULE_BITS) - 1)]++;
        LinkCandidate pair = { first + (uint32_t)(last >> x->row_bits),
                               (uint32_t)(last & (((uint64_t)1 << x->row_bits) - 1)) };
        memcpy(at + bucket.count++ * sizeof pair, &pair, sizeof pair);
    }
    return bucket;
}

LinkBucket link_candidates_take(LinkCandidates *x, size_t bucket, void *spare, uint64_t *rule_pairs)
{
    /* Having dealt, a rule's place is its end; the bucket began where the one before ended. */
    uint64_t from = bucket ? x->places[bucket * x->rules - 1] : 0;
    uint64_t to = x->places[(bucket + 1) * x->rules - 1];
    Packed  *pairs = (Packed *)(void *)x->dealt.at + from;
    if (x->rules > 1)      /* of one pair the rules stay as they were, ascending */
        link_sort_bits(pairs, spare, (size_t)(to - from), RULE_BITS, x->row_bits + x->shift);
    return unpack(x, (uint8_t *)pairs, (size_t)(to - from), (uint32_t)(x->first + bucket) << x->shift,
                  rule_pairs);
}
