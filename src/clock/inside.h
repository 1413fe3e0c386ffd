/* inside.h: what the files of src/clock share. No other folder includes it. */
#pragma once
#include "clock/clock.h"

/* How long after the due time the supervisor may keep it before the agency lead is told. */
Instant rules_escalate_after(const ClockRules *rules, const char *kind, const char *band);

typedef struct Running {               /* a clock as it stands, for a command that is about to change it */
    int64_t     id, subject, operation, agency, owner, offered, told;
    int         level;
    Instant     due, paused_at, stopped;
    const char *kind;
} Running;
/* ERR_NOT_FOUND: no such clock. ERR_CONFLICT: it has stopped. */
MUST_USE bool running_read(Db *db, Arena *mem, int64_t id, Running *out, Err *err);
/* The agency's duty person, whoever else is left, or the actor. ERR_CONFLICT when there is nobody at all. */
MUST_USE bool owner_settle(Tx *tx, const Entry *entry, int64_t agency, int64_t wanted, int64_t *owner,
                           Err *err);

/* A clock's facts belong to its operation. */
static inline Hand hand_under(const Hand *hand, int64_t operation)
{
    Hand under = *hand;
    under.operation = operation;
    return under;
}
