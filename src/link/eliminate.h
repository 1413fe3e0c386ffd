/* eliminate.h: a person found to have nothing to do with the operation.
 *
 * "Eliminated" takes someone out of the queue, of searches and of published counts, and stops their clocks;
 * every fact stays. It ends protection, so a second person has to agree (the proposal has a clock). It is
 * taken back at once by one person, with a reason, or by what is learned: a new sighting linked to them, a
 * merge with someone who is not eliminated, or a force's act that says more of them than was known (an
 * arrest, a charge) takes it back in the same fact. Who was convicted, or is a victim, is never eliminated.
 *
 * Facts: elimination.proposed, elimination.agreed, elimination.refused, nominal.reinstated. */
#pragma once
#include "clock/clock.h"
#include "ledger/ledger.h"

/* ERR_CONFLICT: eliminated already, or proposed. */
MUST_USE bool elimination_propose(Ledger *ledger, const ClockRules *rules, const Hand *hand, int64_t nominal,
                                  const char *reason, Err *err);
/* ERR_NOT_FOUND: nothing waits; ERR_DENIED: the one who proposed it. */
MUST_USE bool elimination_second(Ledger *ledger, const Hand *hand, int64_t nominal, bool agree, Err *err);
/* ERR_CONFLICT: not eliminated. */
MUST_USE bool nominal_reinstate(Ledger *ledger, const Hand *hand, int64_t nominal, const char *reason,
                                Err *err);

typedef struct Elimination {
    int64_t     id, person;                  /* id 0: none holds or waits */
    bool        holds;                       /* false: it waits for a second person */
    const char *reason, *person_name, *second_name, *status_before;
    Instant     at;
} Elimination;
MUST_USE bool elimination_of(Db *db, Arena *mem, int64_t nominal, Elimination *out, Err *err);

extern const Kind eliminate_kinds[];
