/* intake_ledger.h: the facts of intake, and what later folders may do to its rows. */
#pragma once
#include "intake/reader.h"
#include "ledger/ledger.h"

/* file.received (creates), file.read, file.finished, row.settled. */
extern const Kind intake_kinds[];

typedef enum Settled { SETTLED_TAKEN, SETTLED_MERGED, SETTLED_REJECTED, SETTLED_PENDING } Settled;
/* Inside an apply: a return_row was placed, refused, or must go on waiting (its counts then stay pending).
 * `reason` is shown to people for the last two: no personal data in it. ERR_CONFLICT when it was settled
 * before. */
MUST_USE bool intake_return_settle(Tx *tx, const Entry *entry, int64_t row_id, Settled settled,
                                   const char *reason, Err *err);

/* Reading a stored file through a connection. Lives in `mem`. */
typedef struct StoredFile { Db *db; Sha256 digest; } StoredFile;
ReaderFrom stored_file(StoredFile *file);
