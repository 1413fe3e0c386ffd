/* compare.h: file hashes looked up in the sets in use: what files.matched records. Writes nothing. */
#pragma once
#include "match/sets.h"

typedef struct FileHash { int64_t id; const char *kind, *value; } FileHash;

enum {
    COMPARE_EXACT_MAX = 32,                  /* entries of one set for one digest */
    COMPARE_NEAR_MAX  = 16,                  /* known pictures near to one */
};

/* Adds to `matches` one object for each reason why a file is known to a set: those of `sets`, or the one
 * numbered `only` when it is not 0. Near hashes come nearest first. ERR_INVALID: a set file was altered. */
MUST_USE bool compare_sets(const ActiveSets *sets, int64_t only, const FileHash *files, size_t count,
                           Json *matches, Err *err);
/* The same with hash_entry, the sets taken in as rows. */
MUST_USE bool compare_rows(Db *db, const FileHash *files, size_t count, Json *matches, Err *err);
