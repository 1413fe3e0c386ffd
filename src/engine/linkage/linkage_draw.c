#include "engine/linkage/linkage_draw.h"
#include <stdlib.h>
#include "base/map.h"
#include "engine/linkage/linkage_blocks.h"
#include "engine/linkage/linkage_values.h"

typedef struct Ranked { uint64_t rank; uint32_t row; } Ranked;
typedef struct Lowest { Ranked *at; size_t count, cap; } Lowest;

static int by_rank(const void *x, const void *y)
{
    const Ranked *a = x, *b = y;
    return a->rank != b->rank ? (a->rank > b->rank) - (a->rank < b->rank)
                              : (a->row > b->row) - (a->row < b->row);
}

static uint64_t value_hash(const LinkColumns *c, size_t field, uint32_t code)
{
    if (code == LINK_BLANK)
        return link_text_hash((Str){ "", 0 });
    const LinkValue *v = link_columns_value(c, field, code);
    return link_text_hash((Str){ v->text, v->len });
}

uint64_t link_row_hash(const LinkColumns *c, uint32_t row, uint64_t seed)
{
    const LinkField *fields;
    size_t           n = link_columns_fields(c, &fields);
    const uint32_t  *codes = link_columns_row(c, row);
    uint64_t         h = link_mix(seed, link_columns_sources(c)[row]);
    for (size_t f = 0; f < n; f++)
        h = link_mix(h, value_hash(c, f, codes[f]) + f);
    return h;
}

/* Hashes of all values of all fields, one a code. */
static void values_hash(const LinkColumns *c, size_t fields, Arena *mem, const uint64_t *of[LINK_FIELDS_MAX])
{
    for (size_t f = 0; f < fields; f++) {
        size_t    n = link_columns_values(c, f);
        uint64_t *hashes = arena_new(mem, uint64_t, n + 1);
        hashes[LINK_BLANK] = value_hash(c, f, LINK_BLANK) + f;
        for (size_t code = 1; code < n; code++)
            hashes[code] = value_hash(c, f, (uint32_t)code) + f;
        of[f] = hashes;
    }
}

/* How often each content was met, told by half of its hash beside its place. Rows that hold the same must not
 * be drawn or left out together: among a few thousand of a million that would be a crowd of pairs that are
 * one person. */
typedef struct Met { uint32_t half, times; } Met;
typedef struct Meetings {
    Pages  pages;
    size_t mask;
} Meetings;

static Meetings meetings_new(size_t rows)
{
    size_t slots = 1024;
    while (slots < rows * 2)
        slots *= 2;
    return (Meetings){ pages_new(slots * sizeof(Met)), slots - 1 };
}

static uint32_t times_met(Meetings *m, uint64_t hash)
{
    Met     *slots = (Met *)(void *)m->pages.at;
    size_t   at = (size_t)hash & m->mask;
    uint32_t half = (uint32_t)(hash >> 32);
    while (slots[at].times && slots[at].half != half)
        at = (at + 1) & m->mask;
    slots[at].half = half;
    return slots[at].times++;
}

enum { AHEAD = 16 };

static void rows_hash(const LinkColumns *c, uint64_t seed, Arena *mem, uint64_t *hashes)
{
    const LinkField *fields;
    const uint64_t  *of[LINK_FIELDS_MAX];
    size_t           n = link_columns_fields(c, &fields), rows = link_columns_rows(c);
    const uint8_t   *sources = link_columns_sources(c);
    values_hash(c, n, mem, of);
    for (size_t row = 0; row < rows; row++) {
        const uint32_t *codes = link_columns_row(c, (uint32_t)row);
        uint64_t        h = link_mix(seed, sources[row]);
        for (size_t f = 0; f < n; f++)
            h = link_mix(h, of[f][codes[f]]);
        hashes[row] = h;
    }
}

static void rows_rank(const uint64_t *hashes, size_t rows, uint64_t most, Arena *mem, Lowest *lowest)
{
    Meetings met = meetings_new(rows);
    for (size_t row = 0; row < rows; row++) {
        if (row + AHEAD < rows)
            __builtin_prefetch((const Met *)(const void *)met.pages.at + (hashes[row + AHEAD] & met.mask), 1);
        uint64_t rank = link_mix(hashes[row], times_met(&met, hashes[row]));
        if (rank > most)
            continue;
        Ranked *at = arena_push(mem, lowest->at, lowest->count, lowest->cap);
        *at = (Ranked){ rank, (uint32_t)row };
    }
    pages_done(&met.pages);
}

size_t link_draw(const LinkColumns *c, uint64_t seed, size_t most, uint32_t *rows)
{
    Arena     scratch = { 0 };
    size_t    all = link_columns_rows(c);
    uint64_t *hashes = arena_new(&scratch, uint64_t, all + 1);
    Lowest    lowest = { 0 };
    rows_hash(c, seed, &scratch, hashes);
    /* Of many rows only those with lower ranks can be among the lowest: no need to sort them all. */
    if (all > most * 4)
        rows_rank(hashes, all, UINT64_MAX / all * (most * 2), &scratch, &lowest);
    if (lowest.count < most && lowest.count < all) {
        lowest.count = 0;
        rows_rank(hashes, all, UINT64_MAX, &scratch, &lowest);
    }
    if (lowest.count)
        qsort(lowest.at, lowest.count, sizeof *lowest.at, by_rank);
    size_t n = lowest.count < most ? lowest.count : most;
    for (size_t i = 0; i < n; i++)
        rows[i] = lowest.at[i].row;
    arena_done(&scratch);
    return n;
}
