/* rules.c: how long things may take: data/clocks.csv and the working days of each nation. */
#include <string.h>
#include "base/calendar.h"
#include "base/csv.h"
#include "base/zone.h"
#include "clock/inside.h"

#define LONDON "Europe/London"
enum { DAY_ENDS_AT_HOUR = 17 };

typedef enum Unit { UNIT_NONE, UNIT_HOURS, UNIT_DAYS, UNIT_MONTHS, UNIT_GIVEN } Unit;
typedef struct Rule Rule;
typedef bool DueOf(const ClockRules *rules, const Rule *r, const char *nation, Instant from, Instant *due,
                   Err *err);
struct Rule {
    const char *kind, *says, *band;
    char        letter;
    int         amount;
    Unit        unit;
    DueOf      *due_of;
    Date        from;
    Instant     escalate_after_us;
};
struct ClockRules {
    Rule     *at;
    size_t    count, cap;
    Calendar *calendar;
};

/* ---- when a rule ends ---- */

static bool due_given(const ClockRules *rules, const Rule *r, const char *nation, Instant from, Instant *due,
                      Err *err)
{
    (void)rules; (void)r; (void)nation; (void)err;
    *due = from;
    return true;
}

static bool due_elapsed(const ClockRules *rules, const Rule *r, const char *nation, Instant from,
                        Instant *due, Err *err)
{
    (void)rules; (void)nation; (void)err;
    *due = from + r->amount * (r->unit == UNIT_DAYS ? US_PER_DAY : US_PER_HOUR);
    return true;
}

/* An hour that does not exist ends when the clocks have gone forward; of one that comes twice, the first. */
static bool london_instant(Civil c, Instant *out, Err *err)
{
    ZoneReading reading;
    if (!zone_read(LONDON, &c, &reading, err))
        return false;
    if (reading.fit == CIVIL_GAP) {
        c.hour++;
        if (!zone_read(LONDON, &c, &reading, err))
            return false;
    }
    *out = reading.first;
    return true;
}

static Date date_moved(const Rule *r, Date d)
{
    return r->unit == UNIT_MONTHS ? date_add_months(d, r->amount) : d + r->amount;
}

static bool due_civil(const ClockRules *rules, const Rule *r, const char *nation, Instant from, Instant *due,
                      Err *err)
{
    (void)rules; (void)nation;
    Civil c;
    int offset;
    if (!zone_civil(LONDON, from, &c, &offset, err))
        return false;
    Civil day = date_civil(date_moved(r, date_of(c.year, c.month, c.day)));
    c.year = day.year;
    c.month = day.month;
    c.day = day.day;
    return london_instant(c, due, err);
}

static bool due_day_end(const ClockRules *rules, const Rule *r, const char *nation, Instant from,
                        Instant *due, Err *err)
{
    (void)rules; (void)nation; (void)err;
    *due = london_start(date_moved(r, london_date(from)) + 1);
    return true;
}

static const char *calendar_nation(const char *nation)
{
    static const char *const own[] = { "scotland", "northern-ireland" };
    FOR_EACH(n, own)
        if (str_same(*n, nation))
            return *n;
    return "england-wales";                    /* england, wales, uk and none stated */
}

static bool due_working(const ClockRules *rules, const Rule *r, const char *nation, Instant from,
                        Instant *due, Err *err)
{
    Date day;
    Date start = london_date(from);
    const char *whose = calendar_nation(nation);
    if (!calendar_add(rules->calendar, whose, start, r->amount, &day, err))
        return false;
    Civil c = date_civil(day);
    c.hour = DAY_ENDS_AT_HOUR;
    if (!london_instant(c, due, err))
        return false;
    if (*due > from)
        return true;
    Rule next = *r;                            /* "the same day", but its working hours are over */
    next.amount++;
    return due_working(rules, &next, nation, from, due, err);
}

/* ---- reading the table ---- */

enum {
    COL_KIND,
    COL_SAYS,
    COL_LETTER,
    COL_AMOUNT,
    COL_UNIT,
    COL_CALENDAR,
    COL_BAND,
    COL_FROM,
    COL_ESCALATE,
    COL__COUNT
};
static const char *const columns[COL__COUNT] = {
    "kind", "says", "letter", "amount", "unit", "calendar", "band", "from", "escalate_after",
};
static const struct { const char *name; Unit unit; } units[] = {
    { "days", UNIT_DAYS }, { "given", UNIT_GIVEN }, { "hours", UNIT_HOURS }, { "months", UNIT_MONTHS },
};
static const struct { const char *name; DueOf *due_of; bool hours; } calendars[] = {
    { "civil",   due_civil,   false },
    { "day-end", due_day_end, false },
    { "elapsed", due_elapsed, true  },
    { "given",   due_given,   false },
    { "working", due_working, false },
};

static Unit unit_read(const char *name)
{
    FOR_EACH(u, units)
        if (str_same(u->name, name))
            return u->unit;
    return UNIT_NONE;
}

static bool calendar_read(const char *name, Rule *r)
{
    FOR_EACH(c, calendars)
        if (str_same(c->name, name) && c->hours >= (r->unit == UNIT_HOURS)
            && (c->due_of == due_given) == (r->unit == UNIT_GIVEN)
            && (c->due_of != due_working || r->unit == UNIT_DAYS) && (!c->hours || r->unit != UNIT_MONTHS)) {
            r->due_of = c->due_of;
            return true;
        }
    return false;
}

/* "24 hours", "7 days". */
static bool span_read(Arena *mem, Str text, Instant *out)
{
    size_t digits = 0;
    int64_t n = 0;
    while (digits < text.len && text.at[digits] != ' ')
        digits++;
    if (digits == text.len || !str_int((Str){ text.at, digits }, 1, 10000, &n))
        return false;
    Unit unit = unit_read(str_from(mem, (Str){ text.at + digits + 1, text.len - digits - 1 }));
    *out = n * (unit == UNIT_DAYS ? US_PER_DAY : US_PER_HOUR);
    return unit == UNIT_DAYS || unit == UNIT_HOURS;
}

static bool rule_read(Arena *mem, const CsvRow *row, Rule *r, Err *err)
{
    int64_t amount = 0;
    const char *text[COL__COUNT];
    if (row->count != COL__COUNT)
        return err_set(err, ERR_INVALID, "Line %zu of the clocks does not have %d columns.", row->line,
                       COL__COUNT);
    for (size_t i = 0; i < COL__COUNT; i++)
        text[i] = str_from(mem, str_trim(row->fields[i]));
    *r = (Rule){ .kind = text[COL_KIND],
                 .says = text[COL_SAYS],
                 .band = text[COL_BAND],
                 .letter = text[COL_LETTER][0],
                 .unit = unit_read(text[COL_UNIT]) };
    const char *wrong = str_blank(r->kind)                                      ? columns[COL_KIND]
                        : str_blank(r->says)                                    ? columns[COL_SAYS]
                        : strlen(text[COL_LETTER]) != 1                         ? columns[COL_LETTER]
                        : !str_int(str_of(text[COL_AMOUNT]), 0, 10000, &amount) ? columns[COL_AMOUNT]
                        : r->unit == UNIT_NONE                                  ? columns[COL_UNIT]
                        : !calendar_read(text[COL_CALENDAR], r)                 ? columns[COL_CALENDAR]
                        : !date_parse(str_of(text[COL_FROM]), &r->from)         ? columns[COL_FROM]
                        : !span_read(mem, str_of(text[COL_ESCALATE]), &r->escalate_after_us)
                            ? columns[COL_ESCALATE]
                            : NULL;
    r->amount = (int)amount;
    if (wrong)
        return err_set(err, ERR_INVALID, "Line %zu of the clocks: %s is not right.", row->line, wrong);
    return true;
}

static bool header_read(Arena *mem, Csv *csv, Err *err)
{
    CsvRow row;
    bool end = false;
    if (!csv_next(csv, &row, &end, err))
        return false;
    bool good = !end && row.count == COL__COUNT;
    for (size_t i = 0; good && i < COL__COUNT; i++)
        good = str_same(str_from(mem, str_trim(row.fields[i])), columns[i]);
    return good || err_set(err, ERR_INVALID, "The table of clocks does not have the expected columns.");
}

bool clock_rules_load(Arena *mem, Str csv_text, Str bank_holidays_csv, ClockRules **out, Err *err)
{
    ClockRules *rules = arena_new(mem, ClockRules, 1);
    Csv *csv = csv_new(mem, source_memory(mem, csv_text), ',');
    CsvRow row;
    bool end = false;
    if (!calendar_load(mem, bank_holidays_csv, &rules->calendar, err) || !header_read(mem, csv, err))
        return err_while(err, "reading the table of clocks");
    for (;;) {
        Rule r;
        if (!csv_next(csv, &row, &end, err))
            return err_while(err, "reading the table of clocks");
        if (end)
            break;
        if (!rule_read(mem, &row, &r, err))
            return false;
        *arena_push(mem, rules->at, rules->count, rules->cap) = r;
    }
    *out = rules;
    return true;
}

/* ---- finding a rule ---- */

/* The latest row in force on the day, one for the band itself before one for any band. */
static const Rule *rule_find(const ClockRules *rules, const char *kind, const char *band, Date on)
{
    const Rule *best = NULL;
    for (const Rule *r = rules->at; r < rules->at + rules->count; r++) {
        bool exact = str_same(r->band, band ? band : "");
        if (!str_same(r->kind, kind) || r->from > on || (!exact && *r->band))
            continue;
        if (best) {
            bool best_exact = str_same(best->band, band ? band : "");
            if (best_exact > exact || (best_exact == exact && best->from > r->from))
                continue;
        }
        best = r;
    }
    return best;
}

bool clock_due(const ClockRules *rules, const char *kind, const char *band, const char *nation, Instant from,
               Instant *due, Err *err)
{
    const Rule *r = rule_find(rules, kind, band, london_date(from));
    if (!r)
        return err_set(err, ERR_INVALID, "No rule says how long %s may take on that date.", kind);
    return r->due_of(rules, r, nation, from, due, err) || err_while(err, "finding when %s is due", kind);
}

static const Rule *rule_any(const ClockRules *rules, const char *kind)
{
    return rule_find(rules, kind, "", INT32_MAX);
}

const char *clock_says(const ClockRules *rules, const char *kind)
{
    const Rule *r = rule_any(rules, kind);
    return r ? r->says : kind;
}

Instant rules_escalate_after(const ClockRules *rules, const char *kind, const char *band)
{
    const Rule *r = rule_find(rules, kind, band, INT32_MAX);
    return r ? r->escalate_after_us : US_PER_DAY;
}
