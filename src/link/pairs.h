/* pairs.h: two records that may be one person: what was found between them, and what people decide of it.
 *
 * Facts: link.suggested (a pair was weighed: its weight, model and reasons stand in the fact), link.decided,
 * link.undecided, link.weighed (how far weighing has come). A decision outlives every later weighing. `same`
 * merges the two, `different` keeps them apart for good, `cannot-say` takes the pair off the list until what
 * is known of it changes. Undoing a decision gives back exactly what was before it. Decisions are labels:
 * they measure the model (pair_labels) and never tune it.
 *
 * Need-to-know: a pair is there only for a viewer who may see both nominals; else it is ERR_NOT_FOUND, and in
 * no list, count or candidate. */
#pragma once
#include "link/nominal.h"

typedef enum PairGrade { PAIR_BLANK, PAIR_DIFFERS, PAIR_CLOSE, PAIR_MATCH, PAIR_GRADE__COUNT } PairGrade;
const char *pair_grade_key(PairGrade grade);     /* "blank" | "differs" | "close" | "match" */

/* One aspect compared. */
typedef struct PairAspect {
    const char *aspect, *words;  /* "birth_date", "date of birth" */
    const char *level, *says;    /* "day_month_swapped", "day and month swapped" */
    PairGrade   grade;
    int64_t     bits, term;      /* thousandths: of the level; of how common the value is */
} PairAspect;
const char *aspect_words(const char *aspect);    /* the aspect itself when it has no other */

typedef struct PairRow {
    int64_t     id, operation, a, b;
    int64_t     one, two;        /* the nominals they belong to now; equal: they are one by now */
    int64_t     weight, prior, withheld, overlap, doubt;  /* thousandths of a bit; doubt 0..1000 */
    const char *model, *outcome, *reason, *state;
    int64_t     decided, entry, stake, rank, children;
    PairAspect *aspects;
    size_t      aspect_count;
} PairRow;
typedef struct PairPlace { int64_t stake, doubt, id; } PairPlace;    /* where a page of the list ended */
typedef struct PairFilter {
    int64_t   operation, force;  /* `force` from viewer_scope */
    PairPlace after;             /* {0}: the first page */
    size_t    limit;
} PairFilter;
/* What waits for a decision: risk to children first, then how much an answer would tell. Of several pairs of
 * the same two nominals the heaviest. */
MUST_USE bool pair_queue(Db *db, Arena *mem, const Viewer *viewer, const PairFilter *f, PairRow **out,
                         size_t *count, Err *err);
MUST_USE bool pair_waiting(Db *db, const Viewer *viewer, int64_t operation, int64_t force, int64_t *count,
                           Err *err);
MUST_USE bool pair_fetch(Db *db, Arena *mem, const Viewer *viewer, int64_t id, PairRow *out, Err *err);
/* Other pairs of either nominal, heaviest first, decided or not; at most `limit`. */
MUST_USE bool pair_candidates(Db *db, Arena *mem, const Viewer *viewer, const PairRow *of, size_t limit,
                              PairRow **out, size_t *count, Err *err);
/* The heaviest pair between two nominals as they are now; *found false if they were never weighed. */
MUST_USE bool pair_between(Db *db, Arena *mem, const Viewer *viewer, int64_t one, int64_t two, PairRow *out,
                           bool *found, Err *err);
/* Every pair of one nominal's own records, those that led to merges among them. */
MUST_USE bool pair_within(Db *db, Arena *mem, const Viewer *viewer, int64_t nominal, PairRow **out,
                          size_t *count, Err *err);

/* Every pair of an operation that is or was worth a look, for clustering: nobody is shown it. */
MUST_USE bool pair_all(Db *db, Arena *mem, int64_t operation, PairRow **out, size_t *count, Err *err);

/* ---- decisions */
typedef struct PairAnswer { const char *answer, *says; } PairAnswer;
extern const PairAnswer pair_answers[];          /* ends with {0} */
/* ERR_INVALID: no such answer, or no reason; ERR_CONFLICT: decided already, or the two are one by now. */
MUST_USE bool pair_decide(Ledger *ledger, const Hand *hand, int64_t pair, const char *answer,
                          const char *reason, int64_t *decision, Err *err);
MUST_USE bool pair_undecide(Ledger *ledger, const Hand *hand, int64_t decision, const char *reason, Err *err);
typedef struct PairDecision {
    int64_t     id, pair, one, two, person, weight, undone_by;
    const char *answer, *reason, *name, *model;  /* name: of the person */
    Instant     at;
} PairDecision;
/* Of one pair, newest first; 0: of all pairs the viewer may see. */
MUST_USE bool pair_decisions(Db *db, Arena *mem, const Viewer *viewer, int64_t operation, int64_t pair,
                             size_t limit, PairDecision **out, size_t *count, Err *err);
MUST_USE bool pair_decision_one(Db *db, Arena *mem, const Viewer *viewer, int64_t id, PairDecision *out,
                                Err *err);
extern const Kind pair_kinds[];
