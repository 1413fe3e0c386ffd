/* limits.h: how common a file hash may be, and how far apart two pictures are one: data/known/limits.csv, by
 * the day it holds from.
 *
 * A fact follows the row in force on its own day, and carries what was decided (a hold its limit, a match its
 * distance), so that neither a replay nor a late look changes it. */
#pragma once
#include "base/err.h"
#include "base/str.h"
#include "base/when.h"

typedef struct KnownLimits {
    Date    from;
    int64_t flood_referrals;                 /* more referrals than this have one hash: held */
    int64_t near_distance;                   /* PDQ hashes so many bits apart, or fewer, are near */
    int64_t near_quality;                    /* a known PDQ hash of less, where stated, is near nothing */
} KnownLimits;

/* The row in force on that day of the table built into the program; before the first, the first. */
MUST_USE bool known_limits_on(Arena *mem, Date day, KnownLimits *out, Err *err);
MUST_USE bool known_limits_read(Arena *mem, Str csv, Date day, KnownLimits *out, Err *err);
