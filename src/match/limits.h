/* limits.h: how common a file hash may be: data/known/limits.csv, by the day it holds from.
 *
 * A fact follows the row in force on its own day, and carries the limit that it was held by, so that neither
 * a replay nor a late look changes what was decided. */
#pragma once
#include "base/err.h"
#include "base/str.h"
#include "base/when.h"

typedef struct KnownLimits {
    Date    from;
    int64_t flood_referrals;                 /* more referrals than this have one hash: held */
} KnownLimits;

/* The row in force on that day of the table built into the program; before the first, the first. */
MUST_USE bool known_limits_on(Arena *mem, Date day, KnownLimits *out, Err *err);
MUST_USE bool known_limits_read(Arena *mem, Str csv, Date day, KnownLimits *out, Err *err);
