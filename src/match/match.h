/* match.h: file hashes are compared with known-file sets: digests exactly, PDQ within a distance. Grades keep
 * their own scale.
 *
 * Invariants: (1) every reason is kept (match_reason); what counts follows from the reasons alone, so the
 * order in which files and sets arrive makes no difference; (2) harmless and negative sets suppress all
 * others; (3) a hash that more referrals have than the flood limit is held for a person, and counts nowhere
 * until released; (4) what is compared is decided here, and recorded; apply only writes it down. */
#pragma once
#include "clock/clock.h"
#include "ledger/ledger.h"
#include "match/limits.h"

typedef void MatchProgress(void *ctx, int64_t done, int64_t total);
typedef struct MatchRun {
    Ledger *ledger;
    Db *db;
    const Hand *hand;
    const ClockRules *rules;                 /* NULL: what is held waits two days */
    KnownLimits limits;                      /* a 0 in it: by data/known/limits.csv, on the day of `hand` */
    MatchProgress *progress;                 /* of jobs; may be NULL */
    void *ctx;
} MatchRun;
/* Matches every file_hash not looked at yet (files.matched facts, in batches), then goes on with jobs that
 * compare new sets with what was looked at before. Returns how many files were looked at. Stopped at any
 * point, the next call goes on. ERR_STORE: a registered set's file is missing or altered. */
MUST_USE bool match_run(const MatchRun *run, size_t *looked, Err *err);
MUST_USE bool match_pending(Ledger *ledger, Db *db, const Hand *hand, size_t *looked, Err *err);

typedef struct HashSetRow {
    int64_t id;
    const char *name, *version, *kind;
    int64_t entries, matches;
    Instant at;
} HashSetRow;
MUST_USE bool hashset_list(Db *db, Arena *mem, HashSetRow **out, size_t *count, Err *err);
typedef struct MatchRow {
    int64_t file_hash, referral;
    const char *kind, *value, *set, *version, *grade, *scale, *series;
    bool provisional;
} MatchRow;
MUST_USE bool match_of_nominal(Db *db, Arena *mem, int64_t nominal, MatchRow **out, size_t *count, Err *err);

/* ---- what is held, and jobs: decisions of people ---- */

/* The matches of a held hash count from now on (`release`), or never do. ERR_CONFLICT: decided already. */
MUST_USE bool held_decide(Ledger *ledger, const Hand *hand, int64_t held, bool release, const char *reason,
                          Err *err);
/* Asks a running job to stop at its next step; what it found stays. */
MUST_USE bool job_cancel(Ledger *ledger, const Hand *hand, int64_t job, const char *reason, Err *err);

extern const Kind match_kinds[];
