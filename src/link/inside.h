/* inside.h: what the files of src/link share. No other folder includes it. */
#pragma once
#include "ledger/ledger.h"
#include "link/keys.h"
#include "link/link_sql.h"

typedef struct NominalState {
    int64_t     operation;
    const char *stage, *status;
} NominalState;
MUST_USE bool nominal_state(Db *db, Arena *mem, int64_t id, NominalState *out, Err *err); /* ERR_NOT_FOUND */
int stage_order(const char *stage);      /* -1: no such stage */

/* The oldest merge of `merged` that still holds; 0 if it is not merged. */
MUST_USE bool merge_holding(Db *db, int64_t merged, int64_t *merge_id, Err *err);
MUST_USE bool nominal_are_apart(Db *db, int64_t a, int64_t b, bool *apart, Err *err);
