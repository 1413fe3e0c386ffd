/* risk_ledger.h: nominal.scored, check.opened, check.answered, band.proposed, band.decided, band.refused. */
#pragma once
#include "ledger/ledger.h"
extern const Kind risk_kinds[];

/* The rank that orders the queue: the suggestion until a person decides; then the decision, raised again only
 * by a suggestion above the one they saw. *review: it was raised so. */
MUST_USE bool rank_in_force(Db *db, int64_t nominal, const char *suggested, int *rank, bool *review,
                            Err *err);
char *check_clock(Arena *mem, const char *kind);         /* "nominal.access-check" */
