#include "engine/linkage/linkage_pattern.h"
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif
#include "engine/cpu.h"

LinkMemo link_memo_new(Arena *mem)
{
    return (LinkMemo){ arena_new(mem, uint64_t, (size_t)1 << LINK_MEMO_BITS),
                       ((size_t)1 << LINK_MEMO_BITS) - 1 };
}

/* Kinds whose comparison costs more than a look into the memo, and whose values meet again. */
static const bool worth_remembering[LINK_KIND__COUNT] = {
    [LINK_GIVEN] = true, [LINK_FAMILY] = true, [LINK_PLACE] = true, [LINK_WORDS] = true, [LINK_NAME] = true,
    [LINK_ADDRESS] = true,
};

LinkComparer link_comparer(const LinkColumns *c, LinkMemo memo)
{
    const LinkField *fields;
    LinkComparer     x = { .c = c, .given = SIZE_MAX, .family = SIZE_MAX, .memo = memo };
    x.wide = cpu_here(CPU_AVX512);
    x.field_count = link_columns_fields(c, &fields);
    for (size_t f = 0; f < x.field_count; f++) {
        x.kinds[f] = fields[f].kind;
        x.remembered[f] = memo.slots && worth_remembering[fields[f].kind];
        if (fields[f].kind == LINK_GIVEN && x.given == SIZE_MAX)
            x.given = f;
        if (fields[f].kind == LINK_FAMILY && x.family == SIZE_MAX)
            x.family = f;
        x.exact[f] = (uint8_t)(link_kind_specs[fields[f].kind].level_count - 1);
    }
    return x;
}

/* A slot is field (4 bits), lower code (28), higher code (28), level (4). Codes beyond 28 bits are not kept.
 */
static unsigned level_remembered(const LinkComparer *x, size_t f, uint32_t a, uint32_t b)
{
    uint32_t low = a < b ? a : b, high = a < b ? b : a;
    if (!x->remembered[f] || high >> 28)
        return link_level(x->kinds[f], x->c, f, low, high);
    uint64_t  key = (uint64_t)f << 60 | (uint64_t)low << 32 | (uint64_t)high << 4;
    uint64_t  mixed = key * 0x9e3779b97f4a7c15u;
    uint64_t *slot = &x->memo.slots[(mixed >> 40) & x->memo.mask];
    if ((*slot & ~(uint64_t)15) == key && (*slot & 15))
        return (unsigned)(*slot & 15);
    unsigned level = link_level(x->kinds[f], x->c, f, low, high);
    *slot = key | level;
    return level;
}

/* ---- equal and unequal lanes */

typedef struct Lanes { uint32_t same, differ; } Lanes;    /* bit a field; neither: one is blank */

static Lanes lanes_portable(const uint32_t *a, const uint32_t *b)
{
    Lanes l = { 0 };
    for (unsigned f = 0; f < LINK_FIELDS_MAX; f++) {
        uint32_t known = (a[f] != 0) & (b[f] != 0);
        l.same |= (known & (uint32_t)(a[f] == b[f])) << f;
        l.differ |= (known & (uint32_t)(a[f] != b[f])) << f;
    }
    return l;
}

#if defined(__x86_64__)
__attribute__((target("avx512f"))) static Lanes lanes_avx512(const uint32_t *a, const uint32_t *b)
{
    __m512i   x = _mm512_loadu_si512(a), y = _mm512_loadu_si512(b);
    __mmask16 known = _mm512_test_epi32_mask(x, x) & _mm512_test_epi32_mask(y, y);
    __mmask16 same = _mm512_mask_cmpeq_epi32_mask(known, x, y);
    return (Lanes){ same, (uint32_t)(known & (__mmask16)~same) };
}
#endif

static inline Lanes lanes(const LinkComparer *x, const uint32_t *a, const uint32_t *b)
{
#if defined(__x86_64__)
    if (x->wide)
        return lanes_avx512(a, b);
#endif
    (void)x;
    return lanes_portable(a, b);
}

uint32_t link_differing(const LinkComparer *x, const uint32_t *a, const uint32_t *b)
{
    return lanes(x, a, b).differ;
}

enum { LEVEL_ALIKE = 2, LEVEL_SOUND = 4, LEVEL_CROSSED = 7, LEVEL_SWAPPED = 8 };    /* of names */

/* Where neither name agrees as it stands: do they agree the other way round? Misspelt names are looked at
 * only where something else agrees, since most pairs share nothing. */
static uint64_t crossed(const LinkComparer *x, uint64_t pattern, uint32_t same, const uint32_t *a,
                        const uint32_t *b)
{
    size_t   g = x->given, f = x->family;
    bool     ab = a[g] && a[g] == b[f], ba = b[g] && b[g] == a[f];
    unsigned least = ab || ba ? LEVEL_ALIKE : LEVEL_SOUND;
    if ((!ab && !ba && !same) || link_pattern_level(pattern, g) >= LEVEL_SOUND ||
        link_pattern_level(pattern, f) >= LEVEL_SOUND)
        return pattern;
    if (!ab && a[g] && b[f])
        ab = level_remembered(x, f, a[g], b[f]) >= least;
    if (!ba && b[g] && a[f])
        ba = level_remembered(x, f, b[g], a[f]) >= least;
    bool other_blank = ab ? !b[g] || !a[f] : !a[g] || !b[f];
    if (!(ab && ba) && !((ab || ba) && other_blank))
        return pattern;
    return link_pattern_set(link_pattern_set(pattern, g, ab && ba ? LEVEL_SWAPPED : LEVEL_CROSSED), f, 0);
}

uint64_t link_pattern(const LinkComparer *x, const uint32_t *a, const uint32_t *b)
{
    Lanes    l = lanes(x, a, b);
    uint64_t pattern = 0;
    for (uint32_t left = l.same; left; left &= left - 1) {
        unsigned f = (unsigned)__builtin_ctz(left);
        pattern |= (uint64_t)x->exact[f] << (f * 4);
    }
    for (uint32_t left = l.differ; left; left &= left - 1) {
        unsigned f = (unsigned)__builtin_ctz(left);
        pattern |= (uint64_t)level_remembered(x, f, a[f], b[f]) << (f * 4);
    }
    return x->given != SIZE_MAX && x->family != SIZE_MAX ? crossed(x, pattern, l.same, a, b) : pattern;
}

bool link_pattern_reaching(const LinkComparer *x, const LinkGiveUp *g, const uint32_t *a, const uint32_t *b,
                           uint64_t *pattern)
{
    Lanes    l = lanes(x, a, b);
    uint64_t found = 0;
    double   most = g->prior;
    for (uint32_t left = l.same; left; left &= left - 1) {
        unsigned f = (unsigned)__builtin_ctz(left);
        found |= (uint64_t)x->exact[f] << (f * 4);
        most += (double)g->most[f][x->exact[f]];
    }
    for (uint32_t left = l.differ; left; left &= left - 1)
        most += (double)g->most[__builtin_ctz(left)][0];
    for (size_t i = 0; i < x->field_count && most >= g->least; i++) {
        unsigned f = g->order[i];
        if (!(l.differ >> f & 1))
            continue;
        unsigned level = level_remembered(x, f, a[f], b[f]);
        found |= (uint64_t)level << (f * 4);
        most += (double)(g->most[f][level] - g->most[f][0]);
    }
    if (most < g->least)
        return false;
    *pattern = x->given != SIZE_MAX && x->family != SIZE_MAX ? crossed(x, found, l.same, a, b) : found;
    return true;
}

/* ---- counting */

static size_t slot_of(const LinkPatternTable *t, uint64_t pattern)
{
    uint64_t h = pattern * 0x9e3779b97f4a7c15u;
    size_t   mask = t->slot_count - 1, at = (size_t)(h >> 32) & mask;
    while (t->slots[at].pairs && t->slots[at].pattern != pattern)
        at = (at + 1) & mask;
    return at;
}

static void table_widen(LinkPatternTable *t)
{
    LinkPatternCount *old = t->slots;
    size_t            old_count = t->slot_count;
    t->slot_count = old_count ? old_count * 2 : 4096;
    t->slots = arena_new(t->mem, LinkPatternCount, t->slot_count);
    for (size_t i = 0; i < old_count; i++)
        if (old[i].pairs)
            t->slots[slot_of(t, old[i].pattern)] = old[i];
}

LinkPatternCount *link_pattern_at(LinkPatternTable *t, uint64_t pattern, bool *is_new)
{
    if (t->used * 2 >= t->slot_count)
        table_widen(t);
    LinkPatternCount *slot = &t->slots[slot_of(t, pattern)];
    *is_new = !slot->pairs;
    if (*is_new) {
        t->used++;
        slot->pattern = pattern;
    }
    return slot;
}

void link_pattern_merge(LinkPatternTable *into, const LinkPatternTable *from)
{
    bool is_new;
    for (size_t i = 0; i < from->slot_count; i++)
        if (from->slots[i].pairs)
            link_pattern_at(into, from->slots[i].pattern, &is_new)->pairs += from->slots[i].pairs;
}

static int by_pattern(const void *x, const void *y)
{
    uint64_t a = ((const LinkPatternCount *)x)->pattern, b = ((const LinkPatternCount *)y)->pattern;
    return (a > b) - (a < b);
}

LinkPatternCount *link_pattern_list(const LinkPatternTable *t, Arena *mem, size_t *count)
{
    LinkPatternCount *list = arena_new(mem, LinkPatternCount, t->used + 1);
    *count = 0;
    for (size_t i = 0; i < t->slot_count; i++)
        if (t->slots[i].pairs)
            list[(*count)++] = t->slots[i];
    if (*count)
        qsort(list, *count, sizeof *list, by_pattern);
    return list;
}
