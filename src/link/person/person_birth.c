/* person_birth.c: dates of birth as people and programs write them.
 *
 * Day first, as in Britain, unless it cannot be; year first when the year comes first. What is impossible
 * stays as written, because two records that share a mistake share it for a reason. */
#include <string.h>
#include "link/person/person_inside.h"

enum { YEAR_LEAST = 1000, YEAR_MOST = 2999, PART_MOST = 99, THIS_CENTURY = 30 };

typedef struct Parts {
    int  number[3];
    size_t digits[3], count;
    int  month_at;               /* which of them was a month's name; -1: none */
} Parts;

static bool parts_add(const PersonTools *tools, Parts *p, const char *word)
{
    size_t      digits = strspn(word, "0123456789"), rest = strlen(word) - digits;
    const char *month = digits ? NULL : rules_word(tools->rules, WORD_MONTH, word);
    int64_t     n = 0;
    bool        ordinal = digits && rest == 2 && strspn(word + digits, "stndrh") == 2;
    if (p->count == 3 || !(month || (digits && digits <= 8 && (!rest || ordinal))))
        return false;
    if (month && p->month_at >= 0)
        return false;
    if (month)
        p->month_at = (int)p->count;
    (void)str_int((Str){ month ? month : word, month ? strlen(month) : digits }, 0, 99999999, &n);
    p->number[p->count] = (int)n;
    p->digits[p->count++] = month ? 2 : digits;
    return true;
}

/* A time of day after the date says nothing of a birth. */
static const char *without_time(Arena *mem, const char *text)
{
    const char *colon = strchr(text, ':');
    if (!colon)
        return text;
    const char *at = colon;
    while (at > text && at[-1] >= '0' && at[-1] <= '9')
        at--;
    return str_copy_n(mem, text, (size_t)(at - text) - (at > text && (at[-1] == 'T' || at[-1] == 't')));
}

static bool parts_read(const PersonTools *tools, Arena *mem, const char *text, Parts *p)
{
    char *s = fold_latin(tools->fold, mem, without_time(mem, text));
    *p = (Parts){ .month_at = -1 };
    for (char *at = s; *at;) {
        at += strspn(at, " /.,-_");
        size_t len = strcspn(at, " /.,-_");
        if (!len)
            break;
        char *word = str_copy_n(mem, at, len);
        if (strcmp(word, "of") != 0 && !parts_add(tools, p, word))
            return false;
        at += len;
    }
    return p->count > 0;
}

static bool modern(int year) { return year >= 1800 && year <= 2099; }

/* Two digits of a year: someone born in 30 was born in 1930. */
static int whole_year(int year, size_t digits)
{
    return digits > 2 ? year : year < THIS_CENTURY ? 2000 + year : 1900 + year;
}

static void from_eight_digits(int n, PersonBirth *b)
{
    int last = n % 10000;
    bool year_last = !modern(n / 10000) && modern(last);
    *b = (PersonBirth){ .year = year_last ? last : n / 10000, .month = n / (year_last ? 10000 : 100) % 100,
                        .day = year_last ? n / 1000000 : n % 100 };
}

static bool from_parts(const Parts *p, PersonBirth *b)
{
    const int *n = p->number;
    if (p->count == 1 && p->digits[0] == 8) {
        from_eight_digits(n[0], b);
    } else if (p->count == 1 && p->digits[0] == 4) {
        b->year = n[0];
    } else if (p->count == 2) {
        bool year_first = p->digits[0] == 4;
        if (!year_first && p->digits[1] != 4)
            return false;
        b->year = n[!year_first];
        b->month = n[year_first];
    } else if (p->count == 3 && p->digits[0] >= 3) {
        *b = (PersonBirth){ .year = n[0], .month = n[1], .day = n[2] };
    } else if (p->count == 3) {
        bool month_first = p->month_at == 0 || (p->month_at < 0 && n[1] > 12 && n[0] <= 12);
        *b = (PersonBirth){ .year = whole_year(n[2], p->digits[2]),
                            .month = n[!month_first],
                            .day = n[month_first] };
    } else {
        return false;
    }
    return b->year >= YEAR_LEAST && b->year <= YEAR_MOST && b->month <= PART_MOST && b->day <= PART_MOST &&
           (modern(b->year) || b->month <= 12);
}

bool person_birth_read(const PersonTools *tools, Arena *mem, const char *verbatim, PersonBirth *out)
{
    PersonBirth b = {0};
    Parts       p;
    *out = (PersonBirth){ .verbatim = verbatim, .date = DATE_NONE, .swapped = DATE_NONE, .age = -1,
                          .age_at = DATE_NONE };
    if (str_blank(verbatim) || !parts_read(tools, mem, verbatim, &p) || !from_parts(&p, &b))
        return false;
    const char *normal = str_fmt(mem, "%04d%02d%02d", b.year, b.month, b.day);
    if (person_placeholder(tools->rules, PERSON_BIRTH_DATE, normal))
        return false;
    out->normal = normal;
    out->year = b.year;
    out->month = b.month;
    out->day = b.day;
    out->date = b.month && b.day ? date_of(b.year, b.month, b.day) : DATE_NONE;
    if (b.month != b.day && b.month && b.day)
        out->swapped = date_of(b.year, b.day, b.month);
    return true;
}

bool person_birth_span(const PersonBirth *b, Date *first, Date *last)
{
    if (b->date != DATE_NONE) {
        *first = *last = b->date;
        return true;
    }
    if (b->year && b->month <= 12 && b->month > 0) {
        *first = date_of(b->year, b->month, 1);
        *last = date_add_months(*first, 1) - 1;
        return true;
    }
    if (b->year) {
        *first = date_of(b->year, 1, 1);
        *last = date_of(b->year, 12, 31);
        return true;
    }
    if (b->age < 0 || b->age_at == DATE_NONE)
        return false;
    *first = date_add_months(b->age_at, -12 * (b->age + 1)) + 1;
    *last = date_add_months(b->age_at, -12 * b->age);
    return true;
}

/* ---- normal forms */

const char *birth_date(const PersonTools *tools, Arena *mem, const char *verbatim)
{
    PersonBirth b;
    return person_birth_read(tools, mem, verbatim, &b) ? b.normal : NULL;
}

static const char *number_within(Arena *mem, const char *verbatim, int64_t least, int64_t most, int width)
{
    int64_t n;
    return str_int(str_trim(str_of(verbatim)), least, most, &n) ? str_fmt(mem, "%0*d", width, (int)n) : NULL;
}

const char *birth_year(const PersonTools *tools, Arena *mem, const char *verbatim)
{
    (void)tools;
    return number_within(mem, verbatim, YEAR_LEAST, YEAR_MOST, 4);
}

const char *birth_month(const PersonTools *tools, Arena *mem, const char *verbatim)
{
    Str         s = str_trim(str_of(verbatim));
    const char *name = rules_word(tools->rules, WORD_MONTH, fold_latin(tools->fold, mem, str_from(mem, s)));
    return number_within(mem, name ? name : verbatim, 1, PART_MOST, 2);
}

const char *birth_day(const PersonTools *tools, Arena *mem, const char *verbatim)
{
    (void)tools;
    return number_within(mem, verbatim, 1, PART_MOST, 2);
}

const char *birth_age(const PersonTools *tools, Arena *mem, const char *verbatim)
{
    (void)tools;
    return number_within(mem, verbatim, 1, 120, 1);
}
