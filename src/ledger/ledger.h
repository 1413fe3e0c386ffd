/* ledger.h: the facts. The one way anything changes (DESIGN.md section 3).
 *
 * A kind of fact is one row in a registry: name, body shape, apply. `ledger_append` checks the body against
 * the shape, runs apply, writes the entry and its hash, all in the caller's Tx. Only apply functions write
 * projections. Invariants: (1) seq is dense from 1; (2) replaying all entries into an empty database gives
 * identical projections, so apply may depend only on the entry, the projections and ledger_file bytes: no
 * clock, no chance, no configuration; (3) an object's id is the seq of the entry that created it, except rows
 * of bulk files (referral, sighting, identifier, footprint, file_hash ...), which are numbered by their own
 * tables in reading order. */
#pragma once
#include "base/digest.h"
#include "base/json.h"
#include "base/source.h"
#include "base/when.h"
#include "store/store.h"

typedef enum FieldType {
    FIELD_TEXT,
    FIELD_INT,
    FIELD_BOOL,
    FIELD_DATE,
    FIELD_INSTANT,
    FIELD_ID,
    FIELD_LIST,
    FIELD_OBJECT
} FieldType;
typedef enum Need { OPTIONAL, REQUIRED } Need;
typedef struct Field {
    const char *name;
    Need need;
    FieldType type;
} Field; /* DATE "YYYY-MM-DD"; INSTANT microseconds */

typedef struct Entry {
    int64_t seq, actor, agency, operation;
    int64_t subject; /* 0 in a creating entry: then the object's id is seq; see entry_object */
    Instant at;
    const char *kind;
    const Json *body; /* empty object once erased */
    bool erased;
} Entry;
static inline int64_t entry_object(const Entry *e) { return e->subject ? e->subject : e->seq; }

/* `mem` is freed after the entry. Must tolerate an erased body only if the kind is erasable. */
typedef bool Apply(Tx *tx, const Entry *entry, Arena *mem, Err *err);
typedef struct Kind {
    const char *name;    /* "package.sent" */
    const char *says;    /* for people: "Package sent to the force" */
    const Field *fields; /* ends with {0}; a body field not listed is refused */
    Apply *apply;        /* NULL: a fact with no projection of its own */
    bool creates;        /* subject must be 0 */
    bool erasable;
} Kind;
typedef struct Kinds {
    const Kind *const *tables;
} Kinds; /* NULL-terminated list of tables, each ended by {0} */

typedef struct Ledger Ledger;
/* Who is doing it, under which operation, when. `actor` 0 is the system. */
typedef struct Hand {
    int64_t actor, agency, operation;
    Instant at;
} Hand;

/* Attaches a ledger to an opened store. On a new database the first append happens through ledger_found. */
MUST_USE bool ledger_open(Store *store, const Kinds *kinds, Ledger **out, Err *err);
void ledger_close(Ledger *ledger);
Store *ledger_store(const Ledger *ledger); /* for commands of several facts: writer_run with ledger_append */
/* Makes the head row and signing key of a new database. origin e.g. "muster/lantern". */
MUST_USE bool ledger_found(Ledger *ledger, const char *origin, Instant now, Err *err);

/* Appends one fact inside a command. Takes over `body` (even on failure). *seq may be NULL. */
MUST_USE bool ledger_append(Tx *tx, const Hand *hand, const char *kind, int64_t subject, Json *body,
                            int64_t *seq, Err *err);
/* The same as a command of its own: durable when it returns. */
MUST_USE bool ledger_record(Ledger *ledger, const Hand *hand, const char *kind, int64_t subject, Json *body,
                            int64_t *seq, Err *err);
const Kind *ledger_kind(const Ledger *ledger, const char *name); /* NULL if unknown */

/* Reading entries for history screens. kind NULL / subject 0 / actor 0: any. Newest first below `before` (0:
 * from the head). */
typedef struct EntryRow {
    int64_t seq, actor, agency, operation, subject;
    Instant at;
    const char *kind, *body;
    bool erased;
} EntryRow;
typedef struct EntryFilter {
    const char *kind;
    int64_t subject, actor, before;
    size_t limit;
} EntryFilter;
MUST_USE bool ledger_entries(Db *db, Arena *mem, const EntryFilter *f, EntryRow **out, size_t *count,
                             Err *err);

typedef struct LedgerHead {
    int64_t size;
    Sha256 root;
    const char *origin;
    const char *verifier;
} LedgerHead; /* verifier: C2SP vkey */
MUST_USE bool ledger_head(Db *db, Arena *mem, LedgerHead *out, Err *err);
MUST_USE bool ledger_checkpoint(Ledger *ledger, Arena *mem, Instant now, const char **note, Err *err);
/* Hex/base64 proofs as JSON: {"leaf","index","size","root","proof":[...]}. */
MUST_USE bool ledger_prove_inclusion(Db *db, Arena *mem, int64_t seq, int64_t size, Json **out, Err *err);
MUST_USE bool ledger_prove_consistency(Db *db, Arena *mem, int64_t old_size, int64_t new_size, Json **out,
                                       Err *err);

typedef void LedgerProgress(void *ctx, int64_t done, int64_t total);
typedef struct Verdict {
    bool good;
    int64_t entries;
    int64_t first_bad; /* seq of the first bad entry, 0 if none */
    const char *why;   /* one sentence */
    Sha256 root;
} Verdict;
/* Recomputes everything from the stored bytes, offline, on a possibly damaged copy. With a checkpoint note
 * (text) also proves that this ledger extends it: names the first missing entry of a truncated tail or an
 * older backup. */
MUST_USE bool ledger_verify(Db *db, Arena *mem, const char *checkpoint, const char *vkey, LedgerProgress *p,
                            void *ctx, Verdict *out, Err *err);
/* Replays all entries of `from` into a new database at `to_path` and compares every projection table. */
typedef struct Difference {
    const char *table;
    int64_t rows_kept, rows_replayed;
} Difference;
MUST_USE bool ledger_rebuild(Store *from, const Kinds *kinds, const char *to_path, Arena *mem,
                             LedgerProgress *p, void *ctx, Difference **differences, size_t *count, Err *err);
/* Lawful erasure: destroys body and salt of one entry, records entry.erased (reason), reapplies nothing.
 * Proofs stay valid. */
MUST_USE bool ledger_erase(Ledger *ledger, const Hand *hand, int64_t seq, const char *reason, Err *err);

/* Received files by digest, chunked and compressed. Written before the entry that names them. */
MUST_USE bool ledger_file_put(Tx *tx, Arena *mem, Str bytes, Sha256 *digest, Err *err); /* whole, small */
MUST_USE bool ledger_file_chunk_put(Tx *tx, const Sha256 *digest, int64_t idx, Str plain,
                                    Err *err); /* streaming: chunk by chunk, */
MUST_USE bool ledger_file_finish(Tx *tx, const Sha256 *digest, int64_t size, int64_t chunks,
                                 Err *err); /* then the row */
enum { LEDGER_FILE_CHUNK = 1024 * 1024 };
MUST_USE bool ledger_file_chunk(Db *db, Arena *mem, const Sha256 *digest, int64_t idx, Str *plain, Err *err);
/* A Source over a stored file from `offset`, reading through db. */

MUST_USE bool ledger_file_source(Db *db, Arena *mem, const Sha256 *digest, uint64_t offset, Source **out,
                                 Err *err);

extern const Kind ledger_kinds[]; /* entry.erased; part of every registry */
