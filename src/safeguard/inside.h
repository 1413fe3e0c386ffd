/* inside.h: what the files of src/safeguard share. No other folder includes it. */
#pragma once
#include "safeguard/safeguard.h"
#include "safeguard/safeguard_sql.h"

#define SQL(name) (&safeguard_sql[SAFEGUARD_##name])

typedef struct ChildNow {
    int64_t id, operation, nominal, force, owner;
    const char *state;
    bool planned, immediate_risk;
    Date known_on;
    Instant plan_due;
} ChildNow;
MUST_USE bool child_now(Db *db, Arena *mem, int64_t id, ChildNow *out, Err *err); /* ERR_NOT_FOUND */
MUST_USE bool child_by_ref(Db *db, int64_t force, const char *ref, int64_t *id, Err *err);     /* 0 if none */

/* One row about a child, however it came: the columns of docs/formats.md. Texts are borrowed. */
typedef struct ChildFact {
    const char *ref, *child_ref, *label, *relation, *access, *state, *mechanism, *agency,
        *plan;                                          /* NULL: not said */
    int64_t operation, nominal, force, file, line, age; /* age -1: not said */
    bool    immediate_risk;
    Date    on;
    Instant plan_due;
} ChildFact;
typedef struct ReferralFact {
    const char *ref, *route, *agency, *state, *outcome;
    int64_t child;
    Date    on;
    Instant acknowledge_due, decide_due;
} ReferralFact;

/* apply.c */
MUST_USE bool child_put(Tx *tx, const Entry *entry, const ChildFact *fact, int64_t *child, int64_t *was_child,
                        bool *same, Err *err);
MUST_USE bool referral_put(Tx *tx, const Entry *entry, const ReferralFact *fact, bool *same, Err *err);
/* After any of its rows changed: the record, its clocks, and the count of the nominal. */
MUST_USE bool child_settle(Tx *tx, const Entry *entry, Arena *mem, int64_t child, Err *err);

/* dues.c: instants a fact must carry, since apply knows no calendar. */
MUST_USE bool plan_due_set(const ClockRules *rules, const char *nation, bool immediate, Date known_on,
                           Instant recorded, Json *item, Err *err);
MUST_USE bool referral_dues_set(const ClockRules *rules, const char *nation, const char *route, Date sent_on,
                                Instant recorded, Json *item, Err *err);
const char *decide_clock(const char *route);
bool route_known(const char *route);
