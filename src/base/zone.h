/* zone.h: civil time in any IANA zone, with its history (ICU). The hour that does not exist and the
 * hour that happens twice are outcomes of their own, never a guess. */
#pragma once
#include "base/err.h"
#include "base/when.h"

typedef enum CivilFit { CIVIL_ONCE, CIVIL_GAP, CIVIL_TWICE } CivilFit;
typedef struct ZoneReading {
    CivilFit fit;
    Instant  first;      /* the only reading, or the earlier of two; INSTANT_NONE in a gap */
    Instant  second;     /* the later of two, else INSTANT_NONE */
} ZoneReading;

MUST_USE bool zone_read(const char *zone, const Civil *c, ZoneReading *out,
                        Err *err); /* ERR_INVALID: unknown zone */
MUST_USE bool zone_civil(const char *zone, Instant t, Civil *out, int *offset_minutes, Err *err);
/* "14 May 2026, 09:32 BST" in Europe/London, for people. Never fails; "" for INSTANT_NONE. */
char *london_words(Arena *mem, Instant t);
char *london_time(Arena *mem, Instant t);                    /* "09:32" */
Date  london_date(Instant t);
Instant london_start(Date d);                                /* midnight at the start of that day in London */
