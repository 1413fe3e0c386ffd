/* place.h: writes one read row into the tables, inside an apply. Says what became of it. */
#pragma once
#include "intake/reader.h"
#include "ledger/ledger.h"

typedef enum Outcome { ROW_TAKEN, ROW_MERGED, ROW_REJECTED, ROW_PENDING } Outcome;
typedef struct Place {
    Tx          *tx;
    const Entry *entry;
    int64_t      file, operation;
    Sha256       stored;                 /* the file's digest */
} Place;

/* ROW_PENDING writes nothing: *waits_for is the reference that must arrive. ROW_REJECTED: *reason. */
MUST_USE bool place_record(const Place *p, const ReadRow *row, Arena *mem, Outcome *outcome,
                           const char **waits_for, const char **reason, Err *err);
