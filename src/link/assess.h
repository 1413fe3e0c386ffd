/* assess.h: a referral that reports nobody: a web page, a group, a file without an account.
 *
 * No nominal will come of it, so nothing else would own it. It gets a clock of its own, owned by the
 * lead agency, until a person says what becomes of it, or a later report names someone after all. Facts:
 * referral.unowned (starts the clock), referral.assessed (stops it). */
#pragma once
#include "clock/clock.h"
#include "ledger/ledger.h"

/* What may become of it. */
typedef struct Assessment { const char *outcome, *says; } Assessment;
extern const Assessment assessments[];       /* ends with {0}; the last before it is the machine's own */
const char *assessment_says(const char *outcome);        /* NULL: no such outcome */

/* Starts clocks for referrals without an owner, and ends those of referrals that now lead to someone. */
MUST_USE bool assess_pending(Ledger *ledger, Db *db, const ClockRules *rules, const Hand *hand, size_t *done,
                             Err *err);
/* A person's decision. ERR_NOT_FOUND; ERR_INVALID without a reason or with an unknown outcome; ERR_CONFLICT
 * if it leads to someone, stands under another referral, or was decided already. */
MUST_USE bool referral_assess(Ledger *ledger, const Hand *hand, int64_t referral, const char *outcome,
                              const char *reason, Err *err);
extern const Kind assess_kinds[];
