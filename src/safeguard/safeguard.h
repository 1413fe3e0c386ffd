/* safeguard.h: concerns for children: what is at stake, which route, which agency, by when, what came of it.
 * Typed records, never a counter. A child is a label (initials or the force's own reference), never a full
 * name.
 *
 * Facts: child.recorded, child.safeguarded, child.referred, and return.child-placed for rows of files. Each
 * state a record was moved to is kept as a row of its own; the record is what its rows say. Every function
 * checks that the person of `hand` may do it: ERR_DENIED, or ERR_NOT_FOUND when the child is not theirs. */
#pragma once
#include "access/access.h"
#include "clock/clock.h"
#include "ledger/ledger.h"

typedef struct ChildInput {
    int64_t nominal, force;
    const char *ref, *label, *relation, *access, *state, *mechanism, *agency, *plan;
    int64_t age;
    bool immediate_risk;
    Date known_on, safeguarded_on;
} ChildInput;
MUST_USE bool child_record(Ledger *ledger, Db *db, const ClockRules *rules, const Hand *hand,
                           const ChildInput *in, int64_t *id, Err *err); /* new, or moves a known ref on */
MUST_USE bool child_safeguarded(Ledger *ledger, Db *db, const Hand *hand, int64_t child,
                                const char *mechanism, const char *agency, const char *plan, Date on,
                                Err *err);
typedef struct ChildReferralInput {
    int64_t child;
    const char *route, *agency, *ref, *outcome, *state;
    Date on;
} ChildReferralInput; /* state: sent | acknowledged | decided */
MUST_USE bool child_refer(Ledger *ledger, Db *db, const ClockRules *rules, const Hand *hand,
                          const ChildReferralInput *in, Err *err);
typedef struct ChildReferralRow {
    int64_t id;
    const char *route, *agency, *outcome;
    Date sent, acknowledged, decided;
} ChildReferralRow;
typedef struct ChildRow {
    int64_t id, nominal, force, owner;
    const char *label, *ref, *relation, *access, *state, *mechanism, *agency, *plan, *force_tile,
        *nominal_name, *band, *owner_name, *next_says;
    int64_t age;
    bool immediate_risk;
    Date known_on, safeguarded_on;
    Instant next_due;
    ChildReferralRow *referrals;
    size_t referral_count;
} ChildRow;
typedef struct ChildFilter {
    int64_t operation, force, nominal;
    const char *state;
    bool immediate_only, no_plan_only;
    int64_t after_id;
    size_t limit;
} ChildFilter;
/* Places waiting return rows of the events child and referral, as returns_place (operate.h) does the others.
 * Run after it. A referral whose child is not here yet goes on waiting. */
MUST_USE bool returns_place_children(Ledger *ledger, Db *db, const ClockRules *rules, const Hand *hand,
                                     size_t *placed, size_t *pending, Err *err);
/* Immediate risk without a plan first, then by known_on. */
MUST_USE bool child_list(Db *db, Arena *mem, const Viewer *viewer, const ChildFilter *f, ChildRow **out,
                         size_t *count, Err *err);
MUST_USE bool child_fetch(Db *db, Arena *mem, const Viewer *viewer, int64_t id, ChildRow *out, Err *err);
extern const Kind safeguard_kinds[];
