/* intake_view.h: received files as people read them: the balance, what was rejected and why, what waits. */
#pragma once
#include "ledger/ledger.h"

typedef struct ReceivedFile {
    int64_t id, operation, owner;
    const char *name, *format, *state;        /* state: reading | finished | refused */
    const char *source_digest, *stored_digest, *owner_name, *agency_tile;
    int64_t source_bytes, stored_bytes, read_bytes;      /* read_bytes: how far into the stored file */
    int64_t received, taken, merged, rejected, pending;  /* received is always the sum of the other four */
    int64_t media_dropped;
    Instant at;
} ReceivedFile;
/* Newest first, below `before` (0: from the newest). */
MUST_USE bool received_list(Db *db, Arena *mem, int64_t operation, int64_t before, size_t limit,
                            ReceivedFile **out, size_t *count, Err *err);
MUST_USE bool received_fetch(Db *db, Arena *mem, int64_t id, ReceivedFile *out, Err *err); /* ERR_NOT_FOUND */

typedef struct RejectedRow {
    int64_t line;
    const char *reason;
} RejectedRow;
typedef struct PendingRow {
    int64_t line;
    const char *reason, *waits_for;
} PendingRow;
typedef struct DroppedMedia {
    int64_t line, bytes;
    const char *sha256;
} DroppedMedia;
typedef struct ReceivedRows {                 /* each at most LIMIT_REJECTIONS_SHOWN, in order of lines */
    RejectedRow *rejected;
    size_t rejected_count;
    PendingRow *pending;
    size_t pending_count;
    DroppedMedia *dropped;
    size_t dropped_count;
} ReceivedRows;
MUST_USE bool received_rows(Db *db, Arena *mem, int64_t file, ReceivedRows *out, Err *err);

typedef struct HashSetRow {
    int64_t id, entries, compared, matches;
    const char *name, *version, *kind;        /* kind: known | benign */
    Instant at;
} HashSetRow;
MUST_USE bool hash_set_list(Db *db, Arena *mem, HashSetRow **out, size_t *count, Err *err);
