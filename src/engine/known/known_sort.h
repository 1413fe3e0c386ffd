/* known_sort.h: sorts any number of small records in bounded memory, for known_build.c.
 *
 * Records are gathered until the memory given is full, sorted there and written to one spill file; at the end
 * the runs are merged. When all fits, nothing is written. Equal records come out beside each other.
 * Records may differ in length (at most SORT_RECORD_MAX). The order must be total on content: then what comes
 * out depends only on what went in, not on the memory or the order of adding. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"
#include "engine/known/known_pairs.h"

enum { SORT_RECORD_MAX = 512, SORT_BUDGET_MIN = 192 * 1024 };

typedef struct SortOrder {
    size_t   (*length)(const uint8_t *record);
    uint64_t (*prefix)(const uint8_t *record);      /* a record with a smaller prefix comes first */
    int      (*compare)(const void *ctx, const uint8_t *a, const uint8_t *b);   /* for equal prefixes */
    const void *ctx;
} SortOrder;

typedef struct Sort Sort;
/* The spill file is made only when needed, and removed at once so that no crash leaves it. */
Sort *sort_new(const SortOrder *order, const char *spill_path, size_t budget_bytes, Arena *mem);
/* Takes a copy of a record of at least 24 bytes. ERR_STORE when the disk is full. */
MUST_USE bool sort_add(Sort *s, const uint8_t *record, size_t len, Err *err);
/* Where a record of up to SORT_RECORD_MAX bytes may be written instead, to be told of to sort_took; NULL when
 * it has to be added. */
uint8_t *sort_room(const Sort *s);
void sort_took(Sort *s, uint64_t prefix, size_t len);

typedef bool SortSeen(void *ctx, const uint8_t *record, Err *err);
typedef bool SortSeenMany(void *ctx, const uint8_t *records, const Pair *pairs, size_t n, Err *err);
typedef struct SortTaker {
    SortSeen     *seen;
    SortSeenMany *many;             /* of records that are in memory, in order; may be NULL */
    void         *ctx;
} SortTaker;
/* Ends adding and hands over every record in order; false when the taker was. Without runs a record stays
 * where it is until sort_close, else only until the taker returns. */
MUST_USE bool sort_end(Sort *s, const SortTaker *taker, Err *err);
/* Where records without runs are, all of them within `*bytes`. */
const uint8_t *sort_records(const Sort *s, size_t *bytes);
uint64_t sort_runs(const Sort *s);                  /* written so far */
/* Writes records that are in order already as a run: begin, then each, then end. */
MUST_USE bool sort_run_begin(Sort *s, Err *err);
MUST_USE bool sort_run_add(Sort *s, const uint8_t *record, Err *err);
MUST_USE bool sort_run_end(Sort *s, Err *err);
void sort_close(Sort **s);                          /* accepts NULL */
