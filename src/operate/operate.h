/* operate.h: what a force did with a package: warrants, premises, arrests, exhibits, bail, charges, outcomes;
 * welfare of the suspect.
 *
 * One fact action.recorded per action; returns files become return.placed facts carrying many. A later return
 * with the same force, kind and ref corrects the earlier one (corrected_by). The first arrest of a nominal is
 * flagged first_arrest: figures count people once. */
#pragma once
#include "access/access.h"
#include "clock/clock.h"
#include "ledger/ledger.h"

typedef struct ActionInput {
    int64_t nominal, package, force;
    const char *kind, *ref, *place, *state;
    Date on;
    int64_t quantity;
    bool registered, position_of_trust;
    const Json *detail;
} ActionInput;
MUST_USE bool action_record(Ledger *ledger, Db *db, const ClockRules *rules, const Hand *hand,
                            const ActionInput *in, int64_t *id, Err *err);
/* Places waiting return rows (intake's return_row table) in batches: actions here, children and referrals in
 * safeguard's tables. */
MUST_USE bool returns_place(Ledger *ledger, Db *db, const ClockRules *rules, const Hand *hand, size_t *placed,
                            size_t *pending, Err *err);
typedef struct ActionRow {
    int64_t id, nominal, package, force, entry, file, line;
    const char *kind, *says, *ref, *place, *state, *detail, *force_tile, *nominal_name;
    Date on;
    int64_t quantity;
    bool first_arrest, corrected;
} ActionRow;
MUST_USE bool action_list(Db *db, Arena *mem, int64_t nominal, ActionRow **out, size_t *count, Err *err);
extern const Kind operate_kinds[];
