/* known_read.h: files that list known files, read as a stream into entries of a set.
 *
 * The format is told from content, never from a name: VICS 1.x/2.0 JSON, ICSE CSV, NCMEC Hash Sharing v2
 * XML, NSRL RDS v2 text and v3 SQLite (known to be harmless), hashdeep and md5sum/sha1sum/sha256sum lists,
 * lists that `muster pdq` prints, and any CSV by its header or a column map (docs/formats.md).
 * Invariants: (1) rows = entries + rejected + ignored; (2) a document that is not well formed fails the whole
 * call, however late the fault: the caller then keeps nothing; (3) memory does not grow with the file;
 * (4) grades are taken as written, on the scale that the file declares: nothing is converted or guessed. */
#pragma once
#include "base/err.h"
#include "engine/cpu.h"
#include "engine/known/known_set.h"

typedef enum KnownStance {
    STANCE_KNOWN,
    STANCE_BENIGN,               /* harmless: suppresses */
    STANCE_NEGATIVE,             /* never queue on these */
} KnownStance;

typedef struct KnownRejection {
    uint64_t    line;            /* 0 where lines mean nothing (JSON, SQLite) */
    uint64_t    offset;          /* byte; row number in SQLite */
    const char *why;             /* never quotes the row */
} KnownRejection;

typedef struct KnownReadOptions {
    const char *source, *version; /* of all entries; NULL: what the file says of itself, or its name */
    const char *scale;           /* of all grades; NULL: what the file declares */
    const char *grade;           /* for rows that have none */
    const char *map;             /* CSV: "md5=COLUMN,grade=COLUMN,..."; a column by name or number from 1 */
    int         digest;          /* lists of bare digests: a DigestKind where length does not tell; -1 */
    KnownStance stance;
    bool        stance_given;    /* else NSRL is benign and CSV rows may say */
    bool      (*progress)(void *ctx, uint64_t bytes_done, uint64_t bytes_total); /* NULL; false stops */
    void       *ctx;
} KnownReadOptions;
#define KNOWN_READ_DEFAULT ((KnownReadOptions){ .digest = -1 })

typedef struct KnownReadReport {                 /* texts live in the Arena given */
    const char *format; /* "vics", "icse", "ncmec", "nsrl2", "nsrl3", "list", "csv" */
    const char *source, *version, *scale;        /* as taken; NULL scale: rows say */
    uint64_t    rows, entries, rejected;
    uint64_t    ignored;                         /* digests of the empty file */
    uint64_t    ungraded;                        /* of the entries: the file says that nobody has decided */
    uint64_t    precategorized_only;             /* marked IsPrecategorized, without a category: no verdict */
    const char *unread;                          /* CSV columns that mean nothing here, "a, b"; NULL */
    KnownRejection *rejections;                  /* the first LIMIT_REJECTIONS_SHOWN */
    size_t      rejection_count, rejection_cap;
} KnownReadReport;

/* Takes one entry; it lives until the call returns. */
typedef bool KnownTake(void *ctx, const KnownEntry *entry, Err *err);
/* ERR_INVALID: unknown format, malformed document, unknown column; ERR_LIMIT; ERR_STORE. */
MUST_USE bool known_read(const char *path, const KnownReadOptions *options, KnownTake *take, void *ctx,
                         Arena *mem, KnownReadReport *report, Err *err);
/* The same over bytes in memory (tests, fuzzing); `name` stands for the file's. Not SQLite. */
MUST_USE bool known_read_bytes(Str bytes, const char *name, const KnownReadOptions *options, KnownTake *take,
                               void *ctx, Arena *mem, KnownReadReport *report, Err *err);

/* A digest as text: hexadecimal of either case; PhotoDNA also as base64 or as 144 numbers with commas. */
MUST_USE bool digest_parse(DigestKind kind, Str text, uint8_t *out);
/* For readers of many, which ask once what the processor has, and for tests. */
MUST_USE bool digest_parse_by(Cpu level, DigestKind kind, Str text, uint8_t *out);
/* "md5", "sha1", "sha256", "pdq", "photodna", without regard to case, spaces and hyphens. -1: none. */
int digest_named(Str name);
