/* known_pairs.h: sorts what stands for records: their first 64 bits and where each is.
 *
 * Even prefixes are sorted in steps that stay in the cache. Where they are not even (a hostile list) they are
 * split again by their next bits, and records alike in all 64 are merge-sorted by comparing: slower, never
 * quadratic. Equal records come out beside each other. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Pair { uint64_t prefix; uint64_t at; } Pair;
typedef struct PairOrder {
    int      (*compare)(const void *ctx, const uint8_t *a, const uint8_t *b);   /* for equal prefixes */
    const void *ctx;
    const uint8_t *records;                          /* what `at` counts from, in bytes */
    bool     numbered;                               /* 32 bits of it only: above is what breaks a tie */
} PairOrder;

static inline const uint8_t *pair_record(const PairOrder *o, const Pair *p)
{
    return o->records + (o->numbered ? (uint32_t)p->at : p->at);
}

/* Sorts pairs that are alike in the first `bits_done` bits. The result is in `p` or in `scratch`, which has
 * room for as many; returned is which. */
Pair *pairs_sort(const PairOrder *order, Pair *p, Pair *scratch, size_t n, int bits_done);
