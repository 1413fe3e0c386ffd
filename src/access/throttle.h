/* throttle.h: how long to wait after wrong passwords, by login and by address. Keys are digests: a wrong
 * login is often a password typed in the wrong box. Free tries first, then each wrong one doubles the wait
 * up to an hour. */
#pragma once
#include "base/when.h"
#include "store/store.h"

typedef enum ThrottleOf { THROTTLE_LOGIN, THROTTLE_ADDRESS } ThrottleOf;
enum {
    THROTTLE_FREE_LOGIN      = 5,
    THROTTLE_FREE_ADDRESS    = 20,
    THROTTLE_LONGEST_MINUTES = 60,
    THROTTLE_FORGET_HOURS    = 24,
};

typedef struct Throttle { ThrottleOf of; char key[36]; } Throttle;     /* an empty key throttles nothing */
Throttle throttle_of(ThrottleOf of, const char *text);
/* When the next try is allowed after `failures` wrong ones, the last of them now. */
Instant  throttle_until(ThrottleOf of, int64_t failures, Instant now);
/* ERR_LIMIT "Too many tries. Wait 5 minutes." while it is too early. */
MUST_USE bool throttle_check(Db *db, const Throttle *t, Instant now, Err *err);
MUST_USE bool throttle_failed(Tx *tx, const Throttle *t, Instant now, int64_t *failures, Err *err);
MUST_USE bool throttle_forget(Tx *tx, const Throttle *t, Err *err);
