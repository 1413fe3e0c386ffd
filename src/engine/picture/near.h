/* near.h: every hash within a Hamming distance, over tens of millions of 256-bit hashes: none missed.
 *
 * Works over a packed table of 32-byte digests in memcmp order, without duplicates being required or
 * refused: what known_digests(set, DIGEST_PDQ, &n) gives. It does not copy the table. A row is a place in
 * it. Two ways, one answer: near_scan reads the whole table and needs nothing else; near_find uses an index.
 *
 * An index is one flat block that holds no pointers: build it into memory or into a side file (SET.near) and
 * map it. It belongs to one table, named by `root` (the set's own root digest): an index of another table,
 * a truncated or an altered one is refused. Whatever bytes an index holds, reading stays inside it and the
 * table. It is exact when it is sound; near_verify reads it all to tell.
 *
 * Memory: an index takes 92 bytes a row and 4 MiB (10 million hashes: 0.92 GB beside their 0.32 GB). Tables
 * of fewer than NEAR_INDEX_MIN rows have an index of only a header, and are scanned. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/err.h"
#include "engine/cpu.h"
#include "engine/picture/pdq.h"

enum {
    NEAR_DISTANCE     = PDQ_DISTANCE,   /* 31 */
    NEAR_DISTANCE_MAX = 63,             /* of near_find; near_scan takes 0..256 */
    NEAR_INDEX_MIN    = 16384,
};
#define NEAR_ROWS_MAX UINT32_C(0xfffffff0)

typedef struct NearTable {
    const uint8_t *digests;      /* n x 32 bytes */
    size_t         n;
} NearTable;

typedef struct NearHit {
    uint32_t row;
    uint32_t distance;
} NearHit;

/* What one query found: the nearest `n` of `total`, by distance and then row. */
typedef struct NearFound {
    const NearHit *hits;
    uint32_t       n, total;
} NearFound;

/* ---- building */

/* How many bytes an index over n rows takes. */
size_t near_size(size_t n);
/* Fills `block` (near_size(n) bytes, aligned to 64; zeroed). */
MUST_USE bool near_build(const NearTable *table, const uint8_t root[32], void *block, Err *err);

/* ---- searching */

typedef struct NearIndex NearIndex;

/* Checks the header and the bounds, not every byte: a few milliseconds. `block` and the table must outlive
 * the index. ERR_INVALID when the block is not a sound index of this table. */
MUST_USE bool near_open(const void *block, size_t len, const NearTable *table, const uint8_t root[32],
                        Arena *mem, NearIndex **out, Err *err);
/* Reads the whole block: false when it differs from what was built. */
MUST_USE bool near_verify(const NearIndex *index, Err *err);

/* All rows within `distance` (0..NEAR_DISTANCE_MAX) of one hash: writes the nearest `cap`, returns how many
 * there are. */
size_t near_find(const NearIndex *index, const uint8_t hash[32], int distance, NearHit *hits, size_t cap);
/* The same for n packed hashes, several times faster a hash in batches of 256 and more. found[i] answers
 * hashes[i], with at most `cap` hits kept; hits live in `mem`. */
void near_find_many(const NearIndex *index, const uint8_t *hashes, size_t n, int distance, size_t cap,
                    Arena *mem, NearFound *found);
/* The same by reading the table from end to end: any distance 0..256, no index. */
void near_scan(const NearTable *table, const uint8_t *hashes, size_t n, int distance, size_t cap, Arena *mem,
               NearFound *found);

/* Forcing one path, for tests and benchmarks. */
void near_find_many_by(Cpu level, const NearIndex *index, const uint8_t *hashes, size_t n, int distance,
                       size_t cap, Arena *mem, NearFound *found);
void near_scan_by(Cpu level, const NearTable *table, const uint8_t *hashes, size_t n, int distance,
                  size_t cap, Arena *mem, NearFound *found);
