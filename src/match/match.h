/* match.h: file hashes are compared with known-file sets. Exact digests only here; grades keep their own
 * scale. */
#pragma once
#include "ledger/ledger.h"

/* Matches every file_hash not looked at yet (files.matched facts, in batches). Benign sets suppress. Returns
 * how many were looked at. */
MUST_USE bool match_pending(Ledger *ledger, Db *db, const Hand *hand, size_t *looked, Err *err);
typedef struct HashSetRow {
    int64_t id;
    const char *name, *version, *kind;
    int64_t entries;
    Instant at;
} HashSetRow;
MUST_USE bool hashset_list(Db *db, Arena *mem, HashSetRow **out, size_t *count, Err *err);
typedef struct MatchRow {
    int64_t file_hash, referral;
    const char *kind, *value, *set, *version, *grade, *scale, *series;
    bool provisional;
} MatchRow;
MUST_USE bool match_of_nominal(Db *db, Arena *mem, int64_t nominal, MatchRow **out, size_t *count, Err *err);
extern const Kind match_kinds[];
