/* picture.h: the counts of the national picture: how far reports have come, and what stands still. One read
 * each. */
#pragma once
#include "ledger/ledger.h"

typedef struct Picture {
    int64_t received, taken, merged, rejected, pending;       /* rows of received files: the balance */
    int64_t referrals, nominals, to_review; /* to_review: bands that wait for a person's decision */
    int64_t at_address, unresolved_time;                      /* footprints without a stated offset */
    int64_t packages, unread, held; /* sent and not received; held for deconfliction */
    int64_t visits, arrests, charged, closed;                 /* nominals closed */
    int64_t immediate_no_plan; /* children at immediate risk with no safe plan yet */
} Picture;
MUST_USE bool picture_read(Db *db, int64_t operation, Picture *out, Err *err);
