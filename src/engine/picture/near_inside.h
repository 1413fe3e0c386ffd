/* near_inside.h: what the files of near search share: the index's layout, and how hits are kept.
 *
 * Why it is exact. A hash is 16 chunks of 16 bits in a ring. Give chunk c a budget b[c] >= 0, the budgets
 * together one more than the distance. A hash within the distance differs in e[c] bits of chunk c, and
 * sum(e[c] - b[c]) < 0; so from some chunk on round the ring every running sum is below 0 (start after the
 * place where the running sum from chunk 0 is highest, the last such). Hence some chunk c has
 *     e[c] < b[c]   and   e[c] + e[c+1] < b[c] + b[c+1]                                       (the ring rule)
 * So: for every chunk c, look at the rows whose chunk c is within b[c] - 1 bits of the query's (a probe for
 * each such value), and of those keep the rows whose next chunk obeys the second half. The next chunks lie
 * side by side in the order of the probes, and reading them is all the work: of random rows one in 300
 * remains, whose whole hash is then compared. A row that obeys the rule in several chunks is told by the
 * first of them. Budgets may be shared out as one likes (near_budget.c): a chunk that very many rows have in
 * common gets none, and the others more.
 *
 * Layout, little-endian: a header of NEAR_HEADER bytes, then for each chunk c
 *     uint32_t start[65537]    rows whose chunk c is v are the places start[v] .. start[v + 1] - 1
 *     uint16_t next[n]         chunk (c + 1) % 16 of the row at each place
 *     uint32_t row[n]          which row; absent for c = 0, where the place is the row (the table is sorted)
 * each padded to a multiple of 64 bytes and at least 64 more, so that wide reads stay inside. */
#pragma once
#include "engine/picture/near.h"

enum {
    NEAR_CHUNKS     = 16,
    NEAR_VALUES     = 65536,
    NEAR_HEADER     = 4096,
    NEAR_BUDGET_MAX = 4,               /* of one chunk: probes within 3 bits */
    NEAR_PROBES_MAX = 1 + 16 + 120 + 560,
};

struct NearIndex {
    NearTable       table;
    const uint8_t  *block;
    size_t          len;
    const uint32_t *start[NEAR_CHUNKS];  /* NULL when the table is too small for an index */
    const uint16_t *next[NEAR_CHUNKS];
    const uint32_t *row[NEAR_CHUNKS];    /* [0] is NULL */
    bool            skewed;              /* some value of some chunk is far more common than others */
};

static inline uint16_t near_chunk(const uint8_t hash[32], int c)
{
    return (uint16_t)(hash[2 * c] << 8 | hash[2 * c + 1]);
}

/* The values within 3 bits of 0, nearest first; first[b] .. first[b + 1] - 1 have b bits. */
typedef struct NearMasks {
    int      first[NEAR_BUDGET_MAX + 1];
    uint16_t mask[NEAR_PROBES_MAX];
    uint8_t  bits[NEAR_PROBES_MAX];
} NearMasks;
void near_masks(NearMasks *m, int budget_max);     /* only as many as that budget needs */

/* Shares out `distance` + 1 among the chunks of a hash, given as keys; no chunk gets more than budget_max. */
void near_budget(const NearIndex *index, const NearMasks *masks, const uint16_t key[NEAR_CHUNKS],
                 int distance, int budget_max, uint8_t budget[NEAR_CHUNKS]);

/* The nearest hits so far: a plain list until it is full, then a heap with the farthest on top. `hits` grows
 * in `mem`, or is the caller's, with room for `cap`, when `mem` is NULL. */
typedef struct NearKept {
    NearHit *hits;
    Arena   *mem;
    size_t   n, room, cap, total;
} NearKept;
void near_keep(NearKept *kept, uint32_t row, uint32_t distance);
void near_sort(NearKept *kept);        /* by distance, then row; the heap is gone */

/* Scans for up to NEAR_SCAN_QUERIES hashes at once. */
enum { NEAR_SCAN_QUERIES = 64 };
void near_scan_kept(Cpu level, const NearTable *table, const uint8_t *hashes, size_t n, int distance,
                    NearKept *kept);
