/* ICU's own answer for a time that does not exist or happens twice is to pick one. Here the offsets in force
 * around the civil time are each tried: those that lead to an instant whose civil time is the one asked for
 * are its readings. */
#include "base/zone.h"
#include <assert.h>
#include <string.h>
#include <unicode/ucal.h>

enum { MAX_ZONE_NAME = 64, MAX_READINGS = 8 };
static const char london[] = "Europe/London";
/* More than the widest offset, 14 hours, with any change of it. */
static const double SEARCH_MS = 36.0 * 3600 * 1000;

static void calendar_close(UCalendar **cal)
{
    if (*cal)
        ucal_close(*cal);
}

/* ICU takes an unknown zone for UTC without a word, so the name is looked up first. */
static bool zone_known(const UChar *name)
{
    UErrorCode code = U_ZERO_ERROR;
    UBool      system = 0;
    UChar      canonical[MAX_ZONE_NAME * 2];
    ucal_getCanonicalTimeZoneID(name, -1, canonical, (int32_t)COUNT_OF(canonical), &system, &code);
    return U_SUCCESS(code) && system;
}

static bool zone_open(const char *zone, UCalendar **cal, Err *err)
{
    UChar  name[MAX_ZONE_NAME + 1] = {0};
    size_t len = zone ? strlen(zone) : 0;
    bool   ascii = len > 0 && len <= MAX_ZONE_NAME;
    for (size_t i = 0; ascii && i < len; i++) {
        ascii = zone[i] > ' ' && zone[i] < 0x7F;
        name[i] = (UChar)zone[i];
    }
    if (!ascii || strcmp(zone, "Etc/Unknown") == 0 || !zone_known(name)) {
        err_set(err, ERR_INVALID, "That is not a known time zone.");
        return err_hint(err, "Use a name such as Europe/London.");
    }
    UErrorCode code = U_ZERO_ERROR;
    *cal = ucal_open(name, (int32_t)len, "en_GB", UCAL_GREGORIAN, &code);
    if (U_FAILURE(code))
        return err_set(err, ERR_BUG, "The time zone table could not be read.");
    return true;
}

/* Whole milliseconds at or before an instant: offsets never change within one. */
static double instant_ms(Instant t)
{
    return (double)(t / 1000 - (t % 1000 < 0));
}

static int32_t offset_ms_at(UCalendar *cal, double ms)
{
    UErrorCode code = U_ZERO_ERROR;
    ucal_setMillis(cal, ms, &code);
    int32_t offset = ucal_get(cal, UCAL_ZONE_OFFSET, &code) + ucal_get(cal, UCAL_DST_OFFSET, &code);
    assert(U_SUCCESS(code));
    return offset;
}

/* The offsets in force at any moment within SEARCH_MS of `around`. */
static size_t offsets_near(UCalendar *cal, double around, int32_t offsets[MAX_READINGS])
{
    size_t count = 0;
    double at = around - SEARCH_MS;
    offsets[count++] = offset_ms_at(cal, at);
    while (count < MAX_READINGS) {
        UErrorCode code = U_ZERO_ERROR;
        UDate      change;
        ucal_setMillis(cal, at, &code);
        if (!ucal_getTimeZoneTransitionDate(cal, UCAL_TZ_TRANSITION_NEXT, &change, &code) ||
            U_FAILURE(code) || change > around + SEARCH_MS)
            break;
        offsets[count++] = offset_ms_at(cal, change);
        at = change;
    }
    return count;
}

static void add_reading(ZoneReading *r, Instant t)
{
    if (r->fit == CIVIL_GAP) {
        *r = (ZoneReading){ CIVIL_ONCE, t, INSTANT_NONE };
    } else if (t != r->first && t != r->second) {
        Instant second = r->fit == CIVIL_ONCE ? INSTANT_NONE : r->second;
        Instant least = t < r->first ? t : r->first, other = t < r->first ? r->first : t;
        *r = (ZoneReading){ CIVIL_TWICE, least, second > other ? second : other };
    }
}

bool zone_read(const char *zone, const Civil *c, ZoneReading *out, Err *err)
{
    if (!civil_valid(c))
        return err_set(err, ERR_INVALID, "That date and time do not exist.");
    CLEANUP(calendar_close) UCalendar *cal = NULL;
    if (!zone_open(zone, &cal, err))
        return false;
    Instant     local = civil_utc(c);
    int32_t     offsets[MAX_READINGS];
    size_t      count = offsets_near(cal, instant_ms(local), offsets);
    ZoneReading r = { CIVIL_GAP, INSTANT_NONE, INSTANT_NONE };
    for (size_t i = 0; i < count; i++) {
        Instant t = local - offsets[i] * INT64_C(1000);
        if (offset_ms_at(cal, instant_ms(t)) == offsets[i])
            add_reading(&r, t);
    }
    *out = r;
    return true;
}

bool zone_civil(const char *zone, Instant t, Civil *out, int *offset_minutes, Err *err)
{
    /* One year inside the years a Civil can hold, so that no offset leads out of them. */
    if (t < date_start_utc(date_of(2, 1, 1)) || t > date_start_utc(date_of(9999, 1, 1)))
        return err_set(err, ERR_INVALID, "That moment is outside the years 2 to 9998.");
    CLEANUP(calendar_close) UCalendar *cal = NULL;
    if (!zone_open(zone, &cal, err))
        return false;
    int32_t offset = offset_ms_at(cal, instant_ms(t));
    *out = instant_civil_utc(t + offset * INT64_C(1000));
    *offset_minutes = offset / 60000;
    return true;
}

/* The table of London is part of ICU, so only an instant out of range can fail; it is then shown in UTC. */
static Civil london_civil(Instant t, int *offset_minutes)
{
    Err   err = {0};
    Civil c;
    if (zone_civil(london, t, &c, offset_minutes, &err))
        return c;
    *offset_minutes = 0;
    return instant_civil_utc(t);
}

char *london_words(Arena *mem, Instant t)
{
    if (t == INSTANT_NONE)
        return str_copy(mem, "");
    int   offset;
    Civil c = london_civil(t, &offset);
    char *day = date_words(mem, date_of(c.year, c.month, c.day));
    /* From 1968 to 1971 British Standard Time was also UTC+1 and also called BST. */
    const char *name = offset == 60 ? "BST" : offset == 0 ? "GMT" : offset == 120 ? "BDST" : "local time";
    return str_fmt(mem, "%s, %02d:%02d %s", day, c.hour, c.minute, name);
}

char *london_time(Arena *mem, Instant t)
{
    if (t == INSTANT_NONE)
        return str_copy(mem, "");
    int   offset;
    Civil c = london_civil(t, &offset);
    return str_fmt(mem, "%02d:%02d", c.hour, c.minute);
}

Date london_date(Instant t)
{
    if (t == INSTANT_NONE)
        return DATE_NONE;
    int   offset;
    Civil c = london_civil(t, &offset);
    return date_of(c.year, c.month, c.day);
}

Instant london_start(Date d)
{
    if (d == DATE_NONE)
        return INSTANT_NONE;
    Err         err = {0};
    Civil       midnight = date_civil(d);
    ZoneReading r;
    bool        read = zone_read(london, &midnight, &r, &err);
    /* No change of London's clocks has fallen at midnight since 1970; UTC stands in for a date out of range.
     */
    return read && r.fit != CIVIL_GAP ? r.first : date_start_utc(d);
}
