/* calendar.h: working days per nation, from data/calendars/bank_holidays.csv (nation,date,name).
 * Nations: "england-wales", "scotland", "northern-ireland". A date outside the years the table covers
 * is ERR_INVALID rather than silently a working day. */
#pragma once
#include "base/err.h"
#include "base/when.h"

typedef struct Calendar Calendar;
MUST_USE bool calendar_load(Arena *mem, Str csv, Calendar **out, Err *err);
MUST_USE bool calendar_working(const Calendar *c, const char *nation, Date d, bool *working, Err *err);
/* The date `days` working days after d (days >= 0; 0 gives d itself, or the next working day). */
MUST_USE bool calendar_add(const Calendar *c, const char *nation, Date d, int days, Date *out, Err *err);
