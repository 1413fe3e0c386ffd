#include "engine/known/known_pairs.h"
#include <string.h>

enum {
    SMALL      = 40,                /* pairs that are quickest sorted by insertion */
    SPLIT_BITS = 12,
    MANY_BITS  = 14,                /* of the first split, where there are so many pairs */
};

static inline int pair_before(const PairOrder *o, const Pair *a, const Pair *b)
{
    if (a->prefix != b->prefix)
        return a->prefix < b->prefix;
    int order = o->compare(o->ctx, pair_record(o, a), pair_record(o, b));
    return order < 0 || (order == 0 && a->at < b->at);
}

static void sort_by_insertion(const PairOrder *o, Pair *p, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (!pair_before(o, &p[i], &p[i - 1]))
            continue;
        Pair moved = p[i];
        size_t j = i;
        do
            p[j] = p[j - 1];
        while (--j > 0 && pair_before(o, &moved, &p[j - 1]));
        p[j] = moved;
    }
}

/* Bottom-up, for records whose prefixes do not tell them apart. */
static Pair *sort_by_merging(const PairOrder *o, Pair *p, Pair *scratch, size_t n)
{
    Pair *from = p, *to = scratch;
    for (size_t i = 0; i < n; i += SMALL)
        sort_by_insertion(o, p + i, n - i < SMALL ? n - i : SMALL);
    for (size_t width = SMALL; width < n; width *= 2) {
        for (size_t i = 0; i < n; i += 2 * width) {
            size_t a = i, mid = i + width < n ? i + width : n, b = mid,
                   end = mid + width < n ? mid + width : n;
            for (size_t k = i; k < end; k++)
                to[k] = b == end || (a < mid && !pair_before(o, &from[b], &from[a])) ? from[a++] : from[b++];
        }
        Pair *swap = from;
        from = to;
        to = swap;
    }
    return from;
}

/* Into parts by `bits` bits below `bits_done`, one or two pairs to a part where they are even. Parts that are
 * not are sorted by themselves; insertion over the whole then only looks once at each. */
static inline Pair *split(const PairOrder *o, Pair *p, Pair *scratch, size_t n, int bits_done, int bits,
                          uint32_t *start)
{
    int shift = 64 - bits_done - bits;
    uint32_t parts = 1u << bits, mask = parts - 1;
    memset(start, 0, (parts + 1) * sizeof *start);
    for (size_t i = 0; i < n; i++)
        start[(p[i].prefix >> shift & mask) + 1]++;
    for (uint32_t b = 0; b < parts; b++)
        start[b + 1] += start[b];
    for (size_t i = 0; i < n; i++)
        scratch[start[p[i].prefix >> shift & mask]++] = p[i];
    for (uint32_t b = 0, from = 0; b < parts; from = start[b++]) {
        uint32_t each = start[b] - from;
        if (each <= SMALL)
            continue;
        const Pair *sorted = pairs_sort(o, scratch + from, p + from, each, bits_done + bits);
        if (sorted != scratch + from)
            memcpy(scratch + from, sorted, each * sizeof *sorted);
    }
    sort_by_insertion(o, scratch, n);
    return scratch;
}

static Pair *split_few(const PairOrder *o, Pair *p, Pair *scratch, size_t n, int bits_done, int bits)
{
    uint32_t start[(1 << SPLIT_BITS) + 1];
    return split(o, p, scratch, n, bits_done, bits, start);
}

static Pair *split_many(const PairOrder *o, Pair *p, Pair *scratch, size_t n, int bits_done, int bits)
{
    uint32_t start[(1 << MANY_BITS) + 1];
    return split(o, p, scratch, n, bits_done, bits, start);
}

/* Leading bits in which all agree, such as the kind of the digest, say nothing. */
static int bits_alike(const Pair *p, size_t n)
{
    uint64_t differs = 0;
    for (size_t i = 1; i < n; i++)
        differs |= p[i].prefix ^ p[0].prefix;
    return differs ? __builtin_clzll(differs) : 64;
}

Pair *pairs_sort(const PairOrder *order, Pair *p, Pair *scratch, size_t n, int bits_done)
{
    if (n <= SMALL) {
        sort_by_insertion(order, p, n);
        return p;
    }
    bits_done = bits_done ? bits_done : bits_alike(p, n);
    if (bits_done >= 64)
        return sort_by_merging(order, p, scratch, n);
    int bits = 63 - __builtin_clzll(n);
    bits = bits > MANY_BITS ? MANY_BITS : bits;
    bits = bits > 64 - bits_done ? 64 - bits_done : bits;
    return (bits > SPLIT_BITS ? split_many : split_few)(order, p, scratch, n, bits_done, bits);
}
