#include "base/calendar.h"
#include "base/source.h"
#include "base/test.h"

static const char *const nations[] = { "england-wales", "scotland", "northern-ireland" };

static Calendar *the_table(Arena *mem)
{
    Err err = {0};
    Str csv;
    Calendar *c;
    CHECK_OK(file_read(mem, "data/calendars/bank_holidays.csv", 1 << 20, &csv, &err), &err);
    CHECK_OK(calendar_load(mem, csv, &c, &err), &err);
    return c;
}

static Date day(const char *iso)
{
    Date d = DATE_NONE;
    CHECK(date_parse(str_of(iso), &d));
    return d;
}

/* Days people know, and the substitutes that are easily forgotten: open or shut in each nation. */
static const struct { const char *date; bool ew, scotland, ni; } days[] = {
    /*                open in England and Wales, Scotland, Northern Ireland */
    { "2012-01-02", false, false, false },
    { "2012-01-03", true,  false, true  },   /* 1 January was a Sunday; Scotland also keeps the 2nd */
    { "2012-05-28", true,  true,  true  },   /* spring bank holiday moved for the jubilee */
    { "2012-06-04", false, false, false },
    { "2012-06-05", false, false, false },   /* Diamond Jubilee */
    { "2012-03-19", true,  true,  false },   /* St Patrick's Day was a Saturday */
    { "2015-07-13", true,  true,  false },   /* the Twelfth was a Sunday */
    { "2016-12-27", false, false, false },
    { "2020-05-04", true,  true,  true  },   /* early May moved for VE day */
    { "2020-05-08", false, false, false },
    { "2020-12-28", false, false, false },
    { "2021-11-29", true,  true,  true  },
    { "2021-11-30", true,  false, true  },   /* St Andrew's Day */
    { "2021-12-27", false, false, false },
    { "2021-12-28", false, false, false },
    { "2022-01-03", false, false, false },
    { "2022-01-04", true,  false, true  },
    { "2022-06-03", false, false, false },   /* Platinum Jubilee */
    { "2022-09-19", false, false, false },   /* State Funeral */
    { "2023-05-08", false, false, false },   /* Coronation */
    { "2024-12-02", true,  false, true  },   /* St Andrew's Day was a Saturday */
    { "2025-04-18", false, false, false },   /* Good Friday */
    { "2025-04-21", false, true,  false },   /* Easter Monday */
    { "2025-08-04", true,  false, true  },   /* Scotland's summer bank holiday is the early one */
    { "2025-08-25", false, true,  false },
    { "2026-05-14", true,  true,  true  },
    { "2026-05-16", false, false, false },   /* a Saturday */
    { "2026-06-15", true,  false, true  },   /* by proclamation, in Scotland only */
    { "2026-07-13", true,  true,  false },
};
TEST(days_are_open_or_shut_by_nation)
{
    CLEANUP(arena_done) Arena mem = {0};
    Calendar *c = the_table(&mem);
    FOR_EACH(d, days) {
        const bool want[] = { d->ew, d->scotland, d->ni };
        for (size_t n = 0; n < COUNT_OF(nations); n++) {
            bool working;
            Err  err = {0};
            CHECK_OK(calendar_working(c, nations[n], day(d->date), &working, &err), &err);
            if (working != want[n])
                fail_msg("%s in %s", d->date, nations[n]);
        }
    }
}

static const struct { const char *nation, *from; int days; const char *want; } sums[] = {
    { "england-wales",    "2026-05-14", 0,  "2026-05-14" },
    { "england-wales",    "2026-05-16", 0,  "2026-05-18" },
    { "england-wales",    "2026-05-16", 1,  "2026-05-18" },
    { "england-wales",    "2026-05-15", 1,  "2026-05-18" },
    { "england-wales",    "2026-05-22", 1,  "2026-05-26" },   /* over the spring bank holiday */
    { "england-wales",    "2026-04-02", 1,  "2026-04-07" },   /* over Easter */
    { "scotland",         "2026-04-02", 1,  "2026-04-06" },
    { "scotland",         "2026-12-31", 1,  "2027-01-05" },
    { "northern-ireland", "2026-07-10", 1,  "2026-07-14" },
    { "england-wales",    "2026-05-14", 45, "2026-07-17" },
};
TEST(working_days_are_added)
{
    CLEANUP(arena_done) Arena mem = {0};
    Calendar *c = the_table(&mem);
    FOR_EACH(s, sums) {
        Date got;
        Err  err = {0};
        CHECK_OK(calendar_add(c, s->nation, day(s->from), s->days, &got, &err), &err);
        CHECK_TEXT(date_iso(&mem, got), s->want);
    }
}

TEST(adding_in_two_steps_is_adding_at_once)
{
    CLEANUP(arena_done) Arena mem = {0};
    Calendar *c = the_table(&mem);
    FOR_EACH(nation, nations)
        for (Date d = day("2012-01-01"); d < day("2028-10-01"); d += 11)
            for (int a = 0; a < 12; a += 3) {
                Date one, two, both;
                bool working;
                Err  err = {0};
                CHECK_OK(calendar_add(c, *nation, d, a, &one, &err), &err);
                CHECK_OK(calendar_add(c, *nation, one, 5, &two, &err), &err);
                CHECK_OK(calendar_add(c, *nation, d, a + 5, &both, &err), &err);
                CHECK_OK(calendar_working(c, *nation, both, &working, &err), &err);
                /* From a day off, nought and one both lead to the next working day. */
                CHECK(working && (a > 0 || one == d ? two == both : two >= both));
            }
}

TEST(years_not_covered_are_refused)
{
    CLEANUP(arena_done) Arena mem = {0};
    Calendar *c = the_table(&mem);
    bool working;
    Date got;
    Err  err = {0};
    CHECK_OK(calendar_working(c, "scotland", day("2012-01-01"), &working, &err), &err);
    CHECK_OK(calendar_working(c, "scotland", day("2028-12-31"), &working, &err), &err);
    CHECK_FAILS(calendar_working(c, "scotland", day("2011-12-31"), &working, &err), &err, ERR_INVALID);
    CHECK_FAILS(calendar_working(c, "scotland", day("2029-01-01"), &working, &err), &err, ERR_INVALID);
    CHECK_FAILS(calendar_working(c, "scotland", DATE_NONE, &working, &err), &err, ERR_INVALID);
    CHECK_FAILS(calendar_add(c, "scotland", day("2028-12-29"), 2, &got, &err), &err, ERR_INVALID);
    CHECK_FAILS(calendar_working(c, "wales", day("2026-01-01"), &working, &err), &err, ERR_INVALID);
}

TEST(a_broken_table_is_refused_with_its_line)
{
    static const char *const bad[] = {
        "nation,date,name\nscotland,2026-13-01,x\n",
        "nation,date,name\nscotland,2026-01-01\n",
        "nation,date,name\nfrance,2026-07-14,x\n",
        "nation,date,name\n\"scotland",
    };
    FOR_EACH(b, bad) {
        CLEANUP(arena_done) Arena mem = {0};
        Calendar *c;
        Err err = {0};
        CHECK(!calendar_load(&mem, str_of(*b), &c, &err));
        CHECK_INT(err.kind, ERR_INVALID);
        CHECK(strstr(err.told, "Line 2"));
    }
}

TEST_MAIN(days_are_open_or_shut_by_nation, working_days_are_added, adding_in_two_steps_is_adding_at_once,
          years_not_covered_are_refused, a_broken_table_is_refused_with_its_line)
