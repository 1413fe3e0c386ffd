#include "base/when.h"
#include "base/rng.h"
#include "base/test.h"

TEST(every_day_of_ten_thousand_years_round_trips)
{
    Date first = date_of(1, 1, 1), last = date_of(9999, 12, 31);
    CHECK_INT(date_of(1970, 1, 1), 0);
    CHECK_INT(date_of(2000, 3, 1), 11017);
    int weekday = date_weekday(first);
    CHECK_INT(weekday, 0);
    for (Date d = first; d <= last; d++) {
        Civil c = date_civil(d);
        if (date_of(c.year, c.month, c.day) != d || date_weekday(d) != weekday)
            fail_msg("day %d", d);
        weekday = (weekday + 1) % 7;
    }
}

TEST(days_that_do_not_exist_are_none)
{
    static const int days[][3] = {
        { 2023, 2, 29 }, { 1900, 2, 29 }, { 2024, 4, 31 }, { 2024, 13, 1 }, { 2024, 0, 1 },
        { 2024, 1, 0 }, { 0, 1, 1 }, { 10000, 1, 1 }, { -1, 1, 1 },
    };
    FOR_EACH(d, days)
        CHECK_INT(date_of((*d)[0], (*d)[1], (*d)[2]), DATE_NONE);
    CHECK(date_of(2000, 2, 29) != DATE_NONE);
}

TEST(months_are_added_and_clipped)
{
    static const struct { const char *from; int months; const char *want; } cases[] = {
        { "2024-01-31", 1, "2024-02-29" }, { "2023-01-31", 1, "2023-02-28" },
        { "2026-05-14", 12, "2027-05-14" },
        { "2024-02-29", 12, "2025-02-28" }, { "2026-01-15", -1, "2025-12-15" },
        { "2026-03-31", -13, "2025-02-28" },
        { "2026-05-14", 0, "2026-05-14" }, { "9999-12-31", 1, "" }, { "0001-01-01", -1, "" },
    };
    CLEANUP(arena_done) Arena mem = {0};
    FOR_EACH(c, cases) {
        Date d;
        CHECK(date_parse(str_of(c->from), &d));
        CHECK_TEXT(date_iso(&mem, date_add_months(d, c->months)), c->want);
    }
    CHECK_INT(date_add_months(DATE_NONE, 1), DATE_NONE);
}

TEST(dates_are_read_strictly_and_written)
{
    static const char *const bad[] = { "", "2026-5-14", "2026-05-14 ", "2026/05/14", "26-05-14", "2026-02-30",
                                       "2026-05-1x", "20260514", "14-05-2026", "+026-05-14",
                                       "2026-05-14T00:00:00Z" };
    CLEANUP(arena_done) Arena mem = {0};
    Date d = 0;
    FOR_EACH(b, bad)
        CHECK(!date_parse(str_of(*b), &d));
    CHECK(date_parse(STR("2026-05-14"), &d));
    CHECK_TEXT(date_iso(&mem, d), "2026-05-14");
    CHECK_TEXT(date_words(&mem, d), "14 May 2026");
    CHECK_TEXT(date_words(&mem, DATE_NONE), "");
    CHECK_TEXT(instant_iso(&mem, INSTANT_NONE), "");
}

static const struct { const char *in, *utc; int offset; } stamps[] = {
    { "2012-10-15T08:00:00-07:00",        "2012-10-15T15:00:00Z",        -420 },
    { "2012-10-15T08:00:00Z",             "2012-10-15T08:00:00Z",        0    },
    { "2012-10-15t08:00:00z",             "2012-10-15T08:00:00Z",        0    },
    { "2012-10-15 08:00:00+05:45",        "2012-10-15T02:15:00Z",        345  },
    { "2012-10-15T08:00:00-00:00",        "2012-10-15T08:00:00Z",        0    },
    { "2012-10-15T00:30:00+14:00",        "2012-10-14T10:30:00Z",        840  },
    { "2012-10-15T08:00:00.5Z",           "2012-10-15T08:00:00.5Z",      0    },
    { "2012-10-15T08:00:00.123456Z",      "2012-10-15T08:00:00.123456Z", 0    },
    { "2012-10-15T08:00:00.99999999999Z", "2012-10-15T08:00:00.999999Z", 0    },
    { "1969-12-31T23:59:59.25Z",          "1969-12-31T23:59:59.25Z",     0    },
};
TEST(stamps_with_an_offset_are_instants)
{
    CLEANUP(arena_done) Arena mem = {0};
    FOR_EACH(s, stamps) {
        Stamp got;
        CHECK(stamp_parse(str_of(s->in), &got));
        CHECK(got.offset_known);
        CHECK_INT(got.offset_minutes, s->offset);
        CHECK_TEXT(instant_iso(&mem, got.instant), s->utc);
    }
}

TEST(a_stamp_without_an_offset_is_never_guessed)
{
    Stamp got;
    CHECK(stamp_parse(STR("2012-10-15T08:30:05.25"), &got));
    CHECK(!got.offset_known && got.instant == INSTANT_NONE);
    CHECK(got.civil.hour == 8 && got.civil.minute == 30 && got.civil.second == 5 && got.civil.us == 250000);
}

TEST(what_is_no_stamp_is_refused)
{
    static const char *const bad[] = { "", "2012-10-15", "2012-10-15T08:00", "2012-10-15T08:00:00+0100",
        "2012-10-15T08:00:00+01", "2012-10-15T08:00:60Z", "2012-10-15T24:00:00Z", "2012-10-15T08:60:00Z",
        "2012-10-15T08:00:00.Z", "2012-10-15T08:00:00+14:01", "2012-10-15T08:00:00+01:60",
        "2012-10-15T08:00:00Zx",
        "2012-10-15T08:00:00+01:00Z", "2012-02-30T08:00:00Z", "2012-10-15T8:00:00Z", "12-10-15T08:00:00Z",
        "2012-10-15T08:00:00 Z", "2012-10-15X08:00:00Z" };
    FOR_EACH(b, bad) {
        Stamp got;
        if (stamp_parse(str_of(*b), &got))
            fail_msg("%s", *b);
    }
}

TEST(instants_round_trip)
{
    CLEANUP(arena_done) Arena mem = {0};
    Rng rng = rng_seed(13);
    Instant least = date_start_utc(date_of(1, 1, 1)), most = date_start_utc(date_of(9999, 12, 31));
    for (int i = 0; i < 20000; i++) {
        Instant t = least + (Instant)rng_below(&rng, (uint64_t)(most - least));
        Civil   c = instant_civil_utc(t);
        Stamp   s;
        CHECK(civil_valid(&c) && civil_utc(&c) == t);
        CHECK(stamp_parse(str_of(instant_iso(&mem, t)), &s) && s.instant == t);
        CHECK(date_start_utc(instant_date_utc(t)) <= t && t < date_start_utc(instant_date_utc(t) + 1));
        arena_reset(&mem);
    }
}

TEST_MAIN(every_day_of_ten_thousand_years_round_trips, days_that_do_not_exist_are_none,
          months_are_added_and_clipped, dates_are_read_strictly_and_written,
          stamps_with_an_offset_are_instants, a_stamp_without_an_offset_is_never_guessed,
          what_is_no_stamp_is_refused, instants_round_trip)
