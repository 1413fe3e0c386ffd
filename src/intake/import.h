/* import.h: a received file becomes referrals and sightings, and every row is accounted for.
 *
 * Invariants: (1) received = taken + merged + rejected + pending, at every instant; (2) each step is durable
 * before the next, so that after a kill at any moment the same call goes on where it stopped; (3) the same
 * bytes twice in one operation change nothing; (4) media is taken out before anything is stored; (5) memory
 * does not grow with the file. */
#pragma once
#include "ledger/ledger.h"

typedef struct ImportOptions {
    const char *name;                    /* shown to people; NULL: the last part of the path */
    int64_t     owner;                   /* person.id who answers for it; 0: the hand's actor */
    int64_t     batch_rows;              /* 0: as many as suit; tests ask for few */
} ImportOptions;

typedef struct ImportRejection { int64_t line; const char *reason; } ImportRejection;
typedef struct ImportReport {            /* texts live in the Arena given */
    int64_t     file;
    const char *format;
    int64_t     received, taken, merged, rejected, pending, media_dropped;
    ImportRejection *rejections;         /* the first LIMIT_REJECTIONS_SHOWN; `rejected` is the total */
    size_t      rejection_count;
    bool        already;                 /* these bytes were taken in before: nothing changed */
} ImportReport;

/* Bytes and rows so far; total in bytes. */
typedef void ImportProgress(void *ctx, int64_t bytes_done, int64_t bytes_total, int64_t rows);

/* ERR_DENIED without a live operation; ERR_INVALID for an unknown format, an unknown or missing column. */
MUST_USE bool intake_import(Ledger *ledger, Store *store, const Hand *hand, const ImportOptions *options,
                            const char *path, Arena *mem, ImportReport *report, ImportProgress *progress,
                            void *ctx, Err *err);
/* The report of a file received before. */
MUST_USE bool intake_report(Db *db, Arena *mem, int64_t file, ImportReport *report, Err *err);
