#include "base/calendar.h"
#include <assert.h>
#include <stdlib.h>
#include "base/csv.h"

/* A nation's days off, sorted. It covers the years from its first bank holiday to its last: every year has
 * some, so a year without is a year not yet published. */
typedef struct Nation {
    const char *name;
    int         first_year, last_year;     /* 0, 0: none */
    Date       *off;
    size_t      count, cap;
} Nation;

struct Calendar { Nation nations[3]; };

static Nation *nation_find(Calendar *c, const char *name)
{
    FOR_EACH(n, c->nations)
        if (str_same(n->name, name))
            return n;
    return NULL;
}

static bool take_row(Calendar *c, Arena *mem, const CsvRow *row, Err *err)
{
    Date d;
    if (row->count != 3)
        return err_set(err, ERR_INVALID, "Line %zu of the bank holidays does not have three columns.",
                       row->line);
    if (!date_parse(str_trim(row->fields[1]), &d))
        return err_set(err, ERR_INVALID, "Line %zu of the bank holidays has no date.", row->line);
    Nation *n = nation_find(c, str_from(mem, str_trim(row->fields[0])));
    if (!n)
        return err_set(err, ERR_INVALID, "Line %zu of the bank holidays names no nation we know.", row->line);
    int year = date_civil(d).year;
    n->first_year = n->count && n->first_year < year ? n->first_year : year;
    n->last_year = n->count && n->last_year > year ? n->last_year : year;
    *arena_push(mem, n->off, n->count, n->cap) = d;
    return true;
}

static int date_order(const void *a, const void *b)
{
    Date x = *(const Date *)a, y = *(const Date *)b;
    return (x > y) - (x < y);
}

bool calendar_load(Arena *mem, Str csv, Calendar **out, Err *err)
{
    CLEANUP(arena_done) Arena work = {0};
    Calendar *c = arena_new(mem, Calendar, 1);
    c->nations[0].name = "england-wales";
    c->nations[1].name = "scotland";
    c->nations[2].name = "northern-ireland";
    Csv *reader = csv_new(&work, source_memory(&work, csv), ',');
    for (bool header = true;; header = false) {
        CsvRow row;
        bool   end;
        if (!csv_next(reader, &row, &end, err))
            return err_while(err, "reading the bank holidays");
        if (end)
            break;
        if (!header && !take_row(c, mem, &row, err))
            return false;
    }
    FOR_EACH(n, c->nations)
        if (n->count)
            qsort(n->off, n->count, sizeof *n->off, date_order);
    *out = c;
    return true;
}

static bool nation_covering(const Calendar *c, const char *nation, Date d, const Nation **out, Err *err)
{
    const Nation *n = NULL;
    FOR_EACH(each, c->nations)
        if (str_same(each->name, nation))
            n = each;
    if (!n)
        return err_set(err, ERR_INVALID, "There are no bank holidays for that nation.");
    int year = d == DATE_NONE ? 0 : date_civil(d).year;
    if (!n->count || year < n->first_year || year > n->last_year) {
        err_set(err, ERR_INVALID, "The bank holidays of %d are not known.", year);
        return err_hint(err, "They are known from %d to %d; add to data/calendars.", n->first_year,
                        n->last_year);
    }
    *out = n;
    return true;
}

bool calendar_working(const Calendar *c, const char *nation, Date d, bool *working, Err *err)
{
    enum { SATURDAY = 5 };
    const Nation *n = NULL;
    if (!nation_covering(c, nation, d, &n, err))
        return false;
    *working = date_weekday(d) < SATURDAY && !bsearch(&d, n->off, n->count, sizeof *n->off, date_order);
    return true;
}

bool calendar_add(const Calendar *c, const char *nation, Date d, int days, Date *out, Err *err)
{
    assert(days >= 0);
    bool working;
    if (!calendar_working(c, nation, d, &working, err))
        return false;
    while (days > 0 || !working) {
        d++;
        if (!calendar_working(c, nation, d, &working, err))
            return false;
        if (working && days > 0)
            days--;
    }
    *out = d;
    return true;
}
