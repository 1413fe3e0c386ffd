#include "base/when.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Days and civil dates by H. Hinnant's algorithm: years are counted from March, so that a leap day is the
 * last of its year, in eras of 400 years (146,097 days). Years run from 1 to 9999, as written in four digits.
 */
enum { ERA_DAYS = 146097, EPOCH_DAYS = 719468, LEAST_YEAR = 1, LAST_YEAR = 9999 };

Instant instant_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (Instant)now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000;
}

static int month_days(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

Date date_of(int year, int month, int day)
{
    if (year < LEAST_YEAR || year > LAST_YEAR || month < 1 || month > 12 || day < 1 ||
        day > month_days(year, month))
        return DATE_NONE;
    int y = year - (month <= 2), era = y / 400, year_of_era = y - era * 400;
    int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * ERA_DAYS + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           EPOCH_DAYS;
}

Civil date_civil(Date d)
{
    int64_t z = (int64_t)d + EPOCH_DAYS, era = (z >= 0 ? z : z - (ERA_DAYS - 1)) / ERA_DAYS;
    int     doe = (int)(z - era * ERA_DAYS);
    int     yoe = (doe - doe / 1460 + doe / 36524 - doe / (ERA_DAYS - 1)) / 365;
    int     doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int     mp = (5 * doy + 2) / 153, month = mp < 10 ? mp + 3 : mp - 9;
    return (Civil){ .year = (int)(era * 400) + yoe + (month <= 2),
                    .month = month,
                    .day = doy - (153 * mp + 2) / 5 + 1 };
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

Date instant_date_utc(Instant t)
{
    return t == INSTANT_NONE ? DATE_NONE : (Date)floor_div(t, US_PER_DAY);
}

Instant date_start_utc(Date d)
{
    return d == DATE_NONE ? INSTANT_NONE : d * US_PER_DAY;
}

bool civil_valid(const Civil *c)
{
    return date_of(c->year, c->month, c->day) != DATE_NONE && c->hour >= 0 && c->hour <= 23 &&
           c->minute >= 0 && c->minute <= 59 && c->second >= 0 && c->second <= 59 && c->us >= 0 &&
           c->us < US_PER_SECOND;
}

Instant civil_utc(const Civil *c)
{
    if (!civil_valid(c))
        return INSTANT_NONE;
    int64_t seconds = (c->hour * INT64_C(60) + c->minute) * 60 + c->second;
    return date_start_utc(date_of(c->year, c->month, c->day)) + seconds * US_PER_SECOND + c->us;
}

Civil instant_civil_utc(Instant t)
{
    int64_t day = floor_div(t, US_PER_DAY), us = t - day * US_PER_DAY;
    int     seconds = (int)(us / US_PER_SECOND);
    Civil   c = date_civil((Date)day);
    c.hour = seconds / 3600;
    c.minute = seconds / 60 % 60;
    c.second = seconds % 60;
    c.us = (int)(us % US_PER_SECOND);
    return c;
}

/* 1970-01-01 was a Thursday. */
int date_weekday(Date d)
{
    return (int)((((int64_t)d + 3) % 7 + 7) % 7);
}

Date date_add_months(Date d, int months)
{
    if (d == DATE_NONE)
        return DATE_NONE;
    Civil   c = date_civil(d);
    int64_t n = c.year * INT64_C(12) + c.month - 1 + months, year = floor_div(n, 12);
    if (year < LEAST_YEAR || year > LAST_YEAR)
        return DATE_NONE;
    int month = (int)(n - year * 12) + 1, last = month_days((int)year, month);
    return date_of((int)year, month, c.day < last ? c.day : last);
}

/* Takes exactly `digits` digits off the front. */
static bool take_number(Str *s, size_t digits, int *out)
{
    if (s->len < digits)
        return false;
    int n = 0;
    for (size_t i = 0; i < digits; i++) {
        if (s->at[i] < '0' || s->at[i] > '9')
            return false;
        n = n * 10 + (s->at[i] - '0');
    }
    *s = (Str){ s->at + digits, s->len - digits };
    *out = n;
    return true;
}

/* Takes one character off the front if it is one of `set`; gives it, or 0. */
static char take_one_of(Str *s, const char *set)
{
    char c = s->len ? s->at[0] : 0;
    if (!c || !strchr(set, c))
        return 0;
    *s = (Str){ s->at + 1, s->len - 1 };
    return c;
}

static bool take_date(Str *s, Civil *c)
{
    return take_number(s, 4, &c->year) && take_one_of(s, "-") && take_number(s, 2, &c->month) &&
           take_one_of(s, "-") && take_number(s, 2, &c->day);
}

bool date_parse(Str s, Date *out)
{
    Civil c = {0};
    if (!take_date(&s, &c) || s.len)
        return false;
    Date d = date_of(c.year, c.month, c.day);
    if (d == DATE_NONE)
        return false;
    *out = d;
    return true;
}

/* Any number of digits may follow the point; those past the microsecond are dropped, never rounded up into
 * the next second. */
static bool take_fraction(Str *s, int *us)
{
    if (!take_one_of(s, ".,"))
        return true;
    int digit, scale = 100000;
    if (!take_number(s, 1, &digit))
        return false;
    do {
        *us += digit * scale;
        scale /= 10;
    } while (take_number(s, 1, &digit));
    return true;
}

static bool take_offset(Str *s, Stamp *stamp)
{
    if (s->len == 0)
        return true;
    stamp->offset_known = true;
    if (take_one_of(s, "Zz"))
        return true;
    char sign = take_one_of(s, "+-");
    int  hours, minutes;
    if (!sign || !take_number(s, 2, &hours) || !take_one_of(s, ":") || !take_number(s, 2, &minutes))
        return false;
    int total = hours * 60 + minutes;
    stamp->offset_minutes = sign == '-' ? -total : total;
    return minutes <= 59 && total <= 14 * 60;   /* xs:dateTime's bound; no place on Earth is further */
}

bool stamp_parse(Str s, Stamp *out)
{
    Stamp  r = { .instant = INSTANT_NONE };
    Civil *c = &r.civil;
    if (!take_date(&s, c) || !take_one_of(&s, "Tt ") || !take_number(&s, 2, &c->hour) ||
        !take_one_of(&s, ":") || !take_number(&s, 2, &c->minute) || !take_one_of(&s, ":") ||
        !take_number(&s, 2, &c->second) || !take_fraction(&s, &c->us) || !take_offset(&s, &r) || s.len ||
        !civil_valid(c))
        return false;
    if (r.offset_known)
        r.instant = civil_utc(c) - r.offset_minutes * 60 * US_PER_SECOND;
    *out = r;
    return true;
}

char *date_iso(Arena *mem, Date d)
{
    if (d == DATE_NONE)
        return str_copy(mem, "");
    Civil c = date_civil(d);
    return str_fmt(mem, "%04d-%02d-%02d", c.year, c.month, c.day);
}

char *date_words(Arena *mem, Date d)
{
    static const char *const months[] = { "January", "February", "March", "April", "May", "June", "July",
                                          "August", "September", "October", "November", "December" };
    if (d == DATE_NONE)
        return str_copy(mem, "");
    Civil c = date_civil(d);
    return str_fmt(mem, "%d %s %d", c.day, months[c.month - 1], c.year);
}

char *instant_iso(Arena *mem, Instant t)
{
    if (t == INSTANT_NONE)
        return str_copy(mem, "");
    Civil c = instant_civil_utc(t);
    char  fraction[16] = "";
    if (c.us) {
        int us = c.us, digits = 6;
        for (; us % 10 == 0; us /= 10)
            digits--;
        snprintf(fraction, sizeof fraction, ".%0*d", digits, us);
    }
    return str_fmt(mem, "%04d-%02d-%02dT%02d:%02d:%02d%sZ", c.year, c.month, c.day, c.hour, c.minute,
                   c.second, fraction);
}
