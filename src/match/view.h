/* view.h: what people see of matching: sets in use, why a file is known, what is held, jobs, victim series.
 * Digests and counts only; nothing here could show a picture. */
#pragma once
#include "match/match.h"

typedef struct SetFileRow {
    int64_t id, entries, conflicts, bytes, replaces, matched;    /* matched: files of ours that it knows */
    const char *name, *version, *root, *signed_by;
    const char *digests;                     /* JSON {"MD5": count, ...} */
    Instant at;
    bool retired;
} SetFileRow;
MUST_USE bool set_file_list(Db *db, Arena *mem, SetFileRow **out, size_t *count, Err *err);
MUST_USE bool set_file_fetch(Db *db, Arena *mem, int64_t id, SetFileRow *out, Err *err); /* ERR_NOT_FOUND */

typedef struct ReasonRow {
    const char *set, *version, *kind;        /* kind: known | benign | negative */
    const char *digest, *found, *grade, *scale, *series;
    int64_t distance, quality, votes, set_file, entry; /* quality, votes: -1 when not stated */
    bool trusted, victim_identified, provisional;
    bool counts;                             /* not suppressed, held or dismissed */
} ReasonRow;
typedef struct MatchExplained {
    int64_t file_hash, referral, held;       /* held: H reference, 0 if never */
    const char *kind, *value, *classification, *held_state;
    bool looked;                             /* compared with the sets at all */
    ReasonRow *reasons;
    size_t count;
} MatchExplained;
MUST_USE bool match_explain(Db *db, Arena *mem, int64_t file_hash, MatchExplained *out,
                            Err *err); /* ERR_NOT_FOUND */

typedef struct HeldRow {
    int64_t id, referrals, nominals, now;    /* when held; now: referrals that have it today */
    const char *kind, *value, *set, *version, *state, *person, *reason, *grade;
    Instant at;
} HeldRow;
MUST_USE bool held_list(Db *db, Arena *mem, HeldRow **out, size_t *count, Err *err);

typedef struct JobRow {
    int64_t id, subject, done, total, found;
    const char *kind, *says, *person, *state; /* state: running | stopping | done | cancelled */
    Instant started, moved;
} JobRow;
MUST_USE bool job_list(Db *db, Arena *mem, JobRow **out, size_t *count, Err *err);
MUST_USE bool job_fetch(Db *db, Arena *mem, int64_t id, JobRow *out, Err *err); /* ERR_NOT_FOUND */
double job_rate(const JobRow *job, Instant now); /* files a second so far; 0 when unknown */

typedef struct SeriesRow {
    const char *series;
    int64_t referrals, nominals, stopped;    /* stopped: nominals arrested */
    bool victim_identified;
} SeriesRow;
MUST_USE bool series_list(Db *db, Arena *mem, SeriesRow **out, size_t *count, Err *err);

typedef struct MatchCoverage { int64_t files, looked, known, suppressed; } MatchCoverage;
MUST_USE bool match_coverage(Db *db, MatchCoverage *out, Err *err);
