/* returns.h: rows that forces returned find their person, package and force; shared by actions here and
 * children in safeguard.
 *
 * Outside apply (returns_run): waiting rows, then pending ones whose subject has become known, are resolved
 * in batches, and one fact a batch carries {row, force, nominal, package ...}, or why a row is refused or
 * must wait. Inside apply (returns_apply): the row's texts are read again from return_row and placed. What is
 * not settled keeps an owner through the clock pending-row.place of its file. */
#pragma once
#include "clock/clock.h"
#include "intake/intake_ledger.h"
#include "ledger/ledger.h"

enum { RETURNS_BATCH = 300 };            /* rows a fact: keeps a body at some tens of kilobytes */

typedef struct ReturnRow {
    int64_t id, file, line, operation;
    const char *force, *event, *subject_ref, *ref, *state, *text;     /* text: JSON of the row's columns */
    Json *row; /* text, read; released by return_row_done */
    Date on;
} ReturnRow;
MUST_USE bool return_row_read(Db *db, Arena *mem, int64_t id, ReturnRow *out, Err *err);
void return_row_done(ReturnRow *row);            /* for CLEANUP; accepts {0} */

/* Where a row belongs. One of refused and waits may be set: then the rest does not count. */
typedef struct ReturnPlace {
    int64_t force, nominal, package;             /* package 0: none of that force for this person */
    const char *nation, *band, *refused, *waits; /* nation and band as clock_due takes them */
} ReturnPlace;

typedef struct ReturnsRun {
    const ClockRules *rules;
    const Hand *hand;
    const Json *items;                           /* of the same fact so far */
} ReturnsRun;
/* Adds to a row's item what apply needs; may refuse the row or let it wait. */
typedef bool ReturnFill(Db *db, Arena *mem, const ReturnsRun *run, const ReturnRow *row, ReturnPlace *place,
                        Json *item, Err *err);
typedef struct ReturnsJob {
    const char *kind;                            /* the fact; its fields are returns_fields */
    bool        children;                        /* events child and referral, else all others */
    ReturnFill *fill;
} ReturnsJob;
MUST_USE bool returns_run(Ledger *ledger, const ClockRules *rules, const Hand *hand, const ReturnsJob *job,
                          size_t *placed, size_t *pending, Err *err);

/* Puts one row into its table. *settled starts as SETTLED_TAKEN; SETTLED_PENDING and SETTLED_REJECTED need
 * *reason. */
typedef bool ReturnPut(void *ctx, Tx *tx, const Entry *entry, const ReturnRow *row, const Json *item,
                       Settled *settled, const char **reason, Err *err);
MUST_USE bool returns_apply(Tx *tx, const Entry *entry, Arena *mem, ReturnPut *put, void *ctx, Err *err);
extern const Field returns_fields[];

/* "" for england-wales, as clock_due takes it. */
MUST_USE bool nation_of(Db *db, Arena *mem, int64_t agency, const char **nation, Err *err);
/* What counts as the start of something that happened on a day: the moment it is recorded if that is today,
 * else the start of that day in London. */
Instant event_start(Date on, Instant recorded);
/* clock_due, with INSTANT_NONE where no rule or calendar covers the day: then there is no clock. */
MUST_USE bool due_or_none(const ClockRules *rules, const char *kind, const char *band, const char *nation,
                          Instant from, Instant *due, Err *err);
