/* operation.h: an operation is opened under a recorded lawful basis with an end date; nothing is taken in
 * without a live one. */
#pragma once
#include "access/access.h"
#include "ledger/ledger.h"

typedef struct Operation {
    int64_t id, lead_agency;
    const char *name, *basis, *document, *necessity, *proportionality, *authorised_by;
    const char *classification, *handling, *handling_conditions;
    Instant opened, until, closed; /* closed: INSTANT_NONE while open */
    bool exercise;
} Operation;

/* Reads docs/formats.md's authority.json, checks that every part of the basis is there and that it is live at
 * hand->at, and records operation.opened. ERR_INVALID names the missing part; ERR_CONFLICT: one of that name
 * is open. */
MUST_USE bool operation_open(Ledger *ledger, Db *db, const Hand *hand, Str json, int64_t *id, Err *err);
MUST_USE bool operation_close(Ledger *ledger, const Hand *hand, int64_t id, const char *reason, Err *err);
/* The newest one not closed; ERR_NOT_FOUND when there is none. */
MUST_USE bool operation_current(Db *db, Arena *mem, Operation *out, Err *err);
MUST_USE bool operation_list(Db *db, Arena *mem, Operation **out, size_t *count, Err *err);
/* ERR_DENIED, told clearly, unless `at` lies within its authority and it is not closed. */
MUST_USE bool operation_live(const Operation *o, Instant at, Err *err);
extern const Kind operation_kinds[];
