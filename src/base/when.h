/* when.h: instants and dates. An Instant is UTC microseconds since 1970; a Date is days since 1970-01-01
 * in the proleptic Gregorian calendar. Local time appears only in zone.h and in web. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/str.h"

typedef int64_t Instant;
typedef int32_t Date;
#define INSTANT_NONE INT64_MIN
#define DATE_NONE    INT32_MIN
#define US_PER_SECOND INT64_C(1000000)
#define US_PER_HOUR   (INT64_C(3600) * US_PER_SECOND)
#define US_PER_DAY    (INT64_C(86400) * US_PER_SECOND)

typedef struct Civil { int year, month, day, hour, minute, second, us; } Civil;

Instant instant_now(void);                                   /* only main and its clock call this */
bool    civil_valid(const Civil *c);                         /* second 60 is refused */
Date    date_of(int year, int month, int day);               /* DATE_NONE if there is no such day */
Civil   date_civil(Date d);
Date    instant_date_utc(Instant t);
Instant date_start_utc(Date d);
Instant civil_utc(const Civil *c);                           /* reads the civil time as UTC */
Civil   instant_civil_utc(Instant t);
int     date_weekday(Date d);                                /* 0 = Monday ... 6 = Sunday */
Date date_add_months(Date d, int months); /* end of month is clipped: 31 Jan + 1 = 28/29 Feb */

bool  date_parse(Str s, Date *out);                          /* YYYY-MM-DD only */
char *date_iso(Arena *mem, Date d);                          /* "2026-05-14"; "" for DATE_NONE */
char *date_words(Arena *mem, Date d);                        /* "14 May 2026" */
char *instant_iso(Arena *mem, Instant t); /* "2026-05-14T08:32:07Z", fraction only if any */

/* What an outside timestamp says. `offset_known` is false when no zone or offset is stated:
 * then `instant` is INSTANT_NONE and only `civil` holds (DOMAIN R-12: unresolved, never guessed). */
typedef struct Stamp {
    Civil   civil;
    bool    offset_known;
    int     offset_minutes;
    Instant instant;
} Stamp;
/* RFC 3339 / xs:dateTime: "2012-10-15T08:00:00-07:00", "...Z", no zone, fraction, space for T. */
bool  stamp_parse(Str s, Stamp *out);
