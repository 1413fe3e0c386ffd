/* linkage_pattern.h: two rows as one number, their pattern: the levels of all comparisons, four bits each,
 * comparison 0 lowest. Pairs of one pattern differ only in how frequent their agreeing values are.
 *
 * Given and family name are looked at together: where they stand swapped, the given name's level says so
 * and the family name's is blank, so that one fact is weighed once. */
#pragma once
#include "engine/linkage/linkage_levels.h"

/* Remembers levels of value pairs, so that a pair of names that meets in a thousand blocks is compared once.
 * A cache: forgetting is harmless. One a thread. */
typedef struct LinkMemo { uint64_t *slots; size_t mask; } LinkMemo;
enum { LINK_MEMO_BITS = 16 };
LinkMemo link_memo_new(Arena *mem);

typedef struct LinkComparer {
    const LinkColumns *c;
    size_t             field_count;
    LinkKind           kinds[LINK_FIELDS_MAX];
    size_t             given, family;     /* SIZE_MAX where there is none */
    bool               remembered[LINK_FIELDS_MAX];
    uint8_t            exact[LINK_FIELDS_MAX];    /* the level of equal values */
    bool               wide;              /* the processor compares sixteen codes at once */
    LinkMemo           memo;              /* {0}: none */
} LinkComparer;

LinkComparer link_comparer(const LinkColumns *c, LinkMemo memo);
/* Rows as link_columns_row gives them. */
uint64_t link_pattern(const LinkComparer *x, const uint32_t *a, const uint32_t *b);
/* Bit f: both rows have field f, and not the same there. */
uint32_t link_differing(const LinkComparer *x, const uint32_t *a, const uint32_t *b);
/* Bounds for giving up early: no pair below `least` is wanted, and comparison f brings at most
 * most[f][level], or most[f][0] as long as its level is not known (and is not exact). */
typedef struct LinkGiveUp {
    double   least, prior;
    float    most[LINK_FIELDS_MAX][LINK_LEVELS_MAX];
    uint8_t  order[LINK_FIELDS_MAX];      /* comparisons from cheap to dear */
} LinkGiveUp;
/* The same as link_pattern, or false as soon as the pair cannot reach `least`. */
bool link_pattern_reaching(const LinkComparer *x, const LinkGiveUp *g, const uint32_t *a, const uint32_t *b,
                           uint64_t *pattern);

static inline unsigned link_pattern_level(uint64_t pattern, size_t comparison)
{
    return (unsigned)(pattern >> (comparison * 4) & 15);
}
static inline uint64_t link_pattern_set(uint64_t pattern, size_t comparison, unsigned level)
{
    return (pattern & ~((uint64_t)15 << (comparison * 4))) | (uint64_t)level << (comparison * 4);
}

/* How many pairs had each pattern. `low` and `high` are the user's. */
typedef struct LinkPatternCount { uint64_t pattern, pairs; float low, high; } LinkPatternCount;
typedef struct LinkPatternTable {
    Arena            *mem;
    LinkPatternCount *slots;
    size_t            slot_count, used;
} LinkPatternTable;
LinkPatternCount *link_pattern_at(LinkPatternTable *t, uint64_t pattern, bool *is_new);
void              link_pattern_merge(LinkPatternTable *into, const LinkPatternTable *from);
/* All of them sorted by pattern, so that sums do not depend on threads. */
LinkPatternCount *link_pattern_list(const LinkPatternTable *t, Arena *mem, size_t *count);
